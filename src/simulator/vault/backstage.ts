// What changes in an account behind a caller's back, right before a request that names it. A fault asks for it.
import { BACKSTAGE, raiseVersion } from "../backstage.ts";
import { type Collection, etagOf } from "../collection.ts";
import type { Operation } from "../contract.ts";
import type { Row } from "../records.ts";
import { updateWorkspace } from "./estate.ts";
import { updateVaultGroup } from "./groups.ts";
import { updateIntegration } from "./integrations.ts";
import { updateVaultMember } from "./members.ts";
import { updateProductRole } from "./product-roles.ts";
import type { VaultStore } from "./store.ts";

interface Changeable {
  readonly collection: Collection<Row>;
  /** How a text changes it; absent where no text can. */
  readonly change?: (id: string, etag: string, description: string) => unknown;
}

/** Changes what the request names: really, when there is a description and it can have one, or in its version alone. */
export function changeVaultBehind(
  vault: VaultStore,
  operation: Operation,
  id: string,
  description: string | undefined,
): void {
  const { collection, change } = changeables(vault).get(operation.path.split("/")[3] ?? "") ?? {};
  const row = collection?.byId.get(id);
  if (!collection || !row) return;
  const builtIn = vault.roles.byId.get(id)?.builtIn ?? false;
  if (description === undefined || !change || builtIn) raiseVersion(vault, collection, row);
  else change(id, etagOf(row), description);
}

function changeables(vault: VaultStore): ReadonlyMap<string, Changeable> {
  const { workspaces, products, roles, groups, members, integrations, keys } = vault;
  return new Map<string, Changeable>([
    [
      "workspaces",
      { collection: workspaces, change: (id, etag, team) => updateWorkspace(vault, BACKSTAGE, id, etag, { team }) },
    ],
    ["products", { collection: products }],
    [
      "product-roles",
      {
        collection: roles,
        change: (id, etag, description) => updateProductRole(vault, BACKSTAGE, id, etag, { description }),
      },
    ],
    [
      "groups",
      {
        collection: groups,
        change: (id, etag, description) => updateVaultGroup(vault, BACKSTAGE, id, etag, { description }),
      },
    ],
    [
      "members",
      {
        collection: members,
        change: (id, etag, firstName) => updateVaultMember(vault, BACKSTAGE, id, etag, { firstName }),
      },
    ],
    [
      "integrations",
      {
        collection: integrations,
        change: (id, etag, description) => updateIntegration(vault, BACKSTAGE, id, etag, { description }),
      },
    ],
    ["api-keys", { collection: keys }],
  ]);
}
