// Decisions by example: what files are made to say, what takes another group, and what nobody can make.
import { describe, expect, it } from "vitest";
import type { Decision } from "../../../src/model/campaign.ts";
import type { Edit } from "../../../src/model/edit.ts";
import { type Attributes, type Entity, membershipSection, type State, stateOf } from "../../../src/model/entity.ts";
import { splitEnded } from "../../../src/plan/expire.ts";
import { type SettleInput, settleDecisions } from "../../../src/plan/review/settle.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { keystone } from "../../../src/platform/keystone/platform.ts";
import { openDomain } from "../../support/keystone.ts";
import { NOW, rosterOf, WORLDS } from "./settle-world.ts";

const [world] = WORLDS as [(typeof WORLDS)[number]];
const PLACE = { file: "policies/acme/all.yaml", line: 1, column: 1 };

function thing(kind: string, name: string, attributes: Attributes = {}): Entity {
  return { kind, section: kind, local: atomic.fold(name), name, attributes, place: PLACE };
}

function inGroup(group: string, name: string, attributes: Attributes = {}): Entity {
  const section = membershipSection(atomic.fold(group));
  return { kind: "Membership", section, local: atomic.fold(name), name, attributes, place: PLACE };
}

const BO = "bo@acme.example";
const ANA = "ana@acme.example";

/** Two groups that overlap: "Cards" gives templates and themes, "Themes" gives themes alone. */
const THINGS: readonly Entity[] = [
  ...["dev", "production"].map((name) => thing("Environment", name)),
  thing("Role", "Card editor", { permissions: { "Card template": "edit" } }),
  thing("Role", "Card viewer", { permissions: { "Card template": "view" } }),
  thing("Role", "Themer", { permissions: { Theme: "view" } }),
  thing("Group", "Cards", { roles: ["Card editor", "Themer"], environments: ["dev"] }),
  thing("Group", "Themes", { roles: ["Themer"], environments: ["dev"] }),
  thing("Group", "Everyone", { roles: ["Themer"], environments: ["dev"] }),
  thing("Member", BO),
  thing("Member", ANA),
];

function settle(
  want: State,
  decisionOf: (gives: readonly string[]) => Decision,
  more: Partial<SettleInput> = {},
  live: State = want,
) {
  const { entries, rows } = rosterOf(splitEnded(live, NOW, "UTC").active, world);
  const settled = settleDecisions({
    now: NOW,
    day: "2026-06-15",
    targets: [{ target: world.target, platform: atomic, want, base: want, live }],
    entries: entries.map((entry) => ({
      entry,
      decision: decisionOf(entry.rows.map((row) => row.split("\n").slice(0, 2).join(" "))),
      reviewed: true,
    })),
    rows,
    nameNow: (_target, _kind, name) => name,
    ...more,
  });
  return {
    edits: settled.steps.flatMap(({ edits }) => edits).filter((edit) => !isReviewed(edit)),
    reviewed: settled.steps.flatMap(({ edits }) => edits.filter(isReviewed)).map((edit) => "name" in edit && edit.name),
    findings: settled.findings.map(({ code, message, hint }) => [code, message, hint].join(" | ")),
  };
}

function isReviewed(edit: Edit): boolean {
  return edit.edit === "set-attribute" && edit.attribute === "reviewed";
}

const KEEP: Decision = { decision: "keep" };
const REVOKE: Decision = { decision: "revoke" };
const has = (text: string) => (rows: readonly string[]) => rows.some((row) => row.includes(text));

