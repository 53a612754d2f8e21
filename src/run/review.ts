// `rolebook review`: the report of who holds what, and what is done with campaigns. Nothing here or below it can open a Writer of a
// platform.
import type { ReviewReport } from "../model/review.ts";
import { type Context, EXIT, type ExitCode, UsageError } from "./context.ts";
import { exitWith, tellFailures } from "./failures.ts";
import { emit } from "./output.ts";
import type { ReviewAction } from "./review-commands.ts";
import type { ReviewForm } from "./review-forms.ts";
import { type ReviewGroundOptions, readReview } from "./review-ground.ts";
import { showFindings } from "./show-findings.ts";
import { hasErrors, type Workspace } from "./workspace.ts";

export interface ReviewOptions extends ReviewGroundOptions {
  /** What is to be written; one, but for the report. */
  readonly forms: readonly ReviewForm[];
  /** Fold nothing. */
  readonly full: boolean;
  /** Begin every campaign whose day it is. */
  readonly due: boolean;
  /** Tell nothing on pull requests. */
  readonly quiet: boolean;
}

/** Runs `review`. */
export async function runReview(
  context: Context,
  action: ReviewAction,
  name: string | undefined,
  options: ReviewOptions,
): Promise<ExitCode> {
  const [form = { format: "human" }] = options.forms;
  const shown = { ...options, ...form };
  demandFitting(action, options);
  switch (action) {
    case "report":
      return runReport(context, name, options);
    case "start":
      return (await import("./review-start-command.ts")).runStart(context, name, shown);
    case "status":
      return (await import("./review-status.ts")).runStatus(context, name, { ...shown, format: plainFormat(form) });
    case "remind":
      return (await import("./review-remind.ts")).runRemind(context, name, shown);
    case "close":
      return (await import("./review-close.ts")).runClose(context, name, { ...shown, format: plainFormat(form) });
    case "verify":
      return (await import("./review-verify.ts")).runVerify(context, name, { ...shown, format: plainFormat(form) });
    default:
      return action satisfies never;
  }
}

/** An option that an action does not have is not passed over: whoever said it means something by it. */
function demandFitting(action: ReviewAction, { files, at, due, quiet, target }: ReviewOptions): void {
  const said: readonly (readonly [said: boolean, option: string, of: ReviewAction])[] = [
    [files, "--files", "report"],
    [at !== undefined, "--at", "report"],
    [target !== undefined, "--target", "report"],
    [due, "--due", "start"],
    [quiet, "--quiet", "status"],
  ];
  const unfit = said.find(([isSaid, , of]) => isSaid && of !== action);
  if (!unfit) return;
  const [, option, of] = unfit;
  const hint =
    option === "--target"
      ? "A campaign is about what its definition says: name targets in its scope."
      : `rolebook review ${of} has it.`;
  throw new UsageError(`review ${action} has no ${option}`, hint);
}

/** Exit 1 when a target cannot be read, or what was read is not whole. Everything that is written is of one and the same reading. */
async function runReport(context: Context, name: string | undefined, options: ReviewOptions): Promise<ExitCode> {
  if (name !== undefined) throw new UsageError("review report takes no name", "A target is named with --target NAME.");
  const { workspace, report, targets, failures, asked } = await readReview(context, options);
  // No file takes them: whoever asked for a page or for columns would not find what the name says.
  if (asked === 0) return showFindings(context, workspace.policies.findings, { strict: true, format: "human" });
  if (targets.length > 0)
    for (const form of options.forms)
      emit(context, form.output, await renderReview(context, workspace, report, { ...form, full: options.full }));
  tellFailures(context, failures, asked);
  return exitWith([hasErrors(report.findings) ? EXIT.refused : EXIT.done], failures);
}

async function renderReview(
  { terminal }: Context,
  workspace: Workspace,
  report: ReviewReport,
  { format, full, output }: ReviewForm & Pick<ReviewOptions, "full">,
): Promise<Iterable<string>> {
  switch (format) {
    case "human":
      return (await import("../report/review-text.ts")).renderReviewText(report, {
        color: terminal.color && output === undefined,
        width: terminal.width,
        full,
      });
    case "html": {
      const { SCRIPT, STYLE } = await import("../generated/review-page.ts");
      const { renderReviewHtml } = await import("../report/review-html.tsx");
      return renderReviewHtml(report, { script: SCRIPT, style: STYLE });
    }
    case "markdown":
      return (await import("../report/review-markdown.ts")).renderReviewMarkdown(report);
    case "csv": {
      const { readReviewedCampaigns } = await import("./review-decisions.ts");
      const begun = (await readReviewedCampaigns(workspace)).filter(({ start }) => start.startedAt <= report.at);
      return (await import("../report/review-csv.ts")).renderReviewCsv(report, { campaigns: begun });
    }
    case "json":
      return (await import("../report/review-json.ts")).renderReviewJson(report);
    default:
      return format satisfies never;
  }
}

/** What has no columns is for people or for programs. */
function plainFormat({ format }: ReviewForm): "human" | "json" {
  if (format === "human" || format === "json") return format;
  throw new UsageError(`There is no ${format} of this`, "Use --format human or json.");
}
