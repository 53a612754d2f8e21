// A Git repository as the rest of Rolebook sees it: a record of functions over one directory.
// Everything is Git plumbing; nothing here touches the work tree or the real index.
import { realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { runGit } from "./command.ts";
import { GitError } from "./error.ts";
import { type History, openHistory } from "./history.ts";
import type { GitCredentials } from "./host-credentials.ts";
import { type Objects, openObjects } from "./objects.ts";
import { openRefs, type Refs } from "./refs.ts";
import { openRemotes, type Remotes } from "./remote.ts";
import { listDirtyPaths } from "./status.ts";

export interface Repository extends Objects, Refs, History, Remotes {
  /** Absolute path of the work tree's top folder; of the Git folder itself when there is no work tree. */
  readonly root: string;
  /** Absolute path of the Git folder that all work trees of the repository share. Locks, journals and caches live below it. */
  readonly gitDir: string;
  /** It has no work tree. */
  readonly bare: boolean;
  /** `Name <email>`, as Git would sign a commit. Throws `GitError` with a hint when Git does not know. */
  readonly identity: () => Promise<string>;
  /**
   * Paths below a folder (relative to the root; "" is everything) whose content in the work tree may differ from HEAD:
   * edited, staged, deleted, untracked (not ignored), and files that Git was told not to look at (`skip-worktree` of a
   * sparse checkout, `assume-unchanged`). Sorted. Empty means that reading the files is reading HEAD.
   */
  readonly dirtyPaths: (folder: string) => Promise<string[]>;
  /** A path of this machine as a path in the repository (`policies/acme`, "" for the root), or undefined when it is outside. */
  readonly pathInside: (path: string) => string | undefined;
}

/**
 * The repository that `directory` is in, or undefined outside Git. Throws `GitError` when Git refuses to look (its owner is not
 * trusted, say). `credentials` go with every fetch and push, where Git has none of its own.
 */
export async function openRepository(directory: string, credentials?: GitCredentials): Promise<Repository | undefined> {
  const facts = await readFacts(directory);
  if (!facts) return undefined;
  const { root, gitDir, bare } = facts;
  return {
    root,
    gitDir,
    bare,
    identity: () => readIdentity(root),
    dirtyPaths: async (folder) => (bare ? [] : listDirtyPaths(root, folder)),
    pathInside: (path) => pathInside(root, path),
    ...openObjects(root),
    ...openRefs(root),
    ...openHistory(root),
    ...openRemotes(root, credentials),
  };
}

async function readFacts(directory: string): Promise<{ root: string; gitDir: string; bare: boolean } | undefined> {
  const args = ["rev-parse", "--is-inside-work-tree", "--path-format=absolute", "--git-common-dir"];
  const answer = await runGit(directory, args, { answers: [128] });
  if (answer.exitCode !== 0) {
    if (/not a git repository/i.test(answer.stderr)) return undefined;
    const hint = answer.stderr.includes("dubious ownership")
      ? `git config --global --add safe.directory ${resolve(directory)}`
      : undefined;
    throw new GitError(`Git cannot open ${directory}: ${answer.stderr.trim()}`, hint === undefined ? {} : { hint });
  }
  const [inside, ...rest] = answer.stdout.split("\n");
  // The path comes last, since it may hold a newline itself; only Git's own closing newline is cut.
  const gitDir = rest.join("\n").slice(0, -1);
  if (inside !== "true") return { root: gitDir, gitDir, bare: true };
  const { stdout } = await runGit(directory, ["rev-parse", "--show-toplevel"]);
  return { root: stdout.slice(0, -1), gitDir, bare: false };
}

async function readIdentity(root: string): Promise<string> {
  const answer = await runGit(root, ["var", "GIT_AUTHOR_IDENT"], { answers: [128] });
  const identity = /^(.*<[^>]*>) \d+ [+-]\d{4}$/m.exec(answer.stdout)?.[1];
  if (identity !== undefined) return identity;
  throw new GitError("Git does not know who you are", {
    hint: 'git config user.name "Your Name"; git config user.email you@example.com',
  });
}

function pathInside(root: string, path: string): string | undefined {
  const from = relative(root, realpath(resolve(path)));
  if (from === ".." || from.startsWith(`..${sep}`) || isAbsolute(from)) return undefined;
  return from.split(sep).join("/");
}

/** The real path, also of something that does not exist yet below a folder that does. */
function realpath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = resolve(path, "..");
    return parent === path ? path : resolve(realpath(parent), relative(parent, path));
  }
}
