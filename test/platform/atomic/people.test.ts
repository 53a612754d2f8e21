// People and names on a real server: coming back, leaving, being invited, joining in numbers, and renames that lose nobody.
import { describe, expect, test } from "vitest";
import type { Change } from "../../../src/model/change.ts";
import { type Entity, stateOf } from "../../../src/model/entity.ts";
import type { Outcome } from "../../../src/model/receipt.ts";
import { driver } from "../../../src/platform/atomic/driver.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { planFor, shown, writeAll } from "../contract.ts";
import { connectionTo, entity, membership, seed } from "./harness.ts";
import { crowd, edited, read, start, writeTo } from "./runs.ts";

const same = (e: Entity) => e;

describe("people", () => {
  const petra: Entity = {
    ...entity("Member", "petra@acme.example", { firstName: "Petra", lastName: "Old" }),
    status: "disabled",
  };
  const back = entity("Member", "Petra@acme.example", { firstName: "Petra", lastName: "Novak" });
  const withPetra = stateOf([...[...seed.values()].flatMap((section) => [...section.values()]), petra]);

  test.each(["remembered", "found out"])(
    "someone disabled comes back as themselves, their state being %s",
    async (how) => {
      const running = await start(withPetra);
      const before = await read(running.connection);
      expect(before.state.get("Member")?.has("petra@acme.example")).toBe(false);
      const state = how === "remembered" ? before.state : new Map(before.state);
      const { changes, live } = planFor(
        edited(same, back, membership("Everyone", "petra@acme.example")),
        seed,
        { ...before, state },
        atomic,
      );
      const outcomes = await writeAll(driver, running.connection, changes, live);
      expect(outcomes.map(({ status }) => status)).toEqual(["applied", "applied"]);
      const requests = running.simulator.counters.view().requests;
      expect(requests["POST /v1/members"]).toBe(how === "remembered" ? 0 : 1);
      const after = (await read(running.connection)).state;
      expect(after.get("Member")?.get("petra@acme.example")).toMatchObject({
        id: before.state.get("Member")?.get("petra@acme.example")?.id ?? expect.any(String),
        attributes: { firstName: "Petra", lastName: "Novak" },
      });
      expect(after.get("Membership/everyone")?.has("petra@acme.example")).toBe(true);
      expect(running.simulator.store.members.byId.size).toBe(4);
    },
  );

  test("leaving disables; nobody is deleted", async () => {
    const running = await start(seed);
    const want = edited((e) => (e.local === "leaver@acme.example" ? undefined : e));
    const { statuses } = await writeTo(want, running);
    expect(statuses).toEqual(["applied", "applied"]);
    const { members } = running.simulator.store;
    expect([...members.byId.values()].map(({ status }) => status).sort()).toEqual(["active", "active", "disabled"]);
  });

  test("a new person is invited, and counts as a member", async () => {
    const running = await start(seed);
    await writeTo(edited(same, entity("Member", "zoe@acme.example", { firstName: "Zoe", lastName: "Ng" })), running);
    expect((await read(running.connection)).state.get("Member")?.get("zoe@acme.example")?.status).toBe("invited");
  });

  test("an invitation that was accepted meanwhile does not stop a change of name", async () => {
    const running = await start(seed);
    const want = edited((e) =>
      e.local === "bo@acme.example" && e.kind === "Member"
        ? { ...e, attributes: { ...e.attributes, lastName: "Øre" } }
        : e,
    );
    const { statuses } = await writeTo(want, running, [{ kind: "stale-etag", operation: "updateMember", times: 1 }]);
    expect(statuses).toEqual(["applied"]);
  });

  test("2,500 joiners and leavers of one group go in three batches", async () => {
    const state = crowd(2_500, 1, 0);
    const running = await start(state);
    const entities = [...state.values()].flatMap((section) => [...section.values()]);
    const joined = stateOf([
      ...entities,
      ...entities.filter(({ kind }) => kind === "Member").map(({ name }) => membership("Group 0", name)),
    ]);
    const { outcomes } = await writeTo(joined, running, [], state);
    expect(outcomes).toHaveLength(2_500);
    expect(outcomes.every(({ status }) => status === "applied")).toBe(true);
    expect(running.simulator.counters.view().requests["POST /v1/groups/{id}/members/batch"]).toBe(3);
    expect((await read(running.connection)).state.get("Membership/group 0")?.size).toBe(2_500);
  });
});

