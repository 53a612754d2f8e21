// `rolebook plan --pull-request`: what merging a pull request would do, told on the pull request itself. Reads the platform and
// never writes it; reads the pull request's files as data; goes by the base branch's rules and connections.
import type { CheckConclusion } from "../model/host.ts";
import type { Plan } from "../model/plan.ts";
import type { ReviewVerdict } from "../plan/approvals.ts";
import { type Context, type ExitCode, type JudgingOptions, OperatorError } from "./context.ts";

export interface PullOptions extends JudgingOptions {
  /** Its number, or `all` for every open one. */
  readonly pullRequest: string;
  readonly full: boolean;
  /** Show what would be told, and tell nobody. */
  readonly quiet: boolean;
  readonly connections?: number;
}

export interface PullTarget {
  readonly target: string;
  /** What merging would do, beyond what is pending already. */
  readonly plan: Plan;
  /** What is pending on the base branch. */
  readonly pending: Plan;
  readonly verdict: ReviewVerdict;
}

export interface PullOutcome {
  readonly number: number;
  /** Undefined when it touches nothing relevant: then nothing was told. */
  readonly conclusion: CheckConclusion | undefined;
  readonly targets: readonly PullTarget[];
}

/** Plans one pull request or all open ones, and keeps what is told on each true. */
export async function planPulls(_context: Context, _options: PullOptions): Promise<readonly PullOutcome[]> {
  throw new OperatorError("not built yet");
}

/** Runs `plan --pull-request`. Exit 0: nothing to approve or all approved. 2: approvals are missing. 1: refused. */
export async function runPlanPull(context: Context, options: PullOptions): Promise<ExitCode> {
  await planPulls(context, options);
  throw new OperatorError("not built yet");
}
