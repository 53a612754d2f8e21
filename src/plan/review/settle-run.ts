// The decisions about one person on one target as goals: what is to be held of each thing, now and from every moment on at which
// something ends. What is decided about is found again by what it comes through.
import type { Decision, RosterEntry } from "../../model/campaign.ts";
import type { Entity } from "../../model/entity.ts";
import { kindSpec, MEMBER, type Platform } from "../../model/platform.ts";
import { endOfAccess } from "../../model/until.ts";
import { comparedAttributes, referencesIn } from "../leaves.ts";
import type { Belonging, Cells, HeldCell, Scene } from "./scene.ts";

/** An entry by the names that its sources have now (folded). */
export interface KnownEntry {
  readonly entry: RosterEntry;
  readonly groups: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
}

export interface PersonCase {
  readonly scene: Scene;
  readonly person: Entity;
  /** All entries about them, whatever was decided. */
  readonly entries: readonly KnownEntry[];
  /** The entry that stands for a cell; null for what was held when the review began and is not part of it. */
  readonly entryAtStart: (cell: string) => string | null | undefined;
  /** Folded name that a group has on the platform alone -> what files call it. */
  readonly fileNames: ReadonlyMap<string, string>;
}

/** An element of a set attribute of the member, such as a role that is held directly. */
export interface Element {
  readonly attribute: string;
  readonly text: string;
}

export interface PersonSteps {
  /** Folded names of groups. */
  readonly leave: readonly string[];
  readonly drop: readonly Element[];
  readonly ends: ReadonlyMap<string, string>;
  readonly join: ReadonlyMap<string, string | undefined>;
}

/** Why a decision cannot be made. */
export interface Problem {
  readonly message: string;
  readonly hint: string;
}

/** Ends of what somebody has by then: a number of milliseconds, never, or not at all. */
export const NEVER = Number.POSITIVE_INFINITY;
export const NOW = Number.NEGATIVE_INFINITY;

/** Which entry a cell belongs to as things are now. */
export function entryOfCell(
  { entries, entryAtStart }: Pick<PersonCase, "entries" | "entryAtStart">,
  cell: string,
  held: HeldCell,
  fold: Platform["fold"],
): string | undefined {
  const known = entryAtStart(cell);
  if (known !== undefined) return known ?? undefined;
  const sources = (one: "group" | "role") =>
    new Set(
      held.paths.flatMap((path) => {
        const name = one === "group" ? path.group : path.group === undefined ? path.role : undefined;
        return name === undefined ? [] : [fold(name)];
      }),
    );
  const [groups, roles] = [sources("group"), sources("role")];
  return entries.find((each) => isSame(each.groups, groups) && isSame(each.roles, roles))?.entry.id;
}

function isSame(left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  return left.size === right.size && [...left].every((name) => right.has(name));
}

export interface Run extends PersonCase {
  readonly fold: Platform["fold"];
  readonly decided: ReadonlyMap<string, Decision>;
  readonly belongings: ReadonlyMap<string, Belonging>;
  readonly now: Cells;
  /** Moments at which something ends, `NOW` first. */
  readonly moments: readonly number[];
  readonly textOf: ReadonlyMap<number, string>;
  /** Cell -> its entry's decision. */
  readonly decisionOf: (cell: string) => Decision | undefined;
  /** What is to be held of a cell from a moment on: its rank, -1 for nothing. */
  readonly goals: (moment: number) => ReadonlyMap<string, number>;
}

