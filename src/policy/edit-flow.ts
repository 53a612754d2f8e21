// Entries of flow collections, as splices: an entry more or less between the brackets, on the same line or on lines of their
// own as its neighbours are. Comments stay where they are, except one at the end of a line that goes.
import type { DraftFile, Splice } from "./edit-draft.ts";
import { breakNear, lineOf, startOfLine, textBefore, textOfLine } from "./edit-lines.ts";
import type { SourceCollection, SourceEntry } from "./edit-source.ts";

/** An entry at an index. */
export function insertInFlow(file: DraftFile, node: SourceCollection, index: number, text: string): Splice[] {
  const before = node.entries[index - 1];
  const after = node.entries[index];
  if (!before && !after) return [at(node.start + 1, text)];
  if (!before) return insertFirst(file, after as SourceEntry, text);
  const end = endOf(before);
  const line = lineOf(file, end);
  const comma = commaAfter(file, node, before);
  const isLeading = comma !== undefined && lineOf(file, comma) !== line;
  if (isLeading || !ownsLine(file, node, index - 1)) {
    // Between neighbours on different lines the new one stays on the first of the two.
    return after || isLeading || comma === undefined ? [at(end, `, ${text}`)] : [at(comma + 1, ` ${text},`)];
  }
  const lineBreak = breakNear(file, line);
  const indent = textBefore(file, before.lead);
  const next = startOfLine(file, line + 1);
  if (comma !== undefined) return [at(next, `${indent}${text},${lineBreak}`)];
  return [at(end, ","), at(next, `${indent}${text}${lineBreak}`)];
}

function insertFirst(file: DraftFile, after: SourceEntry, text: string): Splice[] {
  const before = textBefore(file, after.lead);
  if (before.trim() !== "") return [at(after.lead, `${text}, `)];
  return [at(after.lead, `${text},${breakNear(file, lineOf(file, after.lead))}${before}`)];
}

/** An entry less. */
export function removeFromFlow(file: DraftFile, node: SourceCollection, index: number): Splice[] {
  const entry = node.entries[index];
  if (!entry) return [];
  const [before, after] = [node.entries[index - 1], node.entries[index + 1]];
  if (before || after) {
    const lines = removeOwnLines(file, node, index);
    if (lines) return lines;
  }
  const end = endOf(entry);
  const comma = commaAfter(file, node, entry);
  const earlier = before && commaAfter(file, node, before);
  if (before && isPlainGap(file, endOf(before), entry.lead)) {
    const isNear = comma !== undefined && lineOf(file, comma) === lineOf(file, end);
    if (after || !isNear) return [{ from: endOf(before), to: end, text: "" }];
    return [{ from: (earlier ?? endOf(before)) + 1, to: comma + 1, text: "" }];
  }
  if (after && isPlainGap(file, end, after.lead)) return [{ from: entry.lead, to: after.lead, text: "" }];
  if (comma !== undefined && lineOf(file, comma) === lineOf(file, end)) {
    const rest = file.text.slice(comma + 1, startOfLine(file, lineOf(file, comma) + 1));
    // A comment keeps a blank before it, or it would be none.
    const blank = /^[ \t]*(?=[^\s#])/.exec(rest)?.[0] ?? "";
    return [{ from: entry.lead, to: comma + 1 + blank.length, text: "" }];
  }
  const cut = { from: entry.lead, to: end, text: "" };
  const spare = comma ?? earlier;
  return spare === undefined ? [cut] : [cut, { from: spare, to: spare + 1, text: "" }];
}

/** An entry that has lines to itself goes with them, and a comma that would be one too many elsewhere. */
function removeOwnLines(file: DraftFile, node: SourceCollection, index: number): Splice[] | undefined {
  const entry = node.entries[index] as SourceEntry;
  const before = node.entries[index - 1];
  const line = lineOf(file, endOf(entry));
  const from = startOfLine(file, lineOf(file, entry.lead));
  const lines = { from, to: startOfLine(file, line + 1), text: "" };
  if (ownsLine(file, node, index)) {
    const comma = commaAfter(file, node, entry);
    const isElsewhere = comma !== undefined && lineOf(file, comma) !== line;
    // Of a last entry without a comma it is the one before that divides nothing any more.
    const spare = comma === undefined ? before && commaAfter(file, node, before) : isElsewhere ? comma : undefined;
    if (spare === undefined) return [lines];
    return [lines, { from: spare, to: spare + 1, text: "" }];
  }
  const leads = before && /^[ \t]*,[ \t]*$/.test(textBefore(file, entry.lead));
  return leads && /^[ \t]*(?:#.*)?$/.test(restOfLine(file, entry)) && lineOf(file, node.end) > line
    ? [lines]
    : undefined;
}

/** Whether an entry, its comma and a comment are all there is on its lines. */
function ownsLine(file: DraftFile, node: SourceCollection, index: number): boolean {
  const entry = node.entries[index];
  if (!entry || textBefore(file, entry.lead).trim() !== "") return false;
  return (
    lineOf(file, node.end) > lineOf(file, endOf(entry)) && /^[ \t]*,?[ \t]*(?:#.*)?$/.test(restOfLine(file, entry))
  );
}

/** What stands behind an entry on its last line. */
function restOfLine(file: DraftFile, entry: SourceEntry): string {
  const line = lineOf(file, endOf(entry));
  return textOfLine(file, line).slice(endOf(entry) - startOfLine(file, line));
}

/** Offset of the comma between an entry and what follows it. */
function commaAfter(file: DraftFile, node: SourceCollection, entry: SourceEntry): number | undefined {
  const gap = file.text.slice(endOf(entry), node.end);
  const match = /^(?:[ \t\r\n]|#[^\r\n]*(?=[\r\n]))*,/.exec(gap);
  return match ? endOf(entry) + match[0].length - 1 : undefined;
}

/** Whether nothing but blanks and a comma stand between two offsets, on one line. */
function isPlainGap({ text }: DraftFile, from: number, to: number): boolean {
  return /^[ \t]*,?[ \t]*$/.test(text.slice(from, to));
}

function endOf(entry: SourceEntry): number {
  return Math.max(entry.after, entry.value.end);
}

function at(offset: number, text: string): Splice {
  return { from: offset, to: offset, text };
}
