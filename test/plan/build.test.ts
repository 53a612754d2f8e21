// Small stories about one change each, and what the plan makes of it.
import { describe, expect, it } from "vitest";
import { type Entity, type State, stateOf } from "../../src/model/entity.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { type Organization, openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const acme: Organization = {
  roles: {
    "Card editor": { permissions: { "Card template": "edit", Theme: "view" } },
    Auditor: { permissions: { "Audit log": "admin" } },
  },
  groups: {
    "Card creators": {
      roles: ["Card editor"],
      environments: ["dev", "test"],
      members: ["ana@acme.example", "bo@acme.example"],
    },
    Auditors: { roles: ["Auditor"], environments: "all", members: ["eve@acme.example"] },
  },
  members: {
    "ana@acme.example": { firstName: "Ana", lastName: "Li" },
    "bo@acme.example": { firstName: "Bo", lastName: "Ng" },
    "eve@acme.example": { firstName: "Eve", lastName: "Øre" },
  },
};

type Edit = (organization: Organization) => Organization;

function withGroup(name: string, change: Partial<Organization["groups"][string]>): Edit {
  return (from) => {
    const group = from.groups[name] ?? { roles: [], environments: "all", members: [] };
    return { ...from, groups: { ...from.groups, [name]: { ...group, ...change } } };
  };
}

function withoutGroup(name: string): Edit {
  return (from) => ({
    ...from,
    groups: Object.fromEntries(Object.entries(from.groups).filter(([key]) => key !== name)),
  });
}

function plan(edits: { base?: Edit | null; want?: Edit; live?: Edit }, input: Partial<PlanInput> = {}) {
  const same: Edit = (from) => from;
  const state = (edit: Edit | undefined) => stateOfOrganization((edit ?? same)(acme));
  const states = {
    want: state(edits.want),
    base: edits.base === null ? new Map() : state(edits.base),
    live: state(edits.live),
  };
  return planFor(states, { baseCommit: edits.base === null ? null : "b".repeat(40), ...input }).plan;
}

const brief = (result: ReturnType<typeof plan>) => ({
  changes: result.changes.map(({ action, key, origin, effect }) => `${action} ${key} (${origin}, ${effect})`),
  drift: result.drift.map(({ key, shape, attributes }) =>
    `${key} ${shape} ${attributes.map(({ attribute }) => attribute).join(" ")}`.trim(),
  ),
  conflicts: result.conflicts.map(({ key }) => key),
  unmanaged: result.unmanaged.map(({ key }) => key),
  codes: result.findings.map(({ code }) => code),
});
const nothing = { changes: [], drift: [], conflicts: [], unmanaged: [], codes: [] };

