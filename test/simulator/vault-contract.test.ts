// Every operation of the Vault's contract, every answer it describes: each is provoked over real HTTP and checked against its schema.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readContract } from "../../src/simulator/contract.ts";
import { VAULT_CLIENTS, VAULT_SECRETS } from "../../src/simulator/server.ts";
import {
  type BatchBody,
  basic,
  type CallOptions,
  checkAnswer,
  type Data,
  freshKey,
  type PageBody,
  type Reply,
  rawRequest,
  readAll,
  type Session,
  startSession,
} from "./session.ts";

interface Entity {
  readonly id: string;
  readonly etag: string;
  readonly [property: string]: unknown;
}

interface KeyMade extends Data<Entity> {
  readonly secret?: string;
}

const V1 = "/vault/v1";
let session: Session;

beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session.close());

async function askToken(authorization: string, form: { [name: string]: string }): Promise<Response> {
  const response = await fetch(`${session.url}/vault/oauth2/token`, {
    method: "POST",
    headers: { authorization },
    body: new URLSearchParams(form),
  });
  const text = await response.clone().text();
  session.seen.add(`${checkAnswer("POST", "/vault/oauth2/token", response, text)} ${response.status}`);
  return response;
}

function create<T = Data<Entity>>(path: string, body: unknown): Promise<Reply<T>> {
  return session.call<T>("POST", `${V1}/${path}`, { body, headers: freshKey() });
}

async function read(path: string): Promise<Entity> {
  return (await session.call<Data<Entity>>("GET", `${V1}/${path}`)).body.data;
}

/** Changes something as it is now. */
async function change(method: "PATCH" | "DELETE", path: string, body?: unknown): Promise<Reply<Data<Entity>>> {
  const { etag } = await read(path);
  const options: CallOptions = { headers: { "if-match": etag }, ...(body !== undefined && { body }) };
  return session.call(method, `${V1}/${path}`, options);
}

describe("tokens", () => {
  const WRITER = basic(VAULT_CLIENTS.writer, VAULT_SECRETS.writer);
  const GRANT = { grant_type: "client_credentials" };

  test("a client of the Vault gets a token, and a client of the organization does not", async () => {
    const body = (await (await askToken(WRITER, GRANT)).json()) as { [name: string]: unknown };
    expect(body).toMatchObject({ expires_in: 3600, scope: "vault:read vault:write vault:keys" });
    expect((await askToken(basic("rolebook-writer", "local-writer-secret"), GRANT)).status).toBe(401);
    expect((await askToken(WRITER, { ...GRANT, scope: "access:read" })).status).toBe(400);
  });

  test("a token of one platform is no token of the other", async () => {
    const authorization = `Bearer ${await session.token("writer")}`;
    expect((await session.call("GET", `${V1}/groups`, { headers: { authorization } })).status).toBe(401);
  });
});

test("without a User-Agent nothing is served, not even a ping", async () => {
  for (const path of [`${V1}/workspaces`, "/products/acme-prod/manage/v1/ping"]) {
    const answer = await rawRequest(session.url + path, "GET", { authorization: "Bearer x" });
    expect([path, answer.status]).toEqual([path, 400]);
  }
});

test("workspaces and products are adjusted, never made", async () => {
  const { body } = await session.call<PageBody<Entity>>("GET", `${V1}/workspaces`);
  expect(body.data.map(({ shortname, purpose }) => `${shortname} ${purpose}`)).toEqual([
    "acme-dev development",
    "acme-staging staging",
    "acme-prod production",
    "acme-prod-eu production",
  ]);
  const moved = await change("PATCH", "workspaces/staging", { region: "eu-north", team: "Testing" });
  expect(moved.body.data).toMatchObject({ shortname: "acme-staging", purpose: "staging", region: "eu-north" });
  const on = await change("PATCH", "products/prod.layout", { active: true });
  expect(on.body.data).toMatchObject({ active: true, subscribed: true });
  const same = await change("PATCH", "products/prod.layout", { active: true });
  expect(same.body.data.etag).toBe(on.body.data.etag);
  for (const [path, bodyOf] of [
    ["workspaces/dev", { shortname: "acme-test" }],
    ["workspaces/dev", { purpose: "testing" }],
    ["products/dev.manage", { subscribed: false }],
    ["products/dev.manage", {}],
  ] as const)
    expect([path, (await change("PATCH", path, bodyOf)).status]).toEqual([path, 422]);
  expect((await fetch(`${session.url}${V1}/workspaces`, { method: "POST" })).status).toBe(404);
});

