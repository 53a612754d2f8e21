// A campaign as it is: its beginning on the ledger, its pull request, the roster files of one commit with the reviews that cover them,
// who is a member still, and what is held now. What `status` shows and `close` acts on is judged by this. It looks and never writes.
import { createHash } from "node:crypto";
import { posix } from "node:path";
import { openLedger } from "../git/ledger.ts";
import { fetchLedger } from "../git/ledger-sync.ts";
import { campaignBranch, isClosed, listCampaigns, type RecordedCampaign } from "../git/review-records.ts";
import type { CampaignStart, RosterFile } from "../model/campaign.ts";
import type { LiveRead } from "../model/driver.ts";
import type { State } from "../model/entity.ts";
import type { Finding, Place } from "../model/finding.ts";
import type { Pull, Review } from "../model/host.ts";
import { lazy } from "../model/lazy.ts";
import { nearestOf } from "../model/nearest.ts";
import { type Platform, resourcesOf } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { splitEnded } from "../plan/expire.ts";
import type { CampaignInput, CampaignPlatform, HeldNow, RosterReview } from "../plan/review/campaign-input.ts";
import { checkLines } from "../plan/review/check-lines.ts";
import { namesNow } from "../plan/review/held.ts";
import { memberLookup } from "../plan/review/members.ts";
import { readGovernance } from "../policy/governance.ts";
import { GOVERNANCE } from "../policy/parse.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { commitOf, settingsFor } from "./campaign-commit.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { desiredSteps, withDefaults } from "./desired.ts";
import { isExpected } from "./expected.ts";
import { readLive } from "./live.ts";
import { parseFiles, sourceOfCommit } from "./load.ts";
import { openBaseBranch, type ProposingHost } from "./proposing.ts";
import { reachOf } from "./reach.ts";
import { readFormerPeople } from "./review-force.ts";
import { inSlices } from "./slices.ts";
import { driverOf, loadTools, type Workspace } from "./workspace.ts";

export interface CampaignOptions extends CommonOptions {
  /** Ask no platform: what files say stands for it, and nothing is known to have vanished. */
  readonly files?: boolean;
  /** Judge as of this instant instead of now. */
  readonly now?: Date;
  readonly connections?: number;
}

/** A campaign with its pull request. */
export interface Campaign extends RecordedCampaign {
  /** The one that is open, else the one that was merged, else the newest; undefined while there is none. */
  readonly pull: Pull | undefined;
}

/** The base branch and its ledger as they are on the remote now. */
export interface CampaignsGround {
  readonly host: ProposingHost;
  readonly base: string;
  readonly workspace: Workspace;
}

/** Brings the ledger and the base branch here. */
export async function openCampaigns(
  context: Context,
  host: ProposingHost,
  options: CommonOptions,
): Promise<CampaignsGround> {
  await fetchLedger(host.repository, host.remote);
  const { policies } = options;
  const { base, workspace } = await openBaseBranch(context, host, { policies });
  if (workspace.policies.settings) return { host, base, workspace };
  throw new OperatorError(`There are no settings on ${host.baseBranch}`, "`rolebook init` writes them.");
}

/**
 * The campaigns that are not closed, oldest first; with a name those of that id, or the last one of the review of that name, closed
 * or not. Throws `OperatorError` when there is none of that name.
 */
export async function findCampaigns({ host }: CampaignsGround, name: string | undefined): Promise<Campaign[]> {
  const all = await listCampaigns(openLedger(host.repository));
  const byId = all.filter(({ start }) => start.id === name);
  const byReview = all.filter(({ start }) => start.definition.name === name).slice(-1);
  const chosen = name === undefined ? all.filter((one) => !isClosed(one)) : byId.length > 0 ? byId : byReview;
  if (name !== undefined && chosen.length === 0)
    throw new OperatorError(
      `No campaign of "${name}" has begun`,
      all.length === 0
        ? "`rolebook review start NAME` begins one."
        : nearestOf(
            name,
            all.map(({ start }) => start.id),
          ),
    );
  return Promise.all(chosen.map(async (one) => ({ ...one, pull: await findPull(host, one.start.id) })));
}

/** The pull request of a campaign. */
export async function findPull({ reader, baseBranch }: ProposingHost, id: string): Promise<Pull | undefined> {
  const pulls = (await reader.pullsOfBranch(campaignBranch(id))).filter(({ base }) => base.branch === baseBranch);
  const open = pulls.find(({ state }) => state === "open");
  return open ?? pulls.find(({ mergedAt }) => mergedAt !== null) ?? pulls[0];
}

