// `rolebook apply --merged`: applies what was merged since the last apply, merge by merge, and of each what its reviews approved.
// Holds and reports the rest. The writing itself is `apply.ts`'s.
import type { Outcome } from "../model/receipt.ts";
import { type CommonOptions, type Context, type ExitCode, OperatorError } from "./context.ts";

export interface MergedOptions extends CommonOptions {
  readonly format: "human" | "json";
  readonly full: boolean;
  readonly connections?: number;
}

/** A change that was not made, and why in one sentence. */
export interface Held {
  readonly change: string;
  readonly name: string;
  readonly why: string;
  /** The pull request it came with; undefined for a direct push, or when it is nobody's. */
  readonly pull?: number;
}

export interface MergedOutcome {
  readonly target: string;
  /** The last commit of the default branch that was looked at. */
  readonly commit: string;
  /** The applied commit afterwards; null when nothing ever was. */
  readonly applied: string | null;
  readonly outcomes: readonly Outcome[];
  readonly held: readonly Held[];
  /** Why nothing was tried: a freeze window, a plan that is refused. */
  readonly refused?: string;
  readonly converged: boolean;
}

/** Applies for the chosen targets, one after the other; one that fails does not stop the rest. */
export async function applyMerged(_context: Context, _options: MergedOptions): Promise<readonly MergedOutcome[]> {
  throw new OperatorError("not built yet");
}

/** Runs `apply --merged`. Exit 0: all merged changes are applied. 2: something is held. 1: something failed. */
export async function runApplyMerged(context: Context, options: MergedOptions): Promise<ExitCode> {
  await applyMerged(context, options);
  throw new OperatorError("not built yet");
}
