// What became of the changes of an apply that was interrupted, told from its receipts and journal and from what the
// fresh plan no longer asks for. Never claims more than is known.
import type { JournalLine } from "../git/journal.ts";
import type { Start } from "../git/records.ts";
import { compareText } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import type { Outcome, Receipt } from "../model/receipt.ts";

/**
 * One outcome for every approved change of the interrupted apply that the fresh plan does not hold any more.
 * `receipts`, oldest first: those of the target; a run that failed and could say so has left one.
 */
export function resumedOutcomes(
  start: Start,
  plan: Plan,
  journal: readonly JournalLine[],
  receipts: readonly Receipt[],
): Outcome[] {
  const left = new Set(plan.changes.map(({ id }) => id));
  const intended = new Set<string>();
  const known = new Map<string, Outcome>();
  for (const receipt of receipts)
    if (receipt.digest === start.digest && receipt.startedAt === start.startedAt)
      for (const outcome of receipt.outcomes) known.set(outcome.change, outcome);
  for (const line of journal) {
    if (line.type === "intent" && line.digest === start.digest) for (const id of line.changes) intended.add(id);
    if (line.type === "outcome") known.set(line.outcome.change, line.outcome);
  }
  return start.approval.changes
    .filter((id) => !left.has(id))
    .map((id) => {
      const outcome = known.get(id);
      if (outcome?.status === "applied") return outcome;
      if (outcome?.status === "failed")
        return { change: id, status: "applied", cause: "tried by an earlier run, and found in effect" };
      if (intended.has(id))
        return { change: id, status: "applied", cause: "sent by the interrupted run, and found in effect" };
      return {
        change: id,
        status: "skipped",
        cause: "found in effect; not made by this apply as far as its journal tells",
      };
    });
}

/** Outcomes sorted by change id: a receipt's bytes do not depend on who answered first. */
export function sortOutcomes(outcomes: readonly Outcome[]): Outcome[] {
  return [...outcomes].sort((a, b) => compareText(a.change, b.change));
}
