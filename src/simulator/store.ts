// A simulated organization in memory: its rows, its indexes, and the one door every write goes through (`commit`).
// The rules of each kind of row are in `roles.ts`, `groups.ts`, `members.ts` and `memberships.ts`. Knows nothing of HTTP.
import { createHash, randomBytes } from "node:crypto";
import type {
  Actor,
  AuditEntry,
  Effect,
  Environment,
  GroupRow,
  KeptAnswer,
  MemberRow,
  RoleRow,
  Row,
  StoredCredential,
} from "./records.ts";

export interface Collection<R extends Row> {
  readonly byId: Map<string, R>;
  /** Folded name or address -> id. */
  readonly byName: Map<string, string>;
  nextSeq: number;
  /** Grows with every change of a row. */
  revision: number;
}

/** Who writes, through which operation. */
export interface Write {
  readonly actor: Actor;
  readonly operation: string;
  readonly idempotencyKey?: string;
}

/** An effective write, in the order they happened. */
export interface WriteRecord {
  /** From 1. */
  readonly n: number;
  readonly operation: string;
  readonly actor: Actor;
  readonly idempotencyKey: string | null;
  readonly effects: readonly Effect[];
}

export type WritePhase = "before" | "after";

/** Called right before and right after the n-th effective write takes effect; before its answer is sent. */
export type WriteHook = (n: number, phase: WritePhase) => void;

export interface Store {
  organisation: { readonly id: string; readonly name: string };
  environments: Environment[];
  readonly roles: Collection<RoleRow>;
  readonly groups: Collection<GroupRow>;
  readonly members: Collection<MemberRow>;
  /** Rows of `members` by their seq; members are never removed. */
  readonly memberBySeq: MemberRow[];
  /** Group id -> seqs of its members. Every group has an entry. */
  readonly memberships: Map<string, Set<number>>;
  membershipsRevision: number;
  /** Grows when something is told of a member that is no change of theirs; no answer shows it. */
  factsRevision: number;
  readonly credentials: Map<string, StoredCredential>;
  /** Oldest first. */
  audit: AuditEntry[];
  /** `client key` -> what was answered; oldest first. */
  readonly keptAnswers: Map<string, KeptAnswer>;
  /** How many changes there have been, over all loads; ETags are counted with it. */
  changes: number;
  /** New with every load, so that cursors and revisions of another load are never taken for this one's. */
  epoch: string;
  /** The latest writes, oldest first. */
  writes: WriteRecord[];
  /** How many writes there have been since the counters were reset. */
  writeCount: number;
  readonly hooks: Set<WriteHook>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Called after anything that a saved state should hold. */
  onChange: () => void;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** The vendor's log goes back seven days. */
export const AUDIT_DAYS_MS = 7 * DAY_MS;
/** A bound on memory: a job that writes more in a week loses its oldest entries, never its newest. */
const MAX_AUDIT_ENTRIES = 2_000_000;

/** A bound on memory too, ten times what the largest job that is counted writes. The numbers go on. */
const MAX_WRITE_RECORDS = 200_000;

/** An organization without anything in it; `loadState` fills it. */
export function createStore(now: () => number): Store {
  return {
    organisation: { id: "empty", name: "Empty" },
    environments: [],
    roles: emptyCollection(),
    groups: emptyCollection(),
    members: emptyCollection(),
    memberBySeq: [],
    memberships: new Map(),
    membershipsRevision: 0,
    factsRevision: 0,
    credentials: new Map(),
    audit: [],
    keptAnswers: new Map(),
    changes: 0,
    epoch: newEpoch(),
    writes: [],
    writeCount: 0,
    hooks: new Set(),
    now,
    onChange: () => undefined,
  };
}

function emptyCollection<R extends Row>(): Collection<R> {
  return { byId: new Map(), byName: new Map(), nextSeq: 0, revision: 0 };
}

/** A value that no earlier load has had. */
export function newEpoch(): string {
  return randomBytes(6).toString("hex");
}

/** What names and addresses are compared by. */
export function foldName(name: string): string {
  return name.normalize("NFC").trim().toLowerCase();
}

/** The ETag of a row, quotes included. */
export function etagOf(row: Row): string {
  return `"${row.id}-${row.version}"`;
}

/** An id in the vendor's manner, made from the number of changes: the same writes give the same ids. */
export function newId(store: Store, kind: string): string {
  for (let salt = 0; ; salt++) {
    const digest = createHash("sha256").update(`${kind} ${store.changes} ${salt}`).digest();
    const id = [...digest.subarray(0, 10)].map((byte) => ALPHABET[byte % ALPHABET.length]).join("");
    if (!store.roles.byId.has(id) && !store.groups.byId.has(id) && !store.members.byId.has(id)) return id;
  }
}

const ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

/**
 * The one door of every effective write: hooks, then the effect, then its audit entries and its record, then hooks.
 * `apply` must not fail: everything that can be refused has been refused before.
 */
export function commit(store: Store, write: Write, effects: readonly Effect[], apply: () => void): void {
  const n = ++store.writeCount;
  for (const hook of store.hooks) hook(n, "before");
  store.changes++;
  apply();
  const time = new Date(store.now()).toISOString();
  for (const [index, effect] of effects.entries())
    store.audit.push({ id: `${store.changes}.${index}`, time, actor: write.actor, ...effect });
  pruneAudit(store);
  store.writes.push({
    n,
    operation: write.operation,
    actor: write.actor,
    idempotencyKey: write.idempotencyKey ?? null,
    effects,
  });
  if (store.writes.length > MAX_WRITE_RECORDS) store.writes = store.writes.slice(-MAX_WRITE_RECORDS / 2);
  store.onChange();
  for (const hook of store.hooks) hook(n, "after");
}

function pruneAudit(store: Store): void {
  const oldest = store.audit[0];
  if (!oldest) return;
  const horizon = store.now() - AUDIT_DAYS_MS;
  const tooMany = store.audit.length > MAX_AUDIT_ENTRIES;
  if (!tooMany && Date.parse(oldest.time) >= horizon) return;
  const kept = store.audit.filter((entry) => Date.parse(entry.time) >= horizon);
  store.audit = kept.slice(-MAX_AUDIT_ENTRIES * 0.9);
}

/** Marks a row as changed by the write under way. */
export function touchRow<R extends Row>(store: Store, collection: Collection<R>, row: R): void {
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
