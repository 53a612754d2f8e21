// Guardrails through the built command line: what validate and plan say of whoever breaks one, that nothing is written while
// they do, what an exception changes, and that an expression that cannot be judged by is a finding where it is wrong.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import { importedWorld, type Moment, rememberMoment, rewindTo, type World } from "../support/world.ts";

const LIMITS =
  "    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 }, scope: { share: 1, count: 100 }, owners: { share: 1, count: 9 } }\n";
const RULES = "policies/guardrails/rules.yaml";
const CREATORS = "policies/acme/memberships/card-creators.yaml";
const PUBLISHERS = "policies/acme/memberships/card-publishers.yaml";
const SUPPORT = "policies/acme/memberships/customer-support.yaml";

const APART = `kind: Guardrail
name: Makers do not publish
rule: separation-of-duties
with:
  first: [{resource: Card template, level: edit, scopes: [dev]}]
  second: [{resource: Card template, level: admin, scopes: [production]}]
except:
${["Owner", "Admin", "Editor"].map((group) => excepted(`group: ${group}`, "2041-01-31", "Few, and known")).join("")}${excepted("member: mei@acme.example", "2031-01-31", "Built the desk")}`;

function excepted(who: string, until: string, reason: string): string {
  return `  - ${who}\n    reason: ${reason}\n    approver: hana@acme.example\n    until: ${until}\n`;
}

let world: World;
let start: Moment;
let head: string;
beforeAll(async () => {
  world = await importedWorld(LIMITS);
  start = rememberMoment(world);
  head = world.git("rev-parse", "HEAD").trim();
});
afterAll(() => world?.close());
beforeEach(() => {
  rewindTo(world, start);
  world.git("reset", "-q", "--hard", head);
});

const plan = async (...args: readonly string[]) =>
  JSON.parse((await world.rolebook(["plan", "--format", "json", ...args])).stdout) as PlanOutput;
const writes = () => world.simulator.counters.view().writes;
const applied = () => world.git("rev-parse", "refs/rolebook/applied/acme").trim();

/** Commits guardrails and makes them the base, so that what follows is judged by nothing else. */
async function adopt(...rules: readonly string[]): Promise<void> {
  world.write(RULES, rules.join("---\n"));
  world.commit("guardrails");
  const result = await world.rolebook(["apply"]);
  expect(result.code, result.stdout).toBe(0);
}

/** Lets somebody into a group, committed. */
function admit(member: string, file: string): void {
  world.write(file, `${world.read(file)}  - ${member}@acme.example\n`);
  world.commit(`${member} joins`);
}

/** Errors of a plan with their places. */
const errors = ({ findings }: PlanOutput) =>
  findings
    .filter(({ severity }) => severity === "error")
    .map(({ code, file, line, column }) => (file === null ? code : `${file}:${line}:${column} ${code}`));

