// The decisions about one person on one target, as which groups they leave, until when they stay, and which they join instead, so
// that exactly what was decided is gone, now and whenever something ends. Where nothing does that it says why, and changes nothing.
import type { Decision } from "../../model/campaign.ts";
import type { Entity } from "../../model/entity.ts";
import { MEMBER } from "../../model/platform.ts";
import type { HeldCell } from "./scene.ts";
import { joinInstead, type Missing, missingIn } from "./settle-join.ts";
import {
  type Element,
  elementsOf,
  groupsAt,
  NOW,
  openRun,
  type PersonCase,
  type PersonSteps,
  type Problem,
  type Run,
  withoutElements,
} from "./settle-run.ts";

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
    const above = [...held].flatMap(([cell, { paths }]) =>
      paths.filter(({ rank }) => rank > (goals.get(cell) ?? -1)).map((path) => ({ cell, ...path })),
    );
    if (above.length === 0) return { leave: [...leave], drop };
    const before = leave.size + drop.length;
    for (const { cell, group, role } of above) {
      if (group !== undefined) leave.add(fold(group));
      else if (role !== undefined) drop.push(...elementsGiving(run, rest, cell, fold(role)).filter(isNotIn(drop)));
    }
    const obstacle = [...leave].flatMap((group) => obstacleAt(run, group) ?? [])[0];
    if (obstacle) return obstacle;
    const foreign = drop.find((element) => !isDeclared(run, element));
    if (foreign) return undeclared(foreign, person);
    if (leave.size + drop.length === before) return STUCK;
  }
}

/** Of a role that is held directly in several places, what gives this very cell; all of it where none does by itself. */
function elementsGiving({ scene, fold }: Run, person: Entity, cell: string, role: string): Element[] {
  const named = elementsOf({ scene, person, fold }, (one) => one === role);
  if (named.length < 2) return named;
  const giving = named.filter((element) => {
    const alone = withoutElements(person, named.filter(isNotIn([element])));
    const paths = scene.holds(alone, []).get(cell)?.paths ?? [];
    return paths.some((path) => path.group === undefined && path.role !== undefined && fold(path.role) === role);
  });
  return giving.length > 0 ? giving : named;
}

function isNotIn(elements: readonly Element[]): (element: Element) => boolean {
  return ({ attribute, text }) => !elements.some((one) => one.attribute === attribute && one.text === text);
}

const STUCK: Problem = {
  message: "it is given by something that files cannot take from one person",
  hint: "Take it away on the platform, and close the review again.",
};

function obstacleAt({ belongings, fileNames }: Run, group: string): Problem | undefined {
  const belonging = belongings.get(group);
  if (!belonging || belonging.by === "git" || belonging.by === "stranger") return undefined;
  const { name, by } = belonging;
  if (by === "idp")
    return {
      message: `an identity provider decides who is in group "${name}"`,
      hint: "Have them taken out there, and close the review again.",
    };
  const before = fileNames.get(group);
  if (before !== undefined)
    return {
      message: `group "${before}" is called "${name}" on the platform, and files do not say so`,
      hint: `Have them say it (name: ${name}, previously: ${before}) and apply that, and close the review again.`,
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
  const { scene, fold, moments, textOf } = run;
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
        const obstacle = obstacleAt(run, fold(group));
        if (obstacle) return obstacle;
        ends.set(fold(group), textOf.get(moment) ?? "");
      }
  }
  return { ends };
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

function lossOf(run: Run, { cell }: Missing, steps: PersonSteps): Problem {
  const { resource, scope, level } = run.now.get(cell) as HeldCell;
  const decision = run.decisionOf(cell);
  if (decision?.decision === "reduce")
    return {
      message: `no group gives "${resource}" in ${scope} at ${decision.level} and nothing beyond what stays`,
      hint: "Make a group that gives just that, and close the review again; or end the access by hand.",
    };
  const { groups, direct } = blamedFor(run, cell, steps);
  const through = [...groups, ...direct].map((one) => `"${one}"`).join(", ");
  return {
    message: `"${resource}" at ${level} in ${scope}, which is kept, would be lost${through === "" ? "" : ` without ${through}`}`,
    hint: `Make a group that gives just what is kept, and close the review again; or change ${groups.length > 0 ? "the group itself" : "what is held directly"}.`,
  };
}

/** What gave a cell, and does not with these steps: groups by their names, and what was held directly. */
function blamedFor({ now, belongings, fold, ...run }: Run, cell: string, { leave, ends, drop }: PersonSteps) {
  const { paths } = now.get(cell) as HeldCell;
  const giving = new Set(paths.flatMap(({ group }) => (group === undefined ? [] : [fold(group)])));
  const gone = new Set([...leave, ...ends.keys()].filter((group) => giving.has(group)));
  const roles = new Set(paths.flatMap(({ group, role }) => (group === undefined && role ? [fold(role)] : [])));
  const own = elementsOf({ ...run, fold }, (role) => roles.has(role));
  return {
    groups: [...gone].map((group) => belongings.get(group)?.name ?? group),
    direct: own.filter((element) => !isNotIn(drop)(element)).map(({ text }) => text),
  };
}
