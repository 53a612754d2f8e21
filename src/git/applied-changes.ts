// What applies really changed, by the ledger: the changes that a start recorded, and of them those that a receipt says were made.
// It claims nothing of what was skipped, held back or failed.
import type { Change } from "../model/change.ts";
import { splitKey } from "../model/entity.ts";
import type { AppliedChange } from "../model/past.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Ledger } from "./ledger.ts";
import { listReceipts, listStarts, pathOfReceipt, runOf, type Start } from "./records.ts";

/**
 * Every change that applies of a target made, oldest first: by the time that their applies ended, and within one in the order of
 * the plan. What was sent by a run that was interrupted and found in effect later counts; each change of a run counts once,
 * by the first receipt that says it, however many of the run's receipts repeat it.
 */
export async function readAppliedChanges(ledger: Ledger, target: string): Promise<readonly AppliedChange[]> {
  const { starts, receipts } = await readRuns(ledger, target);
  return appliedChanges(starts, receipts);
}

/** What the ledger has of the applies of a target: starts by when they began, receipts by when they ended. */
export interface Runs {
  readonly starts: readonly Start[];
  readonly receipts: readonly Receipt[];
}

export async function readRuns(ledger: Ledger, target: string): Promise<Runs> {
  return { starts: await listStarts(ledger, target), receipts: await listReceipts(ledger, target) };
}

/** The same from records that are read already; receipts by the time they ended. */
export function appliedChanges(starts: readonly Start[], receipts: readonly Receipt[]): readonly AppliedChange[] {
  const byRun = new Map<string, Start>();
  for (const start of starts) byRun.set(runOf(start), start);
  const attempts = new Map<string, number>();
  const told = new Set<string>();
  const applied: AppliedChange[] = [];
  for (const receipt of receipts) {
    const run = runOf(receipt);
    const attempt = (attempts.get(run) ?? 0) + 1;
    attempts.set(run, attempt);
    const start = byRun.get(run);
    if (!start) continue;
    const made = new Set(receipt.outcomes.flatMap(({ change, status }) => (status === "applied" ? [change] : [])));
    const { startedAt, endedAt, commit, approval } = receipt;
    const common = { startedAt, endedAt, commit, approval, receipt: pathOfReceipt(run, attempt) };
    for (const change of changesOf(start)) {
      const key = `${run} ${change.id}`;
      if (!made.has(change.id) || told.has(key)) continue;
      told.add(key);
      applied.push({ change, ...common });
    }
  }
  return applied;
}

/** The changes of the plan that a start recorded. What is on a ledger may be anything: what is no change is passed over. */
function changesOf({ plan }: Start): Change[] {
  const { changes = [] } = plan as { readonly changes?: readonly Partial<Change>[] };
  return changes.flatMap((change) => {
    const { id, action, kind, key, name, origin = "policy", effect = "neutral", before = null, after = null } = change;
    const isWhole =
      [id, action, kind, key, name].every((text) => typeof text === "string") && (before ?? after) !== null;
    if (!isWhole || !isView(before) || !isView(after)) return [];
    const [section, local] = splitKey(String(key));
    const rest = { name: String(name), origin, effect, before, after, phase: 0 };
    return [
      { id: String(id), action: action ?? "update", kind: String(kind), section, local, key: String(key), ...rest },
    ];
  });
}

function isView(view: unknown): boolean {
  if (view === null) return true;
  const { name, attributes } = (view ?? {}) as { readonly name?: unknown; readonly attributes?: unknown };
  return typeof name === "string" && typeof attributes === "object" && attributes !== null;
}
