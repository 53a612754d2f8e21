// Several at once, from clones of their own against one remote: of two applies and of two looks for drift one wins each step, nothing is
// lost and nothing made twice; a merge may come while an apply runs; and whoever is killed is finished by the next, from another clone.
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { claimRef } from "../../src/git/claim.ts";
import { APPLIED_REF, type Checkout, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { both, describeGroup, join, type Loop, leave, loopOf, SETTLED, settled } from "../support/loop.ts";

let forge: Forge;
let loop: Loop;
beforeEach(async () => {
  forge = await forgeWorld({ target: "    drift: propose\n" });
  loop = loopOf(forge);
});
afterEach(() => forge?.close());

const LONG = 600_000;
const PUBLISHERS = "/v1/groups/gCardPb5Et/members/batch";
const wait = (ms: number) => new Promise((settle) => setTimeout(settle, ms));
const ROUNDS = [0, 60, 150, 300, 600];

/** The ledger's history has only grown. */
function expectGrown(before: string): void {
  expect(() => forge.access.git("merge-base", "--is-ancestor", before, LEDGER_REF)).not.toThrow();
}

describe("two applies at once", () => {
  it(
    "make every change once, whenever the other begins, and both tell the truth",
    async () => {
      forge.simulator.faults.set([{ kind: "latency", ms: 40 }]);
      for (const [round, offset] of ROUNDS.entries()) {
        const edits = [describeGroup("insights", `Round ${round}`), describeGroup("card-creators", `Round ${round}`)];
        await loop.merged(both(...edits));
        const ledger = forge.atOrigin(LEDGER_REF) ?? "";
        const runs = loop.runs().length;
        forge.simulator.counters.reset();
        const [one, two] = [forge.checkout({ depth: 1 }), forge.checkout({ depth: 0 })];
        const results = await Promise.all([loop.apply(one), wait(offset).then(() => loop.apply(two))]);
        expect(loop.writes(), `offset ${offset}`).toBe(2);
        expectGrown(ledger);
        const made = results.filter(({ outcomes }) => outcomes.length > 0);
        expect(made).toMatchObject([
          { code: 0, converged: true, outcomes: [{ status: "applied" }, { status: "applied" }] },
        ]);
        for (const { code, refused, outcomes } of results) {
          if (outcomes.length > 0) continue;
          if (code === 0) expect(refused).toBeNull();
          else expect(refused).toMatch(/applied by somebody else|Somebody else has applied/);
        }
        expect(loop.runs().length).toBe(runs + 1);
        expect(loop.runs().at(-1)?.receipts).toMatchObject([{ converged: true }]);
        expect(await loop.apply()).toMatchObject({ code: 0, outcomes: [], held: [] });
        expect([loop.writes(), settled(forge)]).toEqual([2, SETTLED]);
      }
    },
    LONG,
  );
});

describe("two looks for drift at once", () => {
  it(
    "propose it once, whenever the other begins",
    async () => {
      for (const offset of ROUNDS) {
        await forge.byHand("POST", PUBLISHERS, { add: ["mRavi11Xc4"] });
        const [one, two] = [forge.checkout({ depth: 1 }), forge.checkout({ depth: 0 })];
        const look = (place: Checkout) => place.rolebook(["drift", "--propose", "--format", "json"]);
        const results = await Promise.all([look(one), wait(offset).then(() => look(two))]);
        for (const { code, stdout, stderr } of results) {
          expect([code, stderr], `offset ${offset}`).toEqual([2, ""]);
          expect(JSON.parse(stdout)).toMatchObject({ failure: null, drift: 1 });
        }
        const [open, ...more] = forge.access.pulls().filter(({ state }) => state === "open");
        expect(more).toEqual([]);
        expect(forge.access.tip("rolebook/drift/acme")).toBe(open?.head.commit);
        // One more finds it as it is, and at most one issue.
        expect(JSON.parse((await look(forge.checkout())).stdout)).toMatchObject({ state: "same", pull: open?.number });
        expect(loop.openIssues()).toHaveLength(1);
        await forge.byHand("POST", PUBLISHERS, { remove: ["mRavi11Xc4"] });
        const gone = await Promise.all([look(forge.checkout()), look(forge.checkout())]);
        expect(gone.map(({ code, stdout }) => [code, JSON.parse(stdout).failure])).toEqual([
          [0, null],
          [0, null],
        ]);
        expect([forge.access.pulls().filter(({ state }) => state === "open"), loop.openIssues()]).toEqual([[], []]);
        expect(forge.access.tip("rolebook/drift/acme")).toBeNull();
      }
    },
    LONG,
  );
});

describe("a merge while an apply is running", () => {
  it(
    "is left to the next apply, which makes it; the running one proves what it began with",
    async () => {
      const first = loop.open(describeGroup("insights", "First"));
      const second = loop.open(describeGroup("card-creators", "Second"), "bo");
      await loop.plan("all");
      for (const number of [first, second]) forge.access.review({ number, login: "hana" });
      await loop.plan("all");
      forge.access.merge({ number: first });
      forge.simulator.counters.reset();
      const between = forge.access.tip("main");
      let merge = () => {};
      const forget = forge.simulator.onWrite((_, when) => when === "before" && merge());
      merge = () => {
        merge = () => {};
        forge.access.merge({ number: second, method: "rebase" });
      };
      const running = await loop.apply();
      forget();
      expect(running).toMatchObject({ code: 0, commit: between, applied: between, outcomes: [{ status: "applied" }] });
      expect(forge.atOrigin(APPLIED_REF)).toBe(between);
      expect(await loop.apply()).toMatchObject({ code: 0, held: [], outcomes: [{ status: "applied" }] });
      expect([loop.writes(), settled(forge)]).toEqual([2, SETTLED]);
      const evidence = loop
        .runs()
        .slice(-2)
        .map(({ start }) => start.approval.evidence?.map(({ pull }) => pull));
      expect(evidence).toEqual([[first], [second]]);
    },
    LONG,
  );
});

/** As another machine left it: nobody here can tell that its process is gone. */
function claimOfElsewhere(until: Date): void {
  const ref = claimRef("acme");
  const git = forge.desk("hana").git;
  git("fetch", "-q", "origin", ref);
  const record = JSON.parse(git("show", "FETCH_HEAD:claim.json"));
  const desk = forge.desk("hana");
  desk.write(
    "claim.json",
    JSON.stringify({ ...record, until: until.toISOString(), holder: { ...record.holder, host: "elsewhere" } }),
  );
  const blob = git("hash-object", "-w", "claim.json").trim();
  desk.write("tree.txt", "");
  git("read-tree", "--empty");
  git("update-index", "--add", "--cacheinfo", `100644,${blob},claim.json`);
  const commit = git("commit-tree", git("write-tree").trim(), "-p", "FETCH_HEAD", "-m", "as elsewhere").trim();
  git("push", "-q", "origin", `${commit}:${ref}`);
}

describe("an apply that is killed", () => {
  it.each([
    ["before", 1],
    ["after", 1],
    ["before", 2],
    ["after", 3],
  ] as const)(
    "%s its write %i is finished from another clone, once its claim has run out",
    async (phase, nth) => {
      const edits = [describeGroup("insights", "Killed"), leave("card-creators", "lars"), join("insights", "olu")];
      const number = await loop.merged(both(...edits));
      forge.simulator.counters.reset();
      let kill = () => {};
      let seen = 0;
      const forget = forge.simulator.onWrite((_, when) => {
        if (when === phase) seen += 1;
        if (when === phase && seen === nth) kill();
      });
      const killed = await forge.checkout().rolebook(["apply", "--merged"], {
        onStart: (child) => {
          kill = () => void child.kill("SIGKILL");
        },
      });
      forget();
      expect(killed.code).toBeNull();
      claimOfElsewhere(new Date(Date.now() + 200_000));
      const early = await loop.apply();
      expect([early.code, early.outcomes, early.refused]).toEqual([
        1,
        [],
        expect.stringMatching(/being applied by somebody else: process \d+ on "elsewhere"/),
      ]);
      claimOfElsewhere(new Date(Date.now() - 1000));
      const finished = await loop.apply();
      expect(finished).toMatchObject({ code: 0, held: [], refused: null, converged: true });
      expect([loop.writes(), settled(forge)]).toEqual([3, SETTLED]);
      const run = loop.runs().at(-1);
      expect(run?.start.approval.evidence).toMatchObject([{ pull: number, login: "hana" }]);
      expect(run?.receipts.at(-1)).toMatchObject({ converged: true });
      expect(await loop.left()).toEqual({ code: 0, names: [] });
    },
    LONG,
  );
});
