// What a run adds to the page of its workflow run. The page is a courtesy: where it cannot be written, what was done stands all
// the same, and a warning says so.
import { appendFileSync, statSync } from "node:fs";
import type { Context } from "./context.ts";

/** A step's summary holds 1 MiB, and is dropped in silence when it has more. */
const SUMMARY_BYTES = 1_000_000;

/** Adds texts, in a workflow. Each is made for its share of the room that is left, in bytes; one that is longer is left out. */
export function appendToSummary(
  context: Pick<Context, "environment" | "err" | "secrets">,
  texts: readonly ((bytes: number) => string)[],
): void {
  const path = context.environment.GITHUB_STEP_SUMMARY;
  if (path === undefined || path === "") return;
  const warn = (why: string) => context.err(`Warning: the step summary cannot be written: ${why}\n`);
  try {
    let room = SUMMARY_BYTES - (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
    for (const [index, write] of texts.entries()) {
      const whole = write(room / (texts.length - index));
      const text = context.secrets?.strike(whole) ?? whole;
      const size = Buffer.byteLength(text);
      if (size > room) {
        warn("it is full");
        continue;
      }
      room -= size;
      appendFileSync(path, text);
    }
  } catch (error) {
    warn(error instanceof Error ? error.message : String(error));
  }
}
