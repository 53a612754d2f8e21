// Listings: stable partitions, opaque signed cursors, and pages as text. Built to serve millions of rows cheaply:
// a partition's order is worked out once a revision, and a page's text is kept while nothing has changed.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { groupView } from "./groups.ts";
import { memberView } from "./members.ts";
import { Problem } from "./problems.ts";
import type { Row } from "./records.ts";
import { roleView } from "./roles.ts";
import type { Store } from "./store.ts";

export type Listed = "roles" | "groups" | "members" | "memberships";

export interface PageQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** `i/n`. */
  readonly partition?: string | undefined;
}

export interface Pages {
  /** The page as JSON text. 400 for a cursor or partition that makes no sense. */
  readonly page: (listed: Listed, query: PageQuery) => Buffer;
}

/** One partition of a collection at one revision. Positions grow with the index and survive changes of other rows. */
interface Part {
  readonly total: number;
  readonly positionAt: (index: number) => Position;
  /** Rows start to end as JSON, with commas between. */
  readonly text: (start: number, end: number) => string;
}

type Position = readonly [major: number, minor: number];

/** What a cursor holds: after which row to go on, and where that was at which revision. */
type CursorContent = readonly [
  epoch: string,
  listed: Listed,
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

/** The listings of a store. */
export function createPages(store: Store): Pages {
  const secret = randomBytes(32);
  const partitions = new Map<string, { readonly revision: number; readonly parts: readonly Part[] }>();
  const kept = new Map<Listed, KeptPages>();

  function partsOf(listed: Listed, parts: number, revision: number): readonly Part[] {
    const key = `${listed}/${parts}`;
    const found = partitions.get(key);
    if (found?.revision === revision) return found.parts;
    const built = listed === "memberships" ? membershipParts(store, parts) : rowParts(store, listed, parts);
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
    page: (listed, query) => {
      const [part, parts] = readPartition(query.partition);
      const revision = revisionOf(store, listed);
      const name = `${store.epoch}.${revision}`;
      const rows = partsOf(listed, parts, revision)[part];
      if (!rows) throw new Problem("bad-request", "There is no such partition.");
      const start =
        query.cursor === undefined
          ? 0
          : startAt(store, rows, readCursor(secret, store.epoch, query.cursor, [listed, part, parts]));
      const pages = keptOf(listed, listed === "members" ? `${name}.${store.factsRevision}` : name);
      const key = `${part}/${parts}/${start}/${query.limit}`;
      const found = pages.bodies.get(key);
      if (found) return found;
      const end = Math.min(rows.total, start + query.limit);
      const cursor =
        end < rows.total ? writeCursor(listed, part, parts, revision, end, rows.positionAt(end - 1)) : null;
      const rest = `"cursor":${JSON.stringify(cursor)},"total":${rows.total},"revision":"${name}"`;
      const body = Buffer.from(`{"data":[${rows.text(start, end)}],${rest}}`);
      keepPage(pages, key, body);
      return body;
    },
  };

  function writeCursor(
    listed: Listed,
    part: number,
    parts: number,
    revision: number,
    index: number,
    [major, minor]: Position,
  ): string {
    const content: CursorContent = [store.epoch, listed, part, parts, revision, index, major, minor];
    return seal(secret, JSON.stringify(content));
  }
}

/** What a cursor of this listing and load holds; 400 for any other. */
function readCursor(
  secret: Buffer,
  epoch: string,
  cursor: string,
  [listed, part, parts]: readonly [Listed, number, number],
): CursorContent {
  const text = unseal(secret, cursor);
  const content = text === undefined ? undefined : (JSON.parse(text) as CursorContent);
  const fits = content?.[0] === epoch && content[1] === listed && content[2] === part && content[3] === parts;
  if (!content || !fits) throw new Problem("bad-cursor", "The cursor belongs to another listing, or to none.");
  return content;
}

function startAt(store: Store, rows: Part, [, listed, , , revision, index, major, minor]: CursorContent): number {
  return revision === revisionOf(store, listed) ? index : firstAfter(rows, major, minor);
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

function revisionOf(store: Store, listed: Listed): number {
  return listed === "memberships" ? store.membershipsRevision : store[listed].revision;
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

function rowParts(store: Store, listed: Exclude<Listed, "memberships">, parts: number): readonly Part[] {
  switch (listed) {
    case "roles":
      return split(store.roles.byId.values(), parts, roleView);
    case "groups":
      return split(store.groups.byId.values(), parts, groupView);
    case "members":
      return split(store.members.byId.values(), parts, memberView);
    default:
      return listed satisfies never;
  }
}

function split<R extends Row>(rows: Iterable<R>, parts: number, view: (row: R) => object): readonly Part[] {
  const lists: R[][] = Array.from({ length: parts }, () => []);
  for (const row of rows) lists[partOf(row.id, parts)]?.push(row);
  return lists.map((list) => ({
    total: list.length,
    positionAt: (index) => [list[index]?.seq ?? -1, 0],
    text: (start, end) => JSON.stringify(list.slice(start, end).map(view)).slice(1, -1),
  }));
}

/** Memberships by group, then by member; the member decides the part, so that one huge group is spread over all of them. */
function membershipParts(store: Store, parts: number): readonly Part[] {
  const partOfMember = Uint16Array.from(store.memberBySeq, (member) => partOf(member.id, parts));
  const sizes = new Int32Array(parts);
  for (const members of store.memberships.values())
    for (const seq of members) sizes[partOfMember[seq] ?? 0] = (sizes[partOfMember[seq] ?? 0] ?? 0) + 1;
  const columns = [...sizes].map((size) => ({ group: new Int32Array(size), member: new Int32Array(size), filled: 0 }));
  const groupIds: string[] = [];
  for (const group of store.groups.byId.values()) {
    groupIds[group.seq] = JSON.stringify(group.id);
    for (const seq of Int32Array.from(store.memberships.get(group.id) ?? []).sort()) {
      const column = columns[partOfMember[seq] ?? 0];
      if (!column) continue;
      column.group[column.filled] = group.seq;
      column.member[column.filled++] = seq;
    }
  }
  return columns.map(({ group, member }) => ({
    total: group.length,
    positionAt: (index) => [group[index] ?? -1, member[index] ?? -1],
    text: (start, end) => {
      const rows: string[] = [];
      for (let index = start; index < end; index++) {
        const memberId = JSON.stringify(store.memberBySeq[member[index] ?? -1]?.id);
        rows.push(`{"groupId":${groupIds[group[index] ?? -1]},"memberId":${memberId}}`);
      }
      return rows.join(",");
    },
  }));
}

/** Which of n parts an id belongs to: FNV-1a with a final mix, so that like ids spread. */
function partOf(id: string, parts: number): number {
  if (parts === 1) return 0;
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) % parts;
}
