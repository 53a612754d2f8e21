// The Atomic reader and writer against the simulator with faults on: every read is whole or says so, every write is told
// as it was, and nothing happens twice.
import { afterEach, describe, expect, test } from "vitest";
import type { Change } from "../../../src/model/change.ts";
import type { Connection, LiveRead } from "../../../src/model/driver.ts";
import { type Entity, membershipSection, type State, stateOf } from "../../../src/model/entity.ts";
import type { Outcome } from "../../../src/model/receipt.ts";
import { driver } from "../../../src/platform/atomic/driver.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import type { FaultRule } from "../../../src/simulator/faults.ts";
import type { SimulatorOptions } from "../../../src/simulator/server.ts";
import { planFor, removals, shown, writeAll } from "../contract.ts";
import {
  atomicHarness,
  connectionTo,
  entity,
  membership,
  type RunningSimulator,
  seed,
  startSimulator,
} from "./harness.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(
  state: State,
  faults: readonly FaultRule[] = [],
  options: SimulatorOptions = {},
): Promise<RunningSimulator> {
  const running = await startSimulator(state, options);
  open.push(running.close);
  running.simulator.faults.set(faults);
  return running;
}

async function read(connection: Connection): Promise<LiveRead> {
  const reader = driver.openReader(connection);
  try {
    return await reader.read();
  } finally {
    await reader.close();
  }
}

const codes = ({ findings }: LiveRead) => findings.map(({ code, blocks, severity }) => `${severity} ${code} ${blocks}`);

/** Plans from what is live to `want`, then writes with faults on; `faults` are off during the read. */
async function writeTo(want: State, running: RunningSimulator, faults: readonly FaultRule[] = [], base: State = seed) {
  const before = await read(running.connection);
  const plan = planFor(want, base, before, atomic);
  running.simulator.faults.set(faults);
  const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live, atomic);
  running.simulator.faults.set([]);
  const by = (change: Change) => outcomes.find((outcome) => outcome.change === change.id) as Outcome;
  return { changes: plan.changes, live: plan.live, outcomes, by, statuses: outcomes.map(({ status }) => status) };
}

function edited(edit: (entity: Entity) => Entity | undefined, ...added: Entity[]): State {
  const kept = [...seed.values()].flatMap((section) => [...section.values()].map(edit));
  return stateOf([...kept.filter((kept) => kept !== undefined), ...added]);
}

const same = (e: Entity) => e;
const newRole = entity("Role", "New role", { description: "New", permissions: { Tag: "view" } });

/** People and groups in numbers, to fill pages. */
function crowd(people: number, groups: number, memberships: number): State {
  const members = Array.from({ length: people }, (_, n) =>
    entity("Member", `p${n}@acme.example`, { firstName: "P", lastName: `${n}` }),
  );
  const names = Array.from({ length: groups }, (_, n) => `Group ${n}`);
  return stateOf([
    entity("Environment", "dev"),
    entity("Role", "R", { description: "", permissions: { Tag: "view" } }),
    ...names.map((name) => entity("Group", name, { description: "", roles: ["R"], environments: "all" })),
    ...members,
    ...Array.from({ length: memberships }, (_, n) =>
      membership(names[Math.floor(n / people) % groups] ?? "", `p${n % people}@acme.example`),
    ),
  ]);
}

