// What a commit gives by Git's word alone: everything that gives more without a change is named, nothing else is, and whoever gains
// by it does not approve it.
import { describe, expect, it } from "vitest";
import { type State, stateOf } from "../../src/model/entity.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { type Organization, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const VIEW = { "Card template": "view" };
const ORGANIZATION: Organization = {
  roles: {
    Reader: { permissions: VIEW },
    Editor: { permissions: { "Card template": "edit" } },
    Nothing: { permissions: {} },
  },
  groups: {
    Readers: { roles: ["Reader"], environments: "all", members: ["ana@acme.example"] },
    Editors: { roles: ["Editor"], environments: "all", members: ["bo@acme.example"] },
    Empty: { roles: ["Nothing"], environments: "all", members: [] },
  },
  members: Object.fromEntries(
    ["ana", "bo", "chen"].map((name) => [`${name}@acme.example`, { firstName: name, lastName: "Ng" }]),
  ),
};
type Groups = Organization["groups"];
const state = (groups: Groups = {}, roles: Organization["roles"] = {}): State =>
  stateOfOrganization({
    ...ORGANIZATION,
    groups: { ...ORGANIZATION.groups, ...groups },
    roles: { ...ORGANIZATION.roles, ...roles },
  });
const group = (name: string, parts: Partial<Groups[string]>): Groups => ({
  [name]: { ...(ORGANIZATION.groups[name] ?? { roles: [], environments: "all", members: [] }), ...parts },
});
const BASE = state();

/** With the end of somebody's membership, or without any. */
function until(base: State, of: string, end: string | undefined, who = "ana@acme.example"): State {
  const entities = [...base.values()].flatMap((section) => [...section.values()]);
  return stateOf(
    entities.map((entity) =>
      entity.section === `Membership/${of.toLowerCase()}` && entity.local === who
        ? { ...entity, attributes: end === undefined ? {} : { until: end, reason: "Contract" } }
        : entity,
    ),
  );
}

function concededBy(base: State, want: State, live: State, input: Partial<PlanInput> = {}): string[] {
  return planFor({ base, want, live }, input).plan.weakens.map(({ what }) => what);
}

const ADOPTED = state(group("Editors", { members: ["ana@acme.example", "bo@acme.example"] }));

describe("what was made by hand and is adopted", () => {
  it("is named where it gives somebody something: memberships, levels, roles, whole groups", () => {
    expect(concededBy(BASE, ADOPTED, ADOPTED)).toEqual(["ana@acme.example in Editors is adopted: made by hand"]);
    const raised = state({}, { Reader: { permissions: { "Card template": "edit" } } });
    expect(concededBy(BASE, raised, raised)).toEqual([
      "Role Reader is adopted as changed by hand: permissions/Card template edit instead of view",
    ]);
    const assigned = state(group("Readers", { roles: ["Editor", "Reader"] }));
    expect(concededBy(BASE, assigned, assigned)).toEqual([
      "Group Readers is adopted as changed by hand: roles with Editor",
    ]);
    const grown = state(group("New", { roles: ["Editor"], members: ["chen@acme.example"] }));
    expect(concededBy(BASE, grown, grown)).toEqual([
      "Group New is adopted: made by hand",
      "chen@acme.example in New is adopted: made by hand",
    ]);
  });

  it("is nothing where it takes, where nobody has more by it, where Git says otherwise, and before the first apply", () => {
    const fewer = state(group("Readers", { members: [] }));
    expect(concededBy(BASE, fewer, fewer)).toEqual([]);
    const lowered = state({}, { Editor: { permissions: VIEW } });
    expect(concededBy(BASE, lowered, lowered)).toEqual([]);
    const harmless = state(group("Empty", { members: ["ana@acme.example"] }));
    expect(concededBy(BASE, harmless, harmless)).toEqual([]);
    const unused = state({}, { Unused: { permissions: { "Card template": "edit" } } });
    expect(concededBy(BASE, unused, unused)).toEqual([]);
    expect(concededBy(BASE, BASE, ADOPTED)).toEqual([]);
    expect(concededBy(new Map(), ADOPTED, ADOPTED, { baseCommit: null })).toEqual([]);
  });

  it("is not said again of what is a change, and of a change that was made the ledger vouches", () => {
    const { plan } = planFor({ base: BASE, want: ADOPTED, live: BASE });
    expect(plan.weakens).toEqual([]);
    const [change] = plan.changes;
    const made = planFor({ base: BASE, want: ADOPTED, live: ADOPTED }).plan;
    expect(made.weakens.map(({ id }) => id)).toEqual([change?.id]);
    expect(concededBy(BASE, ADOPTED, ADOPTED, { granted: new Set([change?.id ?? ""]) })).toEqual([]);
    const raised = state({}, { Reader: { permissions: { "Card template": "edit" } } });
    const [update] = planFor({ base: BASE, want: raised, live: BASE }).plan.changes;
    expect(planFor({ base: BASE, want: raised, live: raised }).plan.weakens.map(({ id }) => id)).toEqual([update?.id]);
  });

  it("is not hidden by temporary access that gives the same for a while", () => {
    const other = group("Others", { roles: ["Editor"], members: ["bo@acme.example"] });
    const without = until(BASE, "Editors", "2027-01-31", "bo@acme.example");
    const adopted = until(state(other), "Editors", "2027-01-31", "bo@acme.example");
    expect(concededBy(without, adopted, adopted)).toContain("bo@acme.example in Others is adopted: made by hand");
  });

  it("is told together where there are very many", () => {
    const people = Array.from({ length: 30 }, (_, index) => `p${String(index).padStart(2, "0")}@acme.example`);
    const members = Object.fromEntries(people.map((name) => [name, { firstName: "P", lastName: "Q" }]));
    const many = (list: readonly string[]) =>
      stateOfOrganization({
        ...ORGANIZATION,
        members: { ...ORGANIZATION.members, ...members },
        groups: { ...ORGANIZATION.groups, ...group("Editors", { members: list }) },
      });
    const { plan } = planFor({ base: many([]), want: many(people), live: many(people) });
    expect(plan.weakens.map(({ what }) => what)).toEqual([
      "30 people are adopted: made by hand: p00@acme.example in Editors, p01@acme.example in Editors, p02@acme.example in Editors and 27 more",
    ]);
    expect(plan.weakens[0]?.gives).toEqual(people);
  });
});

