// What the judge makes of what rules find: exceptions, what was so before, messages, how many findings, guardrails that can
// never fire, and facts that only live state has.
import { describe, expect, test } from "vitest";
import type { Entity, State } from "../../../src/model/entity.ts";
import type { Finding } from "../../../src/model/finding.ts";
import type { Guardrail } from "../../../src/model/guardrail.ts";
import { placeInExpression } from "../../../src/plan/guardrails/speak.ts";
import { planFor } from "../../support/plan.ts";
import {
  ATOMIC,
  desired,
  exception,
  guardrail,
  KEYSTONE,
  lines,
  planned,
  withFacts,
  withMembership,
  worldOf,
} from "./worlds.ts";

const acme = worldOf("atomic", ATOMIC);
const cloud = worldOf("keystone", KEYSTONE);
type Rest = Parameters<typeof guardrail>[1];

const separation = (rest?: Rest) =>
  guardrail(
    {
      rule: "separation-of-duties",
      with: {
        first: [{ resource: "Card template", level: "edit" }],
        second: [{ resource: "Override card approval" }],
        in: "one-scope",
      },
    },
    rest,
  );
const admins = (through: readonly string[] | "nobody", rest?: Rest) =>
  guardrail(
    { rule: "permission-holders", with: { permissions: [{ resource: "Card template", level: "admin" }], through } },
    rest,
  );
const limited = (rest?: Rest) =>
  guardrail({ rule: "time-limit", with: { permissions: [{ resource: "Card template" }], days: 14 } }, rest);
const codes = (findings: readonly Finding[]) => findings.map(({ severity, code }) => `${severity} ${code}`);

describe("a guardrail", () => {
  test("is for the targets it names", () => {
    expect(desired(acme, [separation({ targets: ["cloud", "other"] })])).toEqual([]);
    expect(planned(acme, [separation({ targets: ["cloud"] })])).toEqual([]);
    expect(desired(acme, [separation({ targets: ["cloud", "acme"] })])).toHaveLength(2);
  });

  test("is an error that forbids everything, or a warning that forbids nothing", () => {
    const [error] = desired(acme, [admins(["Owner"])]);
    expect(error).toEqual({
      severity: "error",
      code: "permission-holders",
      message:
        "G: ana@acme.example holds Card template admin in production through Publishers (and 1 more like it), not through Owner",
      place: { file: "a.yaml", line: 40, column: 5 },
      hint: 'Change the access, or add an exception to guardrail "G" (guardrails/g.yaml:1).',
      blocks: "everything",
    });
    const [warning] = desired(acme, [admins(["Owner"], { severity: "warning" })]);
    expect(warning).toMatchObject({ severity: "warning" });
    expect(warning).not.toHaveProperty("blocks");
  });

  test("may speak for itself", () => {
    const said = (message: string, ...guardrails: ((rest: Rest) => Guardrail)[]) =>
      guardrails.flatMap((make) => desired(acme, [make({ message })]).map(({ message }) => message)).slice(0, 2);
    expect(said("{member}: {permission} in {scope} by {role} of {group}; {paths}; {what} {count}", separation)).toEqual(
      [
        "ana@acme.example: Card template admin in dev by Owner of Owner; Owner, Approvers; {what} {count}",
        "chen@eu.acme.example: Card template edit in dev by Template editor of Developers; Developers, Approvers; {what} {count}",
      ],
    );
    expect(said("{member} in {group}: at most until {limit}", limited)[0]).toBe(
      "ana@acme.example in Owner: at most until 2026-12-06",
    );
    const count = (rest: Rest) =>
      guardrail({ rule: "holder-count", with: { permissions: [{ ownerEquivalent: true }], most: 1 } }, rest);
    expect(said("{count} of {limit}: {member}", count)).toEqual(["2 of 1: ana@acme.example, dee@acme.example"]);
  });

  test("names fifty people and counts the others", () => {
    const people = Array.from({ length: 60 }, (_, index) => `p${String(index).padStart(2, "0")}@acme.example`);
    const many = worldOf(
      "atomic",
      `${people.map((email) => `{kind: Member, email: ${email}}`).join("\n---\n")}\n---\n{kind: Membership, group: Owner, members: [${people.join(", ")}]}\n`,
    );
    const none = guardrail({ rule: "escalation-holders", with: { through: ["Admin"] } });
    const findings = desired(many, [none]);
    expect(findings).toHaveLength(51);
    expect(lines(findings.slice(49), "escalation-holders")).toEqual([
      "121 p49@acme.example could take any permission by Role edit organization-wide through Owner (and 2 more like it), not through Admin",
      "guardrails/g.yaml:1 and 10 more people",
    ]);
    // What is new is named, what is old may be a number.
    const before = withMembership(many.declared, "owner", "p59@acme.example", false);
    const later = planned(many, [none], { before });
    expect(later.filter(({ severity }) => severity === "error").map(({ message }) => message)).toEqual([
      "G: p59@acme.example could take any permission by Role edit organization-wide through Owner (and 2 more like it), not through Admin",
    ]);
    expect(later.at(50)).toMatchObject({ severity: "warning", message: "G: and 10 more people" });
    // And so is it an error when some of the others are new.
    expect(planned(many, [none], { before: new Map() }).at(50)).toMatchObject({
      severity: "error",
      blocks: "everything",
    });
  });
});

