// A commit is judged by what its base says: what weakens is named, what strengthens is not, and no weakening helps the
// plan that it comes with.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Guardrail, GuardrailException, Rule } from "../../src/model/guardrail.ts";
import type { Budget, Target } from "../../src/model/settings.ts";
import { NO_GOVERNANCE } from "../../src/model/waiver.ts";
import { judgingGuardrails, type Rules, weakeningsOf as weakened } from "../../src/plan/ratchet.ts";
import { asksAsMuch } from "../../src/plan/ratchet-rules.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { openTarget, organization, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const weakeningsOf = (head: Rules, base: Rules | undefined) =>
  weakened(head, base, atomic.fold, new Date("2026-11-22T12:00:00Z"));
const place = (file: string, line = 1) => ({ file: `policies/${file}.yaml`, line, column: 1 });
const except = (parts: Partial<GuardrailException> = {}): GuardrailException => ({
  member: "bo@acme.example",
  reason: "A project",
  approver: "ana@acme.example",
  until: "2027-01-31",
  place: place("guardrails/two", 9),
  ...parts,
});
const thing = (entity: string): GuardrailException => {
  const { member: _, ...rest } = except();
  return { ...rest, entity };
};
const TWO: Guardrail = {
  name: "Two owners",
  rule: "holder-count",
  with: { permissions: [{ ownerEquivalent: true }], least: 2, most: 5 },
  severity: "error",
  owners: ["sec@acme.example"],
  except: [except()],
  place: place("guardrails/two"),
};
const guardrail = (parts: Partial<Guardrail>): Guardrail => ({ ...TWO, ...parts }) as Guardrail;
const settings = (parts: Partial<Target> = {}) =>
  openTarget({
    limits: { target: limit(0.2, 50), group: limit(0.3, 20), scope: limit(0.3, 30), owners: limit(0.3, 2) },
    owners: ["ana@acme.example", "kim@acme.example"],
    minimumOwners: 2,
    breakGlass: ["glass@acme.example"],
    approvers: ["lee@acme.example"],
    ...parts,
  });
const limit = (share: number, count: number): Budget => ({ share, count });
const rules = (target: Partial<Target>, ...guardrails: readonly Guardrail[]) => ({
  target: settings(target),
  guardrails,
});

describe("settings that weaken", () => {
  const { limits } = settings();
  it.each<[Partial<Target>, string[]]>([
    [{ limits: { ...limits, target: limit(0.2, 51) } }, ["limits.target.count of acme is raised from 50 to 51"]],
    [{ limits: { ...limits, group: limit(0.31, 20) } }, ["limits.group.share of acme is raised from 0.3 to 0.31"]],
    [
      { limits: { ...limits, scope: limit(1, 31), owners: limit(0, 3) } },
      [
        "limits.owners.count of acme is raised from 2 to 3",
        "limits.scope.count of acme is raised from 30 to 31",
        "limits.scope.share of acme is raised from 0.3 to 1",
      ],
    ],
    [{ minimumOwners: 1 }, ["minimumOwners of acme is lowered from 2 to 1"]],
    [
      { owners: ["ana@acme.example"] },
      ["owners of acme are ana@acme.example, and were ana@acme.example, kim@acme.example"],
    ],
    [
      { owners: ["ana@acme.example", "kim@acme.example", "bo@acme.example"] },
      [
        "owners of acme are ana@acme.example, kim@acme.example, bo@acme.example, and were ana@acme.example, kim@acme.example",
      ],
    ],
    [{ owners: [] }, ["owners of acme are nobody, and were ana@acme.example, kim@acme.example"]],
    [{ breakGlass: [] }, ["breakGlass of acme no longer names glass@acme.example"]],
    [{ approvers: ["bo@acme.example"] }, ["approvers of acme no longer names lee@acme.example"]],
    [{ timeZone: "Asia/Tokyo" }, ["timeZone of acme is Asia/Tokyo, and was UTC: ends of access move"]],
  ])("%j", (head, expected) => {
    const found = weakeningsOf(rules(head), rules({}));
    expect(found.map(({ what }) => what)).toEqual(expected);
    for (const { owners, id, place } of found) {
      expect(owners).toEqual(["ana@acme.example", "kim@acme.example"]);
      expect(id).toMatch(/^[0-9a-f]{24}$/);
      expect(place).toEqual(settings().place);
    }
  });
});

