// What changes behind a caller's back, right before a request that names it: somebody else was faster. A fault asks for it.
import { type Collection, etagOf } from "./collection.ts";
import type { Operation } from "./contract.ts";
import { updateGroup } from "./groups.ts";
import type { Ledger, Write } from "./ledger.ts";
import { updateMember } from "./members.ts";
import type { Row } from "./records.ts";
import { updateRole } from "./roles.ts";
import type { Store } from "./store.ts";

/** In whose name it is done. */
export const BACKSTAGE: Write = {
  actor: { type: "simulator", id: "simulator", name: "simulator" },
  operation: "stale-etag",
};

/** Changes what the request names: really, when there is a description to give it, or in its version alone. */
export function changeBehind(store: Store, operation: Operation, id: string, description: string | undefined): void {
  const kind = operation.path.split("/")[2];
  const collection: Collection<Row> | undefined =
    kind === "roles" ? store.roles : kind === "groups" ? store.groups : kind === "members" ? store.members : undefined;
  const row = collection?.byId.get(id);
  if (!collection || !row) return;
  if (description === undefined) raiseVersion(store, collection, row);
  else if (kind === "roles") updateRole(store, BACKSTAGE, id, etagOf(row), { description });
  else if (kind === "groups") updateGroup(store, BACKSTAGE, id, etagOf(row), { description });
  else updateMember(store, BACKSTAGE, id, etagOf(row), { firstName: description });
}

/** Gives a row another ETag, and changes nothing else. */
export function raiseVersion(ledger: Ledger, collection: Collection<Row>, row: Row): void {
  row.version = ++ledger.changes;
  collection.revision++;
}
