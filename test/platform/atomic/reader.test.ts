// The Atomic reader against the simulator with faults on: every read is whole, or says that it is not.
import { describe, expect, test } from "vitest";
import { takesAway } from "../../../src/model/change.ts";
import type { LiveRead } from "../../../src/model/driver.ts";
import { membershipSection } from "../../../src/model/entity.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import type { FaultRule } from "../../../src/simulator/faults.ts";
import { planFor, shown } from "../contract.ts";
import { atomicHarness, seed } from "./harness.ts";
import { crowd, read, start } from "./runs.ts";

const codes = ({ findings }: LiveRead) => findings.map(({ code, blocks, severity }) => `${severity} ${code} ${blocks}`);

describe("reading", () => {
  test("a small organization takes a request for each collection, and a token", async () => {
    const running = await start(seed);
    expect((await read(running.connection)).requests).toBe(6);
    expect(running.simulator.counters.view().total).toBe(6);
  });

  test("what the platform tells of people comes with them, and moves nothing else of them", async () => {
    const running = await start(seed);
    const people = async () => [...((await read(running.connection)).state.get("Member")?.values() ?? [])];
    const before = await people();
    expect(before.some((member) => "facts" in member)).toBe(false);
    const [first] = before;
    const facts = JSON.stringify({ multiFactor: true, lastActiveAt: "2026-11-20T17:05:12+01:00" });
    const request = { method: "PUT", headers: { "content-type": "application/json" }, body: facts };
    const { url } = running.connection.target;
    expect((await fetch(`${url}/_simulator/members/${first?.id}/facts`, request)).status).toBe(200);
    const told = { ...first, facts: { multiFactor: true, lastActive: "2026-11-20T16:05:12.000Z" } };
    expect(await people()).toEqual([told, ...before.slice(1)]);
  });

  test("a large one comes whole, in parts, with few requests more than pages", async () => {
    const state = crowd(12_000, 5, 30_000);
    const running = await start(state);
    const { state: live, findings, requests } = await read(running.connection);
    expect(findings).toEqual([]);
    expect(live.get("Member")?.size).toBe(12_000);
    for (const name of ["Group 0", "Group 1", "Group 2"]) {
      const section = membershipSection(name.toLowerCase());
      expect(live.get(section)?.size).toBe(state.get(section)?.size);
    }
    const pages = 12 + 30 + 3;
    expect(requests).toBeLessThanOrEqual(pages * 1.05 + 4);
    expect(running.simulator.counters.view().concurrent).toBeLessThanOrEqual(8);
  });

  test.each<[string, FaultRule]>([
    ["roles", { kind: "truncate", operation: "listRoles" }],
    ["groups", { kind: "truncate", operation: "listGroups", rows: 0 }],
    ["members", { kind: "truncate", operation: "listMembers", rows: 1 }],
    ["memberships", { kind: "truncate", operation: "listMemberships" }],
  ])("truncated %s block every removal", async (collection, fault) => {
    const running = await start(seed, [fault]);
    const live = await read(running.connection);
    expect(codes(live)).toContain("error truncated-read removals");
    expect(live.findings[0]?.message).toContain(`list of ${collection}`);
    expect(new Set(live.findings.map(({ blocks }) => blocks))).toEqual(new Set(["removals"]));
  });

  test.each([1, -1])("a total that is off by %i is told", async (by) => {
    const running = await start(seed, [{ kind: "wrong-total", operation: "listRoles", by }]);
    expect(codes(await read(running.connection))).toEqual([
      by > 0 ? "error truncated-read removals" : "error inconsistent-read removals",
    ]);
  });

  test("a plan on a truncated read has every removal blocked, and only those", async () => {
    const running = await start(seed, [{ kind: "truncate", operation: "listMemberships" }]);
    const { changes } = planFor(atomicHarness.want, seed, await read(running.connection), atomic);
    expect(changes.filter(takesAway).length).toBeGreaterThan(3);
    for (const change of changes) expect(change.blockedBy?.includes("truncated-read") ?? false).toBe(takesAway(change));
  });

  test.each<[string, readonly FaultRule[]]>([
    ["a burst of 429", [{ kind: "rate-limit", times: 4, retryAfter: "0" }]],
    ["500s", [{ kind: "error", status: 500, every: 3, times: 3 }]],
    ["503s in plain text", [{ kind: "error", status: 503, plain: true, times: 2, retryAfter: "0" }]],
    ["dropped connections", [{ kind: "drop", when: "before", every: 2, times: 3 }]],
    ["answers cut in the middle", [{ kind: "drop", when: "during", every: 3, times: 3 }]],
    ["garbled answers", [{ kind: "malformed", method: "GET", every: 2, times: 2 }]],
    ["slow answers", [{ kind: "slow-body", ms: 200 }]],
    ["an expired token", [{ kind: "expire-token", method: "GET", times: 1 }]],
  ])("%s: the read is whole all the same", async (_, faults) => {
    const running = await start(seed, faults);
    const live = await read({ ...running.connection, retries: 5 });
    expect(live.findings).toEqual([]);
    expect(shown(live.state, atomic)).toEqual(shown(seed, atomic));
    expect(running.simulator.faults.report().every(({ hits }) => hits > 0)).toBe(true);
  });

  test("a collection that changes during the read is read again, and then it is whole", async () => {
    const state = crowd(2_500, 1, 0);
    const running = await start(state);
    let edits = 0;
    const { store } = running.simulator;
    const bump = setInterval(() => {
      if (edits === 0 && (running.simulator.counters.view().requests["GET /v1/members"] ?? 0) >= 2) {
        edits += 1;
        store.members.revision += 1;
      }
    }, 0);
    running.simulator.faults.set([{ kind: "latency", ms: 30, operation: "listMembers" }]);
    const live = await read(running.connection);
    clearInterval(bump);
    expect(edits).toBe(1);
    expect(live.findings).toEqual([]);
    expect(live.state.get("Member")?.size).toBe(2_500);
    expect(running.simulator.counters.view().requests["GET /v1/members"]).toBeGreaterThan(3);
  });

  test("one that never rests is told as inconsistent", async () => {
    const running = await start(crowd(2_500, 1, 0), [{ kind: "latency", ms: 10, operation: "listMembers" }]);
    const bump = setInterval(() => {
      running.simulator.store.members.revision += 1;
    }, 1);
    const live = await read(running.connection);
    clearInterval(bump);
    expect(codes(live)).toEqual(["error inconsistent-read removals"]);
  });

  test("a platform that fails for good is an error, not an empty state", async () => {
    const running = await start(seed, [{ kind: "error", status: 500, operation: "listMemberships" }]);
    await expect(read(running.connection)).rejects.toThrow(/GET \/v1\/memberships: 500/);
  });
});
