// Findings on their way out, and the exit code they stand for.
import { countsAgainst, type Finding, sortFindings } from "../model/finding.ts";
import { type FindingsFormat, renderFindings } from "../report/findings.ts";
import { type Context, EXIT, type ExitCode, type JudgingOptions } from "./context.ts";
import { emit } from "./output.ts";

/** Shows findings as the command's result. Exit 1 for any error, or with `strict` any warning; a note never counts. */
export function showFindings(
  context: Context,
  findings: readonly Finding[],
  options: Pick<JudgingOptions, "output" | "strict"> & { readonly format: FindingsFormat },
): ExitCode {
  const sorted = sortFindings(findings);
  const { color, width } = context.terminal;
  const rendering = {
    color: color && options.output === undefined,
    width,
    strict: options.strict,
    version: context.version,
  };
  emit(context, options.output, [renderFindings(sorted, options.format, rendering)]);
  return countsAgainst(sorted, options.strict) ? EXIT.refused : EXIT.done;
}
