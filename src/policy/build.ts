// YAML events to plain JSON values with a mark for every node, in one pass. Scalars follow the core schema of YAML 1.2
// (`yes` and 2027-01-31 are text). What policy files have no use for (anchors, tags, directives, keys that are not
// text) is refused with a finding; nothing is thrown.
import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from "js-yaml";
import { countMarks, type Json, placeAt } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { placeIn } from "./text.ts";

/** A stretch of a file's text that was parsed on its own, and where it stands in the file. */
export interface Stretch {
  readonly file: string;
  readonly text: string;
  /** Offset of the stretch in the file. */
  readonly base: number;
  /** Line starts of the whole file. */
  readonly lineStarts: readonly number[];
}

export interface RawDocument {
  readonly value: Json;
  /** As in `PolicyDocument`. */
  readonly marks: number[];
  /** Nothing stands between its separators. */
  readonly empty: boolean;
}

type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
type NodeEvent = Exclude<Event, { type: typeof EVENT_ID.DOCUMENT } | { type: typeof EVENT_ID.POP }>;

/** The documents of a stretch's events. Findings go to `report`, each with its place. */
export function buildDocuments(
  events: readonly Event[],
  stretch: Stretch,
  report: (finding: Finding) => void,
): RawDocument[] {
  return new Builder(events, stretch, report).documents();
}

// A class for the sake of speed: one object holds the cursor of the walk and of the lines.
class Builder {
  private index = 0;
  private line = 0;
  private marks: number[] = [];
  private separators: number[] | undefined;
  private readonly events: readonly Event[];
  private readonly stretch: Stretch;
  private readonly report: (finding: Finding) => void;

  constructor(events: readonly Event[], stretch: Stretch, report: (finding: Finding) => void) {
    this.events = events;
    this.stretch = stretch;
    this.report = report;
  }

  documents(): RawDocument[] {
    const documents: RawDocument[] = [];
    while (this.index < this.events.length) {
      const event = this.events[this.index++];
      if (event?.type !== EVENT_ID.DOCUMENT) continue;
      this.marks = [];
      const root = this.events[this.index];
      const empty = root?.type === EVENT_ID.SCALAR && root.valueStart === -1;
      const start = this.startOf(root) ?? this.offsetAfter(documents.length);
      const value = this.node(start);
      if (event.directives.length > 0) {
        const before = this.stretch.text.slice(0, start);
        const at = before.startsWith("%") ? 0 : before.search(/(?<=[\r\n])%/);
        this.refuse("yaml-directive", "YAML directives (%) are not read", Math.max(0, at), "Remove the line.");
      }
      documents.push({ value, marks: this.marks, empty });
    }
    return documents;
  }

  /** The value at the cursor; `fallback` is where it stands when it is empty. */
  private node(fallback: number): Json {
    const event = this.events[this.index++] as NodeEvent;
    if (event.type === EVENT_ID.ALIAS) {
      this.mark(event.anchorStart - 1);
      return null;
    }
    if (event.anchorStart !== -1)
      this.refuse(
        "yaml-anchor",
        "Anchors (&) are not read",
        event.anchorStart - 1,
        "Write the value out wherever it is meant.",
      );
    if (event.tagStart !== -1)
      this.refuse("yaml-tag", "Tags (!) are not read", event.tagStart, "Remove the tag; quotes make a value text.");
    if (event.type === EVENT_ID.SCALAR) return this.scalar(event, fallback);
    this.mark(event.start);
    return event.type === EVENT_ID.SEQUENCE ? this.sequence(event.start) : this.mapping();
  }

  private scalar(event: ScalarEvent, fallback: number): Json {
    const start = event.valueStart;
    if (start === -1) {
      this.mark(fallback);
      return null;
    }
    if (event.style === SCALAR_STYLE.PLAIN) {
      this.mark(start);
      return resolvePlain(getScalarValue(this.stretch.text, event));
    }
    // A block's text starts on the line after its key: point at the key.
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    this.mark(quoted ? start - 1 : fallback);
    return getScalarValue(this.stretch.text, event);
  }

  private sequence(start: number): Json[] {
    const items: Json[] = [];
    let fallback = start;
    for (let next = this.events[this.index]; next && next.type !== EVENT_ID.POP; next = this.events[this.index]) {
      fallback = this.startOf(next) ?? fallback;
      if (this.skipAlias(next)) continue;
      items.push(this.node(fallback));
    }
    this.index++;
    return items;
  }

  private mapping(): { [key: string]: Json } {
    const value: { [key: string]: Json } = {};
    const start = this.marks.length - 2;
    let numeric: string[] | undefined;
    for (let next = this.events[this.index]; next && next.type !== EVENT_ID.POP; next = this.events[this.index]) {
      const length = this.marks.length;
      const at = this.startOf(next) ?? this.offsetOfMark(length - 2);
      const key = this.key(next, at);
      if (key === undefined || Object.hasOwn(value, key)) {
        if (key !== undefined) this.duplicate(key, at, value, start);
        this.node(at);
        this.marks.length = length;
        continue;
      }
      if (this.skipAlias(this.events[this.index])) continue;
      // Object.keys puts keys that look like array indexes first: note the order they are written in.
      if (numeric === undefined && isIndex(key)) numeric = Object.keys(value);
      numeric?.push(key);
      this.mark(at);
      value[key] = this.node(at);
    }
    this.index++;
    if (numeric) this.reorder(value, numeric, start + 2);
    return value;
  }

