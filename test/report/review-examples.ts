// Access reviews that the report tests render: one with a bit of everything, one in which everything is called by one name, and large ones.
import { createHash } from "node:crypto";
import type { CampaignStart, RosterEntry } from "../../src/model/campaign.ts";
import type {
  Provenance,
  ReviewPath,
  ReviewPerson,
  ReviewReport,
  ReviewRow,
  Risk,
  RiskCode,
} from "../../src/model/review.ts";
import type { ReviewedCampaign } from "../../src/report/review-csv.ts";

const COMMIT = "3f2a91c7d0e1a2b3c4d5e6f708192a3b4c5d6e7f";

const APPLIED: Provenance = {
  how: "applied",
  since: "2026-03-02T08:15:00.000Z",
  commit: COMMIT,
  pull: 41,
  author: "ana@acme.example",
  approvers: ["cy@acme.example", "hana@acme.example"],
};

const EMERGENCY: Provenance = {
  ...APPLIED,
  pull: null,
  approvers: [],
  emergency: true,
  emergencyBy: "noor@acme.example",
};
const WRITTEN: Provenance = {
  ...APPLIED,
  how: "written",
  since: "2025-11-20T10:00:00.000Z",
  pull: null,
  approvers: [],
};
const UNMANAGED: Provenance = { how: "unmanaged", since: null, commit: null, pull: null, author: null, approvers: [] };
const UNKNOWN: Provenance = { ...UNMANAGED, how: "unknown" };

export const FIGURES = {
  people: 3,
  grants: 5,
  ownerEquivalent: 1,
  dormant: 1,
  outliers: 2,
  outlived: 1,
  notInGit: 1,
  highRisk: 3,
  keys: 2,
};

export function rowOf(partial: Partial<ReviewRow> & Pick<ReviewRow, "member" | "resource" | "scope">): ReviewRow {
  const target = partial.target ?? "acme";
  const text = JSON.stringify([target, partial.member, partial.resource, partial.scope]);
  const [path] = partial.paths ?? [pathOf({})];
  return {
    id: createHash("sha256").update(text).digest("hex").slice(0, 24),
    target,
    level: "edit",
    strength: 0.5,
    paths: [pathOf({})],
    provenance: path?.provenance ?? APPLIED,
    until: null,
    ownerEquivalent: false,
    exceptions: [],
    drift: "none",
    risk: riskOf("low", 10),
    ...partial,
  };
}

export function pathOf(partial: Partial<ReviewPath>): ReviewPath {
  const at = (file: string, line: number) => ({ file: `policies/acme/${file}`, line, column: 5 });
  return {
    group: "Card creators",
    role: "Card editor",
    membershipPlace: at("memberships/cards.yaml", 4),
    groupPlace: at("groups/cards.yaml", 1),
    rolePlace: at("roles/cards.yaml", 1),
    provenance: APPLIED,
    ...partial,
  };
}

export function riskOf(
  level: Risk["level"],
  score: number,
  ...reasons: readonly (readonly [RiskCode, string])[]
): Risk {
  return { level, score, reasons: reasons.map(([code, text]) => ({ code, text })) };
}

const OUTLIER: readonly [RiskCode, string] = ["outlier", "Nobody else in Card creators holds it"];

