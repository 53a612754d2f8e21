// The Atomyx writer against the simulator with faults on: every write is told as it was, nothing happens twice, and what is
// of workspaces outside the target stays as it is.
import { describe, expect, test } from "vitest";
import type { Change } from "../../../src/model/change.ts";
import { type Entity, entityAt, membershipSection, type State, stateOf } from "../../../src/model/entity.ts";
import { driver } from "../../../src/platform/atomyx/driver.ts";
import { atomyx } from "../../../src/platform/atomyx/platform.ts";
import type { FaultRule } from "../../../src/simulator/faults.ts";
import { planFor, shown, writeAll } from "../contract.ts";
import { runsOver } from "../runs.ts";
import { atomyxHarness, documentOf, entity, idOf, limitedTo, type RunningVault, seed, startVault } from "./harness.ts";

const { start, read, writeTo, edited } = runsOver(driver, seed, startVault);
const same = (e: Entity) => e;
const operations = ({ simulator }: RunningVault) => simulator.counters.view().writes.map(({ operation }) => operation);
const memberOf = ({ simulator }: RunningVault, email: string) =>
  simulator.dumpVault().members.find((member) => member.email === email);
/** The seed with some attributes of one entity changed. */
const withAttributes = (name: string, attributes: Entity["attributes"]) =>
  edited((e) =>
    e.name === name && e.kind !== "Membership" ? { ...e, attributes: { ...e.attributes, ...attributes } } : e,
  );

describe("lost and late answers", () => {
  test.each<[string, readonly FaultRule[]]>([
    [
      "every second creation done, then the connection cut",
      [{ kind: "drop", when: "after", method: "POST", path: "/vault/v1/*", every: 2 }],
    ],
    ["every second change done, then cut", [{ kind: "drop", when: "after", method: "PATCH", every: 2 }]],
    ["every deletion done once, then cut", [{ kind: "drop", when: "after", method: "DELETE", every: 2 }]],
    ["bursts of 429", [{ kind: "rate-limit", every: 3, times: 12, retryAfter: "0" }]],
    ["tokens that expire", [{ kind: "expire-token", path: "/vault/v1/*", every: 4 }]],
    ["versions that move without reason", [{ kind: "stale-etag", method: "PATCH", every: 2 }]],
  ])("%s: all is applied, and each thing once", async (_, faults) => {
    const started = await start(seed);
    // One connection, so that the n-th request is the same in every run.
    const running = { ...started, connection: { ...started.connection, connections: 1 } };
    const { outcomes } = await writeTo(atomyxHarness.want, running, faults);
    expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
    const writes = running.simulator.counters.view().writes;
    const members = writes.filter(({ operation }) => operation === "changeVaultGroupMembers");
    const inBatches = members.reduce((sum, { effects }) => sum + effects.length, 0);
    expect(writes.length - members.length + inBatches).toBe(outcomes.length);
    const after = await read(running.connection);
    expect(shown(after.state, atomyx)).toEqual(shown(atomyxHarness.want, atomyx));
  });
});

