// A raw document against its kind's schema: what is wrong becomes findings in an author's words, what is right is kept.
// The wrong parts are cut out, so that the rest of the document is still checked in the same run.
import { kinds } from "../generated/policy.cjs";
import type { SchemaError, Validate } from "../generated/validate.d.ts";
import { countMarks, type DocumentPath, type Json, marksOf, type PolicyDocument, placeOf } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { describeError, isSame } from "./schema-message.ts";

/** Keys that say what a document is about; kept of a document that is beyond repair, so that others can refer to it. */
const IDENTITY = ["name", "email", "group"] as const;

/** Findings that one document is given at most; each takes a walk to its place. */
const MAX_FINDINGS = 250;

/** A document after the check. A broken one holds its kind and identity only, and declares nothing else. */
export interface ParsedDocument extends PolicyDocument {
  readonly broken?: true;
}

/** The validator of a kind, or undefined when the platform ("" for the settings) has no such kind. */
export function validatorOf(platform: string, kind: string): Validate<{ readonly kind: string }> | undefined {
  const known = Object.hasOwn(kinds, platform) ? kinds[platform] : undefined;
  return known && Object.hasOwn(known, kind) ? known[kind] : undefined;
}

/** The kinds of a platform, or undefined when there is no such platform. */
export function kindsOf(platform: string): readonly string[] | undefined {
  return Object.hasOwn(kinds, platform) ? Object.keys(kinds[platform] ?? {}) : undefined;
}

/** Checks a document. A valid one is returned as it is; a wrong one without its wrong parts. */
export function checkDocument(
  document: PolicyDocument,
  validate: Validate<{ readonly kind: string }>,
  report: (finding: Finding) => void,
): ParsedDocument {
  if (validate(document.value)) return document;
  let pruned: PolicyDocument | undefined = document;
  const errors = causesOf(validate);
  for (const error of mainErrors(errors).slice(0, MAX_FINDINGS))
    report(describeError(document, error, pathOf(document.value, error)));
  // Each round cuts at least one node out; nesting bounds the rounds that can be needed.
  for (let round = 0; round < 8 && pruned; round++) {
    pruned = prune(pruned, causesOf(validate));
    if (pruned && validate(pruned.value)) return pruned;
  }
  return stubOf(document);
}

/** What is wrong, without the summary of a conditional: what it demands is among the errors by itself. */
function causesOf(validate: Validate<{ readonly kind: string }>): readonly SchemaError[] {
  return (validate.errors ?? []).filter(({ keyword }) => keyword !== "if");
}

/** What is left of a document beyond repair. */
export function stubOf(document: PolicyDocument): ParsedDocument {
  const value: { [key: string]: Json } = { kind: document.kind };
  const marks = marksOf(document).slice(0, 2);
  for (const key of ["kind", ...IDENTITY]) {
    const item = document.value[key];
    // A name that lacks its quotes is still the name that others refer to.
    if (item === undefined || item === null || typeof item === "object") continue;
    value[key] = String(item);
    const [atKey, atValue] = [placeOf(document, [key], "key"), placeOf(document, [key])];
    marks.push(atKey.line, atKey.column, atValue.line, atValue.column);
  }
  return { file: document.file, kind: document.kind, value, marks, broken: true };
}

/** One error per node: an empty name is not also too short and of the wrong pattern. Unknown and missing keys all count. */
function mainErrors(errors: readonly SchemaError[]): SchemaError[] {
  const main = new Map<string, SchemaError>();
  for (const error of errors) {
    const key = isSame(error) ? error.instancePath : `${error.instancePath}\0${JSON.stringify(error.params)}`;
    const other = main.get(key);
    if (!other || rank(error) < rank(other)) main.set(key, error);
  }
  return [...main.values()];
}

function rank(error: SchemaError): number {
  const index = ["type", "const", "enum", "minLength", "format", "pattern"].indexOf(error.keyword);
  return index === -1 ? 99 : index;
}

/** The document without the nodes that errors are about; undefined when nothing useful is left. */
function prune(document: PolicyDocument, errors: readonly SchemaError[]): PolicyDocument | undefined {
  const cut = new Set<string>();
  for (const error of errors) {
    const unknown = error.keyword === "additionalProperties" ? String(error.params.additionalProperty) : undefined;
    if (unknown === undefined && error.instancePath === "") return undefined;
    cut.add(unknown === undefined ? error.instancePath : `${error.instancePath}/${escapeStep(unknown)}`);
  }
  const marks: number[] = [];
  const value = copyWithout(document, { value: document.value, pointer: "", from: 0 }, cut, marks);
  return { ...document, value: value as { readonly [key: string]: Json }, marks };
}

interface Node {
  readonly value: Json;
  /** JSON Pointer. */
  readonly pointer: string;
  /** Index of its mark. */
  readonly from: number;
}

function copyWithout(document: PolicyDocument, node: Node, cut: ReadonlySet<string>, marks: number[]): Json {
  const known = marksOf(document);
  const copyMark = (index: number) => marks.push(known[index * 2] ?? 1, known[index * 2 + 1] ?? 1);
  copyMark(node.from);
  let next = node.from + 1;
  const isList = Array.isArray(node.value);
  if (node.value === null || typeof node.value !== "object") return node.value;
  const items: Json[] = [];
  const entries: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(node.value)) {
    const pointer = `${node.pointer}/${isList ? key : escapeStep(key)}`;
    const from = isList ? next : next + 1;
    next = from + countMarks(value);
    if (cut.has(pointer)) continue;
    if (!isList) copyMark(from - 1);
    const copy = copyWithout(document, { value, pointer, from }, cut, marks);
    if (isList) items.push(copy);
    else entries[key] = copy;
  }
  return isList ? items : entries;
}

function escapeStep(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The node an error is about. A JSON Pointer does not say which of its steps are indexes; the value does. */
function pathOf(root: Json, error: SchemaError): DocumentPath {
  const path: (string | number)[] = [];
  let value: Json | undefined = root;
  for (const step of error.instancePath.split("/").slice(1)) {
    const key = step.replaceAll("~1", "/").replaceAll("~0", "~");
    const next: string | number = Array.isArray(value) ? Number(key) : key;
    path.push(next);
    value = (value as { [key: string]: Json } | undefined)?.[next];
  }
  return path;
}
