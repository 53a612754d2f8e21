// What was, by Git and the ledger: what the platform held when Rolebook saw it last, and what was applied since. Nouns only.
import type { Change } from "./change.ts";
import type { Attributes, State } from "./entity.ts";
import type { Finding } from "./finding.ts";
import type { Approval } from "./receipt.ts";

/** An entity that the platform had otherwise than the files of a commit say. */
export interface Difference {
  readonly kind: string;
  readonly section: string;
  readonly local: string;
  readonly name: string;
  /** What the platform had; null when it had no such thing. */
  readonly attributes: Attributes | null;
  readonly status?: string;
  /** ISO 8601, UTC: when somebody did that, where the platform's own log tells. */
  readonly since?: string;
  /** Who did, by that log. */
  readonly by?: string;
}

/**
 * What was read of a platform at one moment, as its difference from the files of a commit: on the ledger as
 * `<target>/seen/<time>-<digest>.json`, written whenever an apply ends, and by a look for drift that finds it otherwise than last time.
 */
export interface Observation {
  readonly version: 1;
  readonly target: string;
  /** The commit whose files it is the difference from. */
  readonly commit: string;
  /** ISO 8601, UTC: when the read ended. */
  readonly at: string;
  /** The read was complete; an incomplete one says nothing of what is missing. */
  readonly complete: boolean;
  /**
   * The apply that read it after its writes; absent for a look for drift. `path`: its folder on the ledger. `began`: ISO 8601, UTC,
   * when this try of it began, which of one that is finished later is not when the apply itself did.
   */
  readonly run?: { readonly path: string; readonly began: string };
  /** Sorted by section, then local. */
  readonly differences: readonly Difference[];
}

/** A change that an apply made. */
export interface AppliedChange {
  readonly change: Change;
  /** ISO 8601, UTC: when the apply began and ended. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly commit: string;
  readonly approval: Approval;
  /** Path of the receipt on the ledger. */
  readonly receipt: string;
}

/** What was true of a target at a moment, as far as that is known. */
export interface Past {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** The commit that was applied by then; null before the first apply. */
  readonly commit: string | null;
  /** What the platform held. */
  readonly state: State;
  /** What the files of the commit said, with their places. */
  readonly declared: State;
  /** What is not certain, and between which moments. */
  readonly findings: readonly Finding[];
}
