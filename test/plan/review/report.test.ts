// A small organization, reviewed: its rows, people, keys, changes and trends as lines that can be read; and what a score may never do.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CampaignStart, RevokedGrant } from "../../../src/model/campaign.ts";
import { type Entity, membershipSection, NO_ATTRIBUTES, type State } from "../../../src/model/entity.ts";
import type { KeyLine } from "../../../src/model/key-lines.ts";
import { MEMBER } from "../../../src/model/platform.ts";
import type { Provenance, ReviewPath, ReviewReport, RiskCode } from "../../../src/model/review.ts";
import { buildReview } from "../../../src/plan/review/build.ts";
import { rowId } from "../../../src/plan/review/ground.ts";
import type { PastReview, ReviewedTarget } from "../../../src/plan/review/input.ts";
import { riskOf } from "../../../src/plan/review/risk.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { openTarget } from "../../support/organization.ts";
import { inputOf, NOW, reviewedOf } from "./worlds.ts";

const TEXT = `kind: Role
name: Template editor
permissions:
  Card template: edit
---
kind: Role
name: Template admin
permissions:
  Card template: admin
---
kind: Role
name: Auditor
permissions:
  Audit log: view
---
kind: Group
name: Editors
roles: [Template editor]
environments: [dev]
---
kind: Group
name: Publishers
roles: [Template admin]
environments: [dev]
---
kind: Group
name: Auditors
roles:
  - Auditor
environments: all
---
kind: Member
email: ana@acme.example
firstName: Ana
lastName: Li
---
kind: Member
email: bo@acme.example
---
kind: Member
email: chen@acme.example
---
kind: Member
email: dee@acme.example
---
kind: Membership
group: Editors
members:
  - ana@acme.example
  - bo@acme.example
  - chen@acme.example
---
kind: Membership
group: Publishers
members:
  - {email: chen@acme.example, until: 2026-11-01, reason: Launch}
---
kind: Membership
group: Auditors
members:
  - email: ana@acme.example
    until: 2026-12-31
    reason: Audit of the year
`;

const APPLIED: Provenance = {
  how: "applied",
  since: "2026-05-01T00:00:00.000Z",
  commit: "c".repeat(40),
  pull: 7,
  author: "Bo <bo@acme.example>",
  approvers: ["ana@acme.example"],
};

/** Live as files have it, but for what was done by hand: Bo publishes, Dee edits, and Chen's time at Publishers is over. */
function small(): ReviewedTarget {
  const files = reviewedOf(atomic, openTarget(), TEXT);
  const live = new Map(files.declared);
  const join = (group: string, member: string) => {
    const section = membershipSection(group);
    const entity: Entity = { kind: "Membership", section, local: member, name: member, attributes: NO_ATTRIBUTES };
    live.set(section, new Map([...(live.get(section) ?? []), [member, entity]]));
  };
  join("publishers", "bo@acme.example");
  join("editors", "dee@acme.example");
  const people = [...(live.get(MEMBER)?.entries() ?? [])].map(([local, entity]): [string, Entity] => {
    const lastActive = local.startsWith("dee") ? "2026-06-01T00:00:00Z" : "2026-11-20T00:00:00Z";
    return [local, { ...entity, facts: { lastActive, multiFactor: !local.startsWith("bo") } }];
  });
  live.set(MEMBER, new Map(people));
  const ofPath: ReviewedTarget["provenances"]["ofPath"] = ({ path: { group } }) =>
    group === "Publishers" ? { ...APPLIED, since: "2026-08-01T00:00:00.000Z", emergency: true } : APPLIED;
  return { ...reviewedOf(atomic, openTarget(), TEXT, live as State), provenances: { ofPath } };
}

function pathText({
  group = "directly",
  role,
  level,
  membershipPlace,
  groupPlace,
  rolePlace,
  until,
}: ReviewPath): string {
  const lines = [membershipPlace, groupPlace, rolePlace].map((place) => place?.line ?? "-").join(" ");
  return `${group}/${role}${level === undefined ? "" : ` (${level})`} at ${lines}${until === undefined ? "" : ` until ${until}`}`;
}

function rowLines({ rows }: ReviewReport): string[] {
  return rows.map(({ member, resource, scope, level, drift, paths, risk, until }) => {
    const who = member.replace("@acme.example", "");
    const why = risk.reasons.map(({ code }) => code).join(" ");
    const end = until === null ? "" : ` until ${until}`;
    return `${risk.score} ${risk.level}: ${who} ${resource} ${level} in ${scope}${end}, ${drift}, by ${paths.map(pathText).join(" and ")}: ${why}`;
  });
}

