// Nobody lets themselves in by the commit that it helps: what makes approving easier is named, and waits for those whom the
// base names; what makes it harder is not.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Freeze, Person, Target } from "../../src/model/settings.ts";
import { type Rules, weakeningsOf } from "../../src/plan/ratchet.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { type Organization, openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const place = openTarget().place;
const freeze = (parts: Partial<Freeze>): Freeze => ({ reason: "Holidays", place, ...parts });
const HOLIDAYS = freeze({ from: "2026-12-20T00:00:00Z", until: "2027-01-04T08:00:00Z" });
const WEEKENDS = freeze({ cron: "0 16 * * 5", hours: 64 });
const person = (login: string, ...members: readonly string[]): Person => ({ login, members, place });
const target = (parts: Partial<Target> = {}) =>
  openTarget({
    owners: ["ana@acme.example", "kim@acme.example"],
    breakGlass: ["glass@acme.example"],
    approvals: { escalating: 2, reducing: 1, neutral: 1, weakening: 2 },
    scopeOwners: { dev: ["bo@acme.example"] },
    freeze: [HOLIDAYS, WEEKENDS],
    ...parts,
  });
const PEOPLE = [person("ana-hub", "ana@acme.example"), person("eve-hub", "eve@acme.example")];
const GROUPS = new Map<string, readonly string[]>([
  ["creators", ["cy@acme.example"]],
  ["testers", []],
]);
const BASE: Rules = { target: target(), guardrails: [], people: PEOPLE, groupOwners: GROUPS };
const found = (head: Partial<Rules>, base: Partial<Rules> = {}, now = NOW) =>
  weakeningsOf({ ...BASE, ...head }, { ...BASE, ...base }, atomic.fold, now);
const OWNERS = ["ana@acme.example", "kim@acme.example"];

describe("what makes approving easier", () => {
  it.each<[string, Partial<Rules>, string, readonly string[]]>([
    [
      "fewer approvals",
      { target: target({ approvals: { escalating: 1, reducing: 1, neutral: 1, weakening: 2 } }) },
      "approvals.escalating of acme is lowered from 2 to 1",
      OWNERS,
    ],
    [
      "another for emergencies",
      { target: target({ breakGlass: ["glass@acme.example", "eve@acme.example"] }) },
      "breakGlass of acme names eve@acme.example, who may then apply without approval",
      OWNERS,
    ],
    [
      "another owner of a scope",
      { target: target({ scopeOwners: { DEV: ["Bo@acme.example", "eve@acme.example"] } }) },
      "scopeOwners of acme lets eve@acme.example approve what touches DEV alone",
      OWNERS,
    ],
    [
      "the first owner of a scope",
      { target: target({ scopeOwners: { dev: ["bo@acme.example"], test: ["eve@acme.example"] } }) },
      "scopeOwners of acme lets eve@acme.example approve what touches test alone",
      OWNERS,
    ],
    [
      "another owner of a group",
      { groupOwners: new Map([["creators", ["cy@acme.example", "eve@acme.example"]]]) },
      'Group "creators" is owned by cy@acme.example, eve@acme.example, and was by cy@acme.example',
      [...OWNERS, "cy@acme.example"],
    ],
    [
      "the first owner of a group",
      { groupOwners: new Map([["testers", ["eve@acme.example"]]]) },
      'Group "testers" is owned by eve@acme.example, and was by nobody',
      OWNERS,
    ],
    [
      "a login that becomes an owner",
      { people: [...PEOPLE, person("mallory", "KIM@acme.example")] },
      "people lets mallory approve as KIM@acme.example",
      OWNERS,
    ],
    [
      "a known login that becomes an owner of a group too",
      { people: [person("ana-hub", "ana@acme.example"), person("eve-hub", "eve@acme.example", "cy@acme.example")] },
      "people lets eve-hub approve as cy@acme.example",
      OWNERS,
    ],
    [
      "a login that may do without approval",
      { people: [...PEOPLE, person("mallory", "glass@acme.example")] },
      "people lets mallory approve as glass@acme.example",
      OWNERS,
    ],
    [
      "a freeze to come that is gone",
      { target: target({ freeze: [WEEKENDS] }) },
      "freeze of acme from 2026-12-20T00:00:00Z until 2027-01-04T08:00:00Z is no longer whole",
      OWNERS,
    ],
    [
      "a freeze that begins later",
      { target: target({ freeze: [WEEKENDS, { ...HOLIDAYS, from: "2026-12-21T00:00:00Z" }] }) },
      "freeze of acme from 2026-12-20T00:00:00Z until 2027-01-04T08:00:00Z is no longer whole",
      OWNERS,
    ],
    [
      "a freeze that is shorter every time",
      { target: target({ freeze: [HOLIDAYS, { ...WEEKENDS, hours: 63 }] }) },
      "freeze of acme of 64 hours at 0 16 * * 5 is no longer whole",
      OWNERS,
    ],
  ])("%s", (_name, head, what, owners) => {
    const weakenings = found(head);
    expect(weakenings.map((weakening) => [weakening.what, weakening.owners])).toEqual([[what, owners]]);
    expect(weakenings[0]?.id).toMatch(/^[0-9a-f]{24}$/);
  });
});

