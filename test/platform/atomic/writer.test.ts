// The Atomic writer against the simulator with faults on: every write is told as it was, and nothing happens twice.
import { describe, expect, test } from "vitest";
import type { Change } from "../../../src/model/change.ts";
import type { Entity } from "../../../src/model/entity.ts";
import { membershipSection } from "../../../src/model/entity.ts";
import type { Outcome } from "../../../src/model/receipt.ts";
import { driver } from "../../../src/platform/atomic/driver.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import type { FaultRule } from "../../../src/simulator/faults.ts";
import { planFor, shown, writeAll } from "../contract.ts";
import { atomicHarness, entity, membership, type RunningSimulator, seed } from "./harness.ts";
import { edited, read, start, writeTo } from "./runs.ts";

const same = (e: Entity) => e;
const newRole = entity("Role", "New role", { description: "New", permissions: { Tag: "view" } });

describe("lost and late answers", () => {
  test.each<[string, readonly FaultRule[]]>([
    [
      "every third write done, then the connection cut",
      [{ kind: "drop", when: "after", method: "POST", path: "/v1/*", every: 3 }],
    ],
    ["every second change done, then cut", [{ kind: "drop", when: "after", method: "PATCH", every: 2 }]],
    ["every deletion done once, then cut", [{ kind: "drop", when: "after", method: "DELETE", every: 2 }]],
    ["cut before anything is done", [{ kind: "drop", when: "before", method: "PATCH", every: 2 }]],
    ["answers garbled", [{ kind: "malformed", method: "POST", path: "/v1/*", every: 2 }]],
    ["bursts of 429", [{ kind: "rate-limit", every: 3, times: 12, retryAfter: "0" }]],
    ["500s", [{ kind: "error", status: 500, method: "PATCH", every: 2 }]],
    ["tokens that expire", [{ kind: "expire-token", path: "/v1/*", every: 4 }]],
    ["versions that move without reason", [{ kind: "stale-etag", method: "PATCH", every: 2 }]],
  ])("%s: all is applied, and each thing once", async (_, faults) => {
    // One connection, so that the n-th request is the same in every run.
    const started = await start(seed);
    const running = { ...started, connection: { ...started.connection, connections: 1 } };
    const { outcomes } = await writeTo(atomicHarness.want, running, faults);
    expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
    expect(running.simulator.counters.view().writes.map(({ operation }) => operation).length).toBe(
      outcomes.length - mergedMemberships(outcomes.length, running),
    );
    const after = await read(running.connection);
    expect(shown(after.state, atomic)).toEqual(shown(atomicHarness.want, atomic));
  });

  /** Memberships of a batch are one write: how many changes had no write of their own. */
  function mergedMemberships(changes: number, running: RunningSimulator): number {
    const effects = running.simulator.counters.view().writes.reduce((sum, { effects }) => sum + effects.length, 0);
    expect(effects).toBe(changes);
    return changes - running.simulator.counters.view().writes.length;
  }

  test("a platform that dies in the middle: what is told as applied is what happened", async () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      entity("Role", `Many ${n}`, { description: "", permissions: { Tag: "view" } }),
    );
    const running = await start(seed);
    const done = new Set<string>();
    running.simulator.onWrite((n, phase) => {
      if (n === 25 && phase === "after") running.simulator.faults.set([{ kind: "drop", when: "before" }]);
    });
    const before = await read(running.connection);
    const plan = planFor(edited(same, ...many), seed, before, atomic);
    const started = performance.now();
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
    expect(performance.now() - started).toBeLessThan(120_000);
    for (const { idempotencyKey } of running.simulator.counters.view().writes)
      done.add(idempotencyKey?.split("-")[0] ?? "");
    const applied = outcomes.filter(({ status }) => status === "applied").map(({ change }) => change);
    expect(applied.length).toBeGreaterThan(10);
    for (const change of applied) expect(done).toContain(change);
    const rest = outcomes.filter(({ status }) => status !== "applied");
    expect(rest.length).toBeGreaterThan(20);
    expect(new Set(rest.map(({ status }) => status))).toEqual(new Set(["failed", "skipped"]));
    for (const { cause } of rest) expect(cause).toBeTruthy();
    // Rerun: finishes the job and repeats nothing.
    running.simulator.faults.set([]);
    const again = await writeTo(edited(same, ...many), running);
    expect(new Set(again.statuses)).toEqual(new Set(["applied"]));
    expect(running.simulator.store.roles.byId.size).toBe((seed.get("Role")?.size ?? 0) + 60);
    expect(running.effectiveWrites()).toBe(60);
  });

  test("one operation that always fails leaves the others be", async () => {
    const running = await start(seed);
    const { changes, by } = await writeTo(
      edited(same, newRole, entity("Member", "zoe@acme.example", { firstName: "Zoe", lastName: "Ng" })),
      running,
      [{ kind: "error", status: 500, operation: "createRole" }],
    );
    const of = (kind: string) => by(changes.find((change) => change.kind === kind) as Change);
    expect(of("Member")).toMatchObject({ status: "applied" });
    expect(of("Role")).toMatchObject({ status: "failed" });
    expect(of("Role").cause).toMatch(/POST \/v1\/roles: 500/);
  });
});

