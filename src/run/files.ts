// Which policy files there are: in a folder of the work tree, with links and odd files judged, or in a
// commit. Reads bytes only; what they mean is for `policy`.
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import { compareText, type Finding } from "../model/finding.ts";
import { OperatorError } from "./context.ts";

export interface PolicyFile {
  /** Below the policy folder, with `/`: `acme/roles/editors.yaml`. */
  readonly path: string;
  /** Git's id of the content, computed here for work-tree files. */
  readonly blob: string;
  readonly read: () => Uint8Array;
}

export interface FolderListing {
  readonly files: readonly PolicyFile[];
  readonly findings: readonly Finding[];
}

/** A policy folder deeper than this is a loop or a mistake. */
const MAXIMUM_DEPTH = 16;

export function isPolicyPath(path: string): boolean {
  return /\.ya?ml$/i.test(path) && !path.split("/").some((part) => part.startsWith("."));
}

/** The id Git gives to this content (SHA-1 of a blob). */
export function blobId(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.byteLength}\0`).update(bytes).digest("hex");
}

/** Every policy file below `folder`, sorted by path. `shown` is what findings call the folder. Throws when the folder cannot be read. */
export function listFolder(folder: string, shown: string): FolderListing {
  const files: PolicyFile[] = [];
  const findings: Finding[] = [];
  const root = realpathSync(folder);
  const visit = (relative: string, depth: number): void => {
    for (const entry of readdirSync(join(folder, relative), { withFileTypes: true })) {
      const path = relative === "" ? entry.name : `${relative}/${entry.name}`;
      if (entry.name.startsWith(".")) continue;
      if (entry.isSymbolicLink()) findings.push(...judgeLink(join(folder, path), `${shown}/${path}`, root));
      else if (entry.isDirectory() && depth >= MAXIMUM_DEPTH) findings.push(tooDeep(`${shown}/${path}`));
      else if (entry.isDirectory()) visit(path, depth + 1);
      else if (entry.isFile() && isPolicyPath(path)) files.push(fileAt(folder, path));
    }
  };
  visit("", 0);
  return { files: files.sort((a, b) => compareText(a.path, b.path)), findings };
}

function fileAt(folder: string, path: string): PolicyFile {
  const file = join(folder, path);
  const blob = blobId(readFileSync(file));
  // Most contents are never asked for again, since their parsed form is cached: none is held meanwhile.
  const read = () => {
    const bytes = readFileSync(file);
    if (blobId(bytes) === blob) return bytes;
    throw new OperatorError(`${path} was changed while Rolebook was reading it`, "Run it again.");
  };
  return { path, blob, read };
}

/** Links are never followed: what a file means must not depend on what lies elsewhere. */
function judgeLink(path: string, shown: string, root: string): Finding[] {
  if (!isPolicyPath(shown.split("/").at(-1) ?? "") && !isFolder(path)) return [];
  const place = { file: shown, line: 1, column: 1 };
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    return [
      {
        severity: "error",
        code: "symlink-broken",
        message: "This link leads nowhere",
        place,
        hint: "Remove it, or put the file itself here.",
      },
    ];
  }
  if (real !== root && !real.startsWith(root + sep))
    return [
      {
        severity: "error",
        code: "symlink-outside",
        message: "This link leaves the policy folder",
        place,
        hint: "Put the file itself here: only files in this folder are reviewed.",
      },
    ];
  return [
    {
      severity: "warning",
      code: "symlink-ignored",
      message: "Links are not followed",
      place,
      hint: "The file it points to is read where it is; remove the link.",
    },
  ];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return lstatSync(path).isSymbolicLink();
  }
}

function tooDeep(file: string): Finding {
  return {
    severity: "error",
    code: "folder-too-deep",
    message: `Folders are nested more than ${MAXIMUM_DEPTH} deep`,
    place: { file, line: 1, column: 1 },
    hint: "Put the files closer to the target's folder.",
  };
}
