// Tables of numbers in which nothing stands twice: records become columns, lists become spans, texts become numbers.
import type { Column, PackedLists } from "../model/review-page.ts";
import { escapeTerminal, MESSAGE_LENGTH, NAME_LENGTH } from "./escape.ts";

/** How a record becomes a number in each column. */
export type Cells<T, K extends string> = Readonly<Record<K, (record: T) => number>>;

export function packColumns<T, K extends string>(records: readonly T[], cells: Cells<T, K>): Record<K, Column> {
  const names = Object.keys(cells) as K[];
  return Object.fromEntries(names.map((name) => [name, records.map(cells[name])])) as unknown as Record<K, Column>;
}

/** A table that takes in records as they turn up, each once, and says at which index. */
export interface Table<T, K extends string> {
  readonly indexOf: (record: T) => number;
  readonly columns: Readonly<Record<K, Column>>;
}

export function openTable<T extends object, K extends string>(cells: Cells<T, K>): Table<T, K> {
  const names = Object.keys(cells) as K[];
  const columns = names.map((): number[] => []);
  const seen = new Map<T, number>();
  const known = new Map<string, number>();
  return {
    columns: Object.fromEntries(names.map((name, at) => [name, columns[at]])) as unknown as Record<K, Column>,
    indexOf: (record) => {
      const before = seen.get(record);
      if (before !== undefined) return before;
      const values = names.map((name) => cells[name](record));
      const index = internAt(known, values.join(), () => {
        for (const [at, value] of values.entries()) columns[at]?.push(value);
      });
      seen.set(record, index);
      return index;
    },
  };
}

export interface Lists {
  readonly indexOf: (items: readonly number[]) => number;
  readonly packed: PackedLists;
}

export function openLists(): Lists {
  const [starts, items]: [number[], number[]] = [[0], []];
  const known = new Map<string, number>();
  return {
    packed: { starts, items },
    indexOf: (list) =>
      internAt(known, list.join(), () => {
        for (const item of list) items.push(item);
        starts.push(items.length);
      }),
  };
}

export interface Texts {
  /** A name or an address, cut where it gets too long to be one. */
  readonly name: (text: string) => number;
  /** A sentence or a path. */
  readonly message: (text: string) => number;
  /** Safe to show. */
  readonly packed: readonly string[];
}

export function openTexts(): Texts {
  const packed: string[] = [];
  const taking = (maximum: number) => {
    const known = new Map<string, number>();
    return (text: string) => {
      const before = known.get(text);
      if (before !== undefined) return before;
      known.set(text, packed.length);
      return packed.push(escapeTerminal(text, maximum)) - 1;
    };
  };
  return { name: taking(NAME_LENGTH), message: taking(MESSAGE_LENGTH), packed };
}

function internAt(known: Map<string, number>, key: string, add: () => void): number {
  const before = known.get(key);
  if (before !== undefined) return before;
  const index = known.size;
  known.set(key, index);
  add();
  return index;
}
