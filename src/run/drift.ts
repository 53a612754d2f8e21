// `rolebook drift`: what changed on the platform behind Git's back, and who did it. Shows; proposing a pull request is
// the business of `drift-propose.ts`.
import type { Target } from "../model/settings.ts";
import { attribute } from "../plan/drift.ts";
import { findDeeds } from "./attribution.ts";
import { type Context, EXIT, type ExitCode, worstExit } from "./context.ts";
import { emit } from "./output.ts";
import { exitOfPlan, lookAt, type PlanOptions } from "./plan.ts";
import type { Prepared } from "./prepare.ts";
import { renderDrifts } from "./show.ts";
import { showFindings } from "./show-findings.ts";
import type { Workspace } from "./workspace.ts";

/** Runs `drift`. Exit 2 when there is drift or a conflict. */
export async function runDrift(context: Context, options: PlanOptions): Promise<ExitCode> {
  const { workspace, targets } = await lookAt(context, options);
  if (targets.length === 0) return showFindings(context, workspace.policies.findings, { ...options, format: "human" });
  const failed = targets.flatMap(({ prepared }) => (prepared instanceof Error ? [prepared] : []));
  const plans = targets.flatMap(({ prepared }) => (prepared instanceof Error ? [] : [prepared]));
  if (failed.length > 0 && plans.length === 0) throw failed[0];
  const told: Prepared[] = [];
  for (const { target, prepared } of targets)
    if (!(prepared instanceof Error)) told.push(await attributed(context, workspace, target, prepared, options));
  emit(context, options.output, renderDrifts(context, told, options));
  for (const { plan } of told)
    if (plan.drift.some(({ mode }) => mode === "propose"))
      context.err(`Drift of ${plan.target} is to be proposed: \`rolebook drift --propose\` keeps the pull request.\n`);
  for (const error of failed) context.err(`${error.message}\n`);
  const codes = plans.map(({ plan }): ExitCode => {
    if (exitOfPlan(plan, options.strict) === EXIT.refused) return EXIT.refused;
    const reverted = plan.changes.some(({ origin }) => origin === "drift");
    return plan.drift.length + plan.conflicts.length > 0 || reverted ? EXIT.changes : EXIT.done;
  });
  return worstExit(failed.length > 0 ? [...codes, EXIT.refused] : codes);
}

/** The same with who did it, where the platform tells. */
async function attributed(
  context: Context,
  { repository }: Workspace,
  target: Target,
  prepared: Prepared,
  options: PlanOptions,
): Promise<Prepared> {
  const { plan, live } = prepared;
  const deeds = await findDeeds(context, repository, target, plan.drift, live, options);
  return deeds ? { ...prepared, plan: { ...plan, drift: attribute(plan.drift, deeds) } } : prepared;
}
