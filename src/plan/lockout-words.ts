// The words of the lock-out proof: which step takes what from whom, and what to do about it. Pure; decides nothing.
import type { Change } from "../model/change.ts";
import type { Finding } from "../model/finding.ts";
import type { AccessView } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import type { CountNeed, Need, PersonalNeed, Standing } from "./lockout-needs.ts";

type Named = Pick<Target, "name" | "place">;

const OWNER_HINT = "Take the person out of `owners` in an earlier, reviewed commit, or keep the access.";
const END_HINT = "Keep the access, or take the person out of the settings in an earlier, reviewed commit.";
const COUNT_HINT =
  "Keep more owners (who is only invited, or made by this plan, is none yet), or lower `minimumOwners` in an earlier, reviewed commit.";
const ORDER_HINT =
  "Make it in two applies: give the access in another way first, and take the old way away when that is done.";

/** A need that does not hold after the whole plan; `step` is the one that takes it. */
export function describeLoss(need: Need, step: Step, end: AccessView, target: Named): Finding {
  if (need.of === "count") return tooFewLeft(need, step, end, target);
  if (need.as === "owner")
    return {
      severity: "error",
      code: "owner-loses-access",
      message: `${need.person} is an owner of ${target.name} in the settings and would lose owner-equivalent access${where(need.lost(end))}`,
      key: `Member/${need.person}`,
      hint: OWNER_HINT,
      place: target.place,
    };
  return lockOut(step, `would take ${whatOf(need, end)} from ${whoIs(need, target)}`, END_HINT);
}

function tooFewLeft(need: CountNeed, step: Step, end: AccessView, target: Named): Finding {
  if (need.count(end) > 0) return lockOut(step, leavesTooFew(need, target), COUNT_HINT);
  return {
    severity: "error",
    code: "nobody-owns",
    message: `After this plan nobody could manage roles, groups and assignments of ${realmOf(need, target)}`,
    hint: "Keep at least one person in a group with owner-equivalent access.",
    place: target.place,
  };
}

/** A need that a step breaks on the way, whatever the order. */
export function describeBreach(need: Need, step: Step, broken: AccessView, target: Named): Finding {
  const what =
    need.of === "count"
      ? leavesTooFew(need, target)
      : `would take ${whatOf(need, broken)} for a while from ${whoIs(need, target)}`;
  return lockOut(step, `${what}, and no order of the changes avoids it`, ORDER_HINT);
}

/** Somebody who must stay would be deleted or disabled. */
export function describeEnding(as: Standing, step: Step, target: Named): Finding {
  const person = step.change.local;
  return lockOut(step, `would delete or disable ${whoIs({ person, as }, target)}`, END_HINT);
}

/** A change, and its place in the usual order, counted from 1. */
export interface Step {
  readonly change: Change;
  readonly position: number;
  readonly of: number;
}

function lockOut({ change, position, of }: Step, what: string, hint: string): Finding {
  const name = `${change.action} ${change.kind} "${change.name}"`;
  return {
    severity: "error",
    code: "lock-out",
    message: `Step ${position} of ${of} (${name}) ${what}`,
    key: change.key,
    hint,
    ...(change.place ? { place: change.place } : {}),
  };
}

function leavesTooFew(need: CountNeed, target: Named): string {
  const left = need.least === 1 ? "nobody" : `fewer than ${need.least} people`;
  return `would leave ${left} who can manage roles, groups and assignments of ${realmOf(need, target)}`;
}

/** What they are owners of. */
function realmOf({ scope }: CountNeed, { name }: Named): string {
  return scope === undefined ? name : `${scope} (of ${name})`;
}

function whatOf({ keeps, lost }: PersonalNeed, view: AccessView): string {
  return keeps === "owner" ? `owner-equivalent access${where(lost(view))}` : "all access";
}

/** The scopes, where it is not the whole target. */
function where(scopes: readonly string[]): string {
  return scopes.length === 0 ? "" : ` in ${scopes.join(", ")}`;
}

function whoIs({ person, as }: Pick<PersonalNeed, "person" | "as">, { name }: Named): string {
  switch (as) {
    case "owner":
      return `${person}, an owner of ${name}`;
    case "break-glass":
      return `${person}, a break-glass member of ${name}`;
    case "approver":
      return `${person}, an approver of ${name}`;
    case "self":
      return `${person}, whom Rolebook's own credential belongs to`;
    default:
      return as satisfies never;
  }
}
