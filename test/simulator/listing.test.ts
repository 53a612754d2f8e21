// Listings: partitions add up, pages follow one another, cursors are opaque, and change underneath loses nothing that stays.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { StateDocument } from "../../src/simulator/records.ts";
import { acmeSeed } from "../../src/simulator/seed.ts";
import {
  type Data,
  freshKey,
  type GroupBody,
  type MemberBody,
  type MembershipBody,
  type PageBody,
  readAll,
  type Session,
  startSession,
} from "./session.ts";

const PATHS = ["/v1/roles", "/v1/groups", "/v1/members", "/v1/memberships"];
let session: Session;

/** Members, groups of very unequal size, a few roles. */
function largeState(members: number, groups: number): StateDocument {
  const memberIds = Array.from({ length: members }, (_, index) => `member${index}`);
  const groupIds = Array.from({ length: groups }, (_, index) => `group${index}`);
  return {
    ...acmeSeed(),
    roles: Array.from({ length: 17 }, (_, index) => ({ id: `role${index}`, name: `Role ${index}` })),
    groups: groupIds.map((id) => ({ id, name: `Group ${id}`, roleIds: ["role1"] })),
    members: memberIds.map((id) => ({ id, email: `${id}@acme.example` })),
    memberships: Object.fromEntries(
      groupIds.map((id, index) => [id, memberIds.filter((_, member) => member % (index + 1) === 0)]),
    ),
  };
}

beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session.close());
beforeEach(() => session.simulator.load(largeState(1500, 40)));

describe.each(PATHS)("%s", (path) => {
  test("is the same in one piece, in pages and in partitions", async () => {
    const whole = new Set((await readAll(session, path)).map((row) => JSON.stringify(row)));
    expect(whole.size).toBeGreaterThan(10);
    for (const parts of [1, 2, 3, 8, 64]) {
      const rows: string[] = [];
      let totals = 0;
      for (let part = 0; part < parts; part++) {
        const query = `limit=${parts === 3 ? 7 : 1000}&partition=${part}/${parts}`;
        const { body } = await session.call<PageBody<unknown>>("GET", `${path}?${query}`);
        totals += body.total;
        rows.push(...(await readAll(session, path, query)).map((row) => JSON.stringify(row)));
      }
      expect(rows).toHaveLength(whole.size);
      expect(totals).toBe(whole.size);
      expect(new Set(rows)).toEqual(whole);
    }
  });

  test("ends with a null cursor exactly when there is no more", async () => {
    const { body: first } = await session.call<PageBody<unknown>>("GET", `${path}?limit=1000`);
    const last = first.total % 1000 || 1000;
    const { body: exact } = await session.call<PageBody<unknown>>(
      "GET",
      `${path}?limit=${Math.min(first.total, 1000)}`,
    );
    expect(exact.cursor === null).toBe(first.total <= 1000);
    expect((await readAll(session, path, `limit=${last}`)).length).toBe(first.total);
  });

  test("does not take another listing's cursor, a mended one, or an old one", async () => {
    const other = path === "/v1/roles" ? "/v1/groups" : "/v1/roles";
    const { body } = await session.call<PageBody<unknown>>("GET", `${path}?limit=1&partition=1/2`);
    const cursor = body.cursor ?? "";
    expect(cursor).not.toBe("");
    const [text = "", signature = ""] = cursor.split(".");
    const content = Buffer.from(text, "base64url").toString();
    const forged = `${Buffer.from(content.replace(/\d+\]$/, "9]")).toString("base64url")}.${signature}`;
    for (const query of [`cursor=${cursor}`, `cursor=${cursor}&partition=0/2`, `cursor=${forged}&partition=1/2`]) {
      const { status, body: problem } = await session.call("GET", `${path}?${query}`);
      expect([status, problem.type]).toEqual([400, "/problems/bad-cursor"]);
    }
    expect((await session.call("GET", `${other}?cursor=${cursor}&partition=1/2`)).status).toBe(400);
    expect((await session.call("GET", `${path}?cursor=${cursor}&partition=1/2`)).status).toBe(200);
    session.simulator.load(largeState(1500, 40));
    expect((await session.call("GET", `${path}?cursor=${cursor}&partition=1/2`)).status).toBe(400);
  });
});

test("a row's partition follows from its identity: change elsewhere does not move it", async () => {
  const partOf = async (): Promise<Map<string, number>> => {
    const parts = new Map<string, number>();
    for (let part = 0; part < 4; part++)
      for (const row of await readAll<MembershipBody>(session, "/v1/memberships", `limit=1000&partition=${part}/4`))
        parts.set(`${row.groupId} ${row.memberId}`, part);
    return parts;
  };
  const before = await partOf();
  const { body } = await session.call<Data<MemberBody>>("POST", "/v1/members", {
    body: { email: "new@acme.example" },
    headers: freshKey(),
  });
  await session.call("POST", "/v1/groups/group3/members/batch", { body: { add: [body.data.id], remove: ["member0"] } });
  const after = await partOf();
  expect(after.size).toBe(before.size);
  for (const [row, part] of before) if (row !== "group3 member0") expect(after.get(row)).toBe(part);
});

