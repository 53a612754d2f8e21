// Access that has ended is not wanted any more, whether or not Git has caught up with it.
// Splits a desired state by an instant that is handed in; never looks at a clock.
import { type Entity, keyOf, type Section, type State } from "../model/entity.ts";
import { attributedIn } from "../model/roster.ts";
import { hasEnded } from "../model/until.ts";
import { applySteps } from "./access.ts";

export interface Expiry {
  /** The state without the entities whose `until` has passed. */
  readonly active: State;
  /** Keys of the entities left out. */
  readonly ended: ReadonlySet<string>;
}

/** Splits `want` at `now`; `timeZone` is the one whose days dates are. Sections without an ended entity are shared, not copied. */
export function splitEnded(want: State, now: Date, timeZone: string): Expiry {
  const ended = new Set<string>();
  let active: Map<string, ReadonlyMap<string, Entity>> | undefined;
  for (const [section, entities] of want) {
    const over = endedIn(entities, now, timeZone);
    if (over.length === 0) continue;
    const left = new Map(entities);
    for (const entity of over) {
      left.delete(entity.local);
      ended.add(keyOf(entity));
    }
    active ??= new Map(want);
    active.set(section, left);
  }
  return { active: active ?? want, ended };
}

/**
 * The base without the memberships that had ended by its own word and that `want` has again: whoever gets them back gets something
 * that they did not have.
 */
export function withoutLapsed(base: State, want: State, now: Date, timeZone: string): State {
  const steps: { before: Entity; after: undefined }[] = [];
  for (const [name, section] of base) {
    const wanted = want.get(name);
    if (!wanted || wanted === section) continue;
    for (const entity of endedIn(section, now, timeZone))
      if (wanted.has(entity.local)) steps.push({ before: entity, after: undefined });
  }
  return steps.length === 0 ? base : applySteps(base, steps);
}

function endedIn(entities: Section, now: Date, timeZone: string): Entity[] {
  const over: Entity[] = [];
  for (const entity of attributedIn(entities)) if (endedAt(entity, now, timeZone)) over.push(entity);
  return over;
}

function endedAt(entity: Entity, now: Date, timeZone: string): boolean {
  const until = entity.attributes.until;
  return typeof until === "string" && hasEnded(until, now, timeZone);
}