describe("a revoke", () => {
  it("takes somebody out of the group", () => {
    const want = stateOf([...THINGS, inGroup("Cards", BO)]);
    expect(settle(want, () => REVOKE)).toEqual({
      edits: [{ edit: "remove-member", group: "Cards", member: BO }],
      reviewed: ["Cards"],
      findings: [],
    });
  });

  it("of a part puts them into another group for what they keep", () => {
    const want = stateOf([...THINGS, inGroup("Cards", BO), inGroup("Everyone", BO)]);
    const settled = settle(want, (rows) => (has("Card")(rows) ? REVOKE : KEEP));
    // Themes come from "Everyone" already.
    expect(settled.edits).toEqual([{ edit: "remove-member", group: "Cards", member: BO }]);
    const without = stateOf([
      ...THINGS.filter(({ name }) => name !== "Everyone"),
      thing("Group", "Everyone", { roles: ["Themer"], environments: ["production"] }),
      inGroup("Cards", BO),
      inGroup("Everyone", BO),
    ]);
    const { entries, rows } = rosterOf(without, world);
    // A review that is about card templates alone decides nothing of the themes of the same group.
    const cards = entries.flatMap((entry) => {
      const some = entry.rows.filter((row) => row.includes("Card"));
      return some.length === 0 ? [] : [{ entry: { ...entry, rows: some }, decision: REVOKE, reviewed: true }];
    });
    expect(settle(without, () => REVOKE, { entries: cards, rows }).edits).toEqual([
      { edit: "remove-member", group: "Cards", member: BO },
      { edit: "add-member", group: "Themes", member: BO },
    ]);
  });

  it("that would take what is kept, with nothing else that gives it, is a finding", () => {
    const want = stateOf([
      ...THINGS.filter(({ name }) => name !== "Themes" && name !== "Everyone"),
      inGroup("Cards", BO),
    ]);
    const { entries, rows } = rosterOf(want, world);
    const cards = entries.map((entry) => ({
      entry: { ...entry, rows: entry.rows.filter((row) => row.includes("Card")) },
      decision: REVOKE,
      reviewed: true,
    }));
    const settled = settle(want, () => REVOKE, { entries: cards, rows });
    expect([settled.edits, settled.reviewed]).toEqual([[], []]);
    expect(settled.findings).toEqual([
      'decision-cannot-be-made | What bo@acme.example holds through Cards on acme cannot be taken away: "Theme" at view in dev, which is kept, would be lost without "Cards" | Make a group that gives just what is kept, and close the review again; or change the group itself.',
    ]);
  });

  it("of somebody whom only the platform has in the group says in Git that it is over", () => {
    const want = stateOf(THINGS);
    const live = stateOf([...THINGS, inGroup("Cards", BO)]);
    expect(settle(want, () => REVOKE, {}, live).edits).toEqual([
      { edit: "add-member", group: "Cards", member: BO },
      { edit: "set-until", group: "Cards", member: BO, until: "2026-06-14" },
    ]);
  });

  it("in a group of an identity provider, or that is not in Git, is for somebody else to make", () => {
    const idp = stateOf([
      ...THINGS.filter(({ name }) => name !== "Cards"),
      thing("Group", "Cards", { roles: ["Card editor"], environments: ["dev"], members: "idp" }),
    ]);
    const there = inGroup("Cards", BO);
    const live = stateOf([...[...idp.values()].flatMap((section) => [...section.values()]), there]);
    expect(settle(idp, () => REVOKE, {}, live).findings[0]).toContain("an identity provider decides who is in group");
    const unknown = stateOf(THINGS.filter(({ name }) => name !== "Cards"));
    const outside = stateOf([...THINGS, there]);
    expect(settle(unknown, () => REVOKE, {}, outside).findings[0]).toContain('group "Cards" is not in Git');
  });

  it("of what Git has taken out already, and nobody applied yet, takes nothing more", () => {
    const want = stateOf(THINGS);
    const live = stateOf([...THINGS, inGroup("Cards", BO)]);
    const targets = [{ target: world.target, platform: atomic, want, base: live, live }];
    expect(settle(want, () => REVOKE, { targets }, live)).toEqual({ edits: [], reviewed: [], findings: [] });
  });

  it("follows people and groups who have another name now", () => {
    const before = stateOf([...THINGS, inGroup("Cards", BO)]);
    const { entries, rows } = rosterOf(before, world);
    const after = stateOf([
      ...THINGS.filter(({ name }) => name !== "Cards" && name !== BO),
      thing("Group", "Card people", { roles: ["Card editor", "Themer"], environments: ["dev"] }),
      thing("Member", "bo.b@acme.example"),
      inGroup("Card people", "bo.b@acme.example"),
    ]);
    const renamed: Readonly<Record<string, string>> = { Cards: "Card people", [BO]: "bo.b@acme.example" };
    const settled = settle(after, () => REVOKE, {
      entries: entries.map((entry) => ({ entry, decision: REVOKE, reviewed: true })),
      rows,
      nameNow: (_target, _kind, name) => renamed[name] ?? name,
    });
    expect(settled.edits).toEqual([{ edit: "remove-member", group: "Card people", member: "bo.b@acme.example" }]);
  });
});

