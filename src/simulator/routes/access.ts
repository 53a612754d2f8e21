// Roles, groups, members and memberships over HTTP: each handler is one call of a rule and the view of what came of it.
import { type Call, entityAnswer, type Handler, type Handlers, jsonAnswer } from "../answer.ts";
import { etagOf } from "../collection.ts";
import { createGroup, deleteGroup, type GroupInput, groupView, updateGroup } from "../groups.ts";
import type { Listed } from "../listings.ts";
import { createMember, type MemberInput, memberView, updateMember } from "../members.ts";
import { type BatchInput, changeMembers } from "../memberships.ts";
import type { PageQuery, Pages } from "../pages.ts";
import { createRole, deleteRole, type RoleInput, roleView, updateRole } from "../roles.ts";
import { findRow } from "../rows.ts";
import type { Store } from "../store.ts";

export function listHandlers(pages: Pages<Listed>): Handlers {
  const list =
    (listed: Listed): Handler =>
    ({ query }) => ({
      status: 200,
      type: "application/json",
      body: pages.page(listed, query as unknown as PageQuery),
    });
  return {
    listRoles: list("roles"),
    listGroups: list("groups"),
    listMembers: list("members"),
    listMemberships: list("memberships"),
  };
}

export function roleHandlers(store: Store): Handlers {
  return {
    createRole: ({ body, write }) => {
      const row = createRole(store, write, body as RoleInput & { name: string });
      return entityAnswer(201, roleView(row), etagOf(row));
    },
    readRole: (call) => {
      const row = findRow(store.roles, idOf(call), "role");
      return entityAnswer(200, roleView(row), etagOf(row));
    },
    updateRole: (call) => {
      const row = updateRole(store, call.write, idOf(call), call.headers["if-match"], call.body as RoleInput);
      return entityAnswer(200, roleView(row), etagOf(row));
    },
    deleteRole: (call) => {
      deleteRole(store, call.write, idOf(call), call.headers["if-match"]);
      return { status: 204 };
    },
  };
}

export function groupHandlers(store: Store): Handlers {
  return {
    createGroup: ({ body, write }) => {
      const row = createGroup(store, write, body as GroupInput & { name: string });
      return entityAnswer(201, groupView(row), etagOf(row));
    },
    readGroup: (call) => {
      const row = findRow(store.groups, idOf(call), "group");
      return entityAnswer(200, groupView(row), etagOf(row));
    },
    updateGroup: (call) => {
      const row = updateGroup(store, call.write, idOf(call), call.headers["if-match"], call.body as GroupInput);
      return entityAnswer(200, groupView(row), etagOf(row));
    },
    deleteGroup: (call) => {
      deleteGroup(store, call.write, idOf(call), call.headers["if-match"]);
      return { status: 204 };
    },
    changeGroupMembers: (call) => {
      const results = changeMembers(store, call.write, idOf(call), call.body as BatchInput);
      return jsonAnswer(200, { data: { results } });
    },
  };
}

export function memberHandlers(store: Store): Handlers {
  return {
    createMember: ({ body, write }) => {
      const row = createMember(store, write, body as MemberInput & { email: string });
      return entityAnswer(201, memberView(row), etagOf(row));
    },
    readMember: (call) => {
      const row = findRow(store.members, idOf(call), "member");
      return entityAnswer(200, memberView(row), etagOf(row));
    },
    updateMember: (call) => {
      const row = updateMember(store, call.write, idOf(call), call.headers["if-match"], call.body as MemberInput);
      return entityAnswer(200, memberView(row), etagOf(row));
    },
  };
}

function idOf(call: Call): string {
  return call.params.id ?? "";
}
