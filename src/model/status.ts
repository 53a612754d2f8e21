// What a controller knows at one moment, as its status page and `/status.json` show it. Everything in it was read from Git, from
// the host or from runs since it started: it is for eyes, and nothing is ever decided by it.
import type { CheckConclusion } from "./host.ts";

/**
 * What a controller does: looks at the repository; plans pull requests; applies what was merged; looks for drift; begins, chases and
 * closes access reviews.
 */
export type Work = "look" | "plan" | "apply" | "drift" | "review";

/** How a run ended. `held`: something waits for approval, or for the end of a pause or a freeze. */
export type RunResult = "done" | "held" | "failed";

export interface HeldStatus {
  /** The change's id. */
  readonly change: string;
  readonly name: string;
  readonly why: string;
  readonly pull: number | null;
}

export interface DriftStatus {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly entities: number;
  readonly escalates: boolean;
  /** Number of the pull request that adopts or undoes it. */
  readonly pull: number | null;
}

export interface TargetStatus {
  readonly name: string;
  readonly platform: string;
  /** The commit that was applied last. */
  readonly applied: string | null;
  /** Commits of the default branch since then; null when that is not known. */
  readonly behind: number | null;
  /** Changes that the default branch has and the platform has not; null until that was looked at. */
  readonly pending: number | null;
  /** The first of the changes that wait, and how many there are. */
  readonly held: readonly HeldStatus[];
  readonly heldTotal: number;
  /** Why the last apply did nothing. */
  readonly refused: string | null;
  /** Null until it was looked for. */
  readonly drift: DriftStatus | null;
  readonly paused: boolean;
  /** Why nothing is applied now, and until when if that is known. */
  readonly frozen: { readonly reason: string; readonly until: string | null } | null;
  /** When an apply last went well since the controller was started: ISO 8601, UTC. */
  readonly appliedAt: string | null;
}

export interface PullStatus {
  readonly number: number;
  readonly title: string;
  /** What the check says; null when it touches nothing relevant, or was not planned yet. */
  readonly conclusion: CheckConclusion | null;
  readonly planned: boolean;
}

/** A campaign of an access review that is not closed. */
export interface CampaignStatus {
  readonly id: string;
  /** The last day to decide, inclusive (UTC). */
  readonly due: string;
  readonly overdue: boolean;
  /** Entries that are decided, and all of them. */
  readonly decided: number;
  readonly total: number;
  /** `deciding`: its pull request is open. `closing`: that is merged, and not all that was decided is applied and proved yet. */
  readonly state: "deciding" | "closing";
  /** Number of the pull request that people are to look at; null where there is none. */
  readonly pull: number | null;
}

export interface ReceiptStatus {
  readonly target: string;
  /** ISO 8601, UTC. */
  readonly endedAt: string;
  readonly commit: string;
  readonly how: string;
  readonly by: string;
  readonly applied: number;
  /** Outcomes of any other kind. */
  readonly unapplied: number;
  readonly converged: boolean;
}

export interface QueueStatus {
  readonly key: string;
  readonly state: "waiting" | "running";
  /** Waiting: when it is due. Running: since when. ISO 8601, UTC. */
  readonly at: string;
  /** Times in a row that it failed. */
  readonly failures: number;
}

export interface ErrorStatus {
  readonly at: string;
  readonly key: string;
  /** The run's id, as in the log. */
  readonly run: string;
  readonly message: string;
}

export interface Status {
  readonly version: 1;
  readonly tool: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly state: "starting" | "running" | "stopping";
  /** `url` is null when the host has not told it. */
  readonly repository: { readonly name: string; readonly url: string | null };
  readonly branch: string | null;
  /** The last commit of the default branch. */
  readonly tip: string | null;
  readonly webhooks: boolean;
  readonly lookedAt: string | null;
  readonly nextLook: string | null;
  readonly nextDrift: string | null;
  readonly targets: readonly TargetStatus[];
  readonly pulls: readonly PullStatus[];
  /** Campaigns that are not closed, by id; none until they were looked at. */
  readonly campaigns: readonly CampaignStatus[];
  /** Latest first. */
  readonly receipts: readonly ReceiptStatus[];
  readonly queue: readonly QueueStatus[];
  /** Latest first. */
  readonly errors: readonly ErrorStatus[];
}
