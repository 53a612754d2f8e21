// The crash journal of one apply, beside the repository and never in it: what was about to be written, then what came
// of each change. After a kill it says which changes have an uncertain fate. It is not the record; the ledger's receipt is.
import { closeSync, fdatasync, fdatasyncSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Outcome } from "../model/receipt.ts";
import { assertTarget } from "./refs.ts";

/** Before a batch of writes: these changes of this run may be made from here on. */
export interface Intent {
  readonly type: "intent";
  /** The plan's digest and the run's start, which name the ledger's folder. */
  readonly digest: string;
  readonly startedAt: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly changes: readonly string[];
}

export interface RecordedOutcome {
  readonly type: "outcome";
  readonly outcome: Outcome;
}

export type JournalLine = Intent | RecordedOutcome;

export interface Journal {
  /** On disk, also through a power failure, when it returns. */
  readonly intend: (intent: Omit<Intent, "type">) => void;
  /** Survives the end of this process when it returns; reaches the disk soon after, or with `close`. */
  readonly note: (outcome: Outcome) => void;
  /** Waits for the disk and closes the file; the journal stays for a rerun. */
  readonly close: () => Promise<void>;
  /** Closes and deletes: the receipt is recorded. */
  readonly remove: () => Promise<void>;
}

/** Opens a target's journal for appending; what an earlier run left in it stays. */
export function openJournal(gitDir: string, target: string): Journal {
  const path = journalPath(gitDir, target);
  mkdirSync(dirname(path), { recursive: true });
  const torn = hasTornEnd(path);
  const file = openSync(path, "a");
  if (torn) writeSync(file, "\n");
  let syncing: Promise<void> | undefined;
  let dirty = false;
  let open = true;

  /** One sync at a time covers every line written before it: 10,000 outcomes do not wait for 10,000 syncs. */
  function syncSoon(): void {
    dirty = true;
    syncing ??= (async () => {
      while (dirty) {
        dirty = false;
        await new Promise<void>((settle, fail) => fdatasync(file, (error) => (error ? fail(error) : settle())));
      }
      syncing = undefined;
    })();
    // Reported by `close`, which waits for the same promise.
    syncing.catch(() => undefined);
  }

  async function close(): Promise<void> {
    if (!open) return;
    open = false;
    try {
      await syncing;
    } finally {
      closeSync(file);
    }
  }

  return {
    intend: (intent) => {
      writeLine(file, { type: "intent", ...intent });
      fdatasyncSync(file);
    },
    note: (outcome) => {
      writeLine(file, { type: "outcome", outcome });
      syncSoon();
    },
    close,
    remove: async () => {
      await close();
      rmSync(path, { force: true });
    },
  };
}

/** The lines of a target's journal, or none when there is no journal. A line torn by a crash is left out. */
export function readJournal(gitDir: string, target: string): JournalLine[] {
  const text = readText(journalPath(gitDir, target));
  return text.split("\n").flatMap((line) => parseLine(line));
}

/** Ids of changes that were about to be written and have no outcome: they may be made or not. In order of intent. */
export function uncertainChanges(lines: readonly JournalLine[]): string[] {
  const open = new Set<string>();
  for (const line of lines) {
    if (line.type === "intent") for (const change of line.changes) open.add(change);
    else open.delete(line.outcome.change);
  }
  return [...open];
}

function journalPath(gitDir: string, target: string): string {
  return join(gitDir, "rolebook", "journal", `${assertTarget(target)}.ndjson`);
}

function writeLine(file: number, line: JournalLine): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
}

function parseLine(line: string): JournalLine[] {
  try {
    const value: unknown = JSON.parse(line);
    return isLine(value) ? [value] : [];
  } catch {
    return []; // torn by a crash, or the empty text after the last newline
  }
}

function isLine(value: unknown): value is JournalLine {
  if (value === null || typeof value !== "object" || !("type" in value)) return false;
  return (value.type === "intent" && "changes" in value) || (value.type === "outcome" && "outcome" in value);
}

function hasTornEnd(path: string): boolean {
  const text = readText(path);
  return text !== "" && !text.endsWith("\n");
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}
