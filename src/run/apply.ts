// `rolebook apply`: re-reads live, rebuilds the plan, makes what was approved and nothing else, reads
// again, and records what happened. The only place in Rolebook that opens a Writer.
import { openJournal, readJournal } from "../git/journal.ts";
import { type Ledger, openLedger } from "../git/ledger.ts";
import { acquireLock } from "../git/lock.ts";
import { listReceipts, openStart, recordReceipt, recordStart, type Start } from "../git/records.ts";
import type { Repository } from "../git/repository.ts";
import type { Change } from "../model/change.ts";
import type { Driver, LiveRead } from "../model/driver.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval, Outcome, Receipt } from "../model/receipt.ts";
import type { Target } from "../model/settings.ts";
import { planToJson } from "../report/plan-json.ts";
import { type ApproveOptions, decideApproval, judgeApproved, needsApproval, willAsk } from "./apply-approve.ts";
import { checkBreakGlass, decideBreakGlass, tellBreakGlass } from "./apply-break-glass.ts";
import { membersMade, outcomesIn, recordSeen } from "./apply-identities.ts";
import { exitOf, heldOutcome, recordedChanges, resumedOutcomes, sortOutcomes } from "./apply-outcomes.ts";
import { fetchBefore, moveApplied, publishAfter } from "./apply-record.ts";
import { withoutLeave } from "./apply-weaken.ts";
import { type WriteOptions, writeChanges } from "./apply-write.ts";
import { connectionOf } from "./connect.ts";
import { type CommonOptions, type Context, EXIT, type ExitCode, OperatorError, worstExit } from "./context.ts";
import { readLive } from "./live.ts";
import { type Prepared, type PrepareOptions, preparePlan } from "./prepare.ts";
import { openProgress } from "./progress.ts";
import { showPlan, showReceipt } from "./show.ts";
import { chooseTargets, driverOf, hasErrors, openWorkspace, type Workspace } from "./workspace.ts";

export interface ApplyOptions extends CommonOptions, ApproveOptions {
  readonly format: "human" | "json";
  readonly overwrite: readonly string[];
  readonly full: boolean;
  /** Do not fetch from or push to the remote. */
  readonly offline: boolean;
  readonly connections?: number;
}

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
  for (const target of targets) {
    const lock = await acquireLock(repository, target.name, context.now());
    try {
      codes.push(await applyTarget({ context, workspace, repository, commit, target, options }));
    } finally {
      await lock.release();
    }
  }
  if (options.breakGlass !== undefined) await tellBreakGlass(context, repository);
  return worstExit(codes);
}

function showInvalid(context: Context, workspace: Workspace, options: ApplyOptions): ExitCode {
  for (const { message, hint } of workspace.policies.findings) context.err(`${message}${hint ? `. ${hint}` : ""}\n`);
  context.err(`There is nothing to apply: ${options.policies} names no target.\n`);
  return EXIT.refused;
}

interface Job {
  readonly context: Context;
  readonly workspace: Workspace;
  readonly repository: Repository;
  readonly commit: string;
  readonly target: Target;
  readonly options: ApplyOptions;
}

