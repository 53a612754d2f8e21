// What becomes of drift, group by group, which way it went, and whom it concerns.
import { describe, expect, it } from "vitest";
import type { Value } from "../../src/model/entity.ts";
import { type Entity, type State, stateOf } from "../../src/model/entity.ts";
import type { DriftMode } from "../../src/model/settings.ts";
import { attribute, escalates } from "../../src/plan/drift.ts";
import { openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";
import { rosterState } from "../support/roster.ts";

interface World {
  readonly level?: string;
  readonly cards?: readonly string[];
  readonly auditors?: readonly string[];
  readonly environments?: readonly string[] | "all";
}

function world({
  level = "view",
  cards = ["ana", "bo"],
  auditors = ["eve"],
  environments = ["dev"],
}: World = {}): State {
  const address = (name: string) => `${name}@acme.example`;
  return stateOfOrganization({
    roles: {
      Editor: { permissions: { Theme: level as "view" } },
      Auditor: { permissions: { "Audit log": "admin" } },
    },
    groups: {
      Cards: { roles: ["Editor"], environments: environments as "all", members: cards.map(address) },
      Auditors: { roles: ["Auditor"], environments: "all", members: auditors.map(address) },
    },
    members: Object.fromEntries(
      ["ana", "bo", "eve"].map((name) => [address(name), { firstName: name, lastName: "Li" }]),
    ),
  });
}

/** With an attribute of a group that only Git knows. */
function saying(state: State, group: string, attributes: Readonly<Record<string, Value>>): State {
  const entities = [...state.values()].flatMap((section) => [...section.values()]);
  return stateOf(
    entities.map((entity: Entity) =>
      entity.kind === "Group" && entity.name === group
        ? { ...entity, attributes: { ...entity.attributes, ...attributes } }
        : entity,
    ),
  );
}

const git = (modes: Readonly<Record<string, DriftMode>> = {}) =>
  Object.entries(modes).reduce((state, [group, drift]) => saying(state, group, { drift }), world());

function look(want: State, live: World, target: DriftMode = "report", base: State | null = want) {
  const input = { target: openTarget({ drift: target }), ...(base === null ? { baseCommit: null } : {}) };
  const built = planFor({ base: base ?? new Map(), want, live: world(live) }, input);
  const { plan } = built;
  return {
    plan,
    built,
    drift: plan.drift.map(({ key, shape, mode, effect }) => `${key} ${shape} (${effect}, ${mode})`),
    changes: plan.changes.map(({ action, key, origin }) => `${action} ${key} (${origin})`),
    unmanaged: plan.unmanaged.map(({ key }) => key),
  };
}

const LIVE: World = { level: "edit", cards: ["ana"], auditors: ["eve", "bo"], environments: "all" };
const [LEFT, JOINED] = ["Membership/cards/bo@acme.example", "Membership/auditors/bo@acme.example"];

describe("what becomes of drift", () => {
  it("is the target's word where no group has its own", () => {
    expect(look(git(), LIVE)).toMatchObject({
      drift: [
        "Group/cards changed (escalates, report)",
        `${LEFT} missing (reduces, report)`,
        "Role/editor changed (escalates, report)",
      ],
      changes: [],
      unmanaged: [JOINED],
    });
    expect(look(git(), LIVE, "revert")).toMatchObject({
      drift: [],
      changes: [`create ${LEFT} (drift)`, expect.stringContaining("update"), expect.stringContaining("update")],
      unmanaged: [JOINED],
    });
  });

  it("is the group's word for itself and for who is in it, and for nothing else", () => {
    expect(look(git({ Cards: "revert" }), LIVE)).toMatchObject({
      drift: ["Role/editor changed (escalates, report)"],
      changes: [`create ${LEFT} (drift)`, "update Group/cards (drift)"],
    });
    expect(look(git({ Cards: "report", Auditors: "propose" }), LIVE, "revert")).toMatchObject({
      drift: [
        "Group/cards changed (escalates, report)",
        `${JOINED} extra (escalates, propose)`,
        `${LEFT} missing (reduces, report)`,
      ],
      changes: ["update Role/editor (drift)"],
      unmanaged: [],
    });
  });

  it("takes whoever came into a group of Git's for drift only where that is to be adopted, and not before the first apply", () => {
    expect(look(git(), { auditors: ["eve", "bo"] }, "propose")).toMatchObject({
      drift: [`${JOINED} extra (escalates, propose)`],
      unmanaged: [],
    });
    expect(look(git(), { auditors: ["eve", "bo"] }, "propose", null)).toMatchObject({ drift: [], unmanaged: [JOINED] });
    expect(look(git(), { auditors: ["eve", "bo"] }, "revert")).toMatchObject({ drift: [], unmanaged: [JOINED] });
  });

  it("removes strangers of an exclusive group whatever the mode: the list is Git's", () => {
    const want = saying(git({ Auditors: "propose" }), "Auditors", { members: "exclusive" });
    expect(look(want, { auditors: ["eve", "bo"] })).toMatchObject({ drift: [], changes: [`delete ${JOINED} (drift)`] });
  });

  it("says the same of rosters", () => {
    const input = { target: openTarget({ drift: "propose" as const }) };
    const [plain, rosters] = [(state: State) => state, rosterState].map((shaped) => {
      const want = shaped(git());
      return planFor({ base: want, want, live: shaped(world(LIVE)) }, input).plan.drift;
    });
    expect(rosters).toEqual(plain);
    expect(plain).toHaveLength(4);
  });
});

describe("which way it went", () => {
  it("is told against what Git says, not against what is pending", () => {
    const want = world({ level: "edit" });
    const { drift, changes } = look(want, { cards: ["ana"] }, "report", world());
    expect([drift, changes]).toEqual([[`${LEFT} missing (reduces, report)`], ["update Role/editor (policy)"]]);
  });

  it("includes what the plan undoes, and whom it all concerns", () => {
    const { built } = look(git({ Cards: "revert" }), LIVE);
    const report = built.drifted();
    expect(report.items.map(({ key, shape, mode, effect }) => `${key} ${shape} (${effect}, ${mode})`)).toEqual([
      "Group/cards changed (escalates, revert)",
      `${LEFT} missing (reduces, revert)`,
      "Role/editor changed (escalates, report)",
    ]);
    expect(report.items[0]?.attributes).toEqual([
      { attribute: "environments", base: ["dev"], want: ["dev"], live: "all" },
    ]);
    const people = report.access().map(({ members, gains, loses }) => [members, gains, loses]);
    expect(people).toEqual([
      [["ana@acme.example"], true, false],
      [["bo@acme.example"], false, true],
    ]);
    expect(report.items.filter(escalates)).toHaveLength(2);
  });

  it("is attributed by key, and what the log does not tell is said to be unknown", () => {
    const { plan } = look(git(), LIVE);
    const deed = { by: "mal@acme.example", at: "2026-11-20T10:00:00Z", action: "role.updated" };
    const items = attribute(plan.drift, new Map([["Role/editor", deed]]));
    expect(items.map(({ by }) => by)).toEqual([null, null, deed]);
  });
});

describe("a lowered mode", () => {
  const weakens = (base: State, want: State, target: DriftMode = "report", then: DriftMode = target) => {
    const rules = { target: openTarget({ drift: then, owners: ["ana@acme.example"] }), guardrails: [] };
    const input = { target: openTarget({ drift: target }), baseRules: rules };
    const { plan } = planFor({ base, want, live: world() }, input);
    return plan.weakens.filter(({ what }) => what.startsWith("drift")).map(({ what, owners }) => [what, owners]);
  };

  it("weakens when what is done by hand is not undone any more: a group's by its owners, else the target's", () => {
    const owned = saying(git({ Cards: "revert" }), "Cards", { owners: ["bo@acme.example"] });
    const what = 'drift of group "Cards" is report, and was revert: what is changed by hand stays';
    expect(weakens(git({ Cards: "revert" }), git())).toEqual([[what, ["ana@acme.example"]]]);
    expect(weakens(owned, git())).toEqual([[what, ["bo@acme.example"]]]);
    expect(weakens(git(), git({ Cards: "propose" }), "revert")).toEqual([
      [what.replace("report", "propose"), ["ana@acme.example"]],
    ]);
  });

  it("of a target is said once, and of groups only where they had their own word", () => {
    const what = "drift of acme is report, and was revert: what is changed by hand stays";
    expect(weakens(git(), git(), "report", "revert")).toEqual([[what, ["ana@acme.example"]]]);
  });

  it("weakens nothing otherwise", () => {
    expect(weakens(git({ Cards: "propose" }), git({ Cards: "report" }))).toEqual([]);
    expect(weakens(git(), git({ Cards: "revert" }))).toEqual([]);
    expect(weakens(git({ Cards: "revert" }), git(), "revert")).toEqual([]);
    expect(weakens(git({ Cards: "report" }), git({ Cards: "report" }), "report", "report")).toEqual([]);
  });
});

describe("an exclusive group that is opened", () => {
  const said = (before: string | undefined, after: string | undefined) => {
    const mode = (members: string | undefined) => (members === undefined ? git() : saying(git(), "Cards", { members }));
    const rules = { target: openTarget({ owners: ["ana@acme.example"] }), guardrails: [] };
    const { plan } = planFor({ base: mode(before), want: mode(after), live: world() }, { baseRules: rules });
    return plan.weakens.filter(({ what }) => what.startsWith("members")).map(({ what, owners }) => [what, owners]);
  };

  it("weakens: who is added by hand is not put out any more", () => {
    const what = (mode: string) => `members of group "Cards" is ${mode}, and was exclusive: who is added by hand stays`;
    expect(said("exclusive", "idp")).toEqual([[what("idp"), ["ana@acme.example"]]]);
    expect(said("exclusive", undefined)).toEqual([[what("additive"), ["ana@acme.example"]]]);
  });

  it("and nothing else of it does", () => {
    expect(said("additive", "idp")).toEqual([]);
    expect(said("idp", "exclusive")).toEqual([]);
    expect(said("exclusive", "exclusive")).toEqual([]);
  });
});
