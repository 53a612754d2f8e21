// `rolebook drift --propose`: what changed on the platform behind Git's back, as one pull request a target: adopted into the files,
// or to be undone, as the settings say. Holds a Reader of the platform and never a Writer.
import { openLedger } from "../git/ledger.ts";
import { syncLedger } from "../git/ledger-sync.ts";
import { recordObservation } from "../git/observations.ts";
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { Activity, LiveRead } from "../model/driver.ts";
import { lazy } from "../model/lazy.ts";
import type { Deed, Drifted } from "../model/plan.ts";
import { scopeWord } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { digestOf } from "../plan/digest.ts";
import { attribute, escalates } from "../plan/drift.ts";
import { driftIssueTitle, renderDriftIssue } from "../report/drift-issue.ts";
import { driftTitle, renderDriftPull } from "../report/drift-pull.ts";
import { driftMarker, readDriftState, writeDriftState } from "../report/drift-state.ts";
import { fetchBefore } from "./apply-record.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { findDeeds } from "./attribution.ts";
import { type CommonOptions, type Context, EXIT, type ExitCode, OperatorError, worstExit } from "./context.ts";
import { type DriftCommit, type DriftSource, writeDriftCommit } from "./drift-commit.ts";
import { driftFacts } from "./drift-facts.ts";
import { type KeptPull, keepEscalation, keepPull, readStanding, type Standing, type WantedPull } from "./drift-host.ts";
import { isExpected } from "./expected.ts";
import { readActivity, readLive } from "./live.ts";
import { type Fact, notify, steadyWords } from "./notify.ts";
import { isWhole, observe } from "./observe.ts";
import { emit, jsonTogether } from "./output.ts";
import { type Prepared, type PrepareOptions, preparePlan } from "./prepare.ts";
import { openProgress } from "./progress.ts";
import { BranchMovedError, openBaseBranch, openProposing, type ProposingHost } from "./proposing.ts";
import { reachOf } from "./reach.ts";
import { proposalToJson, proposalToText } from "./show-proposal.ts";
import { chooseTargets } from "./workspace.ts";

export interface ProposeOptions extends CommonOptions {
  readonly format: string;
  readonly output?: string;
  readonly connections?: number;
  /** Judge ends of access as of this instant instead of now. */
  readonly now?: Date;
  /** Refused: a pull request needs the remote. */
  readonly offline?: boolean;
}

export interface DriftOutcome {
  readonly target: string;
  /** Entities that drifted. */
  readonly drift: number;
  /** Some of it gives somebody more. */
  readonly escalates: boolean;
  /** The pull request, when there is one now. */
  readonly pull: number | undefined;
  readonly state: KeptPull["state"];
  /** Why the pull request was left alone, in one sentence. */
  readonly why?: string;
  /** Why nothing could be looked at or proposed, in one sentence. */
  readonly failure?: string;
  /** What the files cannot be made to say by themselves. */
  readonly refused: readonly { readonly kind: string; readonly name: string; readonly reason: string }[];
}

/** The branch of a target's drift pull request: whatever else is pending, its plan shows the changes that undo drift as its own. */
export function driftBranch(target: string): string {
  return `rolebook/drift/${target}`;
}

/** Somebody else must move the branch each time for a try to be lost. */
const MOST_TRIES = 5;

/** Looks for drift of the chosen targets and keeps their pull requests true. One that fails does not stop the rest. */
export async function proposeDrift(context: Context, options: ProposeOptions): Promise<readonly DriftOutcome[]> {
  const host = await openProposing(context);
  const outcomes: DriftOutcome[] = [];
  const { base, workspace } = await openBaseBranch(context, host, options);
  const { policies } = workspace;
  const { settings } = policies;
  if (!settings) throw new OperatorError(`There are no settings on ${host.baseBranch}`, "`rolebook init` writes them.");
  const targets = chooseTargets(policies, options.target);
  const facts: Fact[] = [];
  for (const { name } of targets) {
    const outcome = await proposeTarget(context, host, name, options, facts).catch((error: unknown): DriftOutcome => {
      const failure = error instanceof Error ? error.message : String(error);
      return { target: name, drift: 0, escalates: false, pull: undefined, state: "left-alone", failure, refused: [] };
    });
    if (outcome.failure !== undefined) facts.push(failureOf(outcome.target, base, outcome.failure));
    outcomes.push(outcome);
  }
  await notify(context, host.repository, settings, facts);
  return outcomes;
}

