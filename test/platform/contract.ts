// What every driver must do, whatever its platform: a suite that `contract.test.ts` runs over the index. A platform
// brings a harness: how to start it, what to seed it with, and a second state that differs in every way it can.
import { afterEach, describe, expect, test } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { Connection, Driver, LiveRead } from "../../src/model/driver.ts";
import { type Entity, keyOf, type State } from "../../src/model/entity.ts";
import { compareText } from "../../src/model/finding.ts";
import { kindSpec, type Platform } from "../../src/model/platform.ts";
import type { Outcome } from "../../src/model/receipt.ts";
import { NO_GOVERNANCE } from "../../src/model/waiver.ts";
import { buildPlan } from "../../src/plan/build.ts";
import { judgePlan } from "../../src/plan/guardrails/judge.ts";
import { splitPhases } from "../../src/plan/order.ts";
import { OPEN_LIMITS } from "../support/organization.ts";

/** A running platform that holds what it was seeded with. */
export interface LivePlatform {
  /** With a credential that may write. */
  readonly connection: Connection;
  /** With a credential that may only read. */
  readonly readOnly: Connection;
  /** How many writes changed something so far. */
  readonly effectiveWrites: () => number;
  readonly close: () => Promise<void>;
}

export interface Harness {
  readonly platform: Platform;
  readonly start: (seed: State) => Promise<LivePlatform>;
  /** A whole state, as a policy would declare it. */
  readonly seed: State;
  /** Another one: from `seed` to it there is every action of every managed kind that the platform knows. */
  readonly want: State;
  /** What is there once `want` was applied, where that is more: a platform may keep what is taken out of use. */
  readonly arrived?: State;
  /** `Kind action` pairs that cannot be: nothing of a membership can be updated, say. */
  readonly impossible: readonly string[];
  /** The seed with one text of one entity set to this, everything else as it was. */
  readonly withText: (text: string) => State;
}

/** Registers the suite for one driver. */
export function describeDriver(load: () => Promise<Driver>, harness: Harness): void {
  const { platform, seed, want } = harness;
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });
  const start = async () => {
    const live = await harness.start(seed);
    open.push(live.close);
    return { live, driver: await load() };
  };

  describe(`driver ${platform.name}`, () => {
    test("is the platform of its entry", async () => {
      expect((await load()).platform).toBe(platform);
    });

    test("reads what it was seeded with, without doubt, with ids", async () => {
      const { live, driver } = await start();
      const read = await readLive(driver, live.connection);
      expect(read.findings).toEqual([]);
      expect(shown(read.state, platform)).toEqual(shown(seed, platform));
      for (const entity of entitiesOf(read.state)) {
        expect(entity.id, keyOf(entity)).toBeTruthy();
        expect(platform.reports).toEqual(expect.arrayContaining(Object.keys(entity.facts ?? {})));
      }
      expect(read.requests).toBeGreaterThan(0);
    });

    test("reads the same twice, byte for byte, and with a credential that may only read", async () => {
      const { live, driver } = await start();
      const reads = [live.connection, live.connection, live.readOnly].map((connection) => readLive(driver, connection));
      const [first, second, third] = (await Promise.all(reads)).map(({ state }) => exact(state));
      expect(second).toBe(first);
      expect(third).toBe(first);
    });

    test("says which of two credentials may write, and writes nothing to find out", async () => {
      const { live, driver } = await start();
      const writes = live.effectiveWrites();
      for (const [connection, may] of [
        [live.connection, true],
        [live.readOnly, false],
      ] as const) {
        const reader = driver.openReader(connection);
        const rights = await reader.rights?.();
        await reader.close();
        expect(rights).toMatchObject({ writes: may, because: expect.stringMatching(/^it has the \w+ /) });
      }
      expect(live.effectiveWrites()).toBe(writes);
    });

    test("says how far a read is, ending at all of it", async () => {
      const { live, driver } = await start();
      const steps: [number, number | undefined][] = [];
      const reader = driver.openReader(live.connection);
      const { state } = await reader.read((done, total) => steps.push([done, total]));
      await reader.close();
      const [done, total] = steps.at(-1) ?? [];
      expect(done).toBe(total);
      expect(done).toBe(entitiesOf(state).length);
    });

    test("a reader has nothing that writes, and writes nothing", async () => {
      const { live, driver } = await start();
      const reader = driver.openReader(live.connection);
      const told = reader.activity === undefined ? [] : ["activity"];
      expect(Object.keys(reader).sort()).toEqual([...told, "close", "read", "rights"]);
      const { state } = await reader.read();
      await reader.activity?.(state);
      await reader.close();
      await reader.close();
      expect(live.effectiveWrites()).toBe(0);
    });

    test("every action of every kind arrives, and then nothing is left to do", async () => {
      const { live, driver } = await start();
      const read = await readLive(driver, live.connection);
      const plan = planFor(want, seed, read, platform);
      expect(pairsOf(plan.changes)).toEqual(possiblePairs(platform, harness.impossible));
      const outcomes = await writeAll(driver, live.connection, plan.changes, plan.live);
      expect(outcomes.filter(({ status, cause }) => status !== "applied" || cause !== undefined)).toEqual([]);
      const after = await readLive(driver, live.connection);
      expect(shown(after.state, platform)).toEqual(shown(harness.arrived ?? want, platform));
      expect(planFor(want, want, after, platform).changes).toEqual([]);
    });

    test("the same changes again, against the same old read, are harmless and told as applied", async () => {
      const { live, driver } = await start();
      const plan = planFor(want, seed, await readLive(driver, live.connection), platform);
      await writeAll(driver, live.connection, plan.changes, plan.live);
      const writes = live.effectiveWrites();
      const outcomes = await writeAll(driver, live.connection, plan.changes, plan.live);
      expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
      expect(live.effectiveWrites()).toBe(writes);
    });

    test("what moved since it was read is a conflict, and stays as it was moved", async () => {
      const { live, driver } = await start();
      const old = await readLive(driver, live.connection);
      const theirs = planFor(harness.withText("theirs"), seed, old, platform);
      await writeAll(driver, live.connection, theirs.changes, theirs.live);
      const ours = planFor(harness.withText("ours"), seed, old, platform);
      const outcomes = await writeAll(driver, live.connection, ours.changes, ours.live);
      expect(outcomes.map(({ status }) => status)).toEqual(["conflict"]);
      expect(outcomes[0]?.cause).toBeTruthy();
      const after = await readLive(driver, live.connection);
      expect(shown(after.state, platform)).toEqual(shown(harness.withText("theirs"), platform));
    });

    test("a credential that may only read changes nothing, and every change is told so", async () => {
      const { live, driver } = await start();
      const plan = planFor(want, seed, await readLive(driver, live.readOnly), platform);
      const outcomes = await writeAll(driver, live.readOnly, plan.changes, plan.live);
      expect(outcomes.filter(({ status }) => status !== "failed" && status !== "skipped")).toEqual([]);
      expect(outcomes.filter(({ cause }) => cause === undefined)).toEqual([]);
      expect(live.effectiveWrites()).toBe(0);
    });

    test("when the platform is gone, every change still gets exactly one outcome", async () => {
      const { live, driver } = await start();
      const plan = planFor(want, seed, await readLive(driver, live.connection), platform);
      await live.close();
      const outcomes = await writeAll(driver, live.connection, plan.changes, plan.live);
      expect(outcomes.filter(({ status }) => status !== "failed" && status !== "skipped")).toEqual([]);
    });
  });
}

