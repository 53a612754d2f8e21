// What must never be seen in a log or on the page: the values of the variables that hold secrets, by name and by the settings.
import type { Settings } from "../model/settings.ts";
import type { Context } from "../run/context.ts";

/** The secret that webhooks are signed with. */
export const WEBHOOK_SECRET = "ROLEBOOK_WEBHOOK_SECRET";

const OWN = ["GITHUB_TOKEN", "ROLEBOOK_APP_PRIVATE_KEY", WEBHOOK_SECRET];

/** Values of Rolebook's own secrets, of the targets' credentials and of where news go; the longest first, since one may hold another. */
export function secretsOf({ environment }: Context, settings: Settings | undefined): string[] {
  const names = new Set(OWN);
  for (const { credentials } of settings?.targets ?? []) for (const name of Object.values(credentials)) names.add(name);
  for (const { url, secret } of settings?.notify ?? []) for (const name of [url, secret]) if (name) names.add(name);
  const values = [...names].flatMap((name) => environment[name] ?? []);
  return values.sort((left, right) => right.length - left.length);
}
