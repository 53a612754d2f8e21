// A plan that is labelled as proved gives no person anything new: checked member by member, resource by resource and
// scope by scope, at the end and after any part of the apply.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { State } from "../../src/model/entity.ts";
import type { Plan } from "../../src/model/plan.ts";
import { type Platform, resourcesOf, scopesOf } from "../../src/model/platform.ts";
import { applySteps } from "../../src/plan/access.ts";
import { splitPhases } from "../../src/plan/order.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { account, openAccount, stateOfAccount } from "../support/account.ts";
import { domain, openDomain, stateOfDomain } from "../support/keystone.ts";
import { openTarget, organization, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";
import { stepOf } from "../support/steps.ts";

interface World {
  readonly platform: Platform;
  readonly pair: fc.Arbitrary<readonly [live: State, want: State]>;
  readonly target: ReturnType<typeof openTarget>;
}

const worlds: readonly World[] = [
  {
    platform: atomic,
    target: openTarget(),
    // Less of the same organization, and now and then more of it: labels of both kinds have to occur.
    pair: fc.tuple(organization, organization, fc.infiniteStream(fc.boolean())).map(([some, other, coins]) => {
      const keeps = () => coins.next().value;
      const groups = Object.entries(some.groups).map(([name, group]) => {
        const people = group.members.filter(keeps);
        const roles = keeps() ? group.roles : group.roles.filter(keeps);
        const into = keeps() ? [] : (other.groups[name]?.members ?? []).filter((member) => member in some.members);
        return [name, { ...group, roles, members: [...new Set([...people, ...into])] }] as const;
      });
      const roles = Object.entries(some.roles).map(([name, role]) => {
        const kept = Object.entries(role.permissions).filter(keeps);
        return [name, { ...role, permissions: keeps() ? role.permissions : Object.fromEntries(kept) }] as const;
      });
      const want = { ...some, roles: Object.fromEntries(roles), groups: Object.fromEntries(groups) };
      return [stateOfOrganization(some), stateOfOrganization(want)] as const;
    }),
  },
  {
    platform: keystone,
    target: openDomain(),
    pair: fc.tuple(domain, fc.infiniteStream(fc.boolean())).map(([some, coins]) => {
      const keeps = () => coins.next().value;
      const thin = <T extends { readonly grants?: readonly unknown[] | undefined }>(holder: T): T =>
        holder.grants === undefined || keeps() ? holder : { ...holder, grants: holder.grants.filter(keeps) };
      const groups = Object.entries(some.groups).map(([name, group]) => [name, thin(group)] as const);
      const members = Object.entries(some.members).map(([name, member]) => [name, thin(member)] as const);
      const want = { ...some, groups: Object.fromEntries(groups), members: Object.fromEntries(members) };
      return [stateOfDomain(some), stateOfDomain(want)] as const;
    }),
  },
  {
    platform: atomyx,
    target: openAccount(),
    pair: fc.tuple(account, fc.infiniteStream(fc.boolean())).map(([some, coins]) => {
      const keeps = () => coins.next().value;
      const thin = <T>(list: readonly T[]): readonly T[] => (keeps() ? list : list.filter(keeps));
      const mapped = <T>(record: Readonly<Record<string, T>>, change: (value: T) => T) =>
        Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
      const want = {
        ...some,
        products: mapped(some.products, (product) => (keeps() ? product : { ...product, active: keeps() })),
        roles: mapped(some.roles, (role) => ({ ...role, implies: thin(role.implies) })),
        groups: mapped(some.groups, (group) => ({
          ...group,
          roles: thin(group.roles),
          members: thin(group.members),
        })),
        members: mapped(some.members, (member) => ({
          ...member,
          workspaces: thin(member.workspaces),
          roles: thin(member.roles),
        })),
      };
      return [stateOfAccount(some), stateOfAccount(want)] as const;
    }),
  },
];

/** Every level that everyone has of everything everywhere: `member resource scope` -> rank. */
function cellsOf(state: State, platform: Platform): Map<string, number> {
  const view = platform.access(state);
  const cells = new Map<string, number>();
  const scopes = [...scopesOf(platform, state), "organization"];
  for (const member of state.get("Member")?.keys() ?? [])
    for (const { name } of resourcesOf(platform, state))
      for (const scope of scopes) {
        const held = view.grantsOf(member).find((grant) => grant.resource === name && grant.scope === scope);
        if (held) cells.set(`${member} ${name} ${scope}`, platform.rankOf(name, held.level));
      }
  return cells;
}

/** Cells in which somebody has more than before. */
function gained(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string[] {
  return [...after].filter(([cell, rank]) => rank > (before.get(cell) ?? -1)).map(([cell]) => cell);
}

/** Live after some whole phases, and then after some of the next one. */
function* statesOf(plan: Plan, live: State, coins: Iterator<boolean>): Iterable<State> {
  let state = live;
  for (const phase of splitPhases(plan.changes)) {
    for (let round = 0; round < 4; round += 1)
      yield applySteps(
        state,
        phase.filter(() => coins.next().value).map((change) => stepOf(change, state)),
      );
    state = applySteps(
      state,
      phase.map((change) => stepOf(change, state)),
    );
    yield state;
  }
}

describe.each(worlds)("$platform.title", ({ platform, pair, target }) => {
  it("gives nobody anything new by a plan that is proved not to", () => {
    let [proved, others] = [0, 0];
    fc.assert(
      fc.property(pair, fc.infiniteStream(fc.boolean()), ([live, want], coins) => {
        const { plan } = planFor({ base: live, want, live }, { platform, target });
        if (plan.changes.length === 0) return;
        if (!plan.nonEscalating) {
          others += 1;
          return;
        }
        proved += 1;
        const before = cellsOf(live, platform);
        for (const state of statesOf(plan, live, coins)) expect(gained(before, cellsOf(state, platform))).toEqual([]);
      }),
      { numRuns: platform === atomyx ? 1000 : 3000 },
    );
    // Neither a label that is never given nor one that is always given would say anything.
    expect(proved).toBeGreaterThan(50);
    if (platform === atomic) expect(others).toBeGreaterThan(50);
  });

  it("never says so of a plan after which somebody has more", () => {
    fc.assert(
      fc.property(pair, ([want, live]) => {
        const { plan } = planFor({ base: live, want, live }, { platform, target });
        const more = gained(cellsOf(live, platform), cellsOf(want, platform));
        if (more.length > 0) expect(plan.nonEscalating).toBe(false);
      }),
      { numRuns: 500 },
    );
  });
});
