// The client on bad days, over real sockets: it waits no longer than it may, repeats only what is safe, keeps its token,
// believes no answer that breaks the contract, and never lets a secret out.
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { type Connection, PlatformError } from "../../../src/model/driver.ts";
import { type Client, openClient } from "../../../src/platform/atomic/client.ts";
import {
  type BadDayOptions,
  type BadDayServer,
  EMPTY_PAGE,
  type Handler,
  sendJson,
  sendProblem,
  startBadDay,
} from "../http/badday.ts";
import { connectionTo } from "./harness.ts";

const SECRET = "very-secret-client-secret";
const BASIC = Buffer.from(`id:${SECRET}`).toString("base64");
const WHOLE = { partition: undefined, cursor: undefined };

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

function connect(url: string, overrides: Partial<Connection> = {}): Client {
  const credentials = { clientId: "id", clientSecret: SECRET };
  const client = openClient(connectionTo(url, "reader", { credentials, timeoutMs: 400, retries: 2, ...overrides }));
  open.push(client.close);
  return client;
}

async function start(
  handle: Handler,
  overrides: Partial<Connection> = {},
  options: BadDayOptions = {},
): Promise<{ server: BadDayServer; client: Client }> {
  const server = await startBadDay(handle, options);
  open.push(server.close);
  return { server, client: connect(server.url, overrides) };
}

async function failureOf(promise: Promise<unknown>): Promise<PlatformError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PlatformError);
  expectNoSecret(error);
  return error as PlatformError;
}

/** Everything that printing an error could show, causes and hidden fields too. */
function expectNoSecret(value: unknown): void {
  const text =
    inspect(value, { depth: 10, showHidden: true, getters: true }) + (value instanceof Error ? value.stack : "");
  for (const secret of [SECRET, BASIC, "token-1", "token-2"]) expect(text).not.toContain(secret);
}

const listings = (server: BadDayServer) => server.seen.filter((line) => line === "GET /v1/roles").length;

