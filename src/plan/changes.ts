// Steps as changes: with their ids, effects and names as people see them. Decides nothing.
import type { Change, Effect, EntityView } from "../model/change.ts";
import { type Entity, entityAt, groupOfSection, keyOf, type State } from "../model/entity.ts";
import type { AccessView, Platform } from "../model/platform.ts";
import { affectedMembers } from "./affected.ts";
import type { Difference, Step } from "./diff.ts";
import { changeId } from "./digest.ts";
import { phaseOf } from "./order.ts";

export interface Views {
  readonly before: AccessView;
  readonly after: AccessView;
  /** Folded names of everyone whose access may differ. */
  readonly affected: ReadonlySet<string>;
}

/** Access is worked out only when something changes, and only of those it may change for. */
export function viewsOf(difference: Difference, live: State, after: State, platform: Platform): Views | undefined {
  if (difference.steps.length === 0) return undefined;
  const affected = affectedMembers(difference.steps, live, after, platform);
  return { before: platform.access(live, affected), after: platform.access(after, affected), affected };
}

/** A step as a change. `states` are where display names come from. */
export function changeOf(
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
export function viewsOfStep({ before, after }: Pick<Step, "before" | "after">): [EntityView | null, EntityView | null] {
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

/** An entity's name; of a membership with its group's. */
export function displayName(entity: Pick<Entity, "section" | "name">, states: readonly State[]): string {
  const group = groupOfSection(entity.section);
  if (group === undefined) return entity.name;
  const names = states.map((state) => entityAt(state, "Group", group)?.name);
  return `${entity.name} in ${names.find((name) => name !== undefined) ?? group}`;
}

/** What giving and taking come to. */
export function effectOf({ gives, takes }: { readonly gives: boolean; readonly takes: boolean }): Effect {
  if (gives && takes) return "mixed";
  return gives ? "escalates" : takes ? "reduces" : "neutral";
}

/** What several changes do together. */
export function joinEffects(changes: readonly Pick<Change, "effect">[]): Effect {
  const has = (...some: Effect[]) => changes.some(({ effect }) => some.includes(effect));
  return effectOf({ gives: has("escalates", "mixed"), takes: has("reduces", "mixed") });
}
