// The steps that edits are made of: an item or a key more or less, and values replaced. Each is one splice a place, in the
// style of what is there, and says what its document must mean afterwards.
import type { DocumentPath, Json } from "../model/document.ts";
import { firstFreeIndex, gapIn, insertLines, removeLines } from "./edit-block.ts";
import { changeAt, type DocumentSpot, type Draft, type DraftFile, EditRefused, type Splice } from "./edit-draft.ts";
import { insertInFlow, removeFromFlow } from "./edit-flow.ts";
import { replaceNode } from "./edit-replace.ts";
import type { SourceCollection, SourceEntry, SourceNode } from "./edit-source.ts";
import { inlineLike, itemLines } from "./edit-text.ts";
import { quote } from "./quote.ts";
import { placeIn } from "./text.ts";

/** A node of a document, by the keys and indexes that lead to it. */
export interface NodeSpot extends DocumentSpot {
  readonly steps: DocumentPath;
}

/** The node at a spot. */
export function nodeAt(draft: Draft, { path, document, steps }: NodeSpot): SourceNode | undefined {
  let node: SourceNode | undefined = draft.fileAt(path).documents[document]?.root;
  for (const step of steps) node = node && entryAt(node, step)?.value;
  return node;
}

/** An item or a key goes into a collection. Its index may be moved to the first that has room. */
export function insertItem(draft: Draft, spot: NodeSpot, wanted: number, item: Json): void {
  const { file, node } = collectionAt(draft, spot, "list");
  const index = Math.max(wanted, firstFreeIndex(file, node));
  const neighbours = node.entries.map(({ value }) => value);
  const splices = node.isFlow
    ? insertInFlow(file, node, index, inlineLike(item, neighbours, true))
    : insertLines(file, node, index, afterDash(gapIn(file, node, index), itemLines(item, neighbours)));
  write(draft, spot, splices, (list) => {
    const items = Array.isArray(list) ? list : [];
    return [...items.slice(0, index), item, ...items.slice(index)];
  });
}

function afterDash(gap: string, lines: readonly string[]): string[] {
  const inner = " ".repeat(gap.length + 1);
  return lines.map((line, index) => (index === 0 ? `-${gap}${line}` : inner + line));
}

/** A key goes into a mapping, at an index. In a block its value takes the lines that are given, the key in the first. */
export function insertKey(
  draft: Draft,
  spot: NodeSpot,
  wanted: number,
  { key, value, lines }: { readonly key: string; readonly value: Json; readonly lines?: readonly string[] },
): void {
  const { file, node } = collectionAt(draft, spot, "map");
  const index = Math.max(wanted, firstFreeIndex(file, node));
  const neighbours = node.entries.map((entry) => entry.value);
  const line = `${quote(key, node.isFlow)}: ${inlineLike(value, neighbours, node.isFlow)}`;
  const splices = node.isFlow ? insertInFlow(file, node, index, line) : insertLines(file, node, index, lines ?? [line]);
  write(draft, spot, splices, (map) => ({ ...(map as { readonly [key: string]: Json }), [key]: value }));
}

/** What a spot leads to goes: an item, or a key with its value. Not the last one of a collection. */
export function removeEntry(draft: Draft, spot: NodeSpot): void {
  const step = spot.steps.at(-1);
  const holder = { ...spot, steps: spot.steps.slice(0, -1) };
  const node = nodeAt(draft, holder);
  const file = draft.fileAt(spot.path);
  const index = node && step !== undefined ? indexOf(node, step) : -1;
  if (!node || node.type === "scalar" || node.type === "odd" || index === -1) throw tooOdd(file, node);
  const splices = node.isFlow ? removeFromFlow(file, node, index) : removeLines(file, node, index);
  if (!splices) throw tooOdd(file, node);
  write(draft, spot, splices, () => undefined);
}

/** Values replaced in one go, all of one file. What a value is written as may differ from what is asked for in final line breaks. */
export function replaceValues(draft: Draft, spots: readonly (NodeSpot & { readonly value: Json })[]): void {
  const [first] = spots;
  if (!first) return;
  const file = draft.fileAt(first.path);
  const values = [...file.values];
  const splices: Splice[] = [];
  for (const spot of spots) {
    draft.demandSound(spot);
    const holder = nodeAt(draft, { ...spot, steps: spot.steps.slice(0, -1) });
    const step = spot.steps.at(-1);
    const entry = holder && step !== undefined ? entryAt(holder, step) : undefined;
    if (!entry || !holder || holder.type === "scalar" || holder.type === "odd" || entry.value.type === "odd")
      throw tooOdd(file, entry?.value ?? holder);
    const replaced = replaceNode(file, holder, entry, spot.value);
    splices.push(...replaced.splices);
    values[spot.document] = changeAt(values[spot.document] ?? null, spot.steps, () => replaced.value) ?? null;
  }
  draft.splice(first.path, splices, values);
}

function write(
  draft: Draft,
  spot: NodeSpot,
  splices: readonly Splice[],
  change: (part: Json) => Json | undefined,
): void {
  draft.demandSound(spot);
  const values = draft
    .fileAt(spot.path)
    .values.map((value, index) => (index === spot.document ? (changeAt(value, spot.steps, change) ?? null) : value));
  draft.splice(spot.path, splices, values);
}

function collectionAt(
  draft: Draft,
  spot: NodeSpot,
  type: SourceCollection["type"],
): { readonly file: DraftFile; readonly node: SourceCollection } {
  const file = draft.fileAt(spot.path);
  draft.demandSound(spot);
  const node = nodeAt(draft, spot);
  if (node?.type !== "list" && node?.type !== "map") throw tooOdd(file, node);
  if (node.type !== type) throw tooOdd(file, node);
  return { file, node };
}

function entryAt(node: SourceNode, step: string | number): SourceEntry | undefined {
  return node.type === "list" || node.type === "map" ? node.entries[indexOf(node, step)] : undefined;
}

function indexOf(node: SourceNode, step: string | number): number {
  if (typeof step === "number") return step;
  return node.type === "map" ? node.entries.findIndex(({ key }) => key === step) : -1;
}

function tooOdd(file: DraftFile, node: SourceNode | undefined): EditRefused {
  const place = placeIn(file.path, file.lineStarts, node?.start ?? 0);
  return new EditRefused("It is written in a way that Rolebook does not edit", place);
}
