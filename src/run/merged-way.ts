// From the commit that was applied last to the tip of the default branch: which merges there were, and which of them have to do
// with a target. Fetches what it takes, also into a shallow clone; moves no branch and touches no work tree.
import { mergeCommits } from "../git/merge.ts";
import type { Repository } from "../git/repository.ts";
import { commonCommit, pullRef } from "../git/tips.ts";
import { fetchBranch, fetchUntil, groupByPull, readWalk, type Step } from "../git/walk.ts";
import type { HostReader, Pull } from "../model/host.ts";
import { OperatorError } from "./context.ts";
import { isGoverning, SETTINGS_FILE } from "./load.ts";

/** The branch that merges go to. */
export interface Branch {
  readonly name: string;
  /** Undefined when there is no remote: then the branch of that name here counts. */
  readonly remote: string | undefined;
}

export interface Way extends Branch {
  readonly tip: string;
}

/** The default branch, where it is now. Throws `OperatorError` when there is none. */
export async function findTip(repository: Repository, branch: Branch): Promise<Way> {
  const { name, remote } = branch;
  const tip =
    remote === undefined
      ? await repository.resolveCommit(`refs/heads/${name}`)
      : await fetchBranch(repository, remote, name);
  if (tip !== undefined) return { ...branch, tip };
  throw new OperatorError(
    `There is no branch ${JSON.stringify(name)}${remote === undefined ? "" : ` on ${remote}`}`,
    "It is what the Git host calls the default branch.",
  );
}

/** The steps from a commit to the tip, oldest first; undefined when the commit is not in the branch's history. */
export async function stepsSince(
  repository: Repository,
  { name, remote, tip }: Way,
  applied: string,
  pullsOf: (commit: string) => Promise<readonly Pull[]>,
): Promise<Step[] | undefined> {
  const inside =
    remote === undefined
      ? await repository.isAncestor(applied, tip)
      : await fetchUntil(repository, remote, name, { commit: applied, tip });
  if (!inside) return undefined;
  return groupByPull(await readWalk(repository, applied, tip), name, pullsOf);
}

/** Asks the host once for each commit, however many targets there are. */
export function rememberPulls({ pullsOfCommit }: HostReader): (commit: string) => Promise<readonly Pull[]> {
  const known = new Map<string, Promise<readonly Pull[]>>();
  return (commit) => {
    const answer = known.get(commit) ?? pullsOfCommit(commit);
    known.set(commit, answer);
    return answer;
  };
}

/**
 * Whether a step says what its pull request says, merged: then its authors are those of the pull request. What somebody put into
 * a merge by hand is by nobody whom the host names.
 */
export async function isAsProposed(
  repository: Repository,
  { name, remote }: Branch,
  { commit, before, pull }: Step,
  policy: (commit: string) => Promise<string>,
): Promise<boolean> {
  if (before === null || pull === undefined) return false;
  const [ref, head] = [pullRef(pull.number), pull.head.commit];
  if (remote !== undefined) {
    if ((await repository.fetchTips(remote, [ref])).get(ref) !== head) return false;
    const base = { ref: `refs/heads/${name}`, commit: before };
    if ((await commonCommit(repository, remote, base, { ref, commit: head })) === undefined) return false;
  }
  const merge = await mergeCommits(repository, before, head);
  return merge.kind === "merged" && (await policy(merge.tree)) === (await policy(commit));
}

/** The branch of a target's drift pull request: only what was approved there undoes drift. */
export function driftBranch(target: string): string {
  return `rolebook/drift/${target}`;
}

/** Whether a pull request is the one that a target's drift is undone by. */
export function undoesDrift({ head, fork }: Pull, target: string): boolean {
  return !fork && head.branch === driftBranch(target);
}

/** Everything at a commit that a target's plan is made of or judged by, as one text: the same text, the same policy. */
export async function policyAt(
  repository: Repository,
  folder: string,
  commit: string,
  target: string,
): Promise<string> {
  const prefix = folder === "" ? "" : `${folder}/`;
  return (await repository.listTree(commit, folder))
    .map(({ path, blob, mode }) => ({ path: path.slice(prefix.length), blob, mode }))
    .filter(({ path }) => path === SETTINGS_FILE || path.startsWith(`${target}/`) || isGoverning(path))
    .map(({ path, blob, mode }) => `${mode} ${blob} ${path}`)
    .join("\0");
}
