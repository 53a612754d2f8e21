// Entities -> request bodies, and whether a row of the platform is what a body asks for. Pure. Refuses to make a
// body it cannot make truthfully: a name it has no id for, or a limit that would come out empty and mean "everywhere".
import type { EntityView } from "../../model/change.ts";
import type { Value } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Body } from "../http/contract.ts";
import { BodyError } from "../http/failure.ts";
import { canonicalText } from "../rules/rows.ts";
import { fold } from "./ladder.ts";
import { type GroupRow, type MemberRow, permissionMap, type RoleRow } from "./map.ts";

/** Id of what a folded name stands for, or undefined. */
export type Lookup = (kind: "Role" | "Environment", local: string) => string | undefined;

export type Row = RoleRow | GroupRow | MemberRow;

/** The body that makes an entity of this kind as `view` shows it. Throws `BodyError`. */
export function createBody(kind: string, view: EntityView, lookup: Lookup): Body {
  return { [nameField(kind)]: view.name, ...attributeFields(view, lookup, () => true) };
}

/** The body that turns `before` into `after`: only what differs. Throws `BodyError`. */
export function updateBody(kind: string, before: EntityView, after: EntityView, lookup: Lookup): Body {
  const differs = (attribute: string) =>
    JSON.stringify(before.attributes[attribute]) !== JSON.stringify(after.attributes[attribute]);
  const name = before.name === after.name ? {} : { [nameField(kind)]: after.name };
  return { ...name, ...attributeFields(after, lookup, differs) };
}

function nameField(kind: string): string {
  return kind === "Member" ? "email" : "name";
}

function attributeFields(view: EntityView, lookup: Lookup, wanted: (attribute: string) => boolean): Body {
  const body: Record<string, unknown> = {};
  for (const [attribute, value] of Object.entries(view.attributes)) {
    if (!wanted(attribute)) continue;
    const [field, content] = fieldOf(attribute, value, lookup);
    body[field] = content;
  }
  return body;
}

function fieldOf(attribute: string, value: Value, lookup: Lookup): [string, unknown] {
  switch (attribute) {
    case "permissions":
      return [
        "permissions",
        Object.entries(value)
          .sort(([a], [b]) => compareText(a, b))
          .map(([resource, level]) => ({ resource, level })),
      ];
    case "roles":
      return ["roleIds", idsOf("Role", value, lookup)];
    case "environments":
      return ["environmentIds", value === "all" ? [] : limitIds(value, lookup)];
    default:
      return [attribute, value];
  }
}

function limitIds(value: Value, lookup: Lookup): string[] {
  const ids = idsOf("Environment", value, lookup);
  if (ids.length === 0) throw new BodyError("an empty list of environments would mean all of them");
  return ids;
}

function idsOf(kind: "Role" | "Environment", value: Value, lookup: Lookup): string[] {
  if (!Array.isArray(value)) throw new BodyError(`${kind.toLowerCase()}s must be a list of names`);
  return value.map((name: string) => {
    const id = lookup(kind, fold(name));
    if (id === undefined) throw new BodyError(`${kind.toLowerCase()} "${name}" is not on the platform`);
    return id;
  });
}

/** Fields of a body that a row does not have as asked for; none means the row is as wanted. */
export function differingFields(row: Row, body: Body): string[] {
  return Object.keys(body).filter((field) => !sameField(field, (row as unknown as Body)[field], body[field]));
}

function sameField(field: string, found: unknown, wanted: unknown): boolean {
  switch (field) {
    case "email":
      return fold(String(found)) === fold(String(wanted));
    case "status":
      // An enabled member who never accepted the invitation is invited again.
      return wanted === "disabled" ? found === "disabled" : found !== "disabled";
    case "permissions":
      return JSON.stringify(permissionMap(listOf(found))) === JSON.stringify(permissionMap(listOf(wanted)));
    case "roleIds":
    case "environmentIds":
      return JSON.stringify([...listOf<string>(found)].sort()) === JSON.stringify([...listOf<string>(wanted)].sort());
    default:
      return canonicalText(String(found)) === canonicalText(String(wanted));
  }
}

function listOf<T>(value: unknown): readonly T[] {
  return Array.isArray(value) ? value : [];
}
