// Whether a target is frozen: times in which nothing is applied, by its settings. A window that begins by a cron expression is
// so many hours of real time, also where the clocks change within it. It refuses to guess what an expression means.
import { Cron } from "croner";
import type { Freeze, Target } from "../model/settings.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "../report/escape.ts";
import { OperatorError } from "./context.ts";

const HOUR_MS = 3_600_000;

/** Windows that follow each other without a gap are told as one; after so many, that it lasts at least as long. */
const MAX_JOINED = 100;

type Frozen = Pick<Target, "name" | "timeZone" | "freeze">;

/** The window that an instant is in, the first one as the settings list them, or undefined. */
export function frozenBy(target: Frozen, now: Date): Freeze | undefined {
  return target.freeze.find((window) => endAfter(target, window, now) !== undefined);
}

/** When a target that is frozen now will not be any more; undefined when it is not frozen, or for good. */
export function frozenUntil(target: Frozen, now: Date): Date | undefined {
  let end = now;
  for (let joined = 0; joined < MAX_JOINED; joined += 1) {
    const at = end;
    const ends = target.freeze.flatMap((window) => endAfter(target, window, at) ?? []);
    if (ends.length === 0) break;
    const latest = Math.max(...ends.map((date) => date.getTime()));
    if (latest === Number.POSITIVE_INFINITY) return undefined;
    end = new Date(latest);
  }
  return end === now ? undefined : end;
}

/** Why a target may not be written to at an instant, and until when, in words for a terminal; undefined when it may be. */
export function whyFrozen(target: Frozen, now: Date): readonly [reason: string, end: string] | undefined {
  const window = frozenBy(target, now);
  if (!window) return undefined;
  const until = frozenUntil(target, now);
  const end = until ? `It ends at ${until.toISOString()}` : "The settings name no end";
  return [`${target.name} is frozen: ${escapeTerminal(window.reason, MESSAGE_LENGTH)}`, end];
}

/** When a window ends that an instant is in: `Infinity` as a date stands for never. Undefined when the instant is not in it. */
function endAfter(target: Frozen, window: Freeze, now: Date): { readonly getTime: () => number } | undefined {
  if (window.cron === undefined) return endOfSpan(target, window, now);
  const start = lastStart(target, window, now);
  const end = (start?.getTime() ?? Number.NEGATIVE_INFINITY) + (window.hours ?? 0) * HOUR_MS;
  return now.getTime() < end ? new Date(end) : undefined;
}

function endOfSpan(target: Frozen, window: Freeze, now: Date): { readonly getTime: () => number } | undefined {
  const instant = (text: string | undefined, open: number) => {
    const time = text === undefined ? open : Date.parse(text);
    if (Number.isNaN(time)) throw unreadable(target, window, JSON.stringify(text));
    return time;
  };
  const from = instant(window.from, Number.NEGATIVE_INFINITY);
  const until = instant(window.until, Number.POSITIVE_INFINITY);
  return from <= now.getTime() && now.getTime() < until ? { getTime: () => until } : undefined;
}

function lastStart(target: Frozen, window: Freeze, now: Date): Date | undefined {
  try {
    // Runs have whole seconds, and the reference itself is not one of those that are before it.
    const after = new Date(Math.floor(now.getTime() / 1000) * 1000 + 1000);
    return new Cron(window.cron ?? "", { timezone: target.timeZone }).previousRuns(1, after)[0];
  } catch (error) {
    throw unreadable(
      target,
      window,
      `${JSON.stringify(window.cron)}: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** Frozen or not is not known then, and nothing may be applied. */
function unreadable(target: Frozen, { place }: Freeze, what: string): OperatorError {
  return new OperatorError(
    `A freeze window of ${target.name} cannot be read (${place.file}:${place.line}:${place.column}): ${what}`,
    "Nothing is applied until it is put right.",
  );
}
