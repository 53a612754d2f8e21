// The order of an apply: create containers, grant, update, revoke, delete containers. At any point where it
// stops, nobody has lost what the finished plan would leave them, and nothing points at what is not there.
import type { Change } from "../model/change.ts";
import { MEMBERSHIP } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";

type Ordered = Pick<Change, "action" | "kind" | "effect">;

/**
 * The phase of a change, as a number: phases run one after the other, changes within one in parallel.
 * Containers are created in the platform's order of kinds (a role before the group that carries it) and
 * deleted in the opposite order; updates that only add come before updates that take something away.
 */
export function phaseOf(change: Ordered, platform: Platform): number {
  const kinds = platform.kinds.length;
  const kind = platform.kinds.findIndex((spec) => spec.kind === change.kind);
  const membership = change.kind === MEMBERSHIP;
  switch (change.action) {
    case "create":
      return membership ? kinds : kind;
    case "update":
      return change.effect === "escalates" || change.effect === "neutral"
        ? addingPhase(platform)
        : takingPhase(platform);
    case "delete":
      return membership ? kinds + 3 : kinds + 4 + (kinds - kind);
    default:
      return change.action satisfies never;
  }
}

/** The phase of updates that only add. */
export function addingPhase({ kinds }: Platform): number {
  return kinds.length + 1;
}

/** The phase of updates that take something away. */
export function takingPhase({ kinds }: Platform): number {
  return kinds.length + 2;
}

/** Changes in the order of the apply: by phase, then by key. */
export function orderChanges<T extends Pick<Change, "key" | "phase">>(changes: readonly T[]): T[] {
  return [...changes].sort((a, b) => a.phase - b.phase || compareText(a.key, b.key));
}

/** Changes cut into their phases, in order; what is in none of these phases is left out. */
export function splitPhases<T extends Pick<Change, "phase">>(changes: readonly T[]): T[][] {
  const phases: T[][] = [];
  let current: number | undefined;
  for (const change of changes) {
    if (change.phase !== current) phases.push([]);
    current = change.phase;
    phases.at(-1)?.push(change);
  }
  return phases;
}
