// A file's text as trees in which every node knows where it begins and ends: what splices are computed from. It reads
// whatever YAML there is and judges nothing; what is too odd to edit is marked so. Offsets are UTF-16 units of the text.
import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from "js-yaml";
import type { Json } from "../model/document.ts";
import { resolvePlain } from "./build.ts";

interface Span {
  readonly start: number;
  /** Of a block's text without the line breaks that end it. */
  readonly end: number;
}

export interface SourceScalar extends Span {
  readonly type: "scalar";
  readonly value: string | number | boolean | null;
  readonly style: "none" | "plain" | "single" | "double" | "block";
}

export interface SourceCollection extends Span {
  readonly type: "list" | "map";
  readonly isFlow: boolean;
  readonly entries: readonly SourceEntry[];
}

/** An alias, or a node with an anchor or a tag. */
export interface SourceOdd extends Span {
  readonly type: "odd";
}

export type SourceNode = SourceScalar | SourceCollection | SourceOdd;

export interface SourceEntry {
  /** Undefined in a list, and for what is no plain key. */
  readonly key: string | undefined;
  /** Where it begins: its dash, its key, or in a flow list its value. */
  readonly lead: number;
  /** After the dash or the colon (where the value may begin), or the lead of a flow list's item. */
  readonly after: number;
  readonly value: SourceNode;
}

export interface SourceDocument {
  /** Offset of its `---`, when it has one. */
  readonly marker: number | undefined;
  readonly hasDirectives: boolean;
  readonly root: SourceNode;
}

/** The documents of a text, from its events. */
export function readSource(text: string, events: readonly Event[]): SourceDocument[] {
  return new Reader(text, events).read();
}

/** Whether a document separator of this sort stands at the start of a line. */
export function isMarkerAt(text: string, offset: number, marker: "---" | "..."): boolean {
  return text.startsWith(marker, offset) && /^\s?$/.test(text.charAt(offset + 3));
}

/** The plain value of a node; what is odd counts as null. */
export function plainOf(node: SourceNode): Json {
  if (node.type === "scalar") return node.value;
  if (node.type === "odd") return null;
  if (node.type === "list") return node.entries.map(({ value }) => plainOf(value));
  return Object.fromEntries(node.entries.map(({ key, value }) => [key ?? "", plainOf(value)]));
}

type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
type CollectionEvent = Extract<Event, { type: typeof EVENT_ID.SEQUENCE } | { type: typeof EVENT_ID.MAPPING }>;

// A class: one cursor over events and one over the text, which every step moves.
class Reader {
  private index = 0;
  private position = 0;
  private readonly text: string;
  private readonly events: readonly Event[];

  constructor(text: string, events: readonly Event[]) {
    this.text = text;
    this.events = events;
  }

  read(): SourceDocument[] {
    const documents: SourceDocument[] = [];
    for (;;) {
      const event = this.events[this.index++];
      if (!event) return documents;
      if (event.type !== EVENT_ID.DOCUMENT) continue;
      const marker = event.explicitStart ? this.nextMarker() : undefined;
      if (marker !== undefined) this.position = marker + 3;
      else this.skipEnd();
      const root = this.node(this.position);
      documents.push({ marker, hasDirectives: event.directives.length > 0, root });
    }
  }

  private nextMarker(): number | undefined {
    const { text } = this;
    let at = this.position;
    for (;;) {
      const isLineStart = at === 0 || text[at - 1] === "\n" || text[at - 1] === "\r";
      if (isLineStart && isMarkerAt(text, at, "---")) return at;
      const next = text.slice(at).search(/[\r\n]/);
      if (next === -1) return undefined;
      at += next + 1;
    }
  }

  /** A document without a marker of its own may follow the end of another. */
  private skipEnd(): void {
    const end = this.skipBlank(this.position);
    if (isMarkerAt(this.text, end, "...")) this.position = end + 3;
  }

  /** The value at the cursor, which begins at `after` or later. */
  private node(after: number): SourceNode {
    const event = this.events[this.index++];
    if (!event || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP)
      return { type: "odd", start: after, end: after };
    if (event.type === EVENT_ID.ALIAS) {
      this.position = event.anchorEnd;
      return { type: "odd", start: event.anchorStart - 1, end: event.anchorEnd };
    }
    const isOdd = event.anchorStart !== -1 || event.tagStart !== -1;
    if (isOdd) this.position = Math.max(this.position, event.anchorEnd, event.tagEnd);
    const node = event.type === EVENT_ID.SCALAR ? this.scalar(event, after) : this.collection(event);
    return isOdd ? { type: "odd", start: node.start, end: node.end } : node;
  }