describe("renames", () => {
  test("roles, groups and people keep their ids, and what refers to them follows", async () => {
    const running = await start(seed);
    const before = await read(running.connection);
    const rename = (e: Entity, from: string, to: string, local: string): Entity =>
      e.name === from && e.kind !== "Membership" ? { ...e, name: to, local, previously: e.local } : e;
    const want = stateOf(
      [...seed.values()]
        .flatMap((section) => [...section.values()])
        .map((e) => rename(e, "Card editor", "Card author", "card author"))
        .map((e) => rename(e, "Card creators", "Card authors", "card authors"))
        .map((e) => rename(e, "ana@acme.example", "ana.li@acme.example", "ana.li@acme.example"))
        .map((e) =>
          e.kind === "Group" && e.local === "card authors"
            ? { ...e, attributes: { ...e.attributes, roles: ["Card author"] } }
            : e,
        )
        .map((e) => (e.section === "Membership/card creators" ? membership("Card authors", "ana.li@acme.example") : e))
        .concat([
          entity("Group", "Second desk", { description: "", roles: ["Card author"], environments: "all" }),
          membership("Second desk", "ana.li@acme.example"),
          membership("Card authors", "bo@acme.example"),
        ]),
    );
    const plan = planFor(want, seed, before, atomic);
    expect(plan.changes.map(({ action, key }) => `${action} ${key}`).sort()).toEqual([
      "create Group/second desk",
      "create Membership/card authors/bo@acme.example",
      "create Membership/second desk/ana.li@acme.example",
      "update Group/card authors",
      "update Member/ana.li@acme.example",
      "update Role/card author",
    ]);
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
    expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
    const after = await read(running.connection);
    expect(shown(after.state, atomic)).toEqual(shown(want, atomic));
    expect(after.state.get("Role")?.get("card author")?.id).toBe(before.state.get("Role")?.get("card editor")?.id);
    expect(after.state.get("Group")?.get("card authors")?.id).toBe(before.state.get("Group")?.get("card creators")?.id);
    expect(after.state.get("Member")?.get("ana.li@acme.example")?.id).toBe(
      before.state.get("Member")?.get("ana@acme.example")?.id,
    );
  });

  test("against live as it was read, under old keys, within one phase", async () => {
    const running = await start(seed);
    const { state } = await read(running.connection);
    const view = (name: string) => ({ name, attributes: {} });
    const change: Change = {
      id: "c1",
      action: "update",
      kind: "Role",
      section: "Role",
      local: "card author",
      key: "Role/card author",
      name: "Card author",
      origin: "policy",
      effect: "neutral",
      phase: 0,
      before: view("Card editor"),
      after: view("Card author"),
    };
    const created: Change = {
      ...change,
      id: "c2",
      action: "create",
      kind: "Group",
      section: "Group",
      local: "desk",
      before: null,
      after: { name: "Desk", attributes: { roles: ["Card author"], environments: "all" } },
    };
    const outcomes: Outcome[] = [];
    const writer = driver.openWriter(connectionTo(running.url, "writer"));
    await writer.write([created, change], state, (outcome) => outcomes.push(outcome));
    await writer.close();
    expect(outcomes.map(({ status }) => status)).toEqual(["applied", "applied"]);
    const after = await read(running.connection);
    expect(after.state.get("Group")?.get("desk")?.attributes.roles).toEqual(["Card author"]);
  });

  test("to a name that is taken is a conflict", async () => {
    const running = await start(seed);
    const { state } = await read(running.connection);
    const [old, taken] = [state.get("Role")?.get("old role") as Entity, "Card viewer"];
    const change = { id: "c1", action: "update", kind: "Role", section: "Role", local: "old role" } as Change;
    const outcomes: Outcome[] = [];
    const writer = driver.openWriter(running.connection);
    await writer.write(
      [{ ...change, before: { name: old.name, attributes: {} }, after: { name: taken, attributes: {} } }],
      state,
      (outcome) => outcomes.push(outcome),
    );
    await writer.close();
    expect(outcomes).toMatchObject([{ status: "conflict" }]);
  });
});

test("a limit that would come out empty is never sent", async () => {
  const running = await start(seed);
  const { state } = await read(running.connection);
  const group = state.get("Group")?.get("card creators") as Entity;
  const outcomes: Outcome[] = [];
  const writer = driver.openWriter(running.connection);
  const change = { id: "c1", action: "update", kind: "Group", section: "Group", local: "card creators" } as Change;
  const after = { name: group.name, attributes: { environments: [] } };
  await writer.write(
    [{ ...change, before: { name: group.name, attributes: group.attributes }, after }],
    state,
    (outcome) => outcomes.push(outcome),
  );
  await writer.close();
  expect(outcomes).toMatchObject([{ status: "failed", cause: "an empty list of environments would mean all of them" }]);
  expect(running.effectiveWrites()).toBe(0);
});
