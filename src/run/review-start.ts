// `rolebook review start`: a campaign begins. What there is to decide is read live, recorded on the ledger, and laid out on a branch
// and a pull request, in this order: whoever is killed in between, or comes second, finishes what the ledger says. It holds no writer
// of a platform, and never touches a branch that somebody has pushed to.
import { fetchBranch, ownBranchRef, writeBranchCommit } from "../git/branch.ts";
import { openLedger } from "../git/ledger.ts";
import { campaignBranch, claimStart, isClosed, listCampaigns, type RecordedCampaign } from "../git/review-records.ts";
import type { CampaignStart } from "../model/campaign.ts";
import type { Finding } from "../model/finding.ts";
import type { Pull } from "../model/host.ts";
import { addDays } from "../model/until.ts";
import { identitiesOf } from "../plan/review/identities.ts";
import type { ReviewsInForce } from "../plan/review/in-force.ts";
import { type RosterText, writeRosters } from "../policy/roster-write.ts";
import { renderReviewPull, reviewTitle } from "../report/review-pull.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { type CampaignsGround, findPull, openCampaigns } from "./campaign-ground.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { notify } from "./notify.ts";
import { BranchMovedError, openOnce, openProposing, pushBranch } from "./proposing.ts";
import { type WantedCampaign, wantedByDay, wantedNow } from "./review-due.ts";
import { readReviewsInForce } from "./review-force.ts";
import { prepareStart } from "./review-prepare.ts";

export interface StartOptions extends CommonOptions {
  /** Begin as of this instant instead of now. */
  readonly now?: Date;
  readonly connections?: number;
}

export interface StartOutcome {
  readonly id: string;
  /**
   * `opened`: its pull request was. `there`: it was open already. `merged`, `closed`: people have done so. `empty`: nobody holds
   * anything that it is about. `refused`: the findings say why.
   */
  readonly state: "opened" | "there" | "merged" | "closed" | "empty" | "refused";
  readonly due: string;
  readonly entries: number;
  readonly reviewers: number;
  readonly pull: number | null;
  readonly url: string | null;
  /** Errors where it is refused; else what holds as it was applied last. */
  readonly findings: readonly Finding[];
}

/** Begins the campaign of one review, or finishes what began of it. */
export async function startReview(context: Context, name: string, options: StartOptions): Promise<StartOutcome> {
  const ground = await openGround(context, options);
  const known = await listCampaigns(openLedger(ground.host.repository));
  const now = options.now ?? context.now();
  const reviews = await readReviewsInForce(context, ground, now, options);
  const open = known.filter((one) => one.start.definition.name === name && !isClosed(one));
  const going: string[] = [];
  for (const { start } of open) {
    const pull = await findPull(ground.host, start.id);
    if (!pull || pull.state === "open") going.push(start.id);
  }
  const wanted = wantedNow(reviews.definitions, name, going, now);
  return begin(context, ground, { wanted, reviews, known }, { ...options, now });
}

/** Begins all campaigns whose day it is. One that is refused does not stop the rest. */
export async function startDue(context: Context, options: StartOptions): Promise<StartOutcome[]> {
  const ground = await openGround(context, options);
  const known = await listCampaigns(openLedger(ground.host.repository));
  const now = options.now ?? context.now();
  const reviews = await readReviewsInForce(context, ground, now, options);
  const outcomes: StartOutcome[] = [];
  for (const wanted of await wantedByDay(context, ground, reviews, now, options))
    outcomes.push(await begin(context, ground, { wanted, reviews, known }, { ...options, now }));
  return outcomes;
}

async function openGround(context: Context, options: StartOptions): Promise<CampaignsGround> {
  if (options.target !== undefined)
    throw new OperatorError(
      "A campaign is about what its definition says",
      "Leave --target out; name targets in scope.",
    );
  return openCampaigns(context, await openProposing(context), options);
}

interface Beginning {
  readonly wanted: WantedCampaign;
  readonly reviews: ReviewsInForce;
  readonly known: readonly RecordedCampaign[];
}

async function begin(
  context: Context,
  ground: CampaignsGround,
  { wanted, reviews, known }: Beginning,
  options: StartOptions & { readonly now: Date },
): Promise<StartOutcome> {
  const { repository, remote } = ground.host;
  const before = known.find(({ start }) => start.id === wanted.id);
  if (before) return publish(context, ground, before.start, options);
  const { settings } = reviews;
  const prepared = await prepareStart(context, ground, { ...wanted, settings }, known, options);
  const nothing = { id: wanted.id, due: wanted.due, entries: 0, reviewers: 0, pull: null, url: null };
  if (prepared.kind === "refused") return { ...nothing, state: "refused", findings: prepared.findings };
  const findings = reviews.findings.get(wanted.definition.name) ?? [];
  if (prepared.kind === "empty") return { ...nothing, state: "empty", findings };
  await claimStart(repository, remote, prepared.start);
  const recorded = (await listCampaigns(openLedger(repository))).find(({ start }) => start.id === wanted.id);
  if (!recorded) throw new OperatorError(`The ledger has something else in the place of campaign ${wanted.id}`);
  return { ...(await publish(context, ground, recorded.start, options)), findings };
}