describe("an exception", () => {
  const ana = exception({ member: "ANA@acme.example" });

  test("in force takes its member out and is noted", () => {
    const findings = desired(acme, [separation({ except: [ana] })]);
    expect(lines(findings, "separation-of-duties")).toEqual([
      "52 chen@eu.acme.example holds Card template edit in dev through Developers and Override card approval admin in dev through Approvers",
      'guardrails/g.yaml:9 note guardrail-exception Exception until 2027-01-31: guardrail "G" does not hold for ANA@acme.example (Holidays; approved by dee)',
    ]);
  });

  test("that has ended is a warning, and the guardrail holds", () => {
    const ended = { ...ana, until: "2026-11-21" };
    expect(lines(desired(acme, [separation({ except: [ended] })]), "separation-of-duties").slice(0, 3)).toEqual([
      expect.stringContaining("68 ana@acme.example holds"),
      expect.stringContaining("52 chen@eu.acme.example holds"),
      'guardrails/g.yaml:9 warning exception-ended The exception of guardrail "G" for ANA@acme.example ended with 2026-11-21',
    ]);
    const last = { ...ana, until: "2026-11-22" };
    expect(codes(desired(acme, [separation({ except: [last] })]))).toEqual([
      "error separation-of-duties",
      "note guardrail-exception",
    ]);
  });

  test.each([
    ["somebody who breaks nothing", { member: "dee@acme.example" }],
    ["nobody who is there", { member: "zoe@acme.example" }],
    ["a group that breaks nothing", { group: "Auditor" }],
    ["a group that is not there", { group: "Auditorium" }],
  ])("for %s is not needed", (_, who) => {
    const guardrails = [separation({ except: [exception(who)] })];
    for (const findings of [desired(acme, guardrails), planned(acme, guardrails)])
      expect(codes(findings).slice(2)).toEqual(["note guardrail-exception", "warning exception-not-needed"]);
    const [, , , unneeded] = lines(desired(acme, guardrails));
    const name = "member" in who ? who.member : who.group;
    expect(unneeded).toBe(
      `guardrails/g.yaml:9 warning exception-not-needed Nothing would be said of ${name} on acme without the exception of guardrail "G"`,
    );
  });

  test("for a member is found by address where names are none", () => {
    const direct = (except: Guardrail["except"]) =>
      guardrail(
        { rule: "permission-holders", with: { permissions: [{ resource: "operator" }], through: "any-group" } },
        { except },
      );
    for (const member of ["bo", "BO@partner.example"])
      expect(codes(desired(cloud, [direct([exception({ member })])]))).toEqual(["note guardrail-exception"]);
  });

  test("for a group leaves out what comes through it, and nothing else", () => {
    const said = (...groups: string[]) =>
      lines(
        desired(acme, [separation({ except: groups.map((group) => exception({ group })) })]),
        "separation-of-duties",
      ).map((line) => line.replace(/ guardrail-exception .*/, ""));
    expect(said("owner")).toEqual([
      // Not in dev any more, where it was the owner's.
      "40 ana@acme.example holds Card template admin in production through Publishers and Override card approval admin in production through Approvers",
      "52 chen@eu.acme.example holds Card template edit in dev through Developers and Override card approval admin in dev through Approvers",
      "guardrails/g.yaml:9 note",
    ]);
    expect(said("Approvers")).toEqual([
      "68 ana@acme.example holds Card template admin in dev through Owner and Override card approval admin in dev through Owner (likewise in production, staging, test)",
      "guardrails/g.yaml:9 note",
    ]);
    expect(said("Approvers", "Owner")).toEqual(["guardrails/g.yaml:9 note", "guardrails/g.yaml:9 note"]);
  });

  test("for a group is for its memberships, its permissions and its own name", () => {
    const group = exception({ group: "publishers" });
    const owner = exception({ group: "owner" });
    expect(codes(desired(acme, [limited({ except: [group] })]))).toEqual([
      ...Array(3).fill("error time-limit"),
      "note guardrail-exception",
    ]);
    expect(codes(desired(acme, [admins("nobody", { except: [group, owner] })]))).toEqual(
      Array(2).fill("note guardrail-exception"),
    );
    const named = guardrail({ rule: "role-group-name" }, { except: [exception({ group: "Staff" })] });
    expect(codes(desired(acme, [named]))).toHaveLength(4);
  });

  test("is for whoever does not count among too many, not for too few", () => {
    const counted = (bounds: { least?: number; most?: number }, ...members: string[]) =>
      lines(
        desired(acme, [
          guardrail(
            { rule: "holder-count", with: { permissions: [{ ownerEquivalent: true }], ...bounds } },
            { except: members.map((member) => exception({ member })) },
          ),
        ]),
      ).map((line) => line.replace(/^guardrails.g.yaml:\d+ /, "").replace(/(Exception|Nothing) .*/, "$1"));
    expect(counted({ most: 1 }, "dee@acme.example")).toEqual(["note guardrail-exception Exception"]);
    expect(counted({ most: 0 }, "dee@acme.example", "bo@acme.example")).toEqual([
      "error holder-count 1 person holds owner-equivalent access (ana@acme.example); there may be at most 0",
      "note guardrail-exception Exception",
      "note guardrail-exception Exception",
      "warning exception-not-needed Nothing",
    ]);
    expect(counted({ least: 3 }, "dee@acme.example").slice(1)).toEqual([
      "note guardrail-exception Exception",
      "warning exception-not-needed Nothing",
    ]);
  });

  test("of a rule about live facts is not called unneeded by files alone", () => {
    const factors = guardrail({ rule: "multi-factor" }, { except: [ana] });
    expect(codes(desired(acme, [factors]))).toEqual(["note guardrail-exception"]);
    expect(codes(planned(acme, [factors]))).toEqual(["note guardrail-exception", "warning exception-not-needed"]);
  });
});

