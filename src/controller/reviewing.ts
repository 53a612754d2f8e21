// Access reviews, as one item of work: campaigns begin, are looked at, chased and closed by the same commands that anybody may run
// by hand. Each of them finds by itself what is left to do, so that being asked twice, or being killed half-way, repeats nothing.
import { Cron } from "croner";
import { compareText } from "../model/finding.ts";
import type { CampaignStatus, RunResult } from "../model/status.ts";
import { type CommonOptions, type Context, OperatorError } from "../run/context.ts";
import type { Clones } from "./clone.ts";
import type { RunTools } from "./run.ts";
import type { Sight } from "./sight.ts";
import type { FollowUp } from "./tasks.ts";

/** How an open campaign stands. */
export type Standing = Omit<CampaignStatus, "overdue">;

/** What is done about access reviews; each as `rolebook review` does it, about every campaign there is. */
export interface ReviewCommands {
  /** Begins the campaigns whose day it is. */
  readonly start: (context: Context, options: CommonOptions) => Promise<void>;
  /** Tells on their pull requests how the open ones stand, and says it. */
  readonly status: (context: Context, options: CommonOptions) => Promise<readonly Standing[]>;
  /** Reminds those who have not decided, unless they were reminded since then. */
  readonly remind: (context: Context, options: CommonOptions, since: Date) => Promise<void>;
  /** Takes those whose pull request is merged as far as they come. */
  readonly close: (context: Context, options: CommonOptions) => Promise<void>;
}

export interface ReviewKit {
  readonly tools: RunTools;
  readonly commands: { readonly reviews: ReviewCommands };
  readonly clones: Clones;
  readonly options: CommonOptions;
}

/** Pull requests of campaigns come from branches below this. */
const BRANCHES = "rolebook/review/";

/** Whether there is anything to review: what nobody defined, and nobody began, costs nothing. */
export function hasReviews({ reviews }: Sight): boolean {
  return reviews.definitions !== null || reviews.ledger !== null;
}

/** All that a campaign may go on by, but for the time. */
export function campaignPrint({ tools: { memory } }: Pick<ReviewKit, "tools">, { refs, reviews }: Sight): string {
  const pulls = [...memory.pulls.values()]
    .filter(({ pull }) => pull.head.branch.startsWith(BRANCHES))
    .map(({ pull, reviews }) => [pull.number, pull.head.commit, reviews]);
  return JSON.stringify([refs.tip, [...refs.applied], reviews, pulls]);
}

/** Runs all of it, each whatever became of the one before. Throws what failed, in one. */
export async function reviewAll(
  { tools, commands: { reviews }, clones, options }: ReviewKit,
  follow: Pick<FollowUp, "look">,
  contextAt: (cwd: string) => Context,
): Promise<RunResult> {
  const { repository } = await clones.open("reviews");
  const context = contextAt(repository.root);
  const { memory } = tools;
  const failures: unknown[] = [];
  const attempt = (work: Promise<unknown>) => work.catch((error: unknown) => failures.push(error));
  const before = JSON.stringify(memory.campaigns);
  await attempt(reviews.start(context, options));
  const since = lastReminder(memory.sight?.settings?.reviews.remind ?? "", context.now());
  if (since) await attempt(reviews.remind(context, options, since));
  await attempt(reviews.close(context, options));
  await attempt(
    reviews.status(context, options).then((standings) => {
      memory.campaigns = [...standings].sort((left, right) => compareText(left.id, right.id));
    }),
  );
  // What was opened or pushed is to be planned.
  if (JSON.stringify(memory.campaigns) !== before) follow.look();
  if (failures.length > 0) throw together(failures);
  return memory.campaigns.length > 0 ? "held" : "done";
}

/** One failure as it is, several as one that names them all: what goes wrong at the start must not hide what does at the close. */
function together(failures: readonly unknown[]): unknown {
  if (failures.length === 1) return failures[0];
  return new OperatorError(failures.map((one) => (one instanceof Error ? one.message : String(one))).join("; "));
}

/** When reminders were last to go out; undefined where that cannot be told. Whoever was away then sends them late. */
export function lastReminder(cron: string, now: Date): Date | undefined {
  try {
    // Runs have whole seconds, and the reference itself is not one of those that are before it.
    const after = new Date(Math.floor(now.getTime() / 1000) * 1000 + 1000);
    return new Cron(cron, { timezone: "UTC", paused: true }).previousRuns(1, after)[0];
  } catch {
    return undefined; // the settings' own check says what is wrong with it
  }
}