describe("reading", () => {
  test("a small organization takes a request for each collection, and a token", async () => {
    const running = await start(seed);
    expect((await read(running.connection)).requests).toBe(6);
    expect(running.simulator.counters.view().total).toBe(6);
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

  test("a plan on a truncated read takes nothing away", async () => {
    const running = await start(seed, [{ kind: "truncate", operation: "listMemberships" }]);
    const live = await read(running.connection);
    expect(live.findings.length).toBeGreaterThan(0);
    const { changes } = planFor(atomicHarness.want, seed, live, atomic);
    expect(removals(changes).length).toBeGreaterThan(0);
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
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live, atomic);
    expect(performance.now() - started).toBeLessThan(20_000);
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
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live, atomic);
    expect(outcomes).toMatchObject([{ status: "conflict" }]);
    expect(outcomes[0]?.cause).toContain('"Old group" holds the role');
  });

  test("a name that was taken meanwhile: as wanted it is applied, otherwise a conflict", async () => {
    const running = await start(seed);
    const before = await read(running.connection);
    const other = entity("Role", "NEW ROLE", { description: "Mine", permissions: { Tag: "edit" } });
    const mine = planFor(edited(same, other), seed, before, atomic);
    await writeAll(driver, running.connection, mine.changes, mine.live, atomic);
    const theirs = planFor(edited(same, newRole), seed, before, atomic);
    const outcomes = await writeAll(driver, running.connection, theirs.changes, theirs.live, atomic);
    expect(outcomes).toMatchObject([
      { status: "conflict", cause: "it exists already, with another name, description, permissions" },
    ]);
    const again = await writeAll(driver, running.connection, mine.changes, mine.live, atomic);
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
    const outcomes = await writeAll(driver, running.connection, changes, live, atomic);
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

describe("people", () => {
  const petra: Entity = {
    ...entity("Member", "petra@acme.example", { firstName: "Petra", lastName: "Old" }),
    status: "disabled",
  };
  const back = entity("Member", "Petra@acme.example", { firstName: "Petra", lastName: "Novak" });
  const withPetra = stateOf([...[...seed.values()].flatMap((section) => [...section.values()]), petra]);

  test.each(["remembered", "found out"])(
    "someone disabled comes back as themselves, their state being %s",
    async (how) => {
      const running = await start(withPetra);
      const before = await read(running.connection);
      expect(before.state.get("Member")?.has("petra@acme.example")).toBe(false);
      const state = how === "remembered" ? before.state : new Map(before.state);
      const { changes, live } = planFor(
        edited(same, back, membership("Everyone", "petra@acme.example")),
        seed,
        { ...before, state },
        atomic,
      );
      const outcomes = await writeAll(driver, running.connection, changes, live, atomic);
      expect(outcomes.map(({ status }) => status)).toEqual(["applied", "applied"]);
      const requests = running.simulator.counters.view().requests;
      expect(requests["POST /v1/members"]).toBe(how === "remembered" ? 0 : 1);
      const after = (await read(running.connection)).state;
      expect(after.get("Member")?.get("petra@acme.example")).toMatchObject({
        id: before.state.get("Member")?.get("petra@acme.example")?.id ?? expect.any(String),
        attributes: { firstName: "Petra", lastName: "Novak" },
      });
      expect(after.get("Membership/everyone")?.has("petra@acme.example")).toBe(true);
      expect(running.simulator.store.members.byId.size).toBe(4);
    },
  );

  test("leaving disables; nobody is deleted", async () => {
    const running = await start(seed);
    const want = edited((e) => (e.local === "leaver@acme.example" ? undefined : e));
    const { statuses } = await writeTo(want, running);
    expect(statuses).toEqual(["applied", "applied"]);
    const { members } = running.simulator.store;
    expect([...members.byId.values()].map(({ status }) => status).sort()).toEqual(["active", "active", "disabled"]);
  });

  test("a new person is invited, and counts as a member", async () => {
    const running = await start(seed);
    await writeTo(edited(same, entity("Member", "zoe@acme.example", { firstName: "Zoe", lastName: "Ng" })), running);
    expect((await read(running.connection)).state.get("Member")?.get("zoe@acme.example")?.status).toBe("invited");
  });

  test("an invitation that was accepted meanwhile does not stop a change of name", async () => {
    const running = await start(seed);
    const want = edited((e) =>
      e.local === "bo@acme.example" && e.kind === "Member"
        ? { ...e, attributes: { ...e.attributes, lastName: "Øre" } }
        : e,
    );
    const { statuses } = await writeTo(want, running, [{ kind: "stale-etag", operation: "updateMember", times: 1 }]);
    expect(statuses).toEqual(["applied"]);
  });

  test("2,500 joiners and leavers of one group go in three batches", async () => {
    const state = crowd(2_500, 1, 0);
    const running = await start(state);
    const entities = [...state.values()].flatMap((section) => [...section.values()]);
    const joined = stateOf([
      ...entities,
      ...entities.filter(({ kind }) => kind === "Member").map(({ name }) => membership("Group 0", name)),
    ]);
    const { outcomes } = await writeTo(joined, running, [], state);
    expect(outcomes).toHaveLength(2_500);
    expect(outcomes.every(({ status }) => status === "applied")).toBe(true);
    expect(running.simulator.counters.view().requests["POST /v1/groups/{id}/members/batch"]).toBe(3);
    expect((await read(running.connection)).state.get("Membership/group 0")?.size).toBe(2_500);
  });
});

describe("renames", () => {
  test("roles, groups and people keep their ids, and what refers to them follows", async () => {
    const running = await start(seed);
    const before = await read(running.connection);
    const rename = (e: Entity, from: string, to: string, local: string): Entity =>
      e.name === from && e.kind !== "Membership" ? { ...e, name: to, local, previously: e.local } : e;
    const want = stateOf(
      [...seed.values()]
        .flatMap((section) => [...section.values()])
        .map((e) => rename(e, "Card editor", "Card author", "card author"))
        .map((e) => rename(e, "Card creators", "Card authors", "card authors"))
        .map((e) => rename(e, "ana@acme.example", "ana.li@acme.example", "ana.li@acme.example"))
        .map((e) =>
          e.kind === "Group" && e.local === "card authors"
            ? { ...e, attributes: { ...e.attributes, roles: ["Card author"] } }
            : e,
        )
        .map((e) => (e.section === "Membership/card creators" ? membership("Card authors", "ana.li@acme.example") : e))
        .concat([
          entity("Group", "Second desk", { description: "", roles: ["Card author"], environments: "all" }),
          membership("Second desk", "ana.li@acme.example"),
          membership("Card authors", "bo@acme.example"),
        ]),
    );
    const plan = planFor(want, seed, before, atomic);
    expect(plan.changes.map(({ action, key }) => `${action} ${key}`).sort()).toEqual([
      "create Group/second desk",
      "create Membership/card authors/bo@acme.example",
      "create Membership/second desk/ana.li@acme.example",
      "update Group/card authors",
      "update Member/ana.li@acme.example",
      "update Role/card author",
    ]);
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live, atomic);
    expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
    const after = await read(running.connection);
    expect(shown(after.state, atomic)).toEqual(shown(want, atomic));
    expect(after.state.get("Role")?.get("card author")?.id).toBe(before.state.get("Role")?.get("card editor")?.id);
    expect(after.state.get("Group")?.get("card authors")?.id).toBe(before.state.get("Group")?.get("card creators")?.id);
    expect(after.state.get("Member")?.get("ana.li@acme.example")?.id).toBe(
      before.state.get("Member")?.get("ana@acme.example")?.id,
    );
  });

  test("against live as it was read, under old keys, within one phase", async () => {
    const running = await start(seed);
    const { state } = await read(running.connection);
    const view = (name: string) => ({ name, attributes: {} });
    const change: Change = {
      id: "c1",
      action: "update",
      kind: "Role",
      section: "Role",
      local: "card author",
      key: "Role/card author",
      name: "Card author",
      origin: "policy",
      effect: "neutral",
      before: view("Card editor"),
      after: view("Card author"),
    };
    const created: Change = {
      ...change,
      id: "c2",
      action: "create",
      kind: "Group",
      section: "Group",
      local: "desk",
      before: null,
      after: { name: "Desk", attributes: { roles: ["Card author"], environments: "all" } },
    };
    const outcomes: Outcome[] = [];
    const writer = driver.openWriter(connectionTo(running.url, "writer"));
    await writer.write([created, change], state, (outcome) => outcomes.push(outcome));
    await writer.close();
    expect(outcomes.map(({ status }) => status)).toEqual(["applied", "applied"]);
    const after = await read(running.connection);
    expect(after.state.get("Group")?.get("desk")?.attributes.roles).toEqual(["Card author"]);
  });

  test("to a name that is taken is a conflict", async () => {
    const running = await start(seed);
    const { state } = await read(running.connection);
    const [old, taken] = [state.get("Role")?.get("old role") as Entity, "Card viewer"];
    const change = { id: "c1", action: "update", kind: "Role", section: "Role", local: "old role" } as Change;
    const outcomes: Outcome[] = [];
    const writer = driver.openWriter(running.connection);
    await writer.write(
      [{ ...change, before: { name: old.name, attributes: {} }, after: { name: taken, attributes: {} } }],
      state,
      (outcome) => outcomes.push(outcome),
    );
    await writer.close();
    expect(outcomes).toMatchObject([{ status: "conflict" }]);
  });
});

test("a limit that would come out empty is never sent", async () => {
  const running = await start(seed);
  const { state } = await read(running.connection);
  const group = state.get("Group")?.get("card creators") as Entity;
  const outcomes: Outcome[] = [];
  const writer = driver.openWriter(running.connection);
  const change = { id: "c1", action: "update", kind: "Group", section: "Group", local: "card creators" } as Change;
  const after = { name: group.name, attributes: { environments: [] } };
  await writer.write(
    [{ ...change, before: { name: group.name, attributes: group.attributes }, after }],
    state,
    (outcome) => outcomes.push(outcome),
  );
  await writer.close();
  expect(outcomes).toMatchObject([{ status: "failed", cause: "an empty list of environments would mean all of them" }]);
  expect(running.effectiveWrites()).toBe(0);
});