describe("what others did meanwhile", () => {
  const FIRST_NAME = { firstName: "Annika" };

  test("another attribute of the same member moved: ours is made, theirs stays", async () => {
    const running = await start(seed);
    const want = withAttributes("ana@acme.example", { workspaces: ["Member of acme-prod"] });
    const before = await read(running.connection);
    const { changes, live } = planFor(want, seed, before, atomyx);
    await writeTo(withAttributes("ana@acme.example", { lastName: "Theirs" }), running);
    expect(await writeAll(driver, running.connection, changes, live)).toMatchObject([{ status: "applied" }]);
    expect(memberOf(running, "ana@acme.example")).toMatchObject({
      lastName: "Theirs",
      workspaces: [{ role: "Member" }],
    });
  });

  test("the same attribute moved: a conflict that says which; the very same change: applied", async () => {
    const running = await start(seed);
    const before = await read(running.connection);
    const { changes, live } = planFor(withAttributes("ana@acme.example", FIRST_NAME), seed, before, atomyx);
    const theirs = await writeTo(withAttributes("ana@acme.example", { firstName: "Theirs" }), running);
    expect(theirs.statuses).toEqual(["applied"]);
    const late = await writeAll(driver, running.connection, changes, live);
    expect(late).toMatchObject([{ status: "conflict", cause: expect.stringContaining(": firstName") }]);
    const first = withAttributes("ana@acme.example", { firstName: "Theirs" });
    await writeTo(withAttributes("ana@acme.example", FIRST_NAME), running, [], first);
    const again = await writeAll(driver, running.connection, changes, live);
    expect(again).toMatchObject([{ status: "applied", cause: "it was so already" }]);
  });

  test("a workspace that somebody was given since is not taken back", async () => {
    const running = await start(seed);
    const before = await read(running.connection);
    const { changes, live } = planFor(withAttributes("leaver@acme.example", { workspaces: [] }), seed, before, atomyx);
    await writeTo(
      withAttributes("leaver@acme.example", { workspaces: ["Admin of acme-prod", "Member of acme-dev"] }),
      running,
    );
    const outcomes = await writeAll(driver, running.connection, changes, live);
    expect(outcomes).toMatchObject([{ status: "conflict", cause: expect.stringContaining(": workspaces") }]);
    expect(memberOf(running, "leaver@acme.example")?.workspaces).toHaveLength(2);
  });

  test("the last Owner of a workspace stays, and the reason is the platform's", async () => {
    const running = await start(seed);
    const { outcomes } = await writeTo(
      withAttributes("hana@acme.example", { workspaces: ["Owner of acme-dev"] }),
      running,
    );
    expect(outcomes).toMatchObject([{ status: "conflict", cause: expect.stringContaining("last active Owner") }]);
  });

  test("a role that somebody holds is not deleted, and the reason is the platform's", async () => {
    const running = await start(seed);
    const want = edited((e) => (e.name === "acme-prod/manage/Editor" ? undefined : e));
    const plan = planFor(want, seed, await read(running.connection), atomyx);
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
    expect(outcomes).toMatchObject([{ status: "conflict", cause: expect.stringContaining("Payment editors") }]);
  });

  test("a built-in role is refused as such, and stops nothing else", async () => {
    const running = await start(seed);
    const { live } = planFor(seed, seed, await read(running.connection), atomyx);
    const admin = entityAt(live, "Role", "acme-prod/manage/admin") as Entity;
    // Whatever planned it: the reader's word that it is immutable was lost on the way.
    const { status: _, ...unmarked } = admin;
    const tricked: State = new Map(live).set("Role", new Map(live.get("Role")).set(admin.local, unmarked));
    const change = (id: string, name: string): Change => {
      const before = { name, attributes: { description: entityDescription(live, name) } };
      const local = name.toLowerCase();
      const after = { name, attributes: { description: "Ours" } };
      const rest = { key: `Role/${local}`, effect: "neutral" as const, phase: 1, risk: "low" as const };
      return { id, action: "update", kind: "Role", section: "Role", local, name, before, after, ...rest } as never;
    };
    const changes = [change("a", "acme-prod/manage/Admin"), change("b", "acme-prod/manage/Viewer")];
    const connection = { ...running.connection, connections: 1 };
    const outcomes = await writeAll(driver, connection, changes, tricked);
    expect(outcomes.map(({ status, cause }) => [status, cause])).toEqual([
      ["conflict", "it is built in, and nobody can change it"],
      ["applied", undefined],
    ]);
    const told = await writeAll(driver, connection, changes.slice(0, 1), live);
    expect(told).toMatchObject([{ status: "conflict" }]);
  });
});

function entityDescription(state: State, name: string): string {
  return String(entityAt(state, "Role", name.toLowerCase())?.attributes.description ?? "");
}

describe("roles that include one another", () => {
  const role = (name: string, ...implies: string[]) =>
    entity("Role", `acme-prod/manage/${name}`, {
      description: "",
      implies: implies.map((other) => `acme-prod/manage/${other}`).sort(),
    });
  const circle = [role("A", "B", "Viewer"), role("B", "C"), role("C", "A", "B")];

  test("a chain is made from its end, each role once, and removed from its beginning", async () => {
    const running = await start(seed);
    const chain = edited(same, role("A", "B"), role("B", "C"), role("C", "D"), role("D"));
    expect((await writeTo(chain, running)).statuses).toEqual(Array(4).fill("applied"));
    expect(operations(running)).toEqual(Array(4).fill("createProductRole"));
    expect((await writeTo(seed, running, [], chain)).statuses).toEqual(Array(4).fill("applied"));
    expect(operations(running).slice(4)).toEqual(Array(4).fill("deleteProductRole"));
  });

  test("a circle is made and then closed, is not made again, and can be removed", async () => {
    const running = await start(seed);
    const round = edited(same, ...circle);
    const before = await read(running.connection);
    const plan = planFor(round, seed, before, atomyx);
    for (let turn = 0; turn < 2; turn += 1) {
      const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
      expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
      expect(shown((await read(running.connection)).state, atomyx)).toEqual(shown(round, atomyx));
    }
    expect(running.simulator.dumpVault().roles.filter(({ name }) => name === "A")).toHaveLength(1);
    expect((await writeTo(seed, running, [], round)).statuses).toEqual(Array(3).fill("applied"));
    expect(shown((await read(running.connection)).state, atomyx)).toEqual(shown(seed, atomyx));
  });
});

