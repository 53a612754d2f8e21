// Rules about things: what is written down of them, when they were reviewed, what must be the same of two that belong
// together. One line a case, as in the other tables; then what a plan, an exception and a name that leads nowhere make of them.
import { describe, expect, test } from "vitest";
import type { Attributes, Entity, State } from "../../../src/model/entity.ts";
import type { Rule } from "../../../src/model/guardrail.ts";
import {
  ATOMIC,
  ATOMYX,
  desired,
  exception,
  guardrail,
  KEYSTONE,
  lines,
  planned,
  type World,
  withFacts,
  worldOf,
} from "./worlds.ts";

type Case = readonly [about: string, rule: Rule, said: readonly string[]];

const vault = worldOf("atomyx", ATOMYX);
const acme = worldOf("atomic", ATOMIC);
const cloud = worldOf("keystone", KEYSTONE);

const owners = ["setUpOwner", "billingOwner", "integrationOwner", "operationsOwner"];
const OWNED: Rule = { rule: "documentation-required", with: { kind: "Workspace", attributes: owners } };
const SET_UP: Rule = {
  rule: "documentation-required",
  with: {
    kind: "Integration",
    attributes: ["owner", "environment", "callback"],
    patterns: { callback: ["https://*"] },
  },
};
const REVIEWED: Rule = { rule: "reviewed-within", with: { days: 90 } };
const PURPOSE: Rule = { rule: "matching-attribute", with: { kind: "ApiKey", attribute: "purpose", of: "Workspace" } };

const vaultCases: readonly Case[] = [
  [
    "documented: owners of every workspace",
    OWNED,
    [
      "1 Workspace acme-dev says no setUpOwner, billingOwner, integrationOwner, operationsOwner",
      "3 Workspace acme-prod says no operationsOwner",
    ],
  ],
  [
    "documented: owners of what is for production",
    {
      rule: "documentation-required",
      with: { kind: "Workspace", where: { purpose: ["staging", "Production"] }, attributes: owners },
    },
    ["3 Workspace acme-prod says no operationsOwner"],
  ],
  [
    "documented: what fits all that is asked for, and says so",
    {
      rule: "documentation-required",
      with: { kind: "Workspace", where: { purpose: ["production"], team: ["Payments"] }, attributes: owners },
    },
    [],
  ],
  [
    "documented: set-up of integrations, by encrypted connections alone",
    SET_UP,
    [
      "39 Integration acme-dev/Try says no owner, callback",
      "37 Integration acme-prod/Mail has callback HTTP://mail.acme.example, which does not fit https://*",
    ],
  ],
  [
    "documented: a pattern is for what is said, and names that nothing has are left out",
    {
      rule: "documentation-required",
      with: {
        kind: "Integration",
        attributes: ["owners", "constructor"],
        patterns: { environment: ["prod*", "stag*"] },
      },
    },
    ["39 Integration acme-dev/Try has environment development, which does not fit prod*, stag*"],
  ],
  [
    "documented: by what a set has in it",
    {
      rule: "documentation-required",
      with: { kind: "Group", where: { roles: ["acme-prod/MANAGE/Viewer"] }, attributes: ["owners"] },
    },
    ["25 Group acme-prod/Readers says no owners"],
  ],
  [
    "documented: where what every object has is no attribute",
    {
      rule: "documentation-required",
      with: { kind: "ApiKey", where: { constructor: ["x"] }, attributes: ["product"] },
    },
    [],
  ],
  ["documented: declared, and nothing else", { rule: "documentation-required", with: { kind: "ApiKey" } }, []],
  [
    "reviewed: groups and workspaces, the last day included",
    REVIEWED,
    [
      "23 Group acme-prod/Editors was never reviewed",
      "25 Group acme-prod/Readers was last reviewed on 2026-11-23, which is still to come",
      "3 Workspace acme-prod was last reviewed on 2026-08-23, 91 days ago",
    ],
  ],
  [
    "reviewed: workspaces alone, and long enough",
    { rule: "reviewed-within", with: { days: 91, kinds: ["Workspace"] } },
    [],
  ],
  [
    "matching: a key is for what its workspace is for",
    PURPOSE,
    ["43 ApiKey acme-prod/Test bench has purpose development, and Workspace acme-prod has purpose production"],
  ],
  [
    "matching: by another name",
    {
      rule: "matching-attribute",
      with: { kind: "Integration", attribute: "environment", of: "Workspace", its: "purpose" },
    },
    ["37 Integration acme-prod/Mail has environment staging, and Workspace acme-prod has purpose production"],
  ],
  [
    "matching: of what is referred to; what says nothing is not judged",
    { rule: "matching-attribute", with: { kind: "ApiKey", attribute: "purpose", of: "Product", its: "type" } },
    [
      "43 ApiKey acme-prod/Test bench has purpose development, and Product acme-prod/manage has type Manage",
      "41 ApiKey acme-prod/Web shop has purpose production, and Product acme-prod/manage has type Manage",
    ],
  ],
  [
    "what else there is holds here too: nobody holds what products give but through groups",
    { rule: "permission-holders", with: { permissions: [{ resource: "manage/Viewer" }], through: "any-group" } },
    ["29 bo@acme.example holds manage/Viewer in acme-prod directly, not through a group"],
  ],
  [
    "nobody is in development and in production",
    {
      rule: "environment-separation",
      with: { one: { scopes: ["acme-dev"] }, other: { scopes: ["acme-prod"] } },
    },
    ["27 ana@acme.example holds Workspace membership in acme-dev directly and Group management in acme-prod directly"],
  ],
  [
    "what a group gives those of its workspace ends",
    { rule: "time-limit", with: { permissions: [{ resource: "manage/Editor", scopes: ["acme-prod"] }], days: 90 } },
    ["49 ana@acme.example is in acme-prod/Editors, which gives manage/Editor in acme-prod, without an end"],
  ],
];

