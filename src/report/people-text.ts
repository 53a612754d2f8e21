// Who gains and who loses what, where and through which group: the part of a plan that people decide on.
// It refuses to fold silently: where names are left out, it says how many, and `full` shows them all.
import type { AccessGroup, Path } from "../model/grant.ts";
import type { Plan } from "../model/plan.ts";
import { showName } from "./escape.ts";
import { type AccessRow, foldAccess, type RankOf, type Sign } from "./fold-access.ts";
import { columns, columnsOf, type Pieces, type Screen, type Style, wrap } from "./layout.ts";
import { counted, describePath, describeScopes, folded, grouped, type KnownScopes } from "./phrase.ts";

export interface PeopleOptions extends KnownScopes {
  /** Name everyone. */
  readonly full: boolean;
  /** `Platform.rankOf`, to tell up from down for people whose access moves both ways. */
  readonly rankOf?: RankOf;
}

export const SIGN_STYLES: Readonly<Record<Sign, Style>> = { "+": "green", "-": "red", "~": "yellow" };

/** A name more than these makes a list hard to read; the rest is a number. */
const NAMES_SHOWN = 3;
const PATHS_SHOWN = 3;

/** Kinds of movement shown without `full`; more than a person would read. */
const GROUPS_SHOWN = 100;

/** `4 people gain access, 1 loses access (1 is in both)`, or that nobody's access changes. */
export function describePeople({ summary, access }: Pick<Plan, "summary" | "access">): string {
  const both = peopleIn(access.filter((group) => group.gains && group.loses));
  const moved = peopleIn(access.filter((group) => !group.gains && !group.loses));
  const moves = [
    [summary.gaining, "gains access", "gain access"],
    [summary.losing, "loses access", "lose access"],
    [moved, "moves to another level", "move to another level"],
  ] as const;
  const sentences = moves
    .filter(([people]) => people > 0)
    .map(([people, one, many], index) => {
      const who = index === 0 ? counted(people, "person", "people") : grouped(people);
      return `${who} ${people === 1 ? one : many}`;
    });
  if (sentences.length === 0) return "Nobody's access changes";
  return sentences.join(", ") + (both > 0 ? ` (${grouped(both)} ${both === 1 ? "is" : "are"} in both)` : "");
}

/** How many people the groups hold; nobody is in two groups. */
export function peopleIn(groups: readonly AccessGroup[]): number {
  return groups.reduce((sum, group) => sum + group.members.length, 0);
}

/** A paragraph for everyone whose access moves in the same way. */
export function peopleLines(screen: Screen, access: readonly AccessGroup[], options: PeopleOptions): string[] {
  const shown = options.full ? access : access.slice(0, GROUPS_SHOWN);
  const folds = shown.map((group) => ({ group, rows: foldAccess(group, options.rankOf) }));
  const move = folds.reduce((most, { rows }) => Math.max(most, ...rows.map((row) => columnsOf(describeMove(row)))), 0);
  const lines = folds.flatMap(({ group, rows }, index) => [
    ...(index === 0 ? [] : [""]),
    ...oneGroup(screen, group.members, rows, move, options),
  ]);
  if (shown.length === access.length) return lines;
  const rest = access.slice(shown.length);
  const more = `and ${counted(peopleIn(rest), "more person", "more people")} in ${counted(rest.length, "other way")}; --full shows all`;
  return [...lines, "", ...wrap(screen, [more], "  ")];
}

function oneGroup(
  screen: Screen,
  members: readonly string[],
  rows: readonly AccessRow[],
  move: number,
  options: PeopleOptions,
): string[] {
  const names = folded(members, options.full ? members.length : NAMES_SHOWN);
  const people = `(${counted(members.length, "person", "people")})`;
  const many: Pieces = members.length > 1 ? [" ", { text: people, style: "dim", solid: true }] : [];
  const lines = wrap(screen, [{ text: names, style: "bold" }, ...many], "  ", "  ");
  for (const [index, row] of rows.entries()) {
    lines.push(...oneRow(screen, row, move, options));
    const next = rows[index + 1];
    if (!next || !sameWay(row, next)) lines.push(...wayLines(screen, row, options.full));
  }
  return lines;
}

/** Resources, move and scopes side by side; the middle is as wide as the widest move, the sides share the rest. */
function oneRow(screen: Screen, row: AccessRow, move: number, known: KnownScopes): string[] {
  const indent = "    + ".length;
  const room = Math.max(24, screen.width - indent - move - 4);
  const left = Math.ceil(room / 2);
  const resources = row.resources.map((name) => showName(name)).join(", ");
  const style = SIGN_STYLES[row.sign];
  const [first = "", ...more] = columns(screen, " ".repeat(indent), [
    { pieces: [resources], width: left },
    { pieces: [{ text: describeMove(row), style }], width: move },
    { pieces: [describeScopes(row.scopes, known)], width: room - left },
  ]);
  return [`    ${screen.paint(row.sign, style)} ${first.slice(indent)}`, ...more];
}

/** `none -> edit`. */
export function describeMove({ before, after }: Pick<AccessRow, "before" | "after">): string {
  const level = (name: string | null) => (name === null ? "none" : showName(name, 40));
  return `${level(before)} -> ${level(after)}`;
}

function sameWay(row: AccessRow, other: AccessRow): boolean {
  return (row.after === null) === (other.after === null) && JSON.stringify(row.via) === JSON.stringify(other.via);
}

function wayLines(screen: Screen, row: AccessRow, full: boolean): string[] {
  if (row.via.length === 0) return [];
  const text = `${row.after === null ? "until now through" : "through"} ${describePaths(row.via, full)}`;
  return wrap(screen, [{ text, style: "dim" }], "      ", "        ");
}

/** Paths as a phrase, the first few unless `full`. */
export function describePaths(paths: readonly Path[], full: boolean): string {
  return folded(
    paths.map((path) => describePath(path)),
    full ? paths.length : PATHS_SHOWN,
    (path) => path,
  );
}
