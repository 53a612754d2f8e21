// When the controller looks by itself: three cron jobs that follow the settings. A pattern that is none leaves its job as it was.
import { Cron } from "croner";
import type { Schedule } from "../model/settings.ts";

/** Until the settings are read. */
const FIRST_SCHEDULE: ClockSchedule = { poll: "*/2 * * * *", drift: "7 * * * *", remind: "0 7 * * *" };

const NAMES = ["poll", "drift", "remind"] as const;

/** The settings' schedule, and when reviewers are reminded. */
export type ClockSchedule = Schedule & { readonly remind: string };

export interface Clocks {
  /** Goes by this schedule from now on. */
  readonly follow: (schedule: ClockSchedule) => void;
  readonly next: () => { readonly look: Date | null; readonly drift: Date | null };
  readonly stop: () => void;
}

/** Starts all; they keep the process alive until they are stopped. */
export function openClocks(
  work: Readonly<Record<(typeof NAMES)[number], () => void>>,
  wrong: (pattern: string, error: unknown) => void,
): Clocks {
  const start = (pattern: string, run: () => void) => new Cron(pattern, { timezone: "UTC" }, run);
  const first = (name: (typeof NAMES)[number]) => start(FIRST_SCHEDULE[name], work[name]);
  const jobs = { poll: first("poll"), drift: first("drift"), remind: first("remind") };
  const asked = { ...FIRST_SCHEDULE };
  let stopped = false;
  return {
    follow: (schedule) => {
      // A look that was under way at the end may still come with settings.
      if (stopped) return;
      for (const name of NAMES) {
        if (asked[name] === schedule[name]) continue;
        asked[name] = schedule[name];
        try {
          const fresh = start(schedule[name], work[name]);
          jobs[name].stop();
          jobs[name] = fresh;
        } catch (error) {
          wrong(schedule[name], error);
        }
      }
    },
    next: () => ({ look: jobs.poll.nextRun(), drift: jobs.drift.nextRun() }),
    stop: () => {
      stopped = true;
      for (const name of NAMES) jobs[name].stop();
    },
  };
}
