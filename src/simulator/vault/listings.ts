// What can be listed of an account, all of it or some workspaces'.
import { membershipParts, rowListing } from "../listings.ts";
import type { Listing } from "../pages.ts";
import { productView, workspaceView } from "./estate.ts";
import { vaultGroupView } from "./groups.ts";
import { integrationView } from "./integrations.ts";
import { apiKeyView } from "./keys.ts";
import { vaultMemberView } from "./members.ts";
import { productRoleView } from "./product-roles.ts";
import { type VaultStore, workspaceOf } from "./store.ts";

export type VaultListed =
  | "workspaces"
  | "products"
  | "roles"
  | "groups"
  | "members"
  | "memberships"
  | "integrations"
  | "keys";

/** The listings of an account. */
export function vaultListings(vault: VaultStore): Readonly<Record<VaultListed, Listing>> {
  const { workspaces, products, roles, groups, members, integrations, keys } = vault;
  const facts = () => vault.factsRevision;
  const inWorkspace = ({ workspaceId }: { readonly workspaceId: string }, among: readonly string[]): boolean =>
    among.includes(workspaceId);
  return {
    workspaces: rowListing(workspaces, workspaceView, ({ id }, among) => among.includes(id)),
    products: rowListing(products, productView, inWorkspace),
    roles: rowListing(
      roles,
      (row) => productRoleView(vault, row),
      ({ productId }, among) => among.includes(workspaceOf(vault, productId)?.id ?? ""),
    ),
    groups: rowListing(groups, vaultGroupView, inWorkspace),
    members: { ...rowListing(members, vaultMemberView), facts },
    memberships: {
      revision: () => vault.membershipsRevision,
      split: (parts, among) => {
        const wanted = [...groups.byId.values()].filter((group) => among === undefined || inWorkspace(group, among));
        return membershipParts(vault, wanted, parts);
      },
    },
    integrations: rowListing(integrations, integrationView, inWorkspace),
    keys: { ...rowListing(keys, apiKeyView, inWorkspace), facts },
  };
}
