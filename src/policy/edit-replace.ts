// One value for another in its place: a scalar in the quotes or the block it had, a collection by what stands on its key's line.
// Comments at the end of the key's line stay.
import type { Json } from "../model/document.ts";
import { cutLines, textAfterLine } from "./edit-block.ts";
import type { DraftFile, Splice } from "./edit-draft.ts";
import { breakNear, columnOf, lineOf, linesOf, startOfLine, textOfLine } from "./edit-lines.ts";
import type { SourceCollection, SourceEntry, SourceNode, SourceScalar } from "./edit-source.ts";
import { inlineLike } from "./edit-text.ts";
import { type Block, blockOf } from "./quote.ts";

export interface Replaced {
  readonly splices: readonly Splice[];
  /** What the new text says: the value asked for, but for line breaks at its end. */
  readonly value: Json;
}

/** The value of an entry replaced. */
export function replaceNode(file: DraftFile, holder: SourceCollection, entry: SourceEntry, value: Json): Replaced {
  const node = entry.value;
  const text = inlineLike(value, [node], holder.isFlow);
  if (node.type === "scalar" && node.style === "block") return replaceBlock(file, entry, node, value);
  if (node.type !== "scalar" && node.type !== "odd" && !node.isFlow)
    return replaceLines(file, entry, node, text, value);
  const block = blockFor(file, holder, entry, value);
  if (!block) return { splices: [{ from: node.start, to: node.end, text }], value };
  const indent = " ".repeat(columnOf(file, entry.lead) + 2);
  const line = lineOf(file, node.end);
  const body = textAfterLine(file, line, indentLines(block.lines, indent));
  return { splices: [{ from: node.start, to: node.end, text: block.header }, body], value };
}

/** The block that a text of several lines becomes, where its key's line leaves room for one. */
function blockFor(file: DraftFile, holder: SourceCollection, entry: SourceEntry, value: Json): Block | undefined {
  if (holder.isFlow || typeof value !== "string" || !value.includes("\n")) return undefined;
  if (lineOf(file, entry.lead) !== lineOf(file, entry.value.start)) return undefined;
  // A comment that is indented like the block's text would become part of it.
  const rest = file.text.slice(startOfLine(file, lineOf(file, entry.value.end) + 1));
  const [, indent] = /^(?:[ \t]*(?:\r\n?|\n))*([ \t]*)#/.exec(rest) ?? [];
  if (indent !== undefined && indent.length > columnOf(file, entry.lead)) return undefined;
  return blockOf(value, Number.POSITIVE_INFINITY);
}

/** A block collection: its lines go, and what it becomes stands after the colon. */
function replaceLines(
  file: DraftFile,
  entry: SourceEntry,
  node: SourceCollection,
  text: string,
  value: Json,
): Replaced {
  const last = node.entries.at(-1);
  const first = lineOf(file, entry.after) + 1;
  const lines = cutLines(file, { first, last: last ? linesOf(file, last).last : first });
  return { splices: [{ from: entry.after, to: entry.after, text: ` ${text}` }, lines], value };
}

/** A block of text: another one, with its indentation, or else a text on the key's line. */
function replaceBlock(file: DraftFile, entry: SourceEntry, node: SourceScalar, value: Json): Replaced {
  const header = /^[|>][-+0-9]*/.exec(file.text.slice(node.start, node.start + 8))?.[0] ?? "";
  const head = { from: node.start, to: node.start + header.length };
  const first = lineOf(file, node.start) + 1;
  const last = lineOf(file, node.end);
  const block = typeof value === "string" ? blockLines(value) : undefined;
  if (!block || typeof value !== "string") {
    const splices: Splice[] = [{ ...head, text: inlineLike(value, [], false) }];
    if (last >= first) splices.push(cutLines(file, { first, last }));
    return { splices, value };
  }
  const isStripped = /[-+]/.test(header) || last < first;
  const style = block.length > 1 ? "|" : (header[0] ?? "|");
  const indent = indentOfBlock(file, entry, header, { first, last });
  const lines = indentLines(block, indent);
  const body =
    last < first
      ? textAfterLine(file, first - 1, lines)
      : {
          from: startOfLine(file, first),
          to: startOfLine(file, last) + textOfLine(file, last).length,
          text: lines.join(breakNear(file, first)),
        };
  const isOpen = body.to === file.text.length;
  return {
    splices: [{ ...head, text: style + (isStripped ? "-" : "") }, body],
    value: isStripped || isOpen ? value : `${value}\n`,
  };
}

function blockLines(text: string): readonly string[] | undefined {
  if (text === "") return undefined;
  const block = blockOf(text.includes("\n") ? text : `${text}\n`, Number.POSITIVE_INFINITY);
  return block?.lines;
}

function indentOfBlock(
  file: DraftFile,
  entry: SourceEntry,
  header: string,
  { first, last }: { readonly first: number; readonly last: number },
): string {
  for (let line = first; line <= last && !/[0-9]/.test(header); line++) {
    const [, indent = ""] = /^( *)\S/.exec(textOfLine(file, line)) ?? [];
    if (indent !== "") return indent;
  }
  return " ".repeat(columnOf(file, entry.lead) + 2);
}

function indentLines(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => (line === "" ? "" : indent + line));
}

/** Whether a node is a text. */
export function isTextNode(node: SourceNode | undefined): node is SourceScalar & { readonly value: string } {
  return node?.type === "scalar" && typeof node.value === "string";
}
