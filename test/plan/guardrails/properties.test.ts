// The rules work on lists of grants that people share, and judge the past only where that is in doubt: held against plain
// definitions over everybody's own grants, on generated organizations of both platforms.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { State } from "../../../src/model/entity.ts";
import type { Grant } from "../../../src/model/grant.ts";
import type { PermissionSelector, Rule } from "../../../src/model/guardrail.ts";
import type { Platform } from "../../../src/model/platform.ts";
import { judgeDesired, judgePlan } from "../../../src/plan/guardrails/judge.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { account, openAccount, stateOfAccount } from "../../support/account.ts";
import { domain, openDomain, stateOfDomain } from "../../support/keystone.ts";
import { openTarget, organization, stateOfOrganization } from "../../support/organization.ts";
import { guardrail, NOW } from "./worlds.ts";

const subset = (names: readonly string[]) =>
  fc.option(fc.subarray([...names], { minLength: 1 }), { nil: undefined, freq: 2 });
const selector = (resources: readonly string[], levels: readonly string[], scopes: readonly string[]) =>
  fc
    .record({
      resource: fc.option(fc.constantFrom(...resources), { nil: undefined, freq: 2 }),
      level: fc.option(fc.constantFrom(...levels), { nil: undefined, freq: 2 }),
      scopes: subset(scopes),
      ownerEquivalent: fc.constantFrom(undefined, undefined, true),
    })
    // Alone it means what makes an owner, which has a test of its own.
    .filter(({ resource, level, scopes, ownerEquivalent }) => !ownerEquivalent || Boolean(resource ?? level ?? scopes))
    .map((some) => JSON.parse(JSON.stringify(some)) as PermissionSelector);

const worlds = [
  {
    name: "atomic",
    platform: atomic,
    target: openTarget(),
    states: organization.map(stateOfOrganization),
    selector: selector(
      ["Card template", "Audit log", "Role", "Theme", "Customer"],
      ["view", "edit", "admin"],
      ["dev", "production", "organization"],
    ),
    groups: ["Card creators", "Analysts", "Everyone", "Night shift"],
  },
  {
    name: "keystone",
    platform: keystone,
    target: openDomain(),
    states: domain.map(stateOfDomain),
    selector: selector(
      ["auditor", "Auditor", "operator", "on call"],
      ["granted"],
      ["dev", "Dev", "production", "organization"],
    ),
    groups: ["developers", "Developers", "night shift"],
  },
  {
    name: "atomyx",
    platform: atomyx,
    target: openAccount(),
    states: account.map(stateOfAccount),
    selector: selector(
      ["User management", "manage/Viewer", "manage/Editor", "submit/Admin"],
      ["granted"],
      ["acme-dev", "acme-prod", "eu"],
    ),
    groups: ["acme-dev/Everyone", "acme-prod/Everyone", "eu/Éditeurs"],
  },
];

/** Levels of the Workbench; elsewhere there is one. */
const LADDER = ["view", "edit", "admin"];

function fits(grant: Grant, level: string, asked: PermissionSelector, owner: boolean): boolean {
  return (
    (asked.resource === undefined || grant.resource === asked.resource) &&
    (asked.scopes === undefined || asked.scopes.includes(grant.scope)) &&
    (asked.level === undefined || LADDER.indexOf(level) >= LADDER.indexOf(asked.level)) &&
    (asked.ownerEquivalent !== true || owner)
  );
}

/** Everybody's grants, put together, and whether they own. */
function everybody(platform: Platform, state: State) {
  const view = platform.access(state);
  return view.members().map((member) => {
    const grants = view.grantsOf(member);
    return { member, grants, owner: platform.ownerEquivalent(grants) };
  });
}

function breakers(platform: Platform, state: State, rule: Rule): string[] {
  return everybody(platform, state)
    .filter(({ grants, owner }) => {
      const held = (asked: readonly PermissionSelector[]) =>
        grants.filter((grant) => asked.some((one) => fits(grant, grant.level, one, owner)));
      if (rule.rule === "separation-of-duties") {
        const [first, second] = [held(rule.with.first), held(rule.with.second)];
        return rule.with.in === "one-scope"
          ? first.some(({ scope }) => second.some((other) => other.scope === scope))
          : first.length > 0 && second.length > 0;
      }
      if (rule.rule !== "permission-holders") throw new Error(rule.rule);
      const { permissions, through } = rule.with;
      return grants.some((grant) =>
        grant.via.some(
          ({ group, level }) =>
            permissions.some((one) => fits(grant, level ?? grant.level, one, owner)) &&
            !(group !== undefined && (through === "any-group" || (through !== "nobody" && through.includes(group)))),
        ),
      );
    })
    .map(({ member }) => member);
}

describe.each(worlds)("over $name", ({ platform, target, states, selector, groups }) => {
  const some = fc.array(selector, { minLength: 1, maxLength: 2 });
  const rules: fc.Arbitrary<Rule> = fc.oneof(
    fc.record({
      rule: fc.constant("separation-of-duties" as const),
      with: fc.record({ first: some, second: some, in: fc.constantFrom("one-scope" as const, "any-scope" as const) }),
    }),
    fc.record({
      rule: fc.constant("permission-holders" as const),
      with: fc.record({
        permissions: some,
        through: fc.oneof(
          fc.constantFrom("any-group" as const, "nobody" as const),
          fc.subarray(groups, { minLength: 1 }),
        ),
      }),
    }),
  );
  const common = (rule: Rule, declared: State) => ({
    guardrails: [guardrail(rule, { message: "{member}" })],
    target,
    platform,
    declared,
    now: NOW,
  });
  const local = (name: string) => platform.fold(name.replace(/ \(it was so before this plan\)$/, ""));

  test("whoever breaks a rule is named, and nobody else", () => {
    let broken = 0;
    fc.assert(
      fc.property(states, rules, (state, rule) => {
        const named = judgeDesired(common(rule, state), state).map(({ message }) => local(message));
        broken += named.length;
        expect(named.sort()).toEqual([...breakers(platform, state, rule)].sort());
      }),
      { numRuns: 1000 },
    );
    expect(broken).toBeGreaterThan(50);
  });

  test("a plan is refused for whoever breaks a rule only after it, and for nobody who holds no more than before", () => {
    let [errors, debts] = [0, 0];
    fc.assert(
      fc.property(states, states, fc.boolean(), rules, (one, other, same, rule) => {
        const before = same ? one : other;
        const plan = { ...common(rule, one), base: other, before, after: one, changes: [], access: [] };
        const findings = judgePlan(plan).filter(({ code }) => code === rule.rule);
        const isNew = new Map(findings.map(({ severity, message }) => [local(message), severity === "error"]));
        const was = new Set(breakers(platform, before, rule));
        const [now, past] = [platform.access(one), platform.access(before)];
        for (const member of breakers(platform, one, rule)) {
          if (!was.has(member)) expect(isNew.get(member), member).toBe(true);
          const unchanged = JSON.stringify(now.grantsOf(member)) === JSON.stringify(past.grantsOf(member));
          if (was.has(member) && unchanged) expect(isNew.get(member), member).toBe(false);
          if (isNew.get(member)) errors += 1;
          else debts += 1;
        }
        expect(isNew.size).toBe(breakers(platform, one, rule).length);
      }),
      { numRuns: 1000 },
    );
    expect(Math.min(errors, debts)).toBeGreaterThan(10);
  });
});
