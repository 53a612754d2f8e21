// What is worth saying about Keystone policies beyond their shape: access that bypasses groups, roles that cannot be as
// they are declared, and things without use. One small check for each, all run, all silent when all is well.

import { placeOf } from "../../model/document.ts";
import type { Entity, State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { Check, PolicySet } from "../../model/platform.ts";
import { hasEnded } from "../../model/until.ts";
import {
  type Declared,
  eachDeclared,
  groupWithoutMembers,
  indexOfName,
  listItems,
  roleThatImpliesItself,
} from "../rules/checks.ts";
import { builtInRoles, DOMAIN, fold, NEVER_IMPLIED } from "./catalogue.ts";
import { parseGrant } from "./grants.ts";

/** Every check of the platform, in the order of the list in the README. */
export const checks: readonly Check[] = [
  { name: "direct-grant", run: (policies, state) => eachDeclared("Member", policies, state, directGrants) },
  { name: "built-in-role", run: (policies, state) => eachDeclared("Role", policies, state, changedBuiltIn) },
  {
    name: "prohibited-implication",
    run: (policies, state) => eachDeclared("Role", policies, state, prohibitedImplications),
  },
  { name: "implication-circle", run: (policies, state) => eachDeclared("Role", policies, state, impliesItself) },
  { name: "role-unused", run: unusedRoles },
  { name: "redundant-grant", run: redundantGrants },
  { name: "group-without-grants", run: (policies, state) => eachDeclared("Group", policies, state, withoutGrants) },
  { name: "group-without-members", run: (policies, state) => eachDeclared("Group", policies, state, withoutMembers) },
  { name: "reserved-project-name", run: reservedProjects },
  {
    name: "application-credential-ended",
    run: (policies, state) => eachDeclared("ApplicationCredential", policies, state, endedCredentials),
  },
];

function grantsOf({ attributes }: Entity): readonly string[] {
  return Array.isArray(attributes.grants) ? attributes.grants : [];
}

function impliedBy({ attributes }: Entity): readonly string[] {
  return Array.isArray(attributes.implies) ? attributes.implies : [];
}

function* directGrants({ document, entity }: Declared): Iterable<Finding> {
  const grants = grantsOf(entity);
  if (grants.length === 0) return;
  yield {
    severity: "warning",
    code: "direct-grant",
    message: `Member "${entity.name}" is granted ${listItems(grants)} past every group`,
    place: placeOf(document, ["grants"]),
    hint: "Assign through a group: give the grants to a Group and list the member in its Membership.",
  };
}

/** People whom the platform grants something past every group, and no file says so. */
export function checkLive(live: State, want: State): readonly Finding[] {
  const found = [...(live.get("Member")?.values() ?? [])].flatMap((member) => {
    const grants = grantsOf(member);
    const declared = want.get("Member")?.get(member.local)?.attributes.grants;
    return grants.length === 0 || declared !== undefined ? [] : [`${member.name} (${listItems(grants)})`];
  });
  if (found.length === 0) return [];
  const who = found.length === 1 ? "1 user" : `${found.length} users`;
  return [
    {
      severity: "warning",
      code: "direct-grant",
      message: `The platform grants roles to ${who} past every group, and no file says so: ${listItems(found.sort())}`,
      hint: "Assign through a group; or declare them under grants of the Member (rolebook import writes users that no file declares).",
    },
  ];
}

/** Files cannot know what a platform made immutable, but these three are, unless somebody went to great lengths. */
function* changedBuiltIn({ document, entity }: Declared): Iterable<Finding> {
  const known = Object.hasOwn(builtInRoles, entity.local) ? builtInRoles[entity.local] : undefined;
  if (!known) return;
  const implied = entity.attributes.implies === undefined ? known : impliedBy(entity);
  if ([...implied].sort().join("\n") === [...known].sort().join("\n") && !entity.previously) return;
  yield {
    severity: "warning",
    code: "built-in-role",
    message: `Role "${entity.name}" comes with Keystone and implies ${listItems(known)} there; it is immutable unless somebody changed that`,
    place: placeOf(document, [entity.previously ? "previously" : "implies"]),
    hint: "Leave the document out, or declare the role as it is on the platform.",
  };
}

function* prohibitedImplications({ document, entity }: Declared): Iterable<Finding> {
  for (const name of impliedBy(entity))
    if (NEVER_IMPLIED.includes(fold(name)))
      yield {
        severity: "error",
        code: "prohibited-implication",
        message: `Role "${entity.name}" implies "${name}", which Keystone lets no role imply`,
        place: placeOf(document, ["implies", indexOfName(document, "implies", name, fold)]),
        hint: `Grant "${name}" by itself where it is needed.`,
      };
}

function impliesItself(declared: Declared): Iterable<Finding> {
  return roleThatImpliesItself(declared, (role) => impliedBy(role).map(fold));
}

function* unusedRoles(policies: PolicySet, state: State): Iterable<Finding> {
  const used = new Set<string>();
  for (const kind of ["Group", "Member"])
    for (const entity of state.get(kind)?.values() ?? [])
      for (const text of grantsOf(entity)) used.add(fold(parseGrant(text).role));
  for (const role of state.get("Role")?.values() ?? []) for (const name of impliedBy(role)) used.add(fold(name));
  for (const credential of state.get("ApplicationCredential")?.values() ?? []) {
    const { roles } = credential.attributes;
    for (const name of Array.isArray(roles) ? roles : []) used.add(fold(name));
  }
  for (const document of policies.documents) {
    const { name } = document.value;
    if (document.kind !== "Role" || typeof name !== "string") continue;
    if (used.has(fold(name)) || Object.hasOwn(builtInRoles, fold(name))) continue;
    yield {
      severity: "warning",
      code: "role-unused",
      message: `Nobody is granted role "${name}", and no role implies it`,
      place: placeOf(document, ["name"]),
      hint: "Name it in a group's grants, or remove it.",
    };
  }
}

/** A role on one project, where the same holder has the same role on all of them. */
function* redundantGrants(policies: PolicySet, state: State): Iterable<Finding> {
  for (const kind of ["Group", "Member"])
    for (const finding of eachDeclared(kind, policies, state, redundantIn)) yield finding;
}

function* redundantIn({ document, entity }: Declared): Iterable<Finding> {
  const grants = grantsOf(entity).map((text) => ({ text, grant: parseGrant(text) }));
  const everywhere = new Set(grants.flatMap(({ grant }) => (grant.on === "projects" ? [fold(grant.role)] : [])));
  for (const { text, grant } of grants) {
    if ((grant.on !== "project" && grant.on !== "below") || !everywhere.has(fold(grant.role))) continue;
    yield {
      severity: "warning",
      code: "redundant-grant",
      message: `${entity.kind} "${entity.name}" is granted ${text}, and ${grant.role} on all projects already`,
      place: placeOf(document, ["grants"]),
      hint: "Remove the narrower one.",
    };
  }
}

function* withoutGrants({ document, entity }: Declared): Iterable<Finding> {
  const { grants } = document.value;
  if (!Array.isArray(grants) || grants.length > 0) return;
  yield {
    severity: "warning",
    code: "group-without-grants",
    message: `Group "${entity.name}" is granted nothing, so its members get nothing from it`,
    place: placeOf(document, ["grants"]),
    hint: "List the grants it is for, or remove the group.",
  };
}

function withoutMembers({ document, entity, state }: Declared): Iterable<Finding> {
  return groupWithoutMembers(document, entity, state);
}

/** A project of this name could not be told from the domain in a report. */
function* reservedProjects(_policies: PolicySet, state: State): Iterable<Finding> {
  const project = state.get("Project")?.get(DOMAIN);
  if (!project) return;
  yield {
    severity: "warning",
    code: "reserved-project-name",
    message: `Project "${project.name}" has the name that reports give to the domain itself`,
    ...(project.place ? { place: project.place } : {}),
    hint: "Read grants on it with care; a project can be renamed.",
  };
}

function* endedCredentials({ document, entity, policies }: Declared): Iterable<Finding> {
  const { expires } = entity.attributes;
  if (typeof expires !== "string" || !hasEnded(expires, policies.now, "UTC")) return;
  yield {
    severity: "warning",
    code: "application-credential-ended",
    message: `ApplicationCredential "${entity.name}" ended with ${expires}`,
    place: placeOf(document, ["expires"]),
    hint: "Remove the document; the next apply deletes it on the platform too.",
  };
}
