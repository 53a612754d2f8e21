// The story of an access from records made by hand: what looks found and found no more, what campaigns decided, and what is left of it
// where somebody asks about one resource.
import { describe, expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { StoryEvent } from "../../src/model/history.ts";
import type { Difference } from "../../src/model/past.ts";
import type { Provenance } from "../../src/model/review.ts";
import {
  type AppliedRun,
  buildHistory,
  type HistoryInput,
  type Look,
  type ReviewedEntry,
} from "../../src/plan/history.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";

const APPLIED: Provenance = {
  how: "applied",
  since: "2026-01-02T08:00:00Z",
  commit: "c".repeat(40),
  pull: null,
  author: null,
  approvers: [],
};
const BO = "bo@acme.example";
const at = (day: number) => `2026-03-${String(day).padStart(2, "0")}T08:00:00.000Z`;
const tell = (input: Partial<HistoryInput> = {}) =>
  buildHistory({
    target: "acme",
    platform: atomic,
    subject: "member",
    local: BO,
    name: BO,
    runs: [],
    looks: [],
    reviews: [],
    adopted: [],
    groupName: (local) => (local === "makers" ? "Makers" : local),
    ...input,
  });
/** Short: `3 drifted other Makers by noor`. */
const said = ({ events }: { readonly events: readonly StoryEvent[] }) =>
  events.map((event) => {
    const day = Number(event.at.slice(8, 10));
    if (event.event === "reviewed") return `${day} reviewed ${event.review.decision} by ${event.review.by}`;
    if (event.event !== "drifted" && event.event !== "settled") return `${day} ${event.event}`;
    const { name, shape, by } = event.drift;
    return `${day} ${event.event} ${shape} ${name}${by === null ? "" : ` by ${by}`}`;
  });

const member = (more: Partial<Difference> = {}): Difference => ({
  kind: "Membership",
  section: "Membership/makers",
  local: BO,
  name: BO,
  attributes: {},
  ...more,
});
const look = (day: number, differences: readonly Difference[], isWhole = true): Look => ({
  at: at(day),
  differences,
  isWhole,
});

describe("drift", () => {
  it("is told when it is seen first, and when it is seen no more", () => {
    const found = tell({ looks: [look(1, []), look(2, [member()]), look(3, [member()]), look(4, []), look(5, [])] });
    expect(said(found)).toEqual([`2 drifted other ${BO} in Makers`, `4 settled other ${BO} in Makers`]);
  });

  it("comes back as often as it does", () => {
    const found = tell({ looks: [look(1, [member()]), look(2, []), look(3, [member()])] });
    expect(said(found).map((line) => line.split(" ")[1])).toEqual(["drifted", "settled", "drifted"]);
  });

  it("is not over by a look that does not name all", () => {
    const found = tell({ looks: [look(1, [member()]), look(2, [], false), look(3, [member()]), look(4, [])] });
    expect(said(found)).toEqual([`1 drifted other ${BO} in Makers`, `4 settled other ${BO} in Makers`]);
  });

  it("is another thing once what was otherwise is gone", () => {
    const found = tell({ looks: [look(1, [member()]), look(2, [member({ attributes: null })]), look(3, [])] });
    expect(said(found)).toEqual([
      `1 drifted other ${BO} in Makers`,
      `2 drifted missing ${BO} in Makers`,
      `3 settled missing ${BO} in Makers`,
    ]);
  });

  it("has who did it and when, where the platform told", () => {
    const found = tell({ looks: [look(9, [member({ since: at(7), by: "noor@acme.example" })]), look(10, [])] });
    expect(said(found)).toEqual([
      `7 drifted other ${BO} in Makers by noor@acme.example`,
      `10 settled other ${BO} in Makers by noor@acme.example`,
    ]);
  });

  it("of somebody else, or of another group, is no part of the story", () => {
    const others = [
      member({ local: "cy@acme.example", name: "cy@acme.example" }),
      { ...member(), kind: "Role", section: "Role", local: BO },
      { ...member(), kind: "Group", section: "Group", local: "makers", name: "Makers" },
    ];
    expect(said(tell({ looks: [look(1, others)] }))).toEqual([]);
    const own = [member({ section: "Membership/editors" }), ...others];
    const group = tell({ subject: "group", local: "makers", name: "Makers", looks: [look(1, own)] });
    expect(said(group).sort()).toEqual(["1 drifted other Makers", "1 drifted other cy@acme.example in Makers"]);
  });

  it("is followed under the name that they had then", () => {
    const renamed = change({
      kind: "Member",
      section: "Member",
      before: { name: "robert@acme.example", attributes: {} },
      after: { name: BO, attributes: {} },
    });
    const then = member({ local: "robert@acme.example", name: "robert@acme.example" });
    const found = tell({ runs: [run(5, [renamed])], looks: [look(1, [then]), look(6, [])] });
    expect(found.formerly).toEqual(["robert@acme.example"]);
    expect(said(found)).toEqual([
      "1 drifted other robert@acme.example in Makers",
      "5 applied",
      "6 settled other robert@acme.example in Makers",
    ]);
  });
});

function change(more: Partial<Change> = {}): Change {
  const section = more.section ?? "Membership/makers";
  return {
    id: "1".repeat(24),
    action: "update",
    kind: "Membership",
    section,
    local: BO,
    key: `${section}/${BO}`,
    name: BO,
    origin: "policy",
    effect: "neutral",
    before: null,
    after: { name: BO, attributes: {} },
    phase: 0,
    ...more,
  };
}

type Rows = NonNullable<AppliedRun["access"]>;

function run(day: number, changes: readonly Change[], access?: Rows): AppliedRun {
  return { at: at(day), changes, provenanceOf: () => APPLIED, ...(access ? { access } : {}) };
}

const reviewed = (
  day: number,
  more: Partial<ReviewedEntry["entry"]>,
  by: "reviewer" | "default" = "reviewer",
): ReviewedEntry => ({
  review: `quarterly-2026-03-0${day}`,
  at: at(day),
  resources: ["Card template"],
  entry: {
    id: String(day).repeat(16),
    target: "acme",
    member: BO,
    groups: ["Makers"],
    roles: [],
    rows: [],
    gives: [],
    risk: "low",
    recommendation: { decision: "keep" },
    because: "In use",
    reviewer: "ana@acme.example",
    barred: [],
    ...more,
  },
  decided: {
    entry: String(day).repeat(16),
    decision: by === "default" ? { decision: "revoke" } : { decision: "reduce", level: "view" },
    justification: "",
    by,
    who: by === "default" ? "" : "ana@acme.example",
  },
});

describe("what campaigns decided", () => {
  const reviews = [
    reviewed(1, { member: "BO@acme.example" }),
    reviewed(2, {}, "default"),
    reviewed(3, { member: "cy@acme.example" }),
    reviewed(4, { target: "vault" }),
    reviewed(5, { groups: [], roles: ["Auditor"] }),
  ];

  it("of a member is told on its own target", () => {
    const found = tell({ reviews });
    expect(said(found)).toEqual([
      "1 reviewed reduce to view by reviewer",
      "2 reviewed revoke by default",
      "5 reviewed reduce to view by reviewer",
    ]);
    const through = found.events.map((event) => event.event === "reviewed" && event.review.through);
    expect(through).toEqual([["Makers"], ["Makers"], ["Auditor"]]);
  });

  it("of a group is told of everybody in it", () => {
    const found = tell({ subject: "group", local: "makers", name: "Makers", reviews });
    expect(said(found).map((line) => line.split(" ")[0])).toEqual(["1", "2", "3"]);
  });
});

describe("one resource", () => {
  const row = (resource: string): Rows[number] => ({
    member: BO,
    resource,
    scope: "dev",
    before: null,
    after: "view",
    via: [{ group: "Makers", role: "Editor" }],
  });
  const input: Partial<HistoryInput> = {
    runs: [run(1, [change()], [row("Card template")]), run(2, [change()], [row("Theme")]), run(3, [change()])],
    looks: [look(4, [member()])],
    reviews: [reviewed(5, {}), { ...reviewed(6, {}), resources: ["Theme"] }],
    adopted: [{ name: `${BO} in Makers`, provenance: { ...APPLIED, how: "written", since: at(7) } }],
  };

  it("leaves what is about others out, and keeps what may be about it", () => {
    expect(said(tell(input)).map((line) => line.split(" ")[0])).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    const told = tell({ ...input, resource: "Card template" });
    // Of 3 nobody worked out what it moved; drift, and what files took over, name no resource.
    expect(said(told).map((line) => line.split(" ")[0])).toEqual(["1", "3", "4", "5", "7"]);
    expect(said(tell({ ...input, resource: "Stream" })).map((line) => line.split(" ")[0])).toEqual(["3", "4", "7"]);
  });
});
