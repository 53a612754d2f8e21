// What guardrails say of people one by one: which grants of whom are forbidden, allowed by an exception, or were allowed until it
// ended; and that nobody is left out whom a plan's findings would name.
import { describe, expect, test } from "vitest";
import type { Guardrail, Rule } from "../../../src/model/guardrail.ts";
import { judgePeople } from "../../../src/plan/guardrails/people.ts";
import type { PersonJudgement } from "../../../src/plan/review/input.ts";
import {
  ATOMIC,
  ATOMYX,
  desired,
  exception,
  guardrail,
  KEYSTONE,
  NOW,
  type World,
  withFacts,
  worldOf,
} from "./worlds.ts";

/** `breach chen: Card template in dev, ...`, sorted; each word of a person's judgement a line. */
function said({ platform, target, declared }: World, ...guardrails: readonly Guardrail[]): string[] {
  const view = platform.access(declared);
  const judging = { guardrails, target, platform, declared, now: NOW };
  const { people, findings } = judgePeople(judging, { state: declared, view, live: true });
  expect(findings).toEqual([]);
  const line = (
    member: string,
    word: string,
    { touches }: PersonJudgement["breaches"][number] | { touches: PersonJudgement["breaches"][number]["touches"] },
  ) => {
    const touched = view.grantsOf(member).filter(touches);
    return `${word} ${member.replace(/@.*/, "")}: ${touched.map(({ resource, scope }) => `${resource} in ${scope}`).join(", ")}`;
  };
  return [...people]
    .flatMap(([member, { breaches, exceptions, ended }]) => [
      ...breaches.map((one) => line(member, "breach", one)),
      ...exceptions.map((one) => line(member, `exception until ${one.exception.until}`, one)),
      ...ended.map((one) => line(member, `ended ${one.exception.until}`, one)),
    ])
    .sort();
}

const atomic = worldOf("atomic", ATOMIC);
const duties: Rule = {
  rule: "separation-of-duties",
  with: {
    first: [{ resource: "Card template", level: "edit" }],
    second: [{ resource: "Override card approval" }],
    in: "one-scope",
  },
};

describe("which grants are meant", () => {
  test("both sides of what is kept apart, and nothing else that they hold", () => {
    expect(said(atomic, guardrail(duties))).toEqual([
      "breach ana: Card template in dev, Card template in production, Card template in staging, Card template in test, Override card approval in dev, Override card approval in production, Override card approval in staging, Override card approval in test",
      "breach chen: Card template in dev, Override card approval in dev",
    ]);
  });

  test("what is held through another group than it may be", () => {
    const rule: Rule = {
      rule: "permission-holders",
      with: { permissions: [{ resource: "Card template", level: "admin" }], through: ["Owner"] },
    };
    expect(said(atomic, guardrail(rule))).toEqual([
      "breach ana: Card template in production, Card template in test",
      "breach bo: Card template in production, Card template in test",
      "breach info: Card template in production, Card template in test",
    ]);
  });

  test("what comes through the membership that gives no reason", () => {
    const rule: Rule = {
      rule: "reason-required",
      with: { permissions: [{ resource: "Card template", scopes: ["production", "dev"] }] },
    };
    expect(said(atomic, guardrail(rule)).filter((line) => !line.includes("ana"))).toEqual([
      "breach bo: Card template in dev",
      "breach bo: Card template in production",
      "breach chen: Card template in dev",
      "breach info: Card template in production",
    ]);
  });

  test("everything of whoever should not be there, and what is asked about of whoever has no second factor", () => {
    const foreign = said(
      atomic,
      guardrail({ rule: "address-domain", with: { domains: ["acme.example", "*.acme.example"] } }),
    );
    expect(foreign).toEqual(["breach eve: Audit log in organization"]);
    const factors = {
      ...atomic,
      declared: withFacts(atomic.declared, { "chen@eu.acme.example": { multiFactor: false } }),
    };
    const rule: Rule = { rule: "multi-factor", with: { permissions: [{ resource: "Override card approval" }] } };
    expect(said(factors, guardrail(rule))).toEqual([
      "breach chen: Override card approval in dev, Override card approval in production",
    ]);
  });

  test("the one grant that an expression denies", () => {
    const rule: Rule = { rule: "cel", with: { for: "grant", deny: "grant.scope == 'organization'" } };
    const lines = said(worldOf("keystone", KEYSTONE), guardrail(rule));
    expect(lines).toContain("breach dee: admin in organization");
    expect(lines.every((line) => !line.includes(","))).toBe(true);
  });

  test("nothing of what is about groups or other things", () => {
    const vault = worldOf("atomyx", ATOMYX);
    expect(
      said(vault, guardrail({ rule: "group-owner" }), guardrail({ rule: "reviewed-within", with: { days: 1 } })),
    ).toEqual([]);
    expect(desired(vault, [guardrail({ rule: "group-owner" })])).not.toEqual([]);
  });
});

describe("exceptions", () => {
  test("of a member allow all that is forbidden of them", () => {
    const except = [exception({ member: "chen@eu.acme.example" })];
    expect(said(atomic, guardrail(duties, { except })).filter((line) => line.includes("chen"))).toEqual([
      "exception until 2027-01-31 chen: Card template in dev, Override card approval in dev",
    ]);
  });

  test("of a group allow what comes through it, and leave the rest", () => {
    const rule: Rule = { rule: "permission-holders", with: { permissions: [{ level: "admin" }], through: "nobody" } };
    const except = [exception({ group: "Approvers" })];
    const lines = said(atomic, guardrail(rule, { except })).filter((line) => line.includes("chen"));
    expect(lines).toEqual([
      "exception until 2027-01-31 chen: Override card approval in dev, Override card approval in production",
    ]);
  });

  test("that ended forbid again, and say when they ended", () => {
    const except = [exception({ member: "chen@eu.acme.example", until: "2026-11-21" })];
    expect(said(atomic, guardrail(duties, { except })).filter((line) => line.includes("chen"))).toEqual([
      "breach chen: Card template in dev, Override card approval in dev",
      "ended 2026-11-21 chen: Card template in dev, Override card approval in dev",
    ]);
  });

  test("of one among too many are told of them alone, and who is one too many of nobody", () => {
    const rule: Rule = {
      rule: "holder-count",
      with: { permissions: [{ resource: "Card template", level: "admin" }], most: 1 },
    };
    const except = [exception({ member: "bo@acme.example" })];
    expect(said(atomic, guardrail(rule, { except }))).toEqual([
      "exception until 2027-01-31 bo: Card template in production, Card template in test",
    ]);
  });
});

test("whoever the findings name has a breach, rule by rule", () => {
  const rules: readonly Rule[] = [
    duties,
    { rule: "environment-separation", with: { one: { scopes: ["dev"] }, other: { scopes: ["production"] } } },
    { rule: "escalation-holders", with: { through: [] } },
    { rule: "time-limit", with: { permissions: [{ level: "edit" }], days: 3 } },
    { rule: "shared-account", with: { patterns: ["info@*", "*robot*"] } },
    { rule: "cel", with: { for: "member", deny: "member.email.startsWith('a')" } },
  ];
  for (const rule of rules) {
    const named = new Set(
      desired(atomic, [guardrail(rule)]).map(({ message }) => /[\w.]+(?=@)/.exec(message)?.[0]?.toLowerCase()),
    );
    const judged = new Set(said(atomic, guardrail(rule)).map((line) => /breach (\w+)/.exec(line)?.[1]));
    expect([...judged].sort(), rule.rule).toEqual([...named].sort());
  }
});
