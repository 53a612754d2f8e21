// Who can do what, by Atomic's rules: a member has the union of her groups, the environment limit sits on
// the group, and what belongs to the whole organization is dead in a limited group. Pure, lazy and memoized:
// nobody's grants are computed before someone asks, and people in the same groups share one answer.
import { EMPTY_SECTION, type Entity, membershipSection, type Section, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import type { AccessView, GrantParts, ResourceSpec } from "../../model/platform.ts";
import { type Roster, RosterSection } from "../../model/roster.ts";
import { escalating, resources } from "./catalogue.ts";
import { effectiveLevel, fold, rankOf, resourceNamed } from "./ladder.ts";

/** Scope of what has no environment. */
export const ORGANIZATION = "organization";

/** What a state's groups and roles give, besides what its people hold. For the rules beside this file. */
export interface AtomicView extends AccessView {
  /** What a group gives each of its members, sorted like a member's grants. */
  readonly grantsOfGroup: (group: string) => readonly Grant[];
  /** Resource -> level a role gives wherever its resource's scope allows; undefined for a role that is not there. */
  readonly permissionsOfRole: (role: string) => ReadonlyMap<string, string> | undefined;
  /** Whether any group carries the role. */
  readonly isCarried: (role: string) => boolean;
  /** Whether any role of the group permits anything, were it in force or not. */
  readonly givesAnything: (group: string) => boolean;
  /** Whether the group is limited to some environments; undefined for a group that is not there. */
  readonly isLimited: (group: string) => boolean | undefined;
}

const NO_GRANTS: readonly Grant[] = Object.freeze([]);
const sortedResources = [...resources].sort((a, b) => compareText(a.name, b.name));
const views = new WeakMap<AccessView, AtomicView>();

/** The access view of a state: desired, live or any other; of everyone, or of some members. */
export function viewAccess(state: State, among?: ReadonlySet<string>): AccessView {
  const groups = groupGrants(state);
  const people = indexPeople(state, groups, among);
  const carried = lazy(() => carriedRoles(state));
  const view: AtomicView = {
    ...people,
    anyone: (test) => anyGroup(state, groups, test) || anyPerson(among ? viewAccess(state) : view, test),
    grantsOfGroup: groups,
    permissionsOfRole: (role) => {
      const entity = state.get("Role")?.get(role);
      return entity && permissionsOf(entity);
    },
    isCarried: (role) => carried().has(role),
    givesAnything: (group) => {
      const entity = state.get("Group")?.get(group);
      return entity !== undefined && rolesOf(entity, state).some((role) => permissionsOf(role).size > 0);
    },
    isLimited: (group) => {
      const entity = state.get("Group")?.get(group);
      return entity && limitOf(entity) !== undefined;
    },
  };
  views.set(view, view);
  return view;
}

/** Whether a group with somebody in it gives what passes by itself. */
function anyGroup(
  state: State,
  grantsOfGroup: (group: string) => readonly Grant[],
  test: (grants: readonly Grant[]) => boolean,
): boolean {
  const everyone = state.get("Member") ?? EMPTY_SECTION;
  for (const group of state.get("Group")?.keys() ?? []) {
    if (!test(grantsOfGroup(group))) continue;
    for (const member of state.get(membershipSection(group))?.keys() ?? []) if (everyone.has(member)) return true;
  }
  return false;
}

function anyPerson(view: AccessView, test: (grants: readonly Grant[]) => boolean): boolean {
  return view.members().some((member) => test(view.grantsOf(member)));
}

/** The view with its groups and roles; a view that `viewAccess` did not make is a bug of the caller. */
export function atomicView(view: AccessView): AtomicView {
  const found = views.get(view);
  if (!found) throw new TypeError("not a view of an Atomic state");
  return found;
}

/** Whether someone with these grants can give themselves anything. */
export function ownerEquivalent(grants: readonly Grant[]): boolean {
  return grants.some(({ resource, level }) => escalating.includes(resource) && rankOf(resource, level) >= 1);
}

/** Names a group is limited to, or undefined when it has all environments. */
export function limitOf(group: Entity): readonly string[] | undefined {
  const { environments } = group.attributes;
  return Array.isArray(environments) ? environments : undefined;
}

const permissionsMemo = new WeakMap<Entity, ReadonlyMap<string, string>>();

/** Resource -> effective level of a role. Resources that the catalogue does not know, or that offer nothing so low, are left out. */
export function permissionsOf(role: Entity): ReadonlyMap<string, string> {
  const known = permissionsMemo.get(role);
  if (known) return known;
  const permissions = computePermissions(role);
  permissionsMemo.set(role, permissions);
  return permissions;
}

function computePermissions(role: Entity): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  const { permissions } = role.attributes;
  if (typeof permissions !== "object" || Array.isArray(permissions)) return result;
  for (const [name, granted] of Object.entries(permissions)) {
    const resource = resourceNamed(name);
    const level = resource && effectiveLevel(resource, granted);
    if (!resource || level === undefined) continue;
    const known = result.get(resource.name);
    if (known === undefined || rankOf(resource.name, level) > rankOf(resource.name, known))
      result.set(resource.name, level);
  }
  return result;
}

