// What a review's report is built from: every target read live beside the files of HEAD, or the files alone, with what guardrails say
// of people, where access comes from, and the reviews before, by the ledger. It looks and never writes.
import { appliedRef } from "../git/refs.ts";
import { type LiveRead, PlatformError } from "../model/driver.ts";
import type { State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import type { KeyLine } from "../model/key-lines.ts";
import type { ReviewReport, ReviewRepository } from "../model/review.ts";
import type { Target } from "../model/settings.ts";
import { splitEnded } from "../plan/expire.ts";
import type { Judging } from "../plan/guardrails/judge.ts";
import type { JudgedState, PeopleJudged } from "../plan/guardrails/people.ts";
import { buildReview } from "../plan/review/build.ts";
import { besideLive } from "../plan/review/declared.ts";
import type { ReviewedTarget, ReviewInput } from "../plan/review/input.ts";
import { fetchForLook } from "./apply-record.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import type { CommonOptions, Context } from "./context.ts";
import { desiredSteps, withDefaults } from "./desired.ts";
import { attempt, type Failure, isFailure } from "./failures.ts";
import { keyKindOf, readKeyLines } from "./keys.ts";
import { readLive } from "./live.ts";
import { openProgress } from "./progress.ts";
import { openProvenances } from "./provenance.ts";
import { reachOf } from "./reach.ts";
import { readPastReviews } from "./review-past.ts";
import { inSlices } from "./slices.ts";
import { chooseTargets, driverOf, openWorkspace, type Workspace } from "./workspace.ts";

export interface ReviewGroundOptions extends CommonOptions {
  /** Only this target, or these with commas between them; every target of the settings when absent. */
  readonly target?: string;
  /** Report what the files say; no platform is asked. */
  readonly files: boolean;
  /** Report what was applied then: a date, an instant or a commit. */
  readonly at?: string;
  /** Do not fetch from the Git remote. */
  readonly offline: boolean;
  /** Judge ends and ages as of this instant instead of now. */
  readonly now?: Date;
  readonly connections?: number;
}

export interface ReviewGrounds {
  readonly workspace: Workspace;
  /** Of the targets that could be read. */
  readonly report: ReviewReport;
  readonly targets: readonly ReviewedTarget[];
  /** Targets that could not be read. */
  readonly failures: readonly Failure[];
  /** How many targets it is about. */
  readonly asked: number;
}

/** Opens the policy folder of the work tree and reports on the chosen targets. */
export async function readReview(context: Context, options: ReviewGroundOptions): Promise<ReviewGrounds> {
  if (options.at !== undefined) return (await import("./review-at.ts")).readReviewAt(context, options, options.at);
  const progress = openProgress(context, "Reading");
  const { connections } = options;
  const reading = { progress: progress.update, ...(connections === undefined ? {} : { connections }) };
  try {
    const workspace = await openWorkspace(context, ofOneTarget(options), { git: true });
    return await reviewOf(context, workspace, options, async (target) =>
      readLive(context, await reachedTarget(context, workspace, target, options), reading),
    );
  } finally {
    progress.stop();
  }
}

/** What the policies of several targets are opened with: nothing is left out that one of them may need. */
export function ofOneTarget<Options extends ReviewGroundOptions>(options: Options): Options {
  if (options.target?.includes(",") !== true) return options;
  const { target: _, ...rest } = options;
  // Safe: the target may be absent.
  return rest as Options;
}

/** The targets that a report is about, in the settings' order. Throws `OperatorError` for a name that is none. */
export function targetsOf({ policies }: Workspace, { target }: ReviewGroundOptions): readonly Target[] {
  if (target === undefined) return chooseTargets(policies, undefined);
  const chosen = new Set(target.split(",").flatMap((name) => chooseTargets(policies, name)));
  return chooseTargets(policies, undefined).filter((one) => chosen.has(one));
}

/** The same of policies that are open already, be it those of another commit. */
export async function reviewOf(
  context: Context,
  workspace: Workspace,
  options: ReviewGroundOptions,
  read: (target: Target) => Promise<LiveRead>,
): Promise<ReviewGrounds> {
  const now = options.now ?? context.now();
  const chosen = targetsOf(workspace, options);
  const findings: Finding[] = workspace.policies.findings.filter(({ severity }) => severity === "error");
  const targets: ReviewedTarget[] = [];
  const failures: Failure[] = [];
  for (const target of chosen) {
    const looked = await attempt(target.name, async () => {
      if (!options.offline) await fetchForLook(context, workspace.repository, target.name);
      return lookAtTarget(context, workspace, target, { ...options, now }, read);
    });
    if (isFailure(looked)) failures.push(looked);
    else {
      targets.push(looked.reviewed);
      findings.push(...looked.findings);
    }
  }
  const source = options.files ? "files" : "live";
  const report = await reportOn(context, workspace, { source, now, targets, findings });
  return { workspace, report, targets, failures, asked: chosen.length };
}

/** Builds the report of targets beside the reviews that the ledger has. */
export async function reportOn(
  context: Context,
  workspace: Workspace,
  known: Pick<ReviewInput, "source" | "now" | "targets" | "findings">,
): Promise<ReviewReport> {
  const { past, revoked } = await readPastReviews(workspace);
  const people = workspace.policies.settings?.people ?? [];
  const repository = await repositoryPage(context, workspace);
  return buildReview({
    ...known,
    tool: `rolebook ${context.version}`,
    ...(repository ? { repository } : {}),
    people,
    past,
    revoked,
  });
}

/** Where people look at the files on the web. Places are relative to where the command runs. */
async function repositoryPage(context: Context, { repository }: Workspace): Promise<ReviewRepository | undefined> {
  const folder = repository?.pathInside(context.cwd);
  if (!repository || folder === undefined) return undefined;
  const url = await (await import("./host.ts")).webPageOf(context, repository);
  return url === undefined ? undefined : { url, folder };
}

/**
 * The target as it is reached: there where it was applied last, also when this runs on a schedule. A merge that no owner approved must
 * not make a report show a credential to another system.
 */
async function reachedTarget(
  context: Context,
  { repository }: Workspace,
  target: Target,
  { policies, offline }: ReviewGroundOptions,
): Promise<Target> {
  if (!repository) return target;
  const remote = offline ? undefined : await repository.remote();
  // Where nothing was applied and nobody else can be asked, the files are all there is.
  if (remote === undefined && (await repository.readRef(appliedRef(target.name))) === null) return target;
  const open = (at: string) => openWorkspaceAt(context, repository, { tree: at, commit: at }, { policies });
  return reachOf({ repository, remote: remote ?? "origin", open }, target);
}

/** One target, ready to be reported on, and what is not certain of it. */
export interface LookedAt {
  readonly reviewed: ReviewedTarget;
  readonly findings: readonly Finding[];
}

async function lookAtTarget(
  context: Context,
  workspace: Workspace,
  target: Target,
  options: ReviewGroundOptions & { readonly now: Date },
  read: (target: Target) => Promise<LiveRead>,
): Promise<LookedAt> {
  const { now, files } = options;
  const { platform } = driverOf(target);
  const reading = files ? undefined : read(target);
  // Awaited below; until then a failure must not count as unhandled.
  reading?.catch(() => {});
  const desired = await inSlices(desiredSteps(workspace, target, now));
  const reached = reading && keyKindOf(platform) ? await reachedTarget(context, workspace, target, options) : undefined;
  const keyed = reading && reached ? lookAtKeys(context, workspace, reached, now, reading) : undefined;
  // Awaited below; until then a failure must not count as unhandled.
  keyed?.catch(() => {});
  const live = await reading;
  const errors = desired.findings.filter(({ severity }) => severity === "error");
  const states = { ...(live ? { held: live.state } : {}), live: live !== undefined, declared: desired.state, now };
  const looked = await lookAtStates(context, workspace, target, states);
  const keys = await keyed;
  return {
    reviewed: { ...looked.reviewed, keys: keys?.lines ?? [] },
    findings: [...errors, ...(live?.findings ?? []), ...looked.findings, ...(keys?.findings ?? [])],
  };
}

/** Whoever may not look at keys may look at people all the same. */
async function lookAtKeys(
  context: Context,
  workspace: Workspace,
  target: Target,
  now: Date,
  reading: Promise<LiveRead>,
): Promise<{ readonly lines: readonly KeyLine[]; readonly findings: readonly Finding[] }> {
  try {
    const { keys } = await readKeyLines(context, workspace, target, { offline: true, now }, reading);
    return { lines: keys, findings: [] };
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    return { lines: [], findings: [keysUnread(target, error)] };
  }
}

function keysUnread({ name, place }: Target, { message }: PlatformError): Finding {
  return {
    severity: "warning",
    code: "keys-unread",
    message: `The keys of ${name} could not be read, so that nothing is said of them: ${message}`,
    place,
    hint: "See what the credential may do: `rolebook keys` asks for the same.",
  };
}

/** What is known of a target before anything is made of it. */
export interface States {
  /** What is held; absent where nobody is asked, and what files say stands for it. */
  readonly held?: State;
  /** `held` is what the platform says now, what it reports of people included. */
  readonly live: boolean;
  /** What files say, entries that have ended among it. */
  readonly declared: State;
  readonly now: Date;
  /** ISO 8601, UTC: of later applies nothing is said. */
  readonly until?: string;
}

/** Who holds what by a target's states, what the guardrails of the workspace say of it, and where it comes from. */
export async function lookAtStates(
  context: Context,
  workspace: Workspace,
  target: Target,
  { held, live, declared: said, now, until }: States,
): Promise<LookedAt> {
  const { platform } = driverOf(target);
  const { active, ended } = splitEnded(said, now, target.timeZone);
  const state = held ?? withDefaults(active, platform);
  const declared = besideLive(withDefaults(said, platform), state, platform);
  const liveView = platform.access(state);
  const judging = { guardrails: workspace.policies.governance.guardrails, target, platform, declared: active, now };
  const judged = await judge(judging, { state, view: liveView, live });
  const asked = { target, platform, declared, ...(until === undefined ? {} : { until }) };
  const reviewed: ReviewedTarget = {
    target,
    platform,
    commit: workspace.commit,
    live: state,
    declared,
    documents: workspace.policies.byTarget.get(target.name)?.flatMap(({ documents }) => documents) ?? [],
    ended,
    liveView,
    declaredView: platform.access(declared),
    provenances: await openProvenances(context, workspace, asked),
    judgements: judged.people,
    keys: [],
  };
  return { reviewed, findings: judged.findings };
}

/** What judges brings an expression language with it: whoever has no guardrails does not load it. */
async function judge(judging: Judging, state: JudgedState): Promise<PeopleJudged> {
  if (judging.guardrails.length === 0) return { people: new Map(), findings: [] };
  return (await import("../plan/guardrails/people.ts")).judgePeople(judging, state);
}
