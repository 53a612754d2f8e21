// A policy document as read from a file, with a position for every key and value.
import type { Place } from "./finding.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * One YAML document. `value` is plain JSON; `marks` holds a line and a column (both from 1) for every node,
 * in the order of a walk that visits a value, then for a mapping each key (in `Object.keys` order) followed by its value's walk,
 * for a sequence each item's walk. So a document can be cached as JSON and still point at its source.
 */
export interface PolicyDocument {
  readonly file: string;
  readonly kind: string;
  readonly value: { readonly [key: string]: Json };
  readonly marks: readonly number[];
}

/** Steps from a document's value to a node: mapping keys and sequence indexes. */
export type DocumentPath = readonly (string | number)[];

/** How many marks the walk of a value takes. */
export function countMarks(value: Json): number {
  let count = 1;
  if (Array.isArray(value)) for (const item of value) count += countMarks(item);
  else if (value !== null && typeof value === "object")
    for (const item of Object.values(value)) count += 1 + countMarks(item);
  return count;
}

/**
 * Where a node of a document stands. A path that leads nowhere gives the place of its deepest existing part.
 * `what` chooses between a mapping's key and its value for the last step; sequence items have values only.
 */
export function placeOf(document: PolicyDocument, path: DocumentPath, what: "key" | "value" = "value"): Place {
  let index = 0;
  let value: Json = document.value;
  for (const [depth, step] of path.entries()) {
    const found = childIndex(value, index, step);
    if (!found) break;
    const atKey = what === "key" && depth === path.length - 1 && !Array.isArray(value);
    index = atKey ? found.index - 1 : found.index;
    value = found.value;
  }
  return placeAt(document, index);
}

/** The place of the n-th mark of a document's walk. */
export function placeAt(document: PolicyDocument, index: number): Place {
  return { file: document.file, line: document.marks[index * 2] ?? 1, column: document.marks[index * 2 + 1] ?? 1 };
}

function childIndex(value: Json, start: number, step: string | number): { index: number; value: Json } | undefined {
  let index = start + 1;
  if (Array.isArray(value)) {
    for (const [position, item] of value.entries()) {
      if (position === step) return { index, value: item };
      index += countMarks(item);
    }
  } else if (value !== null && typeof value === "object") {
    for (const [key, item] of Object.entries(value)) {
      if (key === step) return { index: index + 1, value: item };
      index += 1 + countMarks(item);
    }
  }
  return undefined;
}
