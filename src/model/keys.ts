// Keys that programs use at a platform: what is known of them, and how one is made, tried and revoked. A secret exists only as
// a `Secret`, from the answer that brought it until a sink has it; nothing that is listed, recorded or shown holds one.
import type { Attributes } from "./entity.ts";
import type { Finding } from "./finding.ts";

/** Something that must not be seen. However it is printed, joined or turned into JSON, it says `[secret]`. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself: for a request's header, or for a sink, and for nothing else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [Symbol.toPrimitive](): string {
    return HIDDEN;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return HIDDEN;
  }
}

const HIDDEN = "[secret]";

/** One key as the platform lists it, revoked ones included where it lists them. Text is the platform's: hostile. */
export interface KeyRow {
  /** The platform's stable id. */
  readonly id: string;
  /** As files name it; several rows have one name while a rotation is under way. */
  readonly name: string;
  /** As an entity of the kind has them live: names instead of ids, absent when empty. */
  readonly attributes: Attributes;
  /** Instants are ISO 8601, UTC. */
  readonly createdAt: string;
  readonly createdBy?: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  /** When it was last used; null for never. Absent where the platform does not tell. */
  readonly lastUsedAt?: string | null;
  /** What tells keys apart without being one. */
  readonly lastFour?: string;
  readonly fingerprint?: string;
}

/** All keys of a target. */
export interface KeyList {
  readonly rows: readonly KeyRow[];
  /** What the platform's own clock said; undefined where it does not tell. */
  readonly at: Date | undefined;
  /** Doubts about completeness, and rows that could not be understood. */
  readonly findings: readonly Finding[];
}

/** What can be asked of keys. Throws `PlatformError` when the platform cannot be asked, or gives less than the whole. */
export interface KeyReader {
  readonly list: () => Promise<KeyList>;
  readonly close: () => Promise<void>;
}

/** A key to be made. */
export interface KeyOrder {
  readonly name: string;
  /** As the file declares them; what lives in Git only is not among them. */
  readonly attributes: Attributes;
}

export interface NewKey {
  readonly row: KeyRow;
  /** Undefined when this very order was carried out before: the secret went with an answer that nobody has any more. */
  readonly secret: Secret | undefined;
}

/** Whether a key opens what it is for, as the platform itself says when it is used. */
export type Verification =
  | { readonly kind: "works" }
  /** Refused, or taken for a key of something else. `because` is for people, and holds no secret. */
  | { readonly kind: "refused"; readonly because: string };

/** What can be done with keys. Every call throws `PlatformError` when it cannot be told whether it was done. */
export interface KeyRing extends KeyReader {
  /** Makes a key. `token` makes it once: the same order with the same token gives the same key, without its secret. */
  readonly create: (order: KeyOrder, token: string) => Promise<NewKey>;
  /** Uses the key where a program would use it. */
  readonly verify: (row: KeyRow, secret: Secret) => Promise<Verification>;
  /** Revokes a key for good. One that is revoked, or gone, already is as it should be. */
  readonly revoke: (row: Pick<KeyRow, "id">) => Promise<void>;
}

/** What makes a kind one of keys: `KindSpec.keys`. */
export interface KeysSpec {
  /** The attribute that names the member who answers for a key. */
  readonly owner: string;
  /** The attribute that says how often it is replaced: `90d`. */
  readonly rotateEvery: string;
  /** The scope (environment, project) that a key of this name is of; undefined for none. */
  readonly scopeOf: (name: string) => string | undefined;
}

/** Days of `90d`; undefined for anything else. */
export function rotationDays(text: string): number | undefined {
  const days = /^([1-9]\d{0,3})d$/.exec(text.trim())?.[1];
  return days === undefined ? undefined : Number(days);
}