const ROWS: readonly ReviewRow[] = [
  rowOf({
    member: "ana@acme.example",
    resource: "Everything",
    scope: "organization",
    level: "owner",
    strength: 1,
    paths: [pathOf({ group: "Owner", role: "Owner", provenance: EMERGENCY })],
    ownerEquivalent: true,
    exceptions: [
      { guardrail: "Two owners only", reason: "Until the merger", approver: "hana@acme.example", until: "2026-12-31" },
    ],
    risk: riskOf(
      "critical",
      95,
      ["owner-equivalent", "They could give themselves anything"],
      ["no-second-factor", "No second factor is set up"],
      ["exception", "Guardrail Two owners only forbids it, and an exception allows it"],
      ["emergency", "Nobody approved it"],
    ),
  }),
  ...["dev", "prod"].map((scope) =>
    rowOf({
      member: "bo@acme.example",
      resource: "Card template",
      scope,
      level: "admin",
      strength: 1,
      paths: [
        pathOf({ until: "2026-09-30", reason: "Contract C-102" }),
        pathOf({ group: "Old hands", role: "Reader", level: "view", provenance: WRITTEN }),
      ],
      until: "2026-09-30",
      risk: riskOf("high", 70, ["never-active", "Never active"], OUTLIER, ["outlived", "Ended on 2026-09-30"]),
    }),
  ),
  rowOf({
    target: "acme-prod",
    member: "bo@acme.example",
    resource: "Vault",
    scope: "payments",
    paths: [
      {
        role: "Reader",
        membershipPlace: { file: "policies/acme-prod/members.yaml", line: 9, column: 3 },
        provenance: UNKNOWN,
      },
    ],
    risk: riskOf("medium", 40, ["direct", "Held through no group"]),
  }),
  rowOf({
    member: "dee@acme.example",
    resource: "Theme",
    scope: "dev",
    level: "view",
    strength: 0.25,
    paths: [{ group: "Guests", role: "Viewer", provenance: UNMANAGED }],
    drift: "extra",
    risk: riskOf("low", 20, ["not-in-git", "No file says it"]),
  }),
];

const PEOPLE: readonly ReviewPerson[] = [
  {
    ...{ target: "acme", member: "bo@acme.example", name: "Bo Berg", lastActive: null, multiFactor: true },
    ...{ ownerEquivalent: false, grants: 2, weight: 2, risk: "high", groups: ["Card creators", "Old hands"] },
  },
  {
    ...{ target: "acme", member: "ana@acme.example", name: "Ana Li", login: "ana-li", multiFactor: false },
    ...{ lastActive: "2026-09-30T21:10:00.000Z", ownerEquivalent: true, grants: 1, weight: 1, risk: "critical" },
    groups: ["Owner"],
  },
  {
    ...{ target: "acme-prod", member: "bo@acme.example", name: "", ownerEquivalent: false, grants: 1, weight: 0.5 },
    ...{ risk: "medium", groups: [] },
  },
  {
    ...{ target: "acme", member: "dee@acme.example", name: "", lastActive: "2026-09-01T00:00:00.000Z" },
    ...{ ownerEquivalent: false, grants: 1, weight: 0.25, risk: "low", groups: ["Guests"] },
  },
];

