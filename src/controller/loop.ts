// The loop: looks at what is, compares it with what was done about it, and asks the queue for the difference. It goes by levels and
// not by events: webhooks and clocks only say when to look, so that losing one, or all of them, or the process, loses nothing.

import type { HostReader, Pull, Review } from "../model/host.ts";
import type { Settings, Target } from "../model/settings.ts";
import type { RunResult } from "../model/status.ts";
import { type Context, OperatorError } from "../run/context.ts";
import { type Fact, steadyWords } from "../run/notify.ts";
import { isPaused } from "./clone.ts";
import { frozenNow } from "./frozen.ts";
import { memoryOf } from "./memory.ts";
import type { Queue } from "./queue.ts";
import { campaignPrint, hasReviews, reviewAll } from "./reviewing.ts";
import { type About, contextOf, runOnce } from "./run.ts";
import type { Sight, Watch } from "./sight.ts";
import { applyOne, driftOne, type FollowUp, planOne, type TaskTools } from "./tasks.ts";
import type { Nudge } from "./webhooks.ts";

export interface LoopOptions extends TaskTools {
  readonly queue: Queue;
  readonly watch: Watch;
  /** Called with the settings at the tip whenever they were read. */
  readonly onSettings: (settings: Settings) => void;
}

export interface Loop {
  /** Looks at everything, soon. */
  readonly poll: () => void;
  /** Looks, and at these things closer. */
  readonly nudge: (nudge: Nudge) => void;
  /** Looks for drift of all targets, and for what time alone has brought about: an access that has ended, a review that is due. */
  readonly checkAll: () => void;
  /** Goes through the access reviews; whoever is to be reminded by now is. */
  readonly review: () => void;
}

/** The key of the look itself. */
export const LOOK = "look";
/** Failures in a row after which somebody is told. Fewer are the weather. */
const TOLD_AFTER = 3;

interface State extends LoopOptions {
  /** Asked for since the last look began. */
  wanted: { full: boolean; readonly pulls: Set<number>; readonly heads: Set<string> };
  readonly failures: Map<string, number>;
  /** What a task may ask for. */
  readonly follow: FollowUp;
}

export function createLoop(options: LoopOptions): Loop {
  const state: State = {
    ...options,
    wanted: nothing(),
    failures: new Map(),
    follow: { look: () => askLook(state, false), drift: (target) => askDrift(state, target) },
  };
  return {
    poll: () => {
      state.wanted.full = true;
      askLook(state, true);
    },
    nudge: ({ pulls, heads }) => {
      for (const number of pulls) state.wanted.pulls.add(number);
      for (const head of heads) state.wanted.heads.add(head);
      askLook(state, true);
    },
    checkAll: () => {
      for (const name of state.tools.memory.targets.keys()) {
        askApply(state, name);
        askDrift(state, name);
      }
      askReview(state);
    },
    review: () => askReview(state),
  };
}

function nothing(): State["wanted"] {
  return { full: false, pulls: new Set(), heads: new Set() };
}

/** Asks the queue for a run that keeps count of its failures. */
function ask(
  state: State,
  lane: string,
  about: About,
  work: (contextAt: (cwd: string) => Context) => Promise<RunResult>,
  how: { readonly patient?: boolean } = {},
): void {
  const run = async () => {
    try {
      await runOnce(state.tools, about, work);
      state.failures.delete(about.key);
    } catch (error) {
      const failures = (state.failures.get(about.key) ?? 0) + 1;
      state.failures.set(about.key, failures);
      if (failures === TOLD_AFTER) tellFailure(state, about, error);
      throw error;
    }
  };
  state.queue.ask({ key: about.key, lane, run }, how);
}

function askLook(state: State, patient: boolean): void {
  const about: About = { work: "look", key: LOOK, target: "" };
  ask(state, LOOK, about, (contextAt) => look(state, contextAt), { patient });
}

