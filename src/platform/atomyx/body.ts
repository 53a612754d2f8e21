// Entities -> request bodies, and whether a row of the platform is what a body asks for. Pure. Refuses to make a body it
// cannot make truthfully: a name it has no id for, something that would have to move to another workspace.
import type { EntityView } from "../../model/change.ts";
import type { Value } from "../../model/entity.ts";
import type { Body } from "../http/contract.ts";
import { BodyError } from "../http/failure.ts";
import { canonicalText } from "../rules/rows.ts";
import { fold } from "./catalogue.ts";
import { isVendorStaff } from "./map.ts";
import { nameInProduct, nameInWorkspace, productOf, workspaceOf } from "./names.ts";
import { parseWorkspaceRole } from "./workspaces.ts";

/** Id of what a folded name stands for, or undefined. */
export type Lookup = (kind: string, local: string) => string | undefined;

/** What kinds of bodies can be made for. */
export type WritableKind = "Workspace" | "Product" | "Role" | "Group" | "Member" | "Integration" | "ApiKey";

/** Attribute -> field of a row, for each kind; what is not here cannot be written. */
const FIELDS: Readonly<Record<WritableKind, Readonly<Record<string, string>>>> = {
  Workspace: { purpose: "purpose", region: "region", team: "team" },
  Product: { active: "active" },
  Role: { description: "description", implies: "impliedRoleIds" },
  Group: { description: "description", roles: "roleIds" },
  Member: { firstName: "firstName", lastName: "lastName", workspaces: "workspaces", roles: "roleIds" },
  Integration: { product: "productId", callback: "callbackUrl", environment: "environment" },
  ApiKey: { owner: "ownerId" },
};

/** The body that makes an entity of this kind as `view` shows it. Throws `BodyError`. */
export function createBody(kind: WritableKind, view: EntityView, lookup: Lookup): Body {
  const body = { ...placeFields(kind, view.name, lookup), ...attributeFields(kind, view, lookup, () => true) };
  const missing =
    kind === "Integration" ? ["callback", "environment"].filter((name) => !(name in view.attributes)) : [];
  if (missing.length > 0) throw new BodyError(`the platform makes no integration without ${missing.join(" and ")}`);
  return body;
}

/** What of an entity an edit is conditional on: its name, and what can be written of it. Throws `BodyError`. */
export function stateBody(kind: WritableKind, view: EntityView, lookup: Lookup): Body {
  const known = (attribute: string) => attribute in FIELDS[kind];
  return { ...nameField(kind, view.name), ...attributeFields(kind, view, lookup, known) };
}

/** The body that turns `before` into `after`: only what differs. Throws `BodyError`. */
export function updateBody(kind: WritableKind, before: EntityView, after: EntityView, lookup: Lookup): Body {
  const differs = (attribute: string) =>
    JSON.stringify(before.attributes[attribute]) !== JSON.stringify(after.attributes[attribute]);
  const renamed = before.name !== after.name;
  if (renamed) requireSamePlace(kind, before.name, after.name);
  return { ...(renamed ? nameField(kind, after.name) : {}), ...attributeFields(kind, after, lookup, differs) };
}

/** The entity's own name, as the platform has it, in the field it is in. */
function nameField(kind: WritableKind, name: string): Body {
  switch (kind) {
    case "Member":
      return { email: name };
    case "Role":
      return { name: nameInProduct(name) ?? name };
    case "Group":
    case "Integration":
    case "ApiKey":
      return { name: nameInWorkspace(name) ?? name };
    case "Workspace":
      return { shortname: name };
    case "Product":
      return { shortname: nameInWorkspace(name) ?? name };
    default:
      return kind satisfies never;
  }
}

/** Where something new is made. */
function placeFields(kind: WritableKind, name: string, lookup: Lookup): Body {
  switch (kind) {
    case "Role":
      return { productId: idOf("Product", productOf(name) ?? name, lookup), ...nameField(kind, name) };
    case "Group":
    case "Integration":
      return { workspaceId: idOf("Workspace", workspaceOf(name), lookup), ...nameField(kind, name) };
    case "Member":
      return nameField(kind, name);
    case "Workspace":
    case "Product":
    case "ApiKey":
      throw new BodyError(MADE_ELSEWHERE[kind]);
    default:
      return kind satisfies never;
  }
}

/** What is made and removed by somebody else. */
export const MADE_ELSEWHERE: Readonly<Record<"Workspace" | "Product" | "ApiKey", string>> = {
  Workspace: "workspaces are made and removed in the Vault",
  Product: "products are bought and removed in the Vault",
  ApiKey: "keys are made by `rolebook keys`, since somebody has to receive the secret",
};

