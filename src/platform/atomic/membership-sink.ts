// Takes membership rows as they come and puts them into their sections at once when groups and members are known already,
// so that the work of a large read is done while its pages are still on their way. Pure.

import { type Entity, membershipSection, NO_ATTRIBUTES } from "../../model/entity.ts";
import { LazySection } from "../../model/section.ts";
import type { MembershipRow } from "./map.ts";

/** Id -> entity. */
type ById = ReadonlyMap<string, Entity>;

/** What membership rows point at, read whole. */
export interface Known {
  readonly groups: ById;
  /** Disabled ones too. */
  readonly members: ById;
}

export interface Memberships {
  /** Group id -> folded address -> membership. May hold groups without any. */
  readonly byGroup: ReadonlyMap<string, ReadonlyMap<string, Entity>>;
  /** Group id -> ids of members that lead nowhere; of all its members when the group itself does. */
  readonly dangling: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface MembershipSink {
  /** False for a row it has already. */
  readonly add: (row: MembershipRow) => boolean;
  /** Everything taken in, once groups and members are known for certain. */
  readonly finish: (known: Known) => Memberships;
}

/** `known` gives groups and members as soon as both are whole; until then rows are kept as ids. */
export function membershipSink(known: () => Known | undefined): MembershipSink {
  const sections = new Map<string, LazySection<Entity>>();
  const dangling = new Map<string, Set<string>>();
  let waiting: Map<string, Set<string>> | undefined = new Map();
  const sectionOf = (groupId: string, groups: ById) => {
    const found = sections.get(groupId);
    const group = found ? undefined : groups.get(groupId);
    if (!group) return found;
    const section = new LazySection(membershipSection(group.local), membershipEntity);
    sections.set(groupId, section);
    return section;
  };
  const place = (groupId: string, memberId: string, { groups, members }: Known): boolean => {
    const member = members.get(memberId);
    const section = sectionOf(groupId, groups);
    if (!section || !member) return addTo(dangling, groupId, memberId);
    const { size } = section;
    section.plant(member.local, member);
    return section.size > size;
  };
  const drain = (from: Known) => {
    for (const [groupId, ids] of waiting ?? []) for (const memberId of ids) place(groupId, memberId, from);
    waiting = undefined;
  };
  return {
    add: ({ groupId, memberId }) => {
      const found = known();
      if (found && waiting) drain(found);
      if (found) return place(groupId, memberId, found);
      waiting ??= new Map();
      return addTo(waiting, groupId, memberId);
    },
    finish: (from) => {
      drain(from);
      return { byGroup: sections, dangling };
    },
  };
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): boolean {
  const set = sets.get(key);
  if (!set) sets.set(key, new Set([value]));
  else if (set.has(value)) return false;
  else set.add(value);
  return true;
}

/** The id is the member's, which is what writes need. A disabled member's membership says so, and gives nothing. */
function membershipEntity({ local, name, id = "", status }: Entity, section: string): Entity {
  const kind = "Membership";
  return status === "disabled"
    ? { kind, section, local, name, attributes: NO_ATTRIBUTES, id, status }
    : { kind, section, local, name, attributes: NO_ATTRIBUTES, id };
}
