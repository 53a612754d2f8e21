// The decisions about one person on one target, as which groups they leave, until when they stay, and which they join instead, so
// that exactly what was decided is gone, now and whenever something ends. Where nothing does that it says why, and changes nothing.
import type { Decision } from "../../model/campaign.ts";
import type { Entity } from "../../model/entity.ts";
import { MEMBER } from "../../model/platform.ts";
import type { Belonging, HeldCell } from "./scene.ts";
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
