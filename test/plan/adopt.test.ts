// From drift to edits: what the files must say so that Git agrees with live, for generated organizations and for small stories.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Edit } from "../../src/model/edit.ts";
import type { Attributes, State } from "../../src/model/entity.ts";
import type { Platform } from "../../src/model/platform.ts";
import type { Target } from "../../src/model/settings.ts";
import { type Adoption, adoptDrift, stateAfter } from "../../src/plan/adopt.ts";
import { differingKeys } from "../../src/plan/edited-state.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { account, openAccount, stateOfAccount } from "../support/account.ts";
import { domain, openDomain, stateOfDomain } from "../support/keystone.ts";
import { type Organization, openTarget, organization, stateOfOrganization } from "../support/organization.ts";
import { planFor, type Three } from "../support/plan.ts";

const NOW = new Date("2026-11-22T12:00:00Z");

function adopt(three: Three, platform: Platform, target: Target, identities: ReadonlyMap<string, string> = new Map()) {
  const input = { platform, target, identities };
  const built = planFor(three, input);
  const adoption = adoptDrift({
    target,
    platform,
    want: three.want,
    base: three.base,
    live: built.live,
    drift: built.plan.drift,
    impostors: new Set(),
    now: NOW,
  });
  const intended = stateAfter(three.want, adoption.steps, platform);
  return { built, adoption, intended, again: planFor({ ...three, want: intended }, input) };
}

/** Merging what was adopted changes nothing on the platform, and nothing is left to adopt but what was refused. */
function expectSettled(three: Three, platform: Platform, target: Target): Adoption {
  const { built, adoption, intended, again } = adopt(three, platform, target);
  const before = new Set(built.plan.changes.map(({ id }) => id));
  expect(again.plan.changes.filter(({ id }) => !before.has(id))).toEqual([]);
  const refused = new Set(adoption.refused.map(({ key }) => key));
  expect(again.plan.drift.filter(({ key }) => !refused.has(key))).toEqual([]);
  expect(again.plan.conflicts.map(({ key }) => key)).toEqual(built.plan.conflicts.map(({ key }) => key));
  if (adoption.steps.length === 0) expect(differingKeys(intended, three.want)).toEqual([]);
  return adoption;
}

describe("what is adopted is settled, and nothing else moves", () => {
  it.each<[string, Platform, Target, fc.Arbitrary<State>]>([
    ["Atomic", atomic, openTarget({ drift: "propose" }), organization.map(stateOfOrganization)],
    ["Keystone", keystone, openDomain({ drift: "propose" }), domain.map(stateOfDomain)],
    ["Atomyx", atomyx, openAccount({ drift: "propose" }), account.map(stateOfAccount)],
  ])("%s", (_, platform, target, state) => {
    let adopted = 0;
    fc.assert(
      fc.property(state, state, state, fc.boolean(), (base, want, live, isPending) => {
        adopted += expectSettled({ base, want: isPending ? want : base, live }, platform, target).steps.length;
      }),
      { numRuns: 600 },
    );
    expect(adopted).toBeGreaterThan(600);
  });
});

const acme: Organization = {
  roles: { Editor: { permissions: { Theme: "edit" } }, Auditor: { permissions: { "Audit log": "admin" } } },
  groups: {
    Cards: { roles: ["Editor"], environments: ["dev"], members: ["ana@acme.example", "bo@acme.example"] },
    Auditors: { roles: ["Auditor"], environments: "all", members: ["eve@acme.example"] },
  },
  members: {
    "ana@acme.example": { firstName: "Ana", lastName: "Li" },
    "bo@acme.example": { firstName: "Bo", lastName: "Ng" },
    "eve@acme.example": { firstName: "Eve", lastName: "Øre" },
  },
};
const git = stateOfOrganization(acme);
type Change = (from: Organization) => Organization;
const group =
  (name: "Cards" | "Auditors", change: Partial<Organization["groups"][string]>): Change =>
  (from) => ({ ...from, groups: { ...from.groups, [name]: { ...from.groups[name], ...change } as never } });

