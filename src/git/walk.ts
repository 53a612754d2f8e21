// The way a branch went: its commits, first parent by first parent, and which of them came together with one pull request.
// Brings a remote's branch here beside everything local, and as much history as it takes; touches no branch and no work tree.
import type { Pull } from "../model/host.ts";
import { runGit } from "./command.ts";
import { GitError } from "./error.ts";
import { assertObjectId } from "./objects.ts";
import type { Repository } from "./repository.ts";

/** A commit of a branch's first-parent line. */
export interface WalkCommit {
  readonly commit: string;
  /** What the branch was at before; null for a root. */
  readonly parent: string | null;
  /** The committer's name, as Git has it: hostile text, and nobody's proof. */
  readonly committer: string;
}

/** Commits that came to a branch together: with one pull request, or one that was pushed directly. */
export interface Step {
  /** The last of them: what the branch was at then. */
  readonly commit: string;
  /** What the branch was at before the first of them; null for a root. */
  readonly before: string | null;
  readonly commits: readonly WalkCommit[];
  /** Undefined for a direct push. */
  readonly pull: Pull | undefined;
}

/** Commits by which a clone is deepened, one after the other; then the whole history comes. */
const DEEPER = [50, 500, 5000];

/** Fetches the tip of a remote's branch and returns it; undefined when there is no such branch. */
export async function fetchBranch(repository: Repository, remote: string, branch: string): Promise<string | undefined> {
  const ref = branchRef(branch);
  return (await repository.fetchTips(remote, [ref])).get(ref);
}

/** Fetches more of a branch's history until a commit is known to be in that of its tip, or not to be. */
export async function fetchUntil(
  repository: Repository,
  remote: string,
  branch: string,
  { commit, tip }: { readonly commit: string; readonly tip: string },
): Promise<boolean> {
  for (const by of [...DEEPER, undefined]) {
    const inside = await repository.isAncestor(commit, tip);
    if (inside !== undefined) return inside;
    if (!(await repository.isShallow())) return false;
    await repository.fetchTips(remote, [branchRef(branch)], [by === undefined ? "--unshallow" : `--deepen=${by}`]);
  }
  return (await repository.isAncestor(commit, tip)) ?? false;
}

function branchRef(branch: string): string {
  if (branch === "" || branch.startsWith("-") || /[\s~^:?*[\\]|\.\.|@\{/.test(branch))
    throw new GitError(`not a branch's name: ${JSON.stringify(branch)}`);
  return `refs/heads/${branch}`;
}

/** The first-parent commits after `from` up to `to`, oldest first. `from` must be in the history of `to`. */
export async function readWalk({ root }: Repository, from: string, to: string): Promise<WalkCommit[]> {
  assertObjectId(from);
  assertObjectId(to);
  const { stdout } = await runGit(root, [
    "log",
    "-z",
    "--first-parent",
    "--reverse",
    "--no-show-signature",
    "--format=%H %P%n%cn",
    to,
    `^${from}`,
  ]);
  return stdout
    .split("\0")
    .filter((record) => record !== "")
    .map((record) => {
      const cut = record.indexOf("\n");
      const [commit = "", parent] = record.slice(0, cut).trim().split(" ");
      return { commit, parent: parent || null, committer: record.slice(cut + 1) };
    });
}

/**
 * Puts the commits of a walk together by the pull request that each came with. `pullsOf` says what the host knows of a commit;
 * only what was merged into this very branch counts, and only up to the commit that its merge ended with.
 */
export async function groupByPull(
  walk: readonly WalkCommit[],
  branch: string,
  pullsOf: (commit: string) => Promise<readonly Pull[]>,
): Promise<Step[]> {
  const place = new Map(walk.map(({ commit }, index) => [commit, index]));
  const known = new Map<number, readonly Pull[]>();
  const mergedHere = async (index: number) => {
    const pulls =
      known.get(index) ?? (await pullsOf(walk[index]?.commit ?? "")).filter((pull) => isMerged(pull, branch));
    known.set(index, pulls);
    return pulls;
  };
  const steps: Step[] = [];
  for (let index = 0; index < walk.length; ) {
    const found = await endOfPull(index, mergedHere, place);
    const commits = walk.slice(index, found.end + 1);
    const [first, last] = [commits[0], commits.at(-1)];
    if (first && last) steps.push({ commit: last.commit, before: first.parent, commits, pull: found.pull });
    index = found.end + 1;
  }
  return steps;
}

function isMerged({ mergedAt, mergeCommit, base }: Pull, branch: string): boolean {
  return mergedAt !== null && mergeCommit !== null && base.branch === branch;
}

/** The pull request that a commit is of, and the last commit of it; the nearest when several claim it. */
async function endOfPull(
  index: number,
  mergedHere: (index: number) => Promise<readonly Pull[]>,
  place: ReadonlyMap<string, number>,
): Promise<{ readonly pull: Pull | undefined; readonly end: number }> {
  const candidates = (await mergedHere(index))
    .flatMap((pull) => {
      const end = place.get(pull.mergeCommit ?? "");
      return end === undefined || end < index ? [] : [{ pull, end }];
    })
    .sort((one, other) => one.end - other.end || one.pull.number - other.pull.number);
  for (const { pull, end } of candidates) if (await isOfAll(pull, index, end, mergedHere)) return { pull, end };
  return { pull: undefined, end: index };
}

/** Whether every commit of a range came with the pull request: another one in between would be somebody else's. */
async function isOfAll(
  { number }: Pull,
  from: number,
  to: number,
  mergedHere: (index: number) => Promise<readonly Pull[]>,
): Promise<boolean> {
  for (let index = from + 1; index <= to; index += 1)
    if (!(await mergedHere(index)).some((pull) => pull.number === number)) return false;
  return true;
}
