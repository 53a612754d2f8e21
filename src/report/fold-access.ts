// One group's access changes as few rows: resources and scopes that move alike, through the same paths, share
// a row. It refuses to lose anything: every resource and scope that went in is named in a row.
import type { AccessChange, AccessGroup, Path } from "../model/grant.ts";

/** `+` more, `-` less, `~` moved between levels of which neither includes the other. */
export type Sign = "+" | "-" | "~";

/** The place of a level in its resource's ladder, as `Platform.rankOf`. */
export type RankOf = (resource: string, level: string) => number;

export interface AccessRow {
  readonly sign: Sign;
  /** Sorted; never empty. */
  readonly resources: readonly string[];
  readonly before: string | null;
  readonly after: string | null;
  /** Sorted; never empty. */
  readonly scopes: readonly string[];
  readonly via: readonly Path[];
}

/**
 * Rows that share their paths stand together; otherwise in order of their first resource. Without `rankOf`, a move
 * between two levels in a group that both gains and loses gets the sign `~`.
 */
export function foldAccess(group: AccessGroup, rankOf?: RankOf): AccessRow[] {
  const perResource = merge(
    group.changes.map((change): AccessRow => rowOf(change, signOf(change, group, rankOf))),
    (row) => JSON.stringify([row.resources, row.before, row.after, row.via]),
    (row, other) => ({ ...row, scopes: [...row.scopes, ...other.scopes] }),
  );
  const rows = merge(
    perResource,
    (row) => JSON.stringify([row.sign, row.before, row.after, row.scopes, row.via]),
    (row, other) => ({ ...row, resources: [...row.resources, ...other.resources] }),
  );
  const blocks = new Map<string, AccessRow[]>();
  for (const row of rows) {
    const key = JSON.stringify([row.after === null, row.via]);
    blocks.set(key, [...(blocks.get(key) ?? []), row]);
  }
  return [...blocks.values()].flat();
}

function rowOf({ resource, before, after, scope, via }: AccessChange, sign: Sign): AccessRow {
  return { sign, resources: [resource], before, after, scopes: [scope], via };
}

function signOf({ resource, before, after }: AccessChange, group: AccessGroup, rankOf: RankOf | undefined): Sign {
  if (before === null) return "+";
  if (after === null) return "-";
  if (group.gains !== group.loses) return group.gains ? "+" : "-";
  const rise = rankOf ? rankOf(resource, after) - rankOf(resource, before) : 0;
  return rise > 0 ? "+" : rise < 0 ? "-" : "~";
}

/** Items of one key as one, in the order in which each key came first. */
export function merge<T>(items: readonly T[], keyOf: (item: T) => string, join: (item: T, other: T) => T): T[] {
  const merged = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    const known = merged.get(key);
    merged.set(key, known === undefined ? item : join(known, item));
  }
  return [...merged.values()];
}