describe("a plan", () => {
  const was = " (it was so before this plan)";
  const chen = "chen@eu.acme.example";

  test("is not refused for what was so before", () => {
    const findings = planned(acme, [separation()]);
    expect(codes(findings)).toEqual(Array(2).fill("warning separation-of-duties"));
    expect(findings.every(({ message, blocks }) => message.endsWith(was) && blocks === undefined)).toBe(true);
  });

  test("is refused for whoever is new, by the line that it changes", () => {
    const before = withMembership(acme.declared, "developers", chen, false);
    const changed = { section: "Membership/developers", local: chen } as never;
    expect(lines(planned(acme, [separation()], { before, changes: [changed] }), "separation-of-duties")).toEqual([
      "52 chen@eu.acme.example holds Card template edit in dev through Developers and Override card approval admin in dev through Approvers",
      `68 ana@acme.example holds Card template admin in dev through Owner and Override card approval admin in dev through Approvers (likewise in production, staging, test)${was}`,
    ]);
    // Whatever else leads there, what the plan gives is what is said.
    const without = withMembership(acme.declared, "publishers", "ana@acme.example", false);
    const given = { section: "Membership/publishers", local: "ana@acme.example" } as never;
    expect(lines(planned(acme, [admins(["Owner"])], { before: without, changes: [given] }))[0]).toMatch(
      /^40 error .* in production through Publishers/,
    );
  });

  test("is refused for what gets worse, and not for what gets better", () => {
    // In dev alone, before the plan; besides in production after it.
    const more = withMembership(acme.declared, "publishers", chen);
    expect(codes(planned(acme, [separation()], { after: more }))).toEqual([
      "error separation-of-duties",
      "warning separation-of-duties",
    ]);
    expect(codes(planned(acme, [separation()], { before: more }))).toEqual(
      Array(2).fill("warning separation-of-duties"),
    );
    const count = guardrail({ rule: "holder-count", with: { permissions: [{ ownerEquivalent: true }], most: 0 } });
    const fewer = withMembership(acme.declared, "staff", "dee@acme.example", false);
    expect(codes(planned(acme, [count], { before: fewer }))).toEqual(["error holder-count"]);
    expect(codes(planned(acme, [count], { after: fewer }))).toEqual(["warning holder-count"]);
  });

  test("is refused for another path, where it is about paths", () => {
    const after = withMembership(acme.declared, "publishers", chen);
    const other = withMembership(after, "owner", chen);
    expect(codes(planned(acme, [admins("nobody")], { before: after, after: other }))[0]).toBe(
      "error permission-holders",
    );
    expect(codes(planned(acme, [admins("nobody")], { before: other, after }))[0]).toBe("warning permission-holders");
  });

  test("is judged by the ends, reasons and owners that files had before", () => {
    const text = ATOMIC.replace("2026-12-07}", "2027-12-07}")
      .replace(", reason: Launch", "")
      .replace(", owners: [ana@acme.example]", "");
    const later = worldOf("atomic", text);
    const states = { base: acme.declared };
    const guardrails = [limited(), guardrail({ rule: "reason-required" }), guardrail({ rule: "group-owner" })];
    const errors = (world: typeof acme, base = states) =>
      lines(planned(world, guardrails, base).filter(({ severity }) => severity === "error"));
    expect(errors(acme)).toEqual([]);
    expect(errors(later)).toEqual([
      "41 error time-limit bo@acme.example is in Publishers, which gives Card template admin in production, until 2027-12-07, which is later than 2026-12-06 (14 days from now)",
      "40 error reason-required ana@acme.example is in Publishers without a reason",
      "13 error group-owner group Publishers names no owner",
    ]);
    expect(errors(acme, { base: later.declared })).toEqual([]);
  });

  test("that is built is refused by what a guardrail says of its changes, and by nothing else", () => {
    const governance = { guardrails: [separation()], waivers: [], acknowledgements: [], reviews: [], rosters: [] };
    const planOf = (want: State) => planFor({ base: acme.declared, want, live: acme.declared }, { governance }).plan;
    const same = planOf(acme.declared);
    expect([same.refused, codes(same.findings)]).toEqual([false, Array(2).fill("warning separation-of-duties")]);
    const more = planOf(withMembership(acme.declared, "publishers", chen));
    expect(more.changes.map(({ key }) => key)).toEqual([`Membership/publishers/${chen}`]);
    expect([more.refused, codes(more.findings)]).toEqual([
      true,
      ["error separation-of-duties", "warning separation-of-duties"],
    ]);
    const less = planOf(withMembership(acme.declared, "developers", chen, false));
    expect([less.refused, codes(less.findings)]).toEqual([false, ["warning separation-of-duties"]]);
  });

  test("tells of what no file declares by its group, or by its key", () => {
    const zoe: Entity = { kind: "Member", section: "Member", local: "zoe@x", name: "Zoe@x", attributes: {} };
    const members = new Map([...(acme.declared.get("Member") ?? []), [zoe.local, zoe] as const]);
    const joined = new Map([...acme.declared, ["Member", members] as const]);
    const found = (group: string) =>
      lines(
        planned(acme, [limited(), admins(["Developers"])], { after: withMembership(joined, group, zoe.local) }),
      ).filter((line) => line.includes("Zoe"));
    expect(found("publishers")).toEqual([
      "13 error time-limit Zoe@x is in Publishers, which gives Card template admin in production, without an end",
      "13 error permission-holders Zoe@x holds Card template admin in production through Publishers (and 1 more like it), not through Developers",
    ]);
    expect(found("admin")).toEqual([
      "Membership/admin/zoe@x error time-limit Zoe@x is in Admin, which gives Card template admin in dev, without an end",
      "Membership/admin/zoe@x error permission-holders Zoe@x holds Card template admin in dev through Admin (and 3 more like it), not through Developers",
    ]);
  });
});

