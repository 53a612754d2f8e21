// What holds of every plan, over generated organizations: three of them at a time, as base, desired and live.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Entity, entityAt, groupOfSection, keyOf, type State, stateOf } from "../../src/model/entity.ts";
import type { Grant } from "../../src/model/grant.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Platform } from "../../src/model/platform.ts";
import type { Target } from "../../src/model/settings.ts";
import { applySteps } from "../../src/plan/access.ts";
import { diffStates } from "../../src/plan/diff.ts";
import { splitPhases } from "../../src/plan/order.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { writePlanJson } from "../../src/report/plan-json.ts";
import { type Account, account, openAccount, stateOfAccount, wholeAccount } from "../support/account.ts";
import { type Domain, domain, openDomain, stateOfDomain, whole } from "../support/keystone.ts";
import { type Organization, openTarget, organization, stateOfOrganization } from "../support/organization.ts";
import { planFor, type Three } from "../support/plan.ts";

/** A platform with organizations of its own to plan for. */
interface World<Some> {
  readonly platform: Platform;
  readonly target: (overrides: Partial<Target>) => Target;
  readonly organization: fc.Arbitrary<Some>;
  readonly stateOf: (some: Some) => State;
  /** Roles and people of one, groups of another, in so far as they fit the first. */
  readonly combine: (roles: Some, members: Some, groups: Some, always: Some) => Some;
  readonly runs: number;
}

const atomicWorld: World<Organization> = {
  platform: atomic,
  target: openTarget,
  organization,
  stateOf: stateOfOrganization,
  runs: 2000,
  combine: (first, second, third, always) => {
    const roles = { ...first.roles, ...always.roles };
    const members = { ...second.members, ...always.members };
    const groups = Object.fromEntries(
      Object.entries(third.groups).map(([name, group]) => [
        name,
        {
          ...group,
          roles: group.roles.filter((role) => role in roles),
          members: group.members.filter((member) => member in members),
        },
      ]),
    );
    return { roles, members, groups };
  },
};

const keystoneWorld: World<Domain> = {
  platform: keystone,
  target: openDomain,
  organization: domain,
  stateOf: stateOfDomain,
  runs: 1000,
  combine: (first, second, third, always) =>
    whole({
      roles: { ...first.roles, ...always.roles },
      members: { ...second.members, ...always.members },
      groups: third.groups,
    }),
};

const atomyxWorld: World<Account> = {
  platform: atomyx,
  target: openAccount,
  organization: account,
  stateOf: stateOfAccount,
  runs: 500,
  combine: (first, second, third, always) =>
    wholeAccount({
      workspaces: second.workspaces,
      products: first.products,
      roles: { ...first.roles, ...always.roles },
      members: { ...second.members, ...always.members },
      groups: third.groups,
      integrations: third.integrations,
      keys: { ...second.keys, ...always.keys },
    }),
};

describe("Atomic", () => describeWorld(atomicWorld));
describe("Keystone", () => describeWorld(keystoneWorld));
describe("Atomyx", () => describeWorld(atomyxWorld));

/** Three organizations that mostly agree: each pair shares whole parts, so that every cell of the three-way table is met. */
function threeOf<Some>({ organization, combine, stateOf }: World<Some>): fc.Arbitrary<Three> {
  return fc
    .tuple(organization, organization, organization, fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }))
    .map(([a, b, c, picks]) => {
      const mix = (offset: number): Some => {
        const from = (index: number) => [a, a, a, b, c][((picks[index] ?? 0) + offset * (index % 3)) % 5] as Some;
        return combine(from(0), from(1), from(2), a);
      };
      return { base: stateOf(mix(0)), want: stateOf(mix(1)), live: stateOf(mix(2)) };
    });
}

const bytes = (plan: Plan) => [...writePlanJson(plan)].join("");

