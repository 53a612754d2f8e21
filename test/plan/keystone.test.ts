// Plans that only a second platform makes: composite elements, names that belong to an owner, and steps that the
// platform leaves to somebody else.
import { describe, expect, test } from "vitest";
import { type Entity, type State, stateOf } from "../../src/model/entity.ts";
import type { Plan } from "../../src/model/plan.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { credential, entity, membership, openDomain, projectEntities } from "../support/keystone.ts";
import { planFor, type Three } from "../support/plan.ts";

const reader = entity("Role", "reader", { implies: [] });
const member = entity("Role", "member", { implies: ["reader"] });
const ana = entity("Member", "ana", { enabled: true, grants: [] });
const around = [...projectEntities, reader, member, ana];

const live = (...entities: Entity[]): State => stateOf([...around, ...entities]);
const ops = (...grants: string[]) => entity("Group", "ops", { grants });

function planOf(states: Three, drift: "report" | "revert" = "report"): Plan {
  return planFor(states, { platform: keystone, target: openDomain({ drift }) }).plan;
}

const brief = ({ changes }: Plan) => changes.map(({ action, key, effect }) => `${action} ${key} ${effect}`);
const codes = ({ findings }: Plan) => findings.map(({ severity, code, key }) => `${severity} ${code} ${key}`);

describe("grants are compared one by one", () => {
  test("what Git adds is added, what somebody else added stays and is drift", () => {
    const plan = planOf({
      base: live(ops("reader on project dev")),
      want: live(ops("reader on project dev", "member on project dev")),
      live: live(ops("reader on project dev", "reader on all projects")),
    });
    expect(brief(plan)).toEqual(["update Group/ops escalates"]);
    expect(plan.changes[0]?.after?.attributes.grants).toEqual([
      "member on project dev",
      "reader on all projects",
      "reader on project dev",
    ]);
    expect(plan.drift.flatMap(({ attributes }) => attributes.map(({ attribute }) => attribute))).toEqual([
      "grants/reader on all projects",
    ]);
  });

  test("a grant of a role, or on a project, that will not be there holds the change back", () => {
    const base = live();
    const plan = planOf({ base, want: live(ops("reader on project gone")), live: live() });
    expect(plan.changes.map(({ key, blockedBy }) => [key, blockedBy])).toEqual([["Group/ops", ["missing-reference"]]]);
    const other = entity("Group", "other", { grants: ["auditor on the domain"] });
    const auditor = entity("Role", "auditor", { implies: [] });
    const left = planOf({ base: live(auditor), want: live(), live: live(auditor, other) });
    expect(left.changes.map(({ key, blockedBy }) => [key, blockedBy])).toEqual([
      ["Role/auditor", ["still-referenced"]],
    ]);
  });

  test("a renamed role is renamed in every grant", () => {
    const audit = entity("Role", "audit", { implies: [] });
    const auditor: Entity = { ...entity("Role", "auditor", { implies: [] }), previously: "audit" };
    const before = live(audit, ops("audit on project dev"));
    const plan = planOf({ base: before, want: live(auditor, ops("auditor on project dev")), live: before });
    expect(brief(plan)).toEqual(["update Role/auditor neutral"]);
    expect(plan.access).toEqual([]);
  });
});

describe("names that belong to an owner", () => {
  const backup = credential("backup", "ana", { project: "dev", roles: ["reader"], unrestricted: false });

  test("follow a renamed owner", () => {
    const anna: Entity = { ...entity("Member", "anna", { enabled: true, grants: [] }), previously: "ana" };
    const wanted = stateOf([
      ...projectEntities,
      reader,
      member,
      anna,
      credential("backup", "anna", { project: "dev" }),
    ]);
    const plan = planOf({ base: live(backup), want: wanted, live: live(backup) });
    expect(brief(plan)).toEqual(["update Member/anna neutral"]);
    expect(codes(plan)).toEqual([]);
  });

  test("go with their owner, and hold nobody back who leaves", () => {
    const without = stateOf([...projectEntities, reader, member]);
    const plan = planOf({ base: live(), want: without, live: live(backup) });
    expect(plan.changes.map(({ key, blockedBy }) => [key, blockedBy])).toEqual([["Member/ana", undefined]]);
  });

  test("need a role or project that somebody else wants gone", () => {
    const plan = planOf({ base: live(), want: stateOf([...projectEntities, member, ana]), live: live(backup) });
    expect(plan.changes.map(({ key, blockedBy }) => [key, blockedBy])).toEqual([["Role/reader", ["still-referenced"]]]);
  });
});

