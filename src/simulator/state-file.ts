// Keeps the state in a file: read at start, written whole after changes, by a rename so that a reader never sees half of it.
// A write follows a change within moments, not before its answer: closing the simulator writes what is outstanding.
import { existsSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import type { StateDocument } from "./records.ts";
import { isDocument } from "./state.ts";

export interface StateFile {
  /** To be called after every change. */
  readonly changed: () => void;
  /** Writes what is outstanding and stops. Rejects when the last write failed. */
  readonly close: () => Promise<void>;
}

/** The document in a file, or undefined when there is no such file. Throws when it is not a document of version 1. */
export function readStateFile(path: string): StateDocument | undefined {
  if (!existsSync(path)) return undefined;
  const document: unknown = JSON.parse(readFileSync(path, "utf8"));
  if (!isDocument(document)) throw new Error(`${path} does not hold the state of a simulated organization`);
  return document;
}

/** A burst of changes is one write. */
const REST_MS = 25;
/** And the rest is at least this many times what the last write took, so that saving a large state never takes the machine. */
const REST_FACTOR = 10;

/** Starts to keep what `dump` gives in `path`. */
export function keepStateFile(path: string, dump: () => StateDocument): StateFile {
  let dirty = false;
  let closed = false;
  let restMs = REST_MS;
  let failure: unknown;
  let timer: NodeJS.Timeout | undefined;
  let saving: Promise<void> = Promise.resolve();

  const save = async (): Promise<void> => {
    const start = performance.now();
    dirty = false;
    try {
      await writeFile(`${path}.new`, JSON.stringify(dump()), { mode: 0o600 });
      await rename(`${path}.new`, path);
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    restMs = Math.max(REST_MS, (performance.now() - start) * REST_FACTOR);
  };
  const schedule = (): void => {
    if (closed || timer) return;
    timer = setTimeout(() => {
      saving = save().then(() => {
        timer = undefined;
        if (dirty) schedule();
      });
    }, restMs);
  };
  const changed = (): void => {
    dirty = true;
    schedule();
  };
  changed();
  return {
    changed,
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await saving;
      if (dirty) await save();
      if (failure) throw failure;
    },
  };
}
