// A change is one entity's step from live to desired. It is the unit of approval, of writing and of receipts.
import type { Attributes } from "./entity.ts";
import type { Place } from "./finding.ts";

export type Action = "create" | "update" | "delete";

/** Why a change is in the plan: Git changed; live drifted and is reverted; an end date passed; Git starts to manage something live has already. */
export type Origin = "policy" | "drift" | "expiry" | "adopt";

export type Effect = "escalates" | "reduces" | "mixed" | "neutral";

/** An entity as shown and digested: its display name and the attributes the change is about. */
export interface EntityView {
  readonly name: string;
  readonly attributes: Attributes;
}

export interface Change {
  /** SHA-256 (hex, first 24 digits) of target, key, action, before and after: the same change has the same id anywhere. */
  readonly id: string;
  readonly action: Action;
  readonly kind: string;
  readonly section: string;
  readonly local: string;
  /** `section/local`. */
  readonly key: string;
  /** Display: a name, or for a membership `member in group`. */
  readonly name: string;
  readonly origin: Origin;
  readonly effect: Effect;
  /** Live now, every managed attribute; null for a create. */
  readonly before: EntityView | null;
  /** What live will be; equals `before` but for the attributes that change; null for a delete. */
  readonly after: EntityView | null;
  /** Codes of the findings that forbid this change; an apply holds it. Absent when free to go. */
  readonly blockedBy?: readonly string[];
  /**
   * Changes are made phase after phase, from the lowest number on (there are gaps), those of one phase side by side.
   * Whoever writes must not mix phases: nobody is locked out at any point between two of them.
   */
  readonly phase: number;
  /** Must not be made once anything before it failed: somebody's access may rest on what comes first. */
  readonly guarded?: true;
  readonly place?: Place;
}

/** Whether a change takes something away from somebody: what doubtful reads, budgets and earlier failures hold back. */
export function takesAway(change: Pick<Change, "action" | "effect">): boolean {
  return change.action === "delete" || change.effect === "reduces" || change.effect === "mixed";
}
