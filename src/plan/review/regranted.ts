// Access that a closed review took away and that a plan gives again before long: worth a look, and forbidden by nobody. Pure.
import type { RevokedGrant } from "../../model/campaign.ts";
import type { Finding } from "../../model/finding.ts";
import type { Plan } from "../../model/plan.ts";
import type { Platform } from "../../model/platform.ts";
import { REGRANT_DAYS } from "./input.ts";

const DAY_MS = 86_400_000;

/** What reviews took away lately. */
export function lately(revoked: readonly RevokedGrant[], now: Date): RevokedGrant[] {
  return revoked.filter(({ at }) => {
    const days = (now.getTime() - Date.parse(at)) / DAY_MS;
    return days >= 0 && days <= REGRANT_DAYS;
  });
}

/** One warning for each member and review. */
export function findRegranted(
  { target, access }: Pick<Plan, "target" | "access">,
  revoked: readonly RevokedGrant[],
  { fold, rankOf }: Pick<Platform, "fold" | "rankOf">,
  now: Date,
): Finding[] {
  const recent = new Map<string, RevokedGrant[]>();
  for (const one of lately(revoked, now)) {
    if (one.target !== target) continue;
    const key = cellKey(fold(one.member), one.resource, one.scope);
    const known = recent.get(key);
    if (known) known.push(one);
    else recent.set(key, [one]);
  }
  if (recent.size === 0) return [];
  const found = new Map<string, { readonly member: string; readonly grants: RevokedGrant[] }>();
  for (const { members, changes, gains } of access)
    for (const member of gains ? members : [])
      for (const { resource, scope, before, after } of changes)
        for (const one of recent.get(cellKey(fold(member), resource, scope)) ?? []) {
          const rank = (level: string | null) => (level === null ? -1 : rankOf(resource, level));
          if (rank(after) <= rank(before) || rank(after) < rank(one.level)) continue;
          const key = JSON.stringify([fold(member), one.review]);
          const known = found.get(key);
          if (known) known.grants.push(one);
          else found.set(key, { member, grants: [one] });
        }
  return [...found.values()].map(({ member, grants }) => findingOf(member, grants));
}

function cellKey(member: string, resource: string, scope: string): string {
  return JSON.stringify([member, resource, scope]);
}

function findingOf(member: string, grants: readonly RevokedGrant[]): Finding {
  const [first] = grants as readonly [RevokedGrant, ...RevokedGrant[]];
  const more = grants.length > 1 ? ` and ${grants.length - 1} more` : "";
  const what = `${first.resource} at ${first.level} in ${first.scope}${more}`;
  return {
    severity: "warning",
    code: "regranted",
    message: `${member} gets again what review ${first.review} took away on ${first.at.slice(0, 10)}: ${what}`,
    key: `Member/${member}`,
    hint: `Say in the pull request why it is needed after all; \`rolebook history ${member}\` tells the story.`,
  };
}
