// Rows as the access API of a Vault account gives them, and what a whole read brings. Types only: nothing is judged here.
import type {
  ApiKey,
  Group,
  Integration,
  Member,
  Product,
  ProductRole,
  Workspace,
} from "../../generated/types/platform-atomyx.ts";
import type { MembershipRow } from "../rules/membership-sink.ts";

export type WorkspaceRow = Pick<Workspace, "id" | "shortname" | "purpose" | "region" | "team" | "etag">;
export type ProductRow = Pick<
  Product,
  "id" | "workspaceId" | "shortname" | "type" | "tier" | "active" | "subscribed" | "etag"
>;
export type RoleRow = Pick<
  ProductRole,
  "id" | "productId" | "name" | "description" | "impliedRoleIds" | "builtIn" | "etag"
>;
export type GroupRow = Pick<Group, "id" | "workspaceId" | "name" | "description" | "roleIds" | "etag">;
export type MemberRow = Pick<
  Member,
  | "id"
  | "email"
  | "firstName"
  | "lastName"
  | "status"
  | "workspaces"
  | "roleIds"
  | "twoFactorEnabled"
  | "lastActiveAt"
  | "etag"
>;
export type IntegrationRow = Pick<
  Integration,
  "id" | "workspaceId" | "productId" | "name" | "callbackUrl" | "environment" | "etag"
>;
/** What is told of a key. No row that is listed has a secret. */
export type KeyRow = Pick<
  ApiKey,
  | "id"
  | "workspaceId"
  | "productId"
  | "name"
  | "purpose"
  | "ownerId"
  | "createdAt"
  | "createdBy"
  | "expiresAt"
  | "revokedAt"
  | "lastUsedAt"
  | "lastFour"
  | "fingerprint"
  | "etag"
>;

/** Collection, as paths and findings name it -> its rows. All of them have an id and a version. */
export interface CollectionRows {
  readonly workspaces: WorkspaceRow;
  readonly products: ProductRow;
  readonly "product-roles": RoleRow;
  readonly groups: GroupRow;
  readonly members: MemberRow;
  readonly integrations: IntegrationRow;
  readonly "api-keys": KeyRow;
}

export type Collection = keyof CollectionRows;

/** Everything a whole read of an account brings. */
export type AccountRows = { readonly [C in Collection]: readonly CollectionRows[C][] } & {
  readonly memberships: readonly MembershipRow[];
};
