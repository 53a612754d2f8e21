// Ways around what protects people, each of which was open once: renames that hide an owner or hand over an account, owners who
// cannot log in, rules that are about something else, and gains that nobody sees.
import { describe, expect, it } from "vitest";
import { type Entity, NO_ATTRIBUTES, type State, stateOf } from "../../src/model/entity.ts";
import type { Guardrail, GuardrailException, Rule } from "../../src/model/guardrail.ts";
import type { Plan } from "../../src/model/plan.ts";
import { type Acknowledgement, NO_GOVERNANCE } from "../../src/model/waiver.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { asksAsMuch } from "../../src/plan/ratchet-rules.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { membership, openDomain, projectEntities } from "../support/keystone.ts";
import { openTarget } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";

const [ANA, BO, CHEN] = ["ana@acme.example", "bo@acme.example", "chen@acme.example"] as const;

const folded = (name: string) => name.toLowerCase();
const one = (kind: string, name: string, attributes: Entity["attributes"], more: Partial<Entity> = {}): Entity => {
  return { kind, section: kind, local: folded(name), name, attributes, ...more };
};
const person = (email: string, more: Partial<Entity> = {}) =>
  one("Member", email, { firstName: "A", lastName: "B" }, more);
const listed = (group: string, email: string): Entity => membership(folded(group), email);
const environments = ["dev", "production"].map((name) => one("Environment", name, NO_ATTRIBUTES));
const boss = one("Role", "Boss", { permissions: { Role: "edit" } });
const reader = one("Role", "Reader", { permissions: { Theme: "view" } });
const group = (name: string, roles: readonly string[], scope: "all" | readonly string[] = "all") =>
  one("Group", name, { roles, environments: scope });
const state = (...entities: readonly Entity[]): State => stateOf([...environments, boss, reader, ...entities]);

const plan = (live: State, want: State, input: Partial<PlanInput> = {}): Plan =>
  planFor({ base: live, want, live }, input).plan;
const errors = ({ findings }: Plan) => findings.filter(({ severity }) => severity === "error").map(({ code }) => code);

describe("an owner whom the same plan renames", () => {
  const live = state(
    group("Bosses", ["Boss"]),
    person(ANA, { id: "1" }),
    person(BO),
    listed("Bosses", ANA),
    listed("Bosses", BO),
  );
  const renamed = person("ana.li@acme.example", { previously: ANA });
  const target = openTarget({ owners: [ANA], approvers: [] });

  it("is an owner still", () => {
    const want = state(group("Bosses", ["Boss"]), renamed, person(BO), listed("Bosses", BO));
    expect(errors(plan(live, want, { target }))).toEqual(["owner-loses-access"]);
    const kept = state(group("Bosses", ["Boss"]), renamed, person(BO), listed("Bosses", renamed.name));
    expect(errors(plan(live, kept, { target }))).toEqual([]);
  });

  it("gives the account to whoever has the address, which is no proof that nobody gains", () => {
    const want = state(
      group("Bosses", ["Boss"]),
      renamed,
      person(BO),
      listed("Bosses", renamed.name),
      listed("Bosses", BO),
    );
    const result = plan(live, want);
    expect(result.changes.map(({ action, key }) => `${action} ${key}`)).toEqual(["update Member/ana.li@acme.example"]);
    expect(result.nonEscalating).toBe(false);
  });
});

describe("people who cannot log in yet", () => {
  const bosses = group("Bosses", ["Boss"]);
  const live = state(bosses, person(ANA), person(BO), listed("Bosses", ANA), listed("Bosses", BO));
  const target = openTarget({ minimumOwners: 2 });

  it("are no owners while their invitation is open", () => {
    const invited = person(CHEN, { status: "invited" });
    const before = state(bosses, person(ANA), person(BO), invited, listed("Bosses", ANA), listed("Bosses", BO));
    const want = state(bosses, person(ANA), person(BO), invited, listed("Bosses", ANA), listed("Bosses", CHEN));
    expect(errors(plan(before, want, { target }))).toEqual(["lock-out"]);
  });

  it("are no owners when the plan itself makes them", () => {
    const want = state(bosses, person(ANA), person(BO), person(CHEN), listed("Bosses", ANA), listed("Bosses", CHEN));
    expect(errors(plan(live, want, { target }))).toEqual(["lock-out"]);
    const nobody = state(bosses, person(ANA), person(BO), person(CHEN), listed("Bosses", CHEN));
    expect(errors(plan(live, nobody, { target: openTarget() }))).toEqual(["nobody-owns"]);
  });

  it("do not stand in the way where nobody else ever owned", () => {
    const fresh = state(bosses, person(ANA, { status: "invited" }), listed("Bosses", ANA));
    const want = state(bosses, person(ANA), person(BO), listed("Bosses", BO));
    expect(errors(plan(fresh, want))).toEqual([]);
  });
});

