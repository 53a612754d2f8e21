// What one item of work is: one of Rolebook's commands on a clone, and what is learnt from its outcome. Decides nothing about access:
// the commands do that, the same that anybody may run by hand.
import type { GitCredentials } from "../git/host-credentials.ts";
import type { HostReader } from "../model/host.ts";
import type { MergedOutcome } from "../model/merged.ts";
import type { RunResult } from "../model/status.ts";
import type { applyMerged } from "../run/apply-merged.ts";
import { type CommonOptions, type Context, OperatorError } from "../run/context.ts";
import type { DriftOutcome, proposeDrift } from "../run/drift-propose.ts";
import type { notify } from "../run/notify.ts";
import type { planPulls } from "../run/pull.ts";
import { type Clones, isPaused } from "./clone.ts";
import { frozenNow } from "./frozen.ts";
import { type Memory, memoryOf } from "./memory.ts";
import type { ReviewCommands } from "./reviewing.ts";
import type { RunTools } from "./run.ts";

export interface HostConnection {
  readonly host: HostReader;
  /** Undefined where Git has its own. */
  readonly credentials: GitCredentials | undefined;
}

/** What the controller runs. */
export interface Commands {
  readonly planPulls: typeof planPulls;
  readonly applyMerged: typeof applyMerged;
  readonly proposeDrift: typeof proposeDrift;
  readonly reviews: ReviewCommands;
  readonly notify: typeof notify;
  /** Connects to the host of the repository with this URL. Throws `OperatorError` when it is not said who we are there. */
  readonly connect: (context: Context, url: string) => Promise<HostConnection>;
}

export interface TaskTools {
  readonly tools: RunTools;
  readonly commands: Commands;
  readonly host: HostReader;
  readonly clones: Clones;
  readonly options: CommonOptions;
}

/** What may have to be done next. */
export interface FollowUp {
  readonly look: () => void;
  readonly drift: (target: string) => void;
}

type ContextAt = (cwd: string) => Context;

export async function planOne({ tools, ...kit }: TaskTools, number: number, contextAt: ContextAt): Promise<RunResult> {
  const { repository } = await kit.clones.open("pulls");
  const outcomes = await kit.commands.planPulls(contextAt(repository.root), {
    ...kit.options,
    pullRequest: String(number),
    format: "json",
    strict: false,
    full: false,
    quiet: false,
  });
  for (const outcome of outcomes) {
    const known = tools.memory.pulls.get(outcome.number);
    if (known) {
      known.conclusion = outcome.conclusion ?? null;
      known.planned = true;
    }
    for (const { target, pending } of outcome.targets) {
      const about = tools.memory.targets.get(target);
      if (about) about.pending = pending.changes.length;
    }
  }
  return outcomes.some(({ conclusion }) => conclusion === "action_required") ? "held" : "done";
}

export async function applyOne(
  { tools, ...kit }: TaskTools,
  follow: FollowUp,
  target: string,
  contextAt: ContextAt,
): Promise<RunResult> {
  const { repository, refs } = await kit.clones.open(`target-${target}`);
  const context = contextAt(repository.root);
  // Asked at the last moment: a pause holds from the next apply on, whatever was asked for before.
  if (isPaused(refs, target)) {
    context.err(`Paused: ${target} is not applied until the pause is taken back.`);
    // Nothing came of being asked: whoever looks after the pause has to ask again.
    delete memoryOf(tools.memory, target).print;
    follow.look();
    return "held";
  }
  const outcomes = await kit.commands.applyMerged(context, { ...kit.options, target, format: "json", full: false });
  const outcome = outcomes.find((one) => one.target === target);
  if (!outcome) return "done";
  const known = memoryOf(tools.memory, target);
  known.outcome = outcome;
  known.pending = outcome.held.length;
  if (outcome.outcomes.some(({ status }) => status === "applied")) {
    planAgain(tools.memory);
    if (known.drift && known.drift.outcome.drift > 0) follow.drift(target);
  }
  follow.look();
  const wrong = failureOf(outcome, isFrozen(tools, target));
  if (wrong !== undefined) throw new OperatorError(wrong);
  if (outcome.held.length > 0 || outcome.refused !== undefined) return "held";
  known.appliedAt = tools.context.now().toISOString();
  return "done";
}

/** Whatever is open was planned on what is no more. */
function planAgain({ pulls }: Memory): void {
  for (const pull of pulls.values()) delete pull.print;
}

function isFrozen({ memory, context }: RunTools, target: string): boolean {
  const settings = memory.sight?.settings?.targets.find(({ name }) => name === target);
  return settings !== undefined && frozenNow(settings, context.now()) !== null;
}

/** What trying again may mend, in one sentence. What is held waits for people, and a freeze for its end. */
function failureOf({ outcomes, held, refused, converged }: MergedOutcome, frozen: boolean): string | undefined {
  if (refused !== undefined) return frozen ? undefined : refused;
  const failed = outcomes.filter(({ status }) => status === "failed" || status === "conflict");
  const [first] = failed;
  if (first) {
    const what = failed.length === 1 ? "1 change was not made" : `${failed.length} changes were not made`;
    return `${what}: ${first.cause ?? first.status}`;
  }
  return converged || held.length > 0 ? undefined : "The apply did not converge";
}

export async function driftOne(
  { tools, ...kit }: TaskTools,
  follow: FollowUp,
  target: string,
  contextAt: ContextAt,
): Promise<RunResult> {
  const { repository } = await kit.clones.open(`target-${target}`);
  const context = contextAt(repository.root);
  const outcomes = await kit.commands.proposeDrift(context, { ...kit.options, target, format: "json" });
  const outcome = outcomes.find((one) => one.target === target);
  if (!outcome) return "done";
  const known = memoryOf(tools.memory, target);
  const before = known.drift?.outcome;
  known.drift = { outcome, at: tools.context.now().toISOString() };
  if (hasMoved(outcome, before)) {
    planAgain(tools.memory);
    follow.look();
  }
  return "done";
}

/** The platform is not what open pull requests were planned on, or there is a pull request more or less. */
function hasMoved({ drift, state }: DriftOutcome, before: DriftOutcome | undefined): boolean {
  if (before !== undefined && before.drift !== drift) return true;
  return state === "opened" || state === "updated" || state === "closed";
}
