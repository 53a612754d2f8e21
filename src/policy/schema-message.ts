// One schema error in an author's words: what is wrong, where, and what to write instead.
// It decides nothing; and it never repeats a value that could be a secret.
import type { SchemaError } from "../generated/validate.d.ts";
import { type DocumentPath, type Json, type PolicyDocument, placeOf } from "../model/document.ts";
import type { Finding } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import { didYouMean } from "./hint.ts";

const NAMES: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  null: "nothing",
};

/** Characters that cannot be seen, or change how others are shown. */
const INVISIBLE = /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

/** Keys whose texts may have several lines. */
const MULTI_LINE: readonly unknown[] = ["description", "reason", "message", "deny"];

/** Whether an error is about the value of its node, and not about a key that is missing or too many. */
export function isSame(error: SchemaError): boolean {
  return error.keyword !== "required" && error.keyword !== "additionalProperties";
}

/** The finding for a schema error of the node at a path. */
export function describeError(document: PolicyDocument, error: SchemaError, path: DocumentPath): Finding {
  const value = error.data as Json | undefined;
  switch (error.keyword) {
    case "additionalProperties":
      return unknownKey(document, error, path);
    case "required":
      return missingKey(document, error, path);
    case "type":
      return wrongType(document, error, path);
    case "enum":
      return notOneOf(document, error, path);
    case "format":
      return wrongFormat(document, error, path);
    case "pattern":
      return error.parentSchema?.format === "date-time"
        ? wrongInstant(document, path)
        : wrongPattern(document, value, path);
    case "minLength":
      return at(document, path, "empty-value", `${labelOf(path)} is empty`, "Give it a value, or remove it.");
    case "maxLength":
      return at(document, path, "too-long", `${labelOf(path)} is longer than ${error.params.limit} characters`);
    case "minItems":
    case "minProperties":
      return at(document, path, "empty-value", `${labelOf(path)} is empty`);
    case "minimum":
    case "maximum":
      return at(
        document,
        path,
        "out-of-range",
        `${labelOf(path)} must be ${error.params.comparison} ${error.params.limit}`,
      );
    default:
      return at(document, path, "invalid-value", `${labelOf(path)} is not valid (${error.keyword})`);
  }
}

function unknownKey(document: PolicyDocument, error: SchemaError, path: DocumentPath): Finding {
  const key = String(error.params.additionalProperty);
  const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
  const suggestion = nearest(key, known);
  const place = placeOf(document, [...path, key], "key");
  const message = `${holderOf(document, path)} has no ${isRule(document, path) ? "parameter" : "key"} "${key}"`;
  const list =
    known.length === 0 ? "It has none." : `${parametersOr("Its keys", document, path)} are ${known.join(", ")}.`;
  const hint = suggestion === undefined ? { hint: list } : didYouMean(suggestion);
  return { severity: "error", code: "unknown-key", message, place, ...hint };
}

function missingKey(document: PolicyDocument, error: SchemaError, path: DocumentPath): Finding {
  const key = String(error.params.missingProperty);
  const parameters = parametersOf(document, error, path, key);
  const hint = parameters && `Rule ${document.value.rule} has the parameters ${parameters.join(", ")}.`;
  return at(document, path, "missing-key", `${holderOf(document, path)} needs "${key}"`, hint);
}

/** Whether a node holds the parameters of a rule. */
function isRule({ value }: PolicyDocument, path: DocumentPath): boolean {
  return path.length === 1 && path[0] === "with" && typeof value.rule === "string";
}

function parametersOr(otherwise: string, document: PolicyDocument, path: DocumentPath): string {
  return isRule(document, path) ? "Its parameters" : otherwise;
}

/** The parameters of a rule that lacks one, or lacks all of them. */
function parametersOf(document: PolicyDocument, error: SchemaError, path: DocumentPath, key: string) {
  const properties = error.parentSchema?.properties as
    | Readonly<Record<string, SchemaError["parentSchema"]>>
    | undefined;
  if (isRule(document, path)) return Object.keys(properties ?? {});
  if (path.length > 0 || key !== "with" || typeof document.value.rule !== "string") return undefined;
  return Object.keys(properties?.with?.properties ?? {});
}