/** Roles a group carries that are in the state, each once, sorted by name. */
export function rolesOf(group: Entity, state: State): Entity[] {
  const { roles } = group.attributes;
  if (!Array.isArray(roles)) return [];
  const known = state.get("Role") ?? EMPTY_SECTION;
  const found = new Set<Entity>();
  for (const name of roles) {
    const role = known.get(fold(name));
    if (role) found.add(role);
  }
  return [...found].sort((a, b) => compareText(a.name, b.name));
}

function carriedRoles(state: State): ReadonlySet<string> {
  const carried = new Set<string>();
  for (const group of state.get("Group")?.values() ?? [])
    for (const role of rolesOf(group, state)) carried.add(role.local);
  return carried;
}

/** A memoized function from a group's folded name to what it gives. */
function groupGrants(state: State): (group: string) => readonly Grant[] {
  const environments = lazy(() => [...(state.get("Environment")?.values() ?? [])].map(({ name }) => name));
  const memo = new Map<string, readonly Grant[]>();
  return (group) => {
    const known = memo.get(group);
    if (known) return known;
    const entity = state.get("Group")?.get(group);
    const grants = entity ? shareGroup(entity, state, environments) : NO_GRANTS;
    memo.set(group, grants);
    return grants;
  };
}

interface Computed {
  readonly roles: readonly Entity[];
  readonly environments: Section;
  readonly grants: readonly Grant[];
}

/** What a group entity gave the last time: states before and after a plan share most entities, and so their grants. */
const computed = new WeakMap<Entity, Computed>();

function shareGroup(group: Entity, state: State, names: () => readonly string[]): readonly Grant[] {
  const roles = rolesOf(group, state);
  const environments = state.get("Environment") ?? EMPTY_SECTION;
  const last = computed.get(group);
  const same = last?.environments === environments && sameItems(last.roles, roles);
  if (last && same) return last.grants;
  const grants = computeGroup(group, roles, environments, names);
  computed.set(group, { roles, environments, grants });
  return grants;
}

function sameItems(left: readonly Entity[], right: readonly Entity[]): boolean {
  return left.length === right.length && left.every((entity, index) => entity === right[index]);
}

function computeGroup(
  group: Entity,
  carried: readonly Entity[],
  environments: Section,
  everywhere: () => readonly string[],
): readonly Grant[] {
  const roles = carried.map((role) => ({ name: role.name, permissions: permissionsOf(role) }));
  const limit = limitOf(group);
  const names = limit?.map((name) => environments.get(fold(name))?.name ?? name) ?? everywhere();
  const sorted = [...new Set(names)].sort(compareText);
  const grants: Grant[] = [];
  for (const resource of sortedResources) {
    const scopes = resource.scope === "environment" ? sorted : limit ? [] : [ORGANIZATION];
    if (scopes.length === 0) continue;
    const given = giveResource(resource, group.name, roles);
    if (given) for (const scope of scopes) grants.push({ resource: resource.name, scope, ...given });
  }
  return grants.length === 0 ? NO_GRANTS : grants;
}

function giveResource(
  resource: ResourceSpec,
  group: string,
  roles: readonly { readonly name: string; readonly permissions: ReadonlyMap<string, string> }[],
): { readonly level: string; readonly via: readonly Path[] } | undefined {
  let best = -1;
  for (const { permissions } of roles) {
    const given = permissions.get(resource.name);
    if (given !== undefined) best = Math.max(best, resource.levels.indexOf(given));
  }
  const level = resource.levels[best];
  if (level === undefined) return undefined;
  const via: Path[] = [];
  for (const { name, permissions } of roles) {
    const given = permissions.get(resource.name);
    if (given === level) via.push({ group, role: name });
    else if (given !== undefined) via.push({ group, role: name, level: given });
  }
  return { level, via };
}

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

