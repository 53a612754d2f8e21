// Every guard over one plan: what holds back single changes, what judges those that are left, and the order that keeps
// everybody safe. The findings decide whether a plan may go ahead; `build.ts` only reads them off.

import { type Change, takesAway } from "../model/change.ts";
import { type Entity, keyOf, type State } from "../model/entity.ts";
import { compareText, type Finding, sortFindings } from "../model/finding.ts";
import type { AccessGroup } from "../model/grant.ts";
import type { Weakening } from "../model/plan.ts";
import type { Target } from "../model/settings.ts";
import { applySteps } from "./access.ts";
import { ownersOfGroups } from "./approval-owners.ts";
import { concessionsOf } from "./concessions.ts";
import type { Difference, Step } from "./diff.ts";
import { planDigest } from "./digest.ts";
import { guardOverwrites, guardShrunken, guardStrangers } from "./guard.ts";
import { type Identified, impostorChanges } from "./identity.ts";
import { NOT_APPROVED, type PlanInput } from "./input.ts";
import { guardLimits } from "./limits.ts";
import { proveNoLockOut } from "./lockout.ts";
import type { Protected } from "./lockout-needs.ts";
import { orderChanges } from "./order.ts";
import { judgingGuardrails, weakeningsOf } from "./ratchet.ts";
import { guardReferences, holdDependents } from "./references.ts";
import { type Aligned, seenAs } from "./rename.ts";

/** Everything that is known when judging begins. */
export interface Planned {
  readonly active: State;
  readonly identified: Identified;
  readonly aligned: Aligned;
  readonly difference: Difference;
  readonly after: State;
  readonly access: readonly AccessGroup[];
  /** Folded names of everyone whose access may differ. */
  readonly affected: ReadonlySet<string>;
  /** In the usual order. */
  readonly changes: readonly Change[];
}

/** Runs every guard: first those that hold back single changes, then those that judge what is left. */
export function judgeChanges(input: PlanInput, planned: Planned) {
  const { platform, target, governance } = input;
  const { active, identified, aligned, difference, after, access, affected, changes } = planned;
  const people = input.people ?? [];
  const reviews = input.reviews ? { reviews: input.reviews } : {};
  const head = { target, guardrails: governance.guardrails, people, ...reviews, groupOwners: ownersOfGroups(active) };
  const base = input.baseRules && { people, ...reviews, ...input.baseRules, groupOwners: ownersOfGroups(aligned.base) };
  // What the base says, at the place where HEAD says it.
  const judge = input.baseRules ? { ...input.baseRules.target, place: target.place } : target;
  const weakens = [
    ...weakeningsOf(head, base, platform.fold, input.now, { want: input.want, base: aligned.base }),
    ...(input.baseCommit === null ? [] : conceded(input, planned)),
  ];
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
  const { only } = input;
  const asked = only ? changes.filter(({ id }) => only.has(id)) : changes;
  // What is left out leaves things pointing at each other that the whole plan would part.
  const references = guardReferences(asked, only ? applyMade(aligned.live, difference.steps, asked) : after, platform);
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
  const judged = holdDependents(
    blockChanges(changes, found, blocks, only),
    (made) => applyMade(aligned.live, difference.steps, made),
    platform,
  );
  const made = judged.filter(({ blockedBy }) => !blockedBy);
  const reached = made.length === changes.length ? after : applyMade(aligned.live, difference.steps, made);
  const proof = proveNoLockOut(aligned.live, made, protectedBy(input, judge, aligned.live), platform);
  const findings = sortFindings([
    ...found,
    ...proof.findings,
    ...input.judge({
      guardrails: judgingGuardrails(head, base),
      target: judge,
      platform,
      declared: active,
      base: aligned.base,
      now: input.now,
      before: aligned.live,
      after: reached,
      affected,
      changes: made,
      access,
    }),
  ]);
  return { weakens, digest, limits, judged, proved: proof.changes, findings };
}

/** Before the first apply there is no word of Git's that anything could go beyond. */
function conceded(input: PlanInput, { active, aligned, after, changes }: Planned): Weakening[] {
  // Nothing of what judges or is wanted is another than it was applied.
  if (input.want === input.base) return [];
  return concessionsOf({
    target: input.baseRules?.target ?? input.target,
    platform: input.platform,
    base: aligned.base,
    want: active,
    live: aligned.live,
    after,
    changes,
    groupOwners: ownersOfGroups(aligned.base),
    granted: input.granted ?? new Set(),
  });
}

/** Who must not be locked out: whom the base names, and whom HEAD names. */
function protectedBy({ target, platform, live, self }: PlanInput, judge: Target, aligned: State): Protected {
  const owners = new Map<string, "owner" | "break-glass" | "self">();
  // Whom the plan renames is protected under the new name: the settings may still say the old one.
  const localOf = (name: string) => seenAs(platform.fold(name), live, aligned);
  for (const { owners: named } of [target, judge]) for (const name of named) owners.set(localOf(name), "owner");
  for (const { breakGlass } of [target, judge]) for (const name of breakGlass) owners.set(localOf(name), "break-glass");
  if (self !== undefined) owners.set(seenAs(self, live, aligned), "self");
  const approvers = [...target.approvers, ...judge.approvers].map(localOf);
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
export function inSafeOrder(judged: readonly Change[], safe: readonly Change[]): Change[] {
  if (safe.length === judged.length) return [...safe];
  return orderChanges([...safe, ...judged.filter(({ blockedBy }) => blockedBy)]);
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
