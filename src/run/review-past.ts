// The reviews before, by the ledger: what each began with, and what closed ones took away.
import { openLedger } from "../git/ledger.ts";
import { listCampaigns } from "../git/review-records.ts";
import type { CampaignStart, RevokedGrant } from "../model/campaign.ts";
import type { PastReview } from "../plan/review/input.ts";
import { readRevoked } from "./revoked.ts";
import type { Workspace } from "./workspace.ts";

export interface PastReviews {
  /** Oldest first. */
  readonly past: readonly PastReview[];
  readonly revoked: readonly RevokedGrant[];
}

/** All of them; none outside Git. */
export async function readPastReviews({ repository, policies }: Workspace): Promise<PastReviews> {
  if (!repository) return { past: [], revoked: [] };
  const ledger = openLedger(repository);
  const revoked = await readRevoked(ledger);
  const all = policies.settings?.targets.map(({ name }) => name) ?? [];
  const past = (await listCampaigns(ledger)).map(({ start }): PastReview => {
    const taken = revoked.filter(({ review }) => review === start.id);
    return { start, targets: start.definition.scope.targets ?? all, revoked: decisionsOf(start, taken) };
  });
  return { past, revoked };
}

/** How many of a campaign's entries lost something. Whoever was renamed while it ran is not found, and not counted. */
function decisionsOf({ entries, rows }: CampaignStart, taken: readonly RevokedGrant[]): number {
  const keyOf = ({ target, member, resource, scope }: Omit<RevokedGrant, "review" | "at" | "level">) =>
    JSON.stringify([target, member, resource, scope]);
  const gone = new Set(taken.map(keyOf));
  const goneRows = new Set(rows.filter((row) => gone.has(keyOf(row))).map(({ id }) => id));
  return entries.filter((entry) => entry.rows.some((row) => goneRows.has(row))).length;
}
