// A simulated Vault account in memory: its rows and its indexes, written through the ledger it extends.
// The rules of each kind of row are in the files beside it. Knows nothing of HTTP.
import { type Collection, emptyCollection, foldName, mintId } from "../collection.ts";
import { createLedger, createWriteLog, type Ledger } from "../ledger.ts";
import { Problem, unprocessable } from "../problems.ts";
import type { Row } from "../records.ts";
import type {
  ApiKeyRow,
  IntegrationRow,
  ProductRoleRow,
  ProductRow,
  VaultEffect,
  VaultGroupRow,
  VaultMemberRow,
  WorkspaceRow,
} from "./records.ts";

export interface VaultStore extends Ledger<VaultEffect> {
  account: { readonly id: string; readonly name: string };
  readonly workspaces: Collection<WorkspaceRow>;
  readonly products: Collection<ProductRow>;
  readonly roles: Collection<ProductRoleRow>;
  readonly groups: Collection<VaultGroupRow>;
  readonly members: Collection<VaultMemberRow>;
  readonly integrations: Collection<IntegrationRow>;
  readonly keys: Collection<ApiKeyRow>;
  /** Rows of `members` by their seq; a place stays empty when its member has left the account. */
  readonly memberBySeq: (VaultMemberRow | undefined)[];
  /** Group id -> seqs of its members. Every group has an entry. */
  readonly memberships: Map<string, Set<number>>;
  membershipsRevision: number;
}

/** An account without anything in it; `loadVault` fills it. */
export function createVault(now: () => number, log = createWriteLog()): VaultStore {
  return {
    ...createLedger<VaultEffect>(now, log),
    account: { id: "empty", name: "Empty" },
    workspaces: emptyCollection(),
    products: emptyCollection(),
    roles: emptyCollection(),
    groups: emptyCollection(),
    members: emptyCollection(),
    integrations: emptyCollection(),
    keys: emptyCollection(),
    memberBySeq: [],
    memberships: new Map(),
    membershipsRevision: 0,
  };
}

/** Every collection of the account. */
export function collectionsOf(vault: VaultStore) {
  const { workspaces, products, roles, groups, members, integrations, keys } = vault;
  return { workspaces, products, roles, groups, members, integrations, keys };
}

/** An id that nothing in the account has. */
export function newVaultId(vault: VaultStore, kind: string): string {
  return mintId(`vault ${kind}`, vault.changes, Object.values(collectionsOf(vault)) as Collection<Row>[]);
}

/** What a name that is unique only within a workspace or product is indexed by. */
export function nameWithin(holder: Row | undefined, name: string): string {
  return `${holder?.seq ?? "?"}/${foldName(name)}`;
}

/** Refuses a name that another row of the same holder has. */
export function requireFreeWithin<R extends Row>(
  collection: Collection<R>,
  holder: Row | undefined,
  name: string,
  self: string | null,
): void {
  const existingId = collection.byName.get(nameWithin(holder, name));
  if (existingId !== undefined && existingId !== self)
    throw new Problem("name-taken", `${JSON.stringify(name)} exists already.`, { existingId });
}

/** The row that a body refers to; 422 at its place when there is none. */
export function referred<R extends Row>(collection: Collection<R>, id: string, pointer: string, what: string): R {
  const row = collection.byId.get(id);
  if (!row) throw unprocessable(pointer, `There is no ${what} with the id ${JSON.stringify(id)}.`);
  return row;
}

/** The product that a body refers to; 422 when it is none, or one of another workspace. */
export function productWithin(vault: VaultStore, workspace: WorkspaceRow, id: string): ProductRow {
  const product = referred(vault.products, id, "/productId", "product");
  if (product.workspaceId !== workspace.id)
    throw unprocessable(
      "/productId",
      `The product ${product.shortname} is not of the workspace ${workspace.shortname}.`,
    );
  return product;
}

/** Ids of product roles in the platform's own order; 422 for one that is none. */
export function sortedRoleIds(vault: VaultStore, ids: readonly string[], property: string): readonly string[] {
  const rows = ids.map((id, index) => referred(vault.roles, id, `/${property}/${index}`, "product role"));
  return rows.sort((a, b) => a.seq - b.seq).map(({ id }) => id);
}

/** The workspace of a product. */
export function workspaceOf(vault: VaultStore, productId: string): WorkspaceRow | undefined {
  return vault.workspaces.byId.get(vault.products.byId.get(productId)?.workspaceId ?? "");
}

/** A name with its workspace's in front, as the audit log has it. */
export function qualified(vault: VaultStore, workspaceId: string, name: string): string {
  return `${vault.workspaces.byId.get(workspaceId)?.shortname ?? workspaceId}/${name}`;
}
