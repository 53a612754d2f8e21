// Rows of the API and entities: there and back without loss, odd rows survived, doubtful ones told.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Entity, State } from "../../../src/model/entity.ts";
import { createBody, differingFields, type Lookup, updateBody } from "../../../src/platform/atomic/body.ts";
import {
  type Assembled,
  assembleState,
  environmentEntity,
  type GroupRow,
  groupEntity,
  type MemberRow,
  memberEntity,
  type RoleRow,
  roleEntity,
} from "../../../src/platform/atomic/map.ts";
import { BodyError } from "../../../src/platform/http/failure.ts";
import { membershipSink } from "../../../src/platform/rules/membership-sink.ts";
import { sinkOf } from "../../../src/platform/rules/sinks.ts";
import { organization, stateOfOrganization } from "../../support/organization.ts";
import { documentOf } from "./harness.ts";

const environments = [
  { id: "aaaaaa", name: "dev" },
  { id: "bbbbbb", name: "test" },
];
const role = (id: string, name: string, more: Partial<RoleRow> = {}): RoleRow => ({
  id,
  name,
  description: "",
  permissions: [],
  etag: '"1"',
  ...more,
});
const group = (id: string, name: string, more: Partial<GroupRow> = {}): GroupRow => ({
  id,
  name,
  description: "",
  roleIds: [],
  environmentIds: [],
  etag: '"1"',
  ...more,
});
const member = (id: string, email: string, status = "active"): MemberRow => ({
  id,
  email,
  firstName: "A",
  lastName: "B",
  status,
  etag: '"1"',
});

interface Rows {
  readonly roles?: readonly RoleRow[];
  readonly groups?: readonly GroupRow[];
  readonly members?: readonly MemberRow[];
  readonly memberships?: readonly { readonly groupId: string; readonly memberId: string }[];
}

function assemble({ roles = [], groups = [], members = [], memberships = [] }: Rows) {
  const fill = <Row extends { readonly id: string }>(toEntity: (row: Row) => Entity, rows: readonly Row[]) => {
    const sink = sinkOf(toEntity);
    for (const row of rows) sink.add(row);
    return sink.byId;
  };
  const known = { groups: fill(groupEntity, groups), members: fill(memberEntity, members) };
  const assembled = [() => known, () => undefined, onceHalf(memberships.length, known)].map((look) => {
    const people = membershipSink(look);
    for (const row of memberships) people.add(row);
    const lists = { environments: fill(environmentEntity, environments), roles: fill(roleEntity, roles) };
    return assembleState({ ...lists, ...known, memberships: people.finish(known) });
  });
  // When members and groups become known must not matter.
  const plain = ({ state, ...rest }: Assembled) => ({
    ...rest,
    state: [...state].map(([name, all]) => [name, [...all]]),
  });
  for (const other of assembled) expect(plain(other)).toEqual(plain(assembled[0] as Assembled));
  return assembled[0] as Assembled;
}

/** Knows nothing for half of the rows. */
function onceHalf<T>(rows: number, known: T): () => T | undefined {
  let turn = 0;
  return () => (turn++ < rows / 2 ? undefined : known);
}

function at(state: State, section: string, local: string): Entity | undefined {
  return state.get(section)?.get(local);
}