const acmeCases: readonly Case[] = [
  [
    "documented: owners of the groups of an environment, wherever else they are",
    {
      rule: "documentation-required",
      with: { kind: "Group", where: { environments: ["production"] }, attributes: ["owners"] },
    },
    ["15 Group Approvers says no owners"],
  ],
  [
    "documented: what every organization comes with need not be declared",
    { rule: "documentation-required", with: { kind: "Group" } },
    [],
  ],
  [
    "reviewed: groups that somebody is in, and all that are declared",
    REVIEWED,
    [
      "15 Group Approvers was never reviewed",
      "19 Group Auditor was never reviewed",
      "21 Group Chief auditors was never reviewed",
      "17 Group Developers was never reviewed",
      "Group/owner Group Owner is declared in no file, so nobody wrote down when it was last reviewed",
      "13 Group Publishers was never reviewed",
      "23 Group Staff was never reviewed",
    ],
  ],
  [
    "matching: a text and a text",
    { rule: "matching-attribute", with: { kind: "Group", attribute: "description", of: "Role" } },
    [],
  ],
];

const cloudCases: readonly Case[] = [
  [
    "documented: addresses of users",
    {
      rule: "documentation-required",
      with: { kind: "Member", attributes: ["email"], patterns: { email: ["*@acme.example"] } },
    },
    [
      "17 Member bo has email bo@partner.example, which does not fit *@acme.example",
      "19 Member chen says no email",
      "21 Member dee says no email",
    ],
  ],
  [
    "reviewed: every group",
    REVIEWED,
    [
      "9 Group Operator was never reviewed",
      "13 Group admins was never reviewed",
      "11 Group auditing was never reviewed",
      "7 Group operator was never reviewed",
    ],
  ],
];

describe.each([
  ["Atomyx", vault, vaultCases],
  ["Atomic", acme, acmeCases],
  ["Keystone", cloud, cloudCases],
] as const)("over %s", (_, world, cases) => {
  test.each(cases)("%s", (_, rule, said) => {
    expect(lines(desired(world, [guardrail(rule)]), rule.rule)).toEqual(said);
  });
});

/** What is so before a plan and after it: nothing of the guardrail, and `severity: text` for what breaks it. */
function judged(rule: Rule, states: Parameters<typeof planned>[2], world: World = vault): string[] {
  return planned(world, [guardrail(rule)], states)
    .filter(({ code }) => code === rule.rule)
    .map(({ severity, message }) => `${severity} ${message.replace(/^G: /, "")}`);
}

