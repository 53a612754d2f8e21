// Two judgements of the same reviews, by the rules before a change and by those that were applied last, put together: approved is what
// both approve, or who merged themselves into the rules unapproved would approve the next change by them. Pure.
import { compareText } from "../model/finding.ts";
import type { Person } from "../model/settings.ts";
import type { Approvals, ReviewVerdict } from "./approvals.ts";
import type { Fold } from "./leaves.ts";

/** Of the same plan, whichever asks for more. Without another it is the one. */
export function strictestVerdict(one: ReviewVerdict, other: ReviewVerdict | undefined): ReviewVerdict {
  if (!other) return one;
  const changes = one.changes.map((item, index) => strictest(item, other.changes[index]));
  const weakens = one.weakens.map((item, index) => strictest(item, other.weakens[index]));
  const discounted = new Map([...other.discounted, ...one.discounted].map((item) => [item.review, item]));
  const hopeless = new Map([...one.hopeless, ...other.hopeless].map((item) => [item.message, item]));
  return {
    changes,
    weakens,
    approved: one.approved && other.approved,
    discounted: [...discounted.values()].sort((a, b) => compareText(a.login, b.login) || a.review - b.review),
    stale: [...new Set([...one.stale, ...other.stale])],
    hopeless: [...hopeless.values()].sort((a, b) => compareText(a.message, b.message)),
  };
}

function strictest(one: Approvals, other: Approvals | undefined): Approvals {
  return !other || other.approved ? one : { ...other, approved: false };
}

/** Who is who by both: a login that only one of them knows may approve nothing. */
export function peopleOfBoth(people: readonly Person[], former: readonly Person[], fold: Fold): readonly Person[] {
  const known = new Map(former.map(({ login, members }) => [login.toLowerCase(), new Set(members.map(fold))]));
  return people.map((person) => ({
    ...person,
    members: person.members.filter((member) => known.get(person.login.toLowerCase())?.has(fold(member))),
  }));
}