describe("three states", () => {
  it("in sync: nothing", () => {
    expect(brief(plan({}))).toEqual(nothing);
  });

  it("pending: Git changed, live did not", () => {
    const result = plan({ want: withGroup("Card creators", { environments: ["dev", "test", "staging"] }) });
    expect(brief(result)).toEqual({ ...nothing, changes: ["update Group/card creators (policy, escalates)"] });
    expect(result.access).toEqual([
      {
        members: ["ana@acme.example", "bo@acme.example"],
        gains: true,
        loses: false,
        changes: [
          {
            resource: "Card template",
            scope: "staging",
            before: null,
            after: "edit",
            via: [{ group: "Card creators", role: "Card editor" }],
          },
          {
            resource: "Theme",
            scope: "staging",
            before: null,
            after: "view",
            via: [{ group: "Card creators", role: "Card editor" }],
          },
        ],
      },
    ]);
  });

  it("drift: live changed, Git did not; nothing is planned", () => {
    const result = plan({ live: withGroup("Card creators", { environments: "all" }) });
    expect(brief(result)).toEqual({ ...nothing, drift: ["Group/card creators changed environments"] });
    expect(result.drift[0]?.attributes[0]).toEqual({
      attribute: "environments",
      base: ["dev", "test"],
      want: ["dev", "test"],
      live: "all",
    });
  });

  it("drift is reverted where the settings say so", () => {
    const result = plan(
      { live: withGroup("Card creators", { environments: "all" }) },
      { target: openTarget({ drift: "revert" }) },
    );
    expect(brief(result)).toEqual({ ...nothing, changes: ["update Group/card creators (drift, reduces)"] });
  });

  it("converged: both changed to the same", () => {
    const edit = withGroup("Card creators", { environments: "all" });
    expect(brief(plan({ want: edit, live: edit }))).toEqual(nothing);
  });

  it("conflict: both changed, differently; shown, and settled only by a person", () => {
    const edits = {
      want: withGroup("Card creators", { environments: ["dev"] }),
      live: withGroup("Card creators", { environments: "all" }),
    };
    expect(brief(plan(edits))).toEqual({ ...nothing, conflicts: ["Group/card creators"] });
    const settled = plan(edits, { overwrite: ["Group/card creators"] });
    expect(brief(settled)).toEqual({ ...nothing, changes: ["update Group/card creators (policy, reduces)"] });
  });

  it("one entity, one attribute pending and another drifted: each its own way", () => {
    const result = plan({
      base: withGroup("Card creators", { description: "old" }),
      want: withGroup("Card creators", { description: "new" }),
      live: withGroup("Card creators", { description: "old", environments: ["dev"] }),
    });
    expect(brief(result)).toEqual({
      ...nothing,
      changes: ["update Group/card creators (policy, neutral)"],
      drift: ["Group/card creators changed environments"],
    });
    expect(result.changes[0]?.after).toEqual({ name: "Card creators", attributes: { description: "new" } });
  });

  it("one set, one element added in Git and another by hand: the hand's element stays", () => {
    const result = plan({
      base: withGroup("Auditors", { roles: [] }),
      want: withGroup("Auditors", { roles: ["Auditor"] }),
      live: withGroup("Auditors", { roles: ["Card editor"] }),
    });
    expect(result.changes[0]?.after?.attributes).toEqual({ roles: ["Auditor", "Card editor"] });
    expect(brief(result).drift).toEqual(["Group/auditors changed roles/Card editor"]);
  });

  it("unmanaged: live has it, Git never did", () => {
    const result = plan({ live: withGroup("Night shift", { roles: ["Auditor"], members: ["bo@acme.example"] }) });
    expect(brief(result)).toEqual({
      ...nothing,
      unmanaged: ["Group/night shift", "Membership/night shift/bo@acme.example"],
    });
  });

  it("deleted on purpose: base had it, Git does not any more", () => {
    const result = plan({ want: withoutGroup("Auditors") });
    expect(brief(result).changes).toEqual([
      "delete Membership/auditors/eve@acme.example (policy, reduces)",
      "delete Group/auditors (policy, reduces)",
    ]);
  });

  it("without history nothing is ever deleted", () => {
    expect(brief(plan({ base: null, want: withoutGroup("Auditors") }))).toEqual({
      ...nothing,
      unmanaged: ["Group/auditors", "Membership/auditors/eve@acme.example"],
    });
  });

  it("adopts what live has already, without taking away what Git does not know", () => {
    const result = plan({ base: null, want: withGroup("Auditors", { roles: [], environments: ["dev"] }) });
    expect(brief(result).changes).toEqual(["update Group/auditors (adopt, reduces)"]);
    expect(brief(result).drift).toEqual(["Group/auditors changed roles/Auditor"]);
  });

  it("removed by hand: drift, put back only in revert mode", () => {
    const live = withGroup("Card creators", { members: ["ana@acme.example"] });
    expect(brief(plan({ live }))).toEqual({ ...nothing, drift: ["Membership/card creators/bo@acme.example missing"] });
    expect(brief(plan({ live }, { target: openTarget({ drift: "revert" }) })).changes).toEqual([
      "create Membership/card creators/bo@acme.example (drift, escalates)",
    ]);
  });

  it("an absent attribute is untouched, an empty text is empty", () => {
    const live = withGroup("Auditors", { description: "by hand" });
    expect(brief(plan({ live }))).toEqual(nothing);
    const emptied = plan({ base: live, want: withGroup("Auditors", { description: "" }), live });
    expect(emptied.changes[0]?.before?.attributes).toEqual({ description: "by hand" });
    expect(emptied.changes[0]?.after?.attributes).toEqual({ description: "" });
  });
});

