// Evidence as a folder of this machine: read as it is, and written into one that is new or empty, that has all of it already, or that has
// the part that a run wrote which was killed. Never beside it, and never over what anybody else has put there.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { EvidenceFile } from "../model/evidence.ts";
import { MANIFEST } from "../plan/review/verify-files.ts";
import { OperatorError } from "./context.ts";

/** Stands in the folder from before its first file until after its last. */
const UNFINISHED = "UNFINISHED.txt";

const BEGINNING = "Evidence of access review ";

function unfinished(id: string): string {
  return `${BEGINNING}${id} was being written here, and was not to its end. Close the review again with the same --output.\n`;
}

/** Everything in a folder. What is no file (a link, say) has no text: nothing outside is read. */
export function readFolder(folder: string, below = ""): EvidenceFile[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry): EvidenceFile[] => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return readFolder(folder, path);
    return [{ path, text: entry.isFile() ? readFileSync(join(folder, path), "utf8") : "" }];
  });
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

/**
 * Writes the evidence of a campaign into a folder that may be written into. Whoever is killed meanwhile finishes it the next time.
 * Whoever may push to the ledger may have made a tree whose paths lead out of it: then nothing is written.
 */
export function writeFolder(folder: string, id: string, files: readonly EvidenceFile[]): void {
  const mark = readMark(folder);
  const there = existsSync(folder) ? readFolder(folder) : [];
  if (mark === undefined && isSame(there, files)) return;
  // Half of another campaign's evidence, or all of it. The mark itself may be half of one.
  const isOwn = mark === undefined ? there.length === 0 : unfinished(id).startsWith(mark);
  if (!isOwn) throw notEmpty(folder);
  const stray = files.find(({ path }) => !isInside(path));
  if (stray)
    throw new OperatorError(
      `The ledger has evidence at ${JSON.stringify(stray.path)}, which is no path in a folder`,
      "Somebody made it by hand: nothing was written.",
    );
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
function isSame(there: readonly EvidenceFile[], files: readonly EvidenceFile[]): boolean {
  const wanted = new Map(files.map(({ path, text }) => [path, text]));
  return there.length === wanted.size && there.every(({ path, text }) => wanted.get(path) === text);
}

function notEmpty(folder: string): OperatorError {
  return new OperatorError(`${folder} is no empty folder`, "Name one that is not there yet, or is empty.");
}

function isInside(path: string): boolean {
  return !/[\\\0]|^[A-Za-z]:/.test(path) && posix.normalize(path) === path && !/^(?:\/|\.\.(?:\/|$)|\.$)/.test(path);
}
