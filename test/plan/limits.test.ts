// How much one plan may take away, to the person; and waivers, which hold for the one plan that they name.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { State } from "../../src/model/entity.ts";
import type { Grant } from "../../src/model/grant.ts";
import type { Platform } from "../../src/model/platform.ts";
import type { Limits, Target } from "../../src/model/settings.ts";
import { type LimitName, NO_GOVERNANCE, type Waiver } from "../../src/model/waiver.ts";
import { accessGroups } from "../../src/plan/access.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { allowedRemovals, guardLimits } from "../../src/plan/limits.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { account, openAccount, stateOfAccount } from "../support/account.ts";
import { domain, openDomain, stateOfDomain } from "../support/keystone.ts";
import {
  OPEN_LIMITS,
  type Organization,
  openTarget,
  organization,
  stateOfOrganization,
} from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const people = (count: number) => ["ana", "bo", "chen", "dee", "eve", "fay", "gus"].slice(0, count).map(address);
const address = (name: string) => `${name}@acme.example`;

/** So many people who edit cards in `test`, one auditor of the whole organization, and those who own it. */
function acme(editors: readonly string[], owners: readonly string[] = [], environments: readonly string[] = ["test"]) {
  const everyone = [...new Set([...people(7), ...owners, address("zoe")])];
  return {
    roles: {
      "Card editor": { permissions: { "Card template": "edit" } },
      Auditor: { permissions: { "Audit log": "view" } },
      Boss: { permissions: { Role: "admin", Group: "admin" } },
    },
    groups: {
      "Card creators": { roles: ["Card editor"], environments, members: editors },
      Auditors: { roles: ["Auditor"], environments: "all", members: [address("zoe")] },
      Bosses: { roles: ["Boss"], environments: "all", members: owners },
    },
    members: Object.fromEntries(everyone.map((email) => [email, { firstName: "A", lastName: "B" }])),
  } satisfies Organization;
}

const only = (limits: Partial<Limits>): Limits => ({ ...OPEN_LIMITS, ...limits });
const THIRD = { share: 0.34, count: 30 };

function plan(before: Organization, after: Organization, target: Partial<Target>, input: Partial<PlanInput> = {}) {
  const [base, want] = [stateOfOrganization(before), stateOfOrganization(after)];
  return planFor({ base, want, live: base }, { target: openTarget(target), ...input }).plan;
}

type Planned = ReturnType<typeof plan>;
const said = ({ findings }: Planned) =>
  findings.map(({ severity, code, message }) => `${severity} ${code}: ${message}`);
const codes = ({ findings }: Planned) => findings.map(({ code }) => code);
const held = ({ changes }: Planned) => changes.map(({ key, blockedBy }) => [key, blockedBy ?? []]);

describe("what a budget allows", () => {
  it.each([
    [0.34, 20, 1, 1],
    [0.34, 20, 2, 1],
    [0.34, 20, 5, 1],
    [0.34, 20, 6, 2],
    [0.34, 20, 100, 20],
    [0, 0, 100, 1],
    [1, 3, 100, 3],
  ])("a share of %d and a count of %d, of %i: %i", (share, count, size, allowed) => {
    expect(allowedRemovals({ share, count }, size)).toBe(allowed);
  });
});

