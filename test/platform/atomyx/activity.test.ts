// What the account's audit log tells, as keys: by the qualified names that count now and by those that counted then.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Activity } from "../../../src/model/driver.ts";
import { openReader } from "../../../src/platform/atomyx/reader.ts";
import { VAULT_CLIENTS, VAULT_SECRETS } from "../../../src/simulator/server.ts";
import { idOf, type RunningVault, seed, startVault } from "./harness.ts";

let running: RunningVault;
beforeAll(async () => {
  running = await startVault(seed);
});
afterAll(() => running?.close());

const ANA = "ana@acme.example";

/** A request as the console, in somebody's name, or as the writer. */
async function send(method: string, path: string, body: unknown, as: string): Promise<void> {
  const { url } = running;
  const client = as === "writer" ? "writer" : "console";
  const basic = Buffer.from(`${VAULT_CLIENTS[client]}:${VAULT_SECRETS[client]}`).toString("base64");
  const agent = { "user-agent": "test" };
  const token = await fetch(`${url}/vault/oauth2/token`, {
    method: "POST",
    headers: { ...agent, authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials",
  });
  const { access_token } = (await token.json()) as { readonly access_token: string };
  const headers: Record<string, string> = { ...agent, authorization: `Bearer ${access_token}` };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (as !== "writer") headers["x-simulator-member"] = as;
  const at = `${url}/vault/v1${path}`;
  if (method !== "POST") headers["if-match"] = (await fetch(at, { headers })).headers.get("etag") ?? "";
  const payload = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(at, { method, headers, ...payload });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}

async function activity(as: "connection" | "readOnly"): Promise<readonly Activity[]> {
  const reader = openReader(running[as]);
  try {
    const { state } = await reader.read();
    return (await reader.activity?.(state)) ?? [];
  } finally {
    await reader.close();
  }
}

it("names entities by what they are called now and were called then, and never Rolebook's own credential", async () => {
  const [group, role] = [idOf("Group", "acme-prod/Everyone"), idOf("Role", "acme-prod/manage/Viewer")];
  const ana = idOf("Member", ANA);
  await send("POST", `/groups/${group}/members/batch`, { add: [ana], remove: [] }, ANA);
  await send("PATCH", `/groups/${group}`, { description: "By the tool" }, "writer");
  await send("PATCH", `/groups/${group}`, { name: "All of us" }, ANA);
  await send("PATCH", `/product-roles/${role}`, { name: "Looker/on" }, ANA);
  await send("PATCH", `/members/${ana}`, { roleIds: [role] }, ANA);
  await send("POST", `/api-keys/${idOf("ApiKey", "acme-prod/Old key")}/revoke`, undefined, ANA);
  const brief = (entries: readonly Activity[]) =>
    entries.map(({ by, person, action, keys, attributes }) => [by, person, action, keys, attributes]);
  expect(brief(await activity("connection"))).toEqual([
    [ANA, true, "api-key.revoked", ["ApiKey/acme-prod/old key"], undefined],
    [ANA, true, "member.updated", ["Member/ana@acme.example"], ["roles"]],
    [ANA, true, "product-role.updated", ["Role/acme-prod/manage/looker/on", "Role/acme-prod/manage/viewer"], ["name"]],
    [ANA, true, "group.updated", ["Group/acme-prod/all of us", "Group/acme-prod/everyone"], ["name"]],
    [
      ANA,
      true,
      "membership.added",
      ["Membership/acme-prod/all of us/ana@acme.example", "Membership/acme-prod/everyone/ana@acme.example"],
      undefined,
    ],
  ]);
  const others = await activity("readOnly");
  expect(others).toHaveLength(6);
  expect(others.map(({ by }) => by)).toContain(VAULT_CLIENTS.writer);
});
