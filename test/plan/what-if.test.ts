// What would become of people's access, over generated organizations of every platform: against one that never had the thing, and
// against everybody's grants compared cell by cell in the plainest way there is.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Entity,
  entityAt,
  keyOf,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
  stateOf,
} from "../../src/model/entity.ts";
import type { Grant } from "../../src/model/grant.ts";
import type { Platform } from "../../src/model/platform.ts";
import type { Target } from "../../src/model/settings.ts";
import { NO_GOVERNANCE } from "../../src/model/waiver.ts";
import type { WhatIfOutcome } from "../../src/model/what-if.ts";
import { differingKeys } from "../../src/plan/edited-state.ts";
import { judgePlan } from "../../src/plan/guardrails/judge.ts";
import { type Consequences, consequencesOf } from "../../src/plan/what-if.ts";
import { entitiesCalled, membershipsCalled, withoutEntities } from "../../src/plan/without.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { type Account, account, openAccount, stateOfAccount, wholeAccount } from "../support/account.ts";
import { credential, type Domain, domain, openDomain, stateOfDomain, whole } from "../support/keystone.ts";
import { type Organization, openTarget, organization, stateOfOrganization } from "../support/organization.ts";

/** What every organization in plain terms has, by name. */
interface Plain {
  readonly roles: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, { readonly members: readonly string[] }>>;
  readonly members: Readonly<Record<string, unknown>>;
}

interface World<Some extends Plain> {
  readonly platform: Platform;
  readonly target: (overrides?: Partial<Target>) => Target;
  readonly organization: fc.Arbitrary<Some>;
  readonly stateOf: (some: Some) => State;
  /** Without references to what it does not have. */
  readonly whole: (some: Some) => Some;
  readonly runs: number;
}

const atomicWorld: World<Organization> = {
  ...{ platform: atomic, target: openTarget, organization, stateOf: stateOfOrganization, runs: 300 },
  whole: ({ roles, members, groups }) => ({
    roles,
    members,
    groups: Object.fromEntries(
      Object.entries(groups).map(([name, group]) => [
        name,
        {
          ...group,
          roles: group.roles.filter((role) => role in roles),
          members: group.members.filter((member) => member in members),
        },
      ]),
    ),
  }),
};

const keystoneWorld: World<Domain> = {
  ...{ platform: keystone, target: openDomain, organization: domain, stateOf: stateOfDomain, whole, runs: 200 },
};

const atomyxWorld: World<Account> = {
  ...{ platform: atomyx, target: openAccount, organization: account, stateOf: stateOfAccount, whole: wholeAccount },
  runs: 150,
};

const SECTIONS = { roles: "Role", groups: "Group", members: "Member" } as const;

/** What is asked about: the key, and how the plain organization is without it. */
interface Asked {
  readonly key: string;
  readonly drop: (some: Plain) => Plain;
}

function everythingIn(some: Plain, fold: Platform["fold"]): Asked[] {
  const things = Object.entries(SECTIONS).flatMap(([part, kind]) =>
    Object.keys(some[part as keyof Plain]).map((name): Asked => {
      const drop = (from: Plain) => {
        const { [name]: _, ...rest } = from[part as keyof Plain];
        return { ...from, [part]: rest } as Plain;
      };
      return { key: `${kind}/${fold(name)}`, drop };
    }),
  );
  const memberships = Object.entries(some.groups).flatMap(([group, { members }]) =>
    members.map((member): Asked => {
      const drop = (from: Plain) => {
        const then = from.groups[group];
        if (!then) return from;
        const left = { ...then, members: then.members.filter((name) => name !== member) };
        return { ...from, groups: { ...from.groups, [group]: left } };
      };
      return { key: `${membershipSection(fold(group))}/${fold(member)}`, drop };
    }),
  );
  return [...things, ...memberships];
}

/** `member resource scope` -> what becomes of it, cell by cell. */
function naive(platform: Platform, before: State, after: State): Map<string, string> {
  const [had, has] = [platform.access(before), platform.access(after)];
  const cells = new Map<string, string>();
  for (const member of new Set([...had.members(), ...has.members()])) {
    const [old, now] = [had.grantsOf(member), has.grantsOf(member)];
    const at = (grants: readonly Grant[], { resource, scope }: Grant) =>
      grants.find((grant) => grant.resource === resource && grant.scope === scope);
    for (const grant of [...old, ...now]) {
      const [was, is] = [at(old, grant), at(now, grant)];
      const rank = (of: Grant | undefined) => (of ? platform.rankOf(of.resource, of.level) : -1);
      const paths = (of: Grant | undefined) => new Set(of?.via.map(({ group, role }) => `${group}|${role}`));
      const fewer = [...paths(was)].some((path) => !paths(is).has(path));
      const becomes =
        rank(is) < rank(was) ? (is ? "reduced" : "lost") : rank(is) > rank(was) ? (was ? "raised" : "gained") : "kept";
      if (becomes !== "kept" || fewer) cells.set(JSON.stringify([member, grant.resource, grant.scope]), becomes);
    }
  }
  return cells;
}

