// What merging two commits would give, worked out in the object store: a tree is written, nothing is checked out, and no ref
// moves. It refuses to settle a conflict.
import { runGit } from "./command.ts";
import { GitError } from "./error.ts";
import { assertObjectId } from "./objects.ts";
import type { Repository } from "./repository.ts";

export type MergeResult =
  /** Object id of the tree that the merge would have. */
  | { readonly kind: "merged"; readonly tree: string }
  /** Paths that do not merge by themselves, sorted. */
  | { readonly kind: "conflict"; readonly files: readonly string[] };

/** Merges `head` into `base`, as a host would. Throws `GitError` when Git is too old, or when they have no history in common. */
export async function mergeCommits({ root }: Repository, base: string, head: string): Promise<MergeResult> {
  assertObjectId(base);
  assertObjectId(head);
  const args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", base, head];
  const answer = await runGit(root, args, { answers: [1, 128, 129] });
  const [tree = "", ...files] = answer.stdout.split("\0").filter((part) => part !== "");
  if (answer.exitCode === 0) return { kind: "merged", tree };
  // Git's own order is that of the index; one path comes once.
  if (answer.exitCode === 1 && tree !== "") return { kind: "conflict", files: [...new Set(files)] };
  if (answer.exitCode === 129 || /usage: git merge-tree|unknown rev --write-tree/.test(answer.stderr))
    throw new GitError("this Git cannot work out what a merge would give", {
      hint: "It takes Git 2.38 or newer (git --version).",
    });
  throw new GitError(`git merge-tree failed: ${answer.stderr.trim() || "it said nothing"}`);
}

/** Paths below a folder ("" is everything) that differ between two commits or trees, both names of a renamed file. */
export async function changedPaths(
  { root }: Repository,
  from: string,
  to: string,
  folder: string,
): Promise<readonly string[]> {
  assertObjectId(from);
  assertObjectId(to);
  const within = folder === "" ? [] : ["--", `:(top,literal)${folder}`];
  const args = ["diff-tree", "-r", "-z", "--no-commit-id", "--no-renames", "--no-ext-diff", "--name-only", from, to];
  const { stdout } = await runGit(root, [...args, ...within]);
  return stdout.split("\0").filter((path) => path !== "");
}