/** Everything that a campaign is judged by. */
export interface CampaignReading {
  readonly input: CampaignInput;
  /** The commit whose roster files were read; null where there is none. */
  readonly commit: string | null;
  /** The roster files, byte for byte, from the repository's root. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  /** All reviews of the pull request, oldest first. */
  readonly reviews: readonly Review[];
  /** What is wrong with the files, and what could not be read. */
  readonly findings: readonly Finding[];
  /** What was read of each platform. */
  readonly live: ReadonlyMap<string, LiveRead>;
}

/** Reads it. A merged pull request is read at its merge, any other at its head. */
export async function readCampaign(
  context: Context,
  ground: CampaignsGround,
  campaign: Pick<Campaign, "start" | "pull">,
  options: CampaignOptions,
): Promise<CampaignReading> {
  const { start, pull } = campaign;
  const now = options.now ?? context.now();
  const commit = pull ? await commitOf(ground, pull) : null;
  const settings = await settingsFor(context, ground, pull, options);
  const rosters = await readRosters(ground, start.id, commit, options);
  const reviews = pull ? await ground.host.reader.reviews(pull.number) : [];
  const targets = await lookAtTargets(context, ground, start, { ...options, now });
  const input: CampaignInput = {
    start,
    rosters: rosters.versions,
    pull: pull?.number ?? null,
    reviews: await coveredBy(ground, reviews, rosters.blobs),
    people: settings.people,
    former: await readFormerPeople(context, ground, new Set(start.entries.map(({ target }) => target)), options),
    settings: start.settings ?? settings.reviews,
    now,
    isMember: memberLookup(
      targets.map(({ platform, declared, live }) => ({ platform, state: live?.state ?? declared })),
    ),
    platforms: new Map(targets.map((one) => [one.target.name, platformOf(one)])),
    held: heldOf(start, targets, now),
  };
  return {
    input,
    commit,
    files: rosters.files,
    reviews,
    findings: [...rosters.findings, ...targets.flatMap(({ findings }) => findings)],
    live: new Map(targets.flatMap(({ target, live }) => (live ? [[target.name, live] as const] : []))),
  };
}

interface Rosters {
  readonly versions: CampaignInput["rosters"];
  readonly files: CampaignReading["files"];
  /** Path from the root -> blob. */
  readonly blobs: ReadonlyMap<string, string>;
  readonly findings: readonly Finding[];
}

async function readRosters(
  { host, workspace }: CampaignsGround,
  id: string,
  commit: string | null,
  { policies }: CampaignOptions,
): Promise<Rosters> {
  if (commit === null) return { versions: [], files: [], blobs: new Map(), findings: [] };
  const all = await sourceOfCommit(host.repository, commit, workspace.folder, policies);
  const own = all.files.filter(({ path }) => posix.dirname(path) === `reviews/${id}`);
  const source = { ...all, files: own };
  await source.prefetch?.(own.map(({ blob }) => blob));
  const parsed = await parseFiles(source, () => true, GOVERNANCE, loadTools(workspace.caches, undefined));
  const { governance, findings } = readGovernance(parsed, workspace.policies.settings);
  const fromRoot = (path: string) => (workspace.folder === "" ? path : `${workspace.folder}/${path}`);
  const files = own.map(({ path, blob, read }) => ({
    shown: `${all.shown}/${path}`,
    path: fromRoot(path),
    blob,
    bytes: read(),
  }));
  const byShown = new Map(files.map((file) => [file.shown, file]));
  const versionOf = (roster: RosterFile) => {
    const file = byShown.get(roster.file);
    if (!file || roster.review !== id) return [];
    return [{ roster, path: file.path, sha256: createHash("sha256").update(file.bytes).digest("hex") }];
  };
  return {
    versions: governance.rosters.flatMap(versionOf),
    files: files.map(({ path, bytes }) => ({ path, bytes })),
    blobs: new Map(files.map(({ path, blob }) => [path, blob])),
    findings: [...parsed.flatMap((file) => file.findings), ...findings],
  };
}

/** Where each entry's decision stands in the roster files of a commit. */
export async function placesOfDecisions(
  ground: CampaignsGround,
  start: CampaignStart,
  commit: string,
  options: CampaignOptions,
): Promise<ReadonlyMap<string, Place>> {
  const { versions } = await readRosters(ground, start.id, commit, options);
  return new Map([...checkLines(start, versions).lines].map(([id, { line }]) => [id, line.place]));
}

