// Takes membership rows as they come and puts them into their sections at once when groups and members are known already,
// so that the work of a large read is done while its pages are still on their way. Pure.

import { type Entity, membershipSection, NO_ATTRIBUTES } from "../../model/entity.ts";
import { type Roster, RosterSection } from "../../model/roster.ts";

/** Somebody is in a group: ids. */
export interface MembershipRow {
  readonly groupId: string;
  readonly memberId: string;
}

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
  const sections = new Map<string, RosterSection>();
  const dangling = new Map<string, Set<string>>();
  let waiting: Map<string, Set<string>> | undefined = new Map();
  let people: People | undefined;
  const place = (groupId: string, memberId: string, { groups, members }: Known): boolean => {
    people ??= numberPeople(members);
    const person = people.byId.get(memberId);
    const section = sections.get(groupId) ?? openSection(groups.get(groupId), people);
    if (!section || person === undefined) return addTo(dangling, groupId, memberId);
    if (section.size === 0) sections.set(groupId, section);
    return section.add(person, 0);
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

interface People {
  readonly byId: ReadonlyMap<string, number>;
  readonly roster: Roster;
  readonly entityOf: (person: number) => Entity;
}

/** Everyone by number, disabled ones too. Of two people with one address, which nothing can tell apart, one is found by it. */
function numberPeople(members: ById): People {
  const entities = [...members.values()];
  const byId = new Map<string, number>();
  for (const id of members.keys()) byId.set(id, byId.size);
  let byLocal: Map<string, number> | undefined;
  const entityOf = (person: number) => entities[person] as Entity;
  let names: readonly string[] | undefined;
  const roster: Roster = {
    size: () => entities.length,
    localOf: (person) => entityOf(person).local,
    numberOf: (local) => {
      byLocal ??= new Map(entities.map((entity, person) => [entity.local, person]));
      return byLocal.get(local);
    },
    nameOf: (person) => {
      names ??= entities.map(({ name }) => name);
      return names[person] as string;
    },
  };
  return { byId, roster, entityOf };
}

function openSection(group: Entity | undefined, { roster, entityOf }: People): RosterSection | undefined {
  if (!group) return undefined;
  const name = membershipSection(group.local);
  return new RosterSection(roster, (person) => membershipEntity(entityOf(person), name));
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
