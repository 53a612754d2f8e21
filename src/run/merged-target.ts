// An apply of merges for one target: step by step from what was applied last to the tip of the default branch, in order. Stops
// where something failed; goes on where something only waits. Judges nothing itself.
import { openLedger } from "../git/ledger.ts";
import { acquireLock } from "../git/lock.ts";
import { listReceipts, openStart, type Start } from "../git/records.ts";
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { Step } from "../git/walk.ts";
import type { Pull } from "../model/host.ts";
import type { MergedOutcome } from "../model/merged.ts";
import type { ReviewedPull } from "../plan/approvals.ts";
import { fetchBefore, moveApplied, publishAfter } from "./apply-record.ts";
import { attemptsOf } from "./apply-story.ts";
import { policyFolder } from "./at-commit.ts";
import type { CommonOptions, Context } from "./context.ts";
import { isExpected } from "./expected.ts";
import { whyFrozen } from "./freeze.ts";
import { openBases } from "./merged-basis.ts";
import { absorb, type Progress, startProgress } from "./merged-progress.ts";
import { takeStep, targetMissing, type Walk } from "./merged-step.ts";
import { type Branch, findTip, isAsProposed, policyAt, stepsSince, undoesDrift, type Way } from "./merged-way.ts";

/** What all targets share. */
export interface Merging {
  readonly context: Context;
  readonly repository: Repository;
  readonly branch: Branch;
  readonly options: CommonOptions & { readonly connections?: number };
  /** Pull requests that the host knows of a commit. */
  readonly pullsOf: (commit: string) => Promise<readonly Pull[]>;
  readonly reviewsOf: (pull: Pull) => Promise<(target: string) => ReviewedPull>;
  /** Whom a record is by that nobody had to approve. */
  readonly self: string;
}

/** The outcome, and what it takes to tell of it. */
export interface TargetStory {
  readonly outcome: MergedOutcome;
  /** The merged pull requests that had to do with it. */
  readonly pulls: readonly Pull[];
  /** What the outcomes are about, by change. */
  readonly names: ReadonlyMap<string, string>;
}

/** Applies what was merged for one target. */
export async function applyTargetMerged(merging: Merging, target: string): Promise<TargetStory> {
  const { context, repository, branch } = merging;
  const lock = await acquireLock(repository, target, context.now());
  try {
    await fetchBefore(repository, branch.remote, target);
    // After the applied ref: whatever was applied by then is on the branch by now.
    const way = await findTip(repository, branch);
    const applied = await repository.readRef(appliedRef(target));
    if (applied === null) return untried(target, way, null, neverApplied(target));
    const steps = await stepsSince(repository, way, applied, merging.pullsOf);
    if (!steps) return untried(target, way, applied, offBranch(applied, branch.name));
    return await walkSteps(merging, target, way, applied, steps);
  } finally {
    await lock.release();
  }
}

export function untried(
  target: string,
  { tip }: Pick<Way, "tip">,
  applied: string | null,
  refused: string,
): TargetStory {
  const outcome = { target, commit: tip, applied, outcomes: [], held: [], refused, converged: false };
  return { outcome, pulls: [], names: new Map() };
}

/** Nobody has vouched yet for where the platform is, with whose credentials, and who may approve: the tip would say all that of itself. */
function neverApplied(target: string): string {
  return `nothing was ever applied to ${target}, so nothing says yet who may approve; somebody has to apply it once by hand: rolebook apply --target ${target}`;
}

function offBranch(applied: string, branch: string): string {
  return `what was applied last (${applied.slice(0, 12)}) is not in the history of ${branch}; merge it, so that nothing that was applied is undone by accident`;
}

