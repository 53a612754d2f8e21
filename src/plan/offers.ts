// Which groups would give somebody what they do not hold: the person is put into one group at a time, all else as it is. Pure;
// recommends nothing.
import type { Offer } from "../model/answers.ts";
import { entityAt, MEMBERSHIP, membershipSection, NO_ATTRIBUTES, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Grant } from "../model/grant.ts";
import { GROUP, MEMBER, type Platform } from "../model/platform.ts";
import { applySteps } from "./access.ts";
import { restrictPeople } from "./restrict.ts";

/**
 * A function from a scope to the groups that would give a member (by folded name) a resource there, sorted by name. Nobody
 * who is not there is offered anything.
 */
export function offersOf(
  state: State,
  platform: Platform,
  member: string,
  resource: string,
): (scope: string) => readonly Offer[] {
  const person = entityAt(state, MEMBER, member);
  if (!person) return () => [];
  const groups = [...(state.get(GROUP)?.values() ?? [])].sort(
    (a, b) => compareText(a.name, b.name) || compareText(a.local, b.local),
  );
  // A double for each group, who is called like it: one view answers for all of them.
  const doubles = groups.flatMap(({ local }) => [
    { ...person, local },
    { kind: MEMBERSHIP, section: membershipSection(local), local, name: local, attributes: NO_ATTRIBUTES },
  ]);
  const view = platform.access(
    applySteps(
      restrictPeople(state, new Set()),
      doubles.map((after) => ({ before: undefined, after })),
    ),
  );
  const gives =
    (group: string, scope: string) =>
    ({ resource: name, scope: where, via }: Grant) =>
      name === resource && where === scope && via.some((path) => path.group === group);
  return (scope) =>
    groups.flatMap(({ local, name }) => {
      const grant = view.grantsOf(local).find(gives(name, scope));
      return grant ? [{ group: name, level: grant.level }] : [];
    });
}