const OLD = " (it was so before this plan)";
/** The same organization with other text in its files. */
const vaultWith = (from: string, to: string): State => {
  if (!ATOMYX.includes(from)) throw new Error(`no ${from}`);
  return worldOf("atomyx", ATOMYX.replace(from, to)).declared;
};

/** The state with other attributes of one entity, or with none of that name. */
function withEntity(state: State, kind: string, name: string, attributes?: Attributes): State {
  const local = name.toLowerCase();
  const section = new Map<string, Entity>(state.get(kind));
  if (attributes) section.set(local, { kind, section: kind, local, name, attributes });
  else section.delete(local);
  return new Map([...state, [kind, section]]);
}

describe("what a plan leaves behind", () => {
  const secret = withEntity(vault.declared, "Integration", "acme-prod/Hidden", { callback: "http://hidden.example" });

  test("what nobody declares breaks what everything must say; it was there before", () => {
    expect(
      judged({ rule: "documentation-required", with: { kind: "Integration" } }, { before: secret, after: secret }),
    ).toEqual([`warning Integration acme-prod/Hidden is declared in no file${OLD}`]);
    expect(judged(SET_UP, { before: secret, after: secret })[1]).toBe(
      `warning Integration acme-prod/Hidden is declared in no file, and has callback http://hidden.example, which does not fit https://*, and says no environment${OLD}`,
    );
  });

  test("nobody takes a declaration away of what stays on the platform", () => {
    const base = vaultWith("ApiKey, name: acme-dev/Anything", "Integration, name: acme-prod/Hidden");
    const found = judged(
      { rule: "documentation-required", with: { kind: "Integration" } },
      { base, before: secret, after: secret },
    );
    expect(found).toEqual(["error Integration acme-prod/Hidden is declared in no file"]);
  });

  test("who declares what was there may leave open what nobody had said before", () => {
    const before = withEntity(vault.declared, "Workspace", "acme-prod", { purpose: "production" });
    const base = withEntity(vault.declared, "Workspace", "acme-prod");
    expect(judged(OWNED, { base, before })).toEqual([
      `warning Workspace acme-dev says no setUpOwner, billingOwner, integrationOwner, operationsOwner${OLD}`,
      `warning Workspace acme-prod says no operationsOwner${OLD}`,
    ]);
  });

  test("an owner who is taken out of the file is missing anew", () => {
    const base = vaultWith("integrationOwner:", "operationsOwner: ana@acme.example\nintegrationOwner:");
    expect(judged(OWNED, { base })[0]).toBe("error Workspace acme-prod says no operationsOwner");
  });

  test("an owner who leaves, or has not come yet, owns nothing", () => {
    const gone = withEntity(vault.declared, "Member", "chen@acme.example");
    expect(judged(OWNED, { after: gone })[0]).toBe(
      "error Workspace acme-prod names chen@acme.example as integrationOwner, who is not there, and says no operationsOwner",
    );
    const invited = withFacts(vault.declared, { "chen@acme.example": { status: "invited" } });
    expect(judged(OWNED, { after: invited })[0]).toBe(
      "error Workspace acme-prod names chen@acme.example as integrationOwner, who is only invited, and says no operationsOwner",
    );
    expect(judged(OWNED, { before: invited, after: invited })[1]).toMatch(/^warning .* who is only invited/);
  });

  test("files that leave people to the platform know nothing of who is there", () => {
    const named = owners.map((name) => `${name}: ana@acme.example`).join(", ");
    const world = worldOf("atomyx", `{kind: Workspace, name: acme-prod, ${named}}\n`);
    expect(lines(desired(world, [guardrail(OWNED)]), OWNED.rule)).toEqual([
      "policies/rolebook.yaml:1 Workspace acme-dev says no setUpOwner, billingOwner, integrationOwner, operationsOwner",
    ]);
    expect(judged(OWNED, {}, world)[1]).toMatch(
      /^warning Workspace acme-prod names ana@acme.example as setUpOwner, who/,
    );
  });

  test("an owner who is disabled owns nothing either", () => {
    const of = { user: "chen", roles: ["viewer"] };
    const after = withEntity(cloud.declared, "ApplicationCredential", "backup of chen", of);
    const rule: Rule = {
      rule: "documentation-required",
      with: { kind: "ApplicationCredential", attributes: ["user"] },
    };
    expect(judged(rule, { declared: after, after }, cloud)).toEqual([
      "error ApplicationCredential backup of chen is declared in no file, and names chen as user, who is disabled",
    ]);
  });

  test("another mistake in the place of an old one is a new one", () => {
    const before = vaultWith('"HTTP://mail', '"http://post');
    expect(judged(SET_UP, { base: before, before })).toEqual([
      "error Integration acme-prod/Mail has callback HTTP://mail.acme.example, which does not fit https://*",
      `warning Integration acme-dev/Try says no owner, callback${OLD}`,
    ]);
    expect(judged(PURPOSE, { before: vaultWith("purpose: development, owner", "purpose: staging, owner") })).toEqual([
      "error ApiKey acme-prod/Test bench has purpose development, and Workspace acme-prod has purpose production",
    ]);
    expect(judged(PURPOSE, {})[0]).toMatch(/^warning ApiKey acme-prod\/Test bench .* \(it was so before this plan\)$/);
  });
});

