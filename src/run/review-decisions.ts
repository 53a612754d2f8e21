// What campaigns decided and came to, as the ledger has it: what stands beside the rows of a report that is kept as a table. It looks
// and judges nothing: whether evidence is what it should be is for `verify`.
import { openLedger } from "../git/ledger.ts";
import { campaignPath, isDecision, listCampaigns, type RecordedCampaign } from "../git/review-records.ts";
import type { CampaignDecided, CampaignProof } from "../model/evidence.ts";
import type { Receipt } from "../model/receipt.ts";
import type { ReviewedCampaign } from "../report/review-csv.ts";
import type { Workspace } from "./workspace.ts";

/** Every campaign that began, oldest first; none outside Git. */
export async function readReviewedCampaigns({
  repository,
}: Pick<Workspace, "repository">): Promise<ReviewedCampaign[]> {
  if (!repository) return [];
  const ledger = openLedger(repository);
  const campaigns = await listCampaigns(ledger);
  const paths = campaigns.flatMap(({ start, files }) =>
    files.filter(isWanted).map((file) => campaignPath(start.id, file)),
  );
  const texts = paths.length === 0 ? new Map<string, string>() : await ledger.readAll(paths);
  return campaigns.map((campaign) => reviewedOf(campaign, texts));
}

function isWanted(file: string): boolean {
  return ["decided.json", "evidence/proof.json"].includes(file) || /^evidence\/receipts\/[^/]+\.json$/.test(file);
}

function reviewedOf({ start }: RecordedCampaign, texts: ReadonlyMap<string, string>): ReviewedCampaign {
  const read = <T>(file: string): T | undefined => parse<T>(texts.get(campaignPath(start.id, file)));
  const proof = read<CampaignProof>("evidence/proof.json");
  const applied = listOf(proof?.made).flatMap(({ entry, receipt }) => {
    const made = receipt === null ? undefined : read<Partial<Receipt>>(`evidence/${receipt}`);
    const [by, at] = [made?.approval?.by, made?.endedAt];
    return typeof by === "string" && typeof at === "string" ? [[entry, { by, at }] as const] : [];
  });
  const decided = listOf(read<CampaignDecided>("decided.json")?.entries).filter(({ decision }) => isDecision(decision));
  return { start, decided, proved: listOf(proof?.entries), applied: new Map(applied) };
}

/** The objects of a list; none of what is no list. */
function listOf<T extends object>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value.filter((item) => item !== null && typeof item === "object") : [];
}

/** What is no such record says nothing. */
function parse<T>(text: string | undefined): T | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}
