// `apply --merged` where something stands in the way: another machine, a freeze, no history, another system's address; and where
// nothing has to be approved any more.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { claimRef, claimTarget } from "../../src/git/claim.ts";
import { openRepository } from "../../src/git/repository.ts";
import type { MergedOutcome } from "../../src/model/merged.ts";
import type { Receipt } from "../../src/model/receipt.ts";
import { writeShown } from "../../src/model/shown.ts";
import { applyMerged as applyMergedNow } from "../../src/run/apply-merged.ts";
import { APPLIED_REF, type Checkout, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { CREDENTIALS } from "../support/world.ts";

let forge: Forge;

beforeAll(async () => {
  forge = await forgeWorld();
});
afterAll(() => forge?.close());

interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
  readonly applied: string | null;
  readonly outcomes: readonly { readonly status: string }[];
  readonly held: readonly { readonly name: string; readonly why: string; readonly pull: number | null }[];
  readonly refused: string | null;
  readonly frozen: boolean;
  readonly converged: boolean;
}

type Place = Pick<Checkout, "rolebook">;

async function applyMerged(place: Place = forge, environment: Record<string, string> = {}): Promise<Outcome> {
  const { code, stdout, stderr } = await place.rolebook(["apply", "--merged", "--format", "json"], { environment });
  if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
  return { code, stderr, ...JSON.parse(stdout).targets[0] };
}

type Edit = Parameters<Forge["propose"]>[0]["edit"];
let merges = 0;

/** An edit that is proposed, shown, approved and merged. */
async function merged(edit: Edit, reviewers: readonly string[] = ["hana"]): Promise<number> {
  merges += 1;
  const number = forge.propose({ login: "ana", branch: `merge-${merges}`, edit });
  const shown = await forge.rolebook(["plan", "--pull-request", String(number)]);
  if (shown.code === 70) throw new Error(shown.stderr);
  for (const login of reviewers) forge.access.review({ number, login });
  forge.access.merge({ number });
  return number;
}

const describeGroup =
  (file: string, text: string): Edit =>
  (desk) => {
    const path = `policies/acme/groups/${file}.yaml`;
    desk.write(path, desk.read(path).replace(/^description:.*$/m, `description: ${text}`));
  };

const settings =
  (from: string, to: string): Edit =>
  (desk) =>
    desk.edit("policies/rolebook.yaml", from, to);

const writes = () => forge.simulator.counters.view().writes.length;

function receipts(): Receipt[] {
  const paths = forge.access.git("ls-tree", "-r", "--name-only", LEDGER_REF).split("\n");
  return paths
    .filter((path) => /receipt/.test(path))
    .map((path) => JSON.parse(forge.access.git("show", `${LEDGER_REF}:${path}`)) as Receipt)
    .sort((one, other) => (one.endedAt < other.endedAt ? -1 : 1));
}

function expectDone(result: Outcome): void {
  expect(result).toMatchObject({ code: 0, held: [], refused: null, converged: true });
  expect(forge.atOrigin(APPLIED_REF)).toBe(forge.access.tip("main"));
}

