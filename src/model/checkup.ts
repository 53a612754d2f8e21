// What `doctor` finds: one check for each thing that two-person control rests on. What could not be looked at is no "ok".

export type CheckState = "ok" | "gap" | "unknown";

export interface Check {
  /** Stable: `branch.reviews`. */
  readonly id: string;
  /** What it is about: the repository, or a target's name. */
  readonly about: string;
  readonly state: CheckState;
  /** `error`: without it one person alone can do what takes two. `warning`: it makes that easier, or harms otherwise. */
  readonly severity: "error" | "warning";
  /** One sentence. */
  readonly message: string;
  /** The setting or command that mends it, or the permission it takes to look; absent when all is well. */
  readonly fix?: string;
}

export interface Checkup {
  readonly checks: readonly Check[];
  /** Nothing that two-person control rests on has a gap, and all of it could be looked at. */
  readonly proved: boolean;
}

export function checkupOf(checks: readonly Check[]): Checkup {
  return { checks, proved: checks.every(({ state, severity }) => state === "ok" || severity === "warning") };
}