export function exampleReview(partial: Partial<ReviewReport> = {}): ReviewReport {
  const count = { target: "acme", people: 2, grants: 3, ownerEquivalent: 0, highRisk: 2 };
  return {
    version: 1,
    at: "2026-10-01T06:00:00.000Z",
    source: "live",
    tool: "rolebook 0.1.0",
    targets: [
      {
        ...{ name: "acme", platform: "atomic", title: "Atomic", commit: COMMIT, scopeWord: "environments" },
        ...{ scopes: ["dev", "prod", "organization"], tellsActivity: true },
      },
      {
        ...{ name: "acme-prod", platform: "atomyx", title: "Atomyx", commit: COMMIT, scopeWord: "workspaces" },
        ...{ scopes: ["payments"], tellsActivity: false },
      },
    ],
    rows: ROWS,
    people: PEOPLE,
    keys: [
      {
        ...{
          target: "acme",
          name: "ci",
          owner: "ana@acme.example",
          scope: "dev",
          createdAt: "2026-09-01T00:00:00.000Z",
        },
        ...{ lastUsedAt: "2026-09-30T00:00:00.000Z", expiresAt: null, ageDays: 30, concerns: [] },
      },
      {
        ...{ target: "acme", name: "old batch", owner: null, scope: null, createdAt: "2024-01-01T00:00:00.000Z" },
        ...{ lastUsedAt: null, expiresAt: "2027-01-01T00:00:00.000Z", ageDays: 1004 },
        concerns: ["no owner", "older than its rotation of 90 days"],
      },
    ],
    groups: [
      { ...count, name: "Card creators" },
      { ...count, name: "Owner", people: 1, grants: 1, ownerEquivalent: 1, highRisk: 1 },
    ],
    scopes: [
      { ...count, name: "dev" },
      { ...count, target: "acme-prod", name: "payments", people: 1, grants: 1, highRisk: 0 },
    ],
    changes: {
      review: "quarterly-2026-07-01",
      at: "2026-07-14T09:00:00.000Z",
      rows: [
        change("ana@acme.example", "Everything", "organization", null, "owner"),
        change("bo@acme.example", "Card template", "prod", "view", "admin"),
        change("eve@acme.example", "Theme", "dev", "edit", null),
      ],
    },
    trends: [
      { review: "quarterly-2026-04-01", at: "2026-04-12T09:00:00.000Z", figures: FIGURES, revoked: 4 },
      {
        ...{ review: "quarterly-2026-07-01", at: "2026-07-14T09:00:00.000Z", revoked: 1 },
        figures: { ...FIGURES, grants: 1204, highRisk: 0 },
      },
    ],
    figures: FIGURES,
    findings: [
      {
        ...{ severity: "warning", code: "past-uncertain", message: "The list of keys of acme-prod is not known" },
        hint: "Give the credential the right to list keys.",
      },
    ],
    ...partial,
  };
}

function change(member: string, resource: string, scope: string, before: string | null, after: string | null) {
  return { id: rowOf({ member, resource, scope }).id, target: "acme", member, resource, scope, before, after };
}

/** Everything that a platform or a file could say is this. */
export function reviewCalled(name: string): ReviewReport {
  const place = { file: name, line: 1, column: 1 };
  const provenance: Provenance = { ...APPLIED, author: name, approvers: [name], since: name, commit: name };
  const path = pathOf({ group: name, role: name, level: name, until: name, reason: name, provenance });
  const places = { membershipPlace: place, groupPlace: place, rolePlace: place };
  const row = rowOf({
    ...{ target: name, member: name, resource: name, scope: name, level: name, until: name, provenance },
    paths: [{ ...path, ...places }],
    exceptions: [{ guardrail: name, reason: name, approver: name, until: name }],
    risk: riskOf("high", 70, ["outlier", name], ["dormant", name], ["outlived", name], ["not-in-git", name]),
  });
  const base = exampleReview();
  const count = { target: name, name, people: 1, grants: 1, ownerEquivalent: 1, highRisk: 1 };
  const called = {
    target: name,
    member: name,
    name,
    login: name,
    lastActive: name,
    multiFactor: false,
    groups: [name],
  };
  return {
    ...base,
    at: name,
    targets: base.targets.map((target) => ({ ...target, name, title: name, scopes: [name], commit: name })),
    rows: [row, { ...row, id: "f".repeat(24), target: `${name}2`, drift: "more" }],
    people: [{ ...called, ownerEquivalent: true, grants: 1, weight: 1, risk: "high" }],
    keys: [
      {
        ...{ target: name, name, owner: name, scope: name, createdAt: name, lastUsedAt: name, expiresAt: name },
        ...{ ageDays: 3, concerns: [name] },
      },
    ],
    groups: [count],
    scopes: [count],
    changes: {
      ...{ review: name, at: name },
      rows: [{ id: row.id, target: name, member: name, resource: name, scope: name, before: name, after: name }],
    },
    trends: [{ review: name, at: name, figures: FIGURES, revoked: 1 }],
    findings: [{ severity: "warning", code: name, message: name, hint: name, place }],
  };
}

