// What was true of a target at a moment, by Git and the ledger: nothing is asked of a platform. It says what is not certain, and
// refuses moments of which nothing is known.
import { openLedger } from "../git/ledger.ts";
import type { FiledObservation } from "../git/observations.ts";
import { runOf } from "../git/records.ts";
import type { Repository } from "../git/repository.ts";
import { EMPTY_STATE, keyOf, type State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import { memo } from "../model/lazy.ts";
import type { Past } from "../model/past.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Target } from "../model/settings.ts";
import { splitEnded } from "../plan/expire.ts";
import { withDifferences } from "../plan/observe.ts";
import { type Attempt, reconstruct, type Sight, seenUntil } from "../plan/past.ts";
import { doubtFindings, unwatched } from "../plan/past-words.ts";
import { fetchForLook } from "./apply-record.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { type Context, OperatorError } from "./context.ts";
import { desiredState, withDefaults } from "./desired.ts";
import { type AskedMoment, momentOf } from "./past-moment.ts";
import { attemptsIn, looksAround, type Records, readRecords } from "./past-records.ts";
import { driverOf, type Workspace } from "./workspace.ts";

/** What was, and where it is known from. */
export interface PastRead extends Past {
  /** The target as the settings of the commit have it. */
  readonly target: Target;
  /** ISO 8601, UTC: when the commit was applied; null before the first apply. */
  readonly appliedAt: string | null;
  /** ISO 8601, UTC: when the platform was read that the answer starts from; null where it was not read by then. */
  readonly seenAt: string | null;
}

export interface PastOptions {
  /** The policy folder. */
  readonly policies: string;
  /** Nothing is fetched. */
  readonly offline?: boolean;
  /** Instead of the clock. */
  readonly now?: Date;
}

/**
 * What was true of a target at a moment. Throws `OperatorError` for the future, for a commit that was never applied, and where
 * nothing is known at all. `workspace` is where the repository is from; its files are not looked at.
 */
export async function readPast(
  context: Context,
  { repository }: Pick<Workspace, "repository">,
  target: Target,
  asked: AskedMoment,
  options: PastOptions,
): Promise<PastRead> {
  if (!repository)
    throw new OperatorError("--at needs a Git repository", "The past is in its history and on its ledger.");
  if (!options.offline) await fetchForLook(context, repository, target.name);
  const records = await readRecords(openLedger(repository), target.name);
  const { at, findings } = await momentOf(repository, target, asked, records.receipts, options.now ?? context.now());
  const files = openFiles(context, repository, target.name, options);
  const around = await sightsAround(records, at, files.said);
  const { before, next } = around;
  const span = { after: before[0]?.at ?? Number.NEGATIVE_INFINITY, until: next?.at ?? Number.POSITIVE_INFINITY };
  const attempts = await attemptsIn(records, span, around.looks);
  const { platform } = driverOf(target);
  const told = reconstruct({ platform, at, before, next, attempts });
  if (!told) throw unknown(target.name);
  const applied = records.receipts.findLast(({ converged, endedAt }) => converged && Date.parse(endedAt) <= at);
  const declared = applied && (await files.said(applied.commit, at));
  return {
    at: new Date(at).toISOString(),
    commit: applied?.commit ?? null,
    appliedAt: applied ? firstOf(records.receipts, applied).endedAt : null,
    seenAt: before[0] && !before[0].assumed ? new Date(before[0].at).toISOString() : null,
    target: declared?.target ?? target,
    state: told.state,
    declared: declared?.state ?? EMPTY_STATE,
    findings: [
      ...findings,
      ...doubtFindings(target.name, told.doubts),
      ...gap(target.name, at, before[0], next, attempts),
    ],
  };
}

/** The first of the applies that were done with one commit, nothing else between them. */
function firstOf(receipts: readonly Receipt[], applied: Receipt): Receipt {
  let first = applied;
  for (const receipt of receipts.slice(0, receipts.indexOf(applied)).reverse()) {
    if (!receipt.converged) continue;
    if (receipt.commit !== applied.commit) break;
    first = receipt;
  }
  return first;
}

function unknown(target: string): OperatorError {
  return new OperatorError(
    `Nothing is known of what ${target} was then: the ledger has neither a look at it nor an apply that was done`,
    "The ledger is the branch rolebook/ledger of the remote; --offline goes by what this clone has of it.",
  );
}

/** Policies of one target as commits have them. */
interface Files {
  /** What the files of a commit said at an instant (Unix time, ms): ended access left out, defaults put in. */
  readonly said: (commit: string, at: number) => Promise<{ readonly target: Target; readonly state: State }>;
}

function openFiles(context: Context, repository: Repository, name: string, options: PastOptions): Files {
  const workspaceAt = memo(async (commit: string) => {
    await bringCommit(repository, commit, options.offline === true);
    return openWorkspaceAt(context, repository, { tree: commit, commit }, { policies: options.policies, target: name });
  });
  return {
    said: async (commit, at) => {
      const workspace = await workspaceAt(commit);
      const target = workspace.policies.settings?.targets.find((one) => one.name === name);
      if (!target)
        throw new OperatorError(
          `Target ${name} is not in the settings of ${commit.slice(0, 12)}, which was applied to it`,
          `Is ${options.policies} the folder that the policies were in? Name another one with --policies.`,
        );
      const now = new Date(at);
      const { active } = splitEnded(desiredState(workspace, target, now).state, now, target.timeZone);
      return { target, state: withDefaults(active, driverOf(target).platform) };
    },
  };
}

/** A shallow clone gets the rest of its history where that is allowed. */
async function bringCommit(repository: Repository, commit: string, offline: boolean): Promise<void> {
  if ((await repository.resolveCommit(commit)) !== undefined) return;
  const remote = offline ? undefined : await repository.remote();
  if (remote !== undefined) await repository.completeHistory(remote);
  if ((await repository.resolveCommit(commit)) !== undefined) return;
  throw new OperatorError(
    `This clone does not have ${commit.slice(0, 12)}, which was applied then`,
    "Fetch the whole history: git fetch --unshallow, or git fetch.",
  );
}

interface Around {
  readonly before: readonly Sight[];
  readonly next: Sight | undefined;
  /** What they are made from. */
  readonly looks: readonly FiledObservation[];
}

/** The looks around a moment as states. */
async function sightsAround(records: Records, at: number, said: Files["said"]): Promise<Around> {
  const { before, next } = await looksAround(records, at);
  const sights: Sight[] = [];
  for (const look of before) sights.push(await sightOf(look, said));
  const [last] = before;
  const [first] = sights;
  if (last && first && before.length === 1) sights[0] = seenAgain(records.receipts, at, last, first);
  const done = records.receipts.findLast(({ converged, endedAt }) => converged && Date.parse(endedAt) <= at);
  // Applies of former versions recorded no look.
  if (!last && done) sights.push(await assumed(done, said));
  return { before: sights, next: next && (await sightOf(next, said)), looks: [...before, ...(next ? [next] : [])] };
}

async function sightOf({ observation }: FiledObservation, said: Files["said"]): Promise<Sight> {
  const { commit, complete, run, differences } = observation;
  const at = Date.parse(observation.at);
  const declared = await said(commit, at);
  const { platform } = driverOf(declared.target);
  return {
    at,
    state: withDifferences(declared.state, differences, platform),
    complete,
    ...(run ? { run: run.path } : {}),
    since: new Map(
      differences.flatMap((each) => (each.since === undefined ? [] : [[keyOf(each), Date.parse(each.since)]])),
    ),
  };
}

/** An apply that was done and found the very same as the look before records no look of its own. */
function seenAgain(receipts: readonly Receipt[], at: number, { observation }: FiledObservation, sight: Sight): Sight {
  const again = receipts.findLast(
    ({ converged, endedAt, commit }) =>
      converged && commit === observation.commit && Date.parse(endedAt) > sight.at && Date.parse(endedAt) <= at,
  );
  return again ? { ...sight, at: Date.parse(again.endedAt), run: runOf(again) } : sight;
}

async function assumed(done: Receipt, said: Files["said"]): Promise<Sight> {
  const at = Date.parse(done.endedAt);
  const { state } = await said(done.commit, at);
  return { at, state, complete: true, run: runOf(done), assumed: true, since: new Map() };
}

/** Where nobody looked at the moment itself, which is so but for the end of an apply. */
function gap(
  target: string,
  at: number,
  last: Sight | undefined,
  next: Sight | undefined,
  attempts: readonly Attempt[],
): Finding[] {
  if (!last || at <= seenUntil(last, attempts)) return [];
  return [unwatched(target, last.at, next?.at ?? null)];
}
