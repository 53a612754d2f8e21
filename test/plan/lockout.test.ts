// Stories of people who must not be locked out: what is refused, and in whose words; what is put in another order; what is
// left alone.
import { describe, expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { State } from "../../src/model/entity.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { Target } from "../../src/model/settings.ts";
import { findOrder } from "../../src/plan/lockout-order.ts";
import { ownsAll } from "../../src/plan/realms.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import type { GrantElement } from "../../src/platform/keystone/grants.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { openAccount, stateOfAccount } from "../support/account.ts";
import { type Domain, openDomain, stateOfDomain } from "../support/keystone.ts";
import { OPEN_LIMITS, type Organization, openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";
import { visitReachable } from "../support/reachable.ts";

const [ANA, BO, CHEN] = ["ana@acme.example", "bo@acme.example", "chen@acme.example"] as const;

const OWNS = { Role: "edit" };
const READS = { Theme: "view" };

interface Sketch {
  readonly roles: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Group -> its roles, its members, and the environments it is limited to. */
  readonly groups: Readonly<Record<string, readonly [readonly string[], readonly string[], (readonly string[])?]>>;
  readonly people?: readonly string[];
}

function organizationOf({ roles, groups, people = [ANA, BO, CHEN] }: Sketch): Organization {
  const mapped = <Some, Other>(record: Readonly<Record<string, Some>>, change: (some: Some) => Other) =>
    Object.fromEntries(Object.entries(record).map(([name, some]) => [name, change(some)]));
  return {
    roles: mapped(roles, (permissions) => ({ permissions })),
    groups: mapped(groups, ([carried, members, environments]) => ({
      roles: carried,
      members,
      environments: environments ?? ("all" as const),
    })),
    members: Object.fromEntries(people.map((email) => [email, { firstName: "A", lastName: "B" }])),
  };
}

function plan(live: Sketch, want: Sketch, overrides: Partial<Target>, self?: string): Plan {
  const [now, then] = [stateOfOrganization(organizationOf(live)), stateOfOrganization(organizationOf(want))];
  const input = { target: openTarget(overrides), ...(self === undefined ? {} : { self }) };
  return planFor({ base: now, want: then, live: now }, input).plan;
}

const errors = ({ findings }: Plan) =>
  findings.filter(({ severity }) => severity === "error").map(({ code, message }) => `${code}: ${message}`);

/** `key phase`, and `!` for what must wait for all before it. */
const order = (changes: readonly Change[]) =>
  changes.map(({ action, key, guarded }) => `${action} ${key}${guarded ? " !" : ""}`);

describe("an owner who moves from one group to another", () => {
  const before: Sketch = { roles: { Boss: OWNS }, groups: { Old: [["Boss"], [ANA]], New: [["Boss"], [BO]] } };
  const after: Sketch = { roles: { Boss: OWNS }, groups: { Old: [["Boss"], [CHEN]], New: [["Boss"], [ANA, BO]] } };

  it("joins the one before she leaves the other, and leaves only if all went well", () => {
    const result = plan(before, after, { owners: [ANA] });
    expect(errors(result)).toEqual([]);
    expect(order(result.changes)).toEqual([
      `create Membership/new/${ANA}`,
      `create Membership/old/${CHEN}`,
      `delete Membership/old/${ANA} !`,
    ]);
  });

  it("is left alone where nobody protected is concerned", () => {
    const result = plan(before, after, { owners: [BO] });
    expect(result.changes.filter(({ guarded }) => guarded)).toEqual([]);
  });
});

describe("the group of the owners swaps its role for one that only becomes an owner's in the same plan", () => {
  const before: Sketch = {
    roles: { First: OWNS, Second: { ...READS, Role: "view" } },
    groups: { Bosses: [["First"], [ANA]], "Other bosses": [["First"], [BO]] },
  };
  const after: Sketch = {
    roles: { First: READS, Second: OWNS },
    groups: { Bosses: [["Second"], [ANA]], "Other bosses": [["Second"], [BO]] },
  };

  it("in the only order there is: the new role, the groups, the old role", () => {
    const result = plan(before, after, { owners: [ANA, BO] });
    expect(errors(result)).toEqual([]);
    expect(order(result.changes)).toEqual([
      "update Role/second !",
      "update Group/bosses !",
      "update Group/other bosses !",
      "update Role/first !",
    ]);
    expect(new Set(result.changes.map(({ phase }) => phase)).size).toBe(4);
  });

  it("and the groups wait when the new role fails", async () => {
    const live = stateOfOrganization(organizationOf(before));
    const { changes } = plan(before, after, { owners: [ANA, BO] });
    const ownerless = async (made: readonly Change[]) => {
      let count = 0;
      await visitReachable(
        live,
        made,
        () => 0.5,
        (state) => {
          if (!atomic.access(state).anyone(atomic.ownerEquivalent)) count += 1;
        },
      );
      return count;
    };
    expect(await ownerless(changes)).toBe(0);
    expect(await ownerless(changes.map(({ guarded: _, ...change }) => change))).toBeGreaterThan(0);
  });

  it("also where nobody is named, since somebody must own it", () => {
    const result = plan(before, after, {});
    expect(errors(result)).toEqual([]);
    expect(order(result.changes)).toEqual([
      "update Group/bosses !",
      "update Role/second !",
      "update Group/other bosses !",
      "update Role/first !",
    ]);
  });

  it("and for as many as the settings ask for", () => {
    const keys = (minimumOwners: number) => plan(before, after, { minimumOwners }).changes.map(({ key }) => key);
    expect(keys(2)).toEqual(["Role/second", "Group/bosses", "Group/other bosses", "Role/first"]);
  });
});

it("two owners' groups swap their roles by updates, and each is looked at alone", () => {
  const roles = { First: OWNS, Second: { "Workbench member group": "edit" } };
  const result = plan(
    { roles, groups: { A: [["First"], [ANA]], B: [["Second"], [BO]] } },
    { roles, groups: { A: [["Second"], [ANA]], B: [["First"], [BO]] } },
    { owners: [ANA, BO] },
  );
  expect(errors(result)).toEqual([]);
  expect(order(result.changes)).toEqual(["update Group/a !", "update Group/b !"]);
  expect(new Set(result.changes.map(({ phase }) => phase)).size).toBe(2);
});

it("where every order takes something from somebody, the step and the person are named", () => {
  // Bo reads through a limited group, where only Theme counts: his group must move after Second reads, and before First
  // stops. Ana's must move after First owns, and before Second stops. So each role waits for the other.
  const result = plan(
    {
      roles: { First: READS, Second: OWNS },
      groups: { Bosses: [["Second"], [ANA]], Readers: [["First"], [BO], ["dev"]] },
    },
    {
      roles: { First: OWNS, Second: READS },
      groups: { Bosses: [["First"], [ANA]], Readers: [["Second"], [BO], ["dev"]] },
    },
    { breakGlass: [ANA], approvers: [BO] },
  );
  expect(errors(result)).toEqual([
    'lock-out: Step 1 of 4 (update Group "Bosses") would leave nobody who can manage roles, groups and assignments of acme, and no order of the changes avoids it',
    `lock-out: Step 1 of 4 (update Group "Bosses") would take owner-equivalent access for a while from ${ANA}, a break-glass member of acme, and no order of the changes avoids it`,
  ]);
  expect(result.findings.find(({ code }) => code === "lock-out")?.hint).toMatch(/two applies/);
  expect(result.refused).toBe(true);
});

describe("at the end", () => {
  const before: Sketch = {
    roles: { Boss: OWNS, Reader: READS },
    groups: { Bosses: [["Boss"], [ANA, BO]], Readers: [["Reader"], [CHEN]] },
  };
  const without = (...gone: string[]): Sketch => ({
    ...before,
    groups: {
      Bosses: [["Boss"], [ANA, BO].filter((name) => !gone.includes(name))],
      Readers: [["Reader"], [CHEN].filter((name) => !gone.includes(name))],
    },
  });

  it("a break-glass member would lose the only group", () => {
    expect(errors(plan(before, without(BO), { breakGlass: [BO] }))).toEqual([
      `lock-out: Step 1 of 1 (delete Membership "${BO} in Bosses") would take owner-equivalent access from ${BO}, a break-glass member of acme`,
    ]);
  });

  it("Rolebook itself would", () => {
    expect(errors(plan(before, without(BO), {}, BO))).toEqual([
      `lock-out: Step 1 of 1 (delete Membership "${BO} in Bosses") would take owner-equivalent access from ${BO}, whom Rolebook's own credential belongs to`,
    ]);
    expect(errors(plan(before, without(CHEN), {}, CHEN))).toEqual([
      `lock-out: Step 1 of 1 (delete Membership "${CHEN} in Readers") would take all access from ${CHEN}, whom Rolebook's own credential belongs to`,
    ]);
  });

  it("an owner of the settings would, in the words there have always been", () => {
    expect(errors(plan(before, without(BO), { owners: [BO] }))).toEqual([
      `owner-loses-access: ${BO} is an owner of acme in the settings and would lose owner-equivalent access`,
    ]);
  });

  it("an approver would lose everything; a part is no matter", () => {
    expect(errors(plan(before, without(CHEN), { approvers: [CHEN] }))).toEqual([
      `lock-out: Step 1 of 1 (delete Membership "${CHEN} in Readers") would take all access from ${CHEN}, an approver of acme`,
    ]);
    const demoted = {
      ...without(BO),
      groups: { Bosses: [["Boss"], [ANA]], Readers: [["Reader"], [BO, CHEN]] },
    } as const;
    expect(errors(plan(before, demoted, { approvers: [BO] }))).toEqual([]);
  });

  it("there would be too few owners, or nobody", () => {
    expect(errors(plan(before, without(BO), { minimumOwners: 2 }))).toEqual([
      `lock-out: Step 1 of 1 (delete Membership "${BO} in Bosses") would leave fewer than 2 people who can manage roles, groups and assignments of acme`,
    ]);
    expect(errors(plan(before, without(ANA, BO), { minimumOwners: 2 }))).toEqual([
      "nobody-owns: After this plan nobody could manage roles, groups and assignments of acme",
    ]);
  });

  it("there are too few owners already, and it gets no worse", () => {
    expect(errors(plan(before, without(CHEN), { minimumOwners: 3 }))).toEqual([]);
    expect(errors(plan(before, without(BO), { minimumOwners: 3 })).length).toBe(1);
  });

  it("whoever had nothing loses nothing", () => {
    expect(errors(plan(before, without(CHEN), { owners: [CHEN, "zoe@acme.example"], approvers: [] }))).toEqual([]);
  });

  it("a break-glass member without any access would be deleted", () => {
    const idle: Sketch = { ...before, people: [ANA, BO, CHEN, "dee@acme.example"] };
    expect(errors(plan(idle, before, { breakGlass: ["dee@acme.example"] }))).toEqual([
      'lock-out: Step 1 of 1 (delete Member "dee@acme.example") would delete or disable dee@acme.example, a break-glass member of acme',
    ]);
    expect(errors(plan(idle, before, { owners: ["dee@acme.example"] }))).toEqual([]);
  });

  it("changes that are not made are not judged", () => {
    const [now, then] = [before, without(ANA, BO)].map((some) => stateOfOrganization(organizationOf(some)));
    if (!now || !then) throw new TypeError();
    const whole = planFor({ base: now, want: then, live: now }).plan;
    const [first, second] = whole.changes;
    const only = new Set([first?.id ?? ""]);
    const part = planFor({ base: now, want: then, live: now }, { only }).plan;
    expect([errors(whole).length, errors(part)]).toEqual([1, []]);
    expect(part.changes.map(({ blockedBy }) => blockedBy)).toEqual([undefined, ["not-approved"]]);
    expect(second?.key).toBe(`Membership/bosses/${BO}`);
  });
});

describe("Keystone", () => {
  const admin: GrantElement = { role: "admin", on: "domain" };
  const boss: GrantElement = { role: "boss", on: "domain" };
  const domain = (overrides: Partial<Domain>): Domain => ({
    roles: { admin: { implies: [] }, boss: { implies: ["admin"] } },
    groups: { bosses: { grants: [admin], members: ["ana"] } },
    members: { ana: { enabled: true, grants: [] }, bo: { enabled: true, grants: [] } },
    ...overrides,
  });
  const planned = (live: Domain, want: Domain, overrides: Partial<Target>): Plan => {
    const now = stateOfDomain(live);
    const input = { platform: keystone, target: openDomain(overrides) };
    return planFor({ base: now, want: stateOfDomain(want), live: now }, input).plan;
  };

  it("a grant of one's own comes before the group's is taken", () => {
    const result = planned(
      domain({}),
      domain({
        groups: { bosses: { grants: [], members: ["ana"] } },
        members: { ana: { enabled: true, grants: [admin] }, bo: { enabled: true, grants: [] } },
      }),
      { owners: ["ana"] },
    );
    expect(errors(result)).toEqual([]);
    expect(order(result.changes)).toEqual(["update Member/ana", "update Group/bosses !"]);
  });

  it("a role that comes to imply the owners' role does so before the group relies on it", () => {
    const plain = { admin: { implies: [] }, boss: { implies: [] } };
    const result = planned(
      domain({ roles: plain }),
      domain({ groups: { bosses: { grants: [boss], members: ["ana"] } } }),
      { owners: ["ana"] },
    );
    expect(errors(result)).toEqual([]);
    expect(order(result.changes)).toEqual(["update Role/boss", "update Group/bosses !"]);
  });

  it("a role that starts to imply the owners' role comes before the group's swap, and the one that stops after it", () => {
    const clerk = { clerk: { implies: [] } };
    const result = planned(
      domain({
        roles: { admin: { implies: [] }, boss: { implies: ["admin"] }, chief: { implies: ["clerk"] }, ...clerk },
        groups: { bosses: { grants: [boss], members: ["ana"] } },
      }),
      domain({
        roles: { admin: { implies: [] }, boss: { implies: ["clerk"] }, chief: { implies: ["admin"] }, ...clerk },
        groups: { bosses: { grants: [{ role: "chief", on: "domain" }], members: ["ana"] } },
      }),
      { owners: ["ana"] },
    );
    expect(errors(result)).toEqual([]);
    expect(order(result.changes)).toEqual(["update Role/chief !", "update Group/bosses !", "update Role/boss !"]);
  });

  it("nobody who must stay is disabled, with access or without", () => {
    const disabled = domain({ members: { ana: { enabled: true, grants: [] }, bo: { enabled: false, grants: [] } } });
    expect(errors(planned(domain({}), disabled, { breakGlass: ["bo"] }))).toEqual([
      'lock-out: Step 1 of 1 (update Member "bo") would delete or disable bo, a break-glass member of acme',
    ]);
    expect(errors(planned(disabled, domain({}), { breakGlass: ["bo"] }))).toEqual([]);
    const away = domain({ members: { ana: { enabled: false, grants: [] }, bo: { enabled: true, grants: [admin] } } });
    expect(errors(planned(domain({}), away, { breakGlass: ["ana"] }))).toEqual([
      'lock-out: Step 2 of 2 (update Member "ana") would take owner-equivalent access from ana, a break-glass member of acme',
    ]);
  });
});

it("the search gives up where there are too many sets of moves, and says no", () => {
  const moves = Array.from({ length: 20 }, (_, index) => {
    const change = { id: String(index) } as Change;
    const entity = { kind: "Role", section: "Role", local: String(index), name: String(index), attributes: {} };
    return { change, before: undefined, after: entity, floor: undefined, direction: "both" as const };
  });
  let looked = 0;
  const never = findOrder(new Map(), moves, (state) => {
    looked += 1;
    return (state.get("Role")?.size ?? 0) < 19;
  });
  expect(never).toBeUndefined();
  expect(looked).toBe(5020);
  expect(findOrder(new Map(), moves, () => true)).toEqual(moves);
  expect(
    findOrder(new Map(), moves, (state) => !state.get("Role")?.has("0") || state.get("Role")?.size === 20),
  ).toEqual([...moves.slice(1), moves[0]]);
});

describe("workspaces that have owners of their own", () => {
  const people = [ANA, BO, CHEN];
  const owners = (names: Readonly<Record<string, readonly string[]>>): State =>
    stateOfAccount({
      workspaces: { "acme-dev": {}, "acme-prod": {} },
      products: {},
      roles: {},
      groups: {},
      integrations: {},
      keys: {},
      members: Object.fromEntries(
        people.map((email) => [
          email,
          {
            workspaces: Object.entries(names).flatMap(([workspace, owning]) => ({
              workspace,
              role: owning.includes(email) ? "Owner" : "Member",
            })),
            roles: [],
            invited: false,
          },
        ]),
      ),
    });
  const both = owners({ "acme-dev": [ANA, BO], "acme-prod": [BO, CHEN] });
  const planned = (want: State, overrides: Partial<Target> = {}, live = both) =>
    planFor({ base: live, want, live }, { platform: atomyx, target: openAccount(overrides) }).plan;

  it("the last owner of one stays, whoever owns the other", () => {
    const refused = planned(owners({ "acme-dev": [ANA, BO], "acme-prod": [] }));
    expect(errors(refused)).toEqual([
      "nobody-owns: After this plan nobody could manage roles, groups and assignments of acme-prod (of acme)",
    ]);
    expect(errors(planned(owners({ "acme-dev": [ANA], "acme-prod": [BO] })))).toEqual([]);
  });

  it("and as many as the settings ask for, or as there are", () => {
    const one = owners({ "acme-dev": [ANA, BO], "acme-prod": [BO] });
    expect(errors(planned(one, { minimumOwners: 2 }))).toEqual([
      'lock-out: Step 1 of 1 (update Member "chen@acme.example") would leave fewer than 2 people who can manage roles, groups and assignments of acme-prod (of acme)',
    ]);
    const two = owners({ "acme-dev": [ANA], "acme-prod": [BO] });
    expect(errors(planned(owners({ "acme-dev": [BO], "acme-prod": [BO] }), { minimumOwners: 2 }, two))).toEqual([]);
  });

  it("an owner by name keeps each that they own, and is told of those they would lose", () => {
    const without = owners({ "acme-dev": [ANA, BO], "acme-prod": [CHEN] });
    expect(errors(planned(without, { owners: [BO] }))).toEqual([
      "owner-loses-access: bo@acme.example is an owner of acme in the settings and would lose owner-equivalent access in acme-prod",
    ]);
    expect(errors(planned(without, { breakGlass: [BO] }))).toEqual([
      'lock-out: Step 1 of 1 (update Member "bo@acme.example") would take owner-equivalent access in acme-prod from bo@acme.example, a break-glass member of acme',
    ]);
    expect(errors(planned(without, { owners: [ANA, CHEN] }))).toEqual([]);
  });

  it("one comes before the other goes", () => {
    const [live, want] = [owners({ "acme-prod": [CHEN] }), owners({ "acme-prod": [ANA] })];
    const result = planned(want, {}, live);
    expect(errors(result)).toEqual([]);
    expect(order(result.changes)).toEqual([`update Member/${ANA} !`, `update Member/${CHEN} !`]);
  });

  it("what is over the limit in one holds nothing back in another", () => {
    const live = owners({ "acme-dev": [], "acme-prod": [ANA, BO, CHEN] });
    const left = owners({ "acme-dev": [], "acme-prod": [CHEN] });
    const want = new Map(left).set(
      "Member",
      new Map(
        [...(left.get("Member") ?? [])].map(([local, member]) => {
          const { workspaces } = member.attributes;
          const out =
            local === CHEN && Array.isArray(workspaces)
              ? workspaces.filter((text) => !text.includes("dev"))
              : workspaces;
          return [local, { ...member, attributes: { ...member.attributes, workspaces: out ?? [] } }];
        }),
      ),
    );
    const limits = { ...OPEN_LIMITS, owners: { share: 0.34, count: 2 } };
    const result = planned(want, { limits }, live);
    expect(result.findings.map(({ code, blocks }) => [code, blocks])).toContainEqual([
      "removal-limit-owners",
      "change",
    ]);
    expect(result.changes.map(({ local, blockedBy }) => [local, blockedBy ?? []])).toEqual([
      [ANA, ["removal-limit-owners"]],
      [BO, ["removal-limit-owners"]],
      [CHEN, []],
    ]);
  });

  it("too many at once are over the limit, in each by itself", () => {
    const live = owners({ "acme-dev": [ANA, BO, CHEN], "acme-prod": [ANA, BO, CHEN] });
    const limits = { ...OPEN_LIMITS, owners: { share: 0.34, count: 2 } };
    const want = owners({ "acme-dev": [ANA, BO, CHEN], "acme-prod": [CHEN] });
    expect(errors(planned(want, { limits }, live))).toEqual([
      "removal-limit-owners: 2 of 3 people would lose owner-equivalent access in acme-prod; the limit is 1 (the smaller of 34% and 2, at least 1)",
    ]);
  });

  it("whoever owns one gains by what is given in another", () => {
    const live = owners({ "acme-dev": [ANA], "acme-prod": [BO] });
    const grants = (name: string) => atomyx.access(live).grantsOf(name);
    expect(ownsAll(atomyx, live, grants(ANA))).toBe(false);
    const everything = owners({ "acme-dev": [ANA], "acme-prod": [ANA] });
    expect(ownsAll(atomyx, everything, atomyx.access(everything).grantsOf(ANA))).toBe(true);
  });
});
