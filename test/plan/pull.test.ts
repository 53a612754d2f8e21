// The plan of a pull request is made before what is pending is applied, and its reviews approve ids. So they must be the very ids that
// an apply of the merge finds afterwards, whatever the three states are: over generated organizations, one change made after the other.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { State } from "../../src/model/entity.ts";
import { MEMBER } from "../../src/model/platform.ts";
import type { DriftMode } from "../../src/model/settings.ts";
import { applySteps } from "../../src/plan/access.ts";
import type { BuiltPlan } from "../../src/plan/build.ts";
import { type Organization, openTarget, organization, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";
import { stepOf } from "../support/steps.ts";

/** Parts of three organizations, so that the states mostly agree and differ here and there. */
const four: fc.Arbitrary<readonly [State, State, State, State]> = fc
  .tuple(organization, organization, organization, fc.array(fc.nat(4), { minLength: 12, maxLength: 12 }))
  .map(([a, b, c, picks]) => {
    const mix = (offset: number) => {
      const from = (index: number) => [a, a, a, b, c][picks[offset * 3 + index] ?? 0] as Organization;
      const roles = { ...from(0).roles, ...a.roles };
      const members = { ...from(1).members, ...a.members };
      const groups = Object.entries(from(2).groups).map(([name, group]) => [
        name,
        {
          ...group,
          roles: group.roles.filter((role) => role in roles),
          members: group.members.filter((member) => member in members),
        },
      ]);
      return stateOfOrganization({ roles, members, groups: Object.fromEntries(groups) });
    };
    return [mix(0), mix(1), mix(2), mix(3)];
  });

/** Live after an apply made the plan's changes, each by itself. */
function applied({ plan, live }: BuiltPlan): State {
  return plan.changes.reduce((state, change) => applySteps(state, [stepOf(change, state)]), live);
}

const idsOf = ({ plan }: BuiltPlan) => plan.changes.map(({ id }) => id).sort();

describe("the ids of a pull request's plan", () => {
  it.each(["report", "revert"] satisfies DriftMode[])(
    "are those that its apply finds, with drift in mode %s",
    (drift) => {
      let compared = 0;
      fc.assert(
        fc.property(four, ([base, tip, merged, live]) => {
          const target = openTarget({ drift });
          const pending = planFor({ base, want: tip, live }, { target });
          const shown = planFor({ base: tip, want: merged, live: pending.afterOf(() => true) }, { target });
          const found = planFor({ base: tip, want: merged, live: applied(pending) }, { target });
          expect(idsOf(shown)).toEqual(idsOf(found));
          expect(shown.plan.digest).toBe(found.plan.digest);
          if (pending.plan.changes.length > 0 && shown.plan.changes.length > 0) compared += 1;
        }),
        { numRuns: 300 },
      );
      expect(compared).toBeGreaterThan(50);
    },
  );

  it("of whoever a pending change makes are not doubted, though the ledger knows somebody else by the name", () => {
    const person = { firstName: "Ana", lastName: "Ng" };
    const role = { permissions: { "Card template": "view" } };
    const states = (members: readonly string[], group: readonly string[]) =>
      stateOfOrganization({
        roles: { Editor: role },
        groups: { Desk: { roles: ["Editor"], environments: "all", members: group } },
        members: Object.fromEntries(members.map((name) => [name, person])),
      });
    const [ana, bo] = ["ana@acme.example", "bo@acme.example"];
    const identities = new Map([[ana, "gone"]]);
    const pending = planFor(
      { base: states([bo], []), want: states([ana, bo], []), live: states([bo], []) },
      { identities },
    );
    const made = pending.plan.changes.filter(({ kind, action }) => kind === MEMBER && action === "create");
    expect(made.map(({ local }) => local)).toEqual([ana]);
    const known = new Map([...identities].filter(([name]) => !made.some(({ local }) => local === name)));
    const shown = planFor(
      { base: states([ana, bo], []), want: states([ana, bo], [ana]), live: pending.afterOf(() => true) },
      { identities: known },
    );
    expect(shown.plan.findings.map(({ code }) => code)).not.toContain("identity-changed");
    expect(shown.plan.changes.map(({ name, blockedBy }) => [name, blockedBy])).toEqual([[`${ana} in Desk`, undefined]]);
  });
});