describe("what the platform reports", () => {
  const facts = {
    "ana@acme.example": { multiFactor: true, lastActive: "2026-11-22T08:00:00Z" },
    "bo@acme.example": { multiFactor: false, lastActive: "2026-10-23T11:59:59Z" },
    "chen@eu.acme.example": { multiFactor: false, lastActive: null },
    "dee@acme.example": { lastActive: "2026-10-23T12:00:00Z" },
    "eve@partner.example": { multiFactor: false, lastActive: null, status: "invited" },
  };
  const after = withFacts(acme.declared, facts);
  const admin = { permissions: [{ resource: "Card template", level: "admin" }] };

  test.each([
    [
      "a second factor, of anybody who holds something",
      { rule: "multi-factor" },
      [
        "52 bo@acme.example holds Card template edit in dev through Developers and has no second factor",
        "52 chen@eu.acme.example holds Card template edit in dev through Developers and has no second factor",
        "60 eve@partner.example holds Audit log admin organization-wide through Chief auditors and has no second factor",
      ],
    ],
    [
      "a second factor, of who holds one of the permissions",
      { rule: "multi-factor", with: admin },
      ["41 bo@acme.example holds Card template admin in production through Publishers and has no second factor"],
    ],
    [
      "activity, of anybody who holds something and has had the chance",
      { rule: "dormant-member", with: { days: 30 } },
      [
        "52 bo@acme.example holds Card template edit in dev through Developers and was last active on 2026-10-23, 30 days ago",
        "52 chen@eu.acme.example holds Card template edit in dev through Developers and has never been active",
      ],
    ],
    [
      "activity, of who holds one of the permissions",
      { rule: "dormant-member", with: { days: 30, ...admin } },
      [
        "41 bo@acme.example holds Card template admin in production through Publishers and was last active on 2026-10-23, 30 days ago",
      ],
    ],
    ["activity within long enough", { rule: "dormant-member", with: { days: 31, ...admin } }, []],
  ] as const)("%s", (_, rule, said) => {
    const found = planned(acme, [guardrail(rule)], { before: new Map(), after });
    expect(lines(found, rule.rule)).toEqual(said);
    expect(desired({ ...acme, declared: after }, [guardrail(rule)])).toEqual([]);
  });

  test("over Keystone: a second factor, and no activity", () => {
    const reported = withFacts(cloud.declared, {
      bo: { multiFactor: false, lastActive: null },
      chen: { multiFactor: false },
      robot: { multiFactor: true },
    });
    const found = (rule: Parameters<typeof guardrail>[0]) =>
      lines(planned(cloud, [guardrail(rule)], { before: new Map(), after: reported }), rule.rule);
    expect(found({ rule: "multi-factor" })).toEqual([
      "35 bo holds auditor in production through auditing and has no second factor",
    ]);
    expect(found({ rule: "multi-factor", with: { permissions: [{ ownerEquivalent: true }] } })).toEqual([]);
    expect(found({ rule: "dormant-member", with: { days: 1 } })).toEqual([
      'guardrails/g.yaml:1 warning guardrail-never-fires Guardrail "G" can never fire on cloud: OpenStack Keystone does not report members\' activity',
    ]);
  });
});

