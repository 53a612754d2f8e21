// Rows as Keystone's Identity API v3 gives them, and what a whole read of one domain brings. Types only: nothing is
// judged here. Attributes that Rolebook does not know are left alone on the server and are not part of a row.

/** A user of the domain. */
export interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
  readonly enabled: boolean;
  readonly description?: string | null;
  /** Not part of Keystone's own schema, but stored and given back by every Keystone. */
  readonly email?: string | null;
  /** What is set for the user; an option that nobody has set is not there. */
  readonly options?: {
    /** Absent is true: rules hold unless they are switched off. */
    readonly multi_factor_auth_enabled?: boolean;
    /** Sets of methods that let the user in, each of them by itself. */
    readonly multi_factor_auth_rules?: readonly (readonly string[])[];
  };
}

export interface GroupRow {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
  readonly description?: string | null;
}

/** A role: global (`domain_id` null) or of one domain. */
export interface RoleRow {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string | null;
  readonly description?: string | null;
  /** `immutable: true` forbids every change, its implied roles and deletion included. */
  readonly options?: { readonly immutable?: boolean | null };
}

export interface ProjectRow {
  readonly id: string;
  readonly name: string;
  readonly domain_id: string;
  readonly parent_id: string | null;
  readonly enabled: boolean;
}

/** Who is in a group: ids. */
export interface MembershipRow {
  readonly groupId: string;
  readonly userId: string;
}

/** Holding the prior role means holding the implied one too. */
export interface InferenceRow {
  readonly priorRoleId: string;
  readonly impliedRoleId: string;
}

/** One direct role assignment within the domain: on the domain itself, on one project, or inherited by all projects below. */
export interface AssignmentRow {
  readonly roleId: string;
  readonly actor: { readonly kind: "user" | "group"; readonly id: string };
  readonly scope: { readonly kind: "domain" | "project"; readonly id: string };
  /** Given to the projects below the scope, not to the scope itself. */
  readonly inherited: boolean;
}

export interface ApplicationCredentialRow {
  readonly id: string;
  readonly name: string;
  readonly userId: string;
  readonly projectId: string;
  readonly description?: string | null;
  readonly roles: readonly { readonly id: string; readonly name: string }[];
  /** ISO 8601 without an offset, in UTC; null when it never ends. */
  readonly expires_at: string | null;
  readonly unrestricted: boolean;
}

/** Everything a whole read of one domain brings, already limited to the domain. */
export interface DomainRows {
  readonly domain: { readonly id: string; readonly name: string };
  /** Global roles, and those of this domain. */
  readonly roles: readonly RoleRow[];
  readonly inferences: readonly InferenceRow[];
  readonly projects: readonly ProjectRow[];
  readonly groups: readonly GroupRow[];
  readonly users: readonly UserRow[];
  readonly memberships: readonly MembershipRow[];
  readonly assignments: readonly AssignmentRow[];
  readonly applicationCredentials: readonly ApplicationCredentialRow[];
}
