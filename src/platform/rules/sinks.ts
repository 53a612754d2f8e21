// Sinks that keep what is needed of a platform's rows by their ids, each once. Pure; they know no platform's rows.
import type { Entity } from "../../model/entity.ts";

/** Id -> entity, in the order of arrival. */
export type ById = ReadonlyMap<string, Entity>;

/** A sink for rows with an id. */
export interface KeepingSink<Row, Kept> {
  /** False for a row it has already. */
  readonly add: (row: Row) => boolean;
  readonly byId: ReadonlyMap<string, Kept>;
}

/** Keeps what `keep` makes of each row, by id; a row with an id it has already changes nothing. */
export function sinkOf<Row extends { readonly id: string }, Kept>(keep: (row: Row) => Kept): KeepingSink<Row, Kept> {
  const byId = new Map<string, Kept>();
  return {
    byId,
    add: (row) => {
      if (byId.has(row.id)) return false;
      byId.set(row.id, keep(row));
      return true;
    },
  };
}

/** Keeps rows that two ids tell apart. */
export function pairSink<Row>(idsOf: (row: Row) => readonly [string, string]): {
  readonly add: (row: Row) => boolean;
  readonly rows: readonly Row[];
} {
  const seen = new Map<string, Set<string>>();
  const rows: Row[] = [];
  return {
    rows,
    add: (row) => {
      const [first, second] = idsOf(row);
      const known = seen.get(first);
      if (known?.has(second)) return false;
      if (known) known.add(second);
      else seen.set(first, new Set([second]));
      rows.push(row);
      return true;
    },
  };
}
