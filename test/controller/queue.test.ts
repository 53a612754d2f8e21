// The queue under a clock and dice of the test's own: whatever is asked for is done after it was last asked for, no two items of a
// lane at once, nothing twice for nothing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Clock,
  createQueue,
  FIRST_WAIT_MS,
  type Item,
  LONGEST_WAIT_MS,
  waitAfter,
} from "../../src/controller/queue.ts";

/** A clock that stands until it is told to go on. */
function fakeClock() {
  let now = 0;
  let timers: { at: number; callback: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    random: () => 0.5,
    after: (ms, callback) => {
      const timer = { at: now + ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const settle = async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  const pass = async (ms: number) => {
    const end = now + ms;
    await settle();
    for (;;) {
      const due = timers.filter(({ at }) => at <= end).sort((left, right) => left.at - right.at)[0];
      if (!due) break;
      timers = timers.filter((other) => other !== due);
      now = Math.max(now, due.at);
      due.callback();
      await settle();
    }
    now = end;
  };
  return { clock, pass, settle, waiting: () => timers.length };
}

/** Work that ends when the test says so. */
function work() {
  const runs: { readonly key: string; readonly end: (failed?: boolean) => void }[] = [];
  const item = (key: string, lane: string): Item => ({
    key,
    lane,
    run: () =>
      new Promise<void>((resolve, reject) => {
        runs.push({ key, end: (failed = false) => (failed ? reject(new Error("no")) : resolve()) });
      }),
  });
  return { runs, item };
}

describe("a queue", () => {
  it("runs what is asked for once, however often it is asked for before it starts", async () => {
    const { clock, settle } = fakeClock();
    const { runs, item } = work();
    const queue = createQueue({ clock, most: 1 });
    queue.ask(item("first", "a"));
    for (let times = 0; times < 50; times += 1) queue.ask(item("second", "b"));
    await settle();
    expect(runs.map(({ key }) => key)).toEqual(["first"]);
    runs[0]?.end();
    await settle();
    runs[1]?.end();
    await settle();
    expect(runs.map(({ key }) => key)).toEqual(["first", "second"]);
    expect(queue.view()).toEqual([]);
  });

  it("runs once more what is asked for while it runs", async () => {
    const { clock, settle } = fakeClock();
    const { runs, item } = work();
    const queue = createQueue({ clock, most: 4 });
    queue.ask(item("one", "a"));
    await settle();
    for (let times = 0; times < 5; times += 1) queue.ask(item("one", "a"));
    runs[0]?.end();
    await settle();
    expect(runs.length).toBe(2);
    runs[1]?.end();
    await settle();
    expect(runs.length).toBe(2);
  });

  it("keeps a lane to one item, and lets other lanes go on", async () => {
    const { clock, settle } = fakeClock();
    const { runs, item } = work();
    const queue = createQueue({ clock, most: 4 });
    for (const key of ["apply", "drift"]) queue.ask(item(key, "acme"));
    queue.ask(item("other", "cloud"));
    await settle();
    expect(runs.map(({ key }) => key)).toEqual(["apply", "other"]);
    runs[0]?.end();
    await settle();
    expect(runs.map(({ key }) => key)).toEqual(["apply", "other", "drift"]);
  });

  it("tries again what failed, later and later, within bounds", async () => {
    const { clock, pass } = fakeClock();
    const { runs, item } = work();
    const queue = createQueue({ clock, most: 1 });
    queue.ask(item("one", "a"));
    const starts: number[] = [];
    for (let failures = 1; failures <= 14; failures += 1) {
      while (runs.length < failures) await pass(100);
      starts.push(clock.now());
      runs.at(-1)?.end(true);
      await pass(0);
      expect(queue.view()).toMatchObject([{ key: "one", state: "waiting", failures }]);
    }
    const gaps = starts.slice(1).map((at, index) => at - (starts[index] ?? 0));
    expect(gaps[0]).toBeGreaterThanOrEqual(FIRST_WAIT_MS / 2);
    expect(gaps.at(-1)).toBeLessThanOrEqual(LONGEST_WAIT_MS);
    expect([...gaps].sort((left, right) => left - right)).toEqual(gaps);
    while (runs.length < 15) await pass(1000);
    runs.at(-1)?.end();
    await pass(0);
    expect(queue.view()).toEqual([]);
  });

  it("does at once what failed and is asked for again, unless that is patient", async () => {
    for (const patient of [false, true]) {
      const { clock, pass } = fakeClock();
      const { runs, item } = work();
      const queue = createQueue({ clock, most: 1 });
      queue.ask(item("one", "a"));
      await pass(0);
      queue.ask(item("one", "a"), { patient });
      runs[0]?.end(true);
      await pass(0);
      expect(runs.length, "asked while it ran").toBe(patient ? 1 : 2);
      if (!patient) runs[1]?.end(true);
      await pass(0);
      queue.ask(item("one", "a"), { patient });
      await pass(0);
      expect(runs.length, "asked while it waited").toBe(patient ? 1 : 3);
    }
  });

  it("forgets what nobody wants any more", async () => {
    const { clock, pass } = fakeClock();
    const { runs, item } = work();
    const queue = createQueue({ clock, most: 1 });
    queue.ask(item("running", "a"));
    queue.ask(item("waiting", "b"));
    await pass(0);
    queue.forget("running");
    queue.forget("waiting");
    runs[0]?.end(true);
    await pass(LONGEST_WAIT_MS);
    expect([runs.length, queue.view()]).toEqual([1, []]);
  });

  it("stops: starts nothing more, and waits for what runs", async () => {
    const { clock, pass, waiting } = fakeClock();
    const { runs, item } = work();
    const queue = createQueue({ clock, most: 1 });
    queue.ask(item("running", "a"));
    queue.ask(item("never", "b"));
    await pass(0);
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    queue.ask(item("late", "c"));
    await pass(LONGEST_WAIT_MS);
    expect([runs.length, stopped]).toEqual([1, false]);
    runs[0]?.end();
    await stopping;
    await pass(LONGEST_WAIT_MS);
    expect([runs.length, waiting()]).toEqual([1, 0]);
  });

  it("waits between half of the full time and all of it", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, dice) => {
        const wait = waitAfter(failures, dice);
        const full = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
        expect(wait).toBeGreaterThanOrEqual(full / 2);
        expect(wait).toBeLessThanOrEqual(full);
      }),
    );
  });
});

