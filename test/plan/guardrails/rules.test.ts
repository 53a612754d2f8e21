// Every built-in rule over both platforms: one line a case, what it is asked and what it says. The number before each
// sentence is the line of the world's files that causes it.
import { describe, expect, test } from "vitest";
import type { Rule } from "../../../src/model/guardrail.ts";
import { ATOMIC, desired, guardrail, KEYSTONE, lines, worldOf } from "./worlds.ts";

type Case = readonly [about: string, rule: Rule, said: readonly string[]];

const atomicCases: readonly Case[] = [
  [
    "separation of duties: in any scope, by default",
    {
      rule: "separation-of-duties",
      with: { first: [{ resource: "Card template", level: "edit" }], second: [{ resource: "Override card approval" }] },
    },
    [
      "68 ana@acme.example holds Card template admin in dev through Owner and Override card approval admin in dev through Approvers",
      "52 chen@eu.acme.example holds Card template edit in dev through Developers and Override card approval admin in dev through Approvers",
    ],
  ],
  [
    "separation of duties: in one scope only",
    {
      rule: "separation-of-duties",
      with: {
        first: [{ resource: "card TEMPLATE", level: "edit" }],
        second: [{ resource: "Override card approval" }],
        in: "one-scope",
      },
    },
    [
      "68 ana@acme.example holds Card template admin in dev through Owner and Override card approval admin in dev through Approvers (likewise in production, staging, test)",
      "52 chen@eu.acme.example holds Card template edit in dev through Developers and Override card approval admin in dev through Approvers",
    ],
  ],
  [
    "separation of duties: of any of several, above a level",
    {
      rule: "separation-of-duties",
      with: {
        first: [{ resource: "Card template", level: "admin", scopes: ["Production"] }, { resource: "Activity log" }],
        second: [
          { resource: "Override card approval", level: "admin" },
          { resource: "Audit log", level: "admin" },
        ],
        in: "any-scope",
      },
    },
    [
      "68 ana@acme.example holds Card template admin in production through Owner and Override card approval admin in dev through Approvers",
      "60 eve@partner.example holds Audit log admin organization-wide through Chief auditors and Audit log admin organization-wide through Chief auditors",
    ],
  ],
  [
    "separation of duties: owners and anything in an environment",
    { rule: "separation-of-duties", with: { first: [{ ownerEquivalent: true }], second: [{ scopes: ["test"] }] } },
    [
      "68 ana@acme.example holds Role edit organization-wide through Owner and API authentication controls edit in test through Owner",
    ],
  ],
  [
    "separation of duties: nobody holds both",
    {
      rule: "separation-of-duties",
      with: { first: [{ resource: "Audit log" }], second: [{ resource: "Card template" }], in: "one-scope" },
    },
    [],
  ],
  [
    "permission holders: through a group that is named, and path by path",
    {
      rule: "permission-holders",
      with: { permissions: [{ resource: "Card template", level: "admin" }], through: ["publishers"] },
    },
    ["68 ana@acme.example holds Card template admin in dev through Owner (and 3 more like it), not through publishers"],
  ],
  [
    "permission holders: a path that gives less than is asked for does not count",
    {
      rule: "permission-holders",
      with: { permissions: [{ resource: "Card template", level: "admin" }], through: ["Developers", "Owner"] },
    },
    [
      "40 ana@acme.example holds Card template admin in production through Publishers (and 1 more like it), not through any of Developers, Owner",
      "41 bo@acme.example holds Card template admin in production through Publishers (and 1 more like it), not through any of Developers, Owner",
      "42 Info@acme.example holds Card template admin in production through Publishers (and 1 more like it), not through any of Developers, Owner",
    ],
  ],
  [
    "permission holders: nobody, in some scopes",
    {
      rule: "permission-holders",
      with: { permissions: [{ resource: "Card template", scopes: ["dev"] }], through: "nobody" },
    },
    [
      "68 ana@acme.example holds Card template admin in dev through Owner, which nobody may",
      "52 bo@acme.example holds Card template edit in dev through Developers, which nobody may",
      "52 chen@eu.acme.example holds Card template edit in dev through Developers, which nobody may",
    ],
  ],
  [
    "permission holders: nobody at all holds it",
    {
      rule: "permission-holders",
      with: { permissions: [{ resource: "Theme", scopes: ["organization"] }], through: "nobody" },
    },
    [],
  ],
  [
    "permission holders: through any group, which is all there is",
    { rule: "permission-holders", with: { permissions: [{}], through: "any-group" } },
    [],
  ],
  [
    "permission holders: a level that the resource does not offer means the next above",
    {
      rule: "permission-holders",
      with: { permissions: [{ resource: "Audit log", level: "edit" }], through: "nobody" },
    },
    ["60 eve@partner.example holds Audit log admin organization-wide through Chief auditors, which nobody may"],
  ],
  [
    "permission holders: owners, by what makes them owners",
    { rule: "permission-holders", with: { permissions: [{ ownerEquivalent: true }], through: ["Owner"] } },
    [
      "64 dee@acme.example holds Workbench member group assignment edit organization-wide through Staff, not through Owner",
    ],
  ],
  [
    "permission holders: of owners only, what is asked for besides",
    {
      rule: "permission-holders",
      with: {
        permissions: [{ resource: "Card template", scopes: ["test"], ownerEquivalent: true }],
        through: ["Owner"],
      },
    },
    ["40 ana@acme.example holds Card template admin in test through Publishers, not through Owner"],
  ],
  [
    "escalation: through a group that is named",
    { rule: "escalation-holders", with: { through: ["Owner"] } },
    [
      "64 dee@acme.example could take any permission by Workbench member group assignment edit organization-wide through Staff, not through Owner",
    ],
  ],
  ["escalation: through all that there are", { rule: "escalation-holders", with: { through: ["owner", "staff"] } }, []],
  [
    "holder count: too few",
    { rule: "holder-count", with: { permissions: [{ ownerEquivalent: true }], least: 3 } },
    [
      "guardrails/g.yaml:1 only 2 people hold owner-equivalent access (ana@acme.example, dee@acme.example); there must be at least 3",
    ],
  ],
  [
    "holder count: nobody",
    { rule: "holder-count", with: { permissions: [{ resource: "Theme", scopes: ["organization"] }], least: 1 } },
    ["guardrails/g.yaml:1 nobody holds Theme in organization; there must be at least 1"],
  ],
  [
    "holder count: too many",
    {
      rule: "holder-count",
      with: { permissions: [{ resource: "Card template", level: "edit", scopes: ["production", "dev"] }], most: 1 },
    },
    [
      "guardrails/g.yaml:1 4 people hold Card template edit in production, dev (Info@acme.example, ana@acme.example, bo@acme.example, chen@eu.acme.example); there may be at most 1",
    ],
  ],
  [
    "holder count: within both bounds",
    { rule: "holder-count", with: { permissions: [{ ownerEquivalent: true }], least: 2, most: 2 } },
    [],
  ],
  [
    "environments: anything in the one and anything in the other",
    {
      rule: "environment-separation",
      with: { one: { scopes: ["dev"] }, other: { scopes: ["production", "staging"] } },
    },
    [
      "68 ana@acme.example holds API authentication controls edit in dev through Owner and API authentication controls edit in production through Owner",
      "52 bo@acme.example holds Card template edit in dev through Developers and Card template admin in production through Publishers",
      "52 chen@eu.acme.example holds Card template edit in dev through Developers and Override card approval admin in production through Approvers",
    ],
  ],
  [
    "environments: one permission and another",
    {
      rule: "environment-separation",
      with: {
        one: { scopes: ["dev"], permissions: [{ resource: "Card template", level: "edit" }] },
        other: { scopes: ["production"], permissions: [{ resource: "Override card approval" }] },
      },
    },
    [
      "68 ana@acme.example holds Card template admin in dev through Owner and Override card approval admin in production through Approvers",
      "52 chen@eu.acme.example holds Card template edit in dev through Developers and Override card approval admin in production through Approvers",
    ],
  ],
  [
    "environments: a permission with scopes of its own counts where both are",
    {
      rule: "environment-separation",
      with: {
        one: { scopes: ["dev"], permissions: [{ resource: "Card template", scopes: ["test"] }] },
        other: { scopes: ["production"] },
      },
    },
    [],
  ],
  [
    "time limit: any end will do",
    { rule: "time-limit", with: { permissions: [{ resource: "Card template", level: "admin" }] } },
    [
      "68 ana@acme.example is in Owner, which gives Card template admin in dev, without an end",
      "42 Info@acme.example is in Publishers, which gives Card template admin in production, without an end",
    ],
  ],
  [
    "time limit: within so many days, the last one included",
    {
      rule: "time-limit",
      with: {
        permissions: [{ resource: "Card template", level: "admin" }, { resource: "Override card approval" }],
        days: 14,
      },
    },
    [
      "47 ana@acme.example is in Approvers, which gives Override card approval admin in dev, without an end",
      "68 ana@acme.example is in Owner, which gives Card template admin in dev, without an end",
      "41 bo@acme.example is in Publishers, which gives Card template admin in production, until 2026-12-07, which is later than 2026-12-06 (14 days from now)",
      "42 Info@acme.example is in Publishers, which gives Card template admin in production, without an end",
    ],
  ],
  [
    "time limit: of owners",
    {
      rule: "time-limit",
      with: { permissions: [{ resource: "Card template", scopes: ["test"], ownerEquivalent: true }] },
    },
    ["68 ana@acme.example is in Owner, which gives Card template admin in test, without an end"],
  ],
  [
    "time limit: nobody is in a group that gives it",
    { rule: "time-limit", with: { permissions: [{ resource: "Theme", scopes: ["organization"] }] } },
    [],
  ],
  [
    "reason: of any membership",
    { rule: "reason-required" },
    [
      "47 ana@acme.example is in Approvers without a reason",
      "68 ana@acme.example is in Owner without a reason",
      "52 bo@acme.example is in Developers without a reason",
      "41 bo@acme.example is in Publishers without a reason",
      "52 chen@eu.acme.example is in Developers without a reason",
      "64 dee@acme.example is in Staff without a reason",
      "56 eve@partner.example is in Auditor without a reason",
      "60 eve@partner.example is in Chief auditors without a reason",
      "42 Info@acme.example is in Publishers without a reason",
    ],
  ],
  [
    "reason: of those that give something",
    { rule: "reason-required", with: { permissions: [{ resource: "Card template", scopes: ["test"] }] } },
    [
      "68 ana@acme.example is in Owner, which gives Card template admin in test, without a reason",
      "41 bo@acme.example is in Publishers, which gives Card template admin in test, without a reason",
      "42 Info@acme.example is in Publishers, which gives Card template admin in test, without a reason",
    ],
  ],
  [
    "shared accounts: by patterns of addresses",
    { rule: "shared-account", with: { patterns: ["noreply*", "info@*", "*.eu.*"] } },
    ['35 Info@acme.example looks like nobody\'s own account: it fits "info@*"'],
  ],
  [
    "shared accounts: a pattern means the whole text, and its other signs themselves",
    { rule: "shared-account", with: { patterns: ["info", "a.a@acme.example", "(", "[a-z]*"] } },
    [],
  ],
  [
    "domains: outside the only one",
    { rule: "address-domain", with: { domains: ["ACME.example"] } },
    [
      "29 chen@eu.acme.example has an address outside ACME.example",
      "33 eve@partner.example has an address outside ACME.example",
    ],
  ],
  [
    "domains: those below one are not that one",
    { rule: "address-domain", with: { domains: ["*.acme.example", "partner.example"] } },
    [
      "25 ana@acme.example has an address outside *.acme.example, partner.example",
      "27 bo@acme.example has an address outside *.acme.example, partner.example",
      "31 dee@acme.example has an address outside *.acme.example, partner.example",
      "35 Info@acme.example has an address outside *.acme.example, partner.example",
    ],
  ],
  ["second factors are nothing that files know", { rule: "multi-factor" }, []],
  ["activity is nothing that files know", { rule: "dormant-member", with: { days: 1 } }, []],
  [
    "group names: after their only role",
    { rule: "role-group-name" },
    [
      "15 group Approvers carries one role, Approver, and is not named after it",
      "21 group Chief auditors carries one role, Chief auditor, and is not named after it",
      "17 group Developers carries one role, Template editor, and is not named after it",
      "23 group Staff carries one role, Manager, and is not named after it",
    ],
  ],
  [
    "group owners: what the platform comes with is nobody's",
    { rule: "group-owner" },
    ["15 group Approvers names no owner", "17 group Developers names no owner"],
  ],
];