function indexPeople(
  state: State,
  grantsOfGroup: (group: string) => readonly Grant[],
  among: ReadonlySet<string> | undefined,
): Pick<AccessView, "members" | "grantsOf" | "partsOf"> {
  const index = lazy(() => buildIndex(state, grantsOfGroup, among));
  const memo = new Map<number, readonly Grant[]>();
  const parts = new Map<number, GrantParts>([[0, []]]);
  const nodeOf = (member: string) => {
    const { places, nodes } = index();
    return nodes[places.get(member) ?? -1] ?? 0;
  };
  const partsOf = (node: number): GrantParts => {
    const known = parts.get(node);
    if (known) return known;
    const { parents, groups, groupOf } = index();
    const found: (readonly Grant[])[] = [];
    for (let at = node; at > 0; at = parents[at] ?? 0)
      found.push(grantsOfGroup((groups[groupOf[at] ?? 0] as Entity).local));
    parts.set(node, found.reverse());
    return found;
  };
  return {
    members: lazy(() => {
      const { places, nodes } = index();
      const holders: string[] = [];
      for (const [member, place] of places) if (nodes[place] !== 0) holders.push(member);
      return holders.sort();
    }),
    grantsOf: (member) => {
      const node = nodeOf(member);
      const known = memo.get(node);
      if (known) return known;
      const grants = partsOf(node).reduce(mergeGrants, NO_GRANTS);
      memo.set(node, grants);
      return grants;
    },
    partsOf: (member) => partsOf(nodeOf(member)),
  };
}

function buildIndex(
  state: State,
  grantsOfGroup: (group: string) => readonly Grant[],
  among: ReadonlySet<string> | undefined,
): PeopleIndex {
  const places = new Map<string, number>();
  const everyone = state.get("Member") ?? EMPTY_SECTION;
  for (const member of among ?? everyone.keys()) if (!among || everyone.has(member)) places.set(member, places.size);
  const nodes = new Int32Array(places.size);
  const placesIn = placeFinder(places);
  const [parents, groupOf] = [[0], [0]];
  // Where a node leads in the group at hand; valid when the node it leads to was made for that group.
  const next: number[] = [0];
  // What a group gives is worked out only when somebody is in it who is asked about.
  const holding: { readonly group: Entity; readonly members: readonly number[] }[] = [];
  for (const group of state.get("Group")?.values() ?? []) {
    const members = [...placesIn(state.get(membershipSection(group.local)) ?? EMPTY_SECTION)];
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

/** The union of two sorted lists of grants: the higher level, and the paths of both. */
function mergeGrants(left: readonly Grant[], right: readonly Grant[]): readonly Grant[] {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const merged: Grant[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const order = compareGrants(left[l], right[r]);
    if (order < 0) merged.push(left[l++] as Grant);
    else if (order > 0) merged.push(right[r++] as Grant);
    else merged.push(joinGrants(left[l++] as Grant, right[r++] as Grant));
  }
  return merged;
}

function joinGrants(left: Grant, right: Grant): Grant {
  const { resource, scope } = left;
  if (left.level === right.level) return { resource, scope, level: left.level, via: left.via.concat(right.via) };
  const keepsLeft = rankOf(resource, left.level) >= rankOf(resource, right.level);
  const level = keepsLeft ? left.level : right.level;
  const via = keepsLeft ? left.via.concat(lesserPaths(right)) : lesserPaths(left).concat(right.via);
  return { resource, scope, level, via };
}

/** The paths of a grant that becomes part of a higher one: each says what it gives. */
function lesserPaths({ level, via }: Grant): readonly Path[] {
  return via.map((path) => (path.level === undefined ? { ...path, level } : path));
}

/** By resource, then scope; what is not there comes last. */
export function compareGrants(left: Grant | undefined, right: Grant | undefined): number {
  if (!left || !right) return left ? -1 : right ? 1 : 0;
  return compareText(left.resource, right.resource) || compareText(left.scope, right.scope);
}

function lazy<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => {
    value ??= { of: compute() };
    return value.of;
  };
}
