// Approvals that are none, through the whole loop: said in the comment before the merge, and in what is held after it. Who weakens the
// rules, or writes themselves into them, is judged by the rules as they were.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Forge, forgeWorld } from "../support/forge.ts";
import { both, describeGroup, join, type Loop, leave, loopOf, SETTLED, settings, settled } from "../support/loop.ts";
import type { Folder } from "../support/world.ts";

let forge: Forge;
let loop: Loop;
beforeEach(async () => {
  forge = await forgeWorld();
  loop = loopOf(forge);
});
afterEach(() => forge?.close());

const LONG = 300_000;

/** Nobody's approval counts: told before the merge, held after it, nothing written. Then somebody approves who may. */
async function refuses(number: number, reviewers: readonly string[], sentences: readonly string[], then: string) {
  await loop.plan(number);
  for (const login of reviewers) forge.access.review({ number, login });
  expect((await loop.plan(number)).code).toBe(2);
  expect(loop.conclusion(number)).toBe("action_required");
  for (const sentence of sentences) expect(plain(loop.comment(number))).toContain(sentence);
  forge.access.merge({ number, method: "squash" });
  forge.simulator.counters.reset();
  const held = await loop.apply();
  expect(held).toMatchObject({ code: 2, outcomes: [], refused: null });
  expect([loop.writes(), held.held.map(({ pull }) => pull)]).toEqual([0, held.held.map(() => number)]);
  for (const sentence of sentences) {
    expect(held.held[0]?.why).toContain(sentence);
    expect(plain(loop.heldComment(number) ?? "")).toContain(sentence);
  }
  forge.access.review({ number, login: then });
  expect(await loop.apply()).toMatchObject({ code: 0, held: [], converged: true });
  expect(loop.runs().at(-1)?.start.approval.by).toBe(`${then}@acme.example`);
  expect(settled(forge)).toEqual(SETTLED);
}

