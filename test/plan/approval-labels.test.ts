// What hides behind another part of a plan, which may be held: cases that the properties of reviews meet once in thousands.
import { expect, it } from "vitest";
import { type Entity, stateOf } from "../../src/model/entity.ts";
import { labelChanges } from "../../src/plan/approval-labels.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { adminOf, entity, membership, openAccount } from "../support/account.ts";
import { planFor } from "../support/plan.ts";

const ANA = "ana@acme.example";
const AROUND = [
  entity("Workspace", "acme-prod"),
  entity("Product", "acme-prod/submit", { active: true, subscribed: true }),
  adminOf("acme-prod/manage"),
  adminOf("acme-prod/submit"),
  membership("acme-prod/Team", ANA),
];
const manage = (active: boolean) => entity("Product", "acme-prod/manage", { active, subscribed: true });
const team = (...roles: string[]) => entity("Group", "acme-prod/Team", { roles });
const ana = (...roles: string[]) => entity("Member", ANA, { workspaces: ["Member of acme-prod"], roles });

function labelsOf(before: readonly Entity[], after: readonly Entity[]): Readonly<Record<string, string>> {
  const [live, want] = [stateOf([...AROUND, ...before]), stateOf([...AROUND, ...after])];
  const built = planFor({ base: live, live, want }, { platform: atomyx, target: openAccount() });
  const { changes } = built.plan;
  const labels = labelChanges({ platform: atomyx, changes, live: built.live, afterOf: built.afterOf });
  return Object.fromEntries(changes.map(({ key }, index) => [key, labels[index] ?? ""]));
}

it("a product switched on gives something wherever what takes its roles away is held", () => {
  const expected = { "Product/acme-prod/manage": "escalating" };
  const admin = "acme-prod/manage/Admin";
  expect(labelsOf([manage(false), team(admin), ana()], [manage(true), team(), ana()])).toMatchObject(expected);
  expect(labelsOf([manage(false), team(), ana(admin)], [manage(true), team(), ana()])).toMatchObject(expected);
  const other = [manage(true), team("acme-prod/submit/Admin"), ana()];
  expect(labelsOf([manage(false), team(admin), ana()], other)).toMatchObject(expected);
  // And nothing where nobody had a role of it.
  expect(labelsOf([manage(false), team(), ana()], [manage(true), team(), ana()])).toEqual({
    "Product/acme-prod/manage": "neutral",
  });
});