const keystoneCases: readonly Case[] = [
  [
    "separation of duties: in any scope",
    { rule: "separation-of-duties", with: { first: [{ resource: "operator" }], second: [{ resource: "auditor" }] } },
    [
      "27 ana holds operator in dev through operator and auditor in production through auditing",
      "35 bo holds operator in production directly and auditor in production through auditing",
      "31 robot holds operator in dev through Operator and auditor in production through auditing",
    ],
  ],
  [
    "separation of duties: in one scope, directly and by implication; nobody disabled",
    {
      rule: "separation-of-duties",
      with: { first: [{ resource: "viewer" }], second: [{ resource: "auditor" }], in: "one-scope" },
    },
    [
      "35 bo holds viewer in production directly and auditor in production through auditing",
      "31 robot holds viewer in production through Operator and auditor in production through auditing",
    ],
  ],
  [
    "separation of duties: names differ by case",
    { rule: "separation-of-duties", with: { first: [{ resource: "Operator" }], second: [{ resource: "auditor" }] } },
    [],
  ],
  [
    "permission holders: never directly",
    {
      rule: "permission-holders",
      with: { permissions: [{ resource: "operator" }, { resource: "auditor" }], through: "any-group" },
    },
    ["17 bo holds operator in production directly, not through a group"],
  ],
  [
    "permission holders: nobody, in a project",
    {
      rule: "permission-holders",
      with: { permissions: [{ resource: "operator", level: "granted", scopes: ["production"] }], through: "nobody" },
    },
    [
      "17 bo holds operator in production directly, which nobody may",
      "31 robot holds operator in production through Operator, which nobody may",
    ],
  ],
  [
    "permission holders: through groups that are named",
    { rule: "permission-holders", with: { permissions: [{ resource: "operator" }], through: ["operator"] } },
    [
      "17 bo holds operator in production directly, not through operator",
      "31 robot holds operator in dev through Operator (and 1 more like it), not through operator",
    ],
  ],
  [
    "permission holders: a level that there is not fits nothing",
    { rule: "permission-holders", with: { permissions: [{ level: "edit" }], through: "nobody" } },
    [],
  ],
  [
    "escalation: through a group that is named",
    { rule: "escalation-holders", with: { through: ["admins"] } },
    ["21 dee could take any permission by admin organization-wide directly, not through admins"],
  ],
  [
    "holder count: by groups and directly, nobody twice",
    { rule: "holder-count", with: { permissions: [{ resource: "operator" }, { resource: "viewer" }], most: 2 } },
    ["guardrails/g.yaml:1 3 people hold operator or viewer (ana, bo, robot); there may be at most 2"],
  ],
  [
    "holder count: owners, enough of them",
    { rule: "holder-count", with: { permissions: [{ ownerEquivalent: true }], least: 2 } },
    [],
  ],
  [
    "projects: anything in the one and anything in the other",
    { rule: "environment-separation", with: { one: { scopes: ["dev"] }, other: { scopes: ["production"] } } },
    [
      "27 ana holds operator in dev through operator and auditor in production through auditing",
      "31 robot holds operator in dev through Operator and auditor in production through auditing",
    ],
  ],
  [
    "projects: the domain itself is the organization",
    {
      rule: "environment-separation",
      with: {
        one: { scopes: ["organization"], permissions: [{ resource: "admin" }] },
        other: { scopes: ["production"] },
      },
    },
    ["39 ana holds admin organization-wide through admins and auditor in production through auditing"],
  ],
  [
    "time limit: what is held directly has no end",
    { rule: "time-limit", with: { permissions: [{ resource: "operator", scopes: ["production"] }] } },
    ["17 bo holds operator in production directly, which has no end"],
  ],
  [
    "time limit: within so many days",
    { rule: "time-limit", with: { permissions: [{ resource: "operator" }, { ownerEquivalent: true }], days: 69 } },
    [
      "27 ana is in operator, which gives operator in dev, without an end",
      "17 bo holds operator in production directly, which has no end",
      "21 dee holds admin organization-wide directly, which has no end",
      "31 robot is in Operator, which gives operator in dev, until 2027-01-31, which is later than 2027-01-30 (69 days from now)",
    ],
  ],
  [
    "reason: of what is held directly there can be none",
    { rule: "reason-required", with: { permissions: [{ resource: "auditor" }, { ownerEquivalent: true }] } },
    [
      "35 ana is in auditing, which gives auditor in production, without a reason",
      "35 bo is in auditing, which gives auditor in production, without a reason",
      "21 dee holds admin organization-wide directly, for which there can be no reason",
      "35 robot is in auditing, which gives auditor in production, without a reason",
    ],
  ],
  [
    "reason: of any membership, and of nothing else",
    { rule: "reason-required" },
    [
      "35 ana is in auditing without a reason",
      "27 ana is in operator without a reason",
      "35 bo is in auditing without a reason",
      "35 robot is in auditing without a reason",
    ],
  ],
  [
    "shared accounts: by name or address",
    { rule: "shared-account", with: { patterns: ["ROBOT*", "*shared*", "b?"] } },
    ['23 robot looks like nobody\'s own account: it fits "ROBOT*"'],
  ],
  [
    "shared accounts: by address",
    { rule: "shared-account", with: { patterns: ["*-ROBOT@*"] } },
    ['23 robot looks like nobody\'s own account: shared-robot@acme.example fits "*-ROBOT@*"'],
  ],
  [
    "domains: who has no address is not judged",
    { rule: "address-domain", with: { domains: ["acme.example"] } },
    ["17 bo (bo@partner.example) has an address outside acme.example"],
  ],
  ["second factors are nothing that files know", { rule: "multi-factor" }, []],
  ["activity is reported by nobody", { rule: "dormant-member", with: { days: 1 } }, []],
  [
    "group names: after their only role, whatever it is granted on",
    { rule: "role-group-name" },
    [
      "9 group Operator carries one role, operator, and is not named after it",
      "13 group admins carries one role, admin, and is not named after it",
      "11 group auditing carries one role, auditor, and is not named after it",
    ],
  ],
  ["group owners: every group", { rule: "group-owner" }, ["9 group Operator names no owner"]],
];

describe.each([
  ["atomic", ATOMIC, atomicCases],
  ["keystone", KEYSTONE, keystoneCases],
] as const)("over %s", (name, text, cases) => {
  const world = worldOf(name, text);
  test.each(cases)("%s", (_, rule, said) => {
    expect(lines(desired(world, [guardrail(rule)]), rule.rule)).toEqual(said);
  });
});