function describeWorld<Some>(world: World<Some>): void {
  const { platform, organization, runs } = world;
  const three = threeOf(world);
  const build = (states: Three, drift: "report" | "revert" = "report") =>
    planFor(states, { platform, target: world.target({ drift }) });

  /** Live as it is when every change of the plan that nothing forbids has been made. */
  function afterPlan(plan: Plan, states: Three, drift: "report" | "revert" = "report"): State {
    const free = new Set(plan.changes.filter(({ blockedBy }) => !blockedBy).map(({ key }) => key));
    const rules = {
      platform,
      drift,
      overwrite: new Set<string>(),
      ended: new Set<string>(),
      exclusive: true,
    };
    const { steps } = diffStates(states.base, states.want, states.live, rules);
    return applySteps(
      states.live,
      steps.filter((step) => free.has(keyOf((step.after ?? step.before) as Entity))),
    );
  }

  it("a state compared with itself has no difference at all", () => {
    fc.assert(
      fc.property(organization, (some) => {
        const [one, other] = [world.stateOf(some), world.stateOf(some)];
        const { plan } = build({ base: one, want: other, live: world.stateOf(some) });
        expect([plan.changes, plan.drift, plan.conflicts, plan.unmanaged, plan.access]).toEqual([[], [], [], [], []]);
        const adopted = build({ base: new Map(), want: one, live: other }).plan;
        expect([adopted.changes, adopted.drift, adopted.conflicts]).toEqual([[], [], []]);
      }),
      { numRuns: runs },
    );
  });

  it("applying a plan leaves nothing to do", () => {
    fc.assert(
      fc.property(three, fc.constantFrom("report" as const, "revert" as const), (states, drift) => {
        const { plan } = build(states, drift);
        const live = afterPlan(plan, states, drift);
        const again = build({ ...states, live }, drift).plan;
        // What was held back may be free in the next plan (a read that had shrunk is whole again); nothing else is left.
        const held = new Set(plan.changes.filter(({ blockedBy }) => blockedBy).map(({ key }) => key));
        expect(again.changes.map(({ key }) => key).filter((key) => !held.has(key))).toEqual([]);
        expect(again.conflicts.map(({ key }) => key)).toEqual(plan.conflicts.map(({ key }) => key));
      }),
      { numRuns: runs },
    );
  });

  it("what is unmanaged is never touched", () => {
    fc.assert(
      fc.property(three, fc.constantFrom("report" as const, "revert" as const), (states, drift) => {
        const { plan } = build(states, drift);
        const live = afterPlan(plan, states, drift);
        const touched = new Set(plan.changes.map(({ key }) => key));
        for (const { key } of plan.unmanaged) expect(touched.has(key)).toBe(false);
        for (const [section, entities] of states.live)
          for (const [local, entity] of entities) {
            const known = entityAt(states.base, section, local) ?? entityAt(states.want, section, local);
            if (!known) expect(entityAt(live, section, local)).toBe(entity);
          }
      }),
      { numRuns: runs },
    );
  });

  it("nothing is deleted that base did not have", () => {
    fc.assert(
      fc.property(three, ({ want, live }) => {
        const { plan } = build({ base: new Map(), want, live });
        expect(plan.changes.filter(({ action }) => action === "delete")).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it("members of a group are whose Git says they are", () => {
    const modes = fc.array(fc.constantFrom("exclusive", "additive", "idp"), { minLength: 6, maxLength: 6 });
    const drifts = fc.constantFrom("report" as const, "revert" as const);
    fc.assert(
      fc.property(three, modes, modes, drifts, (plain, before, now, drift) => {
        const states = { base: withModes(plain.base, before), want: withModes(plain.want, now), live: plain.live };
        const { plan } = build(states, drift);
        const after = afterPlan(plan, states, drift);
        for (const [section, there] of states.live) {
          const group = groupOfSection(section);
          const mode = group === undefined ? undefined : entityAt(states.want, "Group", group)?.attributes.members;
          const here = <T extends { readonly key: string }>(list: readonly T[]) =>
            list.filter(({ key }) => key.startsWith(`${section}/`));
          const known = (local: string) => states.base.get(section)?.has(local) || states.want.get(section)?.has(local);
          if (mode === "idp") {
            const said = [plan.changes, plan.drift, plan.conflicts, plan.unmanaged].flatMap((list) =>
              here<{ readonly key: string }>(list),
            );
            expect(said).toEqual([]);
            expect(after.get(section)).toEqual(there);
          } else if (mode === "exclusive") {
            expect(here(plan.unmanaged)).toEqual([]);
            const held = new Set(
              here(plan.changes)
                .filter(({ blockedBy }) => blockedBy)
                .map(({ key }) => key),
            );
            for (const local of after.get(section)?.keys() ?? [])
              expect(known(local) || held.has(`${section}/${local}`)).toBe(true);
          } else if (mode === "additive")
            for (const local of there.keys()) if (!known(local)) expect(after.get(section)?.has(local)).toBe(true);
        }
      }),
      { numRuns: runs },
    );
  });

  it("the order of the input never changes a byte of the plan", () => {
    fc.assert(
      fc.property(three, fc.integer(), (states, seed) => {
        const shuffled = {
          base: shuffle(states.base, seed),
          want: shuffle(states.want, seed + 1),
          live: shuffle(states.live, seed + 2),
        };
        expect(bytes(build(shuffled).plan)).toBe(bytes(build(states).plan));
      }),
      { numRuns: runs / 4 },
    );
  });

  it("access before, moved by the plan's access changes, is access after", () => {
    fc.assert(
      fc.property(three, (states) => {
        const { plan } = build(states);
        // The plan's people are those of the whole plan, blocked changes included.
        const rules = {
          platform,
          drift: "report" as const,
          overwrite: new Set<string>(),
          ended: new Set<string>(),
          exclusive: true,
        };
        const after = applySteps(states.live, diffStates(states.base, states.want, states.live, rules).steps);
        const [levels, expected] = [levelsOf(states.live, platform), levelsOf(after, platform)];
        for (const { members, changes } of plan.access)
          for (const member of members)
            for (const change of changes) {
              const cell = `${member} ${change.resource} ${change.scope}`;
              expect(levels.get(cell) ?? null).toBe(change.before);
              if (change.after === null) levels.delete(cell);
              else levels.set(cell, change.after);
            }
        expect(levels).toEqual(expected);
      }),
      { numRuns: runs },
    );
  });

  it("phases hold every change once, and nothing points at what comes later", () => {
    fc.assert(
      fc.property(three, (states) => {
        const { plan } = build(states);
        const phases = splitPhases(plan.changes);
        expect(phases.flat()).toEqual(plan.changes);
        const made = new Set<string>();
        for (const phase of phases) {
          for (const change of phase) {
            if (change.kind !== "Membership" || change.action !== "create" || change.blockedBy) continue;
            const group = `Group/${change.section.slice("Membership/".length)}`;
            expect(entityAt(states.live, "Group", group.slice(6)) !== undefined || made.has(group)).toBe(true);
          }
          for (const { key, action } of phase) if (action === "create") made.add(key);
        }
      }),
      { numRuns: runs },
    );
  });
}

function levelsOf(state: State, platform: Platform): Map<string, string> {
  const view = platform.access(state);
  const cells = new Map<string, string>();
  for (const member of view.members()) {
    const name = entityAt(state, "Member", member)?.name ?? member;
    for (const grant of view.grantsOf(member) as readonly Grant[])
      cells.set(`${name} ${grant.resource} ${grant.scope}`, grant.level);
  }
  return new Map([...cells].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The state with a mode of members for each of its groups. */
function withModes(state: State, modes: readonly string[]): State {
  const groups = [...(state.get("Group") ?? [])].sort(([left], [right]) => (left < right ? -1 : 1));
  const owned = groups.map(([local, group], index): [string, Entity] => [
    local,
    { ...group, attributes: { ...group.attributes, members: modes[index] ?? "additive" } },
  ]);
  return new Map(state).set("Group", new Map(owned));
}

/** The same state, its sections and entities entered in another order. */
function shuffle(state: State, seed: number): State {
  const entities = [...state.values()].flatMap((section) => [...section.values()]);
  let random = seed >>> 0;
  const keyed = entities.map((entity) => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return { entity, random };
  });
  return stateOf(keyed.sort((a, b) => a.random - b.random).map(({ entity }) => entity));
}
