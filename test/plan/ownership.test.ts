// Who decides who is in a group: `members: exclusive`, `additive` or `idp`, and entries that are over.
import { describe, expect, it } from "vitest";
import { type Entity, groupOfSection, type State, stateOf } from "../../src/model/entity.ts";
import type { BuiltPlan } from "../../src/plan/build.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";
import { rosterState } from "../support/roster.ts";

type Mode = "exclusive" | "additive" | "idp" | undefined;

const PEOPLE = ["ana", "bo", "chen", "dee", "eve"].map((name) => `${name}@acme.example`);
const address = (name: string) => `${name}@acme.example`;

/** One group with some of five people in it. */
function acme(mode: Mode, ...members: readonly string[]): State {
  const state = stateOfOrganization({
    roles: { Editor: { permissions: { Theme: "edit" } } },
    groups: { Editors: { roles: ["Editor"], environments: "all", members: members.map(address) } },
    members: Object.fromEntries(PEOPLE.map((name) => [name, { firstName: "A", lastName: "B" }])),
  });
  if (mode === undefined) return state;
  return mapState(state, (entity) =>
    entity.kind === "Group" ? { ...entity, attributes: { ...entity.attributes, members: mode } } : entity,
  );
}

function mapState(state: State, change: (entity: Entity) => Entity | undefined): State {
  return stateOf([...state.values()].flatMap((section) => [...section.values()].flatMap((some) => change(some) ?? [])));
}

const withoutGroup = (state: State) =>
  mapState(state, (entity) =>
    entity.kind === "Group" || groupOfSection(entity.section) !== undefined ? undefined : entity,
  );

/** An entry with an end. */
const until = (state: State, name: string, end: string) =>
  mapState(state, (entity) =>
    entity.kind === "Membership" && entity.name === address(name) ? { ...entity, attributes: { until: end } } : entity,
  );

const plan = (base: State | null, want: State, live: State, input: Partial<PlanInput> = {}) =>
  planFor({ base: base ?? new Map(), want, live }, { baseCommit: base === null ? null : "b".repeat(40), ...input });

const who = (key: string) => /([a-z]+)@/.exec(key)?.[1] ?? key;
const brief = ({ plan }: BuiltPlan) => ({
  changes: plan.changes.map(
    ({ action, key, origin, blockedBy }) => `${action} ${who(key)} (${blockedBy ? blockedBy.join() : origin})`,
  ),
  drift: plan.drift.map(({ key, shape }) => `${who(key)} ${shape}`),
  conflicts: plan.conflicts.map(({ key }) => who(key)),
  unmanaged: plan.unmanaged.map(({ key }) => who(key)),
  codes: plan.findings.map(({ code }) => code),
});
const nothing = { changes: [], drift: [], conflicts: [], unmanaged: [], codes: [] };
const REVERT = { target: openTarget({ drift: "revert" }) };

/** The same states as they come from files and from platforms, and as memberships of a roster. */
const shapes = [
  ["plain", (state: State) => state],
  ["roster", rosterState],
] as const;

