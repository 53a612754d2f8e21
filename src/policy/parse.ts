// One file's bytes to its documents and everything that is wrong with it by itself. Pure: it opens no file and
// looks at no other document. The result is plain JSON, so that it can be cached by the content's digest.
import type { Json, PolicyDocument } from "../model/document.ts";
import { placeOf } from "../model/document.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import { nearest } from "../model/nearest.ts";
import { buildDocuments, type RawDocument, type Stretch } from "./build.ts";
import { didYouMean } from "./hint.ts";
import { checkDocument, kindsOf, type ParsedDocument, stubOf, validatorOf } from "./schema.ts";
import { noteSpots } from "./spots.ts";
import { parseParts } from "./syntax.ts";
import { decodeText, lineStartsOf, placeIn } from "./text.ts";

/** Stands for a platform where files are parsed that belong to no target: guardrails, waivers, identities and reviews. */
export const GOVERNANCE = "governance";

/** Kind -> the folder of its files, by convention. */
const GOVERNING: ReadonlyMap<string, string> = new Map([
  ["Guardrail", "guardrails"],
  ["Waiver", "waivers"],
  ["Identity", "identities"],
  ["Review", "reviews"],
  ["Roster", "reviews"],
]);

/** The folders beside those of the targets that hold what governs all of them. */
export const GOVERNANCE_FOLDERS: readonly string[] = [...new Set(GOVERNING.values())];

/** Findings that one file may have; a file with more is broken as a whole, and must not bury those of the others. */
const MAX_FINDINGS = 200;

export interface ParsedFile {
  readonly file: string;
  /** In the order of the file, without the wrong parts of wrong ones. */
  readonly documents: readonly ParsedDocument[];
  /** Sorted. */
  readonly findings: readonly Finding[];
}

/**
 * Reads a policy file. `platform` says which kinds it may hold: a platform's name, `GOVERNANCE`, or undefined for the settings.
 * Never throws for what is in the file. A platform that has no schemas gives no documents (the settings are wrong then).
 */
export function parseFile(file: string, bytes: Uint8Array, platform: string | undefined): ParsedFile {
  const text = decodeText(file, bytes);
  if (typeof text !== "string") return { file, documents: [], findings: [text] };
  const found: Finding[] = [];
  const documents: ParsedDocument[] = [];
  const report = (finding: Finding) => found.push(finding);
  const whole: Stretch = { file, text, base: 0, lineStarts: lineStartsOf(text) };
  let count = 0;
  for (const { stretch, events, problem } of parseParts(whole)) {
    if (problem) report(problem);
    const raws = events ? buildDocuments(events, stretch, report) : [];
    count += raws.length + (problem ? 1 : 0);
    for (const raw of raws) {
      const document = identify(file, raw, platform ?? "", report);
      if (document) documents.push(withSpots(document, whole));
    }
    const rest = problem && scrape(stretch, platform ?? "");
    if (rest) documents.push(rest);
  }
  // A file of comments alone is a note somebody meant to leave. That settings are missing is for their reader to say.
  if (count === 0 && platform !== undefined && !/^[ \t]*#/m.test(text)) report(emptyFile(file));
  return { file, documents, findings: limit(file, found) };
}

/** An expression's mistakes are told at the character, so where its characters stand is kept. */
function withSpots(document: ParsedDocument, whole: Stretch): ParsedDocument {
  const { rule, with: parameters } = document.value;
  if (document.kind !== "Guardrail" || rule !== "cel" || document.broken) return document;
  const deny = (parameters as { readonly deny?: Json } | undefined)?.deny;
  return typeof deny === "string" ? noteSpots(document, ["with", "deny"], deny, whole) : document;
}

/** A raw document as one of the platform's kinds, or undefined (with a finding) when it is none. */
function identify(
  file: string,
  raw: RawDocument,
  platform: string,
  report: (finding: Finding) => void,
): ParsedDocument | undefined {
  const anonymous = { file, kind: "", value: {}, marks: raw.marks };
  const place = placeOf(anonymous, []);
  const error = (code: string, message: string, more: Partial<Finding> = {}) =>
    report({ severity: "error", code, message, place, ...more });
  if (raw.empty) {
    report({
      severity: "warning",
      code: "empty-document",
      message: "Nothing stands here",
      place,
      hint: "Remove the separator.",
    });
    return undefined;
  }
  const { value } = raw;
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    const what = value === null ? "nothing" : Array.isArray(value) ? "a list" : "text or a number";
    error("wrong-type", `A document must be a mapping with a "kind", not ${what}`, {
      hint: "Write key: value lines.",
    });
    return undefined;
  }
  const mapping = value as { readonly [key: string]: Json };
  const kinds = kindsOf(platform);
  if (!kinds) return undefined;
  const document: PolicyDocument = { ...anonymous, value: mapping };
  const { kind } = mapping;
  if (kind === undefined) {
    const suggestion = nearest("kind", Object.keys(mapping));
    const hint =
      suggestion === undefined
        ? `Begin with kind: and one of ${kinds.join(", ")}.`
        : `Is "${suggestion}" meant to be "kind"?`;
    error("missing-kind", 'The document does not say its "kind"', { hint });
    return undefined;
  }
  const validate = typeof kind === "string" ? validatorOf(platform, kind) : undefined;
  if (typeof kind !== "string" || !validate) {
    error(kindCode(kind), kindMessage(kind), {
      place: placeOf(document, ["kind"]),
      ...kindHint(kind, platform, kinds),
    });
    return undefined;
  }
  return checkDocument({ ...document, kind }, validate, report);
}

