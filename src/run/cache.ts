// Parsed policy files, kept by Git blob id in the Git folder so that an unchanged file is never parsed twice.
// It knows nothing of live state, is safe to delete at any time, and a damaged entry is only a miss.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface ParseCache<T> {
  readonly has: (blob: string) => boolean;
  readonly get: (blob: string) => T | undefined;
  readonly put: (blob: string, value: T) => void;
  /** Writes what is new. Failing to write (a read-only disk) is no failure of the command. */
  readonly save: () => void;
}

interface Shard {
  readonly lines: Map<string, string>;
  readonly used: Set<string>;
  grew: boolean;
}

/** Entries of a shard that no run asked for are dropped when it holds more than this many times what was asked for. */
const STALE_FACTOR = 4;

/** A cache under `folder/<variant>`; `variant` names everything besides the bytes that the value depends on (tool version, platform). */
export function openParseCache<T>(folder: string | undefined, variant: string): ParseCache<T> {
  if (folder === undefined) return { has: () => false, get: () => undefined, put: () => {}, save: () => {} };
  const directory = join(folder, variant);
  const shards = new Map<string, Shard>();
  const shardOf = (blob: string): Shard => {
    const name = blob.slice(0, 2);
    let shard = shards.get(name);
    if (!shard) {
      shard = { lines: readShard(join(directory, name)), used: new Set(), grew: false };
      shards.set(name, shard);
    }
    return shard;
  };
  return {
    has: (blob) => shardOf(blob).lines.has(blob),
    get: (blob) => {
      const shard = shardOf(blob);
      const line = shard.lines.get(blob);
      const value = line === undefined ? undefined : parseLine<T>(line);
      if (value !== undefined) shard.used.add(blob);
      return value;
    },
    put: (blob, value) => {
      const shard = shardOf(blob);
      shard.lines.set(blob, JSON.stringify(value));
      shard.used.add(blob);
      shard.grew = true;
    },
    save: () => {
      try {
        for (const [name, shard] of shards) if (shard.grew) writeShard(directory, name, shard);
        shards.clear();
      } catch {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  };
}

function parseLine<T>(line: string): T | undefined {
  try {
    return JSON.parse(line) as T;
  } catch {
    return undefined;
  }
}

function readShard(file: string): Map<string, string> {
  const lines = new Map<string, string>();
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return lines;
  }
  let start = 0;
  for (let end = text.indexOf("\n", start); end !== -1; end = text.indexOf("\n", start)) {
    lines.set(text.slice(start, start + 40), text.slice(start + 41, end));
    start = end + 1;
  }
  return lines;
}

function writeShard(directory: string, name: string, shard: Shard): void {
  const keep = shard.lines.size > shard.used.size * STALE_FACTOR ? shard.used : new Set(shard.lines.keys());
  const text = [...keep].map((blob) => `${blob} ${shard.lines.get(blob)}\n`).join("");
  mkdirSync(directory, { recursive: true });
  const file = join(directory, name);
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}
