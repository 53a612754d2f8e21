// Three states and the settings -> a plan. This is the one place that decides whether a plan may go
// ahead; it holds no reader, no writer and no clock, so building a plan can change nothing.
import { type Change, type Effect, type EntityView, takesAway } from "../model/change.ts";
import { type Entity, entityAt, groupOfSection, keyOf, type State } from "../model/entity.ts";
import { compareText, type Finding, sortFindings } from "../model/finding.ts";
import type { AccessGroup } from "../model/grant.ts";
import type { Guardrail } from "../model/guardrail.ts";
import type { Discrepancy, Plan, PlanSummary, Proposal } from "../model/plan.ts";
import type { AccessView, Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import type { Governance } from "../model/waiver.ts";
import { accessGroups, applySteps } from "./access.ts";
import { affectedMembers } from "./affected.ts";
import { type Difference, diffStates, type Step } from "./diff.ts";
import { changeId, planDigest } from "./digest.ts";
import { provesNoGain } from "./escalation.ts";
import { splitEnded } from "./expire.ts";
import { guardOverwrites, guardShrunken, guardStrangers } from "./guard.ts";
import { judgePlan } from "./guardrails/judge.ts";
import { checkIdentities, type Identified, impostorChanges } from "./identity.ts";
import { guardLimits, type Unfinished } from "./limits.ts";
import { proveNoLockOut } from "./lockout.ts";
import type { Protected } from "./lockout-needs.ts";
import { orderChanges, phaseOf } from "./order.ts";
import { judgingGuardrails, weakeningsOf } from "./ratchet.ts";
import { guardReferences } from "./references.ts";
import { type Aligned, alignRenames, seenAs } from "./rename.ts";

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
  /** Guardrails, waivers and acknowledgements beside the policies, as HEAD has them. */
  readonly governance: Governance;
  /** What the base says that judges plans: a commit cannot weaken what it is judged by. Absent before the first apply: HEAD's judge. */
  readonly baseRules?: BaseRules;
  /** Folded name of every member seen before -> the stable id it was seen with (from the ledger). */
  readonly identities: ReadonlyMap<string, string>;
  /** Digests of plans that were applied (from the ledger). */
  readonly applied: ReadonlySet<string>;
  /** An apply of this commit that was approved and did not finish (from the ledger): its waivers hold for what is left of it. */
  readonly unfinished?: Unfinished;
  /** Folded name of the member that Rolebook's own credential belongs to, where it belongs to one. */
  readonly self?: string;
  /** Ids of the changes that will be made, where that is not all: the others are held, and the judgement is of what is left. */
  readonly only?: ReadonlySet<string>;
}

/** In `blockedBy` of what is left out by `only`. */
export const NOT_APPROVED = "not-approved";

/** The settings of the target and the guardrails, as the base has them. */
export interface BaseRules {
  readonly target: Target;
  readonly guardrails: readonly Guardrail[];
}

/** A plan, and live as the plan saw it: renamed entities under their new keys, as a Writer expects them. */
export interface BuiltPlan {
  readonly plan: Plan;
  readonly live: State;
}

/** Builds the plan for one target. Pure: the same input gives the same plan, byte for byte. */
export function buildPlan(input: PlanInput): BuiltPlan {
  const { platform, target, governance } = input;
  const { active, ended } = splitEnded(input.want, input.now, target.timeZone);
  const identified = checkIdentities(
    active,
    input.live,
    input.identities,
    governance.acknowledgements.filter((acknowledgement) => acknowledgement.target === target.name),
    platform,
    input.base,
  );
  const aligned = alignRenames(active, input.base, identified.live, platform, input.identities);
  const overwrite = new Set(input.overwrite);
  const rules = { platform, revert: target.drift === "revert", overwrite, ended, exclusive: input.baseCommit !== null };
  const difference = diffStates(aligned.base, active, aligned.live, rules);
  const after = applySteps(aligned.live, difference.steps);
  const views = viewsOf(difference, aligned.live, after, platform);
  const nameOf = (member: string) =>
    (entityAt(after, "Member", member) ?? entityAt(aligned.live, "Member", member))?.name ?? member;
  const access = views ? accessGroups(views.before, views.after, platform, nameOf) : [];
  const states = [active, aligned.live];
  const changes = orderChanges(difference.steps.map((step) => changeOf(step, target.name, platform, views, states)));

  const { weakens, digest, limits, judged, proved, findings } = judgeChanges(input, {
    active,
    identified,
    aligned,
    difference,
    after,
    access,
    changes,
  });
  const effect = joinEffects(changes.map(({ effect }) => effect));
  const plan = {
    target: target.name,
    platform: platform.name,
    commit: input.commit,
    uncommitted: input.uncommitted,
    base: input.baseCommit,
    digest,
    summary: summarize(difference, changes, access),
    changes: inSafeOrder(judged, proved),
    access,
    drift: named(difference.drift, states),
    conflicts: named(difference.conflicts, states),
    unmanaged: sortByKey(difference.unmanaged.map((entity) => unmanagedOf(entity, aligned.live))),
    findings,
    refused: findings.some(({ severity, blocks }) => severity === "error" && (blocks ?? "everything") === "everything"),
    effect,
    nonEscalating:
      !views || provesNoGain({ live: aligned.live, steps: difference.steps, changes, access, platform, ...views }),
    weakens,
    proposals: [...identified.proposals, ...endedProposals(input.want, ended)],
    waivers: limits.waivers,
  } satisfies Plan;
  return { plan, live: aligned.live };
}

