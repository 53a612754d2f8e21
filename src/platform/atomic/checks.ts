// What is worth saying about Atomic policies beyond their shape: names the catalogue does not know, levels and
// scopes that give nothing, and things without use. One small check for each, all run, all silent when all is well.

import { type DocumentPath, type PolicyDocument, placeOf } from "../../model/document.ts";
import type { Entity, State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import { nearest } from "../../model/nearest.ts";
import type { Check, PolicySet, ResourceSpec } from "../../model/platform.ts";
import { groupWithoutMembers, groupWithoutRoles } from "../rules/checks.ts";
import { limitOf, permissionsOf, rolesOf } from "./access.ts";
import { levels, resources } from "./catalogue.ts";
import { effectiveLevel, fold, rankOf, resourceNamed } from "./ladder.ts";

/** Every check of the platform, in the order of the list in the README. */
export const checks: readonly Check[] = [
  { name: "unknown-resource", run: (policies) => eachPermission(policies, unknownResource) },
  { name: "unknown-level", run: (policies) => eachPermission(policies, unknownLevel) },
  { name: "level-not-offered", run: (policies) => eachPermission(policies, levelNotOffered) },
  {
    name: "organization-permission-in-limited-group",
    run: (policies, state) => eachGroup(policies, state, deadInLimit),
  },
  { name: "redundant-level", run: (policies, state) => eachGroup(policies, state, redundantRoles) },
  { name: "role-unused", run: unusedRoles },
  { name: "group-without-roles", run: (policies, state) => eachGroup(policies, state, withoutRoles) },
  { name: "group-without-members", run: (policies, state) => eachGroup(policies, state, withoutMembers) },
];

interface Permission {
  readonly document: PolicyDocument;
  readonly path: DocumentPath;
  readonly role: string;
  /** As written. */
  readonly name: string;
  readonly level: string;
  readonly resource: ResourceSpec | undefined;
}

function* eachPermission(
  policies: PolicySet,
  check: (permission: Permission) => Finding | undefined,
): Iterable<Finding> {
  for (const document of policies.documents) {
    const { name: role, permissions } = document.value;
    if (document.kind !== "Role" || typeof permissions !== "object" || permissions === null) continue;
    for (const [name, level] of Object.entries(permissions)) {
      if (typeof level !== "string") continue;
      const path = ["permissions", name];
      const finding = check({ document, path, role: String(role), name, level, resource: resourceNamed(name) });
      if (finding) yield finding;
    }
  }
}

const everyName = resources.flatMap(({ name, aliases }) => [name, ...aliases]);

function unknownResource({ document, path, role, name, resource }: Permission): Finding | undefined {
  if (resource) return undefined;
  const similar = nearest(name, everyName);
  const known = similar === undefined ? undefined : resourceNamed(similar)?.name;
  return {
    severity: "error",
    code: "unknown-resource",
    message: `Role "${role}" has a permission on "${name}", which is not a resource of Atomic`,
    place: placeOf(document, path, "key"),
    hint: known === undefined ? "See the catalogue of resources in the README." : `Did you mean "${known}"?`,
  };
}

function unknownLevel({ document, path, role, name, level, resource }: Permission): Finding | undefined {
  if (!resource || levels.includes(level)) return undefined;
  const similar = nearest(level, levels);
  return {
    severity: "error",
    code: "unknown-level",
    message: `Role "${role}" has level "${level}" on ${name}, which is not a level of Atomic`,
    place: placeOf(document, path),
    hint: similar === undefined ? offers(resource) : `Did you mean "${similar}"? ${offers(resource)}`,
  };
}

function levelNotOffered({ document, path, role, level, resource }: Permission): Finding | undefined {
  if (!resource || !levels.includes(level) || resource.levels.includes(level)) return undefined;
  const effective = effectiveLevel(resource, level);
  const gives = effective === undefined ? "it gives nothing" : `it gives ${effective}`;
  return {
    severity: "warning",
    code: "level-not-offered",
    message: `Role "${role}" has level "${level}" on ${resource.name}, which does not offer it: ${gives}`,
    place: placeOf(document, path),
    hint: offers(resource),
  };
}

function offers(resource: ResourceSpec): string {
  return `${resource.name} offers ${resource.levels.join(", ")}.`;
}

interface GroupInState {
  readonly document: PolicyDocument;
  readonly group: Entity;
  readonly state: State;
}

function* eachGroup(
  policies: PolicySet,
  state: State,
  check: (group: GroupInState) => Iterable<Finding>,
): Iterable<Finding> {
  for (const document of policies.documents) {
    if (document.kind !== "Group" || typeof document.value.name !== "string") continue;
    const group = state.get("Group")?.get(fold(document.value.name));
    if (group) yield* check({ document, group, state });
  }
}

/** Where the group's document names a role. */
function placeOfRole(document: PolicyDocument, role: Entity) {
  const { roles } = document.value;
  const index = Array.isArray(roles)
    ? roles.findIndex((name) => typeof name === "string" && fold(name) === role.local)
    : -1;
  return placeOf(document, ["roles", index]);
}

function* deadInLimit({ document, group, state }: GroupInState): Iterable<Finding> {
  const limit = limitOf(group);
  if (!limit) return;
  for (const role of rolesOf(group, state)) {
    const permissions = [...permissionsOf(role)];
    const dead = permissions.filter(([resource]) => resourceNamed(resource)?.scope === "organization");
    if (dead.length === 0) continue;
    yield {
      severity: "warning",
      code: "organization-permission-in-limited-group",
      message: `Group "${group.name}" is limited to ${listed(limit)}, so it gives nothing of what role "${role.name}" permits on the whole organization: ${listed(dead.map(([resource]) => resource))}`,
      place: placeOfRole(document, role),
      hint: splitHint(group.name, role.name, dead, dead.length === permissions.length),
    };
  }
}

/** The vendor's own way out: two groups, and for a role that mixes both scopes two roles, each with its group's name. */
function splitHint(group: string, role: string, dead: readonly (readonly [string, string])[], whole: boolean): string {
  const second = `${group} - organization`;
  const permissions = dead.map(([resource, level]) => `${resource}: ${level}`).join(", ");
  return whole
    ? `Split in two: take role "${role}" out of group "${group}" and into a group "${second}" with environments: all, and put the same people into both.`
    : `Split in two: move ${permissions} from role "${role}" to a role "${second}", carry that in a group "${second}" with environments: all, and put the same people into both.`;
}

/**
 * Roles that add nothing in a group, since every level they have in force there comes from another of its roles too.
 * A mere overlap is no finding: roles that go together often share a `view`. Linear: each resource has one best
 * holder (the first with the highest level), and a role that is nobody's best holder can go.
 */
function* redundantRoles({ document, group, state }: GroupInState): Iterable<Finding> {
  const roles = rolesOf(group, state).map((role) => ({
    role,
    permissions: inForce(role, limitOf(group) !== undefined),
  }));
  const best = new Map<string, { readonly role: Entity; readonly rank: number }>();
  for (const { role, permissions } of roles)
    for (const [resource, level] of permissions) {
      const rank = rankOf(resource, level);
      if (rank > (best.get(resource)?.rank ?? -1)) best.set(resource, { role, rank });
    }
  for (const { role, permissions } of roles) {
    if (permissions.length === 0 || permissions.some(([resource]) => best.get(resource)?.role === role)) continue;
    const given = permissions.map(([resource, level]) => `${resource} ${level}`);
    const givers = new Set(permissions.map(([resource]) => `"${best.get(resource)?.role.name}"`));
    yield {
      severity: "warning",
      code: "redundant-level",
      message: `Role "${role.name}" adds nothing in group "${group.name}": ${listed(given)} or more comes from ${listed([...givers])} already`,
      place: placeOfRole(document, role),
      hint: `Take "${role.name}" out of the group.`,
    };
  }
}

function inForce(role: Entity, limited: boolean): (readonly [string, string])[] {
  return [...permissionsOf(role)].filter(([name]) => !limited || resourceNamed(name)?.scope === "environment");
}

function* unusedRoles(policies: PolicySet, state: State): Iterable<Finding> {
  const used = new Set<string>();
  for (const group of state.get("Group")?.values() ?? [])
    for (const role of rolesOf(group, state)) used.add(role.local);
  for (const document of policies.documents) {
    const { name } = document.value;
    if (document.kind !== "Role" || typeof name !== "string" || used.has(fold(name))) continue;
    yield {
      severity: "warning",
      code: "role-unused",
      message: `No group carries role "${name}", so it gives nobody anything`,
      place: placeOf(document, ["name"]),
      hint: "List it in a group's roles, or remove it.",
    };
  }
}

function withoutRoles({ document, group }: GroupInState): Iterable<Finding> {
  return groupWithoutRoles({ document, entity: group });
}

function withoutMembers({ document, group, state }: GroupInState): Iterable<Finding> {
  return groupWithoutMembers(document, group, state);
}

/** At most four items by name, the rest by number. */
function listed(items: readonly string[]): string {
  const shown = items.length > 5 ? [...items.slice(0, 4), `${items.length - 4} more`] : items;
  return shown.join(", ");
}
