// Text to YAML events, with every syntax error as a finding. The parser stops at its first error, so a text that fails
// is cut at its document separators (which no YAML construct can contain) and each document is tried on its own.
import { type Event, parseEvents, YAMLException } from "js-yaml";
import type { Finding } from "../model/finding.ts";
import type { Stretch } from "./build.ts";
import { placeIn } from "./text.ts";

/**
 * How deep values may nest. The deepest value of a policy file is 6 deep; and a parser tries some nested constructs
 * twice, so that what a hostile file costs doubles with each level.
 */
const MAX_DEPTH = 16;

/** Documents of a broken file that are tried one by one; beyond, only the first error is shown. */
const MAX_PARTS = 2000;

export interface Parsed {
  readonly stretch: Stretch;
  /** Undefined when the stretch is not YAML; `problem` says why. */
  readonly events?: readonly Event[];
  readonly problem?: Finding;
}

/** The parsed parts of a text: one, or one per document when something is wrong. */
export function parseParts(whole: Stretch): Parsed[] {
  const parsed = parsePart(whole);
  if (parsed.events) return [parsed];
  const cuts = [...whole.text.matchAll(/^---(?=\s|$)/gm)].map((match) => match.index).filter((cut) => cut > 0);
  if (cuts.length === 0 || cuts.length >= MAX_PARTS) return [parsed];
  return [0, ...cuts].map((base, index) =>
    parsePart({ ...whole, base, text: whole.text.slice(base, cuts[index] ?? whole.text.length) }),
  );
}

function parsePart(stretch: Stretch): Parsed {
  try {
    return { stretch, events: parseEvents(stretch.text, { maxDepth: MAX_DEPTH }) };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return { stretch, problem: explain(stretch, error.reason, error.mark?.position ?? 0) };
  }
}

interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  /** Offset in the stretch, when better than the parser's. */
  readonly offset?: number;
}

function explain(stretch: Stretch, reason: string, position: number): Finding {
  const { code, message, hint, offset } = explanation(stretch.text, reason, position);
  const place = placeIn(stretch.file, stretch.lineStarts, (offset ?? position) + stretch.base);
  return { severity: "error", code, message, place, ...(hint === undefined ? {} : { hint }) };
}

function explanation(text: string, reason: string, position: number): Explanation {
  const tab = tabInIndentation(text, position);
  if (reason.includes("tab character") || tab !== undefined) {
    const message = "A tab is used for indentation";
    return { code: "yaml-tab", message, hint: "Indent with spaces.", ...(tab === undefined ? {} : { offset: tab }) };
  }
  if (reason.includes("maxDepth"))
    return { code: "too-deep", message: `Values are nested more than ${MAX_DEPTH} levels deep` };
  if (reason.includes("null byte")) return { code: "control-character", message: "The file contains a NUL character" };
  if (reason.includes("non-printable") || reason.includes("valid JSON character")) {
    const character = (text.codePointAt(position) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return { code: "control-character", message: `The file contains the control character U+${character}` };
  }
  return syntaxExplanation(text, reason, position);
}

function syntaxExplanation(text: string, reason: string, position: number): Explanation {
  const code = "yaml-syntax";
  if (/quoted scalar|flow collection|deficient indentation/.test(reason)) {
    const open = findUnclosed(text);
    if (open !== undefined) {
      const what = text[open] === "[" || text[open] === "{" ? "bracket" : "quote";
      return { code, message: `This ${what} is opened and not closed`, offset: open };
    }
  }
  if (reason.includes("bad indentation of a mapping entry")) {
    const hint = 'A value that contains ": " or " #", or begins with one of @ ` % & * ! | > [ ] { } , needs quotes.';
    const indented = /^[ ]*$/.test(text.slice(text.lastIndexOf("\n", position - 1) + 1, position));
    if (indented) return { code, message: "This line is indented unlike the lines it belongs to" };
    return { code, message: "This value is not what YAML allows here", hint };
  }
  if (reason.includes("unknown escape"))
    return {
      code,
      message: "A backslash begins an escape in double quotes, and this is none",
      hint: "Use single quotes, or double the backslash.",
    };
  if (reason.includes("end of the stream or a document separator")) {
    const hint = "A key is followed by a colon and a space, and the keys of one mapping begin in one column.";
    return { code, message: "This does not fit what stands before it", hint };
  }
  return { code, message: `This is not valid YAML: ${reason}` };
}

/** Offset of a tab in the indentation of the line of an offset. */
function tabInIndentation(text: string, position: number): number | undefined {
  const before = text.slice(0, position);
  const start = Math.max(before.lastIndexOf("\n"), before.lastIndexOf("\r")) + 1;
  const indentation = /^[ \t]*/.exec(text.slice(start, start + 1000))?.[0] ?? "";
  const tab = indentation.indexOf("\t");
  return tab === -1 ? undefined : start + tab;
}

/** Offset of the first quote or bracket that begins a value and is not closed where one would close it. */
function findUnclosed(text: string): number | undefined {
  for (const match of text.matchAll(/^[ ]*(?:- +)*(?:[^\s#'"[{:][^#'"[{\r\n]*?:[ ]+)?(["'[{])/gm)) {
    const open = match.index + match[0].length - 1;
    if (!isClosed(text, open)) return open;
  }
  return undefined;
}

const CLOSERS: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

function isClosed(text: string, open: number): boolean {
  const opener = text[open] ?? "";
  const indent = open - (text.lastIndexOf("\n", open) + 1);
  const wanted: string[] = [];
  let quote = "";
  for (let at = open; at < text.length; at++) {
    const character = text[at] ?? "";
    if (quote !== "") {
      if (character === "\\" && quote === '"') at++;
      else if (character === quote) quote = "";
    } else if ((character === '"' || character === "'") && (at === open || /[\s,[{:]/.test(text[at - 1] ?? "")))
      quote = character;
    else if (character in CLOSERS) wanted.push(CLOSERS[character] ?? "");
    else if (character === wanted.at(-1)) wanted.pop();
    if (quote === "" && wanted.length === 0) return true;
    // A next line that begins at or left of a key cannot continue the value.
    if (character === "\n" && /^\S/.test(text[at + 1] ?? "") && opener !== "" && indent > 0) return false;
  }
  return false;
}
