// Whom Rolebook is to a real Keystone, and how it fares on bad days: passwords, application credentials and tokens, the
// catalogue, certificates, tokens that end, pages, cut lists, garbled answers. No secret ever shows.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Connection, type LiveRead, PlatformError } from "../../../src/model/driver.ts";
import { countEntities, stateOf } from "../../../src/model/entity.ts";
import { openClient } from "../../../src/platform/keystone/client.ts";
import { openReader } from "../../../src/platform/keystone/reader.ts";
import { handOf } from "./admin.ts";
import { certificate, key } from "./certificate.ts";
import { type Answer, type GateOptions, openGate } from "./gate.ts";
import { entity, membership } from "./harness.ts";
import { PASSWORD, type Seeded } from "./seed.ts";
import { AUDITOR, connectionTo, type SharedKeystone, sharedKeystone, WHOLE_SYSTEM } from "./shared.ts";

const state = stateOf([
  entity("Project", "dev"),
  entity("Role", "operator", { implies: ["reader"] }),
  entity("Group", "Builders", { grants: ["operator on project dev"] }),
  entity("Member", "ana", { enabled: true, grants: ["admin on the domain", "admin on project dev"] }),
  entity("Member", "bo", { enabled: true, grants: [] }),
  membership("Builders", "ana"),
  membership("Builders", "bo"),
]);

let keystone: SharedKeystone;
let seeded: Seeded;
let whole: number;
beforeAll(async () => {
  keystone = await sharedKeystone();
  seeded = await keystone.seed(state);
  whole = countEntities((await readAs(adminAt(keystone.server.url))).state);
  // Three built-in roles beside what was seeded.
  expect(whole).toBe(countEntities(state) + 3);
});

const open: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function gate(options: GateOptions) {
  const opened = await openGate(keystone.server.url, options);
  open.push(opened.close);
  return opened;
}

function adminAt(url: string, overrides: Partial<Connection["target"]> = {}): Connection {
  const credentials = { username: "admin", password: keystone.server.adminPassword };
  return { ...connectionTo(url, seeded.domain.name, credentials, overrides), retries: 2, timeoutMs: 5_000 };
}

async function readAs(connection: Connection): Promise<LiveRead> {
  const reader = openReader(connection);
  try {
    return await reader.read();
  } finally {
    await reader.close();
  }
}

/** What a read fails with; nothing that printing it could show holds a secret. */
async function failureOf(connection: Connection): Promise<PlatformError> {
  const error = await readAs(connection).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PlatformError);
  const text = inspect(error, { depth: 10, showHidden: true, getters: true });
  for (const secret of Object.values(connection.credentials))
    if (secret !== "admin" && secret !== "ana") expect(text).not.toContain(secret);
  return error as PlatformError;
}

const plain = (status: number, body = "Internal Server Error"): Answer => ({
  status,
  headers: { "content-type": "text/plain" },
  body,
});
const json = (body: unknown, status = 200): Answer => ({ status, body: JSON.stringify(body) });
const codes = ({ findings }: LiveRead) => findings.map(({ code }) => code);

describe("logging in", () => {
  test("by password to the target's own domain", async () => {
    const credentials = { username: "ana", password: PASSWORD };
    const read = await readAs({ ...adminAt(keystone.server.url, { options: {} }), credentials });
    expect(countEntities(read.state)).toBe(whole);
    expect(read.self).toBe("ana");
  });

  test("by password to the whole system, with a role that only reads", async () => {
    const read = await readAs({ ...adminAt(keystone.server.url, WHOLE_SYSTEM), credentials: AUDITOR });
    expect(countEntities(read.state)).toBe(whole);
    // Somebody of another domain is nobody here, whatever the name.
    expect("self" in read).toBe(false);
  });

  test("by an application credential of somebody in the domain, who is known by the name they have now", async () => {
    const { admin, server } = keystone;
    const ana = seeded.ids.get("Member/ana");
    const scope = { project: { name: "dev", domain: { name: seeded.domain.name } } };
    const hand = await handOf(server.url, { name: "ana", domain: seeded.domain.name, password: PASSWORD, scope });
    const made = await hand.call("POST", `/users/${ana}/application_credentials`, {
      application_credential: { name: "self" },
    });
    const { id, secret } = made.application_credential as { readonly id: string; readonly secret: string };
    const credentials = { applicationCredentialId: id, applicationCredentialSecret: secret };
    const self = async () => (await readAs({ ...adminAt(server.url, { options: {} }), credentials })).self;
    expect(await self()).toBe("ana");
    await admin.call("PATCH", `/users/${ana}`, { user: { name: "Ana Li" } });
    expect(await self()).toBe("Ana Li");
    await admin.call("PATCH", `/users/${ana}`, { user: { name: "ana" } });
    await admin.call("DELETE", `/users/${ana}/application_credentials/${id}`);
  });

  test("by an application credential, and by a token until it is revoked", async () => {
    const { admin, server } = keystone;
    const me = (await admin.list("/users", "users")).find(({ name }) => name === "admin")?.id;
    const made = await admin.call("POST", `/users/${me}/application_credentials`, {
      application_credential: { name: "rolebook" },
    });
    const { id, secret } = made.application_credential as { readonly id: string; readonly secret: string };
    const credentials = { applicationCredentialId: id, applicationCredentialSecret: secret };
    const target = { options: {}, credentials: { token: "ACME_TOKEN" } };
    const read = await readAs({ ...adminAt(server.url, { options: {} }), credentials });
    expect(countEntities(read.state)).toBe(whole);

    const identity = { methods: ["application_credential"], application_credential: { id, secret } };
    const answer = await fetch(`${server.url}/v3/auth/tokens`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ auth: { identity } }),
    });
    const token = answer.headers.get("x-subject-token") ?? "";
    const byToken = { ...adminAt(server.url, target), credentials: { token } };
    expect(countEntities((await readAs(byToken)).state)).toBe(whole);
    const headers = { "x-auth-token": token, "x-subject-token": token };
    expect((await fetch(`${server.url}/v3/auth/tokens`, { method: "DELETE", headers })).status).toBe(204);
    const failure = await failureOf(byToken);
    expect(failure.hint).toContain("ACME_TOKEN");
    await admin.call("DELETE", `/users/${me}/application_credentials/${id}`);
  });

  test("says whose word is wrong, and shows no secret", async () => {
    const wrong = { username: "admin", password: "not the password" };
    const failure = await failureOf({ ...adminAt(keystone.server.url), credentials: wrong });
    expect([failure.status, failure.message]).toEqual([401, expect.stringContaining("auth/tokens: 401")]);
    expect(failure.hint).toContain("ACME_USERNAME and ACME_PASSWORD");
    const nowhere = await failureOf(adminAt(keystone.server.url, { organization: "Nowhere" }));
    expect(nowhere.message).toBe('There is no domain "Nowhere" that this credential may see');
    const half = { ...adminAt(keystone.server.url), credentials: { username: "admin" } };
    expect(() => openReader(half)).toThrow(/no whole credential/);
  });
});