describe("settings that point the rules at something else", () => {
  const live = state(person(ANA));
  const weakens = (
    then: Parameters<typeof openTarget>[0],
    now: Parameters<typeof openTarget>[0],
    input: Partial<PlanInput> = {},
  ) =>
    plan(live, live, {
      target: openTarget(now),
      baseRules: { target: openTarget(then), guardrails: [] },
      ...input,
    }).weakens.map(({ what }) => what);

  it("are named", () => {
    expect(weakens({}, { url: "https://elsewhere.example" })).toEqual([
      'url of acme is "https://elsewhere.example", and was "http://127.0.0.1:1": it is another system',
    ]);
    expect(weakens({}, { organization: "other" })).toHaveLength(1);
    expect(weakens({}, { platform: "other" })).toHaveLength(1);
    expect(weakens({ credentials: { token: "A" } }, { credentials: { token: "B" } })).toHaveLength(1);
    expect(weakens({}, { options: { region: "two" } })).toHaveLength(1);
    expect(weakens({ credentials: { token: "A" } }, { credentials: { token: "A" } })).toEqual([]);
  });

  it("tell case apart where the platform does", () => {
    const parts = {
      platform: keystone,
      want: stateOf(projectEntities),
      base: stateOf(projectEntities),
      live: stateOf(projectEntities),
    };
    expect(weakens({ owners: ["Ana"] }, { owners: ["ana"] })).toEqual([]);
    expect(
      plan(parts.live, parts.want, {
        ...parts,
        target: openDomain({ owners: ["ana"], breakGlass: ["glass"] }),
        baseRules: { target: openDomain({ owners: ["Ana"], breakGlass: ["Glass"] }), guardrails: [] },
      }).weakens,
    ).toHaveLength(3);
  });
});

it("a selector of owners alone asks for less than one of what owners hold", () => {
  const holders = (resource?: string): Rule => ({
    rule: "permission-holders",
    with: { permissions: [{ ownerEquivalent: true, ...(resource ? { resource } : {}) }], through: "nobody" },
  });
  expect(asksAsMuch(holders(), holders("Card template"))).toBe(false);
  expect(asksAsMuch(holders(), holders())).toBe(true);
});

describe("a plan is not proved to give nobody anything", () => {
  it("when it puts somebody where permissions are that nobody can judge", () => {
    const strange = one("Role", "Strange", { permissions: { "Quantum vault": "admin" } });
    const parts = [strange, group("Vault", ["Strange"]), person(ANA)];
    const result = plan(state(...parts), state(...parts, listed("Vault", ANA)));
    expect(result.changes).toHaveLength(1);
    expect(result.nonEscalating).toBe(false);
  });

  it("when it gives everywhere, and also later, what somebody has everywhere today", () => {
    const parts = [
      group("Today", ["Reader"], ["dev", "production"]),
      group("Always", ["Reader"]),
      person(ANA),
      listed("Today", ANA),
    ];
    const result = plan(state(...parts), state(...parts, listed("Always", ANA)));
    expect(result.changes).toHaveLength(1);
    expect(result.nonEscalating).toBe(false);
  });

  it("but is when what somebody is given is what they have", () => {
    const parts = [group("Always", ["Reader"]), group("Also", ["Reader"]), person(ANA), listed("Always", ANA)];
    expect(plan(state(...parts), state(...parts, listed("Also", ANA))).nonEscalating).toBe(true);
  });
});

