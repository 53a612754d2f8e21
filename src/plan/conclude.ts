// How a pull request is told to be, from everything that is known of it: the worst of its parts. Missing approval means no, and
// what could not be planned is never a pass.
import { countsAgainst } from "../model/finding.ts";
import type { CheckConclusion } from "../model/host.ts";
import type { PullReport, PullReportTarget } from "../model/pull-report.ts";

const WORST_FIRST: readonly CheckConclusion[] = ["failure", "action_required", "neutral"];

/** The conclusion of a pull request's check. With `strict`, warnings count as errors. */
export function concludePull(
  { unmerged, targets, findings }: Pick<PullReport, "unmerged" | "targets" | "findings">,
  strict: boolean,
): CheckConclusion {
  if (unmerged !== undefined || countsAgainst(findings, strict)) return "failure";
  const conclusions = targets.map((target) => concludeTarget(target, strict));
  return WORST_FIRST.find((one) => conclusions.includes(one)) ?? "success";
}

function concludeTarget(target: PullReportTarget, strict: boolean): CheckConclusion {
  if (target.state === "failed") return "failure";
  // Nothing is planned that an approval could be of.
  if (target.state !== "planned") return "neutral";
  const { plan, needs } = target;
  if (plan.refused || plan.conflicts.length > 0 || countsAgainst(plan.findings, strict)) return "failure";
  return needs.every(({ approved }) => approved) ? "success" : "action_required";
}
