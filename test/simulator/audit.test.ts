// The audit log says who did what, when, and what was there before; for seven days, newest first.
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  type AuditBody,
  type Data,
  freshKey,
  type GroupBody,
  type MemberBody,
  type PageBody,
  type RoleBody,
  readAll,
  type Session,
  startSession,
} from "./session.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const PRODUCTION = "/v1/Pr9XkT2m/audit-log";
let now = Date.parse("2026-03-01T08:00:00Z");
let session: Session;

beforeAll(async () => {
  session = await startSession({ now: () => now, tokenLifeMs: 100 * DAY_MS });
});
afterAll(() => session.close());

async function newest(count: number, path = PRODUCTION): Promise<readonly AuditBody[]> {
  return (await session.call<PageBody<AuditBody>>("GET", `${path}?limit=${count}`)).body.data;
}

test("a change made by hand names the person, the time, before and after", async () => {
  const { body } = await session.call<Data<GroupBody>>("GET", "/v1/groups/gInsigh7Gu");
  const patched = await session.call("PATCH", "/v1/groups/gInsigh7Gu", {
    as: "console",
    body: { description: "By hand", environmentIds: [], name: body.data.name },
    headers: { "if-match": body.data.etag, "x-simulator-member": "Hana@acme.example" },
  });
  expect(patched.status).toBe(200);
  const [entry] = await newest(1);
  expect(entry).toEqual({
    id: expect.any(String),
    time: "2026-03-01T08:00:00.000Z",
    action: "group.updated",
    actor: { type: "member", id: "mHana01Qa2", name: "hana@acme.example" },
    subject: { type: "group", id: "gInsigh7Gu", name: "Insights" },
    before: { description: "The insights dashboard", environmentIds: ["Pr9XkT2m"] },
    after: { description: "By hand", environmentIds: [] },
    environmentId: null,
  });
});

test("only the console speaks for people, and only for people there are", async () => {
  const headers = { ...freshKey(), "x-simulator-member": "hana@acme.example" };
  await session.call("POST", "/v1/roles", { body: { name: "By the tool" }, headers });
  expect((await newest(1))[0]?.actor).toEqual({ type: "credential", id: "rolebook-writer", name: "rolebook-writer" });
  const unknown = { ...freshKey(), "x-simulator-member": "stranger@acme.example" };
  const answer = await session.call("POST", "/v1/roles", { as: "console", body: { name: "x" }, headers: unknown });
  expect(answer.status).toBe(400);
});

test("every kind of write leaves its entry, and a write that changes nothing leaves none", async () => {
  const start = (await readAll<AuditBody>(session, PRODUCTION, "limit=1000")).length;
  const role = await session.call<Data<RoleBody>>("POST", "/v1/roles", { body: { name: "R" }, headers: freshKey() });
  const { id, etag } = role.body.data;
  const renamed = await session.call<Data<RoleBody>>("PATCH", `/v1/roles/${id}`, {
    body: { name: "R2" },
    headers: { "if-match": etag },
  });
  await session.call("PATCH", `/v1/roles/${id}`, {
    body: { name: "R2" },
    headers: { "if-match": renamed.body.data.etag },
  });
  await session.call("DELETE", `/v1/roles/${id}`, { headers: { "if-match": renamed.body.data.etag } });
  const group = await session.call<Data<GroupBody>>("POST", "/v1/groups", { body: { name: "G" }, headers: freshKey() });
  const batch = `/v1/groups/${group.body.data.id}/members/batch`;
  const member = await session.call<Data<MemberBody>>("POST", "/v1/members", {
    body: { email: "m@acme.example" },
    headers: freshKey(),
  });
  const memberPath = `/v1/members/${member.body.data.id}`;
  await session.call("POST", batch, { body: { add: [member.body.data.id, "mAna04Rf5g"] } });
  await session.call("POST", batch, { body: { add: ["mAna04Rf5g"] } });
  await session.call("POST", batch, { body: { remove: ["mAna04Rf5g"] } });
  await fetch(`${session.url}/_simulator${memberPath.slice(3)}/accept`, { method: "POST" });
  for (const status of ["disabled", "active"]) {
    const { body } = await session.call<Data<MemberBody>>("GET", memberPath);
    await session.call("PATCH", memberPath, { body: { status }, headers: { "if-match": body.data.etag } });
  }
  await session.call("DELETE", `/v1/groups/${group.body.data.id}`, { headers: { "if-match": group.body.data.etag } });
  const entries = await readAll<AuditBody>(session, PRODUCTION, "limit=3");
  expect(entries).toHaveLength(start + 13);
  expect(
    entries
      .slice(0, 13)
      .map((entry) => entry.action)
      .reverse(),
  ).toEqual([
    "role.created",
    "role.updated",
    "role.deleted",
    "group.created",
    "member.invited",
    "membership.added",
    "membership.added",
    "membership.removed",
    "member.accepted",
    "membership.removed",
    "member.disabled",
    "member.enabled",
    "group.deleted",
  ]);
  expect(entries[4]).toMatchObject({
    actor: { type: "member", name: "m@acme.example" },
    before: { status: "invited" },
    after: { status: "active" },
  });
  expect(entries[3]?.subject).toEqual({
    type: "membership",
    id: `${group.body.data.id}/${member.body.data.id}`,
    name: "m@acme.example in G",
  });
  expect(new Set(entries.map((entry) => entry.id)).size).toBe(entries.length);
});

test("what belongs to one environment is in no other's log", async () => {
  await session.call("POST", "/v1/Dv4kQ7xa/credentials", { as: "console", body: { role: "events" } });
  const [inDev] = await newest(1, "/v1/Dv4kQ7xa/audit-log");
  expect(inDev).toMatchObject({ action: "credential.created", environmentId: "Dv4kQ7xa", after: { role: "events" } });
  expect((await newest(1))[0]?.action).not.toBe("credential.created");
});

test("pages go on where they left off, though newer entries come in; a cursor belongs to its environment", async () => {
  const { body: first } = await session.call<PageBody<AuditBody>>("GET", `${PRODUCTION}?limit=2`);
  await session.call("POST", "/v1/roles", { body: { name: "Meanwhile" }, headers: freshKey() });
  const { body: next } = await session.call<PageBody<AuditBody>>("GET", `${PRODUCTION}?limit=2&cursor=${first.cursor}`);
  const all = await newest(5);
  expect([...first.data, ...next.data]).toEqual(all.slice(1));
  expect((await session.call("GET", `/v1/Dv4kQ7xa/audit-log?cursor=${first.cursor}`)).status).toBe(400);
});

test("after seven days an entry is gone", async () => {
  await session.call("POST", "/v1/roles", { body: { name: "Last week" }, headers: freshKey() });
  now += 7 * DAY_MS;
  await session.call("POST", "/v1/roles", { body: { name: "This week" }, headers: freshKey() });
  expect((await newest(1000)).map((entry) => entry.subject.name)).toContain("Last week");
  now += 1;
  expect((await newest(1000)).map((entry) => entry.subject.name)).toEqual(["This week"]);
});