  /** Moves past an alias, with a finding. It stands for nothing, so that nothing more is said about it. */
  private skipAlias(event: Event | undefined): boolean {
    if (event?.type !== EVENT_ID.ALIAS) return false;
    this.index++;
    this.refuse("yaml-alias", "Aliases (*) are not read", event.anchorStart - 1, "Write the value out.");
    return true;
  }

  /** A mapping's key, or undefined (with a finding) when it cannot be one. Moves past it, leaving no marks. */
  private key(event: Event, at: number): string | undefined {
    if (event.type !== EVENT_ID.SCALAR) {
      const length = this.marks.length;
      this.node(at);
      this.marks.length = length;
      const what = event.type === EVENT_ID.ALIAS ? "An alias" : "A list or mapping";
      this.refuse("invalid-key", `${what} cannot be a key`, at);
      return undefined;
    }
    this.index++;
    if (event.anchorStart !== -1) this.refuse("yaml-anchor", "Anchors (&) are not read", event.anchorStart - 1);
    if (event.tagStart !== -1) this.refuse("yaml-tag", "Tags (!) are not read", event.tagStart);
    const key = getScalarValue(this.stretch.text, event);
    if (key === "") this.refuse("invalid-key", "A key is empty", at, "Write key: value.");
    else if (key === "__proto__") this.refuse("invalid-key", '"__proto__" cannot be a key', at);
    else return key;
    return undefined;
  }

  private duplicate(key: string, at: number, value: { readonly [key: string]: Json }, start: number): void {
    let mark = start / 2 + 1;
    for (const [other, item] of Object.entries(value)) {
      if (other === key) break;
      mark += 1 + countMarks(item);
    }
    const first = placeAt({ file: "", kind: "", value: {}, marks: this.marks }, mark);
    const message = `Key "${key}" is given twice; first on line ${first.line}, column ${first.column}`;
    this.refuse("duplicate-key", message, at, "Keep one of them.");
  }

  /** Puts the marks of a mapping's entries into the order of Object.keys. */
  private reorder(value: { readonly [key: string]: Json }, written: readonly string[], start: number): void {
    const entries = new Map<string, number[]>();
    let from = start;
    for (const key of written) {
      const to = from + 2 * (1 + countMarks(value[key] ?? null));
      entries.set(key, this.marks.slice(from, to));
      from = to;
    }
    this.marks.length = start;
    for (const key of Object.keys(value)) for (const mark of entries.get(key) ?? []) this.marks.push(mark);
  }

  private startOf(event: Event | undefined): number | undefined {
    if (!event || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return undefined;
    if (event.type === EVENT_ID.ALIAS) return event.anchorStart - 1;
    if (event.type !== EVENT_ID.SCALAR) return event.start;
    if (event.valueStart === -1) return undefined;
    const quoted = event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
    return quoted ? event.valueStart - 1 : event.valueStart;
  }

  /** Where an empty document stands: after the n-th line that separates documents. */
  private offsetAfter(count: number): number {
    if (!this.separators) {
      const { text } = this.stretch;
      this.separators = [...text.matchAll(/^---(?=\s|$)/gm)].map((match) => match.index);
      // A separator before anything else begins the first document and divides nothing.
      const before = text.slice(0, this.separators[0] ?? 0).replace(/^[ \t]*#.*$/gm, "");
      if (this.separators.length === 0 || before.trim() !== "") this.separators.unshift(0);
    }
    return this.separators[count] ?? 0;
  }

  /** Adds the mark of an offset. Offsets come almost in order, so the line is near the last one. */
  private mark(offset: number): void {
    const starts = this.stretch.lineStarts;
    const at = offset + this.stretch.base;
    let line = this.line;
    while (line + 1 < starts.length && (starts[line + 1] as number) <= at) line++;
    while (line > 0 && (starts[line] as number) > at) line--;
    this.line = line;
    this.marks.push(line + 1, at - (starts[line] as number) + 1);
  }

  private offsetOfMark(index: number): number {
    const line = this.stretch.lineStarts[(this.marks[index] ?? 1) - 1] ?? 0;
    return line + (this.marks[index + 1] ?? 1) - 1 - this.stretch.base;
  }

  private refuse(code: string, message: string, offset: number, hint?: string): void {
    const place = placeIn(this.stretch.file, this.stretch.lineStarts, offset + this.stretch.base);
    this.report({ severity: "error", code, message, place, ...(hint === undefined ? {} : { hint }) });
  }
}

const NUMBER = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const RADIX = /^0(?:o[0-7]+|x[0-9a-fA-F]+)$/;
const WORDS: ReadonlyMap<string, null | boolean | number> = new Map<string, null | boolean | number>([
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Number.POSITIVE_INFINITY] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, Number.NEGATIVE_INFINITY] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, Number.NaN] as const),
]);

/** What a plain scalar means in the core schema of YAML 1.2. */
export function resolvePlain(text: string): string | number | boolean | null {
  const first = text.charCodeAt(0);
  // Digits, signs and the dot may begin a number.
  if ((first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46) {
    if (NUMBER.test(text)) return Number(text);
    if (first === 48 && RADIX.test(text)) return Number(text);
  }
  if (text.length > 5) return text;
  const word = WORDS.get(text);
  return word === undefined ? text : word;
}

/** Whether an object lists this key before all others. */
function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 && /^(?:0|[1-9][0-9]{0,9})$/.test(key);
}
