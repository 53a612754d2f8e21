// Persistence: a simulator that is stopped and started again is the same organization, down to its ETags and kept answers.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serve } from "../../src/simulator/serve.ts";
import { createSimulator } from "../../src/simulator/server.ts";
import { type Data, freshKey, type MemberBody, type RoleBody, readAll, type Session, startSession } from "./session.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rolebook-state-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function everything(session: Session): Promise<object> {
  const lists = ["/v1/roles", "/v1/groups", "/v1/members", "/v1/memberships", "/v1/Dv4kQ7xa/audit-log"];
  return Object.fromEntries(await Promise.all(lists.map(async (path) => [path, await readAll(session, path)])));
}

test("a restart changes nothing", async () => {
  const stateFile = join(folder, "state.json");
  const first = await startSession({ stateFile });
  const headers = freshKey();
  const body = { name: "Kept role", permissions: [{ resource: "Theme", level: "view" }] };
  const made = await first.call<Data<RoleBody>>("POST", "/v1/roles", { body, headers });
  const email = "kept@acme.example";
  const member = await first.call<Data<MemberBody>>("POST", "/v1/members", { body: { email }, headers: freshKey() });
  await first.call("POST", "/v1/groups/gInsigh7Gu/members/batch", { body: { add: [member.body.data.id] } });
  const credential = await first.call<Data<{ clientId: string; clientSecret: string }>>(
    "POST",
    "/v1/Dv4kQ7xa/credentials",
    { as: "console", body: { role: "workbench" } },
  );
  const before = await everything(first);
  await first.close();
  const text = readFileSync(stateFile, "utf8");
  expect(text).not.toContain(credential.body.data.clientSecret);
  expect(text).not.toContain("local-writer-secret");
  expect(statSync(stateFile).mode & 0o777).toBe(0o600);

  const second = await startSession({ stateFile });
  expect(await everything(second)).toEqual(before);
  const again = await second.call<Data<RoleBody>>("POST", "/v1/roles", { body, headers });
  expect([again.headers.get("idempotency-replayed"), again.body]).toEqual(["true", made.body]);
  const patched = await second.call<Data<RoleBody>>("PATCH", `/v1/roles/${made.body.data.id}`, {
    body: { description: "x" },
    headers: { "if-match": made.body.data.etag },
  });
  expect(patched.status).toBe(200);
  expect(
    (await second.call("DELETE", `/v1/Dv4kQ7xa/credentials/${credential.body.data.clientId}`, { as: "console" }))
      .status,
  ).toBe(204);
  await second.close();
  expect(readdirSync(folder)).toEqual(["state.json"]);
});

test("the file follows soon after a change, and is whole whenever it is read", async () => {
  const stateFile = join(folder, "follows.json");
  const session = await startSession({ stateFile });
  for (let round = 0; round < 5; round++) {
    await session.call("POST", "/v1/roles", { body: { name: `Role ${round}` }, headers: freshKey() });
    await expect.poll(() => names(stateFile), { timeout: 20_000 }).toContain(`Role ${round}`);
  }
  await session.close();
});

function names(file: string): readonly string[] {
  return (JSON.parse(readFileSync(file, "utf8")) as { roles: { name: string }[] }).roles.map((role) => role.name);
}

test("a state file that makes no sense is refused and left alone", () => {
  for (const text of ["{", "[]", '{"version":1}', '{"version":7}']) {
    const stateFile = join(folder, "broken.json");
    writeFileSync(stateFile, text);
    expect(() => createSimulator({ stateFile })).toThrow();
    expect(readFileSync(stateFile, "utf8")).toBe(text);
  }
});

test("a state file that cannot be written is told at the end", async () => {
  const simulator = createSimulator({ stateFile: join(folder, "nowhere", "state.json") });
  await expect(simulator.close()).rejects.toThrow("ENOENT");
});

test("serve says where it is, which clients there are, and no secret it was given", async () => {
  const lines: string[] = [];
  const options = { port: 0, host: "127.0.0.1", latencyMs: 0, writerSecret: "top secret" };
  const simulator = await serve({ ...options, seed: "acme", stateFile: join(folder, "served.json") }, (line) =>
    lines.push(line),
  );
  const text = lines.join("\n");
  expect(text).toMatch(/Acme at http:\/\/127\.0\.0\.1:\d+/);
  expect(text).toContain("4 environments, 12 roles, 12 groups, 16 members, 26 memberships");
  expect(text).toContain("client rolebook-reader  secret local-reader-secret");
  expect(text).toContain("client rolebook-writer  secret (as given)");
  expect(text).not.toContain("top secret");
  expect(text).toContain("served.json");
  await simulator.close();
});

test("serve starts from nothing, from a file, or not at all", async () => {
  const options = { port: 0, host: "127.0.0.1", latencyMs: 0 };
  const empty = await serve({ ...options, seed: "empty" }, () => undefined);
  expect([empty.store.roles.byId.size, empty.store.environments.length]).toEqual([0, 4]);
  await empty.close();
  const again = await serve({ ...options, seed: join(folder, "served.json") }, () => undefined);
  expect(again.store.members.byId.size).toBe(16);
  await again.close();
  await expect(serve({ ...options, seed: "nowhere.json" }, () => undefined)).rejects.toThrow("nowhere.json");
});

test("close answers what is under way and then serves nobody", async () => {
  const session = await startSession({ latencyMs: 200 });
  const authorization = `Bearer ${await session.token("reader")}`;
  const underway = fetch(`${session.url}/v1/roles`, { headers: { authorization } });
  await new Promise((resolve) => setTimeout(resolve, 50));
  const start = performance.now();
  const closing = session.close();
  expect((await underway).status).toBe(200);
  await closing;
  expect(performance.now() - start).toBeLessThan(2000);
  await expect(fetch(`${session.url}/v1/roles`)).rejects.toThrow();
});
