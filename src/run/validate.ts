// `rolebook validate`: schema, references, platform rules and guardrails over the files alone. Needs no platform, no
// credential and no Git.

import type { DeclaredTarget } from "../plan/review/lost.ts";
import type { FindingsFormat } from "../report/findings.ts";
import type { Context, ExitCode, JudgingOptions } from "./context.ts";
import { desiredState, judgeDeclared, withDefaults } from "./desired.ts";
import { showFindings } from "./show-findings.ts";
import { chooseTargets, driverOf, openWorkspace } from "./workspace.ts";

export interface ValidateOptions extends JudgingOptions {
  readonly format: FindingsFormat;
  readonly now?: Date;
}

/** Runs `validate`. */
export async function runValidate(context: Context, options: ValidateOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, options, { git: false });
  const findings = [...workspace.policies.findings];
  const now = options.now ?? context.now();
  const targets: DeclaredTarget[] = [];
  for (const target of chooseTargets(workspace.policies, options.target)) {
    const desired = desiredState(workspace, target, now);
    findings.push(...desired.findings, ...(await judgeDeclared(workspace, target, desired, now)));
    const { platform } = driverOf(target);
    targets.push({ target, platform, state: withDefaults(desired.state, platform) });
  }
  const { reviews } = workspace.policies.governance;
  // Of one target alone nobody can tell what the others have.
  if (reviews.length > 0 && options.target === undefined)
    findings.push(...(await import("../plan/review/lost.ts")).lostInReviews(reviews, targets));
  return showFindings(context, findings, options);
}