describe("keys", () => {
  const withoutKey = edited((e) => (e.name === "acme-prod/Web shop" ? undefined : e));
  /** The seed's account, where the key has a predecessor that is still in force. */
  const rotating = () => {
    const document = documentOf(seed);
    const [shop] = document.keys;
    const older = { ...shop, id: "older", createdAt: "2020-01-01T00:00:00Z" };
    return { ...document, keys: [...document.keys, older] as typeof document.keys };
  };
  const live = ({ simulator }: RunningVault) =>
    simulator.dumpVault().keys.filter(({ name, revokedAt }) => name === "Web shop" && revokedAt === null);

  test("a key that Git does not have any more is revoked, and so is the one it was to replace", async () => {
    const running = await start(seed);
    running.simulator.loadVault(rotating());
    expect(live(running)).toHaveLength(2);
    const { outcomes } = await writeTo(withoutKey, running);
    expect(outcomes.map(({ status, cause }) => [status, cause])).toEqual([["applied", undefined]]);
    expect(live(running)).toEqual([]);
  });

  test("one that was replaced since the plan is a conflict, and no key is revoked", async () => {
    const running = await start(seed);
    const plan = planFor(withoutKey, seed, await read(running.connection), atomyx);
    running.simulator.loadVault({
      ...rotating(),
      keys: rotating().keys.map((key) => (key.id === "older" ? key : { ...key, revokedAt: "2026-01-01T00:00:00Z" })),
    });
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
    expect(outcomes).toMatchObject([{ status: "conflict", cause: expect.stringContaining("newest key") }]);
    expect(live(running)).toHaveLength(1);
  });

  test("a list that is cut revokes nothing", async () => {
    const running = await start(seed);
    const { outcomes } = await writeTo(withoutKey, running, [{ kind: "truncate", operation: "listApiKeys", rows: 1 }]);
    expect(outcomes).toMatchObject([{ status: "failed", cause: expect.stringContaining("did not come whole") }]);
    expect(operations(running)).toEqual([]);
  });

  test("what fails about keys stops nothing else", async () => {
    const running = await start(seed);
    const { outcomes, changes } = await writeTo(atomyxHarness.want, running, [
      { kind: "error", status: 503, operation: "updateApiKey" },
    ]);
    const failed = outcomes.filter(({ status }) => status !== "applied").map(({ change }) => change);
    expect(changes.filter(({ id }) => failed.includes(id)).map(({ kind, action }) => `${kind} ${action}`)).toEqual([
      "ApiKey update",
    ]);
  });
});

