// What a review's report is built from: every target read live beside the files of HEAD, or the files alone, with what guardrails say
// of people, where access comes from, and the reviews before, by the ledger. It looks and never writes.
import type { LiveRead } from "../model/driver.ts";
import type { Finding } from "../model/finding.ts";
import type { ReviewReport } from "../model/review.ts";
import type { Target } from "../model/settings.ts";
import { splitEnded } from "../plan/expire.ts";
import { buildReview } from "../plan/review/build.ts";
import type { ReviewedTarget } from "../plan/review/input.ts";
import { fetchForLook } from "./apply-record.ts";
import type { CommonOptions, Context } from "./context.ts";
import { desiredSteps, withDefaults } from "./desired.ts";
import { attempt, type Failure, isFailure } from "./failures.ts";
import { keyKindOf, readKeyLines } from "./keys.ts";
import { readLive } from "./live.ts";
import { openProgress } from "./progress.ts";
import { readPastReviews } from "./review-past.ts";
import { inSlices } from "./slices.ts";
import { chooseTargets, driverOf, openWorkspace, type Workspace } from "./workspace.ts";

export interface ReviewGroundOptions extends CommonOptions {
  /** Report what the files say; no platform is asked. */
  readonly files: boolean;
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

/** Opens the policy folder of the work tree and reports on the chosen targets, reading platforms while files are parsed. */
export async function readReview(context: Context, options: ReviewGroundOptions): Promise<ReviewGrounds> {
  const readings = new Map<string, Promise<LiveRead>>();
  const progress = openProgress(context, "Reading");
  const { connections } = options;
  const reading = { progress: progress.update, ...(connections === undefined ? {} : { connections }) };
  const start = async (target: Target) => {
    await driverOf(target).load();
    readings.set(target.name, readLive(context, target, reading));
  };
  try {
    const workspace = await openWorkspace(context, options, {
      git: true,
      ...(options.files ? {} : { onTarget: start }),
    });
    return await reviewOf(context, workspace, options, (target) => {
      return readings.get(target.name) ?? readLive(context, target, reading);
    });
  } finally {
    progress.stop();
  }
}

/** The same of policies that are open already, be it those of another commit. */
export async function reviewOf(
  context: Context,
  workspace: Workspace,
  options: ReviewGroundOptions,
  read: (target: Target) => Promise<LiveRead> = (target) => readLive(context, target, {}),
): Promise<ReviewGrounds> {
  const now = options.now ?? context.now();
  const chosen = chooseTargets(workspace.policies, options.target);
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
  const { past, revoked } = await readPastReviews(workspace);
  const report = buildReview({
    source: options.files ? "files" : "live",
    now,
    tool: `rolebook ${context.version}`,
    targets,
    people: workspace.policies.settings?.people ?? [],
    past,
    revoked,
    findings,
  });
  return { workspace, report, targets, failures, asked: chosen.length };
}

async function lookAtTarget(
  context: Context,
  workspace: Workspace,
  target: Target,
  options: ReviewGroundOptions & { readonly now: Date },
  read: (target: Target) => Promise<LiveRead>,
): Promise<{ readonly reviewed: ReviewedTarget; readonly findings: readonly Finding[] }> {
  const { now, files, offline } = options;
  const { platform } = driverOf(target);
  const desired = await inSlices(desiredSteps(workspace, target, now));
  const { active, ended } = splitEnded(desired.state, now, target.timeZone);
  const reading = files ? undefined : read(target);
  const keys =
    reading && keyKindOf(platform)
      ? readKeyLines(context, workspace, target, { offline: true, now }, reading)
      : undefined;
  const live = await reading;
  const declared = withDefaults(desired.state, platform);
  const state = live?.state ?? withDefaults(active, platform);
  const reviewed: ReviewedTarget = {
    target,
    platform,
    commit: workspace.commit,
    live: state,
    declared,
    ended,
    liveView: platform.access(state),
    declaredView: platform.access(declared),
    provenances: UNKNOWN,
    judgements: new Map(),
    keys: (await keys)?.keys ?? [],
  };
  void offline;
  const errors = desired.findings.filter(({ severity }) => severity === "error");
  return { reviewed, findings: [...errors, ...(live?.findings ?? [])] };
}

const UNKNOWN: ReviewedTarget["provenances"] = {
  ofPath: () => ({ how: "unknown", since: null, commit: null, pull: null, author: null, approvers: [] }),
};