  private scalar(event: ScalarEvent, after: number): SourceScalar {
    const { valueStart, valueEnd, style } = event;
    if (valueStart === -1) return { type: "scalar", start: after, end: after, value: null, style: "none" };
    const value = getScalarValue(this.text, event);
    if (style === SCALAR_STYLE.PLAIN) {
      this.position = valueEnd;
      return { type: "scalar", start: valueStart, end: valueEnd, value: resolvePlain(value), style: "plain" };
    }
    if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) {
      this.position = valueEnd + 1;
      const quotes = style === SCALAR_STYLE.SINGLE_QUOTED ? "single" : "double";
      return { type: "scalar", start: valueStart - 1, end: valueEnd + 1, value, style: quotes };
    }
    const start = this.skipBlank(this.position);
    const header = /^[|>][-+0-9]*/.exec(this.text.slice(start, start + 8))?.[0] ?? "";
    const body = this.text.slice(valueStart, valueEnd);
    const kept = header.includes("+") ? body.replace(/(?:\r\n?|\n)$/, "") : body.trimEnd();
    this.position = Math.max(valueEnd, start + header.length);
    const end = Math.max(start + header.length, kept === "" ? 0 : valueStart + kept.length);
    return { type: "scalar", start, end, value, style: "block" };
  }

  private collection(event: CollectionEvent): SourceCollection {
    const { start } = event;
    const isFlow = event.style === COLLECTION_STYLE.FLOW;
    const opener = this.text[start];
    // The pair of `[a: b]` is a mapping without brackets.
    const closer = isFlow && opener === "[" ? "]" : isFlow && opener === "{" ? "}" : undefined;
    this.position = closer === undefined ? start : start + 1;
    const entries: SourceEntry[] = [];
    const type = event.type === EVENT_ID.SEQUENCE ? "list" : "map";
    for (let next = this.events[this.index]; next && next.type !== EVENT_ID.POP; next = this.events[this.index])
      entries.push(type === "map" ? this.pair(next) : this.item(isFlow));
    this.index++;
    if (closer !== undefined) {
      this.position = this.skipBlank(this.position, ",");
      this.position++;
    }
    return { type, isFlow, entries, start, end: Math.max(start + 1, this.lastEnd(entries, closer !== undefined)) };
  }

  private lastEnd(entries: readonly SourceEntry[], isClosed: boolean): number {
    const last = entries.at(-1);
    return isClosed || !last ? this.position : Math.max(last.after, last.value.end);
  }

  private item(isFlow: boolean): SourceEntry {
    const at = this.skipBlank(this.position, isFlow ? "," : "");
    if (!isFlow) this.position = at + 1;
    else this.position = at;
    const value = this.node(this.position);
    return { key: undefined, lead: at, after: isFlow ? at : at + 1, value };
  }

  private pair(event: Event): SourceEntry {
    const lead = this.skipBlank(this.position, ",");
    this.position = lead;
    const isExplicit = this.text[lead] === "?" && /^[\s]?$/.test(this.text.charAt(lead + 1));
    if (isExplicit) this.position = lead + 1;
    const name = this.node(this.position);
    const isText = event.type === EVENT_ID.SCALAR && name.type === "scalar" && !isExplicit;
    const key = isText ? getScalarValue(this.text, event) : undefined;
    const colon = this.skipBlank(Math.max(this.position, name.end));
    const after = this.text[colon] === ":" ? colon + 1 : Math.max(this.position, name.end);
    this.position = after;
    return { key, lead, after, value: this.node(after) };
  }

  /** The next offset at which something other than blanks, line breaks, comments and `also` stands. */
  private skipBlank(from: number, also = ""): number {
    const { text } = this;
    let at = from;
    for (; at < text.length; at++) {
      const character = text.charAt(at);
      if (character === "#") {
        const length = text.slice(at).search(/[\r\n]/);
        if (length === -1) return text.length;
        at += length;
      } else if (!/\s/.test(character) && (also === "" || character !== also)) return at;
    }
    return at;
  }
}
