// Three states and the settings -> a plan. This is the one place that decides whether a plan may go
// ahead; it holds no reader, no writer and no clock, so building a plan can change nothing.
import { type Change, type Effect, type EntityView, takesAway } from "../model/change.ts";
import { countEntities, type Entity, entityAt, groupOfSection, keyOf, type State } from "../model/entity.ts";
import { compareText, type Finding, sortFindings } from "../model/finding.ts";
import type { AccessGroup } from "../model/grant.ts";
import type { Discrepancy, Plan, PlanSummary } from "../model/plan.ts";
import type { AccessView, Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { accessGroups, applySteps } from "./access.ts";
import { affectedMembers } from "./affected.ts";
import { type Difference, diffStates, type Step } from "./diff.ts";
import { changeId, planDigest } from "./digest.ts";
import { splitEnded } from "./expire.ts";
import {
  guardGroupBudgets,
  guardOverwrites,
  guardOwners,
  guardShrunken,
  guardStrangers,
  guardTargetBudget,
} from "./guard.ts";
import { orderChanges } from "./order.ts";
import { guardReferences } from "./references.ts";
import { alignRenames } from "./rename.ts";

export interface PlanInput {
  readonly target: Target;
  readonly platform: Platform;
  readonly want: State;
  /** The state at the applied commit; empty before the first apply. The same object as `want` when the trees are equal. */
  readonly base: State;
  readonly live: State;
  readonly commit: string | null;
  readonly baseCommit: string | null;
  readonly uncommitted: boolean;
  /** The instant ends of access are judged by. */
  readonly now: Date;
  /** Keys whose conflicts a person settled in favour of Git. */
  readonly overwrite: readonly string[];
  /** From validation and from reading; errors among them forbid what their `blocks` says. */
  readonly findings: readonly Finding[];
}

/** A plan, and live as the plan saw it: renamed entities under their new keys, as a Writer expects them. */
export interface BuiltPlan {
  readonly plan: Plan;
  readonly live: State;
}

/** Builds the plan for one target. Pure: the same input gives the same plan, byte for byte. */
export function buildPlan(input: PlanInput): BuiltPlan {
  const { platform, target } = input;
  const { active, ended } = splitEnded(input.want, input.now);
  const aligned = alignRenames(active, input.base, input.live, platform);
  const overwrite = new Set(input.overwrite);
  const rules = { platform, revert: target.drift === "revert", overwrite, ended };
  const difference = diffStates(aligned.base, active, aligned.live, rules);
  const after = applySteps(aligned.live, difference.steps);
  const views = viewsOf(difference, aligned.live, after, input);
  const nameOf = (member: string) =>
    (entityAt(after, "Member", member) ?? entityAt(aligned.live, "Member", member))?.name ?? member;
  const access = views ? accessGroups(views.before, views.after, platform, nameOf) : [];
  const states = [active, aligned.live];
  const unordered = difference.steps.map((step) => changeOf(step, target.name, platform, views, states));
  const changes = orderChanges(unordered, platform);

  const groups = guardGroupBudgets(target, changes, aligned.live);
  const references = guardReferences(changes, after, platform);
  const findings = sortFindings([
    ...input.findings,
    ...aligned.findings,
    ...difference.refused,
    ...(platform.checkLive?.(aligned.live, active) ?? []),
    ...guardShrunken(difference),
    ...guardTargetBudget(target, access, countEntities(aligned.live, "Member")),
    ...(views ? guardOwners(target, platform, views.before, views.after) : []),
    ...guardStrangers(difference.unmanaged, active, aligned.live),
    ...guardOverwrites(input.overwrite, new Set(changes.map(({ key }) => key))),
    ...groups.findings,
    ...references.findings,
  ]);
  const blocked = new Map([...groups.blocked, ...references.blocked]);
  const plan = {
    target: target.name,
    platform: platform.name,
    commit: input.commit,
    uncommitted: input.uncommitted,
    base: input.baseCommit,
    digest: planDigest(
      target.name,
      changes.map(({ id }) => id),
    ),
    summary: summarize(difference, changes, access),
    changes: blockChanges(changes, findings, blocked),
    access,
    drift: named(difference.drift, states),
    conflicts: named(difference.conflicts, states),
    unmanaged: sortByKey(difference.unmanaged.map((entity) => unmanagedOf(entity, aligned.live))),
    findings,
    refused: findings.some(({ severity, blocks }) => severity === "error" && (blocks ?? "everything") === "everything"),
    effect: joinEffects(changes.map(({ effect }) => effect)),
  } satisfies Plan;
  return { plan, live: aligned.live };
}

interface Views {
  readonly before: AccessView;
  readonly after: AccessView;
}

/** Access is worked out only when something changes, and only of those it may change for, and the owners. */
function viewsOf(difference: Difference, live: State, after: State, input: PlanInput): Views | undefined {
  const { platform, target } = input;
  if (difference.steps.length === 0) return undefined;
  const affected = affectedMembers(difference.steps, live, after, platform);
  const among = new Set([...affected, ...target.owners.map(platform.fold)]);
  return { before: platform.access(live, among), after: platform.access(after, among) };
}

function changeOf(
  step: Step,
  target: string,
  platform: Platform,
  views: Views | undefined,
  states: readonly State[],
): Change {
  const entity = (step.after ?? step.before) as Entity;
  const { kind, section, local } = entity;
  const action = !step.before ? "create" : step.after ? "update" : "delete";
  const [before, after] = viewsOfStep(step);
  const effect = views
    ? effectOf(platform.effectOf({ action, kind, section, local }, views.before, views.after))
    : "neutral";
  const key = keyOf(entity);
  const id = changeId(target, key, action, before, after);
  const place = entity.place ? { place: entity.place } : {};
  return {
    id,
    action,
    kind,
    section,
    local,
    key,
    name: displayName(entity, states),
    origin: step.origin,
    effect,
    before,
    after,
    ...place,
  };
}

/** An update shows only the attributes that change, so that churn in the others leaves its id as it is. */
function viewsOfStep({ before, after }: Step): [EntityView | null, EntityView | null] {
  if (!before || !after) return [before ? view(before) : null, after ? view(after) : null];
  const changed = Object.keys(after.attributes).filter((name) => after.attributes[name] !== before.attributes[name]);
  const only = (entity: Entity): EntityView => ({
    name: entity.name,
    attributes: Object.fromEntries(
      changed.flatMap((name) => (entity.attributes[name] === undefined ? [] : [[name, entity.attributes[name]]])),
    ),
  });
  return [only(before), only(after)];
}

function view(entity: Entity): EntityView {
  return { name: entity.name, attributes: entity.attributes };
}

/** Sorted by key, and a membership with the group it is in. */
function named(items: readonly Discrepancy[], states: readonly State[]): Discrepancy[] {
  return sortByKey(items).map((item) => {
    const section = item.key.slice(0, item.key.lastIndexOf("/"));
    return { ...item, name: displayName({ section, name: item.name }, states) };
  });
}

function displayName(entity: Pick<Entity, "section" | "name">, states: readonly State[]): string {
  const group = groupOfSection(entity.section);
  if (group === undefined) return entity.name;
  const names = states.map((state) => entityAt(state, "Group", group)?.name);
  return `${entity.name} in ${names.find((name) => name !== undefined) ?? group}`;
}

function unmanagedOf(entity: Entity, live: State) {
  return { kind: entity.kind, key: keyOf(entity), name: displayName(entity, [live]) };
}

function effectOf({ gives, takes }: { readonly gives: boolean; readonly takes: boolean }): Effect {
  if (gives && takes) return "mixed";
  return gives ? "escalates" : takes ? "reduces" : "neutral";
}

function joinEffects(effects: readonly Effect[]): Effect {
  const has = (...some: Effect[]) => effects.some((effect) => some.includes(effect));
  return effectOf({ gives: has("escalates", "mixed"), takes: has("reduces", "mixed") });
}

function blockChanges(
  changes: readonly Change[],
  findings: readonly Finding[],
  blocked: ReadonlyMap<string, readonly string[]>,
): Change[] {
  const general = findings
    .filter(({ severity, blocks }) => severity === "error" && blocks === "removals")
    .map(({ code }) => code);
  return changes.map((change) => {
    const codes = [...new Set([...(takesAway(change) ? general : []), ...(blocked.get(change.key) ?? [])])].sort(
      compareText,
    );
    return codes.length === 0 ? change : { ...change, blockedBy: codes };
  });
}

function summarize(difference: Difference, changes: readonly Change[], access: readonly AccessGroup[]): PlanSummary {
  const count = (action: Change["action"]) => changes.filter((change) => change.action === action).length;
  const people = (which: "gains" | "loses") =>
    access.reduce((sum, group) => sum + (group[which] ? group.members.length : 0), 0);
  return {
    create: count("create"),
    update: count("update"),
    delete: count("delete"),
    unmanaged: difference.unmanaged.length,
    drift: difference.drift.length,
    conflicts: difference.conflicts.length,
    gaining: people("gains"),
    losing: people("loses"),
  };
}

function sortByKey<T extends { readonly key: string }>(items: readonly T[]): T[] {
  return [...items].sort((a: Pick<Discrepancy, "key">, b) => compareText(a.key, b.key));
}