describe("where the API is", () => {
  test("at the url, with or without its version", async () => {
    for (const suffix of ["/v3", "/v3/", "/"])
      expect(codes(await readAs(adminAt(keystone.server.url + suffix)))).toEqual([]);
  });

  test("where the catalogue says, if an interface or a region is asked for", async () => {
    const front = await gate({});
    const scope = { userDomain: "Default", project: "admin", projectDomain: "Default" };
    const read = await readAs(adminAt(front.url, { options: { ...scope, region: "Here" } }));
    expect(countEntities(read.state)).toBe(whole);
    expect(front.seen).toEqual(["POST /v3/auth/tokens"]);
    expect(read.requests).toBeGreaterThan(10);
    const elsewhere = await failureOf(adminAt(front.url, { options: { ...scope, region: "Elsewhere" } }));
    expect(elsewhere.message).toContain("catalogue has no identity endpoint");
  });

  test("behind a certificate of one's own, named by caFile", async () => {
    const front = await gate({ tls: { cert: certificate, key } });
    const untrusted = await failureOf(adminAt(front.url));
    expect(untrusted.message).toContain("not trusted");
    const dir = mkdtempSync(join(tmpdir(), "rolebook-ca-"));
    open.push(() => rmSync(dir, { recursive: true }));
    const caFile = join(dir, "ca.pem");
    writeFileSync(caFile, certificate);
    const { options } = adminAt(front.url).target;
    const read = await readAs(adminAt(front.url, { options: { ...options, caFile } }));
    expect(countEntities(read.state)).toBe(whole);
    const missing = adminAt(front.url, { options: { ...options, caFile: join(dir, "none.pem") } });
    expect(() => openReader(missing)).toThrow(/cannot be read/);
  });
});