it("a group that is called otherwise on the platform alone is found there, and has to be brought into Git first", () => {
  const want = stateOf([...THINGS, inGroup("Cards", BO)]);
  const { entries, rows } = rosterOf(want, world);
  const live = stateOf([
    ...THINGS.filter(({ name }) => name !== "Cards"),
    thing("Group", "Card people", { roles: ["Card editor", "Themer"], environments: ["dev"] }),
    inGroup("Card people", BO),
  ]);
  const targets = [{ target: world.target, platform: atomic, want, base: want, live }];
  const decided = (decision: Decision) =>
    settle(want, () => decision, {
      targets,
      rows,
      entries: entries.map((entry) => ({ entry, decision, reviewed: false })),
      nameNow: (_target, _kind, name) => (name === "Cards" ? "Card people" : name),
    });
  expect(decided(KEEP)).toEqual({ edits: [], reviewed: [], findings: [] });
  expect(decided(REVOKE).edits).toEqual([]);
  expect(decided(REVOKE).findings).toEqual([
    'decision-cannot-be-made | What bo@acme.example holds through Cards on acme cannot be taken away: group "Cards" is called "Card people" on the platform, and files do not say so | Have them say it (name: Card people, previously: Cards) and apply that, and close the review again.',
  ]);
  expect(decided({ decision: "until", until: "2026-09-30" }).findings[0]).toContain('"Cards" is called "Card people"');
});

describe("a lower level", () => {
  const reduce: Decision = { decision: "reduce", level: "view" };

  it("comes from a group that gives just that", () => {
    const want = stateOf([
      ...THINGS,
      thing("Group", "Card readers", { roles: ["Card viewer", "Themer"], environments: ["dev"] }),
      thing("Group", "Card readers everywhere", { roles: ["Card viewer", "Themer"], environments: "all" }),
      inGroup("Cards", BO),
    ]);
    expect(settle(want, () => reduce).edits).toEqual([
      { edit: "remove-member", group: "Cards", member: BO },
      { edit: "add-member", group: "Card readers", member: BO },
    ]);
  });

  it("that no group gives is a finding", () => {
    const want = stateOf([...THINGS, inGroup("Cards", BO)]);
    expect(settle(want, () => reduce).findings[0]).toContain('no group gives "Card template" in dev at view');
  });

  it("ends when what it replaces would have ended", () => {
    const want = stateOf([
      ...THINGS,
      thing("Group", "Card readers", { roles: ["Card viewer", "Themer"], environments: ["dev"] }),
      inGroup("Cards", BO, { until: "2026-12-31" }),
    ]);
    expect(settle(want, () => reduce).edits).toEqual([
      { edit: "remove-member", group: "Cards", member: BO },
      { edit: "add-member", group: "Card readers", member: BO },
      { edit: "set-until", group: "Card readers", member: BO, until: "2026-12-31" },
    ]);
  });
});

describe("an end", () => {
  const until: Decision = { decision: "until", until: "2026-09-30" };

  it("is set where there is none or a later one, and never moved back", () => {
    const ends = (attributes: Attributes) =>
      settle(stateOf([...THINGS, inGroup("Cards", BO, attributes)]), () => until).edits;
    const set = [{ edit: "set-until", group: "Cards", member: BO, until: "2026-09-30" }];
    expect(ends({})).toEqual(set);
    expect(ends({ until: "2026-12-31" })).toEqual(set);
    expect(ends({ until: "2026-08-31" })).toEqual([]);
  });

  it("of a part takes another group for what is kept beyond it", () => {
    const want = stateOf([
      ...THINGS.filter(({ name }) => name !== "Everyone"),
      thing("Group", "Everyone", { roles: ["Themer"], environments: ["production"] }),
      inGroup("Cards", BO),
    ]);
    const { entries, rows } = rosterOf(want, world);
    const cards = entries.map((entry) => ({
      entry: { ...entry, rows: entry.rows.filter((row) => row.includes("Card")) },
      decision: until,
      reviewed: true,
    }));
    expect(settle(want, () => until, { entries: cards, rows }).edits).toEqual([
      { edit: "set-until", group: "Cards", member: BO, until: "2026-09-30" },
      { edit: "add-member", group: "Themes", member: BO },
    ]);
  });

  it("is nothing that files can say of what is held directly", () => {
    const member: Entity = { ...thing("Member", "ana", { grants: ["auditor on project dev"] }), local: "ana" };
    const want = stateOf([thing("Project", "dev"), thing("Role", "auditor"), member]);
    const target = openDomain({ name: "acme" });
    const { entries, rows } = rosterOf(want, { ...world, platform: keystone, target });
    const make = (decision: Decision) =>
      settleDecisions({
        now: NOW,
        day: "2026-06-15",
        targets: [{ target, platform: keystone, want, base: want, live: want }],
        entries: entries.map((entry) => ({ entry, decision, reviewed: true })),
        rows,
        nameNow: (_target, _kind, name) => name,
      });
    expect(make(until).findings[0]?.message).toContain("held directly");
    expect(make(REVOKE).steps.flatMap(({ edits }) => edits)).toEqual([
      { edit: "set-attribute", kind: "Member", name: "ana", attribute: "grants", value: [] },
    ]);
  });
});

