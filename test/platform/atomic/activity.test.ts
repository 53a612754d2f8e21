// What the audit log tells, as keys: by the names that count now and by those that counted then, over real pages.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Activity } from "../../../src/model/driver.ts";
import { stateOf } from "../../../src/model/entity.ts";
import { readActivity } from "../../../src/platform/atomic/activity.ts";
import { openReader } from "../../../src/platform/atomic/reader.ts";
import { CLIENTS, LOCAL_SECRETS } from "../../../src/simulator/server.ts";
import { entity, membership, type RunningSimulator, startSimulator } from "./harness.ts";

const seed = stateOf([
  entity("Environment", "dev"),
  entity("Role", "Editor", { permissions: { Theme: "edit" } }),
  entity("Group", "Cards", { roles: ["Editor"], environments: "all" }),
  entity("Group", "Old", { roles: [], environments: "all" }),
  ...["ana@acme.example", "bo@acme.example", "gone@acme.example"].map((name) => entity("Member", name)),
  membership("Cards", "bo@acme.example"),
]);

let running: RunningSimulator;
let n = 0;
beforeAll(async () => {
  running = await startSimulator(seed);
});
afterAll(() => running?.close());

const idOf = (kind: "roles" | "groups" | "members", name: string) =>
  running.simulator.dump()[kind].find((row) => ("email" in row ? row.email : row.name) === name)?.id ?? "";

/** A request as the console, in somebody's name, or as the writer. */
async function send(method: string, path: string, body: unknown, as: string): Promise<void> {
  const { url } = running;
  const client = as === "writer" ? "writer" : "console";
  const [clientId, clientSecret] = [CLIENTS[client], LOCAL_SECRETS[client]];
  const agent = { "user-agent": "test" };
  const token = await fetch(`${url}/oauth2/token`, {
    method: "POST",
    headers: {
      ...agent,
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    },
    body: "grant_type=client_credentials",
  });
  const { access_token } = (await token.json()) as { readonly access_token: string };
  const headers: Record<string, string> = {
    ...agent,
    authorization: `Bearer ${access_token}`,
    "content-type": "application/json",
  };
  if (as !== "writer") headers["x-simulator-member"] = as;
  if (method === "POST") headers["idempotency-key"] = `key-${n++}`;
  else headers["if-match"] = (await fetch(url + path, { headers })).headers.get("etag") ?? "";
  const payload = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(url + path, { method, headers, ...payload });
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

const brief = (entries: readonly Activity[]) =>
  entries.map(({ by, person, action, keys, attributes }) => [by, person, action, keys, attributes]);

describe("the audit log", () => {
  it("names entities by what they are called now and were called then, and never Rolebook's own credential", async () => {
    const [cards, old] = [idOf("groups", "Cards"), idOf("groups", "Old")];
    const gone = idOf("members", "gone@acme.example");
    const ana = "ana@acme.example";
    await send("POST", `/v1/groups/${cards}/members/batch`, { add: [gone], remove: [] }, ana);
    await send("PATCH", `/v1/groups/${cards}`, { description: "By the tool" }, "writer");
    await send("PATCH", `/v1/groups/${old}`, { name: "New" }, ana);
    await send("PATCH", `/v1/members/${gone}`, { status: "disabled" }, ana);
    const own = await activity("connection");
    expect(brief(own)).toEqual([
      [ana, true, "member.disabled", ["Member/gone@acme.example"], undefined],
      [ana, true, "membership.removed", ["Membership/cards/gone@acme.example"], undefined],
      [ana, true, "group.updated", ["Group/new", "Group/old"], ["name"]],
      [ana, true, "membership.added", ["Membership/cards/gone@acme.example"], undefined],
    ]);
    const others = await activity("readOnly");
    expect(brief(others)[3]).toEqual(["rolebook-writer", false, "group.updated", ["Group/cards"], ["description"]]);
    expect(others).toHaveLength(5);
  });

  it("is read page after page, as long as there are any, and no endless one", async () => {
    const page = (number: number, last: number) => ({
      data: [
        {
          id: String(number),
          time: "2026-11-20T10:00:00Z",
          action: "role.deleted",
          actor: { type: "member", id: "m", name: "ana@acme.example" },
          subject: { type: "role", id: `r${number}`, name: `Role ${number}` },
          before: {},
          after: null,
          environmentId: null,
        },
      ],
      cursor: number === last ? null : String(number + 1),
    });
    const read = (last: number) =>
      readActivity(async (cursor) => page(Number(cursor ?? 0), last), new Map(), undefined);
    expect((await read(2)).flatMap(({ keys }) => keys)).toEqual(["Role/role 0", "Role/role 1", "Role/role 2"]);
    expect(await read(Number.POSITIVE_INFINITY)).toHaveLength(50);
  });
});