test("partitions are of like size, though one group has everyone", async () => {
  for (const path of ["/v1/members", "/v1/memberships"]) {
    const totals: number[] = [];
    for (let part = 0; part < 8; part++)
      totals.push((await session.call<PageBody<unknown>>("GET", `${path}?limit=1&partition=${part}/8`)).body.total);
    expect(Math.max(...totals) / Math.min(...totals)).toBeLessThan(1.5);
  }
});

test("rows that stay are listed exactly once, whatever comes and goes between the pages", async () => {
  const stays = new Set<string>();
  for (const { groupId, memberId } of await readAll<MembershipBody>(session, "/v1/memberships"))
    if (!["group5", "group6", "group39"].includes(groupId)) stays.add(`${groupId} ${memberId}`);
  const seen: string[] = [];
  let cursor: string | null = null;
  let page = 0;
  do {
    const next: string = cursor === null ? "" : `&cursor=${cursor}`;
    const { body }: { body: PageBody<MembershipBody> } = await session.call("GET", `/v1/memberships?limit=500${next}`);
    seen.push(...body.data.map(({ groupId, memberId }) => `${groupId} ${memberId}`));
    cursor = body.cursor;
    const churn = [
      { add: ["member1"], remove: ["member0"] },
      { add: ["member0"], remove: ["member1"] },
    ];
    for (const group of ["group5", "group6", "group39"])
      await session.call("POST", `/v1/groups/${group}/members/batch`, { body: churn[page % 2] });
    page++;
  } while (cursor !== null);
  expect(page).toBeGreaterThan(5);
  const kept = seen.filter((row) => stays.has(row));
  expect(kept).toHaveLength(stays.size);
  expect(new Set(kept)).toEqual(stays);
});

test("a revision says that its own collection changed, and only that", async () => {
  const revisions = async (): Promise<readonly string[]> =>
    Promise.all(PATHS.map(async (path) => (await session.call<PageBody<unknown>>("GET", path)).body.revision));
  const changed = async (write: () => Promise<unknown>): Promise<readonly string[]> => {
    const before = await revisions();
    await write();
    const after = await revisions();
    return PATHS.filter((_, index) => before[index] !== after[index]);
  };
  expect(await changed(() => session.call("GET", "/v1/groups/group1"))).toEqual([]);
  const { body } = await session.call<Data<GroupBody>>("GET", "/v1/groups/group1");
  const headers = { "if-match": body.data.etag };
  expect(
    await changed(() => session.call("PATCH", "/v1/groups/group1", { body: { description: "x" }, headers })),
  ).toEqual(["/v1/groups"]);
  expect(
    await changed(() => session.call("POST", "/v1/groups/group1/members/batch", { body: { remove: ["member0"] } })),
  ).toEqual(["/v1/memberships"]);
  expect(
    await changed(() => session.call("POST", "/v1/groups/group1/members/batch", { body: { remove: ["member0"] } })),
  ).toEqual([]);
  expect(
    await changed(() => session.call("POST", "/v1/roles", { body: { name: "New" }, headers: freshKey() })),
  ).toEqual(["/v1/roles"]);
});

test("a hundred thousand members and three hundred thousand memberships are quickly served", async () => {
  const members = Array.from({ length: 100_000 }, (_, index) => ({ id: `m${index}`, email: `m${index}@acme.example` }));
  const groups = Array.from({ length: 5000 }, (_, index) => ({ id: `g${index}`, name: `Group ${index}` }));
  const memberships: Record<string, string[]> = Object.fromEntries(groups.map(({ id }) => [id, []]));
  for (let index = 0; index < 297_000; index++)
    memberships[`g${(index * 7919) % 5000}`]?.push(`m${(index + Math.floor(index / 100_000)) % 100_000}`);
  session.simulator.load({ ...acmeSeed(), members, groups, memberships });
  const start = performance.now();
  for (const [path, expected] of [
    ["/v1/members", 100_000],
    ["/v1/memberships", 297_000],
  ] as const) {
    const parts = await Promise.all(
      Array.from({ length: 8 }, (_, part) => readAll(session, path, `limit=1000&partition=${part}/8`)),
    );
    expect(parts.flat()).toHaveLength(expected);
  }
  // Client and server share a process and every answer is validated: a few seconds, where a quadratic server takes minutes.
  expect(performance.now() - start).toBeLessThan(30_000);
});
