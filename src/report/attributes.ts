// What a change does to an entity, attribute by attribute and element by element, as small values that
// the reports lay out. It refuses to decide what differs in meaning: only what is in before and after.
import { structuredPatch } from "diff";
import type { Attributes, Value } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { escapeTerminal, showName } from "./escape.ts";
import type { Sign } from "./fold-access.ts";

/** One line about one attribute; `sign` is a space where nothing is added or taken away. */
export interface AttributeLine {
  readonly attribute: string;
  readonly sign: Sign | " ";
  /** Escaped. */
  readonly text: string;
}

/** A line of a text is shown up to this length; the rest is a number. */
const LINE_LENGTH = 400;

/** Texts no longer than this, together, are shown on one line: `"before" -> "after"`. */
const INLINE_LENGTH = 90;

/** The line diff gives up beyond this many edits, and shows the whole texts. */
const EDITS = 2000;

/** The attributes of something that appears or goes away, a line each (text of several lines: a line per line). */
export function wholeAttributes(attributes: Attributes): AttributeLine[] {
  return namesOf(attributes).flatMap((attribute): AttributeLine[] => {
    const value = attributes[attribute];
    if (typeof value === "string" && value.includes("\n"))
      return linesOf(value).map((text) => ({ attribute, sign: " ", text }));
    return [{ attribute, sign: " ", text: describeValue(value) }];
  });
}

/** What differs between before and after, and nothing else. */
export function changedAttributes(before: Attributes, after: Attributes): AttributeLine[] {
  const names = [...new Set([...namesOf(before), ...namesOf(after)])].sort(compareText);
  return names.flatMap((attribute) => {
    const [old, now] = [before[attribute], after[attribute]];
    return changedValue(old, now).map((line) => ({ attribute, ...line }));
  });
}

type ValueLine = Omit<AttributeLine, "attribute">;

function changedValue(old: Value | undefined, now: Value | undefined): ValueLine[] {
  if (JSON.stringify(old) === JSON.stringify(now)) return [];
  if (isSet(old) && isSet(now)) return changedSet(old, now);
  if (isMap(old) && isMap(now)) return changedMap(old, now);
  if (typeof old === "string" && typeof now === "string" && isLong(old, now)) return changedText(old, now);
  return [{ sign: "~", text: `${describeValue(old)} -> ${describeValue(now)}` }];
}

/** Names as they are: on some platforms names that differ in case alone are two, and nothing may hide in that. */
function changedSet(old: readonly string[], now: readonly string[]): ValueLine[] {
  const [olds, nows] = [new Set(old), new Set(now)];
  return [
    ...now.filter((name) => !olds.has(name)).map((name): ValueLine => ({ sign: "+", text: showName(name) })),
    ...old.filter((name) => !nows.has(name)).map((name): ValueLine => ({ sign: "-", text: showName(name) })),
  ];
}

function changedMap(old: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): ValueLine[] {
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])].sort(compareText);
  return names.flatMap((name): ValueLine[] => {
    const [from, to] = [old[name], now[name]];
    if (from === to) return [];
    const label = showName(name);
    if (from === undefined) return [{ sign: "+", text: `${label}: ${showName(to ?? "")}` }];
    if (to === undefined) return [{ sign: "-", text: `${label}: ${showName(from)}` }];
    return [{ sign: "~", text: `${label}: ${showName(from)} -> ${showName(to)}` }];
  });
}

function isLong(old: string, now: string): boolean {
  return old.includes("\n") || now.includes("\n") || old.length + now.length > INLINE_LENGTH;
}

function changedText(old: string, now: string): ValueLine[] {
  const [before, after] = [`${old}\n`, `${now}\n`];
  const patch = structuredPatch("", "", before, after, undefined, undefined, { context: 1, maxEditLength: EDITS });
  if (!patch || patch.hunks.length === 0)
    return [
      ...linesOf(old).map((text): ValueLine => ({ sign: "-", text })),
      ...linesOf(now).map((text): ValueLine => ({ sign: "+", text })),
    ];
  return patch.hunks.flatMap((hunk, index) => [
    ...(index > 0 || hunk.oldStart > 1 ? [{ sign: " ", text: "…" } as const] : []),
    ...hunk.lines.filter((line) => !line.startsWith("\\")).map(signedLine),
  ]);
}

function signedLine(line: string): ValueLine {
  const sign = line.startsWith("+") ? "+" : line.startsWith("-") ? "-" : " ";
  return { sign, text: escapeTerminal(line.slice(1), LINE_LENGTH) };
}

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => escapeTerminal(line, LINE_LENGTH));
}

/** A value on one line: a word as it is, other text in quotes, sets and maps as lists. */
export function describeValue(value: Value | undefined): string {
  if (value === undefined) return "absent";
  if (typeof value === "boolean") return String(value);
  if (typeof value === "string") return describeText(value);
  const items = isSet(value)
    ? value.map((name) => showName(name))
    : Object.entries(value).map(([name, level]) => `${showName(name)}: ${showName(level)}`);
  return items.length === 0 ? "empty" : items.join(", ");
}

function describeText(text: string): string {
  const shown = showName(text, LINE_LENGTH);
  return /^[^\s"]+$/.test(shown) ? shown : shown.startsWith('"') ? shown : `"${shown}"`;
}

function isSet(value: Value | undefined): value is readonly string[] {
  return Array.isArray(value);
}

function isMap(value: Value | undefined): value is Readonly<Record<string, string>> {
  return typeof value === "object" && !Array.isArray(value);
}

function namesOf(attributes: Attributes): string[] {
  return Object.keys(attributes);
}
