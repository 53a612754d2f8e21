// What `apply --merged` came to for a target: what was made, and what is held and why.
import type { Outcome } from "./receipt.ts";

/** A change, a conflict, or a weakening of what judges plans, that was merged and is not made; and why, in one sentence. */
export interface Held {
  /** The change's or weakening's id; of a conflict the key of its entity. */
  readonly change: string;
  readonly name: string;
  readonly why: string;
  /** The pull request it came with; undefined for a direct push, or when it is nobody's. */
  readonly pull?: number;
  /** It is a weakening: everything that was merged after it waits as well. */
  readonly weakening?: true;
}

export interface MergedOutcome {
  readonly target: string;
  /** The last commit of the default branch that was looked at. */
  readonly commit: string;
  /** The applied commit afterwards; null when nothing ever was. */
  readonly applied: string | null;
  readonly outcomes: readonly Outcome[];
  readonly held: readonly Held[];
  /** Why nothing was tried, or nothing more: a freeze window, a plan that is refused, a platform that failed. */
  readonly refused?: string;
  /** A freeze window is why: everything is in order, and waits. */
  readonly frozen?: true;
  /** Everything that was merged is applied, as a fresh read proves. */
  readonly converged: boolean;
}