function edits(live: State, overrides: Partial<Target> = {}, want: State = git) {
  const target = openTarget({ drift: "propose", ...overrides });
  const { adoption } = adopt({ base: git, want, live }, atomic, target);
  return {
    edits: adoption.steps.flatMap((step) => step.edits),
    refused: adoption.refused.map(({ key, reason }) => `${key}: ${reason}`),
  };
}
const liveOf = (...changes: readonly Change[]) =>
  stateOfOrganization(changes.reduce((from, change) => change(from), acme));

function withAttributes(state: State, section: string, local: string, attributes: Attributes): State {
  const entity = state.get(section)?.get(local);
  if (!entity) throw new Error(`${section}/${local} is not there`);
  const changed = { ...entity, attributes: { ...entity.attributes, ...attributes } };
  return new Map(state).set(section, new Map(state.get(section)).set(local, changed));
}

describe("edits", () => {
  it("of memberships name the group and the person as Git does", () => {
    const live = liveOf(group("Cards", { members: ["ana@acme.example", "eve@acme.example"] }));
    expect(edits(live)).toEqual({
      edits: [
        { edit: "remove-member", group: "Cards", member: "bo@acme.example" },
        { edit: "add-member", group: "Cards", member: "eve@acme.example" },
      ] satisfies Edit[],
      refused: [],
    });
  });

  it("declare somebody whom no file declares yet, with what people read", () => {
    const live = liveOf(
      group("Cards", { members: ["ana@acme.example", "bo@acme.example", "mal@acme.example"] }),
      (from) => ({
        ...from,
        members: { ...from.members, "mal@acme.example": { firstName: "Mal", lastName: "" } },
      }),
    );
    expect(edits(live).edits).toEqual([
      { edit: "add-document", kind: "Member", name: "mal@acme.example", attributes: { firstName: "Mal" } },
      { edit: "add-member", group: "Cards", member: "mal@acme.example" },
    ]);
  });

  it("of attributes give the whole value, with the pieces that are pending kept as Git says", () => {
    const want = withAttributes(git, "Role", "editor", { permissions: { Tag: "edit", Theme: "edit" } });
    const live = withAttributes(git, "Role", "editor", { permissions: { Theme: "admin" } });
    expect(edits(live, {}, want).edits).toEqual([
      {
        edit: "set-attribute",
        kind: "Role",
        name: "Editor",
        attribute: "permissions",
        value: { Tag: "edit", Theme: "admin" },
      },
    ]);
  });

  it("take out whatever is gone, after what named it", () => {
    const live = liveOf(
      group("Auditors", { roles: [] }),
      (from) => ({ ...from, roles: { Editor: from.roles.Editor as never } }),
      (from) => ({ ...from, groups: { Auditors: from.groups.Auditors as never } }),
    );
    expect(edits(live)).toEqual({
      edits: [
        { edit: "remove-member", group: "Cards", member: "ana@acme.example" },
        { edit: "remove-member", group: "Cards", member: "bo@acme.example" },
        { edit: "set-attribute", kind: "Group", name: "Auditors", attribute: "roles", value: [] },
        { edit: "remove-document", kind: "Group", name: "Cards" },
        { edit: "remove-document", kind: "Role", name: "Auditor" },
      ],
      refused: [],
    });
  });

  it("are refused where the files would not hang together", () => {
    const stranger = liveOf(group("Cards", { roles: ["Editor", "By hand"] }));
    expect(edits(stranger)).toEqual({
      edits: [],
      refused: ['Group/cards: it names role "By hand", which Git does not manage: `rolebook import` brings it in'],
    });
    const reported = withAttributes(git, "Group", "auditors", { drift: "report" });
    const { target, platform } = { target: openTarget({ drift: "propose" }), platform: atomic };
    const gone = liveOf(group("Auditors", { roles: [], members: [] }), (from) => {
      const { "eve@acme.example": _, ...members } = from.members;
      return { ...from, members, roles: { Editor: from.roles.Editor as never } };
    });
    const { adoption } = adopt({ base: reported, want: reported, live: gone }, platform, target);
    expect(adoption.steps).toEqual([]);
    expect(adoption.refused.map(({ key, reason }) => `${key}: ${reason}`)).toEqual([
      'Member/eve@acme.example: Git still lists them in group "Auditors", whose drift is not adopted',
      'Role/auditor: Group "Auditors" still names it',
    ]);
    const elsewhere = liveOf(group("Cards", { environments: ["dev", "production"] }));
    expect(edits(elsewhere, { environments: ["dev"] }).refused).toEqual([
      'Group/cards: it names environment "production", which the settings do not list: list it there first',
    ]);
  });

  it("clear up what is over and follow who is renamed, unless drift is only reported", () => {
    const ended = withAttributes(git, "Membership/cards", "bo@acme.example", { until: "2026-01-31" });
    expect(edits(git, {}, ended).edits).toEqual([{ edit: "remove-member", group: "Cards", member: "bo@acme.example" }]);
    expect(edits(git, { drift: "revert" }, ended).edits).toHaveLength(1);
    expect(edits(git, { drift: "report" }, ended).edits).toEqual([]);

    const renamed = stateOfOrganization({
      ...acme,
      members: {
        "anna@acme.example": { firstName: "Ana", lastName: "Li" },
        "bo@acme.example": { firstName: "Bo", lastName: "Ng" },
        "eve@acme.example": { firstName: "Eve", lastName: "Øre" },
      },
      groups: {
        ...acme.groups,
        Cards: { ...acme.groups.Cards, members: ["anna@acme.example", "bo@acme.example"] } as never,
      },
    });
    const members = new Map(
      [...(renamed.get("Member") ?? [])].map(([local, entity]) => [
        local,
        { ...entity, id: local.replace("anna", "ana") },
      ]),
    );
    const live = new Map(renamed).set("Member", members);
    const ids = new Map([["ana@acme.example", "ana@acme.example"]]);
    const owned = withAttributes(git, "Group", "cards", { owners: ["ana@acme.example", "bo@acme.example"] });
    const target = openTarget({ drift: "propose" });
    const { adoption, intended, again } = adopt({ base: owned, want: owned, live }, atomic, target, ids);
    expect(adoption.steps.flatMap((step) => step.edits)).toEqual([
      { edit: "rename-member", from: "ana@acme.example", to: "anna@acme.example", previously: true },
    ]);
    expect(intended.get("Member")?.get("anna@acme.example")).toMatchObject({
      name: "anna@acme.example",
      previously: "ana@acme.example",
    });
    expect(intended.get("Group")?.get("cards")?.attributes.owners).toEqual(["anna@acme.example", "bo@acme.example"]);
    expect([...(intended.get("Membership/cards")?.keys() ?? [])]).toEqual(["anna@acme.example", "bo@acme.example"]);
    expect([again.plan.changes, again.plan.drift, again.plan.proposals, again.plan.findings]).toEqual([[], [], [], []]);
  });
});

