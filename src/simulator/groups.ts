// The platform's rules for groups: unique names, known roles and environments, no deletion while there are members.
// An empty list of environments is all of them, and is taken as meant.

import { etagOf, insertRow, removeRow, renameRow, touchRow } from "./collection.ts";
import { commit, type Write } from "./ledger.ts";
import { Problem, unprocessable } from "./problems.ts";
import type { GroupRow } from "./records.ts";
import { changedProperties, findRow, requireFreeName, requireMatch } from "./rows.ts";
import { newId, type Store } from "./store.ts";

export interface GroupInput {
  readonly name?: string;
  readonly description?: string;
  readonly roleIds?: readonly string[];
  readonly environmentIds?: readonly string[];
}

/** A group as the API shows it. */
export function groupView(row: GroupRow): object {
  const { id, name, description, roleIds, environmentIds } = row;
  return { id, name, description, roleIds, environmentIds, etag: etagOf(row) };
}

/** Creates a group; 409 when the name exists, 422 for an unknown role or environment. */
export function createGroup(store: Store, write: Write, input: GroupInput & { readonly name: string }): GroupRow {
  requireFreeName(store.groups, input.name, null);
  requireReferences(store, input);
  const row: GroupRow = {
    id: newId(store, "group"),
    seq: store.groups.nextSeq++,
    version: store.changes + 1,
    name: input.name,
    description: input.description ?? "",
    roleIds: [...(input.roleIds ?? [])],
    environmentIds: [...(input.environmentIds ?? [])],
  };
  const subject = { type: "group", id: row.id, name: row.name } as const;
  const effect = { action: "group.created", subject, before: null, after: properties(row), environmentId: null };
  commit(store, write, [effect], () => {
    insertRow(store.groups, row, row.name);
    store.memberships.set(row.id, new Set());
  });
  return row;
}

/** Replaces the named properties of a group. What changes nothing is no write and keeps the ETag. */
export function updateGroup(
  store: Store,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  patch: GroupInput,
): GroupRow {
  const row = findRow(store.groups, id, "group");
  requireMatch(row, ifMatch);
  if (patch.name !== undefined) requireFreeName(store.groups, patch.name, id);
  requireReferences(store, patch);
  const change = changedProperties(row, patch);
  if (!change) return row;
  const subject = { type: "group", id, name: patch.name ?? row.name } as const;
  commit(store, write, [{ action: "group.updated", subject, ...change, environmentId: null }], () => {
    if (patch.name !== undefined) renameRow(store.groups, row, row.name, patch.name);
    Object.assign(row, change.after);
    touchRow(store, store.groups, row);
  });
  return row;
}

/** Deletes a group without members; 409 otherwise. */
export function deleteGroup(store: Store, write: Write, id: string, ifMatch: string | undefined): void {
  const row = findRow(store.groups, id, "group");
  requireMatch(row, ifMatch);
  const members = store.memberships.get(id)?.size ?? 0;
  if (members > 0) throw new Problem("in-use", `The group ${JSON.stringify(row.name)} has ${members} members.`);
  const subject = { type: "group", id, name: row.name } as const;
  const effect = { action: "group.deleted", subject, before: properties(row), after: null, environmentId: null };
  commit(store, write, [effect], () => {
    removeRow(store.groups, row, row.name);
    store.memberships.delete(id);
  });
}

function properties({ name, description, roleIds, environmentIds }: GroupRow): { readonly [name: string]: unknown } {
  return { name, description, roleIds, environmentIds };
}

function requireReferences(store: Store, input: GroupInput): void {
  for (const [index, id] of (input.roleIds ?? []).entries())
    if (!store.roles.byId.has(id)) throw unprocessable(`/roleIds/${index}`, `There is no role ${JSON.stringify(id)}.`);
  for (const [index, id] of (input.environmentIds ?? []).entries())
    if (!store.environments.some((environment) => environment.id === id))
      throw unprocessable(`/environmentIds/${index}`, `There is no environment ${JSON.stringify(id)}.`);
}
