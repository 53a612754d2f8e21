// What the ledger holds of a campaign's end: what was decided, and the evidence. Each is recorded once, whole; whoever comes second
// goes by what is there.
import type { CampaignDecided, EvidenceFile } from "../model/evidence.ts";
import { GitError } from "./error.ts";
import type { Ledger } from "./ledger.ts";
import { claimTogether } from "./ledger-claim.ts";
import { LEDGER_AUTHOR, stableJson } from "./records.ts";
import type { Repository } from "./repository.ts";
import { campaignPath, isDecision } from "./review-records.ts";

export const EVIDENCE_FOLDER = "evidence";

/** What was decided, if that is recorded. Throws `GitError` for what is no such record: nobody can go on with that campaign. */
export async function readDecided(ledger: Ledger, id: string): Promise<CampaignDecided | undefined> {
  const path = campaignPath(id, "decided.json");
  const text = await ledger.read(path);
  if (text === undefined) return undefined;
  const value = parse(text);
  if (isDecided(value, id)) return value;
  throw new GitError(`${path} on the ledger is not what Rolebook records`, {
    hint: "Somebody wrote it by hand. Begin the review again under another name.",
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isDecided(value: unknown, id: string): value is CampaignDecided {
  if (!isObject(value) || value.version !== 1 || value.id !== id) return false;
  const { at, pull, commit, entries, vanished, findings, approvals } = value;
  const isCommit = typeof commit === "string" && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit);
  if (typeof at !== "string" || Number.isNaN(Date.parse(at)) || !Number.isInteger(pull) || !isCommit) return false;
  if (![entries, vanished, findings, approvals].every(Array.isArray)) return false;
  return (
    (entries as unknown[]).every(isEntry) &&
    (vanished as unknown[]).every((one) => typeof one === "string") &&
    [...(findings as unknown[]), ...(approvals as unknown[])].every(isObject)
  );
}

function isEntry(value: unknown): boolean {
  if (!isObject(value) || !["entry", "by", "who", "justification"].every((key) => typeof value[key] === "string"))
    return false;
  return isDecision(value.decision);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
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
