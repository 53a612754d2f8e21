// One run of one command: an id that everything it says carries, a context whose words go to the log, its time and its end counted.
import { randomUUID } from "node:crypto";
import type { RunResult, Work } from "../model/status.ts";
import type { Context } from "../run/context.ts";
import { type Log, withoutSecrets } from "./log.ts";
import { type Memory, rememberError } from "./memory.ts";
import type { Metrics } from "./metrics.ts";

export interface RunTools {
  /** Of the process. */
  readonly context: Context;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly memory: Memory;
  readonly stop: Stop;
  readonly secrets: () => readonly string[];
}

export interface About {
  readonly work: Work;
  /** As in the queue. */
  readonly key: string;
  /** Empty for work on no one target. */
  readonly target: string;
}

/** Tells those who are in the middle of something that the end is wanted. */
export interface Stop {
  readonly asked: () => boolean;
  readonly ask: () => void;
  /** As `Context.onStop`; told soon when the end is wanted already. */
  readonly onStop: Context["onStop"];
}

export function openStop(): Stop {
  const handlers = new Set<() => void>();
  let asked = false;
  return {
    asked: () => asked,
    ask: () => {
      asked = true;
      for (const handler of [...handlers]) handler();
      handlers.clear();
    },
    onStop: (handler) => {
      handlers.add(handler);
      // Not at once: whoever asks to be told has not got its answer yet.
      if (asked) queueMicrotask(() => handlers.delete(handler) && handler());
      return () => handlers.delete(handler);
    },
  };
}

/** A context in which commands speak to the log, nobody is asked, and a stop reaches them. */
export function contextOf({ context, log, stop }: RunTools, cwd: string, fields: object): Context {
  const said = log.child(fields);
  const speak = (level: "info" | "debug") => (text: string) => {
    for (const line of text.split("\n")) if (line.trim() !== "") said[level](line.trim());
  };
  return {
    ...context,
    cwd,
    out: speak("debug"),
    err: speak("info"),
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 120 },
    ask: async () => false,
    onStop: stop.onStop,
  };
}

/** Runs, counts and records. Throws what the work throws, so that the queue tries again. */
export async function runOnce(
  tools: RunTools,
  about: About,
  work: (contextAt: (cwd: string) => Context) => Promise<RunResult>,
): Promise<void> {
  const { context, log, metrics, memory, secrets } = tools;
  const run = randomUUID();
  const fields = { run, work: about.work, ...(about.target === "" ? {} : { target: about.target }), key: about.key };
  const started = context.now();
  let result: RunResult = "failed";
  log[about.work === "look" ? "debug" : "info"](fields, "begins");
  try {
    result = await work((cwd) => contextOf(tools, cwd, fields));
  } catch (error) {
    const message = withoutSecrets(error instanceof Error ? error.message : String(error), secrets());
    rememberError(memory, { at: context.now().toISOString(), key: about.key, run, message });
    log.error({ ...fields, err: error }, "failed");
    throw error;
  } finally {
    const ended = context.now();
    const seconds = Math.max(0, ended.getTime() - started.getTime()) / 1000;
    metrics.ran(about.work, about.target, result, seconds, ended);
    if (result !== "failed") log[about.work === "look" ? "debug" : "info"]({ ...fields, result, seconds }, "ended");
  }
}
