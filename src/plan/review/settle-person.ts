// The decisions about one person on one target, as which groups they leave, until when they stay, and which they join instead, so
// that exactly what was decided is gone, now and whenever something ends. Where nothing does that it says why, and changes nothing.
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
const NEVER = Number.POSITIVE_INFINITY;
const NOW = Number.NEGATIVE_INFINITY;

/** Finds the steps. `decided` has the decisions that are to be made, by entry. */
export function settlePerson(about: PersonCase, decided: ReadonlyMap<string, Decision>): PersonSteps | Problem {
  const run = openRun(about, decided);
  const left = leaveWhatIsAbove(run);
  if ("message" in left) return left;
  const ended = endWhatEnds(run, left);
  if ("message" in ended) return ended;
  const after: PersonSteps = { ...left, ends: ended.ends, join: new Map() };
  const join = joinInstead(run, after);
  const steps = { ...after, join };
  return doubtIn(run, steps) ?? steps;
}

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

interface Run extends PersonCase {
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

function openRun(about: PersonCase, decided: ReadonlyMap<string, Decision>): Run {
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
function elementsOf(
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

function withoutElements(person: Entity, elements: readonly Element[]): Entity {
  const attributes = { ...person.attributes };
  for (const { attribute, text } of elements) {
    const value = attributes[attribute];
    if (Array.isArray(value)) attributes[attribute] = value.filter((one: string) => one !== text);
  }
  return { ...person, attributes };
}

/** Every path that gives more than it may is broken. */
function leaveWhatIsAbove(run: Run): Pick<PersonSteps, "leave" | "drop"> | Problem {
  const { scene, person, belongings, fold } = run;
  const goals = run.goals(NOW);
  const leave = new Set<string>();
  const drop: Element[] = [];
  for (;;) {
    const rest = withoutElements(person, drop);
    const held = scene.holds(
      rest,
      [...belongings.keys()].filter((group) => !leave.has(group)),
    );
    const above = [...held].flatMap(([cell, { paths }]) => paths.filter(({ rank }) => rank > (goals.get(cell) ?? -1)));
    if (above.length === 0) return { leave: [...leave], drop };
    const before = leave.size + drop.length;
    for (const { group, role } of above) {
      if (group !== undefined) leave.add(fold(group));
      else if (role !== undefined) {
        const named = elementsOf({ scene, person: rest, fold }, (one) => one === fold(role));
        drop.push(
          ...named.filter(
            ({ attribute, text }) => !drop.some((one) => one.attribute === attribute && one.text === text),
          ),
        );
      }
    }
    const obstacle = [...leave].flatMap((group) => obstacleAt(belongings.get(group)) ?? [])[0];
    if (obstacle) return obstacle;
    const foreign = drop.find((element) => !isDeclared(run, element));
    if (foreign) return undeclared(foreign, person);
    if (leave.size + drop.length === before) return STUCK;
  }
}

const STUCK: Problem = {
  message: "it is given by something that files cannot take from one person",
  hint: "Take it away on the platform, and close the review again.",
};

function obstacleAt(belonging: Belonging | undefined): Problem | undefined {
  if (!belonging || belonging.by === "git" || belonging.by === "stranger") return undefined;
  const { name, by } = belonging;
  if (by === "idp")
    return {
      message: `an identity provider decides who is in group "${name}"`,
      hint: "Have them taken out there, and close the review again.",
    };
  return {
    message: `group "${name}" is not in Git`,
    hint: "Take them out on the platform, or bring the group in with `rolebook import`, and close the review again.",
  };
}

function isDeclared({ scene, person }: Run, { attribute, text }: Element): boolean {
  const value = scene.at.want.get(MEMBER)?.get(person.local)?.attributes[attribute];
  return Array.isArray(value) && value.includes(text);
}

function undeclared({ text }: Element, { name }: Entity): Problem {
  return {
    message: `${name} holds "${text}" directly, and no file says so`,
    hint: "Take it away on the platform, or have Git say it first, and close the review again.",
  };
}

/** Whoever gives what ends at a moment is left by then. */
function endWhatEnds(
  run: Run,
  { leave, drop }: Pick<PersonSteps, "leave" | "drop">,
): { readonly ends: ReadonlyMap<string, string> } | Problem {
  const { scene, belongings, fold, moments, textOf } = run;
  const person = withoutElements(run.person, drop);
  const ends = new Map<string, string>();
  for (const moment of moments.slice(1)) {
    const goals = run.goals(moment);
    const lasting = groupsAt(run, { leave, drop, ends, join: new Map() }, moment);
    for (const [cell, { resource, scope, paths }] of scene.holds(person, lasting))
      for (const { group, rank } of paths) {
        if (rank <= (goals.get(cell) ?? -1)) continue;
        if (group === undefined)
          return {
            message: `"${resource}" in ${scope} is held directly, and what is held directly has no end in files`,
            hint: "Put them into a group that gives it first, or take it away.",
          };
        const obstacle = obstacleAt(belongings.get(fold(group)));
        if (obstacle) return obstacle;
        ends.set(fold(group), textOf.get(moment) ?? "");
      }
  }
  return { ends };
}

/** The groups that somebody is in from a moment on, once the steps are made. */
function groupsAt({ scene, belongings }: Run, { leave, ends, join }: PersonSteps, moment: number): string[] {
  const lasts = (until: string | undefined) =>
    until === undefined || (endOfAccess(until, scene.at.target.timeZone) ?? NEVER) > moment;
  const stay = [...belongings].filter(
    ([group, { until }]) => !leave.includes(group) && lasts(until) && lasts(ends.get(group)),
  );
  return [...stay.map(([group]) => group), ...[...join].flatMap(([group, until]) => (lasts(until) ? [group] : []))];
}

interface Candidate {
  readonly group: string;
  /** Cell -> rank. */
  readonly gives: ReadonlyMap<string, number>;
  /** Until then it gives nothing that is not kept. */
  readonly end: number;
}

/** Other groups for what would be lost with those that are left, and that nobody decided to take. */
function joinInstead(run: Run, steps: PersonSteps): ReadonlyMap<string, string | undefined> {
  const join = new Map<string, string | undefined>();
  let candidates: readonly Candidate[] | undefined;
  for (;;) {
    const missing = missingIn(run, { ...steps, join });
    if (missing.length === 0) return join;
    candidates ??= candidatesOf(run, steps);
    let best: { readonly candidate: Candidate; readonly count: number } | undefined;
    for (const candidate of candidates) {
      const count = missing.filter(
        ({ cell, moment, goal }) => moment < candidate.end && (candidate.gives.get(cell) ?? -1) === goal,
      ).length;
      if (count > (best?.count ?? 0) && !join.has(candidate.group)) best = { candidate, count };
    }
    if (!best) return join;
    const { group, end } = best.candidate;
    join.set(group, end === NEVER ? undefined : run.textOf.get(end));
  }
}

/** Groups of which nothing is more than what is kept. */
function candidatesOf(run: Run, { drop }: PersonSteps): Candidate[] {
  const { scene, belongings, fold, moments } = run;
  const groups = scene.joinable().filter(({ local }) => !belongings.has(local));
  const gives = new Map(groups.map(({ local }) => [local, new Map<string, number>()]));
  const all = scene.holds(withoutElements(run.person, drop), [...belongings.keys(), ...gives.keys()]);
  for (const [cell, { paths }] of all)
    for (const { group, rank } of paths) {
      const given = group === undefined ? undefined : gives.get(fold(group));
      given?.set(cell, Math.max(rank, given.get(cell) ?? -1));
    }
  return [...gives].flatMap(([group, given]) => {
    const end = moments.find((moment) => [...given].some(([cell, rank]) => rank > (run.goals(moment).get(cell) ?? -1)));
    return given.size === 0 || end === NOW ? [] : [{ group, gives: given, end: end ?? NEVER }];
  });
}

interface Missing {
  readonly cell: string;
  readonly moment: number;
  readonly goal: number;
}

function missingIn(run: Run, steps: PersonSteps): Missing[] {
  const person = withoutElements(run.person, steps.drop);
  return run.moments.flatMap((moment) => {
    const held = run.scene.holds(person, groupsAt(run, steps, moment));
    return [...run.goals(moment)].flatMap(([cell, goal]) =>
      (held.get(cell)?.rank ?? -1) < goal ? [{ cell, moment, goal }] : [],
    );
  });
}

/** What is not exactly as decided, at any moment. */
function doubtIn(run: Run, steps: PersonSteps): Problem | undefined {
  const [missing] = missingIn(run, steps);
  if (missing) return lossOf(run, missing, steps);
  const person = withoutElements(run.person, steps.drop);
  for (const moment of run.moments) {
    const goals = run.goals(moment);
    for (const [cell, { rank }] of run.scene.holds(person, groupsAt(run, steps, moment)))
      if (rank > (goals.get(cell) ?? -1)) return STUCK;
  }
  return undefined;
}

function lossOf({ now, decisionOf, belongings }: Run, { cell }: Missing, { leave, ends }: PersonSteps): Problem {
  const { resource, scope, level } = now.get(cell) as HeldCell;
  const groups = [...leave, ...ends.keys()].map((group) => `"${belongings.get(group)?.name ?? group}"`).join(", ");
  const through = groups === "" ? "" : ` without ${groups}`;
  const decision = decisionOf(cell);
  if (decision?.decision === "reduce")
    return {
      message: `no group gives "${resource}" in ${scope} at ${decision.level} and nothing beyond what stays`,
      hint: `Make a group that gives just that, and close the review again; or end the access by hand.`,
    };
  return {
    message: `"${resource}" at ${level} in ${scope}, which is kept, would be lost${through}`,
    hint: "Make a group that gives just what is kept, and close the review again; or change the group itself.",
  };
}
