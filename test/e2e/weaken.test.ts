// A commit that makes the rules which judge plans less strict, met by the built command line: it is judged by the rules
// before it, and takes an owner whom those rules name.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { planDigest } from "../../src/plan/digest.ts";
import { schemaErrors } from "../report/schema.ts";
import { importedWorld, receiptsSince, rememberMoment, type World } from "../support/world.ts";

const SETTINGS = "policies/rolebook.yaml";
const OWNED = "    owners: [ana@acme.example]\n    limits: { target: { count: 5 }, group: { share: 0.1 } }\n";
const BO = {
  GIT_AUTHOR_NAME: "Bo Ng",
  GIT_AUTHOR_EMAIL: "bo@acme.example",
  GIT_COMMITTER_NAME: "Bo Ng",
  GIT_COMMITTER_EMAIL: "bo@acme.example",
};
const WHAT = "limits.target.count of acme is raised from 5 to 6";

describe("a limit is raised", () => {
  let world: World;
  let digest: string;
  const applied = () => world.git("rev-parse", "refs/rolebook/applied/acme");
  const head = () => world.git("rev-parse", "HEAD");
  beforeAll(async () => {
    world = await importedWorld(OWNED);
    world.edit(SETTINGS, "count: 5", "count: 6");
    world.commit("a higher limit");
  });
  afterAll(() => world.close());

  it("plan has nothing to change, and something to decide", async () => {
    const result = await world.rolebook(["plan", "--format", "json"]);
    expect(result.code).toBe(2);
    const plan = JSON.parse(result.stdout);
    digest = plan.digest;
    expect(plan.changes).toEqual([]);
    expect(digest).not.toBe(planDigest("acme", []));
  });

  it("apply does not take it over unasked, nor for the digest of a plan without it", async () => {
    const before = rememberMoment(world);
    const unasked = await world.rolebook(["apply"]);
    expect(unasked.code).toBe(1);
    expect(unasked.stderr).toContain(`--approve ${digest}`);
    const other = await world.rolebook(["apply", "--approve", planDigest("acme", [])]);
    expect(other.code).toBe(1);
    expect(rememberMoment(world)).toEqual(before);
    expect(applied()).not.toBe(head());
  });

  it("nobody else's approval will do, and the owner is named", async () => {
    const before = rememberMoment(world);
    const result = await world.rolebook(["apply", "--approve", digest], { environment: BO });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("Bo Ng <bo@acme.example> may not approve");
    expect(result.stderr).toContain(`ana@acme.example for "${WHAT}"`);
    expect(rememberMoment(world)).toEqual(before);
  });

  it("an owner's does, is on record, and moves the base", async () => {
    const before = rememberMoment(world);
    const result = await world.rolebook(["apply", "--approve", digest, "--format", "json"]);
    expect([result.code, result.stderr]).toEqual([0, ""]);
    expect(schemaErrors("receipt", JSON.parse(result.stdout))).toEqual([]);
    const [receipt] = receiptsSince(world, before);
    expect(receipt).toMatchObject({ converged: true, outcomes: [], digest });
    expect(receipt?.approval).toMatchObject({ by: "Ana Li <ana@acme.example>", how: "digest", changes: [] });
    expect(receipt?.approval.weakens).toHaveLength(1);
    expect(applied()).toBe(head());
    expect(world.simulator.counters.view().writes).toEqual([]);
    expect((await world.rolebook(["plan"])).code).toBe(0);
  });

  it("and lowered again without anybody's leave", async () => {
    world.edit(SETTINGS, "count: 6", "count: 4");
    world.commit("a lower limit");
    expect((await world.rolebook(["plan"])).code).toBe(0);
    expect((await world.rolebook(["apply"], { environment: BO })).code).toBe(0);
    expect(applied()).toBe(head());
  });
});

describe("a limit is raised together with what it would have held back", () => {
  it("the limit of the base holds it back all the same; raised first, it lets it through", async () => {
    const world = await importedWorld(OWNED);
    try {
      const members = "policies/acme/memberships/card-creators.yaml";
      world.edit(SETTINGS, "share: 0.1", "share: 0.5");
      world.commit("a higher limit");
      const raised = world.git("rev-parse", "HEAD").trim();
      world.edit(members, "  - ana@acme.example\n  - bo@acme.example\n", "");
      world.commit("and what it is for");
      const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
      const messages = plan.findings.map(({ message }: { readonly message: string }) => message);
      expect(messages).toContain(
        'Group "Card creators" would lose 2 of 5 members; the limit is 1 (the smaller of 10% and 20, at least 1)',
      );
      const result = await world.rolebook(["apply", "--approve", plan.digest]);
      expect(result.code).toBe(1);
      expect(world.simulator.counters.view().writes).toEqual([]);
      expect(world.git("rev-parse", "refs/rolebook/applied/acme")).not.toBe(world.git("rev-parse", "HEAD"));

      world.git("checkout", "-q", "--detach", raised);
      const first = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
      expect((await world.rolebook(["apply", "--approve", first.digest])).code).toBe(0);
      world.git("checkout", "-q", "main");
      const second = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
      expect(second.findings.filter(({ severity }: { severity: string }) => severity === "error")).toEqual([]);
      // Removing people is no weakening: whoever may apply may apply this.
      expect((await world.rolebook(["apply", "--approve", second.digest], { environment: BO })).code).toBe(0);
    } finally {
      await world.close();
    }
  });
});

describe("a target is given another name", () => {
  const RULE = `kind: Guardrail
name: Nobody reads the audit log
rule: permission-holders
targets: [acme]
owners: [ana@acme.example]
with: { permissions: [{ resource: Audit log, level: admin }], through: [No such group] }
severity: warning
`;
  let world: World;
  beforeAll(async () => {
    world = await importedWorld(OWNED);
    world.write("policies/guardrails/audit.yaml", RULE);
    world.commit("a guardrail");
    await world.rolebook(["apply"]);
    world.git("mv", "policies/acme", "policies/renamed");
    world.git("rm", "-q", "policies/guardrails/audit.yaml");
    world.edit(SETTINGS, "name: acme", "name: renamed");
    world.edit(SETTINGS, "count: 5", "count: 600");
    world.commit("a new name, and nothing that judges it");
  });
  afterAll(() => world.close());

  it("and is judged by what judged it under the old one", async () => {
    const result = await world.rolebook(["plan", "--format", "json"]);
    const plan = JSON.parse(result.stdout);
    expect(plan.base).toBeNull();
    expect(plan.weakens.map(({ what }: { readonly what: string }) => what)).toEqual([
      'Guardrail "Nobody reads the audit log" is removed',
      "limits.target.count of renamed is raised from 5 to 600",
    ]);
    expect(plan.findings.map(({ code }: { readonly code: string }) => code)).toContain("permission-holders");
    const applied = await world.rolebook(["apply", "--approve", plan.digest], { environment: BO });
    expect(applied.code).toBe(1);
    expect(applied.stderr).toContain("Bo Ng <bo@acme.example> may not approve");
  });
});
