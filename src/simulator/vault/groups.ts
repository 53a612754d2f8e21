// The rules of a workspace's groups: unique names in the workspace, roles of its own products only, no deletion while there are
// members. Who is in a group need not be in the workspace; that opens nothing.
import { etagOf, insertRow, removeRow, renameRow, touchRow } from "../collection.ts";
import { commit, type Write } from "../ledger.ts";
import { type BatchInput, type BatchResult, moveMembers, readBatch } from "../memberships.ts";
import { Problem, unprocessable } from "../problems.ts";
import { changedProperties, findRow, requireMatch } from "../rows.ts";
import type { VaultEffect, VaultGroupRow, VaultMemberRow } from "./records.ts";
import {
  nameWithin,
  newVaultId,
  qualified,
  referred,
  requireFreeWithin,
  sortedRoleIds,
  type VaultStore,
  workspaceOf,
} from "./store.ts";

export interface VaultGroupInput {
  readonly name?: string;
  readonly description?: string;
  readonly roleIds?: readonly string[];
}

/** A group as the API shows it. */
export function vaultGroupView(row: VaultGroupRow): object {
  const { id, workspaceId, name, description, roleIds } = row;
  return { id, workspaceId, name, description, roleIds, etag: etagOf(row) };
}

/** Creates a group; 409 when the workspace has one of that name, 422 for a role of another workspace. */
export function createVaultGroup(
  vault: VaultStore,
  write: Write,
  input: VaultGroupInput & { readonly workspaceId: string; readonly name: string },
): VaultGroupRow {
  const { workspaceId, name, description = "", roleIds = [] } = input;
  const workspace = referred(vault.workspaces, workspaceId, "/workspaceId", "workspace");
  requireFreeWithin(vault.groups, workspace, name, null);
  const row: VaultGroupRow = {
    id: newVaultId(vault, "group"),
    seq: vault.groups.nextSeq++,
    version: vault.changes + 1,
    workspaceId,
    name,
    description,
    roleIds: rolesWithin(vault, workspaceId, roleIds),
  };
  const after = { workspaceId, name, description, roleIds: row.roleIds };
  commit(vault, write, [effectOf(vault, row, "group.created", { before: null, after })], () => {
    insertRow(vault.groups, row, nameWithin(workspace, name));
    vault.memberships.set(row.id, new Set());
  });
  return row;
}

/** Replaces the named properties of a group. What changes nothing is no write and keeps the ETag. */
export function updateVaultGroup(
  vault: VaultStore,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  patch: VaultGroupInput,
): VaultGroupRow {
  const row = findRow(vault.groups, id, "group");
  requireMatch(row, ifMatch);
  const workspace = vault.workspaces.byId.get(row.workspaceId);
  if (patch.name !== undefined) requireFreeWithin(vault.groups, workspace, patch.name, id);
  const roleIds = patch.roleIds && rolesWithin(vault, row.workspaceId, patch.roleIds);
  const change = changedProperties(row, { ...patch, ...(roleIds && { roleIds }) });
  if (!change) return row;
  const { name = row.name } = patch;
  commit(vault, write, [effectOf(vault, { ...row, name }, "group.updated", change)], () => {
    renameRow(vault.groups, row, nameWithin(workspace, row.name), nameWithin(workspace, name));
    Object.assign(row, change.after);
    touchRow(vault, vault.groups, row);
  });
  return row;
}

/** Deletes a group without members; 409 otherwise. */
export function deleteVaultGroup(vault: VaultStore, write: Write, id: string, ifMatch: string | undefined): void {
  const row = findRow(vault.groups, id, "group");
  requireMatch(row, ifMatch);
  const { workspaceId, name, description, roleIds } = row;
  if ((vault.memberships.get(id)?.size ?? 0) > 0)
    throw new Problem("in-use", `The group ${JSON.stringify(name)} has members.`);
  const before = { workspaceId, name, description, roleIds };
  commit(vault, write, [effectOf(vault, row, "group.deleted", { before, after: null })], () => {
    removeRow(vault.groups, row, nameWithin(vault.workspaces.byId.get(workspaceId), name));
    vault.memberships.delete(id);
  });
}

/** Puts members into a group and takes members out. A batch that changes nothing is no write. */
export function changeVaultMembers(
  vault: VaultStore,
  write: Write,
  groupId: string,
  input: BatchInput,
): readonly BatchResult[] {
  const group = findRow(vault.groups, groupId, "group");
  const present = vault.memberships.get(groupId) ?? new Set<number>();
  const batch = readBatch(vault.members, present, input, () => true);
  const effects = [
    ...batch.joining.map((member) => membershipEffect(vault, "membership.added", group, member)),
    ...batch.leaving.map((member) => membershipEffect(vault, "membership.removed", group, member)),
  ];
  if (effects.length > 0)
    commit(vault, write, effects, () => {
      moveMembers(present, batch);
      vault.membershipsRevision++;
    });
  return batch.results;
}

/** What the audit log says of a member coming into or leaving a group. */
export function membershipEffect(
  vault: VaultStore,
  action: "membership.added" | "membership.removed",
  group: VaultGroupRow,
  member: VaultMemberRow,
): VaultEffect {
  const what = { groupId: group.id, memberId: member.id };
  const name = `${member.email} in ${qualified(vault, group.workspaceId, group.name)}`;
  return {
    action,
    subject: { type: "membership", id: `${group.id}/${member.id}`, name },
    before: action === "membership.removed" ? what : null,
    after: action === "membership.added" ? what : null,
    workspaceId: group.workspaceId,
  };
}

function rolesWithin(vault: VaultStore, workspaceId: string, ids: readonly string[]): readonly string[] {
  const sorted = sortedRoleIds(vault, ids, "roleIds");
  for (const [index, id] of ids.entries()) {
    const role = vault.roles.byId.get(id);
    if (workspaceOf(vault, role?.productId ?? "")?.id !== workspaceId)
      throw unprocessable(`/roleIds/${index}`, `The role ${JSON.stringify(role?.name)} is another workspace's.`);
  }
  return sorted;
}

function effectOf(
  vault: VaultStore,
  { id, workspaceId, name }: VaultGroupRow,
  action: string,
  change: Pick<VaultEffect, "before" | "after">,
): VaultEffect {
  return { action, subject: { type: "group", id, name: qualified(vault, workspaceId, name) }, ...change, workspaceId };
}
