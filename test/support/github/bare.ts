// The bare Git repository behind a repository of the fake: what GitHub's own servers do with Git. Refs of pull requests are kept by
// a hook the moment somebody pushes, as there; the three ways of merging make the commits that GitHub makes.
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** Who commits what is done in the browser. */
export const WEB_FLOW: Identity = { name: "GitHub", email: "noreply@github.com" };

export interface CommitFacts {
  readonly commit: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Identity & { readonly date: string };
  readonly committer: Identity & { readonly date: string };
  readonly message: string;
}

export interface FileFacts {
  readonly status: "added" | "removed" | "modified" | "renamed";
  readonly path: string;
  readonly former: string | undefined;
}

export interface Bare {
  readonly path: string;
  /** Untrimmed output; throws when Git fails. */
  readonly git: (...args: readonly string[]) => string;
  /** The commit of a branch, or null. */
  readonly tip: (branch: string) => string | null;
  readonly branches: () => Map<string, string>;
  readonly mergeBase: (one: string, other: string) => string | null;
  readonly isAncestor: (one: string, other: string) => boolean;
  /** Commits of `to` that `from` has not, oldest first. */
  readonly commits: (from: string, to: string) => CommitFacts[];
  readonly commit: (id: string) => CommitFacts | undefined;
  readonly files: (from: string, to: string) => FileFacts[];
  /** Says that a branch is the head of a pull request of `base`, so that pushes to it move `refs/pull/N/head` there. */
  readonly followHead: (branch: string, base: string, number: number) => void;
  /** Where the hook writes a line for each ref that is pushed: `old new ref`. */
  readonly pushes: string;
}

const ENVIRONMENT = { PATH: process.env.PATH, HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };

/** Refs of pull requests follow their branches at once; every push leaves a line in `pushes`. */
const HOOK = `#!/bin/sh
while read old new ref; do
  echo "$old $new $ref" >> pushes
  [ -f followed ] || continue
  while read branch number base; do
    [ "$ref" = "refs/heads/$branch" ] || continue
    case "$new" in *[!0]*) ;; *) continue ;; esac
    if [ "$base" = "." ]; then git update-ref "refs/pull/$number/head" "$new"
    else git -C "$base" -c fetch.recurseSubmodules=no fetch -q --no-tags "$PWD" "+$ref:refs/pull/$number/head"; fi
  done < followed
done
exit 0
`;

/** An empty bare repository that takes pushes as GitHub does: nobody may push to refs of pull requests. */
export function createBare(path: string, defaultBranch: string): Bare {
  mkdirSync(path, { recursive: true });
  const bare = openBare(path);
  bare.git("init", "-q", "--bare", `--initial-branch=${defaultBranch}`, ".");
  configure(bare);
  return bare;
}

export function forkBare(from: Bare, path: string): Bare {
  mkdirSync(path, { recursive: true });
  const bare = openBare(path);
  bare.git("clone", "-q", "--bare", "--no-hardlinks", from.path, ".");
  configure(bare);
  return bare;
}

function configure(bare: Bare): void {
  bare.git("config", "receive.hideRefs", "refs/pull");
  bare.git("config", "receive.denyDeleteCurrent", "refuse");
  bare.git("config", "uploadpack.allowAnySHA1InWant", "true");
  bare.git("config", "uploadpack.allowFilter", "true");
  bare.git("config", "http.receivepack", "true");
  bare.git("config", "gc.auto", "0");
  mkdirSync(join(bare.path, "hooks"), { recursive: true });
  writeFileSync(join(bare.path, "hooks", "post-receive"), HOOK, { mode: 0o755 });
  writeFileSync(bare.pushes, "");
}

function openBare(path: string): Bare {
  const git = (...args: readonly string[]) => runGit(path, args);
  const quietly = (...args: readonly string[]) => {
    try {
      return git(...args).trim();
    } catch {
      return null;
    }
  };
  return {
    path,
    git,
    pushes: join(path, "pushes"),
    tip: (branch) => quietly("rev-parse", "-q", "--verify", `refs/heads/${branch}^{commit}`),
    branches: () => {
      const lines = git("for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads").split("\n");
      return new Map(lines.filter((line) => line !== "").map((line) => [line.slice(41), line.slice(0, 40)]));
    },
    mergeBase: (one, other) => quietly("merge-base", one, other),
    isAncestor: (one, other) => quietly("merge-base", "--is-ancestor", one, other) !== null,
    commits: (from, to) =>
      parseCommits(git("log", "--reverse", "--topo-order", `--format=${FORMAT}`, `${from}..${to}`)),
    commit: (id) => parseCommits(quietly("log", "-1", `--format=${FORMAT}`, id, "--") ?? "")[0],
    files: (from, to) => parseFiles(git("diff-tree", "-r", "-z", "-M", "--name-status", "--no-commit-id", from, to)),
    followHead: (branch, base, number) =>
      appendFileSync(join(path, "followed"), `${branch} ${number} ${base === path ? "." : base}\n`),
  };
}

