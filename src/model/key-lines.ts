// What is known of a target's keys, one line for each: the answer of `rolebook keys`. Never a secret.

/**
 * - `ok`, `due` (its rotation is near), `overdue`, `expired`
 * - `undeclared`: live, and in no file; `missing`: in a file, and not live
 * - `rotating`: a new key is being put in its place
 * - `several`: more than one is live, and no rotation is under way
 */
export type KeyStanding = "ok" | "due" | "overdue" | "expired" | "undeclared" | "missing" | "rotating" | "several";

/** Standings that ask somebody to do something. */
export const CALLS: readonly KeyStanding[] = ["overdue", "expired", "missing", "rotating", "several"];

/** A live key, or a declared one that is not live. All text is the platform's or a file's: hostile. */
export interface KeyLine {
  readonly name: string;
  /** The scope (environment, project) it is of. */
  readonly scope: string | undefined;
  /** What it is for: attribute -> value, in the order of the kind. */
  readonly uses: Readonly<Record<string, string>>;
  readonly owner: string | undefined;
  /** Whether the owner is a member of the target; undefined without an owner. */
  readonly ownerThere: boolean | undefined;
  readonly id: string | undefined;
  readonly lastFour: string | undefined;
  readonly fingerprint: string | undefined;
  /** Instants are ISO 8601, UTC. */
  readonly createdAt: string | undefined;
  readonly ageDays: number | undefined;
  /** Null for never; undefined where the platform does not tell. */
  readonly lastUsedAt: string | null | undefined;
  readonly expiresAt: string | undefined;
  /** When it is to be replaced. */
  readonly rotateAt: string | undefined;
  readonly standing: KeyStanding;
  /** Of a rotation under way: when the old key may be revoked, once the new one is seen to work. */
  readonly graceUntil: string | undefined;
}

/** The keys of one target, sorted by name, then age: the oldest first. */
export interface KeyLines {
  readonly target: string;
  readonly keys: readonly KeyLine[];
}
