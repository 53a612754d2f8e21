// Who is in which group: batches of additions and removals, all of a batch or none, and idempotent by nature.
import { membershipEffect } from "./members.ts";
import { unprocessable } from "./problems.ts";
import type { Effect, MemberRow } from "./records.ts";
import { findRow } from "./rows.ts";
import { commit, type Store, type Write } from "./store.ts";

export interface BatchInput {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

export interface BatchResult {
  readonly memberId: string;
  readonly action: "add" | "remove";
  readonly result: "added" | "removed" | "unchanged" | "not-found";
}

/** The contract's bound on one batch, so that one request stays short. */
const MAX_BATCH = 1000;

/** Puts members into a group and takes members out. A batch that changes nothing is no write. */
export function changeMembers(store: Store, write: Write, groupId: string, input: BatchInput): readonly BatchResult[] {
  const group = findRow(store.groups, groupId, "group");
  const { add = [], remove = [] } = input;
  requireBatch(add, remove);
  const present = store.memberships.get(groupId) ?? new Set<number>();
  const results: BatchResult[] = [];
  const effects: Effect[] = [];
  const joining: MemberRow[] = [];
  const leaving: MemberRow[] = [];
  for (const memberId of add) {
    const member = store.members.byId.get(memberId);
    const known = member !== undefined && member.status !== "disabled";
    const joins = known && !present.has(member.seq);
    results.push({ memberId, action: "add", result: joins ? "added" : known ? "unchanged" : "not-found" });
    if (!joins) continue;
    joining.push(member);
    effects.push(membershipEffect("membership.added", groupId, group.name, member));
  }
  for (const memberId of remove) {
    const member = store.members.byId.get(memberId);
    const leaves = member !== undefined && present.has(member.seq);
    results.push({ memberId, action: "remove", result: leaves ? "removed" : member ? "unchanged" : "not-found" });
    if (!leaves) continue;
    leaving.push(member);
    effects.push(membershipEffect("membership.removed", groupId, group.name, member));
  }
  if (effects.length > 0)
    commit(store, write, effects, () => {
      for (const member of joining) present.add(member.seq);
      for (const member of leaving) present.delete(member.seq);
      store.membershipsRevision++;
    });
  return results;
}

function requireBatch(add: readonly string[], remove: readonly string[]): void {
  if (add.length + remove.length > MAX_BATCH)
    throw unprocessable("", `A batch has at most ${MAX_BATCH} members; this one has ${add.length + remove.length}.`);
  const adding = new Set(add);
  for (const [index, id] of remove.entries())
    if (adding.has(id)) throw unprocessable(`/remove/${index}`, `${JSON.stringify(id)} is in both lists.`);
}
