// Keys as things of their own, against the simulator: listed without a secret, made once, tried where programs use them.
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import type { Connection } from "../../../src/model/driver.ts";
import { type KeyRing, type NewKey, Secret } from "../../../src/model/keys.ts";
import { driver } from "../../../src/platform/atomyx/driver.ts";
import { connectionTo, limitedTo, type RunningVault, seed, startVault } from "./harness.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start(now?: () => number): Promise<RunningVault> {
  const running = await startVault(seed, now ? { now } : {});
  open.push(running.close);
  return running;
}

function ringOf(connection: Connection): KeyRing {
  const ring = driver.openKeyRing?.(connection);
  if (!ring) throw new TypeError("the driver has no keys");
  open.push(ring.close);
  return ring;
}

const ORDER = {
  name: "acme-prod/Nightly",
  attributes: { product: "acme-prod/manage", purpose: "production", owner: "ana@acme.example" },
};

/** The secret of a key that was made just now. */
function secretOf({ secret }: NewKey): Secret {
  if (!secret) throw new TypeError("the key came without its secret");
  return secret;
}

describe("listing", () => {
  test("every key with what is known of it, revoked ones too, by names; and what the platform's clock says", async () => {
    const { connection, readOnly } = await start();
    const ring = ringOf(connection);
    const { row } = await ring.create(ORDER, "token-1");
    await ring.revoke(row);
    const reader = driver.openKeys?.(readOnly);
    const list = await reader?.list();
    await reader?.close();
    expect(list?.findings).toEqual([]);
    expect(list?.at).toBeInstanceOf(Date);
    expect(list?.rows.map(({ name }) => name)).toEqual([
      "acme-prod/Web shop",
      "acme-prod/Old key",
      "acme-prod/Nightly",
    ]);
    expect(list?.rows[0]?.attributes).toEqual({
      product: "acme-prod/manage",
      purpose: "production",
      owner: "leaver@acme.example",
    });
    expect(list?.rows[2]).toEqual({
      ...row,
      revokedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      createdBy: "rolebook-vault-writer",
    });
    expect(Object.keys(reader ?? {}).sort()).toEqual(["close", "list"]);
  });

  test("a target of some workspaces lists their keys only", async () => {
    const { connection } = await start();
    const list = await ringOf(limitedTo(connection, "acme-dev")).list();
    expect(list).toMatchObject({ rows: [], findings: [] });
  });

  test("a list that was cut says so", async () => {
    const { connection, simulator } = await start();
    simulator.faults.set([{ kind: "truncate", operation: "listApiKeys", rows: 1 }]);
    expect((await ringOf(connection).list()).findings).toMatchObject([{ code: "truncated-read" }]);
  });
});

describe("making", () => {
  test("the secret comes once; the same order with the same token gives the same key without it", async () => {
    const { connection, simulator } = await start();
    const ring = ringOf(connection);
    const made = await ring.create(ORDER, "token-1");
    expect(secretOf(made).reveal()).toMatch(/^avk_p_[0-9A-Za-z]{32}$/);
    expect(made.row).toMatchObject({ name: ORDER.name, attributes: ORDER.attributes, lastUsedAt: null });
    expect(made.row.lastFour).toBe(secretOf(made).reveal().slice(-4));
    const again = await ring.create(ORDER, "token-1");
    expect([again.row, again.secret]).toEqual([made.row, undefined]);
    expect(simulator.counters.view().writes).toHaveLength(1);
  });

  test("an answer that is lost leaves a key that is known, and no secret", async () => {
    const { connection, simulator } = await start();
    simulator.faults.set([{ kind: "drop", when: "after", operation: "createApiKey", times: 1 }]);
    const made = await ringOf(connection).create(ORDER, "token-1");
    expect(made.secret).toBeUndefined();
    expect(simulator.counters.view().writes).toHaveLength(1);
  });

  test.each<[string, object, RegExp]>([
    ["a product that is not there", { product: "acme-prod/nothing" }, /names the product acme-prod\/nothing/],
    ["a workspace that is not there", {}, /names the workspace acme-pord/],
    ["nobody who answers for it", { owner: undefined }, /names no member/],
  ])("%s: told, and no key is made", async (_, attributes, message) => {
    const { connection, simulator } = await start();
    const name = message.source.includes("pord") ? "acme-pord/Nightly" : ORDER.name;
    const order = { name, attributes: { ...ORDER.attributes, ...attributes } };
    await expect(ringOf(connection).create(order, "token-1")).rejects.toThrow(message);
    expect(simulator.counters.view().writes).toEqual([]);
  });

  test("a credential that may only read makes none", async () => {
    const { readOnly } = await start();
    await expect(ringOf(readOnly).create(ORDER, "token-1")).rejects.toMatchObject({
      status: 403,
      hint: expect.stringContaining("vault:keys"),
    });
  });
});

describe("trying", () => {
  test("a key opens its product, and nothing once it is revoked, expired or of something else", async () => {
    let now = Date.now();
    const { connection } = await start(() => now);
    const ring = ringOf(connection);
    const made = await ring.create(ORDER, "token-1");
    const secret = secretOf(made);
    expect(await ring.verify(made.row, secret)).toEqual({ kind: "works" });
    expect((await ring.list()).rows.find(({ id }) => id === made.row.id)?.lastUsedAt).toMatch(/Z$/);
    const elsewhere = { ...made.row, attributes: { ...made.row.attributes, product: "acme-dev/manage" } };
    expect(await ring.verify(elsewhere, secret)).toMatchObject({ kind: "refused" });
    now += 1000;
    await ring.revoke(made.row);
    await ring.revoke(made.row);
    await ring.revoke({ id: "never-was" });
    const refused = await ring.verify(made.row, secret);
    expect(refused).toMatchObject({ kind: "refused", because: expect.stringMatching(/401/) });
    expect(JSON.stringify(refused)).not.toContain(secret.reveal());
  });

  test("a key of another purpose than its workspace's is refused", async () => {
    const { connection } = await start();
    const ring = ringOf(connection);
    const made = await ring.create({ ...ORDER, attributes: { ...ORDER.attributes, purpose: "staging" } }, "token-1");
    expect(await ring.verify(made.row, secretOf(made))).toMatchObject({ kind: "refused" });
  });

  test("a platform that fails says nothing of the key", async () => {
    const { connection, simulator } = await start();
    const ring = ringOf({ ...connection, retries: 0 });
    const made = await ring.create(ORDER, "token-1");
    simulator.faults.set([{ kind: "error", status: 503, operation: "pingProduct" }]);
    const error: unknown = await ring.verify(made.row, secretOf(made)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 503 });
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secretOf(made).reveal());
  });

  test("whatever answers at its address is shown without the key that was sent there", async () => {
    const { connection } = await start();
    const [ring, secret] = [ringOf(connection), new Secret(`avk_p_${"x".repeat(32)}`)];
    const [row] = (await ring.list()).rows;
    if (!row) throw new TypeError("there is a key");
    const refused = await ring.verify(row, secret);
    expect(refused).toMatchObject({ kind: "refused" });
    expect(inspect([refused, secret], { depth: 10, showHidden: true })).not.toContain(secret.reveal());
  });
});

test("keys need a credential like everything else", () => {
  expect(() => driver.openKeys?.(connectionTo("http://127.0.0.1:1", "reader", { credentials: {} }))).toThrow(
    /clientId/,
  );
});