describe("rows to entities", () => {
  test("ids and versions are kept, references become names sorted by fold, text is canonical", () => {
    const { state, findings } = assemble({
      roles: [
        role("r1", "b", {
          description: " Cafe\u0301 \n",
          permissions: [
            { resource: "Theme", level: "view" },
            { resource: "Card template", level: "edit" },
          ],
        }),
        role("r2", "A"),
      ],
      groups: [group("g1", "Grüppe", { roleIds: ["r1", "r2"], environmentIds: ["bbbbbb", "aaaaaa"], etag: '"7"' })],
      members: [member("m1", "Ana@Acme.example")],
      memberships: [{ groupId: "g1", memberId: "m1" }],
    });
    expect(findings).toEqual([]);
    expect(at(state, "Role", "b")).toMatchObject({ id: "r1", version: '"1"', attributes: { description: "Café" } });
    expect(Object.keys(at(state, "Role", "b")?.attributes.permissions ?? {})).toEqual(["Card template", "Theme"]);
    expect(at(state, "Group", "grüppe")).toMatchObject({
      id: "g1",
      version: '"7"',
      attributes: { roles: ["A", "b"], environments: ["dev", "test"] },
    });
    expect(at(state, "Membership/grüppe", "ana@acme.example")).toMatchObject({ name: "Ana@Acme.example", id: "m1" });
    expect(at(state, "Environment", "dev")?.id).toBe("aaaaaa");
  });

  test("no environments on the platform is all of them", () => {
    const { state } = assemble({ groups: [group("g1", "G")] });
    expect(at(state, "Group", "g")?.attributes.environments).toBe("all");
  });

  test("disabled members are not there, but remembered; invited ones are there and say so", () => {
    const { state, disabled } = assemble({
      groups: [group("g1", "G")],
      members: [member("m1", "ana@acme.example", "invited"), member("m2", "Bo@acme.example", "disabled")],
      memberships: [
        { groupId: "g1", memberId: "m1" },
        { groupId: "g1", memberId: "m2" },
      ],
    });
    expect([...(state.get("Member")?.keys() ?? [])]).toEqual(["ana@acme.example"]);
    expect(at(state, "Member", "ana@acme.example")?.status).toBe("invited");
    expect(disabled.get("bo@acme.example")).toMatchObject({ id: "m2", version: '"1"' });
    expect(at(state, "Membership/g", "bo@acme.example")).toMatchObject({ id: "m2", status: "disabled" });
  });

  test("aliases and other spellings of resources become catalogue names; of two levels the higher stays", () => {
    const { state, findings } = assemble({
      roles: [
        role("r1", "R", {
          permissions: [
            { resource: "webhook credential", level: "view" },
            { resource: "Webhook credentials", level: "edit" },
            { resource: "Request debugger", level: "edit" },
            { resource: "Time machine", level: "edit" },
          ],
        }),
      ],
    });
    expect(at(state, "Role", "r")?.attributes.permissions).toEqual({
      "Request debugger": "edit",
      "Time machine": "edit",
      "Webhook credentials": "edit",
    });
    expect(findings.map(({ severity, code, key }) => [severity, code, key])).toEqual([
      ["warning", "unknown-resource", "Role/r"],
    ]);
  });

  test.each([
    [{}, undefined],
    [{ multiFactor: false }, { multiFactor: false }],
    [{ lastActiveAt: null }, { lastActive: null }],
    [
      { multiFactor: true, lastActiveAt: "2026-11-20T16:05:12Z" },
      { multiFactor: true, lastActive: "2026-11-20T16:05:12.000Z" },
    ],
    [{ lastActiveAt: "2026-11-20t01:05:12.5+02:00" }, { lastActive: "2026-11-19T23:05:12.500Z" }],
    [{ lastActiveAt: "2026-13-40T00:00:00Z" }, undefined],
  ])("of a member, %j is told as %j", (told, facts) => {
    for (const status of ["active", "invited"]) {
      const entity = memberEntity({ ...member("m1", "ana@acme.example", status), ...told });
      expect(entity.facts).toEqual(facts);
      expect("facts" in entity).toBe(facts !== undefined);
      expect(entity.attributes).toEqual({ firstName: "A", lastName: "B" });
    }
  });

  test("a row that comes twice counts once", () => {
    const sink = sinkOf(memberEntity);
    expect([sink.add(member("m1", "a@x.example")), sink.add(member("m1", "b@x.example"))]).toEqual([true, false]);
    expect(sink.byId.get("m1")?.name).toBe("a@x.example");
    const row = { groupId: "g", memberId: "m1" };
    const known = { groups: new Map([["g", groupEntity(group("g", "G"))]]), members: sink.byId };
    for (const look of [() => known, () => undefined]) {
      const people = membershipSink(look);
      const odd = { ...row, memberId: "m9" };
      expect([people.add(row), people.add(row), people.add(odd), people.add(odd)]).toEqual([true, false, true, false]);
    }
  });
});

describe("doubtful reads", () => {
  test("ids that lead nowhere block removals, and a limit never looks like none", () => {
    const { state, findings } = assemble({
      groups: [group("g1", "G", { roleIds: ["r9"], environmentIds: ["zzzzzz"] })],
      members: [],
      memberships: [
        { groupId: "g1", memberId: "m9" },
        { groupId: "g8", memberId: "m9" },
      ],
    });
    expect(at(state, "Group", "g")?.attributes).toMatchObject({ roles: ["r9"], environments: ["zzzzzz"] });
    expect(findings.map(({ code, blocks, severity }) => `${severity} ${code} ${blocks}`)).toEqual(
      Array(3).fill("error inconsistent-read removals"),
    );
    expect(findings[0]?.message).toContain("role r9, environment zzzzzz");
  });

  test("two roles of one name forbid everything", () => {
    const { findings } = assemble({ roles: [role("r1", "Editor"), role("r2", " EDITOR")] });
    expect(findings).toMatchObject([{ severity: "error", code: "ambiguous-name", key: "Role/editor" }]);
    expect(findings[0]).not.toHaveProperty("blocks");
  });
});

