// The Vault account over time: keys that end, answers that are repeated, the audit log, restarts, and that whatever is asked of it,
// in whatever order, it stays in one piece and no secret is kept anywhere.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { acmeVault, emptyVault } from "../../src/simulator/vault/seed.ts";
import { findBrokenVault } from "../../src/simulator/vault/state.ts";
import {
  type CallOptions,
  type Data,
  freshKey,
  type PageBody,
  type Reply,
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

interface Entry {
  readonly action: string;
  readonly actor: { readonly type: string; readonly name: string };
  readonly subject: { readonly type: string; readonly name: string };
  readonly before: object | null;
  readonly after: object | null;
  readonly workspaceId: string | null;
}

const V1 = "/vault/v1";
const START = Date.parse("2026-11-23T08:00:00Z");
const HOUR_MS = 60 * 60 * 1000;
const KEY = {
  workspaceId: "prod",
  productId: "prod.manage",
  name: "Exporter",
  purpose: "production",
  ownerId: "m.mei",
};
let now = START;
let session: Session;
let folder = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rolebook-vault-"));
  session = await startSession({ now: () => now, tokenLifeMs: 1_000_000 * HOUR_MS });
});
beforeEach(() => {
  session.simulator.loadVault(acmeVault());
  session.simulator.counters.reset();
});
afterAll(async () => {
  await session.close();
  rmSync(folder, { recursive: true });
});

function makeKey(overrides: object = {}, headers = freshKey()): Promise<Reply<KeyMade>> {
  return session.call<KeyMade>("POST", `${V1}/api-keys`, { body: { ...KEY, ...overrides }, headers });
}

async function ping(secret: string | undefined, path = "acme-prod/manage"): Promise<number> {
  const headers = { authorization: `Bearer ${secret}` };
  return (await session.call("GET", `/products/${path}/v1/ping`, { headers })).status;
}

async function read(path: string): Promise<Entity> {
  return (await session.call<Data<Entity>>("GET", `${V1}/${path}`)).body.data;
}

async function patch(path: string, body: object, options: CallOptions = {}): Promise<Reply<Data<Entity>>> {
  const { etag } = await read(path);
  const headers = { "if-match": etag, ...options.headers };
  return session.call("PATCH", `${V1}/${path}`, { ...options, body, headers });
}