describe("a guardrail that can never fire", () => {
  const never = (world: typeof acme, rule: Parameters<typeof guardrail>[0], after = world.declared) =>
    planned(world, [guardrail(rule)], { after, before: after })
      .filter(({ code }) => code === "guardrail-never-fires")
      .map(({ message, hint }) => `${message.replace(/^Guardrail "G" /, "")} [${hint}]`);
  const elsewhere = "Correct the name, or say in `targets` which targets it is for.";
  const correct = "Correct what it asks for, or remove it.";

  test.each([
    [
      { rule: "cel", with: { for: "member", deny: "1 > 2" } },
      [`can never fire on acme: its expression looks at nothing, and says false [${correct}]`],
    ],
    [
      {
        rule: "separation-of-duties",
        with: { first: [{ resource: "Card templat" }], second: [{ resource: "Theme" }] },
      },
      [
        'names the resource "Card templat", which acme has not: that part of it can never fire [Did you mean "Card template"?]',
      ],
    ],
    [
      {
        rule: "environment-separation",
        with: { one: { scopes: ["prodution"], permissions: [{ level: "write" }] }, other: { scopes: ["dev"] } },
      },
      [
        `names the level "write", which acme has not: that part of it can never fire [${elsewhere}]`,
        'names the environment "prodution", which acme has not: that part of it can never fire [Did you mean "production"?]',
      ],
    ],
    [
      { rule: "escalation-holders", with: { through: ["Ownr", "Admin"] } },
      ['names the group "Ownr", which acme has not [Did you mean "Owner"?]'],
    ],
    [
      {
        rule: "separation-of-duties",
        with: { first: [{ resource: "Theme", scopes: ["organization"] }], second: [{}] },
      },
      [`can never fire on acme: no group gives Theme in organization, and nobody holds it directly [${correct}]`],
    ],
    [
      {
        rule: "separation-of-duties",
        with: { first: [{ resource: "Audit log" }], second: [{ resource: "Card template" }], in: "one-scope" },
      },
      [`can never fire on acme: no scope has both of what it keeps apart [${correct}]`],
    ],
    [
      { rule: "time-limit", with: { permissions: [{ resource: "Audit log", scopes: ["dev"] }] } },
      [`can never fire on acme: no group gives Audit log in dev, and nobody holds it directly [${correct}]`],
    ],
    [
      {
        rule: "permission-holders",
        with: { permissions: [{ resource: "Audit log", scopes: ["dev"] }], through: ["Owner"] },
      },
      [`can never fire on acme: no group gives Audit log in dev, and nobody holds it directly [${correct}]`],
    ],
    [
      { rule: "holder-count", with: { permissions: [{ ownerEquivalent: true }], most: 6 } },
      [`can never fire on acme: there are 6 members, and it allows 6 [${correct}]`],
    ],
    [
      { rule: "holder-count", with: { permissions: [{ resource: "Audit log", scopes: ["dev"] }], most: 1 } },
      [`can never fire on acme: no group gives Audit log in dev, and nobody holds it directly [${correct}]`],
    ],
  ] as const)("is reported: %j", (rule, said) => expect(never(acme, rule)).toEqual(said));

  test.each([
    // Nobody is in both groups, and somebody could be.
    { rule: "separation-of-duties", with: { first: [{ resource: "Audit log" }], second: [{ resource: "Theme" }] } },
    { rule: "separation-of-duties", with: { first: [{ ownerEquivalent: true }], second: [{ resource: "API keys" }] } },
    {
      rule: "permission-holders",
      with: { permissions: [{ resource: "Audit log", scopes: ["dev"] }], through: "nobody" },
    },
    { rule: "holder-count", with: { permissions: [{ ownerEquivalent: true }], most: 5 } },
    {
      rule: "holder-count",
      with: { permissions: [{ resource: "Theme", scopes: ["organization"] }], least: 1, most: 9 },
    },
    { rule: "shared-account", with: { patterns: ["nobody"] } },
    { rule: "address-domain", with: { domains: ["*"] } },
    { rule: "reason-required" },
    { rule: "dormant-member", with: { days: 9999 } },
    { rule: "role-group-name" },
    { rule: "group-owner" },
  ] as const)("is not supposed: %j", (rule) => expect(never(acme, rule)).toEqual([]));

  test("over Keystone, where roles and direct grants are the domain's own", () => {
    const split = { first: [{ resource: "viewer", scopes: ["production"] }], second: [{ resource: "Auditor" }] };
    expect(never(cloud, { rule: "separation-of-duties", with: split })).toEqual([
      'names the resource "Auditor", which cloud has not: that part of it can never fire [Did you mean "auditor"?]',
    ]);
    // Only held directly, by somebody in no group that gives it.
    const direct = { permissions: [{ resource: "operator", scopes: ["production"] }] };
    const gone = new Map(cloud.declared.get("Group"));
    gone.delete("Operator");
    const after = new Map([...cloud.declared, ["Group", gone]]);
    expect(never(cloud, { rule: "time-limit", with: direct }, after)).toEqual([]);
    const disabled = new Map(cloud.declared.get("Member"));
    disabled.delete("bo");
    expect(never(cloud, { rule: "time-limit", with: direct }, new Map([...after, ["Member", disabled]]))).toEqual([
      `can never fire on cloud: no group gives operator in production, and nobody holds it directly [${correct}]`,
    ]);
  });

  test("is no matter of files alone", () => {
    const lost = guardrail({ rule: "escalation-holders", with: { through: ["Nobody"] } });
    expect(codes(desired(acme, [lost])).filter((code) => code.startsWith("warning"))).toEqual([]);
  });
});