describe("steps that the platform leaves to somebody else", () => {
  const backup = credential("backup", "ana", { project: "dev", roles: ["reader"], unrestricted: false });
  const bare = live();

  test.each(["report", "revert"] as const)(
    "are warnings and no change, before and after they are in the base (%s)",
    (drift) => {
      for (const base of [new Map(), bare, live(backup)]) {
        const plan = planOf({ base, want: live(backup), live: bare }, drift);
        expect([brief(plan), plan.drift, plan.conflicts]).toEqual([[], [], []]);
        expect(codes(plan)).toEqual(["warning application-credential-missing ApplicationCredential/backup of ana"]);
        expect(plan.refused).toBe(false);
      }
    },
  );

  test("many that are missing do not make a read look shrunken", () => {
    const many = ["a", "b", "c", "d"].map((name) => credential(name, "ana", { project: "dev" }));
    const plan = planOf({ base: live(...many), want: live(...many, ops()), live: bare });
    expect(codes(plan).filter((code) => code.includes("shrunken"))).toEqual([]);
  });

  test("one that Git does not want any more is deleted", () => {
    const plan = planOf({ base: live(backup), want: bare, live: live(backup) });
    expect(brief(plan)).toEqual(["delete ApplicationCredential/backup of ana reduces"]);
  });

  test("an immutable role is left as it is", () => {
    const fixed: Entity = { ...member, status: "immutable" };
    const state = (role: Entity) => stateOf([...projectEntities, reader, role, ana]);
    const changed = entity("Role", "member", { implies: [] });
    for (const base of [new Map(), state(member), state(changed)]) {
      const plan = planOf({ base, want: state(changed), live: state(fixed) });
      expect([brief(plan), plan.drift, plan.conflicts]).toEqual([[], [], []]);
      expect(codes(plan)).toEqual(["warning immutable-role Role/member"]);
    }
    const gone = planOf({
      base: state(member),
      want: stateOf([...projectEntities, reader, ana]),
      live: state(fixed),
    });
    expect([brief(gone), codes(gone)]).toEqual([[], ["warning immutable-role Role/member"]]);
  });
});

test("grants past every group that no file speaks of are told, once for all", () => {
  const direct = (name: string, ...grants: string[]) => entity("Member", name, { enabled: true, grants });
  const state = live(direct("bo", "reader on project dev"), direct("chen", "member on all projects"));
  const silent = stateOf([...projectEntities, reader, member, ana, entity("Member", "bo", { enabled: true })]);
  expect(planOf({ base: silent, want: silent, live: state }).findings.map(({ message }) => message)).toEqual([
    "The platform grants roles to 2 users past every group, and no file says so: bo (reader on project dev), chen (member on all projects)",
  ]);
  expect(codes(planOf({ base: state, want: state, live: state }))).toEqual([]);
});

test("built-in roles that nobody declares are nothing to tell", () => {
  const fixed = [reader, member, entity("Role", "admin", { implies: ["member"] })].map(
    (role): Entity => ({ ...role, status: "immutable" }),
  );
  const plan = planOf({ base: new Map(), want: new Map(), live: stateOf(fixed) });
  expect(plan.unmanaged).toEqual([]);
});

test("people leave before a role is taken away, and join before another is", () => {
  const plan = planOf({
    base: live(ops("reader on all projects"), membership("ops", "ana")),
    want: live(ops("member on project dev"), entity("Group", "new", { grants: [] }), membership("new", "ana")),
    live: live(ops("reader on all projects"), membership("ops", "ana")),
  });
  expect(brief(plan)).toEqual([
    "create Group/new neutral",
    "create Membership/new/ana neutral",
    "update Group/ops mixed",
    "delete Membership/ops/ana reduces",
  ]);
});
