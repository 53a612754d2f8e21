// What the Vault's console sets up and this API only adjusts: workspaces, and the products bought for them.
import { etagOf, touchRow } from "../collection.ts";
import { commit, type Write } from "../ledger.ts";
import { changedProperties, findRow, requireMatch } from "../rows.ts";
import type { ProductRow, WorkspaceRow } from "./records.ts";
import { qualified, type VaultStore } from "./store.ts";

export interface WorkspacePatch {
  readonly purpose?: string;
  readonly region?: string;
  readonly team?: string;
}

/** A workspace as the API shows it. */
export function workspaceView(row: WorkspaceRow): object {
  const { id, shortname, purpose, region, team } = row;
  return { id, shortname, purpose, region, team, etag: etagOf(row) };
}

/** A product as the API shows it. */
export function productView(row: ProductRow): object {
  const { id, workspaceId, shortname, type, tier, active, subscribed } = row;
  return { id, workspaceId, shortname, type, tier, active, subscribed, etag: etagOf(row) };
}

/** Replaces the named properties of a workspace. */
export function updateWorkspace(
  vault: VaultStore,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  patch: WorkspacePatch,
): WorkspaceRow {
  const row = findRow(vault.workspaces, id, "workspace");
  requireMatch(row, ifMatch);
  const change = changedProperties(row, patch);
  if (!change) return row;
  const subject = { type: "workspace", id, name: row.shortname };
  commit(vault, write, [{ action: "workspace.updated", subject, ...change, workspaceId: id }], () => {
    Object.assign(row, change.after);
    touchRow(vault, vault.workspaces, row);
  });
  return row;
}

/** Switches a product on or off. */
export function updateProduct(
  vault: VaultStore,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  { active }: { readonly active: boolean },
): ProductRow {
  const row = findRow(vault.products, id, "product");
  requireMatch(row, ifMatch);
  const change = changedProperties(row, { active });
  if (!change) return row;
  const { workspaceId, shortname } = row;
  const subject = { type: "product", id, name: qualified(vault, workspaceId, shortname) };
  commit(vault, write, [{ action: "product.updated", subject, ...change, workspaceId }], () => {
    row.active = active;
    touchRow(vault, vault.products, row);
  });
  return row;
}
