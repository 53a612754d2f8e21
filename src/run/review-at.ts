// The report of what was held at a moment of the past, by Git and the ledger: no platform is asked. Guardrails, people and lines are
// those of the commit that was applied by then.
import type { Repository } from "../git/repository.ts";
import type { Finding } from "../model/finding.ts";
import type { Target } from "../model/settings.ts";
import { NO_GOVERNANCE } from "../model/waiver.ts";
import type { ReviewedTarget } from "../plan/review/input.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { type Context, OperatorError } from "./context.ts";
import { desiredSteps } from "./desired.ts";
import { attempt, type Failure, isFailure } from "./failures.ts";
import { readPast } from "./past.ts";
import { type AskedMoment, readMoment } from "./past-moment.ts";
import {
  type LookedAt,
  lookAtStates,
  ofOneTarget,
  type ReviewGroundOptions,
  type ReviewGrounds,
  reportOn,
  targetsOf,
} from "./review-ground.ts";
import { inSlices } from "./slices.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** Reports on the chosen targets of HEAD's settings as they were at `at`: a date, an instant or a commit. */
export async function readReviewAt(context: Context, options: ReviewGroundOptions, at: string): Promise<ReviewGrounds> {
  const workspace = await openWorkspace(context, ofOneTarget(options), { git: true });
  const { repository } = workspace;
  if (!repository)
    throw new OperatorError("--at needs a Git repository", "What was applied when, is on the ledger beside the files.");
  const asked = await readMoment(repository, at);
  const chosen = targetsOf(workspace, options);
  const targets: ReviewedTarget[] = [];
  const failures: Failure[] = [];
  const findings: Finding[] = [];
  let now = 0;
  for (const target of chosen) {
    const looked = await attempt(target.name, () => lookAtPast(context, workspace, repository, target, asked, options));
    if (isFailure(looked)) {
      failures.push(looked);
      continue;
    }
    targets.push(looked.reviewed);
    findings.push(...looked.findings);
    now = Math.max(now, Date.parse(looked.at));
  }
  const when = now === 0 ? context.now() : new Date(now);
  const report = await reportOn(context, workspace, { source: "past", now: when, targets, findings });
  return { workspace, report, targets, failures, asked: chosen.length };
}

async function lookAtPast(
  context: Context,
  workspace: Workspace,
  repository: Repository,
  target: Target,
  asked: AskedMoment,
  { policies, offline }: ReviewGroundOptions,
): Promise<LookedAt & { readonly at: string }> {
  const past = await readPast(context, workspace, target, asked, { policies, offline });
  const { at, commit, state, findings } = past;
  const now = new Date(at);
  // Before the first apply there is no policy to speak of: what is here says nothing of then.
  const then =
    commit === null
      ? { ...workspace, commit, policies: NO_POLICIES }
      : await openWorkspaceAt(context, repository, { tree: commit, commit }, { policies, target: target.name });
  const { state: declared } = await inSlices(desiredSteps(then, past.target, now));
  const looked = await lookAtStates(context, then, past.target, { held: state, live: false, declared, now, until: at });
  return { ...looked, findings: [...findings, ...looked.findings], at };
}

const NO_POLICIES: Workspace["policies"] = {
  settings: undefined,
  leftOut: [],
  byTarget: new Map(),
  governance: NO_GOVERNANCE,
  governing: [],
  findings: [],
};
