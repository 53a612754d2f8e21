// Who did what drifted: the platform's log and the ledger's receipts, brought together. Decides nothing (`plan/deeds.ts`).
import { openLedger } from "../git/ledger.ts";
import { listReceipts } from "../git/records.ts";
import type { Repository } from "../git/repository.ts";
import type { State } from "../model/entity.ts";
import type { Deed, Discrepancy } from "../model/plan.ts";
import type { Target } from "../model/settings.ts";
import { matchDeeds } from "../plan/deeds.ts";
import type { ConnectionOptions } from "./connect.ts";
import type { Context } from "./context.ts";
import { readActivity } from "./live.ts";

/**
 * By key, who did it. Undefined where the platform keeps no log or it cannot be read; asks nothing when nothing drifted. `read`: the
 * log, where somebody else asks for it too.
 */
export async function findDeeds(
  context: Context,
  repository: Repository | undefined,
  target: Target,
  items: readonly Discrepancy[],
  live: State,
  options: ConnectionOptions,
  read = () => readActivity(context, target, live, options),
): Promise<ReadonlyMap<string, Deed> | undefined> {
  if (items.length === 0) return new Map();
  const activity = await read();
  if (!activity) return undefined;
  const receipts = repository ? await listReceipts(openLedger(repository), target.name) : [];
  const busy = receipts.map(({ startedAt, endedAt }) => ({ from: Date.parse(startedAt), until: Date.parse(endedAt) }));
  return matchDeeds(items, activity, busy);
}