describe("settings that do not weaken", () => {
  const { limits } = settings();
  it.each<Partial<Target>>([
    {},
    { limits: { target: limit(0, 0), group: limit(0.3, 20), scope: limit(0.1, 30), owners: limit(0.3, 1) } },
    { limits: { ...limits, target: limit(0.2, 49) } },
    { minimumOwners: 3 },
    { owners: ["KIM@acme.example", "ana@acme.example"] },
    { approvers: ["lee@acme.example", "more@acme.example"] },
    { warnDays: 1, drift: "revert", environments: ["dev"], place: place("rolebook", 12) },
  ])("%j", (head) => {
    expect(weakeningsOf(rules(head), rules({}))).toEqual([]);
  });

  it("naming owners for the first time", () => {
    expect(weakeningsOf(rules({}), rules({ owners: [] }))).toEqual([]);
  });

  it("anything, before the first apply", () => {
    expect(weakeningsOf(rules({ minimumOwners: 1 }), undefined)).toEqual([]);
    expect(judgingGuardrails(rules({}, TWO), undefined)).toEqual([TWO]);
  });
});

describe("guardrails that weaken", () => {
  const cases: [Partial<Guardrail> | undefined, string][] = [
    [undefined, "is removed"],
    [{ name: "Another" }, "is removed"],
    [{ severity: "warning" }, "gives a warning, and gave an error"],
    [{ targets: ["other"] }, "no longer holds for acme"],
    [{ targets: [] }, "no longer holds for acme"],
    [{ with: { ...TWO.with, least: 1 } } as Partial<Guardrail>, "has least 1 instead of 2"],
    [{ with: { permissions: TWO.with.permissions, least: 2 } } as Partial<Guardrail>, "has most none instead of 5"],
    [{ rule: "group-owner" } as Partial<Guardrail>, "is of rule group-owner, and was of holder-count"],
    [{ except: [except(), except({ member: "dee@acme.example" })] }, "excepts dee@acme.example until 2027-01-31"],
    [{ except: [except({ member: "dee@acme.example" })] }, "excepts dee@acme.example until 2027-01-31"],
    [{ except: [except(), thing("acme-prod/Ledger")] }, "excepts acme-prod/Ledger until 2027-01-31"],
    [
      { except: [except({ until: "2027-02-01" })] },
      "excepts bo@acme.example until 2027-02-01, and did until 2027-01-31",
    ],
    [
      { except: [except({ until: "2027-02-01T00:00:00Z" })] },
      "excepts bo@acme.example until 2027-02-01T00:00:00Z, and did until 2027-01-31",
    ],
    [{ except: [except({ until: "some day" })] }, "excepts bo@acme.example until some day, and did until 2027-01-31"],
    [{ owners: [] }, "is owned by ana@acme.example, kim@acme.example, and was by sec@acme.example"],
    [
      { owners: ["sec@acme.example", "bo@acme.example"] },
      "is owned by sec@acme.example, bo@acme.example, and was by sec@acme.example",
    ],
  ];
  it.each(cases)("%j", (parts, what) => {
    const head = parts === undefined ? [] : [guardrail(parts)];
    const found = weakeningsOf(rules({}, ...head), rules({}, TWO));
    expect(found.map((weakening) => weakening.what)).toEqual([`Guardrail "Two owners" ${what}`]);
    expect(found[0]?.owners).toEqual(["sec@acme.example"]);
  });

  it("say where they stand, as long as they do", () => {
    const placeOf = (...head: readonly Guardrail[]) => weakeningsOf(rules({}, ...head), rules({}, TWO))[0]?.place;
    expect(placeOf()).toBeUndefined();
    expect(placeOf(guardrail({ severity: "warning", place: place("guardrails/moved", 7) }))).toEqual(
      place("guardrails/moved", 7),
    );
    expect(
      placeOf(guardrail({ except: [except({ until: "2028-01-01", place: place("guardrails/two", 12) })] })),
    ).toEqual(place("guardrails/two", 12));
  });

  it("that nobody owns are their target's owners'", () => {
    const found = weakeningsOf(rules({}), rules({}, guardrail({ owners: [] })));
    expect(found.map(({ owners }) => owners)).toEqual([["ana@acme.example", "kim@acme.example"]]);
  });

  it("have an id of their own each, the same every time", () => {
    const ids = cases.flatMap(([parts]) =>
      weakeningsOf(rules({}, ...(parts ? [guardrail(parts)] : [])), rules({}, TWO)).map(({ id }) => id),
    );
    // Removed under two names, taken from two kinds of targets, excepted beside and instead: the same is the same.
    expect(new Set(ids).size).toBe(cases.length - 2);
    expect(weakeningsOf(rules({}), rules({}, TWO))).toEqual(weakeningsOf(rules({}), rules({}, TWO)));
  });
});