interface KindCase {
  readonly path: string;
  readonly body: object;
  readonly patch: object;
  readonly taken: object;
  /** Where the same name is free. */
  readonly elsewhere?: object;
  readonly owner: string;
}

const KINDS: readonly KindCase[] = [
  {
    path: "product-roles",
    body: { productId: "prod.manage", name: "Auditor", impliedRoleIds: ["prod.manage.viewer"] },
    patch: { name: "Auditors", description: "Look at everything" },
    taken: { productId: "prod.manage", name: " EDITOR" },
    elsewhere: { productId: "prod.submit", name: "Editor" },
    owner: "prod.manage.editor",
  },
  {
    path: "groups",
    body: { workspaceId: "prod", name: "Auditors", roleIds: ["prod.submit.reviewer", "prod.manage.viewer"] },
    patch: { name: "Auditing", roleIds: [] },
    taken: { workspaceId: "prod", name: "support DESK " },
    elsewhere: { workspaceId: "eu", name: "Support desk" },
    owner: "g.prod.support-desk",
  },
  {
    path: "members",
    body: {
      email: "kim@acme.example",
      workspaces: [{ workspaceId: "eu", role: "Member" }],
      roleIds: ["eu.manage.viewer"],
    },
    patch: { email: "kim.park@acme.example", firstName: "Kim", workspaces: [], roleIds: [] },
    taken: { email: "Hana@ACME.example " },
    owner: "m.hana",
  },
  {
    path: "integrations",
    body: {
      workspaceId: "prod",
      name: "Archive",
      callbackUrl: "https://archive.acme.example",
      environment: "production",
    },
    patch: { name: "The archive", productId: "prod.manage" },
    taken: {
      workspaceId: "prod",
      name: "ALERTING",
      callbackUrl: "https://archive.acme.example",
      environment: "production",
    },
    elsewhere: {
      workspaceId: "eu",
      name: "Alerting",
      callbackUrl: "https://archive.acme.example",
      environment: "production",
    },
    owner: "i.prod.alerting",
  },
];

describe.each(KINDS)("$path", ({ path, body, patch, taken, elsewhere, owner }) => {
  test("live from creation to deletion, and names are taken whatever their case", async () => {
    const made = await create(path, body);
    expect([made.status, made.headers.get("etag")]).toEqual([201, made.body.data.etag]);
    const one = `${path}/${made.body.data.id}`;
    expect(await read(one)).toEqual(made.body.data);
    const { roleIds, ...rest } = body as { roleIds?: readonly string[] };
    expect(made.body.data).toMatchObject(rest);
    expect(new Set(made.body.data.roleIds as readonly string[] | undefined)).toEqual(new Set(roleIds));
    const refused = await create<{ existingId: string }>(path, taken);
    expect([refused.status, refused.body.existingId]).toEqual([409, owner]);
    const { name = undefined, email = undefined } = taken as { name?: string; email?: string };
    expect((await change("PATCH", one, name === undefined ? { email } : { name })).status).toBe(409);
    if (elsewhere) expect((await create(path, elsewhere)).status).toBe(201);
    const patched = await change("PATCH", one, patch);
    expect(patched.body.data).toMatchObject(patch);
    expect(patched.body.data.etag).not.toBe(made.body.data.etag);
    expect((await change("DELETE", one)).status).toBe(204);
    expect((await session.call("GET", `${V1}/${one}`)).status).toBe(404);
    expect((await create(path, body)).status).toBe(201);
  });

  test("bad requests are told from impossible ones", async () => {
    expect((await session.call("POST", `${V1}/${path}`, { body })).status).toBe(400);
    expect((await create(path, { ...body, colour: "red" })).status).toBe(422);
    expect((await create(path, {})).status).toBe(422);
    expect((await change("PATCH", `${path}/${owner}`, {})).status).toBe(422);
  });
});

