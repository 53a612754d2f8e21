// `rolebook drift`: what changed on the platform behind Git's back. Shows; proposing a pull request is
// not its business yet.
import { type Context, EXIT, type ExitCode, worstExit } from "./context.ts";
import { emit } from "./output.ts";
import { exitOfPlan, lookAt, type PlanOptions } from "./plan.ts";
import { renderDrifts } from "./show.ts";
import { showFindings } from "./show-findings.ts";

/** Runs `drift`. Exit 2 when there is drift or a conflict. */
export async function runDrift(context: Context, options: PlanOptions): Promise<ExitCode> {
  const { workspace, targets } = await lookAt(context, options);
  if (targets.length === 0) return showFindings(context, workspace.policies.findings, { ...options, format: "human" });
  const failed = targets.flatMap(({ prepared }) => (prepared instanceof Error ? [prepared] : []));
  const plans = targets.flatMap(({ prepared }) => (prepared instanceof Error ? [] : [prepared]));
  if (failed.length > 0 && plans.length === 0) throw failed[0];
  emit(context, options.output, renderDrifts(context, plans, options));
  for (const error of failed) context.err(`${error.message}\n`);
  const codes = plans.map(({ plan }): ExitCode => {
    if (exitOfPlan(plan, options.strict) === EXIT.refused) return EXIT.refused;
    const reverted = plan.changes.some(({ origin }) => origin === "drift");
    return plan.drift.length + plan.conflicts.length > 0 || reverted ? EXIT.changes : EXIT.done;
  });
  return worstExit(failed.length > 0 ? [...codes, EXIT.refused] : codes);
}
