// A file's text as trees that hold every comment, attached to what it precedes or trails. The parser's events know
// nothing of comments; they stand in the gaps between scalars, where `#` can mean nothing else.
// Only for text that parses without findings (so no anchors, tags or directives), with LF line breaks.
import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE } from "js-yaml";
import { resolvePlain } from "./build.ts";
import type { CollectionNode, DocumentNode, Entry, Node, ScalarNode } from "./layout.ts";

export interface CommentedFile {
  readonly documents: DocumentNode[];
  /** Every comment of the file, in order. */
  readonly comments: readonly string[];
}

/** The line that tells editors which schema a file has. It concerns the whole file. */
const MODELINE = /^#\s*yaml-language-server:/;

interface Comment {
  readonly text: string;
  /** From 0. */
  readonly column: number;
  /** Alone on its line, and not after the dash of the item it is about. */
  readonly free: boolean;
  /** A blank line follows. */
  blankAfter: boolean;
}

interface Closed {
  readonly node: CollectionNode;
  readonly column: number;
}

/** Reads a text; throws what the parser throws. */
export function readCommented(text: string): CommentedFile {
  return new Reader(text, parseEvents(text, {})).read();
}

// A class: one cursor over events and one over text, which every step moves.
class Reader {
  private index = 0;
  private position = 0;
  private pending: Comment[] = [];
  private closed: Closed[] = [];
  /** What a comment at the end of the current line is about. */
  private owner: Entry | undefined;
  private sawDash = false;
  private current: DocumentNode | undefined;
  private readonly documents: DocumentNode[] = [];
  private readonly comments: string[] = [];
  private readonly text: string;
  private readonly events: readonly Event[];

  constructor(text: string, events: readonly Event[]) {
    this.text = text;
    this.events = events;
  }

  read(): CommentedFile {
    while (this.index < this.events.length) {
      const event = this.events[this.index++];
      if (event?.type === EVENT_ID.DOCUMENT) this.document();
    }
    this.scan(this.text.length);
    this.endDocument();
    if (this.pending.length > 0) this.addRest();
    return { documents: this.documents, comments: this.comments };
  }

  private document(): void {
    const event = this.events[this.index];
    // Nothing between two separators: the comments there go to the next document.
    if (event?.type === EVENT_ID.SCALAR && event.valueStart === -1) {
      this.index += 2;
      return;
    }
    this.scan(startOf(event));
    const document: DocumentNode = { head: this.takeHead(), root: { type: "scalar", value: null } };
    this.documents.push(document);
    document.root = this.node(undefined, false);
    this.current = document;
    this.index++;
  }

  /** Comments of the whole document: those up to the modeline or the last blank line before its first key. */
  private takeHead(): string[] {
    const last = this.pending.findLastIndex((comment) => comment.blankAfter || MODELINE.test(comment.text));
    return this.pending.splice(0, last + 1).map((comment) => comment.text);
  }

  /** The value at the cursor. `holder` is the entry it is the value of. */
  private node(holder: Entry | undefined, inFlow: boolean): Node {
    const event = this.events[this.index++] as Event;
    if (event.type === EVENT_ID.SCALAR) return this.scalar(event, holder);
    if (event.type !== EVENT_ID.SEQUENCE && event.type !== EVENT_ID.MAPPING) return { type: "scalar", value: null };
    this.scan(event.start);
    const flow = event.style === COLLECTION_STYLE.FLOW;
    const opener = this.text[event.start];
    const closer = flow && opener === "[" ? "]" : flow && opener === "{" ? "}" : undefined;
    if (closer) this.position = event.start + 1;
    const column = this.columnOf(event.start);
    const node: CollectionNode = {
      type: event.type === EVENT_ID.SEQUENCE ? "list" : "map",
      entries: [],
      tail: [],
      inline: false,
    };
    while (this.events[this.index]?.type !== EVENT_ID.POP) this.entry(node, column, inFlow || flow);
    this.index++;
    if (closer) this.close(node, closer, holder);
    else if (!flow) this.closed.push({ node, column });
    return node;
  }

  private entry(node: CollectionNode, column: number, inFlow: boolean): void {
    const event = this.events[this.index];
    this.scan(startOf(event));
    const key = node.type === "map" && event?.type === EVENT_ID.SCALAR ? getScalarValue(this.text, event) : undefined;
    const entry: Entry = { key, value: { type: "scalar", value: null }, leading: [], trailing: [] };
    this.attach(entry, inFlow ? Number.POSITIVE_INFINITY : column);
    node.entries.push(entry);
    this.owner = entry;
    if (node.type === "map" && event?.type === EVENT_ID.SCALAR) {
      this.index++;
      this.position = endOf(event, this.position);
    }
    entry.value = this.node(entry, inFlow);
  }

