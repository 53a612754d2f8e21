// The text of a value that an edit writes, in the style of what stands around it or of what it replaces. Pure text: it knows no
// offsets and moves nothing.
import type { Json } from "../model/document.ts";
import type { SourceCollection, SourceNode, SourceScalar } from "./edit-source.ts";
import { inlineText, treeOf } from "./layout.ts";
import { quote, quoteAs } from "./quote.ts";

/** A text as a scalar, in quotes when all its neighbours are in quotes of one sort. */
export function scalarLike(text: string, neighbours: readonly SourceNode[], inFlow: boolean): string {
  const styles = new Set(neighbours.flatMap((node) => (isText(node) ? [node.style] : [])));
  const [style, another] = styles;
  if (another === undefined && (style === "single" || style === "double")) return quoteAs(text, style) ?? quote(text);
  return quote(text, inFlow);
}

/** A value on one line, its texts like their neighbours. */
export function inlineLike(value: Json, neighbours: readonly SourceNode[], inFlow: boolean): string {
  if (typeof value === "string") return scalarLike(value, neighbours, inFlow);
  return inlineText(treeOf(value));
}

/** An item of a list as lines after its dash: a mapping takes several when its neighbours do. */
export function itemLines(value: Json, neighbours: readonly SourceNode[]): string[] {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    return [inlineLike(value, neighbours, false)];
  const maps = neighbours.filter((node): node is SourceCollection => node.type === "map");
  const isBlock = maps.length > 0 && maps.every((node) => !node.isFlow);
  if (!isBlock) return [inlineText(treeOf(value))];
  return Object.entries(value).map(([key, item]) => {
    const others = maps.flatMap(({ entries }) =>
      entries.filter((entry) => entry.key === key).map((entry) => entry.value),
    );
    return `${quote(key)}: ${inlineLike(item, others, false)}`;
  });
}

function isText(node: SourceNode): node is SourceScalar {
  return node.type === "scalar" && typeof node.value === "string" && node.style !== "block";
}
