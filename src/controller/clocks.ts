// When the controller looks by itself: two cron jobs that follow the settings. A pattern that is none leaves its job as it was.
import { Cron } from "croner";
import type { Schedule } from "../model/settings.ts";

/** Until the settings are read. */
const FIRST_SCHEDULE: Schedule = { poll: "*/2 * * * *", drift: "7 * * * *" };

export interface Clocks {
  /** Goes by this schedule from now on. */
  readonly follow: (schedule: Schedule) => void;
  readonly next: () => { readonly look: Date | null; readonly drift: Date | null };
  readonly stop: () => void;
}

/** Starts both; they keep the process alive until they are stopped. */
export function openClocks(
  work: { readonly poll: () => void; readonly drift: () => void },
  wrong: (pattern: string, error: unknown) => void,
): Clocks {
  const start = (pattern: string, run: () => void) => new Cron(pattern, { timezone: "UTC" }, run);
  const jobs = { poll: start(FIRST_SCHEDULE.poll, work.poll), drift: start(FIRST_SCHEDULE.drift, work.drift) };
  const asked = { ...FIRST_SCHEDULE };
  let stopped = false;
  return {
    follow: (schedule) => {
      // A look that was under way at the end may still come with settings.
      if (stopped) return;
      for (const name of ["poll", "drift"] as const) {
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
      jobs.poll.stop();
      jobs.drift.stop();
    },
  };
}