describe.each(shapes)("members (%s)", (_, shaped) => {
  const made = (mode: Mode, ...members: readonly string[]) => shaped(acme(mode, ...members));

  describe.each([[{}], [REVERT]])("exclusive", (input) => {
    it("plans to remove whom Git never listed, as drift, and says no more about it", () => {
      const [base, want] = [made("exclusive", "ana"), made("exclusive", "ana")];
      expect(brief(plan(base, want, made(undefined, "ana", "bo", "eve"), input))).toEqual({
        ...nothing,
        changes: ["delete bo (drift)", "delete eve (drift)"],
      });
    });

    it("removes whom Git listed before as an edit of the files", () => {
      const result = plan(
        made("exclusive", "ana", "bo"),
        made("exclusive", "ana"),
        made(undefined, "ana", "bo"),
        input,
      );
      expect(brief(result)).toEqual({ ...nothing, changes: ["delete bo (policy)"] });
    });

    it("counts from the commit that says so", () => {
      const result = plan(made(undefined, "ana"), made("exclusive", "ana"), made(undefined, "ana", "bo"), input);
      expect(brief(result)).toEqual({ ...nothing, changes: ["delete bo (drift)"] });
    });

    it("removes nobody before anything was applied: they are drift", () => {
      const result = plan(null, made("exclusive", "ana"), made(undefined, "ana", "bo"), input);
      expect(brief(result)).toEqual({ ...nothing, drift: ["bo extra"] });
    });
  });

  it("exclusive is bound by the limits", () => {
    const group = { share: 0.34, count: 20 };
    const { limits } = openTarget();
    const input = { target: openTarget({ limits: { ...limits, group } }) };
    const both = made("exclusive", "ana");
    const result = plan(both, both, made(undefined, "ana", "bo", "chen", "dee"), input);
    expect(brief(result)).toEqual({
      ...nothing,
      changes: ["bo", "chen", "dee"].map((name) => `delete ${name} (removal-limit-group)`),
      codes: ["removal-limit-group"],
    });
  });

  it.each(["additive", undefined] as const)("additive removes nobody whom Git did not list (%s)", (mode) => {
    const both = made(mode, "ana");
    expect(brief(plan(both, both, made(undefined, "ana", "bo"), REVERT))).toEqual({
      ...nothing,
      unmanaged: ["bo"],
      codes: ["member-not-in-git"],
    });
    const left = plan(made(mode, "ana", "eve"), both, made(undefined, "ana", "bo", "eve"));
    expect(brief(left).changes).toEqual(["delete eve (policy)"]);
  });

  describe.each([[{}], [REVERT]])("idp", (input) => {
    it.each([
      ["was so", "idp"],
      ["was Git's before", undefined],
    ] as const)("leaves everybody alone, whatever the files list (%s)", (_case, before) => {
      const base = made(before, "ana", "bo", "chen", "dee");
      for (const live of [made(undefined), made(undefined, "ana", "eve"), made(undefined, "chen", "dee")])
        for (const want of [made("idp"), made("idp", "ana", "eve"), made("idp", "ana", "bo", "chen", "dee")])
          expect(brief(plan(base, want, live, input))).toEqual(nothing);
    });
  });

  it("of an identity provider's group that goes, everybody stays, and so does the group", () => {
    const base = made("idp", "ana");
    const result = plan(base, shaped(withoutGroup(base)), made(undefined, "ana", "bo"));
    expect(brief(result)).toEqual({
      ...nothing,
      changes: ["delete Group/editors (group-has-unmanaged-members)"],
      codes: ["group-has-unmanaged-members"],
    });
  });

  it("of a group that files alone filled, and that goes, whoever came in by hand is not sent away unnamed", () => {
    const base = made("exclusive", "ana");
    const result = plan(base, shaped(withoutGroup(base)), made(undefined, "ana", "bo"));
    expect(brief(result)).toEqual({
      ...nothing,
      changes: ["delete ana (policy)", "delete Group/editors (group-has-unmanaged-members)"],
      unmanaged: ["bo"],
      codes: ["group-has-unmanaged-members"],
    });
  });

  it("given back by an identity provider is Git's again", () => {
    const result = plan(made("idp"), made("additive", "ana"), made(undefined, "bo"));
    expect(brief(result)).toEqual({
      ...nothing,
      changes: ["create ana (policy)"],
      unmanaged: ["bo"],
      codes: ["member-not-in-git"],
    });
  });
});

describe("an entry that is over, of somebody whom Git never had there", () => {
  const want = (mode: Mode) => until(acme(mode, "ana", "bo"), "bo", "2026-11-21");
  const live = acme(undefined, "ana", "bo");

  it.each([undefined, "additive", "exclusive"] as const)("is removed: Git itself says so (%s)", (mode) => {
    const expected = { ...nothing, changes: ["delete bo (expiry)"] };
    expect(brief(plan(acme(mode, "ana"), want(mode), live))).toEqual(expected);
    expect(brief(plan(null, want(mode), live))).toEqual(expected);
    expect(brief(plan(want(mode), want(mode), live))).toEqual(expected);
  });

  it("is nothing where nobody has it any more, and left alone where Git does not decide", () => {
    expect(brief(plan(acme(undefined, "ana"), want(undefined), acme(undefined, "ana")))).toEqual(nothing);
    expect(brief(plan(acme("idp", "ana"), want("idp"), live))).toEqual(nothing);
  });
});
