// Every operation of the contract, every answer it describes: each is provoked over real HTTP and checked against its schema.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readContract } from "../../src/simulator/contract.ts";
import { CLIENTS, LOCAL_SECRETS } from "../../src/simulator/server.ts";
import {
  type AuditBody,
  type BatchBody,
  basic,
  checkAnswer,
  type Data,
  freshKey,
  type GroupBody,
  type MemberBody,
  type PageBody,
  type RoleBody,
  rawRequest,
  type Session,
  startSession,
} from "./session.ts";

const DEV = "Dv4kQ7xa";
let session: Session;

beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session.close());

async function askToken(headers: { [name: string]: string }, form: { [name: string]: string }): Promise<Response> {
  const response = await fetch(`${session.url}/oauth2/token`, {
    method: "POST",
    headers,
    body: new URLSearchParams(form),
  });
  const text = await response.clone().text();
  session.seen.add(`${checkAnswer("POST", "/oauth2/token", response, text)} ${response.status}`);
  return response;
}

const WRITER = basic(CLIENTS.writer, LOCAL_SECRETS.writer);

describe("tokens", () => {
  test("a client gets a token that lives an hour and has its scopes", async () => {
    const response = await askToken({ authorization: WRITER }, { grant_type: "client_credentials" });
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const body = (await response.json()) as { [name: string]: unknown };
    expect(body).toMatchObject({ token_type: "Bearer", expires_in: 3600, scope: "access:read access:write" });
  });

  test("a token can have fewer scopes than its client, and is held to them", async () => {
    const form = { grant_type: "client_credentials", scope: "access:read" };
    const { access_token } = (await (await askToken({ authorization: WRITER }, form)).json()) as {
      access_token: string;
    };
    const headers = { authorization: `Bearer ${access_token}`, ...freshKey() };
    const { status } = await session.call("POST", "/v1/roles", { body: { name: "No" }, headers });
    expect(status).toBe(403);
  });

  test.each([
    ["a wrong secret", basic(CLIENTS.writer, "guess"), { grant_type: "client_credentials" }, 401, "invalid_client"],
    ["an unknown client", basic("nobody", "guess"), { grant_type: "client_credentials" }, 401, "invalid_client"],
    ["a header that is not Basic", "Bearer x", { grant_type: "client_credentials" }, 401, "invalid_client"],
    ["another grant", WRITER, { grant_type: "password" }, 400, "unsupported_grant_type"],
    ["no grant", WRITER, { scope: "access:read" }, 400, "invalid_request"],
    ["a secret in the form", WRITER, { grant_type: "client_credentials", client_secret: "x" }, 400, "invalid_request"],
    ["a scope too many", WRITER, { grant_type: "client_credentials", scope: "auth" }, 400, "invalid_scope"],
  ])("%s is refused", async (_what, authorization, form, status, error) => {
    const response = await askToken({ authorization }, form as { [name: string]: string });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error });
  });

  test("the form has to be a form", async () => {
    const response = await fetch(`${session.url}/oauth2/token`, {
      method: "POST",
      headers: { authorization: WRITER, "content-type": "application/json" },
      body: JSON.stringify({ grant_type: "client_credentials" }),
    });
    expect(response.status).toBe(415);
  });
});

test("without a User-Agent nothing is served", async () => {
  const authorization = `Bearer ${await session.token("reader")}`;
  const answer = await rawRequest(`${session.url}/v1/roles`, "GET", { authorization });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text)).toMatchObject({ type: "/problems/bad-request", status: 400 });
  const served = await rawRequest(`${session.url}/v1/roles`, "GET", { authorization, "user-agent": "test" });
  expect(served.status).toBe(200);
});

test("what is not in the contract is not found", async () => {
  const response = await fetch(`${session.url}/v1/users`);
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toContain("application/problem+json");
});

test("the environments come in the vendor's shape", async () => {
  const { body } = await session.call<{ environments: { id: string; name: string }[] }>("GET", "/v1/environments");
  expect(Object.keys(body)).toEqual(["environments"]);
  expect(body.environments.map((environment) => environment.name)).toEqual(["dev", "test", "staging", "production"]);
  for (const { id } of body.environments) expect(id).toMatch(/^[0-9A-Za-z]{6,8}$/);
});