describe("what does not", () => {
  it.each<[string, Partial<Rules>]>([
    ["nothing", {}],
    ["more approvals", { target: target({ approvals: { escalating: 3, reducing: 2, neutral: 2, weakening: 2 } }) }],
    ["fewer owners of scopes", { target: target({ scopeOwners: {} }) }],
    ["a group that is new, with its owners", { groupOwners: new Map([...GROUPS, ["new", ["eve@acme.example"]]]) }],
    ["a group that is gone", { groupOwners: new Map() }],
    ["somebody who owns nothing", { people: [...PEOPLE, person("lee-hub", "lee@acme.example")] }],
    ["somebody who is gone", { people: [] }],
    ["the same login in another case", { people: [person("ANA-HUB", "Ana@acme.example")] }],
    ["more freezes", { target: target({ freeze: [WEEKENDS, HOLIDAYS, freeze({ cron: "0 0 1 * *", hours: 4 })] }) }],
    [
      "longer freezes",
      {
        target: target({
          freeze: [
            { ...WEEKENDS, hours: 65, reason: "Other words" },
            { ...HOLIDAYS, until: "2027-02-01T00:00:00Z" },
          ],
        }),
      },
    ],
  ])("%s", (_name, head) => {
    expect(found(head)).toEqual([]);
  });

  it("a freeze that is over", () => {
    const head = { target: target({ freeze: [WEEKENDS] }) };
    expect(found(head, {}, new Date("2027-01-04T08:00:00Z"))).toEqual([]);
    expect(found(head, {}, new Date("2027-01-04T07:59:59Z"))).toHaveLength(1);
  });

  it("naming owners where nobody had a say", () => {
    const base = { target: target({ owners: [] }), groupOwners: new Map([["testers", []]]) };
    expect(found({ ...base, groupOwners: new Map([["testers", ["eve@acme.example"]]]) }, base)).toEqual([]);
  });
});

describe("a plan", () => {
  const organization: Organization = {
    roles: {},
    groups: { Creators: { roles: [], environments: "all", members: [] } },
    members: {},
  };
  const owned = (owners: readonly string[]) => {
    const state = stateOfOrganization(organization);
    const groups = new Map(state.get("Group"));
    const group = groups.get("creators");
    if (group) groups.set("creators", { ...group, attributes: { ...group.attributes, owners } });
    return new Map(state).set("Group", groups);
  };

  it("has what the files change of a group's owners and of people, though nothing on the platform changes", () => {
    const live = stateOfOrganization(organization);
    const states = { base: owned(["cy@acme.example"]), want: owned(["eve@acme.example"]), live };
    const base = { target: target(), guardrails: [], people: PEOPLE };
    const input = { target: target(), people: [...PEOPLE, person("mallory", "cy@acme.example")] };
    const { plan } = planFor(states, { ...input, baseRules: base });
    expect(plan.changes).toEqual([]);
    expect(plan.weakens.map(({ what }) => what)).toEqual([
      'Group "creators" is owned by eve@acme.example, and was by cy@acme.example',
      "people lets mallory approve as cy@acme.example",
    ]);
    expect(planFor(states, { ...input, baseRules: base }).plan.digest).toBe(plan.digest);
    expect(
      planFor({ ...states, want: states.base }, { target: target(), baseRules: base, people: PEOPLE }).plan.weakens,
    ).toEqual([]);
  });
});

interface Plain {
  readonly owners: readonly string[];
  readonly breakGlass: readonly string[];
  readonly scopeOwners: Readonly<Record<string, readonly string[]>>;
  readonly groupOwners: Readonly<Record<string, readonly string[]>>;
  readonly people: Readonly<Record<string, readonly string[]>>;
}

it("whoever may approve after a commit and could not before is in a weakening, whatever else it does", () => {
  const names = ["ana", "kim", "bo", "cy", "eve"].map((name) => `${name}@acme.example`);
  const some = fc.subarray(names);
  const rules = fc.record({
    owners: fc.subarray(names, { minLength: 1 }),
    breakGlass: some,
    scopeOwners: fc.dictionary(fc.constantFrom("dev", "test"), some),
    groupOwners: fc.dictionary(fc.constantFrom("creators", "testers"), some),
    people: fc.dictionary(fc.constantFrom("a", "b", "c"), some),
  });
  const toRules = ({ owners, breakGlass, scopeOwners, groupOwners, people }: Plain): Rules => ({
    target: openTarget({ owners, breakGlass, scopeOwners }),
    guardrails: [],
    groupOwners: new Map(["creators", "testers"].map((group) => [group, groupOwners[group] ?? []])),
    people: Object.entries(people).map(([login, members]) => person(login, ...members)),
  });
  /** Login and what it may approve, in plain pairs. */
  const powers = ({ target: { owners, breakGlass, scopeOwners }, groupOwners, people }: Rules) =>
    new Set(
      (people ?? []).flatMap(({ login, members }) =>
        members.flatMap((member) => [
          ...(owners.includes(member) ? [`${login} owns`] : []),
          ...(breakGlass.includes(member) ? [`${login} breaks glass`] : []),
          ...Object.entries(scopeOwners).flatMap(([scope, list]) =>
            list.includes(member) ? [`${login} scope ${scope}`] : [],
          ),
          ...[...(groupOwners ?? [])].flatMap(([group, list]) =>
            list.includes(member) ? [`${login} group ${group}`] : [],
          ),
        ]),
      ),
    );
  fc.assert(
    fc.property(rules, rules, (one, other) => {
      const [head, base] = [toRules(one), toRules(other)];
      const before = powers(base);
      const more = [...powers(head)].filter((power) => !before.has(power));
      const weakenings = weakeningsOf(head, base, atomic.fold, NOW);
      if (more.length > 0) expect(weakenings).not.toEqual([]);
      expect(new Set(weakenings.map(({ id }) => id)).size).toBe(weakenings.length);
    }),
    { numRuns: 1000 },
  );
});
