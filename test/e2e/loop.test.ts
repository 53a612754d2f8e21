// The whole loop with nothing but the built command line and what people do: opened, planned, approved, merged, applied. What the plan
// on the pull request shows is what the apply after the merge looks for; everything is read back from the remote.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { APPLIED_REF, type Forge, forgeWorld } from "../support/forge.ts";
import { both, describeGroup, join, type Loop, leave, loopOf, SETTLED, settled } from "../support/loop.ts";

let forge: Forge;
let loop: Loop;
beforeAll(async () => {
  forge = await forgeWorld();
  loop = loopOf(forge);
});
afterAll(() => forge?.close());
afterEach(() => {
  for (const { number, state } of forge.access.pulls()) if (state === "open") forge.access.closePull(number);
});

/** How long the loop takes at most. */
const LONG = 300_000;

describe("what is opened, planned, approved and merged", () => {
  it.each(["merge", "squash", "rebase"] as const)(
    "is applied after a %s, proved, recorded at the remote, and nothing is left",
    async (method) => {
      const number = loop.open(describeGroup("insights", `By ${method}`));
      // A pull request of two commits, so that a rebase brings two.
      forge.amend(
        number,
        both(leave("card-creators", method === "merge" ? "bo" : method === "squash" ? "lars" : "priya")),
      );
      const waiting = loop.open(describeGroup("card-publishers", `Beside ${method}`), "bo");
      expect((await loop.plan(number)).code).toBe(2);
      expect([loop.conclusion(number), loop.shown(number)[0]?.changes?.length]).toEqual(["action_required", 2]);
      const review = forge.access.review({ number, login: "hana" });
      const approved = await loop.plan(number);
      expect([approved.code, approved.stderr, loop.conclusion(number)]).toEqual([0, "", "success"]);
      expect(loop.comment(number)).toContain("**Approved.**");
      const [shown] = loop.shown(number);
      forge.access.merge({ number, method });
      forge.simulator.counters.reset();

      const result = await loop.apply();
      expect(result).toMatchObject({ code: 0, stderr: "", held: [], refused: null, converged: true });
      expect(result.outcomes.map(({ status }) => status)).toEqual(["applied", "applied"]);
      expect([result.applied, forge.atOrigin(APPLIED_REF)]).toEqual([
        forge.access.tip("main"),
        forge.access.tip("main"),
      ]);
      expect(loop.writes()).toBe(2);

      const run = loop.runs().at(-1);
      expect(run?.start.plan.changes.map(({ id }) => id).sort()).toEqual([...(shown?.changes ?? [])].sort());
      expect(run?.start.approval).toMatchObject({
        how: "reviews",
        by: "hana@acme.example",
        evidence: [{ pull: number, review, login: "hana", member: "hana@acme.example" }],
      });
      expect(run?.receipts).toMatchObject([{ commit: forge.access.tip("main"), converged: true }]);
      expect(await loop.left()).toEqual({ code: 0, names: [] });
      expect(loop.heldComment(number)).toBeUndefined();
      expect(settled(forge)).toEqual(SETTLED);

      const others = await loop.plan("all");
      expect([others.code, others.stderr]).toEqual([2, ""]);
      expect([loop.conclusion(waiting), loop.shown(waiting)[0]?.changes?.length]).toEqual(["action_required", 1]);
      const before = loop.everything();
      await loop.plan("all");
      expect(await loop.apply()).toMatchObject({ code: 0, outcomes: [] });
      expect(loop.everything()).toEqual(before);
    },
    LONG,
  );
});