describe("somebody who may not hold two things", () => {
  it("is an error of validate at the line that causes it, in every format", async () => {
    world.write(RULES, APART);
    expect((await world.rolebook(["validate"])).code).toBe(0);
    admit("bo", PUBLISHERS);
    const shown = async (format: string) => {
      const { code, stdout } = await world.rolebook(["validate", "--format", format]);
      expect(code, format).toBe(1);
      return stdout;
    };
    const human = await shown("human");
    expect(human).toContain(`${CREATORS}:5:5  error  Makers do not publish:`);
    expect(human).toContain(`(${RULES}:2)`);
    expect(JSON.parse(await shown("json")).findings).toContainEqual(
      expect.objectContaining({
        code: "separation-of-duties",
        file: CREATORS,
        line: 5,
        column: 5,
        severity: "error",
      }),
    );
    expect(await shown("github")).toContain(`::error file=${CREATORS},line=5,col=5,`);
    const [run] = JSON.parse(await shown("sarif")).runs;
    expect(run.results).toContainEqual(
      expect.objectContaining({
        ruleId: "separation-of-duties",
        level: "error",
        locations: [
          {
            physicalLocation: {
              artifactLocation: expect.objectContaining({ uri: CREATORS }),
              region: { startLine: 5, startColumn: 5 },
            },
          },
        ],
      }),
    );
  });

  it("refuses the plan, and its approval writes nothing", async () => {
    await adopt(APART);
    const before = { ledger: world.git("rev-parse", "rolebook/ledger"), applied: applied() };
    admit("bo", PUBLISHERS);
    const shown = await world.rolebook(["plan"]);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toContain("REFUSED: this plan has errors");
    const refused = await plan();
    expect([refused.refused, errors(refused)]).toEqual([true, [`${PUBLISHERS}:6:5 separation-of-duties`]]);
    for (const args of [["--approve", refused.digest], []])
      expect((await world.rolebook(["apply", ...args])).code).toBe(1);
    expect(writes()).toEqual([]);
    expect({ ledger: world.git("rev-parse", "rolebook/ledger"), applied: applied() }).toEqual(before);
  });

  it("is let through by an exception, which every report lists", async () => {
    await adopt(APART + excepted("member: bo@acme.example", "2031-01-31", "Covers for Olu"));
    admit("bo", PUBLISHERS);
    const said =
      'Exception until 2031-01-31: guardrail "Makers do not publish" does not hold for bo@acme.example (Covers for Olu; approved by hana@acme.example)';
    const words = (text: string) => text.replace(/\s+/g, " ").replaceAll("&#8203;", "");
    for (const [args, code] of [
      [["validate"], 0],
      [["plan"], 2],
      [["plan", "--format", "markdown"], 2],
      [["drift"], 0],
    ] as const) {
      const result = await world.rolebook(args);
      expect([args, result.code, words(result.stdout)]).toEqual([args, code, expect.stringContaining(said)]);
    }
    const { digest, findings } = await plan();
    expect(findings).toContainEqual(
      expect.objectContaining({ severity: "note", code: "guardrail-exception", message: said }),
    );
    expect((await world.rolebook(["apply", "--approve", digest])).code).toBe(0);
    expect(writes()).toHaveLength(1);
  });

  it("is an error again once the exception has ended", async () => {
    await adopt(APART);
    const ended = await plan("--now", "2031-02-01T00:00:00Z");
    // Mei publishes already: that is no reason to refuse what somebody else does.
    expect(
      ended.findings.filter(({ severity }) => severity !== "note").map(({ severity, code }) => `${severity} ${code}`),
    ).toEqual(["warning separation-of-duties", "warning exception-ended"]);
    const { code, stdout } = await world.rolebook(["validate", "--now", "2031-02-01T00:00:00Z"]);
    expect([code, stdout]).toEqual([1, expect.stringContaining("(exception-ended)")]);
  });
});

describe("what the platform alone knows", () => {
  const FACTOR = `kind: Guardrail
name: Support with a second factor
rule: multi-factor
with:
  permissions: [{resource: Customer}]
`;
  const AWAKE = `kind: Guardrail
name: Nobody asleep in support
rule: dormant-member
with:
  permissions: [{resource: Customer}]
  days: 90
`;

  it("validate leaves to plan, and plan judges it", async () => {
    await adopt(FACTOR, AWAKE);
    const standing = await plan();
    expect(standing.refused).toBe(false);
    expect(standing.findings.map(({ code, message }) => `${code} ${message.split(" holds ")[0]}`)).toEqual([
      "multi-factor Support with a second factor: amara@acme.example",
      "multi-factor Support with a second factor: yusuf@acme.example",
    ]);
    world.write(SUPPORT, `${world.read(SUPPORT)}  - bo@acme.example\n  - sofia@acme.example\n`);
    world.commit("Bo and Sofia join the support");
    expect((await world.rolebook(["validate", "--strict"])).code).toBe(0);
    expect(errors(await plan())).toEqual([`${SUPPORT}:6:5 multi-factor`, `${SUPPORT}:7:5 dormant-member`]);
  });

  it("what was so before does not stop something else", async () => {
    await adopt(FACTOR);
    admit("ravi", PUBLISHERS);
    const { digest, findings } = await plan();
    expect(findings.map(({ severity, message }) => `${severity} ${/\(it was so .*/.exec(message)?.[0]}`)).toEqual([
      "warning (it was so before this plan)",
      "warning (it was so before this plan)",
    ]);
    const result = await world.rolebook(["apply", "--approve", digest]);
    expect(result.code, result.stdout).toBe(0);
    expect(writes()).toHaveLength(1);
  });
});

