// `rolebook drift --propose`: what changed on the platform behind Git's back, as one pull request a target: adopted into the files,
// or to be undone, as the settings say. Holds a Reader of the platform and never a Writer.
import { type CommonOptions, type Context, type ExitCode, OperatorError } from "./context.ts";

export interface ProposeOptions extends CommonOptions {
  readonly format: string;
  readonly connections?: number;
}

export interface DriftOutcome {
  readonly target: string;
  /** Entities that drifted. */
  readonly drift: number;
  /** Some of it gives somebody more. */
  readonly escalates: boolean;
  /** The pull request, when there is one now. */
  readonly pull: number | undefined;
  readonly state: "none" | "opened" | "updated" | "same" | "closed" | "left-alone";
}

/** The branch of a target's drift pull request: whatever else is pending, its plan shows the changes that undo drift as its own. */
export function driftBranch(target: string): string {
  return `rolebook/drift/${target}`;
}

/** Looks for drift of the chosen targets and keeps their pull requests true. */
export async function proposeDrift(_context: Context, _options: ProposeOptions): Promise<readonly DriftOutcome[]> {
  throw new OperatorError("not built yet");
}

/** Runs `drift --propose`. Exit 2 when there is drift. */
export async function runProposeDrift(context: Context, options: ProposeOptions): Promise<ExitCode> {
  await proposeDrift(context, options);
  throw new OperatorError("not built yet");
}
