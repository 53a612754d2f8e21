// Makes approved changes, phase after phase, and says of every one what came of it. Stops taking things
// away, and makes nothing that somebody's access hangs on, as soon as anything before it failed: so nobody is left with less
// than the plan gives them.
import { type Change, takesAway } from "../model/change.ts";
import type { Progress, Writer } from "../model/driver.ts";
import type { State } from "../model/entity.ts";
import type { Outcome } from "../model/receipt.ts";
import { splitPhases } from "../plan/order.ts";

/** Changes handed to the writer at once: between two such slices an apply can stop cleanly. */
const SLICE = 2000;

export interface WriteOptions {
  readonly live: State;
  /** Called before changes are handed to the writer, and must not return before that is on disk. */
  readonly intend: (changes: readonly Change[]) => void;
  readonly note: (outcome: Outcome) => void;
  readonly stopping: () => boolean;
  readonly progress?: Progress;
}

/** Writes the changes and returns one outcome each. Does not throw for what the platform does. */
export async function writeChanges(
  writer: Writer,
  changes: readonly Change[],
  options: WriteOptions,
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  let troubled = false;
  const record = (outcome: Outcome) => {
    outcomes.push(outcome);
    if (outcome.status === "failed" || outcome.status === "conflict") troubled = true;
    options.note(outcome);
    options.progress?.(outcomes.length, changes.length);
  };
  for (const slice of slicesOf(changes)) {
    const held = (change: Change): string | undefined => {
      if (options.stopping()) return "the apply was told to stop";
      if (!troubled) return undefined;
      if (takesAway(change)) return "an earlier change did not succeed, so nothing more is taken away";
      return change.guarded
        ? "an earlier change did not succeed, and without it this one could lock somebody out"
        : undefined;
    };
    const ready: Change[] = [];
    for (const change of slice) {
      const cause = held(change);
      if (cause === undefined) ready.push(change);
      else record({ change: change.id, status: "skipped", cause });
    }
    if (ready.length === 0) continue;
    options.intend(ready);
    await writer.write(ready, options.live, record);
  }
  return outcomes;
}

function* slicesOf(changes: readonly Change[]): Iterable<Change[]> {
  for (const phase of splitPhases(changes))
    for (let start = 0; start < phase.length; start += SLICE) yield phase.slice(start, start + SLICE);
}