const CHANGEABLE: readonly (readonly [string, readonly string[], object])[] = [
  ["workspaces/dev", ["PATCH"], { team: "Somebody" }],
  ["products/dev.manage", ["PATCH"], { active: false }],
  ["product-roles/dev.manage.editor", ["PATCH", "DELETE"], { description: "Changed" }],
  ["groups/g.prod.support-desk", ["PATCH", "DELETE"], { description: "Changed" }],
  ["members/m.ana", ["PATCH", "DELETE"], { firstName: "Changed" }],
  ["integrations/i.dev.webhook-sandbox", ["PATCH", "DELETE"], { description: "Changed" }],
  ["api-keys/k.dev.importer", ["PATCH"], { ownerId: "m.lars" }],
];

describe.each(CHANGEABLE)("%s", (one, methods, patch) => {
  test("is changed with its current ETag, or not at all", async () => {
    const { etag } = await read(one);
    const gone = `${one.split("/")[0]}/nobody`;
    for (const method of methods) {
      const body = method === "PATCH" ? { body: patch } : {};
      expect((await session.call(method, `${V1}/${one}`, body)).status).toBe(428);
      const stale = await session.call(method, `${V1}/${one}`, { ...body, headers: { "if-match": '"other"' } });
      expect([stale.status, stale.body.etag]).toEqual([412, etag]);
      expect((await session.call(method, `${V1}/${gone}`, { ...body, headers: { "if-match": etag } })).status).toBe(
        404,
      );
    }
    expect((await session.call("GET", `${V1}/${gone}`)).status).toBe(404);
    expect((await session.call("PATCH", `${V1}/${one}`, { body: [], headers: { "if-match": etag } })).status).toBe(422);
    const headers = { authorization: await bearer(), "user-agent": "test", "content-type": "application/json" };
    const broken = await rawRequest(`${session.url}${V1}/${one}`, "PATCH", { ...headers, "if-match": etag }, "{");
    session.seen.add(`${checkRaw("PATCH", `${V1}/${one}`, broken)} ${broken.status}`);
    expect(broken.status).toBe(400);
    const changed = await session.call<Data<Entity>>("PATCH", `${V1}/${one}`, {
      body: patch,
      headers: { "if-match": etag },
    });
    expect([changed.status, changed.headers.get("etag")]).toEqual([200, changed.body.data.etag]);
    expect(changed.body.data.etag).not.toBe(etag);
  });
});

async function bearer(scope?: string): Promise<string> {
  const form = { grant_type: "client_credentials", ...(scope !== undefined && { scope }) };
  const response = await askToken(basic(VAULT_CLIENTS.console, VAULT_SECRETS.console), form);
  return `Bearer ${((await response.json()) as { access_token: string }).access_token}`;
}

function checkRaw(method: string, path: string, answer: Awaited<ReturnType<typeof rawRequest>>): string {
  const headers = { "content-type": answer.headers["content-type"] ?? "" };
  return checkAnswer(method, path, new Response(null, { status: answer.status, headers }), answer.text);
}