describe("what others did meanwhile", () => {
  const described = (text: string) =>
    edited((e) => (e.name === "Card editor" ? { ...e, attributes: { ...e.attributes, description: text } } : e));

  test("another attribute of the same role moved: ours is made, theirs stays", async () => {
    const running = await start(seed);
    const want = edited((e) =>
      e.name === "Card editor" ? { ...e, attributes: { ...e.attributes, permissions: { Tag: "edit" } } } : e,
    );
    const { outcomes } = await writeTo(want, running, [
      { kind: "stale-etag", operation: "updateRole", description: "theirs", times: 1 },
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["applied"]);
    const role = (await read(running.connection)).state.get("Role")?.get("card editor");
    expect(role?.attributes).toEqual({ description: "theirs", permissions: { Tag: "edit" } });
  });

  test("the same attribute moved: a conflict that says which", async () => {
    const running = await start(seed);
    const { outcomes } = await writeTo(described("ours"), running, [
      { kind: "stale-etag", operation: "updateRole", description: "theirs", times: 1 },
    ]);
    expect(outcomes).toMatchObject([
      { status: "conflict", cause: "it changed on the platform since it was read: description" },
    ]);
  });

  test("somebody made the very same change: applied, and said so", async () => {
    const running = await start(seed);
    const { outcomes } = await writeTo(described("ours"), running, [
      { kind: "stale-etag", operation: "updateRole", description: "ours", times: 1 },
    ]);
    expect(outcomes).toMatchObject([{ status: "applied", cause: "it was so already" }]);
  });

  test("a deletion of what has changed is a conflict, of what is gone is applied", async () => {
    const running = await start(seed);
    const want = edited((e) =>
      e.name === "Old role"
        ? undefined
        : e.name === "Old group"
          ? { ...e, attributes: { ...e.attributes, roles: [] } }
          : e,
    );
    const moved = await writeTo(want, running, [
      { kind: "stale-etag", operation: "deleteRole", description: "kept for a reason", times: 1 },
    ]);
    const deletion = moved.changes.find(({ action }) => action === "delete") as Change;
    expect(moved.by(deletion)).toMatchObject({ status: "conflict" });
    const live = (await read(running.connection)).state;
    expect(live.get("Role")?.has("old role")).toBe(true);
    const writer = driver.openWriter(running.connection);
    const fresh = planFor(
      want,
      edited((e) =>
        e.name === "Old role" ? { ...e, attributes: { ...e.attributes, description: "kept for a reason" } } : e,
      ),
      { state: live, findings: [], requests: 0 },
      atomic,
    );
    const outcomes: Outcome[] = [];
    for (let turn = 0; turn < 2; turn += 1)
      await writer.write(fresh.changes, fresh.live, (outcome) => outcomes.push(outcome));
    await writer.close();
    expect(outcomes.map(({ status, cause }) => [status, cause])).toEqual([
      ["applied", undefined],
      ["applied", "it was gone already"],
    ]);
  });

  test("a role that is still in use is not deleted, and the reason is the platform's", async () => {
    const running = await start(seed);
    const plan = planFor(
      edited((e) => (e.name === "Old role" ? undefined : e)),
      seed,
      await read(running.connection),
      atomic,
    );
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
    expect(outcomes).toMatchObject([{ status: "conflict" }]);
    expect(outcomes[0]?.cause).toContain('"Old group" holds the role');
  });

  test("a name that was taken meanwhile: as wanted it is applied, otherwise a conflict", async () => {
    const running = await start(seed);
    const before = await read(running.connection);
    const other = entity("Role", "NEW ROLE", { description: "Mine", permissions: { Tag: "edit" } });
    const mine = planFor(edited(same, other), seed, before, atomic);
    await writeAll(driver, running.connection, mine.changes, mine.live);
    const theirs = planFor(edited(same, newRole), seed, before, atomic);
    const outcomes = await writeAll(driver, running.connection, theirs.changes, theirs.live);
    expect(outcomes).toMatchObject([
      { status: "conflict", cause: "it exists already, with another name, description, permissions" },
    ]);
    const again = await writeAll(driver, running.connection, mine.changes, mine.live);
    expect(again).toMatchObject([{ status: "applied", cause: "it was so already" }]);
  });

  test("a group that is gone: joining it is a conflict, leaving it is done", async () => {
    const running = await start(seed);
    const before = await read(running.connection);
    const want = edited(
      (e) => (e.section === membershipSection("old group") ? undefined : e),
      membership("Old group", "ana@acme.example"),
    );
    const { changes, live } = planFor(want, seed, before, atomic);
    running.simulator.load({
      ...running.simulator.dump(),
      groups: running.simulator.dump().groups.filter(({ name }) => name !== "Old group"),
      memberships: {},
    });
    const outcomes = await writeAll(driver, running.connection, changes, live);
    const by = (action: string) =>
      outcomes.find(({ change }) => change === changes.find((c) => c.action === action)?.id);
    expect(by("create")).toMatchObject({ status: "conflict", cause: "its group is gone from the platform" });
    expect(by("delete")).toMatchObject({ status: "applied", cause: "its group was gone already" });
  });

  test("a level the resource does not offer is refused by the platform, in its own words", async () => {
    const running = await start(seed);
    const odd = entity("Role", "Odd", { description: "", permissions: { "Analytics exporter": "edit" } });
    const { outcomes } = await writeTo(edited(same, odd), running);
    expect(outcomes).toMatchObject([{ status: "failed" }]);
    expect(outcomes[0]?.cause).toContain("Analytics exporter does not offer edit");
  });
});