describe("expressions about things", () => {
  const rule = (deny: string): Rule => ({ rule: "cel", with: { for: "entity", deny } });
  const said = (deny: string, states: Parameters<typeof planned>[2] = {}, world: World = vault) =>
    planned(world, [guardrail(rule(deny), { message: "{kind} {name}" })], {
      before: new Map(),
      base: new Map(),
      ...states,
    })
      .filter(({ code }) => code === "guardrail-cel")
      .map(({ severity, message }) => `${severity} ${message}`);

  test("are asked of whatever is neither a person, a group nor a role, kind by kind", () => {
    expect(said("true")).toEqual([
      "error ApiKey acme-dev/Anything",
      "error ApiKey acme-prod/Test bench",
      "error ApiKey acme-prod/Web shop",
      "error Integration acme-dev/Try",
      "error Integration acme-prod/Ledger",
      "error Integration acme-prod/Mail",
      "error Product acme-dev/manage",
      "error Product acme-prod/manage",
      "error Workspace acme-dev",
      "error Workspace acme-prod",
    ]);
    expect(said("true", {}, acme)).toEqual(
      ["dev", "production", "staging", "test"].map((name) => `error Environment ${name}`),
    );
  });

  test("see what files say, and what the platform has", () => {
    expect(said('entity.kind == "Integration" && !("owner" in entity.attributes)')).toEqual([
      "error Integration acme-dev/Try",
    ]);
    expect(said('entity.kind == "ApiKey" && "rotateEvery" in entity.attributes')).toEqual([
      "error ApiKey acme-prod/Web shop",
    ]);
    const after = withEntity(vault.declared, "Integration", "acme-prod/Hidden", { callback: "https://a.example" });
    expect(said("!entity.declared && entity.attributes.callback != '' && entity.status == ''", { after })).toEqual([
      "error Integration acme-prod/Hidden",
    ]);
  });

  test("except a thing by its name, and are worse when it becomes another", () => {
    const except = [exception({ entity: "acme-dev/try" })];
    const found = desired(vault, [guardrail(rule("entity.name.startsWith('acme-dev/T')"), { except })]);
    expect(found.map(({ code }) => code)).toEqual(["guardrail-exception"]);
    const deny = 'entity.kind == "Integration" && entity.attributes.callback.startsWith("H")';
    const states = { before: vault.declared, base: vault.declared };
    expect(said(`"callback" in entity.attributes && ${deny}`, states)).toEqual([
      `warning Integration acme-prod/Mail${OLD}`,
    ]);
    const other = vaultWith("HTTP://mail", "HTTP://post");
    expect(said(`"callback" in entity.attributes && ${deny}`, { ...states, after: other, declared: other })).toEqual([
      "error Integration acme-prod/Mail",
    ]);
  });
});

