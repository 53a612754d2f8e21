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
  const comma = after ? undefined : commaAfter(file, node, before);
  if (!ownsLine(file, node, index - 1)) {
    // Between neighbours on different lines the new one stays on the first of the two.
    return after || comma === undefined ? [at(end, `, ${text}`)] : [at(comma + 1, ` ${text},`)];
  }
  const line = lineOf(file, end);
  const lineBreak = breakNear(file, line);
  const indent = textBefore(file, before.lead);
  const next = startOfLine(file, line + 1);
  if (after || comma !== undefined) return [at(next, `${indent}${text},${lineBreak}`)];
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
  const comma = commaAfter(file, node, entry);
  const earlier = before && commaAfter(file, node, before);
  if (ownsLine(file, node, index) && (before || after)) {
    const from = startOfLine(file, lineOf(file, entry.lead));
    const to = startOfLine(file, lineOf(file, endOf(entry)) + 1);
    const lines = { from, to, text: "" };
    if (after || comma !== undefined || earlier === undefined) return [lines];
    return [{ from: earlier, to: earlier + 1, text: "" }, lines];
  }
  const end = endOf(entry);
  if (before && isPlainGap(file, endOf(before), entry.lead)) {
    if (after || comma === undefined) return [{ from: endOf(before), to: end, text: "" }];
    return [{ from: (earlier ?? endOf(before)) + 1, to: comma + 1, text: "" }];
  }
  if (after && isPlainGap(file, end, after.lead)) return [{ from: entry.lead, to: after.lead, text: "" }];
  if (comma !== undefined && lineOf(file, comma) === lineOf(file, end)) {
    const blank =
      /^[ \t]*(?=\S)/.exec(file.text.slice(comma + 1, startOfLine(file, lineOf(file, comma) + 1)))?.[0] ?? "";
    return [{ from: entry.lead, to: comma + 1 + blank.length, text: "" }];
  }
  const cut = { from: entry.lead, to: end, text: "" };
  const spare = comma ?? earlier;
  return spare === undefined ? [cut] : [cut, { from: spare, to: spare + 1, text: "" }];
}

/** Whether an entry, its comma and a comment are all there is on its lines. */
function ownsLine(file: DraftFile, node: SourceCollection, index: number): boolean {
  const entry = node.entries[index];
  if (!entry || textBefore(file, entry.lead).trim() !== "") return false;
  const line = lineOf(file, endOf(entry));
  const rest = textOfLine(file, line).slice(endOf(entry) - startOfLine(file, line));
  return lineOf(file, node.end) > line && /^[ \t]*,?[ \t]*(?:#.*)?$/.test(rest);
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
