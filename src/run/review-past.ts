// The reviews before, by the ledger: what each began with, and what closed ones took away. What is no record is passed over.
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
    return { start, targets: start.definition.scope.targets ?? all, revoked: countRevoked(start, revoked) };
  });
  return { past, revoked };
}

/** Entries of which something was taken away. */
function countRevoked({ id, entries, rows }: CampaignStart, revoked: readonly RevokedGrant[]): number {
  const keyOf = (row: Omit<RevokedGrant, "review" | "at" | "level">) =>
    JSON.stringify([row.target, row.member, row.resource, row.scope]);
  const taken = new Set(revoked.filter(({ review }) => review === id).map(keyOf));
  const gone = new Set(rows.filter((row) => taken.has(keyOf(row))).map((row) => row.id));
  return entries.filter((entry) => entry.rows.some((row) => gone.has(row))).length;
}
