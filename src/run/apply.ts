// `rolebook apply`: re-reads live, rebuilds the plan, makes what was approved and nothing else, reads
// again, and records what happened. The only place in Rolebook that opens a Writer.
import { openJournal, readJournal } from "../git/journal.ts";
import { type Ledger, openLedger } from "../git/ledger.ts";
import { acquireLock } from "../git/lock.ts";
import { openStart, recordReceipt, type Start } from "../git/records.ts";
import type { Change } from "../model/change.ts";
import type { Driver, LiveRead } from "../model/driver.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval, Outcome, Receipt } from "../model/receipt.ts";
import { planToJson } from "../report/plan-json.ts";
import { decideApproval, judgeApproved, needsApproval, willAsk } from "./apply-approve.ts";
import { checkBreakGlass, decideBreakGlass, tellBreakGlass } from "./apply-break-glass.ts";
import { membersMade, outcomesIn, recordSeen } from "./apply-identities.ts";
import type { ApplyOptions, Job } from "./apply-job.ts";
import { exitOf, heldOutcome, recordedChanges, resumedOutcomes, sortOutcomes } from "./apply-outcomes.ts";
import { fetchBefore, type Leave, moveApplied, openLeave, publishAfter } from "./apply-record.ts";
import { observed, recordSettled } from "./apply-settle.ts";
import { attemptsOf, isConverged, madeBefore, receiptOf, waitingConflicts, withRecorded } from "./apply-story.ts";
import { unfitToApply } from "./apply-unfit.ts";
import { withoutLeave } from "./apply-weaken.ts";
import { type WriteOptions, writeChanges } from "./apply-write.ts";
import { connectionOf } from "./connect.ts";
import { type Context, EXIT, type ExitCode, OperatorError } from "./context.ts";
import { isExpected } from "./expected.ts";
import { attempt, exitWith, type Failure, isFailure, tellFailures } from "./failures.ts";
import { whyFrozen } from "./freeze.ts";
import { readLive } from "./live.ts";
import { beginningOf } from "./observe.ts";
import { type Prepared, type PrepareOptions, preparePlan } from "./prepare.ts";
import { openProgress } from "./progress.ts";
import { showPlan, showReceipt } from "./show.ts";
import { chooseTargets, driverOf, hasErrors, openWorkspace, type Workspace } from "./workspace.ts";

/** Runs `apply` for the chosen targets, one after the other; one that fails does not stop the rest. */
export async function runApply(context: Context, options: ApplyOptions): Promise<ExitCode> {
  const workspace = await openWorkspace(context, options, { git: true });
  const { repository, commit } = workspace;
  if (!repository || commit === null)
    throw new OperatorError(
      "apply needs policies that are committed in a Git repository",
      "Git is what says who changed what, and what was applied last: git init, then commit.",
    );
  const targets = chooseTargets(workspace.policies, options.target);
  if (options.approve !== undefined && targets.length > 1)
    throw new OperatorError(
      "--approve names the plan of one target",
      `Add --target: ${targets.map(({ name }) => name).join(", ")}.`,
    );
  checkBreakGlass(
    options,
    targets.map(({ name }) => name),
  );
  if (targets.length === 0) return showInvalid(context, workspace, options);
  const codes: ExitCode[] = [];
  const failures: Failure[] = [];
  for (const target of targets) {
    const job = { context, workspace, repository, commit, target, options };
    const code = await attempt(target.name, () => applyLocked(job));
    if (!isFailure(code)) codes.push(code);
    // After a bug nothing more is written.
    else if (isExpected(code.error)) failures.push(code);
    else throw code.error;
  }
  if (options.breakGlass !== undefined) await tellBreakGlass(context, repository);
  tellFailures(context, failures, targets.length);
  return exitWith(codes, failures);
}

function showInvalid(context: Context, workspace: Workspace, options: ApplyOptions): ExitCode {
  for (const { message, hint } of workspace.policies.findings) context.err(`${message}${hint ? `. ${hint}` : ""}\n`);
  context.err(`There is nothing to apply: ${options.policies} names no target.\n`);
  return EXIT.refused;
}

interface OwnJob extends Job {
  readonly options: ApplyOptions;
}

async function applyLocked(job: Omit<OwnJob, "before">): Promise<ExitCode> {
  const { context, repository, target } = job;
  const lock = await acquireLock(repository, target.name, context.now());
  try {
    return await applyTarget(job);
  } finally {
    await lock.release();
  }
}

