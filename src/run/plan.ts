// `rolebook plan`: what would change, and for whom. It looks and never writes: nothing here or below it
// can open a Writer.
import type { LiveRead } from "../model/driver.ts";
import { countsAgainst } from "../model/finding.ts";
import type { Target } from "../model/settings.ts";
import { fetchForLook } from "./apply-record.ts";
import { type Context, EXIT, type ExitCode, type JudgingOptions, OperatorError, worstExit } from "./context.ts";
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
  readonly targets: readonly { readonly target: Target; readonly prepared: Prepared | Error }[];
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
    const targets: { target: Target; prepared: Prepared | Error }[] = [];
    for (const target of chooseTargets(workspace.policies, options.target)) {
      if (!options.offline) await fetchForLook(context, workspace.repository, target.name);
      const reading = readings.get(target.name) ?? readLive(context, target, prepare);
      const prepared = await preparePlan(workspace, target, reading, prepare).catch((error: unknown) =>
        error instanceof Error ? error : new Error(String(error)),
      );
      targets.push({ target, prepared });
    }
    return { workspace, targets };
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
  const { workspace, targets } = await lookAt(context, options);
  if (targets.length === 0) return showFindings(context, workspace.policies.findings, { ...options, format: "human" });
  const failures = targets.flatMap(({ target, prepared }) =>
    prepared instanceof Error ? [{ target, error: prepared }] : [],
  );
  const plans = targets.flatMap(({ prepared }) => (prepared instanceof Error ? [] : [prepared]));
  if (failures.length > 0 && targets.length === 1) throw failures[0]?.error;
  emit(context, options.output, renderPlans(context, plans, options));
  for (const { target, error } of failures) context.err(`${target.name}: ${error.message}\n`);
  const codes = plans.map(({ plan }) => exitOfPlan(plan, options.strict));
  return worstExit(failures.length > 0 ? [...codes, EXIT.refused] : codes);
}

/** The exit code that a plan stands for. To weaken what judges plans is something to apply, like a change. */
export function exitOfPlan(plan: Prepared["plan"], strict: boolean): ExitCode {
  if (countsAgainst(plan.findings, strict)) return EXIT.refused;
  return [plan.changes, plan.conflicts, plan.weakens].some(({ length }) => length > 0) ? EXIT.changes : EXIT.done;
}
