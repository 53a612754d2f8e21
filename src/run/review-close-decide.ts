// Takes over what was decided, at the commit that merged the rosters, once everything is: judged again by the very checks that `status`
// shows, and recorded on the ledger, where nobody changes it any more.
import { claimDecided } from "../git/evidence-records.ts";
import type { EvidencedApproval } from "../model/evidence.ts";
import { compareText, type Finding } from "../model/finding.ts";
import type { Pull } from "../model/host.ts";
import type { CampaignInput, CampaignState } from "../plan/review/campaign-input.ts";
import { judgeCampaign } from "../plan/review/checks.ts";
import {
  type Campaign,
  type CampaignOptions,
  type CampaignReading,
  type CampaignsGround,
  readCampaign,
} from "./campaign-ground.ts";
import type { Context } from "./context.ts";
import { readConcerned } from "./review-close-ground.ts";

export type Taken =
  | { readonly recorded: true }
  | { readonly recorded: false; readonly why: string; readonly findings: readonly Finding[] };

export async function takeDecisions(
  context: Context,
  ground: CampaignsGround,
  campaign: Campaign & { readonly pull: Pull },
  options: CampaignOptions,
): Promise<Taken> {
  const reading = await readCampaign(context, ground, campaign, options);
  const state = judgeCampaign(reading.input);
  const findings = [...reading.findings, ...state.findings];
  if (reading.commit === null) return { recorded: false, why: "the merge is not in this repository", findings };
  const open = state.undecided.length;
  if (open > 0) {
    const why = `${open} of ${campaign.start.entries.length} entries are not decided, and the default does not decide yet`;
    return { recorded: false, why, findings };
  }
  const now = options.now ?? context.now();
  const made = new Set(state.decided.map(({ entry }) => entry));
  const lost = state.vanished.filter((id) => !made.has(id));
  if (lost.length > 0) {
    // A read that lacks too much to be true would let everybody off: nobody decides on what it has not.
    const { findings: doubts } = await readConcerned(context, ground, campaign.start, options);
    if (doubts.length > 0) return { recorded: false, why: "not everything can be read", findings: doubts };
  }
  await claimDecided(ground.host.repository, ground.host.remote, {
    version: 1,
    id: campaign.start.id,
    at: now.toISOString(),
    tool: `rolebook ${context.version}`,
    pull: campaign.pull.number,
    commit: reading.commit,
    entries: state.decided,
    vanished: lost,
    findings,
    approvals: approvalsOf(state, reading.input, reading),
  });
  return { recorded: true };
}

/** The reviews that decisions rest on, with the files that each covers. */
function approvalsOf(
  { decided }: CampaignState,
  input: CampaignInput,
  { input: { rosters } }: CampaignReading,
): EvidencedApproval[] {
  const used = new Set(decided.flatMap(({ approval }) => (approval ? [approval.review] : [])));
  return input.reviews
    .filter(({ review }) => used.has(review.id))
    .map(({ review, covers }) => ({
      pull: input.pull ?? 0,
      review: review.id,
      login: review.login,
      members: input.people
        .filter(({ login }) => login.toLowerCase() === review.login.toLowerCase())
        .flatMap(({ members }) => members)
        .sort(compareText),
      commit: review.commit ?? "",
      at: review.at,
      files: rosters
        .filter(({ path }) => covers.has(path))
        .map(({ path, sha256 }) => ({ path, sha256 }))
        .sort((a, b) => compareText(a.path, b.path)),
    }))
    .sort((a, b) => a.review - b.review);
}