describe("a role that is held directly in several places", () => {
  const ALL_OVER = "auditor on all projects";
  const make = (grants: readonly string[], decisionOf: (row: string) => Decision) => {
    const member: Entity = { ...thing("Member", "ana", { grants }), local: "ana" };
    const there = inGroup("auditors", "ana");
    const group = thing("Group", "auditors", { grants: ["auditor on project dev"] });
    const want = stateOf([
      ...["dev", "production"].map((name) => thing("Project", name)),
      ...[thing("Role", "auditor"), group, member, there],
    ]);
    const target = openDomain({ name: "acme" });
    const { entries, rows } = rosterOf(want, { ...world, platform: keystone, target });
    const settled = settleDecisions({
      now: NOW,
      day: "2026-06-15",
      targets: [{ target, platform: keystone, want, base: want, live: want }],
      entries: entries.map((entry) => ({ entry, decision: decisionOf(entry.rows.join()), reviewed: true })),
      rows,
      nameNow: (_target, _kind, name) => name,
    });
    return { edits: settled.steps.flatMap(({ edits }) => edits).filter((edit) => !isReviewed(edit)), settled };
  };
  const revokeDev = (row: string) => (row.includes("dev") ? REVOKE : KEEP);

  it("goes where it was revoked, beside the group that gives the same there, and stays where it was kept", () => {
    const { edits, settled } = make(["auditor on project dev", "auditor on project production"], revokeDev);
    expect(settled.findings).toEqual([]);
    expect(edits).toEqual([
      { edit: "remove-member", group: "auditors", member: "ana" },
      {
        edit: "set-attribute",
        kind: "Member",
        name: "ana",
        attribute: "grants",
        value: ["auditor on project production"],
      },
    ]);
  });

  it("and is one grant for all of them is told by what it is, and not by a group that gives nothing there", () => {
    const { edits, settled } = make([ALL_OVER], revokeDev);
    expect(edits).toEqual([]);
    expect(settled.findings.map(({ message, hint }) => [message, hint])).toEqual([
      [
        `What ana holds through auditors on acme cannot be taken away: "auditor" at granted in production, which is kept, would be lost without "${ALL_OVER}"`,
        "Make a group that gives just what is kept, and close the review again; or change what is held directly.",
      ],
    ]);
  });
});

describe("a group", () => {
  it("says that it was reviewed when somebody decided on everybody in it", () => {
    const want = stateOf([...THINGS, inGroup("Cards", BO), inGroup("Cards", ANA)]);
    expect(settle(want, () => KEEP).reviewed).toEqual(["Cards"]);
    const { entries, rows } = rosterOf(want, world);
    const some = entries.map((entry) => ({ entry, decision: KEEP, reviewed: entry.member === BO }));
    expect(settle(want, () => KEEP, { entries: some, rows }).reviewed).toEqual([]);
    const one = some.filter(({ entry }) => entry.member === BO);
    expect(settle(want, () => KEEP, { entries: one, rows }).reviewed).toEqual([]);
  });

  it("keeps the later day", () => {
    const reviewed = THINGS.map((entity) =>
      entity.name === "Cards" ? { ...entity, attributes: { ...entity.attributes, reviewed: "2026-06-20" } } : entity,
    );
    expect(settle(stateOf([...reviewed, inGroup("Cards", BO)]), () => KEEP).reviewed).toEqual([]);
  });
});

it("decisions that contradict each other are told, and what can be made of them is", () => {
  const want = stateOf([
    ...THINGS.filter(({ name }) => name !== "Themes"),
    thing("Group", "Theme admins", { roles: ["Themer"], environments: ["dev", "production"] }),
    inGroup("Cards", BO),
    inGroup("Theme admins", BO),
  ]);
  // Themes in dev come through both groups; those in production through one of them.
  const settled = settle(want, (rows) =>
    has("Theme")(rows) && rows.length === 1 && !has("Card")(rows) ? REVOKE : KEEP,
  );
  expect(settled.findings.length).toBeGreaterThan(0);
  for (const finding of settled.findings) expect(finding).toContain("cannot be taken away");
});
