// A rotation is killed, refused and interfered with at random, and gone on with: whoever uses the key has a working one at every
// moment, and one key is left in the end. A ring of keys and a sink in memory; everything that decides and acts is the real thing.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PlatformError } from "../../src/model/driver.ts";
import { type KeyRing, type KeyRow, Secret } from "../../src/model/keys.ts";
import type { Rotation, RotationEvent, RotationPurpose, RotationRecord } from "../../src/model/rotation.ts";
import { rotationsOf } from "../../src/plan/rotation.ts";
import { OperatorError } from "../../src/run/context.ts";
import { type CarryTools, carryOn, markOf, type Rest } from "../../src/run/keys-carry.ts";
import type { Delivery, Sink } from "../../src/run/keys-sinks.ts";

const NAME = "acme-prod/Web shop";
const GRACE_SECONDS = 3600;
const GRACE_MS = GRACE_SECONDS * 1000;
const START = Date.parse("2026-11-23T12:00:00Z");

/** The process was killed. */
class Killed extends Error {}

/** What goes wrong with one call: killed before or after it had its effect, or an answer that is no good. */
type Fault = "none" | "kill-before" | "kill-after" | "lost" | "refused" | "half";

interface HeldAt {
  readonly secret: string;
  from: number;
  until: number;
}

/** A platform, a sink and a record that outlive every run. */
class Stage {
  now = START;
  /** The platform's clock, against ours. */
  skewMs = 0;
  readonly keys = new Map<string, { row: KeyRow; readonly secret: string }>();
  readonly tokens = new Map<string, string>();
  readonly records: RotationRecord[] = [];
  /** Secrets that the sink has held, and when. */
  readonly sinkHeld: HeldAt[] = [];
  /** Revoked by hand, or seen not to work: nobody can be asked to keep them working. */
  readonly excused = new Set<string>();
  faults: Fault[] = [];
  /** After how many more calls somebody revokes a key by hand, and which of the live ones. */
  handAfter: { calls: number; pick: number } | undefined;
  /** Whether the sink can give back what it held. */
  readonly undoes: boolean;

  constructor(undoes: boolean) {
    this.undoes = undoes;
    this.hold(this.make("token of the first").secret);
  }

  make(token: string): { row: KeyRow; secret: string } {
    const id = `key-${this.keys.size + 1}`;
    const key = {
      row: { id, name: NAME, attributes: {}, createdAt: this.platformNow().toISOString(), lastFour: id.slice(-4) },
      secret: `secret of ${id}`,
    };
    this.keys.set(id, key);
    this.tokens.set(token, id);
    return key;
  }

  platformNow(): Date {
    return new Date(this.now + this.skewMs);
  }

  hold(secret: string): void {
    const last = this.sinkHeld.at(-1);
    if (last) last.until = this.now;
    this.sinkHeld.push({ secret, from: this.now, until: Number.POSITIVE_INFINITY });
  }

  revoke(id: string): void {
    const key = this.keys.get(id);
    if (key && key.row.revokedAt === undefined) key.row = { ...key.row, revokedAt: this.platformNow().toISOString() };
  }

  live(): KeyRow[] {
    return [...this.keys.values()].map(({ row }) => row).filter(({ revokedAt }) => revokedAt === undefined);
  }

  inSink(): string | undefined {
    return this.sinkHeld.at(-1)?.secret;
  }

  /** Whoever uses the key took it from the sink within the grace time: each of those must work. */
  assertUsersWork(): void {
    const works = new Set(
      [...this.keys.values()].filter(({ row }) => row.revokedAt === undefined).map(({ secret }) => secret),
    );
    for (const { secret, until } of this.sinkHeld)
      if (until > this.now - GRACE_MS && !this.excused.has(secret)) expect(works, "a key in use").toContain(secret);
    const delivering = this.records.flatMap((record) => (record.step === "delivering" ? [record.key.id] : []));
    const unheld = this.live().filter(({ id }) => !this.wasHeld(id) && !delivering.includes(id));
    expect(unheld.length, "new keys that no sink has held").toBeLessThanOrEqual(1);
  }

  private wasHeld(id: string): boolean {
    return this.sinkHeld.some(({ secret }) => secret === this.keys.get(id)?.secret);
  }

  /** One call to the world: what goes wrong with it, and what somebody does meanwhile. */
  call<T>(act: () => T, faulty: (fault: Fault) => T = () => act()): T {
    this.now += 1000;
    if (this.handAfter && this.handAfter.calls-- === 0) this.byHand(this.handAfter.pick);
    const fault = this.faults.shift() ?? "none";
    if (fault === "kill-before") throw new Killed();
    try {
      const done = fault === "none" || fault === "kill-after" ? act() : faulty(fault);
      if (fault === "kill-after") throw new Killed();
      return done;
    } finally {
      this.assertUsersWork();
    }
  }

  byHand(pick: number): void {
    const live = this.live();
    const row = live[pick % Math.max(1, live.length)];
    if (!row) return;
    this.excused.add(this.keys.get(row.id)?.secret ?? "");
    this.revoke(row.id);
  }