/** Lays a campaign out as the ledger says, as far as that has not been done. */
async function publish(
  context: Context,
  ground: CampaignsGround,
  start: CampaignStart,
  options: StartOptions,
): Promise<StartOutcome> {
  const there = await findPull(ground.host, start.id);
  if (there) {
    // Whoever opened it may have died before that was told.
    if (there.state === "open") await tellBeginning(context, ground, start, there);
    return outcomeOf(start, stateOf(there), there);
  }
  const { files, loginOf } = await layOut(context, ground, start, options);
  const branch = campaignBranch(start.id);
  const { repository, remote } = ground.host;
  if ((await fetchBranch(repository, remote, ownBranchRef(branch))) === null) {
    const commit = await writeRosterCommit(ground, start, files);
    await pushBranch(ground.host, branch, commit, null).catch((error: unknown) => {
      // Another run was first, and somebody has pushed to it since.
      if (!(error instanceof BranchMovedError)) throw error;
    });
  }
  const reviews = ground.workspace.policies.settings?.reviews;
  const { overdue, escalateDays } = start.settings ?? reviews ?? { overdue: "keep", escalateDays: 0 };
  const body = renderReviewPull({
    start,
    files: files.map(({ name, reviewer, entries }) => ({
      path: pathOf(ground, start, name),
      reviewer,
      entries: entries.length,
    })),
    loginOf,
    fallbackUntil: addDays(start.due, escalateDays),
    overdue: start.definition.overdue ?? overdue,
  });
  const pull = await openOnce(ground.host, { title: reviewTitle(start), body, head: branch });
  await tellBeginning(context, ground, start, pull);
  return outcomeOf(start, "opened", pull);
}

/** The files, as they were when it began: whoever finishes it writes the same. */
async function layOut(
  context: Context,
  { host }: CampaignsGround,
  start: CampaignStart,
  { policies }: StartOptions,
): Promise<{ readonly files: readonly RosterText[]; readonly loginOf: (member: string) => string | undefined }> {
  const then = await openWorkspaceAt(
    context,
    host.repository,
    { tree: start.commit, commit: start.commit },
    { policies },
  );
  const { loginOf } = identitiesOf(then.policies.settings?.people ?? []);
  return { files: writeRosters(start, start.entries, loginOf), loginOf };
}

function pathOf({ workspace: { folder } }: CampaignsGround, { id }: CampaignStart, name: string): string {
  return `${folder === "" ? "" : `${folder}/`}reviews/${id}/${name}`;
}

function writeRosterCommit(
  ground: CampaignsGround,
  start: CampaignStart,
  files: readonly RosterText[],
): Promise<string> {
  return writeBranchCommit(ground.host.repository, {
    parent: start.commit,
    files: files.map(({ name, text }) => ({ path: pathOf(ground, start, name), bytes: Buffer.from(text, "utf8") })),
    about: `review ${start.id}`,
    subject: `Access review ${start.id}`,
    body: `Entries to decide: ${start.entries.length}\nLast day: ${start.due}`,
  });
}

function stateOf({ state, mergedAt }: Pull): StartOutcome["state"] {
  if (state === "open") return "there";
  return mergedAt === null ? "closed" : "merged";
}

function outcomeOf(start: CampaignStart, state: StartOutcome["state"], pull: Pull): StartOutcome {
  const { id, due, entries } = start;
  const reviewers = new Set(entries.map(({ reviewer }) => reviewer)).size;
  return { id, state, due, entries: entries.length, reviewers, pull: pull.number, url: pull.url, findings: [] };
}

/** Told once, of the first target that it is about. */
async function tellBeginning(
  context: Context,
  { host: { repository }, workspace }: CampaignsGround,
  { id, due, entries }: CampaignStart,
  { url }: Pull,
): Promise<void> {
  const { settings } = workspace.policies;
  const count = entries.length === 1 ? "1 entry" : `${entries.length} entries`;
  const title = `Access review ${id} has begun`;
  const text = `${count} to decide until ${due}.`;
  const target = entries[0]?.target ?? "";
  const fact = { event: "review" as const, id: `review ${id} begins`, target, title, text, url };
  if (settings) await notify(context, repository, settings, [fact]);
}
