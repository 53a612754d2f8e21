// Every bad day the simulator can have, over real HTTP: an apply still converges, or stops with a receipt
// that tells the truth; and a doubtful read takes nothing away.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FaultRule } from "../../src/simulator/faults.ts";
import { importedWorld, type Moment, receiptsSince, rememberMoment, rewindTo, type World } from "../support/world.ts";

const LIMITS = "    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 } }\n";

let world: World;
let start: Moment;
let digest: string;

beforeAll(async () => {
  world = await importedWorld(LIMITS);
  world.write("policies/acme/roles/new.yaml", "kind: Role\nname: Theme editor\npermissions:\n  Theme: edit\n");
  world.write(
    "policies/acme/groups/new.yaml",
    "kind: Group\nname: Theme editors\nroles: [Theme editor]\nenvironments: [dev]\n---\nkind: Membership\ngroup: Theme editors\nmembers:\n  - ana@acme.example\n  - zoe@acme.example\n---\nkind: Member\nemail: zoe@acme.example\nfirstName: Zoe\nlastName: Q\n",
  );
  world.edit("policies/acme/groups/insights.yaml", "The insights dashboard", "The dashboard");
  world.edit("policies/acme/memberships/card-creators.yaml", "  - bo@acme.example\n", "");
  world.commit("some changes");
  digest = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout).digest;
  start = rememberMoment(world);
});
afterAll(() => world?.close());
beforeEach(() => rewindTo(world, start));

const receipts = () => receiptsSince(world, start);

const apply = () => world.rolebook(["apply", "--approve", digest]);

/** What every apply must leave behind, however the day went. */
async function expectTruth(code: number | null): Promise<void> {
  const [receipt, ...more] = receipts();
  expect(more).toEqual([]);
  world.simulator.faults.set([]);
  const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
  if (receipt) {
    const left = new Set(plan.changes.map(({ id }: { readonly id: string }) => id));
    for (const { change, status } of receipt.outcomes) if (status === "applied") expect(left.has(change)).toBe(false);
    expect(receipt.converged).toBe(code === 0);
  } else expect(world.simulator.counters.view().writes).toEqual([]);
  expect(code === 0).toBe(plan.changes.length === 0);
}

const survived: readonly (readonly [string, readonly FaultRule[]])[] = [
  ["latency", [{ kind: "latency", ms: 120 }]],
  ["a burst of 429 with Retry-After", [{ kind: "rate-limit", retryAfter: "1", times: 7 }]],
  ["429 without Retry-After", [{ kind: "rate-limit", retryAfter: "", every: 3, times: 6 }]],
  ["503 with Retry-After", [{ kind: "error", status: 503, retryAfter: "1", every: 4, times: 3 }]],
  ["500s while reading", [{ kind: "error", status: 500, method: "GET", every: 3, times: 4 }]],
  ["plain-text 502s while reading", [{ kind: "error", status: 502, plain: true, method: "GET", times: 2 }]],
  ["connections cut before the read", [{ kind: "drop", when: "before", method: "GET", every: 3, times: 3 }]],
  ["connections cut in the middle of an answer", [{ kind: "drop", when: "during", method: "GET", times: 2 }]],
  [
    "connections cut after a create took effect",
    [{ kind: "drop", when: "after", method: "POST", path: "/v1/roles", times: 1 }],
  ],
  ["connections cut after an update took effect", [{ kind: "drop", when: "after", method: "PATCH", times: 1 }]],
  [
    "connections cut after a batch took effect",
    [{ kind: "drop", when: "after", method: "POST", path: "/v1/groups/*/members/batch", times: 2 }],
  ],
  ["connections cut before a write", [{ kind: "drop", when: "before", method: "POST", path: "/v1/groups", times: 1 }]],
  ["slow bodies", [{ kind: "slow-body", ms: 400, method: "GET", times: 5 }]],
  ["half a JSON text, once", [{ kind: "malformed", method: "GET", path: "/v1/roles", times: 1 }]],
  [
    "tokens that end early",
    [
      { kind: "expire-token", skip: 3, times: 1 },
      { kind: "expire-token", skip: 14, times: 1 },
    ],
  ],
];

describe("an apply survives", () => {
  it.each(survived)("%s", async (_, rules) => {
    world.simulator.faults.set(rules);
    const result = await apply();
    expect(world.simulator.faults.report().every(({ hits }) => hits > 0)).toBe(true);
    expect([result.code, result.stderr]).toEqual([0, ""]);
    await expectTruth(0);
  });
});

const stopped: readonly (readonly [string, readonly FaultRule[]])[] = [
  ["500s without end on a write", [{ kind: "error", status: 500, method: "POST", path: "/v1/groups" }]],
  ["500s without end on reading", [{ kind: "error", status: 500, method: "GET", path: "/v1/members" }]],
  [
    "somebody else's change right before ours",
    [{ kind: "stale-etag", description: "by hand", method: "PATCH", path: "/v1/groups/*" }],
  ],
  ["connections that are always cut", [{ kind: "drop", when: "before", method: "POST", path: "/v1/members" }]],
  ["malformed answers without end", [{ kind: "malformed", method: "GET", path: "/v1/groups" }]],
];

describe("an apply stops, and says what is so, at", () => {
  it.each(stopped)("%s", async (_, rules) => {
    world.simulator.faults.set(rules);
    const result = await apply();
    expect(result.code).toBe(1);
    expect(result.stdout + result.stderr).not.toContain("local-writer-secret");
    await expectTruth(1);
  });
});

const doubtful: readonly (readonly [string, readonly FaultRule[]])[] = [
  ["a truncated page of memberships", [{ kind: "truncate", path: "/v1/memberships", rows: 10 }]],
  ["a truncated page of members", [{ kind: "truncate", path: "/v1/members" }]],
  ["an empty page of groups", [{ kind: "truncate", path: "/v1/groups", rows: 0 }]],
  ["a total that is too high", [{ kind: "wrong-total", path: "/v1/memberships", by: 3 }]],
  ["a total that is too low", [{ kind: "wrong-total", path: "/v1/roles", by: -2 }]],
];

describe("a doubtful read takes nothing away:", () => {
  it.each(doubtful)("%s", async (_, rules) => {
    world.simulator.faults.set(rules);
    const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    const removals = plan.changes.filter(
      ({ action, effect }: { action: string; effect: string }) =>
        action === "delete" || effect === "reduces" || effect === "mixed",
    );
    for (const change of removals) expect(change.blockedBy).not.toEqual([]);
    const result = await world.rolebook(["apply", "--approve", plan.digest]);
    expect(result.code).toBe(1);
    const now = world.simulator.dump();
    for (const [group, members] of Object.entries(start.state.memberships))
      expect(now.memberships[group]).toEqual(expect.arrayContaining([...members]));
    expect(now.roles.length).toBeGreaterThanOrEqual(start.state.roles.length);
    expect(now.groups.length).toBeGreaterThanOrEqual(start.state.groups.length);
  });
});
