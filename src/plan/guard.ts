// What forbids changes: doubtful or shrunken reads, broken references, removal budgets, lost owners.
// Each guard is a small pure function; `build.ts` runs them all and is the only place that decides.
import type { Change } from "../model/change.ts";
import { type Entity, entityAt, groupOfSection, MEMBERSHIP, type State } from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import type { AccessGroup } from "../model/grant.ts";
import type { AccessView, Platform } from "../model/platform.ts";
import type { Budget, Target } from "../model/settings.ts";
import type { Difference } from "./diff.ts";

/** Findings, and which changes (by key) each "change"-blocking code forbids. */
export interface Guarded {
  readonly findings: readonly Finding[];
  readonly blocked: ReadonlyMap<string, readonly string[]>;
}

/** At this share of the expected entities missing from live, the read is taken for broken rather than true. */
const SHRUNKEN_SHARE = 0.3;
/** Fewer missing entities than this are drift, whatever their share: one person leaving a group of two is no broken read. */
const SHRUNKEN_LEAST = 3;

/** A read in which much of what base and desired agree on is missing blocks every removal. */
export function guardShrunken(difference: Difference): Finding[] {
  const findings: Finding[] = [];
  for (const [kind, { known, missing }] of difference.expected) {
    const everything = missing === known && known >= 2;
    if (!everything && (missing < SHRUNKEN_LEAST || missing < known * SHRUNKEN_SHARE)) continue;
    findings.push({
      severity: "error",
      code: "shrunken-read",
      message: `The platform shows ${known - missing} of ${known} ${kind} entities that were applied before`,
      hint: "If they really are gone, bring that into Git first (drift); nothing is removed until the read and Git agree.",
      blocks: "removals",
    });
  }
  return findings;
}

/** How much a budget allows for a set of this size: never less than one, so that a single leaver is always possible. */
export function allowedRemovals(budget: Budget, size: number): number {
  return Math.max(1, Math.min(budget.count, Math.floor(budget.share * size)));
}

/** People of the target who lose something, against the target's budget. */
export function guardTargetBudget(target: Target, access: readonly AccessGroup[], people: number): Finding[] {
  const losing = access.reduce((sum, group) => sum + (group.loses ? group.members.length : 0), 0);
  const allowed = allowedRemovals(target.limits.target, people);
  if (losing <= allowed) return [];
  const { share, count } = target.limits.target;
  return [
    {
      severity: "error",
      code: "removal-limit-target",
      message: `${losing} of ${people} people would lose access; the limit is ${allowed} (the smaller of ${percent(share)} and ${count}, at least 1)`,
      hint: `Split the removal into smaller steps, or raise limits.target of ${target.name} in the settings, in a reviewed commit.`,
      blocks: "removals",
      place: target.place,
    },
  ];
}

/** Memberships that one group loses, against the group's budget. Blocks that group's removals only. */
export function guardGroupBudgets(target: Target, changes: readonly Change[], live: State): Guarded {
  const findings: Finding[] = [];
  const blocked = new Map<string, readonly string[]>();
  const bySection = new Map<string, Change[]>();
  for (const change of changes) {
    if (change.action !== "delete" || change.kind !== MEMBERSHIP) continue;
    const list = bySection.get(change.section);
    if (list) list.push(change);
    else bySection.set(change.section, [change]);
  }
  for (const [section, removals] of bySection) {
    const size = live.get(section)?.size ?? 0;
    const allowed = allowedRemovals(target.limits.group, size);
    if (removals.length <= allowed) continue;
    const group = groupOfSection(section) ?? section;
    const { share, count } = target.limits.group;
    findings.push({
      severity: "error",
      code: "removal-limit-group",
      message: `Group "${entityAt(live, "Group", group)?.name ?? group}" would lose ${removals.length} of ${size} members; the limit is ${allowed} (the smaller of ${percent(share)} and ${count}, at least 1)`,
      key: `Group/${group}`,
      hint: `Split the removal into smaller steps, or raise limits.group of ${target.name} in the settings, in a reviewed commit.`,
      blocks: "change",
    });
    for (const change of removals) blocked.set(change.key, ["removal-limit-group"]);
    blocked.set(`Group/${group}`, ["removal-limit-group"]);
  }
  return { findings, blocked };
}

/** Owners named in the settings who can do everything now must be able to afterwards; somebody must, in any case. The views must know the owners. */
export function guardOwners(target: Target, platform: Platform, before: AccessView, after: AccessView): Finding[] {
  const owns = (view: AccessView) => (member: string) => platform.ownerEquivalent(view.grantsOf(member));
  const owners = target.owners.map(platform.fold);
  const lost = owners.filter((owner) => owns(before)(owner) && !owns(after)(owner));
  const findings = lost.map(
    (owner): Finding => ({
      severity: "error",
      code: "owner-loses-access",
      message: `${owner} is an owner of ${target.name} in the settings and would lose owner-equivalent access`,
      key: `Member/${owner}`,
      hint: "Take the person out of `owners` in an earlier, reviewed commit, or keep the access.",
      place: target.place,
    }),
  );
  if (before.anyone(platform.ownerEquivalent) && !after.anyone(platform.ownerEquivalent))
    findings.push({
      severity: "error",
      code: "nobody-owns",
      message: `After this plan nobody could manage roles, groups and assignments of ${target.name}`,
      hint: "Keep at least one person in a group with owner-equivalent access.",
      place: target.place,
    });
  return findings;
}

/** Keys that were to be settled in favour of Git and have no conflict: a typing mistake, or done already. */
export function guardOverwrites(overwrite: readonly string[], settled: ReadonlySet<string>): Finding[] {
  return overwrite
    .filter((key) => !settled.has(key))
    .map((key) => ({
      severity: "warning",
      code: "overwrite-without-conflict",
      message: `--overwrite ${key} settles nothing: this plan changes nothing at that key`,
      hint: "Keys are those the plan shows with its conflicts, such as Group/card creators.",
    }));
}

/** Names shown of each group before the rest is a number. */
const NAMES_SHOWN = 5;

/**
 * People who are in a group whose members Git lists, and are not on the list: somebody added them by hand. Git never
 * had them, so they are never removed; but nobody shall miss them either.
 */
export function guardStrangers(unmanaged: readonly Entity[], want: State, live: State): Finding[] {
  const strangers = new Map<string, string[]>();
  for (const { section, name } of unmanaged) {
    if (groupOfSection(section) === undefined || (want.get(section)?.size ?? 0) === 0) continue;
    strangers.set(section, [...(strangers.get(section) ?? []), name]);
  }
  return [...strangers].map(([section, names]): Finding => {
    const group = groupOfSection(section) ?? section;
    const shown = names.sort(compareText).slice(0, NAMES_SHOWN).join(", ");
    const more = names.length > NAMES_SHOWN ? ` and ${names.length - NAMES_SHOWN} more` : "";
    return {
      severity: "warning",
      code: "member-not-in-git",
      message: `Group "${entityAt(live, "Group", group)?.name ?? group}" has ${names.length === 1 ? "a member" : `${names.length} members`} that Git does not list: ${shown}${more}`,
      key: `Group/${group}`,
      hint: "List them in the group's Membership (rolebook import writes it), or take them out on the platform.",
    };
  });
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}
