// `rolebook review start` at the terminal: what became of each campaign, and the exit code. Decides nothing.
import { escapeTerminal, MESSAGE_LENGTH } from "../report/escape.ts";
import { counted } from "../report/phrase.ts";
import { type Context, EXIT, type ExitCode, UsageError, worstExit } from "./context.ts";
import { emit } from "./output.ts";
import { type StartOptions, type StartOutcome, startDue, startReview } from "./review-start.ts";
import { showFindings } from "./show-findings.ts";

export interface StartCommandOptions extends StartOptions {
  readonly format: string;
  readonly output?: string;
  /** Every campaign whose day it is. */
  readonly due: boolean;
}

/** Runs `review start`. Exit 1 when a campaign cannot begin. */
export async function runStart(
  context: Context,
  name: string | undefined,
  options: StartCommandOptions,
): Promise<ExitCode> {
  if (options.format !== "human")
    throw new UsageError(`review start has no ${options.format}`, "`rolebook review status --format json` tells more.");
  if ((name !== undefined) === options.due)
    throw new UsageError(
      options.due ? "review start takes a name or --due, and not both" : "review start needs a review's name",
      "`rolebook review start quarterly` begins one, `rolebook review start --due` all whose day it is.",
    );
  const outcomes = name === undefined ? await startDue(context, options) : [await startReview(context, name, options)];
  const lines = outcomes.map(lineOf);
  emit(context, options.output, lines.length === 0 ? ["No campaign begins now.\n"] : lines);
  const found = outcomes.flatMap(({ findings }) => findings);
  if (found.length > 0) showFindings({ ...context, out: context.err }, found, { strict: false, format: "human" });
  return worstExit(outcomes.map(({ state }) => (state === "refused" ? EXIT.refused : EXIT.done)));
}

function lineOf(outcome: StartOutcome): string {
  const { id, due, entries, reviewers, url } = outcome;
  const what = `${counted(entries, "entry", "entries")} for ${counted(reviewers, "reviewer")}, until ${due}`;
  return `${id}: ${describeState(outcome, what)}${url === null ? "" : ` ${escapeTerminal(url, MESSAGE_LENGTH)}`}\n`;
}

function describeState({ state, pull }: StartOutcome, what: string): string {
  switch (state) {
    case "opened":
      return `${what}. Pull request #${pull} is open.`;
    case "there":
      return `${what}. Pull request #${pull} was open already.`;
    case "merged":
      return `pull request #${pull} is merged; \`rolebook review close\` goes on.`;
    case "closed":
      return `pull request #${pull} was closed without a merge, so this campaign is over.`;
    case "empty":
      return "nobody holds anything that it is about.";
    case "refused":
      return "not begun.";
    default:
      return state satisfies never;
  }
}
