// The life of an API key: made, used against its product, revoked or expired. A secret is made here, handed to whoever asked for the
// key, and kept only as a digest; nothing that is listed, saved or logged holds one.
import { randomInt } from "node:crypto";
import { digestSecret, readBearer } from "../auth.ts";
import { etagOf, insertRow, touchRow } from "../collection.ts";
import { commit, type Write } from "../ledger.ts";
import { Problem, unprocessable } from "../problems.ts";
import { findRow, requireMatch } from "../rows.ts";
import type { ApiKeyRow, VaultEffect } from "./records.ts";
import { newVaultId, productWithin, qualified, referred, type VaultStore } from "./store.ts";

export interface ApiKeyInput {
  readonly workspaceId: string;
  readonly productId: string;
  readonly name: string;
  readonly purpose: string;
  readonly ownerId: string;
  readonly expiresAt?: string;
}

/** What is told of a key. */
export function apiKeyView(row: ApiKeyRow): object {
  const { id, workspaceId, productId, name, purpose, ownerId, createdAt, createdBy } = row;
  const { expiresAt, revokedAt, lastUsedAt, lastFour, secretDigest } = row;
  const fingerprint = secretDigest.slice(0, 16);
  const made = { id, workspaceId, productId, name, purpose, ownerId, createdAt, createdBy };
  return { ...made, expiresAt, revokedAt, lastUsedAt, lastFour, fingerprint, etag: etagOf(row) };
}

/** What a key is found by in its collection: names are not unique. */
export function apiKeyName({ seq }: ApiKeyRow): string {
  return `${seq}`;
}

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Makes a key, and gives its secret this once. 422 for a product of another workspace, an unknown owner, or an end that is past. */
export function createApiKey(vault: VaultStore, write: Write, input: ApiKeyInput): { row: ApiKeyRow; secret: string } {
  const { workspaceId, productId, name, purpose, ownerId } = input;
  const workspace = referred(vault.workspaces, workspaceId, "/workspaceId", "workspace");
  productWithin(vault, workspace, productId);
  referred(vault.members, ownerId, "/ownerId", "member");
  const expiresAt = input.expiresAt === undefined ? null : futureInstant(vault, input.expiresAt);
  const random = Array.from({ length: 32 }, () => LETTERS[randomInt(LETTERS.length)]).join("");
  const secret = `avk_${purpose.charAt(0)}_${random}`;
  const row: ApiKeyRow = {
    id: newVaultId(vault, "api key"),
    seq: vault.keys.nextSeq++,
    version: vault.changes + 1,
    workspaceId,
    productId,
    name,
    purpose,
    ownerId,
    createdAt: new Date(vault.now()).toISOString(),
    createdBy: write.actor.name,
    expiresAt,
    revokedAt: null,
    lastUsedAt: null,
    lastFour: secret.slice(-4),
    secretDigest: digestSecret(secret),
  };
  const after = { workspaceId, productId, name, purpose, ownerId, expiresAt };
  commit(vault, write, [effectOf(vault, row, "api-key.created", { before: null, after })], () =>
    insertRow(vault.keys, row, apiKeyName(row)),
  );
  return { row, secret };
}

/** Gives a key another owner. */
export function updateApiKey(
  vault: VaultStore,
  write: Write,
  id: string,
  ifMatch: string | undefined,
  { ownerId }: { readonly ownerId: string },
): ApiKeyRow {
  const row = findRow(vault.keys, id, "API key");
  requireMatch(row, ifMatch);
  referred(vault.members, ownerId, "/ownerId", "member");
  if (row.ownerId === ownerId) return row;
  commit(vault, write, [ownershipEffect(vault, row, ownerId)], () => {
    row.ownerId = ownerId;
    touchRow(vault, vault.keys, row);
  });
  return row;
}

/** Revokes a key; one that is revoked stays as it is. */
export function revokeApiKey(vault: VaultStore, write: Write, id: string): ApiKeyRow {
  const row = findRow(vault.keys, id, "API key");
  if (row.revokedAt !== null) return row;
  const change = { before: { revokedAt: null }, after: { revokedAt: new Date(vault.now()).toISOString() } };
  commit(vault, write, [effectOf(vault, row, "api-key.revoked", change)], () => {
    row.revokedAt = change.after.revokedAt;
    touchRow(vault, vault.keys, row);
  });
  return row;
}

/**
 * Serves a product to a key, and notes the use. 401 unless the key is alive, of this product, and made for what the workspace
 * is for; 403 when the product or its subscription is not active.
 */
export function pingProduct(vault: VaultStore, workspace: string, product: string, header: string | undefined): object {
  const row = keyOf(vault, readBearer(header));
  const [home, at] = [row && vault.workspaces.byId.get(row.workspaceId), row && vault.products.byId.get(row.productId)];
  const isRight = home?.shortname === workspace && at?.shortname === product && row?.purpose === home.purpose;
  if (!row || !at || !isRight || !isAlive(row, vault.now()))
    throw new Problem("unauthorized", "The API key is missing, unknown, revoked, expired, or of another environment.");
  if (!at.active || !at.subscribed)
    throw new Problem("product-inactive", `The ${at.active ? "subscription" : "product"} is not active.`);
  row.lastUsedAt = new Date(vault.now()).toISOString();
  vault.factsRevision++;
  vault.onChange();
  return { workspace, product, purpose: row.purpose };
}

function keyOf(vault: VaultStore, secret: string | undefined): ApiKeyRow | undefined {
  const digest = secret === undefined ? "" : digestSecret(secret);
  for (const row of vault.keys.byId.values()) if (row.secretDigest === digest) return row;
  return undefined;
}

function isAlive({ revokedAt, expiresAt }: ApiKeyRow, now: number): boolean {
  return revokedAt === null && (expiresAt === null || Date.parse(expiresAt) > now);
}

function futureInstant(vault: VaultStore, expiresAt: string): string {
  const at = Date.parse(expiresAt);
  if (!(at > vault.now())) throw unprocessable("/expiresAt", "A key has to end after it begins.");
  return new Date(at).toISOString();
}

/** What the audit log says of a key that comes to another owner, or to none. */
export function ownershipEffect(vault: VaultStore, row: ApiKeyRow, ownerId: string | null): VaultEffect {
  return effectOf(vault, row, "api-key.updated", { before: { ownerId: row.ownerId }, after: { ownerId } });
}

function effectOf(
  vault: VaultStore,
  { id, workspaceId, name }: ApiKeyRow,
  action: string,
  change: Pick<VaultEffect, "before" | "after">,
): VaultEffect {
  return {
    action,
    subject: { type: "api-key", id, name: qualified(vault, workspaceId, name) },
    ...change,
    workspaceId,
  };
}