function cellsOf({ people }: Consequences, fold: Platform["fold"]): Map<string, string> {
  const cell = (member: string, { resource, scope }: WhatIfOutcome) => JSON.stringify([fold(member), resource, scope]);
  return new Map(
    people.flatMap(({ members, outcomes }) =>
      members.flatMap(({ member }) => outcomes.map((outcome) => [cell(member, outcome), outcome.becomes] as const)),
    ),
  );
}

function ask(platform: Platform, target: Target, before: State, after: State): Consequences {
  return consequencesOf({
    ...{ platform, target, now: new Date("2026-11-22T12:00:00Z"), governance: NO_GOVERNANCE, judge: judgePlan },
    before: { state: before, declared: before },
    after: { state: after, declared: after },
  });
}

describe("Atomic", () => describeWorld(atomicWorld));
describe("Keystone", () => describeWorld(keystoneWorld));
describe("Atomyx", () => describeWorld(atomyxWorld));

function describeWorld<Some extends Plain>(world: World<Some>): void {
  const { platform, runs } = world;
  /** An organization and some of its things, most of the time one. */
  const asked = world.organization.chain((some) => {
    const things = everythingIn(some, platform.fold);
    return fc.tuple(
      fc.constant(some),
      things.length === 0
        ? fc.constant([])
        : fc.shuffledSubarray(things, { minLength: 1, maxLength: Math.min(3, things.length) }),
    );
  });

  it("without something is as if it had never been", () => {
    fc.assert(
      fc.property(asked, ([some, things]) => {
        const before = world.stateOf(some);
        const { state, removed } = withoutEntities(before, new Set(things.map(({ key }) => key)), platform);
        const plain = things.reduce<Plain>((from, { drop }) => drop(from), some) as Some;
        expect(differingKeys(state, world.stateOf(world.whole(plain)))).toEqual([]);
        expect(removed.map(keyOf)).toEqual(things.map(({ key }) => key).sort());
      }),
      { numRuns: runs },
    );
  });

  it("what becomes of everybody's access is what comparing every cell says, and who loses everything has nothing left", () => {
    fc.assert(
      fc.property(asked, ([some, things]) => {
        const before = world.stateOf(some);
        const { state } = withoutEntities(before, new Set(things.map(({ key }) => key)), platform);
        const answer = ask(platform, world.target(), before, state);
        expect(cellsOf(answer, platform.fold)).toEqual(naive(platform, before, state));
        const [had, has] = [platform.access(before), platform.access(state)];
        const bare = had.members().filter((name) => had.grantsOf(name).length > 0 && has.grantsOf(name).length === 0);
        const told = answer.people.filter(({ losesEverything }) => losesEverything).flatMap(({ members }) => members);
        expect(told.map(({ member }) => platform.fold(member)).sort()).toEqual([...bare].sort());
      }),
      { numRuns: runs },
    );
  });

  it("every path that is left gives what is left, and none that is gone does", () => {
    fc.assert(
      fc.property(asked, ([some, things]) => {
        const before = world.stateOf(some);
        const { state } = withoutEntities(before, new Set(things.map(({ key }) => key)), platform);
        const view = platform.access(state);
        for (const { members, outcomes } of ask(platform, world.target(), before, state).people)
          for (const { member } of members)
            for (const { resource, scope, after, gone, left } of outcomes) {
              const grant = view
                .grantsOf(platform.fold(member))
                .find((held) => held.resource === resource && held.scope === scope);
              expect(grant?.level ?? null).toBe(after);
              expect(left).toEqual(grant?.via ?? []);
              for (const { group, role } of gone)
                expect(grant?.via ?? []).not.toContainEqual(expect.objectContaining({ group, role }));
            }
      }),
      { numRuns: runs },
    );
  });

  it("owners are counted as they are, and too few of them are refused", () => {
    fc.assert(
      fc.property(asked, ([some, things]) => {
        const before = world.stateOf(some);
        const { state } = withoutEntities(before, new Set(things.map(({ key }) => key)), platform);
        const { owners, refused, findings } = ask(platform, world.target({ minimumOwners: 50 }), before, state);
        const owning = (of: State, scope: string | undefined) => {
          const view = platform.access(of);
          const owns = (grants: readonly Grant[]) =>
            scope === undefined
              ? platform.ownerEquivalent(grants)
              : (platform.ownerScopes?.(grants) ?? []).includes(scope);
          // Who is only invited cannot help anybody.
          const isIn = (member: string) => entityAt(of, "Member", member)?.status === undefined;
          return view.members().filter((member) => isIn(member) && owns(view.grantsOf(member)));
        };
        for (const { scope, before: then, after, lost } of owners) {
          expect([then, after]).toEqual([owning(before, scope).length, owning(state, scope).length]);
          const missed = owning(before, scope).filter((member) => !owning(state, scope).includes(member));
          expect(lost.map(platform.fold).sort()).toEqual([...missed].sort());
          if (after < then) expect([refused, findings.length > 0]).toEqual([true, true]);
        }
      }),
      { numRuns: runs },
    );
  });

  it("is the other way round where an edit gives back what another takes", () => {
    fc.assert(
      fc.property(asked, ([some, things]) => {
        const before = world.stateOf(some);
        const { state } = withoutEntities(before, new Set(things.map(({ key }) => key)), platform);
        const answer = ask(platform, world.target(), state, before);
        expect(cellsOf(answer, platform.fold)).toEqual(naive(platform, state, before));
        expect(ask(platform, world.target(), before, before)).toMatchObject({
          people: [],
          findings: [],
          refused: false,
        });
      }),
      { numRuns: Math.ceil(runs / 3) },
    );
  });
}

