// What refers to what in an account, and must: checked over the whole of it, for documents that are loaded and for tests.
import type { VaultStore } from "./store.ts";
import { workspaceOf } from "./store.ts";

/** Every reference that leads nowhere, or out of its workspace or product. */
export function findBrokenReferences(vault: VaultStore): string[] {
  return [...brokenEstate(vault), ...brokenPeople(vault), ...brokenConnections(vault)];
}

function brokenEstate({ workspaces, products, roles }: VaultStore): string[] {
  const broken: string[] = [];
  for (const { id, workspaceId } of products.byId.values())
    if (!workspaces.byId.has(workspaceId)) broken.push(`Product ${id} is of the unknown workspace ${workspaceId}.`);
  for (const { id, productId, impliedRoleIds } of roles.byId.values()) {
    if (!products.byId.has(productId)) broken.push(`Role ${id} is of the unknown product ${productId}.`);
    for (const other of impliedRoleIds)
      if (roles.byId.get(other)?.productId !== productId || other === id)
        broken.push(`Role ${id} includes ${other}, which is no other role of its product.`);
  }
  return broken;
}

function brokenPeople(vault: VaultStore): string[] {
  const { workspaces, roles, groups, members, memberships, memberBySeq } = vault;
  const broken: string[] = [];
  for (const { id, workspaceId, roleIds } of groups.byId.values()) {
    if (!workspaces.byId.has(workspaceId)) broken.push(`Group ${id} is of the unknown workspace ${workspaceId}.`);
    for (const roleId of roleIds)
      if (workspaceOf(vault, roles.byId.get(roleId)?.productId ?? "")?.id !== workspaceId)
        broken.push(`Group ${id} has ${roleId}, which is no role of its workspace.`);
    if (!memberships.has(id)) broken.push(`Group ${id} has no set of members.`);
  }
  for (const member of members.byId.values()) {
    if (memberBySeq[member.seq] !== member) broken.push(`The member ${member.id} is not found by their place.`);
    for (const { workspaceId } of member.workspaces)
      if (!workspaces.byId.has(workspaceId))
        broken.push(`Member ${member.id} is in the unknown workspace ${workspaceId}.`);
    for (const roleId of member.roleIds)
      if (!roles.byId.has(roleId)) broken.push(`Member ${member.id} has the unknown role ${roleId}.`);
  }
  for (const member of memberBySeq)
    if (member && members.byId.get(member.id) !== member) broken.push(`${member.id} has a place and is no member.`);
  for (const [groupId, seqs] of memberships) {
    if (!groups.byId.has(groupId)) broken.push(`There are memberships of the unknown group ${groupId}.`);
    for (const seq of seqs) if (!memberBySeq[seq]) broken.push(`Group ${groupId} has an unknown member.`);
  }
  return broken;
}

function brokenConnections({ workspaces, products, members, integrations, keys }: VaultStore): string[] {
  const broken: string[] = [];
  for (const { id, workspaceId, productId } of [...integrations.byId.values(), ...keys.byId.values()]) {
    if (!workspaces.byId.has(workspaceId)) broken.push(`${id} is of the unknown workspace ${workspaceId}.`);
    if (productId !== null && products.byId.get(productId)?.workspaceId !== workspaceId)
      broken.push(`${id} is for ${productId}, which is no product of its workspace.`);
  }
  for (const { id, ownerId } of keys.byId.values())
    if (ownerId !== null && !members.byId.has(ownerId))
      broken.push(`API key ${id} is owned by the unknown ${ownerId}.`);
  return broken;
}
