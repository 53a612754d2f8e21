// A state cut down to some people and what their access rests on, so that it can be worked out again after every step of a
// plan, however large the target is. Pure.
import { type Entity, entityAt, groupOfSection, type Section, type State } from "../model/entity.ts";
import { GROUP, kindSpec, MEMBER, type Platform } from "../model/platform.ts";
import { pointedAt } from "./leaves.ts";

/** The state without anybody else: their entities and memberships are left out, everything else is shared. */
export function restrictPeople(state: State, people: ReadonlySet<string>): State {
  const result = new Map<string, Section>();
  for (const [name, section] of state) {
    const personal = name === MEMBER || groupOfSection(name) !== undefined;
    const kept = personal ? pick(section, people) : section;
    if (kept.size > 0) result.set(name, kept);
  }
  return result;
}

/** The state without the managed entities that are not among the keys; memberships stay. */
export function restrictEntities(state: State, keys: ReadonlySet<string>, platform: Platform): State {
  const result = new Map<string, Section>();
  for (const [name, section] of state) {
    const managed = kindSpec(platform, name)?.role === "managed";
    const kept = managed ? new Map([...section].filter(([local]) => keys.has(`${name}/${local}`))) : section;
    if (kept.size > 0) result.set(name, kept);
  }
  return result;
}

function pick(section: Section, locals: ReadonlySet<string>): Section {
  const picked = new Map<string, Entity>();
  for (const local of locals) {
    const entity = section.has(local) ? section.get(local) : undefined;
    if (entity) picked.set(local, entity);
  }
  return picked;
}

/**
 * Keys of everything that the access of the people in these states may rest on, in any state made of parts of them:
 * themselves, their groups, and whatever those refer to at any remove (see `Platform.access`).
 */
export function foundations(states: readonly State[], platform: Platform): ReadonlySet<string> {
  const keys = new Set<string>();
  const queue: (readonly [kind: string, local: string])[] = [];
  const add = (kind: string, local: string) => {
    const key = `${kind}/${local}`;
    if (keys.has(key)) return;
    keys.add(key);
    queue.push([kind, local]);
  };
  for (const state of states)
    for (const [name, section] of state) {
      const group = groupOfSection(name);
      if (group !== undefined && section.size > 0) add(GROUP, group);
      if (name === MEMBER) for (const local of section.keys()) add(MEMBER, local);
    }
  for (let next = queue.pop(); next; next = queue.pop()) {
    const spec = kindSpec(platform, next[0]);
    for (const state of states) {
      const entity = entityAt(state, ...next);
      if (!entity || !spec) continue;
      for (const { kind, name } of pointedAt(spec, entity, state)) add(kind, platform.fold(name));
    }
  }
  return keys;
}
