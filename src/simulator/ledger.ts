// What every simulated platform writes through: the one door of effective writes (`commit`), with its hooks, its record and
// its audit log, and the answers kept for repetitions. Knows no rows and no rules of any platform.
import { randomBytes } from "node:crypto";
import type { Actor, AuditEntry, Effect, KeptAnswer } from "./records.ts";

/** Who writes, through which operation. */
export interface Write {
  readonly actor: Actor;
  readonly operation: string;
  readonly idempotencyKey?: string;
}

/** An effective write, in the order they happened. */
export interface WriteRecord {
  /** From 1, over every platform of the simulator. */
  readonly n: number;
  readonly operation: string;
  readonly actor: Actor;
  readonly idempotencyKey: string | null;
  readonly effects: readonly Effect[];
}

export type WritePhase = "before" | "after";

/** Called right before and right after the n-th effective write takes effect; before its answer is sent. */
export type WriteHook = (n: number, phase: WritePhase) => void;

/** The writes of every platform of a simulator, counted as one. */
export interface WriteLog {
  /** The latest writes, oldest first. */
  writes: WriteRecord[];
  /** How many writes there have been since the counters were reset. */
  count: number;
  readonly hooks: Set<WriteHook>;
}

export interface Ledger<E extends Effect = Effect> {
  /** Oldest first. */
  audit: AuditEntry<E>[];
  /** `client key` -> what was answered; oldest first. */
  readonly keptAnswers: Map<string, KeptAnswer>;
  /** How many changes there have been, over all loads; ETags are counted with it. */
  changes: number;
  /** New with every load, so that cursors and revisions of another load are never taken for this one's. */
  epoch: string;
  /** Grows when something is told of a row that is no change of it; no answer shows it. */
  factsRevision: number;
  readonly log: WriteLog;
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

export function createWriteLog(): WriteLog {
  return { writes: [], count: 0, hooks: new Set() };
}

/** A ledger in which nothing has been written yet. */
export function createLedger<E extends Effect>(now: () => number, log: WriteLog): Ledger<E> {
  return {
    audit: [],
    keptAnswers: new Map(),
    changes: 0,
    epoch: newEpoch(),
    factsRevision: 0,
    log,
    now,
    onChange: () => undefined,
  };
}

/** A value that no earlier load has had. */
export function newEpoch(): string {
  return randomBytes(6).toString("hex");
}

/**
 * The one door of every effective write: hooks, then the effect, then its audit entries and its record, then hooks.
 * `apply` must not fail: everything that can be refused has been refused before.
 */
export function commit<E extends Effect>(
  ledger: Ledger<E>,
  write: Write,
  effects: readonly E[],
  apply: () => void,
): void {
  const { log } = ledger;
  const n = ++log.count;
  for (const hook of log.hooks) hook(n, "before");
  ledger.changes++;
  apply();
  const time = new Date(ledger.now()).toISOString();
  for (const [index, effect] of effects.entries())
    ledger.audit.push({ id: `${ledger.changes}.${index}`, time, actor: write.actor, ...effect });
  pruneAudit(ledger);
  const { actor, operation, idempotencyKey = null } = write;
  log.writes.push({ n, operation, actor, idempotencyKey, effects });
  if (log.writes.length > MAX_WRITE_RECORDS) log.writes = log.writes.slice(-MAX_WRITE_RECORDS / 2);
  ledger.onChange();
  for (const hook of log.hooks) hook(n, "after");
}

function pruneAudit(ledger: Pick<Ledger, "audit" | "now">): void {
  const oldest = ledger.audit[0];
  if (!oldest) return;
  const horizon = ledger.now() - AUDIT_DAYS_MS;
  const tooMany = ledger.audit.length > MAX_AUDIT_ENTRIES;
  if (!tooMany && Date.parse(oldest.time) >= horizon) return;
  const kept = ledger.audit.filter((entry) => Date.parse(entry.time) >= horizon);
  ledger.audit = kept.slice(-MAX_AUDIT_ENTRIES * 0.9);
}
