// The only scopes that a change can touch, where names or values say it: what rests on one scope by its very name, and what
// somebody is given in one. In doubt a change is bound to none. Pure.
import type { Change } from "../model/change.ts";
import { entityAt, type State } from "../model/entity.ts";
import { type AttributeSpec, kindSpec, MEMBER, type Platform, type Reference } from "../model/platform.ts";
import { comparedAttributes, leavesOf, referencesIn } from "./leaves.ts";

/** Folded names of scopes; undefined where it cannot be told, or is none. */
export type Bound = ReadonlySet<string> | undefined;

/** The scopes that an entity of a name belongs to by that name, or by that of what it rests on. */
export function scopesByName({ kind, name }: Reference, state: State, platform: Platform): Bound {
  const scopes = new Set<string>();
  const seen = new Set<string>();
  const queue: Reference[] = [{ kind, name }];
  for (let next = queue.pop(); next; next = queue.pop()) {
    const key = `${next.kind}/${platform.fold(next.name)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (next.kind === platform.scopeKind) {
      scopes.add(platform.fold(next.name));
      continue;
    }
    const below = kindSpec(platform, next.kind)?.restsOn?.(next.name, state) ?? [];
    if (below.length === 0) return undefined;
    queue.push(...below);
  }
  return scopes.size === 0 ? undefined : scopes;
}

/** The scopes that an entity belongs to by its name, and those of whatever it refers to that belongs to one. */
export function scopesOfEntity(kind: string, local: string, state: State, platform: Platform): Bound {
  const [spec, entity] = [kindSpec(platform, kind), entityAt(state, kind, local)];
  if (!spec?.restsOn || !entity) return undefined;
  const own = scopesByName({ kind, name: entity.name }, state, platform);
  if (!own) return undefined;
  const scopes = new Set(own);
  for (const [attribute, attributeSpec] of comparedAttributes(spec))
    for (const reference of referencesIn(attributeSpec, entity.attributes[attribute]))
      for (const scope of scopesByName(reference, state, platform) ?? []) scopes.add(scope);
  return scopes;
}

/** The scopes of everything that a change gives a member or takes from them; undefined where it is about more than that. */
function scopesOfMember({ action, before, after }: Change, states: readonly State[], platform: Platform): Bound {
  const spec = kindSpec(platform, MEMBER);
  if (action !== "update" || !spec || !before || !after) return undefined;
  const scopes = new Set<string>();
  for (const [attribute, attributeSpec] of comparedAttributes(spec)) {
    const [was, is] = [before, after].map(({ attributes }) =>
      leavesOf(attributeSpec, attributes[attribute], platform.fold),
    );
    for (const leaves of [was, is])
      for (const [part, value] of leaves ?? []) {
        if (was?.get(part) !== undefined && is?.get(part) !== undefined && was.get(part) === is.get(part)) continue;
        const bound = scopesOfLeaf(attributeSpec, String(value), states, platform);
        if (!bound) return undefined;
        for (const scope of bound) scopes.add(scope);
      }
  }
  return scopes.size === 0 ? undefined : scopes;
}

function scopesOfLeaf(spec: AttributeSpec, text: string, states: readonly State[], platform: Platform): Bound {
  const references = spec.type === "set" ? referencesIn(spec, [text]) : [];
  const bound = references.flatMap((reference) => states.map((state) => scopesByName(reference, state, platform)));
  if (bound.length === 0 || bound.includes(undefined)) return undefined;
  return new Set(bound.flatMap((scopes) => [...(scopes ?? [])]));
}

/** The only scopes that a change of anything but groups and who is in them touches, in any of the states. */
export function scopesOfChange(change: Change, states: readonly State[], platform: Platform): Bound {
  const { kind, local } = change;
  if (kind === MEMBER) return scopesOfMember(change, states, platform);
  const scopes = new Set<string>();
  for (const state of states) {
    if (!entityAt(state, kind, local)) continue;
    const bound = scopesOfEntity(kind, local, state, platform);
    if (!bound) return undefined;
    for (const scope of bound) scopes.add(scope);
  }
  return scopes.size === 0 ? undefined : scopes;
}
