// What is said of a pull request in the same words in its comment, its check and at a terminal: who gains and who loses, and
// whether it may be merged. It refuses to know any format, and to soften.
import type { Effect } from "../model/change.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import type { CheckConclusion } from "../model/host.ts";
import type { Plan } from "../model/plan.ts";
import type { Need, PlannedTarget, PullReport, UnplannedTarget } from "../model/pull-report.ts";
import { describePeople } from "./people-text.ts";
import { counted, listed } from "./phrase.ts";
import { describeEffect } from "./plan-words.ts";

/** Targets with a plan. */
export function plannedIn({ targets }: PullReport): PlannedTarget[] {
  return targets.flatMap((target) => (target.state === "planned" ? [target] : []));
}

/** Targets without one; those that are new among them. */
export function unplannedIn({ targets }: PullReport): UnplannedTarget[] {
  return targets.flatMap((target) => (target.state === "planned" ? [] : [target]));
}

/** `4 people gain access, 1 loses access`: of all targets together. */
export function describePull(report: PullReport): string {
  if (report.unmerged !== undefined) return "This does not merge, so there is no plan";
  const planned = plannedIn(report);
  const fresh = unplannedIn(report).filter(({ state }) => state === "new").length;
  const others = fresh === 0 ? "" : counted(fresh, "target is new", "targets are new");
  if (planned.every(({ plan }) => isNothing(plan)))
    return others !== "" ? others : planned.length === 0 ? "There is no plan" : "Nothing changes";
  return `${describePlanned(planned)}${others === "" ? "" : `; ${others}`}`;
}

function isNothing({ changes, weakens }: Plan): boolean {
  return changes.length + weakens.length === 0;
}

function describePlanned(planned: readonly PlannedTarget[]): string {
  const beside = describeBeside(planned);
  if (planned.every(({ plan }) => plan.changes.length === 0))
    return `Nothing changes on the platform, but it ${beside}`;
  const sum = (which: "gaining" | "losing") => planned.reduce((all, { plan }) => all + plan.summary[which], 0);
  const summary = { ...(planned[0] as PlannedTarget).plan.summary, gaining: sum("gaining"), losing: sum("losing") };
  const people = describePeople({ summary, access: planned.flatMap(({ plan }) => plan.access) });
  const where = planned.length === 1 ? "" : ` in ${counted(planned.length, "target")}`;
  return `${people}${where}${beside === "" ? "" : `; it ${beside}`}`;
}

/** What it does beside its changes; empty when nothing. */
function describeBeside(planned: readonly PlannedTarget[]): string {
  const weakens = planned.flatMap(({ plan }) => plan.weakens);
  const given = weakens.filter(({ gives }) => gives).length;
  const rules = weakens.length - given;
  return [
    ...(rules === 0 ? [] : [`weakens the rules that judge plans (${rules})`]),
    ...(given === 0 ? [] : [`gives access that no change shows (${given})`]),
  ].join(" and ");
}

/** Whether it gives or takes access, as a sentence; undefined when nothing changes. */
export function describePullEffect(report: PullReport): string | undefined {
  const plans = plannedIn(report).map(({ plan }) => plan);
  if (plans.every(({ changes }) => changes.length === 0)) return undefined;
  const gives = plans.some(({ effect }) => effect === "escalates" || effect === "mixed");
  const takes = plans.some(({ effect }) => effect === "reduces" || effect === "mixed");
  const effect: Effect = gives && takes ? "mixed" : gives ? "escalates" : takes ? "reduces" : "neutral";
  return describeEffect({ effect });
}

/** One or two words for what the check says. */
export function describeConclusion(report: PullReport): string {
  const waits = plannedIn(report).some(({ needs }) => needs.length > 0);
  return CONCLUSIONS[report.conclusion](waits);
}

const CONCLUSIONS: Readonly<Record<CheckConclusion, (waits: boolean) => string>> = {
  failure: () => "Refused",
  action_required: () => "Needs approval",
  neutral: () => "Nothing to approve",
  success: (waits) => (waits ? "Approved" : "Pass"),
};

/** Why it is refused, a phrase each; empty when it is not. */
export function describeRefusal(report: PullReport): string[] {
  const { unmerged, findings } = report;
  const reasons: string[] = [];
  if (unmerged === "unrelated") reasons.push("it has no history in common with the base branch");
  else if (unmerged) reasons.push(`${counted(unmerged.length, "file")} cannot be merged with the base branch`);
  const planned = plannedIn(report);
  const errors = countErrors([...findings, ...planned.flatMap(({ plan }) => plan.findings)]);
  if (errors > 0) reasons.push(`${counted(errors, "error")} must be settled first`);
  const conflicts = planned.reduce((sum, { plan }) => sum + plan.conflicts.length, 0);
  if (conflicts > 0)
    reasons.push(
      `${counted(conflicts, "entity was", "entities were")} changed on the platform as well, otherwise than here`,
    );
  const failed = unplannedIn(report).filter(({ state }) => state === "failed");
  if (failed.length > 0) reasons.push(`${counted(failed.length, "target")} could not be planned`);
  if (reasons.length === 0 && report.conclusion === "failure") reasons.push("warnings count as errors here (--strict)");
  return report.conclusion === "failure" ? reasons : [];
}

function countErrors(findings: readonly Finding[]): number {
  return sortFindings(findings).filter(({ severity }) => severity === "error").length;
}

/** `Refused: 2 errors must be settled first.`; one sentence, in our own words alone. */
export function describeVerdict(report: PullReport): string {
  const reasons = describeRefusal(report);
  return reasons.length === 0 ? `${describeConclusion(report)}.` : `Refused: ${listed(reasons)}.`;
}

/** `3 escalating changes need 2 approvals each`. */
export function describeNeed({ label, count, needed, approved }: Need): string {
  const what =
    label === "weakening"
      ? counted(count, "weakening of the rules", "weakenings of the rules")
      : counted(count, `${label} change`);
  if (approved)
    return `${what} ${count === 1 ? "has its" : "have their"} approval${needed === 1 && count === 1 ? "" : "s"}`;
  return `${what} ${count === 1 ? "needs" : "need"} ${counted(needed, "approval")}${count === 1 ? "" : " each"}`;
}