describe("temporary access", () => {
  const ending = (until: string): State => {
    const state = new Map(stateOfOrganization(acme));
    const section = new Map(state.get("Membership/card creators"));
    const bo = section.get("bo@acme.example") as Entity;
    section.set("bo@acme.example", { ...bo, attributes: { until, reason: "C-102" } });
    return state.set("Membership/card creators", section);
  };

  it.each([
    ["2026-11-22", "2026-11-22T23:59:59Z", []],
    ["2026-11-22", "2026-11-23T00:00:00Z", ["delete Membership/card creators/bo@acme.example (expiry, reduces)"]],
    ["2026-11-22T12:00:00+02:00", "2026-11-22T10:00:00Z", []],
    [
      "2026-11-22T12:00:00+02:00",
      "2026-11-22T10:00:01Z",
      ["delete Membership/card creators/bo@acme.example (expiry, reduces)"],
    ],
  ])("until %s, seen at %s", (until, now, changes) => {
    const want = ending(until);
    expect(brief(plan({}, { want, base: want, now: new Date(now) })).changes).toEqual(changes);
  });

  it("what has ended and is gone already needs nothing", () => {
    const want = ending("2026-01-01");
    expect(
      brief(plan({ live: withGroup("Card creators", { members: ["ana@acme.example"] }) }, { want, base: want })),
    ).toEqual(nothing);
  });

  it("a new end date is no change on the platform", () => {
    expect(brief(plan({}, { want: ending("2027-01-31") }))).toEqual(nothing);
  });
});

describe("renames", () => {
  const renamed = (kind: "Role" | "Group" | "Member", from: string, to: string): State => {
    const entities = [...stateOfOrganization(acme).values()].flatMap((section) => [...section.values()]);
    return stateOf(
      entities.map((entity): Entity => {
        const attributes =
          kind === "Role" && entity.kind === "Group"
            ? {
                ...entity.attributes,
                roles: (entity.attributes.roles as string[]).map((role) => (role === from ? to : role)),
              }
            : entity.attributes;
        if (entity.kind === kind && entity.name === from)
          return { ...entity, name: to, local: to.toLowerCase(), previously: from.toLowerCase() };
        if (kind === "Group" && entity.section === `Membership/${from.toLowerCase()}`)
          return { ...entity, section: `Membership/${to.toLowerCase()}` };
        if (kind === "Member" && entity.kind === "Membership" && entity.name === from)
          return { ...entity, name: to, local: to.toLowerCase() };
        return { ...entity, attributes };
      }),
    );
  };

  it.each([
    ["Role", "Card editor", "Card author", "update Role/card author (policy, neutral)"],
    ["Group", "Card creators", "Card makers", "update Group/card makers (policy, neutral)"],
    ["Member", "bo@acme.example", "bob@acme.example", "update Member/bob@acme.example (policy, neutral)"],
  ] as const)("of a %s is one update, and nobody moves", (kind, from, to, change) => {
    const result = plan({}, { want: renamed(kind, from, to) });
    expect(brief(result)).toEqual({ ...nothing, changes: [change] });
    expect(result.access).toEqual([]);
    expect(result.changes[0]).toMatchObject({ before: { name: from }, after: { name: to } });
  });

  it("done already: nothing", () => {
    const want = renamed("Group", "Card creators", "Card makers");
    expect(brief(plan({}, { want, live: want }))).toEqual(nothing);
  });

  it("onto a name that is taken on the platform is refused", () => {
    const result = plan(
      { live: withGroup("Card makers", { roles: [] }) },
      { want: renamed("Group", "Card creators", "Card makers") },
    );
    expect(brief(result).codes).toContain("rename-collision");
    expect(result.refused).toBe(true);
  });
});