/** Runs `drift --propose`. Exit 2 when there is drift. */
export async function runProposeDrift(context: Context, options: ProposeOptions): Promise<ExitCode> {
  if (options.format !== "human" && options.format !== "json")
    throw new OperatorError(`drift --propose has no ${options.format}`, "Use --format human or json.");
  if (options.offline) throw new OperatorError("drift --propose needs the Git remote", "Leave --offline out.");
  const outcomes = await proposeDrift(context, options);
  const shown =
    options.format === "json"
      ? jsonTogether(outcomes.map((outcome) => [`${JSON.stringify(proposalToJson(outcome))}\n`]))
      : outcomes.map(proposalToText);
  emit(context, options.output, shown);
  return worstExit(
    outcomes.map(({ failure, drift }): ExitCode => {
      if (failure !== undefined) return EXIT.refused;
      return drift > 0 ? EXIT.changes : EXIT.done;
    }),
  );
}

/** What is known of a target when the pull request is to be written. */
interface Look extends Omit<DriftSource, "context" | "repository" | "options"> {
  /** The target as it is reached: there where it was applied last. */
  readonly reached: Target;
}

async function proposeTarget(
  context: Context,
  host: ProposingHost,
  name: string,
  options: ProposeOptions,
  facts: Fact[],
): Promise<DriftOutcome> {
  const live: { read?: Promise<LiveRead> } = {};
  for (let attempt = 1; ; attempt += 1) {
    try {
      const look = await lookAtTarget(context, host, name, options, live);
      return await settleTarget(context, host, look, options, facts);
    } catch (error) {
      if (!(error instanceof BranchMovedError) || attempt === MOST_TRIES) throw error;
    }
  }
}

/** The platform is read once; what Git says may be read again. */
async function lookAtTarget(
  context: Context,
  host: ProposingHost,
  name: string,
  options: ProposeOptions,
  known: { read?: Promise<LiveRead> },
): Promise<Look> {
  const progress = openProgress(context, "Reading");
  try {
    const { connections } = options;
    const prepare: PrepareOptions = {
      now: options.now ?? context.now(),
      overwrite: [],
      progress: progress.update,
      ...(connections === undefined ? {} : { connections }),
    };
    await fetchBefore(host.repository, host.remote, name);
    const { base, workspace } = await openBaseBranch(context, host, { ...options, target: name });
    const [target] = chooseTargets(workspace.policies, name);
    if (!target) throw new OperatorError(`There is no target "${name}" in the settings`);
    const { repository, remote } = host;
    const open = (at: string) => openWorkspaceAt(context, repository, { tree: at, commit: at }, options);
    const reached = await reachOf({ repository, remote, open }, target);
    known.read ??= readLive(context, reached, prepare);
    const prepared = await preparePlan(workspace, target, known.read, prepare);
    return { workspace, base, target, reached, prepared, live: await known.read, prepare };
  } finally {
    progress.stop();
  }
}

async function settleTarget(
  context: Context,
  host: ProposingHost,
  look: Look,
  options: ProposeOptions,
  facts: Fact[],
): Promise<DriftOutcome> {
  const { target, reached, prepared, base } = look;
  const outcome = { target: target.name, drift: 0, escalates: false, pull: undefined, refused: [] } as const;
  facts.push(...driftFacts.ending(target, prepared.want, look.prepare.now));
  if (prepared.plan.base === null) return { ...outcome, state: "none", why: "nothing was applied yet" };
  const activity = lazy(() => readActivity(context, reached, prepared.live, connectionsOf(options)));
  await recordLook(context, host, look, options, activity);
  const doubt = doubtOf(look);
  if (doubt !== undefined) return { ...outcome, state: "left-alone", failure: doubt };
  const applied = await host.repository.readRef(appliedRef(target.name));
  const standing = await readStanding(host, { target: target.name, branch: driftBranch(target.name), base, applied });
  const report = prepared.drifted();
  const items = await attributed(context, host.repository, look, standing, report.items, activity);
  const escalating = items.filter(escalates);
  const told = { ...outcome, drift: items.length, escalates: escalating.length > 0 };
  await keepEscalation(host, target.name, issueOf(look, items));
  const made = await writeDriftCommit({ context, repository: host.repository, options, ...look });
  if (typeof made === "string") return { ...told, state: "left-alone", failure: made };
  const kept = await keepPull(host, standing, wantedOf(look, made, items));
  if (items.length > 0) facts.push(driftFacts.drift(target.name, items, kept.pull?.url));
  return {
    ...told,
    pull: kept.state === "closed" ? undefined : kept.pull?.number,
    state: kept.state,
    ...(kept.why === undefined ? {} : { why: kept.why }),
    refused: [...made.refused.values()],
  };
}

function connectionsOf({ connections }: ProposeOptions) {
  return connections === undefined ? {} : { connections };
}

