// `rolebook review remind`: tells those who have not decided, at most once for a day each: recorded on the ledger first, then told. It
// holds no writer of a platform.
//
// Whoever dies between the two has reminded nobody for that day: better than twice.
import { randomUUID } from "node:crypto";
import { claimReminders } from "../git/review-records.ts";
import type { CampaignReport } from "../model/campaign-report.ts";
import { dateIn } from "../model/until.ts";
import { identitiesOf } from "../plan/review/identities.ts";
import { type Reminded, renderReminder } from "../report/campaign-comment.ts";
import { describeCampaign, describeTime, missingOf } from "../report/campaign-words.ts";
import { escapeTerminal } from "../report/escape.ts";
import { type CampaignOptions, type CampaignsGround, openCampaigns } from "./campaign-ground.ts";
import { type LookedAtCampaign, lookAtCampaigns } from "./campaign-report.ts";
import { type Context, EXIT, type ExitCode, UsageError } from "./context.ts";
import { notify } from "./notify.ts";
import { emit } from "./output.ts";
import { openProposing } from "./proposing.ts";

export interface RemindOptions extends CampaignOptions {
  /** The instant that the reminders were due: nobody is told twice for its day (UTC), nor of what began later. Now, if left out. */
  readonly since?: Date;
}

export interface RemindCommandOptions extends RemindOptions {
  readonly format: string;
  readonly output?: string;
}

/** Who was reminded in one campaign. */
export interface RemindOutcome {
  readonly id: string;
  readonly reminded: readonly Reminded[];
  /** How many miss something, reminded now or before. */
  readonly missing: number;
}

/** Runs `review remind`. Exit 0, whoever is missing. */
export async function runRemind(
  context: Context,
  name: string | undefined,
  options: RemindCommandOptions,
): Promise<ExitCode> {
  if (options.format !== "human")
    throw new UsageError(
      `review remind has no ${options.format}`,
      "`rolebook review status --format json` tells more.",
    );
  const outcomes = await remindReviewers(context, name, options);
  emit(context, options.output, outcomes.length === 0 ? ["No campaign is open.\n"] : outcomes.map(lineOf));
  return EXIT.done;
}

/** Reminds in the campaigns whose pull request is open, or in the one of this name. */
export async function remindReviewers(
  context: Context,
  name: string | undefined,
  options: RemindOptions,
): Promise<RemindOutcome[]> {
  const ground = await openCampaigns(context, await openProposing(context), options);
  const outcomes: RemindOutcome[] = [];
  for (const look of await lookAtCampaigns(context, ground, name, options))
    if (look.report.state === "deciding" && beganBy(look, options.since))
      outcomes.push(await remind(context, ground, look, options));
  return outcomes;
}

/** Whoever has just been asked need not be reminded of it because reminders were due this morning. */
function beganBy({ campaign: { start } }: LookedAtCampaign, since: Date | undefined): boolean {
  return since === undefined || new Date(start.startedAt) <= since;
}

async function remind(
  context: Context,
  { host, workspace }: CampaignsGround,
  { report, campaign: { start } }: LookedAtCampaign,
  options: RemindOptions,
): Promise<RemindOutcome> {
  const { id, pull } = report;
  const { settings } = workspace.policies;
  const wanted = whoMisses(report, identitiesOf(settings?.people ?? []).loginOf);
  if (!pull || wanted.length === 0) return { id, reminded: [], missing: wanted.length };
  const at = options.now ?? context.now();
  const day = dateIn(options.since ?? at, "UTC");
  const members = wanted.map(({ member }) => member);
  const won = await claimReminders(host.repository, host.remote, { id, day, reviewers: members, at, by: randomUUID() });
  const reminded = wanted.filter(({ member }) => won.includes(member));
  if (reminded.length > 0) {
    await host.writer.addComment(pull.number, renderReminder(report, reminded));
    const fact = {
      event: "review" as const,
      id: `review ${id} reminds ${day}`,
      target: start.entries[0]?.target ?? "",
      title: `Access review ${id} waits for ${reminded.map(({ member }) => member).join(", ")}`,
      text: `${describeCampaign(report)}, ${describeTime(report)}.`,
      url: pull.url,
    };
    if (settings) await notify(context, host.repository, settings, [fact]);
  }
  return { id, reminded, missing: wanted.length };
}

/** Reviewers who can be told, then the fallback where it may decide. */
function whoMisses(report: CampaignReport, loginOf: (member: string) => string | undefined): Reminded[] {
  const missing = missingOf(report);
  const reviewers = missing.flatMap((progress): Reminded[] => {
    const { reviewer, login, left } = progress;
    return login === null || left ? [] : [{ member: reviewer, login, progress }];
  });
  if (!missing.some(({ left }) => left || report.phase !== "open")) return reviewers;
  const known = new Set(reviewers.map(({ login }) => login.toLowerCase()));
  const others = report.fallback.flatMap((member): Reminded[] => {
    const login = loginOf(member);
    return login === undefined || known.has(login.toLowerCase()) ? [] : [{ member, login, progress: null }];
  });
  return [...reviewers, ...others];
}

function lineOf({ id, reminded, missing }: RemindOutcome): string {
  if (missing === 0) return `${id}: nobody is missing.\n`;
  if (reminded.length === 0) return `${id}: those who miss something were reminded already.\n`;
  return `${id}: reminded ${reminded.map(({ login }) => `@${escapeTerminal(login)}`).join(", ")}.\n`;
}