function kindCode(kind: Json): string {
  if (kind === null) return "missing-value";
  return typeof kind === "string" ? "unknown-kind" : "wrong-type";
}

function kindMessage(kind: Json): string {
  if (kind === null) return '"kind" has no value';
  return typeof kind === "string" ? `There is no kind "${kind}" here` : '"kind" must be text';
}

function kindHint(kind: Json, platform: string, kinds: readonly string[]): { readonly hint?: string } {
  if (kind === "Settings") return { hint: "Settings stand in rolebook.yaml, above the folders of the targets." };
  const folder = typeof kind === "string" && platform !== GOVERNANCE ? GOVERNING.get(kind) : undefined;
  if (folder !== undefined)
    return { hint: `It holds for all targets: put it into the folder ${folder}, beside theirs.` };
  const suggestion = typeof kind === "string" ? nearest(kind, kinds) : undefined;
  if (suggestion !== undefined) return didYouMean(suggestion);
  if (platform === "") return { hint: "Only Settings stand here; other kinds go into the folder of a target." };
  const elsewhere = platform === GOVERNANCE ? "; what targets have goes into their folders" : "";
  return { hint: `The kinds are ${kinds.join(", ")}${elsewhere}.` };
}

/** What a document that is not YAML seems to declare, so that what refers to it is not reported as well. */
function scrape(stretch: Stretch, platform: string): ParsedDocument | undefined {
  const value: { [key: string]: Json } = {};
  const { line, column } = placeIn(stretch.file, stretch.lineStarts, stretch.base);
  const marks = [line, column];
  for (const match of stretch.text.matchAll(/^(kind|name|email|group):[ \t]+(.+)$/gm)) {
    const [, key = "", rest = ""] = match;
    if (Object.hasOwn(value, key)) continue;
    const quoted = /^(["'])(.*?)(?:\1|$)/.exec(rest);
    value[key] = quoted?.[2] ?? rest.replace(/[ \t]+#.*$/, "").trim();
    const at = placeIn(stretch.file, stretch.lineStarts, stretch.base + match.index);
    marks.push(at.line, at.column, at.line, at.column);
  }
  const { kind } = value;
  if (typeof kind !== "string" || !validatorOf(platform, kind)) return undefined;
  return stubOf({ file: stretch.file, kind, value, marks });
}

function emptyFile(file: string): Finding {
  const place = { file, line: 1, column: 1 };
  return { severity: "warning", code: "empty-file", message: "The file declares nothing", place, hint: "Remove it." };
}

function limit(file: string, findings: readonly Finding[]): Finding[] {
  if (findings.length === 0) return [];
  const sorted = sortFindings(findings);
  if (sorted.length <= MAX_FINDINGS) return sorted;
  const last = sorted[MAX_FINDINGS - 1]?.place ?? { file, line: 1, column: 1 };
  const message = `The file has more findings than the ${MAX_FINDINGS} that are shown`;
  return [...sorted.slice(0, MAX_FINDINGS), { severity: "error", code: "too-many-findings", message, place: last }];
}
