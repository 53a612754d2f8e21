// The ledger: a branch that only grows, holding what Rolebook did and why. Written by plumbing over a temporary
// index, so neither the work tree nor the real index ever notices, and a bare repository serves as well.
// It refuses to change or remove anything that is on it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../model/finding.ts";
import { runGit } from "./command.ts";
import { commitTree } from "./commit-tree.ts";
import { GitError, RefMovedError } from "./error.ts";
import { verifyChain } from "./ledger-verify.ts";
import type { Repository } from "./repository.ts";

export const LEDGER_REF = "refs/heads/rolebook/ledger";

export interface LedgerEntry {
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly subject: string;
  readonly body?: string;
  /** The commit's date, as author and committer, to the second. */
  readonly at: Date;
  /** `Name <email>`. */
  readonly author: string;
}

export interface Ledger {
  /**
   * Commits new files on top of the ledger, and returns the commit's id. The same entry on the same head gives the same id.
   * Throws `LedgerPathError` when a path is taken, `RefMovedError` when other writers won every one of the tries.
   */
  readonly append: (entry: LedgerEntry) => Promise<string>;
  /** The text of a file at the ledger's head, or undefined. */
  readonly read: (path: string) => Promise<string | undefined>;
  /** The texts of those of the paths that are there. One Git process, however many. */
  readonly readAll: (paths: readonly string[]) => Promise<Map<string, string>>;
  /** Paths of all files below a folder ("" is everything), sorted by code point. */
  readonly list: (folder: string) => Promise<string[]>;
  /** The last commit, or null while nothing was ever recorded. */
  readonly head: () => Promise<string | null>;
  /** What is wrong with the chain: anything changed or deleted after it was added. Empty when all is well. */
  readonly verify: () => Promise<Finding[]>;
}

/** A path that an entry may not take: it is on the ledger already, or is no plain path. */
export class LedgerPathError extends GitError {
  readonly path: string;
  constructor(path: string, reason: string) {
    super(`the ledger refuses ${JSON.stringify(path)}: ${reason}`);
    this.name = "LedgerPathError";
    this.path = path;
  }
}

/** Each lost try means that another writer won, so this many in a row is not bad luck but something to look at. */
const MAX_TRIES = 20;

export function openLedger(repository: Repository): Ledger {
  const head = () => repository.readRef(LEDGER_REF);
  const files = async (folder: string) => {
    const at = await head();
    return at === null ? [] : repository.listTree(at, folder);
  };
  const readAll = async (paths: readonly string[]) => {
    const wanted = new Set(paths);
    const found = (await files(paths.length === 1 ? parentOf(paths[0] as string) : "")).filter(({ path }) =>
      wanted.has(path),
    );
    const blobs = await repository.readBlobs(found.map(({ blob }) => blob));
    return new Map(found.map(({ path, blob }) => [path, blobs.get(blob)?.toString("utf8") ?? ""]));
  };
  return {
    head,
    readAll,
    read: async (path) => (await readAll([path])).get(path),
    list: async (folder) => (await files(folder)).map(({ path }) => path),
    append: (entry) => append(repository, entry),
    verify: async () => verifyChain(repository, await head()),
  };
}

async function append(repository: Repository, entry: LedgerEntry): Promise<string> {
  for (const { path } of entry.files) assertPath(path);
  const blobs = await writeBlobs(repository, entry);
  for (let attempt = 1; ; attempt += 1) {
    const parent = await repository.readRef(LEDGER_REF);
    const commit = await writeCommit(repository, parent, blobs, entry);
    try {
      await repository.moveRef(LEDGER_REF, commit, parent);
      return commit;
    } catch (error) {
      if (!(error instanceof RefMovedError) || attempt === MAX_TRIES) throw error;
    }
  }
}

/** A new file of a commit: its path and the blob that is its content. */
export interface NewFile {
  readonly path: string;
  readonly blob: string;
}

/** Writes the contents of an entry, and nothing else: nobody sees them until a commit does. */
export async function writeBlobs(repository: Repository, entry: LedgerEntry): Promise<NewFile[]> {
  const written: NewFile[] = [];
  for (const { path, content } of entry.files) {
    const { stdout } = await runGit(repository.root, ["hash-object", "-w", "-t", "blob", "--stdin"], {
      input: content,
    });
    written.push({ path, blob: stdout.trim() });
  }
  return written;
}

/** Writes a commit that has its parent's files and the new ones, and moves nothing. Throws `LedgerPathError` for a path that is taken. */
export async function writeCommit(
  repository: Repository,
  parent: string | null,
  files: readonly NewFile[],
  about: Pick<LedgerEntry, "subject" | "body" | "at" | "author">,
): Promise<string> {
  if (parent !== null) await assertFree(repository, parent, files);
  const tree = await writeTree(repository, parent, files);
  // A whole second: the entry decides every byte of the commit.
  const seconds = Math.floor(about.at.getTime() / 1000);
  const message = [about.subject.replace(/\s+/g, " ").trim(), about.body?.trim()].filter((part) => part).join("\n\n");
  return commitTree(repository.root, { tree, parent, message: `${message}\n`, author: about.author, seconds });
}

async function writeTree(repository: Repository, parent: string | null, files: readonly NewFile[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rolebook-index-"));
  const environment = { GIT_INDEX_FILE: join(folder, "index") };
  try {
    if (parent !== null) await runGit(repository.root, ["read-tree", parent], { environment });
    const input = files.map(({ path, blob }) => `100644 ${blob}\t${path}\0`).join("");
    await runGit(repository.root, ["update-index", "-z", "--add", "--index-info"], { environment, input });
    return (await runGit(repository.root, ["write-tree"], { environment })).stdout.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** No new path may exist, be a folder that exists, or lie below a file that exists. */
async function assertFree(repository: Repository, parent: string, files: readonly NewFile[]): Promise<void> {
  const paths = files.flatMap(({ path }) => [path, ...ancestorsOf(path)]);
  const { stdout } = await runGit(repository.root, ["ls-tree", "-z", "--full-tree", parent, "--", ...new Set(paths)]);
  const taken = new Map<string, string>();
  for (const record of stdout.split("\0")) {
    const [, type = ""] = record.split(" ");
    taken.set(record.slice(record.indexOf("\t") + 1), type);
  }
  for (const { path } of files) {
    if (taken.has(path)) throw new LedgerPathError(path, "it is there already, and nothing on the ledger ever changes");
    const file = ancestorsOf(path).find((folder) => taken.get(folder) === "blob");
    if (file !== undefined) throw new LedgerPathError(path, `${file} is a file`);
  }
}

function assertPath(path: string): void {
  if (!/^[A-Za-z0-9][\w.-]*(?:\/[A-Za-z0-9][\w.-]*)*$/.test(path))
    throw new LedgerPathError(path, "segments are letters, digits, '.', '_' and '-', and start with a letter or digit");
}

function ancestorsOf(path: string): string[] {
  const steps = path.split("/");
  return steps.slice(1).map((_, index) => steps.slice(0, index + 1).join("/"));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}
