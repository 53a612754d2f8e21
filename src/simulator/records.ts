// The rows a simulated organization is made of, and the document it is saved and loaded as.
// Types only: the rules that keep them true are in `store.ts` and beside it.
import type { VaultDocument } from "./vault/records.ts";

export interface Permission {
  readonly resource: string;
  readonly level: string;
}

export interface Environment {
  readonly id: string;
  readonly name: string;
  /** RFC 3339, UTC. */
  readonly created: string;
  readonly organisationName: string;
}

/** What every row of a listed collection has. */
export interface Row {
  readonly id: string;
  /** Its place in listings; grows, and is never given twice while a state is loaded. */
  readonly seq: number;
  /** Number of the change that last touched it: the ETag's second half. */
  version: number;
}

export interface RoleRow extends Row {
  name: string;
  description: string;
  permissions: readonly Permission[];
}

export interface GroupRow extends Row {
  name: string;
  description: string;
  roleIds: readonly string[];
  /** Empty is every environment. */
  environmentIds: readonly string[];
}

export type MemberStatus = "invited" | "active" | "disabled";

export interface MemberRow extends Row {
  email: string;
  firstName: string;
  lastName: string;
  status: MemberStatus;
  /** The invitation was accepted once, so enabling the member again makes them active and not invited. */
  accepted: boolean;
  /** Whether a second factor is set up; absent when the organization does not tell. */
  multiFactor?: boolean;
  /** RFC 3339, of what they last did; null for never, absent when the organization does not tell. */
  lastActiveAt?: string | null;
}

/** What the platform tells of a member and nobody can write. */
export type MemberFacts = Pick<MemberRow, "multiFactor" | "lastActiveAt">;

export interface Actor {
  readonly type: "member" | "credential" | "simulator";
  readonly id: string;
  readonly name: string;
}

export interface Subject {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

export type Properties = { readonly [property: string]: unknown };

/** One thing that one write did. */
export interface Effect {
  readonly action: string;
  readonly subject: Subject;
  readonly before: Properties | null;
  readonly after: Properties | null;
}

/** An effect, and the environment it belongs to; null for the whole organization. */
export interface PlacedEffect extends Effect {
  readonly environmentId: string | null;
}

export type AuditEntry<E extends Effect = PlacedEffect> = E & {
  readonly id: string;
  readonly time: string;
  readonly actor: Actor;
};

/** A credential made through the API. Only a digest of its secret is kept. */
export interface StoredCredential {
  readonly clientId: string;
  readonly environmentId: string;
  readonly role: string;
  readonly secretDigest: string;
}

/** An answer kept for an Idempotency-Key. */
export interface KeptAnswer {
  readonly client: string;
  readonly key: string;
  /** Of the operation and the body it belongs to. */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly status: number;
  readonly etag: string;
  readonly body: string;
}

/**
 * A whole organization as one JSON document: what a state file holds and what `PUT /_simulator/state` takes.
 * What is optional gets a fresh value: a version, no audit log, no kept answers.
 */
export interface StateDocument {
  readonly version: 1;
  readonly organisation: { readonly id: string; readonly name: string };
  /** How many changes there have been; versions are counted with it. */
  readonly changes?: number;
  readonly environments: readonly Environment[];
  readonly roles: readonly {
    readonly id: string;
    readonly name: string;
    readonly description?: string;
    readonly permissions?: readonly Permission[];
    readonly version?: number;
  }[];
  readonly groups: readonly {
    readonly id: string;
    readonly name: string;
    readonly description?: string;
    readonly roleIds?: readonly string[];
    readonly environmentIds?: readonly string[];
    readonly version?: number;
  }[];
  readonly members: readonly {
    readonly id: string;
    readonly email: string;
    readonly firstName?: string;
    readonly lastName?: string;
    readonly status?: MemberStatus;
    readonly accepted?: boolean;
    readonly multiFactor?: boolean;
    readonly lastActiveAt?: string | null;
    readonly version?: number;
  }[];
  /** Group id -> ids of its members. */
  readonly memberships: { readonly [groupId: string]: readonly string[] };
  readonly credentials?: readonly StoredCredential[];
  readonly audit?: readonly AuditEntry[];
  readonly keptAnswers?: readonly KeptAnswer[];
  /** The Vault account beside it: in a state file, and where a seed is one. */
  readonly vault?: VaultDocument;
}