test("files that declare no member are judged by whom they list", () => {
  const text = ATOMIC.split("---\n")
    .filter((document) => !document.startsWith("{kind: Member,"))
    .join("---\n");
  const listed = worldOf("atomic", text);
  expect(listed.declared.get("Member")).toBeUndefined();
  expect(desired(listed, [separation()])).toHaveLength(2);
});

test("an end may be as far away as days can be written", () => {
  const long = guardrail({ rule: "time-limit", with: { permissions: [{ resource: "Card template" }], days: 1e12 } });
  expect(desired(acme, [long])).toHaveLength(4);
});

test("an end is judged by the day it is where the target is", () => {
  // The fourteenth day from now, and the day after it.
  for (const [time, count] of [
    ["2026-11-22T00:00:00Z", 5],
    ["2026-11-22T23:59:59Z", 5],
    ["2026-11-23T00:00:00Z", 4],
  ] as const)
    expect(desired(acme, [limited()], new Date(time)).filter(({ code }) => code === "time-limit").length).toBe(count);
});

test("a place in an expression is told by the spots before it", () => {
  const guardrail = {
    ...separation({}),
    expressionSpots: [
      { offset: 0, line: 5, column: 7 },
      { offset: 7, line: 6, column: 9 },
    ],
  };
  expect([0, 4, 7, 9].map((offset) => placeInExpression(guardrail, offset))).toEqual([
    { file: "guardrails/g.yaml", line: 5, column: 7 },
    { file: "guardrails/g.yaml", line: 5, column: 11 },
    { file: "guardrails/g.yaml", line: 6, column: 9 },
    { file: "guardrails/g.yaml", line: 6, column: 11 },
  ]);
  expect(placeInExpression(separation({}), 4)).toEqual({ file: "guardrails/g.yaml", line: 1, column: 1 });
});