describe("what forbids a change", () => {
  const wideOpen = openTarget().limits;

  it("a group that would lose too many members, with the exact numbers", () => {
    const limits = { ...wideOpen, group: { share: 0.34, count: 20 } };
    const result = plan({ want: withGroup("Card creators", { members: [] }) }, { target: openTarget({ limits }) });
    expect(result.findings.map(({ message }) => message)).toEqual([
      'Group "Card creators" would lose 2 of 2 members; the limit is 1 (the smaller of 34% and 20, at least 1)',
    ]);
    expect(result.changes.map(({ blockedBy }) => blockedBy)).toEqual([
      ["removal-limit-group"],
      ["removal-limit-group"],
    ]);
    expect(result.refused).toBe(false);
  });

  it("a target where too many people would lose something", () => {
    const limits = { ...wideOpen, target: { share: 0.2, count: 50 } };
    const result = plan(
      { want: withGroup("Card creators", { environments: ["dev"] }) },
      { target: openTarget({ limits }) },
    );
    expect(result.findings.map(({ message }) => message)).toEqual([
      "2 of 3 people would lose access; the limit is 1 (the smaller of 20% and 50, at least 1)",
    ]);
    expect(result.changes[0]?.blockedBy).toEqual(["removal-limit-target"]);
  });

  it("a doubtful read holds removals and lets grants pass", () => {
    const doubt = { severity: "error", code: "truncated-read", message: "half of it", blocks: "removals" } as const;
    const result = plan(
      { want: withGroup("Card creators", { members: ["ana@acme.example", "eve@acme.example"] }) },
      { findings: [doubt] },
    );
    expect(result.changes.map(({ action, blockedBy }) => [action, blockedBy])).toEqual([
      ["create", undefined],
      ["delete", ["truncated-read"]],
    ]);
  });

  it("a read that has shrunk", () => {
    const live = stateOf(
      [...stateOfOrganization(acme).values()]
        .flatMap((section) => [...section.values()])
        .filter(({ kind }) => kind !== "Membership"),
    );
    const result = plan({ want: withGroup("Auditors", { environments: ["dev"] }) }, { live });
    expect(brief(result).codes).toContain("shrunken-read");
    expect(result.changes).toMatchObject([{ key: "Group/auditors", blockedBy: ["shrunken-read"] }]);
  });

  it("a group that people Git does not know are still in", () => {
    const result = plan({
      want: withoutGroup("Auditors"),
      live: withGroup("Auditors", { members: ["eve@acme.example", "bo@acme.example"] }),
    });
    expect(brief(result).codes).toEqual(["group-has-unmanaged-members"]);
    expect(result.changes.find(({ kind }) => kind === "Group")?.blockedBy).toEqual(["group-has-unmanaged-members"]);
  });

  it("a role that an unmanaged group still uses", () => {
    const withoutRole: Edit = (from) => ({
      ...withoutGroup("Auditors")(from),
      roles: { "Card editor": from.roles["Card editor"] ?? { permissions: {} } },
    });
    const result = plan({ want: withoutRole, live: withGroup("By hand", { roles: ["Auditor"] }) });
    expect(result.changes.find(({ kind }) => kind === "Role")?.blockedBy).toEqual(["still-referenced"]);
  });

  it("something that points at what is gone", () => {
    const lost: Edit = (from) => ({
      ...withGroup("Auditors", { roles: [] })(from),
      roles: { "Card editor": from.roles["Card editor"] ?? { permissions: {} } },
    });
    const result = plan({
      want: withGroup("Night shift", { roles: ["Auditor"], members: ["bo@acme.example"] }),
      live: lost,
    });
    expect(result.changes.map(({ key, blockedBy }) => [key, blockedBy])).toEqual([
      ["Group/night shift", ["missing-reference"]],
      ["Membership/night shift/bo@acme.example", ["missing-reference"]],
    ]);
  });

  it("an owner who would lose owner-equivalent access", () => {
    const owners =
      (members: string[]): Edit =>
      (from) => ({
        ...from,
        roles: {
          ...from.roles,
          Boss: {
            permissions: {
              Role: "edit",
              "Workbench member group": "edit",
              "Workbench member group assignment": "edit",
            },
          },
        },
        groups: { ...from.groups, Bosses: { roles: ["Boss"], environments: "all", members } },
      });
    const both = owners(["ana@acme.example", "bo@acme.example"]);
    const result = plan(
      { base: both, live: both, want: owners(["bo@acme.example"]) },
      { target: openTarget({ owners: ["Ana@acme.example"] }) },
    );
    expect(brief(result).codes).toEqual(["owner-loses-access"]);
    expect(result.refused).toBe(true);
    expect(brief(plan({ base: both, live: both, want: owners([]) })).codes).toEqual(["nobody-owns"]);
  });
});

describe("order", () => {
  it("creates, grants, updates, revokes, deletes", () => {
    const want: Edit = (from) => ({
      roles: { ...from.roles, New: { permissions: { Theme: "edit" } } },
      members: { ...from.members, "zoe@acme.example": { firstName: "Zoe", lastName: "Q" } },
      groups: {
        "Card creators": { roles: ["Card editor"], environments: ["dev"], members: ["ana@acme.example"] },
        Fresh: { roles: ["New"], environments: "all", members: ["bo@acme.example", "zoe@acme.example"] },
      },
    });
    expect(plan({ want }).changes.map(({ action, key }) => `${action} ${key}`)).toEqual([
      "create Role/new",
      "create Group/fresh",
      "create Member/zoe@acme.example",
      "create Membership/fresh/bo@acme.example",
      "create Membership/fresh/zoe@acme.example",
      "update Group/card creators",
      "delete Membership/auditors/eve@acme.example",
      "delete Membership/card creators/bo@acme.example",
      "delete Group/auditors",
    ]);
  });
});