describe("guardrails that do not weaken", () => {
  it.each<Partial<Guardrail>>([
    {},
    { message: "Otherwise {member}", description: "More words" },
    { place: place("guardrails/elsewhere", 3) },
    { targets: ["acme"] },
    { targets: ["acme", "other"] },
    { with: { ...TWO.with, least: 3, most: 4 } } as Partial<Guardrail>,
    { except: [] },
    { except: [except({ until: "2027-01-30" })] },
    { except: [except({ until: "2027-01-31T12:00:00Z" })] },
    { except: [except({ member: "BO@acme.example", reason: "Another", approver: "kim@acme.example" })] },
    { owners: ["SEC@acme.example"] },
  ])("%j", (parts) => {
    expect(weakeningsOf(rules({}, guardrail(parts)), rules({}, TWO))).toEqual([]);
  });

  it("a warning that becomes an error, a guardrail that is new, one that was for another target only", () => {
    expect(weakeningsOf(rules({}, TWO), rules({}, guardrail({ severity: "warning" })))).toEqual([]);
    expect(weakeningsOf(rules({}, TWO), rules({}))).toEqual([]);
    expect(weakeningsOf(rules({}), rules({}, guardrail({ targets: ["other"] })))).toEqual([]);
  });
});

describe("which guardrails judge", () => {
  it("those of HEAD, and the base's version of what HEAD lacks or has otherwise", () => {
    const was = { ...TWO, ofBase: true };
    const added = guardrail({ name: "Added" });
    const weaker = guardrail({ with: { ...TWO.with, least: 1 } } as Partial<Guardrail>);
    const excused = guardrail({ except: [except(), except({ member: "dee@acme.example" })] });
    expect(judgingGuardrails(rules({}, added), rules({}, TWO))).toEqual([added, was]);
    expect(judgingGuardrails(rules({}, weaker), rules({}, TWO))).toEqual([weaker, was]);
    expect(judgingGuardrails(rules({}, excused), rules({}, TWO))).toEqual([excused, was]);
  });

  it("once, in HEAD's words, where only words and places differ", () => {
    const worded = guardrail({
      message: "Otherwise",
      place: place("x", 4),
      except: [except({ reason: "Better", place: place("x", 5) })],
    });
    expect(judgingGuardrails(rules({}, worded), rules({}, TWO))).toEqual([worded]);
  });
});