const thing = (kind: string, name: string, attributes: Entity["attributes"] = NO_ATTRIBUTES): Entity => ({
  ...{ kind, section: kind, local: name.toLowerCase(), name, attributes },
});

describe("what goes along", () => {
  it("a key of somebody who is gone, and a group whose only environment is", () => {
    const domainState = stateOf([
      thing("Member", "ana"),
      thing("Member", "bo"),
      credential("ci", "ana"),
      credential("ci", "bo"),
    ]);
    const without = withoutEntities(domainState, new Set(["Member/ana"]), keystone);
    expect(without.along.map(({ name }) => name)).toEqual(["ci of ana"]);
    const one = thing("Group", "Testers", { roles: [], environments: ["test"] });
    const two = thing("Group", "Everyone", { roles: [], environments: ["dev", "test"] });
    const state = stateOf([thing("Environment", "dev"), thing("Environment", "test"), one, two]);
    const left = withoutEntities(state, new Set(["Environment/test"]), atomic);
    expect(left.along).toEqual([one]);
    expect(left.naming).toEqual([two]);
    expect(entityAt(left.state, "Group", "everyone")?.attributes.environments).toEqual(["dev"]);
    expect(entityAt(left.state, "Group", "testers")).toBeUndefined();
  });

  it("everything in a workspace, at any remove", () => {
    const state = stateOfAccount({
      workspaces: { "acme-dev": {}, "acme-prod": {} },
      products: { "acme-dev/manage": { active: true, subscribed: true } },
      roles: { "acme-dev/manage/Viewer": { implies: [] } },
      groups: { "acme-dev/Everyone": { roles: ["acme-dev/manage/Viewer"], members: ["ana@acme.example"] } },
      members: {
        "ana@acme.example": { workspaces: [{ workspace: "acme-dev", role: "Member" }], roles: [], invited: false },
      },
      integrations: {},
      keys: {},
    });
    const { along, memberships, naming } = withoutEntities(state, new Set(["Workspace/acme-dev"]), atomyx);
    expect(along.map(({ name }) => name)).toEqual([
      "acme-dev/Everyone",
      "acme-dev/manage",
      "acme-dev/manage/Admin",
      "acme-dev/manage/Viewer",
    ]);
    expect([memberships, naming.map(({ name }) => name)]).toEqual([1, ["ana@acme.example"]]);
  });
});

describe("what is called so", () => {
  const membership = (group: string, member: string): Entity => ({
    ...{ kind: "Membership", section: membershipSection(group.toLowerCase()), local: member.toLowerCase() },
    ...{ name: member, attributes: NO_ATTRIBUTES },
  });
  const state = stateOf([
    ...[thing("Group", "Owner"), thing("Role", "Owner"), thing("Group", "group:Owner"), thing("Environment", "dev")],
    ...[thing("Group", "Late in shift"), membership("Late in shift", "bo in sales"), membership("Owner", "bo")],
  ]);
  const called = (text: string) => entitiesCalled(text, state, atomic).map(keyOf);

  it("is found by its name, whatever its case, and by its kind and name", () => {
    expect(called("OWNER")).toEqual(["Role/owner", "Group/owner"]);
    expect(called("role:owner")).toEqual(["Role/owner"]);
    expect(called("Group: Owner")).toEqual(["Group/owner"]);
    expect(called("group:Owner")).toEqual(["Group/group:owner", "Group/owner"]);
    expect([called("dev"), called("environment:dev"), called("nobody"), called(":")]).toEqual([[], [], [], []]);
  });

  it("a membership is found wherever its word stands", () => {
    const found = (text: string) => membershipsCalled(text, state, atomic).map(keyOf);
    expect(found("bo in sales in late in shift")).toEqual(["Membership/late in shift/bo in sales"]);
    expect(found("BO in owner")).toEqual(["Membership/owner/bo"]);
    expect(found("bo owner")).toEqual([]);
  });
});