describe("memberships", () => {
  const path = `${V1}/groups/g.eu.payment-approvers/members/batch`;

  test("come and go in batches, also of people outside the workspace", async () => {
    const { etag } = await read("groups/g.eu.payment-approvers");
    const added = await session.call<BatchBody>("POST", path, { body: { add: ["m.bo", "nobody"], remove: ["m.mei"] } });
    expect(added.body.data.results.map(({ result }) => result)).toEqual(["added", "not-found", "removed"]);
    const rows = await readAll<{ groupId: string; memberId: string }>(session, `${V1}/memberships`);
    expect(rows).toContainEqual({ groupId: "g.eu.payment-approvers", memberId: "m.bo" });
    expect((await read("groups/g.eu.payment-approvers")).etag).toBe(etag);
    expect((await change("DELETE", "groups/g.eu.payment-approvers")).status).toBe(409);
  });

  test("a batch makes sense, or is refused", async () => {
    expect((await session.call("POST", path, { body: { add: ["m.bo"], remove: ["m.bo"] } })).status).toBe(422);
    expect((await session.call("POST", path, { body: {} })).status).toBe(422);
    expect((await session.call("POST", `${V1}/groups/x/members/batch`, { body: { add: ["m.bo"] } })).status).toBe(404);
    const headers = { authorization: await bearer(), "user-agent": "test", "content-type": "application/json" };
    const broken = await rawRequest(session.url + path, "POST", headers, "{");
    session.seen.add(`${checkRaw("POST", path, broken)} ${broken.status}`);
    expect(broken.status).toBe(400);
  });
});

describe("API keys", () => {
  const input = {
    workspaceId: "prod",
    productId: "prod.manage",
    name: "Exporter",
    purpose: "production",
    ownerId: "m.mei",
  };
  const ping = (secret: string, path = "acme-prod/manage") =>
    session.call<{ [name: string]: unknown }>("GET", `/products/${path}/v1/ping`, {
      headers: { authorization: `Bearer ${secret}` },
    });

  test("a key is shown once, opens its product, and stops when it is revoked", async () => {
    const made = await create<KeyMade>("api-keys", input);
    expect([made.status, made.headers.get("cache-control")]).toEqual([201, "no-store"]);
    const { secret = "", data } = made.body;
    expect(secret).toMatch(/^avk_p_[0-9A-Za-z]{32}$/);
    expect(data).toMatchObject({ ...input, lastFour: secret.slice(-4), createdBy: VAULT_CLIENTS.writer });
    expect(await read(`api-keys/${data.id}`)).toEqual(data);
    const opened = await ping(secret);
    expect([opened.status, opened.body]).toEqual([
      200,
      { workspace: "acme-prod", product: "manage", purpose: "production" },
    ]);
    const revoked = await session.call<Data<Entity>>("POST", `${V1}/api-keys/${data.id}/revoke`);
    expect(revoked.status).toBe(200);
    const again = await session.call<Data<Entity>>("POST", `${V1}/api-keys/${data.id}/revoke`);
    expect(again.body).toEqual(revoked.body);
    expect((await ping(secret)).status).toBe(401);
    expect((await session.call("POST", `${V1}/api-keys/nobody/revoke`)).status).toBe(404);
  });

  test("bad requests are told from impossible ones", async () => {
    expect((await session.call("POST", `${V1}/api-keys`, { body: input })).status).toBe(400);
    for (const [wrong, pointer] of [
      [{ workspaceId: "x" }, "/workspaceId"],
      [{ productId: "eu.manage" }, "/productId"],
      [{ ownerId: "m.nobody" }, "/ownerId"],
      [{ purpose: "test" }, "/purpose"],
      [{ expiresAt: "2020-01-01T00:00:00Z" }, "/expiresAt"],
      [{ expiresAt: "2099-13-40T00:00:00Z" }, "/expiresAt"],
      [{ expiresAt: "tomorrow" }, "/expiresAt"],
    ] as const) {
      const { status, body } = await create<{ errors: { pointer: string }[] }>("api-keys", { ...input, ...wrong });
      expect([wrong, status, body.errors[0]?.pointer]).toEqual([wrong, 422, pointer]);
    }
    expect((await change("PATCH", "api-keys/k.prod.reports", { name: "x" })).status).toBe(422);
    expect((await change("PATCH", "api-keys/k.prod.reports", { ownerId: "m.nobody" })).status).toBe(422);
  });

  test("a path that can be no product is not found, and one that is none is not told", async () => {
    expect((await ping("x", "Acme/manage")).status).toBe(404);
    expect((await ping("x", "acme-prod/nothing")).status).toBe(401);
  });

  test("a right key is told from a product that is not active", async () => {
    const eu = { ...input, workspaceId: "eu", productId: "eu.prepare" };
    const { secret = "" } = (await create<KeyMade>("api-keys", eu)).body;
    const { status, body } = await ping(secret, "acme-prod-eu/prepare");
    expect([status, body.type]).toEqual([403, "/problems/product-inactive"]);
    expect((await ping("avk_p_none", "acme-prod-eu/prepare")).status).toBe(401);
    session.simulator.faults.set([{ kind: "rate-limit", operation: "pingProduct", times: 1 }]);
    expect((await ping(secret)).status).toBe(429);
  });
});

