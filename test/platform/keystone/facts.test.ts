// What a real Keystone tells of people's second factor, held against whether a password alone lets them in.
import { beforeAll, expect, test } from "vitest";
import { entityAt, type State, stateOf } from "../../../src/model/entity.ts";
import { driver } from "../../../src/platform/keystone/driver.ts";
import { keystone as platform } from "../../../src/platform/keystone/platform.ts";
import { planFor, writeAll } from "../contract.ts";
import type { Hand } from "./admin.ts";
import { entity } from "./harness.ts";
import { PASSWORD, type Seeded } from "./seed.ts";
import { connectionTo, type SharedKeystone, sharedKeystone } from "./shared.ts";

/** Every method here is one that a Keystone has loaded by default: it passes over methods it does not know. */
const OPTIONS: { readonly [name: string]: object } = {
  plain: {},
  both: { multi_factor_auth_enabled: true, multi_factor_auth_rules: [["password", "mapped"]] },
  unsaid: { multi_factor_auth_rules: [["password", "mapped"]] },
  off: { multi_factor_auth_enabled: false, multi_factor_auth_rules: [["password", "mapped"]] },
  either: { multi_factor_auth_enabled: true, multi_factor_auth_rules: [["password", "mapped"], ["password"]] },
  "no rules": { multi_factor_auth_enabled: true, multi_factor_auth_rules: [] },
};

const seed = stateOf(Object.keys(OPTIONS).map((name) => entity("Member", name, { enabled: true, grants: [] })));

let keystone: SharedKeystone;
let admin: Hand;
let seeded: Seeded;
beforeAll(async () => {
  keystone = await sharedKeystone();
  ({ admin } = keystone);
  seeded = await keystone.seed(seed);
  for (const [name, options] of Object.entries(OPTIONS)) await admin.call("PATCH", pathOf(name), { user: { options } });
});

function pathOf(name: string): string {
  return `/users/${seeded.ids.get(`Member/${name}`)}`;
}

function connection() {
  const credentials = { username: "admin", password: keystone.server.adminPassword };
  return connectionTo(keystone.server.url, seeded.domain.name, credentials);
}

async function read(): Promise<State> {
  const reader = driver.openReader(connection());
  try {
    return (await reader.read()).state;
  } finally {
    await reader.close();
  }
}

/** Whether the user's password alone gives a token. */
async function isEnough(name: string): Promise<boolean> {
  const user = { name, password: PASSWORD, domain: { name: seeded.domain.name } };
  const answer = await fetch(`${keystone.server.url}/v3/auth/tokens`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ auth: { identity: { methods: ["password"], password: { user } } } }),
  });
  expect([201, 401]).toContain(answer.status);
  return answer.status === 201;
}

test("somebody has a second factor exactly when a password alone does not let them in", async () => {
  const state = await read();
  const facts = Object.keys(OPTIONS).map((name) => [name, entityAt(state, "Member", name)?.facts]);
  expect(Object.fromEntries(facts)).toEqual({
    plain: { multiFactor: false },
    both: { multiFactor: true },
    unsaid: { multiFactor: true },
    off: { multiFactor: false },
    either: { multiFactor: false },
    "no rules": { multiFactor: false },
  });
  for (const name of Object.keys(OPTIONS))
    expect(await isEnough(name), name).toBe(entityAt(state, "Member", name)?.facts?.multiFactor === false);
});

test("a change of the user leaves the options as they are", async () => {
  const options = async () => ((await admin.call("GET", pathOf("both"))).user as { readonly options: object }).options;
  const before = await options();
  expect(before).toEqual(OPTIONS.both);
  const both = entity("Member", "both", { enabled: true, grants: [], description: "On call" });
  const want = stateOf([...(seed.get("Member")?.values() ?? []), both]);
  const live = { state: await read(), findings: [], requests: 0 };
  const plan = planFor(want, seed, live, platform);
  const outcomes = await writeAll(driver, connection(), plan.changes, plan.live);
  expect(outcomes.map(({ status }) => status)).toEqual(["applied"]);
  expect(await options()).toEqual(before);
  expect(entityAt(await read(), "Member", "both")).toMatchObject({
    attributes: { description: "On call" },
    facts: { multiFactor: true },
  });
});
