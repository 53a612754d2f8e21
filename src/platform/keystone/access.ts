// Who holds which role where, by Keystone's rules: what groups and users are granted, on a project, below one, on all
// projects of the domain or on the domain itself, with everything that a held role implies. Nobody disabled holds
// anything. Pure, lazy and memoized, as `role_assignments?effective=true` computes it.
import { EMPTY_SECTION, type Entity, type Section, type State } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import { lazy } from "../../model/lazy.ts";
import type { AccessView, ResourceSpec } from "../../model/platform.ts";
import { compareGrants, NO_GRANTS } from "../rules/grants.ts";
import { indexPeople } from "../rules/people.ts";
import { ADMIN, DOMAIN, fold, GRANTED } from "./catalogue.ts";
import { type GrantElement, parseGrant } from "./grants.ts";

/** What a state's groups and roles give, besides what its people hold. For the rules beside this file. */
export interface KeystoneView extends AccessView {
  /** What a group gives each of its members, sorted like a member's grants. */
  readonly grantsOfGroup: (group: string) => readonly Grant[];
  /** The grants of a group or member as they are written, wherever they lead. */
  readonly writtenGrants: (kind: string, local: string) => readonly string[];
  /** Whether there is such a member and it can hold anything. */
  readonly isActive: (member: string) => boolean;
  /** Folded names of the roles that a role gives, itself included; empty for a role that is not there. */
  readonly rolesOf: (role: string) => ReadonlySet<string>;
  /** Whether anybody or any group is granted the role, be it through another one that implies it. */
  readonly isGranted: (role: string) => boolean;
}

const views = new WeakMap<AccessView, KeystoneView>();

/** The access view of a state: desired, live or any other; of everyone, or of some members. */
export function viewAccess(state: State, among?: ReadonlySet<string>): AccessView {
  const reach = reachOf(state);
  const granted = lazy(() => grantedRoles(state, reach));
  const entityOf = (kind: string, local: string) => state.get(kind)?.get(local);
  const grantsOfGroup = (group: string) => {
    const entity = entityOf("Group", group);
    return entity ? reach.grantsOf(entity, entity.name) : NO_GRANTS;
  };
  const ownGrants = (member: Entity) => reach.grantsOf(member, undefined);
  const people = indexPeople(state, { grantsOfGroup, ownGrants, isActive, rankOf: () => 0 }, among);
  const view: KeystoneView = {
    ...people,
    grantsOfGroup,
    writtenGrants: (kind, local) => {
      const entity = entityOf(kind, local);
      return entity ? textsOf(entity) : [];
    },
    isActive: (member) => {
      const entity = entityOf("Member", member);
      return entity !== undefined && isActive(entity);
    },
    rolesOf: (role) => (entityOf("Role", role) ? reach.closureOf(role) : new Set<string>()),
    isGranted: (role) => granted().has(role),
  };
  views.set(view, view);
  return view;
}

/** The view with its groups and roles; a view that `viewAccess` did not make is a bug of the caller. */
export function keystoneView(view: AccessView): KeystoneView {
  const found = views.get(view);
  if (!found) throw new TypeError("not a view of a Keystone state");
  return found;
}

/** Whether someone with these grants can give themselves anything in the domain: `admin` on it, be it by implication. */
export function ownerEquivalent(grants: readonly Grant[]): boolean {
  return grants.some(({ resource, scope }) => resource === ADMIN && scope === DOMAIN);
}

/** Every role of a state is something to hold, on projects and on the domain. */
export function resourcesIn(state: State): readonly ResourceSpec[] {
  return [...(state.get("Role")?.values() ?? [])]
    .map(({ name, attributes }) => ({
      name,
      aliases: [],
      levels: [GRANTED],
      scope: "environment" as const,
      about: typeof attributes.description === "string" ? attributes.description : "",
    }))
    .sort((left, right) => compareText(left.name, right.name));
}

/** A member is active unless something says otherwise. */
function isActive(member: Entity): boolean {
  return member.attributes.enabled !== false;
}

function textsOf({ attributes }: Entity): readonly string[] {
  const { grants } = attributes;
  return Array.isArray(grants) ? grants : [];
}

/** The roles and projects of a state, and what grants come to among them. */
interface Reach {
  /** Folded names of a role and of everything it implies, as far as there are such roles. */
  readonly closureOf: (role: string) => ReadonlySet<string>;
  /** What the grants of a group (by its display name) or of a member (undefined) come to. */
  readonly grantsOf: (holder: Entity, group: string | undefined) => readonly Grant[];
}