describe("what refers to what", () => {
  const pointer = (reply: Reply<{ errors?: readonly { pointer: string }[] }>): readonly unknown[] => [
    reply.status,
    reply.body.errors?.[0]?.pointer,
  ];

  test.each([
    [
      "a group with a role of another workspace",
      "groups",
      { workspaceId: "eu", name: "X", roleIds: ["prod.manage.viewer"] },
      "/roleIds/0",
    ],
    ["a group with a role that is none", "groups", { workspaceId: "eu", name: "X", roleIds: ["x"] }, "/roleIds/0"],
    ["a group of no workspace", "groups", { workspaceId: "x", name: "X" }, "/workspaceId"],
    [
      "a role that includes another product's",
      "product-roles",
      { productId: "prod.manage", name: "X", impliedRoleIds: ["prod.submit.reviewer"] },
      "/impliedRoleIds/0",
    ],
    [
      "a role that includes the same product's elsewhere",
      "product-roles",
      { productId: "prod.manage", name: "X", impliedRoleIds: ["eu.manage.viewer"] },
      "/impliedRoleIds/0",
    ],
    ["a role of no product", "product-roles", { productId: "x", name: "X" }, "/productId"],
    [
      "a member of no workspace",
      "members",
      { email: "x@acme.example", workspaces: [{ workspaceId: "x", role: "Member" }] },
      "/workspaces/0/workspaceId",
    ],
    [
      "a member with a workspace role that is none",
      "members",
      { email: "x@acme.example", workspaces: [{ workspaceId: "eu", role: "Guest" }] },
      "/workspaces/0/role",
    ],
    ["a member with a product role that is none", "members", { email: "x@acme.example", roleIds: ["x"] }, "/roleIds/0"],
    [
      "an integration with another workspace's product",
      "integrations",
      {
        workspaceId: "eu",
        name: "X",
        productId: "prod.manage",
        callbackUrl: "https://x.example",
        environment: "production",
      },
      "/productId",
    ],
    [
      "an integration that calls nowhere",
      "integrations",
      { workspaceId: "eu", name: "X", callbackUrl: "x.example", environment: "production" },
      "/callbackUrl",
    ],
  ])("%s is refused", async (_what, path, body, place) => {
    expect(pointer(await create(path, body))).toEqual([422, place]);
  });

  test("a change is held to the same", async () => {
    expect((await change("PATCH", "groups/g.prod.support-desk", { roleIds: ["eu.manage.viewer"] })).status).toBe(422);
    expect(
      (await change("PATCH", "product-roles/prod.manage.editor", { impliedRoleIds: ["prod.manage.editor"] })).status,
    ).toBe(422);
    expect((await change("PATCH", "integrations/i.prod.alerting", { productId: "eu.manage" })).status).toBe(422);
  });

  test("lists are kept in the platform's own order, so that another order is no change", async () => {
    const { etag, workspaces } = await read("members/m.noor");
    const reversed = [...(workspaces as readonly object[])].reverse();
    expect((await change("PATCH", "members/m.noor", { workspaces: reversed })).body.data.etag).toBe(etag);
  });

  test("the built-in Admin includes every other role of its product, and is never changed", async () => {
    const before = await read("product-roles/staging.manage.admin");
    expect(before).toMatchObject({ builtIn: true, name: "Admin" });
    const made = await create("product-roles", { productId: "staging.manage", name: "Cashier" });
    const after = await read("product-roles/staging.manage.admin");
    expect(after.impliedRoleIds).toEqual([...(before.impliedRoleIds as readonly string[]), made.body.data.id]);
    expect(after.etag).not.toBe(before.etag);
    for (const method of ["PATCH", "DELETE"] as const) {
      const refused = await change(
        method,
        "product-roles/staging.manage.admin",
        method === "PATCH" ? { name: "Root" } : undefined,
      );
      expect([refused.status, refused.body]).toMatchObject([403, { type: "/problems/built-in" }]);
    }
    expect((await create("product-roles", { productId: "staging.manage", name: "admin" })).status).toBe(409);
  });

  test("a role is deleted when no group, no member and no other role has it", async () => {
    const { body } = await create("product-roles", { productId: "prod.submit", name: "Clerk" });
    const one = `product-roles/${body.data.id}`;
    for (const [path, held, free] of [
      ["groups/g.prod.support-desk", { roleIds: [body.data.id] }, { roleIds: ["prod.manage.viewer"] }],
      ["members/m.olu", { roleIds: [body.data.id] }, { roleIds: [] }],
      [
        "product-roles/prod.submit.reviewer",
        { impliedRoleIds: [body.data.id] },
        { impliedRoleIds: ["prod.submit.submitter"] },
      ],
    ] as const) {
      expect((await change("PATCH", path, held)).status).toBe(200);
      expect([path, (await change("DELETE", one)).status]).toEqual([path, 409]);
      expect((await change("PATCH", path, free)).status).toBe(200);
    }
    expect((await change("DELETE", one)).status).toBe(204);
  });

  test("a workspace keeps its last active Owner", async () => {
    const refused = await change("PATCH", "members/m.tomas", { workspaces: [{ workspaceId: "dev", role: "Admin" }] });
    expect([refused.status, refused.body]).toMatchObject([409, { type: "/problems/last-owner" }]);
    expect((await change("DELETE", "members/m.tomas")).status).toBe(409);
    const invited = [{ workspaceId: "dev", role: "Owner" }];
    expect((await change("PATCH", "members/m.jonas", { workspaces: invited })).status).toBe(200);
    const staging = [{ workspaceId: "staging", role: "Owner" }];
    expect((await change("PATCH", "members/m.tomas", { workspaces: staging })).status).toBe(409);
    await fetch(`${session.url}/_simulator/vault/members/m.jonas/accept`, { method: "POST" });
    expect((await change("PATCH", "members/m.tomas", { workspaces: staging })).status).toBe(200);
  });

  test("who is removed leaves groups, workspaces and keys behind, and may come again as somebody new", async () => {
    const key = await read("api-keys/k.eu.payments-importer");
    expect(key.ownerId).toBe("m.ines");
    expect((await change("DELETE", "members/m.ines")).status).toBe(204);
    expect(await read("api-keys/k.eu.payments-importer")).toMatchObject({ ownerId: null, revokedAt: null });
    const rows = await readAll<{ memberId: string }>(session, `${V1}/memberships`);
    expect(rows.filter(({ memberId }) => memberId === "m.ines")).toEqual([]);
    const again = await create("members", { email: "ines@acme.example" });
    expect([again.status, again.body.data.status]).toEqual([201, "invited"]);
    expect(again.body.data.id).not.toBe("m.ines");
  });
});