describe("entities to bodies", () => {
  const lookup: Lookup = (kind, local) => ({ Role: { r: "r1" }, Environment: { dev: "aaaaaa" } })[kind][local as never];
  const view = (attributes: Entity["attributes"], name = "G") => ({ name, attributes });

  test("all environments is an empty list, and nothing else ever is", () => {
    expect(createBody("Group", view({ environments: "all", roles: ["R"] }), lookup)).toEqual({
      name: "G",
      environmentIds: [],
      roleIds: ["r1"],
    });
    expect(createBody("Group", view({ environments: ["Dev"] }), lookup)).toEqual({
      name: "G",
      environmentIds: ["aaaaaa"],
    });
    expect(() => createBody("Group", view({ environments: [] }), lookup)).toThrow(BodyError);
    expect(() => createBody("Group", view({ environments: ["prod"] }), lookup)).toThrow(
      'environment "prod" is not on the platform',
    );
    expect(() => createBody("Group", view({ roles: ["gone"] }), lookup)).toThrow('role "gone" is not on the platform');
  });

  test("an update sends what differs, a rename its new name", () => {
    const before = view({ description: "a", environments: "all" });
    expect(updateBody("Group", before, view({ description: "b", environments: "all" }), lookup)).toEqual({
      description: "b",
    });
    expect(updateBody("Group", before, { ...before, name: "H" }, lookup)).toEqual({ name: "H" });
    expect(updateBody("Member", view({}, "a@x.example"), view({}, "b@x.example"), lookup)).toEqual({
      email: "b@x.example",
    });
    expect(
      updateBody("Role", view({}), view({ permissions: { Theme: "view", "Audit log": "admin" } }), lookup),
    ).toEqual({
      permissions: [
        { resource: "Audit log", level: "admin" },
        { resource: "Theme", level: "view" },
      ],
    });
  });

  test("a row is compared by meaning: order, case of addresses, composition, and enabled is enabled", () => {
    const row = group("g1", "G", { roleIds: ["r2", "r1"], description: "Cafe\u0301" });
    expect(differingFields(row, { roleIds: ["r1", "r2"], description: "Café " })).toEqual([]);
    expect(differingFields(row, { roleIds: ["r1"], environmentIds: ["aaaaaa"] })).toEqual([
      "roleIds",
      "environmentIds",
    ]);
    expect(
      differingFields(member("m", "Ana@x.example", "invited"), { email: "ana@x.example", status: "active" }),
    ).toEqual([]);
    expect(differingFields(member("m", "ana@x.example"), { status: "disabled" })).toEqual(["status"]);
    const editor = role("r", "R", { permissions: [{ resource: "webhook credential", level: "edit" }] });
    expect(differingFields(editor, { permissions: [{ resource: "Webhook credentials", level: "edit" }] })).toEqual([]);
  });
});

test("any organization survives the way to rows and back, and its bodies match its rows", () => {
  fc.assert(
    fc.property(organization, (generated) => {
      const state = stateOfOrganization(generated);
      const document = documentOf(state);
      const etag = '"1"';
      const sinks = {
        environments: sinkOf(environmentEntity),
        roles: sinkOf(roleEntity),
        groups: sinkOf(groupEntity),
        members: sinkOf(memberEntity),
      };
      const people = membershipSink(() => undefined);
      const roleRows = document.roles.map((row) =>
        role(row.id, row.name, {
          description: row.description ?? "",
          permissions: (row.permissions ?? []).map((permission) => ({ ...permission })),
        }),
      );
      const groupRows = document.groups.map((row) =>
        group(row.id, row.name, {
          description: row.description ?? "",
          roleIds: [...(row.roleIds ?? [])],
          environmentIds: [...(row.environmentIds ?? [])],
        }),
      );
      for (const row of document.environments) sinks.environments.add(row);
      for (const row of roleRows) sinks.roles.add(row);
      for (const row of groupRows) sinks.groups.add(row);
      for (const row of document.members)
        sinks.members.add({ firstName: "", lastName: "", status: "active", ...row, etag });
      for (const [groupId, ids] of Object.entries(document.memberships))
        for (const memberId of ids) people.add({ groupId, memberId });
      const back = assembleState({
        environments: sinks.environments.byId,
        roles: sinks.roles.byId,
        groups: sinks.groups.byId,
        members: sinks.members.byId,
        memberships: people.finish({ groups: sinks.groups.byId, members: sinks.members.byId }),
      });
      expect(back.findings).toEqual([]);
      const lookup: Lookup = (kind, local) => back.state.get(kind)?.get(local)?.id;
      for (const [section, entities] of state)
        for (const [local, wanted] of entities) {
          const found = at(back.state, section, local);
          expect(found?.name).toBe(wanted.name);
          expect(found?.attributes).toMatchObject(wanted.attributes);
          if (wanted.kind !== "Role" && wanted.kind !== "Group") continue;
          const row = [...roleRows, ...groupRows].find(({ id }) => id === found?.id) as RoleRow;
          expect(differingFields(row, createBody(wanted.kind, wanted, lookup))).toEqual([]);
        }
    }),
    { numRuns: 100 },
  );
});
