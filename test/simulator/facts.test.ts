// What the simulator tells of people and nobody can write: their second factor and when they were last active. Telling it
// is no change: no version, no revision and no entry of the audit log moves with it.
import { afterAll, beforeAll, expect, test } from "vitest";
import { acmeSeed } from "../../src/simulator/seed.ts";
import { type Data, freshKey, type MemberBody, type PageBody, readAll, type Session, startSession } from "./session.ts";

const ANA = "mAna04Rf5g";
let session: Session;
beforeAll(async () => {
  session = await startSession({ now: () => Date.parse("2026-11-22T12:00:00Z") });
});
afterAll(() => session.close());

const member = async (id: string) => (await session.call<Data<MemberBody>>("GET", `/v1/members/${id}`)).body.data;
const page = async () => (await session.call<PageBody<MemberBody>>("GET", "/v1/members?limit=1000")).body;

async function tell(id: string, facts: object): Promise<number> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(facts);
  return (await fetch(`${session.url}/_simulator/members/${id}/facts`, { method: "PUT", headers, body })).status;
}

test("acme has people with and without a second factor, somebody dormant, and nothing to tell of whom it invited", async () => {
  const { data } = await page();
  const users = (which: (one: MemberBody) => boolean) => data.filter(which).map(({ email }) => email.split("@")[0]);
  expect(users(({ status, multiFactor }) => status === "active" && multiFactor !== true)).toEqual(["bo", "yusuf"]);
  expect(users(({ status, lastActiveAt }) => status === "active" && String(lastActiveAt) < "2026-11")).toEqual([
    "sofia",
  ]);
  for (const { status, multiFactor, lastActiveAt } of data)
    if (status === "invited") expect([multiFactor, lastActiveAt]).toEqual([false, null]);
});

test("activity shows at once, and moves no ETag, no revision and no entry of the audit log", async () => {
  const log = "/v1/Dv4kQ7xa/audit-log";
  const [before, list, entries] = [await member(ANA), await page(), await readAll(session, log)];
  expect(await tell(ANA, { multiFactor: false, lastActiveAt: "2026-11-22T11:59:00Z" })).toBe(200);
  const told = { multiFactor: false, lastActiveAt: "2026-11-22T11:59:00Z" };
  expect(await member(ANA)).toEqual({ ...before, ...told });
  const data = list.data.map((one) => (one.id === ANA ? { ...one, ...told } : one));
  expect(await page()).toEqual({ ...list, data });
  expect(await readAll(session, log)).toEqual(entries);
  // The ETag from before still fits.
  const { email, etag } = before;
  const { status } = await session.call("PATCH", `/v1/members/${ANA}`, {
    body: { email },
    headers: { "if-match": etag },
  });
  expect(status).toBe(200);
});

test("what an organization does not tell is not in its answers", async () => {
  expect(await tell(ANA, {})).toBe(200);
  const keys = ["email", "etag", "firstName", "id", "lastName", "status"];
  expect(Object.keys(await member(ANA)).sort()).toEqual(keys);
  const quiet = acmeSeed();
  const members = quiet.members.map(({ multiFactor: _, lastActiveAt: __, ...rest }) => rest);
  const other = await startSession({ seed: { ...quiet, members } });
  const rows = (await other.call<PageBody<MemberBody>>("GET", "/v1/members?limit=1000")).body.data;
  await other.close();
  for (const row of rows) expect(Object.keys(row).sort()).toEqual(keys);
});

test("nobody writes it: a request that names it is refused like any other unknown property", async () => {
  const headers = { "if-match": (await member(ANA)).etag };
  for (const body of [{ multiFactor: true }, { lastActiveAt: "2026-11-22T11:59:00Z" }, { firstName: "A", etag: "x" }]) {
    expect((await session.call("PATCH", `/v1/members/${ANA}`, { body, headers })).status).toBe(422);
    const create = { email: "fresh@acme.example", ...body };
    expect((await session.call("POST", "/v1/members", { body: create, headers: freshKey() })).status).toBe(422);
  }
});

test("who is invited has none, and is active from the moment of accepting", async () => {
  const invite = { body: { email: "kim@acme.example" }, headers: freshKey() };
  const { data } = (await session.call<Data<MemberBody>>("POST", "/v1/members", invite)).body;
  expect(data).toMatchObject({ multiFactor: false, lastActiveAt: null });
  await fetch(`${session.url}/_simulator/members/${data.id}/accept`, { method: "POST" });
  expect(await member(data.id)).toMatchObject({ status: "active", lastActiveAt: "2026-11-22T12:00:00.000Z" });
});

test("the switch takes only what the contract allows", async () => {
  for (const body of [{ multiFactor: 1 }, { lastActiveAt: "yesterday" }, { status: "active" }, []])
    expect(await tell(ANA, body), JSON.stringify(body)).toBe(422);
  expect(await tell("nobody", {})).toBe(404);
});
