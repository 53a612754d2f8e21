// The rules of a product's own roles: unique names in the product, including only roles of the same product, no deletion while
// somebody or something has one. The built-in Admin includes all others and is never changed.
import { etagOf, insertRow, removeRow, renameRow, touchRow } from "../collection.ts";
import { commit, type Write } from "../ledger.ts";
import { Problem, unprocessable } from "../problems.ts";
import { changedProperties, findRow, requireMatch } from "../rows.ts";
import type { ProductRoleRow, VaultEffect } from "./records.ts";
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

export interface ProductRoleInput {
  readonly name?: string;
  readonly description?: string;
  readonly impliedRoleIds?: readonly string[];
}

/** The name of the role that comes with every product. */
export const BUILT_IN = "Admin";

/** A product's role as the API shows it. */
export function productRoleView(vault: VaultStore, row: ProductRoleRow): object {
  const { id, productId, name, description, builtIn } = row;
  const workspaceId = workspaceOf(vault, productId)?.id ?? "";
  const impliedRoleIds = builtIn ? othersOf(vault, row) : row.impliedRoleIds;
  return { id, workspaceId, productId, name, description, impliedRoleIds, builtIn, etag: etagOf(row) };
}

function othersOf(vault: VaultStore, { id, productId }: ProductRoleRow): readonly string[] {
  return [...vault.roles.byId.values()]
    .filter((row) => row.productId === productId && row.id !== id)
    .map((row) => row.id);
}

/** Creates a role; 409 when the product has one of that name, 422 for including another product's. */
export function createProductRole(
  vault: VaultStore,
  write: Write,
  input: ProductRoleInput & { readonly productId: string; readonly name: string },
): ProductRoleRow {
  const { productId, name, description = "", impliedRoleIds = [] } = input;
  const product = referred(vault.products, productId, "/productId", "product");
  requireFreeWithin(vault.roles, product, name, null);
  const row: ProductRoleRow = {
    id: newVaultId(vault, "product role"),
    seq: vault.roles.nextSeq++,
    version: vault.changes + 1,
    productId,
    name,
    description,
    impliedRoleIds: impliedWithin(vault, productId, impliedRoleIds, null),
    builtIn: false,
  };
  const after = { productId, name, description, impliedRoleIds: row.impliedRoleIds };
  commit(vault, write, [effectOf(vault, row, "product-role.created", { before: null, after })], () => {
    insertRow(vault.roles, row, nameWithin(product, name));
    touchAdmin(vault, productId);
  });
  return row;
}

/** Replaces the named properties of a role; 403 for a built-in one. */
export function updateProductRole(
  vault: VaultStore,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  patch: ProductRoleInput,
): ProductRoleRow {
  const row = findRow(vault.roles, id, "product role");
  requireOwn(row);
  requireMatch(row, ifMatch);
  const product = vault.products.byId.get(row.productId);
  if (patch.name !== undefined) requireFreeWithin(vault.roles, product, patch.name, id);
  const implied = patch.impliedRoleIds && impliedWithin(vault, row.productId, patch.impliedRoleIds, id);
  const change = changedProperties(row, { ...patch, ...(implied && { impliedRoleIds: implied }) });
  if (!change) return row;
  const { name = row.name } = patch;
  commit(vault, write, [effectOf(vault, { ...row, name }, "product-role.updated", change)], () => {
    renameRow(vault.roles, row, nameWithin(product, row.name), nameWithin(product, name));
    Object.assign(row, change.after);
    touchRow(vault, vault.roles, row);
  });
  return row;
}

/** Deletes a role that nobody and nothing has; 409 otherwise, 403 for a built-in one. */
export function deleteProductRole(vault: VaultStore, write: Write, id: string, ifMatch: string | undefined): void {
  const row = findRow(vault.roles, id, "product role");
  requireOwn(row);
  requireMatch(row, ifMatch);
  requireUnused(vault, row);
  const { productId, name, description, impliedRoleIds } = row;
  const before = { productId, name, description, impliedRoleIds };
  commit(vault, write, [effectOf(vault, row, "product-role.deleted", { before, after: null })], () => {
    removeRow(vault.roles, row, nameWithin(vault.products.byId.get(productId), name));
    touchAdmin(vault, productId);
  });
}

function requireOwn({ name, builtIn }: ProductRoleRow): void {
  if (builtIn) throw new Problem("built-in", `The role ${JSON.stringify(name)} comes with its product.`);
}

function requireUnused(vault: VaultStore, { id, name }: ProductRoleRow): void {
  const inUse = (by: string) => new Problem("in-use", `${by} the role ${JSON.stringify(name)}.`);
  for (const group of vault.groups.byId.values())
    if (group.roleIds.includes(id)) throw inUse(`The group ${JSON.stringify(group.name)} holds`);
  for (const member of vault.members.byId.values())
    if (member.roleIds.includes(id)) throw inUse(`The member ${JSON.stringify(member.email)} holds`);
  for (const role of vault.roles.byId.values())
    if (role.impliedRoleIds.includes(id)) throw inUse(`The role ${JSON.stringify(role.name)} includes`);
}

function impliedWithin(
  vault: VaultStore,
  productId: string,
  ids: readonly string[],
  self: string | null,
): readonly string[] {
  for (const [index, id] of ids.entries()) {
    const role = referred(vault.roles, id, `/impliedRoleIds/${index}`, "product role");
    if (role.productId !== productId)
      throw unprocessable(`/impliedRoleIds/${index}`, `The role ${JSON.stringify(role.name)} is another product's.`);
    if (id === self) throw unprocessable(`/impliedRoleIds/${index}`, "A role includes itself anyway.");
  }
  return sortedRoleIds(vault, ids, "impliedRoleIds");
}

/** The built-in role includes one role more, or one less. */
function touchAdmin(vault: VaultStore, productId: string): void {
  for (const row of vault.roles.byId.values())
    if (row.builtIn && row.productId === productId) touchRow(vault, vault.roles, row);
}

function effectOf(
  vault: VaultStore,
  { id, productId, name }: ProductRoleRow,
  action: string,
  change: Pick<VaultEffect, "before" | "after">,
): VaultEffect {
  const product = vault.products.byId.get(productId);
  const workspaceId = product?.workspaceId ?? "";
  const shown = qualified(vault, workspaceId, `${product?.shortname}/${name}`);
  return { action, subject: { type: "product-role", id, name: shown }, ...change, workspaceId };
}
