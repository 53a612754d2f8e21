// `rolebook review close`: takes over what was decided, has the files say it by a pull request of its own, and once that is applied reads
// the platforms again, proves each entry, and records the evidence. Every step finds out by itself what is done already. It holds a
// Reader of platforms and never a Writer, and merges nothing.
import { resolve } from "node:path";
import { readDecided, readEvidenceFiles } from "../git/evidence-records.ts";
import { openLedger } from "../git/ledger.ts";
import { syncLedger } from "../git/ledger-sync.ts";
import { isClosed } from "../git/review-records.ts";
import type { EvidenceFile } from "../model/evidence.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import { renderCloseJson, renderCloseText } from "../report/review-close.ts";
import {
  type Campaign,
  type CampaignOptions,
  type CampaignsGround,
  findCampaigns,
  openCampaigns,
  placesOfDecisions,
} from "./campaign-ground.ts";
import { type Context, EXIT, type ExitCode, OperatorError, UsageError, worstExit } from "./context.ts";
import { emit } from "./output.ts";
import { openProposing } from "./proposing.ts";
import { proposeChanges } from "./review-close-changes.ts";
import { takeDecisions } from "./review-close-decide.ts";
import { readConcerned } from "./review-close-ground.ts";
import { recordEvidence } from "./review-close-proof.ts";
import { demandOwnFolder, writeFolder } from "./review-folder.ts";
import { tellClosed } from "./review-status.ts";

export interface CloseOptions extends CampaignOptions {
  readonly format: "human" | "json";
  /** A folder that the evidence is copied to. */
  readonly output?: string;
}

/** What became of one campaign. */
export interface CloseOutcome {
  readonly id: string;
  /** `closed`: everything is proved, and the evidence is recorded. `waits`: for what `why` says. `refused`: for what the findings say. */
  readonly state: "closed" | "waits" | "refused";
  /** One sentence. */
  readonly why: string;
  /** The pull request that makes what was decided, when there is one. */
  readonly pull: { readonly number: number; readonly url: string } | null;
  readonly findings: readonly Finding[];
}

/** The evidence of one campaign, as the ledger has it. */
interface CopiedEvidence {
  readonly id: string;
  readonly files: readonly EvidenceFile[];
}

/** Runs `review close`. Exit 0: closed, all of it proved; 2: it waits; 1: refused. */
export async function runClose(context: Context, name: string | undefined, options: CloseOptions): Promise<ExitCode> {
  if (options.output !== undefined && name === undefined)
    throw new UsageError(
      "--output takes the evidence of one campaign",
      "Name it: rolebook review close ID --output DIR.",
    );
  const folder = options.output === undefined ? undefined : resolve(context.cwd, options.output);
  if (folder !== undefined) demandOwnFolder(folder);
  const { outcomes, evidence } = await closeReviews(context, name, options);
  const { color, width } = context.terminal;
  emit(context, undefined, [
    options.format === "json" ? renderCloseJson(outcomes) : renderCloseText(outcomes, { color, width }),
  ]);
  if (folder !== undefined && evidence) writeFolder(folder, evidence.id, evidence.files);
  return worstExit(outcomes.map(({ state }) => EXITS[state]));
}

const EXITS = { closed: EXIT.done, waits: EXIT.changes, refused: EXIT.refused } as const;

/** Takes the campaigns (all that are not closed, or the one of this name) as far as they can go. One that fails does not stop the rest. */
export async function closeReviews(
  context: Context,
  name: string | undefined,
  options: CampaignOptions,
): Promise<{ readonly outcomes: readonly CloseOutcome[]; readonly evidence: CopiedEvidence | undefined }> {
  const ground = await openCampaigns(context, await openProposing(context), options);
  const campaigns = await findCampaigns(ground, name);
  const outcomes: CloseOutcome[] = [];
  for (const campaign of campaigns) {
    const { id } = campaign.start;
    const failed = (error: unknown): CloseOutcome => {
      if (name !== undefined) throw error;
      return {
        id,
        state: "refused",
        why: error instanceof Error ? error.message : String(error),
        pull: null,
        findings: [],
      };
    };
    outcomes.push(await closeCampaign(context, ground, campaign, options).catch(failed));
  }
  const [one, another] = outcomes;
  const isDone = one?.state === "closed" && !another;
  const evidence = isDone
    ? { id: one.id, files: await readEvidenceFiles(openLedger(ground.host.repository), one.id) }
    : undefined;
  return { outcomes, evidence };
}

async function closeCampaign(
  context: Context,
  ground: CampaignsGround,
  campaign: Campaign,
  options: CampaignOptions,
): Promise<CloseOutcome> {
  const { start, pull } = campaign;
  const { id } = start;
  const { repository, remote } = ground.host;
  if (isClosed(campaign)) {
    // Recorded here, and killed before it was on the remote.
    await syncLedger(repository, remote);
    return { id, state: "closed", why: "it is closed already", pull: null, findings: [] };
  }
  const ledger = openLedger(repository);
  let decided = await readDecided(ledger, id);
  if (!decided) {
    if (!pull)
      return {
        id,
        state: "waits",
        why: "its pull request is not there: `rolebook review start` opens it",
        pull: null,
        findings: [],
      };
    if (pull.mergedAt === null)
      return { id, state: "waits", why: `#${pull.number} is not merged: ${pull.url}`, pull: null, findings: [] };
    const taken = await takeDecisions(context, ground, { ...campaign, pull }, options);
    if (!taken.recorded) return { id, state: "refused", why: taken.why, pull: null, findings: taken.findings };
    decided = await readDecided(ledger, id);
    if (!decided) throw new OperatorError(`What was decided in ${id} could not be recorded`, "Run it again.");
  }
  const places = await placesOfDecisions(ground, start, decided.commit, options);
  const concerned = await readConcerned(context, ground, start, options);
  if (concerned.findings.length > 0)
    return { id, state: "refused", why: "not everything can be read", pull: null, findings: concerned.findings };
  const made = await proposeChanges(context, ground, { start, decided, concerned, places }, options);
  const told = { pull: made.pull ? { number: made.pull.number, url: made.pull.url } : null };
  const findings = sortFindings([...decided.findings, ...made.findings]);
  if (made.state !== "made") return { id, ...told, state: made.state, why: made.why, findings };
  const tell = () => tellClosed(context, ground, campaign, options);
  const closing = { start, decided, concerned, places, pull: made.pull };
  const proved = await recordEvidence(context, ground, closing, options, tell);
  if (proved.state !== "closed")
    return {
      id,
      ...told,
      state: proved.state,
      why: proved.why,
      findings: sortFindings([...findings, ...proved.findings]),
    };
  const all = sortFindings([...findings, ...proved.findings]);
  return { id, ...told, state: "closed", why: "every decision is made and proved", findings: all };
}
