// What an apply says of itself: its receipt, the runs that tried before it, and whether a fresh plan leaves anything.
// Reads the ledger and the journal, and writes neither.
import { readJournal } from "../git/journal.ts";
import type { Ledger } from "../git/ledger.ts";
import { listReceipts, type Start } from "../git/records.ts";
import type { Repository } from "../git/repository.ts";
import type { Change } from "../model/change.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval, Outcome, Receipt } from "../model/receipt.ts";
import { membersMade, outcomesIn } from "./apply-identities.ts";
import { recordedChanges } from "./apply-outcomes.ts";
import { hasErrors } from "./workspace.ts";

/** What a receipt is of, besides the plan. */
export interface Story {
  readonly target: string;
  readonly commit: string;
  /** Rolebook's version. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
}

export function receiptOf(
  { target, commit, version, startedAt, endedAt }: Story,
  plan: Plan,
  approval: Approval,
  outcomes: readonly Outcome[],
  converged: boolean,
): Receipt {
  // A waiver is spent by what was made under it, not by a try.
  const spent = plan.waivers.length > 0 && outcomes.some(({ status }) => status === "applied");
  return {
    version: 1,
    target,
    commit,
    base: plan.base,
    digest: approval.digest,
    tool: `rolebook ${version}`,
    startedAt,
    endedAt,
    approval,
    outcomes,
    ...(spent ? { waivers: plan.waivers } : {}),
    converged,
  };
}

/** Members that an interrupted apply made, by its journal. */
export function madeBefore(repository: Repository, start: Start): ReadonlySet<string> {
  return membersMade(recordedChanges(start), outcomesIn(readJournal(repository.gitDir, start.target)));
}

/** Receipts of an apply that was started, one for each attempt to finish it. */
export async function attemptsOf(ledger: Ledger, start: Start): Promise<Receipt[]> {
  const receipts = await listReceipts(ledger, start.target);
  return receipts.filter(({ digest, startedAt }) => digest === start.digest && startedAt === start.startedAt);
}

/** Nothing left to do but what need not be, nothing left to decide, and no doubt about what was read. */
export function isConverged(
  { changes, conflicts, findings }: Plan,
  left: (change: Change) => boolean = () => false,
): boolean {
  return changes.every(left) && conflicts.length === 0 && !hasErrors(findings);
}

/** So that a resumed apply can name the changes that are no longer in the plan. */
export function withRecorded(plan: Plan, start: Start): Plan {
  const known = new Set(plan.changes.map(({ id }) => id));
  return { ...plan, changes: [...recordedChanges(start).filter(({ id }) => !known.has(id)), ...plan.changes] };
}

export function waitingConflicts({ conflicts, target, base }: Plan): string {
  const what = conflicts.length === 1 ? "1 conflict waits" : `${conflicts.length} conflicts wait`;
  return `${what} for a decision; until then the base of ${target} stays at ${base?.slice(0, 12) ?? "no commit"}.\n`;
}