describe("the limit of a scope", () => {
  const limits = only({ scope: THIRD });

  it("1 of 2 may go", () => {
    expect(codes(plan(acme(people(2)), acme(people(1)), { limits }))).toEqual([]);
  });

  it("2 of 2 may not, nor 2 of 5, whatever takes it from them", () => {
    const gone = plan(acme(people(5)), acme(people(3)), { limits });
    expect(said(gone)).toEqual([
      "error removal-limit-scope: 2 of 5 people would lose access in test; the limit is 1 (the smaller of 34% and 30, at least 1)",
    ]);
    expect(held(gone)).toEqual([
      ["Membership/card creators/dee@acme.example", ["removal-limit-scope"]],
      ["Membership/card creators/eve@acme.example", ["removal-limit-scope"]],
    ]);
    const moved = plan(acme(people(2)), acme(people(2), [], ["dev"]), { limits });
    expect(said(moved)).toEqual([
      "error removal-limit-scope: 2 of 2 people would lose access in test; the limit is 1 (the smaller of 34% and 30, at least 1)",
    ]);
    const lowered = acme(people(2));
    const weaker = {
      ...lowered,
      roles: { ...lowered.roles, "Card editor": { permissions: { "Card template": "view" } } },
    };
    expect(codes(plan(lowered, weaker, { limits }))).toEqual(["removal-limit-scope"]);
  });

  it("each scope by itself: 2 of 7 in one and 2 of 7 in another are not 4", () => {
    expect(codes(plan(acme(people(7)), acme(people(5)), { limits }))).toEqual([]);
    const both = ["test", "dev"];
    expect(codes(plan(acme(people(7), [], both), acme(people(5), [], both), { limits }))).toEqual([]);
    const three = plan(acme(people(7), [], both), acme(people(4), [], both), { limits });
    expect(three.findings.map(({ message }) => message.split(";")[0])).toEqual([
      "3 of 7 people would lose access in dev",
      "3 of 7 people would lose access in test",
    ]);
  });

  it("the organization is a scope, and counts those who have something there", () => {
    const owners = [address("kim"), address("lee"), address("max")];
    const result = plan(acme([], owners), acme([], owners.slice(2)), { limits });
    expect(said(result)).toEqual([
      "error removal-limit-scope: 2 of 4 people would lose organization-wide access; the limit is 1 (the smaller of 34% and 30, at least 1)",
    ]);
  });

  it("whoever only gains is nobody who loses", () => {
    expect(codes(plan(acme(people(1)), acme(people(7)), { limits }))).toEqual([]);
  });

  it("on Keystone, a project is a scope", () => {
    const developers = (members: readonly string[]) =>
      stateOfDomain({
        roles: { operator: { implies: [] } },
        members: Object.fromEntries(["ana", "bo", "chen"].map((name) => [name, { enabled: true, grants: [] }])),
        groups: { developers: { grants: [{ role: "operator", on: "project", project: "dev" }], members } },
      });
    const [base, want] = [developers(["ana", "bo", "chen"]), developers(["ana"])];
    const target = openDomain({ limits });
    const result = planFor({ base, want, live: base }, { platform: keystone, target }).plan;
    expect(result.findings.map(({ message }) => message.split(";")[0])).toEqual([
      "2 of 3 people would lose access in dev",
    ]);
  });
});

describe("the limit of owner-equivalent access", () => {
  const limits = only({ owners: { share: 0.34, count: 2 } });
  const owners = ["kim", "lee", "max", "noa", "oz"].map(address);

  it("1 of 2 may lose it, 2 of 5 may not, and every removal waits", () => {
    expect(codes(plan(acme([], owners.slice(0, 2)), acme([], owners.slice(0, 1)), { limits }))).toEqual([]);
    const result = plan(acme(people(2), owners), acme(people(1), owners.slice(2)), { limits });
    expect(said(result)).toEqual([
      "error removal-limit-owners: 2 of 5 people would lose owner-equivalent access; the limit is 1 (the smaller of 34% and 2, at least 1)",
    ]);
    // Two leave the group and the target, one leaves the editors.
    expect(held(result)).toHaveLength(5);
    for (const [, by] of held(result)) expect(by).toEqual(["removal-limit-owners"]);
  });

  it("who keeps it another way does not lose it", () => {
    const before = acme([], owners);
    const after = {
      ...before,
      groups: { ...before.groups, Bosses: { ...before.groups.Bosses, roles: ["Boss", "Auditor"] } },
    };
    const again = { ...after, groups: { ...after.groups, More: { ...before.groups.Bosses, members: owners } } };
    const moved = { ...again, groups: { ...again.groups, Bosses: { ...again.groups.Bosses, members: [] } } };
    expect(codes(plan(after, moved, { limits }))).toEqual([]);
  });
});

