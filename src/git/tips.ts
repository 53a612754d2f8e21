// What two tips of a remote (a branch, a pull request) have in common. A shallow clone is deepened until it can tell, and no further;
// no branch, no index and no work tree is touched.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { runGit } from "./command.ts";
import { GitError } from "./error.ts";
import { assertObjectId } from "./objects.ts";
import type { Repository } from "./repository.ts";

/** The ref that a host keeps a pull request's head commit at, forks included. */
export function pullRef(number: number): string {
  if (!Number.isSafeInteger(number) || number < 1) throw new GitError(`not a pull request's number: ${number}`);
  return `refs/pull/${number}/head`;
}

/** By how much a clone is deepened, one step after the other; at last the whole history comes. */
const DEEPER = ["--deepen=50", "--deepen=500", "--deepen=5000", "--unshallow"];

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
  for (const how of DEEPER) {
    if (!(await isCutShort(repository, one.commit, other.commit))) break;
    await repository.fetchTips(remote, [one.ref, other.ref], [how]);
  }
  const answer = await runGit(repository.root, ["merge-base", one.commit, other.commit], { answers: [1] });
  return answer.exitCode === 0 ? answer.stdout.split("\n")[0] : undefined;
}

/** Whether the history is cut off at a commit that only one of the two has: what they have in common may lie beyond it. */
async function isCutShort(repository: Repository, left: string, right: string): Promise<boolean> {
  if (!(await repository.isShallow())) return false;
  const cut = new Set(readFileSync(join(repository.gitDir, "shallow"), "utf8").split("\n"));
  const { stdout } = await runGit(repository.root, ["rev-list", "--left-right", `${left}...${right}`]);
  return stdout.split("\n").some((line) => cut.has(line.slice(1)));
}