const LISTS = ["workspaces", "products", "product-roles", "groups", "memberships", "integrations", "api-keys", "audit"];

describe("listings", () => {
  test.each(LISTS)("%s: all of it in pages and in parts, and a workspace's own", async (list) => {
    const path = `${V1}/${list}`;
    const all = await readAll<Entity>(session, path);
    expect(all.length).toBeGreaterThan(2);
    expect(await readAll(session, path, "limit=2")).toEqual(all);
    const shortnames = ["acme-prod", "acme-dev"];
    const some = await readAll<Entity>(session, path, `limit=3&workspace=${shortnames.join("&workspace=")}`);
    const parts = await Promise.all(
      shortnames.map((shortname) => readAll<Entity>(session, path, `workspace=${shortname}`)),
    );
    const ids = (rows: readonly object[]): ReadonlySet<string> => new Set(rows.map((row) => JSON.stringify(row)));
    expect(ids(some)).toEqual(ids(parts.flat()));
    expect(some.length).toBeLessThan(all.length);
    const { body } = await session.call<PageBody<Entity>>("GET", `${path}?limit=1&workspace=acme-prod`);
    const cursor = encodeURIComponent(body.cursor ?? "");
    expect((await session.call("GET", `${path}?limit=1&cursor=${cursor}`)).status).toBe(400);
    if (list === "audit") return;
    const split = await Promise.all([0, 1, 2].map((part) => readAll<Entity>(session, path, `partition=${part}/3`)));
    expect(ids(split.flat())).toEqual(ids(all));
    expect(body.total).toBe(parts[0]?.length);
  });

  test("members are always the whole account", async () => {
    const members = await readAll<Entity>(session, `${V1}/members`);
    expect(members.filter(({ workspaces }) => (workspaces as readonly unknown[]).length === 0).length).toBeGreaterThan(
      0,
    );
    expect((await session.call("GET", `${V1}/members?workspace=acme-prod`)).status).toBe(400);
  });
});

