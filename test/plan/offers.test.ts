// Groups that would give somebody an access: against putting the person into each of them for real, over both platforms.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entity, membershipSection, NO_ATTRIBUTES, type State, stateOf } from "../../src/model/entity.ts";
import { type Platform, resourcesOf } from "../../src/model/platform.ts";
import { applySteps } from "../../src/plan/access.ts";
import { offersOf } from "../../src/plan/offers.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { domain, stateOfDomain } from "../support/keystone.ts";
import { organization, stateOfOrganization } from "../support/organization.ts";

function joined(state: State, group: string, { local, name }: Entity): State {
  const after = { kind: "Membership", section: membershipSection(group), local, name, attributes: NO_ATTRIBUTES };
  return applySteps(state, [{ before: undefined, after }]);
}

/** `group level` of every group that gives what was not there, one state for each. */
function tried(state: State, platform: Platform, member: Entity, resource: string, scope: string): string[] {
  return [...(state.get("Group")?.values() ?? [])]
    .flatMap(({ local, name }) => {
      const grants = platform.access(joined(state, local, member)).grantsOf(member.local);
      const grant = grants.find((one) => one.resource === resource && one.scope === scope);
      return grant ? [`${name} ${grant.level}`] : [];
    })
    .sort();
}

describe.each([
  ["Atomic", atomic, organization.map(stateOfOrganization)],
  ["Keystone", keystone, domain.map(stateOfDomain)],
] as const)("%s", (_name, platform, states) => {
  it("offers the groups that give it, at the level they give", () => {
    let offered = 0;
    fc.assert(
      fc.property(states, fc.nat(), (state, place) => {
        const resources = resourcesOf(platform, state);
        const resource = resources[place % resources.length]?.name;
        fc.pre(resource !== undefined);
        const view = platform.access(state);
        for (const member of state.get("Member")?.values() ?? []) {
          const offers = offersOf(state, platform, member.local, resource);
          for (const scope of ["dev", "production", "organization"]) {
            if (view.grantsOf(member.local).some((held) => held.resource === resource && held.scope === scope))
              continue;
            const told = offers(scope).map(({ group, level }) => `${group} ${level}`);
            expect(told.sort()).toEqual(tried(state, platform, member, resource, scope));
            offered += told.length;
          }
        }
      }),
      { numRuns: 100 },
    );
    expect(offered).toBeGreaterThan(0);
  });
});

it("offers nothing to nobody", () => {
  expect(offersOf(stateOf([]), atomic, "ana@acme.example", "Role")("organization")).toEqual([]);
});
