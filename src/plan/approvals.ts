// Which changes of a plan the reviews of its pull request approve: by owners of what they touch, never by the author or by
// somebody who gains, only for what a review's reader was shown. Judges by the base's settings. Missing approval means no.
import type { Review } from "../model/host.ts";
import type { Plan } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import type { ReviewEvidence } from "../model/receipt.ts";
import type { ApprovalCounts, Person, Target } from "../model/settings.ts";
import type { Shown } from "../model/shown.ts";

export interface ReviewedPull {
  readonly number: number;
  /** Logins of who opened it and of everybody who wrote or committed a commit of it. */
  readonly authors: readonly string[];
  /** Oldest first. */
  readonly reviews: readonly Review[];
  /** What the check on a commit showed of a target at an instant (ISO 8601); undefined when it showed nothing. */
  readonly shownAt: (commit: string, at: string) => Shown | undefined;
}

export interface ApprovalInput {
  /** As the base has it: its owners, counts and scope owners. */
  readonly target: Target;
  /** As the base has them. */
  readonly people: readonly Person[];
  readonly platform: Platform;
  /** Folded group name -> owners of the group (members' names), as the base has them. */
  readonly groupOwners: ReadonlyMap<string, readonly string[]>;
  /** What the pull request changes. */
  readonly plan: Plan;
  readonly pull: ReviewedPull;
}

/** What is known of one change, or of one weakening. */
export interface Approvals {
  readonly id: string;
  readonly label: keyof ApprovalCounts;
  readonly needed: number;
  /** Reviews that count. */
  readonly by: readonly ReviewEvidence[];
  readonly approved: boolean;
  /** Members who may approve it, sorted; whether they have a login or not. */
  readonly owners: readonly string[];
}

export interface ReviewVerdict {
  readonly changes: readonly Approvals[];
  readonly weakens: readonly Approvals[];
  /** Everything is approved. */
  readonly approved: boolean;
  /** Approving reviews that count for nothing, and why in one sentence; sorted by login. */
  readonly discounted: readonly { readonly login: string; readonly review: number; readonly why: string }[];
  /** Reviews (ids) that showed less than there is now: to be dismissed. */
  readonly stale: readonly number[];
}

/** Judges the reviews of one pull request for one target's plan. */
export function judgeReviews({ plan, target }: ApprovalInput): ReviewVerdict {
  const waiting = (id: string): Approvals => ({
    id,
    label: "escalating",
    needed: target.approvals.escalating,
    by: [],
    approved: false,
    owners: [],
  });
  const [changes, weakens] = [plan.changes.map(({ id }) => waiting(id)), plan.weakens.map(({ id }) => waiting(id))];
  return { changes, weakens, approved: changes.length + weakens.length === 0, discounted: [], stale: [] };
}
