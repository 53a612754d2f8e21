// How many people hold something: too few to be safe, or too many to be looked after.
import { compareText } from "../../model/finding.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import { MEMBER } from "../../model/platform.ts";
import { STEP_ITEMS, type Steps } from "../../model/steps.ts";
import type { Breach } from "./breach.ts";
import { heldBy, holdsAny, selectIn } from "./selection.ts";
import type { Survey } from "./survey.ts";
import { namesText, peopleText, selectorsText } from "./words.ts";

type Counting = Guardrail & { readonly rule: "holder-count" };

export function* judgeCount(guardrail: Counting, survey: Survey): Steps<Breach[]> {
  const { permissions, least, most } = guardrail.with;
  const selection = selectIn(survey, permissions);
  const holders = new Set<string>();
  const candidates = yield* survey.holding((part) => selection.fitsIn(part, true).length > 0);
  for (const [index, person] of candidates.entries()) {
    if (index % STEP_ITEMS === 0) yield;
    if (holdsAny(selection, survey, person)) holders.add(person.member);
  }
  if (least !== undefined && holders.size < least) return [tooFew(guardrail, holders, least, survey)];
  const many = most === undefined ? undefined : tooMany(guardrail, holders, most, survey);
  return many ? [many] : [];
}

function tooFew(guardrail: Counting, holders: ReadonlySet<string>, least: number, survey: Survey): Breach {
  const what = selectorsText(guardrail.with.permissions);
  const names = namesOf(holders, survey);
  const who = holders.size === 0 ? `nobody holds ${what}` : `only ${countText(holders, what)} (${namesText(names)})`;
  return {
    subject: "too few",
    extent: () => new Map([["", least - holders.size]]),
    describe: () => ({
      text: `${who}; there must be at least ${least}`,
      values: { count: String(holders.size), limit: String(least), permission: what, member: namesText(names) },
      place: guardrail.place,
    }),
  };
}

/** Whoever is excepted does not count among too many. */
function tooMany(guardrail: Counting, holders: ReadonlySet<string>, most: number, survey: Survey): Breach | undefined {
  if (holders.size <= most) return undefined;
  const what = selectorsText(guardrail.with.permissions);
  const names = namesOf(holders, survey);
  return {
    subject: "too many",
    extent: () => new Map([["", holders.size - most]]),
    cells: (member) => {
      const selection = selectIn(survey, guardrail.with.permissions);
      const held = heldBy(selection, survey, { member, parts: survey.ground.view.partsOf(member) });
      return new Set(held.map(({ resource, scope }) => `${resource}\n${scope}`));
    },
    counted: {
      members: holders,
      without: (members) =>
        tooMany(guardrail, new Set([...holders].filter((holder) => !members.has(holder))), most, survey),
    },
    describe: () => ({
      text: `${countText(holders, what)} (${namesText(names)}); there may be at most ${most}`,
      values: { count: String(holders.size), limit: String(most), permission: what, member: namesText(names) },
      place: guardrail.place,
    }),
  };
}

function countText(holders: ReadonlySet<string>, what: string): string {
  return `${peopleText(holders.size)} ${holders.size === 1 ? "holds" : "hold"} ${what}`;
}

function namesOf(holders: ReadonlySet<string>, survey: Survey): string[] {
  return [...holders].map((holder) => survey.nameOf(MEMBER, holder)).sort(compareText);
}
