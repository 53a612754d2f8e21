// The changes of a plan, in the order they are made: a sign, what it is, and attribute by attribute what
// happens to it. It refuses to fold silently, and `full` unfolds everything.
import type { Action, Change, Effect } from "../model/change.ts";
import { type AttributeLine, changedAttributes, describeValue, wholeAttributes } from "./attributes.ts";
import { showName } from "./escape.ts";
import type { Sign } from "./fold-access.ts";
import { type ChangeItem, memberName } from "./fold-changes.ts";
import { columnsOf, type Piece, padded, type Screen, type Style, wrap } from "./layout.ts";
import { SIGN_STYLES } from "./people-text.ts";
import { counted, folded } from "./phrase.ts";

export interface ChangesOptions {
  readonly full: boolean;
  /** What each line starts with. */
  readonly indent: string;
}

const SIGNS: Readonly<Record<Action, Sign>> = { create: "+", update: "~", delete: "-" };

export const EFFECT_STYLES: Readonly<Record<Effect, Style>> = {
  escalates: "magenta",
  reduces: "yellow",
  mixed: "yellow",
  neutral: "dim",
};

const MEMBERS_SHOWN = 5;

/** Lines about one attribute shown without `full`. */
const LINES_SHOWN = 30;

/** One item: a headline, and a line for each thing that changes in it. */
export function changeItemLines(screen: Screen, item: ChangeItem, options: ChangesOptions): string[] {
  return item.group === undefined
    ? entityLines(screen, item.changes[0], options)
    : membershipLines(screen, item.group, item.changes, options);
}

function membershipLines(
  screen: Screen,
  group: string,
  changes: readonly [Change, ...Change[]],
  { full, indent }: ChangesOptions,
): string[] {
  const [first] = changes;
  const names = folded(changes.map(describeMember), full ? changes.length : MEMBERS_SHOWN, (name) => name);
  const direction = first.action === "delete" ? "from" : "in";
  const title = `${counted(changes.length, "member")} ${direction} ${showName(group)}: ${names}`;
  return headline(screen, first, title, indent);
}

/** An address, and until when and why it is a member, where Git says so. */
function describeMember(change: Change): string {
  const notes = Object.entries(change.after?.attributes ?? {}).map(
    ([name, value]) => `${name} ${describeValue(value)}`,
  );
  return showName(memberName(change)) + (notes.length === 0 ? "" : ` (${notes.join("; ")})`);
}

function entityLines(screen: Screen, change: Change, { full, indent }: ChangesOptions): string[] {
  const { before, after } = change;
  const renamed = before && after && before.name !== after.name ? `, until now ${showName(before.name)}` : "";
  const title = `${showName(change.kind)} ${showName(change.name)}${renamed}`;
  const lines =
    before && after
      ? changedAttributes(before.attributes, after.attributes)
      : wholeAttributes((after ?? before)?.attributes ?? {});
  return [...headline(screen, change, title, indent), ...attributeLines(screen, lines, `${indent}    `, full)];
}

function headline(screen: Screen, change: Change, title: string, indent: string): string[] {
  const sign = SIGNS[change.action];
  const blocked = change.blockedBy ?? [];
  const pieces: Piece[] = [
    { text: sign, style: SIGN_STYLES[sign] },
    { text: ` ${title}` },
    { text: "  (" },
    { text: `${change.origin},`, style: "dim" },
    { text: " " },
    { text: change.effect, style: EFFECT_STYLES[change.effect] },
    { text: ")" },
    ...(blocked.length === 0
      ? []
      : [{ text: `  blocked by ${blocked.map((code) => showName(code)).join(", ")}`, style: "red" } satisfies Piece]),
  ];
  return wrap(screen, pieces, indent, `${indent}    `);
}

function attributeLines(screen: Screen, lines: readonly AttributeLine[], indent: string, full: boolean): string[] {
  const label = Math.min(24, Math.max(0, ...lines.map((line) => columnsOf(showName(line.attribute)))));
  const signed = lines.some(({ sign }) => sign === "+" || sign === "-");
  const result: string[] = [];
  let count = 0;
  for (const [index, line] of lines.entries()) {
    const starts = lines[index - 1]?.attribute !== line.attribute;
    const ends = lines[index + 1]?.attribute !== line.attribute;
    count = starts ? 1 : count + 1;
    if (full || count <= LINES_SHOWN) result.push(...attributeLine(screen, line, { starts, label, indent, signed }));
    else if (ends)
      result.push(`${indent}${" ".repeat(label + 2)}… ${counted(count - LINES_SHOWN, "more line")} (--full)`);
  }
  return result;
}

function attributeLine(
  screen: Screen,
  line: AttributeLine,
  look: { readonly starts: boolean; readonly label: number; readonly indent: string; readonly signed: boolean },
): string[] {
  const name = padded(look.starts ? showName(line.attribute) : "", look.label);
  const sign = !look.signed ? "" : line.sign === "+" || line.sign === "-" ? `${line.sign} ` : "  ";
  const rest = look.indent + " ".repeat(look.label + 2 + sign.length);
  const text: Piece = line.sign === " " ? { text: line.text } : { text: line.text, style: SIGN_STYLES[line.sign] };
  return wrap(screen, [text], `${look.indent}${name}  ${sign}`, rest);
}