describe("parameters, from the first to the second", () => {
  const card = { resource: "Card template" };
  const edit = { ...card, level: "edit" };
  const inProduction = { ...card, scopes: ["production"] };
  const inTwo = { ...card, scopes: ["production", "staging"] };
  const any = {};
  const sod = (first: Rule, parts: object) =>
    ({ ...first, with: { ...("with" in first ? first.with : {}), ...parts } }) as Rule;
  const duties: Rule = {
    rule: "separation-of-duties",
    with: { first: [edit], second: [inProduction], in: "one-scope" },
  };
  const holders: Rule = { rule: "permission-holders", with: { permissions: [inProduction], through: ["A", "B"] } };
  const count: Rule = { rule: "holder-count", with: { permissions: [inProduction], least: 2, most: 5 } };
  const apart: Rule = {
    rule: "environment-separation",
    with: { one: { scopes: ["production"], permissions: [edit] }, other: { scopes: ["dev", "test"] } },
  };
  const escalation: Rule = { rule: "escalation-holders", with: { through: ["Owners", "Admins"] } };
  const time: Rule = { rule: "time-limit", with: { permissions: [inProduction], days: 14 } };
  const reason: Rule = { rule: "reason-required", with: { permissions: [edit] } };
  const shared: Rule = { rule: "shared-account", with: { patterns: ["team-*", "ops*"] } };
  const domains: Rule = { rule: "address-domain", with: { domains: ["acme.example", "*.acme.example"] } };
  const factor: Rule = { rule: "multi-factor", with: { permissions: [{ ownerEquivalent: true }] } };
  const dormant: Rule = { rule: "dormant-member", with: { days: 90 } };
  const cel: Rule = { rule: "cel", with: { for: "member", deny: "member.name == 'x'" } };
  const groupOwner: Rule = { rule: "group-owner" };
  const roleName: Rule = { rule: "role-group-name" };
  const documented: Rule = {
    rule: "documentation-required",
    with: {
      kind: "Integration",
      where: { environment: ["production"] },
      attributes: ["owner"],
      patterns: { callback: ["https://*", "http://localhost*"] },
    },
  };
  const reviewed: Rule = { rule: "reviewed-within", with: { days: 90, kinds: ["Group", "Workspace"] } };
  const matching: Rule = {
    rule: "matching-attribute",
    with: { kind: "ApiKey", attribute: "purpose", of: "Workspace" },
  };
  const everyRule = [
    ...[
      duties,
      holders,
      count,
      apart,
      escalation,
      time,
      reason,
      shared,
      domains,
      factor,
      dormant,
      cel,
      groupOwner,
      roleName,
      documented,
      reviewed,
      matching,
    ],
  ];

  it.each<[Rule, Rule]>([
    [duties, sod(duties, { first: [card] })],
    [duties, sod(duties, { second: [inTwo, edit] })],
    [duties, sod(duties, { in: "any-scope" })],
    [holders, sod(holders, { permissions: [any] })],
    [holders, sod(holders, { through: ["B"] })],
    [holders, sod(holders, { through: "nobody" })],
    [sod(holders, { through: "any-group" }), holders],
    [count, sod(count, { least: 3 })],
    [count, sod(count, { most: 2 })],
    [sod(count, { least: undefined }), sod(count, { least: undefined, permissions: [inTwo] })],
    [sod(count, { most: undefined, permissions: [inTwo] }), sod(count, { most: undefined })],
    [apart, sod(apart, { one: { scopes: ["production", "staging"], permissions: [card] } })],
    [apart, sod(apart, { one: { scopes: ["production"] } })],
    [escalation, sod(escalation, { through: [] })],
    [time, sod(time, { days: 13 })],
    [sod(time, { days: undefined }), time],
    [time, sod(time, { permissions: [inTwo] })],
    [reason, { rule: "reason-required" }],
    [reason, sod(reason, { permissions: [edit, inTwo] })],
    [shared, sod(shared, { patterns: ["ops*", "team-*", "x"] })],
    [domains, sod(domains, { domains: ["acme.example"] })],
    [factor, { rule: "multi-factor", with: { permissions: [any] } }],
    [factor, { rule: "multi-factor" }],
    [dormant, sod(dormant, { days: 30 })],
    [documented, sod(documented, { where: undefined })],
    [documented, sod(documented, { where: { environment: ["staging", "production"] } })],
    [documented, sod(documented, { attributes: ["environment", "owner"] })],
    [documented, sod(documented, { patterns: { callback: ["https://*"], owner: ["*@acme.example"] } })],
    [reviewed, sod(reviewed, { days: 30 })],
    [reviewed, sod(reviewed, { kinds: ["Workspace", "Group", "ApiKey"] })],
    [reviewed, sod(reviewed, { kinds: undefined })],
    [matching, sod(matching, { its: "purpose" })],
    [sod(dormant, { permissions: [edit] }), dormant],
    ...everyRule.map((rule): [Rule, Rule] => [rule, structuredClone(rule)]),
  ])("%j asks no less as %j", (base, head) => {
    expect(asksAsMuch(head, base)).toBe(true);
  });

  it.each<[Rule, Rule]>([
    [duties, sod(duties, { first: [{ ...edit, level: "admin" }] })],
    [duties, sod(duties, { first: [{ ...edit, scopes: ["dev"] }] })],
    [duties, sod(duties, { second: [{ ...inProduction, resource: "Theme" }] })],
    [duties, sod(duties, { second: [] })],
    [duties, sod(duties, { in: undefined })],
    [sod(duties, { in: "any-scope" }), duties],
    [holders, sod(holders, { permissions: [] })],
    [holders, sod(holders, { through: ["A", "B", "C"] })],
    [holders, sod(holders, { through: "any-group" })],
    [sod(holders, { through: "nobody" }), holders],
    [sod(holders, { through: "nobody" }), sod(holders, { through: "any-group" })],
    [count, sod(count, { least: 1 })],
    [count, sod(count, { least: undefined })],
    [count, sod(count, { most: 6 })],
    [count, sod(count, { most: undefined })],
    [count, sod(count, { permissions: [inTwo] })],
    [count, sod(count, { permissions: [{ ...inProduction, level: "edit" }] })],
    [sod(count, { least: undefined }), sod(count, { least: undefined, permissions: [] })],
    [apart, sod(apart, { other: { scopes: ["dev"] } })],
    [apart, sod(apart, { other: { scopes: ["dev", "test"], permissions: [edit] } })],
    [escalation, sod(escalation, { through: ["Owners", "Admins", "Everyone"] })],
    [time, sod(time, { days: 15 })],
    [time, sod(time, { days: undefined })],
    [time, sod(time, { permissions: [edit] })],
    [{ rule: "reason-required" }, reason],
    [reason, sod(reason, { permissions: [inTwo] })],
    [shared, sod(shared, { patterns: ["team-*"] })],
    [domains, sod(domains, { domains: ["acme.example", "*.acme.example", "other.example"] })],
    [factor, { rule: "multi-factor", with: { permissions: [{ ...edit, ownerEquivalent: true }] } }],
    [{ rule: "multi-factor", with: { permissions: [edit] } }, factor],
    [dormant, sod(dormant, { days: 91 })],
    [documented, sod(documented, { kind: "ApiKey" })],
    [documented, sod(documented, { where: { environment: ["staging"] } })],
    [documented, sod(documented, { where: { environment: ["production"], owner: ["ana@acme.example"] } })],
    [documented, sod(documented, { where: { environment: ["production"], constructor: ["x"] } })],
    [sod(documented, { patterns: { constructor: ["x"] } }), documented],
    [sod(documented, { where: undefined }), documented],
    [documented, sod(documented, { attributes: undefined })],
    [documented, sod(documented, { patterns: undefined })],
    [documented, sod(documented, { patterns: { callback: ["https://*", "http://*"] } })],
    [reviewed, sod(reviewed, { days: 91 })],
    [reviewed, sod(reviewed, { kinds: ["Group"] })],
    [sod(reviewed, { kinds: undefined }), reviewed],
    [matching, sod(matching, { its: "team" })],
    [matching, sod(matching, { kind: "Integration" })],
    [matching, sod(matching, { attribute: "owner" })],
    [matching, sod(matching, { of: "Product" })],
    [dormant, sod(dormant, { permissions: [edit] })],
    [cel, sod(cel, { deny: "false" })],
    [cel, sod(cel, { for: "group" })],
    ...everyRule.flatMap((base) => everyRule.filter((head) => head !== base).map((head): [Rule, Rule] => [base, head])),
  ])("%j asks less as %j, or may", (base, head) => {
    expect(asksAsMuch(head, base)).toBe(false);
  });
});

