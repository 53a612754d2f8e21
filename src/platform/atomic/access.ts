// Who can do what, by Atomic's rules: a member has the union of her groups, the environment limit sits on
// the group, and what belongs to the whole organization is dead in a limited group. Pure, lazy and memoized:
// nobody's grants are computed before someone asks, and people in the same groups share one answer.
import { EMPTY_SECTION, type Entity, type Section, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import { lazy } from "../../model/lazy.ts";
import type { AccessView, ResourceSpec } from "../../model/platform.ts";
import { NO_GRANTS } from "../rules/grants.ts";
import { indexPeople } from "../rules/people.ts";
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

const sortedResources = [...resources].sort((a, b) => compareText(a.name, b.name));
const views = new WeakMap<AccessView, AtomicView>();

/** The access view of a state: desired, live or any other; of everyone, or of some members. */
export function viewAccess(state: State, among?: ReadonlySet<string>): AccessView {
  const groups = groupGrants(state);
  const people = indexPeople(state, { grantsOfGroup: groups, rankOf }, among);
  const carried = lazy(() => carriedRoles(state));
  const view: AtomicView = {
    ...people,
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
