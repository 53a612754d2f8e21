// A whole read of several collections at once: who reads what, how far it is, and what is doubtful about it in words.
// Knows no platform's rows.
import type { Progress } from "../../model/driver.ts";
import type { Finding } from "../../model/finding.ts";
import { inconsistent } from "../rules/rows.ts";
import { type CollectionSource, readCollection, type Sink } from "./pages.ts";

/** Reads collections side by side. */
export interface CollectionReader {
  /** Reads one whole; `ready` is awaited before the later pages of a large one. */
  readonly read: <Row, S extends Sink<Row>>(
    name: string,
    fetchPage: CollectionSource<Row, S>["fetchPage"],
    newSink: () => S,
    ready?: Promise<unknown>,
  ) => Promise<S>;
  /** What was doubtful so far, in the order of `names`. */
  readonly doubts: () => Finding[];
}

/** `names` are all collections that will be read: until each has told its total, the whole is unknown. */
export function readCollections(
  names: readonly string[],
  connections: number,
  progress: Progress | undefined,
): CollectionReader {
  const count = countRows(progress, names);
  const doubts = new Map<string, readonly Finding[]>();
  return {
    read: async (name, fetchPage, newSink, ready = Promise.resolve()) => {
      const onRows = (rows: number, total: number) => count(name, rows, total);
      const read = await readCollection({ fetchPage, newSink, ready, connections, onRows });
      doubts.set(
        name,
        read.doubts.map(({ code, about }) => inconsistent(`The platform's list of ${name} ${about}`, undefined, code)),
      );
      return read.sink;
    },
    doubts: () => names.flatMap((name) => doubts.get(name) ?? []),
  };
}

/** Adds up the rows of all collections; the total is unknown until every collection has told its own. */
function countRows(progress: Progress | undefined, names: readonly string[]) {
  const counts = new Map<string, { readonly rows: number; readonly total: number }>();
  return (name: string, rows: number, total: number): void => {
    counts.set(name, { rows, total });
    const all = [...counts.values()];
    const sum = (of: "rows" | "total") => all.reduce((left, right) => left + right[of], 0);
    progress?.(sum("rows"), counts.size === names.length ? sum("total") : undefined);
  };
}
