// The lines that an entry of a block takes, and the comments that are its own. The rule for comments: those at the end of
// its lines; those below it that are indented deeper; and those directly above it, in its column, when nothing else stands
// under them: what follows the entry is a comment, a blank line or nothing. A comment above several entries is all of theirs.
import type { DraftFile } from "./edit-draft.ts";
import type { SourceCollection, SourceEntry } from "./edit-source.ts";
import { placeIn } from "./text.ts";

/** Lines from 0, the last one included. */
export interface LineSpan {
  readonly first: number;
  readonly last: number;
}

export function lineOf({ lineStarts }: DraftFile, offset: number): number {
  return placeIn("", lineStarts, offset).line - 1;
}

/** Offset of a line's start; of the text's end for the line after the last. */
export function startOfLine({ text, lineStarts }: DraftFile, line: number): number {
  return lineStarts[line] ?? text.length;
}

/** A line without its break. */
export function textOfLine(file: DraftFile, line: number): string {
  return file.text.slice(startOfLine(file, line), startOfLine(file, line + 1)).replace(/(?:\r\n?|\n)$/, "");
}

/** The break that ends a line; empty for the last line of a text that ends without one. */
export function breakOfLine(file: DraftFile, line: number): string {
  const end = startOfLine(file, line + 1);
  return /(?:\r\n?|\n)$/.exec(file.text.slice(Math.max(0, end - 2, startOfLine(file, line)), end))?.[0] ?? "";
}

/** The line break to write after a line: its own, or that of the nearest line above, or below. */
export function breakNear(file: DraftFile, line: number): string {
  for (let at = line; at >= 0; at--) {
    const found = breakOfLine(file, at);
    if (found !== "") return found;
  }
  for (let at = line + 1; at < file.lineStarts.length; at++) {
    const found = breakOfLine(file, at);
    if (found !== "") return found;
  }
  return "\n";
}

/** The column of an offset, from 0. */
export function columnOf(file: DraftFile, offset: number): number {
  return offset - startOfLine(file, lineOf(file, offset));
}

/** What stands before an offset on its line. */
export function textBefore(file: DraftFile, offset: number): string {
  return file.text.slice(startOfLine(file, lineOf(file, offset)), offset);
}

/** Whether an entry begins its line. */
export function beginsLine(file: DraftFile, entry: SourceEntry): boolean {
  return /^ *$/.test(textBefore(file, entry.lead));
}

/** The lines of an entry itself, with the comments below it that are indented deeper. */
export function linesOf(file: DraftFile, entry: SourceEntry): LineSpan {
  const column = columnOf(file, entry.lead);
  const first = lineOf(file, entry.lead);
  let last = lineOf(file, Math.max(entry.after, entry.value.end));
  for (let line = last + 1; line < file.lineStarts.length; line++) {
    if (commentColumn(file, line) > column) last = line;
    else if (textOfLine(file, line).trim() !== "") break;
  }
  return { first, last };
}

/** The lines that go when an entry of a block goes: its own, and the comments above that are about nothing else. */
export function ownLinesOf(file: DraftFile, node: SourceCollection, index: number): LineSpan {
  const entry = node.entries[index];
  if (!entry) return { first: 0, last: -1 };
  const { first, last } = linesOf(file, entry);
  const next = node.entries[index + 1];
  const standsAlone = !next || lineOf(file, next.lead) > last + 1;
  return { first: standsAlone ? first - commentsAbove(file, entry) : first, last };
}

/** How many comment lines stand directly above an entry, in its column. */
function commentsAbove(file: DraftFile, entry: SourceEntry): number {
  const column = columnOf(file, entry.lead);
  const line = lineOf(file, entry.lead);
  let count = 0;
  while (line - count > 0 && commentColumn(file, line - count - 1) === column) count++;
  return count;
}

/** Column of the comment that is all of a line, or -1. */
function commentColumn(file: DraftFile, line: number): number {
  const before = /^[ \t]*#/.exec(textOfLine(file, line))?.[0];
  return before === undefined ? -1 : before.length - 1;
}
