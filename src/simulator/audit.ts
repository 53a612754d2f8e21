// The audit log as it is read: the last seven days, newest first, one environment's entries and the whole organization's.
import { seal, unseal } from "./pages.ts";
import { Problem } from "./problems.ts";
import type { AuditEntry } from "./records.ts";
import { AUDIT_DAYS_MS, type Store } from "./store.ts";

export interface AuditQuery {
  readonly environmentId: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of the log. New entries come first and never move what an older cursor points at. 400 for a cursor of another log. */
export function auditPage(
  store: Store,
  secret: Buffer,
  query: AuditQuery,
): { readonly data: readonly AuditEntry[]; readonly cursor: string | null } {
  const { environmentId, limit } = query;
  const horizon = store.now() - AUDIT_DAYS_MS;
  const data: AuditEntry[] = [];
  let index =
    query.cursor === undefined ? store.audit.length - 1 : indexBefore(store, secret, environmentId, query.cursor);
  for (; index >= 0 && data.length < limit; index--) {
    const entry = store.audit[index];
    if (!entry || Date.parse(entry.time) < horizon) break;
    if (entry.environmentId === null || entry.environmentId === environmentId) data.push(entry);
  }
  const last = data[data.length - 1];
  const more = data.length === limit && hasOlder(store, index, horizon, environmentId);
  return { data, cursor: last && more ? seal(secret, JSON.stringify([store.epoch, environmentId, last.id])) : null };
}

function hasOlder(store: Store, start: number, horizon: number, environmentId: string): boolean {
  for (let index = start; index >= 0; index--) {
    const entry = store.audit[index];
    if (!entry || Date.parse(entry.time) < horizon) return false;
    if (entry.environmentId === null || entry.environmentId === environmentId) return true;
  }
  return false;
}

function indexBefore(store: Store, secret: Buffer, environmentId: string, cursor: string): number {
  const text = unseal(secret, cursor);
  const [epoch, environment, lastId] = text === undefined ? [] : (JSON.parse(text) as readonly string[]);
  if (epoch !== store.epoch || environment !== environmentId || lastId === undefined)
    throw new Problem("bad-cursor", "The cursor belongs to another listing, or to none.");
  // Entries that were pruned since leave nothing older to show.
  return store.audit.findIndex((entry) => entry.id === lastId) - 1;
}
