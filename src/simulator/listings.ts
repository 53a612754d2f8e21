// What can be listed, worked out from the rows: entities one by one, and memberships as columns, since there may be millions.
import type { Collection } from "./collection.ts";
import { groupView } from "./groups.ts";
import { memberView } from "./members.ts";
import { type Listing, type Part, partOf } from "./pages.ts";
import type { Row } from "./records.ts";
import { roleView } from "./roles.ts";
import type { Store } from "./store.ts";

export type Listed = "roles" | "groups" | "members" | "memberships";

/** The listings of an organization. */
export function listingsOf(store: Store): Readonly<Record<Listed, Listing>> {
  const { roles, groups, members } = store;
  return {
    roles: rowListing(roles, roleView),
    groups: rowListing(groups, groupView),
    members: { ...rowListing(members, memberView), facts: () => store.factsRevision },
    memberships: {
      revision: () => store.membershipsRevision,
      split: (parts) => membershipParts(store, groups.byId.values(), parts),
    },
  };
}

/** The rows of a collection; `belongs` says which of them are among what was asked for. */
export function rowListing<R extends Row>(
  collection: Collection<R>,
  view: (row: R) => object,
  belongs: (row: R, among: readonly string[]) => boolean = () => true,
): Listing {
  return {
    revision: () => collection.revision,
    split: (parts, among) => {
      const lists: R[][] = Array.from({ length: parts }, () => []);
      for (const row of collection.byId.values())
        if (among === undefined || belongs(row, among)) lists[partOf(row.id, parts)]?.push(row);
      return lists.map((list) => rowPart(list, view));
    },
  };
}

function rowPart<R extends Row>(list: readonly R[], view: (row: R) => object): Part {
  return {
    total: list.length,
    positionAt: (index) => [list[index]?.seq ?? -1, 0],
    text: (start, end) => JSON.stringify(list.slice(start, end).map(view)).slice(1, -1),
  };
}

/** Members by their seq, and the seqs that are in each group. */
export interface Belonging {
  readonly memberBySeq: readonly (Row | undefined)[];
  readonly memberships: ReadonlyMap<string, ReadonlySet<number>>;
}

/**
 * Memberships of these groups, by group, then by member; the member decides the part, so that one huge group is spread
 * over all of them.
 */
export function membershipParts(
  { memberBySeq, memberships }: Belonging,
  groups: Iterable<Row>,
  parts: number,
): readonly Part[] {
  const wanted = [...groups];
  const partOfMember = Uint16Array.from(memberBySeq, (member) => (member ? partOf(member.id, parts) : 0));
  const sizes = new Int32Array(parts);
  for (const group of wanted)
    for (const seq of memberships.get(group.id) ?? [])
      sizes[partOfMember[seq] ?? 0] = (sizes[partOfMember[seq] ?? 0] ?? 0) + 1;
  const columns = [...sizes].map((size) => ({ group: new Int32Array(size), member: new Int32Array(size), filled: 0 }));
  const groupIds: string[] = [];
  for (const group of wanted) {
    groupIds[group.seq] = JSON.stringify(group.id);
    for (const seq of Int32Array.from(memberships.get(group.id) ?? []).sort()) {
      const column = columns[partOfMember[seq] ?? 0];
      if (!column) continue;
      column.group[column.filled] = group.seq;
      column.member[column.filled++] = seq;
    }
  }
  return columns.map(({ group, member }) => ({
    total: group.length,
    positionAt: (index) => [group[index] ?? -1, member[index] ?? -1],
    text: (start, end) => {
      const rows: string[] = [];
      for (let index = start; index < end; index++) {
        const memberId = JSON.stringify(memberBySeq[member[index] ?? -1]?.id);
        rows.push(`{"groupId":${groupIds[group[index] ?? -1]},"memberId":${memberId}}`);
      }
      return rows.join(",");
    },
  }));
}