describe("a plan", () => {
  const budget = fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true }), count: fc.nat(4) });
  const limits = fc.record({ target: budget, group: budget, scope: budget, owners: budget });

  it("that its base holds back is held back whatever limits its commit brings along", () => {
    fc.assert(
      fc.property(organization, organization, limits, limits, (one, other, then, now) => {
        const [base, want] = [stateOfOrganization(one), stateOfOrganization(other)];
        const states = { base, want, live: base };
        const byBase = planFor(states, { target: settings({ limits: then, owners: [] }) }).plan;
        const judged = planFor(states, {
          target: settings({ limits: now, owners: [] }),
          governance: NO_GOVERNANCE,
          baseRules: { target: settings({ limits: then, owners: [] }), guardrails: [] },
        }).plan;
        const blocks = (plan: typeof judged) => plan.changes.map(({ id, blockedBy }) => `${id} ${blockedBy?.join()}`);
        expect(blocks(judged).sort()).toEqual(blocks(byBase).sort());
        expect(judged.refused).toBe(byBase.refused);
        const raised = Object.entries(now).some(
          ([name, { share, count }]) =>
            share > then[name as keyof typeof then].share || count > then[name as keyof typeof then].count,
        );
        expect(judged.weakens.length > 0).toBe(raised);
        expect(judged.digest === byBase.digest).toBe(!raised);
      }),
      { numRuns: 500 },
    );
  });

  it("that weakens has another digest than one that does not, even when nothing else changes", () => {
    const state = stateOfOrganization({ roles: {}, groups: {}, members: {} });
    const states = { base: state, want: state, live: state };
    const build = (minimumOwners: number) =>
      planFor(states, {
        target: settings({ minimumOwners }),
        baseRules: { target: settings({ place: place("rolebook", 40) }), guardrails: [] },
      }).plan;
    const [strict, weak, weaker] = [build(2), build(1), build(0)];
    expect(strict.weakens).toEqual([]);
    expect(new Set([strict.digest, weak.digest, weaker.digest]).size).toBe(3);
    expect(weak.changes).toEqual([]);
  });
});