function runGit(cwd: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
  const env = { ...ENVIRONMENT, ...environment };
  return execFileSync("git", [...args], { cwd, env, encoding: "utf8", stdio: "pipe", maxBuffer: 1 << 28 });
}

const FORMAT = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x01";

function parseCommits(text: string): CommitFacts[] {
  return text
    .split("\x01")
    .map((record) => record.replace(/^\n/, "").split("\0"))
    .filter((fields) => fields.length > 1)
    .map(
      ([commit = "", tree = "", parents = "", an = "", ae = "", ad = "", cn = "", ce = "", cd = "", message = ""]) => ({
        commit,
        tree,
        parents: parents.split(" ").filter((parent) => parent !== ""),
        author: { name: an, email: ae, date: ad },
        committer: { name: cn, email: ce, date: cd },
        message: message.trimEnd(),
      }),
    );
}

const STATUS = { A: "added", D: "removed", M: "modified", T: "modified", R: "renamed" } as const;

function parseFiles(text: string): FileFacts[] {
  const fields = text.split("\0");
  const files: FileFacts[] = [];
  while (fields.length > 1) {
    const letter = (fields.shift() ?? "").charAt(0) as keyof typeof STATUS;
    const first = fields.shift() ?? "";
    const path = letter === "R" ? (fields.shift() ?? "") : first;
    files.push({ status: STATUS[letter], path, former: letter === "R" ? first : undefined });
  }
  return files;
}

export interface MergeRequest {
  readonly base: string;
  readonly head: string;
  readonly method: "merge" | "squash" | "rebase";
  readonly message: string;
  /** Whose name the merge commit has as its author; the committer of what a rebase makes anew. */
  readonly merger: Identity;
  /** Whose name a squashed commit has as its author. */
  readonly author: Identity;
  /** ISO 8601. */
  readonly at: string;
}

/** Makes the commits of a merge and moves the branch. Returns its new commits, oldest first; throws when they do not merge. */
export function mergeInto(bare: Bare, branch: string, request: MergeRequest): string[] {
  const commits = request.method === "rebase" ? rebase(bare, request) : [mergeOnce(bare, request)];
  const tip = commits.at(-1);
  if (tip === undefined) throw new Error("nothing to merge");
  bare.git("update-ref", `refs/heads/${branch}`, tip, request.base);
  appendFileSync(bare.pushes, `${request.base} ${tip} refs/heads/${branch}\n`);
  return commits;
}

function signed(author: Identity, committer: Identity, at: string): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: at,
    GIT_COMMITTER_NAME: committer.name,
    GIT_COMMITTER_EMAIL: committer.email,
    GIT_COMMITTER_DATE: at,
  };
}

function mergeOnce(bare: Bare, { base, head, method, message, merger, author, at }: MergeRequest): string {
  const tree = bare.git("merge-tree", "--write-tree", base, head).trim().split("\n")[0] ?? "";
  const parents = method === "merge" ? ["-p", base, "-p", head] : ["-p", base];
  const environment = signed(method === "merge" ? merger : author, WEB_FLOW, at);
  return runGit(bare.path, ["commit-tree", tree, ...parents, "-m", message], environment).trim();
}

/** Each commit anew on top of the base: its author and date stay, its committer is who merged. */
function rebase(bare: Bare, { base, head, merger, at }: MergeRequest): string[] {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-rebase-"));
  const work = join(folder, "work");
  try {
    bare.git("worktree", "add", "-q", "--detach", work, base);
    const picked = bare.git("rev-list", "--reverse", "--no-merges", `${base}..${head}`).split("\n").filter(Boolean);
    const committer = signed(merger, merger, at);
    const environment = Object.fromEntries(Object.entries(committer).filter(([name]) => name.includes("COMMITTER")));
    return picked.map((commit) => {
      runGit(work, ["cherry-pick", "--allow-empty", "--keep-redundant-commits", commit], environment);
      return runGit(work, ["rev-parse", "HEAD"]).trim();
    });
  } finally {
    if (existsSync(work)) bare.git("worktree", "remove", "--force", work);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Lines of `pushes` from an offset on, and the offset after them. */
export function readPushes(bare: Bare, from: number): { readonly lines: readonly string[]; readonly to: number } {
  const text = readFileSync(bare.pushes, "utf8");
  const end = text.lastIndexOf("\n") + 1;
  return { lines: text.slice(from, end).split("\n").filter(Boolean), to: Math.max(end, from) };
}
