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
  /** The numbers, or the same numbers as `packMarks` writes them. */
  readonly marks: readonly number[] | string;
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
  const marks = marksOf(document);
  return { file: document.file, line: marks[index * 2] ?? 1, column: marks[index * 2 + 1] ?? 1 };
}

/** The marks of a document as numbers. */
export function marksOf({ marks }: Pick<PolicyDocument, "marks">): readonly number[] {
  if (typeof marks !== "string") return marks;
  // Places are mostly asked for document by document.
  if (lastUnpacked.text !== marks) lastUnpacked = { text: marks, marks: unpackMarks(marks) };
  return lastUnpacked.marks;
}

let lastUnpacked: { readonly text: string; readonly marks: readonly number[] } = { text: "", marks: [] };

/** Digits that others follow begin at `]`, the last one of a number at `0`: nothing that JSON has to escape. */
const [LAST_DIGIT, OTHER_DIGIT, BASE] = [48, 93, 32];

/** Marks as a short text: for each the lines since the last one, then the column. */
export function packMarks(marks: readonly number[]): string {
  let text = "";
  let line = 0;
  for (let index = 0; index < marks.length; index += 2) {
    const step = (marks[index] ?? 0) - line;
    line += step;
    text += packNumber(step < 0 ? -step * 2 - 1 : step * 2) + packNumber(marks[index + 1] ?? 0);
  }
  return text;
}

function packNumber(number: number): string {
  let text = "";
  let rest = number;
  for (; rest >= BASE; rest = Math.floor(rest / BASE)) text += String.fromCharCode(OTHER_DIGIT + (rest % BASE));
  return text + String.fromCharCode(LAST_DIGIT + rest);
}

function unpackMarks(text: string): number[] {
  const marks: number[] = [];
  let [line, number, unit, isLine] = [0, 0, 1, true];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const isLast = code < OTHER_DIGIT;
    number += (code - (isLast ? LAST_DIGIT : OTHER_DIGIT)) * unit;
    unit *= BASE;
    if (!isLast) continue;
    if (isLine) line += number % 2 === 1 ? -(number + 1) / 2 : number / 2;
    marks.push(isLine ? line : number);
    [number, unit, isLine] = [0, 1, !isLine];
  }
  return marks;
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
