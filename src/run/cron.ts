// Cron expressions of the settings that are none, as findings at their place. Only looks whether they can be read: `freeze.ts` and
// the controller run by them.
import { Cron } from "croner";
import { type PolicyDocument, placeOf } from "../model/document.ts";
import type { Finding, Place } from "../model/finding.ts";
import type { Settings } from "../model/settings.ts";

/** What is wrong with the cron expressions of settings. `document` is what they were read from. */
export function checkCron({ targets, schedule, reviews }: Settings, document: PolicyDocument): Finding[] {
  return unreadable([
    ...targets.flatMap(({ freeze }) => freeze),
    ...(["poll", "drift"] as const).map((part) => ({
      cron: schedule[part],
      place: placeOf(document, ["schedule", part]),
    })),
    { cron: reviews.remind, place: placeOf(document, ["reviews", "remind"]) },
  ]);
}

/** What is wrong with cron expressions, each at its place. */
export function unreadable(asked: readonly { readonly cron?: string; readonly place: Place }[]): Finding[] {
  return asked.flatMap(({ cron, place }): Finding[] => {
    const why = cron === undefined ? undefined : whyUnreadable(cron);
    if (why === undefined) return [];
    const message = `${JSON.stringify(cron)} is no cron expression: ${why}`;
    const hint = "Write minute, hour, day of the month, month and day of the week, as in 0 16 * * 5.";
    return [{ severity: "error", code: "invalid-cron", message, place, hint }];
  });
}

function whyUnreadable(cron: string): string | undefined {
  try {
    new Cron(cron, { timezone: "UTC", paused: true }).stop();
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replace(/^Cron\w*: /, "");
  }
}
