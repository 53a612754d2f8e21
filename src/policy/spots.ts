// Where the parts of one long text stand in its file, however it is written: plain, in quotes, as a block. YAML's parser tells
// where a text begins; how it was folded, escaped and indented is worked out by laying text and source side by side.
import { countMarks, marksOf, type PolicyDocument, placeOf } from "../model/document.ts";
import type { ExpressionSpot } from "../model/guardrail.ts";
import { placeIn } from "./text.ts";

/** A file's text, and where its lines start. */
interface Source {
  readonly text: string;
  readonly lineStarts: readonly number[];
}

/** Characters of the source that an escape takes, by the letter after its backslash; all others take two. */
const ESCAPES: Readonly<Record<string, number>> = { x: 4, u: 6, U: 10 };

/** The document with the spots of the text at a path behind its marks, where `spotsOf` finds them. */
export function noteSpots<T extends PolicyDocument>(
  document: T,
  path: readonly string[],
  value: string,
  source: Source,
): T {
  const offsets = alignText(value, source.text, startOf(document, path, source));
  const spots: number[] = [];
  let next = { line: 0, column: 0 };
  for (const [offset, at] of offsets.entries()) {
    const { line, column } = placeIn(document.file, source.lineStarts, at);
    if (line !== next.line || column !== next.column) spots.push(offset, 0, line, column);
    next = { line, column: column + 1 };
  }
  return { ...document, marks: [...marksOf(document), ...spots] };
}

/** What `noteSpots` noted, in the order of the text; empty when nothing was. */
export function spotsOf(document: PolicyDocument): ExpressionSpot[] {
  const marks = marksOf(document);
  const spots: ExpressionSpot[] = [];
  for (let index = countMarks(document.value) * 2; index + 3 < marks.length; index += 4)
    spots.push({ offset: marks[index] ?? 0, line: marks[index + 2] ?? 1, column: marks[index + 3] ?? 1 });
  return spots;
}

/** Offset of a text's first character. The mark of a block is that of its key, the mark of what is quoted its quote. */
function startOf(document: PolicyDocument, path: readonly string[], { text, lineStarts }: Source): number {
  const [key, value] = [placeOf(document, path, "key"), placeOf(document, path)];
  const at = (lineStarts[value.line - 1] ?? 0) + value.column - 1;
  if (key.line !== value.line || key.column !== value.column) return at;
  const lineEnd = lineStarts[value.line] ?? text.length;
  return lineEnd;
}

/** For each UTF-16 unit of the value the offset in the source that it comes from, and one more for the end. */
export function alignText(value: string, source: string, start: number): number[] {
  const quote = source[start] === '"' || source[start] === "'" ? source[start] : undefined;
  const offsets: number[] = [];
  let at = quote === undefined ? start : start + 1;
  for (const unit of value.split("")) {
    // Indentation, and line breaks that were folded or escaped away.
    while (!isBlank(unit) && (isBlank(source[at]) || isEscapedBreak(source, at, quote))) at += 1;
    offsets.push(Math.min(at, source.length));
    if (quote === '"' && source[at] === "\\") at += ESCAPES[source[at + 1] ?? ""] ?? 2;
    else if (quote === "'" && source.startsWith("''", at)) at += 2;
    else if (source[at] === unit) at += 1;
    // A break that stands for a blank, with the indentation after it.
    else while (isBlank(source[at])) at += 1;
  }
  return [...offsets, Math.min(at, source.length)];
}

/** A line break in double quotes that stands for nothing. */
function isEscapedBreak(source: string, at: number, quote: string | undefined): boolean {
  return quote === '"' && source[at] === "\\" && (source[at + 1] === "\n" || source[at + 1] === "\r");
}

function isBlank(unit: string | undefined): boolean {
  return unit === " " || unit === "\n" || unit === "\r" || unit === "\t";
}
