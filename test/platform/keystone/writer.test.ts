// What a writer makes of a real Keystone that is not as the plan saw it: conflicts instead of overwriting, nothing deleted
// that something hangs on, people disabled and never deleted, and the truth about what was done before something broke.
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Change } from "../../../src/model/change.ts";
import type { Connection, LiveRead } from "../../../src/model/driver.ts";
import { type Attributes, type Entity, entityAt, keyOf, type State, stateOf } from "../../../src/model/entity.ts";
import type { Outcome } from "../../../src/model/receipt.ts";
import { driver } from "../../../src/platform/keystone/driver.ts";
import { keystone as platform } from "../../../src/platform/keystone/platform.ts";
import { planFor, writeAll } from "../contract.ts";
import type { Hand } from "./admin.ts";
import { type Gate, type GateOptions, openGate } from "./gate.ts";
import { entity, membership } from "./harness.ts";
import { connectionTo, sharedKeystone } from "./shared.ts";

const seed = stateOf([
  entity("Project", "dev"),
  entity("Project", "test"),
  entity("Role", "operator", { implies: ["reader"] }),
  entity("Role", "spare", { implies: [] }),
  entity("Group", "Builders", { description: "Build", grants: ["operator on project dev", "reader on project dev"] }),
  entity("Group", "Empty", { grants: [] }),
  entity("Member", "ana", { enabled: true, grants: ["reader on project dev"] }),
  entity("Member", "bo", { enabled: true, grants: [] }),
  membership("Builders", "ana"),
]);

interface Place {
  readonly gate: Gate;
  readonly connection: Connection;
  readonly old: LiveRead;
  readonly domain: string;
  readonly id: (key: string) => string;
}

let admin: Hand;
beforeAll(async () => {
  ({ admin } = await sharedKeystone());
});

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A fresh domain that holds the seed, read once. */
async function start(options: GateOptions = {}): Promise<Place> {
  const { server, seed: fill } = await sharedKeystone();
  const { domain, ids } = await fill(seed);
  const gate = await openGate(server.url, options);
  open.push(gate.close);
  const credentials = { username: "admin", password: server.adminPassword };
  const connection = { ...connectionTo(gate.url, domain.name, credentials), retries: 1, timeoutMs: 5_000 };
  const id = (key: string) => ids.get(key) ?? "unknown";
  return { gate, connection, old: await read(connection), domain: domain.id, id };
}

async function read(connection: Connection): Promise<LiveRead> {
  const reader = driver.openReader(connection);
  try {
    return await reader.read();
  } finally {
    await reader.close();
  }
}

/** The seed with some entities other than they are (by key), new, or gone. */
function edited(changes: readonly Entity[], gone: readonly string[] = []): State {
  const changed = new Map(changes.map((one) => [keyOf(one), one]));
  const rest = [...seed.values()]
    .flatMap((section) => [...section.values()])
    .filter((one) => !changed.has(keyOf(one)) && !gone.includes(keyOf(one)));
  return stateOf([...rest, ...changes]);
}

function withAttributes(key: string, attributes: Attributes): Entity {
  const [kind = "", local = ""] = key.split("/");
  const found = entityAt(seed, kind, local);
  if (!found) throw new Error(`no ${key} in the seed`);
  return { ...found, attributes: { ...found.attributes, ...attributes } };
}

async function write(place: Place, want: State): Promise<readonly (Outcome & { readonly key: string })[]> {
  const { changes, live } = planFor(want, seed, place.old, platform);
  const outcomes = await writeAll(driver, place.connection, changes, live);
  const keyOfChange = (id: string) => changes.find((change: Change) => change.id === id)?.key ?? id;
  return outcomes.map((outcome) => ({ ...outcome, key: keyOfChange(outcome.change) }));
}

const summary = (outcomes: readonly (Outcome & { readonly key: string })[]) =>
  outcomes.map(({ key, status, cause }) => `${key} ${status}${cause === undefined ? "" : `: ${cause}`}`);

