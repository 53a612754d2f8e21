// The rows a simulated Vault account is made of, and the document it is saved and loaded as.
// Types only: the rules that keep them true are in `store.ts` and beside it.
import type { AuditEntry, Effect, KeptAnswer, Row } from "../records.ts";

export interface WorkspaceRow extends Row {
  readonly shortname: string;
  purpose: string;
  region: string;
  team: string;
}

export interface ProductRow extends Row {
  readonly workspaceId: string;
  readonly shortname: string;
  readonly type: string;
  readonly tier: string;
  active: boolean;
  readonly subscribed: boolean;
}

export interface ProductRoleRow extends Row {
  readonly productId: string;
  name: string;
  description: string;
  /** What a built-in role includes is worked out when it is shown. */
  impliedRoleIds: readonly string[];
  /** The product's Admin. */
  readonly builtIn: boolean;
}

export interface VaultGroupRow extends Row {
  readonly workspaceId: string;
  name: string;
  description: string;
  roleIds: readonly string[];
}

export const WORKSPACE_ROLES = ["Owner", "Admin", "Member", "Billing"] as const;
export type WorkspaceRole = (typeof WORKSPACE_ROLES)[number];

export interface WorkspaceGrant {
  readonly workspaceId: string;
  readonly role: WorkspaceRole;
}

export interface VaultMemberRow extends Row {
  email: string;
  firstName: string;
  lastName: string;
  status: "invited" | "active";
  workspaces: readonly WorkspaceGrant[];
  /** Product roles given directly. */
  roleIds: readonly string[];
  /** Absent when the account does not tell. */
  twoFactorEnabled?: boolean;
  /** RFC 3339, of what they last did; null for never, absent when the account does not tell. */
  lastActiveAt?: string | null;
}

/** What the platform tells of a member and nobody can write. */
export type VaultMemberFacts = Pick<VaultMemberRow, "twoFactorEnabled" | "lastActiveAt">;

export interface IntegrationRow extends Row {
  readonly workspaceId: string;
  productId: string | null;
  name: string;
  description: string;
  callbackUrl: string;
  environment: string;
}

export interface ApiKeyRow extends Row {
  readonly workspaceId: string;
  readonly productId: string;
  readonly name: string;
  readonly purpose: string;
  ownerId: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly expiresAt: string | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
  readonly lastFour: string;
  /** SHA-256 of the secret, hexadecimal; the secret itself is kept nowhere. */
  readonly secretDigest: string;
}

/** An effect, and the workspace it belongs to; null for the whole account. */
export interface VaultEffect extends Effect {
  readonly workspaceId: string | null;
}

type Saved<R, Needed extends keyof R> = Pick<R, Needed> &
  Partial<Omit<R, Needed | "seq" | "id" | "version">> & { readonly id: string; readonly version?: number };

/**
 * A whole account as one JSON document: what a state file holds and what `PUT /_simulator/vault` takes. What is optional
 * gets a plain value. A role is built in when its name is Admin; a product without one gets it.
 */
export interface VaultDocument {
  readonly version: 1;
  readonly account: { readonly id: string; readonly name: string };
  /** How many changes there have been; versions are counted with it. */
  readonly changes?: number;
  readonly workspaces: readonly Saved<WorkspaceRow, "shortname" | "purpose">[];
  readonly products: readonly Saved<ProductRow, "workspaceId" | "shortname" | "type">[];
  readonly roles: readonly Saved<ProductRoleRow, "productId" | "name">[];
  readonly groups: readonly Saved<VaultGroupRow, "workspaceId" | "name">[];
  readonly members: readonly Saved<VaultMemberRow, "email">[];
  /** Group id -> ids of its members. */
  readonly memberships: { readonly [groupId: string]: readonly string[] };
  readonly integrations: readonly Saved<IntegrationRow, "workspaceId" | "name" | "callbackUrl" | "environment">[];
  /** A key without a digest has a secret that nobody knows. */
  readonly keys: readonly Saved<ApiKeyRow, "workspaceId" | "productId" | "name" | "purpose">[];
  readonly audit?: readonly AuditEntry<VaultEffect>[];
  readonly keptAnswers?: readonly KeptAnswer[];
}
