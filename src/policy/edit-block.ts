// Entries of block collections, as splices: an entry more, in the column and with the spacing of its neighbours, or one less,
// with its whole lines. It chooses no text and no order.
import type { DraftFile, Splice } from "./edit-draft.ts";
import {
  beginsLine,
  breakNear,
  breakOfLine,
  columnOf,
  type LineSpan,
  linesOf,
  ownLinesOf,
  startOfLine,
  textBefore,
} from "./edit-lines.ts";
import type { SourceCollection, SourceEntry } from "./edit-source.ts";

/** The least index at which an entry can go in: nothing fits before one that shares its line with what holds it. */
export function firstFreeIndex(file: DraftFile, node: SourceCollection): number {
  const first = node.entries[0];
  return first && !node.isFlow && !beginsLine(file, first) ? 1 : 0;
}

/** What stands between the dashes of a list and its items. */
export function gapIn(file: DraftFile, node: SourceCollection, index: number): string {
  for (const entry of [node.entries[index - 1], node.entries[index], ...node.entries]) {
    if (!entry || entry.value.start <= entry.after) continue;
    const gap = file.text.slice(entry.after, entry.value.start);
    if (/^ +$/.test(gap)) return gap;
  }
  return " ";
}

/** An entry at an index: its lines without indentation, the dash or key in the first. */
export function insertLines(
  file: DraftFile,
  node: SourceCollection,
  index: number,
  lines: readonly string[],
): Splice[] {
  const before = node.entries[index - 1];
  const sibling = before ?? node.entries[index];
  if (!sibling) return [];
  const indent = indentOf(file, node, sibling);
  const indented = lines.map((line) => (line === "" ? "" : indent + line));
  if (before) {
    const { last } = linesOf(file, before);
    return [textAfterLine(file, last, indented)];
  }
  const { first } = ownLinesOf(file, node, 0);
  const at = startOfLine(file, first);
  const lineBreak = breakNear(file, first);
  return [{ from: at, to: at, text: indented.map((line) => line + lineBreak).join("") }];
}

/** Whole lines after a line, which may be the last and without a break. */
export function textAfterLine(file: DraftFile, line: number, lines: readonly string[]): Splice {
  const at = startOfLine(file, line + 1);
  const lineBreak = breakNear(file, line);
  const isOpen = breakOfLine(file, line) === "";
  const text = isOpen ? lines.map((each) => lineBreak + each).join("") : lines.map((each) => each + lineBreak).join("");
  return { from: at, to: at, text };
}

/** The indentation of a collection's entries. One that shares its first line with a dash is indented with blanks on the others. */
function indentOf(file: DraftFile, node: SourceCollection, sibling: SourceEntry): string {
  for (const entry of [sibling, ...node.entries]) if (beginsLine(file, entry)) return textBefore(file, entry.lead);
  return " ".repeat(columnOf(file, sibling.lead));
}

/** An entry less. Undefined when it shares its line with what holds it. */
export function removeLines(file: DraftFile, node: SourceCollection, index: number): Splice[] | undefined {
  const entry = node.entries[index];
  if (!entry || !beginsLine(file, entry)) return undefined;
  return [cutLines(file, ownLinesOf(file, node, index))];
}

/** Lines less. At the end of a text without a last line break it is the break before them that goes. */
export function cutLines(file: DraftFile, { first, last }: LineSpan): Splice {
  const [from, to] = [startOfLine(file, first), startOfLine(file, last + 1)];
  if (breakOfLine(file, last) !== "" || first === 0) return { from, to, text: "" };
  return { from: from - breakOfLine(file, first - 1).length, to, text: "" };
}
