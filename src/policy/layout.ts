// A policy document as a tree with its comments, and the one way such a tree is written. What `fmt` makes of a file and
// what `import` writes both come from here, so that they look the same.
import type { Json } from "../model/document.ts";
import { blockOf, LINE_WIDTH, quote } from "./quote.ts";

export interface ScalarNode {
  readonly type: "scalar";
  readonly value: string | number | boolean | null;
}

/** A key with its value, or an item of a list (`key` is undefined then), with the comments that belong to it. */
export interface Entry {
  readonly key: string | undefined;
  value: Node;
  /** Comments on lines of their own before it, each beginning with `#`. */
  leading: string[];
  /** Comments at the end of its lines. The last one stays there. */
  trailing: string[];
}

export interface CollectionNode {
  readonly type: "list" | "map";
  entries: Entry[];
  /** Comments after the last entry. */
  tail: string[];
  /** Written on one line when it fits and holds no comment. */
  inline: boolean;
}

export type Node = ScalarNode | CollectionNode;

export interface DocumentNode {
  /** Comments that belong to the whole document. */
  head: string[];
  root: Node;
}

/** The tree of a plain value, without comments. */
export function treeOf(value: Json): Node {
  if (value === null || typeof value !== "object") return { type: "scalar", value };
  const list = Array.isArray(value);
  const entries = Object.entries(value).map(([key, item]) => ({
    key: list ? undefined : key,
    value: treeOf(item),
    leading: [],
    trailing: [],
  }));
  return { type: list ? "list" : "map", entries, tail: [], inline: false };
}

/** The plain value of a tree. */
export function plainOf(node: Node): Json {
  if (node.type === "scalar") return node.value;
  if (node.type === "list") return node.entries.map((entry) => plainOf(entry.value));
  return Object.fromEntries(node.entries.map((entry) => [entry.key ?? "", plainOf(entry.value)]));
}

/** The entry of a mapping with a key. */
export function entryOf(node: CollectionNode, key: string): Entry | undefined {
  return node.entries.find((entry) => entry.key === key);
}

/** The text of a scalar that is text. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.type === "scalar" && typeof node.value === "string" ? node.value : undefined;
}

/** The text of a file: documents separated by `---`, no blank lines, LF, one line break at the end. */
export function printDocuments(documents: readonly DocumentNode[]): string {
  const lines: string[] = [];
  for (const [index, { head, root }] of documents.entries()) {
    if (index > 0) lines.push("---");
    lines.push(...head);
    if (root.type === "scalar") continue;
    printEntries(root, 0, lines);
  }
  return lines.length === 0 ? "" : `${lines.join("\n")}\n`;
}

function printEntries(node: CollectionNode, indent: number, lines: string[]): void {
  const before = " ".repeat(indent);
  for (const raw of node.entries) {
    const { above, entry } = liftComments(raw, indent);
    for (const comment of above) lines.push(before + comment);
    if (isMultiLineItem(entry, indent) && entry.value.type !== "scalar") {
      const nested: string[] = [];
      printEntries(entry.value, indent + 2, nested);
      nested[0] = `${before}- ${(nested[0] ?? "").trimStart()}`;
      for (const line of nested) lines.push(line);
    } else printEntry(entry, entry.trailing[0], indent, lines);
  }
  for (const comment of node.tail) lines.push(before + comment);
}

/**
 * Takes the comments that go on lines above an entry out of it: all but one at the end of its line. An item that is
 * a mapping begins with its first key, so what goes above that key goes above the item.
 */
function liftComments(entry: Entry, indent: number): { readonly above: readonly string[]; readonly entry: Entry } {
  if (!isMultiLineItem(entry, indent) || entry.value.type === "scalar") {
    const above = [...entry.leading, ...entry.trailing.slice(0, -1)];
    return { above, entry: { ...entry, leading: [], trailing: entry.trailing.slice(-1) } };
  }
  const [first, ...rest] = entry.value.entries;
  const lifted = first && liftComments(first, indent + 2);
  const value = { ...entry.value, entries: lifted ? [lifted.entry, ...rest] : rest };
  const above = [...entry.leading, ...entry.trailing, ...(lifted?.above ?? [])];
  return { above, entry: { ...entry, value, leading: [], trailing: [] } };
}

/** Whether an entry is an item of a list that takes several lines, the first of them after its dash. */
function isMultiLineItem(entry: Entry, indent: number): boolean {
  return entry.key === undefined && isBlock(entry.value, indent, 2);
}

function printEntry(entry: Entry, comment: string | undefined, indent: number, lines: string[]): void {
  const name = entry.key === undefined ? "-" : `${quote(entry.key)}:`;
  const start = " ".repeat(indent) + name;
  const after = comment === undefined ? "" : ` ${comment}`;
  const { value } = entry;
  const block =
    value.type === "scalar" && typeof value.value === "string"
      ? blockOf(value.value, LINE_WIDTH - start.length - 1)
      : undefined;
  if (block) {
    lines.push(`${start} ${block.header}${after}`);
    const inner = " ".repeat(indent + 2);
    for (const line of block.lines) lines.push(line === "" ? "" : inner + line);
  } else if (isBlock(value, indent, name.length + 1) && value.type !== "scalar") {
    lines.push(start + after);
    printEntries(value, indent + 2, lines);
  } else if (value.type === "scalar" && value.value === null) lines.push(start + after);
  else lines.push(`${start} ${inlineText(value)}${after}`);
}

/** Whether a collection takes lines of its own. */
function isBlock(node: Node, indent: number, before: number): boolean {
  if (node.type === "scalar") return false;
  if (node.tail.length > 0) return true;
  if (node.entries.length === 0) return false;
  if (!node.inline || node.entries.some((entry) => !isBare(entry))) return true;
  return indent + before + inlineText(node).length > LINE_WIDTH;
}

function isBare(entry: Entry): boolean {
  return entry.leading.length === 0 && entry.trailing.length === 0 && entry.value.type === "scalar";
}

/** A node on one line. */
export function inlineText(node: Node): string {
  if (node.type === "scalar") return typeof node.value === "string" ? quote(node.value) : String(node.value);
  const items = node.entries.map(({ key, value }) => {
    const text =
      value.type === "scalar" && typeof value.value === "string" ? quote(value.value, true) : inlineText(value);
    return key === undefined ? text : `${quote(key, true)}: ${text}`;
  });
  return node.type === "list" ? `[${items.join(", ")}]` : `{${items.join(", ")}}`;
}
