// Text as a YAML scalar: plain where that reads back as the same text, else in the quotes that need the least escaping,
// or as a block when it has several lines. Reading back is by the core schema of YAML 1.2.
import { resolvePlain } from "./build.ts";

/** Columns that a line may take where there is a choice. */
export const LINE_WIDTH = 100;

/** What no scalar may hold as it is: controls, lone surrogates, and what looks like nothing or like a line break. */
const UNPRINTABLE =
  /[\u0000-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]|\p{Cs}/u;
const UNPRINTABLES = new RegExp(UNPRINTABLE.source, "gu");

/** The scalar on one line. `inFlow` is within `[ ]` or `{ }`, where more needs quotes. */
export function quote(text: string, inFlow = false): string {
  if (isPlain(text, inFlow)) return text;
  if (UNPRINTABLE.test(text)) return doubleQuoted(text);
  if (text.includes("'") && !/["\\]/.test(text)) return `"${text}"`;
  return `'${text.replaceAll("'", "''")}'`;
}

function isPlain(text: string, inFlow: boolean): boolean {
  if (text === "" || text.trim() !== text || UNPRINTABLE.test(text)) return false;
  if (typeof resolvePlain(text) !== "string") return false;
  if (/^[,[\]{}#&*!|>'"%@`]/.test(text) || /^[-?:](?:\s|$)/.test(text) || /^(?:---|\.\.\.)/.test(text)) return false;
  if (/:(?:\s|$)|\s#/.test(text)) return false;
  return !inFlow || !(/[,[\]{}]/.test(text) || /^[-?:]/.test(text));
}

/** The scalar in quotes of one sort, where it can stand in them on one line. */
export function quoteAs(text: string, quotes: "single" | "double"): string | undefined {
  if (quotes === "double") return doubleQuoted(text);
  return UNPRINTABLE.test(text) ? undefined : `'${text.replaceAll("'", "''")}'`;
}

function doubleQuoted(text: string): string {
  // JSON's escapes are YAML's; what JSON leaves as it is and YAML refuses or hides is escaped as well.
  return JSON.stringify(text).replace(UNPRINTABLES, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

export interface Block {
  /** `|`, `|-` or `>-`. */
  readonly header: string;
  /** Without indentation. */
  readonly lines: readonly string[];
}

/** The scalar as a block, when it reads better so: several lines, or one that is longer than `width`. */
export function blockOf(text: string, width: number): Block | undefined {
  const body = text.endsWith("\n") ? text.slice(0, -1) : text;
  const lines = body.split("\n");
  if (body === "" || lines.some((line) => UNPRINTABLE.test(line) || /\s$/.test(line))) return undefined;
  if (/^\s/.test(body) || lines.at(-1) === "") return undefined;
  if (lines.length > 1) return { header: body === text ? "|-" : "|", lines };
  if (body !== text) return { header: "|", lines };
  if (quote(text).length <= width) return undefined;
  const folded = fold(text, Math.max(40, width));
  return folded.length > 1 ? { header: ">-", lines: folded } : undefined;
}

/** Breaks a line at single blanks, which a folded block puts back. */
function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
