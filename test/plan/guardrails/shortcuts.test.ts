// Judging knows whom a plan concerns, reads what people hold as numbers and memberships from rosters: none of that may change
// what is said. Held against judging without any of it, on generated organizations of both platforms.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { State } from "../../../src/model/entity.ts";
import type { PermissionSelector, Rule } from "../../../src/model/guardrail.ts";
import type { Platform } from "../../../src/model/platform.ts";
import { applySteps } from "../../../src/plan/access.ts";
import { affectedMembers } from "../../../src/plan/affected.ts";
import { diffStates } from "../../../src/plan/diff.ts";
import { judgePlan } from "../../../src/plan/guardrails/judge.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { domain, openDomain, stateOfDomain } from "../../support/keystone.ts";
import { openTarget, organization, stateOfOrganization } from "../../support/organization.ts";
import { rosterState } from "../../support/roster.ts";
import { guardrail, NOW } from "./worlds.ts";

const OWNERS: PermissionSelector = { ownerEquivalent: true };

/** Rules that people break, of every kind that looks at people, groups or both. */
function rulesOf(one: PermissionSelector, other: PermissionSelector, groups: readonly string[]): Rule[] {
  return [
    { rule: "separation-of-duties", with: { first: [one], second: [other], in: "any-scope" } },
    { rule: "separation-of-duties", with: { first: [one], second: [other, OWNERS], in: "one-scope" } },
    { rule: "permission-holders", with: { permissions: [one], through: groups } },
    { rule: "permission-holders", with: { permissions: [other, OWNERS], through: "any-group" } },
    { rule: "escalation-holders", with: { through: groups } },
    { rule: "holder-count", with: { permissions: [one], most: 1 } },
    { rule: "holder-count", with: { permissions: [OWNERS], least: 2 } },
    { rule: "time-limit", with: { permissions: [one, OWNERS], days: 30 } },
    { rule: "reason-required" },
    { rule: "shared-account", with: { patterns: ["a*"] } },
    { rule: "cel", with: { for: "member", deny: "size(member.groups) > 1 || size(member.grants) > 3" } },
    { rule: "cel", with: { for: "grant", deny: "size(grant.groups) > 1 || member.ownerEquivalent" } },
    { rule: "cel", with: { for: "group", deny: "size(group.members) > 1" } },
  ];
}

const worlds = [
  {
    name: "atomic",
    platform: atomic,
    target: openTarget(),
    states: organization.map(stateOfOrganization),
    rules: rulesOf({ resource: "Card template" }, { resource: "Audit log" }, ["Card creators"]),
  },
  {
    name: "keystone",
    platform: keystone,
    target: openDomain(),
    states: domain.map(stateOfDomain),
    rules: rulesOf({ resource: "auditor" }, { resource: "operator" }, ["developers"]),
  },
];

/** The platform with views that must be asked for everybody one by one. */
function plain(platform: Platform): Platform {
  const access: Platform["access"] = (state, among) => {
    const { members, grantsOf, partsOf, anyone } = platform.access(state, among);
    return { members, grantsOf, partsOf, anyone };
  };
  return { ...platform, access };
}

describe.each(worlds)("over $name", ({ platform, target, states, rules }) => {
  const guardrails = rules.map((rule, index) => guardrail(rule, { name: `G${index}` }));
  const steps = (before: State, want: State) => {
    const options = {
      platform,
      drift: "revert" as const,
      overwrite: new Set<string>(),
      ended: new Set<string>(),
      exclusive: true,
    };
    return diffStates(before, want, before, options).steps;
  };

  test("what is said of a plan is the same without any shortcut", () => {
    let [standing, fresh] = [0, 0];
    fc.assert(
      fc.property(states, states, states, fc.boolean(), (before, want, base, inRosters) => {
        const made = steps(before, want);
        const after = applySteps(before, made);
        const affected = affectedMembers(made, before, after, platform);
        // What changes is in a roster no more, so that there are both.
        const kept = inRosters ? rosterState(before) : before;
        const common = { guardrails, target, declared: want, base, now: NOW, changes: [], access: [] };
        const short = judgePlan({ ...common, platform, affected, before: kept, after: applySteps(kept, made) });
        const long = judgePlan({ ...common, platform: plain(platform), before, after });
        expect(short).toEqual(long);
        for (const { message } of short)
          if (message.endsWith("(it was so before this plan)")) standing += 1;
          else fresh += 1;
      }),
      { numRuns: 300 },
    );
    expect(Math.min(standing, fresh)).toBeGreaterThan(100);
  });
});