describe("an end of access", () => {
  const ends = (end: string | undefined) => until(BASE, "Readers", end);
  it("is named when it is moved later or taken out, and not when it is moved earlier", () => {
    expect(concededBy(ends("2027-01-31"), ends("2027-12-31"), BASE)).toEqual([
      "ana@acme.example in Readers ends on 2027-12-31 and not on 2027-01-31",
    ]);
    expect(concededBy(ends("2027-01-31"), ends(undefined), BASE)).toEqual([
      "ana@acme.example in Readers ends no more, and did on 2027-01-31",
    ]);
    expect(concededBy(ends("2027-01-31"), ends("2027-01-30"), BASE)).toEqual([]);
    expect(concededBy(ends(undefined), ends("2027-01-30"), BASE)).toEqual([]);
    expect(concededBy(ends("2027-01-31"), ends("2027-01-31T12:00:00Z"), BASE)).toEqual([]);
  });

  it("that nobody has anything by is nobody's business", () => {
    const empty = state(group("Empty", { members: ["ana@acme.example"] }));
    const [base, want] = [until(empty, "Empty", "2027-01-31"), until(empty, "Empty", "2028-01-31")];
    expect(concededBy(base, want, empty)).toEqual([]);
  });

  it("that is over makes the membership a new one", () => {
    const gone = state(group("Readers", { members: [] }));
    const { plan } = planFor({ base: ends("2026-01-31"), want: ends("2027-01-31"), live: gone });
    expect(plan.changes).toMatchObject([{ action: "create", origin: "policy", effect: "escalates" }]);
    expect(plan.weakens).toEqual([]);
    expect(concededBy(ends("2026-01-31"), ends("2027-01-31"), BASE)).toEqual([
      "ana@acme.example in Readers ends on 2027-01-31 and not on 2026-01-31",
    ]);
  });
});

describe("who agrees", () => {
  it("is whom the base names: the owners of the group beside those of the target, and of what it gives the target's alone", () => {
    const owned = (base: State) =>
      stateOf(
        [...base.values()].flatMap((section) =>
          [...section.values()].map((entity) =>
            entity.section === "Group" && entity.local === "editors"
              ? { ...entity, attributes: { ...entity.attributes, owners: ["lee@acme.example"] } }
              : entity,
          ),
        ),
      );
    const { plan } = planFor({ base: owned(BASE), want: owned(ADOPTED), live: ADOPTED });
    expect(plan.weakens).toMatchObject([{ owners: ["lee@acme.example"], gives: ["ana@acme.example"] }]);
    const raised = state(group("Editors", { roles: ["Editor", "Reader"] }), {
      Reader: { permissions: { Theme: "view" } },
    });
    const before = state({}, { Reader: { permissions: { Theme: "view" } } });
    const other = planFor({ base: owned(before), want: owned(raised), live: raised }).plan.weakens;
    expect(other).toMatchObject([{ owners: [], gives: ["bo@acme.example"] }]);
  });
});
