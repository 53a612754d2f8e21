// A plan that gives again what a review took away: who is called out, for how long, and who is not.
import { expect, it } from "vitest";
import type { RevokedGrant } from "../../../src/model/campaign.ts";
import type { Plan } from "../../../src/model/plan.ts";
import { findRegranted } from "../../../src/plan/review/regranted.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";

const NOW = new Date("2026-06-15T12:00:00Z");
const REVOKED: RevokedGrant = {
  review: "autumn",
  at: "2026-06-01T12:00:00Z",
  target: "acme",
  member: "Bo@acme.example",
  resource: "Card template",
  scope: "production",
  level: "edit",
};

interface Words {
  readonly member?: string;
  readonly scope?: string;
  readonly before?: string | null;
  readonly after?: string | null;
  readonly gains?: boolean;
}

function planOf({
  member = "bo@acme.example",
  scope = "production",
  before = null,
  after = "edit",
  gains,
}: Words = {}) {
  const changes = [{ resource: "Card template", scope, before, after }];
  const access = [{ members: [member], changes, gains: gains ?? true, losses: false }];
  return { target: "acme", access } as unknown as Pick<Plan, "target" | "access">;
}

const found = (words: Words = {}, revoked: readonly RevokedGrant[] = [REVOKED], now = NOW) =>
  findRegranted(planOf(words), revoked, atomic, now);

it("warns of who gets again what was taken away, however the name is written", () => {
  expect(found()).toMatchObject([
    {
      severity: "warning",
      code: "regranted",
      key: "Member/bo@acme.example",
      message:
        "bo@acme.example gets again what review autumn took away on 2026-06-01: Card template at edit in production",
    },
  ]);
});

it("warns once of each person and review", () => {
  const more = found({}, [REVOKED, { ...REVOKED, level: "view" }, { ...REVOKED, review: "winter" }]);
  expect(more.map(({ message }) => message.match(/review (\w+).*?( and 1 more)?$/)?.slice(1))).toEqual([
    ["autumn", " and 1 more"],
    ["winter", undefined],
  ]);
});

it("warns of what is higher, and not of what is lower or was there", () => {
  expect(found({}, [{ ...REVOKED, level: "view" }])).toHaveLength(1);
  expect(found({ after: "view" })).toEqual([]);
  expect(found({ before: "edit" })).toEqual([]);
  expect(found({ before: "edit", after: null })).toEqual([]);
});

it("warns of nothing else", () => {
  expect(found({ member: "dee@acme.example" })).toEqual([]);
  expect(found({ scope: "dev" })).toEqual([]);
  expect(found({}, [{ ...REVOKED, target: "other" }])).toEqual([]);
  expect(found({ gains: false })).toEqual([]);
});

it("warns for ninety days, and of no review that is yet to come", () => {
  const after = (days: number) => new Date(Date.parse(REVOKED.at) + days * 86_400_000);
  expect([-1, 0, 90, 91].map((days) => found({}, [REVOKED], after(days)).length)).toEqual([0, 1, 1, 0]);
});
