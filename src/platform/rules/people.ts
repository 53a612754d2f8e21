// Who holds what: people as the sets of their groups, kept so that people in the same groups share one answer and
// nobody's grants are computed before someone asks. Pure; what a group gives is for a platform's own rules to say.
import { EMPTY_SECTION, type Entity, membershipSection, type Section, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant } from "../../model/grant.ts";
import type { AccessView } from "../../model/platform.ts";
import { lazy, mergeGrants, NO_GRANTS, type RankOf, tokenOf } from "./grants.ts";

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
  readonly rankOf: RankOf;
}

/** Everyone's grants in a state: the union of what their groups give them and of what they hold themselves. */
export function indexPeople(
  state: State,
  rules: PeopleRules,
): AccessView & { readonly sourceOf: (member: string) => string } {
  const { grantsOfGroup, ownGrants, isActive, rankOf } = rules;
  const index = lazy(() => buildIndex(state, rules));
  const memo = new Map<number, readonly Grant[]>();
  const joined = new Map<string, readonly Grant[]>();
  const ownOf = (member: string): readonly Grant[] => {
    if (!ownGrants) return NO_GRANTS;
    const entity = state.get("Member")?.get(member);
    return entity && (isActive?.(entity) ?? true) ? ownGrants(entity) : NO_GRANTS;
  };
  const nodeOf = (member: string) => {
    const { places, nodes } = index();
    return nodes[places.get(member) ?? -1] ?? 0;
  };
  const groupsOf = (node: number): Entity[] => {
    const { parents, groups, groupOf } = index();
    const found: Entity[] = [];
    for (let at = node; at > 0; at = parents[at] ?? 0) found.unshift(groups[groupOf[at] ?? 0] as Entity);
    return found;
  };
  const ofNode = (node: number): readonly Grant[] => {
    const known =
      memo.get(node) ??
      groupsOf(node).reduce((sum, group) => mergeGrants(sum, grantsOfGroup(group.local), rankOf), NO_GRANTS);
    memo.set(node, known);
    return known;
  };
  return {
    members: lazy(() => {
      const { places, nodes } = index();
      const holders: string[] = [];
      for (const [member, place] of places) if (nodes[place] !== 0 || ownOf(member).length > 0) holders.push(member);
      return holders.sort();
    }),
    grantsOf: (member) => {
      const own = ownOf(member);
      if (own.length === 0) return ofNode(nodeOf(member));
      const known = joined.get(member) ?? mergeGrants(own, ofNode(nodeOf(member)), rankOf);
      joined.set(member, known);
      return known;
    },
    sourceOf: (member) => {
      const own = ownOf(member);
      return [...(own.length === 0 ? [] : [own]), ...groupsOf(nodeOf(member)).map(({ local }) => grantsOfGroup(local))]
        .map(tokenOf)
        .join(" ");
    },
  };
}

function buildIndex(state: State, { grantsOfGroup, isActive }: PeopleRules): PeopleIndex {
  const places = new Map<string, number>();
  for (const [member, entity] of state.get("Member") ?? EMPTY_SECTION)
    if (!isActive || isActive(entity)) places.set(member, places.size);
  const nodes = new Int32Array(places.size);
  const [parents, groupOf] = [[0], [0]];
  // Where a node leads in the group at hand; valid when the node it leads to was made for that group.
  const next: number[] = [0];
  const groups = [...(state.get("Group")?.values() ?? [])]
    .filter((group) => grantsOfGroup(group.local).length > 0)
    .sort((a, b) => compareText(a.name, b.name) || compareText(a.local, b.local));
  for (const [position, group] of groups.entries()) {
    const members: Section = state.get(membershipSection(group.local)) ?? EMPTY_SECTION;
    const oldest = parents.length;
    for (const member of members.keys()) {
      const place = places.get(member);
      if (place === undefined) continue;
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
