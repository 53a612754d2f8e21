// The people of an account: invited, active, removed for good. What they are in workspaces and products is part of them, and a
// workspace with an active Owner keeps one. What they do by themselves is told of them, and is no change anybody made.
import { etagOf, insertRow, removeRow, renameRow, touchRow } from "../collection.ts";
import { commit, type Write } from "../ledger.ts";
import { Problem } from "../problems.ts";
import type { Subject } from "../records.ts";
import { changedProperties, findRow, requireFreeName, requireMatch } from "../rows.ts";
import { membershipEffect } from "./groups.ts";
import { ownershipEffect } from "./keys.ts";
import {
  type VaultEffect,
  type VaultMemberFacts,
  type VaultMemberRow,
  WORKSPACE_ROLES,
  type WorkspaceGrant,
} from "./records.ts";
import { newVaultId, referred, sortedRoleIds, type VaultStore } from "./store.ts";

export interface VaultMemberInput {
  readonly email?: string;
  readonly firstName?: string;
  readonly lastName?: string;
  readonly workspaces?: readonly WorkspaceGrant[];
  readonly roleIds?: readonly string[];
}

/** A member as the API shows them; facts that are not known of them do not come out in JSON. */
export function vaultMemberView(row: VaultMemberRow): object {
  const { id, email, firstName, lastName, status, workspaces, roleIds, twoFactorEnabled, lastActiveAt } = row;
  const shown = { id, email, firstName, lastName, status, workspaces, roleIds, twoFactorEnabled, lastActiveAt };
  return { ...shown, etag: etagOf(row) };
}

/** Invites a person; 409 when the address exists. */
export function createVaultMember(
  vault: VaultStore,
  write: Write,
  input: VaultMemberInput & { readonly email: string },
): VaultMemberRow {
  const { email, firstName = "", lastName = "" } = input;
  requireFreeName(vault.members, email, null);
  const lists = listsOf(vault, { workspaces: [], roleIds: [], ...input });
  const row: VaultMemberRow = {
    id: newVaultId(vault, "member"),
    seq: vault.members.nextSeq++,
    version: vault.changes + 1,
    email,
    firstName,
    lastName,
    status: "invited",
    workspaces: lists.workspaces ?? [],
    roleIds: lists.roleIds ?? [],
    twoFactorEnabled: false,
    lastActiveAt: null,
  };
  const after = { email, firstName, lastName, status: row.status, ...lists };
  commit(vault, write, [effectOf(row, "member.invited", { before: null, after })], () => {
    insertRow(vault.members, row, email);
    vault.memberBySeq[row.seq] = row;
  });
  return row;
}

/** Changes names, address, workspace roles or direct product roles. 409 for taking a workspace's last active Owner. */
export function updateVaultMember(
  vault: VaultStore,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  patch: VaultMemberInput,
): VaultMemberRow {
  const row = findRow(vault.members, id, "member");
  requireMatch(row, ifMatch);
  if (patch.email !== undefined) requireFreeName(vault.members, patch.email, id);
  const wanted = { ...patch, ...listsOf(vault, patch) };
  if (wanted.workspaces) requireOtherOwners(vault, row, wanted.workspaces);
  const change = changedProperties(row, wanted);
  if (!change) return row;
  commit(vault, write, [effectOf({ ...row, email: patch.email ?? row.email }, "member.updated", change)], () => {
    renameRow(vault.members, row, row.email, patch.email ?? row.email);
    Object.assign(row, change.after);
    touchRow(vault, vault.members, row);
  });
  return row;
}

/** Removes a person: out of every group first, and their keys are left without an owner, all in one write. */
export function removeVaultMember(vault: VaultStore, write: Write, id: string, ifMatch: string | undefined): void {
  const row = findRow(vault.members, id, "member");
  requireMatch(row, ifMatch);
  requireOtherOwners(vault, row, []);
  const groups = [...vault.groups.byId.values()].filter((group) => vault.memberships.get(group.id)?.has(row.seq));
  const keys = [...vault.keys.byId.values()].filter((key) => key.ownerId === id);
  const { email, firstName, lastName, status, workspaces, roleIds } = row;
  const before = { email, firstName, lastName, status, workspaces, roleIds };
  const effects = [
    ...groups.map((group) => membershipEffect(vault, "membership.removed", group, row)),
    ...keys.map((key) => ownershipEffect(vault, key, null)),
    effectOf(row, "member.removed", { before, after: null }),
  ];
  commit(vault, write, effects, () => {
    for (const group of groups) vault.memberships.get(group.id)?.delete(row.seq);
    if (groups.length > 0) vault.membershipsRevision++;
    for (const key of keys) {
      key.ownerId = null;
      touchRow(vault, vault.keys, key);
    }
    removeRow(vault.members, row, email);
    vault.memberBySeq[row.seq] = undefined;
  });
}