describe("credentials", () => {
  const path = `/v1/${DEV}/credentials`;

  test("a credential is shown once, works within its role, and ends at once", async () => {
    const made = await session.call<Data<{ clientId: string; clientSecret: string }>>("POST", path, {
      as: "console",
      body: { role: "workbench" },
    });
    expect(made.status).toBe(201);
    const { clientId, clientSecret } = made.body.data;
    expect(JSON.stringify(session.simulator.dump())).not.toContain(clientSecret);
    const response = await askToken(
      { authorization: basic(clientId, clientSecret) },
      { grant_type: "client_credentials" },
    );
    const { access_token, scope } = (await response.json()) as { access_token: string; scope: string };
    expect(scope).toBe("access:read");
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await session.call("GET", "/v1/roles", { headers })).status).toBe(200);
    expect((await session.call("DELETE", `${path}/${clientId}`, { as: "console" })).status).toBe(204);
    expect((await session.call("GET", "/v1/roles", { headers })).status).toBe(401);
    expect((await session.call("DELETE", `${path}/${clientId}`, { as: "console" })).status).toBe(404);
  });

  test("a credential of role events may not read access", async () => {
    const made = await session.call<Data<{ clientId: string; clientSecret: string }>>("POST", path, {
      as: "console",
      body: { role: "events" },
    });
    const { clientId, clientSecret } = made.body.data;
    const response = await askToken(
      { authorization: basic(clientId, clientSecret) },
      { grant_type: "client_credentials" },
    );
    const { access_token } = (await response.json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await session.call("GET", "/v1/environments", { headers })).status).toBe(403);
  });

  test("an environment that is not there has no credentials", async () => {
    expect(
      (await session.call("POST", "/v1/zzzzzz/credentials", { as: "console", body: { role: "events" } })).status,
    ).toBe(404);
    expect((await session.call("POST", "/v1/z/credentials", { as: "console", body: { role: "events" } })).status).toBe(
      404,
    );
    expect((await session.call("POST", path, { as: "console", body: { role: "auth" } })).status).toBe(422);
  });
});