describe("the limits of scopes and owners, counted one person after the other", () => {
  const budget = fc.record({ share: fc.constantFrom(0, 0.3, 0.5, 1), count: fc.nat(3) });

  function naive(live: State, after: State, platform: Platform, { scope, owners }: Limits): string[] {
    const [then, now] = [platform.access(live), platform.access(after)];
    const had = new Map<string, number>();
    const losing = new Map<string, number>();
    const count = (counts: Map<string, number>, key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const member of then.members()) {
      const [before, later] = [then.grantsOf(member), now.grantsOf(member)];
      for (const name of new Set(before.map((grant) => grant.scope))) count(had, platform.fold(name));
      const lost = before.filter((grant) => {
        const same = later.find((other) => other.resource === grant.resource && other.scope === grant.scope);
        return !same || platform.rankOf(same.resource, same.level) < platform.rankOf(grant.resource, grant.level);
      });
      for (const name of new Set(lost.map((grant) => grant.scope))) count(losing, platform.fold(name));
      const realms = (grants: readonly Grant[]) =>
        platform.ownerScopes?.(grants) ?? (platform.ownerEquivalent(grants) ? ["all"] : []);
      const stillOwned = realms(later);
      for (const owned of realms(before)) {
        count(had, `owners of ${owned}`);
        if (!stillOwned.includes(owned)) count(losing, `owners of ${owned}`);
      }
    }
    return [...losing]
      .filter(([key, lost]) => lost > allowedRemovals(key.startsWith("owners of ") ? owners : scope, had.get(key) ?? 0))
      .map(([key, lost]) => `${lost} of ${had.get(key)}: ${key}`)
      .sort();
  }

  function check<Some>(platform: Platform, target: Target, some: fc.Arbitrary<Some>, stateFrom: (some: Some) => State) {
    fc.assert(
      fc.property(some, some, budget, budget, (one, other, scope, owners) => {
        const [live, after] = [stateFrom(one), stateFrom(other)];
        const view = (state: State) => platform.access(state);
        const access = accessGroups(view(live), view(after), platform, (member) => member);
        const limits = { ...OPEN_LIMITS, scope, owners };
        const input = { target: { ...target, limits }, platform, access, live, after, changes: [], waivers: [] };
        const { findings } = guardLimits({ ...input, digest: "", applied: new Set() });
        const counted = findings.map(({ message, code }) => {
          const [, lost, size, where] = /^(\d+) of (\d+) people would lose (.*); the limit/.exec(message) ?? [];
          const name =
            where === "organization-wide access" ? "organization" : (where ?? "").replace(/^.*access in /, "");
          const owned = name === "owner-equivalent access" ? "all" : name;
          return `${lost} of ${size}: ${code === "removal-limit-owners" ? `owners of ${owned}` : platform.fold(name)}`;
        });
        expect(counted.sort()).toEqual(naive(live, after, platform, limits));
      }),
      { numRuns: 1000 },
    );
  }

  // Some of whose roles let their holders take anything, so that there are owners to lose.
  const owned = organization.map((some) => {
    const roles = Object.entries(some.roles).map(([name, role]) =>
      name.includes("r") ? [name, { ...role, permissions: { ...role.permissions, Role: "admin" } }] : [name, role],
    );
    return { ...some, roles: Object.fromEntries(roles) };
  });

  it("on Atomic", () => check(atomic, openTarget(), owned, stateOfOrganization));
  it("on Keystone", () => check(keystone, openDomain(), domain, stateOfDomain));
  it("on Atomyx", () => check(atomyx, openAccount(), account, stateOfAccount));
});

