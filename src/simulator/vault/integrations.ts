// The rules of a workspace's integrations: unique names in the workspace, and a product of its own or none.
import { etagOf, insertRow, removeRow, renameRow, touchRow } from "../collection.ts";
import { commit, type Write } from "../ledger.ts";
import { changedProperties, findRow, requireMatch } from "../rows.ts";
import type { IntegrationRow, VaultEffect } from "./records.ts";
import {
  nameWithin,
  newVaultId,
  productWithin,
  qualified,
  referred,
  requireFreeWithin,
  type VaultStore,
} from "./store.ts";

export interface IntegrationInput {
  readonly productId?: string | null;
  readonly name?: string;
  readonly description?: string;
  readonly callbackUrl?: string;
  readonly environment?: string;
}

/** An integration as the API shows it. */
export function integrationView(row: IntegrationRow): object {
  const { id, workspaceId, productId, name, description, callbackUrl, environment } = row;
  return { id, workspaceId, productId, name, description, callbackUrl, environment, etag: etagOf(row) };
}

/** Creates an integration; 409 when the workspace has one of that name, 422 for a product of another workspace. */
export function createIntegration(
  vault: VaultStore,
  write: Write,
  input: IntegrationInput & Pick<IntegrationRow, "workspaceId" | "name" | "callbackUrl" | "environment">,
): IntegrationRow {
  const { workspaceId, productId = null, name, description = "", callbackUrl, environment } = input;
  const workspace = referred(vault.workspaces, workspaceId, "/workspaceId", "workspace");
  if (productId !== null) productWithin(vault, workspace, productId);
  requireFreeWithin(vault.integrations, workspace, name, null);
  const properties = { workspaceId, productId, name, description, callbackUrl, environment };
  const row: IntegrationRow = {
    id: newVaultId(vault, "integration"),
    seq: vault.integrations.nextSeq++,
    version: vault.changes + 1,
    ...properties,
  };
  commit(vault, write, [effectOf(vault, row, "integration.created", { before: null, after: properties })], () =>
    insertRow(vault.integrations, row, nameWithin(workspace, name)),
  );
  return row;
}

/** Replaces the named properties of an integration. */
export function updateIntegration(
  vault: VaultStore,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  patch: IntegrationInput,
): IntegrationRow {
  const row = findRow(vault.integrations, id, "integration");
  requireMatch(row, ifMatch);
  const workspace = findRow(vault.workspaces, row.workspaceId, "workspace");
  if (patch.productId) productWithin(vault, workspace, patch.productId);
  if (patch.name !== undefined) requireFreeWithin(vault.integrations, workspace, patch.name, id);
  const change = changedProperties(row, patch);
  if (!change) return row;
  const { name = row.name } = patch;
  commit(vault, write, [effectOf(vault, { ...row, name }, "integration.updated", change)], () => {
    renameRow(vault.integrations, row, nameWithin(workspace, row.name), nameWithin(workspace, name));
    Object.assign(row, change.after);
    touchRow(vault, vault.integrations, row);
  });
  return row;
}

/** Deletes an integration. */
export function deleteIntegration(vault: VaultStore, write: Write, id: string, ifMatch: string | undefined): void {
  const row = findRow(vault.integrations, id, "integration");
  requireMatch(row, ifMatch);
  const { workspaceId, productId, name, description, callbackUrl, environment } = row;
  const before = { workspaceId, productId, name, description, callbackUrl, environment };
  commit(vault, write, [effectOf(vault, row, "integration.deleted", { before, after: null })], () =>
    removeRow(vault.integrations, row, nameWithin(vault.workspaces.byId.get(workspaceId), name)),
  );
}

function effectOf(
  vault: VaultStore,
  { id, workspaceId, name }: IntegrationRow,
  action: string,
  change: Pick<VaultEffect, "before" | "after">,
): VaultEffect {
  const subject = { type: "integration", id, name: qualified(vault, workspaceId, name) };
  return { action, subject, ...change, workspaceId };
}
