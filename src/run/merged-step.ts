// One step of an apply of merges: the plan of what was merged up to a commit, as much of it as was approved, made and proved; and
// what of it is held. Writes through `apply.ts` alone.
import { readJournal } from "../git/journal.ts";
import type { Ledger } from "../git/ledger.ts";
import type { Start } from "../git/records.ts";
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { Step } from "../git/walk.ts";
import type { Change } from "../model/change.ts";
import type { LiveRead } from "../model/driver.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval, Receipt } from "../model/receipt.ts";
import type { Target } from "../model/settings.ts";
import { changedSince, type Since } from "../plan/since.ts";
import { type Execution, execute, look } from "./apply.ts";
import { judgeApproved } from "./apply-approve.ts";
import type { Job } from "./apply-job.ts";
import { fetchBefore, type RemoteBefore } from "./apply-record.ts";
import { recordSettled } from "./apply-settle.ts";
import { madeBefore } from "./apply-story.ts";
import { type Context, OperatorError } from "./context.ts";
import { whyFrozen } from "./freeze.ts";
import { readLive } from "./live.ts";
import { type Bases, isReachedAlike, reachedAs } from "./merged-basis.ts";
import { type HeldItem, heldOf, whyRefused } from "./merged-held.ts";
import { type Covering, type Judged, judgeMerges } from "./merged-judge.ts";
import { undoesDrift } from "./merged-way.ts";
import type { Prepared } from "./prepare.ts";
import { hasErrors } from "./workspace.ts";

/** What all steps of one target share. */
export interface Walk {
  readonly context: Context;
  readonly repository: Repository;
  readonly ledger: Ledger;
  readonly remote: string | undefined;
  readonly target: string;
  readonly bases: Bases;
  readonly connections: number | undefined;
  /** Whom a record is by that nobody had to approve. */
  readonly self: string;
  /** All of the target, those of this walk included. */
  readonly receipts: Receipt[];
}

/** What was read of a platform, and what the remote had before. */
export interface Reading {
  readonly live: LiveRead;
  readonly before: RemoteBefore | undefined;
  /** The target it was read of. */
  readonly of: Target;
}

export interface StepInput {
  readonly step: Step;
  /** The commit that was applied last. */
  readonly applied: string;
  readonly coverings: readonly Covering[];
  /** See `Judging`. */
  readonly takenBack: ReadonlyMap<string, number>;
  /** What the steps before it said, oldest first. */
  readonly since: readonly Since[];
  /** What was read last, when nothing was written since. */
  readonly reading: Reading | undefined;
  /** An apply of this very commit that was killed. */
  readonly interrupted: Start | undefined;
  /** The commit says nothing else of the target than what was applied last. */
  readonly same: boolean;
  /** The step that something came with, by its id. */
  readonly originOf: (id: string) => Step;
}

export interface StepResult {
  readonly plan: Plan;
  /** What the step says otherwise than what was applied last. */
  readonly says?: Since;
  readonly held: readonly HeldItem[];
  /** What came of it, when something was tried. */
  readonly execution?: Execution;
  /** What was read, when nothing was written since. */
  readonly reading?: Reading;
  /** Why nothing was made, where that is not for want of approval. */
  readonly refused?: string;
  /** Nothing of what was merged up to here is left. */
  readonly done: boolean;
}

/** A step that is planned and judged. */
interface Planned {
  readonly job: Job;
  readonly reading: Reading;
  readonly prepared: Prepared;
  readonly judged: Judged;
}

/** A commit whose settings do not have the target, or cannot be read. */
export function targetMissing(target: string, commit: string): OperatorError {
  return new OperatorError(
    `Target ${target} is not in the settings of ${commit.slice(0, 12)}`,
    "Put the settings right; nothing is applied to it until then.",
  );
}

/** Plans one step, makes what is approved of it, and says what is held. */
export async function takeStep(walk: Walk, input: StepInput): Promise<StepResult> {
  const { step, interrupted } = input;
  const [wanted, former] = [await walk.bases.judgesAt(step.commit), await walk.bases.judgesAt(input.applied)];
  if (!wanted || !former) throw targetMissing(walk.target, wanted ? input.applied : step.commit);
  const seen = await planStep(walk, input, wanted.target, reachedAs(wanted.target, former.target));
  // Another address of the system is a weakening: only when it was agreed to does Rolebook talk to that.
  const moved = !isReachedAlike(wanted.target, former.target) && seen.judged.unapproved.length === 0;
  const planned = moved ? await planStep(walk, input, wanted.target, wanted.target) : seen;
  const frozen = whyFrozen(wanted.target, walk.context.now());
  if (frozen && seen.prepared.plan.changes.length > 0)
    return withSaid(planned, holdFrozen(planned, input, frozen.join(". ")));
  if (interrupted) {
    const finished = await finishInterrupted(walk, planned, interrupted);
    if (finished) return finished;
  }
  return withSaid(planned, await makeApproved(walk, input, planned));
}

