// Removal budgets: how much one plan may take away, of the target, a group, a scope, and of owner-equivalent access. A waiver
// lets one plan exceed one of them. Pure.
import type { Change } from "../model/change.ts";
import { countEntities, entityAt, groupOfSection, MEMBERSHIP, type State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import type { AccessGroup } from "../model/grant.ts";
import { MEMBER, type Platform } from "../model/platform.ts";
import type { Budget, Target } from "../model/settings.ts";
import type { Waiver } from "../model/waiver.ts";
import type { Guarded } from "./guard.ts";

export interface LimitInput {
  /** With the limits and owners that judge. */
  readonly target: Target;
  readonly platform: Platform;
  readonly changes: readonly Change[];
  readonly access: readonly AccessGroup[];
  readonly live: State;
  readonly after: State;
  readonly waivers: readonly Waiver[];
  /** Of the plan. */
  readonly digest: string;
  /** Digests of plans that were applied. */
  readonly applied: ReadonlySet<string>;
}

export interface Limited extends Guarded {
  /** Names of the waivers made use of, sorted. */
  readonly waivers: readonly string[];
}

/** Everything a plan takes away, against every limit. */
export function guardLimits({ target, access, changes, live }: LimitInput): Limited {
  const groups = guardGroupBudgets(target, changes, live);
  const findings = [...guardTargetBudget(target, access, countEntities(live, MEMBER)), ...groups.findings];
  return { findings, blocked: groups.blocked, waivers: [] };
}

/** How much a budget allows for a set of this size: never less than one, so that a single leaver is always possible. */
export function allowedRemovals(budget: Budget, size: number): number {
  return Math.max(1, Math.min(budget.count, Math.floor(budget.share * size)));
}

/** People of the target who lose something, against the target's budget. */
function guardTargetBudget(target: Target, access: readonly AccessGroup[], people: number): Finding[] {
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
function guardGroupBudgets(target: Target, changes: readonly Change[], live: State): Guarded {
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

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10}%`;
}