interface Computed {
  readonly roles: Section;
  readonly projects: Section;
  readonly grants: readonly Grant[];
}

/** What a holder was given the last time: states before and after a plan share most entities, and so their grants. */
const computed = new WeakMap<Entity, Computed>();

function reachOf(state: State): Reach {
  const roles = state.get("Role") ?? EMPTY_SECTION;
  const projects = state.get("Project") ?? EMPTY_SECTION;
  const closures = new Map<string, ReadonlySet<string>>();
  const closureOf = (role: string) => {
    const known = closures.get(role) ?? closeOver(role, roles);
    closures.set(role, known);
    return known;
  };
  const below = lazy(() => projectsBelow(projects));
  const scopesOf = (grant: GrantElement) => scopesOfGrant(grant, projects, below);
  return {
    closureOf,
    grantsOf: (holder, group) => {
      if (textsOf(holder).length === 0) return NO_GRANTS;
      const last = computed.get(holder);
      if (last?.roles === roles && last.projects === projects) return last.grants;
      const grants = expand(holder, group, roles, closureOf, scopesOf);
      computed.set(holder, { roles, projects, grants });
      return grants;
    },
  };
}

/** Implications may go in circles: Keystone allows that. */
function closeOver(role: string, roles: Section): ReadonlySet<string> {
  const closure = new Set<string>();
  const queue = [role];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const entity = roles.get(next);
    if (!entity || closure.has(next)) continue;
    closure.add(next);
    const { implies } = entity.attributes;
    if (Array.isArray(implies)) queue.push(...implies.map(fold));
  }
  return closure;
}

/** Folded project -> display names of the projects below it, at any depth. Only live projects say where they are. */
function projectsBelow(projects: Section): ReadonlyMap<string, readonly string[]> {
  const below = new Map<string, string[]>();
  for (const project of projects.values()) {
    const seen = new Set([project.local]);
    for (let parent = parentOf(project); parent !== undefined; ) {
      const local = fold(parent);
      if (seen.has(local)) break;
      seen.add(local);
      const list = below.get(local);
      if (list) list.push(project.name);
      else below.set(local, [project.name]);
      const entity = projects.get(local);
      parent = entity && parentOf(entity);
    }
  }
  return below;
}

function parentOf({ attributes }: Entity): string | undefined {
  return typeof attributes.parent === "string" ? attributes.parent : undefined;
}

function scopesOfGrant(
  grant: GrantElement,
  projects: Section,
  below: () => ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  switch (grant.on) {
    case "domain":
      return [DOMAIN];
    case "projects":
      return [...projects.values()].map(({ name }) => name);
    case "below":
      return below().get(fold(grant.project)) ?? [];
    case "project":
      return [projects.get(fold(grant.project))?.name ?? grant.project];
    default:
      return grant satisfies never;
  }
}

function expand(
  holder: Entity,
  group: string | undefined,
  roles: Section,
  closureOf: Reach["closureOf"],
  scopesOf: (grant: GrantElement) => readonly string[],
): readonly Grant[] {
  const cells = new Map<string, { resource: string; scope: string; from: Set<string> }>();
  for (const text of textsOf(holder)) {
    const grant = parseGrant(text);
    const local = fold(grant.role);
    const given = roles.get(local)?.name ?? grant.role;
    const scopes = scopesOf(grant);
    for (const role of closureOf(local)) {
      const resource = roles.get(role)?.name ?? role;
      for (const scope of scopes) {
        const key = JSON.stringify([resource, scope]);
        const cell = cells.get(key);
        if (cell) cell.from.add(given);
        else cells.set(key, { resource, scope, from: new Set([given]) });
      }
    }
  }
  if (cells.size === 0) return NO_GRANTS;
  const path = (role: string): Path => (group === undefined ? { role } : { group, role });
  return [...cells.values()]
    .map(({ resource, scope, from }) => ({
      resource,
      scope,
      level: GRANTED,
      via: [...from].sort(compareText).map(path),
    }))
    .sort(compareGrants);
}

function grantedRoles(state: State, { closureOf }: Reach): ReadonlySet<string> {
  const granted = new Set<string>();
  for (const kind of ["Group", "Member"])
    for (const holder of state.get(kind)?.values() ?? [])
      for (const text of textsOf(holder)) for (const role of closureOf(fold(parseGrant(text).role))) granted.add(role);
  return granted;
}
