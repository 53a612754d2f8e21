// Keystone's answers, checked before anyone looks at them: a row that lacks what Rolebook lives by is refused, and what
// it does not know is passed by. Pure; errors name fields and never values.
import { PlatformError } from "../../model/driver.ts";
import type { ApplicationCredentialRow, AssignmentRow, GroupRow, ProjectRow, RoleRow, UserRow } from "./rows.ts";

export type Fields = Readonly<Record<string, unknown>>;

/** Reads one row out of an answer; `what` is for the error. */
export type ReadRow<Row> = (what: string, value: unknown) => Row;

/** The fields of an object, or an error. */
export function fieldsOf(what: string, value: unknown): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw unexpected(what, "there is no object where one should be");
}

export function unexpected(what: string, why: string): PlatformError {
  return new PlatformError(`${what}: the answer is not one of Keystone's: ${why}`, {
    hint: "Does the target's url lead to Keystone's public endpoint (Identity API v3)?",
  });
}

function text(what: string, fields: Fields, field: string): string {
  const value = fields[field];
  if (typeof value === "string") return value;
  throw unexpected(what, `${field} is not a text`);
}

/** Optional texts: null and absent are one. */
function maybe(fields: Fields, ...names: readonly string[]): Readonly<Record<string, string>> {
  const present = names.flatMap((name) => (typeof fields[name] === "string" ? [[name, fields[name]]] : []));
  return Object.fromEntries(present);
}

export const readUser: ReadRow<UserRow> = (what, value) => {
  const fields = fieldsOf(what, value);
  const { enabled } = fields;
  if (typeof enabled !== "boolean") throw unexpected(what, "enabled is not true or false");
  const row = {
    ...identified(what, fields),
    domain_id: text(what, fields, "domain_id"),
    enabled,
    ...described(fields),
  };
  return typeof fields.options === "object" && fields.options !== null
    ? { ...row, options: userOptions(fields.options as Fields) }
    : row;
};

/** The options about a second factor; a rule that is not a list of texts is none, as Keystone itself has it. */
function userOptions(fields: Fields): NonNullable<UserRow["options"]> {
  const { multi_factor_auth_enabled: enabled, multi_factor_auth_rules: rules } = fields;
  return {
    ...(typeof enabled === "boolean" ? { multi_factor_auth_enabled: enabled } : {}),
    ...(Array.isArray(rules) ? { multi_factor_auth_rules: rules.filter(isRule) } : {}),
  };
}

function isRule(rule: unknown): rule is readonly string[] {
  return Array.isArray(rule) && rule.length > 0 && rule.every((method) => typeof method === "string");
}

export const readGroup: ReadRow<GroupRow> = (what, value) => {
  const fields = fieldsOf(what, value);
  return { ...identified(what, fields), domain_id: text(what, fields, "domain_id"), ...maybe(fields, "description") };
};

export const readRole: ReadRow<RoleRow> = (what, value) => {
  const fields = fieldsOf(what, value);
  const { domain_id: domain, options } = fields;
  if (domain !== null && domain !== undefined && typeof domain !== "string")
    throw unexpected(what, "domain_id is neither a text nor null");
  const immutable = typeof options === "object" && options !== null && (options as Fields).immutable === true;
  return {
    ...identified(what, fields),
    domain_id: domain ?? null,
    ...maybe(fields, "description"),
    options: { immutable },
  };
};

export const readProject: ReadRow<ProjectRow> = (what, value) => {
  const fields = fieldsOf(what, value);
  const { parent_id: parent, enabled } = fields;
  return {
    ...identified(what, fields),
    domain_id: text(what, fields, "domain_id"),
    parent_id: typeof parent === "string" ? parent : null,
    enabled: enabled !== false,
  };
};

export const readIdentified: ReadRow<{ readonly id: string; readonly name: string }> = (what, value) =>
  identified(what, fieldsOf(what, value));

function identified(what: string, fields: Fields): { readonly id: string; readonly name: string } {
  return { id: text(what, fields, "id"), name: text(what, fields, "name") };
}

function described(fields: Fields) {
  return maybe(fields, "description", "email");
}

/** The user's id is not in the row: it is where it was asked for. */
export function readApplicationCredential(userId: string): ReadRow<ApplicationCredentialRow> {
  return (what, value) => {
    const fields = fieldsOf(what, value);
    const { roles, expires_at: expires, unrestricted } = fields;
    return {
      ...identified(what, fields),
      userId,
      projectId: text(what, fields, "project_id"),
      ...maybe(fields, "description"),
      roles: listOf(what, roles).map((role) => readIdentified(what, role)),
      expires_at: typeof expires === "string" ? expires : null,
      unrestricted: unrestricted === true,
    };
  };
}

/** An assignment with the domains of what it joins, by which it is known whether it concerns a target. */
export interface PlacedAssignment {
  readonly row: AssignmentRow;
  /** Undefined when the actor is one that is gone. */
  readonly actorDomain: string | undefined;
  readonly scopeDomain: string;
}

/** Reads an assignment that names things; undefined for one on the whole system, which is no domain's. */
export const readAssignment: ReadRow<PlacedAssignment | undefined> = (what, value) => {
  const fields = fieldsOf(what, value);
  const scope = fieldsOf(what, fields.scope);
  if (scope.system !== undefined) return undefined;
  const kind = fields.user === undefined ? "group" : "user";
  const actor = fieldsOf(what, fields[kind]);
  const on = scope.project === undefined ? "domain" : "project";
  const place = fieldsOf(what, scope[on]);
  const domain = on === "domain" ? place : fieldsOf(what, place.domain);
  return {
    row: {
      roleId: text(what, fieldsOf(what, fields.role), "id"),
      actor: { kind, id: text(what, actor, "id") },
      scope: { kind: on, id: text(what, place, "id") },
      inherited: scope["OS-INHERIT:inherited_to"] === "projects",
    },
    actorDomain: domainIdOf(actor),
    scopeDomain: text(what, domain, "id"),
  };
};

function domainIdOf(actor: Fields): string | undefined {
  const { domain } = actor;
  const id = typeof domain === "object" && domain !== null ? (domain as Fields).id : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}

export function listOf(what: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(what, "there is no list where one should be");
}
