// Idempotency-Key: a request sent twice has one effect and one answer; a key is never bent to another use.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Data, freshKey, type RoleBody, type Session, startSession } from "./session.ts";

const HOUR_MS = 60 * 60 * 1000;
let now = Date.parse("2026-03-01T08:00:00Z");
let session: Session;

beforeAll(async () => {
  session = await startSession({ now: () => now, tokenLifeMs: 1000 * HOUR_MS });
});
afterAll(() => session.close());

const CREATES = [
  { path: "/v1/roles", body: { name: "Twice" }, other: { name: "Twice", description: "but different" } },
  { path: "/v1/groups", body: { name: "Twice" }, other: { name: "Twice", description: "but different" } },
  {
    path: "/v1/members",
    body: { email: "twice@acme.example" },
    other: { email: "twice@acme.example", firstName: "T" },
  },
];

describe.each(CREATES)("POST $path", ({ path, body, other }) => {
  test("twice under one key is once", async () => {
    const headers = freshKey();
    const writes = session.simulator.counters.view().writes.length;
    const first = await session.call<Data<RoleBody>>("POST", path, { body, headers });
    const second = await session.call<Data<RoleBody>>("POST", path, { body, headers });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get("etag")).toBe(first.headers.get("etag"));
    expect([first, second].map((answer) => answer.headers.get("idempotency-replayed"))).toEqual([null, "true"]);
    const view = session.simulator.counters.view();
    expect(view.writes.length).toBe(writes + 1);
    expect(view.writes[writes]?.idempotencyKey).toBe(headers["idempotency-key"]);
    const reused = await session.call("POST", path, { body: other, headers });
    expect([reused.status, reused.body.type]).toEqual([422, "/problems/key-reused"]);
    const elsewhere = CREATES.find((create) => create.path !== path) ?? CREATES[0];
    expect((await session.call("POST", elsewhere?.path ?? "", { body: elsewhere?.body, headers })).status).toBe(422);
    const taken = await session.call("POST", path, { body, headers: freshKey() });
    expect([taken.status, taken.body.existingId]).toEqual([409, first.body.data.id]);
  });
});

test("the kept answer is the one that was given, also when things have moved on", async () => {
  const headers = freshKey();
  const body = { name: "Renamed later" };
  const made = await session.call<Data<RoleBody>>("POST", "/v1/roles", { body, headers });
  const { id, etag } = made.body.data;
  await session.call("PATCH", `/v1/roles/${id}`, { body: { name: "Renamed" }, headers: { "if-match": etag } });
  expect((await session.call("POST", "/v1/roles", { body, headers })).body).toEqual(made.body);
});

test("a refusal is not kept: the same key works once the cause is gone", async () => {
  const headers = freshKey();
  const body = { name: "Wanted" };
  const { body: holder } = await session.call<Data<RoleBody>>("POST", "/v1/roles", { body, headers: freshKey() });
  expect((await session.call("POST", "/v1/roles", { body, headers })).status).toBe(409);
  await session.call("DELETE", `/v1/roles/${holder.data.id}`, { headers: { "if-match": holder.data.etag } });
  expect((await session.call("POST", "/v1/roles", { body, headers })).status).toBe(201);
});

test("keys belong to a client", async () => {
  const headers = freshKey();
  expect((await session.call("POST", "/v1/roles", { body: { name: "Mine" }, headers })).status).toBe(201);
  const other = await session.call("POST", "/v1/roles", { as: "console", body: { name: "Theirs" }, headers });
  expect(other.status).toBe(201);
});

test("a key is forgotten after 24 hours", async () => {
  const headers = freshKey();
  const body = { name: "Yesterday" };
  expect((await session.call("POST", "/v1/roles", { body, headers })).status).toBe(201);
  now += 24 * HOUR_MS - 1;
  expect((await session.call("POST", "/v1/roles", { body, headers })).status).toBe(201);
  now += 1;
  expect((await session.call("POST", "/v1/roles", { body, headers })).status).toBe(409);
});
