// How campaigns stand: what was read of each, judged and counted, as `review status` shows it and `review remind` goes by it. It looks
// and never writes.
import { GitError } from "../git/error.ts";
import { readDecided } from "../git/evidence-records.ts";
import { openLedger } from "../git/ledger.ts";
import { isClosed } from "../git/review-records.ts";
import type { CampaignStart, DecidedEntry } from "../model/campaign.ts";
import type { CampaignReport } from "../model/campaign-report.ts";
import type { CampaignDecided } from "../model/evidence.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import { addDays } from "../model/until.ts";
import { judgeCampaign } from "../plan/review/checks.ts";
import {
  type Campaign,
  type CampaignOptions,
  type CampaignsGround,
  findCampaigns,
  readCampaign,
} from "./campaign-ground.ts";
import type { Context } from "./context.ts";
import { unmadeDecisions } from "./review-settle.ts";

/** A campaign as it stands, with what is needed to tell it. */
export interface LookedAtCampaign {
  readonly campaign: Campaign;
  readonly report: CampaignReport;
  /** Paths of its roster files, from the repository's root. */
  readonly files: ReadonlySet<string>;
}

/** Those that are not over, oldest first; with a name that one, over or not. */
export async function lookAtCampaigns(
  context: Context,
  ground: CampaignsGround,
  name: string | undefined,
  options: CampaignOptions,
): Promise<LookedAtCampaign[]> {
  const found = await findCampaigns(ground, name);
  // Nobody decides any more in one whose pull request somebody closed.
  const chosen = name === undefined ? found.filter(({ pull }) => !isAbandoned(pull)) : found;
  const looks: LookedAtCampaign[] = [];
  for (const campaign of chosen) looks.push(await lookAtCampaign(context, ground, campaign, options));
  return looks;
}

/** A campaign as it stands. */
export async function lookAtCampaign(
  context: Context,
  ground: CampaignsGround,
  campaign: Campaign,
  options: CampaignOptions,
): Promise<LookedAtCampaign> {
  const { start, pull } = campaign;
  const { decided, findings } = await decidedOf(ground, start);
  // What was taken over counts from then on, whatever is held by now.
  const reading = await readCampaign(context, ground, campaign, decided ? { ...options, files: true } : options);
  const state = judgeCampaign(reading.input);
  const unmade = decided ? [] : await unmadeDecisions(ground, start, reading, state, options);
  const all = sortFindings([...findings, ...reading.findings, ...state.findings, ...unmade]);
  const end = decided ? endOf(decided) : { ...state, findings: all };
  const { fallback } = start.definition.reviewers;
  const report: CampaignReport = {
    id: start.id,
    review: start.definition.name,
    startedAt: start.startedAt,
    due: start.due,
    fallbackUntil: addDays(start.due, reading.input.settings.escalateDays),
    fallback,
    state: stateOf(campaign, decided),
    phase: state.phase,
    pull: pull ? { number: pull.number, url: pull.url } : null,
    commit: reading.commit,
    entries: start.entries.length,
    undecided: end.undecided.length,
    vanished: end.vanished.length,
    decisions: countDecisions(end.decided),
    reviewers: decided
      ? state.progress.map((one) => ({ ...one, filled: one.entries, settled: one.entries }))
      : state.progress,
    findings: end.findings,
  };
  return { campaign, report, files: new Set(reading.files.map(({ path }) => path)) };
}

/** One campaign that nobody can go on with does not keep the others from being shown. */
async function decidedOf(
  { host }: CampaignsGround,
  { id, definition }: CampaignStart,
): Promise<{ readonly decided: CampaignDecided | undefined; readonly findings: readonly Finding[] }> {
  try {
    return { decided: await readDecided(openLedger(host.repository), id), findings: [] };
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const { message, hint } = error;
    const { place } = definition;
    const finding: Finding = { severity: "error", code: "decisions-unreadable", message, place };
    return { decided: undefined, findings: [hint === undefined ? finding : { ...finding, hint }] };
  }
}

function endOf({ entries, vanished, findings }: CampaignDecided) {
  return { decided: entries, vanished, undecided: [], findings };
}

function isAbandoned(pull: Campaign["pull"]): boolean {
  return pull?.state === "closed" && pull.mergedAt === null;
}

function stateOf(campaign: Campaign, decided: CampaignDecided | undefined): CampaignReport["state"] {
  const { pull } = campaign;
  if (isClosed(campaign)) return "closed";
  if (decided) return "closing";
  if (!pull) return "unopened";
  if (isAbandoned(pull)) return "abandoned";
  return pull.mergedAt === null ? "deciding" : "merged";
}

function countDecisions(decided: readonly DecidedEntry[]): CampaignReport["decisions"] {
  const count = (word: DecidedEntry["decision"]["decision"]) =>
    decided.filter(({ decision }) => decision.decision === word).length;
  return { keep: count("keep"), revoke: count("revoke"), reduce: count("reduce"), until: count("until") };
}