  ring(): KeyRing {
    return {
      list: async () =>
        this.call(() => ({
          rows: [...this.keys.values()].map(({ row }) => row),
          at: this.platformNow(),
          findings: [],
        })),
      create: async (_order, token) =>
        this.call(
          () => {
            const known = this.tokens.get(token);
            const key = known === undefined ? this.make(token) : this.keys.get(known);
            if (!key) throw new Error("a token without a key");
            return { row: key.row, secret: known === undefined ? new Secret(key.secret) : undefined };
          },
          (fault) => {
            if (fault === "refused") throw new PlatformError("may not", { status: 403 });
            if (!this.tokens.has(token)) this.make(token);
            throw new PlatformError("the answer was lost");
          },
        ),
      verify: async (row, secret) =>
        this.call(
          () => {
            const works = this.keys.get(row.id)?.row.revokedAt === undefined;
            return works ? { kind: "works" } : { kind: "refused", because: "401" };
          },
          (fault) => {
            if (fault !== "refused") throw new PlatformError("cannot be reached");
            this.excused.add(secret.reveal());
            return { kind: "refused", because: "401" };
          },
        ),
      revoke: async ({ id }) =>
        this.call(
          () => this.revoke(id),
          (fault) => {
            if (fault !== "refused") this.revoke(id);
            throw new PlatformError("the answer was lost");
          },
        ),
      close: async () => {},
    };
  }

  sink(): Sink {
    return {
      mark: { kind: "file", digest: "12345678" },
      shown: "the sink",
      prepare: async () => {},
      deliver: async (secret): Promise<Delivery> =>
        this.call<Delivery>(
          () => {
            const before = this.inSink();
            this.hold(secret.reveal());
            const undo = async () => this.call(() => this.hold(before ?? ""));
            return { kind: "delivered", ...(this.undoes ? { undo } : {}) };
          },
          (fault) => {
            if (fault === "refused") return { kind: "failed", because: "no" };
            if (fault === "half") this.hold(secret.reveal());
            return { kind: "unknown", because: "no answer" };
          },
        ),
    };
  }

  tools(graceSeconds = GRACE_SECONDS): CarryTools {
    return {
      ring: this.ring(),
      isOurs: ({ name }) => name === NAME,
      attributes: {},
      sink: this.sink(),
      otherSink: false,
      graceSeconds,
      record: async (rotation, event) => this.call(() => this.record(rotation, event)),
      now: () => new Date(this.now),
      check: () => {},
      tell: () => {},
      patienceMs: [],
    };
  }

  record({ id, number }: Pick<Rotation, "id" | "number">, event: RotationEvent): RotationRecord {
    const at = new Date(this.now).toISOString();
    const line = {
      version: 1,
      target: "acme",
      name: NAME,
      rotation: id,
      number: number + 1,
      at,
      by: "Ana <ana@acme.example>",
    } as const;
    const record = { ...line, ...event };
    this.records.push(record);
    return record;
  }

  /** The rotation under way, or a new one. */
  rotation(purpose: RotationPurpose = "rotation"): Rotation {
    const open = rotationsOf(this.records).findLast(({ ended }) => !ended);
    if (open) return open;
    const old = this.live().map(markOf);
    const id = `rotation-${this.records.length}`;
    if (purpose === "compromised") for (const { id: key } of old) this.excused.add(this.keys.get(key)?.secret ?? "");
    this.record({ id, number: 0 }, { step: "start", purpose, commit: "c0ffee", graceSeconds: GRACE_SECONDS, old });
    return this.rotation();
  }

  /** One process, until it rests or dies. */
  async run(purpose?: RotationPurpose): Promise<Rest | undefined> {
    try {
      return await carryOn(this.rotation(purpose), this.tools());
    } catch (error) {
      if (error instanceof Killed || error instanceof PlatformError || error instanceof OperatorError) return undefined;
      throw error;
    }
  }

  /** Nothing goes wrong any more: how it ends. */
  async finish(): Promise<Rest> {
    this.faults = [];
    this.handAfter = undefined;
    for (let run = 0; run < 9; run += 1) {
      const rest = await this.run();
      if (rest?.step.kind === "end") return rest;
      expect(rest?.step.kind).toBe("wait");
      this.now += GRACE_MS;
    }
    throw new Error("it does not end");
  }

  assertOneLeft(): void {
    const [left, ...more] = this.live();
    expect(more).toEqual([]);
    expect(this.keys.get(left?.id ?? "")?.secret).toBe(this.inSink());
  }

  steps(): string[] {
    return this.records.map(({ step }) => step);
  }
}

const fault = fc.oneof(
  { weight: 8, arbitrary: fc.constant<Fault>("none") },
  { weight: 4, arbitrary: fc.constantFrom<Fault>("kill-before", "kill-after", "lost", "refused", "half") },
);

