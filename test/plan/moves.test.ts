// What moves between two views, worked out on numbers, against a plain comparison of everybody's grants.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { State } from "../../src/model/entity.ts";
import type { AccessChange, Grant } from "../../src/model/grant.ts";
import { createComparison } from "../../src/plan/moves.ts";
import { viewAccess } from "../../src/platform/atomic/access.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { organization, stateOfOrganization } from "../support/organization.ts";

const states = fc.tuple(organization, organization).map(([a, b]) => [a, b].map(stateOfOrganization) as [State, State]);

function everyone(...of: readonly State[]): string[] {
  return [...new Set(of.flatMap((state) => [...(state.get("Member")?.keys() ?? [])]))];
}

/** The definition: cell by cell, whatever differs, with the paths that give the level that counts. */
function compareNaively(old: readonly Grant[], now: readonly Grant[]): AccessChange[] {
  const cells = new Map<string, [Grant | undefined, Grant | undefined]>();
  for (const grant of old) cells.set(`${grant.resource}\n${grant.scope}`, [grant, undefined]);
  for (const grant of now) {
    const cell = `${grant.resource}\n${grant.scope}`;
    cells.set(cell, [cells.get(cell)?.[0], grant]);
  }
  return [...cells]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .filter(([, [from, to]]) => from?.level !== to?.level)
    .map(([, [from, to]]) => {
      const { resource, scope, via } = (to ?? from) as Grant;
      const paths = via.filter(({ level }) => level === undefined);
      return { resource, scope, before: from?.level ?? null, after: to?.level ?? null, via: paths };
    });
}

describe("moves between views", () => {
  test("are what a comparison of everybody's grants finds", () => {
    fc.assert(
      fc.property(states, ([before, after]) => {
        const [was, is] = [viewAccess(before), viewAccess(after)];
        const compare = createComparison(atomic);
        for (const member of everyone(before, after)) {
          const moves = compare(was.partsOf(member), is.partsOf(member));
          expect(moves).toEqual(compareNaively(was.grantsOf(member), is.grantsOf(member)));
          expect(compare(was.partsOf(member), is.partsOf(member))).toBe(moves);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("are the same in views of some members, and nothing between a view and itself", () => {
    fc.assert(
      fc.property(states, fc.nat(), ([before, after], pick) => {
        const people = everyone(before, after);
        const some = new Set(people.filter((_, index) => (pick >> index) % 2 === 1));
        const [was, is] = [viewAccess(before), viewAccess(after)];
        const [wasSome, isSome] = [viewAccess(before, some), viewAccess(after, some)];
        const compare = createComparison(atomic);
        for (const member of people) {
          const whole = compare(was.partsOf(member), is.partsOf(member));
          const part = compare(wasSome.partsOf(member), isSome.partsOf(member));
          expect(part).toEqual(some.has(member) ? whole : []);
          expect(compare(is.partsOf(member), viewAccess(after).partsOf(member))).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("anyone", () => {
  test("passes exactly when somebody's grants do, in a view of some members too", () => {
    fc.assert(
      fc.property(states, ([state]) => {
        const [view, partial] = [viewAccess(state), viewAccess(state, new Set())];
        const test = (grants: readonly Grant[]) => grants.length >= 4;
        const expected = view.members().some((member) => test(view.grantsOf(member)));
        expect(view.anyone(test)).toBe(expected);
        expect(partial.anyone(test)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });
});
