// What the ledger holds of a campaign's end: what was decided, and the evidence. Each is recorded once, whole; whoever comes second
// goes by what is there.
import type { CampaignDecided, EvidenceFile } from "../model/evidence.ts";
import type { Ledger } from "./ledger.ts";
import { claimTogether } from "./ledger-claim.ts";
import { LEDGER_AUTHOR, stableJson } from "./records.ts";
import type { Repository } from "./repository.ts";
import { campaignPath } from "./review-records.ts";

export const EVIDENCE_FOLDER = "evidence";

/** What was decided, if that is recorded. */
export async function readDecided(ledger: Ledger, id: string): Promise<CampaignDecided | undefined> {
  const text = await ledger.read(campaignPath(id, "decided.json"));
  return text === undefined ? undefined : (JSON.parse(text) as CampaignDecided);
}

/** Records what was decided, unless somebody was first; with a remote, it is there as well afterwards. */
export async function claimDecided(
  repository: Repository,
  remote: string | undefined,
  decided: CampaignDecided,
): Promise<void> {
  const { id, entries, pull, at } = decided;
  await claimTogether(repository, remote, {
    files: [{ path: campaignPath(id, "decided.json"), content: stableJson(decided) }],
    subject: `review ${id}: decided`,
    body: `${entries.length} entries decided, on pull request ${pull}`,
    at: new Date(at),
    author: LEDGER_AUTHOR,
  });
}

/** Records the evidence in one commit, unless somebody was first. */
export async function claimEvidence(
  repository: Repository,
  remote: string | undefined,
  { id, at, files }: { readonly id: string; readonly at: Date; readonly files: readonly EvidenceFile[] },
): Promise<void> {
  await claimTogether(repository, remote, {
    files: files.map(({ path, text }) => ({ path: campaignPath(id, `${EVIDENCE_FOLDER}/${path}`), content: text })),
    subject: `review ${id}: closed`,
    body: `${files.length} files of evidence`,
    at,
    author: LEDGER_AUTHOR,
  });
}

/** The evidence of a campaign, by paths in its folder; none where it is not closed. */
export async function readEvidenceFiles(ledger: Ledger, id: string): Promise<EvidenceFile[]> {
  const folder = campaignPath(id, EVIDENCE_FOLDER);
  const paths = await ledger.list(folder);
  const texts = await ledger.readAll(paths);
  return paths.map((path) => ({ path: path.slice(folder.length + 1), text: texts.get(path) ?? "" }));
}