describe("time", () => {
  test("a server that never answers is left after its tries", async () => {
    const { server, client } = await start(() => undefined);
    const started = performance.now();
    const error = await failureOf(client.roles(WHOLE));
    expect(error.message).toMatch(/did not answer in time/);
    expect(error.hint).toBeTruthy();
    expect(listings(server)).toBe(3);
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  test("an answer that trickles for ever is left too", async () => {
    const { client } = await start(
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        const drip = setInterval(() => response.write(" "), 50);
        response.once("close", () => clearInterval(drip));
      },
      { retries: 0 },
    );
    const started = performance.now();
    const error = await failureOf(client.roles(WHOLE));
    expect(error.message).toMatch(/did not answer in time/);
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  test("nobody at the address: told at once, with what to check", async () => {
    const server = await startBadDay(() => undefined);
    await server.close();
    const client = connect(server.url, { retries: 5 });
    const started = performance.now();
    const error = await failureOf(client.roles(WHOLE));
    expect(error.message).toContain(`Nothing answers at ${server.url}`);
    expect(error.hint).toMatch(/url in the settings/);
    expect(performance.now() - started).toBeLessThan(60_000);
    expect(client.requests()).toBe(1);
  });
});

describe("later is not no", () => {
  test.each([429, 500, 502, 503])("%i twice, then the answer", async (status) => {
    let left = 2;
    const { server, client } = await start((_request, response) => {
      left -= 1;
      if (left >= 0) sendProblem(response, status, "later", { "retry-after": "0" });
      else sendJson(response, 200, EMPTY_PAGE);
    });
    expect((await client.roles(WHOLE)).total).toBe(0);
    expect(listings(server)).toBe(3);
    expect(client.requests()).toBe(4);
  });

  test("500 for ever ends after its tries", async () => {
    const { server, client } = await start((_request, response) => {
      response.writeHead(500, { "content-type": "text/plain" });
      response.end("boom");
    });
    const error = await failureOf(client.roles(WHOLE));
    expect([error.status, error.message]).toEqual([500, "GET /v1/roles: 500"]);
    expect(error.hint).toMatch(/failed/);
    expect(listings(server)).toBe(3);
  });

  test.each([
    ["seconds", () => "1"],
    ["a date", () => new Date(Date.now() + 1_900).toUTCString()],
  ])("Retry-After in %s holds every connection back", async (_, header) => {
    let limited = 0;
    const { client } = await start(
      (_request, response) => {
        limited += 1;
        if (limited === 1) sendProblem(response, 429, "slowly", { "retry-after": header() });
        else sendJson(response, 200, EMPTY_PAGE);
      },
      { timeoutMs: 2_000, connections: 1 },
    );
    const started = performance.now();
    await Promise.all([client.roles(WHOLE), client.groups(WHOLE)]);
    expect(performance.now() - started).toBeGreaterThan(850);
  });

  test("a Retry-After beyond all patience is an answer", async () => {
    const { server, client } = await start((_request, response) =>
      sendProblem(response, 429, "tomorrow", { "retry-after": "86400" }),
    );
    const started = performance.now();
    const error = await failureOf(client.roles(WHOLE));
    expect(error.status).toBe(429);
    expect(error.hint).toMatch(/later/);
    expect(listings(server)).toBe(1);
    expect(performance.now() - started).toBeLessThan(60_000);
  });

  test("connections dropped before and in the middle of the answer", async () => {
    let turn = 0;
    const { server, client } = await start((request, response) => {
      turn += 1;
      if (turn === 1) request.socket.destroy();
      else if (turn === 2) {
        response.writeHead(200, { "content-type": "application/json", "content-length": "900" });
        response.write('{"data":[');
        setTimeout(() => request.socket.destroy(), 20);
      } else sendJson(response, 200, EMPTY_PAGE);
    });
    expect((await client.roles(WHOLE)).total).toBe(0);
    expect(listings(server)).toBe(3);
  });

  test.each([400, 403, 404, 409, 412, 422, 428])("%i is said once", async (status) => {
    const { server, client } = await start((_request, response) => sendProblem(response, status, "because"));
    const error = await failureOf(client.roles(WHOLE));
    expect(error.message).toBe(`GET /v1/roles: ${status} No: because`);
    expect(listings(server)).toBe(1);
  });
});

describe("answers that cannot be believed", () => {
  test("half a JSON text is asked for again, and never quoted", async () => {
    let turn = 0;
    const { client } = await start((_request, response) => {
      turn += 1;
      if (turn > 1) return sendJson(response, 200, EMPTY_PAGE);
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"data":[{"id":"r1"');
    });
    expect((await client.roles(WHOLE)).total).toBe(0);
    const login = await start((_request, response) => response.end(`<html>${SECRET}</html>`));
    const error = await failureOf(login.client.roles(WHOLE));
    expect(error.message).toBe("GET /v1/roles: the answer (200) is not JSON");
    expect(error.hint).toMatch(/login page/);
    expect(listings(login.server)).toBe(3);
  });

  test.each([
    [{ ...EMPTY_PAGE, total: undefined }, "must have required property 'total'"],
    [{ ...EMPTY_PAGE, data: [{ id: 7, token: SECRET }] }, "/data/0"],
    [{ roles: [] }, "must have required property"],
    [[], "must be object"],
    [null, "must be object"],
  ])("an answer that breaks the contract is refused by place and rule: %j", async (body, message) => {
    const { client } = await start((_request, response) => sendJson(response, 200, body));
    const error = await failureOf(client.roles(WHOLE));
    expect(error.message).toContain("GET /v1/roles: the answer is not as the contract says");
    expect(error.message).toContain(message);
  });

  test("properties that the contract does not name are ignored", async () => {
    const { client } = await start((_request, response) => sendJson(response, 200, { ...EMPTY_PAGE, extra: true }));
    expect((await client.roles(WHOLE)).data).toEqual([]);
  });
});

describe("tokens", () => {
  const tokensOf = (server: BadDayServer) => server.seen.filter((line) => line === "POST /oauth2/token").length;

  test("one for everything, sent as the contract says, with a User-Agent on every request", async () => {
    const { server, client } = await start((_request, response) => sendJson(response, 200, EMPTY_PAGE));
    await Promise.all([client.roles(WHOLE), client.groups(WHOLE), client.members(WHOLE), client.memberships(WHOLE)]);
    await client.roles(WHOLE);
    expect(tokensOf(server)).toBe(1);
    expect(server.headers[0]?.authorization).toBe(`Basic ${BASIC}`);
    expect(server.headers[0]?.["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(new Set(server.headers.slice(1).map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer token-1"]),
    );
    expect(new Set(server.headers.map((headers) => headers["user-agent"]))).toEqual(new Set(["rolebook-test"]));
    expect(client.requests()).toBe(6);
  });

  test("ids and secrets with odd characters are form-encoded first", async () => {
    const { server, client } = await start((_request, response) => sendJson(response, 200, EMPTY_PAGE), {
      credentials: { clientId: "a:b c", clientSecret: "p%ss+wörd" },
    });
    await client.roles(WHOLE);
    const sent = Buffer.from(server.headers[0]?.authorization?.slice(6) ?? "", "base64").toString();
    expect(sent).toBe("a%3Ab+c:p%25ss%2Bw%C3%B6rd");
  });

  test("one that has been revoked is renewed once, by one of all who were refused", async () => {
    const { server, client } = await start((request, response) => {
      if (request.headers.authorization === "Bearer token-1") sendProblem(response, 401, "expired");
      else sendJson(response, 200, EMPTY_PAGE);
    });
    await Promise.all([client.roles(WHOLE), client.groups(WHOLE), client.members(WHOLE)]);
    expect(tokensOf(server)).toBe(2);
  });

  test("one that is refused again ends it, and the variables are named", async () => {
    const { server, client } = await start((_request, response) =>
      sendProblem(response, 401, `who is token-1 with ${SECRET}?`),
    );
    const error = await failureOf(client.roles(WHOLE));
    expect(error.status).toBe(401);
    expect(error.hint).toContain("ACME_CLIENT_ID and ACME_CLIENT_SECRET");
    expect(error.message).toContain("[redacted]");
    expect(tokensOf(server)).toBe(2);
  });

  test("a short life: renewed before it ends", async () => {
    const { server, client } = await start(
      (_request, response) => sendJson(response, 200, EMPTY_PAGE),
      {},
      { expiresIn: 1 },
    );
    await client.roles(WHOLE);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await client.roles(WHOLE);
    expect(tokensOf(server)).toBe(2);
  });

  test("refused credentials: no listing is asked for, the variables are named, the secret is not", async () => {
    const token: Handler = (_request, response) =>
      sendJson(response, 401, { error: "invalid_client", error_description: `no client with ${SECRET} (${BASIC})` });
    const { server, client } = await start((_request, response) => sendJson(response, 200, EMPTY_PAGE), {}, { token });
    const error = await failureOf(client.roles(WHOLE));
    expect(error.message).toBe("POST /oauth2/token: 401 invalid_client: no client with [redacted] ([redacted])");
    expect(error.hint).toContain("ACME_CLIENT_SECRET");
    expect(listings(server)).toBe(0);
  });

  test("a token endpoint that is limited is waited for", async () => {
    let turn = 0;
    const token: Handler = (_request, response) => {
      turn += 1;
      if (turn < 3) sendProblem(response, 429, "slowly", { "retry-after": "0" });
      else sendJson(response, 200, { access_token: "token-1", token_type: "Bearer", expires_in: 3600 });
    };
    const { client } = await start((_request, response) => sendJson(response, 200, EMPTY_PAGE), {}, { token });
    expect((await client.roles(WHOLE)).total).toBe(0);
  });

  test.each([
    `{"access_token":"token-1","expires_in":`,
    `{"access_token":"token-1","expires_in":"soon"}`,
    `{"token":"token-1"}`,
    "",
  ])("a garbled token answer is never quoted: %s", async (body) => {
    const token: Handler = (_request, response) => response.end(body);
    const { client } = await start((_request, response) => sendJson(response, 200, EMPTY_PAGE), {}, { token });
    const error = await failureOf(client.roles(WHOLE));
    expect(error.message).toMatch(/^POST \/oauth2\/token: the answer/);
  });
});

describe("writes", () => {
  const row = { id: "r1", name: "R", description: "", permissions: [], etag: '"1"' };

  test("a create that may have happened is sent again with the same key", async () => {
    const keys: unknown[] = [];
    const { client } = await start((request, response) => {
      keys.push(request.headers["idempotency-key"]);
      if (keys.length < 3) request.socket.destroy();
      else sendJson(response, 201, { data: row });
    });
    expect(await client.create("roles", { name: "R" }, "key-1")).toMatchObject(row);
    expect(keys).toEqual(["key-1", "key-1", "key-1"]);
  });

  test("If-Match goes out as it came, ids are escaped, and an empty answer is fine", async () => {
    const { server, client } = await start((_request, response) => {
      response.writeHead(204);
      response.end();
    });
    await client.remove("roles", "a/b ü", '"v-1"');
    expect(server.seen.at(-1)).toBe("DELETE /v1/roles/a%2Fb%20%C3%BC");
    expect(server.headers.at(-1)?.["if-match"]).toBe('"v-1"');
  });

  test("403 names the scope that is missing", async () => {
    const { client } = await start((_request, response) => sendProblem(response, 403, "no"));
    expect((await failureOf(client.create("roles", {}, "k"))).hint).toContain("access:write");
    expect((await failureOf(client.roles(WHOLE))).hint).toContain("access:read");
  });

  test("a taken name tells whose it is", async () => {
    const { client } = await start((_request, response) =>
      sendJson(response, 409, { type: "/problems/name-taken", title: "Taken", status: 409, existingId: "r7" }),
    );
    expect(await failureOf(client.create("roles", {}, "k"))).toMatchObject({ problem: { existingId: "r7" } });
  });
});

describe("connection", () => {
  test("no more requests at once than connections", async () => {
    const { server, client } = await start(
      (_request, response) => void setTimeout(() => sendJson(response, 200, EMPTY_PAGE), 20),
      { connections: 3 },
    );
    await Promise.all(Array.from({ length: 20 }, () => client.roles(WHOLE)));
    expect(server.most()).toBe(3);
  });

  test("a base URL with a path keeps it", async () => {
    const { server, client } = await start(
      (_request, response) => sendJson(response, 200, EMPTY_PAGE),
      {},
      { prefix: "/gateway/atomic" },
    );
    await client.roles(WHOLE);
    expect(server.seen).toEqual(["POST /gateway/atomic/oauth2/token", "GET /gateway/atomic/v1/roles"]);
  });

  test.each(["not a url", "ftp://x", "https://user:password1@host"])("%s is no base URL, and is not quoted", (url) => {
    const attempt = () => openClient(connectionTo(url, "reader"));
    expect(attempt).toThrow(PlatformError);
    expect(attempt).not.toThrow(/password1/);
  });

  test("a missing credential names its variable", () => {
    expect(() => openClient(connectionTo("http://127.0.0.1:1", "reader", { credentials: { clientId: "id" } }))).toThrow(
      expect.objectContaining({ message: "Target acme has no clientSecret", hint: "Set ACME_CLIENT_SECRET." }),
    );
  });

  test("closing ends what is under way with an error that is ours", async () => {
    const { client } = await start(() => undefined, { timeoutMs: 5_000 });
    const failing = failureOf(client.roles(WHOLE));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.close();
    expect((await failing).message).toMatch(/closed/);
  });
});