describe("two machines", () => {
  it("that apply at once: one of them writes, once, and the ledger has one story", async () => {
    await merged(describeGroup("insights", "By one of two"));
    const machines = [forge.checkout({ depth: 1 }), forge.checkout({ depth: 0 })];
    const before = receipts().length;
    forge.simulator.counters.reset();
    forge.simulator.faults.set([{ kind: "latency", ms: 150 }]);
    const results = await Promise.all(machines.map((machine) => applyMerged(machine)));
    forge.simulator.faults.set([]);
    expect(writes()).toBe(1);
    expect(receipts().length).toBe(before + 1);
    expect(results.filter(({ code }) => code === 0).length).toBeGreaterThanOrEqual(1);
    for (const { code, refused } of results) if (code !== 0) expect(refused).toContain("applied by somebody else");
    expectDone(await applyMerged());
    expect([writes(), receipts().length]).toEqual([1, before + 1]);
  });

  it("a claim that somebody holds is respected, and nothing is written or recorded", async () => {
    await merged(describeGroup("insights", "After the claim"));
    const runner = forge.checkout({ depth: 0 });
    const repository = await openRepository(runner.dir);
    if (!repository) throw new Error("no repository");
    const tips = await repository.fetchTips("origin", [claimRef("acme")]);
    const known = tips.get(claimRef("acme")) ?? null;
    const claim = await claimTarget(repository, "origin", "acme", known, new Date());
    const ledger = forge.atOrigin(LEDGER_REF);
    forge.simulator.counters.reset();
    const refused = await applyMerged();
    expect(refused).toMatchObject({ code: 1, outcomes: [], converged: false });
    expect(refused.refused).toContain(`acme is being applied by somebody else: process ${process.pid}`);
    expect([writes(), forge.atOrigin(LEDGER_REF)]).toEqual([0, ledger]);
    await claim.release(new Date());
    expectDone(await applyMerged());
  });

  it("one that is killed has its start on the remote: another one finishes it from there", async () => {
    await merged((desk) => {
      describeGroup("insights", "Begun")(desk);
      describeGroup("card-creators", "Begun as well")(desk);
    });
    const before = receipts().length;
    forge.simulator.counters.reset();
    let kill = () => {};
    const forget = forge.simulator.onWrite((_, when) => {
      if (when === "after") kill();
    });
    const first = await forge.checkout({ depth: 1 }).rolebook(["apply", "--merged"], {
      onStart: (child) => (kill = () => child.kill("SIGKILL")),
    });
    forget();
    expect(first.code).toBe(null);
    const start = forge.access.git("log", "-1", "--format=%s", LEDGER_REF);
    expect(start).toMatch(/^acme: start /);
    expectDone(await applyMerged(forge.checkout({ depth: 1 })));
    expect(writes()).toBe(2);
    expect(receipts().length).toBe(before + 1);
    expect(
      receipts()
        .at(-1)
        ?.outcomes.map(({ change }) => change).length,
    ).toBe(2);
  });
});

describe("a freeze", () => {
  it("holds what is approved, says why and until when, and holds it no longer than that", async () => {
    const window =
      '    freeze: [{ from: "2020-01-01T00:00:00Z", until: "2999-01-01T00:00:00Z", reason: "Year end" }]\n';
    await merged(settings("    limits:\n", `${window}    limits:\n`));
    await merged(describeGroup("insights", "Frozen"));
    forge.simulator.counters.reset();
    const frozen = await applyMerged();
    expect(frozen).toMatchObject({ code: 2, frozen: true, held: [] });
    expect(frozen.refused).toBe("acme is frozen: Year end. It ends at 2999-01-01T00:00:00.000Z");
    const byHand = await forge.rolebook(["apply", "--approve", "0".repeat(64)]);
    expect(byHand.code).toBe(1);
    expect(byHand.stderr).toContain("acme is frozen: Year end");
    expect(writes()).toBe(0);
    // Who ends it early takes a protection away, and takes an approval for that: here the one it got.
    await merged(settings(window, ""));
    expectDone(await applyMerged());
    expect(writes()).toBe(1);
  });
});

/** A system that writes down who asks it for something. */
async function listener(): Promise<{ readonly url: string; readonly asked: string[]; readonly close: () => void }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(404).end();
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked, close: () => void server.close() };
}