async function walkSteps(
  merging: Merging,
  target: string,
  way: Way,
  applied: string,
  steps: readonly Step[],
): Promise<TargetStory> {
  const { context, repository, options, branch, self } = merging;
  const bases = openBases(context, repository, options, target);
  const folder = policyFolder(context, repository, options.policies);
  const policy = (commit: string) => policyAt(repository, folder, commit, target);
  const relevant = await relevantSteps(steps, applied, target, policy);
  const wanted = (await bases.judgesAt(way.tip))?.target;
  const frozen = wanted && whyFrozen(wanted, context.now());
  if (frozen && relevant.size > 0) {
    const { outcome, ...rest } = untried(target, way, applied, frozen.join(". "));
    return { ...rest, outcome: { ...outcome, frozen: true } };
  }
  const ledger = openLedger(repository);
  const walk: Walk = {
    context,
    repository,
    ledger,
    remote: branch.remote,
    target,
    bases,
    connections: options.connections,
    self,
    receipts: await listReceipts(ledger, target),
  };
  const progress = startProgress(applied, frozen !== undefined);
  const interrupted = await interruptedStart(walk);
  // At least once: access ends without anybody merging anything.
  const ways = steps.length > 0 ? steps : [{ commit: way.tip, before: applied, commits: [], pull: undefined }];
  for (const step of frozen ? [] : ways) {
    if (step.pull && relevant.has(step)) {
      const reviewed = (await merging.reviewsOf(step.pull))(target);
      const unknownAuthor = reviewed.unknownAuthor || !(await isAsProposed(repository, way, step, policy));
      progress.coverings.push({ step, pull: step.pull, reviewed: { ...reviewed, unknownAuthor } });
      progress.pulls.push(step.pull);
    }
    if (relevant.has(step) || step === ways.at(-1) || interrupted?.commit === step.commit)
      await advance(walk, progress, step, interrupted, policy);
    if (progress.halted) break;
  }
  return conclude(merging, target, way, progress);
}

/** The steps that change what the target's plan is made of or judged by, and those that undo its drift. */
async function relevantSteps(
  steps: readonly Step[],
  applied: string,
  target: string,
  policy: (commit: string) => Promise<string>,
): Promise<ReadonlySet<Step>> {
  const relevant = new Set<Step>();
  let before = await policy(applied);
  for (const step of steps) {
    const now = await policy(step.commit);
    if (now !== before || (step.pull && undoesDrift(step.pull, target))) relevant.add(step);
    before = now;
  }
  return relevant;
}

/** An apply of merges that was killed before it could say what it did. */
async function interruptedStart({ ledger, target }: Walk): Promise<Start | undefined> {
  const start = await openStart(ledger, target);
  if (start?.approval.how !== "reviews") return undefined;
  return (await attemptsOf(ledger, start)).length === 0 ? start : undefined;
}

/** Takes a step; twice where a killed run is finished first, so that what was approved since is made as well. */
async function advance(
  walk: Walk,
  progress: Progress,
  step: Step,
  start: Start | undefined,
  policy: (commit: string) => Promise<string>,
): Promise<void> {
  let interrupted = start?.commit === step.commit ? start : undefined;
  const originOf = (id: string): Step => {
    const known = progress.origins.get(id) ?? step;
    progress.origins.set(id, known);
    return known;
  };
  if (!(await walk.bases.judgesAt(step.commit))) {
    // A later commit may have put that right.
    const { message, hint } = targetMissing(walk.target, step.commit);
    Object.assign(progress, { refused: `${message}. ${hint}`, done: false });
    return;
  }
  try {
    for (;;) {
      const { applied, coverings, since, takenBack, reading } = progress;
      const same = (await policy(step.commit)) === (await policy(applied));
      const result = await takeStep(walk, {
        step,
        applied,
        coverings,
        takenBack,
        since: [...since],
        reading,
        interrupted,
        same,
        originOf,
      });
      absorb(progress, step, result, { same, originOf });
      if (!result.execution?.resumes || result.done || progress.halted) return;
      interrupted = undefined;
    }
  } catch (error) {
    if (!isExpected(error)) throw error;
    const hint = "hint" in error && typeof error.hint === "string" ? ` (${error.hint})` : "";
    progress.refused = `${error.message}${hint}`;
    progress.halted = true;
    progress.done = false;
  }
}

async function conclude(
  { context, repository, branch }: Merging,
  target: string,
  { tip }: Way,
  progress: Progress,
): Promise<TargetStory> {
  // What the last commits say of the target is what was applied already: no receipt for each of them.
  if (progress.done && progress.applied !== tip) await moveApplied(repository, target, tip, progress.applied);
  const published = await publishAfter(context, repository, branch.remote, target);
  const applied = await repository.readRef(appliedRef(target));
  const refused = progress.refused ?? (published ? undefined : `what was done could not be pushed to ${branch.remote}`);
  const outcome: MergedOutcome = {
    target,
    commit: tip,
    applied,
    outcomes: progress.outcomes,
    held: progress.held.map(({ key: _, ...held }) => held),
    ...(refused === undefined ? {} : { refused }),
    converged: progress.done && refused === undefined,
  };
  return { outcome, pulls: progress.pulls, names: progress.names };
}
