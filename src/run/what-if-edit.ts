// The policies of HEAD with edits of some files: those of the work tree, or of other files in their place. Nothing is written, and
// every file that is not named is as HEAD has it.
import { existsSync, readFileSync, statSync } from "node:fs";
import { relative, resolve, sep } from "node:path";
import { compareText } from "../model/finding.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { blobId, isPolicyPath, type PolicyFile } from "./files.ts";
import { loadPolicies } from "./load.ts";
import { loadTools, openWorkspace, type Workspace } from "./workspace.ts";

export interface Edited {
  /** HEAD. */
  readonly head: Workspace;
  /** HEAD with the edits. */
  readonly edited: Workspace;
  /** Files that differ, as findings call them; sorted. */
  readonly edits: readonly string[];
}

/** Part of the policies, and what it is taken to be. */
interface Edit {
  /** Below the policy folder, with `/`; empty for all of it. */
  readonly path: string;
  /** A file in its place. */
  readonly file: string | undefined;
}

/** Reads HEAD, and what it would be with these edits (`PATH`, or `PATH=FILE`). Throws `OperatorError` for a path that is no policy file's. */
export async function openEdited(context: Context, options: CommonOptions, edits: readonly string[]): Promise<Edited> {
  const workspace = await openWorkspace(context, options, { git: true });
  const { repository, commit } = workspace;
  if (!repository || commit === null)
    throw new OperatorError(
      "An edit is compared with HEAD, and there is no commit here",
      "Commit the files first, or ask with --remove.",
    );
  const parts = edits.map((text) => readEdit(context, options.policies, text));
  const head = await openWorkspaceAt(context, repository, { tree: commit, commit }, options);
  const files = parts.reduce(
    (known, part) => withEdit(context, known, part, workspace.source.files),
    head.source.files,
  );
  const before = new Map(head.source.files.map(({ path, blob }) => [path, blob]));
  const after = new Map(files.map(({ path, blob }) => [path, blob]));
  const differing = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => before.get(path) !== after.get(path),
  );
  const prefetch = head.source.prefetch;
  const source = { shown: options.policies, files, ...(prefetch ? { prefetch: prefetchOf(prefetch, before) } : {}) };
  const policies = await loadPolicies(source, loadTools(head.caches, options.target));
  return {
    head,
    edited: { ...head, source, policies, uncommitted: true },
    edits: differing.map((path) => `${options.policies}/${path}`).sort(compareText),
  };
}

/** Git is asked only for what it has. */
function prefetchOf(prefetch: (blobs: readonly string[]) => Promise<void>, head: ReadonlyMap<string, string>) {
  const known = new Set(head.values());
  return (blobs: readonly string[]) => prefetch(blobs.filter((blob) => known.has(blob)));
}

function readEdit({ cwd }: Context, policies: string, text: string): Edit {
  const cut = existsSync(resolve(cwd, text)) ? -1 : text.indexOf("=");
  const [named, file] = cut < 0 ? [text, undefined] : [text.slice(0, cut), text.slice(cut + 1)];
  const path = relative(resolve(cwd, policies), resolve(cwd, named)).split(sep).join("/");
  if (path === ".." || path.startsWith("../"))
    throw new OperatorError(
      `${named} is not in the policy folder ${policies}`,
      "Name a policy file, or a folder of them.",
    );
  if (file !== undefined && !isPolicyPath(path))
    throw new OperatorError(
      `${named} is no policy file`,
      "Policy files end in .yaml, and no part of their path begins with a dot.",
    );
  return { path, file };
}

/** The files with those of one edit in place of theirs. */
function withEdit(
  { cwd }: Context,
  files: readonly PolicyFile[],
  { path, file }: Edit,
  worktree: readonly PolicyFile[],
): PolicyFile[] {
  const covers = (other: PolicyFile) => path === "" || other.path === path || other.path.startsWith(`${path}/`);
  const fresh = file === undefined ? worktree.filter(covers) : [fileInPlace(resolve(cwd, file), file, path)];
  if (fresh.length === 0 && !files.some(covers))
    throw new OperatorError(`There is no policy file ${path}, neither in HEAD nor in the work tree`);
  return [...files.filter((other) => !covers(other)), ...fresh].sort((a, b) => compareText(a.path, b.path));
}

function fileInPlace(from: string, shown: string, path: string): PolicyFile {
  if (!existsSync(from) || !statSync(from).isFile()) throw new OperatorError(`There is no file ${shown}`);
  const bytes = readFileSync(from);
  return { path, blob: blobId(bytes), read: () => bytes };
}