/** Markdown without what is there for its looks. */
const plain = (text: string) => text.replace(/[`\\]/g, "");

describe("an approval", () => {
  it(
    "by somebody who wrote a part of it, by a non-owner, and by nobody the settings know",
    async () => {
      const number = loop.open(describeGroup("insights", "By two"));
      forge.amend(number, describeGroup("card-creators", "By two"), "hana");
      await refuses(
        number,
        ["hana", "bo", "stranger"],
        ["hana wrote a part of the pull request", "bo owns nothing of this", "stranger is nobody the settings know"],
        "noor",
      );
    },
    LONG,
  );

  it(
    "by who opened it: the host takes none, and by who opens it for them neither",
    async () => {
      const edit = describeGroup("insights", "By hana herself");
      const number = loop.open(edit, "hana");
      expect(() => forge.access.review({ number, login: "hana" })).toThrow("Unprocessable Entity");
      forge.access.closePull(number);
      // The same commits, in a pull request that somebody else opens.
      const other = forge.access.openPull({ head: forge.access.pull(number).head.branch, author: "bo" });
      await refuses(other, ["hana"], ["hana wrote a part of the pull request"], "noor");
    },
    LONG,
  );

  it(
    "by an owner who gains by it",
    async () => {
      await loop.merged((desk) =>
        desk.edit(
          "policies/acme/groups/insights.yaml",
          "name: Insights\n",
          "name: Insights\nowners: [bo@acme.example]\n",
        ),
      );
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      await refuses(loop.open(join("insights", "bo")), ["bo"], ["bo gains by it"], "hana");
    },
    LONG,
  );
});

const SETTINGS = "policies/rolebook.yaml";
const RULES = "policies/guardrails/rules.yaml";
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

describe("what weakens the rules", () => {
  it(
    "needs the owners of the base, whomever it names itself; merged without them it holds up what comes after",
    async () => {
      const before = forge.access.git("show", `main:${SETTINGS}`);
      const number = loop.open(
        both(
          settings("group: { share: 1, count: 100 }", "group: { share: 1, count: 200 }"),
          settings("[hana@acme.example, noor@acme.example]", "[ana@acme.example, mei@acme.example, bo@acme.example]"),
          settings("  mei: [mei@acme.example]\n", "  mei: [mei@acme.example, hana@acme.example]\n"),
          settings("  hana: [hana@acme.example]\n", ""),
          describeGroup("insights", "Beside the weakening"),
        ),
      );
      await loop.plan(number);
      expect(loop.shown(number)[0]?.weakens.length).toBeGreaterThanOrEqual(3);
      for (const login of ["mei", "bo"]) forge.access.review({ number, login });
      expect((await loop.plan(number)).code).toBe(2);
      expect(loop.conclusion(number)).toBe("action_required");
      forge.access.merge({ number });
      const after = loop.open(describeGroup("card-creators", "After the weakening"), "olu");
      await loop.plan(after);
      for (const login of ["mei", "bo"]) forge.access.review({ number: after, login });
      await loop.plan(after);
      // By what the base says now mei and bo are owners; by what was applied nobody has agreed to that.
      expect(loop.conclusion(after)).toBe("action_required");
      forge.access.merge({ number: after });
      forge.simulator.counters.reset();
      const held = await loop.apply();
      expect([held.code, loop.writes(), held.outcomes]).toEqual([2, 0, []]);
      expect(new Set(held.held.map(({ pull }) => pull))).toEqual(new Set([number, after]));
      forge.access.review({ number, login: "noor" });
      forge.access.review({ number: after, login: "noor" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      expect(settled(forge)).toEqual(SETTLED);
      // Back, by those who own it now.
      const back = loop.open((desk) => desk.write(SETTINGS, before));
      await loop.plan(back);
      forge.access.review({ number: back, login: "bo" });
      await loop.plan(back);
      forge.access.merge({ number: back });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
    },
    LONG,
  );

  it(
    "fewer approvals that are needed, are needed in full for that",
    async () => {
      const two = await loop.merged(
        settings("    limits:\n", "    approvals: { weakening: 2, neutral: 2 }\n    limits:\n"),
      );
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      const fewer = loop.open(
        both(settings("    approvals: { weakening: 2, neutral: 2 }\n", ""), describeGroup("insights", "By one")),
      );
      await loop.plan(fewer);
      forge.access.review({ number: fewer, login: "hana" });
      await loop.plan(fewer);
      expect([two > 0, loop.conclusion(fewer)]).toEqual([true, "action_required"]);
      forge.access.merge({ number: fewer, method: "rebase" });
      forge.simulator.counters.reset();
      expect((await loop.apply()).held.map(({ why }) => why)).toEqual([
        expect.stringContaining("it needs 2 approvals by"),
        expect.stringContaining("it needs 2 approvals by"),
        expect.stringContaining("it needs 2 approvals by"),
      ]);
      forge.access.review({ number: fewer, login: "noor" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      expect([loop.writes(), settled(forge)]).toEqual([1, SETTLED]);
    },
    LONG,
  );

  it(
    "an exception of a guardrail needs its owners, and lets nobody through in the same pull request",
    async () => {
      await loop.merged((desk) => desk.write(RULES, RULE), { by: ["noor"] });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      const except = loop.open((desk) => desk.write(RULES, `${RULE}${EXCEPTION}`));
      await loop.plan(except);
      expect(loop.shown(except)[0]?.weakens).toHaveLength(1);
      forge.access.review({ number: except, login: "bo" });
      expect((await loop.plan(except)).code).toBe(2);
      forge.access.review({ number: except, login: "noor" });
      expect((await loop.plan(except)).code).toBe(0);
      forge.access.merge({ number: except });
      const use = loop.open(join("audit-log", "bo"));
      expect((await loop.plan(use)).code).not.toBe(0);
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      expect((await loop.plan(use)).code).toBe(2);
      forge.access.review({ number: use, login: "hana" });
      expect((await loop.plan(use)).code).toBe(0);
      forge.access.merge({ number: use });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [], outcomes: [{ status: "applied" }] });
    },
    LONG,
  );

  it(
    "who maps their own login to an owner's address approves nothing with it, before the merge or after it",
    async () => {
      const take = both(
        settings("  hana: [hana@acme.example]", "  mallory: [hana@acme.example]"),
        join("insights", "olu"),
      );
      const number = loop.open(take, "olu");
      await loop.plan(number);
      forge.access.review({ number, login: "mallory" });
      expect((await loop.plan(number)).code).toBe(2);
      expect([loop.conclusion(number), loop.comment(number)]).toEqual([
        "action_required",
        expect.stringContaining("is nobody the settings know"),
      ]);
      forge.access.merge({ number });
      forge.simulator.counters.reset();
      expect((await loop.apply()).held.length).toBeGreaterThanOrEqual(2);
      forge.access.review({ number, login: "mallory" });
      const again = await loop.apply();
      expect([again.code, loop.writes()]).toEqual([2, 0]);
      expect(again.held.map(({ why }) => why).join()).toContain("mallory is nobody the settings know");
      // Nor of the next pull request, though the branch has the mapping by now.
      const next = loop.open(leave("insights", "ines"), "olu");
      await loop.plan(next);
      forge.access.review({ number: next, login: "mallory" });
      await loop.plan(next);
      expect(loop.conclusion(next)).toBe("action_required");
      forge.access.merge({ number: next });
      expect([(await loop.apply()).code, loop.writes()]).toEqual([2, 0]);
      forge.access.review({ number, login: "noor" });
      forge.access.review({ number: next, login: "noor" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      expect(settled(forge)).toEqual(SETTLED);
    },
    LONG,
  );
});

describe("a fork", () => {
  /** Opened from a fork, by somebody nobody knows. */
  function fromFork(edit: (desk: Folder) => void): number {
    const fork = forge.access.fork("mallory");
    const desk = forge.desk("mei");
    desk.git("fetch", "-q", "origin");
    desk.git("checkout", "-q", "--no-track", "-B", "forked", "origin/main");
    edit(desk);
    desk.commit("from a fork");
    desk.git("push", "-q", "--force", fork.bare, "forked");
    return forge.access.openPull({ head: "forked", author: "mallory", from: fork });
  }

  it(
    "is planned by a token that reads only without asking for anything else; told of by the workflow's own",
    async () => {
      const number = fromFork(describeGroup("insights", "Forked"));
      forge.github.clearRequests();
      const environment = { GITHUB_EVENT_NAME: "pull_request" };
      const read = await loop.plan(number, { token: "read", environment });
      expect(
        forge.github.requests({ token: "read", writes: true }).map(({ method, path }) => `${method} ${path}`),
      ).toEqual([]);
      expect(forge.github.requests({ token: "write" })).toEqual([]);
      expect(read.stdout).toContain("Insights");
      expect(read.stderr).toContain("fork");
      expect([loop.comment(number), loop.conclusion(number)]).toEqual(["", undefined]);
      expect((await loop.plan(number)).code).toBe(2);
      expect([loop.comment(number), loop.conclusion(number)]).toEqual([
        expect.stringContaining("Insights"),
        "action_required",
      ]);
      forge.access.review({ number, login: "hana" });
      expect((await loop.plan(number)).code).toBe(0);
      forge.access.merge({ number, method: "squash" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [], outcomes: [{ status: "applied" }] });
      expect(settled(forge)).toEqual(SETTLED);
    },
    LONG,
  );
});

describe("a waiver", () => {
  it(
    "with the digest that the comment shows, in the same pull request: approved, applied under it, and spent",
    async () => {
      await loop.merged(settings("target: { share: 1, count: 100 }", "target: { share: 1, count: 1 }"));
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      const number = loop.open(both(leave("card-creators", "lars"), leave("card-creators", "priya")));
      expect((await loop.plan(number)).code).toBe(1);
      const [, digest = ""] = /plan: ([0-9a-f]{64})/.exec(loop.comment(number)) ?? [];
      expect(digest).toBe(loop.shown(number)[0]?.digest);
      forge.amend(number, (desk) =>
        desk.write(
          "policies/waivers/leavers.yaml",
          `kind: Waiver\nname: Leavers\ntarget: acme\nplan: ${digest}\nlimit: target\nallows: 2\nreason: Two leave\napprover: hana@acme.example\n`,
        ),
      );
      expect((await loop.plan(number)).code).toBe(2);
      expect(loop.comment(number)).toContain("Waivers used: `Leavers`");
      forge.access.review({ number, login: "hana" });
      expect((await loop.plan(number)).code).toBe(0);
      forge.access.merge({ number, method: "rebase" });
      forge.simulator.counters.reset();
      expect(await loop.apply()).toMatchObject({
        code: 0,
        held: [],
        outcomes: [{ status: "applied" }, { status: "applied" }],
      });
      expect(loop.receipts().at(-1)?.waivers).toEqual(["Leavers"]);
      expect(settled(forge)).toEqual(SETTLED);
      const plan = await forge.rolebook(["plan"]);
      expect([plan.code, plan.stdout]).toEqual([0, expect.stringMatching(/Leavers.*spent|spent.*Leavers/s)]);
      const next = loop.open(both(leave("card-creators", "ana"), leave("card-creators", "mei")), "bo");
      expect((await loop.plan(next)).code).toBe(1);
    },
    LONG,
  );
});