/** So many grants of so many people, a few of each. */
export function largeReview(grants: number, people: number): ReviewReport {
  const member = (index: number) => `person-${String(index % people).padStart(6, "0")}@acme.example`;
  const rows = Array.from({ length: grants }, (_, index) =>
    rowOf({
      ...{
        member: member(index),
        resource: `Resource ${Math.floor(index / people)}`,
        scope: index % 2 ? "dev" : "prod",
      },
      paths: [pathOf({}), pathOf({ group: "Everyone", role: "Reader", level: "view" })],
      risk: riskOf("medium", 40, OUTLIER, ["never-active", "Never active"]),
    }),
  );
  const known = Array.from({ length: people }, (_, index) => ({
    ...(PEOPLE[0] as ReviewPerson),
    member: member(index),
    grants: Math.floor(grants / people),
  }));
  return exampleReview({ rows, people: known });
}

/** The campaign that decided on some rows of a report, with one grant more that is not held any more. */
export function exampleCampaign(report: ReviewReport): ReviewedCampaign {
  const [owner, dev, prod, vault] = report.rows;
  const gone = rowOf({ member: "eve@acme.example", resource: "Theme", scope: "dev" });
  const entry = (id: string, rows: readonly (ReviewRow | undefined)[], partial: Partial<RosterEntry>): RosterEntry => ({
    ...{ id, target: "acme", member: rows[0]?.member ?? "", groups: ["Card creators"], roles: [] },
    ...{ rows: rows.flatMap((row) => row?.id ?? []), gives: ["Card template: admin in dev, prod"], risk: "high" },
    ...{ recommendation: { decision: "keep" }, because: "In use", reviewer: "cy@acme.example", barred: [] },
    ...partial,
  });
  const entries = [
    entry("1111111111111111", [owner], { groups: ["Owner"], reviewer: "hana@acme.example" }),
    entry("2222222222222222", [dev, prod], { recommendation: { decision: "until", until: "2026-12-31" } }),
    entry("3333333333333333", [vault], { target: "acme-prod", groups: [], roles: ["Reader"] }),
    entry("4444444444444444", [gone], { recommendation: { decision: "revoke" }, because: "Never active" }),
  ];
  const start: CampaignStart = {
    version: 1,
    id: "quarterly-2026-10-01",
    definition: {
      name: "quarterly",
      scope: {},
      reviewers: { from: "group-owners", named: [], fallback: ["ana@acme.example"] },
      schedule: { cron: "0 6 1 */3 *", days: 14 },
      place: { file: "policies/reviews/quarterly.yaml", line: 1, column: 1 },
    },
    startedAt: "2026-10-01T06:00:00.000Z",
    due: "2026-10-15",
    tool: "rolebook 0.1.0",
    commit: COMMIT,
    entries,
    figures: FIGURES,
    rows: [owner, dev, prod, vault, gone].flatMap((row) => (row ? [slim(row)] : [])),
  };
  const approval = { pull: 52, review: 7, login: "ana-li", commit: COMMIT, at: "2026-10-03T10:00:00.000Z" };
  const decision = { justification: "Still on the team", by: "reviewer", who: "ana@acme.example", approval } as const;
  return {
    start,
    decided: [
      { ...decision, entry: "1111111111111111", decision: { decision: "keep" } },
      {
        ...decision,
        entry: "2222222222222222",
        decision: { decision: "reduce", level: "view" },
        justification: "Reads",
      },
      { entry: "3333333333333333", decision: { decision: "keep" }, justification: "", by: "default", who: "" },
      { ...decision, entry: "4444444444444444", decision: { decision: "revoke" }, justification: "Left" },
    ],
    proved: [
      { entry: "1111111111111111", result: "kept", holds: {} },
      { entry: "2222222222222222", result: "still-there", holds: {} },
      { entry: "3333333333333333", result: "kept", holds: {} },
      { entry: "4444444444444444", result: "gone", holds: {} },
    ],
    applied: new Map([["4444444444444444", { by: "hana@acme.example", at: "2026-10-16T12:00:00.000Z" }]]),
  };
}

function slim({ id, target, member, resource, scope, level }: ReviewRow) {
  return { id, target, member, resource, scope, level };
}