async function applyTarget(job: Omit<OwnJob, "before">): Promise<ExitCode> {
  const { context, repository, target, options, commit } = job;
  const remote = options.offline ? undefined : await repository.remote();
  const before = await fetchBefore(repository, remote, target.name);
  const ledger = openLedger(repository);
  const started = await openStart(ledger, target.name);
  const open = started?.commit === commit ? started : undefined;
  // Killed before it could say what it did: that is put on record even when nothing is left to do.
  const interrupted = open !== undefined && (await attemptsOf(ledger, open)).length === 0;
  const own: OwnJob = { ...job, before };
  const prepared = await look(own, interrupted ? madeBefore(repository, open) : undefined);
  const { plan } = prepared;
  if (options.format === "human")
    context.out(showPlan(context, prepared, { ...options, asking: willAsk(context, plan, options) }));
  const unfit = await unfitToApply(repository, commit, plan);
  if (unfit) return decline(context, ...unfit);
  // An emergency passes a freeze, and says so on record; nothing else does.
  const waits = plan.changes.length > 0 && options.breakGlass === undefined;
  const frozen = waits ? whyFrozen(target, context.now()) : undefined;
  if (frozen) return decline(context, frozen[0], `Nothing was changed. ${frozen[1]}.`);
  if (plan.changes.length === 0 && !interrupted) {
    const settled = await settle(own, ledger, prepared);
    if (settled !== undefined) return settled;
  }
  const identity = () => repository.identity();
  const decision =
    plan.changes.length === 0 && interrupted && !withoutLeave(plan, open.approval)
      ? ({ kind: "approved", approval: open.approval, resumes: open } as const)
      : options.breakGlass === undefined
        ? await decideApproval(context, plan, open, identity, options)
        : await decideBreakGlass(context, target, prepared, identity, options.breakGlass);
  if (decision.kind === "declined") return decline(context, decision.reason, decision.hint);
  const judged = judgeApproved(prepared, decision.approval);
  if ("kind" in judged) return decline(context, judged.reason, judged.hint);
  return show(own, judged.plan, await execute(own, ledger, judged, decision.approval, decision.resumes));
}

function decline(context: Context, reason: string, hint: string): ExitCode {
  context.err(`${reason}.\n${hint}\n`);
  return EXIT.refused;
}

/** Builds the plan. `made`: folded names of members that this apply has made; `earlier`: what was read, when nothing was written since. */
export async function look(job: Job, made?: ReadonlySet<string>, earlier?: LiveRead): Promise<Prepared> {
  const { context, workspace, target, unfinished, since } = job;
  const { connections, overwrite } = job.options;
  const progress = openProgress(context, `Reading ${target.name}`);
  try {
    const prepare: PrepareOptions = {
      now: context.now(),
      overwrite,
      progress: progress.update,
      ...(connections === undefined ? {} : { connections }),
      ...(made ? { made } : {}),
      ...(unfinished ? { unfinished } : {}),
      ...(since && since.length > 0 ? { since } : {}),
    };
    const reading = earlier ? Promise.resolve(earlier) : readLive(context, target, prepare);
    return await preparePlan(workspace, target, reading, prepare);
  } finally {
    progress.stop();
  }
}

/**
 * Nothing to change: the applied ref catches up with HEAD, unless a conflict waits for a person. Undefined when that needs an
 * approval, since HEAD weakens rules that judge plans or gives by Git's word alone.
 */
async function settle(job: OwnJob, ledger: Ledger, prepared: Prepared): Promise<ExitCode | undefined> {
  const { context, repository, target, commit, before } = job;
  const { plan } = prepared;
  if (hasErrors(plan.findings))
    return decline(
      context,
      "The read leaves doubts, so nothing was recorded",
      "Put right what is listed above, then run apply again.",
    );
  if (plan.conflicts.length > 0) {
    context.err(waitingConflicts(plan));
    return EXIT.changes;
  }
  if (plan.base === commit) {
    await recordSeen(ledger, prepared, new Set(), true, context.now());
    if (job.options.format === "json")
      context.out(`${JSON.stringify({ version: 1, target: target.name, receipt: null })}\n`);
    // What an earlier apply recorded here and could not push goes out now.
    return (await publishAfter(context, repository, before?.remote, target.name)) ? EXIT.done : EXIT.refused;
  }
  if (needsApproval(plan)) {
    await recordSeen(ledger, prepared, new Set(), true, context.now());
    return undefined;
  }
  const receipt = await recordSettled(job, ledger, prepared, await repository.identity());
  const published = await publishAfter(context, repository, before?.remote, target.name);
  context.out(showReceipt(context, receipt, plan, job.options));
  return published ? EXIT.done : EXIT.refused;
}

/** What came of making a plan. */
export interface Execution {
  readonly receipt: Receipt;
  /** Of the changes that were free to be made now and of those that were not; the receipt has those of earlier runs as well. */
  readonly outcomes: readonly Outcome[];
  /** The plan as a fresh read gives it; undefined when the platform could not be read any more. */
  readonly after: Prepared | undefined;
  /** The apply that was finished, when it was an earlier one. */
  readonly resumes: Start | undefined;
  /** The remote has the receipt and the applied ref. */
  readonly published: boolean;
}