/** Everything that is known when judging begins. */
interface Judged {
  readonly active: State;
  readonly identified: Identified;
  readonly aligned: Aligned;
  readonly difference: Difference;
  readonly after: State;
  readonly access: readonly AccessGroup[];
  /** In the usual order. */
  readonly changes: readonly Change[];
}

/** Runs every guard: first those that hold back single changes, then those that judge what is left. */
function judgeChanges(input: PlanInput, planned: Judged) {
  const { platform, target, governance } = input;
  const { active, identified, aligned, difference, after, access, changes } = planned;
  const head = { target, guardrails: governance.guardrails };
  // What the base says, at the place where HEAD says it.
  const judge = input.baseRules ? { ...input.baseRules.target, place: target.place } : target;
  const weakens = weakeningsOf(head, input.baseRules);
  const digest = planDigest(
    target.name,
    changes.map(({ id }) => id),
    weakens.map(({ id }) => id),
  );
  const limits = guardLimits({
    target: judge,
    platform,
    changes,
    access,
    live: aligned.live,
    after,
    waivers: governance.waivers,
    digest,
    applied: input.applied,
    ...(input.unfinished ? { unfinished: input.unfinished } : {}),
  });
  const references = guardReferences(changes, after, platform);
  const found = [
    ...input.findings,
    ...identified.findings,
    ...aligned.findings,
    ...difference.refused,
    ...(platform.checkLive?.(aligned.live, active) ?? []),
    ...guardShrunken(difference),
    ...guardStrangers(difference.unmanaged, active, aligned.live),
    ...guardOverwrites(input.overwrite, new Set(changes.map(({ key }) => key))),
    ...limits.findings,
    ...references.findings,
  ];
  const blocks = [limits.blocked, references.blocked, impostorChanges(changes, identified.impostors)];
  const judged = blockChanges(changes, found, blocks, input.only);
  const made = judged.filter(({ blockedBy }) => !blockedBy);
  const reached = made.length === changes.length ? after : applyMade(aligned.live, difference.steps, made);
  const proof = proveNoLockOut(aligned.live, made, protectedBy(input, judge, aligned.live), platform);
  const findings = sortFindings([
    ...found,
    ...proof.findings,
    ...judgePlan({
      guardrails: judgingGuardrails(head, input.baseRules),
      target: judge,
      platform,
      declared: active,
      base: aligned.base,
      now: input.now,
      before: aligned.live,
      after: reached,
      changes: made,
      access,
    }),
  ]);
  return { weakens, digest, limits, judged, proved: proof.changes, findings };
}

/** Who must not be locked out: whom the base names, and whom HEAD names. */
function protectedBy({ target, platform, live, self }: PlanInput, judge: Target, aligned: State): Protected {
  const owners = new Map<string, "owner" | "break-glass" | "self">();
  for (const { owners: named } of [target, judge]) for (const name of named) owners.set(platform.fold(name), "owner");
  for (const { breakGlass } of [target, judge])
    for (const name of breakGlass) owners.set(platform.fold(name), "break-glass");
  if (self !== undefined) owners.set(seenAs(self, live, aligned), "self");
  const approvers = [...target.approvers, ...judge.approvers].map(platform.fold);
  const minimumOwners = Math.max(target.minimumOwners, judge.minimumOwners);
  return { target, owners, approvers: [...new Set(approvers)], minimumOwners };
}

/** The state after some of the steps. */
function applyMade(live: State, steps: readonly Step[], made: readonly Change[]): State {
  const keys = new Set(made.map(({ key }) => key));
  return applySteps(
    live,
    steps.filter(({ before, after }) => keys.has(keyOf((after ?? before) as Entity))),
  );
}

/** Blocked changes where they were, the others in the order of the proof. */
function inSafeOrder(judged: readonly Change[], safe: readonly Change[]): Change[] {
  if (safe.length === judged.length) return [...safe];
  return orderChanges([...safe, ...judged.filter(({ blockedBy }) => blockedBy)]);
}

/** Lines of memberships that have ended: the platform has caught up, or will with this plan. */
function endedProposals(want: State, ended: ReadonlySet<string>): Proposal[] {
  return [...ended].sort(compareText).flatMap((key): Proposal[] => {
    const cut = key.lastIndexOf("/");
    const entity = entityAt(want, key.slice(0, cut), key.slice(cut + 1));
    if (!entity?.place) return [];
    const what = `Remove the entry of ${displayName(entity, [want])}: it ended with ${String(entity.attributes.until)}`;
    return [{ kind: "remove-entry", what, place: entity.place }];
  });
}

interface Views {
  readonly before: AccessView;
  readonly after: AccessView;
  /** Folded names of everyone whose access may differ. */
  readonly affected: ReadonlySet<string>;
}

/** Access is worked out only when something changes, and only of those it may change for. */
function viewsOf(difference: Difference, live: State, after: State, platform: Platform): Views | undefined {
  if (difference.steps.length === 0) return undefined;
  const affected = affectedMembers(difference.steps, live, after, platform);
  return { before: platform.access(live, affected), after: platform.access(after, affected), affected };
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
    phase: phaseOf({ action, kind, effect }, platform),
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
  blocks: readonly ReadonlyMap<string, readonly string[]>[],
  only: ReadonlySet<string> | undefined,
): Change[] {
  const general = findings
    .filter(({ severity, blocks }) => severity === "error" && blocks === "removals")
    .map(({ code }) => code);
  return changes.map((change) => {
    const own = blocks.flatMap((blocked) => blocked.get(change.key) ?? []);
    if (only && !only.has(change.id)) own.push(NOT_APPROVED);
    const codes = [...new Set([...(takesAway(change) ? general : []), ...own])].sort(compareText);
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