async function look(state: State, contextAt: (cwd: string) => Context): Promise<RunResult> {
  const { tools, clones, watch, options } = state;
  const { memory } = tools;
  const wanted = state.wanted;
  state.wanted = nothing();
  try {
    const clone = await clones.open("watch");
    const context = contextAt(clone.repository.root);
    const sight = await watch(context, clone, options);
    memory.sight = sight;
    if (sight.settings) {
      memory.settings = sight.settings;
      state.onSettings(sight.settings);
    }
    if (wanted.full) {
      const { name, url } = await state.host.repository();
      memory.repository = { name, url };
    }
    const pulls = await state.host.openPulls({ base: sight.refs.branch });
    rememberPulls(state, pulls);
    await readReviews(state, state.host, wanted.full ? undefined : wanted.pulls);
    memory.lookedAt = tools.context.now().toISOString();
    askForTargets(state, sight);
    askForPulls(state, sight, wanted.heads);
    askForReviews(state, sight);
    if (sight.problem !== undefined) throw new OperatorError(sight.problem, "Put it right on the default branch.");
    return "done";
  } catch (error) {
    // What was to be looked at is still to be looked at.
    state.wanted.full ||= wanted.full;
    for (const number of wanted.pulls) state.wanted.pulls.add(number);
    for (const head of wanted.heads) state.wanted.heads.add(head);
    throw error;
  }
}

/** Those that are open now; of the others nothing is kept, and nothing is to be done. */
function rememberPulls({ tools, queue, failures }: State, open: readonly Pull[]): void {
  const { pulls } = tools.memory;
  const numbers = new Set(open.map(({ number }) => number));
  for (const number of [...pulls.keys()])
    if (!numbers.has(number)) {
      pulls.delete(number);
      queue.forget(planKey(number));
      failures.delete(planKey(number));
    }
  for (const pull of open) {
    const known = pulls.get(pull.number);
    if (known) known.pull = pull;
    else pulls.set(pull.number, { pull, reviews: "", planned: false, conclusion: null });
  }
}

/** Reads the reviews of open pull requests, and of merged ones that something is held of: all, or only of these numbers. */
async function readReviews({ tools }: State, host: HostReader, only: ReadonlySet<number> | undefined): Promise<void> {
  const { pulls, heldReviews, targets } = tools.memory;
  const held = new Set(
    [...targets.values()].flatMap(({ outcome }) => outcome?.held.flatMap(({ pull }) => pull ?? []) ?? []),
  );
  for (const number of [...heldReviews.keys()]) if (!held.has(number)) heldReviews.delete(number);
  for (const [number, known] of pulls)
    if (!only || only.has(number)) known.reviews = reviewPrint(await host.reviews(number));
  for (const number of held)
    if (!only || only.has(number) || !heldReviews.has(number))
      heldReviews.set(number, reviewPrint(await host.reviews(number)));
}

function reviewPrint(reviews: readonly Review[]): string {
  return reviews.map(({ id, state, commit }) => `${id} ${state} ${commit}`).join(",");
}

/** Asks for applies where the tip is not applied and something has changed since the last try; for drift where nobody looked yet. */
function askForTargets(state: State, sight: Sight): void {
  const { memory } = state.tools;
  const wanted = (sight.settings?.targets ?? []).filter(
    ({ name }) => state.options.target === undefined || state.options.target === name,
  );
  const { tip, applied } = sight.refs;
  if (sight.settings) {
    const names = new Set(wanted.map(({ name }) => name));
    for (const name of [...memory.targets.keys()]) if (!names.has(name)) forgetTarget(state, name);
  }
  for (const target of wanted) {
    const isNew = !memory.targets.has(target.name);
    const known = memoryOf(memory, target.name);
    if (!isPaused(sight.refs, target.name)) {
      const print = applyPrint(state, target, sight);
      if (isNew || (applied.get(target.name) !== tip && known.print !== print)) askApply(state, target.name);
      known.print = print;
    }
    // After the apply, which may be what ends it. What is proposed is proposed anew when the base moves.
    const proposed = known.drift && (known.drift.outcome.drift > 0 || known.drift.outcome.pull !== undefined);
    if (isNew || (proposed && known.driftTip !== tip)) askDrift(state, target.name);
    known.driftTip = tip;
  }
}

