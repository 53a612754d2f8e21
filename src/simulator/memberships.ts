// Who is in which group: batches of additions and removals, all of a batch or none, and idempotent by nature.
import type { Collection } from "./collection.ts";
import { commit, type Write } from "./ledger.ts";
import { membershipEffect } from "./members.ts";
import { unprocessable } from "./problems.ts";
import type { Row } from "./records.ts";
import { findRow } from "./rows.ts";
import type { Store } from "./store.ts";

export interface BatchInput {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export interface BatchResult {
  readonly memberId: string;
  readonly action: "add" | "remove";
  readonly result: "added" | "removed" | "unchanged" | "not-found";
}

/** What a batch comes to: its answers, and who really joins and leaves. */
export interface Batch<M extends Row> {
  readonly results: readonly BatchResult[];
  readonly joining: readonly M[];
  readonly leaving: readonly M[];
}

/** The contract's bound on one batch, so that one request stays short. */
const MAX_BATCH = 1000;

/** Puts members into a group and takes members out. A batch that changes nothing is no write. */
export function changeMembers(store: Store, write: Write, groupId: string, input: BatchInput): readonly BatchResult[] {
  const { name } = findRow(store.groups, groupId, "group");
  const present = store.memberships.get(groupId) ?? new Set<number>();
  const batch = readBatch(store.members, present, input, ({ status }) => status !== "disabled");
  const { results, joining, leaving } = batch;
  const effects = [
    ...joining.map((member) => membershipEffect("membership.added", groupId, name, member)),
    ...leaving.map((member) => membershipEffect("membership.removed", groupId, name, member)),
  ];
  if (effects.length > 0)
    commit(store, write, effects, () => {
      moveMembers(present, batch);
      store.membershipsRevision++;
    });
  return results;
}

/** Works out a batch against the seqs that are in the group. 422 for one that is too large or contradicts itself. */
export function readBatch<M extends Row>(
  members: Collection<M>,
  present: ReadonlySet<number>,
  { add = [], remove = [] }: BatchInput,
  mayJoin: (member: M) => boolean,
): Batch<M> {
  requireBatch(add, remove);
  const results: BatchResult[] = [];
  const joining: M[] = [];
  const leaving: M[] = [];
  for (const memberId of add) {
    const member = members.byId.get(memberId);
    const known = member !== undefined && mayJoin(member);
    const joins = known && !present.has(member.seq);
    results.push({ memberId, action: "add", result: joins ? "added" : known ? "unchanged" : "not-found" });
    if (joins) joining.push(member);
  }
  for (const memberId of remove) {
    const member = members.byId.get(memberId);
    const leaves = member !== undefined && present.has(member.seq);
    results.push({ memberId, action: "remove", result: leaves ? "removed" : member ? "unchanged" : "not-found" });
    if (leaves) leaving.push(member);
  }
  return { results, joining, leaving };
}

/** Makes a batch so. */
export function moveMembers<M extends Row>(present: Set<number>, { joining, leaving }: Batch<M>): void {
  for (const member of joining) present.add(member.seq);
  for (const member of leaving) present.delete(member.seq);
}

function requireBatch(add: readonly string[], remove: readonly string[]): void {
  if (add.length + remove.length > MAX_BATCH)
    throw unprocessable("", `A batch has at most ${MAX_BATCH} members; this one has ${add.length + remove.length}.`);
  const adding = new Set(add);
  for (const [index, id] of remove.entries())
    if (adding.has(id)) throw unprocessable(`/remove/${index}`, `${JSON.stringify(id)} is in both lists.`);
}
