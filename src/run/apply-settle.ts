// What an apply leaves on record of the platform: what it was like at its end, and that nothing was to be changed.
import type { Ledger } from "../git/ledger.ts";
import { recordReceipt, runOf } from "../git/records.ts";
import type { Change } from "../model/change.ts";
import type { Approval, Receipt } from "../model/receipt.ts";
import { recordSeen } from "./apply-identities.ts";
import type { Job } from "./apply-job.ts";
import { moveApplied } from "./apply-record.ts";
import { receiptOf } from "./apply-story.ts";
import { observeEnding } from "./observe.ts";
import type { Prepared } from "./prepare.ts";

/** Records that nothing was to be changed, and makes the commit the base. Pushes nothing yet. */
export async function recordSettled(job: Job, ledger: Ledger, prepared: Prepared, by: string): Promise<Receipt> {
  const { context, repository, target, commit } = job;
  const { plan } = prepared;
  await recordSeen(ledger, prepared, new Set(), true, context.now());
  const now = context.now().toISOString();
  const approval: Approval = { by, at: now, how: "none", digest: plan.digest, changes: [] };
  const story = { target: target.name, commit, version: context.version, startedAt: now, endedAt: now };
  const receipt = receiptOf(story, plan, approval, [], true);
  await recordReceipt(ledger, receipt, await observed(job, ledger, prepared, receipt, now, []));
  await moveApplied(repository, target.name, commit, plan.base);
  return receipt;
}

/** What the platform is like after an apply, to be recorded with its receipt. */
export function observed(
  { context, target, commit, options }: Job,
  ledger: Ledger,
  after: Prepared,
  receipt: Receipt,
  began: string,
  changes: readonly Change[],
) {
  const of = { target, commit, connections: options.connections };
  const run = { path: runOf(receipt), began };
  return observeEnding(context, ledger, after, of, { run, changes, converged: receipt.converged });
}