describe("a review that is overdue", () => {
  const rule: Rule = { rule: "reviewed-within", with: { days: 90, kinds: ["Workspace"] } };
  const overdue = "Workspace acme-prod was last reviewed on 2026-08-23, 91 days ago";

  test("does not fail files that nobody has touched, and is told", () => {
    expect(desired(vault, [guardrail(rule)]).map(({ severity }) => severity)).toEqual(["warning"]);
    expect(desired(vault, [guardrail(REVIEWED)]).map(({ severity }) => severity)).toEqual([
      "error",
      "error",
      "warning",
    ]);
    expect(judged(rule, {})).toEqual([`warning ${overdue}${OLD}`]);
  });

  test("cannot be put back, nor taken out of the file", () => {
    const base = vaultWith("reviewed: 2026-08-23", "reviewed: 2026-08-25");
    expect(judged(rule, { base })).toEqual([`error ${overdue}`]);
    const declared = vaultWith("reviewed: 2026-08-23\n", "");
    expect(judged(rule, { declared })).toEqual(["error Workspace acme-prod was never reviewed"]);
    expect(judged(rule, { declared: base })).toEqual([]);
  });

  test("is counted in days of the target's zone", () => {
    const target = { ...vault.target, timeZone: "Pacific/Auckland" };
    const said = judged(rule, {}, { ...vault, target });
    expect(said).toContain(`warning ${overdue.replace("91", "92")}${OLD}`);
  });

  test("of a group that nobody declares is nobody's", () => {
    const after = withEntity(acme.declared, "Group", "Empty", {});
    const said = judged(REVIEWED, { before: after, after }, acme);
    expect(said.filter((line) => line.includes("declared in no file"))).toEqual([
      `warning Group Owner is declared in no file, so nobody wrote down when it was last reviewed${OLD}`,
    ]);
  });
});

describe("exceptions and messages", () => {
  test("a thing is excepted by its name, and one that nobody needs is told", () => {
    const except = [exception({ entity: "ACME-prod/Mail" }), exception({ entity: "acme-prod/Ledger" })];
    expect(lines(desired(vault, [guardrail(SET_UP, { except })]), "documentation-required")).toEqual([
      "39 Integration acme-dev/Try says no owner, callback",
      'guardrails/g.yaml:9 note guardrail-exception Exception until 2027-01-31: guardrail "G" does not hold for ACME-prod/Mail (Holidays; approved by dee)',
      'guardrails/g.yaml:9 note guardrail-exception Exception until 2027-01-31: guardrail "G" does not hold for acme-prod/Ledger (Holidays; approved by dee)',
      'guardrails/g.yaml:9 warning exception-not-needed Nothing would be said of acme-prod/Ledger on vault without the exception of guardrail "G"',
    ]);
  });

  test("a group is excepted as a group, a member as a member", () => {
    const except = [exception({ group: "acme-prod/editors" }), exception({ entity: "acme-prod/Readers" })];
    const said = lines(desired(vault, [guardrail(REVIEWED, { except })]), "reviewed-within");
    expect(said.filter((line) => /^\d/.test(line))).toEqual([
      "25 Group acme-prod/Readers was last reviewed on 2026-11-23, which is still to come",
      "3 Workspace acme-prod was last reviewed on 2026-08-23, 91 days ago",
    ]);
    const addresses: Rule = { rule: "documentation-required", with: { kind: "Member", attributes: ["email"] } };
    const chen = desired(cloud, [guardrail(addresses, { except: [exception({ member: "chen" })] })]);
    expect(lines(chen, "documentation-required")[0]).toBe("21 Member dee says no email");
  });

  test("placeholders are filled in", () => {
    const say = (rule: Rule, message: string) => lines(desired(vault, [guardrail(rule, { message })]), rule.rule);
    expect(say(SET_UP, "{kind} {name} lacks {attribute} ({limit})")).toEqual([
      "39 Integration acme-dev/Try lacks owner, callback (https://*)",
      "37 Integration acme-prod/Mail lacks callback (https://*)",
    ]);
    expect(say(REVIEWED, "{group} {count} of {limit}")).toEqual([
      "23 acme-prod/Editors {count} of 90",
      "25 acme-prod/Readers {count} of 90",
      "3 {group} 91 of 90",
    ]);
    expect(say(PURPOSE, "{name}: {attribute} is not {limit}")).toEqual([
      "43 acme-prod/Test bench: purpose is not production",
    ]);
  });
});

