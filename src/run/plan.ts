// `rolebook plan`: what would change, and for whom. It looks and never writes: nothing here or below it
// can open a Writer.
import type { LiveRead } from "../model/driver.ts";
import { countsAgainst } from "../model/finding.ts";
import type { Target } from "../model/settings.ts";
import { fetchForLook } from "./apply-record.ts";
import { type Context, EXIT, type ExitCode, type JudgingOptions, OperatorError } from "./context.ts";
import { attempt, exitWith, type Failure, isFailure, tellFailures } from "./failures.ts";
import { readLive } from "./live.ts";
import { emit } from "./output.ts";
import { type Prepared, type PrepareOptions, preparePlan } from "./prepare.ts";
import { openProgress } from "./progress.ts";
import { type PlanFormat, renderPlans } from "./show.ts";
import { showFindings } from "./show-findings.ts";
import { chooseTargets, driverOf, openWorkspace, type Workspace } from "./workspace.ts";

export interface PlanOptions extends JudgingOptions {
  readonly format: PlanFormat;
  readonly overwrite: readonly string[];
  /** Fold nothing. */
  readonly full: boolean;
  /** Judge ends of access as of this instant instead of now. */
  readonly now?: Date;
  /** Do not fetch the applied commit from the remote. */
  readonly offline: boolean;
  readonly connections?: number;
}

/** Options that belong to `--pull-request`. */
interface PullOnlyOptions {
  readonly quiet?: boolean;
  readonly sarif?: string;
}

export interface Looked {
  readonly workspace: Workspace;
  readonly plans: readonly { readonly target: Target; readonly prepared: Prepared }[];
  /** Targets that could not be planned. */
  readonly failures: readonly Failure[];
  /** How many targets it is about. */
  readonly asked: number;
}

/** Opens the folder and plans every chosen target, reading platforms while files are parsed. */
export async function lookAt(context: Context, options: PlanOptions): Promise<Looked> {
  const readings = new Map<string, Promise<LiveRead>>();
  const progress = openProgress(context, "Reading");
  const { overwrite, connections } = options;
  const prepare: PrepareOptions = {
    now: options.now ?? context.now(),
    overwrite,
    progress: progress.update,
    ...(connections === undefined ? {} : { connections }),
  };
  const start = async (target: Target) => {
    // The client is there before anything else is loaded, so that the first request is on its way meanwhile.
    await driverOf(target).load();
    const reading = readLive(context, target, prepare);
    // Awaited below; until then a failure must not count as unhandled.
    reading.catch(() => {});
    readings.set(target.name, reading);
  };
  try {
    const workspace = await openWorkspace(context, options, { git: true, onTarget: start });
    const targets = chooseTargets(workspace.policies, options.target);
    const plans: { target: Target; prepared: Prepared }[] = [];
    const failures: Failure[] = [];
    for (const target of targets) {
      const prepared = await attempt(target.name, async () => {
        if (!options.offline) await fetchForLook(context, workspace.repository, target.name);
        const reading = readings.get(target.name) ?? readLive(context, target, prepare);
        return preparePlan(workspace, target, reading, prepare);
      });
      if (isFailure(prepared)) failures.push(prepared);
      else plans.push({ target, prepared });
    }
    return { workspace, plans, failures, asked: targets.length };
  } finally {
    progress.stop();
  }
}

/** Runs `plan`. Exit 2 when there is something to do or to decide, 1 when an error forbids it. */
export async function runPlan(context: Context, options: PlanOptions & PullOnlyOptions): Promise<ExitCode> {
  // What would be passed over in silence is refused.
  if (options.quiet || options.sarif !== undefined)
    throw new OperatorError(
      `${options.quiet ? "--quiet" : "--sarif"} goes with --pull-request`,
      "`rolebook validate --format sarif` writes the findings of the files.",
    );
  const { workspace, plans, failures, asked } = await lookAt(context, options);
  if (asked === 0) return showFindings(context, workspace.policies.findings, { ...options, format: "human" });
  const prepared = plans.map((one) => one.prepared);
  if (prepared.length > 0) emit(context, options.output, renderPlans(context, prepared, { ...options, asked }));
  tellFailures(context, failures, asked);
  const codes = prepared.map(({ plan }) => exitOfPlan(plan, options.strict));
  return exitWith(codes, failures);
}

/** The exit code that a plan stands for. To weaken what judges plans is something to apply, like a change. */
export function exitOfPlan(plan: Prepared["plan"], strict: boolean): ExitCode {
  if (countsAgainst(plan.findings, strict)) return EXIT.refused;
  return [plan.changes, plan.conflicts, plan.weakens].some(({ length }) => length > 0) ? EXIT.changes : EXIT.done;
}
