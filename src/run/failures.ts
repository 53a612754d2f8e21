// What failed for one of several targets: told at the end with its name, when everything else is told. A bug is told at the end as
// well, as a bug: it is never passed off as the world's failure.
import { type Context, EXIT, type ExitCode, worstExit } from "./context.ts";
import { isExpected } from "./expected.ts";

/** That nothing could be said or done of a target, and why. */
export interface Failure {
  readonly target: string;
  readonly error: Error;
}

/** Runs something for one target; its failure becomes a value. */
export async function attempt<T>(target: string, run: () => Promise<T>): Promise<T | Failure> {
  try {
    return await run();
  } catch (error) {
    return { target, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Whether it is what `attempt` makes of a failure. */
export function isFailure(result: unknown): result is Failure {
  return typeof result === "object" && result !== null && "error" in result && result.error instanceof Error;
}

/**
 * Says what failed, after all results. Where only one target was `asked` about, its failure is the command's own and thrown, and
 * so is a bug.
 */
export function tellFailures(context: Context, failures: readonly Failure[], asked: number): void {
  const [first] = failures;
  if (!first) return;
  if (asked === 1) throw first.error;
  for (const { target, error } of failures) {
    if (!isExpected(error)) continue;
    const hint = "hint" in error && typeof error.hint === "string" ? `${error.hint}\n` : "";
    context.err(`${target}: ${error.message}${/[.!?]$/.test(error.message) ? "" : "."}\n${hint}`);
  }
  const bug = failures.find(({ error }) => !isExpected(error));
  if (bug) throw bug.error;
  if (asked > failures.length)
    context.err(`${failures.length} of ${asked} targets failed; what is said of the others is complete.\n`);
}

/** The worst of the exit codes; a failure counts as one that refuses. */
export function exitWith(codes: readonly ExitCode[], failures: readonly Failure[]): ExitCode {
  return worstExit(failures.length > 0 ? [...codes, EXIT.refused] : codes);
}
