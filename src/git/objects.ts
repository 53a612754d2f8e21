// Trees and blobs, read in bulk: one Git process for a tree, one for any number of blobs.

import { createBatchParser } from "./batch.ts";
import { commandError, runGit, spawnGit } from "./command.ts";
import { GitError } from "./error.ts";

export interface TreeFile {
  /** From the repository's root, with `/`. */
  readonly path: string;
  /** Object id of the content. */
  readonly blob: string;
  /** `100644`, `100755`, `120000` (a symbolic link), `160000` (a submodule's commit, which is no blob). */
  readonly mode: string;
}

export interface Objects {
  /** Every file below a folder ("" is the root) at a commit (an object id), in Git's order. A folder that is not there is empty. */
  readonly listTree: (commit: string, folder: string) => Promise<readonly TreeFile[]>;
  /** Contents by object id. Ids of objects that are missing or are no blobs are missing from the answer. */
  readonly readBlobs: (ids: Iterable<string>) => Promise<Map<string, Buffer>>;
}

/** Lists of this many trees are kept, the last ones asked for: what a commit holds never changes, and a run asks for few commits often. */
const KEPT_LISTS = 8;

export function openObjects(root: string): Objects {
  const kept = new Map<string, Promise<readonly TreeFile[]>>();
  return {
    listTree: async (commit, folder) => {
      const key = `${commit} ${folder}`;
      const list = kept.get(key) ?? listTree(root, commit, folder);
      kept.delete(key);
      kept.set(key, list);
      for (const oldest of [...kept.keys()].slice(0, -KEPT_LISTS)) kept.delete(oldest);
      try {
        return await list;
      } catch (error) {
        // A commit that is not here may be fetched a moment later.
        kept.delete(key);
        throw error;
      }
    },
    readBlobs: (ids) => readBlobs(root, ids),
  };
}

const OBJECT_ID = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/** Throws `GitError` for anything but a full object id, so that no text from elsewhere is taken for an option or a revision. */
export function assertObjectId(id: string): void {
  if (!OBJECT_ID.test(id)) throw new GitError(`not an object id: ${JSON.stringify(id)}`);
}

async function listTree(root: string, commit: string, folder: string): Promise<TreeFile[]> {
  assertObjectId(commit);
  const within = folder === "" ? [] : ["--", `${folder}/`];
  const { stdout } = await runGit(root, ["ls-tree", "-r", "-z", "--full-tree", commit, ...within]);
  return parseTree(stdout);
}

/** Parses `ls-tree -z`: `mode type id TAB path NUL`. */
export function parseTree(text: string): TreeFile[] {
  const files: TreeFile[] = [];
  for (const record of text.split("\0")) {
    const tab = record.indexOf("\t");
    const [mode, , blob] = record.slice(0, Math.max(tab, 0)).split(" ");
    if (mode && blob) files.push({ path: record.slice(tab + 1), blob, mode });
  }
  return files;
}

async function readBlobs(root: string, ids: Iterable<string>): Promise<Map<string, Buffer>> {
  const wanted = [...new Set(ids)];
  for (const id of wanted) assertObjectId(id);
  const blobs = new Map<string, Buffer>();
  if (wanted.length === 0) return blobs;
  const child = spawnGit(root, ["cat-file", "--batch", "--buffer"]);
  const parser = createBatchParser((id, type, content) => {
    if (type === "blob") blobs.set(id, content);
  });
  const stderr: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
  child.stdout.on("data", parser.push);
  // Git may end before it has read everything; its exit code says so below.
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${wanted.join("\n")}\n`);
  const exitCode = await new Promise<number | null>((settle, fail) => {
    child.on("error", fail);
    child.on("close", settle);
  });
  if (exitCode !== 0) throw commandError(["cat-file"], Buffer.concat(stderr).toString("utf8"));
  if (parser.answers() !== wanted.length)
    throw new GitError(`git cat-file answered ${parser.answers()} of ${wanted.length} objects`);
  return blobs;
}
