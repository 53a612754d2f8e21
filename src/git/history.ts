// Questions about commits: what HEAD is, what a name means, what was before a moment, who descends from whom.
// A shallow clone does not know its whole history, and answers "cannot tell" rather than "no".
import { runGit } from "./command.ts";
import { assertObjectId } from "./objects.ts";

export interface History {
  /** The commit HEAD is at, or null before the first commit. */
  readonly head: () => Promise<string | null>;
  /** The commit that a commit id, tag, branch or other revision names, or undefined. */
  readonly resolveCommit: (text: string) => Promise<string | undefined>;
  /** The last commit of HEAD's (or `from`'s) first-parent line made at or before an instant; undefined when there is none, or when the clone is too shallow. */
  readonly commitBefore: (instant: Date, from?: string) => Promise<string | undefined>;
  /** Whether `descendant` has `ancestor` in its history or is it; undefined when this clone cannot tell (shallow, or a commit it lacks). */
  readonly isAncestor: (ancestor: string, descendant: string) => Promise<boolean | undefined>;
  /** Those of some commits that have `ancestor` in their history or are it, as far as this clone can tell. One Git process. */
  readonly descendantsAmong: (ancestor: string, commits: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Part of the history is not here. */
  readonly isShallow: () => Promise<boolean>;
}

export function openHistory(root: string): History {
  return {
    head: async () => (await resolveCommit(root, "HEAD")) ?? null,
    resolveCommit: (text) => resolveCommit(root, text),
    commitBefore: (instant, from) => commitBefore(root, instant, from),
    isAncestor: (ancestor, descendant) => isAncestor(root, ancestor, descendant),
    descendantsAmong: (ancestor, commits) => descendantsAmong(root, ancestor, commits),
    isShallow: () => isShallow(root),
  };
}

async function resolveCommit(root: string, text: string): Promise<string | undefined> {
  // A caret in front excludes a commit rather than naming it.
  if (text === "" || text.startsWith("^") || text.includes("\0")) return undefined;
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${text}^{commit}`];
  // 1: no such thing; 128: a name Git cannot even parse.
  const answer = await runGit(root, args, { answers: [1, 128] });
  return answer.exitCode === 0 ? answer.stdout.trim() : undefined;
}

async function commitBefore(root: string, instant: Date, from = "HEAD"): Promise<string | undefined> {
  const start = await resolveCommit(root, from);
  if (start === undefined) return undefined;
  const { stdout } = await runGit(root, [
    "rev-list",
    "-1",
    "--first-parent",
    `--before=${instant.toISOString()}`,
    start,
  ]);
  return stdout.trim() || undefined;
}

async function isAncestor(root: string, ancestor: string, descendant: string): Promise<boolean | undefined> {
  assertObjectId(ancestor);
  assertObjectId(descendant);
  const answer = await runGit(root, ["merge-base", "--is-ancestor", ancestor, descendant], { answers: [1, 128] });
  if (answer.exitCode === 0) return true;
  if (answer.exitCode === 1 && !(await isShallow(root))) return false;
  return undefined;
}

async function descendantsAmong(
  root: string,
  ancestor: string,
  commits: readonly string[],
): Promise<ReadonlySet<string>> {
  for (const id of [ancestor, ...commits]) assertObjectId(id);
  if (commits.length === 0) return new Set();
  const input = `${[...new Set(commits)].join("\n")}\n^${ancestor}\n`;
  const { stdout } = await runGit(root, ["rev-list", "--ancestry-path", "--ignore-missing", "--stdin"], { input });
  const between = new Set(stdout.split("\n"));
  return new Set(commits.filter((commit) => commit === ancestor || between.has(commit)));
}

async function isShallow(root: string): Promise<boolean> {
  return (await runGit(root, ["rev-parse", "--is-shallow-repository"])).stdout.trim() === "true";
}
