// Who is who: people whose name changed on the platform, and people who have somebody else's name.
import { describe, expect, it } from "vitest";
import { type Entity, entityAt, groupOfSection, type State, stateOf } from "../../src/model/entity.ts";
import type { Acknowledgement } from "../../src/model/waiver.ts";
import type { BuiltPlan } from "../../src/plan/build.ts";
import { identitiesOf } from "../../src/plan/identity.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { seenAs } from "../../src/plan/rename.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { credential, openDomain, entity as thing } from "../support/keystone.ts";
import { fold, type Organization, openTarget, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const ANA = "ana@acme.example";
const ANA_LI = "Ana.Li@acme.example";
const BO = "bo@acme.example";
const EVE = "eve@acme.example";

/** Everyone in one group; `ids` says who they are on the platform. */
function acme(people: readonly string[]): Organization {
  return {
    roles: { "Card editor": { permissions: { "Card template": "edit" } } },
    groups: { "Card creators": { roles: ["Card editor"], environments: "all", members: people } },
    members: Object.fromEntries(people.map((name) => [name, { firstName: "Ana", lastName: "Li" }])),
  };
}

const entities = (state: State) => [...state.values()].flatMap((section) => [...section.values()]);
const mapState = (state: State, change: (entity: Entity) => Entity | undefined) =>
  stateOf(entities(state).flatMap((entity) => change(entity) ?? []));

/** As files declare it: every person and every entry has a place. */
function declared(...people: readonly string[]): State {
  return mapState(stateOfOrganization(acme(people)), (entity) => {
    const file = groupOfSection(entity.section) === undefined ? entity.kind : "Membership";
    return { ...entity, place: { file: `${file}.yaml`, line: people.indexOf(entity.name) + 1, column: 1 } };
  });
}

/** The same without documents of people, who are only listed. */
const listed = (...people: readonly string[]) =>
  mapState(declared(...people), (entity) => (entity.kind === "Member" ? undefined : entity));

/** As the platform has it. */
function live(ids: Readonly<Record<string, string>>): State {
  return mapState(stateOfOrganization(acme(Object.keys(ids))), (entity) =>
    entity.kind === "Member" ? { ...entity, id: ids[entity.name] ?? "", version: "1" } : entity,
  );
}

const renamedTo = (state: State, from: string, to: string) =>
  mapState(state, (entity) =>
    entity.kind === "Member" && entity.local === fold(to) ? { ...entity, previously: fold(from) } : entity,
  );

const lock = (ids: Readonly<Record<string, string>>) =>
  new Map(Object.entries(ids).map(([name, id]) => [fold(name), id]));

function acknowledge(member: string, id: string, target = "acme"): Pick<PlanInput, "governance"> {
  const acknowledgement: Acknowledgement = {
    target,
    member,
    id,
    reason: "She married",
    approver: "Bo",
    place: { file: "acknowledgements.yaml", line: 1, column: 1 },
  };
  return { governance: { guardrails: [], waivers: [], acknowledgements: [acknowledgement], reviews: [], rosters: [] } };
}

/** A plan with the lock of ana as m1 and bo as m2. */
function plan(want: State, platform: State, input: Partial<PlanInput> & { readonly base?: State } = {}) {
  const { base = want, ...rest } = input;
  return planFor({ base, want, live: platform }, { identities: lock({ [ANA]: "m1", [BO]: "m2" }), ...rest });
}

const brief = ({ plan }: BuiltPlan) => ({
  changes: plan.changes.map(({ action, key, blockedBy }) => `${action} ${key}${blockedBy ? ` (${blockedBy})` : ""}`),
  drift: plan.drift.map(({ key }) => key),
  unmanaged: plan.unmanaged.map(({ key }) => key),
  codes: plan.findings.map(({ severity, code }) => `${severity} ${code}`),
});
const nothing = { changes: [], drift: [], unmanaged: [], codes: [] };
const renamed = { ...nothing, codes: ["warning identity-renamed"] };
const changed = { ...nothing, codes: ["error identity-changed"] };
const REVERT = { target: openTarget({ drift: "revert" }) };

describe("everyone is who they were", () => {
  it("is nothing to tell, with and without a lock", () => {
    const state = live({ [ANA]: "m1", [BO]: "m2" });
    expect(brief(plan(declared(ANA, BO), state))).toEqual(nothing);
    expect(brief(plan(declared(ANA, BO), state, { identities: new Map() }))).toEqual(nothing);
  });

  it("also when somebody left, whose name is still on the ledger", () => {
    expect(brief(plan(declared(BO), live({ [BO]: "m2" })))).toEqual(nothing);
  });

  it("somebody missing whose id nobody has is missing, as ever", () => {
    const result = brief(plan(declared(ANA, BO, EVE), live({ [BO]: "m2", [EVE]: "m3" })));
    expect(result).toEqual({ ...nothing, drift: [`Member/${ANA}`, `Membership/card creators/${ANA}`] });
  });
});

describe("a name that changed on the platform", () => {
  const platform = live({ [ANA_LI]: "m1", [BO]: "m2" });

  it.each(["report", "revert"] as const)("plans nothing, warns, and proposes the edit (%s)", (drift) => {
    const result = plan(declared(ANA, BO), platform, { target: openTarget({ drift }) });
    expect(brief(result)).toEqual(renamed);
    const { findings, proposals } = result.plan;
    expect(findings[0]).toMatchObject({
      message: `${ANA} is now ${ANA_LI} on the platform (the same person)`,
      place: { file: "Member.yaml", line: 1 },
      hint: `Follow it in the files: email: ${ANA_LI} with previously: ${ANA}.`,
    });
    expect(proposals).toEqual([
      {
        kind: "rename-member",
        what: `Write email: ${ANA_LI} with previously: ${ANA}: it is what the platform calls ${ANA} now`,
        place: { file: "Member.yaml", line: 1, column: 1 },
        to: ANA_LI,
      },
      {
        kind: "rename-member",
        what: `Write ${ANA_LI} instead of ${ANA}: it is what the platform calls ${ANA} now`,
        place: { file: "Membership.yaml", line: 1, column: 1 },
        to: ANA_LI,
      },
    ]);
  });

  it("is nothing to tell any more once the files follow", () => {
    const want = renamedTo(declared(ANA_LI, BO), ANA, ANA_LI);
    const result = plan(want, platform, { base: declared(ANA, BO) });
    expect([brief(result), result.plan.proposals]).toEqual([nothing, []]);
    const recorded = { identities: lock({ [ANA]: "m1", [ANA_LI]: "m1", [BO]: "m2" }) };
    expect(brief(plan(want, platform, recorded))).toEqual(nothing);
    expect(brief(plan(declared(ANA_LI, BO), platform, recorded))).toEqual(nothing);
  });

  it("of somebody who is only listed is told at the entry", () => {
    const result = plan(
      listed(ANA, BO),
      mapState(platform, (entity) => entity),
    );
    expect(brief(result).changes).toEqual([]);
    expect(brief(result).drift).toEqual([]);
    expect(result.plan.findings.find(({ code }) => code === "identity-renamed")).toMatchObject({
      place: { file: "Membership.yaml", line: 1 },
      hint: `Follow it in the files: list ${ANA_LI} instead of ${ANA}.`,
    });
    const followed = plan(listed(ANA_LI, BO), platform, { base: listed(ANA, BO) });
    expect([brief(followed).changes, brief(followed).codes]).toEqual([[], []]);
  });

  it("leaves what else Git asks of the person to be done, by id and by the name the platform has", () => {
    const want = mapState(declared(ANA, BO), (entity) => {
      if (entity.kind === "Membership" && entity.name === ANA) return undefined;
      return entity.kind === "Member" && entity.name === ANA
        ? { ...entity, attributes: { firstName: "Anna", lastName: "Li" } }
        : entity;
    });
    const result = plan(want, platform, { base: declared(ANA, BO) });
    expect(brief(result)).toEqual({
      ...renamed,
      changes: [`update Member/${ANA}`, `delete Membership/card creators/${ANA}`],
    });
    expect(entityAt(result.live, "Member", ANA)).toMatchObject({ id: "m1", name: ANA, nowCalled: ANA_LI });
  });

  it("does not save anybody from a deletion that Git asks for", () => {
    const result = plan(declared(BO), platform, { base: declared(ANA, BO) });
    expect(brief(result)).toEqual({
      ...renamed,
      changes: [`delete Membership/card creators/${ANA}`, `delete Member/${ANA}`],
    });
    expect(result.plan.proposals).toEqual([]);
  });

  it("is Git's own when the files say so first", () => {
    const want = renamedTo(declared(ANA_LI, BO), ANA, ANA_LI);
    const result = plan(want, live({ [ANA]: "m1", [BO]: "m2" }), { base: declared(ANA, BO) });
    expect(brief(result)).toEqual({ ...nothing, changes: [`update Member/${fold(ANA_LI)}`] });
    const forth = { identities: lock({ [ANA]: "m1", [ANA_LI]: "m1", [BO]: "m2" }), base: declared(ANA, BO) };
    expect(brief(plan(want, live({ [ANA]: "m1", [BO]: "m2" }), forth)).changes).toEqual([
      `update Member/${fold(ANA_LI)}`,
    ]);
  });

  it.each([{}, REVERT])("back to the old one is followed as well, though `previously` still stands there", (target) => {
    const want = renamedTo(declared(ANA_LI, BO), ANA, ANA_LI);
    const input = { ...target, identities: lock({ [ANA]: "m1", [ANA_LI]: "m1", [BO]: "m2" }) };
    expect(brief(plan(want, live({ [ANA]: "m1", [BO]: "m2" }), input))).toEqual(renamed);
  });

  it("to a third one, while the files ask for a second, is followed", () => {
    const want = renamedTo(declared(ANA_LI, BO), ANA, ANA_LI);
    const result = plan(want, live({ [EVE]: "m1", [BO]: "m2" }), { base: declared(ANA, BO) });
    expect(brief(result)).toEqual(renamed);
    expect(result.plan.proposals[0]?.to).toBe(EVE);
  });

  it("keeps an owner an owner, and the tool's own person known", () => {
    const input = { target: openTarget({ owners: [ANA] }), self: fold(ANA_LI) };
    expect(brief(plan(declared(ANA, BO), platform, input))).toEqual(renamed);
  });

  it("when the old name went to somebody new, who is none of Git's business", () => {
    const want = renamedTo(declared(ANA_LI, BO), ANA, ANA_LI);
    const result = plan(want, live({ [ANA_LI]: "m1", [ANA]: "m9", [BO]: "m2" }), { base: declared(ANA, BO) });
    expect(brief(result)).toEqual({
      ...nothing,
      unmanaged: [`Member/${ANA}`, `Membership/card creators/${ANA}`],
      codes: ["warning member-not-in-git"],
    });
  });

  it("is followed in what else names the person", () => {
    const user = (name: string, id?: string): Entity => ({
      ...thing("Member", name, { enabled: true, grants: [] }),
      ...(id === undefined ? {} : { id }),
    });
    const backup = (name: string) => credential("backup", name, { project: "dev", roles: [], unrestricted: false });
    const place = { file: "c.yaml", line: 3, column: 1 };
    const want = stateOf([user("ana"), { ...backup("ana"), place }]);
    const result = planFor(
      { base: want, want, live: stateOf([user("Anna", "u1"), backup("Anna")]) },
      { platform: keystone, target: openDomain({ drift: "revert" }), identities: new Map([["ana", "u1"]]) },
    );
    expect(brief(result)).toEqual(renamed);
    expect(result.plan.findings[0]?.hint).toBe("Follow it in the files: name: Anna with previously: ana.");
    expect(result.plan.proposals.map(({ place }) => place)).toEqual([place]);
  });
});

describe("a name that somebody else has now", () => {
  const impostor = live({ [ANA]: "m9", [BO]: "m2" });

  it.each(["report", "revert"] as const)("is an error that names both ids (%s)", (drift) => {
    const result = plan(declared(ANA, BO), impostor, { target: openTarget({ drift }) });
    expect(brief(result)).toEqual(changed);
    expect(result.plan.refused).toBe(false);
    expect(result.plan.findings[0]).toMatchObject({
      message: `${ANA} is not who it was: the platform's id was m1 and is m9; nobody has the id m1 any more`,
      place: { file: "Member.yaml", line: 1 },
      key: `Member/${ANA}`,
      blocks: "change",
    });
  });

  it("holds back every change about them and no other", () => {
    const want = mapState(declared(ANA, BO), (entity) =>
      entity.kind === "Member" ? { ...entity, attributes: { firstName: "New", lastName: "Li" } } : entity,
    );
    const platform = mapState(impostor, (entity) => (entity.kind === "Membership" ? undefined : entity));
    const result = plan(want, platform, { base: new Map(), baseCommit: null });
    expect(brief(result)).toEqual({
      ...changed,
      changes: [
        `create Membership/card creators/${ANA} (identity-changed)`,
        `create Membership/card creators/${BO}`,
        `update Member/${ANA} (identity-changed)`,
        `update Member/${BO}`,
      ],
    });
    expect(brief(plan(declared(BO), impostor, { base: declared(ANA, BO) })).changes).toEqual([
      `delete Membership/card creators/${ANA} (identity-changed)`,
      `delete Member/${ANA} (identity-changed)`,
    ]);
  });

  it("is told with the name that the old one has now", () => {
    const result = plan(declared(ANA, BO), live({ [ANA]: "m9", [ANA_LI]: "m1", [BO]: "m2" }));
    expect(result.plan.findings.find(({ code }) => code === "identity-changed")?.message).toBe(
      `${ANA} is not who it was: the platform's id was m1 and is m9; m1 is called ${ANA_LI} now`,
    );
  });

  it("is told of two who swapped their names", () => {
    const result = plan(declared(ANA, BO), live({ [ANA]: "m2", [BO]: "m1" }));
    expect(brief(result)).toEqual({ ...nothing, codes: ["error identity-changed", "error identity-changed"] });
  });

  it("is not renamed in place of the one whom Git means", () => {
    const want = renamedTo(declared(ANA_LI, BO), ANA, ANA_LI);
    expect(brief(plan(want, impostor, { base: declared(ANA, BO) }))).toEqual({
      ...changed,
      changes: [`update Member/${fold(ANA_LI)} (identity-changed)`],
    });
  });

  it("is accepted once a reviewed file says so: this name and this id, of this target", () => {
    const want = declared(ANA, BO);
    expect(brief(plan(want, impostor, acknowledge("ANA@acme.example", "m9")))).toEqual(nothing);
    const needless = "warning acknowledgement-not-needed";
    const codes = (input: Partial<PlanInput>) => brief(plan(want, impostor, input)).codes.sort();
    expect(codes(acknowledge(ANA, "m8"))).toEqual(["error identity-changed", needless]);
    expect(codes(acknowledge(BO, "m9"))).toEqual(["error identity-changed", needless]);
    expect(codes(acknowledge(ANA, "m9", "other"))).toEqual(["error identity-changed"]);
  });

  it("once recorded, asks to have the acknowledgement removed", () => {
    const result = plan(declared(ANA, BO), impostor, {
      ...acknowledge(ANA, "m9"),
      identities: lock({ [ANA]: "m9", [BO]: "m2" }),
    });
    expect(brief(result)).toEqual({ ...nothing, codes: ["warning acknowledgement-not-needed"] });
    expect(result.plan.findings[0]).toMatchObject({
      message: `${ANA} is recorded as m9 already`,
      place: { file: "acknowledgements.yaml", line: 1 },
    });
  });
});

it("finds a live member by the name they are seen by, and nobody by a name alone", () => {
  const before = live({ [ANA_LI]: "m1", [BO]: "m2" });
  expect(seenAs(fold(ANA_LI), before, live({ [ANA]: "m1", [BO]: "m2" }))).toBe(ANA);
  expect(seenAs(BO, before, before)).toBe(BO);
  expect(seenAs(EVE, before, before)).toBe(EVE);
  expect(seenAs(BO, before, live({ [ANA]: "m1" }))).toBe(BO);
});

it("records those whom Git declares and the platform has, listed ones too", () => {
  const platform = live({ [ANA]: "m1", [BO]: "m2", [EVE]: "m3" });
  expect(identitiesOf(declared(ANA, "new@acme.example"), platform)).toEqual(lock({ [ANA]: "m1" }));
  expect(identitiesOf(listed(BO), platform)).toEqual(lock({ [BO]: "m2" }));
  expect(identitiesOf(declared(ANA), stateOfOrganization(acme([ANA])))).toEqual(new Map());
});
