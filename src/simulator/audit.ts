// The audit log as it is read: the last seven days, newest first, one place's entries and what belongs to no place.
import { AUDIT_DAYS_MS, type Ledger } from "./ledger.ts";
import { seal, unseal } from "./pages.ts";
import { Problem } from "./problems.ts";
import type { AuditEntry, Effect } from "./records.ts";

export interface AuditQuery<E extends Effect> {
  /** Names the listing; a cursor of another one is refused. */
  readonly listing: string;
  /** Which entries are in it. */
  readonly has: (entry: AuditEntry<E>) => boolean;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of the log. New entries come first and never move what an older cursor points at. 400 for a cursor of another log. */
export function auditPage<E extends Effect>(
  ledger: Ledger<E>,
  secret: Buffer,
  { listing, has, limit, cursor }: AuditQuery<E>,
): { readonly data: readonly AuditEntry<E>[]; readonly cursor: string | null } {
  const horizon = ledger.now() - AUDIT_DAYS_MS;
  const data: AuditEntry<E>[] = [];
  let index = cursor === undefined ? ledger.audit.length - 1 : indexBefore(ledger, secret, listing, cursor);
  for (; index >= 0 && data.length < limit; index--) {
    const entry = ledger.audit[index];
    if (!entry || Date.parse(entry.time) < horizon) break;
    if (has(entry)) data.push(entry);
  }
  const last = data[data.length - 1];
  const more = data.length === limit && hasOlder(ledger, index, horizon, has);
  return { data, cursor: last && more ? seal(secret, JSON.stringify([ledger.epoch, listing, last.id])) : null };
}

function hasOlder<E extends Effect>(
  ledger: Ledger<E>,
  start: number,
  horizon: number,
  has: AuditQuery<E>["has"],
): boolean {
  for (let index = start; index >= 0; index--) {
    const entry = ledger.audit[index];
    if (!entry || Date.parse(entry.time) < horizon) return false;
    if (has(entry)) return true;
  }
  return false;
}

function indexBefore(ledger: Ledger, secret: Buffer, listing: string, cursor: string): number {
  const text = unseal(secret, cursor);
  const [epoch, of, lastId] = text === undefined ? [] : (JSON.parse(text) as readonly string[]);
  if (epoch !== ledger.epoch || of !== listing || lastId === undefined)
    throw new Problem("bad-cursor", "The cursor belongs to another listing, or to none.");
  // Entries that were pruned since leave nothing older to show.
  return ledger.audit.findIndex((entry) => entry.id === lastId) - 1;
}
