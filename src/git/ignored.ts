// Whether a file would be seen by Git where it is. Asks Git, and judges nothing.
import { basename, dirname } from "node:path";
import { runGit } from "./command.ts";
import { GitError } from "./error.ts";

export type FilePlace =
  | { readonly kind: "outside" }
  /** In a work tree, and ignored there. */
  | { readonly kind: "ignored"; readonly gitDir: string }
  /** In a work tree: tracked, or about to be. */
  | { readonly kind: "watched" };

/** Where a file is, by its absolute path without symbolic links; it need not exist, its folder must. */
export async function placeOf(path: string): Promise<FilePlace> {
  const folder = dirname(path);
  const asked = await runGit(folder, ["rev-parse", "--is-inside-work-tree", "--absolute-git-dir"], { answers: [128] });
  if (asked.exitCode !== 0) {
    if (/not a git repository/i.test(asked.stderr)) return { kind: "outside" };
    throw new GitError(`git cannot tell what ${folder} belongs to: ${asked.stderr.trim()}`);
  }
  const [inside, ...rest] = asked.stdout.split("\n");
  if (inside !== "true") return { kind: "outside" };
  const { exitCode } = await runGit(folder, ["check-ignore", "--quiet", "--", basename(path)], { answers: [1] });
  return exitCode === 0 ? { kind: "ignored", gitDir: rest.join("\n").trimEnd() } : { kind: "watched" };
}