describe("what moved since it was read", () => {
  test("is a conflict: grants and texts alike, and nothing of the change is made", async () => {
    const place = await start();
    const builders = place.id("Group/Builders");
    await admin.call("PUT", `/projects/${place.id("Project/test")}/groups/${builders}/roles/${place.id("Role/spare")}`);
    const want = edited([withAttributes("Group/Builders", { description: "Made", grants: ["reader on project dev"] })]);
    expect(summary(await write(place, want))).toEqual([
      "Group/Builders conflict: it changed on the platform since it was read: grants",
    ]);
    const { group } = (await admin.call("GET", `/groups/${builders}`)) as { readonly group: Attributes };
    expect(group.description).toBe("Build");
    expect(place.gate.effectiveWrites()).toBe(0);
  });

  test("is none of our business where the change does not touch it", async () => {
    const place = await start();
    await admin.call("PATCH", `/groups/${place.id("Group/Builders")}`, { group: { description: "Theirs" } });
    const bo = `/users/${place.id("Member/bo")}`;
    await admin.call("PATCH", bo, { user: { costCentre: 42 } });
    const want = edited([
      withAttributes("Group/Builders", { grants: ["reader on project dev"] }),
      withAttributes("Member/bo", { description: "Ours" }),
    ]);
    expect(summary(await write(place, want)).sort()).toEqual(["Group/Builders applied", "Member/bo applied"]);
    // What Rolebook does not know of stays, too.
    expect((await admin.call("GET", bo)).user).toMatchObject({ costCentre: 42, description: "Ours" });
  });

  test("may be just what is wanted", async () => {
    const place = await start();
    await admin.call("PATCH", `/users/${place.id("Member/bo")}`, { user: { email: "bo@acme.example" } });
    await admin.make("group", { name: "New", domain_id: place.domain });
    await admin.make("group", { name: "Other", domain_id: place.domain, description: "Theirs" });
    const want = edited([
      withAttributes("Member/bo", { email: "bo@acme.example" }),
      entity("Group", "New", { grants: ["reader on all projects"] }),
      entity("Group", "Other", { description: "Ours", grants: [] }),
    ]);
    expect(summary(await write(place, want)).sort()).toEqual([
      "Group/New applied",
      "Group/Other conflict: it exists already, with another description",
      "Member/bo applied: it was so already",
    ]);
    expect((await write(place, want)).find(({ key }) => key === "Group/New")?.cause).toBe("it was so already");
  });
});

describe("what something hangs on", () => {
  test("is not deleted: a group with people, a role that is assigned anywhere or implied", async () => {
    const place = await start();
    await admin.call("PUT", `/groups/${place.id("Group/Empty")}/users/${place.id("Member/bo")}`);
    const me = (await admin.list("/users?domain_id=default", "users")).find(({ name }) => name === "admin")?.id;
    await admin.call("PUT", `/system/users/${me}/roles/${place.id("Role/spare")}`);
    const want = edited([], ["Group/Empty", "Role/spare"]);
    expect(summary(await write(place, want)).sort()).toEqual([
      "Group/Empty failed: it has 1 members, who would lose what it gives",
      "Role/spare failed: 1 assignments of it are left, here or outside the domain, and would go with it",
    ]);
    await admin.call("DELETE", `/system/users/${me}/roles/${place.id("Role/spare")}`);
    await admin.call("PUT", `/roles/${place.id("Role/operator")}/implies/${place.id("Role/spare")}`);
    expect(summary(await write(place, edited([], ["Role/spare"])))).toEqual([
      "Role/spare failed: another role implies it",
    ]);
    await admin.call("DELETE", `/roles/${place.id("Role/operator")}/implies/${place.id("Role/spare")}`);
    expect(summary(await write(place, edited([], ["Role/spare"])))).toEqual(["Role/spare applied"]);
    expect(summary(await write(place, edited([], ["Role/spare"])))).toEqual([
      "Role/spare applied: it was gone already",
    ]);
  });

  test("is gone already when its group is: no membership is left to take away, and none can be made", async () => {
    const place = await start();
    await admin.call("DELETE", `/groups/${place.id("Group/Builders")}`);
    const want = edited([membership("Builders", "bo")], ["Membership/Builders/ana"]);
    expect(summary(await write(place, want))).toEqual([
      "Membership/Builders/bo conflict: its group or its member is gone from the platform",
      "Membership/Builders/ana applied: it was gone already",
    ]);
  });
});

describe("people", () => {
  test("are disabled, lose what they hold themselves, and are never deleted", async () => {
    const place = await start();
    const want = edited([], ["Member/ana", "Membership/Builders/ana"]);
    expect(summary(await write(place, want))).toEqual(["Membership/Builders/ana applied", "Member/ana applied"]);
    const { state } = await read(place.connection);
    expect(entityAt(state, "Member", "ana")?.attributes).toMatchObject({ enabled: false, grants: [] });
    expect(place.gate.seen.filter((request) => request.startsWith("DELETE /v3/users"))).toEqual([]);
    const { plan: again } = { plan: planFor(want, seed, await read(place.connection), platform) };
    expect(again.changes).toEqual([]);
  });

  test("who were given more meanwhile are left as they are", async () => {
    const place = await start();
    await admin.call("PUT", `/domains/${place.domain}/users/${place.id("Member/ana")}/roles/${place.id("Role/spare")}`);
    const want = edited([], ["Member/ana", "Membership/Builders/ana"]);
    expect(summary(await write(place, want)).at(-1)).toBe(
      "Member/ana conflict: it changed on the platform since it was read: grants",
    );
    expect(entityAt((await read(place.connection)).state, "Member", "ana")?.attributes.enabled).toBe(true);
  });
});