export function openRun(about: PersonCase, decided: ReadonlyMap<string, Decision>): Run {
  const { scene, person } = about;
  const { fold } = scene.at.platform;
  const belongings = scene.groupsOf(person.local);
  const now = scene.holds(person, belongings.keys());
  const textOf = new Map<number, string>();
  const endOf = (until: string) => {
    const end = endOfAccess(until, scene.at.target.timeZone) ?? NEVER;
    if (!textOf.has(end)) textOf.set(end, until);
    return end;
  };
  for (const { until } of belongings.values()) if (until !== undefined) endOf(until);
  for (const decision of decided.values()) if (decision.decision === "until") endOf(decision.until);
  const entryOf = new Map([...now].map(([cell, held]) => [cell, entryOfCell(about, cell, held, fold)]));
  const decisionOf = (cell: string) => decided.get(entryOf.get(cell) ?? "");
  const moments = [NOW, ...[...textOf.keys()].filter((end) => end !== NEVER).sort((a, b) => a - b)];
  const run = { ...about, fold, decided, belongings, now, moments, textOf, decisionOf };
  const goals = new Map(moments.map((moment) => [moment, goalsAt(run, moment, endOf)]));
  return { ...run, goals: (moment) => goals.get(moment) ?? new Map() };
}

/** What is decided of what is held from a moment on. What comes through groups that the review did not know is not touched. */
function goalsAt(
  run: Omit<Run, "goals">,
  moment: number,
  endOf: (until: string) => number,
): ReadonlyMap<string, number> {
  const { scene, person, belongings, entries, now } = run;
  const lasting = [...belongings].filter(([, { until }]) => until === undefined || endOf(until) > moment);
  const foreign = lasting.filter(([group]) => !entries.some(({ groups }) => groups.has(group)));
  const named = new Set(entries.flatMap(({ roles }) => [...roles]));
  const bare = withoutElements(
    person,
    elementsOf(run, (role) => named.has(role)),
  );
  const held = scene.holds(
    person,
    lasting.map(([group]) => group),
  );
  const floor = scene.holds(
    bare,
    foreign.map(([group]) => group),
  );
  const { rankOf } = scene.at.platform;
  const goals = new Map<string, number>();
  for (const cell of now.keys()) {
    const [has, least] = [held.get(cell)?.rank ?? -1, floor.get(cell)?.rank ?? -1];
    const decision = run.decisionOf(cell);
    let goal = has;
    if (decision?.decision === "revoke") goal = least;
    if (decision?.decision === "until" && endOf(decision.until) <= moment) goal = least;
    if (decision?.decision === "reduce") {
      const { resource } = now.get(cell) as HeldCell;
      const level = scene.levelWithin(resource, decision.level);
      goal = Math.min(has, Math.max(least, level === undefined ? -1 : rankOf(resource, level)));
    }
    goals.set(cell, goal);
  }
  return goals;
}

/** The member's elements that name such roles (folded). */
export function elementsOf(
  { scene, person, fold }: Pick<Run, "scene" | "person" | "fold">,
  isMeant: (role: string) => boolean,
): Element[] {
  const spec = kindSpec(scene.at.platform, MEMBER);
  if (!spec) return [];
  return comparedAttributes(spec).flatMap(([attribute, attributeSpec]) => {
    const value = person.attributes[attribute];
    if (attributeSpec.type !== "set" || !Array.isArray(value)) return [];
    return value
      .filter((text: string) => {
        const names = referencesIn(attributeSpec, [text]).filter(({ kind }) => kind === "Role");
        return isMeant(fold(text)) || names.some(({ name }) => isMeant(fold(name)));
      })
      .map((text: string) => ({ attribute, text }));
  });
}

export function withoutElements(person: Entity, elements: readonly Element[]): Entity {
  const attributes = { ...person.attributes };
  for (const { attribute, text } of elements) {
    const value = attributes[attribute];
    if (Array.isArray(value)) attributes[attribute] = value.filter((one: string) => one !== text);
  }
  return { ...person, attributes };
}

/** The groups that somebody is in from a moment on, once the steps are made. */
export function groupsAt({ scene, belongings }: Run, { leave, ends, join }: PersonSteps, moment: number): string[] {
  const lasts = (until: string | undefined) =>
    until === undefined || (endOfAccess(until, scene.at.target.timeZone) ?? NEVER) > moment;
  const stay = [...belongings].filter(
    ([group, { until }]) => !leave.includes(group) && lasts(until) && lasts(ends.get(group)),
  );
  return [...stay.map(([group]) => group), ...[...join].flatMap(([group, until]) => (lasts(until) ? [group] : []))];
}
