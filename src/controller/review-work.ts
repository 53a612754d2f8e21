// What the loop does about access reviews: the commands of `rolebook review`, about every campaign there is. Whatever refuses to go on
// is a failure here: nobody reads what a controller prints.
import { compareText } from "../model/finding.ts";
import { findPull } from "../run/campaign-ground.ts";
import type { LookedAtCampaign } from "../run/campaign-report.ts";
import { OperatorError } from "../run/context.ts";
import { closeReviews } from "../run/review-close.ts";
import { remindReviewers } from "../run/review-remind.ts";
import { startDue } from "../run/review-start.ts";
import { readStatus } from "../run/review-status.ts";
import type { ReviewCommands, Standing } from "./reviewing.ts";

export const REVIEWS: ReviewCommands = {
  start: async (context, options) => {
    const outcomes = await startDue(context, options);
    refuse(
      outcomes.filter(({ state }) => state === "refused"),
      ({ id, findings }) => `Review ${id} cannot begin: ${findings[0]?.message ?? ""}`,
    );
  },
  status: async (context, options) => {
    const { host, looks } = await readStatus(context, undefined, { ...options, quiet: false });
    const standings: Standing[] = [];
    for (const look of looks) {
      const state = stateOf(look);
      if (state === undefined) continue;
      const { id, due, entries, undecided, pull } = look.report;
      const changes = state === "closing" ? await findPull(host, `${id}-changes`) : undefined;
      const number = state === "closing" ? changes?.number : pull?.number;
      standings.push({ id, due, decided: entries - undecided, total: entries, state, pull: number ?? null });
    }
    return standings.sort((left, right) => compareText(left.id, right.id));
  },
  remind: async (context, options, since) => {
    await remindReviewers(context, undefined, { ...options, since });
  },
  close: async (context, options) => {
    const { outcomes } = await closeReviews(context, undefined, options);
    refuse(
      outcomes.filter(({ state }) => state === "refused"),
      ({ id, why }) => `Review ${id} is not closed: ${why}`,
    );
  },
};

/** Throws what is said of each that was refused, if there are any. */
function refuse<Outcome>(refused: readonly Outcome[], say: (outcome: Outcome) => string): void {
  if (refused.length > 0) throw new OperatorError(refused.map(say).join("; "));
}

function stateOf({ report: { state } }: LookedAtCampaign): Standing["state"] | undefined {
  switch (state) {
    case "unopened":
    case "deciding":
      return "deciding";
    case "merged":
    case "closing":
      return "closing";
    case "abandoned":
    case "closed":
      return undefined;
    default:
      return state satisfies never;
  }
}
