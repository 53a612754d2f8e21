// Parsed policy files, kept by Git blob id in the Git folder so that an unchanged file is never parsed twice.
// It knows nothing of live state, is safe to delete at any time, and a damaged entry is only a miss.
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { createPacker, createUnpacker } from "../policy/pack.ts";
import type { ParsedFile } from "../policy/parse.ts";

export interface ParseCache {
  readonly has: (blob: string) => boolean;
  /** The parsed file with this content, as if it stood at the path `file`. */
  readonly get: (blob: string, file: string) => ParsedFile | undefined;
  readonly put: (blob: string, parsed: ParsedFile) => void;
  /** Writes what is new and lets go of what was read. Failing to write (a read-only disk) is no failure of the command. */
  readonly save: () => void;
}

/** The cache of a platform's files; the same one however often it is asked for. */
export type ParseCaches = (platform: string) => ParseCache;

/** Builds whose entries are kept: two clones of different ages may take turns. The oldest goes first. */
const MOST_BUILDS = 4;
/** Each save adds a segment. When there are so many, what was used since is written anew as one, and the rest dropped. */
const MOST_SEGMENTS = 8;
const NEWLINE = 10;
/** What is written at once, in UTF-16 units. */
const CHUNK = 1_048_576;

/**
 * Caches below `folder`. `build` names the very code that parses, since any other may parse differently; without a
 * folder or a build (running from source) nothing is kept.
 */
export function openParseCaches(folder: string | undefined, build: string | undefined): ParseCaches {
  const open = new Map<string, ParseCache>();
  return (platform) => {
    const known = open.get(platform);
    if (known) return known;
    const kept = folder !== undefined && build !== undefined;
    const cache = kept ? openCache(folder, `${build.slice(0, 16)}-${platform}`) : NO_CACHE;
    open.set(platform, cache);
    return cache;
  };
}

const NO_CACHE: ParseCache = { has: () => false, get: () => undefined, put: () => {}, save: () => {} };

/** A file of packed entries: a line of tables, then a line for each blob. */
interface Segment {
  readonly path: string;
  /** Blob -> where its line starts and ends. */
  readonly lines: ReadonlyMap<string, readonly [start: number, end: number]>;
  content: Buffer | undefined;
  unpack: ReturnType<typeof createUnpacker>;
}

function openCache(folder: string, name: string): ParseCache {
  const directory = join(folder, name);
  let segments: Segment[] | undefined;
  const used = new Map<string, ParsedFile>();
  const fresh = new Map<string, ParsedFile>();
  const segmentOf = (blob: string) => {
    segments ??= listSegments(directory).map(readSegment);
    return segments.find(({ lines }) => lines.has(blob));
  };
  return {
    has: (blob) => fresh.has(blob) || segmentOf(blob) !== undefined,
    get: (blob, file) => {
      const segment = segmentOf(blob);
      const parsed = segment && readEntry(segment, blob, file);
      if (parsed) used.set(blob, parsed);
      return parsed;
    },
    put: (blob, parsed) => {
      fresh.set(blob, parsed);
    },
    save: () => {
      for (const segment of segments ?? []) segment.content = segment.unpack = undefined;
      if (fresh.size === 0) return;
      try {
        const old = listSegments(directory);
        for (const [blob, parsed] of fresh) used.set(blob, parsed);
        writeSegment(directory, old, old.length < MOST_SEGMENTS ? fresh : used);
        if (old.length >= MOST_SEGMENTS) for (const path of old) rmSync(path, { force: true });
        forgetBuilds(folder, name);
      } catch {
        // A cache that cannot be written is one that does not help, and no more.
      }
      fresh.clear();
      segments = undefined;
    },
  };
}

/** Removes the caches of builds that were not written to for the longest, but never this one. */
function forgetBuilds(folder: string, current: string): void {
  const others = readdirSync(folder).filter((name) => name !== current);
  if (others.length < MOST_BUILDS) return;
  const byAge = others.map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }));
  byAge.sort((one, other) => other.at - one.at);
  for (const { path } of byAge.slice(MOST_BUILDS - 1)) rmSync(path, { recursive: true, force: true });
}

function listSegments(directory: string): string[] {
  try {
    const names = readdirSync(directory).filter((name) => /^\d+-\d+$/.test(name));
    return names.sort().map((name) => join(directory, name));
  } catch {
    return [];
  }
}

function readSegment(path: string): Segment {
  const content = readContent(path);
  const lines = new Map<string, readonly [number, number]>();
  const segment: Segment = { path, lines, content, unpack: unpackerOf(content) };
  if (!segment.unpack) return segment;
  for (let start = content.indexOf(NEWLINE) + 1, end = start; start < content.length; start = end + 1) {
    end = content.indexOf(NEWLINE, start);
    const space = content.indexOf(" ", start);
    if (end === -1 || space === -1 || space > end) break;
    lines.set(content.toString("latin1", start, space), [space + 1, end]);
  }
  return segment;
}

function readContent(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function unpackerOf(content: Buffer): ReturnType<typeof createUnpacker> {
  return createUnpacker(content.toString("utf8", 0, Math.max(0, content.indexOf(NEWLINE))));
}

function readEntry(segment: Segment, blob: string, file: string): ParsedFile | undefined {
  const line = segment.lines.get(blob);
  segment.content ??= readContent(segment.path);
  segment.unpack ??= unpackerOf(segment.content);
  return line && segment.unpack?.(segment.content.toString("utf8", ...line), file);
}

function writeSegment(directory: string, old: readonly string[], entries: ReadonlyMap<string, ParsedFile>): void {
  const packer = createPacker();
  const lines: string[] = [];
  for (const [blob, parsed] of entries) lines.push(`${blob} ${packer.pack(parsed)}\n`);
  const last = Number(/(\d+)-\d+$/.exec(old.at(-1) ?? "")?.[1] ?? 0);
  const name = `${String(last + 1).padStart(8, "0")}-${process.pid}`;
  mkdirSync(directory, { recursive: true });
  const part = join(directory, `.${name}`);
  const file = openSync(part, "w");
  try {
    let chunk = `${packer.tables()}\n`;
    for (const line of lines) {
      if (chunk.length > CHUNK) {
        writeSync(file, chunk);
        chunk = "";
      }
      chunk += line;
    }
    writeSync(file, chunk);
  } finally {
    closeSync(file);
  }
  renameSync(part, join(directory, name));
}