/** Which files were at each review's commit what they are now. A commit that is not here any more shows nothing. */
async function coveredBy(
  { host, workspace }: CampaignsGround,
  reviews: readonly Review[],
  blobs: ReadonlyMap<string, string>,
): Promise<RosterReview[]> {
  const { repository, remote } = host;
  const isHere = async (commit: string) => (await repository.resolveCommit(commit)) === commit;
  const covered = new Map<string, ReadonlySet<string>>();
  for (const { state, commit } of reviews) {
    if (state !== "approved" || commit === null || covered.has(commit)) continue;
    // A branch that was put onto another commit since has it no more, and the approval stands all the same.
    if (!(await isHere(commit))) await repository.fetchCommits(remote, [commit]);
    const files = (await isHere(commit)) ? await repository.listTree(commit, workspace.folder) : [];
    covered.set(commit, new Set(files.filter(({ path, blob }) => blobs.get(path) === blob).map(({ path }) => path)));
  }
  return reviews.map((review) => ({ review, covers: covered.get(review.commit ?? "") ?? new Set() }));
}

/** A target as files say it, and as it is where it was read. */
interface LookedAt {
  readonly target: Target;
  readonly platform: Platform;
  readonly declared: State;
  readonly live?: LiveRead;
  readonly findings: readonly Finding[];
}

/** Every target of the settings: reviewers may be members of any. Only those of the campaign are read. */
async function lookAtTargets(
  context: Context,
  { host, workspace }: CampaignsGround,
  { entries }: CampaignStart,
  { files, connections, now, policies }: CampaignOptions & { readonly now: Date },
): Promise<LookedAt[]> {
  const concerned = new Set(entries.map(({ target }) => target));
  const looks: LookedAt[] = [];
  for (const target of workspace.policies.settings?.targets ?? []) {
    const { platform } = driverOf(target);
    const declared = withDefaults((await inSlices(desiredSteps(workspace, target, now))).state, platform);
    const look = { target, platform, declared, findings: [] };
    if (files || !concerned.has(target.name)) {
      looks.push(look);
      continue;
    }
    try {
      const live = await readReached(context, host, target, {
        policies,
        ...(connections === undefined ? {} : { connections }),
      });
      const doubt = live.findings.find(({ severity }) => severity === "error");
      looks.push(doubt ? { ...look, findings: [unread(target, doubt.message)] } : { ...look, live });
    } catch (error) {
      if (!isExpected(error)) throw error;
      looks.push({ ...look, findings: [unread(target, error instanceof Error ? error.message : String(error))] });
    }
  }
  return looks;
}

/** Reads a target there where it was applied last. */
export async function readReached(
  context: Context,
  { repository, remote }: ProposingHost,
  target: Target,
  { policies, connections }: CommonOptions & { readonly connections?: number },
): Promise<LiveRead> {
  const open = (at: string) => openWorkspaceAt(context, repository, { tree: at, commit: at }, { policies });
  const reached = await reachOf({ repository, remote, open }, target);
  return readLive(context, reached, connections === undefined ? {} : { connections });
}

function unread({ name, place }: Target, why: string): Finding {
  return {
    severity: "warning",
    code: "target-unread",
    message: `${name} could not be read, so nothing is known of what was taken away there meanwhile: ${why}`,
    place,
    hint: "See `rolebook plan`; what was decided counts all the same.",
  };
}

function platformOf({ target, platform, declared, live }: LookedAt): CampaignPlatform {
  const resources = new Map(
    resourcesOf(platform, live?.state ?? declared).map(({ name, levels }) => [name, levels] as const),
  );
  const { fold, rankOf } = platform;
  return { fold, rankOf, levelsOf: (resource) => resources.get(resource) ?? [], timeZone: target.timeZone };
}

function heldOf(start: CampaignStart, targets: readonly LookedAt[], now: Date): ReadonlyMap<string, HeldNow> {
  const held = new Map<string, HeldNow>();
  for (const { target, platform, declared, live } of targets) {
    if (!live) continue;
    const view = platform.access(live.state);
    const nameNow = namesNow(start, target.name, { live: live.state, declared, fold: platform.fold });
    const said = lazy(() => platform.access(splitEnded(declared, now, target.timeZone).active));
    const saidOf: HeldNow["grantsOf"] = (member) => said().grantsOf(member);
    held.set(target.name, { grantsOf: view.grantsOf, saidOf, nameNow });
  }
  return held;
}