describe("listings refuse what they do not understand", () => {
  test.each([...LISTS, "members"])("%s", async (list) => {
    for (const query of [
      "limit=0",
      "limit=1&limit=2",
      "cursor=abc",
      "filter=x",
      "workspace=",
      "workspace=acme-nothing",
    ])
      expect([query, (await session.call("GET", `${V1}/${list}?${query}`)).status]).toEqual([query, 400]);
  });
});

describe("every operation", () => {
  const BODIES: { readonly [operation: string]: object } = {
    updateWorkspace: { team: "x" },
    updateProduct: { active: true },
    createProductRole: { productId: "p", name: "x" },
    updateProductRole: { description: "x" },
    createVaultGroup: { workspaceId: "w", name: "x" },
    updateVaultGroup: { description: "x" },
    changeVaultGroupMembers: { add: ["x"] },
    createVaultMember: { email: "x@acme.example" },
    updateVaultMember: { firstName: "x" },
    createIntegration: { workspaceId: "w", name: "x", callbackUrl: "https://x.example", environment: "staging" },
    updateIntegration: { description: "x" },
    createApiKey: { workspaceId: "w", productId: "p", name: "x", purpose: "staging", ownerId: "m" },
    updateApiKey: { ownerId: "m" },
  };
  const { operations } = readContract("atomyx");
  const bearing = operations.filter(({ scope }) => scope !== undefined);

  test.each(bearing)("$id needs a token, its scope, and patience", async ({ id, method, path, scope }) => {
    const target = path.replace("{id}", "x");
    const body = BODIES[id];
    const sent = { ...(body && { body }), headers: { "if-match": '"x"', ...freshKey() } };
    const call = (authorization: string) =>
      session.call(method, target, { ...sent, headers: { ...sent.headers, authorization } });
    expect((await call("Bearer nonsense")).status).toBe(401);
    expect((await call(await bearer(scope === "vault:read" ? "vault:write vault:keys" : "vault:read"))).status).toBe(
      403,
    );
    session.simulator.faults.set([{ kind: "rate-limit", operation: id, times: 1, retryAfter: "7" }]);
    const slow = await session.call(method, target, sent);
    expect([slow.status, slow.headers.get("retry-after")]).toEqual([429, "7"]);
  });

  test("has given every answer that the contract describes", async () => {
    session.simulator.faults.set([{ kind: "rate-limit", operation: "createVaultToken", times: 1 }]);
    await askToken("", { grant_type: "client_credentials" });
    const described = operations.flatMap(({ id, answers }) => Object.keys(answers).map((status) => `${id} ${status}`));
    expect(described.length).toBeGreaterThan(200);
    expect(described.filter((answer) => !answer.endsWith(" default") && !session.seen.has(answer))).toEqual([]);
  });

  test("has an id that no operation of the other contract has", () => {
    const ids = [...readContract("atomic").operations, ...operations].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