describe("a waiver", () => {
  const limits = only({ target: THIRD });
  const [before, after] = [acme(people(5)), acme(people(1))];
  const four = "4 of 8 people would lose access; the limit is 2 (the smaller of 34% and 30, at least 1)";
  const { digest } = plan(before, after, { limits });
  const waive = (parts: Partial<Waiver> = {}): Waiver => ({
    name: "Team moves",
    target: "acme",
    plan: digest,
    limit: "target",
    allows: 4,
    reason: "The team is dissolved",
    approver: "kim@acme.example",
    place: { file: "policies/waivers/team.yaml", line: 1, column: 1 },
    ...parts,
  });
  const waived = (waivers: readonly Waiver[], input: Partial<PlanInput> = {}, target: Partial<Target> = {}) =>
    plan(before, after, { limits, ...target }, { governance: { ...NO_GOVERNANCE, waivers }, ...input });

  it("is asked for by the hint, with all that it needs", () => {
    const [finding] = plan(before, after, { limits }).findings;
    expect(finding?.message).toBe(four);
    expect(finding?.hint).toContain(
      `in policies/waivers/ with kind: Waiver, target: acme, plan: ${digest}, limit: target, allows: 4,`,
    );
  });

  it("for this plan lets it exceed the limit, and says who, why and how many", () => {
    const result = waived([waive()]);
    expect(said(result)).toEqual([
      'warning limit-waived: 4 of 8 people would lose access; the limit is 2, and waiver "Team moves", approved by kim@acme.example, allows 4 for this plan: The team is dissolved',
    ]);
    expect(result.findings[0]?.place?.file).toBe("policies/waivers/team.yaml");
    expect(held(result).every(([, by]) => by?.length === 0)).toBe(true);
    expect(result.waivers).toEqual(["Team moves"]);
    expect(result.digest).toBe(digest);
  });

  it("that allows one too few does not, and the error says so", () => {
    const result = waived([waive({ allows: 3 })]);
    expect(said(result)).toEqual([`error removal-limit-target: ${four}; waiver "Team moves" allows no more than 3`]);
    expect(result.waivers).toEqual([]);
    expect(held(result).every(([, by]) => by?.length === 1)).toBe(true);
  });

  it.each(["group", "scope", "owners"] satisfies LimitName[])("for limits.%s does not lift limits.target", (limit) => {
    const result = waived([waive({ limit, of: "Card creators" })]);
    expect(codes(result)).toEqual(["removal-limit-target", "waiver-not-needed"]);
  });

  it("for another target says nothing here", () => {
    expect(codes(waived([waive({ target: "other" })]))).toEqual(["removal-limit-target"]);
  });

  it("for another digest does not let this plan through", () => {
    const other = `${digest.startsWith("0") ? "1" : "0"}${digest.slice(1)}`;
    const result = waived([waive({ plan: other })]);
    expect(said(result)).toEqual([
      `error removal-limit-target: ${four}`,
      `warning waiver-for-another-plan: Waiver "Team moves" is for plan ${other}, and this is plan ${digest}: it has no effect`,
    ]);
  });

  it("is void when one character of one change is edited", () => {
    const edited = { ...after, roles: { ...after.roles, Auditor: { ...after.roles.Auditor, description: "x" } } };
    const again = { ...after, roles: { ...after.roles, Auditor: { ...after.roles.Auditor, description: "y" } } };
    const first = plan(before, edited, { limits });
    const governance = { ...NO_GOVERNANCE, waivers: [waive({ plan: first.digest })] };
    expect(codes(plan(before, edited, { limits }, { governance }))).toEqual(["limit-waived"]);
    const second = plan(before, again, { limits }, { governance });
    expect(codes(second)).toEqual(["removal-limit-target", "waiver-for-another-plan"]);
    expect(second.waivers).toEqual([]);
  });

  it("once its plan was applied, is spent: reported, and of no effect even on the same plan again", () => {
    const applied = new Set([digest]);
    expect(said(waived([waive()], { applied }))).toEqual([
      `error removal-limit-target: ${four}`,
      `warning waiver-spent: Waiver "Team moves" was for plan ${digest}, which has been applied: it has no effect any more`,
    ]);
    const done = plan(after, after, { limits }, { governance: { ...NO_GOVERNANCE, waivers: [waive()] }, applied });
    expect(codes(done)).toEqual(["waiver-spent"]);
  });

  it("still holds for the rest of an apply that did not finish, and for nothing beyond that", () => {
    const approved = plan(before, after, { limits }).changes;
    const unfinished = { digest, changes: new Set(approved.map(({ id }) => id)) };
    const governance = { ...NO_GOVERNANCE, waivers: [waive()] };
    const input = { governance, unfinished, applied: new Set([digest]) };
    const halfway = plan(acme(people(4)), after, { limits }, input);
    expect(halfway.digest).not.toBe(digest);
    expect(codes(halfway)).toEqual(["limit-waived"]);
    const beyond = plan(acme(people(4)), acme([]), { limits }, input);
    expect(codes(beyond)).toEqual(["removal-limit-target", "waiver-spent"]);
  });

  it("takes an owner whom the judging settings name, as the platform compares names", () => {
    const owners = ["Kim@acme.example", "lee@acme.example"];
    expect(codes(waived([waive()], {}, { owners }))).toEqual(["limit-waived"]);
    const result = waived([waive({ approver: "bo@acme.example" })], {}, { owners });
    expect(said(result)).toEqual([
      `error removal-limit-target: ${four}`,
      'error waiver-approver: Waiver "Team moves" is approved by bo@acme.example, who is no owner of acme: it has no effect',
    ]);
    // A commit that names another owner is judged by those whom its base names.
    const baseRules = { target: openTarget({ limits, owners: ["lee@acme.example"] }), guardrails: [] };
    const { digest: now } = waived([], { baseRules }, { owners });
    expect(codes(waived([waive({ plan: now })], { baseRules }, { owners }))).toContain("waiver-approver");
    const approver = "lee@acme.example";
    expect(codes(waived([waive({ plan: now, approver })], { baseRules }, { owners }))).toEqual(["limit-waived"]);
  });

  it("that is not needed is reported; of two that suffice, one is", () => {
    expect(codes(waived([waive()], {}, { limits: OPEN_LIMITS }))).toEqual(["waiver-not-needed"]);
    const two = waived([waive({ name: "B", allows: 9 }), waive({ name: "A" })]);
    expect(codes(two).sort()).toEqual(["limit-waived", "waiver-not-needed"]);
    expect(two.waivers).toEqual(["A"]);
  });

  it.each([
    ["group", "Card creators", "card CREATORS", "Auditors"],
    ["scope", "test", "TEST", "dev"],
  ] as const)("of one %s lifts its limit and no other's", (limit, of, written, other) => {
    const single = only({ [limit]: THIRD });
    const exceeding = plan(before, after, { limits: single });
    expect(codes(exceeding)).toEqual([`removal-limit-${limit}`]);
    const withWaiver = (name: string | undefined) => {
      const { of: _, ...rest } = waive({ limit, plan: exceeding.digest });
      const waivers = [name === undefined ? rest : { ...rest, of: name }];
      return plan(before, after, { limits: single }, { governance: { ...NO_GOVERNANCE, waivers } });
    };
    for (const name of [of, written]) {
      expect(codes(withWaiver(name))).toEqual(["limit-waived"]);
      expect(held(withWaiver(name)).every(([, by]) => by?.length === 0)).toBe(true);
    }
    for (const name of [other, undefined])
      expect(codes(withWaiver(name)).sort()).toEqual([`removal-limit-${limit}`, "waiver-not-needed"].sort());
  });
});