describe("rules about changes and plans", () => {
  const rule = (name: string, about: string, deny: string) =>
    `kind: Guardrail\nname: ${name}\nrule: cel\nwith:\n  for: ${about}\n  deny: ${deny}\n`;

  it("are judged by plan alone, and name the change", async () => {
    await adopt(
      rule("Roles stay", "change", 'change.kind == "Role" && change.action == "delete"'),
      rule("Not so many", "plan", "plan.losing > 1"),
    );
    world.git("rm", "-q", "policies/acme/roles/analytics-test.yaml", "policies/acme/groups/analytics-test.yaml");
    world.git("rm", "-q", "policies/acme/memberships/analytics-test.yaml");
    world.commit("no more analytics");
    expect((await world.rolebook(["validate"])).code).toBe(0);
    const { findings } = await plan();
    expect(findings.map(({ code, key, message }) => [code, key, message.split(":")[0]])).toEqual([
      ["guardrail-cel", null, "Not so many"],
      ["guardrail-cel", "Role/analytics - test", "Roles stay"],
    ]);
    // One person is not many.
    world.git("reset", "-q", "--hard", "HEAD~1");
    world.edit("policies/acme/memberships/analytics-test.yaml", "  - sofia@acme.example\n", "");
    world.commit("Sofia leaves");
    expect(errors(await plan())).toEqual([]);
  });
});

describe("an expression that is wrong", () => {
  const tens = "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]";
  /** True of every number with so many digits: asked of 10^digits of them. */
  const loop = (digits: number): string => (digits === 0 ? "true" : `${tens}.all(n${digits}, ${loop(digits - 1)})`);

  it.each([
    ["syntax", "grant", "grant.scope == && true", "6:24"],
    ["types", "grant", "grant.scope + 1 == 2", "6:9"],
    ["a field that is not there", "member", 'member.name == "x" || member.mail == "y"', "6:38"],
    ["a variable that is not there", "group", 'member.name == "x"', "6:9"],
    ["no answer", "group", "group.name", "6:9"],
    ["a division by 0", "group", "size(group.members) / 0 > 1", "6:9"],
    ["a pattern that is none", "group", 'group.name.matches("(?=x)")', "6:28"],
    ["a quoted one", "group", `'group.nam == "x"'`, "6:16"],
    ["no end", "group", `'${loop(7)}'`, "6:10"],
    [
      "no end in what it puts together",
      "group",
      `'size(${tens}.map(a, ${tens}.map(b, ${tens}.map(c, ${tens}.map(d, ${tens}.map(e, ${tens}.map(f, group.name))))))) > 0'`,
      "6:10",
    ],
  ])("by %s is found where it is wrong, and forbids everything", async (_, about, deny, place) => {
    world.write(RULES, `kind: Guardrail\nname: Wrong\nrule: cel\nwith:\n  for: ${about}\n  deny: ${deny}\n`);
    world.commit("wrong");
    const { code, stdout, stderr } = await world.rolebook(["validate"]);
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain(`${RULES}:${place}  error  Wrong: `);
    expect(stdout.replace(/\s+/g, " ")).toContain("(guardrail-expression)");
  });

  it("is found at its own line in a text of several", async () => {
    const lines = (style: string) =>
      `kind: Guardrail\nname: Wrong\nrule: cel\nwith:\n  for: member\n  deny: ${style}\n    member.name == "x" ||\n    member.mail == "y"\n`;
    for (const style of ["|", "|-", ">", ">-"]) {
      world.write(RULES, lines(style));
      expect((await world.rolebook(["validate"])).stdout, style).toContain(`${RULES}:8:12  error`);
    }
  });

  it("refuses the plan and its apply, too", async () => {
    world.write(RULES, `kind: Guardrail\nname: Wrong\nrule: cel\nwith:\n  for: plan\n  deny: plan.loosing > 1\n`);
    admit("bo", PUBLISHERS);
    const refused = await plan();
    expect(errors(refused)).toEqual([`${RULES}:6:14 guardrail-expression`]);
    expect((await world.rolebook(["apply", "--approve", refused.digest])).code).toBe(1);
    expect(writes()).toEqual([]);
  });
});
