// The order of an apply: create containers, grant, update, revoke, delete containers. At any point where it
// stops, nobody has lost what the finished plan would leave them, and nothing points at what is not there.
import type { Change } from "../model/change.ts";
import { MEMBERSHIP } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";

type Ordered = Pick<Change, "action" | "kind" | "key" | "effect">;

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
      return change.effect === "escalates" || change.effect === "neutral" ? kinds + 1 : kinds + 2;
    case "delete":
      return membership ? kinds + 3 : kinds + 4 + (kinds - kind);
    default:
      return change.action satisfies never;
  }
}

/** Changes in the order of the apply: by phase, then by key. */
export function orderChanges<T extends Ordered>(changes: readonly T[], platform: Platform): T[] {
  return changes
    .map((change) => ({ change, phase: phaseOf(change, platform) }))
    .sort((a, b) => a.phase - b.phase || compareText(a.change.key, b.change.key))
    .map(({ change }) => change);
}

/** Ordered changes cut into their phases; empty phases are left out. */
export function splitPhases<T extends Ordered>(changes: readonly T[], platform: Platform): T[][] {
  const phases: T[][] = [];
  let current: number | undefined;
  for (const change of orderChanges(changes, platform)) {
    const phase = phaseOf(change, platform);
    if (phase !== current) phases.push([]);
    current = phase;
    phases.at(-1)?.push(change);
  }
  return phases;
}