const day = fc.record({
  faults: fc.array(fault, { maxLength: 40 }),
  hand: fc.option(fc.record({ calls: fc.nat(25), pick: fc.nat(3) }), { nil: undefined, freq: 4 }),
  pauseMs: fc.constantFrom(0, 60_000, GRACE_MS, 5 * GRACE_MS),
  skewMs: fc.constantFrom(0, 0, -2 * GRACE_MS, 2 * GRACE_MS),
});

describe("a rotation among kills, failures and other hands", () => {
  it("leaves everybody a working key, and one in the end", async () => {
    const days = fc.array(day, { maxLength: 6 });
    const purpose = fc.constantFrom<RotationPurpose>("rotation", "rotation", "compromised");
    await fc.assert(
      fc.asyncProperty(fc.boolean(), purpose, days, async (undoes, why, plan) => {
        const stage = new Stage(undoes);
        for (const { faults, hand, pauseMs, skewMs } of plan) {
          stage.faults = [...faults];
          stage.handAfter = hand && { ...hand };
          stage.skewMs = skewMs;
          await stage.run(why);
          stage.now += pauseMs;
        }
        const rest = await stage.finish();
        expect(rest.step).toMatchObject({ outcome: "done" });
        stage.assertOneLeft();
        expect(JSON.stringify(stage.records)).not.toContain("secret of");
      }),
      { numRuns: 300 },
    );
  });
});

describe("a rotation", () => {
  it("goes straight through", async () => {
    const stage = new Stage(true);
    expect((await stage.run())?.step.kind).toBe("wait");
    expect(stage.live()).toHaveLength(2);
    stage.now += GRACE_MS;
    expect((await stage.run())?.step).toMatchObject({ kind: "end", outcome: "done" });
    stage.assertOneLeft();
    expect(stage.steps()).toEqual([
      ...["start", "creating", "created", "tried", "delivering", "delivered", "verified"],
      ...["revoking", "revoked", "end"],
    ]);
  });

  // Calls of a run: list, creating, create, created, list, verify, tried, delivering, deliver, delivered, verify, verified, list.
  it.each(Array.from({ length: 13 }, (_, call) => call))("is killed around call %i, and gone on with", async (call) => {
    for (const kill of ["kill-before", "kill-after"] as const) {
      const stage = new Stage(false);
      stage.faults = [...Array<Fault>(call).fill("none"), kill];
      expect(await stage.run()).toBeUndefined();
      const rest = await stage.finish();
      expect(rest.step).toMatchObject({ outcome: "done" });
      stage.assertOneLeft();
    }
  });

  it("ends with the old key alive and the new one revoked when the sink refuses", async () => {
    const stage = new Stage(false);
    stage.faults = [...Array<Fault>(8).fill("none"), "refused"];
    const rest = await stage.run();
    expect(rest).toMatchObject({ step: { kind: "end", outcome: "failed" }, failure: expect.stringContaining("no") });
    expect(stage.live().map(({ id }) => id)).toEqual(["key-1"]);
    expect(stage.steps().slice(-4)).toEqual(["undelivered", "revoking", "revoked", "end"]);
  });

  it("delivers nothing that does not work", async () => {
    const stage = new Stage(false);
    stage.faults = [...Array<Fault>(5).fill("none"), "refused"];
    expect(await stage.run()).toMatchObject({ step: { kind: "end", outcome: "failed" } });
    expect(stage.live().map(({ id }) => id)).toEqual(["key-1"]);
    expect(stage.sinkHeld).toHaveLength(1);
  });

  it.each([true, false])(
    "does not work once delivered, to a sink that can give back what it held: %s",
    async (undoes) => {
      const stage = new Stage(undoes);
      stage.faults = [...Array<Fault>(10).fill("none"), "refused"];
      const rest = await stage.run();
      expect(rest?.step.kind).toBe(undoes ? "end" : "stuck");
      expect(stage.live().map(({ id }) => id)).toEqual(undoes ? ["key-1"] : ["key-1", "key-2"]);
      if (undoes) stage.assertOneLeft();
      await stage.finish();
      stage.assertOneLeft();
    },
  );

  it.each([2 * GRACE_MS, -2 * GRACE_MS])("waits by both clocks when the platform's jumps by %i ms", async (skewMs) => {
    const stage = new Stage(true);
    await stage.run();
    stage.skewMs = skewMs;
    stage.now += GRACE_MS / 2;
    expect((await stage.run())?.step.kind).toBe("wait");
    stage.now += GRACE_MS;
    expect((await stage.run())?.step.kind).toBe(skewMs > 0 ? "end" : "wait");
  });

  it("revokes what is compromised before it makes anything", async () => {
    const stage = new Stage(true);
    await stage.run("compromised");
    expect(stage.steps().slice(0, 4)).toEqual(["start", "revoking", "revoked", "creating"]);
    stage.assertOneLeft();
  });

  it("leaves alone a key of the name that it does not know", async () => {
    const stage = new Stage(true);
    await stage.run();
    stage.make("by hand");
    stage.now += GRACE_MS;
    const rest = await stage.run();
    expect(rest?.strangers.map(({ id }) => id)).toEqual(["key-3"]);
    expect(stage.live().map(({ id }) => id)).toEqual(["key-2", "key-3"]);
  });
});
