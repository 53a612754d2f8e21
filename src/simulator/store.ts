// A simulated organization in memory: its rows and its indexes, written through the ledger it extends.
// The rules of each kind of row are in `roles.ts`, `groups.ts`, `members.ts` and `memberships.ts`. Knows nothing of HTTP.
import { type Collection, emptyCollection, mintId } from "./collection.ts";
import { createLedger, createWriteLog, type Ledger } from "./ledger.ts";
import type { Environment, GroupRow, MemberRow, PlacedEffect, RoleRow, StoredCredential } from "./records.ts";

export interface Store extends Ledger<PlacedEffect> {
  organisation: { readonly id: string; readonly name: string };
  environments: Environment[];
  readonly roles: Collection<RoleRow>;
  readonly groups: Collection<GroupRow>;
  readonly members: Collection<MemberRow>;
  /** Rows of `members` by their seq; members are never removed. */
  readonly memberBySeq: MemberRow[];
  /** Group id -> seqs of its members. Every group has an entry. */
  readonly memberships: Map<string, Set<number>>;
  membershipsRevision: number;
  readonly credentials: Map<string, StoredCredential>;
}

/** An organization without anything in it; `loadState` fills it. */
export function createStore(now: () => number, log = createWriteLog()): Store {
  return {
    ...createLedger<PlacedEffect>(now, log),
    organisation: { id: "empty", name: "Empty" },
    environments: [],
    roles: emptyCollection(),
    groups: emptyCollection(),
    members: emptyCollection(),
    memberBySeq: [],
    memberships: new Map(),
    membershipsRevision: 0,
    credentials: new Map(),
  };
}

/** An id that nothing in the organization has. */
export function newId(store: Store, kind: string): string {
  return mintId(kind, store.changes, [store.roles, store.groups, store.members]);
}
