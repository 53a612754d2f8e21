// How much of a plan goes into a comment: from rich to bare, so that one of them fits. What is left out is
// counted by the functions here. It refuses to know what is left out.
import type { Plan } from "../model/plan.ts";
import { NAME_LENGTH } from "./escape.ts";
import type { RankOf } from "./fold-access.ts";
import { type Block, code, type Phrase, paragraph, phrase, prose } from "./markdown.ts";
import { counted, folded, grouped, type KnownScopes } from "./phrase.ts";

export interface PlanMarkdownOptions extends KnownScopes {
  /** `Platform.rankOf`. */
  readonly rankOf?: RankOf;
  /** The most characters (UTF-16 units), at least 2,500. GitHub takes about 65,000. */
  readonly limit?: number;
  /** Where the whole plan is; by default the command that shows it. */
  readonly whole?: string;
  /** Arguments the plan was made with that its apply needs as well (`--overwrite KEY`). */
  readonly rerun?: readonly string[];
  /** Who must agree to a weakening of which the base names no owners; by default anybody may. */
  readonly unowned?: string;
}

/** How much of each part is shown. */
export interface Detail {
  /** Rows of the people table. */
  readonly rows: number;
  /** Names before "and 12 more". */
  readonly names: number;
  /** Lines of changes. */
  readonly lines: number;
  /** Entries of every other list. */
  readonly entries: number;
  /** Characters of a name; a message has twice as many. */
  readonly length: number;
}

/** From rich to bare. The last one has an upper bound below the lowest limit, whatever the names are. */
export const DETAILS: readonly Detail[] = [
  { rows: 200, names: 5, lines: 600, entries: 100, length: NAME_LENGTH },
  { rows: 100, names: 3, lines: 300, entries: 50, length: NAME_LENGTH },
  { rows: 50, names: 3, lines: 120, entries: 25, length: NAME_LENGTH },
  { rows: 20, names: 2, lines: 50, entries: 10, length: 80 },
  { rows: 8, names: 1, lines: 15, entries: 5, length: 60 },
  { rows: 3, names: 1, lines: 0, entries: 2, length: 50 },
  { rows: 0, names: 0, lines: 0, entries: 0, length: 40 },
];

/** Nothing is left out; names and messages are clipped all the same. */
export const WHOLE: Detail = {
  rows: Number.POSITIVE_INFINITY,
  names: Number.POSITIVE_INFINITY,
  lines: Number.POSITIVE_INFINITY,
  entries: Number.POSITIVE_INFINITY,
  length: NAME_LENGTH,
};

/** How much is written, and what is left out. */
export interface Folding {
  readonly detail: Detail;
  /** What was not shown in full, to be said at the end. */
  readonly folded: Set<string>;
}

/** A comment being written. */
export interface Writing extends Folding {
  readonly plan: Plan;
  readonly options: PlanMarkdownOptions;
}

/** Notes that something is not shown. */
export function fold({ folded }: Folding, what: string): string {
  folded.add(what);
  return `… ${what}.`;
}

/** Addresses, the first few, and how many there are. */
export function names(writing: Writing, members: readonly string[]): Phrase {
  const { detail } = writing;
  const shown = members.slice(0, detail.names);
  const codes = shown.flatMap((name, index) => [...(index > 0 ? prose(", ") : []), code(name, detail.length)]);
  if (shown.length === members.length) return codes;
  writing.folded.add("people");
  const rest = ` and ${grouped(members.length - shown.length)} more (${counted(members.length, "person", "people")})`;
  return phrase(codes, rest);
}

/** Names of waivers or owners: as many as `some` shows, each exactly as it is. */
export function codes(writing: Folding, all: readonly string[]): Phrase {
  const { detail } = writing;
  const shown = all.length <= detail.names + 1 ? all : all.slice(0, detail.names);
  const spans = shown.flatMap((name, index) => [...(index > 0 ? prose(", ") : []), code(name, detail.length)]);
  const rest = all.length - shown.length;
  if (rest === 0) return spans;
  writing.folded.add("names");
  return phrase(spans, shown.length === 0 ? grouped(rest) : ` and ${grouped(rest)} more`);
}

export function some(writing: Writing, items: readonly string[]): string {
  if (items.length > writing.detail.names + 1) writing.folded.add("names");
  return folded(items, writing.detail.names, (item) => item);
}

/** Prose of at most so many names' length. */
export function words({ detail }: Folding, text: string, times: number): Phrase {
  return prose(text, detail.length * times);
}

/** The first entries, and a line for the others. */
export function entriesOf<T>(
  writing: Folding,
  items: readonly T[],
  one: string,
  many?: string,
): { shown: readonly T[]; more: Block[] } {
  const shown = items.slice(0, writing.detail.entries);
  const rest = items.length - shown.length;
  return { shown, more: rest === 0 ? [] : [paragraph(fold(writing, `and ${counted(rest, one, many)}`))] };
}
