// Each fault over real HTTP: what the client sees, what really happened, and that it happens by count and to nobody else.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FaultRule } from "../../src/simulator/faults.ts";
import { acmeSeed } from "../../src/simulator/seed.ts";
import {
  type Data,
  freshKey,
  type GroupBody,
  type PageBody,
  type RoleBody,
  type Session,
  startSession,
} from "./session.ts";

const HOUR_MS = 60 * 60 * 1000;
let now = Date.parse("2026-03-01T08:00:00Z");
let session: Session;
let authorization = "";

beforeAll(async () => {
  session = await startSession({ now: () => now });
});
afterAll(() => session.close());
beforeEach(async () => {
  session.simulator.load(acmeSeed());
  session.simulator.faults.set([]);
  session.simulator.faults.latencyMs = 0;
  session.simulator.counters.reset();
  authorization = `Bearer ${await session.token("writer")}`;
});

function send(
  method: string,
  path: string,
  body?: unknown,
  headers: { [name: string]: string } = {},
): Promise<Response> {
  return fetch(session.url + path, {
    method,
    headers: { authorization, ...(body !== undefined && { "content-type": "application/json" }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

function fail(...rules: FaultRule[]): void {
  session.simulator.faults.set(rules);
}

async function statuses(count: number, path = "/v1/roles"): Promise<readonly number[]> {
  const seen: number[] = [];
  for (let index = 0; index < count; index++) seen.push((await send("GET", path)).status);
  return seen;
}

describe("which requests are hit", () => {
  test("the next so many", async () => {
    fail({ kind: "error", status: 500, times: 2 });
    expect(await statuses(4)).toEqual([500, 500, 200, 200]);
  });

  test("every how many-th, after some are let pass", async () => {
    fail({ kind: "rate-limit", every: 3, skip: 1 });
    expect(await statuses(8)).toEqual([200, 200, 200, 429, 200, 200, 429, 200]);
  });

  test("those of an operation, a method or a path", async () => {
    fail({ kind: "error", status: 502, operation: "listGroups" }, { kind: "error", status: 504, path: "/v1/me*s" });
    expect(await statuses(1, "/v1/roles?limit=3")).toEqual([200]);
    expect(await statuses(1, "/v1/groups?limit=3")).toEqual([502]);
    expect(await statuses(1, "/v1/members?limit=3")).toEqual([504]);
    expect(await statuses(1, "/v1/memberships")).toEqual([504]);
    fail({ kind: "error", status: 500, method: "patch" });
    expect(await statuses(1)).toEqual([200]);
    expect((await send("PATCH", "/v1/roles/x", {}, { "if-match": '"x"' })).status).toBe(500);
    expect(session.simulator.faults.report()).toMatchObject([{ matched: 1, hits: 1 }]);
  });
});

describe("what goes wrong", () => {
  test("latency is added to every answer, side by side", async () => {
    const start = performance.now();
    session.simulator.faults.latencyMs = 100;
    await Promise.all(Array.from({ length: 32 }, () => send("GET", "/v1/roles")));
    const tookMs = performance.now() - start;
    expect(tookMs).toBeGreaterThanOrEqual(98);
    expect(tookMs).toBeLessThan(1000);
    expect(session.simulator.counters.view().concurrent).toBeGreaterThan(8);
  });

  test("latency by rule adds to it", async () => {
    fail({ kind: "latency", ms: 60, operation: "listRoles" });
    const start = performance.now();
    await send("GET", "/v1/roles");
    expect(performance.now() - start).toBeGreaterThanOrEqual(58);
  });

  test("too many requests say when to come back, or do not", async () => {
    fail({ kind: "rate-limit", retryAfter: "3", times: 1 }, { kind: "rate-limit", retryAfter: "", times: 1 });
    const answers = [await send("GET", "/v1/roles"), await send("GET", "/v1/roles")];
    expect(answers.map((answer) => [answer.status, answer.headers.get("retry-after")])).toEqual([
      [429, "3"],
      [429, null],
    ]);
    expect(await answers[0]?.json()).toMatchObject({ type: "/problems/too-many-requests", status: 429 });
  });

  test("errors come as problems and as plain text, and nothing is done", async () => {
    fail(
      { kind: "error", status: 500, plain: true, times: 1 },
      { kind: "error", status: 503, retryAfter: "0", times: 1 },
    );
    const plain = await send("POST", "/v1/roles", { name: "Lost" }, freshKey());
    expect([plain.status, plain.headers.get("content-type")]).toEqual([500, "text/plain; charset=utf-8"]);
    await expect(plain.json()).rejects.toThrow(SyntaxError);
    const problem = await send("POST", "/v1/roles", { name: "Lost" }, freshKey());
    expect([problem.status, problem.headers.get("retry-after")]).toEqual([503, "0"]);
    expect(await problem.json()).toMatchObject({ type: "/problems/unavailable", status: 503 });
    expect(session.simulator.counters.view().writes).toEqual([]);
  });

  test("a connection dropped before the effect leaves nothing, one dropped after it leaves the effect", async () => {
    const headers = freshKey();
    fail({ kind: "drop", when: "before", times: 1 });
    await expect(send("POST", "/v1/roles", { name: "Lost" }, headers)).rejects.toThrow();
    expect(session.simulator.counters.view().writes).toHaveLength(0);
    fail({ kind: "drop", when: "after", times: 1 });
    await expect(send("POST", "/v1/roles", { name: "Lost" }, headers)).rejects.toThrow();
    expect(session.simulator.counters.view().writes).toHaveLength(1);
    const retried = await send("POST", "/v1/roles", { name: "Lost" }, headers);
    expect([retried.status, retried.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    expect(session.simulator.counters.view().writes).toHaveLength(1);
  });

  test("a connection dropped in the middle of the answer gives half of it", async () => {
    fail({ kind: "drop", when: "during", times: 1 });
    const response = await send("GET", "/v1/roles");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
    expect(await statuses(1)).toEqual([200]);
  });

  test("a truncated page has fewer rows than its total, and says it is the last", async () => {
    fail({ kind: "truncate", rows: 3, operation: "listMembers" }, { kind: "truncate", operation: "listGroups" });
    const members = (await (await send("GET", "/v1/members")).json()) as PageBody<unknown>;
    expect([members.data.length, members.total, members.cursor]).toEqual([3, 16, null]);
    const groups = (await (await send("GET", "/v1/groups?limit=8")).json()) as PageBody<unknown>;
    expect([groups.data.length, groups.total, groups.cursor]).toEqual([4, 12, null]);
  });

  test("a total can be wrong either way", async () => {
    fail({ kind: "wrong-total", by: -5, times: 1 }, { kind: "wrong-total", by: 2 });
    const totals: number[] = [];
    for (let index = 0; index < 2; index++)
      totals.push(((await (await send("GET", "/v1/members")).json()) as PageBody<unknown>).total);
    expect(totals).toEqual([13, 18]);
  });

  test("an ETag goes stale behind the reader's back, in name only or for a reason", async () => {
    const read = async (): Promise<GroupBody> =>
      ((await (await send("GET", "/v1/groups/gInsigh7Gu")).json()) as Data<GroupBody>).data;
    const patch = (etag: string): Promise<Response> =>
      send("PATCH", "/v1/groups/gInsigh7Gu", { name: "Insight" }, { "if-match": etag });
    const first = await read();
    fail({ kind: "stale-etag", times: 1, method: "PATCH" });
    expect((await patch(first.etag)).status).toBe(412);
    const second = await read();
    expect({ ...second, etag: "" }).toEqual({ ...first, etag: "" });
    expect(session.simulator.counters.view().writes).toHaveLength(0);
    fail({ kind: "stale-etag", times: 1, method: "PATCH", description: "Someone was here" });
    expect((await patch(second.etag)).status).toBe(412);
    const third = await read();
    expect(third.description).toBe("Someone was here");
    expect(session.simulator.counters.view().writes).toMatchObject([{ actor: { type: "simulator" } }]);
    expect((await patch(third.etag)).status).toBe(200);
  });

  test("every kind of entity can change behind the reader's back", async () => {
    for (const [path, change] of [
      ["/v1/roles/rCardEdt41", { description: "x" }],
      ["/v1/groups/gInsigh7Gu", { description: "x" }],
      ["/v1/members/mAna04Rf5g", { lastName: "x" }],
    ] as const) {
      const { data } = (await (await send("GET", path)).json()) as Data<RoleBody>;
      fail({ kind: "stale-etag", times: 1, description: "Changed" });
      expect((await send("PATCH", path, change, { "if-match": data.etag })).status).toBe(412);
      expect(JSON.stringify(await (await send("GET", path)).json())).toContain("Changed");
    }
  });

  test("a slow body trickles and is whole in the end", async () => {
    const whole = await (await send("GET", "/v1/members")).text();
    fail({ kind: "slow-body", ms: 120, times: 1 });
    const start = performance.now();
    const response = await send("GET", "/v1/members");
    const headersMs = performance.now() - start;
    expect(await response.text()).toBe(whole);
    expect(performance.now() - start).toBeGreaterThanOrEqual(110);
    expect(headersMs).toBeLessThan(110);
  });

  test("malformed JSON comes with a good status", async () => {
    fail({ kind: "malformed", times: 1 });
    const response = await send("GET", "/v1/members");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toContain("application/json");
    await expect(response.json()).rejects.toThrow(SyntaxError);
  });

  test("a token expires early by rule, and in time by the clock", async () => {
    fail({ kind: "expire-token", times: 1, skip: 1 });
    expect(await statuses(4)).toEqual([200, 401, 401, 401]);
    authorization = `Bearer ${await session.token("writer")}`;
    now += HOUR_MS - 1;
    expect(await statuses(1)).toEqual([200]);
    now += 1;
    expect(await statuses(1)).toEqual([401]);
  });
});

describe("control over HTTP", () => {
  const control = (method: string, path: string, body?: unknown): Promise<Response> =>
    fetch(`${session.url}/_simulator/${path}`, {
      method,
      ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });

  test("faults are put, reported, and put away", async () => {
    const faults = [{ kind: "error", status: 500, times: 1 }];
    const put = await control("PUT", "faults", { latencyMs: 5, faults });
    expect(put.status).toBe(200);
    expect(await statuses(2)).toEqual([500, 200]);
    expect(await (await control("GET", "faults")).json()).toEqual({
      latencyMs: 5,
      faults: [{ rule: faults[0], matched: 2, hits: 1 }],
    });
    await control("PUT", "faults", {});
    expect(session.simulator.faults.latencyMs).toBe(0);
    expect(session.simulator.faults.report()).toEqual([]);
  });

  test.each([
    { faults: [{ kind: "earthquake" }] },
    { faults: [{ kind: "error" }] },
    { faults: [{ kind: "error", status: 404 }] },
    { faults: [{ kind: "drop", when: "never" }] },
    { faults: [{ kind: "latency", ms: -1 }] },
    { faults: [{ kind: "malformed", every: 0 }] },
    { faults: {} },
    { latency: 5 },
    [],
  ])("%j is refused, and what was set stays", async (body) => {
    fail({ kind: "error", status: 500 });
    expect((await control("PUT", "faults", body)).status).toBe(422);
    expect(await statuses(1)).toEqual([500]);
  });

  test("counters count requests by operation, and writes by what they did", async () => {
    await statuses(3);
    await send("POST", "/v1/groups/gInsigh7Gu/members/batch", { add: ["mAna04Rf5g"], remove: ["mRavi11Xc4"] });
    await send("POST", "/v1/groups/gInsigh7Gu/members/batch", { add: ["mAna04Rf5g"] });
    await fetch(`${session.url}/v1/nothing`);
    const view = (await (await control("GET", "counters")).json()) as ReturnType<
      typeof session.simulator.counters.view
    >;
    expect(view.requests).toMatchObject({
      "POST /oauth2/token": 1,
      "GET /v1/roles": 3,
      "POST /v1/groups/{id}/members/batch": 2,
      "DELETE /v1/groups/{id}": 0,
      other: 1,
    });
    expect(view.total).toBe(7);
    expect(view.writes).toMatchObject([
      {
        n: 1,
        operation: "changeGroupMembers",
        actor: { name: "rolebook-writer" },
        idempotencyKey: null,
        effects: [
          { action: "membership.added", subject: { name: "ana@acme.example in Insights" } },
          { action: "membership.removed", subject: { name: "ravi@acme.example in Insights" } },
        ],
      },
    ]);
    expect((await control("DELETE", "counters")).status).toBe(204);
    expect(session.simulator.counters.view()).toMatchObject({ total: 0, writes: [] });
  });

  test("the state is read and replaced whole, or not at all", async () => {
    const state = (await (await control("GET", "state")).json()) as ReturnType<typeof session.simulator.dump>;
    const before = (await (await send("GET", "/v1/groups/gInsigh7Gu")).json()) as Data<GroupBody>;
    const memberships = { ...state.memberships, gInsigh7Gu: ["mAna04Rf5g"] };
    expect((await control("PUT", "state", { ...state, memberships })).status).toBe(204);
    const after = (await (await send("GET", "/v1/groups/gInsigh7Gu")).json()) as Data<GroupBody>;
    expect({ ...after.data, etag: "" }).toEqual({ ...before.data, etag: "" });
    expect(after.data.etag).not.toBe(before.data.etag);
    const rows = ((await (await send("GET", "/v1/memberships?limit=1000")).json()) as PageBody<{ groupId: string }>)
      .data;
    expect(rows.filter((row) => row.groupId === "gInsigh7Gu")).toHaveLength(1);
    for (const [broken, words] of [
      [{ ...state, members: [...state.members, { id: "x", email: "ANA@acme.example" }] }, "Two members have one name"],
      [{ ...state, roles: [...state.roles, { id: "rCardEdt41", name: "x" }] }, "Two roles have the id"],
      [{ ...state, roles: [] }, "unknown role"],
      [{ ...state, environments: [] }, "unknown environment"],
      [{ ...state, memberships: { gInsigh7Gu: ["stranger"] } }, "unknown member"],
      [{ ...state, memberships: { gInsigh7Gu: ["mPetra16Ty"] } }, "disabled member"],
      [{ ...state, memberships: { nowhere: [] } }, "unknown group"],
      [{ ...state, version: 2 }, "version 1"],
      [[], "version 1"],
    ] as const) {
      const answer = await control("PUT", "state", broken);
      expect(answer.status).toBe(422);
      expect(((await answer.json()) as { detail: string }).detail).toContain(words);
    }
    expect((await send("GET", "/v1/groups/gInsigh7Gu")).headers.get("etag")).toBe(after.data.etag);
  });

  test("faults do not reach the control", async () => {
    fail({ kind: "error", status: 500 });
    expect((await control("GET", "state")).status).toBe(200);
  });
});

describe("onWrite", () => {
  test("is called around every effective write, and no other", async () => {
    const calls: string[] = [];
    const end = session.simulator.onWrite((n, phase) =>
      calls.push(`${n} ${phase} ${session.simulator.store.roles.byId.size}`),
    );
    const headers = freshKey();
    await send("POST", "/v1/roles", { name: "One" }, headers);
    await send("POST", "/v1/roles", { name: "One" }, headers);
    await send("POST", "/v1/roles", { name: "one" }, freshKey());
    await send("POST", "/v1/roles", { name: "Two" }, freshKey());
    end();
    await send("POST", "/v1/roles", { name: "Three" }, freshKey());
    expect(calls).toEqual(["1 before 12", "1 after 13", "2 before 13", "2 after 14"]);
  });

  test("can kill a client at the n-th write: its effect is there, its answer never came", async () => {
    const script = `
      const [url, authorization] = process.argv.slice(1);
      for (let n = 1; n < 100; n++) {
        const headers = { authorization, "content-type": "application/json", "idempotency-key": "child " + n };
        await fetch(url + "/v1/roles", { method: "POST", headers, body: JSON.stringify({ name: "Child " + n }) });
        console.log(n);
      }`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script, session.url, authorization]);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    const end = session.simulator.onWrite((n, phase) => {
      if (n === 3 && phase === "after") child.kill("SIGKILL");
    });
    await once(child, "close");
    end();
    expect(child.signalCode).toBe("SIGKILL");
    expect(output.trim().split("\n")).toEqual(["1", "2"]);
    expect(session.simulator.counters.view().writes.map((write) => write.idempotencyKey)).toEqual([
      "child 1",
      "child 2",
      "child 3",
    ]);
  });
});

test("a request that is cut off half way has no effect", async () => {
  const lines = [
    "POST /v1/roles HTTP/1.1",
    "host: 127.0.0.1",
    `authorization: ${authorization}`,
    "user-agent: test",
    "content-type: application/json",
    "idempotency-key: half",
    "content-length: 15",
    "",
    '{"name":"Half"',
  ];
  const socket = connect(Number(new URL(session.url).port), "127.0.0.1");
  socket.end(lines.join("\r\n"));
  socket.resume();
  await once(socket, "close");
  expect(session.simulator.counters.view()).toMatchObject({ requests: { "POST /v1/roles": 1 }, writes: [] });
});
