// The folder that evidence is copied to: a new or an empty one, or one that has all of it already, or the part that a run wrote which
// was killed. It never touches what anybody else has put into a folder.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EvidenceFile } from "../model/evidence.ts";
import { MANIFEST } from "../plan/review/verify-files.ts";
import { OperatorError } from "./context.ts";

/** Stands in the folder from before its first file until after its last. */
const UNFINISHED = "UNFINISHED.txt";

const BEGINNING = "Evidence of access review ";

function unfinished(id: string): string {
  return `${BEGINNING}${id} was being written here, and was not to its end. Close the review again with the same --output.\n`;
}

/** Files that were there before would be no part of the evidence, and be found as added to it: says so before anything is done. */
export function demandOwnFolder(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isDirectory()) throw notEmpty(folder);
  const mark = readMark(folder);
  const isHalf = mark !== undefined && (mark.startsWith(BEGINNING) || BEGINNING.startsWith(mark));
  const files = readdirSync(folder);
  if (isHalf || files.length === 0 || files.includes(MANIFEST)) return;
  throw notEmpty(folder);
}

/** Writes the evidence of a campaign into a folder that may be written into. Whoever is killed meanwhile finishes it the next time. */
export function writeFolder(folder: string, id: string, files: readonly EvidenceFile[]): void {
  const mark = readMark(folder);
  if (mark === undefined && hasAll(folder, files)) return;
  // Half of another campaign's evidence, or all of it. The mark itself may be half of one.
  const isOwn = mark === undefined ? listFiles(folder).length === 0 : unfinished(id).startsWith(mark);
  if (!isOwn) throw notEmpty(folder);
  for (const { path, text } of [{ path: UNFINISHED, text: unfinished(id) }, ...files]) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
  rmSync(join(folder, UNFINISHED));
}

function readMark(folder: string): string | undefined {
  const path = join(folder, UNFINISHED);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, "utf8") : undefined;
}

/** Whether the very files are there, and no other. */
function hasAll(folder: string, files: readonly EvidenceFile[]): boolean {
  const wanted = new Map(files.map(({ path, text }) => [path, text]));
  const there = listFiles(folder);
  return (
    there.length === wanted.size && there.every((path) => wanted.get(path) === readFileSync(join(folder, path), "utf8"))
  );
}

/** Paths of everything in a folder that is no folder itself; none where it is not there. */
function listFiles(folder: string, below = ""): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })) return [];
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? listFiles(folder, path) : [path];
  });
}

function notEmpty(folder: string): OperatorError {
  return new OperatorError(`${folder} is no empty folder`, "Name one that is not there yet, or is empty.");
}
