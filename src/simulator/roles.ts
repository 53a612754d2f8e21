// The platform's rules for roles: unique names, permissions the Workbench offers, no deletion while a group holds one.

import { etagOf, insertRow, removeRow, renameRow, touchRow } from "./collection.ts";
import { commit, type Write } from "./ledger.ts";
import { Problem, unprocessable } from "./problems.ts";
import type { Permission, RoleRow } from "./records.ts";
import { RESOURCES } from "./resources.ts";
import { changedProperties, findRow, requireFreeName, requireMatch } from "./rows.ts";
import { newId, type Store } from "./store.ts";

export interface RoleInput {
  readonly name?: string;
  readonly description?: string;
  readonly permissions?: readonly Permission[];
}

/** A role as the API shows it. */
export function roleView(row: RoleRow): object {
  const { id, name, description, permissions } = row;
  return { id, name, description, permissions, etag: etagOf(row) };
}

/** Creates a role; 409 when the name exists. */
export function createRole(store: Store, write: Write, input: RoleInput & { readonly name: string }): RoleRow {
  requireFreeName(store.roles, input.name, null);
  const row: RoleRow = {
    id: newId(store, "role"),
    seq: store.roles.nextSeq++,
    version: store.changes + 1,
    name: input.name,
    description: input.description ?? "",
    permissions: normalPermissions(input.permissions ?? []),
  };
  const after = { name: row.name, description: row.description, permissions: row.permissions };
  const subject = { type: "role", id: row.id, name: row.name } as const;
  commit(store, write, [{ action: "role.created", subject, before: null, after, environmentId: null }], () =>
    insertRow(store.roles, row, row.name),
  );
  return row;
}

/** Replaces the named properties of a role. What changes nothing is no write and keeps the ETag. */
export function updateRole(
  store: Store,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  patch: RoleInput,
): RoleRow {
  const row = findRow(store.roles, id, "role");
  requireMatch(row, ifMatch);
  if (patch.name !== undefined) requireFreeName(store.roles, patch.name, id);
  const wanted = patch.permissions ? { ...patch, permissions: normalPermissions(patch.permissions) } : patch;
  const change = changedProperties(row, wanted);
  if (!change) return row;
  const subject = { type: "role", id, name: wanted.name ?? row.name } as const;
  commit(store, write, [{ action: "role.updated", subject, ...change, environmentId: null }], () => {
    if (wanted.name !== undefined) renameRow(store.roles, row, row.name, wanted.name);
    Object.assign(row, change.after);
    touchRow(store, store.roles, row);
  });
  return row;
}

/** Deletes a role that no group holds; 409 otherwise. */
export function deleteRole(store: Store, write: Write, id: string, ifMatch: string | undefined): void {
  const row = findRow(store.roles, id, "role");
  requireMatch(row, ifMatch);
  for (const group of store.groups.byId.values())
    if (group.roleIds.includes(id))
      throw new Problem(
        "in-use",
        `The group ${JSON.stringify(group.name)} holds the role ${JSON.stringify(row.name)}.`,
      );
  const before = { name: row.name, description: row.description, permissions: row.permissions };
  const subject = { type: "role", id, name: row.name } as const;
  commit(store, write, [{ action: "role.deleted", subject, before, after: null, environmentId: null }], () => {
    removeRow(store.roles, row, row.name);
  });
}

/** The platform keeps permissions in the order of their resources, and refuses what a resource does not offer. */
function normalPermissions(permissions: readonly Permission[]): readonly Permission[] {
  const seen = new Set<string>();
  for (const [index, { resource, level }] of permissions.entries()) {
    const levels = RESOURCES.get(resource);
    const pointer = `/permissions/${index}`;
    if (!levels) throw unprocessable(`${pointer}/resource`, `There is no resource ${JSON.stringify(resource)}.`);
    if (!levels.includes(level)) throw unprocessable(`${pointer}/level`, `${resource} does not offer ${level}.`);
    if (seen.has(resource)) throw unprocessable(`${pointer}/resource`, `${resource} is there twice.`);
    seen.add(resource);
  }
  return permissions
    .map(({ resource, level }) => ({ resource, level }))
    .sort((a, b) => (a.resource < b.resource ? -1 : a.resource > b.resource ? 1 : 0));
}
