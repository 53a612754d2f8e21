// What would become of people's access, for a terminal: who would lose what, and what they would keep through which other path, with
// the lines of the files that say so. It refuses to fold silently.
import type { PlacedPath } from "../model/answers.ts";
import type { Place } from "../model/finding.ts";
import type { WhatBecomes, WhatIf, WhatIfEntity, WhatIfGroup, WhatIfOutcome } from "../model/what-if.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";
import { countSeverities, findingLines } from "./findings-text.ts";
import { merge } from "./fold-access.ts";
import { type Pieces, type Screen, type Style, screenOf, wrap } from "./layout.ts";
import { describeMove } from "./people-text.ts";
import { counted, describePath, describeScopes, folded, grouped, type KnownScopes, listed } from "./phrase.ts";
import { sectionTitle } from "./unsettled-text.ts";

export interface WhatIfTextOptions extends KnownScopes {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** `--full`: nothing is folded. */
  readonly full: boolean;
}

const GROUPS_SHOWN = 50;
const ENTITIES_SHOWN = 5;
const NAMES_SHOWN = 3;
const PATHS_SHOWN = 3;

/** What stands before an outcome, its colour, and what is said of the paths that matter. */
const LOOKS: Readonly<Record<WhatBecomes, { readonly sign: string; readonly style: Style; readonly through: string }>> =
  {
    lost: { sign: "-", style: "red", through: "until now through" },
    reduced: { sign: "-", style: "red", through: "left through" },
    kept: { sign: "=", style: "green", through: "kept through" },
    raised: { sign: "+", style: "yellow", through: "through" },
    gained: { sign: "+", style: "yellow", through: "through" },
  };

