// What was made of merges since the last apply, while something else of them is held: the platform has it, the applied commit
// does not say it. It counts as applied, so that taking it back is a change, and no drift that nobody undoes. Pure.
import { type Entity, entityAt, type State } from "../model/entity.ts";
import { kindSpec, type Platform } from "../model/platform.ts";
import { comparedAttributes } from "./leaves.ts";
import { mergeEntity } from "./merge.ts";

/** What a merge says otherwise than the applied commit: by section and local key; null is what it does not have. */
export type Since = ReadonlyMap<string, ReadonlyMap<string, Entity | null>>;

/** What a later policy says otherwise. */
export function changedSince(base: State, want: State, platform: Platform): Since {
  const changed = new Map<string, Map<string, Entity | null>>();
  const note = (section: string, local: string, entity: Entity | null) => {
    const known = changed.get(section);
    if (known) known.set(local, entity);
    else changed.set(section, new Map([[local, entity]]));
  };
  for (const [section, entities] of want)
    for (const [local, entity] of entities) {
      const before = entityAt(base, section, local);
      if (!before || !saysSame(entity, before, platform)) note(section, local, entity);
    }
  for (const [section, entities] of base)
    for (const local of entities.keys()) if (!entityAt(want, section, local)) note(section, local, null);
  return changed;
}

/**
 * The base, with what the platform has as one of the merges says it. Only what platforms know: who owns something, and what else
 * is a matter of policy alone, stays as it was when it was applied last.
 */
export function withMade(base: State, live: State, since: readonly Since[], platform: Platform): State {
  const made = new Map<string, Map<string, Entity>>();
  const sectionOf = (section: string) => {
    const known = made.get(section) ?? new Map(base.get(section) ?? []);
    made.set(section, known);
    return known;
  };
  for (const changed of since)
    for (const [section, entities] of changed)
      for (const [local, entity] of entities) {
        const there = entityAt(live, section, local);
        if (entity === null && !there) sectionOf(section).delete(local);
        if (entity && there && saysSame(entity, there, platform))
          sectionOf(section).set(local, withPolicyOf(entity, entityAt(base, section, local), platform));
      }
  return made.size === 0 ? base : new Map([...base, ...made]);
}

function saysSame(one: Entity, other: Entity, platform: Platform): boolean {
  const spec = kindSpec(platform, one.kind);
  if (!spec) return false;
  const rules = { fold: platform.fold, revert: false, overwrite: false };
  const { origin, drift } = mergeEntity(spec, one, undefined, other, rules);
  return origin === undefined && drift.length === 0;
}

function withPolicyOf(entity: Entity, before: Entity | undefined, platform: Platform): Entity {
  const spec = kindSpec(platform, entity.kind);
  const compared = new Set(spec ? [...comparedAttributes(spec)].map(([name]) => name) : []);
  const only = (of: Entity, isCompared: boolean) =>
    Object.entries(of.attributes).filter(([name]) => compared.has(name) === isCompared);
  const attributes = Object.fromEntries([...(before ? only(before, false) : []), ...only(entity, true)]);
  return { ...entity, attributes };
}
