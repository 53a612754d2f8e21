// What is to be done, each thing once however often it is asked for. Two items of one lane never run at the same time, and an item
// that is asked for while it runs is run once more afterwards. Kept in memory only: whoever starts anew looks and asks again.
//
// Why no package: what there is either has no keys (p-limit, p-queue) or keeps its jobs in a database, and this one must do without.
import { compareText } from "../model/finding.ts";

/** The time and the dice of a queue. */
export interface Clock {
  /** Milliseconds. */
  readonly now: () => number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Calls back once after so many milliseconds; the result takes that back. */
  readonly after: (ms: number, callback: () => void) => () => void;
}

export interface Item {
  /** What it is: asking for what is waiting already adds nothing. */
  readonly key: string;
  /** Items of one lane run one after the other. */
  readonly lane: string;
  /** Throws when it must be tried again. */
  readonly run: () => Promise<void>;
}

export interface Waiting {
  readonly key: string;
  readonly state: "waiting" | "running";
  /** When it is due, or when it was started; by the queue's clock. */
  readonly at: number;
  readonly failures: number;
}

export interface Queue {
  /** Asks for an item, now. What failed and waits for its next try goes on waiting when `patient`. */
  readonly ask: (item: Item, how?: { readonly patient?: boolean }) => void;
  /** What waits is not run any more; what runs is not run again. */
  readonly forget: (key: string) => void;
  /** Everything that waits or runs, by key. */
  readonly view: () => readonly Waiting[];
  /** Starts nothing more. Resolves when everything that runs has ended. */
  readonly stop: () => Promise<void>;
}

export interface QueueOptions {
  readonly clock: Clock;
  /** Items that may run at the same time. */
  readonly most: number;
}

/** The first wait after a failure; it doubles with every further one. */
export const FIRST_WAIT_MS = 2_000;
/** The longest wait. Short enough that what mends itself is noticed within a coffee break. */
export const LONGEST_WAIT_MS = 10 * 60_000;

interface Entry {
  item: Item;
  state: "waiting" | "running";
  at: number;
  failures: number;
  /** Asked for while it ran, and whether that may wait if the run fails. */
  again: "no" | "patiently" | "now";
  /** Nobody wants it any more. */
  forgotten: boolean;
  /** Who asked first goes first. */
  order: number;
}

/** How long to wait after so many failures in a row: half of it for certain, the rest by the dice, so that failures do not march in step. */
export function waitAfter(failures: number, random: number): number {
  const full = Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 30), LONGEST_WAIT_MS);
  return full / 2 + (full / 2) * random;
}

interface State extends QueueOptions {
  readonly entries: Map<string, Entry>;
  order: number;
  /** Takes back the timer of what is not due yet. */
  cancel: () => void;
  /** Somebody waits for the end. */
  stopped: (() => void) | undefined;
}

export function createQueue(options: QueueOptions): Queue {
  const state: State = { ...options, entries: new Map(), order: 0, cancel: () => {}, stopped: undefined };
  const { entries } = state;
  return {
    ask: (item, { patient = false } = {}) => ask(state, item, patient),
    forget: (key) => {
      const known = entries.get(key);
      if (known?.state === "waiting") entries.delete(key);
      else if (known) {
        known.forgotten = true;
        known.again = "no";
      }
    },
    view: () =>
      [...entries.values()]
        .map(({ item, state, at, failures }) => ({ key: item.key, state, at, failures }))
        .sort((left, right) => compareText(left.key, right.key)),
    stop: () =>
      new Promise<void>((resolve) => {
        state.stopped = resolve;
        advance(state);
      }),
  };
}

function ask(state: State, item: Item, patient: boolean): void {
  const now = state.clock.now();
  const known = state.entries.get(item.key);
  if (!known) {
    const fresh = { state: "waiting", failures: 0, again: "no", forgotten: false } as const;
    state.entries.set(item.key, { item, ...fresh, at: now, order: state.order++ });
  } else {
    known.item = item;
    known.forgotten = false;
    if (known.state === "running") known.again = patient && known.again !== "now" ? "patiently" : "now";
    else if (!patient || known.failures === 0) known.at = Math.min(known.at, now);
  }
  advance(state);
}

/** Starts what is due and may start, and sets the timer for what is not due yet. */
function advance(state: State): void {
  const { entries, clock, most, stopped } = state;
  state.cancel();
  state.cancel = () => {};
  const running = [...entries.values()].filter((entry) => entry.state === "running");
  if (stopped) {
    if (running.length === 0) stopped();
    return;
  }
  const now = clock.now();
  const busy = new Set(running.map(({ item }) => item.lane));
  const waiting = [...entries.values()].filter((entry) => entry.state === "waiting");
  waiting.sort((left, right) => left.at - right.at || left.order - right.order);
  for (const entry of waiting) {
    if (entry.at > now || busy.size >= most) break;
    if (busy.has(entry.item.lane)) continue;
    busy.add(entry.item.lane);
    void start(state, entry);
  }
  // What is due waits for a lane or for room, and the end of a run brings it here again.
  const next = waiting.find(({ at }) => at > now);
  if (next) state.cancel = clock.after(next.at - now, () => advance(state));
}

async function start(state: State, entry: Entry): Promise<void> {
  entry.state = "running";
  entry.at = state.clock.now();
  entry.again = "no";
  // Not at once: what it does first may be to ask for something, and nobody is asked in the middle of starting.
  const failed = await Promise.resolve()
    .then(() => entry.item.run())
    .then(
      () => false,
      () => true,
    );
  follow(state, entry, failed);
  advance(state);
}

/** What becomes of an item whose run has ended. */
function follow(state: State, entry: Entry, failed: boolean): void {
  const { clock, entries } = state;
  entry.failures = failed ? entry.failures + 1 : 0;
  if (entry.forgotten || (!failed && entry.again === "no")) {
    entries.delete(entry.item.key);
    return;
  }
  const wait = failed && entry.again !== "now" ? waitAfter(entry.failures, clock.random()) : 0;
  entry.state = "waiting";
  entry.at = clock.now() + wait;
  entry.order = state.order++;
}