function withSaid({ prepared }: Planned, result: StepResult): StepResult {
  return result.done ? result : { ...result, says: changedSince(prepared.base, prepared.want, prepared.platform) };
}

/**
 * A freeze lasts for what was merged while it was in the settings. Who ends it early weakens them: what they merged is made when
 * that is agreed to, with everything before it.
 */
function holdFrozen({ job, reading, prepared: { plan } }: Planned, { originOf }: StepInput, why: string): StepResult {
  for (const { id } of plan.weakens) originOf(id);
  const held = heldOf(plan, { mayWait: job.mayWait ?? (() => false), why: () => why });
  return { plan, reading, held, done: false };
}

/** `from`: the target as it is reached for reading. */
async function planStep(walk: Walk, input: StepInput, target: Target, from: Target): Promise<Planned> {
  const { context, repository, connections, bases } = walk;
  const { step, applied, coverings } = input;
  const options = connections === undefined ? {} : { connections };
  const reading =
    input.reading && isReachedAlike(input.reading.of, from)
      ? input.reading
      : await readNow(walk, applied, from, options);
  const workspace = await bases.workspaceAt(step.commit);
  const unfinished = waivedBy(coverings, workspace.policies.governance.waivers, walk.target);
  const job: Job = {
    context,
    workspace,
    repository,
    commit: step.commit,
    target,
    options: { overwrite: [], ...options },
    before: reading.before,
    since: input.since,
    ...(unfinished ? { unfinished } : {}),
  };
  const made = input.interrupted ? madeBefore(repository, input.interrupted) : undefined;
  const prepared = await look(job, made, reading.live);
  const judged = await judgeStep(walk, input, prepared);
  return { job: { ...job, mayWait: mayWaitFor(input.coverings, walk.target, judged) }, reading, prepared, judged };
}

/** Undoing drift waits for a pull request of its own. What such a one asks for was merged with it, like anything else. */
function mayWaitFor(coverings: readonly Covering[], target: string, judged: Judged): (change: Change) => boolean {
  const asked = coverings
    .filter(({ pull }) => pull.mergedAt !== null && undoesDrift(pull, target))
    .map(({ pull, reviewed }) => reviewed.shownAt(pull.head.commit, pull.mergedAt ?? "")?.changes);
  const isAsked = (id: string) => asked.some((ids) => ids === undefined || ids.includes(id));
  return ({ id, origin }) => origin === "drift" && !judged.isApproved(id) && !isAsked(id);
}

function judgeStep(
  { bases, receipts, context }: Walk,
  { coverings, takenBack, applied }: StepInput,
  prepared: Prepared,
): Promise<Judged> {
  return judgeMerges(prepared, { coverings, takenBack, bases, applied, receipts, now: context.now() });
}

/** `applied`: the commit that the walk began at, or has come to since. */
async function readNow(
  { context, repository, remote, target: name }: Walk,
  applied: string,
  target: Target,
  options: { readonly connections?: number },
): Promise<Reading> {
  const before = await fetchBefore(repository, remote, name);
  if ((await repository.readRef(appliedRef(name))) !== applied)
    throw new OperatorError(
      `Somebody else has applied to ${name} meanwhile`,
      "Nothing more was changed. The next run goes on from there.",
    );
  return { before, of: target, live: await readLive(context, target, options) };
}

/** What the latest merge showed for whose plan there is a waiver: the waiver holds for as much of it as is left. */
function waivedBy(
  coverings: readonly Covering[],
  waivers: readonly { readonly target: string; readonly plan: string }[],
  target: string,
): Job["unfinished"] {
  for (const { pull, reviewed } of [...coverings].reverse()) {
    const shown = pull.mergedAt === null ? undefined : reviewed.shownAt(pull.head.commit, pull.mergedAt);
    if (shown && waivers.some((waiver) => waiver.target === target && waiver.plan === shown.digest))
      return { digest: shown.digest, changes: new Set(shown.changes) };
  }
  return undefined;
}

/** Whether a run began in this very clone. Of others only the ledger tells, where whoever may push can put anything. */
function isOurs({ gitDir }: Repository, { target, digest, startedAt }: Start): boolean {
  return readJournal(gitDir, target).some(
    (line) => line.type === "intent" && line.digest === digest && line.startedAt === startedAt,
  );
}

/**
 * Finishes what a killed run began, by the approval that it recorded. Undefined when that cannot be made by itself any more, and
 * when it began elsewhere and the reviews do not approve all that is left.
 */
