// A campaign begins by what somebody who may has agreed to: what loosens a review counts from its apply on, what tightens it at once.
import { expect, test } from "vitest";
import type { ReviewDefinition, ReviewRules } from "../../../src/model/campaign.ts";
import { type AppliedReviews, reviewsInForce } from "../../../src/plan/review/in-force.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { openTarget } from "../../support/organization.ts";
import { DEFINITION } from "./campaign.ts";

const NOW = new Date("2026-11-22T12:00:00Z");
const ACME = "a".repeat(40);
const VAULT = "b".repeat(40);
const SETTINGS: ReviewRules["settings"] = { overdue: "revoke", escalateDays: 7 };
const rules = (
  definitions: readonly ReviewDefinition[],
  settings: Partial<ReviewRules["settings"]> = {},
): ReviewRules => ({ definitions, settings: { ...SETTINGS, ...settings } });
const days = (days: number): ReviewDefinition => ({ ...DEFINITION, schedule: { cron: "0 6 1 */3 *", days } });
const applied = (commit: string, name: string, tip: ReviewRules, then: ReviewRules): AppliedReviews => {
  const target = openTarget({ name });
  return { commit, head: { target, reviews: tip }, base: { target, reviews: then }, fold: atomic.fold };
};
const inForce = (tip: ReviewRules, ...then: readonly (readonly [commit: string, name: string, ReviewRules])[]) =>
  reviewsInForce(
    tip,
    then.map(([commit, name, one]) => applied(commit, name, tip, one)),
    NOW,
  );

test("all that is new, stricter, or the same is in force at once", () => {
  const tip = rules([days(7), { ...DEFINITION, name: "new" }], { escalateDays: 3 });
  const found = inForce(tip, [ACME, "acme", rules([days(14)])]);
  expect([found.definitions, found.settings]).toEqual([tip.definitions, tip.settings]);
  expect([found.since.size, found.findings.size]).toEqual([0, 0]);
  expect(inForce(tip).definitions).toEqual(tip.definitions);
});

test("what is looser holds as it was applied last, and the reason is said", () => {
  const found = inForce(rules([days(30)]), [ACME, "acme", rules([days(14)])]);
  expect(found.definitions).toEqual([days(14)]);
  expect([...found.since]).toEqual([["quarterly", ACME]]);
  expect(found.findings.get("quarterly")).toMatchObject([
    {
      severity: "warning",
      code: "review-as-applied",
      message: `Review "quarterly" gives 30 days to decide, and gave 14; it holds as commit ${ACME.slice(0, 12)} has it, since nobody has agreed to that yet`,
    },
  ]);
});

test("what is gone is there, beside what is not", () => {
  const other = { ...DEFINITION, name: "other" };
  const found = inForce(rules([other]), [ACME, "acme", rules([days(14)])]);
  expect(found.definitions).toEqual([other, days(14)]);
});

test("of several targets the first that does not agree decides", () => {
  const tip = rules([]);
  const found = inForce(
    tip,
    [VAULT, "vault", rules([])],
    [ACME, "acme", rules([days(14)])],
    [VAULT, "other", rules([days(9)])],
  );
  expect(found.definitions).toEqual([days(14)]);
  expect([...found.since]).toEqual([["quarterly", ACME]]);
  // Of a target that it is not about nobody is asked.
  const elsewhere = { ...days(14), scope: { targets: ["vault"] } };
  expect(inForce(tip, [ACME, "acme", rules([elsewhere])]).definitions).toEqual([]);
});

test("what holds for all reviews holds as it was applied, where that is stricter", () => {
  const tip = rules([days(14)], { overdue: "keep", escalateDays: 30 });
  expect(inForce(tip, [ACME, "acme", rules([days(14)])]).settings).toEqual(SETTINGS);
  expect(inForce(tip, [ACME, "acme", rules([])]).settings).toEqual(tip.settings);
});