describe("renames", () => {
  test("of a role, a group and a person together are updates: everything stays with its id", async () => {
    const place = await start();
    const renamed = (key: string, name: string, attributes: Attributes = {}): Entity => {
      const old = withAttributes(key, attributes);
      return { ...old, name, local: name, previously: old.local };
    };
    const want = edited(
      [
        renamed("Role/operator", "runner"),
        renamed("Group/Builders", "Makers", { grants: ["reader on project dev", "runner on project dev"] }),
        renamed("Member/ana", "ana.li", { email: "ana@acme.example" }),
        membership("Makers", "ana.li"),
        membership("Makers", "bo"),
      ],
      ["Role/operator", "Group/Builders", "Member/ana", "Membership/Builders/ana"],
    );
    expect(summary(await write(place, want)).sort()).toEqual([
      "Group/Makers applied",
      "Member/ana.li applied",
      "Membership/Makers/bo applied",
      "Role/runner applied",
    ]);
    const { state } = await read(place.connection);
    expect(entityAt(state, "Role", "runner")?.id).toBe(place.id("Role/operator"));
    expect(entityAt(state, "Group", "Makers")?.id).toBe(place.id("Group/Builders"));
    expect(entityAt(state, "Group", "Makers")?.attributes.grants).toEqual([
      "reader on project dev",
      "runner on project dev",
    ]);
    expect([...(state.get("Membership/Makers")?.keys() ?? [])].sort()).toEqual(["ana.li", "bo"]);
    expect(place.gate.seen.filter((request) => /^(?:POST|DELETE) (?!.*auth)/.test(request))).toEqual([]);
  });
});

describe("what cannot be", () => {
  test("an immutable role stays as it is", async () => {
    const place = await start();
    await admin.call("PATCH", `/roles/${place.id("Role/operator")}`, { role: { options: { immutable: true } } });
    const want = edited([withAttributes("Role/operator", { description: "Ours" })], ["Role/spare"]);
    expect(summary(await write(place, want))).toEqual([
      "Role/operator conflict: it is immutable on the platform",
      "Role/spare applied",
    ]);
    await admin.call("PATCH", `/roles/${place.id("Role/operator")}`, { role: { options: { immutable: false } } });
  });

  test("a role that Keystone lets nobody imply fails alone, with Keystone's own words", async () => {
    const place = await start();
    const want = edited([
      withAttributes("Role/operator", { implies: ["admin", "reader"] }),
      withAttributes("Role/spare", { implies: ["reader"] }),
    ]);
    const outcomes = summary(await write(place, want)).sort();
    expect(outcomes[0]).toMatch(/^Role\/operator failed: PUT .* 403 /);
    expect(outcomes[1]).toBe("Role/spare applied");
  });

  test("a kind that the credential may not change is not tried again and again; others are made", async () => {
    const forbidden = { error: { code: 403, message: "You are not authorized to perform that", title: "Forbidden" } };
    const place = await start({
      instead: (request) =>
        request === "POST /v3/groups" ? { status: 403, body: JSON.stringify(forbidden) } : undefined,
    });
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const want = edited([
      ...names.map((name) => entity("Group", name, { grants: [] })),
      entity("Member", "new", { grants: [] }),
    ]);
    const outcomes = await write(place, want);
    expect(outcomes.filter(({ status }) => status === "applied").map(({ key }) => key)).toEqual(["Member/new"]);
    expect(outcomes.filter(({ status }) => status === "skipped").length).toBeGreaterThan(0);
    expect(place.gate.seen.filter((request) => request === "POST /v3/groups").length).toBeLessThanOrEqual(4);
  });
});

describe("a connection that breaks", () => {
  test("in the middle of a change leaves the truth about its steps", async () => {
    const broken = { now: false };
    const place = await start({
      instead: (request) => {
        if (!broken.now || !request.startsWith("DELETE")) return undefined;
        return "nothing";
      },
    });
    broken.now = true;
    const want = edited([withAttributes("Group/Builders", { grants: ["operator on all projects"] })]);
    const [outcome] = await write(place, want);
    expect(outcome?.status).toBe("failed");
    expect(outcome?.cause).toMatch(/^1 of its 3 steps were made: .*is not known/);
    broken.now = false;
    const { state } = await read(place.connection);
    expect(entityAt(state, "Group", "Builders")?.attributes.grants).toEqual([
      "operator on all projects",
      "operator on project dev",
      "reader on project dev",
    ]);
  });

  test("right after a write was made is no reason to make it twice", async () => {
    const lost = new Set<string>();
    const place = await start({
      onAnswer: (request, status) => {
        if (status >= 300 || /^GET|^POST \/v3\/auth/.test(request) || lost.has(request)) return;
        lost.add(request);
        throw new Error("the answer is lost");
      },
    });
    const want = edited(
      [
        entity("Role", "new role", { implies: ["spare"] }),
        entity("Group", "New", { grants: ["new role on project dev"] }),
        entity("Member", "new", { email: "new@acme.example", grants: [] }),
        membership("New", "new"),
      ],
      ["Group/Empty", "Membership/Builders/ana"],
    );
    const outcomes = await write(place, want);
    expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
    expect(lost.size).toBeGreaterThanOrEqual(8);
    expect(planFor(want, want, await read(place.connection), platform).changes).toEqual([]);
  });
});