function show({ context, options }: OwnJob, plan: Plan, done: Execution): ExitCode {
  const { receipt, resumes, after, outcomes, published } = done;
  context.out(showReceipt(context, receipt, resumes ? withRecorded(plan, resumes) : plan, options));
  if (after && after.plan.conflicts.length > 0) context.err(waitingConflicts(after.plan));
  return published ? exitOf(outcomes, receipt.converged, plan) : EXIT.refused;
}

/** Makes what was approved of a plan, proves it and records it. Throws, and nothing is written, when the target is somebody else's now. */
export async function execute(
  job: Job,
  ledger: Ledger,
  prepared: Prepared,
  approval: Approval,
  resumes: Start | undefined,
): Promise<Execution> {
  const { context, repository, target, commit, before } = job;
  const { plan } = prepared;
  const approved = new Set(approval.changes);
  const startedAt = resumes?.startedAt ?? context.now().toISOString();
  const { digest } = approval;
  const fresh = resumes
    ? undefined
    : { target: target.name, digest, commit, startedAt, approval, plan: planToJson(plan) };
  const leave = await openLeave(context, repository, before, ledger, { target: target.name, fresh });
  try {
    const attempts = resumes ? await attemptsOf(ledger, resumes) : [];
    const journalled = readJournal(repository.gitDir, target.name);
    const earlier = resumes ? resumedOutcomes(resumes, plan, attempts.at(-1)?.outcomes ?? [], journalled) : [];
    const free = ({ id, blockedBy }: Change) => approved.has(id) && !blockedBy;
    const ready = plan.changes.filter(free);
    const held = plan.changes.filter((change) => !free(change)).map((change) => heldOutcome(change, approved));
    const began = beginningOf(journalled, context.now());
    const { written, done } = await writeJournalled(job, prepared, ready, { digest, startedAt }, leave);
    const recorded = resumes ? recordedChanges(resumes) : [];
    const made = membersMade([...recorded, ...plan.changes], [...outcomesIn(journalled), ...written]);
    const after = await lookAgain(job, made);
    const converged = after !== undefined && isConverged(after.plan, job.mayWait);
    const outcomes = sortOutcomes([...earlier, ...written, ...held]);
    const endedAt = context.now().toISOString();
    const story = { target: target.name, commit, version: context.version, startedAt, endedAt };
    const receipt = receiptOf(story, plan, approval, outcomes, converged);
    // Before the receipt: until that is recorded, the journal can tell again whom this apply made.
    if (after) await recordSeen(ledger, after, made, converged, context.now());
    await recordReceipt(ledger, receipt, after && (await observed(job, ledger, after, receipt, began, plan.changes)));
    await done();
    if (converged) await moveApplied(repository, target.name, commit, plan.base);
    const published = await publishAfter(context, repository, before?.remote, target.name, leave.claim);
    return { receipt, outcomes: [...written, ...held], after, resumes, published };
  } finally {
    leave.end();
  }
}

/** Writes, with a journal of it. `done`: the receipt is recorded, so that the journal may go. */
async function writeJournalled(
  job: Job,
  prepared: Prepared,
  ready: readonly Change[],
  run: { readonly digest: string; readonly startedAt: string },
  leave: Leave,
) {
  const { context, repository, target } = job;
  const journal = openJournal(repository.gitDir, target.name);
  // From here until the receipt is recorded, being told to stop means: finish what is under way, and say so.
  const stop = { asked: false };
  const forget = context.onStop(() => {
    stop.asked = true;
    context.err("\nStopping after the changes under way; run apply again to finish.\n");
  });
  const intend = (changes: readonly Change[]) =>
    journal.intend({ ...run, at: context.now().toISOString(), changes: changes.map(({ id }) => id) });
  const stopping = () => stop.asked || !leave.holds();
  const written = await writeAll(job, prepared, ready, { intend, note: journal.note, stopping });
  await journal.close();
  const done = async () => {
    await journal.remove();
    forget();
  };
  return { written, done };
}

async function writeAll(
  job: Job,
  prepared: Prepared,
  ready: readonly Change[],
  hooks: Pick<WriteOptions, "intend" | "note" | "stopping">,
): Promise<Outcome[]> {
  const { context, target, options } = job;
  if (ready.length === 0) return [];
  const driver: Driver = await driverOf(target).load();
  const { connections } = options;
  const writer = driver.openWriter(connectionOf(context, target, connections === undefined ? {} : { connections }));
  const progress = openProgress(context, `Applying to ${target.name}`);
  try {
    return await writeChanges(writer, ready, { live: prepared.live, progress: progress.update, ...hooks });
  } finally {
    progress.stop();
    await writer.close();
  }
}

/** The proof: a fresh read and a fresh plan. Undefined when the platform cannot be read any more, which proves nothing. */
async function lookAgain(job: Job, made: ReadonlySet<string>): Promise<Prepared | undefined> {
  try {
    return await look(job, made);
  } catch (error) {
    job.context.err(`The platform could not be read again: ${error instanceof Error ? error.message : error}\n`);
    return undefined;
  }
}
