// Which plans were applied, from the ledger: what says that a waiver is spent, or that it still holds for the rest of an
// apply that did not finish; and which of their changes were approved. Reads nothing that nobody asks for.
import { type Ledger, openLedger } from "../git/ledger.ts";
import { listReceipts, listStarts, openStart } from "../git/records.ts";
import type { Target } from "../model/settings.ts";
import type { Waiver } from "../model/waiver.ts";
import type { PlanInput } from "../plan/input.ts";
import type { PlanJson } from "../report/plan-json.ts";
import type { Workspace } from "./workspace.ts";

type Applied = Pick<PlanInput, "applied" | "unfinished">;

/** What the ledger knows of earlier applies of a target that some waiver is for. */
export async function readApplied(
  { repository, commit }: Workspace,
  target: Target,
  waivers: readonly Waiver[],
): Promise<Applied> {
  if (!repository || !waivers.some((waiver) => waiver.target === target.name)) return { applied: new Set() };
  const ledger = openLedger(repository);
  const receipts = await listReceipts(ledger, target.name);
  const made = receipts.filter(({ outcomes }) => outcomes.some(({ status }) => status === "applied"));
  const applied = new Set(made.map(({ digest }) => digest));
  const start = await openStart(ledger, target.name);
  // Another apply that came later and converged has finished this one too.
  const overtaken = (startedAt: string) => receipts.some((other) => other.converged && other.startedAt >= startedAt);
  if (!start || start.commit !== commit || overtaken(start.startedAt)) return { applied };
  return { applied, unfinished: { digest: start.digest, changes: new Set(start.approval.changes) } };
}

/**
 * Ids of the changes that were approved and begun on top of a base: what of them is there when the next plan is made was not
 * made by hand. Of one entity the last word holds.
 */
export async function readGranted(ledger: Ledger, target: string, base: string): Promise<ReadonlySet<string>> {
  const granted = new Map<string, string>();
  for (const { approval, plan } of await listStarts(ledger, target)) {
    const { base: on, changes = [] } = plan as Pick<Partial<PlanJson>, "base" | "changes">;
    if (on !== base) continue;
    const approved = new Set(approval.changes);
    for (const { id, key } of changes) if (approved.has(id)) granted.set(key, id);
  }
  return new Set(granted.values());
}