describe("what is edited after it was approved", () => {
  it(
    "is approved no more; merged anyway it is held, told, and made when it is approved after the merge",
    async () => {
      const number = loop.open(describeGroup("insights", "Before the edit"));
      await loop.plan(number);
      const review = forge.access.review({ number, login: "hana" });
      expect((await loop.plan(number)).code).toBe(0);
      forge.amend(number, join("insights", "mei"));
      expect((await loop.plan(number)).code).toBe(2);
      expect(loop.conclusion(number)).toBe("action_required");
      expect(forge.access.reviews(number).find(({ id }) => id === review)?.state).toBe("DISMISSED");
      forge.access.merge({ number, method: "squash" });
      forge.simulator.counters.reset();

      const held = await loop.apply();
      expect(held).toMatchObject({ code: 2, outcomes: [], refused: null, converged: false });
      expect([held.held.map(({ pull }) => pull), loop.writes()]).toEqual([[number, number], 0]);
      expect(loop.heldComment(number)).toContain("2 changes of this pull request are held");
      expect(loop.openIssues().map(({ title }) => title)).toEqual(["Held: 2 changes of acme"]);

      forge.access.review({ number, login: "noor" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [], converged: true });
      expect(loop.writes()).toBe(2);
      expect(loop.heldComment(number)).toContain("is applied");
      expect(settled(forge)).toEqual(SETTLED);
      expect(loop.runs().at(-1)?.start.approval.by).toBe("noor@acme.example");
      expect((await loop.left()).code).toBe(0);
    },
    LONG,
  );

  it(
    "is not covered by a review of the older commit, though nobody planned the newer one",
    async () => {
      const number = loop.open(describeGroup("insights", "Planned"));
      await loop.plan(number);
      forge.access.review({ number, login: "hana" });
      await loop.plan(number);
      forge.amend(number, leave("insights", "mei"));
      forge.access.merge({ number });
      forge.simulator.counters.reset();
      const first = await loop.apply();
      expect(first).toMatchObject({ code: 2, outcomes: [{ status: "applied" }], held: [{ pull: number }] });
      expect([first.held[0]?.name, loop.writes()]).toEqual([expect.stringContaining("mei@acme.example"), 1]);
      forge.access.review({ number, login: "noor" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      expect(settled(forge)).toEqual(SETTLED);
    },
    LONG,
  );
});

describe("an extra change that nobody approved", () => {
  it(
    "because the platform moved between approval and merge: that is held, the rest is made",
    async () => {
      const number = loop.open(
        both(describeGroup("insights", "Moved under it"), describeGroup("card-creators", "Stays")),
      );
      await loop.plan(number);
      forge.access.review({ number, login: "hana" });
      expect((await loop.plan(number)).code).toBe(0);
      await forge.byHand("PATCH", "/v1/groups/gInsigh7Gu", { description: "By hand" });
      forge.access.merge({ number });
      forge.simulator.counters.reset();
      const first = await loop.apply();
      expect(first.outcomes).toMatchObject([{ name: expect.stringMatching(/card creators/i), status: "applied" }]);
      expect(first).toMatchObject({ code: 2, held: [{ name: expect.stringMatching(/insights/i), pull: number }] });
      expect(loop.writes()).toBe(1);
      // Undone by hand: what was approved is what there is to do again.
      const before = Object.values(forge.simulator.dump().groups).find(({ id }) => id === "gInsigh7Gu")?.description;
      expect(before).toBe("By hand");
      await forge.byHand("PATCH", "/v1/groups/gInsigh7Gu", { description: "Planned" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [], converged: true });
      expect(settled(forge)).toEqual(SETTLED);
    },
    LONG,
  );

  it(
    "because a second pull request was merged unapproved in between: that is held, the first is made",
    async () => {
      const first = loop.open(describeGroup("insights", "Approved one"));
      const second = loop.open(both(describeGroup("card-creators", "Unapproved"), join("card-creators", "olu")), "bo");
      await loop.plan(first);
      await loop.plan(second);
      forge.access.review({ number: first, login: "hana" });
      await loop.plan("all");
      forge.access.merge({ number: second });
      await loop.plan("all");
      expect(loop.conclusion(first)).toBe("success");
      forge.access.merge({ number: first, method: "squash" });
      forge.simulator.counters.reset();
      const result = await loop.apply();
      expect(result).toMatchObject({ code: 2, outcomes: [{ name: expect.stringMatching(/insights/i) }] });
      expect([result.held.map(({ pull }) => pull), loop.writes()]).toEqual([[second, second], 1]);
      expect([loop.heldComment(first), loop.heldComment(second)]).toEqual([
        undefined,
        expect.stringContaining("2 changes"),
      ]);
      forge.access.review({ number: second, login: "noor" });
      expect(await loop.apply()).toMatchObject({ code: 0, held: [] });
      expect(loop.writes()).toBe(3);
      expect(settled(forge)).toEqual(SETTLED);
    },
    LONG,
  );
});