describe("a small organization", () => {
  const report = buildReview(
    inputOf([small()], {
      people: [{ login: "ana-li", members: ["Ana@acme.example"], place: { file: "f", line: 1, column: 1 } }],
    }),
  );

  it("has rows with every path, its lines and why it deserves a look", () => {
    expect(rowLines(report)).toEqual([
      "100 critical: bo Card template admin in dev, more, by Editors/Template editor (edit) at 50 18 4 and Publishers/Template admin at - 23 9: not-in-git emergency no-second-factor standing",
      "70 high: chen Card template admin in dev, none, by Editors/Template editor (edit) at 51 18 4 and Publishers/Template admin at 56 23 9 until 2026-11-01: emergency outlived",
      "62 high: dee Card template edit in dev, extra, by Editors/Template editor at - 18 4: not-in-git dormant",
      "20 low: ana Audit log view in organization until 2026-12-31, none, by Auditors/Auditor at 61 29 14 until 2026-12-31: outlier",
      "7 low: ana Card template edit in dev, none, by Editors/Template editor at 49 18 4: ",
    ]);
    expect(report.rows[1]?.risk.reasons.map(({ text }) => text)).toEqual([
      "Made in an emergency, and approved by nobody",
      "Ended with 2026-11-01, and is still there",
    ]);
    expect(report.rows[1]?.paths.map(({ reason }) => reason)).toEqual([undefined, "Launch"]);
  });

  it("takes the origin of what has given all of it for the longest time", () => {
    expect(report.rows.map(({ provenance: { since } }) => since?.slice(0, 7))).toEqual([
      "2026-08",
      "2026-08",
      "2026-05",
      "2026-05",
      "2026-05",
    ]);
  });

  it("has people by what they can do, with what is known of them", () => {
    expect(
      report.people.map(({ member, weight, grants, groups, login, name, risk }) => [
        member.split("@")[0],
        weight,
        grants,
        groups,
        login,
        name,
        risk,
      ]),
    ).toEqual([
      ["ana", 1.17, 2, ["Auditors", "Editors"], "ana-li", "Ana Li", "low"],
      ["bo", 1, 1, ["Editors", "Publishers"], undefined, "", "critical"],
      ["chen", 1, 1, ["Editors", "Publishers"], undefined, "", "high"],
      ["dee", 0.67, 1, ["Editors"], undefined, "", "high"],
    ]);
  });

  it("has figures, groups and scopes, and says nothing of reviews that never were", () => {
    expect(report.figures).toEqual({
      people: 4,
      grants: 5,
      ownerEquivalent: 0,
      dormant: 1,
      outliers: 1,
      outlived: 1,
      notInGit: 2,
      highRisk: 3,
      keys: 0,
    });
    const counted = report.groups.filter(({ grants }) => grants > 0);
    expect(counted.map(({ name, people, grants, highRisk }) => `${name}: ${people} ${grants} ${highRisk}`)).toEqual([
      "Auditors: 1 1 0",
      "Editors: 4 4 3",
      "Publishers: 2 2 2",
    ]);
    expect(report.targets[0]?.scopes).toEqual(["dev", "production", "staging", "test", "organization"]);
    expect([report.changes, report.trends]).toEqual([null, []]);
  });
});

const FIGURES = buildReview(inputOf([])).figures;

/** A review that found these: `member level`. */
function began(id: string, startedAt: string, rows: readonly string[], targets = ["acme"], revoked = 0): PastReview {
  const cell = { resource: "Card template", scope: "dev" };
  const start = {
    id,
    startedAt,
    figures: { ...FIGURES, grants: rows.length },
    rows: rows.map((row) => {
      const [name = "", level = ""] = row.split(" ");
      const member = `${name}@acme.example`;
      return { id: rowId("acme", member, cell), target: "acme", member, ...cell, level };
    }),
  };
  return { start: start as unknown as CampaignStart, targets, revoked };
}

describe("beside the reviews before", () => {
  const past = [
    began("spring", "2026-04-01T00:00:00.000Z", ["bo edit"], ["acme"], 3),
    began("autumn", "2026-10-01T00:00:00.000Z", ["bo edit", "chen admin", "eve edit"]),
    began("others", "2026-11-01T00:00:00.000Z", ["bo admin"], ["vault"]),
    began("later", "2026-12-01T00:00:00.000Z", ["bo admin"]),
  ];

  it("tells what is new, gone or at another level since the last that looked at the same", () => {
    const { changes } = buildReview(inputOf([small()], { past }));
    expect(
      changes && [
        changes.review,
        ...changes.rows.map(
          ({ member, resource, before, after }) => `${member.split("@")[0]} ${resource}: ${before} to ${after}`,
        ),
      ],
    ).toEqual([
      "autumn",
      "ana Audit log: null to view",
      "ana Card template: null to edit",
      "bo Card template: edit to admin",
      "dee Card template: null to edit",
      "eve Card template: edit to null",
    ]);
  });

  it("shows how the figures went, of reviews that looked at just these targets", () => {
    const { trends } = buildReview(inputOf([small()], { past }));
    expect(trends.map(({ review, figures, revoked }) => [review, figures.grants, revoked])).toEqual([
      ["spring", 1, 3],
      ["autumn", 3, 0],
    ]);
  });

  it("calls out what one took away within 90 days, at that level or above it", () => {
    const cell = { target: "acme", resource: "Card template", scope: "dev" };
    const revoked: readonly RevokedGrant[] = [
      { ...cell, review: "autumn", at: "2026-10-20T00:00:00.000Z", member: "BO@acme.example", level: "edit" },
      { ...cell, review: "spring", at: "2026-04-20T00:00:00.000Z", member: "chen@acme.example", level: "edit" },
      { ...cell, review: "autumn", at: "2026-10-20T00:00:00.000Z", member: "dee@acme.example", level: "admin" },
    ];
    const { rows } = buildReview(inputOf([small()], { revoked }));
    const again = rows.flatMap(({ member, risk }) =>
      risk.reasons.filter(({ code }) => code === "regranted").map(({ text }) => `${member}: ${text}`),
    );
    expect(again).toEqual(["bo@acme.example: Review autumn took it away"]);
  });
});