/** All that an apply that could not apply everything may wait for. */
function applyPrint({ tools }: State, target: Target, { refs }: Sight): string {
  const { memory, context } = tools;
  const held = memoryOf(memory, target.name).outcome?.held ?? [];
  const reviews = new Set(held.flatMap(({ pull }) => memory.heldReviews.get(pull ?? -1) ?? []));
  const frozen = frozenNow(target, context.now())?.reason ?? "";
  return JSON.stringify([refs.tip, refs.applied.get(target.name) ?? "", frozen, [...reviews]]);
}

function forgetTarget({ tools, queue, failures }: State, name: string): void {
  tools.memory.targets.delete(name);
  for (const key of [`apply ${name}`, `drift ${name}`]) {
    queue.forget(key);
    failures.delete(key);
  }
}

/** Asks for plans of pull requests that were not planned as they are, on what there is. */
function askForPulls(state: State, { refs }: Sight, heads: ReadonlySet<string>): void {
  const applied = JSON.stringify([...refs.applied]);
  for (const [number, known] of state.tools.memory.pulls) {
    const print = JSON.stringify([known.pull.head.commit, refs.tip, applied, known.reviews]);
    if (known.print === print && !heads.has(known.pull.head.commit)) continue;
    known.print = print;
    askPlan(state, number);
  }
}

/** Asks for a walk through the access reviews where something has changed since the last one. */
function askForReviews(state: State, sight: Sight): void {
  const { memory } = state.tools;
  const print = campaignPrint(state, sight);
  if (memory.campaignPrint === print) return;
  memory.campaignPrint = print;
  askReview(state);
}

function planKey(number: number): string {
  return `plan #${number}`;
}

function askPlan(state: State, number: number): void {
  const about: About = { work: "plan", key: planKey(number), target: "" };
  // One after the other: they share a clone, and each reads every platform.
  ask(state, "pulls", about, (contextAt) => planOne(state, number, contextAt));
}

function askApply(state: State, target: string): void {
  const about: About = { work: "apply", key: `apply ${target}`, target };
  ask(state, `target-${target}`, about, (contextAt) => applyOne(state, state.follow, target, contextAt));
}

function askDrift(state: State, target: string): void {
  const about: About = { work: "drift", key: `drift ${target}`, target };
  ask(state, `target-${target}`, about, (contextAt) => driftOne(state, state.follow, target, contextAt));
}

/** A controller that is told to keep to one target leaves them alone: they are about all that a repository has. */
function askReview(state: State): void {
  const { memory } = state.tools;
  if (state.options.target !== undefined || !memory.sight || !hasReviews(memory.sight)) return;
  const about: About = { work: "review", key: "review", target: "" };
  ask(state, "reviews", about, (contextAt) => reviewAll(state, state.follow, contextAt));
}

/** Tells the receivers of the settings, in its own time; what it fails at is only logged and tried again. */
function tellFailure(state: State, about: About, error: unknown): void {
  const { tools, commands, clones, queue } = state;
  const { memory, log } = tools;
  const { settings } = memory;
  if (!settings) return;
  const text = error instanceof Error ? error.message : String(error);
  const { key, target } = about;
  const id = `failure ${key} ${memory.sight?.refs.tip} ${steadyWords(text)}`;
  const fact: Fact = { event: "failure", id, target, title: `Rolebook fails: ${key}`, text };
  const run = async () => {
    try {
      const { repository } = await clones.open("news");
      await commands.notify(contextOf(tools, repository.root, { key }), repository, settings, [fact]);
    } catch (cause) {
      log.warn({ err: cause, key }, "news could not be told");
      throw cause;
    }
  };
  queue.ask({ key: `news of ${key}`, lane: "news", run });
}