/** What the person does who was invited; nothing for someone who is not `invited`. */
export function acceptVaultInvitation(vault: VaultStore, id: string): VaultMemberRow {
  const row = findRow(vault.members, id, "member");
  if (row.status !== "invited") return row;
  const actor = { type: "member", id, name: row.email } as const;
  const change = { before: { status: "invited" }, after: { status: "active" } };
  commit(vault, { actor, operation: "acceptVaultInvitation" }, [effectOf(row, "member.accepted", change)], () => {
    row.status = "active";
    if (row.lastActiveAt !== undefined) row.lastActiveAt = new Date(vault.now()).toISOString();
    touchRow(vault, vault.members, row);
  });
  return row;
}

/** Replaces what is told of a member. No write: neither versions nor revisions move, and the audit log stays as it is. */
export function setVaultFacts(
  vault: VaultStore,
  id: string,
  { twoFactorEnabled, lastActiveAt }: VaultMemberFacts,
): VaultMemberRow {
  const row = findRow(vault.members, id, "member");
  delete row.twoFactorEnabled;
  delete row.lastActiveAt;
  if (twoFactorEnabled !== undefined) row.twoFactorEnabled = twoFactorEnabled;
  if (lastActiveAt !== undefined) row.lastActiveAt = lastActiveAt;
  vault.factsRevision++;
  vault.onChange();
  return row;
}

/** The lists of an input in the platform's own order; 422 for what they refer to and is not there. */
function listsOf(
  vault: VaultStore,
  { workspaces, roleIds }: VaultMemberInput,
): Pick<VaultMemberInput, "workspaces" | "roleIds"> {
  return {
    ...(workspaces && { workspaces: sortedGrants(vault, workspaces) }),
    ...(roleIds && { roleIds: sortedRoleIds(vault, roleIds, "roleIds") }),
  };
}

function sortedGrants(vault: VaultStore, grants: readonly WorkspaceGrant[]): readonly WorkspaceGrant[] {
  const placed = grants.map(({ workspaceId, role }, index) => {
    const { seq } = referred(vault.workspaces, workspaceId, `/workspaces/${index}/workspaceId`, "workspace");
    return { grant: { workspaceId, role }, order: seq * WORKSPACE_ROLES.length + WORKSPACE_ROLES.indexOf(role) };
  });
  return placed.sort((a, b) => a.order - b.order).map(({ grant }) => grant);
}

/** Refuses to take the last active Owner from a workspace; one that has none cannot lose it. */
function requireOtherOwners(vault: VaultStore, row: VaultMemberRow, wanted: readonly WorkspaceGrant[]): void {
  if (row.status !== "active") return;
  const keeps = ownedBy(wanted);
  for (const id of ownedBy(row.workspaces)) {
    if (keeps.has(id) || hasOtherOwner(vault, id, row)) continue;
    const shortname = vault.workspaces.byId.get(id)?.shortname ?? id;
    throw new Problem("last-owner", `${row.email} is the last active Owner of ${shortname}.`);
  }
}

function hasOtherOwner(vault: VaultStore, workspaceId: string, row: VaultMemberRow): boolean {
  for (const other of vault.members.byId.values())
    if (other !== row && other.status === "active" && ownedBy(other.workspaces).has(workspaceId)) return true;
  return false;
}

function ownedBy(grants: readonly WorkspaceGrant[]): ReadonlySet<string> {
  return new Set(grants.filter(({ role }) => role === "Owner").map(({ workspaceId }) => workspaceId));
}

function effectOf(
  { id, email }: VaultMemberRow,
  action: string,
  change: Pick<VaultEffect, "before" | "after">,
): VaultEffect {
  const subject: Subject = { type: "member", id, name: email };
  return { action, subject, ...change, workspaceId: null };
}