  private scalar(event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>, holder: Entry | undefined): ScalarNode {
    if (event.valueStart === -1) return { type: "scalar", value: null };
    this.scan(startOf(event));
    this.position = endOf(event, this.position);
    if (holder) {
      holder.leading.push(...this.pending.splice(0).map((comment) => comment.text));
      this.owner = holder;
    }
    const text = getScalarValue(this.text, event);
    return { type: "scalar", value: event.style === SCALAR_STYLE.PLAIN ? resolvePlain(text) : text };
  }

  /** Moves past the bracket that ends a flow collection. */
  private close(node: CollectionNode, closer: string, holder: Entry | undefined): void {
    this.scan(this.text.length, closer);
    const rest = this.pending.splice(0).map((comment) => comment.text);
    if (node.entries.length > 0 || !holder) node.tail.push(...rest);
    else holder.leading.push(...rest);
    this.owner = holder;
  }

  /** Gives pending comments to the entry they precede, or to the end of a collection just left that they are indented like. */
  private attach(entry: Entry, column: number): void {
    for (const comment of this.pending.splice(0)) {
      const left = comment.free && comment.column > column ? this.closedAt(comment.column) : undefined;
      if (left) left.node.tail.push(comment.text);
      else entry.leading.push(comment.text);
    }
    this.closed = [];
    this.sawDash = false;
  }

  /** The collection just left whose entries begin in a column or left of it: the deepest, and of equals the outermost. */
  private closedAt(column: number): Closed | undefined {
    const deepest = this.closed.find((candidate) => candidate.column <= column);
    return this.closed.findLast((candidate) => candidate.column === deepest?.column);
  }

  /** At a separator or the end: what is pending belongs to the document before. */
  private endDocument(): void {
    this.owner = undefined;
    if (!this.current) return;
    for (const comment of this.pending.splice(0)) {
      const { root } = this.current;
      const node = this.closedAt(comment.column)?.node ?? (root.type === "scalar" ? undefined : root);
      node?.tail.push(comment.text);
    }
    this.current = undefined;
    this.closed = [];
  }

  /** Comments that no document follows. */
  private addRest(): void {
    const rest = this.pending.splice(0).map((comment) => comment.text);
    const last = this.documents.at(-1)?.root;
    if (last && last.type !== "scalar") last.tail.push(...rest);
    else this.documents.push({ head: rest, root: { type: "scalar", value: null } });
  }

  /** Moves to an offset (or just past `closer`) and collects the comments on the way. */
  private scan(to: number, closer?: string): void {
    const { text } = this;
    while (this.position < to) {
      const character = text[this.position] ?? "";
      if (character === "#") this.comment();
      else if (character === closer) {
        this.position++;
        return;
      } else if ((character === "-" || character === ".") && this.isMarker(this.position)) {
        this.endDocument();
        this.position += 3;
      } else {
        if (character === "-") this.dash();
        if (character === "\n") this.lineBreak();
        this.position++;
        // The header of a block: what follows it on the line is about the block's entry.
        if (character === "|" || character === ">") while (/[-+0-9]/.test(text[this.position] ?? "")) this.position++;
      }
    }
  }

  private comment(): void {
    const { text, position } = this;
    const end = text.indexOf("\n", position);
    const body = text.slice(position, end === -1 ? text.length : end).trimEnd();
    this.position = end === -1 ? text.length : end;
    this.comments.push(body);
    const column = this.columnOf(position);
    const own = text.slice(position - column, position).trim() === "";
    if (!own && this.owner) this.owner.trailing.push(body);
    else this.pending.push({ text: body, column, free: own && !this.sawDash, blankAfter: false });
  }

  private dash(): void {
    this.owner = undefined;
    this.sawDash = true;
  }

  private lineBreak(): void {
    const last = this.pending.at(-1);
    const line = this.text.slice(this.position - this.columnOf(this.position), this.position);
    if (last && line.trim() === "") last.blankAfter = true;
  }

  private isMarker(offset: number): boolean {
    return this.columnOf(offset) === 0 && /^(?:---|\.\.\.)(?:\s|$)/.test(this.text.slice(offset, offset + 4));
  }

  private columnOf(offset: number): number {
    return offset === 0 ? 0 : offset - this.text.lastIndexOf("\n", offset - 1) - 1;
  }
}

function isQuoted(event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): boolean {
  return event.style === SCALAR_STYLE.SINGLE_QUOTED || event.style === SCALAR_STYLE.DOUBLE_QUOTED;
}

function startOf(event: Event | undefined): number {
  if (event?.type === EVENT_ID.SEQUENCE || event?.type === EVENT_ID.MAPPING) return event.start;
  if (event?.type !== EVENT_ID.SCALAR || event.valueStart === -1) return -1;
  return isQuoted(event) ? event.valueStart - 1 : event.valueStart;
}

function endOf(event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>, otherwise: number): number {
  if (event.valueStart === -1) return otherwise;
  return isQuoted(event) ? event.valueEnd + 1 : event.valueEnd;
}