async function finishInterrupted(
  walk: Walk,
  { job, prepared, judged }: Planned,
  interrupted: Start,
): Promise<StepResult | undefined> {
  const { approval } = interrupted;
  const agreed = new Set(approval.weakens);
  if (prepared.plan.refused || prepared.plan.weakens.some(({ id }) => !agreed.has(id))) return undefined;
  const left = judgeApproved(prepared, approval);
  if ("kind" in left) return undefined;
  const approved = new Set(approval.changes);
  const isMade = ({ id, blockedBy }: Change) => approved.has(id) && !blockedBy;
  const rest = [...left.plan.changes.filter(isMade), ...prepared.plan.weakens];
  if (!isOurs(walk.repository, interrupted) && !rest.every(({ id }) => judged.isApproved(id))) return undefined;
  const mayWait = (change: Change) => !approved.has(change.id) && (job.mayWait?.(change) ?? false);
  const execution = await execute({ ...job, mayWait }, walk.ledger, left, approval, interrupted);
  walk.receipts.push(execution.receipt);
  return { plan: left.plan, held: [], execution, done: execution.receipt.converged };
}

async function makeApproved(walk: Walk, input: StepInput, planned: Planned): Promise<StepResult> {
  const { originOf } = input;
  const { job, reading, prepared, judged } = planned;
  const { plan } = prepared;
  const mayWait = job.mayWait ?? (() => false);
  const holdAll = (instead?: (id: string) => string | undefined) =>
    heldOf(plan, { mayWait, why: (id) => instead?.(id) ?? judged.why(id, originOf(id)) });
  const waiting = { plan, reading, done: false };
  if (plan.refused) {
    const refused = whyRefused(plan);
    return { ...waiting, held: holdAll(() => refused), refused };
  }
  // What was not agreed to must not take effect, and the plan as a whole is what it would be judged by. Later steps have the same
  // weakening in their plans, until it is agreed to or taken back.
  const [weakening] = judged.unapproved;
  if (weakening) {
    const { pull, commit } = originOf(weakening.id);
    const whose = pull ? `pull request ${pull.number}` : `commit ${commit.slice(0, 12)}`;
    const stops = `what ${whose} ${weakening.gives ? "gives by Git's word alone" : "weakens of the rules that judge plans"} is not approved`;
    return { ...waiting, held: holdAll((id) => (judged.isApproved(id) ? stops : undefined)) };
  }
  const settled = plan.changes.every(mayWait) && plan.conflicts.length === 0;
  if (settled && plan.weakens.length === 0) return settleStep(walk, input, planned);
  const { approval } = judged;
  const free = ({ id, blockedBy }: Change) => !blockedBy && judged.isApproved(id);
  if (!approval || !(settled || plan.changes.some(free))) return { ...waiting, held: holdAll() };
  const chosen = judgeApproved(prepared, approval);
  if ("kind" in chosen) {
    const refused = `${chosen.reason}: ${chosen.hint}`;
    return { ...waiting, held: holdAll(() => refused), refused };
  }
  if (!(settled || chosen.plan.changes.some(free)))
    return { ...waiting, held: heldOf(chosen.plan, { mayWait, why: (id) => judged.why(id, originOf(id)) }) };
  return makeChosen(walk, input, planned, chosen, approval);
}

async function makeChosen(
  walk: Walk,
  input: StepInput,
  { job, judged }: Planned,
  chosen: Prepared,
  approval: Approval,
): Promise<StepResult> {
  const execution = await execute(job, walk.ledger, chosen, approval, undefined);
  const { outcomes, after, receipt } = execution;
  walk.receipts.push(receipt);
  // Told of what is left as a fresh plan has it: the next run, which sees nothing else, says the same.
  const left = after ?? chosen;
  const now = after ? await judgeStep(walk, input, after) : judged;
  const held = heldOf(left.plan, {
    mayWait: mayWaitFor(input.coverings, walk.target, now),
    why: (id) => now.why(id, input.originOf(id)),
    outcomes,
    agreed: new Set(approval.weakens),
  });
  return { plan: chosen.plan, held, execution, done: receipt.converged };
}

/** Nothing to change: a commit that says something else of the target is put on record as its base. */
async function settleStep(walk: Walk, { same }: StepInput, { job, reading, prepared }: Planned): Promise<StepResult> {
  const { plan } = prepared;
  if (hasErrors(plan.findings)) return { plan, held: [], reading, refused: whyRefused(plan), done: false };
  if (!same) await recordSettled(job, walk.ledger, prepared, walk.self);
  return { plan, held: [], reading, done: true };
}
