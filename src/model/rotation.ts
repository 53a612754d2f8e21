// What is on record of keys being issued, replaced and revoked: one line for everything that was about to be done or was done,
// and what the lines of one rotation say together. None of it holds a secret.

import type { Attributes } from "./entity.ts";

/** A key as records name it. */
export interface KeyMark {
  readonly id: string;
  readonly fingerprint?: string;
  readonly lastFour?: string;
}

/** Where a secret is delivered to. */
export type SinkKind = "github-secret" | "file" | "command";

/** A sink as records name it: enough to see that it is another one, and too little to find out what it is. */
export interface SinkMark {
  readonly kind: SinkKind;
  readonly digest: string;
}

/**
 * - `rotation`: the new key first, the old ones after a grace time.
 * - `compromised`: the old ones first.
 * - `issue`: there is no old one.
 * - `revocation`: there will be no new one.
 */
export type RotationPurpose = "rotation" | "compromised" | "issue" | "revocation";

export type RotationOutcome = "done" | "failed" | "superseded";

/** What was about to be done (`creating`, `delivering`, `revoking`) or has been found or done. Instants are ISO 8601, UTC. */
export type RotationEvent =
  | {
      readonly step: "start";
      readonly purpose: RotationPurpose;
      /** The policies' commit. */
      readonly commit: string;
      readonly graceSeconds: number;
      /** The keys to be replaced or revoked. */
      readonly old: readonly KeyMark[];
    }
  /** `token` is what the platform makes one key for, however often it is asked. */
  | { readonly step: "creating"; readonly token: string; readonly attributes: Attributes }
  | { readonly step: "created"; readonly token: string; readonly key: KeyMark }
  /** The new key works, and nobody has it yet. */
  | { readonly step: "tried"; readonly key: KeyMark }
  | { readonly step: "delivering"; readonly key: KeyMark; readonly sink: SinkMark }
  | { readonly step: "delivered"; readonly key: KeyMark }
  /** The sink surely does not hold it: it refused, or was given back what it held before. */
  | { readonly step: "undelivered"; readonly key: KeyMark; readonly because: string }
  /** It works, and the sink has it. `platformAt` is by the platform's clock. */
  | { readonly step: "verified"; readonly key: KeyMark; readonly platformAt?: string }
  | { readonly step: "refused"; readonly key: KeyMark; readonly because: string }
  | { readonly step: "revoking"; readonly key: KeyMark; readonly because: string }
  | { readonly step: "revoked"; readonly key: KeyMark }
  | { readonly step: "end"; readonly outcome: RotationOutcome; readonly because?: string };

export type RotationRecord = RotationEvent & {
  readonly version: 1;
  readonly target: string;
  /** The key's name, as files write it. */
  readonly name: string;
  /** Says which lines belong together. */
  readonly rotation: string;
  /** Of lines that belong together, in order; a line that another clone could not see may have the number of another one. */
  readonly number: number;
  readonly at: string;
  /** Who ran it, by Git's identity. */
  readonly by: string;
};

/** A new key of a rotation, from the moment that it was about to be made. */
export interface Attempt {
  readonly token: string;
  /** What it is asked for with, so that it is asked for with the same again. */
  readonly attributes: Attributes;
  /** Undefined while no answer has told it. */
  readonly key: KeyMark | undefined;
  readonly tried: boolean;
  /** Where it was about to be delivered to, the last time. */
  readonly sink: SinkMark | undefined;
  readonly delivered: boolean;
  readonly undelivered: boolean;
  readonly verified: { readonly at: string; readonly platformAt: string | undefined } | undefined;
  readonly refused: boolean;
}

/** What the lines of one rotation say together. */
export interface Rotation {
  readonly id: string;
  readonly name: string;
  readonly purpose: RotationPurpose;
  readonly startedAt: string;
  readonly by: string;
  readonly graceSeconds: number;
  readonly old: readonly KeyMark[];
  /** In the order in which they were begun. */
  readonly attempts: readonly Attempt[];
  /** Ids of the keys that it has revoked, or was about to. */
  readonly revoked: readonly string[];
  readonly ended: RotationOutcome | undefined;
  /** The highest number of its lines. */
  readonly number: number;
}
