// The reviews before, by the ledger: what each began with, and what closed ones took away. What is no record is passed over.
import { type Ledger, openLedger } from "../git/ledger.ts";
import { REVIEWS_FOLDER } from "../git/review-records.ts";
import type { CampaignStart, RevokedGrant } from "../model/campaign.ts";
import { compareText } from "../model/finding.ts";
import type { PastReview } from "../plan/review/input.ts";
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
  const paths = await ledger.list(REVIEWS_FOLDER);
  const starts = await readJson<CampaignStart>(
    ledger,
    paths.filter((path) => /^reviews\/[^/]+\/start\.json$/.test(path)),
  );
  const revoked = (
    await readJson<readonly RevokedGrant[]>(
      ledger,
      paths.filter((path) => /^reviews\/[^/]+\/evidence\/revoked\.json$/.test(path)),
    )
  ).flat();
  const all = policies.settings?.targets.map(({ name }) => name) ?? [];
  const past = starts.map((start): PastReview => {
    const entries = new Set(revoked.filter(({ review }) => review === start.id).map(({ member }) => member));
    return { start, targets: start.definition.scope.targets ?? all, revoked: entries.size };
  });
  return {
    past: past.sort((a, b) => compareText(a.start.startedAt, b.start.startedAt)),
    revoked,
  };
}

async function readJson<T>(ledger: Ledger, paths: readonly string[]): Promise<T[]> {
  if (paths.length === 0) return [];
  const texts = await ledger.readAll(paths);
  return paths.flatMap((path) => {
    const text = texts.get(path);
    return text === undefined ? [] : [JSON.parse(text) as T];
  });
}
