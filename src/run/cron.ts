// Cron expressions that are none or never come, as findings at their place. Only looks at them: `freeze.ts` and the controller run by them.
import { Cron } from "croner";
import { type PolicyDocument, placeOf } from "../model/document.ts";
import type { Finding, Place } from "../model/finding.ts";
import type { Settings } from "../model/settings.ts";

/** What is wrong with the cron expressions of settings. `document` is what they were read from. */
export function checkCron({ targets, schedule, reviews }: Settings, document: PolicyDocument): Finding[] {
  return unreadable([
    ...targets.flatMap(({ freeze }) => freeze),
    // A day that never comes is how these are switched off.
    ...(["poll", "drift"] as const).map((part) => ({
      cron: schedule[part],
      place: placeOf(document, ["schedule", part]),
      mayNever: true,
    })),
    { cron: reviews.remind, place: placeOf(document, ["reviews", "remind"]), mayNever: true },
  ]);
}

interface AskedCron {
  readonly cron?: string;
  readonly place: Place;
  /** Whether it is meant where it never comes. */
  readonly mayNever?: boolean;
}

/** What is wrong with cron expressions, each at its place: what cannot be read, and what never comes. */
export function unreadable(asked: readonly AskedCron[]): Finding[] {
  return asked.flatMap(({ cron, place, mayNever = false }): Finding[] => {
    const message = cron === undefined ? undefined : mistakeIn(cron, mayNever);
    if (message === undefined) return [];
    const hint = "Write minute, hour, day of the month, month and day of the week, as in 0 16 * * 5.";
    return [{ severity: "error", code: "invalid-cron", message, place, hint }];
  });
}

/** What never came by then never comes: the clock of whoever looks makes no difference. */
const BEFORE_ALL = new Date(Date.UTC(2000, 0, 1));

function mistakeIn(cron: string, mayNever: boolean): string | undefined {
  const shown = JSON.stringify(cron);
  try {
    const first = new Cron(cron, { timezone: "UTC", paused: true }).nextRun(BEFORE_ALL);
    return first === null && !mayNever ? `${shown} never comes: no day of the calendar fits it` : undefined;
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).replace(/^Cron\w*: /, "");
    return `${shown} is no cron expression: ${why}`;
  }
}
