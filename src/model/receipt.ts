// What really happened to each change of an approved plan. Appended to the ledger, also when the apply failed.

export type OutcomeStatus = "applied" | "skipped" | "failed" | "conflict";

export interface Outcome {
  readonly change: string;
  readonly status: OutcomeStatus;
  /** Why it was skipped, what failed, or how live moved; absent when applied plainly. Never holds a secret. */
  readonly cause?: string;
}

/** A review that an approval rests on. */
export interface ReviewEvidence {
  readonly pull: number;
  /** The review's id on the host. */
  readonly review: number;
  readonly login: string;
  /** Who that is, as the settings say: a member's name. */
  readonly member: string;
  /** The head commit the review was given for. */
  readonly commit: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface Approval {
  /** Who said yes: a Git identity at a terminal, or whoever passed `--approve`; for reviews the members, for break-glass the member. */
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /**
   * `none`: nothing was to be changed, so nothing was approved; the commit became the base. `reviews`: of pull requests.
   * `break-glass`: nobody approved; a member named for emergencies made it, and said why.
   */
  readonly how: "terminal" | "digest" | "none" | "reviews" | "break-glass";
  readonly digest: string;
  readonly changes: readonly string[];
  /** Ids of what was weakened of the rules that judge plans, and agreed to with it; absent when nothing was. */
  readonly weakens?: readonly string[];
  /**
   * `reviews`: ids among `changes` that took no review: memberships whose end, approved with them, has passed. Absent when there
   * are none.
   */
  readonly ended?: readonly string[];
  /** `reviews`: what it rests on, by pull request and review. */
  readonly evidence?: readonly ReviewEvidence[];
  /** `break-glass`: why. */
  readonly reason?: string;
  /** `break-glass`: what the freeze was for that it was made in; absent when the target was not frozen. */
  readonly despite?: string;
}

export interface Receipt {
  readonly version: 1;
  readonly target: string;
  readonly commit: string;
  readonly base: string | null;
  readonly digest: string;
  readonly tool: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly approval: Approval;
  readonly outcomes: readonly Outcome[];
  /** Names of the waivers that the plan made use of, and that are spent by it; absent when there were none. */
  readonly waivers?: readonly string[];
  /** A fresh read after the writes gave an empty plan. */
  readonly converged: boolean;
}