describe("on a bad day", () => {
  test("at most four requests are under way", async () => {
    const front = await gate({});
    await readAs(adminAt(front.url));
    expect(front.most()).toBeGreaterThan(1);
    expect(front.most()).toBeLessThanOrEqual(4);
  });

  test("a token that is refused is renewed, once", async () => {
    const refused = new Set<unknown>();
    const front = await gate({
      instead: (request, headers) => {
        if (!request.startsWith("GET /v3/groups?")) return undefined;
        const first = refused.size === 0;
        refused.add(headers["x-auth-token"]);
        return first ? json({ error: { code: 401, message: "no", title: "Unauthorized" } }, 401) : undefined;
      },
    });
    expect(countEntities((await readAs(adminAt(front.url))).state)).toBe(whole);
    expect(refused.size).toBe(2);
    expect(front.seen.filter((request) => request === "POST /v3/auth/tokens").length).toBe(2);
    const never = await gate({
      instead: (request) => (request.startsWith("GET /v3/groups?") ? json({ error: { code: 401 } }, 401) : undefined),
    });
    expect((await failureOf(adminAt(never.url))).status).toBe(401);
    expect(never.seen.filter((request) => request === "POST /v3/auth/tokens").length).toBeLessThanOrEqual(3);
  });

  test("a plain-text 500 is tried again, and then told as it is", async () => {
    let failures = 0;
    const front = await gate({
      instead: (request) => (request.startsWith("GET /v3/users?") && failures++ < 2 ? plain(500) : undefined),
    });
    expect(countEntities((await readAs(adminAt(front.url))).state)).toBe(whole);
    const broken = await gate({
      instead: (request) => (request.startsWith("GET /v3/users?") ? plain(500) : undefined),
    });
    const failure = await failureOf(adminAt(broken.url));
    expect([failure.status, failure.message]).toEqual([500, "GET /users: 500"]);
    expect(failure.hint).toContain("Keystone failed");
  });

  test("what echoes a secret is struck out, and what is no Keystone is refused", async () => {
    const secret = keystone.server.adminPassword;
    const echo = await gate({
      instead: (request) =>
        request.startsWith("GET /v3/users?")
          ? json({ error: { code: 400, message: `bad ${secret}`, title: "Bad Request" } }, 400)
          : undefined,
    });
    expect((await failureOf(adminAt(echo.url))).message).toBe("GET /users: 400 Bad Request: bad [redacted]");
    const page = await gate({ instead: () => plain(200, "<html>Sign in</html>") });
    expect((await failureOf(adminAt(page.url))).hint).toContain("login page");
    const other = await gate({
      instead: (request) => (request.startsWith("GET /v3/users?") ? json({ users: [{ id: 1 }] }) : undefined),
    });
    expect((await failureOf(adminAt(other.url))).message).toContain("not one of Keystone's");
  });

  test("a server that pages is followed, and its pages lead nowhere else", async () => {
    const users = (await keystone.admin.list(`/users?domain_id=${seeded.domain.id}`, "users")) as readonly unknown[];
    const front = await gate({
      instead: (request) => {
        if (!request.startsWith("GET /v3/users?")) return undefined;
        const second = request.includes("marker=1");
        const next = second ? null : "http://127.0.0.1:1/somewhere/else?marker=1";
        return json({ users: second ? users.slice(1) : users.slice(0, 1), links: { next } });
      },
    });
    const read = await readAs(adminAt(front.url));
    expect([countEntities(read.state), codes(read)]).toEqual([whole, []]);
  });

  test("pages that lead in a circle, and lists that say they were cut, block removals", async () => {
    const users = await keystone.admin.list(`/users?domain_id=${seeded.domain.id}`, "users");
    for (const more of [{ links: { next: "/v3/users?marker=1" } }, { truncated: true }]) {
      const front = await gate({
        instead: (request) => (request.startsWith("GET /v3/users?") ? json({ users, ...more }) : undefined),
      });
      const { findings } = await readAs(adminAt(front.url));
      expect(findings).toEqual([
        expect.objectContaining({ code: "truncated-read", severity: "error", blocks: "removals" }),
      ]);
      expect(findings[0]?.message).toContain("list of users");
    }
  });

  test("a server that ignores filters gives nothing of other domains", async () => {
    const { admin } = keystone;
    const foreign = await admin.make("group", { name: "Strangers", domain_id: "default" });
    const front = await gate({
      instead: (request) => (request === "never" ? plain(500) : undefined),
    });
    const [groups, users, projects] = await Promise.all(
      ["groups", "users", "projects"].map(async (name) => [name, await admin.list(`/${name}`, name)] as const),
    );
    const everything = await gate({
      instead: (request) => {
        const all = [groups, users, projects].find((list) => list && request.startsWith(`GET /v3/${list[0]}?`));
        return all ? json({ [all[0]]: all[1] }) : undefined;
      },
    });
    const [filtered, unfiltered] = [await readAs(adminAt(front.url)), await readAs(adminAt(everything.url))];
    expect(unfiltered.state).toEqual(filtered.state);
    await admin.call("DELETE", `/groups/${foreign}`);
  });

  test("people of other domains are told of and left alone, and hidden application credentials are told of", async () => {
    const { admin } = keystone;
    const stranger = await admin.make("user", { name: "stranger", domain_id: "default" });
    const path = `/groups/${seeded.ids.get("Group/Builders")}/users/${stranger}`;
    await admin.call("PUT", path);
    const read = await readAs(adminAt(keystone.server.url));
    expect([countEntities(read.state), codes(read)]).toEqual([whole, ["foreign-member"]]);
    await admin.call("DELETE", path);
    const front = await gate({
      instead: (request) =>
        request.includes("/application_credentials")
          ? json({ error: { code: 403, message: "You are not authorized", title: "Forbidden" } }, 403)
          : undefined,
    });
    const hidden = await readAs(adminAt(front.url));
    expect([countEntities(hidden.state), codes(hidden)]).toEqual([whole, ["application-credentials-hidden"]]);
  });

  test("a 404 that Keystone did not say is no success", async () => {
    const path = (request: string) => request.startsWith("DELETE");
    const proxy = await gate({ instead: (request) => (path(request) ? plain(404, "no such page") : undefined) });
    const client = openClient(adminAt(proxy.url));
    open.push(client.close);
    await expect(client.leave("g", "u")).rejects.toThrow("404");
    const honest = openClient(adminAt(keystone.server.url));
    open.push(honest.close);
    expect(await honest.leave("g", "u")).toBe(false);
  });
});
