// `rolebook drift`: what changed on the platform behind Git's back, and who did it. Shows; proposing a pull request is
// the business of `drift-propose.ts`.
import type { Target } from "../model/settings.ts";
import { attribute } from "../plan/drift.ts";
import { findDeeds } from "./attribution.ts";
import { type Context, EXIT, type ExitCode } from "./context.ts";
import { exitWith, tellFailures } from "./failures.ts";
import { emit } from "./output.ts";
import { exitOfPlan, lookAt, type PlanOptions } from "./plan.ts";
import type { Prepared } from "./prepare.ts";
import { renderDrifts } from "./show.ts";
import { showFindings } from "./show-findings.ts";
import type { Workspace } from "./workspace.ts";

/** Runs `drift`. Exit 2 when there is drift or a conflict. */
export async function runDrift(context: Context, options: PlanOptions): Promise<ExitCode> {
  const { workspace, plans, failures, asked } = await lookAt(context, options);
  if (asked === 0) return showFindings(context, workspace.policies.findings, { ...options, format: "human" });
  const told: Prepared[] = [];
  for (const { target, prepared } of plans) told.push(await attributed(context, workspace, target, prepared, options));
  if (told.length > 0) emit(context, options.output, renderDrifts(context, told, { ...options, asked }));
  for (const { plan } of told)
    if (plan.drift.some(({ mode }) => mode === "propose"))
      context.err(`Drift of ${plan.target} is to be proposed: \`rolebook drift --propose\` keeps the pull request.\n`);
  tellFailures(context, failures, asked);
  const codes = told.map(({ plan }): ExitCode => {
    if (exitOfPlan(plan, options.strict) === EXIT.refused) return EXIT.refused;
    const reverted = plan.changes.some(({ origin }) => origin === "drift");
    return plan.drift.length + plan.conflicts.length > 0 || reverted ? EXIT.changes : EXIT.done;
  });
  return exitWith(codes, failures);
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
