// `rolebook review status`: how campaigns stand, shown to whoever asks and kept on their pull requests: one comment, one check. It
// holds no writer of a platform and decides nothing.
import { buildCampaignCheck, renderCampaignComment } from "../report/campaign-comment.ts";
import { renderCampaignsJson } from "../report/campaign-json.ts";
import { renderCampaignsText } from "../report/campaign-text.ts";
import { reviewMarker } from "../report/review-pull.ts";
import { type Campaign, type CampaignOptions, type CampaignsGround, openCampaigns } from "./campaign-ground.ts";
import { type LookedAtCampaign, lookAtCampaign, lookAtCampaigns } from "./campaign-report.ts";
import { type Context, EXIT, type ExitCode, worstExit } from "./context.ts";
import { keepCheck, keepComment } from "./host.ts";
import { emit } from "./output.ts";
import { openProposing, type ProposingHost } from "./proposing.ts";
import { hasErrors } from "./workspace.ts";

export interface StatusOptions extends CampaignOptions {
  readonly format: "human" | "json";
  readonly output?: string;
  /** Tell nothing on the pull requests. */
  readonly quiet: boolean;
}

/** Runs `review status`. Exit 0: everything is decided; 2: something is missing; 1: an error stands against it. */
export async function runStatus(context: Context, name: string | undefined, options: StatusOptions): Promise<ExitCode> {
  const { format, output } = options;
  const { looks } = await readStatus(context, name, options);
  const reports = looks.map(({ report }) => report);
  const color = context.terminal.color && output === undefined;
  emit(context, output, [
    format === "json"
      ? renderCampaignsJson(reports)
      : renderCampaignsText(reports, { color, width: context.terminal.width }),
  ]);
  return worstExit(looks.map(exitOf));
}

/** Looks at the campaigns that are not over, or the one of this name, and tells it on their pull requests unless it shall be quiet. */
export async function readStatus(
  context: Context,
  name: string | undefined,
  options: CampaignOptions & { readonly quiet: boolean },
): Promise<{ readonly host: ProposingHost; readonly looks: readonly LookedAtCampaign[] }> {
  const host = await openProposing(context);
  const ground = await openCampaigns(context, host, options);
  const looks = await lookAtCampaigns(context, ground, name, options);
  if (!options.quiet) for (const look of looks) await tellStatus(host, look);
  return { host, looks };
}

/** Tells on its pull request that a campaign is over, for the last time that anybody looks at it. */
export async function tellClosed(
  context: Context,
  ground: CampaignsGround,
  campaign: Campaign,
  options: CampaignOptions,
): Promise<void> {
  const look = await lookAtCampaign(context, ground, campaign, options);
  await tellStatus(ground.host, { ...look, report: { ...look.report, state: "closed" } });
}

/** Keeps the comment and, while people decide, the check at the commit that was read. */
async function tellStatus({ reader, writer }: ProposingHost, { report, files }: LookedAtCampaign): Promise<void> {
  const { pull, state, commit, id } = report;
  if (!pull || state === "abandoned") return;
  await keepComment(reader, writer, pull.number, reviewMarker("status", id), renderCampaignComment(report));
  if (state === "deciding" && commit !== null)
    await keepCheck(reader, writer, buildCampaignCheck(report, commit, files));
}

function exitOf({ report: { state, findings, undecided } }: LookedAtCampaign): ExitCode {
  if (state === "closing" || state === "closed" || state === "abandoned") return EXIT.done;
  if (hasErrors(findings)) return EXIT.refused;
  return undecided > 0 || state === "unopened" ? EXIT.changes : EXIT.done;
}