describe("a target of some workspaces", () => {
  const PROD = "acme-prod";
  /** What a target of `acme-prod` alone sees of a state. */
  const inProd = (state: State): State =>
    stateOf(
      [...state.values()]
        .flatMap((section) => [...section.values()])
        .filter(({ section, name }) => !section.includes("acme-dev") && !name.startsWith("acme-dev"))
        .map((e) => (e.kind === "Member" ? { ...e, attributes: { ...e.attributes, ...ownLists(e) } } : e)),
    );
  const ownLists = ({ attributes }: Entity) =>
    Object.fromEntries(
      ["workspaces", "roles"].map((list) => [
        list,
        ((attributes[list] ?? []) as readonly string[]).filter((text) => text.includes(PROD)),
      ]),
    );
  const others = ({ simulator }: RunningVault) => {
    const { workspaces, products, roles, groups, memberships, members } = simulator.dumpVault();
    const dev = idOf("Workspace", "acme-dev");
    const builders = idOf("Group", "acme-dev/Builders");
    return {
      workspaces: workspaces.filter(({ id }) => id === dev),
      products: products.filter(({ workspaceId }) => workspaceId === dev),
      roles: roles.filter(
        ({ productId, name }) => productId === idOf("Product", "acme-dev/manage") && name !== "Admin",
      ),
      groups: groups.filter(({ id }) => id === builders),
      builders: memberships[builders],
      people: members.map(({ email, workspaces: held }) => [
        email,
        held?.filter(({ workspaceId }) => workspaceId === dev),
      ]),
    };
  };

  test("everything arrives in it, and everything else stays to the last version", async () => {
    const started = await start(seed);
    const before = others(started);
    const running = { ...started, connection: limitedTo(started.connection, PROD) };
    const { outcomes } = await writeTo(inProd(atomyxHarness.want), running, [], inProd(seed));
    expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
    const after = await read(running.connection);
    expect(after.findings).toEqual([]);
    expect(shown(after.state, atomyx)).toEqual(shown(inProd(atomyxHarness.want), atomyx));
    const { people: peopleBefore, ...rest } = before;
    const { people, ...restAfter } = others(started);
    expect(restAfter).toEqual(rest);
    expect(people).toEqual(expect.arrayContaining(peopleBefore.filter(([, held]) => (held?.length ?? 0) > 0)));
  });

  test("who leaves it and is in others stays in the account; whoever is in no other is removed", async () => {
    const started = await start(seed);
    const running = { ...started, connection: limitedTo(started.connection, PROD) };
    const base = inProd(seed);
    const leaving = ["ana@acme.example", "leaver@acme.example"];
    const want = stateOf(
      [...base.values()]
        .flatMap((section) => [...section.values()])
        .filter(({ name, attributes }) => !leaving.includes(name) && !leaving.includes(String(attributes.owner))),
    );
    const { outcomes } = await writeTo(want, running, [], base);
    expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
    expect(memberOf(started, "leaver@acme.example")).toBeUndefined();
    expect(memberOf(started, "ana@acme.example")).toMatchObject({
      firstName: "Ana",
      workspaces: [{ workspaceId: idOf("Workspace", "acme-dev"), role: "Member" }],
    });
    const groups = started.simulator.dumpVault().memberships;
    expect(groups[idOf("Group", "acme-dev/Builders")]).toEqual([idOf("Member", "ana@acme.example")]);
    expect(groups[idOf("Group", "acme-prod/Payment editors")]).toEqual([]);
    expect([...((await read(running.connection)).state.get("Member")?.keys() ?? [])]).not.toContain("ana@acme.example");
    // The same again, against the same old read.
    const again = await writeTo(want, running, [], base);
    expect(again.changes).toEqual([]);
  });

  test("who is taken out of it leaves its groups as well, those that no file speaks of too", async () => {
    const started = await start(seed);
    const running = { ...started, connection: limitedTo(started.connection, PROD) };
    const base = inProd(seed);
    // Nobody's files speak of her membership: only the person goes.
    const files = (keep: (e: Entity) => boolean) =>
      stateOf([...base.values()].flatMap((section) => [...section.values()]).filter(keep));
    const spoken = (e: Entity) => e.section !== membershipSection("acme-prod/payment editors");
    const owned = (e: Entity) => e.attributes.owner !== "ana@acme.example";
    const want = files((e) => spoken(e) && owned(e) && e.name !== "ana@acme.example");
    // Broken off halfway, the rerun finds the person still there and finishes it.
    const broken = await writeTo(
      want,
      running,
      [{ kind: "error", status: 500, operation: "changeVaultGroupMembers" }],
      files(spoken),
    );
    expect(broken.statuses).toContain("failed");
    const { outcomes } = await writeTo(want, running, [], files(spoken));
    expect(outcomes.map(({ status, cause }) => [status, cause])).toEqual([["applied", undefined]]);
    expect((await read(running.connection)).state.get("Member")?.has("ana@acme.example")).toBe(false);
  });

  test("somebody of another workspace is welcomed with what they have there", async () => {
    const elsewhere = entity("Member", "dev@acme.example", {
      firstName: "Dev",
      workspaces: ["Admin of acme-dev"],
      roles: ["acme-dev/manage/Viewer"],
    });
    const started = await start(edited(same, elsewhere));
    const running = { ...started, connection: limitedTo(started.connection, PROD) };
    const base = inProd(seed);
    const joining = entity("Member", "dev@acme.example", {
      firstName: "Dev",
      lastName: "Elop",
      workspaces: ["Member of acme-prod"],
      roles: ["acme-prod/manage/Viewer"],
    });
    const want = stateOf([...[...base.values()].flatMap((section) => [...section.values()]), joining]);
    const plan = planFor(want, base, await read(running.connection), atomyx);
    for (let turn = 0; turn < 2; turn += 1) {
      const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
      expect(outcomes.map(({ status }) => status)).toEqual(["applied"]);
    }
    const row = memberOf(started, "dev@acme.example");
    expect(row).toMatchObject({ lastName: "Elop", status: "active" });
    expect(row?.workspaces).toHaveLength(2);
    expect(row?.roleIds).toHaveLength(2);
    expect(operations(started)).toEqual(["updateVaultMember"]);
    expect(shown((await read(running.connection)).state, atomyx)).toEqual(shown(want, atomyx));
  });

  test("a name that is no workspace's is refused before anything else is believed", async () => {
    const started = await start(seed);
    await expect(read(limitedTo(started.connection, "acme-prod acme-pord"))).rejects.toThrow(
      "The account has no workspace acme-pord",
    );
  });
});