it("an acknowledgement that no owner approved does not let an impostor in", () => {
  const bosses = group("Bosses", ["Boss"]);
  const live = state(bosses, person(ANA, { id: "2" }), person(BO, { id: "9" }), listed("Bosses", BO));
  const want = state(bosses, person(ANA), person(BO), listed("Bosses", BO), listed("Bosses", ANA));
  const by = (approver: string): Acknowledgement => {
    const place = { file: "policies/identities/a.yaml", line: 1, column: 1 };
    return { target: "acme", member: ANA, id: "2", reason: "New phone", approver, place };
  };
  const result = (approver: string, owners: readonly string[], base?: readonly string[]) =>
    plan(live, want, {
      target: openTarget({ owners }),
      ...(base ? { baseRules: { target: openTarget({ owners: base }), guardrails: [] } } : {}),
      identities: new Map([[ANA, "1"]]),
      governance: { ...NO_GOVERNANCE, acknowledgements: [by(approver)] },
    });
  expect(errors(result(CHEN, [BO]))).toEqual(["acknowledgement-approver", "identity-changed"]);
  expect(result(CHEN, [BO]).changes[0]?.blockedBy).toEqual(["identity-changed"]);
  expect(errors(result(BO, [BO]))).toEqual([]);
  expect(errors(result(CHEN, []))).toEqual([]);
  // Whom HEAD names an owner is no owner of the base.
  expect(errors(result(CHEN, [BO, CHEN], [BO]))).toContain("acknowledgement-approver");
});

it("accounts that are deleted count as people who lose, whatever they hold", () => {
  const people = Array.from({ length: 10 }, (_, index) => person(`p${index}@acme.example`));
  const target = openTarget({ limits: { ...openTarget().limits, target: { share: 0.2, count: 50 } } });
  expect(errors(plan(state(...people), state(...people.slice(0, 8)), { target }))).toEqual([]);
  expect(errors(plan(state(...people), state(...people.slice(0, 7)), { target }))).toEqual(["removal-limit-target"]);
});

describe("very many exceptions", () => {
  const rule: Rule = { rule: "escalation-holders", with: { through: ["Nobody"] } };
  const people = Array.from({ length: 5_000 }, (_, index) => `p${index}@acme.example`);
  const live = state(
    group("Bosses", ["Boss"]),
    ...people.map((email) => person(email)),
    ...people.map((email) => listed("Bosses", email)),
  );
  const guardrail = (except: readonly Pick<GuardrailException, "member" | "group">[]): Guardrail => {
    const place = { file: "policies/guardrails/g.yaml", line: 1, column: 1 };
    const rest = { reason: "A bomb", approver: ANA, until: "2027-01-31", place };
    return {
      ...rule,
      name: "G",
      severity: "warning",
      owners: [],
      place,
      except: except.map((one) => ({ ...one, ...rest })),
    };
  };
  const judge = (now: Guardrail, then: Guardrail) =>
    plan(live, live, {
      governance: { ...NO_GOVERNANCE, guardrails: [now] },
      baseRules: { target: openTarget(), guardrails: [then] },
    });

  // Each of these took minutes when every exception was compared with every other one, or asked of everybody.
  it("for people are compared with those of the base", () => {
    const many = Array.from({ length: 30_000 }, (_, index) => ({ member: `q${index}@acme.example` }));
    const result = judge(guardrail([...many, { member: BO }]), guardrail(many));
    expect(result.weakens.map(({ what }) => what)).toEqual([`Guardrail "G" excepts ${BO} until 2027-01-31`]);
  });

  it("for groups are asked only of whoever is in those", () => {
    const many = Array.from({ length: 1_000 }, (_, index) => ({ group: `g${index}` }));
    const now = guardrail([...many, { group: "Bosses" }]);
    const codes = judge(now, now).findings.map(({ code, message }) => `${code} ${message.includes("Bosses")}`);
    expect(codes).not.toContain("escalation-holders true");
    expect(codes.filter((code) => code === "exception-not-needed false")).toHaveLength(1_000);
  });
});

