// Checks of what keeps workspaces apart: names say which workspace something belongs to, nothing of one refers to another, and
// what is for one purpose stays with it. Pure, and silent when all is well.
import { type DocumentPath, placeOf } from "../../model/document.ts";
import { type Entity, groupOfSection, type State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import { nearest } from "../../model/nearest.ts";
import type { PolicySet } from "../../model/platform.ts";
import { type Declared, indexOfName } from "../rules/checks.ts";
import { workspacesOf } from "./access.ts";
import { fold } from "./catalogue.ts";
import { nameInProduct, nameInWorkspace, productOf, SHORTNAME, workspaceOf } from "./names.ts";
import { textsOf } from "./products.ts";

/** Kinds whose names begin with a workspace's. */
export const OWNED_KINDS: readonly string[] = ["Product", "Role", "Group", "Integration", "ApiKey"];

const FORMS: Readonly<Record<string, string>> = {
  Workspace: "acme-prod",
  Product: "acme-prod/manage",
  Role: "acme-prod/manage/Editor",
  Group: "acme-prod/Payment editors",
  Integration: "acme-prod/Ledger",
  ApiKey: "acme-prod/Web shop",
};

/** A name that does not say what it belongs to. */
export function* unqualifiedName({ document, entity }: Declared): Iterable<Finding> {
  if (isWellNamed(entity)) return;
  const form = FORMS[entity.kind] ?? "";
  const what =
    entity.kind === "Workspace"
      ? "is no shortname of lower-case letters, digits and hyphens"
      : `does not say which ${entity.kind === "Role" ? "product of which workspace" : "workspace"} it belongs to`;
  yield {
    severity: "error",
    code: "unqualified-name",
    message: `The name of ${entity.kind} "${entity.name}" ${what}`,
    place: placeOf(document, ["name"]),
    hint: `Write it like ${form}.`,
  };
}

function isWellNamed({ kind, name }: Entity): boolean {
  if (kind === "Workspace") return SHORTNAME.test(name);
  const own = nameInWorkspace(name);
  if (!SHORTNAME.test(workspaceOf(name)) || own === undefined) return false;
  if (kind === "Product") return SHORTNAME.test(own);
  return kind !== "Role" || (nameInProduct(name) !== undefined && SHORTNAME.test(own.slice(0, own.indexOf("/"))));
}

/** A name that says it belongs to what nothing declares. */
export function* unknownContainer({ document, entity, state }: Declared): Iterable<Finding> {
  if (!isWellNamed(entity)) return;
  const product = entity.kind === "Role" ? productOf(entity.name) : undefined;
  const workspace = workspaceOf(entity.name);
  const [kind, name] =
    state.get("Workspace")?.has(fold(workspace)) && product !== undefined
      ? ["Product", product]
      : ["Workspace", workspace];
  if (state.get(kind)?.has(fold(name))) return;
  const similar = nearest(
    name,
    [...(state.get(kind)?.values() ?? [])].map((one) => one.name),
  );
  yield {
    severity: "error",
    code: kind === "Product" ? "unknown-product" : "unknown-workspace",
    message: `${entity.kind} "${entity.name}" belongs to ${kind.toLowerCase()} "${name}", which nothing declares`,
    place: placeOf(document, ["name"]),
    hint: similar === undefined ? `Declare the ${kind}, or mend the name.` : `Did you mean "${similar}"?`,
  };
}

/** What something refers to: the attribute, where it stands, and the name. */
function* referencesOf({ document, entity }: Declared): Iterable<readonly [name: string, path: DocumentPath]> {
  for (const attribute of ["implies", "roles"])
    for (const name of entity.kind === "Member" ? [] : textsOf(entity, attribute))
      yield [name, [attribute, indexOfName(document, attribute, name, fold)]];
  if (typeof entity.attributes.product === "string") yield [entity.attributes.product, ["product"]];
  if (typeof document.value.previously === "string") yield [document.value.previously, ["previously"]];
}

/** Something of one workspace that names something of another. */
export function* crossWorkspaceReference(declared: Declared): Iterable<Finding> {
  const { document, entity } = declared;
  const own = workspaceOf(entity.name);
  for (const [name, path] of referencesOf(declared)) {
    const other = workspaceOf(name);
    if (nameInWorkspace(name) === undefined || fold(other) === fold(own)) continue;
    const moved = path[0] === "previously";
    yield {
      severity: "error",
      code: "cross-workspace-reference",
      message: moved
        ? `${entity.kind} "${entity.name}" says it was "${name}", and nothing moves from one workspace to another`
        : `${entity.kind} "${entity.name}" of workspace ${own} names "${name}", which belongs to ${other}`,
      place: placeOf(document, path),
      hint: moved
        ? "Remove the line: it is a new one."
        : `Name one of ${own}; what two workspaces need is declared in each.`,
    };
  }
}

/** A role that includes one of another product. */
export function* crossProductImplication({ document, entity }: Declared): Iterable<Finding> {
  const own = fold(productOf(entity.name) ?? "");
  for (const name of textsOf(entity, "implies")) {
    if (fold(workspaceOf(name)) !== fold(workspaceOf(entity.name)) || fold(productOf(name) ?? "") === own) continue;
    yield {
      severity: "error",
      code: "cross-product-implication",
      message: `Role "${entity.name}" implies "${name}", which is a role of another product`,
      place: placeOf(document, ["implies", indexOfName(document, "implies", name, fold)]),
      hint: "A role opens its own product only: give both roles to the groups that need both.",
    };
  }
}

/** A key or an integration whose purpose is not its workspace's. */
export function* purposeMismatch(declared: Declared, attribute: "purpose" | "environment"): Iterable<Finding> {
  const { document, entity, state } = declared;
  const workspace = state.get("Workspace")?.get(fold(workspaceOf(entity.name)));
  const [purpose, expected] = [entity.attributes[attribute], workspace?.attributes.purpose];
  if (typeof purpose !== "string" || typeof expected !== "string" || purpose === expected) return;
  const isKey = attribute === "purpose";
  yield {
    severity: "error",
    code: isKey ? "key-purpose-mismatch" : "integration-environment-mismatch",
    message: `${entity.kind} "${entity.name}" is for ${purpose}, and workspace ${workspace?.name} for ${expected}`,
    place: placeOf(document, [attribute]),
    hint: isKey
      ? `Use a key of its own for each purpose: declare it in a workspace for ${purpose}.`
      : `Connect what is used for ${purpose} to a workspace for ${purpose}.`,
  };
}

/** Members of groups whose workspace they are not in: the platform allows that, and it gives them nothing. */
export function* membersOutsideWorkspace(_policies: PolicySet, state: State): Iterable<Finding> {
  const members = state.get("Member");
  for (const [section, entities] of state) {
    const group = state.get("Group")?.get(groupOfSection(section) ?? "");
    if (!group) continue;
    const workspace = workspaceOf(group.name);
    for (const local of entities.keys()) {
      const member = members?.get(local);
      if (!member?.attributes.workspaces || workspacesOf(member).has(fold(workspace))) continue;
      const place = entities.get(local)?.place;
      yield {
        severity: "warning",
        code: "group-member-outside-workspace",
        message: `"${member.name}" is in group "${group.name}" and not in workspace ${workspace}, so the group gives them nothing`,
        ...(place ? { place } : {}),
        hint: `Add {workspace: ${workspace}, role: Member} to their workspaces, or take them out of the group.`,
      };
    }
  }
}

/** Direct roles in workspaces that the member is not in. */
export function* roleOutsideWorkspace({ document, entity }: Declared): Iterable<Finding> {
  if (!entity.attributes.workspaces) return;
  for (const role of textsOf(entity, "roles")) {
    const workspace = workspaceOf(role);
    if (workspacesOf(entity).has(fold(workspace))) continue;
    yield {
      severity: "warning",
      code: "role-outside-workspace",
      message: `Member "${entity.name}" is assigned "${role}" and is not in workspace ${workspace}, so it gives nothing`,
      place: placeOf(document, ["roles", indexOfName(document, "roles", role, fold)]),
      hint: `Add {workspace: ${workspace}, role: Member} to their workspaces, or remove the role.`,
    };
  }
}
