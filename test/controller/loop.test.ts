// The loop over a real repository: what it does about each difference between what is and what was done, and that it does it once.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { lastReminder } from "../../src/controller/reviewing.ts";
import {
  type Call,
  createStage,
  EVERY_SECOND,
  NEVER,
  pullOf,
  type Running,
  reviewOf,
  type Stage,
  settingsOf,
  WAIT,
} from "./stage.ts";

let stage: Stage;
let running: Running | undefined;

beforeEach(() => {
  stage = createStage();
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  expect(stage.overlaps).toEqual([]);
  stage.remove();
});

const told = (calls: readonly Call[] = stage.calls) => calls.map(({ command, what }) => `${command} ${what}`).sort();
const forget = () => stage.calls.splice(0);
const until = (check: () => void) => vi.waitFor(check, WAIT);

async function started(targets = ["acme"], poll = EVERY_SECOND, drift = NEVER) {
  const tip = stage.push({ "policies/rolebook.yaml": settingsOf(targets, poll, drift) });
  running = await stage.start();
  await running.quiet();
  return { running, tip };
}

describe("the first look", () => {
  it("applies and looks for drift of every target, plans every open pull request, and is ready only then", async () => {
    const tip = stage.push({ "policies/rolebook.yaml": settingsOf(["acme", "cloud"]) });
    stage.pulls.set(1, pullOf(1, tip));
    stage.pulls.set(2, pullOf(2, tip));
    stage.pulls.set(3, pullOf(3, tip, { state: "closed" }));
    let look = () => {};
    const held = new Promise<void>((resolve) => {
      look = resolve;
    });
    stage.script.plan = () => held;
    let seen = 0;
    stage.script.host = () => {
      seen += 1;
      if (seen === 1) throw new Error("the host is not there yet");
    };
    running = await stage.start();
    const health = await fetch(`${running.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: "ok" }]);
    await until(() => expect(seen).toBe(1));
    expect((await fetch(`${running.url}/readyz`)).status).toBe(503);
    await until(() => expect(told()).toContain("plan 1"));
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
    look();
    await running.quiet();
    expect([...new Set(told())]).toEqual([
      "apply acme",
      "apply cloud",
      "drift acme",
      "drift cloud",
      "plan 1",
      "plan 2",
    ]);
    const status = await running.status();
    expect(status.targets).toMatchObject([
      { name: "acme", applied: tip, behind: 0, pending: 0, heldTotal: 0, paused: false, frozen: null },
      { name: "cloud", applied: tip, behind: 0 },
    ]);
    expect(status.pulls).toMatchObject([{ number: 1, conclusion: "action_required", planned: true }, { number: 2 }]);
    expect(status.errors).toMatchObject([{ key: "look", message: "the host is not there yet" }]);
  });

  it("keeps to one target when it is told to", async () => {
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme", "cloud"]) });
    running = await stage.start({ target: "cloud" });
    await running.quiet();
    expect(told()).toEqual(["apply cloud", "drift cloud"]);
    expect((await running.status()).targets.map(({ name }) => name)).toEqual(["cloud"]);
  });
});

describe("polling alone", () => {
  it("does nothing while nothing changes", async () => {
    const { running } = await started();
    forget();
    const before = (await running.status()).lookedAt;
    await vi.waitFor(async () => {
      const { lookedAt } = await running.status();
      if (lookedAt === null || before === null || Date.parse(lookedAt) < Date.parse(before) + 2500)
        throw new Error("not yet");
    }, WAIT);
    expect(told()).toEqual([]);
  });

  it("sees a merge, a pull request, a new head and a review, and does what follows from each once", async () => {
    await started();
    forget();
    const tip = stage.push({ "policies/acme/a.yaml": "" });
    await until(() => expect(told()).toEqual(["apply acme"]));
    expect(stage.calls[0]?.tip).toBe(tip);
    await running?.quiet();
    forget();
    stage.pulls.set(7, pullOf(7, tip));
    await until(() => expect(told()).toEqual(["plan 7"]));
    stage.pulls.set(7, pullOf(7, "1".repeat(40)));
    await until(() => expect(told()).toEqual(["plan 7", "plan 7"]));
    stage.reviews.set(7, [reviewOf(70, "1".repeat(40))]);
    await until(() => expect(told()).toEqual(["plan 7", "plan 7", "plan 7"]));
    stage.reviews.set(7, [reviewOf(70, "1".repeat(40), { state: "dismissed" })]);
    await until(() => expect(told().length).toBe(4));
    await running?.quiet();
    forget();
    stage.pulls.delete(7);
    await vi.waitFor(async () => expect((await running?.status())?.pulls).toEqual([]), WAIT);
    expect(told()).toEqual([]);
  });

  it("goes by the settings at the tip: targets that come and go, and another schedule", async () => {
    const { running } = await started(["acme"]);
    forget();
    stage.push({ "policies/rolebook.yaml": settingsOf(["cloud"], EVERY_SECOND, EVERY_SECOND) });
    await until(() => expect(told().filter((call) => call === "drift cloud").length).toBeGreaterThan(1));
    expect(told()).toContain("apply cloud");
    expect(told().filter((call) => call.endsWith("acme"))).toEqual([]);
    expect((await running.status()).targets.map(({ name }) => name)).toEqual(["cloud"]);
    stage.push({ "policies/rolebook.yaml": "kind: Settings\ntargets: 3\n" });
    await vi.waitFor(async () => expect((await running.status()).errors[0]).toMatchObject({ key: "look" }), WAIT);
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"], EVERY_SECOND) });
    await vi.waitFor(
      async () => expect((await running.status()).targets.map(({ name }) => name)).toEqual(["acme"]),
      WAIT,
    );
  });

  it("applies again what is held only when a review or the branch says something new", async () => {
    let approved = false;
    const held = [{ change: "c1", name: "Role X", why: "nobody approved it", pull: 7 }];
    stage.script.apply = async () => (approved ? {} : { held, applied: null, converged: false });
    const { running, tip } = await started();
    await until(() => expect(told().filter((call) => call === "apply acme").length).toBe(2));
    await running.quiet();
    expect((await running.status()).targets).toMatchObject([{ heldTotal: 1, pending: 1, held: [{ pull: 7 }] }]);
    forget();
    approved = true;
    stage.reviews.set(7, [reviewOf(70, tip)]);
    await until(() => expect(told()).toEqual(["apply acme"]));
    await vi.waitFor(
      async () => expect((await running.status()).targets).toMatchObject([{ heldTotal: 0, behind: 0 }]),
      WAIT,
    );
  });

  it("plans everything open again after an apply that wrote, and looks for drift where there was some", async () => {
    stage.script.drift = async () => ({ drift: 2, escalates: true, pull: 9, state: "opened" });
    const { running, tip } = await started();
    stage.pulls.set(7, pullOf(7, tip));
    stage.pulls.set(8, pullOf(8, tip));
    await until(() => expect(told().filter((call) => call.startsWith("plan")).length).toBe(2));
    await running.quiet();
    expect((await running.status()).targets).toMatchObject([{ drift: { entities: 2, escalates: true, pull: 9 } }]);
    stage.script.apply = async () => ({ outcomes: [{ change: "c1", status: "applied" }] });
    stage.script.drift = async () => ({ drift: 0, state: "closed" });
    forget();
    stage.push({ "policies/acme/a.yaml": "" });
    await vi.waitFor(async () => {
      await running.quiet();
      expect((await running.status()).targets).toMatchObject([{ drift: { entities: 0, pull: null } }]);
      expect(told().filter((call) => call === "plan 7").length).toBeGreaterThan(1);
      expect(told().filter((call) => call === "plan 8").length).toBeGreaterThan(1);
    }, WAIT);
  });
});

describe("access reviews", () => {
  const DEFINED = { "policies/reviews/quarterly.yaml": "kind: Review\n" };
  const WALK = ["review close", "review remind", "review start", "review status"];
  const standing = { id: "quarterly-2027-01-01", due: "2027-01-15", decided: 2, total: 5, pull: 9 } as const;
  const pullOfReview = (head: string) =>
    pullOf(9, head, { head: { branch: `rolebook/review/${standing.id}`, commit: head, repository: "acme/access" } });

  it("cost nothing where there are none, nor where one target alone is kept", async () => {
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"]) });
    running = await stage.start();
    await running.quiet();
    expect(told()).toEqual(["apply acme", "drift acme"]);
    await running.stop();
    stage.push(DEFINED);
    running = await stage.start({ target: "acme" });
    await running.quiet();
    expect(told().filter((call) => call.startsWith("review"))).toEqual([]);
  });

  it("are gone through once for each thing that a campaign may wait for, and shown", async () => {
    stage.script.review = async (step) => (step === "status" ? [{ ...standing, state: "deciding" }] : []);
    const { running } = await started();
    forget();
    const tip = stage.push(DEFINED);
    await until(() => expect(told()).toEqual(["apply acme", ...WALK]));
    await running.quiet();
    const status = await running.status();
    expect(status.campaigns).toEqual([{ ...standing, state: "deciding", overdue: standing.due < today() }]);
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    expect(metrics).toContain('rolebook_reviews_open{state="deciding"} 1');
    expect(metrics).toContain("rolebook_review_entries_undecided 3");
    const reviews = () => told().filter((call) => call.startsWith("review"));
    const next = async (what: () => void, walks = WALK) => {
      await running.quiet();
      forget();
      what();
      await until(() => expect(reviews()).toEqual(walks));
    };
    await next(() => stage.pulls.set(9, pullOfReview(tip)));
    await next(() => stage.pulls.set(9, pullOfReview("1".repeat(40))));
    await next(() => stage.reviews.set(9, [reviewOf(90, "1".repeat(40))]));
    await next(() => stage.git("push", "-q", "origin", "HEAD:refs/rolebook/applied/cloud"));
    // What a campaign leaves on the ledger moves it, too; anything else there does not.
    await next(() => pushLedger("reviews/q/start.json"));
    await running.quiet();
    forget();
    pushLedger("acme/other.json");
    stage.pulls.set(8, pullOf(8, tip));
    await until(() => expect(told()).toEqual(["plan 8"]));
  });

  it("each step is tried whatever became of the others, and what failed is tried again", async () => {
    let failures = 2;
    stage.script.review = async (step) => {
      if (step === "start" && failures-- > 0) throw new Error("the platform is away");
      return step === "status" ? [{ ...standing, state: "closing" }] : [];
    };
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"]), ...DEFINED });
    running = await stage.start();
    await running.quiet();
    for (const step of WALK) expect(told().filter((call) => call === step).length, step).toBeGreaterThan(2);
    expect(stage.calls.find(({ command }) => command === "review")?.what).toBe("start");
    const status = await running.status();
    expect(status.errors).toMatchObject([{ message: "the platform is away" }, { message: "the platform is away" }]);
    expect(status.campaigns).toMatchObject([{ state: "closing" }]);
  });

  it("all that fails is said, not the first alone", async () => {
    stage.script.review = async (step) => {
      if (step === "start" || step === "close") throw new Error(`no ${step}`);
      return [];
    };
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"]), ...DEFINED });
    running = await stage.start();
    await vi.waitFor(
      async () => expect((await running?.status())?.errors[0]?.message).toBe("no start; no close"),
      WAIT,
    );
  });

  it("remind since the last time of the settings, also when nobody was there by then", async () => {
    const asked: (Date | undefined)[] = [];
    stage.script.review = async (step, since) => {
      if (step === "remind") asked.push(since);
      return [];
    };
    const remind = 'reviews: { remind: "30 4 1 * *" }\n';
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"], NEVER, NEVER, remind), ...DEFINED });
    running = await stage.start();
    await running.quiet();
    expect(asked.length).toBeGreaterThan(0);
    for (const since of asked) expect(since?.toISOString()).toMatch(/-01T04:30:00.000Z$/);
    expect(lastReminder("0 7 * * 1", new Date("2027-01-06T12:00:00Z"))?.toISOString()).toBe("2027-01-04T07:00:00.000Z");
    expect(lastReminder("0 7 * * *", new Date("2027-01-06T07:00:00Z"))?.toISOString()).toBe("2027-01-06T07:00:00.000Z");
    expect(lastReminder("no cron", new Date("2027-01-06T07:00:00Z"))).toBeUndefined();
  });
});

/** Takes news as Slack does, and remembers their lines. */
async function openReceiver(): Promise<{ readonly url: string; readonly texts: string[] }> {
  const texts: string[] = [];
  const server = createServer(async (request, response) => {
    texts.push(JSON.parse((await request.toArray()).join("")).blocks[0].text.text);
    response.writeHead(204).end();
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/news`, texts };
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

/** One more file on the ledger. */
function pushLedger(path: string): void {
  const blob = stage.git("hash-object", "-w", ".git/HEAD");
  stage.git("update-index", "--add", "--cacheinfo", `100644,${blob},${path}`);
  const tree = stage.git("write-tree");
  stage.git(
    "push",
    "-q",
    "origin",
    `${stage.git("commit-tree", "-m", path, tree)}:refs/heads/rolebook/ledger`,
    "--force",
  );
}

describe("pauses", () => {
  it("a ref stops the applies of one target or of all, and nothing else; taking it back lets them go on", async () => {
    const { running } = await started(["acme", "cloud"]);
    stage.git("push", "-q", "origin", "HEAD:refs/rolebook/paused/acme");
    await vi.waitFor(
      async () =>
        expect((await running.status()).targets).toMatchObject([{ name: "acme", paused: true }, { paused: false }]),
      WAIT,
    );
    forget();
    const tip = stage.push({ "policies/acme/a.yaml": "" });
    stage.pulls.set(7, pullOf(7, tip));
    await until(() => expect([...new Set(told())]).toEqual(["apply cloud", "plan 7"]));
    await running.quiet();
    stage.git("push", "-q", "origin", "HEAD:refs/rolebook/paused/_all");
    await vi.waitFor(
      async () => expect((await running.status()).targets).toMatchObject([{ paused: true }, { paused: true }]),
      WAIT,
    );
    forget();
    stage.push({ "policies/acme/b.yaml": "" });
    await until(() => expect(told()).toEqual(["plan 7"]));
    await running.quiet();
    stage.git("push", "-q", "origin", ":refs/rolebook/paused/_all", ":refs/rolebook/paused/acme");
    await until(() => expect(told()).toEqual(expect.arrayContaining(["apply acme", "apply cloud"])));
  });

  it("that comes between the look and the apply loses nothing", async () => {
    const { running } = await started(["acme"]);
    forget();
    const [tips, paused] = [[""], "refs/rolebook/paused/acme"];
    // The first look reads what was before the push, the second what was before the pause.
    const turns = [
      () => tips.push(stage.push({ "policies/acme/a.yaml": "" })),
      () => stage.git("push", "-q", "origin", `HEAD:${paused}`),
    ];
    stage.script.host = (what) => {
      if (what === "pulls") turns.shift()?.();
    };
    await vi.waitFor(() => expect(running.lines.join("")).toContain("Paused: acme is not applied"), WAIT);
    expect(told()).toEqual([]);
    stage.git("push", "-q", "origin", `:${paused}`);
    await until(() => expect(stage.calls).toContainEqual({ command: "apply", what: "acme", tip: tips.at(-1) }));
  });
});

describe("failures", () => {
  it("are tried again until they go well, told after the third, counted and shown", async () => {
    let failures = 4;
    stage.script.apply = async () => {
      failures -= 1;
      if (failures > 0) throw new Error(failures === 3 ? "the platform says secret-of-acme" : "the platform is away");
      return {};
    };
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"]) });
    running = await stage.start({ environment: { ACME_SECRET: "secret-of-acme" } });
    await running.quiet();
    expect(told().filter((call) => call === "apply acme").length).toBe(4);
    expect(stage.facts).toMatchObject([{ event: "failure", target: "acme", text: "the platform is away" }]);
    const status = await running.status();
    expect(status.errors.map(({ message }) => message)).toEqual([
      "the platform is away",
      "the platform is away",
      "the platform says ***",
    ]);
    expect(running.lines.join("")).not.toContain("secret-of-acme");
    const metrics = await (await fetch(`${running.url}/metrics`)).text();
    expect(metrics).toContain('rolebook_runs_total{work="apply",target="acme",result="failed"} 3');
    expect(metrics).toContain('rolebook_runs_total{work="apply",target="acme",result="done"} 1');
    expect(metrics).toMatch(/rolebook_last_success_timestamp_seconds\{work="apply",target="acme"\} \d/);
    expect(metrics).toContain('rolebook_queue_depth{state="waiting"} 0');
    expect(metrics).toContain("process_resident_memory_bytes");
  });

  it("of a change that was not made, and of a plan that is refused, are failures too", async () => {
    const outcomes: readonly object[] = [
      { outcomes: [{ change: "c1", status: "failed", cause: "HTTP 500" }], converged: false },
      { refused: "the read leaves doubts", converged: false },
      { converged: false },
    ];
    let turn = 0;
    stage.script.apply = async () => outcomes[turn++] ?? {};
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"]) });
    running = await stage.start();
    await running.quiet();
    expect((await running.status()).errors.map(({ message }) => message)).toEqual([
      "The apply did not converge",
      "the read leaves doubts",
      "1 change was not made: HTTP 500",
    ]);
  });

  it.each([
    ["look", "look"],
    ["plan", "plan #7"],
    ["review", "review"],
  ] as const)("of a %s, which is about no one target, reach receivers, page and metrics", async (work, key) => {
    const received = await openReceiver();
    const [news, gone] = ["notify: [{ type: slack, url: NEWS_URL }]\n", new Error("the platform is away")];
    let failing = false;
    const fail = () => {
      if (failing) throw gone;
    };
    if (work === "look") stage.script.host = (what) => what === "pulls" && fail();
    if (work === "plan") stage.script.plan = async () => fail();
    if (work === "review")
      stage.script.review = async (step) => {
        if (step === "start") fail();
        return [];
      };
    const files = { "policies/reviews/quarterly.yaml": "kind: Review\n" };
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"], EVERY_SECOND, NEVER, news), ...files });
    running = await stage.start({ environment: { NEWS_URL: received.url } });
    await running.quiet();
    failing = true;
    const tip = stage.push({ "policies/reviews/yearly.yaml": "kind: Review\n" });
    stage.pulls.set(7, pullOf(7, tip));
    await until(() => expect(received.texts).toEqual([`Rolebook fails: ${key}`]));
    expect(running.lines.join("")).not.toContain("News were not told");
    const { url } = running;
    expect((await running.status()).errors[0]).toMatchObject({ key, message: gone.message });
    expect(await (await fetch(url)).text()).toContain(gone.message);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(new RegExp(`rolebook_runs_total\\{work="${work}",target="",result="failed"\\} [3-9]`));
    expect(metrics).toMatch(/rolebook_failing [1-9]/);
    failing = false;
    await running.quiet();
    expect(received.texts.length).toBe(1);
  });

  it("of settings that cannot be read are told to those whom they named before", async () => {
    const received = await openReceiver();
    const news = "notify: [{ type: slack, url: NEWS_URL }]\n";
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"], EVERY_SECOND, NEVER, news) });
    running = await stage.start({ environment: { NEWS_URL: received.url, ACME_SECRET: "secret-of-acme" } });
    await running.quiet();
    stage.script.host = (what) => {
      if (what === "pulls") throw new Error("the host says secret-of-acme");
    };
    stage.push({ "policies/rolebook.yaml": "kind: Settings\ntargets: 3\n" });
    await until(() => expect(received.texts).toEqual(["Rolebook fails: look"]));
    expect(running.lines.join("")).not.toContain("secret-of-acme");
  });

  it("a platform that hangs does not hold up the others", async () => {
    let end = () => {};
    const hanging = new Promise<object>((resolve) => {
      end = () => resolve({});
    });
    stage.script.apply = (target) => (target === "acme" ? hanging : Promise.resolve({}));
    const tip = stage.push({ "policies/rolebook.yaml": settingsOf(["acme", "cloud"], EVERY_SECOND) });
    running = await stage.start();
    await until(() => expect(told()).toEqual(expect.arrayContaining(["apply cloud", "drift cloud"])));
    stage.pulls.set(7, pullOf(7, tip));
    await until(() => expect(told()).toContain("plan 7"));
    expect(told()).not.toContain("drift acme");
    end();
    await until(() => expect(told()).toContain("drift acme"));
  });
});

describe("the clones", () => {
  it("may be lost or broken at any time", async () => {
    const { running } = await started();
    const folder = join(stage.remote, "..", "clone");
    expect(readdirSync(folder).sort()).toEqual(["controller.sock", "target-acme.git", "watch.git"]);
    rmSync(folder, { recursive: true });
    forget();
    stage.push({ "policies/acme/a.yaml": "" });
    await until(() => expect(told()).toEqual(["apply acme"]));
    await running.quiet();
    writeFileSync(join(folder, "watch.git", "HEAD"), "what is this");
    forget();
    stage.push({ "policies/acme/b.yaml": "" });
    await until(() => expect(told()).toEqual(["apply acme"]));
    expect(running.log.some(({ msg }) => msg === "the clone was broken and is made anew")).toBe(true);
  });

  it("follow a default branch that was put somewhere else", async () => {
    await started();
    forget();
    stage.git("checkout", "-q", "--orphan", "other");
    stage.git("commit", "-q", "-m", "anew");
    stage.git("push", "-q", "--force", "origin", "HEAD:refs/heads/main");
    stage.git("push", "-q", "origin", ":refs/rolebook/applied/acme");
    const tip = stage.git("rev-parse", "HEAD");
    await until(() => expect(stage.calls).toMatchObject([{ command: "apply", tip }]));
  });
});

describe("the folder of the clones", () => {
  it("has one controller at a time, and locks that a killed one left in it hold nobody up", async () => {
    const { running: first } = await started();
    await expect(stage.start()).rejects.toThrow(/^Another controller keeps its clones in /);
    await first.stop();
    running = undefined;
    const clone = join(stage.remote, "..", "clone", "target-acme.git");
    const lock = "refs/rolebook/lock/acme";
    // As it would be in another container, of which nothing can be known here.
    const holder = JSON.stringify({ pid: 1, host: "another", since: "", boot: "", space: "", start: "", token: "" });
    const blob = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: clone, input: holder, encoding: "utf8" });
    execFileSync("git", ["update-ref", lock, blob.trim()], { cwd: clone });
    // A socket of a process that is gone: the file is there, and nobody listens.
    writeFileSync(join(clone, "..", "controller.sock"), "");
    forget();
    running = await stage.start();
    await running.quiet();
    expect(told()).toEqual(["apply acme", "drift acme"]);
    expect(execFileSync("git", ["for-each-ref", lock], { cwd: clone, encoding: "utf8" })).toBe("");
  });
});

describe("a stop", () => {
  it("lets what runs finish, starts nothing more, says it is not ready, and ends well", async () => {
    const { running: first } = await started();
    forget();
    let end = () => {};
    stage.script.apply = () =>
      new Promise((resolve) => {
        end = () => resolve({});
      });
    stage.push({ "policies/acme/a.yaml": "" });
    await until(() => expect(told()).toEqual(["apply acme"]));
    const stopping = first.stop();
    running = undefined;
    await vi.waitFor(async () => expect((await fetch(`${first.url}/readyz`)).status).toBe(503), WAIT);
    expect((await fetch(`${first.url}/healthz`)).status).toBe(200);
    stage.pulls.set(7, pullOf(7, "1".repeat(40)));
    end();
    expect(await stopping).toBe(0);
    expect(told()).toEqual(["apply acme"]);
    expect(first.log.at(-1)).toMatchObject({ msg: "stopped" });
    await expect(fetch(`${first.url}/healthz`)).rejects.toThrow();
    // Whoever comes next goes on from Git, with another clone or the same.
    expect(existsSync(join(stage.remote, "..", "clone"))).toBe(true);
    forget();
    stage.script.apply = async () => ({});
    running = await stage.start();
    await running.quiet();
    expect(told()).toEqual(["apply acme", "drift acme", "plan 7"]);
  });
});