describe("another address of the platform", () => {
  it("that nobody agreed to is shown no credential: it is held, with everything after it", async () => {
    const elsewhere = await listener();
    forge.pushToMain("bo", settings(`url: ${forge.url}`, `url: ${elsewhere.url}`));
    const held = await applyMerged();
    expect(held).toMatchObject({ code: 2, held: [{ pull: null }] });
    expect(held.held[0]?.name).toContain("it is another system");
    const number = forge.propose({ login: "ana", branch: "meanwhile", edit: describeGroup("insights", "Meanwhile") });
    expect((await forge.rolebook(["plan", "--pull-request", String(number)])).stdout).toContain("Meanwhile");
    expect((await forge.rolebook(["drift", "--propose"])).code).toBe(0);
    forge.access.closePull(number);
    expect(elsewhere.asked).toEqual([]);
    const back = await merged(settings(`url: ${elsewhere.url}`, `url: ${forge.url}`), []);
    elsewhere.close();
    expect(back).toBeGreaterThan(0);
    expectDone(await applyMerged());
  });
});

/** Runs it in this process, at another time. */
async function applyAt(instant: string): Promise<readonly MergedOutcome[]> {
  forge.update();
  return applyMergedNow(
    {
      cwd: forge.dir,
      environment: { ...process.env, ...CREDENTIALS, ...forge.environment() },
      now: () => new Date(instant),
      out: () => {},
      err: () => {},
      terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
      ask: async () => false,
      onStop: () => () => {},
      version: "0.0.0",
      build: undefined,
    },
    { policies: "policies", format: "json", full: false },
  );
}

const until =
  (login: string, date: string): Edit =>
  (desk) =>
    desk.edit(
      "policies/acme/memberships/insights.yaml",
      `  - ${login}@acme.example\n`,
      `  - email: ${login}@acme.example\n    until: ${date}\n    reason: Contract C-102\n`,
    );

describe("access that ends", () => {
  it("by a date that was approved with it, ends without another approval, and the receipt says so", async () => {
    await merged(until("ravi", "2098-12-31"));
    expectDone(await applyMerged());
    forge.simulator.counters.reset();
    const [outcome] = await applyAt("2099-01-02T00:00:00Z");
    expect(outcome).toMatchObject({ held: [], outcomes: [{ status: "applied" }], converged: true });
    expect(writes()).toBe(1);
    const { approval } = receipts().at(-1) ?? {};
    expect(approval).toMatchObject({ how: "reviews", by: "the approved end of access", evidence: [] });
    expect(approval?.ended).toEqual(approval?.changes);
    // Back to today, when the access has not ended.
    await forge.byHand("POST", "/v1/groups/gInsigh7Gu/members/batch", { add: ["mRavi11Xc4"] });
  });

  it("by a date that is past already takes an approval like any removal", async () => {
    const number = await merged(until("ines", "2020-01-01"), []);
    forge.simulator.counters.reset();
    const held = await applyMerged();
    expect(held).toMatchObject({ code: 2, held: [{ pull: number }] });
    expect(writes()).toBe(0);
    forge.access.review({ number, login: "noor" });
    expectDone(await applyMerged());
  });
});

describe("a waiver", () => {
  it("of the plan that was shown holds when it is applied", async () => {
    const limits = "limits:\n      target: { share: 1, count: 100 }";
    await merged(settings(limits, "limits:\n      target: { share: 1, count: 1 }"), ["hana", "noor"]);
    expectDone(await applyMerged());
    const gone: Edit = (desk) => {
      const path = "policies/acme/memberships/card-creators.yaml";
      desk.write(path, desk.read(path).replace(/^ {2}- (?:ana|bo)@acme\.example\n/gm, ""));
    };
    const number = forge.propose({ login: "tomas", branch: "waived", edit: gone });
    const runner = forge.checkout({ depth: 0, branch: "waived" });
    const { digest } = JSON.parse((await runner.rolebook(["plan", "--format", "json"])).stdout);
    forge.amend(number, (desk) =>
      desk.write(
        "policies/waivers/leavers.yaml",
        `kind: Waiver\nname: Leavers\ntarget: acme\nplan: ${digest}\nlimit: target\nallows: 2\nreason: Two leave\napprover: hana@acme.example\n`,
      ),
    );
    const { head } = forge.access.pull(number);
    const amended = forge.checkout({ depth: 0, branch: "waived" });
    const plan = JSON.parse((await amended.rolebook(["plan", "--format", "json"])).stdout);
    expect(plan.digest).toBe(digest);
    const shown = { target: "acme", digest, changes: plan.changes.map(({ id }: { id: string }) => id), weakens: [] };
    forge.access.addCheck({ commit: head.commit, name: "rolebook", app: "github-actions", text: writeShown([shown]) });
    forge.access.review({ number, login: "hana" });
    // Something else that waits makes the plan at the merge another one than was shown.
    const waits = await merged(describeGroup("insights", "Waits"), []);
    forge.access.merge({ number });
    const first = await applyMerged();
    expect(first).toMatchObject({ code: 2, held: [{ pull: waits }] });
    expect(first.outcomes.map(({ status }) => status)).toEqual(["applied", "applied"]);
    forge.access.review({ number: waits, login: "hana" });
    expectDone(await applyMerged());
  });
});