describe("a guardrail that can never fire", () => {
  const never = (world: World, rule: Rule) =>
    planned(world, [guardrail(rule)])
      .filter(({ code }) => code === "guardrail-never-fires")
      .map(({ message, hint }) => `${message.replace(/^Guardrail "G" /, "")} [${hint}]`);
  const elsewhere = "[Correct the name, or say in `targets` which targets it is for.]";
  const correct = "[Correct what it asks for, or remove it.]";

  test.each<[string, World, Rule, readonly string[]]>([
    [
      "a kind of another platform",
      acme,
      OWNED,
      [`names the kind "Workspace", which acme has not: that part of it can never fire ${elsewhere}`],
    ],
    [
      "a kind and an attribute that are misspelt",
      vault,
      { rule: "documentation-required", with: { kind: "Integrations", attributes: ["owner"] } },
      [
        'names the kind "Integrations", which vault has not: that part of it can never fire [Did you mean "Integration"?]',
      ],
    ],
    [
      "attributes that are misspelt, wherever they stand",
      vault,
      {
        rule: "documentation-required",
        with: {
          kind: "Integration",
          where: { enviroment: ["production"] },
          attributes: ["owners"],
          patterns: { callbak: ["https://*"] },
        },
      },
      [
        'names the Integration attribute "enviroment", which vault has not: that part of it can never fire [Did you mean "environment"?]',
        'names the Integration attribute "owners", which vault has not: that part of it can never fire [Did you mean "owner"?]',
        'names the Integration attribute "callbak", which vault has not: that part of it can never fire [Did you mean "callback"?]',
      ],
    ],
    [
      "values that nothing has",
      vault,
      { rule: "documentation-required", with: { kind: "Workspace", where: { purpose: ["prod"] }, attributes: owners } },
      [`can never fire on vault: no Workspace has purpose prod ${correct}`],
    ],
    [
      "what files cannot declare",
      acme,
      { rule: "documentation-required", with: { kind: "Environment" } },
      [`can never fire on acme: Atomic says itself which Environment there is, and no file does ${correct}`],
    ],
    [
      "what is never reviewed",
      vault,
      { rule: "reviewed-within", with: { days: 1, kinds: ["Group", "ApiKey"] } },
      [`names the reviewed kind "ApiKey", which vault has not: that part of it can never fire ${elsewhere}`],
    ],
    [
      "what has nothing to do with each other",
      vault,
      { rule: "matching-attribute", with: { kind: "ApiKey", attribute: "purpose", of: "Group", its: "description" } },
      [`can never fire on vault: ApiKey refers to no Group and is part of none ${correct}`],
    ],
    [
      "an attribute of the one and of the other",
      vault,
      { rule: "matching-attribute", with: { kind: "ApiKey", attribute: "use", of: "Workspace", its: "purposes" } },
      [
        `names the ApiKey attribute "use", which vault has not: that part of it can never fire ${elsewhere}`,
        'names the Workspace attribute "purposes", which vault has not: that part of it can never fire [Did you mean "purpose"?]',
      ],
    ],
  ])("%s", (_, world, rule, said) => expect(never(world, rule)).toEqual(said));

  test.each<[World, Rule]>([
    [vault, OWNED],
    [vault, SET_UP],
    [vault, PURPOSE],
    [vault, REVIEWED],
    [acme, REVIEWED],
    [cloud, REVIEWED],
    [vault, { rule: "documentation-required", with: { kind: "ApiKey" } }],
    [vault, { rule: "time-limit", with: { permissions: [{ resource: "manage/Editor" }] } }],
    // Nothing of the kind is there yet.
    [cloud, { rule: "documentation-required", with: { kind: "ApplicationCredential", where: { user: ["ana"] } } }],
    [cloud, { rule: "matching-attribute", with: { kind: "Group", attribute: "description", of: "Role" } }],
  ])("is not supposed (%#)", (world, rule) => expect(never(world, rule)).toEqual([]));
});
