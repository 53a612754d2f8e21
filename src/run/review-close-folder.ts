// The folder that evidence is copied to: a new or an empty one, or one that a run which was killed left half written. It never touches
// what anybody else has put into a folder.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { EvidenceFile } from "../model/evidence.ts";
import { OperatorError } from "./context.ts";

/** Stands in the folder from before its first file until after its last. */
const UNFINISHED = "UNFINISHED.txt";

const BEGINNING = "Evidence of access review ";

function unfinished(id: string): string {
  return `${BEGINNING}${id} was being written here, and was not to its end. Close the review again with the same --output.\n`;
}

/** Files that were there before would be no part of the evidence, and be found as added to it. */
export function demandOwnFolder(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined) return;
  if (!there.isDirectory()) throw notEmpty(folder);
  const mark = readMark(folder);
  const isHalf = mark !== undefined && (mark.startsWith(BEGINNING) || BEGINNING.startsWith(mark));
  if (isHalf || readdirSync(folder).length === 0) return;
  throw notEmpty(folder);
}

/** Writes the evidence of a campaign into a folder that may be written into. Whoever is killed meanwhile finishes it the next time. */
export function writeFolder(folder: string, id: string, files: readonly EvidenceFile[]): void {
  const mark = readMark(folder);
  // Half of another campaign's evidence; the mark itself may be half of one.
  if (mark !== undefined && !unfinished(id).startsWith(mark)) throw notEmpty(folder);
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

function notEmpty(folder: string): OperatorError {
  return new OperatorError(`${folder} is no empty folder`, "Name one that is not there yet, or is empty.");
}
