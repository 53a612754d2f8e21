// The base's guardrails judge, met by the built command line: nobody weakens a guardrail and makes use of it in one commit, and
// nobody weakens it at all but by an owner whom the base names.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import { importedWorld, type Moment, rememberMoment, rewindTo, type World } from "../support/world.ts";

const RULES = "policies/guardrails/rules.yaml";
const AUDIT = "policies/acme/memberships/audit-log.yaml";
const RULE = `kind: Guardrail
name: Makers are not told
rule: cel
with:
  for: member
  deny: '"Card creators" in member.groups && "audit log" in member.groups'
owners: [noor@acme.example]
`;
const EXCEPTION = `except:
  - member: bo@acme.example
    reason: He asked
    approver: bo@acme.example
    until: 2031-01-31
`;
const as = (name: string) => ({
  environment: {
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: `${name}@acme.example`,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: `${name}@acme.example`,
  },
});

let world: World;
let start: Moment;
let head: string;
beforeAll(async () => {
  world = await importedWorld("    owners: [hana@acme.example]\n");
  world.write(RULES, RULE);
  head = world.commit("a guardrail");
  // More guardrails take nobody's leave.
  const adopted = await world.rolebook(["apply"]);
  expect(adopted.code, adopted.stdout + adopted.stderr).toBe(0);
  start = rememberMoment(world);
});
afterAll(() => world?.close());
beforeEach(() => {
  rewindTo(world, start);
  world.git("reset", "-q", "--hard", head);
});

const plan = async () => JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout) as PlanOutput;
const applied = () => world.git("rev-parse", "refs/rolebook/applied/acme").trim();
const errors = ({ findings }: PlanOutput) =>
  findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
const letBoIn = () => world.write(AUDIT, `${world.read(AUDIT)}  - bo@acme.example\n`);

const WEAKENINGS: readonly (readonly [string, () => void])[] = [
  ["removed", () => world.git("rm", "-q", RULES)],
  ["made a warning", () => world.write(RULES, `${RULE}severity: warning\n`)],
  ["told to hold for others", () => world.write(RULES, `${RULE}${EXCEPTION}`)],
  ["written otherwise", () => world.edit(RULES, "audit log", "audit logs")],
];

describe.each(WEAKENINGS)("a guardrail that is %s", (_, weaken) => {
  it("judges the commit that does so all the same", async () => {
    weaken();
    letBoIn();
    world.commit("the guardrail is in the way");
    const refused = await plan();
    expect([refused.refused, errors(refused), refused.weakens.length]).toEqual([true, ["guardrail-cel"], 1]);
    const hint = refused.findings.find(({ code }) => code === "guardrail-cel")?.hint;
    expect(hint).toContain("apply what weakens the guardrail first");
    const result = await world.rolebook(["apply", "--approve", refused.digest], as("noor"));
    expect(result.code).toBe(1);
    expect([world.simulator.counters.view().writes, applied()]).toEqual([[], head]);
  });
});

describe("a guardrail that is weakened by itself", () => {
  it("is listed, waits for an owner of its own or of the target, and lets through what comes after", async () => {
    world.write(RULES, `${RULE}${EXCEPTION}`);
    const weakened = world.commit("Bo asked");
    const { digest, changes, weakens, refused } = await plan();
    expect([changes, refused]).toEqual([[], false]);
    expect(weakens).toMatchObject([{ owners: expect.arrayContaining(["noor@acme.example"]) }]);
    const what = weakens[0]?.what ?? "";
    expect(what).toContain("bo@acme.example");
    const words = (text: string) => text.replace(/\s+/g, " ").replaceAll("&#8203;", "").replaceAll("`", "");
    for (const format of ["human", "markdown"]) {
      const shown = await world.rolebook(["plan", "--format", format]);
      expect(shown.code).toBe(2);
      expect(words(shown.stdout)).toContain("Weakens the rules that judge it (1)");
      expect(words(shown.stdout)).toContain(what);
    }
    for (const [args, who] of [
      [[], "noor"],
      [["--approve", digest], "bo"],
    ] as const) {
      expect((await world.rolebook(["apply", ...args], as(who))).code).toBe(1);
      expect(applied()).toBe(head);
    }
    expect((await world.rolebook(["apply", "--approve", digest], as("noor"))).code).toBe(0);
    expect(applied()).toBe(weakened);

    letBoIn();
    world.commit("Bo joins");
    const after = await plan();
    expect([after.refused, after.weakens]).toEqual([false, []]);
    const result = await world.rolebook(["apply", "--approve", after.digest], as("bo"));
    expect(result.code, result.stdout).toBe(0);
  });
});

describe("owners that are changed", () => {
  it.each([
    ["of the target", () => world.edit("policies/rolebook.yaml", "owners: [hana@", "owners: [bo@"), "hana"],
    ["of the guardrail", () => world.edit(RULES, "owners: [noor@", "owners: [bo@"), "noor"],
  ])("%s are so by those who own it now, and not by those who will", async (_, edit, owner) => {
    edit();
    const commit = world.commit("Bo owns");
    const { digest, weakens } = await plan();
    expect(weakens.length).toBe(1);
    const refused = await world.rolebook(["apply", "--approve", digest], as("bo"));
    expect([refused.code, applied()]).toEqual([1, head]);
    expect(refused.stderr).toContain(`${owner}@acme.example`);
    const result = await world.rolebook(["apply", "--approve", digest], as(owner));
    expect([result.code, applied()], result.stdout).toEqual([0, commit]);
  });
});

describe("a guardrail that is made stricter", () => {
  it("judges its own commit, too", async () => {
    world.write(RULES, `${RULE}severity: warning\n`);
    world.commit("a warning");
    expect((await world.rolebook(["apply", "--approve", (await plan()).digest], as("noor"))).code).toBe(0);
    world.write(RULES, RULE);
    letBoIn();
    world.commit("an error, and what it forbids");
    const refused = await plan();
    expect([refused.refused, errors(refused), refused.weakens]).toEqual([true, ["guardrail-cel"], []]);
  });
});

it("says that a guardrail of the base cannot be read, where it could not judge", async () => {
  world.write(RULES, RULE.replace("rule: cel", "rule: of-another-version"));
  const broken = world.commit("as another version of Rolebook writes it");
  world.git("update-ref", "refs/rolebook/applied/acme", broken);
  world.write(RULES, RULE);
  world.commit("as this one does");
  const { findings } = await plan();
  expect(findings.filter(({ code }) => code === "base-rules-unread")).toEqual([
    expect.objectContaining({
      severity: "warning",
      key: `${RULES}:3:7 at ${broken.slice(0, 12)}`,
      message: expect.stringContaining("cannot be read, so they do not judge: "),
    }),
  ]);
});
