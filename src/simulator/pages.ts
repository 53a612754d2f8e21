// Listings: stable partitions, opaque signed cursors, and pages as text. Built to serve millions of rows cheaply:
// a partition's order is worked out once a revision, and a page's text is kept while nothing has changed.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Ledger } from "./ledger.ts";
import { Problem } from "./problems.ts";

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** `i/n`. */
  readonly partition?: string | undefined;
  /** Ids of what the rows must belong to; absent is any. */
  readonly among?: readonly string[] | undefined;
}

export interface Pages<Listed extends string> {
  /** The page as JSON text. 400 for a cursor or partition that makes no sense. */
  readonly page: (listed: Listed, query: PageQuery) => Buffer;
}

/** A collection that can be listed. */
export interface Listing {
  /** Grows with every change of a row. */
  readonly revision: () => number;
  /** Grows with what is told of a row and is no change of it; absent where nothing is. */
  readonly facts?: () => number;
  /** The rows of each of so many partitions, as they are now. */
  readonly split: (parts: number, among: PageQuery["among"]) => readonly Part[];
}

/** One partition of a collection at one revision. Positions grow with the index and survive changes of other rows. */
export interface Part {
  readonly total: number;
  readonly positionAt: (index: number) => Position;
  /** Rows start to end as JSON, with commas between. */
  readonly text: (start: number, end: number) => string;
}

type Position = readonly [major: number, minor: number];

/** What a cursor holds: after which row to go on, and where that was at which revision. */
type CursorContent = readonly [
  epoch: string,
  listed: string,
  part: number,
  parts: number,
  revision: number,
  index: number,
  major: number,
  minor: number,
];

/** Text of pages that is kept for each collection: enough for a hundred thousand members and their memberships. */
const MAX_KEPT_BYTES = 48 * 1024 * 1024;

/** Pages of one collection at one revision. */
interface KeptPages {
  readonly revision: string;
  readonly bodies: Map<string, Buffer>;
  bytes: number;
}

function keepPage(pages: KeptPages, key: string, body: Buffer): void {
  if (pages.bytes + body.length > MAX_KEPT_BYTES) {
    pages.bodies.clear();
    pages.bytes = 0;
  }
  pages.bytes += body.length;
  pages.bodies.set(key, body);
}

/** Serves listings, by their names. */
export function createPages<Listed extends string>(
  ledger: Pick<Ledger, "epoch">,
  listings: Readonly<Record<Listed, Listing>>,
): Pages<Listed> {
  const secret = randomBytes(32);
  const partitions = new Map<string, { readonly revision: number; readonly parts: readonly Part[] }>();
  const kept = new Map<Listed, KeptPages>();

  function partsOf(listed: Listed, parts: number, among: PageQuery["among"], revision: number): readonly Part[] {
    const key = `${nameOf(listed, among)}/${parts}`;
    const found = partitions.get(key);
    if (found?.revision === revision) return found.parts;
    const built = listings[listed].split(parts, among);
    // One number of parts a collection is the rule; a caller that tries them all must not fill the memory.
    if (partitions.size >= 16) partitions.clear();
    partitions.set(key, { revision, parts: built });
    return built;
  }

  function keptOf(listed: Listed, revision: string): KeptPages {
    const found = kept.get(listed);
    if (found?.revision === revision) return found;
    const fresh: KeptPages = { revision, bodies: new Map(), bytes: 0 };
    kept.set(listed, fresh);
    return fresh;
  }

  return {
    page: (listed, { limit, cursor: after, partition, among }) => {
      const [part, parts] = readPartition(partition);
      const { revision: revisionNow, facts } = listings[listed];
      const revision = revisionNow();
      const name = `${ledger.epoch}.${revision}`;
      const rows = partsOf(listed, parts, among, revision)[part];
      if (!rows) throw new Problem("bad-request", "There is no such partition.");
      const listing = nameOf(listed, among);
      const place = [ledger.epoch, listing, part, parts] as const;
      const start = after === undefined ? 0 : startAt(rows, revision, readCursor(secret, after, place));
      const pages = keptOf(listed, facts ? `${name}.${facts()}` : name);
      const key = `${listing}/${part}/${parts}/${start}/${limit}`;
      const found = pages.bodies.get(key);
      if (found) return found;
      const end = Math.min(rows.total, start + limit);
      const content: CursorContent = [...place, revision, end, ...rows.positionAt(end - 1)];
      const cursor = end < rows.total ? seal(secret, JSON.stringify(content)) : null;
      const rest = `"cursor":${JSON.stringify(cursor)},"total":${rows.total},"revision":"${name}"`;
      const body = Buffer.from(`{"data":[${rows.text(start, end)}],${rest}}`);
      keepPage(pages, key, body);
      return body;
    },
  };
}

function nameOf(listed: string, among: PageQuery["among"]): string {
  return among ? `${listed} of ${among.join(" ")}` : listed;
}

/** What a cursor of this listing, partition and load holds; 400 for any other. */
function readCursor(
  secret: Buffer,
  cursor: string,
  place: readonly [epoch: string, listed: string, part: number, parts: number],
): CursorContent {
  const text = unseal(secret, cursor);
  const content = text === undefined ? undefined : (JSON.parse(text) as CursorContent);
  if (!content || !place.every((value, index) => content[index] === value))
    throw new Problem("bad-cursor", "The cursor belongs to another listing, or to none.");
  return content;
}

function startAt(rows: Part, now: number, [, , , , revision, index, major, minor]: CursorContent): number {
  return revision === now ? index : firstAfter(rows, major, minor);
}

/** Text under a signature, opaque and safe in a URL. */
export function seal(secret: Buffer, text: string): string {
  return `${Buffer.from(text).toString("base64url")}.${signature(secret, text).toString("base64url")}`;
}

/** The text of a seal, or undefined when it was not made with this secret. */
export function unseal(secret: Buffer, sealed: string): string | undefined {
  const [body = "", signed = ""] = sealed.split(".");
  const text = Buffer.from(body, "base64url").toString();
  const given = Buffer.from(signed, "base64url");
  const right = signature(secret, text);
  return given.length === right.length && timingSafeEqual(given, right) ? text : undefined;
}

function signature(secret: Buffer, text: string): Buffer {
  return createHmac("sha256", secret).update(text).digest().subarray(0, 12);
}

function readPartition(partition: string | undefined): readonly [part: number, parts: number] {
  if (partition === undefined) return [0, 1];
  const [part = 0, parts = 0] = partition.split("/").map(Number);
  if (part >= parts) throw new Problem("bad-request", "The partitions of i/n are numbered from 0 to n - 1.");
  return [part, parts];
}

function firstAfter(rows: Part, major: number, minor: number): number {
  let low = 0;
  let high = rows.total;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const [a, b] = rows.positionAt(middle);
    if (a < major || (a === major && b <= minor)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Which of n parts an id belongs to: FNV-1a with a final mix, so that like ids spread. */
export function partOf(id: string, parts: number): number {
  if (parts === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) % parts;
}