describe("roles", () => {
  test("live from creation to deletion", async () => {
    const input = {
      name: "Theme keeper",
      permissions: [
        { resource: "Theme", level: "edit" },
        { resource: "Stream", level: "view" },
      ],
    };
    const made = await session.call<Data<RoleBody>>("POST", "/v1/roles", { body: input, headers: freshKey() });
    expect(made.status).toBe(201);
    const { id, etag } = made.body.data;
    expect(made.headers.get("etag")).toBe(etag);
    expect(made.body.data).toMatchObject({ name: "Theme keeper", description: "" });
    expect(made.body.data.permissions.map((permission) => permission.resource)).toEqual(["Stream", "Theme"]);
    const read = await session.call<Data<RoleBody>>("GET", `/v1/roles/${id}`);
    expect(read.body).toEqual(made.body);
    const same = await session.call<Data<RoleBody>>("PATCH", `/v1/roles/${id}`, {
      body: { permissions: [...input.permissions].reverse() },
      headers: { "if-match": etag },
    });
    expect(same.body.data.etag).toBe(etag);
    const patched = await session.call<Data<RoleBody>>("PATCH", `/v1/roles/${id}`, {
      body: { name: "theme KEEPER", permissions: [] },
      headers: { "if-match": etag },
    });
    expect(patched.body.data).toMatchObject({ name: "theme KEEPER", permissions: [] });
    expect(patched.body.data.etag).not.toBe(etag);
    expect(patched.headers.get("etag")).toBe(patched.body.data.etag);
    const gone = await session.call("DELETE", `/v1/roles/${id}`, { headers: { "if-match": patched.body.data.etag } });
    expect(gone.status).toBe(204);
    expect((await session.call("GET", `/v1/roles/${id}`)).status).toBe(404);
    const again = await session.call("POST", "/v1/roles", { body: { name: "Theme Keeper" }, headers: freshKey() });
    expect(again.status).toBe(201);
  });

  test("a role in use cannot be deleted", async () => {
    const { body } = await session.call<Data<RoleBody>>("GET", "/v1/roles/rCardEdt41");
    const { status, body: problem } = await session.call("DELETE", "/v1/roles/rCardEdt41", {
      headers: { "if-match": body.data.etag },
    });
    expect([status, problem.type]).toEqual([409, "/problems/in-use"]);
  });

  test.each([
    [
      "an unknown resource",
      { name: "A", permissions: [{ resource: "Moon", level: "view" }] },
      "/permissions/0/resource",
    ],
    [
      "a level not offered",
      { name: "A", permissions: [{ resource: "Customer", level: "view" }] },
      "/permissions/0/level",
    ],
    ["a level that is none", { name: "A", permissions: [{ resource: "Theme", level: "own" }] }, "/permissions/0/level"],
    [
      "a resource twice",
      {
        name: "A",
        permissions: [
          { resource: "Theme", level: "view" },
          { resource: "Theme", level: "edit" },
        ],
      },
      "/permissions/1/resource",
    ],
    ["an unknown property", { name: "A", colour: "red" }, "colour"],
    ["no name", { description: "A" }, "name"],
    ["a blank name", { name: " \t " }, "/name"],
  ])("%s is refused", async (_what, body, pointer) => {
    const answer = await session.call("POST", "/v1/roles", { body, headers: freshKey() });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});

describe("groups", () => {
  test("live from creation to deletion, members coming and going", async () => {
    const made = await session.call<Data<GroupBody>>("POST", "/v1/groups", {
      body: { name: "Night shift", roleIds: ["rCardApp63"], environmentIds: [DEV] },
      headers: freshKey(),
    });
    expect(made.status).toBe(201);
    const { id, etag } = made.body.data;
    const batch = { add: ["mAna04Rf5g", "mBo05Tg6hj", "mPetra16Ty", "nobody"] };
    const added = await session.call<BatchBody>("POST", `/v1/groups/${id}/members/batch`, { body: batch });
    expect(added.body.data.results.map(({ result }) => result)).toEqual(["added", "added", "not-found", "not-found"]);
    const moved = await session.call<BatchBody>("POST", `/v1/groups/${id}/members/batch`, {
      body: { add: ["mAna04Rf5g"], remove: ["mBo05Tg6hj", "mMei06Yh7k", "nobody"] },
    });
    const results = moved.body.data.results.map(({ action, result }) => `${action} ${result}`);
    expect(results).toEqual(["add unchanged", "remove removed", "remove unchanged", "remove not-found"]);
    const read = await session.call<Data<GroupBody>>("GET", `/v1/groups/${id}`);
    expect(read.body.data.etag).toBe(etag);
    const busy = await session.call("DELETE", `/v1/groups/${id}`, { headers: { "if-match": etag } });
    expect([busy.status, busy.body.type]).toEqual([409, "/problems/in-use"]);
    const wide = await session.call<Data<GroupBody>>("PATCH", `/v1/groups/${id}`, {
      body: { environmentIds: [] },
      headers: { "if-match": etag },
    });
    expect(wide.body.data).toMatchObject({ name: "Night shift", roleIds: ["rCardApp63"], environmentIds: [] });
    await session.call("POST", `/v1/groups/${id}/members/batch`, { body: { remove: ["mAna04Rf5g"] } });
    const gone = await session.call("DELETE", `/v1/groups/${id}`, { headers: { "if-match": wide.body.data.etag } });
    expect(gone.status).toBe(204);
  });

  test("refer to what there is", async () => {
    for (const [property, id] of [
      ["roleIds", "nope"],
      ["environmentIds", "Nope123"],
    ] as const) {
      const body = { name: "Group of nothing", [property]: [id] };
      const made = await session.call("POST", "/v1/groups", { body, headers: freshKey() });
      expect([made.status, made.body.errors?.[0]?.pointer]).toEqual([422, `/${property}/0`]);
      const { body: current } = await session.call<Data<GroupBody>>("GET", "/v1/groups/gInsigh7Gu");
      const headers = { "if-match": current.data.etag };
      const patched = await session.call("PATCH", "/v1/groups/gInsigh7Gu", { body: { [property]: [id] }, headers });
      expect(patched.status).toBe(422);
    }
  });

  test("a batch is bounded and makes sense", async () => {
    const path = "/v1/groups/gInsigh7Gu/members/batch";
    const many = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `m${index + from}`);
    expect((await session.call("POST", path, { body: { add: many(1000) } })).status).toBe(200);
    expect((await session.call("POST", path, { body: { add: many(600), remove: many(401, 600) } })).status).toBe(422);
    expect((await session.call("POST", path, { body: { add: ["a"], remove: ["a"] } })).status).toBe(422);
    expect((await session.call("POST", path, { body: { add: ["a", "a"] } })).status).toBe(422);
    expect((await session.call("POST", path, { body: {} })).status).toBe(422);
    expect((await session.call("POST", "/v1/groups/nope/members/batch", { body: { add: ["a"] } })).status).toBe(404);
  });
});

describe("members", () => {
  async function invite(email: string): Promise<MemberBody> {
    const body = { email, firstName: "Kim", lastName: "Park" };
    const { status, body: answer } = await session.call<Data<MemberBody>>("POST", "/v1/members", {
      body,
      headers: freshKey(),
    });
    expect(status).toBe(201);
    return answer.data;
  }
  async function patch(member: MemberBody, body: object): Promise<MemberBody> {
    const headers = { "if-match": member.etag };
    const answer = await session.call<Data<MemberBody>>("PATCH", `/v1/members/${member.id}`, { body, headers });
    expect(answer.status).toBe(200);
    return answer.body.data;
  }

  test("are invited, accept, are disabled and enabled again", async () => {
    const invited = await invite("kim@acme.example");
    expect(invited.status).toBe("invited");
    const early = await session.call("PATCH", `/v1/members/${invited.id}`, {
      body: { status: "active" },
      headers: { "if-match": invited.etag },
    });
    expect(early.status).toBe(422);
    await fetch(`${session.url}/_simulator/members/${invited.id}/accept`, { method: "POST" });
    const { body } = await session.call<Data<MemberBody>>("GET", `/v1/members/${invited.id}`);
    expect(body.data.status).toBe("active");
    await session.call("POST", "/v1/groups/gInsigh7Gu/members/batch", { body: { add: [invited.id] } });
    const disabled = await patch(body.data, { status: "disabled" });
    expect(disabled.status).toBe("disabled");
    const { body: memberships } = await session.call<PageBody<{ memberId: string }>>(
      "GET",
      "/v1/memberships?limit=1000",
    );
    expect(memberships.data.some((membership) => membership.memberId === invited.id)).toBe(false);
    const enabled = await patch(disabled, { status: "active", firstName: "Kimberly" });
    expect(enabled).toMatchObject({ status: "active", firstName: "Kimberly", lastName: "Park" });
  });

  test("an invitation that was revoked is an invitation when it is given back", async () => {
    const disabled = await patch(await invite("lee@acme.example"), { status: "disabled" });
    expect((await patch(disabled, { status: "active" })).status).toBe("invited");
  });

  test("keep their id under another address", async () => {
    const member = await invite("old@acme.example");
    const renamed = await patch(member, { email: "new@acme.example" });
    expect([renamed.id, renamed.email]).toEqual([member.id, "new@acme.example"]);
    await invite("old@acme.example");
    const taken = await session.call("PATCH", `/v1/members/${member.id}`, {
      body: { email: "OLD@acme.example" },
      headers: { "if-match": renamed.etag },
    });
    expect(taken.status).toBe(409);
  });

  test("are never deleted", async () => {
    const response = await fetch(`${session.url}/v1/members/mAna04Rf5g`, { method: "DELETE" });
    expect(response.status).toBe(404);
  });
});

const KINDS = [
  {
    path: "/v1/roles",
    id: "rCardEdt41",
    create: { name: "Fresh role" },
    taken: { name: " card EDITOR" },
    owner: "rCardEdt41",
  },
  {
    path: "/v1/groups",
    id: "gInsigh7Gu",
    create: { name: "Fresh group" },
    taken: { name: "CARD creators" },
    owner: "gCardCr4Dr",
  },
  {
    path: "/v1/members",
    id: "mAna04Rf5g",
    create: { email: "fresh@acme.example" },
    taken: { email: "Petra@ACME.example " },
    owner: "mPetra16Ty",
  },
];

describe.each(KINDS)("$path", ({ path, id, create, taken, owner }) => {
  const one = `${path}/${id}`;
  const patch = path === "/v1/members" ? { firstName: "Changed" } : { description: "Changed" };
  const methods = path === "/v1/members" ? ["PATCH"] : ["PATCH", "DELETE"];

  test("a taken name is refused, whatever its case, and says whose it is", async () => {
    const made = await session.call("POST", path, { body: taken, headers: freshKey() });
    expect([made.status, made.body.existingId]).toEqual([409, owner]);
    const { body } = await session.call<Data<RoleBody>>("POST", path, { body: create, headers: freshKey() });
    const headers = { "if-match": body.data.etag };
    const patched = await session.call("PATCH", `${path}/${body.data.id}`, { body: taken, headers });
    expect([patched.status, patched.body.existingId]).toEqual([409, owner]);
  });

  test("a change needs the current ETag", async () => {
    const { body } = await session.call<Data<RoleBody>>("GET", one);
    for (const method of methods) {
      const sent = method === "PATCH" ? { body: patch } : {};
      expect((await session.call(method, one, sent)).status).toBe(428);
      for (const stale of ['"other"', "*", `W/${body.data.etag}`, body.data.etag.replaceAll('"', "")]) {
        const answer = await session.call(method, one, { ...sent, headers: { "if-match": stale } });
        expect([answer.status, answer.body.etag]).toEqual([412, body.data.etag]);
      }
    }
    const headers = { "if-match": body.data.etag };
    expect((await session.call("PATCH", one, { body: patch, headers })).status).toBe(200);
    expect((await session.call("PATCH", one, { body: { ...patch }, headers })).status).toBe(412);
  });

  test("bad requests are told from impossible ones", async () => {
    const headers = { "if-match": '"x"' };
    expect((await session.call("GET", `${path}?limit=1`)).status).toBe(200);
    expect((await session.call("POST", path, { body: [], headers: freshKey() })).status).toBe(422);
    expect((await session.call("PATCH", one, { body: {}, headers })).status).toBe(422);
    expect((await session.call("PATCH", one, { body: [], headers })).status).toBe(422);
    expect((await session.call("PATCH", one, { body: { id: "x" }, headers })).status).toBe(422);
    expect((await session.call("POST", path, { body: create })).status).toBe(400);
    expect((await session.call("GET", `${path}/nope`)).status).toBe(404);
    const authorization = `Bearer ${await session.token("writer")}`;
    for (const [target, method] of [
      [one, "PATCH"],
      [path, "POST"],
    ] as const) {
      const common = { authorization, "user-agent": "test", "if-match": '"x"', ...freshKey() };
      const json = await rawRequest(
        session.url + target,
        method,
        { ...common, "content-type": "application/json" },
        "{",
      );
      expect(json.status).toBe(400);
      session.seen.add(`${checkRaw(method, target, json)} ${json.status}`);
      const text = await rawRequest(session.url + target, method, { ...common, "content-type": "text/plain" }, "{}");
      expect(text.status).toBe(415);
    }
    for (const method of methods) {
      const sent = method === "PATCH" ? { body: patch } : {};
      expect((await session.call(method, `${path}/nope`, { ...sent, headers })).status).toBe(404);
    }
  });
});

function checkRaw(method: string, path: string, answer: Awaited<ReturnType<typeof rawRequest>>): string {
  const headers = { "content-type": answer.headers["content-type"] ?? "" };
  return checkAnswer(method, path, new Response(null, { status: answer.status, headers }), answer.text);
}

test("the body of a batch has to be JSON", async () => {
  const path = "/v1/groups/gInsigh7Gu/members/batch";
  const authorization = `Bearer ${await session.token("writer")}`;
  const headers = { authorization, "user-agent": "test", "content-type": "application/json" };
  const answer = await rawRequest(session.url + path, "POST", headers, '{"add":[');
  expect(answer.status).toBe(400);
  session.seen.add(`${checkRaw("POST", path, answer)} 400`);
});

describe("the audit log", () => {
  test("is read page by page and belongs to an environment", async () => {
    const { body } = await session.call<PageBody<AuditBody>>("GET", `/v1/${DEV}/audit-log?limit=1`);
    expect(body.data).toHaveLength(1);
    expect((await session.call("GET", `/v1/${DEV}/audit-log?cursor=x`)).status).toBe(400);
    expect((await session.call("GET", "/v1/zzzzzz/audit-log")).status).toBe(404);
  });
});

describe("listings refuse what they do not understand", () => {
  test.each(["/v1/roles", "/v1/groups", "/v1/members", "/v1/memberships"])("%s", async (path) => {
    for (const query of [
      "limit=0",
      "limit=1001",
      "limit=ten",
      "limit=1&limit=2",
      "cursor=",
      "cursor=abc",
      "partition=2/2",
      "partition=1",
      "partition=-1/2",
      "partition=01/2",
      "filter=x",
    ])
      expect([query, (await session.call("GET", `${path}?${query}`)).status]).toEqual([query, 400]);
  });
});

describe("every operation", () => {
  const BODIES: { readonly [operation: string]: object } = {
    createCredential: { role: "events" },
    createRole: { name: "Nobody's" },
    updateRole: { description: "x" },
    createGroup: { name: "Nobody's" },
    updateGroup: { description: "x" },
    createMember: { email: "nobody@acme.example" },
    updateMember: { firstName: "x" },
    changeGroupMembers: { add: ["mAna04Rf5g"] },
  };
  const bearing = readContract().operations.filter((operation) => operation.scope !== undefined);

  test.each(bearing)("$id needs a token, its scope, and patience", async ({ id, method, path, scope }) => {
    const target = path.replace("{environmentId}", DEV).replace("{clientId}", "c").replace("{id}", "x");
    const body = BODIES[id];
    const sent = { ...(body && { body }), headers: { "if-match": '"x"', ...freshKey() } };
    for (const authorization of ["", "Bearer nonsense", "Bearer", WRITER]) {
      const answer = await session.call(method, target, { ...sent, headers: { ...sent.headers, authorization } });
      expect(answer.status).toBe(401);
    }
    const form = { grant_type: "client_credentials", scope: scope === "access:read" ? "access:write" : "access:read" };
    const authorization = basic(CLIENTS.console, LOCAL_SECRETS.console);
    const { access_token } = (await (await askToken({ authorization }, form)).json()) as { access_token: string };
    const headers = { ...sent.headers, authorization: `Bearer ${access_token}` };
    expect((await session.call(method, target, { ...sent, headers })).status).toBe(403);
    session.simulator.faults.set([{ kind: "rate-limit", operation: id, times: 1, retryAfter: "7" }]);
    const slow = await session.call(method, target, { ...sent, as: "console" });
    expect([slow.status, slow.headers.get("retry-after")]).toEqual([429, "7"]);
  });

  test("has given every answer that the contract describes", async () => {
    session.simulator.faults.set([{ kind: "rate-limit", operation: "createToken", times: 1 }]);
    await askToken({ authorization: WRITER }, { grant_type: "client_credentials" });
    const described = readContract().operations.flatMap((operation) =>
      Object.keys(operation.answers).map((status) => `${operation.id} ${status}`),
    );
    expect(described.length).toBeGreaterThan(100);
    const missing = described.filter((answer) => !answer.endsWith(" default") && !session.seen.has(answer));
    expect(missing).toEqual([]);
  });
});
