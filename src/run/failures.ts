// What failed for one of several targets: told at the end with its name, when everything else is told. What is no failure of the
// world but a bug is never kept back.
import { type Context, EXIT, type ExitCode, worstExit } from "./context.ts";
import { isExpected } from "./expected.ts";

/** That nothing could be said or done of a target, and why. */
export interface Failure {
  readonly target: string;
  readonly error: Error;
}

/** Runs something for one target. Its failure becomes a value; a bug is thrown on. */
export async function attempt<T>(target: string, run: () => Promise<T>): Promise<T | Failure> {
  try {
    return await run();
  } catch (error) {
    if (!isExpected(error)) throw error;
    return { target, error };
  }
}

/** Whether it is what `attempt` makes of a failure. */
export function isFailure(result: unknown): result is Failure {
  return typeof result === "object" && result !== null && "error" in result && result.error instanceof Error;
}

/** Says what failed, after all results. `asked` is how many targets the command is about: of one alone, the failure is the command's own and thrown. */
export function tellFailures(context: Context, failures: readonly Failure[], asked: number): void {
  const [first] = failures;
  if (first && asked === 1) throw first.error;
  for (const { target, error } of failures) {
    const hint = "hint" in error && typeof error.hint === "string" ? `${error.hint}\n` : "";
    context.err(`${target}: ${error.message}${/[.!?]$/.test(error.message) ? "" : "."}\n${hint}`);
  }
  if (first && asked > failures.length)
    context.err(`${failures.length} of ${asked} targets failed; what is said of the others is complete.\n`);
}

/** The worst of the exit codes; a failure counts as one that refuses. */
export function exitWith(codes: readonly ExitCode[], failures: readonly Failure[]): ExitCode {
  return worstExit(failures.length > 0 ? [...codes, EXIT.refused] : codes);
}