describe("keys", () => {
  const line: KeyLine = {
    name: "Shop",
    scope: "acme-prod",
    uses: {},
    owner: "bo@acme.example",
    ownerThere: true,
    id: "k1",
    lastFour: "1234",
    fingerprint: undefined,
    createdAt: "2026-01-01T00:00:00.000Z",
    ageDays: 325,
    lastUsedAt: "2026-11-21T00:00:00.000Z",
    expiresAt: undefined,
    rotateAt: "2026-04-01T00:00:00.000Z",
    standing: "ok",
    graceUntil: undefined,
  };
  const cases: readonly (readonly [string, Partial<KeyLine>, readonly string[]])[] = [
    ["all is well with", {}, []],
    ["overdue", { standing: "overdue" }, ["older than its rotation of 90 days"]],
    ["due", { standing: "due" }, ["to be replaced by 2026-04-01"]],
    ["expired", { standing: "expired", expiresAt: "2026-10-01T00:00:00.000Z" }, ["expired on 2026-10-01"]],
    ["nobody's", { owner: undefined, ownerThere: undefined }, ["no owner"]],
    ["somebody's who left", { ownerThere: false }, ["its owner bo@acme.example is no member"]],
    ["never used and in no file", { lastUsedAt: null, standing: "undeclared" }, ["no file says it", "never used"]],
    ["idle", { lastUsedAt: "2026-06-01T00:00:00.000Z" }, ["not used for 174 days"]],
    ["of which nobody tells the use", { lastUsedAt: undefined }, []],
  ];

  it.each(cases)("one that is %s", (_, more, concerns) => {
    const reviewed = { ...small(), keys: [{ ...line, ...more }] };
    const { keys, figures } = buildReview(inputOf([reviewed]));
    expect([keys.map((key) => key.concerns), figures.keys]).toEqual([[concerns], 1]);
    expect(keys[0]).toMatchObject({ name: "Shop", ageDays: 325, scope: "acme-prod", target: "acme" });
  });

  it("that only files have are none", () => {
    const reviewed = { ...small(), keys: [{ ...line, id: undefined, standing: "missing" as const }] };
    expect(buildReview(inputOf([reviewed])).keys).toEqual([]);
  });
});

describe("a score", () => {
  const codes: readonly RiskCode[] = [
    "owner-equivalent",
    "dormant",
    "never-active",
    "no-second-factor",
    "outlier",
    "outlived",
    "not-in-git",
    "exception",
    "breach",
    "direct",
    "standing",
    "emergency",
    "regranted",
  ];
  const reasons = fc.subarray([...codes]).map((some) => some.map((code) => ({ code, text: code })));
  const levels = ["low", "medium", "high", "critical"];

  it("never falls with another reason or a higher level, and its level never falls with it", () => {
    fc.assert(
      fc.property(
        reasons,
        fc.constantFrom(...codes),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (some, code, one, other) => {
          const [low, high] = [Math.min(one, other), Math.max(one, other)];
          const [less, more] = [riskOf(low, some), riskOf(high, [...some, { code, text: code }])];
          expect(more.score).toBeGreaterThanOrEqual(less.score);
          expect(levels.indexOf(more.level)).toBeGreaterThanOrEqual(levels.indexOf(less.level));
          expect(more.score).toBeLessThanOrEqual(100);
        },
      ),
    );
  });

  it("rises with every reason by itself, and is nothing without any at the bottom", () => {
    expect(riskOf(0, [])).toEqual({ level: "low", score: 0, reasons: [] });
    for (const code of codes) expect(riskOf(0, [{ code, text: "" }]).score).toBeGreaterThan(0);
  });
});

it("the same input gives the same report, whatever the order of the targets' rows", () => {
  expect(JSON.stringify(buildReview(inputOf([small()])))).toBe(JSON.stringify(buildReview(inputOf([small()]))));
  expect(NOW.toISOString()).toBe(buildReview(inputOf([])).at);
});
