// What CEL guardrails say of members, grants, groups, roles, changes and plans, on both platforms.

import { describe, expect, test } from "vitest";
import type { CelSubject } from "../../../src/model/guardrail.ts";
import type { Ground } from "../../../src/plan/guardrails/ground.ts";
import { neverDenies } from "../../../src/plan/guardrails/rule-cel.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import {
  atomicGround,
  atomicState,
  checkExpression,
  denied,
  groundOf,
  guardrailOf,
  judge,
  keystoneGround,
  NOW,
  reporting,
} from "../../support/cel.ts";
import { openTarget } from "../../support/organization.ts";
import { planFor } from "../../support/plan.ts";

const ANA = "member ana@acme.example";
const BO = "member bo@other.example";
const CHEN = "member chen@acme.example";

const MEMBERS: readonly (readonly [expression: string, denied: readonly string[]])[] = [
  ["!member.email.endsWith('@acme.example')", [BO]],
  ["member.name == 'ana@acme.example' && member.firstName == 'Ana' && member.lastName == 'Li'", [ANA]],
  ["member.firstName == ''", [BO, CHEN]],
  ["'Keepers' in member.groups && 'Creators' in member.groups", [ANA]],
  ["size(member.groups) == 0", [CHEN]],
  ["member.groups == ['Creators', 'Keepers']", [ANA]],
  ["member.ownerEquivalent && size(member.grants) > 0", [ANA]],
  ["member.grants.exists(g, g.resource == 'Card template' && g.level == 'edit')", [ANA, BO]],
  ["member.memberships.exists(m, m.reason == '')", [ANA]],
  ["member.memberships.exists(m, m.until == '2027-01-31' && m.reason == 'Contract C-102')", [BO]],
  ["member.memberships.exists(m, has(m.ends) && m.ends > timestamp('2027-01-31T23:59:59Z'))", [BO]],
  ["member.memberships.exists(m, has(m.ends) && m.ends - today > duration('1704h'))", []],
  ["member.memberships.exists_one(m, m.group == 'Creators')", [ANA, BO]],
  ["member.name.matches('^[a-z]+@acme[.]example$')", [ANA, CHEN]],
  ["member.status == 'invited' || target == 'other'", []],
  ["'firstName' in member.attributes && member.attributes.firstName == 'Ana'", [ANA]],
  [
    "today.getFullYear() == 2026 && today.getMonth() == 10 && today.getDate() == 22 && target == 'acme'",
    [ANA, BO, CHEN],
  ],
  ["cel.bind(n, size(member.groups), n > 0 && n < 2)", [BO]],
  ["true", [ANA, BO, CHEN]],
  ["false", []],
];

describe("a rule for members", () => {
  test.each(MEMBERS)("%s", (expression, expected) => {
    expect(denied("member", expression, atomicGround)).toEqual(expected);
  });

  test("names the line that declares the person, and stands for them in messages", () => {
    const { violations } = judge("member", "member.firstName == 'Ana'", atomicGround);
    expect(violations).toEqual([
      {
        subject: ANA,
        member: "ana@acme.example",
        text: "ana@acme.example is what the rule denies: member.firstName == 'Ana'",
        values: { member: "ana@acme.example" },
        place: { file: "access.yaml", line: 25, column: 1 },
      },
    ]);
  });

  test("what a platform has of its own is among the attributes", () => {
    expect(denied("member", "'description' in member.attributes", keystoneGround)).toEqual(["member bo"]);
    expect(denied("member", "member.email == ''", keystoneGround)).toEqual(["member bo"]);
    expect(denied("member", "member.ownerEquivalent", keystoneGround)).toEqual(["member ana"]);
  });
});

describe("what only the platform reports", () => {
  const state = reporting(atomicState, {
    "ana@acme.example": { multiFactor: true, lastActive: "2026-11-20T00:00:00Z" },
    "bo@other.example": { multiFactor: false, lastActive: null },
  });
  const live = groundOf(state, atomic, openTarget(), { live: true });
  const dormant = "has(member.lastActive) && today - member.lastActive > duration('720h')";

  test("is there for whom it is reported", () => {
    expect(denied("member", "has(member.multiFactor) && !member.multiFactor", live)).toEqual([BO]);
    expect(denied("member", "!has(member.multiFactor)", live)).toEqual([CHEN]);
    expect(denied("member", dormant, live)).toEqual([BO]);
  });

  test("is left open by files: neither so nor not so", () => {
    for (const rule of ["has(member.multiFactor)", "!has(member.multiFactor)", "!member.multiFactor", dormant])
      expect(denied("member", rule, groundOf(state, atomic, openTarget()))).toEqual([]);
    expect(denied("member", "!member.multiFactor || true", groundOf(state, atomic, openTarget()))).toHaveLength(3);
  });

  test("asked without has() of somebody it is not reported of, is a problem, told once", () => {
    const { violations, problems } = judge("member", "!member.multiFactor", live);
    expect(violations.map(({ subject }) => subject)).toEqual([BO]);
    expect(problems).toEqual([
      {
        message: "`multiFactor` is not known of everyone, asked of member chen@acme.example",
        hint: "Ask has(x.multiFactor) first.",
        offset: 8,
      },
    ]);
  });
});

