// The tips of a remote's branches and pull requests, brought here beside everything local: no branch, no index and no work tree
// is touched. A shallow clone is deepened until it can tell what two tips have in common, and no further.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runGit } from "./command.ts";
import { GitError } from "./error.ts";
import { assertObjectId } from "./objects.ts";
import { assertRemote, NETWORK, QUIET_FETCH, trackingRef } from "./remote.ts";
import type { Repository } from "./repository.ts";

/** The ref that a host keeps a pull request's head commit at, forks included. */
export function pullRef(number: number): string {
  if (!Number.isSafeInteger(number) || number < 1) throw new GitError(`not a pull request's number: ${number}`);
  return `refs/pull/${number}/head`;
}

/** Object ids of those of the refs (full names) that the remote has; their commits are here afterwards. */
export async function fetchTips(
  repository: Repository,
  remote: string,
  refs: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  assertRemote(remote);
  const { stdout } = await runGit(repository.root, ["ls-remote", "--refs", remote, ...refs], NETWORK);
  const there = new Set(stdout.split("\n").map((line) => line.slice(line.indexOf("\t") + 1)));
  const found = refs.filter((ref) => there.has(ref));
  if (found.length === 0) return new Map();
  await fetchBeside(repository, remote, found, []);
  const tips = new Map<string, string>();
  // What was fetched counts, and not what the remote had said before: a ref may move between the two.
  for (const ref of found) {
    const id = await repository.readRef(trackingRef(remote, ref));
    if (id !== null) tips.set(ref, id);
  }
  return tips;
}

/** Commits by which a clone is deepened, one after the other; then the whole history comes. */
const DEEPER = [50, 500, 5000];

/** A ref and the commit it was fetched at. */
export interface Tip {
  readonly ref: string;
  readonly commit: string;
}

/**
 * The last commit that two fetched tips have in common; undefined when they have none. Fetches more of both histories
 * as long as a shallow clone could be hiding a later one.
 */
export async function commonCommit(
  repository: Repository,
  remote: string,
  one: Tip,
  other: Tip,
): Promise<string | undefined> {
  for (const { commit } of [one, other]) assertObjectId(commit);
  for (const by of [...DEEPER, undefined]) {
    if (!(await isCutShort(repository, one.commit, other.commit))) break;
    const how = by === undefined ? "--unshallow" : `--deepen=${by}`;
    await fetchBeside(repository, remote, [one.ref, other.ref], [how]);
  }
  const answer = await runGit(repository.root, ["merge-base", one.commit, other.commit], { answers: [1] });
  return answer.exitCode === 0 ? answer.stdout.split("\n")[0] : undefined;
}

/** Fetches refs to where the last seen value of each is kept. */
async function fetchBeside(
  repository: Repository,
  remote: string,
  refs: readonly string[],
  how: readonly string[],
): Promise<void> {
  const specs = refs.map((ref) => `+${ref}:${trackingRef(remote, ref)}`);
  await runGit(repository.root, ["fetch", ...QUIET_FETCH, ...how, remote, ...specs], NETWORK);
}

/** Whether the history is cut off at a commit that only one of the two has: what they have in common may lie beyond it. */
async function isCutShort(repository: Repository, left: string, right: string): Promise<boolean> {
  if (!(await repository.isShallow())) return false;
  const cut = new Set(readFileSync(join(repository.gitDir, "shallow"), "utf8").split("\n"));
  const { stdout } = await runGit(repository.root, ["rev-list", "--left-right", `${left}...${right}`]);
  return stdout.split("\n").some((line) => cut.has(line.slice(1)));
}