/** What was seen is put on record where it is news: what was true then can be told later. Beside the policy that was applied last. */
async function recordLook(
  context: Context,
  { repository, remote }: ProposingHost,
  { target, prepared }: Look,
  { connections }: ProposeOptions,
  activity: () => Promise<readonly Activity[] | undefined>,
): Promise<void> {
  const { plan, base, read, judges } = prepared;
  if (plan.base === null || !isWhole(read, plan.findings)) return;
  const ledger = openLedger(repository);
  const planned = new Set<string>();
  const seen = {
    target: judges?.target ?? target,
    commit: plan.base,
    said: base,
    read,
    complete: true,
    planned,
    connections,
  };
  try {
    const { observation, file, known } = await observe(context, ledger, seen, activity);
    if (known || !file) return;
    await recordObservation(ledger, observation, file);
    await syncLedger(repository, remote);
  } catch (error) {
    if (!isExpected(error)) throw error;
    context.err(`Warning: what was seen of ${target.name} could not be put on record: ${error.message}\n`);
  }
}

/** Why nothing of this look may become a proposal: what was not read whole, or files that say nothing sure. */
function doubtOf({ live, prepared, workspace, target }: Look): string | undefined {
  const shrunken = prepared.plan.findings.filter(({ code }) => code === "shrunken-read");
  const doubts = [...live.findings, ...shrunken].find(({ severity }) => severity === "error");
  if (doubts) return `what was read of the platform is doubtful: ${doubts.message}`;
  const own = `${workspace.shown}/${target.name}/`;
  const wrong = prepared.plan.findings.find(
    ({ severity, place }) => severity === "error" && place?.file.startsWith(own),
  );
  return wrong ? `the files have a mistake (${wrong.place?.file}:${wrong.place?.line}): ${wrong.message}` : undefined;
}

/** Who did what: as the log tells, else as the pull request remembers. */
async function attributed(
  context: Context,
  repository: Repository,
  { target, prepared }: Look,
  { pulls }: Standing,
  items: readonly Drifted[],
  activity: () => Promise<readonly Activity[] | undefined>,
): Promise<Drifted[]> {
  const found = await findDeeds(context, repository, target, items, prepared.live, {}, activity);
  const open = pulls.find(({ state }) => state === "open");
  const known = open ? (readDriftState(open.body)?.deeds ?? new Map<string, Deed>()) : new Map<string, Deed>();
  if (!found && known.size === 0) return [...items];
  return attribute(items, new Map([...known, ...(found ?? [])]));
}

/** Nothing is proposed where all of it is only to be reported. */
function wantedOf({ target, prepared }: Look, made: DriftCommit, items: readonly Drifted[]): WantedPull | undefined {
  const { plan } = prepared;
  const reverts = plan.changes.filter(({ origin }) => origin === "drift").map(({ id }) => id);
  if (made.steps.length + made.refused.size + reverts.length === 0) return undefined;
  const steps = made.steps.map(({ key, why, edits }) => [key, why, edits]);
  const digest = digestOf(["rolebook drift 1", target.name, steps, reverts, [...made.refused.keys()].sort()]);
  const deeds = new Map(items.flatMap(({ key, by }): [string, Deed][] => (by ? [[key, by]] : [])));
  const undone = reverts.length === 0 ? "" : digestOf(reverts);
  const access = prepared.drifted().access();
  const of = (why: "drift" | "ended" | "renamed") => made.steps.filter((step) => step.why === why);
  const text = renderDriftPull(
    {
      plan,
      items,
      access,
      adopted: new Set(of("drift").map(({ key }) => key)),
      refused: made.refused,
      ended: of("ended").map(({ name }) => name),
      renamed: of("renamed").flatMap(({ edits }) =>
        edits.flatMap((edit) => (edit.edit === "rename-member" ? [{ from: edit.from, to: edit.to }] : [])),
      ),
    },
    markdownOptions(prepared),
  );
  const head = `${driftMarker("pull", target.name)}\n${writeDriftState({ digest, reverts: undone, deeds })}\n`;
  const title = driftTitle(target.name, access);
  const edits = made.steps.length + made.refused.size > 0;
  return { commit: made.commit, title, body: head + text, digest, reverts: undone, edits };
}

function issueOf({ target, prepared }: Look, all: readonly Drifted[]) {
  const items = all.filter(escalates);
  if (items.length === 0) return undefined;
  const access = prepared
    .drifted()
    .access()
    .filter(({ gains }) => gains);
  const isProposed = items.some(({ mode }) => mode !== "report");
  const branch = isProposed ? driftBranch(target.name) : undefined;
  const text = renderDriftIssue({ plan: prepared.plan, items, access, branch }, markdownOptions(prepared));
  const digest = digestOf([target.name, items.map(({ by: _, place: __, ...item }) => item)]);
  return { title: driftIssueTitle(target.name), text, digest };
}

function markdownOptions({ environments, platform }: Prepared) {
  return { environments, scopeWord: scopeWord(platform), rankOf: platform.rankOf };
}

function failureOf(target: string, base: string, failure: string): Fact {
  const id = `failure drift ${target} ${base} ${digestOf(steadyWords(failure))}`;
  return { event: "failure", id, target, title: `Drift of ${target} could not be proposed`, text: failure };
}