it("an expression that nobody can answer any more can be put right", () => {
  const guardrail = (deny: string): Guardrail => {
    const place = { file: "policies/guardrails/g.yaml", line: 1, column: 1 };
    const rest = { name: "G", severity: "error", owners: [], except: [], place } as const;
    return { rule: "cel", with: { for: "member", deny }, ...rest };
  };
  const [broken, mended] = [guardrail("member.nothing == 1"), guardrail('member.name == "nobody"')];
  const live = state(person(ANA));
  const judge = (now: readonly Guardrail[], then: readonly Guardrail[]) =>
    plan(live, live, {
      governance: { ...NO_GOVERNANCE, guardrails: now },
      baseRules: { target: openTarget(), guardrails: then },
    });
  expect(errors(judge([broken], [broken]))).toEqual(["guardrail-expression"]);
  expect(errors(judge([broken], [mended]))).toEqual(["guardrail-expression"]);
  for (const now of [[mended], []]) {
    const result = judge(now, [broken]);
    expect(errors(result)).toEqual([]);
    expect(result.findings.map(({ code, severity }) => `${severity} ${code}`)).toContain(
      "warning guardrail-expression",
    );
    expect(result.weakens).toHaveLength(1);
  }
});

describe("a part of a plan that is approved alone", () => {
  const live = state(group("Readers", ["Reader"]), person(ANA), listed("Readers", ANA));
  const part = (want: State, key: string) => {
    const whole = plan(live, want);
    const only = new Set(whole.changes.filter((change) => change.key === key).map(({ id }) => id));
    const { changes } = plan(live, want, { only });
    return changes.find((change) => change.key === key)?.blockedBy;
  };

  it("takes nothing away that what is left out still points at", () => {
    const want = stateOf([...environments, boss, group("Readers", ["Boss"]), person(ANA), listed("Readers", ANA)]);
    expect(part(want, "Role/reader")).toEqual(["still-referenced"]);
  });

  it("puts nobody into what is left out", () => {
    const want = state(
      group("Readers", ["Reader"]),
      group("New", []),
      person(ANA),
      listed("Readers", ANA),
      listed("New", ANA),
    );
    expect(part(want, `Membership/new/${ANA}`)).toEqual(["missing-reference"]);
  });
});

describe("somebody who takes the name of a person who is yet to come", () => {
  const bosses = group("Bosses", ["Boss"]);
  const live = state(bosses, person(BO, { id: "1" }), person(CHEN, { id: "9" }), listed("Bosses", CHEN));
  const base = state(bosses, person(ANA), person(CHEN), listed("Bosses", CHEN));
  const both = state(bosses, person(ANA), person(BO), person(CHEN), listed("Bosses", CHEN), listed("Bosses", BO));
  const judge = (want: State, known: readonly (readonly [string, string])[], id?: string) => {
    const place = { file: "policies/identities/a.yaml", line: 1, column: 1 };
    const seen: Acknowledgement = { target: "acme", member: BO, id: id ?? "", reason: "", approver: CHEN, place };
    return planFor(
      { base, want, live },
      {
        identities: new Map(known),
        governance: { ...NO_GOVERNANCE, acknowledgements: id === undefined ? [] : [seen] },
      },
    ).plan;
  };
  const into = ({ changes }: Plan) => changes.find(({ key }) => key === `Membership/bosses/${BO}`)?.blockedBy;

  it("is not given what is that person's", () => {
    const result = judge(both, [[ANA, "1"]]);
    expect(errors(result)).toEqual(["identity-changed"]);
    expect(into(result)).toEqual(["identity-changed"]);
    // Nor where Git has forgotten them meanwhile.
    const one = state(bosses, person(BO), person(CHEN), listed("Bosses", CHEN), listed("Bosses", BO));
    expect(into(judge(one, [[ANA, "1"]]))).toEqual(["identity-changed"]);
  });

  it("unless that is who they are", () => {
    expect(errors(judge(both, [[ANA, "1"]], "1"))).toEqual([]);
    expect(
      errors(
        judge(both, [
          [ANA, "1"],
          [BO, "1"],
        ]),
      ),
    ).toEqual([]);
    const renamed = state(
      bosses,
      person(BO, { previously: ANA }),
      person(CHEN),
      listed("Bosses", CHEN),
      listed("Bosses", BO),
    );
    expect(errors(judge(renamed, [[ANA, "1"]]))).toEqual([]);
  });
});