async function applyTarget(job: Job): Promise<ExitCode> {
  const { context, repository, target, options, commit } = job;
  const remote = options.offline ? undefined : await repository.remote();
  await fetchBefore(repository, remote, target.name);
  const ledger = openLedger(repository);
  const started = await openStart(ledger, target.name);
  const open = started?.commit === commit ? started : undefined;
  // Killed before it could say what it did: that is put on record even when nothing is left to do.
  const interrupted = open !== undefined && (await attemptsOf(ledger, open)).length === 0;
  const prepared = await look(job, interrupted ? madeBefore(repository, open) : undefined);
  const { plan } = prepared;
  if (options.format === "human")
    context.out(showPlan(context, prepared, { ...options, asking: willAsk(context, plan, options) }));
  if (plan.uncommitted)
    return decline(
      context,
      "There are uncommitted edits below the policy folder",
      "Commit them: only what is in Git can be applied.",
    );
  if (plan.refused)
    return decline(context, "The plan has errors, so nothing was changed", "Put right what is listed above.");
  const ancestor = plan.base === null ? true : await repository.isAncestor(plan.base, commit);
  if (ancestor === false)
    return decline(
      context,
      `HEAD does not contain the commit that was applied last (${plan.base?.slice(0, 12)})`,
      "Merge it first, so that nothing that was applied is undone by accident.",
    );
  if (ancestor === undefined)
    return decline(
      context,
      `This clone is too shallow to tell whether HEAD contains what was applied last (${plan.base?.slice(0, 12)})`,
      "Fetch the whole history: git fetch --unshallow (in Actions: fetch-depth: 0).",
    );

  if (plan.changes.length === 0 && !interrupted) {
    const settled = await settle(job, ledger, prepared, remote);
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
  return execute(job, ledger, judged, decision.approval, decision.resumes, remote);
}

function decline(context: Context, reason: string, hint: string): ExitCode {
  context.err(`${reason}.\n${hint}\n`);
  return EXIT.refused;
}

/** Members that an interrupted apply made, by its journal. */
function madeBefore(repository: Repository, start: Start): ReadonlySet<string> {
  return membersMade(recordedChanges(start), outcomesIn(readJournal(repository.gitDir, start.target)));
}

/** `made`: folded names of members that this apply has made. */
async function look(job: Job, made?: ReadonlySet<string>): Promise<Prepared> {
  const { context, workspace, target } = job;
  const progress = openProgress(context, `Reading ${target.name}`);
  try {
    const prepare = { ...prepareOptions(job, progress.update), ...(made ? { made } : {}) };
    const reading: Promise<LiveRead> = readLive(context, target, prepare);
    return await preparePlan(workspace, target, reading, prepare);
  } finally {
    progress.stop();
  }
}

function prepareOptions({ context, options }: Job, progress?: PrepareOptions["progress"]): PrepareOptions {
  const { connections, overwrite } = options;
  return {
    now: context.now(),
    overwrite,
    ...(connections === undefined ? {} : { connections }),
    ...(progress ? { progress } : {}),
  };
}

/**
 * Nothing to change: the applied ref catches up with HEAD, unless a conflict waits for a person. Undefined when that needs an
 * approval, since HEAD weakens rules that judge plans.
 */
async function settle(
  job: Job,
  ledger: Ledger,
  prepared: Prepared,
  remote: string | undefined,
): Promise<ExitCode | undefined> {
  const { context, repository, target, commit } = job;
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
  await recordSeen(ledger, prepared, new Set(), true, context.now());
  if (plan.base === commit) {
    if (job.options.format === "json")
      context.out(`${JSON.stringify({ version: 1, target: target.name, receipt: null })}\n`);
    // What an earlier apply recorded here and could not push goes out now.
    return (await publishAfter(context, repository, remote, target.name)) ? EXIT.done : EXIT.refused;
  }
  if (needsApproval(plan)) return undefined;
  const now = context.now().toISOString();
  const approval: Approval = {
    by: await repository.identity(),
    at: now,
    how: "none",
    digest: plan.digest,
    changes: [],
  };
  const receipt = receiptOf(job, plan, approval, now, [], true);
  await recordReceipt(ledger, receipt);
  await moveApplied(repository, target.name, commit, plan.base);
  const published = await publishAfter(context, repository, remote, target.name);
  context.out(showReceipt(context, receipt, plan, job.options));
  return published ? EXIT.done : EXIT.refused;
}

async function execute(
  job: Job,
  ledger: Ledger,
  prepared: Prepared,
  approval: Approval,
  resumes: Start | undefined,
  remote: string | undefined,
): Promise<ExitCode> {
  const { context, repository, target, commit } = job;
  const { plan } = prepared;
  const approved = new Set(approval.changes);
  const startedAt = resumes?.startedAt ?? context.now().toISOString();
  if (!resumes)
    await recordStart(ledger, {
      target: target.name,
      digest: approval.digest,
      commit,
      startedAt,
      approval,
      plan: planToJson(plan),
    });
  const attempts = resumes ? await attemptsOf(ledger, resumes) : [];
  const journalled = readJournal(repository.gitDir, target.name);
  const earlier = resumes ? resumedOutcomes(resumes, plan, attempts.at(-1)?.outcomes ?? [], journalled) : [];
  const free = ({ id, blockedBy }: Change) => approved.has(id) && !blockedBy;
  const ready = plan.changes.filter(free);
  const held = plan.changes.filter((change) => !free(change)).map((change) => heldOutcome(change, approved));
  const journal = openJournal(repository.gitDir, target.name);
  // From here until the receipt is recorded, being told to stop means: finish what is under way, and say so.
  const stop = { asked: false };
  const forget = context.onStop(() => {
    stop.asked = true;
    context.err("\nStopping after the changes under way; run apply again to finish.\n");
  });
  const intend = (changes: readonly Change[]) =>
    journal.intend({
      digest: approval.digest,
      startedAt,
      at: context.now().toISOString(),
      changes: changes.map(({ id }) => id),
    });
  const written = await writeAll(job, prepared, ready, { intend, note: journal.note, stopping: () => stop.asked });
  await journal.close();

  const recorded = resumes ? recordedChanges(resumes) : [];
  const made = membersMade([...recorded, ...plan.changes], [...outcomesIn(journalled), ...written]);
  const after = await lookAgain(job, made);
  const converged = after !== undefined && isConverged(after.plan);
  const outcomes = sortOutcomes([...earlier, ...written, ...held]);
  const receipt = receiptOf(job, plan, approval, startedAt, outcomes, converged);
  // Before the receipt: until that is recorded, the journal can tell again whom this apply made.
  if (after) await recordSeen(ledger, after, made, converged, context.now());
  await recordReceipt(ledger, receipt);
  await journal.remove();
  forget();
  if (converged) await moveApplied(repository, target.name, commit, plan.base);
  const published = await publishAfter(context, repository, remote, target.name);
  context.out(showReceipt(context, receipt, resumes ? withRecorded(plan, resumes) : plan, job.options));
  if (after && after.plan.conflicts.length > 0) context.err(waitingConflicts(after.plan));
  return published ? exitOf([...written, ...held], converged, plan) : EXIT.refused;
}

function waitingConflicts({ conflicts, target, base }: Plan): string {
  const what = conflicts.length === 1 ? "1 conflict waits" : `${conflicts.length} conflicts wait`;
  return `${what} for a decision; until then the base of ${target} stays at ${base?.slice(0, 12) ?? "no commit"}.\n`;
}

/** Receipts of an apply that was started, one for each attempt to finish it. */
async function attemptsOf(ledger: Ledger, start: Start): Promise<Receipt[]> {
  const receipts = await listReceipts(ledger, start.target);
  return receipts.filter(({ digest, startedAt }) => digest === start.digest && startedAt === start.startedAt);
}

/** Nothing left to do, nothing left to decide, and no doubt about what was read. */
function isConverged({ changes, conflicts, findings }: Plan): boolean {
  return changes.length === 0 && conflicts.length === 0 && !hasErrors(findings);
}

/** So that a resumed apply can name the changes that are no longer in the plan. */
function withRecorded(plan: Plan, start: Start): Plan {
  const known = new Set(plan.changes.map(({ id }) => id));
  return { ...plan, changes: [...recordedChanges(start).filter(({ id }) => !known.has(id)), ...plan.changes] };
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

function receiptOf(
  job: Job,
  plan: Plan,
  approval: Approval,
  startedAt: string,
  outcomes: readonly Outcome[],
  converged: boolean,
): Receipt {
  const { context, target, commit } = job;
  // A waiver is spent by what was made under it, not by a try.
  const spent = plan.waivers.length > 0 && outcomes.some(({ status }) => status === "applied");
  return {
    version: 1,
    target: target.name,
    commit,
    base: plan.base,
    digest: approval.digest,
    tool: `rolebook ${context.version}`,
    startedAt,
    endedAt: context.now().toISOString(),
    approval,
    outcomes,
    ...(spent ? { waivers: plan.waivers } : {}),
    converged,
  };
}
