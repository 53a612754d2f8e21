// Two thousand looks at a world in which everything changes all the time: what the controller holds afterwards is what it held after
// two hundred. Queue, loop, memory, metrics, log, webhooks and page are the real ones; Git and the host are said to be this and that.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { sign } from "@octokit/webhooks-methods";
import { describe, expect, it } from "vitest";
import type { Clones, RemoteRefs } from "../../src/controller/clone.ts";
import { openLog } from "../../src/controller/log.ts";
import { createLoop } from "../../src/controller/loop.ts";
import { MOST_ERRORS, openMemory, statusOf } from "../../src/controller/memory.ts";
import { openMetrics } from "../../src/controller/metrics.ts";
import { createQueue } from "../../src/controller/queue.ts";
import { openStop } from "../../src/controller/run.ts";
import type { Commands } from "../../src/controller/tasks.ts";
import { openDeliveries } from "../../src/controller/webhooks.ts";
import type { Repository } from "../../src/git/repository.ts";
import type { HostReader } from "../../src/model/host.ts";
import type { Settings, Target } from "../../src/model/settings.ts";
import { renderStatusPage } from "../../src/report/status-page.tsx";
import type { Context } from "../../src/run/context.ts";
import { pullOf, REPOSITORY, reviewOf, SECRET } from "./stage.ts";

const commit = (number: number) => number.toString(16).padStart(40, "0");

/** A world that is another one at each look. */
function world() {
  let turn = 0;
  const runs = { plan: 0, apply: 0, drift: 0, review: 0, failed: 0 };
  const refs = (): RemoteRefs => ({
    branch: "main",
    tip: commit(turn),
    ledger: commit(turn),
    applied: new Map([["acme", commit(turn - 1)]]),
    paused: new Set(turn % 50 === 0 ? ["acme"] : []),
  });
  const settings = (): Settings => {
    const names = ["acme", ...(turn % 7 === 0 ? ["cloud"] : [])];
    const targets = names.map((name) => ({ name, platform: "atomic", freeze: [] }) as unknown as Target);
    return {
      targets,
      people: [],
      notify: [],
      schedule: { poll: "", drift: "" },
      reviews: { overdue: "keep", escalateDays: 7, remind: "0 7 * * *" },
    };
  };
  const pulls = () => [pullOf(turn, commit(turn)), pullOf(turn + 1, commit(turn), { title: "x".repeat(turn % 300) })];
  const fail = (every: number) => {
    if (turn % every !== 0) return;
    runs.failed += 1;
    throw new Error(`never the same twice: ${turn} ${runs.failed}`);
  };
  const commands: Commands = {
    connect: async () => {
      throw new Error("connected already");
    },
    notify: async () => {},
    reviews: {
      start: async () => {
        runs.review += 1;
        fail(17);
      },
      remind: async () => {},
      close: async () => {},
      status: async () => [
        { id: `q-${turn}`, due: "2027-01-31", decided: 0, total: turn, state: "deciding", pull: turn },
      ],
    },
    planPulls: async (context, { pullRequest }) => {
      runs.plan += 1;
      context.err(`planning ${pullRequest}`);
      fail(11);
      return [{ number: Number(pullRequest), conclusion: "action_required", targets: [] }];
    },
    applyMerged: async (_context, { target = "" }) => {
      runs.apply += 1;
      fail(13);
      const held = [{ change: commit(turn), name: `Role ${turn}`, why: "not approved", pull: turn - 1 }];
      return [{ target, commit: commit(turn), applied: null, outcomes: [], held, converged: false }];
    },
    proposeDrift: async (_context, { target = "" }) => {
      runs.drift += 1;
      return [{ target, drift: turn % 3, escalates: false, pull: turn, state: "updated", refused: [] }];
    },
  };
  const host = {
    repository: async () => ({ name: REPOSITORY, defaultBranch: "main", private: true, url: "https://git.example" }),
    openPulls: async () => pulls(),
    reviews: async (number: number) => [reviewOf(turn, commit(number))],
  } as unknown as HostReader;
  const clones: Clones = { open: async () => ({ repository: { root: "/" } as unknown as Repository, refs: refs() }) };
  const watch = async () => ({
    refs: refs(),
    settings: settings(),
    problem: undefined,
    behind: new Map(),
    reviews: { ledger: commit(turn), definitions: null },
    receipts: [],
  });
  return { commands, host, clones, watch, runs, next: () => (turn += 1) };
}

/** Bytes in use once everything that can go has gone. */
function heapBytes(): number {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  for (let times = 0; times < 4; times += 1) collect();
  return process.memoryUsage().heapUsed;
}

describe("two thousand looks", () => {
  it("leave nothing behind", async () => {
    const { commands, host, clones, watch, runs, next } = world();
    const [memory, metrics] = [openMemory(), openMetrics()];
    const context = { environment: {}, now: () => new Date(), err: () => {} } as unknown as Context;
    const log = openLog({ write: () => {}, now: context.now, secrets: () => [SECRET] });
    // Failures are tried again at once: there is much to get through.
    const clock = {
      now: () => Date.now(),
      random: () => 0,
      after: (_ms: number, callback: () => void) => {
        const timer = setImmediate(callback);
        return () => clearImmediate(timer);
      },
    };
    const queue = createQueue({ clock: { ...clock, now: () => 0 }, most: 6 });
    const tools = { context, log, metrics, memory, stop: openStop(), secrets: () => [] };
    const options = { policies: "policies" };
    const loop = createLoop({ tools, commands, host, queue, clones, watch, options, onSettings: () => {} });
    const deliveries = openDeliveries({ secret: SECRET, repository: () => REPOSITORY, check: "rolebook" });
    const status = () =>
      statusOf(memory, {
        tool: "rolebook",
        now: new Date(),
        webhooks: true,
        url: "",
        queue: queue.view(),
        next: { look: null, drift: null },
      });

    const once = async () => {
      const turn = next();
      const body = Buffer.from(
        JSON.stringify({ action: "opened", pull_request: { number: turn }, repository: { full_name: REPOSITORY } }),
      );
      const delivery = { id: `${turn}`, event: "pull_request", signature: await sign(SECRET, body.toString()) };
      const { nudge } = await deliveries.receive(delivery, body);
      if (nudge) loop.nudge(nudge);
      loop.poll();
      if (turn % 5 === 0) loop.checkAll();
      // What fails, fails for this turn of the world; the next one comes when it has had a few tries.
      for (let tries = 0; tries < 40 && queue.view().length > 0; tries += 1)
        await new Promise((resolve) => setImmediate(resolve));
      if (turn % 20 === 0) renderStatusPage(status());
      if (turn % 100 === 0) await metrics.text(status());
    };

    for (let turn = 0; turn < 200; turn += 1) await once();
    const early = heapBytes();
    for (let turn = 200; turn < 2000; turn += 1) await once();
    const late = heapBytes();
    // Deliveries are remembered, a few hundred bytes each; half a megabyte is what they may take by now. The rest is the engine's.
    expect((late - early) / 1024 / 1024).toBeLessThan(2);
    for (const kind of ["plan", "apply", "drift", "review", "failed"] as const)
      expect(runs[kind], kind).toBeGreaterThan(100);
    expect(memory.errors.length).toBe(MOST_ERRORS);
    expect(memory.pulls.size).toBeLessThanOrEqual(2);
    expect(memory.heldReviews.size).toBeLessThanOrEqual(2);
    expect(memory.campaigns.length).toBe(1);
    expect(memory.targets.size).toBeLessThanOrEqual(2);
    expect(queue.view().length).toBeLessThan(10);
    await queue.stop();
  });
});