/** The answer about one target, as text ending in a newline. */
export function renderWhatIfText(answer: WhatIf, options: WhatIfTextOptions): string {
  const screen = screenOf(options.color, options.width);
  const sections = [
    headLines(screen, answer, options.full),
    peopleLines(screen, answer, options),
    ownerLines(screen, answer),
    ruleLines(screen, answer),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headLines(screen: Screen, answer: WhatIf, full: boolean): string[] {
  const where = `${showName(answer.target)}, ${describeSource(answer)}`;
  const what =
    answer.source === "edit"
      ? wrap(screen, [{ text: "If the files were as edited", style: "bold" }, ` (${where}):`], "", "  ")
      : wrap(screen, [{ text: "If this were not there", style: "bold" }, ` (${where}):`], "", "  ");
  return [
    ...what,
    ...answer.removed.flatMap((entity) => entityLines(screen, entity, "")),
    ...answer.edits.flatMap((file) =>
      wrap(screen, [{ text: escapeTerminal(file, MESSAGE_LENGTH), solid: true }], "  "),
    ),
    ...(answer.source === "edit" && answer.edits.length === 0 ? ["  no file differs from HEAD"] : []),
    ...entitiesLines(screen, answer.along, "goes with it: ", full),
    ...(answer.memberships > 0
      ? [`  ${counted(answer.memberships, "membership goes", "memberships go")} with it`]
      : []),
    ...entitiesLines(screen, answer.naming, "names it, and would have to be edited: ", full),
  ];
}

function describeSource({ source, commit }: WhatIf): string {
  const at = commit === null ? "" : ` at ${showName(commit.slice(0, 12))}`;
  switch (source) {
    case "files":
      return `by the files${at}`;
    case "live":
      return "as the platform has it";
    case "edit":
      return `compared with HEAD${at}`;
    default:
      return source satisfies never;
  }
}

function entitiesLines(screen: Screen, entities: readonly WhatIfEntity[], before: string, full: boolean): string[] {
  const shown = full || entities.length <= ENTITIES_SHOWN + 1 ? entities : entities.slice(0, ENTITIES_SHOWN);
  const rest = entities.length - shown.length;
  return [
    ...shown.flatMap((entity) => entityLines(screen, entity, before)),
    ...(rest > 0 ? [`  … ${before}${grouped(rest)} more; --full shows all`] : []),
  ];
}

function entityLines(screen: Screen, { kind, name, place }: WhatIfEntity, before: string): string[] {
  return wrap(
    screen,
    [...at(place), `${before}${showName(kind)} `, { text: showName(name), style: "bold" }],
    "  ",
    "      ",
  );
}

function at(place: Place | undefined): Pieces {
  if (!place) return [];
  const text = `${escapeTerminal(place.file, MESSAGE_LENGTH)}:${place.line}:${place.column}`;
  return [{ text, solid: true }, "  "];
}

function peopleLines(screen: Screen, { people }: WhatIf, options: WhatIfTextOptions): string[] {
  const title = sectionTitle(screen, describePeople(people));
  const shown = options.full ? people : people.slice(0, GROUPS_SHOWN);
  const lines = shown.flatMap((group) => ["", ...groupLines(screen, group, options)]);
  const rest = people.slice(shown.length);
  const more = `  … and ${counted(peopleIn(rest), "more person", "more people")} in ${counted(rest.length, "other way")}; --full shows all`;
  return [...title, ...lines, ...(rest.length === 0 ? [] : ["", more])];
}

function peopleIn(groups: readonly WhatIfGroup[]): number {
  return groups.reduce((sum, { members }) => sum + members.length, 0);
}

/** `3 people would lose access, 1 of them everything`, or `1 person would lose everything`. */
function describeLosing(losing: number, everything: number): string {
  const who = counted(losing, "person", "people");
  if (everything === losing) return `${who} would lose everything`;
  return `${who} would lose access${everything > 0 ? `, ${grouped(everything)} of them everything` : ""}`;
}

/** `3 people would lose access, 1 of them everything; 2 people would keep all of theirs through another path`. */
function describePeople(people: readonly WhatIfGroup[]): string {
  const isOne =
    (...becomes: readonly WhatBecomes[]) =>
    (group: WhatIfGroup) =>
      group.outcomes.some((outcome) => becomes.includes(outcome.becomes));
  const losing = people.filter(isOne("lost", "reduced"));
  const gaining = people.filter(isOne("gained", "raised"));
  const keeping = people.filter((group) => !losing.includes(group) && !gaining.includes(group));
  const everything = peopleIn(people.filter(({ losesEverything }) => losesEverything));
  const who = (groups: readonly WhatIfGroup[]) => counted(peopleIn(groups), "person", "people");
  const parts = [
    ...(losing.length > 0 ? [describeLosing(peopleIn(losing), everything)] : []),
    ...(gaining.length > 0 ? [`${who(gaining)} would gain access`] : []),
    ...(keeping.length > 0 ? [`${who(keeping)} would keep all of theirs through another path`] : []),
  ];
  return parts.length === 0 ? "Nobody's access would change" : parts.join("; ");
}

function groupLines(screen: Screen, group: WhatIfGroup, options: WhatIfTextOptions): string[] {
  const { members, outcomes, losesEverything } = group;
  const names = members.map(({ member }) => member);
  const people = folded(names, options.full ? names.length : NAMES_SHOWN);
  const title: Pieces = [
    { text: people, style: "bold" },
    ...(names.length > 1
      ? [" ", { text: `(${counted(names.length, "person", "people")})`, style: "dim" as const }]
      : []),
    ...(losesEverything ? [" ", { text: "would lose everything", style: "red" as const }] : []),
  ];
  const order = Object.keys(LOOKS);
  const rows = foldOutcomes(outcomes).sort((a, b) => order.indexOf(a.becomes) - order.indexOf(b.becomes));
  return [...wrap(screen, title, "  ", "  "), ...rows.flatMap((row) => rowLines(screen, row, group, options))];
}

/** Outcomes that differ in their resources and scopes alone. */
interface OutcomeRow extends Pick<WhatIfOutcome, "becomes" | "before" | "after" | "gone" | "left"> {
  readonly resources: readonly string[];
  readonly scopes: readonly string[];
}

function foldOutcomes(outcomes: readonly WhatIfOutcome[]): OutcomeRow[] {
  const rows = outcomes.map(({ resource, scope, ...rest }) => ({ ...rest, resources: [resource], scopes: [scope] }));
  const perResource = merge(
    rows,
    ({ scopes: _, ...row }) => JSON.stringify(row),
    (row, other) => ({ ...row, scopes: [...row.scopes, ...other.scopes] }),
  );
  return merge(
    perResource,
    ({ resources: _, ...row }) => JSON.stringify(row),
    (row, other) => ({ ...row, resources: [...row.resources, ...other.resources] }),
  );
}

function rowLines(screen: Screen, row: OutcomeRow, group: WhatIfGroup, options: WhatIfTextOptions): string[] {
  const { sign, style, through } = LOOKS[row.becomes];
  const resources = row.resources.map((name) => showName(name)).join(", ");
  const move = row.becomes === "kept" ? showName(row.after ?? "", 40) : describeMove(row);
  const first: Pieces = [
    { text: `${sign} `, style },
    `${resources}: `,
    { text: move, style },
    ` (${describeScopes(row.scopes, options)})`,
  ];
  const paths = row.becomes === "lost" ? row.gone : row.left;
  const shown = options.full ? paths : paths.slice(0, PATHS_SHOWN);
  const more = paths.length - shown.length;
  return [
    ...wrap(screen, first, "    ", "      "),
    ...shown.flatMap((path) => {
      const less = path.level === undefined ? "" : `, which gives ${showName(path.level, 40)}`;
      const text = { text: `${through} ${describePath(path)}${less}`, style: "dim" as const };
      return wrap(screen, [...at(placeOf(path, group)), text], "      ", "        ");
    }),
    ...(more > 0 ? [`      … and ${counted(more, "more path")}`] : []),
  ];
}

/** The line that puts the one person there; of several people, the group's own. */
function placeOf(path: PlacedPath, { members }: WhatIfGroup): Place | undefined {
  const [only, ...others] = members;
  const own = only && others.length === 0 ? only.memberships.get(path.group ?? null) : undefined;
  return own ?? path.groupPlace ?? path.rolePlace;
}

function ownerLines(screen: Screen, { owners, minimumOwners }: WhatIf): string[] {
  return owners.flatMap(({ scope, before, after, lost }) => {
    const where = scope === undefined ? "anything" : `anything in ${showName(scope)}`;
    const count = before === after ? grouped(after) : `${grouped(before)} -> ${grouped(after)}`;
    const who = lost.length === 0 ? "" : `; no more: ${listed(lost.map((name) => showName(name)))}`;
    const few = after < minimumOwners;
    return wrap(
      screen,
      [
        { text: `Could give themselves ${where}: `, style: "bold" },
        { text: count, ...(few ? { style: "red" as const } : {}) },
        ` (at least ${grouped(minimumOwners)} by the settings)${who}`,
      ],
      "",
      "  ",
    );
  });
}

function ruleLines(screen: Screen, { findings, refused, people, source }: WhatIf): string[] {
  if (findings.length === 0 && people.length === 0 && source === "edit") return [];
  const verdict = refused
    ? { text: "A plan that did this would be refused, in whole or in part", style: "red" as const }
    : { text: "No rule would refuse a plan that did this", style: "green" as const };
  const count = findings.length === 0 ? "" : ` (${countSeverities(findings)})`;
  return [
    ...wrap(screen, [verdict, count], "", "  "),
    ...(findings.length === 0 ? [] : ["", ...findingLines(screen, findings, "  ")]),
  ];
}