describe("a rule for grants", () => {
  const production = "grant ana@acme.example Card template production";

  test("is asked of what everyone holds, where and how", () => {
    const rule = "grant.resource == 'Card template' && grant.level == 'edit' && grant.scope == 'production'";
    expect(denied("grant", rule, atomicGround)).toEqual([production, production.replace("ana@acme", "bo@other")]);
    expect(denied("grant", `${rule} && 'Keepers' in grant.groups`, atomicGround)).toEqual([production]);
    expect(denied("grant", `${rule} && grant.roles == ['Keeper']`, atomicGround)).toEqual([]);
    expect(denied("grant", "grant.direct", atomicGround)).toEqual([]);
    expect(denied("grant", "grant.direct", keystoneGround)).toContain("grant bo member production");
  });

  test("may ask whose it is, and is answered for each", () => {
    const rule =
      "grant.scope == 'production' && grant.resource == 'Card template' && !member.email.endsWith('@acme.example')";
    const { violations, problems } = judge("grant", rule, atomicGround);
    expect(problems).toEqual([]);
    expect(violations).toEqual([
      {
        subject: "grant bo@other.example Card template production",
        degree: 1,
        member: "bo@other.example",
        cell: "Card template\nproduction",
        group: "creators",
        text: "bo@other.example holds Card template edit in production (Creators / Card editor), which the rule denies",
        values: {
          member: "bo@other.example",
          group: "Creators",
          role: "Card editor",
          permission: "Card template edit",
          scope: "production",
        },
        place: { file: "access.yaml", line: 45, column: 5 },
      },
    ]);
  });

  test("answers as when asked of each pair, whatever stands on which side", () => {
    const parts = [
      "grant.level == 'edit'",
      "member.email.startsWith('bo')",
      "1 / size(member.firstName) == 0",
      "grant.direct",
    ];
    for (const left of parts)
      for (const right of parts)
        for (const operator of ["&&", "||"]) {
          // A conditional is strict, so that nothing is answered without the member.
          const whole = `${left} ${operator} ${right}`;
          const lazy = judge("grant", whole, atomicGround);
          const each = judge("grant", `member.name == '' ? false : (${whole})`, atomicGround);
          expect(lazy.violations).toEqual(each.violations);
          expect(lazy.problems.map(({ message }) => message)).toEqual(each.problems.map(({ message }) => message));
        }
  });

  test("excepts by group only where nothing else gives the same", () => {
    const { violations } = judge(
      "grant",
      "grant.scope == 'production' && grant.resource == 'Card template'",
      atomicGround,
    );
    expect(violations.map(({ group }) => group)).toEqual([undefined, "creators"]);
  });

  test("points at the member where no group gives it", () => {
    const [violation] = judge("grant", "grant.direct", keystoneGround).violations;
    expect(violation?.text).toContain("bo holds member granted in production (directly");
    expect(violation).not.toHaveProperty("group");
    expect(violation?.place).toEqual({ file: "access.yaml", line: 17, column: 1 });
  });
});

describe("a rule for groups", () => {
  test.each([
    ["size(group.owners) == 0", ["group creators"]],
    ["group.owners == ['ana@acme.example']", ["group keepers"]],
    ["group.description == ''", ["group creators"]],
    ["'Keeper' in group.roles && size(group.roles) == 2", ["group keepers"]],
    ["size(group.members) > 1 && 'bo@other.example' in group.members", ["group creators"]],
    ["group.membersMode == 'exclusive'", ["group creators"]],
    ["group.membersMode == 'additive'", ["group keepers"]],
    ["group.attributes.environments == 'all'", ["group keepers"]],
    ["group.name.lowerAscii() == 'nobody'", []],
  ])("%s", (expression, expected) => {
    expect(denied("group", expression, atomicGround)).toEqual(expected);
  });

  test("roles are those that composite attributes name, too", () => {
    expect(denied("group", "group.roles == ['admin', 'auditor']", keystoneGround)).toEqual(["group ops"]);
  });

  test("is about the group", () => {
    expect(judge("group", "group.name == 'Keepers'", atomicGround).violations).toEqual([
      {
        subject: "group keepers",
        group: "keepers",
        text: "The group Keepers is what the rule denies: group.name == 'Keepers'",
        values: { group: "Keepers" },
        place: { file: "access.yaml", line: 18, column: 1 },
      },
    ]);
  });
});