describe("drift of a target that undoes it", () => {
  it("is nothing that was merged, and is undone by what its own pull request approved alone", async () => {
    await merged(settings("    owners:", "    drift: revert\n    owners:"));
    expectDone(await applyMerged());
    await forge.byHand("PATCH", "/v1/groups/gInsigh7Gu", { description: "By hand" });
    forge.simulator.counters.reset();
    const other = await merged(describeGroup("card-creators", "Beside the drift"));
    expect(other).toBeGreaterThan(0);
    expectDone(await applyMerged());
    expect(writes()).toBe(1);
    const desk = forge.desk("ana");
    desk.git("fetch", "-q", "origin");
    desk.git("checkout", "-q", "--no-track", "-B", "rolebook/drift/acme", "origin/main");
    desk.git("commit", "-q", "--allow-empty", "-m", "Undo drift");
    desk.git("push", "-q", "origin", "rolebook/drift/acme");
    const number = forge.access.openPull({ head: "rolebook/drift/acme", author: "ana" });
    const { head } = forge.access.pull(number);
    const plan = JSON.parse((await forge.rolebook(["plan", "--format", "json"])).stdout);
    expect(plan.changes).toMatchObject([{ origin: "drift" }]);
    const shown = { target: "acme", digest: plan.digest, changes: [plan.changes[0].id], weakens: [] };
    forge.access.addCheck({ commit: head.commit, name: "rolebook", app: "github-actions", text: writeShown([shown]) });
    forge.access.review({ number, login: "noor" });
    forge.access.merge({ number });
    expectDone(await applyMerged());
    expect(writes()).toBe(2);
    expect((await forge.rolebook(["plan"])).code).toBe(0);
  });
});

describe("settings that cannot be read", () => {
  it("hold up what was merged, until a later commit puts them right", async () => {
    const number = await merged(describeGroup("insights", "Before the mishap"));
    const good = forge.desk("ana").read("policies/rolebook.yaml");
    forge.pushToMain("bo", (desk) => desk.write("policies/rolebook.yaml", good.replace("name: acme", "name: acne")));
    const { stdout, code, stderr } = await forge.rolebook(["apply", "--merged", "--target", "acme"]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('There is no target "acme"');
    forge.pushToMain("bo", (desk) => desk.write("policies/rolebook.yaml", good));
    forge.simulator.counters.reset();
    const result = await applyMerged();
    expectDone(result);
    expect(writes()).toBe(1);
    expect(receipts().some(({ approval }) => approval.evidence?.some(({ pull }) => pull === number))).toBe(true);
  });
});

describe("a target that nothing was ever applied to", () => {
  it("is not talked to, and somebody is told to begin by hand", async () => {
    forge.access.git("update-ref", "-d", APPLIED_REF);
    const runner = forge.checkout({ depth: 1 });
    const first = await applyMerged(runner);
    expect(first).toMatchObject({ code: 1, applied: null, outcomes: [] });
    expect(first.refused).toContain("rolebook apply --target acme");
  });
});
