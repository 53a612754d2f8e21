// What a platform tells of people (a second factor, their last activity) is judged by guardrails and is nobody's to change:
// it is no difference, and no byte of a plan shows it.
import { describe, expect, test } from "vitest";
import { type Entity, entityAt, type MemberFacts, type State, stateOf } from "../../src/model/entity.ts";
import { diffStates } from "../../src/plan/diff.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { planToJson } from "../../src/report/plan-json.ts";
import { type Organization, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const ANA = "ana@acme.example";
const acme: Organization = {
  roles: { Auditor: { permissions: { "Audit log": "admin" } } },
  groups: { Auditors: { roles: ["Auditor"], environments: "all", members: [ANA] } },
  members: { [ANA]: { firstName: "Ana", lastName: "Li" } },
};
const renamed: Organization = { ...acme, members: { [ANA]: { firstName: "Anna", lastName: "Li" } } };

/** The same state with these told of every member. */
function telling(state: State, facts: MemberFacts): State {
  const entities = [...state.values()].flatMap((section) => [...section.values()]);
  return stateOf(entities.map((entity: Entity) => (entity.kind === "Member" ? { ...entity, facts } : entity)));
}

const TOLD: readonly MemberFacts[] = [
  { multiFactor: true, lastActive: "2026-11-20T16:05:12.000Z" },
  { multiFactor: false },
  { lastActive: null },
];

describe.each(TOLD)("told: %j", (facts) => {
  test("is no difference", () => {
    const state = stateOfOrganization(acme);
    const { plan } = planFor({ base: state, want: state, live: telling(state, facts) });
    expect([plan.changes, plan.drift, plan.conflicts, plan.unmanaged]).toEqual([[], [], [], []]);
  });

  test("changes no byte of a plan", () => {
    const [base, want] = [stateOfOrganization(acme), stateOfOrganization(renamed)];
    const [silent, told] = [base, telling(base, facts)].map((live) => planFor({ base, want, live }).plan);
    expect(told?.changes.map(({ key }) => key)).toEqual([`Member/${ANA}`]);
    expect(told).toEqual(silent);
    expect(JSON.stringify(told && planToJson(told))).not.toMatch(/multiFactor|lastActive|facts/);
  });

  test("is still known of somebody whom the plan changes", () => {
    const [base, want] = [stateOfOrganization(acme), stateOfOrganization(renamed)];
    const rules = {
      platform: atomic,
      drift: "report" as const,
      overwrite: new Set<string>(),
      ended: new Set<string>(),
      exclusive: true,
    };
    const { steps } = diffStates(base, want, telling(base, facts), rules);
    expect(steps.map(({ before, after }) => [before?.facts, after?.facts])).toEqual([[facts, facts]]);
    expect(entityAt(want, "Member", ANA)?.facts).toBeUndefined();
  });
});
