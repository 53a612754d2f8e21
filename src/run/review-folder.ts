// Evidence as a folder of this machine: read as it is, and written into one that is new or empty, never beside it.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { EvidenceFile } from "../model/evidence.ts";
import { OperatorError } from "./context.ts";

/** Everything in a folder. What is no file (a link, say) has no text: nothing outside is read. */
export function readFolder(folder: string, below = ""): EvidenceFile[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry): EvidenceFile[] => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) return readFolder(folder, path);
    return [{ path, text: entry.isFile() ? readFileSync(join(folder, path), "utf8") : "" }];
  });
}

/** Files that were there before would be no part of the evidence, and be found as added to it. */
export function demandEmpty(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined || (there.isDirectory() && readdirSync(folder).length === 0)) return;
  throw new OperatorError(`${folder} is no empty folder`, "Name one that is not there yet, or is empty.");
}

/** Writes the evidence. Whoever may push to the ledger may have made a tree whose paths lead out of it. */
export function writeFolder(folder: string, files: readonly EvidenceFile[]): void {
  const stray = files.find(({ path }) => !isInside(path));
  if (stray)
    throw new OperatorError(
      `The ledger has evidence at ${JSON.stringify(stray.path)}, which is no path in a folder`,
      "Somebody made it by hand: nothing was written.",
    );
  for (const { path, text } of files) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
  }
}

function isInside(path: string): boolean {
  return !/[\\\0]|^[A-Za-z]:/.test(path) && posix.normalize(path) === path && !/^(?:\/|\.\.(?:\/|$)|\.$)/.test(path);
}
