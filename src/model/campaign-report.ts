// How a campaign stands, as people and programs are told it. Nouns only.
import type { DecidedEntry } from "./campaign.ts";
import type { Finding } from "./finding.ts";

/** How far one reviewer's part has come. */
export interface ReviewerProgress {
  readonly reviewer: string;
  /** On the Git host; null for who has none (any more). */
  readonly login: string | null;
  readonly entries: number;
  /** With a decision that can be made, approved or not. */
  readonly filled: number;
  /** With a decision that counts, or gone by itself. */
  readonly settled: number;
  /** They have no login any more, or are no member. */
  readonly left: boolean;
  /** Files that hold their entries, sorted. */
  readonly files: readonly string[];
}

export interface CampaignReport {
  readonly id: string;
  /** The definition's name. */
  readonly review: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** The last day to decide, inclusive (UTC). */
  readonly due: string;
  /** The last day of the fallback; then the default decides. */
  readonly fallbackUntil: string;
  /** Members who decide what is overdue. */
  readonly fallback: readonly string[];
  /**
   * `unopened`: it began, and has no pull request yet. `deciding`: that is open. `merged`: people are done. `closing`: decisions were
   * taken and are being made. `abandoned`: the pull request was closed without a merge. `closed`: all was proved.
   */
  readonly state: "unopened" | "deciding" | "merged" | "closing" | "abandoned" | "closed";
  /** `open`: reviewers decide. `escalated`: the last day has passed, and the fallback may. `over`: so has theirs. */
  readonly phase: "open" | "escalated" | "over";
  readonly pull: { readonly number: number; readonly url: string } | null;
  /** The commit whose roster files were read; null where there is none. */
  readonly commit: string | null;
  readonly entries: number;
  readonly undecided: number;
  /** Held no more since it began. */
  readonly vanished: number;
  /** Decisions that count, by what they are. */
  readonly decisions: Readonly<Record<DecidedEntry["decision"]["decision"], number>>;
  /** By reviewer. */
  readonly reviewers: readonly ReviewerProgress[];
  /** Sorted. */
  readonly findings: readonly Finding[];
}
