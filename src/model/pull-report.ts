// What merging a pull request would do, as a value to be told: by target what changes and for whom, which approvals it takes, and
// why something could not be planned. Nothing happens here.
import type { Finding } from "./finding.ts";
import type { CheckConclusion } from "./host.ts";
import type { Plan } from "./plan.ts";
import type { ApprovalCounts } from "./settings.ts";

/** Somebody who may approve. */
export interface Approver {
  /** As the platform calls them. */
  readonly member: string;
  /** On the host; undefined when the settings name none. */
  readonly login: string | undefined;
}

/** Changes, or weakenings, that wait for the same approvals of the same people. */
export interface Need {
  readonly label: keyof ApprovalCounts;
  /** How many changes (weakenings). */
  readonly count: number;
  /** How many approvals each of them takes. */
  readonly needed: number;
  /** Logins whose reviews count, sorted. */
  readonly by: readonly string[];
  /** Logins whose reviews ask for changes, sorted: nothing is approved against them. */
  readonly against: readonly string[];
  readonly approved: boolean;
  /** Sorted by member. Empty: nobody may. */
  readonly approvers: readonly Approver[];
}

/** An approving review that counts for nothing. */
export interface Discounted {
  readonly login: string;
  readonly why: string;
}

/** Why no review can ever approve something, and what to do about that. */
export interface Hopeless {
  readonly message: string;
  readonly hint: string;
}

/** What is needed to say scopes and levels of a platform. */
export interface PullScopes {
  readonly environments: readonly string[];
  readonly scopeWord: string;
  readonly rankOf: (resource: string, level: string) => number;
}

export interface PlannedTarget {
  readonly state: "planned";
  readonly target: string;
  /** What merging would do, beyond what is pending already. */
  readonly plan: Plan;
  /** What is pending on the base branch. */
  readonly pending: Plan;
  /** Ids of pending changes that this pull request is about itself: those that undo drift, on its drift branch. */
  readonly own: ReadonlySet<string>;
  readonly needs: readonly Need[];
  readonly discounted: readonly Discounted[];
  readonly hopeless: readonly Hopeless[];
  /** What a reader must know first, a sentence each. */
  readonly notices: readonly string[];
  readonly scopes: PullScopes;
}

export interface UnplannedTarget {
  /** `new`: not in the base's settings, so that there is no trusted connection. */
  readonly state: "new" | "failed";
  readonly target: string;
  /** One sentence. */
  readonly why: string;
  readonly hint?: string;
}

export type PullReportTarget = PlannedTarget | UnplannedTarget;

export interface PullReport {
  readonly number: number;
  /** The commit of the pull request that was read. */
  readonly head: string;
  readonly base: { readonly branch: string; readonly commit: string };
  readonly conclusion: CheckConclusion;
  /** Paths that do not merge by themselves; `unrelated`: there is no history in common. */
  readonly unmerged: readonly string[] | "unrelated" | undefined;
  /** Sorted by name. */
  readonly targets: readonly PullReportTarget[];
  /** What is wrong with the files beyond what the plans say; sorted. */
  readonly findings: readonly Finding[];
}
