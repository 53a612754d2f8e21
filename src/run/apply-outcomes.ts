// What became of the changes of an apply: of one that was interrupted, told from its journal and from what the fresh plan no longer
// asks for; of what is held; and the exit code they come to. Never claims more than is known.
import type { JournalLine } from "../git/journal.ts";
import type { Start } from "../git/records.ts";
import type { Change } from "../model/change.ts";
import { compareText } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import type { Outcome } from "../model/receipt.ts";
import { EXIT, type ExitCode } from "./context.ts";
import { hasErrors } from "./workspace.ts";

const NOT_APPROVED = "not approved";

/**
 * One outcome for every approved change of the interrupted apply that the fresh plan does not hold any more.
 * `reported` is what its last receipt said, if it got that far; the journal knows of what came after.
 */
export function resumedOutcomes(
  start: Start,
  plan: Plan,
  reported: readonly Outcome[],
  journal: readonly JournalLine[],
): Outcome[] {
  const left = new Set(plan.changes.map(({ id }) => id));
  const contested = new Set([...plan.conflicts, ...plan.drift].map(({ key }) => key));
  const keys = new Map(recordedChanges(start).map(({ id, key }) => [id, key]));
  const known = new Map(reported.map((outcome) => [outcome.change, outcome]));
  const intended = new Set<string>();
  for (const line of journal) {
    if (line.type === "outcome") known.set(line.outcome.change, line.outcome);
    else if (line.digest === start.digest && line.startedAt === start.startedAt)
      for (const id of line.changes) intended.add(id);
  }
  return start.approval.changes
    .filter((id) => !left.has(id))
    .map((id): Outcome => {
      const outcome = known.get(id);
      if (outcome?.status === "applied") return outcome;
      if (contested.has(keys.get(id) ?? ""))
        return { change: id, status: "conflict", cause: "the platform has moved since it was approved" };
      // A failure can be a lost answer: what was asked for and is so now was brought about by asking.
      if (outcome?.status === "failed")
        return { change: id, status: "applied", cause: "tried by an earlier run, and found in effect" };
      if (intended.has(id) && outcome === undefined)
        return { change: id, status: "applied", cause: "sent by the interrupted run, and found in effect" };
      return {
        change: id,
        status: "skipped",
        cause: "found in effect; not made by this apply as far as its records tell",
      };
    });
}

/** The changes of the plan that a start recorded. */
export function recordedChanges(start: Start): readonly Change[] {
  return (start.plan as { readonly changes?: readonly Change[] }).changes ?? [];
}

/** Outcomes sorted by change id: a receipt's bytes do not depend on who answered first. */
export function sortOutcomes(outcomes: readonly Outcome[]): Outcome[] {
  return [...outcomes].sort((a, b) => compareText(a.change, b.change));
}

/** Of a change that is not made, for want of approval or for what holds it back. */
export function heldOutcome(change: Change, approved: ReadonlySet<string>): Outcome {
  const cause = approved.has(change.id) ? `held back by ${change.blockedBy?.join(", ")}` : NOT_APPROVED;
  return { change: change.id, status: "skipped", cause };
}

/** Failed or held back by an error: 1. Waiting for an approval or a decision: 2. Proven done: 0. */
export function exitOf(outcomes: readonly Outcome[], converged: boolean, plan: Plan): ExitCode {
  const waits = ({ status, cause }: Outcome) => status === "skipped" && cause === NOT_APPROVED;
  const fine = ({ status }: Outcome) => status === "applied";
  if (hasErrors(plan.findings) || !outcomes.every((outcome) => waits(outcome) || fine(outcome))) return EXIT.refused;
  if (outcomes.some(waits) || plan.conflicts.length > 0) return EXIT.changes;
  return converged ? EXIT.done : EXIT.refused;
}
