// A target's files of a commit, edited for a commit on top of it. It writes nothing and decides nothing.
import type { BranchFile } from "../git/branch.ts";
import type { Edit, EditedFile, FileText } from "../model/edit.ts";
import type { Place } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { editFiles } from "../policy/edit.ts";
import type { Workspace } from "./workspace.ts";

/** The files of a target's folder, by their paths below the policy folder. */
export async function readFiles(
  { source }: Pick<Workspace, "source">,
  target: Pick<Target, "name">,
): Promise<readonly FileText[]> {
  const own = source.files.filter(({ path }) => path.startsWith(`${target.name}/`));
  await source.prefetch?.(own.map(({ blob }) => blob));
  return own.map(({ path, read }) => ({ path, bytes: read() }));
}

/** The files with all of the edits made; a text instead says why one of them cannot be. */
export function editWhole(
  files: readonly FileText[],
  target: string,
  platform: Platform,
  edits: readonly Edit[],
): readonly FileText[] | string {
  let next = files;
  for (const edit of edits) {
    const result = editFiles(next, target, platform, edit);
    if (result.kind === "refused") return placed(result.reason, result.place);
    next = replaceFiles(next, result.files);
  }
  return next;
}

function placed(reason: string, place: Place | undefined): string {
  return place ? `${reason} (${place.file}:${place.line})` : reason;
}

function replaceFiles(files: readonly FileText[], edited: readonly EditedFile[]): readonly FileText[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const { path, bytes } of edited)
    if (bytes === null) byPath.delete(path);
    else byPath.set(path, { path, bytes });
  return [...byPath.values()];
}

/** What differs between two versions of a target's files, from the repository's root. */
export function changedFiles(before: readonly FileText[], after: readonly FileText[], folder: string): BranchFile[] {
  const inFolder = (path: string) => (folder === "" ? path : `${folder}/${path}`);
  const old = new Map(before.map(({ path, bytes }) => [path, bytes]));
  const kept = new Set(after.map(({ path }) => path));
  const written = after.filter(({ path, bytes }) => {
    const was = old.get(path);
    return was === undefined || !Buffer.from(was).equals(bytes);
  });
  return [
    ...written.map(({ path, bytes }) => ({ path: inFolder(path), bytes })),
    ...before.filter(({ path }) => !kept.has(path)).map(({ path }) => ({ path: inFolder(path), bytes: null })),
  ];
}