/** Whether things of a kind are made by somebody else. */
export function isMadeElsewhere(kind: WritableKind): kind is keyof typeof MADE_ELSEWHERE {
  return kind in MADE_ELSEWHERE;
}

function requireSamePlace(kind: WritableKind, before: string, after: string): void {
  if (kind === "Workspace" || kind === "Product" || kind === "ApiKey")
    throw new BodyError("the platform does not let its name change");
  if (kind === "Member") return;
  const place = (name: string) => fold((kind === "Role" ? productOf(name) : workspaceOf(name)) ?? name);
  if (place(before) !== place(after))
    throw new BodyError(`it cannot move to another ${kind === "Role" ? "product" : "workspace"}`);
}

function attributeFields(
  kind: WritableKind,
  view: EntityView,
  lookup: Lookup,
  wanted: (attribute: string) => boolean,
): Body {
  const body: Record<string, unknown> = {};
  for (const [attribute, value] of Object.entries(view.attributes)) {
    if (!wanted(attribute)) continue;
    const field = FIELDS[kind][attribute];
    if (field === undefined) throw new BodyError(`the platform does not let its ${attribute} change`);
    body[field] = contentOf(attribute, value, lookup);
  }
  return body;
}

function contentOf(attribute: string, value: Value, lookup: Lookup): unknown {
  switch (attribute) {
    case "implies":
    case "roles":
      return listOf<string>(value).map((name) => idOf("Role", name, lookup));
    case "workspaces":
      return listOf<string>(value).map((text) => {
        const { workspace, role } = parseWorkspaceRole(text);
        return { workspaceId: idOf("Workspace", workspace, lookup), role };
      });
    case "product":
      return idOf("Product", String(value), lookup);
    case "owner":
      return idOf("Member", String(value), lookup);
    default:
      return value;
  }
}

function idOf(kind: string, name: string, lookup: Lookup): string {
  const id = lookup(kind, fold(name));
  if (id === undefined) throw new BodyError(`${kind.toLowerCase()} "${name}" is not on the platform`);
  return id;
}

/** Whether an element of a member's lists is the target's to change. */
export interface Ownership {
  readonly workspace: (id: string) => boolean;
  readonly role: (id: string) => boolean;
}

export const ALL_OURS: Ownership = { workspace: () => true, role: () => true };

/** Fields of a body that a row does not have as asked for; what of a member's lists is not ours is not looked at. */
export function differingFields(row: object, body: Body, ours: Ownership = ALL_OURS): string[] {
  return Object.keys(body).filter((field) => !sameField(field, (row as Body)[field], body[field], ours));
}

function sameField(field: string, found: unknown, wanted: unknown, ours: Ownership): boolean {
  switch (field) {
    case "email":
      return fold(String(found)) === fold(String(wanted));
    case "active":
      return found === wanted;
    case "impliedRoleIds":
      return sameList(listOf<string>(found), listOf<string>(wanted));
    case "roleIds":
      return sameList(listOf<string>(found).filter(ours.role), listOf<string>(wanted).filter(ours.role));
    case "workspaces":
      return sameList(placeTexts(found, ours), placeTexts(wanted, ours));
    default:
      return canonicalText(String(found ?? "")) === canonicalText(String(wanted ?? ""));
  }
}

/** A workspace role, as rows and bodies have it. */
interface PlacedRole {
  readonly workspaceId: string;
  readonly role: string;
}

/** What can be compared of a member's workspaces; the vendor's own staff are no part of it. */
function placeTexts(value: unknown, ours: Ownership): string[] {
  return listOf<PlacedRole>(value)
    .filter((element) => ours.workspace(element.workspaceId) && !isVendorStaff(element))
    .map(({ workspaceId, role }) => `${workspaceId} ${fold(role)}`);
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return JSON.stringify([...new Set(left)].sort()) === JSON.stringify([...new Set(right)].sort());
}

/** A body whose lists are whole: what the row has that is not ours goes back as it was. */
export function withOthers(body: Body, row: object, ours: Ownership): Body {
  const { workspaces, roleIds } = row as Body;
  const kept: Record<string, unknown> = {};
  if ("workspaces" in body)
    kept.workspaces = [
      ...listOf<PlacedRole>(workspaces).filter(
        (element) => !ours.workspace(element.workspaceId) && !isVendorStaff(element),
      ),
      ...listOf<PlacedRole>(body.workspaces),
    ];
  if ("roleIds" in body)
    kept.roleIds = [...listOf<string>(roleIds).filter((id) => !ours.role(id)), ...listOf<string>(body.roleIds)];
  return { ...body, ...kept };
}

function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? value : [];
}
