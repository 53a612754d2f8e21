// Progress of long work, on standard error and only at a terminal. Elsewhere it does nothing at all.
import type { Progress } from "../model/driver.ts";
import type { Context } from "./context.ts";

export interface ProgressBar {
  readonly update: Progress;
  readonly stop: () => void;
}

/** Work that ends sooner than this shows no bar. */
const QUIET_MS = 300;

/** A bar that appears when work takes a moment. `update` may be called as often as one likes. */
export function openProgress(context: Context, label: string): ProgressBar {
  if (!context.terminal.stderr) return { update: () => {}, stop: () => {} };
  let bar: { update: (done: number, total: number) => void; stop: () => void } | undefined;
  let latest: readonly [number, number | undefined] = [0, undefined];
  let stopped = false;
  const timer = setTimeout(async () => {
    const { default: progress } = await import("cli-progress");
    if (stopped) return;
    const single = new progress.SingleBar(
      {
        format: `${label} {bar} {value}/{total}`,
        hideCursor: true,
        clearOnComplete: true,
        stopOnComplete: false,
        stream: process.stderr,
      },
      progress.Presets.shades_classic,
    );
    // Of nothing yet it would be drawn full.
    single.start(Math.max(latest[1] ?? latest[0], 1), latest[0]);
    bar = {
      update: (done, total) => {
        single.setTotal(Math.max(total, done, 1));
        single.update(done);
      },
      stop: () => single.stop(),
    };
    bar.update(latest[0], latest[1] ?? latest[0]);
  }, QUIET_MS);
  timer.unref();
  return {
    update: (done, total) => {
      latest = [done, total];
      bar?.update(done, total ?? done);
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
      bar?.stop();
    },
  };
}
