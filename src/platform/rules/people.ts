// Who holds what: people as the sets of their groups, kept so that people in the same groups share one answer and
// nobody's grants are computed before someone asks. Pure; what a group gives is for a platform's own rules to say.
import { EMPTY_SECTION, type Entity, membershipSection, type Section, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant } from "../../model/grant.ts";
import { lazy } from "../../model/lazy.ts";
import type { AccessView, GrantParts, Holdings } from "../../model/platform.ts";
import { type Roster, RosterSection } from "../../model/roster.ts";
import { mergeGrants, NO_GRANTS, type RankOf } from "./grants.ts";

/**
 * Everyone's set of groups as a node of a prefix tree over the groups in order, so that equal sets are one
 * node. Groups that give nothing are left out: they are in nobody's paths.
 */
interface PeopleIndex {
  /** Folded address -> place in `nodes`. */
  readonly places: ReadonlyMap<string, number>;
  readonly nodes: Int32Array;
  /** Node -> the node with one group less, and that group. Node 0 is nobody's group. */
  readonly parents: readonly number[];
  readonly groups: readonly Entity[];
  readonly groupOf: readonly number[];
}

/** What a platform's rules say of groups and people. */
export interface PeopleRules {
  /** What a group (by folded name) gives each of its members; the same array every time. */
  readonly grantsOfGroup: (group: string) => readonly Grant[];
  /** What a member holds besides, through no group; the same array every time. Absent where there is no such thing. */
  readonly ownGrants?: (member: Entity) => readonly Grant[];
  /** Whether a member can hold anything at all; absent where all can. */
  readonly isActive?: (member: Entity) => boolean;
  /** Whether a member gets what a group gives by being in it; absent where everybody in a group does. */
  readonly counts?: (member: Entity, group: Entity) => boolean;
  readonly rankOf: RankOf;
}

/**
 * Everyone's grants in a state: the union of what their groups give them and of what they hold themselves. With `among`
 * only those members are known.
 */
export function indexPeople(state: State, rules: PeopleRules, among?: ReadonlySet<string>): AccessView {
  const { grantsOfGroup, ownGrants, isActive, rankOf } = rules;
  const index = lazy(() => buildIndex(state, rules, among));
  const memo = new Map<GrantParts, readonly Grant[]>();
  const groupParts = new Map<number, GrantParts>([[0, []]]);
  const joinedParts = new Map<readonly Grant[], Map<GrantParts, GrantParts>>();
  const ownOf = (member: string): readonly Grant[] => {
    if (!ownGrants || (among && !among.has(member))) return NO_GRANTS;
    const entity = state.get("Member")?.get(member);
    return entity && (isActive?.(entity) ?? true) ? ownGrants(entity) : NO_GRANTS;
  };
  const partsOfNode = (node: number): GrantParts => {
    const known = groupParts.get(node);
    if (known) return known;
    const { parents, groups, groupOf } = index();
    const found: (readonly Grant[])[] = [];
    for (let at = node; at > 0; at = parents[at] ?? 0)
      found.push(grantsOfGroup((groups[groupOf[at] ?? 0] as Entity).local));
    groupParts.set(node, found.reverse());
    return found;
  };
  const partsOf = (member: string): GrantParts => {
    const { places, nodes } = index();
    const shared = partsOfNode(nodes[places.get(member) ?? -1] ?? 0);
    const own = ownOf(member);
    if (own.length === 0) return shared;
    const joined = joinedParts.get(own) ?? new Map<GrantParts, GrantParts>();
    joinedParts.set(own, joined);
    const parts = joined.get(shared) ?? [own, ...shared];
    joined.set(shared, parts);
    return parts;
  };
  const grantsOf = (member: string): readonly Grant[] => {
    const parts = partsOf(member);
    const grants = memo.get(parts) ?? parts.reduce((sum, part) => mergeGrants(sum, part, rankOf), NO_GRANTS);
    memo.set(parts, grants);
    return grants;
  };
  const members = lazy(() => {
    const { places, nodes } = index();
    const holders: string[] = [];
    for (const [member, place] of places) if (nodes[place] !== 0 || ownOf(member).length > 0) holders.push(member);
    return holders.sort();
  });
  const anyPerson = (test: (grants: readonly Grant[]) => boolean): boolean =>
    among ? indexPeople(state, rules).anyone(test) : members().some((member) => test(grantsOf(member)));
  const holdings = lazy(() => listHoldings(index(), grantsOfGroup, ownOf));
  return { members, grantsOf, partsOf, holdings, anyone: (test) => anyGroup(state, rules, test) || anyPerson(test) };
}

