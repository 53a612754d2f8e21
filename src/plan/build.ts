// Three states and the settings -> a plan. This is the one place that decides whether a plan may go
// ahead; it holds no reader, no writer and no clock, so building a plan can change nothing.

import type { Change } from "../model/change.ts";
import { type Entity, entityAt, keyOf, type State, splitKey } from "../model/entity.ts";
import { compareText, sortFindings } from "../model/finding.ts";
import type { AccessGroup } from "../model/grant.ts";
import { lazy } from "../model/lazy.ts";
import type { Discrepancy, Plan, PlanSummary, Proposal } from "../model/plan.ts";
import { accessGroups, applySteps } from "./access.ts";
import { judgeAcknowledgements } from "./acknowledgements.ts";
import { changeOf, displayName, joinEffects, viewsOf } from "./changes.ts";
import { type Difference, diffStates } from "./diff.ts";
import { type DriftReport, judgeDrift } from "./drift.ts";
import { provesNoGain } from "./escalation.ts";
import { splitEnded, withoutLapsed } from "./expire.ts";
import { checkIdentities } from "./identity.ts";
import type { PlanInput } from "./input.ts";
import { inSafeOrder, judgeChanges } from "./judgement.ts";
import { orderChanges } from "./order.ts";
import { alignRenames } from "./rename.ts";
import { findRegranted } from "./review/regranted.ts";

/** A plan, and live as the plan saw it: renamed entities under their new keys, as a Writer expects them. */
export interface BuiltPlan {
  readonly plan: Plan;
  readonly live: State;
  /** Live as it is once these changes of the plan are made, in full. */
  readonly afterOf: (isMade: (change: Change) => boolean) => State;
  /** All that drifted, what the plan undoes of it included, and whom it concerns. */
  readonly drifted: () => DriftReport;
}

/** Builds the plan for one target. Pure: the same input gives the same plan, byte for byte. */
export function buildPlan(input: PlanInput): BuiltPlan {
  const { platform, target, governance } = input;
  const { active, ended } = splitEnded(input.want, input.now, target.timeZone);
  const judge = input.baseRules?.target ?? target;
  const acknowledged = judgeAcknowledgements(governance.acknowledgements, judge, input.identities, platform);
  const checked = checkIdentities(active, input.live, input.identities, acknowledged.valid, platform, input.base);
  const identified = { ...checked, findings: [...checked.findings, ...acknowledged.findings] };
  const aligned = alignRenames(active, input.base, identified.live, platform, input.identities);
  const overwrite = new Set(input.overwrite);
  const rules = { platform, drift: target.drift, overwrite, ended, exclusive: input.baseCommit !== null };
  const base = withoutLapsed(aligned.base, active, input.now, judge.timeZone);
  const difference = diffStates(base, active, aligned.live, rules);
  const after = applySteps(aligned.live, difference.steps);
  const views = viewsOf(difference, aligned.live, after, platform);
  const nameOf = (member: string) =>
    (entityAt(after, "Member", member) ?? entityAt(aligned.live, "Member", member))?.name ?? member;
  const access = views ? accessGroups(views.before, views.after, platform, nameOf) : [];
  const states = [active, aligned.live];
  const steps = difference.steps.map((step) => ({
    step,
    change: changeOf(step, target.name, platform, views, states),
  }));
  const changes = orderChanges(steps.map(({ change }) => change));
  const drifted = lazy(() => judgeDrift(difference, changes, aligned.live, platform, states));
  const changed = new Set(changes.filter(({ origin }) => origin === "drift").map(({ key }) => key));

  const { weakens, digest, limits, judged, proved, findings } = judgeChanges(input, {
    active,
    identified,
    aligned,
    difference,
    after,
    access,
    affected: views?.affected ?? new Set<string>(),
    changes,
  });
  const regranted = findRegranted({ target: target.name, access }, input.revoked ?? [], platform, input.now);
  const effect = joinEffects(changes);
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
    drift: difference.drift.length === 0 ? [] : drifted().items.filter(({ key }) => !changed.has(key)),
    conflicts: named(difference.conflicts, states),
    unmanaged: sortByKey(difference.unmanaged.map((entity) => unmanagedOf(entity, aligned.live))),
    findings: regranted.length === 0 ? findings : sortFindings([...findings, ...regranted]),
    refused: findings.some(({ severity, blocks }) => severity === "error" && (blocks ?? "everything") === "everything"),
    effect,
    nonEscalating:
      !views || provesNoGain({ live: aligned.live, steps: difference.steps, changes, access, platform, ...views }),
    weakens,
    proposals: [...identified.proposals, ...endedProposals(input.want, ended)],
    waivers: limits.waivers,
  } satisfies Plan;
  const afterOf: BuiltPlan["afterOf"] = (isMade) =>
    applySteps(
      aligned.live,
      steps.filter(({ change }) => isMade(change)).map(({ step }) => step),
    );
  return { plan, live: aligned.live, afterOf, drifted };
}

/** Lines of memberships that have ended: the platform has caught up, or will with this plan. */
function endedProposals(want: State, ended: ReadonlySet<string>): Proposal[] {
  return [...ended].sort(compareText).flatMap((key): Proposal[] => {
    const entity = entityAt(want, ...splitKey(key));
    if (!entity?.place) return [];
    const what = `Remove the entry of ${displayName(entity, [want])}: it ended with ${String(entity.attributes.until)}`;
    return [{ kind: "remove-entry", what, place: entity.place }];
  });
}

/** Sorted by key, and a membership with the group it is in. */
function named(items: readonly Discrepancy[], states: readonly State[]): Discrepancy[] {
  return sortByKey(items).map((item) => {
    const [section] = splitKey(item.key);
    return { ...item, name: displayName({ section, name: item.name }, states) };
  });
}

function unmanagedOf(entity: Entity, live: State) {
  return { kind: entity.kind, key: keyOf(entity), name: displayName(entity, [live]) };
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
