// Lines on a terminal: how wide text is, where it wraps, what colour it has. Colour is put on after
// wrapping, piece by piece, so that no code ever crosses a line. It refuses to escape: text comes in safe.
import { eastAsianWidth } from "get-east-asian-width";
import picocolors from "picocolors";

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "magenta" | "cyan";

/** A piece of a line. A solid piece is never broken: a path to click, a digest to copy. */
export interface Piece {
  readonly text: string;
  readonly style?: Style;
  readonly solid?: boolean;
}

export type Pieces = readonly (Piece | string)[];

export interface Screen {
  /** Columns; at least 48 are assumed. */
  readonly width: number;
  readonly paint: (text: string, style: Style | undefined) => string;
}

const NARROWEST = 48;

export function screenOf(color: boolean, width: number): Screen {
  const colors = picocolors.createColors(color);
  return {
    width: Math.max(NARROWEST, width),
    paint: (text, style) => (style === undefined || text === "" ? text : colors[style](text)),
  };
}

/** Columns a text takes. The text holds no control characters and no colour codes. */
export function columnsOf(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const character of text) if (!/\p{M}/u.test(character)) columns += eastAsianWidth(character.codePointAt(0) ?? 0);
  return columns;
}

/** Filled up with spaces to a number of columns. */
export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - columnsOf(text)));
}

/** What stands between two spaces, with the spaces before it. */
interface Word {
  readonly gap: string;
  readonly pieces: Piece[];
}

/** Lines no wider than the screen: the first after `first`, the others after `rest`; broken at spaces, or within words that are too long. */
export function wrap(screen: Screen, pieces: Pieces, first = "", rest: string = first): string[] {
  const lines: string[] = [];
  let line: Piece[] = [{ text: first }];
  let taken = columnsOf(first);
  let empty = true;
  const breakLine = () => {
    lines.push(paintLine(screen, line));
    line = [{ text: rest }];
    taken = columnsOf(rest);
  };
  for (const { gap, pieces: parts } of wordsOf(pieces)) {
    const wide = parts.reduce((sum, part) => sum + columnsOf(part.text), 0);
    if (!empty && taken + gap.length + wide > screen.width) breakLine();
    else {
      line.push(gapBetween(gap, line.at(-1), parts[0]));
      taken += gap.length;
    }
    for (const part of parts)
      for (const [index, text] of cutToFit(part, taken, screen.width, columnsOf(rest)).entries()) {
        if (index > 0) breakLine();
        line.push({ ...part, text });
        taken += columnsOf(text);
      }
    empty = false;
  }
  return [...lines, paintLine(screen, line)];
}

/** A gap has the style of what is on both of its sides, so that a phrase is painted as one. */
function gapBetween(gap: string, left: Piece | undefined, right: Piece | undefined): Piece {
  const { style } = right ?? {};
  return style !== undefined && left?.style === style ? { text: gap, style } : { text: gap };
}

function paintLine(screen: Screen, pieces: readonly Piece[]): string {
  let line = "";
  let run = "";
  let style: Style | undefined;
  for (const piece of pieces) {
    if (piece.text === "") continue;
    if (piece.style !== style) {
      line += screen.paint(run, style);
      run = "";
      style = piece.style;
    }
    run += piece.text;
  }
  return line + screen.paint(run, style);
}

/** A piece cut into what still fits on its line and what fits on each following line; whole when it may not be cut. */
function cutToFit({ text, solid }: Piece, taken: number, width: number, indent: number): string[] {
  if (solid === true) return [text];
  const cuts: string[] = [];
  let remaining = text;
  let room = width - taken;
  while (columnsOf(remaining) > room) {
    const head = headOf(remaining, room);
    if (head === "" && cuts.length > 0) break;
    cuts.push(head);
    remaining = remaining.slice(head.length);
    room = width - indent;
  }
  return [...cuts, remaining];
}

function wordsOf(pieces: Pieces): Word[] {
  const words: Word[] = [];
  let gap: string | undefined = "";
  for (const piece of pieces) {
    const { text, ...look } = typeof piece === "string" ? { text: piece } : piece;
    const solid = "solid" in look && look.solid === true;
    for (const token of solid ? [text] : text.split(/( +)/)) {
      if (token === "") continue;
      if (!solid && token.startsWith(" ")) gap = (gap ?? "") + token;
      else if (gap === undefined) words.at(-1)?.pieces.push({ text: token, ...look });
      else {
        words.push({ gap, pieces: [{ text: token, ...look }] });
        gap = undefined;
      }
    }
  }
  return words;
}

function headOf(text: string, columns: number): string {
  let head = "";
  let taken = 0;
  for (const character of text) {
    taken += columnsOf(character);
    if (taken > columns) break;
    head += character;
  }
  return head;
}

/** Cells side by side, each wrapped within its own columns; the last line of a cell is not padded when nothing follows it. */
export function columns(
  screen: Screen,
  indent: string,
  cells: readonly { readonly pieces: Pieces; readonly width: number }[],
): string[] {
  const wrapped = cells.map((cell) => {
    const plain = wrap({ width: cell.width, paint: (text) => text }, cell.pieces);
    const painted = wrap({ ...screen, width: cell.width }, cell.pieces);
    return painted.map((line, index) => ({ line, columns: columnsOf(plain[index] ?? "") }));
  });
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, row) => {
    let line = "";
    let pending = indent;
    for (const [index, cell] of cells.entries()) {
      const part = wrapped[index]?.[row];
      if (part && part.columns > 0) {
        line += pending + part.line;
        pending = "";
      }
      pending += " ".repeat(Math.max(0, cell.width - (part?.columns ?? 0)) + 2);
    }
    return line;
  });
}

/**
 * A table without borders, each column as wide as it needs, the widest ones narrowed to fit the screen. `below` gives the lines that
 * follow a row.
 */
export function tableLines(
  screen: Screen,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  below: (row: number) => readonly string[] = () => [],
): string[] {
  const needs = head.map((title, column) =>
    rows.reduce((most, row) => Math.max(most, columnsOf(row[column] ?? "")), columnsOf(title)),
  );
  const widths = fitColumns(needs, screen.width - 2 * head.length);
  const line = (row: readonly string[], style?: Style) =>
    columns(
      screen,
      "  ",
      row.map((text, column) => ({
        pieces: [style === undefined ? text : { text, style }],
        width: widths[column] ?? 1,
      })),
    );
  return [...line(head, "dim"), ...rows.flatMap((row, index) => [...line(row), ...below(index)])];
}

/** Takes what is too much from the widest columns. */
function fitColumns(needs: readonly number[], room: number): number[] {
  const widths = [...needs];
  let excess = widths.reduce((sum, width) => sum + width, 0) - room;
  while (excess > 0) {
    const widest = widths.indexOf(Math.max(...widths));
    if ((widths[widest] ?? 0) <= 8) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}