describe("what was renamed by hand", () => {
  const named = (from: string, to: string): Change => {
    return (organization) => {
      const { [from]: moved, ...groups } = organization.groups;
      return { ...organization, groups: { ...groups, [to]: moved as never } };
    };
  };
  const REASON = /: (?:its group may only|the platform has group "Card people" instead, just like it)/;

  it("is not taken out of Git, with everybody in it out of sight: it is left to a person", () => {
    const { edits: made, refused } = edits(liveOf(named("Cards", "Card people")));
    expect(made).toEqual([]);
    expect(refused.map((text) => text.split(": ")[0])).toEqual([
      "Membership/cards/ana@acme.example",
      "Membership/cards/bo@acme.example",
      "Group/cards",
    ]);
    for (const text of refused) expect(text).toMatch(REASON);
  });

  it("also when somebody came in or the settings changed on the way, and not when nothing like it is there", () => {
    const renamed = named("Cards", "Card people");
    const grown: Change = (from) => ({
      ...from,
      groups: {
        ...from.groups,
        "Card people": { ...from.groups["Card people"], members: ["eve@acme.example"] } as never,
      },
    });
    const other: Change = (from) => ({
      ...from,
      groups: { ...from.groups, "Card people": { ...from.groups["Card people"], roles: [] } as never },
    });
    expect(edits(liveOf(renamed, grown)).edits).toEqual([]);
    expect(edits(liveOf(renamed, other)).edits).toEqual([]);
    const both = edits(liveOf(renamed, grown, other));
    expect(both.edits.map(({ edit }) => edit)).toContain("remove-document");
  });
});
