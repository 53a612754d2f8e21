// Whether the files of a folder are what HEAD says they are. It looks and never refreshes the index,
// and it does not believe the flags that tell Git to look away.
import { compareText } from "../model/finding.ts";
import { runGit } from "./command.ts";

/** Paths relative to the root, sorted; see `Repository.dirtyPaths`. Must run in a work tree. */
export async function listDirtyPaths(root: string, folder: string): Promise<string[]> {
  const within = folder === "" ? [] : ["--", `:(top,literal)${folder}`];
  const [status, flags] = await Promise.all([
    runGit(root, [
      "status",
      "--porcelain=v1",
      "-z",
      "--untracked-files=all",
      "--no-renames",
      "--ignore-submodules=none",
      ...within,
    ]),
    runGit(root, ["ls-files", "-v", "-z", ...within]),
  ]);
  const paths = new Set([...parseStatus(status.stdout), ...parseHidden(flags.stdout)]);
  return [...paths].sort(compareText);
}

/** Paths of `status --porcelain=v1 -z --no-renames`: `XY path NUL`. */
export function parseStatus(text: string): string[] {
  return records(text).map((record) => record.slice(3));
}

/** Paths of `ls-files -v -z` that Git does not compare: skip-worktree (`S`) and assume-unchanged (a lower-case tag). */
export function parseHidden(text: string): string[] {
  return records(text)
    .filter((record) => /^[a-zS] /.test(record))
    .map((record) => record.slice(2));
}

function records(text: string): string[] {
  return text.split("\0").filter((record) => record !== "");
}