describe("a rule for roles", () => {
  test.each([
    ["role.permissions.exists(p, role.permissions[p] == 'edit')", ["role card editor"]],
    ["'Role' in role.permissions && role.permissions['Role'] == 'admin'", ["role keeper"]],
    ["role.description == 'Edits cards' && role.name == 'Card editor'", ["role card editor"]],
    ["size(role.permissions) > 1", []],
  ])("%s", (expression, expected) => {
    expect(denied("role", expression, atomicGround)).toEqual(expected);
  });

  test("on a platform whose roles hold no permissions there are none", () => {
    expect(denied("role", "size(role.permissions) > 0", keystoneGround)).toEqual([]);
    expect(denied("role", "'reader' in role.attributes.implies", keystoneGround)).toEqual([
      "role auditor",
      "role member",
    ]);
  });

  test("stands for the role in messages", () => {
    const [violation] = judge("role", "role.name == 'Keeper'", atomicGround).violations;
    expect(violation?.values).toEqual({ role: "Keeper" });
  });
});

describe("rules for changes and plans", () => {
  const live = groundOf(atomicState, atomic, openTarget()).state;
  const before = new Map([...live].filter(([section]) => section !== "Membership/creators"));
  const { plan } = planFor({ base: before, want: live, live: before }, { now: NOW });
  const ground: Ground = { ...atomicGround, plan };
  const gains = [
    "change create Membership/creators/ana@acme.example",
    "change create Membership/creators/bo@other.example",
  ];

  test.each<readonly [CelSubject, string, readonly string[]]>([
    [
      "change",
      "change.action == 'create' && change.kind == 'Membership' && change.effect == 'escalates'",
      gains.slice(1),
    ],
    ["change", "change.group == 'Creators' && change.origin == 'policy'", gains],
    ["change", "change.member == 'bo@other.example' && change.name == 'bo@other.example in Creators'", gains.slice(1)],
    ["change", "size(change.before) == 0 && 'until' in change.after", gains.slice(1)],
    ["change", "change.key.startsWith('Role/')", []],
    ["plan", "plan.creates == 2 && plan.updates == 0 && plan.deletes == 0", ["plan"]],
    ["plan", "plan.gaining == 1 && plan.losing == 0 && plan.effect == 'escalates'", ["plan"]],
    ["plan", "plan.changes.all(c, c.kind == 'Membership')", ["plan"]],
    ["plan", "size(plan.changes) > 2", []],
  ])("for %s: %s", (subject, expression, expected) => {
    expect(denied(subject, expression, ground)).toEqual(expected);
  });

  test("say nothing of a state by itself", () => {
    expect(denied("change", "true", atomicGround)).toEqual([]);
    expect(denied("plan", "true", atomicGround)).toEqual([]);
  });

  test("a change is about whom it concerns, where it is declared", () => {
    const [violation] = judge("change", "change.member.startsWith('bo')", ground).violations;
    expect(violation).toMatchObject({
      member: "bo@other.example",
      group: "creators",
      text: `The change "create Membership bo@other.example in Creators" is what the rule denies: change.member.startsWith('bo')`,
      values: { member: "bo@other.example", group: "Creators" },
      place: { file: "access.yaml", line: 45 },
    });
  });
});

test("a rule that looks at nothing and denies nothing is known for one", () => {
  const never = (deny: string) => neverDenies(guardrailOf("member", deny));
  expect(["false", "1 > 2", "[1, 2].exists(x, x == 3)"].every(never)).toBe(true);
  expect(["true", "member.name == ''", "target == ''", "today > today", "nonsense(", "1 / 0 > 1"].some(never)).toBe(
    false,
  );
});

test("the examples of the README are right", () => {
  for (const [subject, rule] of [
    ["member", "!member.email.endsWith('@acme.example') && member.grants.exists(g, g.scope == 'production')"],
    ["grant", "grant.scope == 'production' && grant.level == 'admin' && !('On call' in grant.groups)"],
    ["group", "size(group.owners) < 2 && size(group.members) > 20"],
    ["role", "role.permissions.exists(p, role.permissions[p] == 'admin') && role.description == ''"],
    ["plan", "plan.losing > 10 && today.getDayOfWeek() in [0, 5, 6]"],
  ] as const)
    expect(checkExpression(subject, rule)).toEqual([]);
});