/** Everyone's lists by number: those of groups have the numbers of the groups. */
function listHoldings(
  { places, nodes, parents, groups, groupOf }: PeopleIndex,
  grantsOfGroup: PeopleRules["grantsOfGroup"],
  ownOf: (member: string) => readonly Grant[],
): Holdings {
  const lists = groups.map(({ local }) => grantsOfGroup(local));
  const numbers = new Map<readonly Grant[], number>();
  const held: number[] = [];
  const ends = new Int32Array(places.size);
  for (const [member, place] of places) {
    const own = ownOf(member);
    if (own.length > 0) {
      const number = numbers.get(own) ?? lists.push(own) - 1;
      numbers.set(own, number);
      held.push(number);
    }
    for (let at = nodes[place] as number; at > 0; at = parents[at] ?? 0) held.push(groupOf[at] ?? 0);
    ends[place] = held.length;
  }
  return { members: [...places.keys()], lists, held: Int32Array.from(held), ends };
}

/** Whether a group with somebody in it gives what passes by itself. */
function anyGroup(
  state: State,
  { grantsOfGroup, isActive, counts }: PeopleRules,
  test: (grants: readonly Grant[]) => boolean,
): boolean {
  const everyone = state.get("Member") ?? EMPTY_SECTION;
  const isPlain = !isActive && !counts;
  for (const group of state.get("Group")?.values() ?? []) {
    if (!test(grantsOfGroup(group.local))) continue;
    for (const local of state.get(membershipSection(group.local))?.keys() ?? []) {
      const member = isPlain ? undefined : everyone.get(local);
      if (isPlain ? everyone.has(local) : member && (isActive?.(member) ?? true) && (counts?.(member, group) ?? true))
        return true;
    }
  }
  return false;
}

function buildIndex(
  state: State,
  { grantsOfGroup, isActive, counts }: PeopleRules,
  among: ReadonlySet<string> | undefined,
): PeopleIndex {
  const places = new Map<string, number>();
  const everyone = state.get("Member") ?? EMPTY_SECTION;
  for (const local of among ?? everyone.keys()) {
    const member = isActive ? everyone.get(local) : undefined;
    if (isActive ? member && isActive(member) : !among || everyone.has(local)) places.set(local, places.size);
  }
  const nodes = new Int32Array(places.size);
  const placesIn = placeFinder(places);
  const people = counts ? [...places.keys()].map((local) => everyone.get(local)) : [];
  const isCounted = (place: number, group: Entity) => {
    const member = people[place];
    return member !== undefined && counts?.(member, group) === true;
  };
  const [parents, groupOf] = [[0], [0]];
  // Where a node leads in the group at hand; valid when the node it leads to was made for that group.
  const next: number[] = [0];
  // What a group gives is worked out only when somebody is in it who is asked about.
  const holding: { readonly group: Entity; readonly members: readonly number[] }[] = [];
  for (const group of state.get("Group")?.values() ?? []) {
    const everybody = [...placesIn(state.get(membershipSection(group.local)) ?? EMPTY_SECTION)];
    const members = counts ? everybody.filter((place) => isCounted(place, group)) : everybody;
    if (members.length > 0 && grantsOfGroup(group.local).length > 0) holding.push({ group, members });
  }
  holding.sort((a, b) => compareText(a.group.name, b.group.name) || compareText(a.group.local, b.group.local));
  const groups = holding.map(({ group }) => group);
  for (const [position, { members }] of holding.entries()) {
    const oldest = parents.length;
    for (const place of members) {
      const from = nodes[place] as number;
      let to = next[from] as number;
      if (to < oldest) {
        to = parents.push(from) - 1;
        groupOf.push(position);
        next.push(0);
        next[from] = to;
      }
      nodes[place] = to;
    }
  }
  return { places, nodes, parents, groups, groupOf };
}

/** A function that finds the places of a section's members, among those that have one. */
function placeFinder(places: ReadonlyMap<string, number>): (members: Section) => Iterable<number> {
  const byNumber = new Map<Roster, Int32Array>();
  const numbered = (roster: Roster): Int32Array => {
    const found = byNumber.get(roster) ?? new Int32Array(roster.size()).fill(-1);
    if (!byNumber.has(roster))
      for (const [member, place] of places) {
        const person = roster.numberOf(member);
        if (person !== undefined) found[person] = place;
      }
    byNumber.set(roster, found);
    return found;
  };
  return function* (members) {
    if (members instanceof RosterSection) {
      const found = numbered(members.roster);
      for (const person of members.people()) if ((found[person] as number) >= 0) yield found[person] as number;
    } else
      for (const member of members.keys()) {
        const place = places.get(member);
        if (place !== undefined) yield place;
      }
  };
}