type Step =
  | { readonly kind: "ask"; readonly key: number; readonly patient: boolean }
  | { readonly kind: "end"; readonly which: number; readonly failed: boolean }
  | { readonly kind: "pass"; readonly ms: number };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("ask" as const), key: fc.nat(7), patient: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("end" as const), which: fc.nat(7), failed: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(20_000) }) },
);

describe("whatever happens in whatever order", () => {
  it("a lane has one run at a time, no more run than may, and everything asked for is begun after it was last asked for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), async (steps, most) => {
        const { clock, pass } = fakeClock();
        const running: { key: string; lane: string; end: (failed: boolean) => void }[] = [];
        // Kept, not thrown: what is thrown in a run is only one more failure to the queue.
        const broken: string[] = [];
        const begun = new Map<string, number>();
        const asked = new Map<string, number>();
        let moment = 0;
        const item = (number: number): Item => {
          const [key, lane] = [`item ${number}`, `lane ${number % 3}`];
          const run = () =>
            new Promise<void>((resolve, reject) => {
              moment += 1;
              begun.set(key, moment);
              if (running.some((other) => other.lane === lane)) broken.push(`two of ${lane}`);
              const mine = {
                key,
                lane,
                end: (failed: boolean) => {
                  running.splice(running.indexOf(mine), 1);
                  if (failed) reject(new Error("no"));
                  else resolve();
                },
              };
              running.push(mine);
              if (running.length > most) broken.push(`${running.length} at once`);
            });
          return { key, lane, run };
        };
        const queue = createQueue({ clock, most });
        for (const step of steps) {
          if (step.kind === "ask") {
            moment += 1;
            asked.set(`item ${step.key}`, moment);
            queue.ask(item(step.key), { patient: step.patient });
          } else if (step.kind === "end") running[step.which % Math.max(running.length, 1)]?.end(step.failed);
          await pass(step.kind === "pass" ? step.ms : 0);
        }
        // Everything goes well from here on.
        for (let turn = 0; turn < 40 && (running.length > 0 || queue.view().length > 0); turn += 1) {
          for (const run of [...running]) run.end(false);
          await pass(LONGEST_WAIT_MS);
        }
        expect([queue.view(), broken]).toEqual([[], []]);
        for (const [key, at] of asked) expect(begun.get(key) ?? 0, key).toBeGreaterThan(at);
      }),
      { numRuns: 300 },
    );
  });
});
