// Which campaigns begin: the one that somebody names, or all whose day it is. Reads the settings' definitions, the clock that it is
// given and Git's history; begins nothing.
import { Cron } from "croner";
import type { ReviewDefinition } from "../model/campaign.ts";
import { nearestOf } from "../model/nearest.ts";
import { addDays, dateIn } from "../model/until.ts";
import type { ReviewsInForce } from "../plan/review/in-force.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import type { CampaignsGround } from "./campaign-ground.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";

/** A campaign that is to be there. */
export interface WantedCampaign {
  readonly definition: ReviewDefinition;
  readonly id: string;
  /** The last day to decide, inclusive (UTC). */
  readonly due: string;
}

/** The campaign of a review that begins now. `open`: ids of campaigns of it that are not over yet, of which the last is gone on with. */
export function wantedNow(
  definitions: readonly ReviewDefinition[],
  name: string,
  open: readonly string[],
  now: Date,
): WantedCampaign {
  const definition = definitions.find((one) => one.name === name);
  if (!definition)
    throw new OperatorError(
      `There is no review "${name}" on the default branch`,
      definitions.length === 0
        ? "Write one: policies/reviews/NAME.yaml with kind: Review."
        : nearestOf(
            name,
            definitions.map((one) => one.name),
          ),
    );
  const today = dateIn(now, "UTC");
  if (definition.schedule) {
    const id = open.at(-1) ?? `${name}-${today}`;
    return { definition, id, due: addDays(today, definition.schedule.days) };
  }
  const due = definition.due ?? today;
  if (due < today && open.length === 0)
    throw new OperatorError(
      `Review "${name}" was to be decided until ${due}, which has passed`,
      "Give it a later due.",
    );
  return { definition, id: name, due };
}

/** The campaigns whose day has come: of a schedule the last one, if its review was there by then; a single one until its last day. */
export async function wantedByDay(
  context: Context,
  ground: CampaignsGround,
  reviews: ReviewsInForce,
  now: Date,
  options: CommonOptions,
): Promise<WantedCampaign[]> {
  const wanted: WantedCampaign[] = [];
  const today = dateIn(now, "UTC");
  for (const definition of reviews.definitions) {
    const { name, schedule, due } = definition;
    if (!schedule) {
      if (due !== undefined && due >= today) wanted.push({ definition, id: name, due });
      continue;
    }
    const fired = lastFiring(schedule.cron, now);
    if (!fired || !(await wasThere(context, ground, { name, since: reviews.since.get(name) }, fired, options)))
      continue;
    wanted.push({ definition, id: `${name}-${dateIn(fired, "UTC")}`, due: addDays(today, schedule.days) });
  }
  return wanted;
}

/** When a cron expression fired last, at or before an instant; undefined where that cannot be told. */
function lastFiring(cron: string, now: Date): Date | undefined {
  try {
    // Runs have whole seconds, and the reference itself is not one of those that are before it.
    const after = new Date(Math.floor(now.getTime() / 1000) * 1000 + 1000);
    return new Cron(cron, { timezone: "UTC", paused: true }).previousRuns(1, after)[0];
  } catch {
    return undefined; // validate says what is wrong with it
  }
}

/** Whether the default branch had the review with a schedule by then: a new one does not begin with a day that is over. */
async function wasThere(
  context: Context,
  { host, base }: CampaignsGround,
  { name, since }: { readonly name: string; readonly since: string | undefined },
  at: Date,
  { policies }: CommonOptions,
): Promise<boolean> {
  const commit = await host.repository.commitBefore(at, base);
  if (commit === undefined) return false;
  // What was taken away since, and nobody agreed to, was there.
  if (since !== undefined && (await host.repository.isAncestor(since, commit))) return true;
  const then = await openWorkspaceAt(context, host.repository, { tree: commit, commit }, { policies });
  return then.policies.governance.reviews.some((one) => one.name === name && one.schedule !== undefined);
}