async function readLive(driver: Driver, connection: Connection): Promise<LiveRead> {
  const reader = driver.openReader(connection);
  try {
    return await reader.read();
  } finally {
    await reader.close();
  }
}

/** Makes changes phase by phase through one writer; fails the test unless each has exactly one outcome. */
export async function writeAll(
  driver: Driver,
  connection: Connection,
  changes: readonly Change[],
  live: State,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const writer = driver.openWriter(connection);
  try {
    for (const phase of splitPhases(changes)) {
      await writer.write(phase, live, (outcome) => outcomes.push(outcome));
      expect(outcomes.map(({ change }) => change)).toEqual([...new Set(outcomes.map(({ change }) => change))]);
    }
  } finally {
    await writer.close();
  }
  expect(outcomes.map(({ change }) => change).sort()).toEqual(changes.map(({ id }) => id).sort());
  return outcomes;
}

/** The plan from a read to a desired state; everything in `base` was applied before, so it may be removed. */
export function planFor(want: State, base: State, read: LiveRead, platform: Platform) {
  const { plan, live } = buildPlan({
    target: {
      name: "contract",
      platform: platform.name,
      url: "http://127.0.0.1:1",
      organization: "contract",
      credentials: {},
      drift: "report",
      limits: OPEN_LIMITS,
      owners: [],
      minimumOwners: 1,
      breakGlass: [],
      approvers: [],
      timeZone: "UTC",
      warnDays: 14,
      approvals: { escalating: 1, reducing: 1, neutral: 1, weakening: 1 },
      scopeOwners: {},
      freeze: [],
      place: { file: "rolebook.yaml", line: 1, column: 1 },
    },
    platform,
    want,
    base,
    live: read.state,
    commit: null,
    baseCommit: null,
    uncommitted: false,
    governance: NO_GOVERNANCE,
    judge: judgePlan,
    identities: new Map(),
    applied: new Set(),
    now: new Date("2030-01-01T00:00:00Z"),
    overwrite: [],
    findings: read.findings,
  });
  return { changes: plan.changes, live };
}

function pairsOf(changes: readonly Change[]): string[] {
  return [...new Set(changes.map(({ kind, action }) => `${kind} ${action}`))].sort();
}

function possiblePairs(platform: Platform, impossible: readonly string[]): string[] {
  return platform.kinds
    .filter(({ role }) => role === "managed")
    .flatMap(({ kind }) => ["create", "update", "delete"].map((action) => `${kind} ${action}`))
    .filter((pair) => !impossible.includes(pair))
    .sort();
}

function entitiesOf(state: State): Entity[] {
  return [...state.values()].flatMap((section) => [...section.values()]);
}

/** What a state says to people: names and compared attributes by key; sorted. Empty texts are as good as none. */
export function shown(state: State, platform: Platform): Record<string, unknown> {
  const rows = entitiesOf(state).map((entity): [string, unknown] => {
    const spec = kindSpec(platform, entity.kind);
    const attributes = Object.entries(entity.attributes)
      .filter(([name, value]) => spec?.attributes[name]?.policyOnly !== true && value !== "")
      .sort(([a], [b]) => compareText(a, b));
    return [keyOf(entity), { name: entity.name, attributes: Object.fromEntries(attributes) }];
  });
  return Object.fromEntries(rows.sort(([a], [b]) => compareText(a, b)));
}

function exact(state: State): string {
  return JSON.stringify(entitiesOf(state).sort((a, b) => compareText(keyOf(a), keyOf(b))));
}