describe("a key", () => {
  test("ends at its time by the simulator's clock, and not before", async () => {
    const { body } = await makeKey({ expiresAt: "2026-11-23T09:00:00Z" });
    expect(await ping(body.secret)).toBe(200);
    now = START + HOUR_MS - 1;
    expect(await ping(body.secret)).toBe(200);
    now = START + HOUR_MS;
    expect(await ping(body.secret)).toBe(401);
    expect((await session.call("GET", `${V1}/workspaces`)).headers.get("date")).toBe("Mon, 23 Nov 2026 09:00:00 GMT");
    expect(await read(`api-keys/${body.data.id}`)).toMatchObject({ revokedAt: null });
  });

  test("opens its own product of its own workspace, while its purpose is the workspace's", async () => {
    const { secret } = (await makeKey()).body;
    expect(await ping(secret)).toBe(200);
    for (const other of ["acme-prod/submit", "acme-prod-eu/manage", "acme-dev/manage"])
      expect([other, await ping(secret, other)]).toEqual([other, 401]);
    const wrong = (await makeKey({ purpose: "staging" })).body;
    expect(wrong.secret).toMatch(/^avk_s_/);
    expect(await ping(wrong.secret)).toBe(401);
    await patch("workspaces/prod", { purpose: "staging" });
    expect([await ping(secret), await ping(wrong.secret)]).toEqual([401, 200]);
  });

  test("opens nothing while its product is off, and all again once it is on", async () => {
    const { secret } = (await makeKey()).body;
    await patch("products/prod.manage", { active: false });
    expect(await ping(secret)).toBe(403);
    await patch("products/prod.manage", { active: true });
    expect(await ping(secret)).toBe(200);
  });

  test("two of one name live side by side, until one is revoked", async () => {
    const [old, fresh] = [(await makeKey()).body, (await makeKey()).body];
    expect([await ping(old.secret), await ping(fresh.secret)]).toEqual([200, 200]);
    await session.call("POST", `${V1}/api-keys/${old.data.id}/revoke`);
    expect([await ping(old.secret), await ping(fresh.secret)]).toEqual([401, 200]);
  });

  test("tells of its last use at once, which is no change of it", async () => {
    const { data, secret } = (await makeKey()).body;
    const list = () => session.call<PageBody<Entity>>("GET", `${V1}/api-keys?limit=1000`);
    const before = (await list()).body;
    const writes = session.simulator.counters.view().writes.length;
    now += 1000;
    await ping(secret);
    const after = (await list()).body;
    expect(after.revision).toBe(before.revision);
    const used = { ...data, lastUsedAt: new Date(now).toISOString() };
    expect(after.data.find(({ id }) => id === data.id)).toEqual(used);
    expect(session.simulator.counters.view().writes.length).toBe(writes);
    expect(await ping("avk_p_00000000000000000000000000000000")).toBe(401);
    expect((await list()).body.data).toEqual(after.data);
  });

  test("made twice under one Idempotency-Key is one key, and the repetition has no secret", async () => {
    const headers = freshKey();
    const first = await makeKey({}, headers);
    const second = await makeKey({}, headers);
    expect(second.body).toEqual({ data: first.body.data });
    expect([second.status, second.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    expect(session.simulator.counters.view().writes.length).toBe(1);
    expect((await makeKey({ name: "Another" }, headers)).status).toBe(422);
  });

  test("whose answer is lost is there all the same", async () => {
    session.simulator.faults.set([{ kind: "drop", when: "after", operation: "createApiKey", times: 1 }]);
    const headers = freshKey();
    await expect(makeKey({}, headers)).rejects.toThrow();
    const again = await makeKey({}, headers);
    expect([again.status, again.body.secret]).toEqual([201, undefined]);
    expect((await read(`api-keys/${again.body.data.id}`)).revokedAt).toBeNull();
  });
});

test("writes of both platforms are counted as one, and hooks see both", async () => {
  const seen: string[] = [];
  const forget = session.simulator.onWrite((n, phase) => seen.push(`${n} ${phase}`));
  await patch("workspaces/dev", { team: "Builders" });
  await session.call("POST", "/v1/roles", { body: { name: "Counted" }, headers: freshKey() });
  forget();
  const { writes, requests } = session.simulator.counters.view();
  expect(seen).toEqual(["1 before", "1 after", "2 before", "2 after"]);
  expect(writes.map(({ n, operation }) => `${n} ${operation}`)).toEqual(["1 updateWorkspace", "2 createRole"]);
  expect(requests["PATCH /vault/v1/workspaces/{id}"]).toBe(1);
  const rows = await readAll<Entry>(session, `${V1}/audit`);
  expect(rows.map(({ action }) => action)).toEqual(["workspace.updated"]);
});

test("every kind of write leaves its entry, with who did it, and none has a secret", async () => {
  const as = { as: "console", headers: { "x-simulator-member": "Hana@acme.example" } } as const;
  const named = freshKey();
  const { secret = "", data } = (
    await session.call<KeyMade>("POST", `${V1}/api-keys`, { ...as, body: KEY, headers: { ...as.headers, ...named } })
  ).body;
  expect(data.createdBy).toBe("hana@acme.example");
  await patch(`api-keys/${data.id}`, { ownerId: "m.olu" }, as);
  await session.call("POST", `${V1}/api-keys/${data.id}/revoke`);
  await session.call("POST", `${V1}/groups/g.prod.support-desk/members/batch`, { body: { add: ["m.olu"] } });
  const { etag } = await read("members/m.olu");
  await session.call("DELETE", `${V1}/members/m.olu`, { headers: { "if-match": etag } });
  const rows = [...(await readAll<Entry>(session, `${V1}/audit`))].reverse();
  expect(rows.map(({ action, actor, subject }) => `${action} ${subject.name} by ${actor.name}`)).toEqual([
    "api-key.created acme-prod/Exporter by hana@acme.example",
    "api-key.updated acme-prod/Exporter by hana@acme.example",
    "api-key.revoked acme-prod/Exporter by rolebook-vault-writer",
    "membership.added olu@acme.example in acme-prod/Support desk by rolebook-vault-writer",
    "membership.removed olu@acme.example in acme-prod/Payment approvers by rolebook-vault-writer",
    "membership.removed olu@acme.example in acme-prod/Support desk by rolebook-vault-writer",
    "api-key.updated acme-prod/Exporter by rolebook-vault-writer",
    "member.removed olu@acme.example by rolebook-vault-writer",
  ]);
  expect(rows[1]).toMatchObject({ before: { ownerId: "m.mei" }, after: { ownerId: "m.olu" }, workspaceId: "prod" });
  for (const text of [JSON.stringify(rows), JSON.stringify(session.simulator.dumpVault())]) {
    expect(text).not.toContain(secret);
    expect(text).not.toContain(secret.slice(6));
  }
  const unknown = await patch(
    "workspaces/dev",
    { team: "x" },
    { as: "console", headers: { "x-simulator-member": "x" } },
  );
  expect(unknown.status).toBe(400);
});

test("what changes behind a caller's back costs the caller their ETag, whatever it is", async () => {
  session.simulator.faults.set([{ kind: "stale-etag", method: "PATCH", description: "Somebody was faster" }]);
  for (const [path, body, property] of [
    ["workspaces/dev", { region: "x" }, "team"],
    ["products/dev.manage", { active: false }, undefined],
    ["product-roles/dev.manage.editor", { name: "x" }, "description"],
    ["product-roles/dev.manage.admin", { name: "x" }, undefined],
    ["groups/g.dev.developers", { name: "x" }, "description"],
    ["members/m.ana", { lastName: "x" }, "firstName"],
    ["integrations/i.prod.alerting", { name: "x" }, "description"],
    ["api-keys/k.prod.reports", { ownerId: "m.hana" }, undefined],
  ] as const) {
    const before = await read(path);
    const { status } = await patch(path, body);
    expect([path, status]).toEqual([path, path.endsWith("admin") ? 403 : 412]);
    const after = await read(path);
    expect(after.etag).not.toBe(before.etag);
    const touched = property === undefined ? {} : { [property]: "Somebody was faster" };
    expect({ ...after, etag: "" }).toEqual({ ...before, ...touched, etag: "" });
  }
  session.simulator.faults.set([]);
});

test("rows that stay are listed exactly once, whatever comes and goes between the pages", async () => {
  const path = `${V1}/groups?limit=2&workspace=acme-prod`;
  const first = (await session.call<PageBody<Entity>>("GET", path)).body;
  const [gone] = first.data;
  await session.call("POST", `${V1}/groups/${gone?.id}/members/batch`, { body: { remove: ["m.ana", "m.mei"] } });
  await session.call("DELETE", `${V1}/groups/${gone?.id}`, { headers: { "if-match": gone?.etag ?? "" } });
  await session.call("POST", `${V1}/groups`, { body: { workspaceId: "prod", name: "Late" }, headers: freshKey() });
  const next = `${path}&cursor=${encodeURIComponent(first.cursor ?? "")}`;
  const second = (await session.call<PageBody<Entity>>("GET", next)).body;
  expect(second.revision).not.toBe(first.revision);
  expect([...first.data, ...second.data].map(({ name }) => name)).toEqual([
    "Payment editors",
    "Payment approvers",
    "Submission reviewers",
    "Support desk",
  ]);
  const third = `${path}&cursor=${encodeURIComponent(second.cursor ?? "")}`;
  expect((await session.call<PageBody<Entity>>("GET", third)).body.data.map(({ name }) => name)).toEqual(["Late"]);
});

describe("the state", () => {
  const LISTS = [
    "workspaces",
    "products",
    "product-roles",
    "groups",
    "members",
    "memberships",
    "integrations",
    "api-keys",
  ];

  async function everything(of: Session): Promise<object> {
    const paths = [...LISTS, "audit"].map((list) => `${V1}/${list}`);
    return Object.fromEntries(await Promise.all(paths.map(async (path) => [path, await readAll(of, path)])));
  }

  test("is the same after a restart, and its file has no secret", async () => {
    const stateFile = join(folder, "state.json");
    const first = await startSession({ stateFile });
    const headers = freshKey();
    const made = await first.call<KeyMade>("POST", `${V1}/api-keys`, { body: KEY, headers });
    const { secret = "" } = made.body;
    const before = await everything(first);
    await first.close();
    const text = readFileSync(stateFile, "utf8");
    expect(text).toContain(made.body.data.id);
    for (const hidden of [secret, secret.slice(6), "vault-local-writer-secret"]) expect(text).not.toContain(hidden);
    const second = await startSession({ stateFile });
    expect(await everything(second)).toEqual(before);
    const again = await second.call<KeyMade>("POST", `${V1}/api-keys`, { body: KEY, headers });
    expect(again.body).toEqual({ data: made.body.data });
    const bearer = { authorization: `Bearer ${secret}` };
    expect((await second.call("GET", "/products/acme-prod/manage/v1/ping", { headers: bearer })).status).toBe(200);
    await second.close();
  });

  test("of a file from before there was an account still loads, with the account that is asked for", async () => {
    const stateFile = join(folder, "old.json");
    const { vault: _, ...old } = session.simulator.dump();
    writeFileSync(stateFile, JSON.stringify(old));
    const restarted = await startSession({ stateFile, vault: emptyVault() });
    expect(restarted.simulator.vault.members.byId.size).toBe(0);
    expect(restarted.simulator.store.members.byId.size).toBe(16);
    await restarted.close();
  });

  test("can be taken and given over HTTP, as a whole or not at all", async () => {
    const url = `${session.url}/_simulator/vault`;
    const put = async (document: unknown) =>
      (
        await fetch(url, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(document),
        })
      ).status;
    const before = JSON.stringify(await (await fetch(url)).json());
    const acme = acmeVault();
    const [group] = acme.groups;
    expect(await put({ ...acme, version: 2 })).toBe(422);
    expect(await put({ ...acme, groups: [{ ...group, roleIds: ["eu.manage.viewer"] }] })).toBe(422);
    expect(await put({ ...acme, members: [...acme.members, { id: "m.x", email: "HANA@acme.example" }] })).toBe(422);
    expect(JSON.stringify(await (await fetch(url)).json())).toBe(before);
    expect(await put(emptyVault())).toBe(204);
    expect(session.simulator.dumpVault().members).toEqual([]);
  });

  test("gives every product its Admin, also where a document has none", () => {
    session.simulator.loadVault({ ...emptyVault(), roles: [] });
    const { roles, products } = session.simulator.dumpVault();
    expect(roles.map(({ productId, name, builtIn }) => [productId, name, builtIn])).toEqual(
      products.map(({ id }) => [id, "Admin", true]),
    );
  });

  const pick = fc.nat({ max: 15 });
  const step = fc.record({
    do: fc.constantFrom("create", "patch", "delete", "batch", "revoke"),
    kind: fc.constantFrom("product-roles", "groups", "members", "integrations"),
    which: pick,
    name: fc.constantFrom("Admin", "Editor", "editor ", "Payment editors", "Å", "Å", "B"),
    refers: fc.array(pick, { maxLength: 3 }),
  });
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  const idAt = (rows: { readonly byId: ReadonlyMap<string, unknown> }, index: number): string =>
    [...rows.byId.keys()][index] ?? "nobody";

  function bodyOf({ kind, which, name, refers }: Step): object {
    const { workspaces, products, roles } = session.simulator.vault;
    const workspaceId = idAt(workspaces, which % 5);
    const roleIds = refers.map((index) => idAt(roles, index));
    if (kind === "product-roles") return { productId: idAt(products, which), name, impliedRoleIds: roleIds };
    if (kind === "groups") return { workspaceId, name, roleIds };
    if (kind === "members")
      return {
        email: `${name.trim()}@x`,
        roleIds,
        workspaces: refers.map((index) => ({ workspaceId: idAt(workspaces, index), role: "Owner" })),
      };
    return {
      workspaceId,
      name,
      productId: idAt(products, which),
      callbackUrl: "https://x.example",
      environment: "staging",
    };
  }

  async function make(what: Step): Promise<number> {
    const { vault } = session.simulator;
    const rows = {
      "product-roles": vault.roles,
      groups: vault.groups,
      members: vault.members,
      integrations: vault.integrations,
    };
    const one = `${V1}/${what.kind}/${idAt(rows[what.kind], what.which)}`;
    const current = await session.call<Data<Entity>>("GET", one);
    const headers = { "if-match": current.body.data?.etag ?? '"x"' };
    const { workspaceId: _, productId: __, ...body } = bodyOf(what) as { workspaceId?: string; productId?: string };
    const ids = what.refers.map((index) => idAt(vault.members, index));
    switch (what.do) {
      case "create":
        return (await session.call("POST", `${V1}/${what.kind}`, { body: bodyOf(what), headers: freshKey() })).status;
      case "patch":
        return (await session.call("PATCH", one, { body, headers })).status;
      case "delete":
        return (await session.call("DELETE", one, { headers })).status;
      case "batch":
        return (
          await session.call("POST", `${V1}/groups/${idAt(vault.groups, what.which)}/members/batch`, {
            body: { add: ids },
          })
        ).status;
      case "revoke":
        return (await session.call("POST", `${V1}/api-keys/${idAt(vault.keys, what.which)}/revoke`)).status;
      default:
        return what.do satisfies never;
    }
  }

  test("stays in one piece, whatever is asked of it, and a refusal changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        session.simulator.loadVault(acmeVault());
        for (const what of steps) {
          const before = JSON.stringify(session.simulator.dumpVault());
          const status = await make(what);
          expect(status).toBeLessThan(500);
          expect(findBrokenVault(session.simulator.vault)).toEqual([]);
          if (status >= 400) expect(JSON.stringify(session.simulator.dumpVault())).toBe(before);
        }
        const shown = JSON.stringify(await everything(session));
        session.simulator.loadVault(session.simulator.dumpVault());
        expect(withoutEtags(JSON.stringify(await everything(session)))).toBe(withoutEtags(shown));
      }),
      { numRuns: Number(process.env.PROPERTY_RUNS ?? 25) },
    );
  });
});

function withoutEtags(text: string): string {
  return text.replace(/"etag":"\\"[^"]*\\""/g, "");
}
