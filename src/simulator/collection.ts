// Rows of one kind: by id, by folded name, in the order of listings, with versions that ETags are made of.
import { createHash } from "node:crypto";
import type { Row } from "./records.ts";

export interface Collection<R extends Row> {
  readonly byId: Map<string, R>;
  /** Folded name or address -> id. */
  readonly byName: Map<string, string>;
  nextSeq: number;
  /** Grows with every change of a row. */
  revision: number;
}

export function emptyCollection<R extends Row>(): Collection<R> {
  return { byId: new Map(), byName: new Map(), nextSeq: 0, revision: 0 };
}

/** What names and addresses are compared by. */
export function foldName(name: string): string {
  return name.normalize("NFC").trim().toLowerCase();
}

/** The ETag of a row, quotes included. */
export function etagOf(row: Row): string {
  return `"${row.id}-${row.version}"`;
}

const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/** An id in the vendor's manner, made from the number of changes: the same writes give the same ids. */
export function mintId(kind: string, changes: number, taken: readonly Collection<Row>[]): string {
  for (let salt = 0; ; salt++) {
    const digest = createHash("sha256").update(`${kind} ${changes} ${salt}`).digest();
    const id = [...digest.subarray(0, 10)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
    if (!taken.some(({ byId }) => byId.has(id))) return id;
  }
}

/** Marks a row as changed by the write under way. */
export function touchRow<R extends Row>(store: { readonly changes: number }, collection: Collection<R>, row: R): void {
  row.version = store.changes;
  collection.revision++;
}

/** Adds a row under its folded name. */
export function insertRow<R extends Row>(collection: Collection<R>, row: R, name: string): void {
  collection.byId.set(row.id, row);
  collection.byName.set(foldName(name), row.id);
  collection.revision++;
}

/** Gives a row another name. */
export function renameRow<R extends Row>(collection: Collection<R>, row: R, from: string, to: string): void {
  collection.byName.delete(foldName(from));
  collection.byName.set(foldName(to), row.id);
}

/** Takes a row out. */
export function removeRow<R extends Row>(collection: Collection<R>, row: R, name: string): void {
  collection.byId.delete(row.id);
  collection.byName.delete(foldName(name));
  collection.revision++;
}

/** Makes a collection hold what another one holds. */
export function replaceCollection<R extends Row>(target: Collection<R>, source: Collection<R>): void {
  replaceMap(target.byId, source.byId);
  replaceMap(target.byName, source.byName);
  target.nextSeq = source.nextSeq;
  target.revision++;
}

export function replaceMap<K, V>(target: Map<K, V>, source: ReadonlyMap<K, V>): void {
  target.clear();
  for (const [key, value] of source) target.set(key, value);
}

/** Adds to `broken` when two rows have one name, or one is not found by its own. */
export function checkNames<R extends Row>(
  collection: Collection<R>,
  what: string,
  nameOf: (row: R) => string,
  broken: string[],
): void {
  if (collection.byName.size !== collection.byId.size) broken.push(`Two ${what}s have one name.`);
  for (const row of collection.byId.values()) {
    const name = nameOf(row);
    if (collection.byName.get(foldName(name)) !== row.id)
      broken.push(`The ${what} ${row.id} is not found by its name ${JSON.stringify(name)}.`);
  }
}

/** A row as it is saved. */
export function withoutSeq<R extends Row>(row: R): Omit<R, "seq"> {
  const { seq: _, ...rest } = row;
  return rest;
}
