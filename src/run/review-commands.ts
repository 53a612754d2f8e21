// `rolebook review` and its options: the report, and what is done with campaigns. What an action does is loaded when it is called for.
import { Argument, type Command, Option } from "commander";
import { type Context, DEFAULT_POLICIES, type ExitCode } from "./context.ts";
import { parseInstant } from "./instant.ts";
import { chooseForms, REVIEW_FORMATS, type ReviewForm } from "./review-forms.ts";

/** What `review` can do; the first one if nothing is said. */
const ACTIONS = ["report", "start", "status", "remind", "close", "verify"] as const;

export type ReviewAction = (typeof ACTIONS)[number];

type Choose = (run: (context: Context) => Promise<ExitCode>) => void;

/** Adds `review [action] [name]`. */
export function addReviewing(program: Command, choose: Choose): void {
  program
    .command("review")
    .description("who holds what, through what and since when; and the campaigns in which people decide on it")
    .addArgument(new Argument("[action]", "what to do").choices(ACTIONS).default(ACTIONS[0]))
    .argument("[name]", "a review's name or a campaign's id")
    .addOption(
      new Option(
        "--target <name>",
        "only this target (may be repeated); all targets of the settings without it",
      ).argParser((name: string, before?: string) => (before === undefined ? name : `${before},${name}`)),
    )
    .option("--policies <dir>", "the policy folder", DEFAULT_POLICIES)
    .addOption(
      new Option(
        "--format <format>",
        "how to show the report; human without it, in files by their ending (.html .md .csv .json .txt)",
      ).choices(REVIEW_FORMATS),
    )
    .addOption(
      new Option(
        "--output <path>",
        "a file for the report (may be repeated: each has the format of its ending), or for what another action says; with close a new or empty folder for the evidence",
      )
        .argParser((path: string, before: readonly string[]) => [...before, path])
        .default([], "none"),
    )
    .option("--files", "report what the files say; no platform is asked", false)
    .addOption(
      new Option("--at <moment>", "report what was applied then: a date, an instant or a commit").conflicts("files"),
    )
    .addOption(
      new Option("--now <instant>", "judge ends and ages as of this instant (ISO 8601)").argParser(parseInstant),
    )
    .option("--due", "start: every campaign whose day it is", false)
    .option("--quiet", "status: tell nothing on the pull request", false)
    .option("--full", "fold nothing", false)
    .option("--offline", "do not fetch from the Git remote", false)
    .action((action: ReviewAction, name: string | undefined, { output, ...options }, command: Command) => {
      const forms = formsOf(action, options.format, output);
      if (typeof forms === "string") command.error(`error: ${forms}`);
      else
        choose(async (context) =>
          (await import("./review.ts")).runReview(context, action, name, { ...options, forms }),
        );
    });
}

/** The report has many forms, everything else one: an ending says nothing of what is told in one way only. */
function formsOf(
  action: ReviewAction,
  format: ReviewForm["format"] | undefined,
  outputs: readonly string[],
): readonly ReviewForm[] | string {
  if (action === "report") return chooseForms(format, outputs);
  return outputs.length > 1 ? `review ${action} has one --output` : chooseForms(format ?? "human", outputs);
}