/** What lacks a key, or has one too many. */
function holderOf(document: PolicyDocument, path: DocumentPath): string {
  if (isRule(document, path)) return `Rule ${document.value.rule}`;
  return path.length === 0 ? articled(document.kind) : labelOf(path);
}

function wrongType(document: PolicyDocument, error: SchemaError, path: DocumentPath): Finding {
  const wanted = [error.params.type].flat().map((type) => NAMES[String(type)] ?? String(type));
  const value = error.data as Json;
  if (value === null) {
    const message = `${labelOf(path)} has no value`;
    return at(document, path, "missing-value", message, "Give it a value, or remove it.");
  }
  const given = error.params.type === "integer" && typeof value === "number" ? value : NAMES[typeName(value)];
  const message = `${labelOf(path)} must be ${wanted.join(" or ")}, not ${given}`;
  const quotable = wanted.includes("text") && (typeof value === "number" || typeof value === "boolean");
  return at(document, path, "wrong-type", message, quotable ? `Quotes make it text: '${value}'.` : undefined);
}

function notOneOf(document: PolicyDocument, error: SchemaError, path: DocumentPath): Finding {
  const allowed = (error.params.allowedValues as readonly unknown[]).map(String);
  const value = String(error.data);
  const message = `${labelOf(path)} must be one of ${allowed.join(", ")}, not "${value}"`;
  const { hint } = didYouMean(nearest(value, allowed));
  return at(document, path, "invalid-value", message, hint);
}

function wrongFormat(document: PolicyDocument, error: SchemaError, path: DocumentPath): Finding {
  const value = String(error.data);
  if (error.params.format === "date-time") return wrongInstant(document, path);
  if (error.params.format !== "email") return at(document, path, "invalid-value", `${labelOf(path)} is not valid`);
  const invisible = invisibleIn(document, value, path);
  if (invisible) return invisible;
  const hint = value.trim() === value ? "An address has the form name@domain." : "Remove the blanks around it.";
  return at(document, path, "invalid-email", `"${value}" is not an e-mail address`, hint);
}

function wrongInstant(document: PolicyDocument, path: DocumentPath): Finding {
  const hint = "Write it in UTC and to the second: 2027-01-31T00:00:00Z.";
  return at(document, path, "invalid-date", `${labelOf(path)} is not an instant`, hint);
}

function wrongPattern(document: PolicyDocument, value: Json | undefined, path: DocumentPath): Finding {
  const text = String(value);
  const invisible = invisibleIn(document, text, path);
  if (invisible) return invisible;
  if (text.trim() !== text)
    return at(document, path, "invalid-name", `${labelOf(path)} begins or ends with a blank`, "Remove the blanks.");
  return at(document, path, "invalid-value", `${labelOf(path)} is not valid`);
}

function invisibleIn(document: PolicyDocument, text: string, path: DocumentPath): Finding | undefined {
  const found = INVISIBLE.exec(MULTI_LINE.includes(path.at(-1)) ? text.replace(/[\t\n]/g, "") : text);
  if (!found) return undefined;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return at(
    document,
    path,
    "control-character",
    `${labelOf(path)} contains the invisible character U+${code}`,
    "Remove it.",
  );
}

function at(document: PolicyDocument, path: DocumentPath, code: string, message: string, hint?: string): Finding {
  return { severity: "error", code, message, place: placeOf(document, path), ...(hint === undefined ? {} : { hint }) };
}

function articled(kind: string): string {
  return `${/^[AEIOU]/.test(kind) ? "An" : "A"} ${kind}`;
}

/** A node as a reader would call it. */
function labelOf(path: DocumentPath): string {
  const last = path.at(-1);
  if (last === undefined) return "The document";
  if (typeof last === "string") return `"${last}"`;
  const list = path.at(-2);
  return list === undefined ? "An item" : `An item of "${list}"`;
}

function typeName(value: Json): string {
  return value === null ? "null" : Array.isArray(value) ? "array" : typeof value;
}
