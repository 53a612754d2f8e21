// The reviews before, by the ledger: what each began with, and what closed ones took away. What is no record is passed over.
import { type Ledger, openLedger } from "../git/ledger.ts";
import { campaignPath, REVIEWS_FOLDER } from "../git/review-records.ts";
import type { CampaignStart, RevokedGrant } from "../model/campaign.ts";
import type { CampaignProof } from "../model/evidence.ts";
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
  const proved = await ledger.readAll(paths.filter((path) => /^reviews\/[^/]+\/evidence\/proof\.json$/.test(path)));
  const all = policies.settings?.targets.map(({ name }) => name) ?? [];
  const past = starts.map((start): PastReview => {
    const proof = proved.get(campaignPath(start.id, "evidence/proof.json"));
    const entries = proof === undefined ? [] : (JSON.parse(proof) as CampaignProof).entries;
    const taken = entries.filter(({ result }) => result === "gone" || result === "reduced");
    return { start, targets: start.definition.scope.targets ?? all, revoked: taken.length };
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
