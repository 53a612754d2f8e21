// The way that the files of a folder went along a branch: commit by commit of its first-parent line, which files each of them changed
// and from what to what, and who wrote that. A few Git processes, however many commits. A shallow clone says where it ends.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runGit } from "./command.ts";
import { assertObjectId } from "./objects.ts";
import type { Repository } from "./repository.ts";

/** A file of a commit, as it was before and is after; null where there is none. */
export interface ChangedFile {
  /** From the repository's root. */
  readonly path: string;
  /** Object id of the content. */
  readonly before: string | null;
  readonly after: string | null;
}

/** A commit of a branch's first-parent line that changed something of the folder: a merge, or one that was made on it. */
export interface MainlineCommit {
  readonly commit: string;
  /** Its place among all commits of the line, the oldest first. */
  readonly position: number;
  /** ISO 8601, UTC: when it came to the branch. */
  readonly at: string;
  /** Whoever made it, `Name <address>`; of a merge whoever pressed the button. */
  readonly author: string;
  readonly isMerge: boolean;
  /**
   * The pull request's number by the subject that a Git host gives to what it merges: `Merge pull request #12 from ...`, or `(#12)`
   * at the end of what was squashed. Nobody's proof: anybody can write such a subject.
   */
  readonly saidPull: number | null;
  readonly files: readonly ChangedFile[];
  /** What was before it is not in this clone, so that it may have changed nothing of its files. */
  readonly isEdge: boolean;
}

export interface Mainline {
  /** Oldest first. */
  readonly commits: readonly MainlineCommit[];
  /** Places of all commits of the line, oldest first. */
  readonly positions: ReadonlyMap<string, number>;
  /** Who wrote a file's change of a commit; null where several people did, or nobody can tell. */
  readonly authorOf: (commit: MainlineCommit, path: string) => string | null;
}

/** Reads it up to a commit. `folder` is from the root ("" is everything). */
export async function readMainline(repository: Repository, head: string, folder: string): Promise<Mainline> {
  assertObjectId(head);
  const edges = readEdges(repository);
  const within = folder === "" ? [] : ["--", `:(top,literal)${folder}`];
  const format = "--format=%H%x00%P%x00%cI%x00%an <%ae>%x00%s";
  const plain = ["log", "-z", "--no-show-signature", "--no-notes", "--no-color"];
  const raw = ["--raw", "--no-abbrev", "--no-renames", "--no-ext-diff"];
  const [line, whole, side] = await Promise.all([
    runGit(repository.root, [
      ...plain,
      "--first-parent",
      "--diff-merges=first-parent",
      ...raw,
      format,
      head,
      ...within,
    ]),
    runGit(repository.root, ["log", "-z", "--no-show-signature", "--format=%H %P", head]),
    runGit(repository.root, [...plain, "--no-merges", "--full-history", ...raw, format, head, ...within]),
  ]);
  const parents = parseParents(whole.stdout);
  const { positions, broughtBy } = lineOf(head, parents);
  const commits = parseRecords(line.stdout)
    .flatMap((record) => {
      const position = positions.get(record.commit);
      return position === undefined ? [] : [{ ...record, position, isEdge: edges.has(record.commit) }];
    })
    .sort((one, other) => one.position - other.position);
  const authors = authorsBy(parseRecords(side.stdout), broughtBy);
  return {
    commits,
    positions,
    authorOf: ({ commit, author, isMerge }, path) => {
      if (!isMerge) return author;
      const [first, ...others] = authors.get(`${commit} ${path}`) ?? [];
      return first !== undefined && others.length === 0 ? first : null;
    },
  };
}

/** Commits whose parents are not here. */
function readEdges({ gitDir }: Repository): ReadonlySet<string> {
  try {
    return new Set(readFileSync(join(gitDir, "shallow"), "utf8").split("\n"));
  } catch {
    return new Set();
  }
}

function parseParents(text: string): Map<string, readonly string[]> {
  const parents = new Map<string, readonly string[]>();
  for (const record of text.split("\0")) {
    const [commit = "", ...of] = record.trim().split(" ");
    if (commit !== "")
      parents.set(
        commit,
        of.filter((id) => id !== ""),
      );
  }
  return parents;
}

/** The first-parent line, and for every commit beside it the one of the line that brought it. */
function lineOf(head: string, parents: ReadonlyMap<string, readonly string[]>) {
  const line: string[] = [];
  for (let at: string | undefined = head; at !== undefined && parents.has(at); at = parents.get(at)?.[0]) line.push(at);
  line.reverse();
  const positions = new Map(line.map((commit, index) => [commit, index]));
  const broughtBy = new Map<string, string>();
  for (const commit of line) {
    broughtBy.set(commit, commit);
    const queue = [...(parents.get(commit)?.slice(1) ?? [])];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      if (broughtBy.has(next) || !parents.has(next)) continue;
      broughtBy.set(next, commit);
      queue.push(...(parents.get(next) ?? []));
    }
  }
  return { positions, broughtBy };
}

/** `<commit of the line> <path>` -> whoever changed the file in what it brought. */
function authorsBy(records: readonly LogRecord[], broughtBy: ReadonlyMap<string, string>) {
  const authors = new Map<string, Set<string>>();
  for (const { commit, author, files } of records) {
    const merge = broughtBy.get(commit);
    if (merge === undefined || merge === commit) continue;
    for (const { path } of files) {
      const key = `${merge} ${path}`;
      const known = authors.get(key) ?? new Set();
      authors.set(key, known.add(author));
    }
  }
  return authors;
}

type LogRecord = Omit<MainlineCommit, "position" | "isEdge">;

/**
 * Parses `log -z --raw` with the format above: five fields, then for each file `:mode mode id id status NUL path NUL`. Fields are
 * counted, since a subject may hold anything but a NUL.
 */
function parseRecords(text: string): LogRecord[] {
  const parts = text.split("\0");
  const records: LogRecord[] = [];
  for (let at = 0; at + FIELDS <= parts.length; ) {
    const [commit = "", parents = "", made = "", author = "", subject = ""] = parts.slice(at, at + FIELDS);
    const files: ChangedFile[] = [];
    for (at += FIELDS; at < parts.length; at += 2) {
      const [, before, after] = /^\n?:\d{6} \d{6} ([0-9a-f]+) ([0-9a-f]+) [A-Z]\d*$/.exec(parts[at] ?? "") ?? [];
      if (before === undefined || after === undefined) break;
      files.push({ path: parts[at + 1] ?? "", before: blobOf(before), after: blobOf(after) });
    }
    const instant = new Date(made);
    const time = Number.isNaN(instant.getTime()) ? made : instant.toISOString();
    records.push({ commit, at: time, author, isMerge: parents.includes(" "), saidPull: pullIn(subject), files });
  }
  return records;
}

const FIELDS = 5;

/** Git names what is not there by zeros. */
function blobOf(id: string): string | null {
  return /^0+$/.test(id) ? null : id;
}

function pullIn(subject: string): number | null {
  const [, merged, squashed] = /^Merge pull request #(\d{1,9}) from |\(#(\d{1,9})\)$/.exec(subject) ?? [];
  const number = merged ?? squashed;
  return number === undefined ? null : Number(number);
}
