// What is worth saying about Atomyx policies beyond their shape: workspaces that do not stay apart, access that bypasses groups
// or opens nothing, and things without use. One small check for each, all run, all silent when all is well.

import { type PolicyDocument, placeOf } from "../../model/document.ts";
import type { State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { Check, PolicySet } from "../../model/platform.ts";
import { endOfSpan } from "../../model/until.ts";
import {
  type Declared,
  eachDeclared,
  groupWithoutMembers,
  groupWithoutRoles,
  indexOfName,
  listItems,
  roleThatImpliesItself,
} from "../rules/checks.ts";
import { workspaceRolesOf } from "./access.ts";
import { fold, SUPER_ADMIN, workspaceRoles } from "./catalogue.ts";
import {
  crossProductImplication,
  crossWorkspaceReference,
  membersOutsideWorkspace,
  OWNED_KINDS,
  purposeMismatch,
  roleOutsideWorkspace,
  unknownContainer,
  unqualifiedName,
} from "./isolation.ts";
import { nameInProduct, nameInWorkspace, productOf } from "./names.ts";
import { isProductAdmin, isProductOpen, productRulesOf, textsOf } from "./products.ts";

/** A check of every declared entity of some kinds. */
function each(name: string, kinds: readonly string[], check: (declared: Declared) => Iterable<Finding>): Check {
  return {
    name,
    run: function* (policies, state) {
      for (const kind of kinds) yield* eachDeclared(kind, policies, state, check);
    },
  };
}

/** Every check of the platform, in the order of the list in the README. */
export const checks: readonly Check[] = [
  each("unqualified-name", ["Workspace", ...OWNED_KINDS], unqualifiedName),
  each("unknown-workspace", OWNED_KINDS, unknownContainer),
  each("cross-workspace-reference", OWNED_KINDS, crossWorkspaceReference),
  each("cross-product-implication", ["Role"], crossProductImplication),
  each("key-purpose-mismatch", ["ApiKey"], (declared) => purposeMismatch(declared, "purpose")),
  each("integration-environment-mismatch", ["Integration"], (declared) => purposeMismatch(declared, "environment")),
  { name: "group-member-outside-workspace", run: membersOutsideWorkspace },
  each("role-outside-workspace", ["Member"], roleOutsideWorkspace),
  each("direct-assignment", ["Member"], directAssignments),
  each("inactive-product", ["Group", "Member"], inactiveProducts),
  each("redundant-workspace-role", ["Member"], redundantWorkspaceRoles),
  each("redundant-role", ["Group", "Member"], redundantRoles),
  each("built-in-role", ["Role"], changedAdmin),
  each("super-admin", ["Role", "Group"], superAdmin),
  each("implication-circle", ["Role"], impliesItself),
  { name: "role-unused", run: unusedRoles },
  each("group-without-roles", ["Group"], groupWithoutRoles),
  each("group-without-members", ["Group"], withoutMembers),
  each("insecure-callback", ["Integration"], insecureCallback),
  each("invalid-span", ["ApiKey"], invalidRotation),
];

function* directAssignments({ document, entity }: Declared): Iterable<Finding> {
  const roles = textsOf(entity, "roles");
  if (roles.length === 0) return;
  yield {
    severity: "warning",
    code: "direct-assignment",
    message: `Member "${entity.name}" is assigned ${listItems(roles)} past every group`,
    place: placeOf(document, ["roles"]),
    hint: "Assign through a group: give the roles to a Group and list the member in its Membership.",
  };
}

/** What only the platform shows: direct roles that no file speaks of, and what is called like the vendor's own staff. */
export function checkLive(live: State, want: State): readonly Finding[] {
  const members = [...(live.get("Member")?.values() ?? [])];
  const assigned = members.flatMap((member) => {
    const roles = textsOf(member, "roles");
    const declared = want.get("Member")?.get(member.local)?.attributes.roles;
    return roles.length === 0 || declared !== undefined ? [] : [`${member.name} (${listItems(roles)})`];
  });
  const seen = ["Role", "Group"]
    .flatMap((kind) => [...(live.get(kind)?.values() ?? [])])
    .filter(({ name }) => isSuperAdmin(ownName(name)))
    .map(({ kind, name }) => `${kind.toLowerCase()} ${name}`)
    .sort();
  return [
    ...(assigned.length === 0 ? [] : [liveAssignments(assigned.sort())]),
    ...(seen.length === 0 ? [] : [liveNames(seen)]),
  ];
}

function liveAssignments(found: readonly string[]): Finding {
  const who = found.length === 1 ? "1 member" : `${found.length} members`;
  return {
    severity: "warning",
    code: "direct-assignment",
    message: `The platform assigns product roles to ${who} past every group, and no file says so: ${listItems(found)}`,
    hint: "Assign through a group; or declare them under roles of the Member (rolebook import writes members that no file declares).",
  };
}

function liveNames(found: readonly string[]): Finding {
  return {
    severity: "warning",
    code: "super-admin",
    message: `The platform has something called like what the vendor's own staff are, and nobody else: ${listItems(found)}`,
    hint: "Give it a name that says what it is for.",
  };
}

function isSuperAdmin(name: string): boolean {
  return fold(name) === fold(SUPER_ADMIN);
}

/** A name without what it belongs to. */
function ownName(name: string): string {
  return nameInProduct(name) ?? nameInWorkspace(name) ?? name;
}

function* superAdmin({ document, entity }: Declared): Iterable<Finding> {
  if (!isSuperAdmin(ownName(entity.name))) return;
  yield {
    severity: "error",
    code: "super-admin",
    message: `${entity.kind} "${entity.name}" is called like what the vendor's own staff is, and nobody else`,
    place: placeOf(document, ["name"]),
    hint: "Give it a name that says what it is for.",
  };
}

/** Roles of products that open nothing to anybody. */
function* inactiveProducts({ document, entity, state }: Declared): Iterable<Finding> {
  for (const role of textsOf(entity, "roles")) {
    const product = state.get("Product")?.get(fold(productOf(role) ?? ""));
    if (!product || isProductOpen(product)) continue;
    const why = product.attributes.active === false ? "is not active" : "has no subscription in force";
    yield {
      severity: "warning",
      code: "inactive-product",
      message: `${entity.kind} "${entity.name}" gives role "${role}", and product "${product.name}" ${why}: it opens nothing`,
      place: placeOf(document, ["roles", indexOfName(document, "roles", role, fold)]),
      hint: "Remove the role; once the product is open again, it opens to everybody concerned at once.",
    };
  }
}

/** A workspace role that controls nothing which another one of the same member in the same workspace does not. */
function* redundantWorkspaceRoles({ document, entity }: Declared): Iterable<Finding> {
  const held = workspaceRolesOf(entity);
  for (const { workspace, role } of held) {
    const control = controlOf(role);
    const wider = held.find(
      (other) =>
        fold(other.workspace) === fold(workspace) &&
        fold(other.role) !== fold(role) &&
        control.every((one) => controlOf(other.role).includes(one)),
    );
    if (!wider) continue;
    yield {
      severity: "warning",
      code: "redundant-workspace-role",
      message: `Member "${entity.name}" is ${role} of ${workspace}, and ${wider.role} already`,
      place: placeOf(document, ["workspaces", indexOfElement(document, workspace, role)]),
      hint: "Remove the narrower one.",
    };
  }
}

function controlOf(role: string): readonly string[] {
  return workspaceRoles[role] ?? [];
}

function indexOfElement(document: PolicyDocument, workspace: string, role: string): number {
  const list = document.value.workspaces as readonly Readonly<Record<string, string>>[] | undefined;
  return (
    list?.findIndex((one) => fold(one.workspace ?? "") === fold(workspace) && fold(one.role ?? "") === fold(role)) ?? -1
  );
}

/** A role beside one that includes it. */
function* redundantRoles({ document, entity, state }: Declared): Iterable<Finding> {
  const roles = textsOf(entity, "roles");
  if (roles.length < 2) return;
  const { rolesOf } = productRulesOf(state);
  for (const role of roles) {
    const wider = roles.find(
      (other) =>
        other !== role &&
        rolesOf(fold(other)).has(fold(role)) &&
        (!rolesOf(fold(role)).has(fold(other)) || other < role),
    );
    if (wider === undefined) continue;
    yield {
      severity: "warning",
      code: "redundant-role",
      message: `${entity.kind} "${entity.name}" gives "${role}", which "${wider}" includes`,
      place: placeOf(document, ["roles", indexOfName(document, "roles", role, fold)]),
      hint: "Remove the narrower one.",
    };
  }
}

function* changedAdmin({ document, entity }: Declared): Iterable<Finding> {
  if (!isProductAdmin(entity.name)) return;
  const key = ["previously", "implies"].find((one) => document.value[one] !== undefined);
  if (key === undefined) return;
  yield {
    severity: "warning",
    code: "built-in-role",
    message: `Role "${entity.name}" comes with its product and holds every role of it; "${key}" changes nothing of that`,
    place: placeOf(document, [key]),
    hint: "Declare it by its name alone.",
  };
}

function impliesItself(declared: Declared): Iterable<Finding> {
  return roleThatImpliesItself(declared, (role) => textsOf(role, "implies").map(fold));
}

function* unusedRoles(policies: PolicySet, state: State): Iterable<Finding> {
  const used = new Set<string>();
  for (const kind of ["Group", "Member"])
    for (const entity of state.get(kind)?.values() ?? [])
      for (const role of textsOf(entity, "roles")) used.add(fold(role));
  for (const role of state.get("Role")?.values() ?? [])
    for (const name of textsOf(role, "implies")) if (fold(name) !== role.local) used.add(fold(name));
  for (const document of policies.documents) {
    const { name } = document.value;
    if (document.kind !== "Role" || typeof name !== "string") continue;
    if (used.has(fold(name)) || isProductAdmin(name)) continue;
    yield {
      severity: "warning",
      code: "role-unused",
      message: `No group gives role "${name}", and no role implies it`,
      place: placeOf(document, ["name"]),
      hint: "List it in a group's roles, or remove it.",
    };
  }
}

function withoutMembers({ document, entity, state }: Declared): Iterable<Finding> {
  return groupWithoutMembers(document, entity, state);
}

function* insecureCallback({ document, entity }: Declared): Iterable<Finding> {
  const { callback } = entity.attributes;
  if (typeof callback !== "string") return;
  const problem = callbackProblem(callback);
  if (problem === undefined) return;
  yield {
    severity: "error",
    code: "insecure-callback",
    message: `The callback of Integration "${entity.name}" ${problem}`,
    place: placeOf(document, ["callback"]),
    hint: "Write an https URL without credentials, such as https://ledger.acme.example/atomyx.",
  };
}

/** What is wrong with where something is called back. The URL itself is not repeated: it may hold a secret. */
function callbackProblem(callback: string): string | undefined {
  if (!URL.canParse(callback)) return "is no URL";
  const { protocol, username, password } = new URL(callback);
  if (protocol !== "https:") return "is not https";
  return username === "" && password === "" ? undefined : "holds credentials";
}

function* invalidRotation({ document, entity }: Declared): Iterable<Finding> {
  const { rotateEvery } = entity.attributes;
  if (typeof rotateEvery !== "string") return;
  if (rotateEvery.endsWith("d") && endOfSpan(rotateEvery, new Date(0), "UTC") !== undefined) return;
  yield {
    severity: "error",
    code: "invalid-span",
    message: `"${rotateEvery}" is no number of days`,
    place: placeOf(document, ["rotateEvery"]),
    hint: "Write days, such as 90d.",
  };
}
