// Who owns what a change touches, and so may approve it, by the base's settings: the target's owners; a group's, for who is in
// it; a scope's, for what touches no other scope. In doubt a change is nobody's but the target's owners'. Pure.
import type { Change } from "../model/change.ts";
import { type Entity, entityAt, groupOfSection, membershipSection, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { lazy, memo } from "../model/lazy.ts";
import { type AccessView, GROUP, kindSpec, type Platform } from "../model/platform.ts";
import type { ApprovalCounts, Target } from "../model/settings.ts";
import { scopesOfChange, scopesOfEntity } from "./bound-scopes.ts";
import { comparedAttributes, referencesIn } from "./leaves.ts";

export interface OwnershipInput {
  readonly target: Target;
  readonly platform: Platform;
  readonly groupOwners: ReadonlyMap<string, readonly string[]>;
  readonly changes: readonly Change[];
  readonly live: State;
  /** Live when the whole plan is made. */
  readonly after: () => State;
}

/** Some people who may approve; the same object for what the same people own. */
export interface Owners {
  /** As the settings name them, sorted. */
  readonly names: readonly string[];
  readonly byFold: ReadonlyMap<string, string>;
}

export interface Ownership {
  readonly ownersOf: (change: Change, label: keyof ApprovalCounts) => Owners;
  /** Those whom something names that is no change. */
  readonly named: (names: readonly string[]) => Owners;
}

/** How many members of a group are looked at to learn where it gives something: any of them shows it, unless they are disabled. */
const SAMPLE = 5;

export function createOwnership(input: OwnershipInput): Ownership {
  const { target, platform, groupOwners } = input;
  const { fold } = platform;
  const sets = new Map<string, Owners>();
  const named = (names: readonly string[]): Owners => {
    const byFold = new Map(names.map((name) => [fold(name), name]));
    const key = JSON.stringify([...byFold.keys()].sort(compareText));
    const owners = sets.get(key) ?? { names: [...byFold.values()].sort(compareText), byFold };
    sets.set(key, owners);
    return owners;
  };
  const scopeOwners = new Map(Object.entries(target.scopeOwners).map(([scope, names]) => [fold(scope), names]));
  const scopesOf = scopeOwners.size === 0 ? () => undefined : createScopes(input);
  const states = lazy(() => [input.live, input.after()]);
  const ownersAlone = (change: Change) => {
    const scopes = scopeOwners.size === 0 ? undefined : scopesOfChange(change, states(), platform);
    return named([...target.owners, ...commonOwners(scopes, scopeOwners, fold)]);
  };
  const ownersInScopes = memo((group: string) => commonOwners(scopesOf(group), scopeOwners, fold));
  const ownersOf = memo((key: string) => {
    const [group, decides] = JSON.parse(key) as [string | null, boolean];
    if (group === null) return named(target.owners);
    return named([...target.owners, ...(decides ? (groupOwners.get(group) ?? []) : []), ...ownersInScopes(group)]);
  });
  return {
    named,
    ownersOf: (change, label) => {
      const group = groupOf(change);
      if (group === undefined) return ownersAlone(change);
      const known = !isRenamed(group, input.live, fold);
      return ownersOf(JSON.stringify(known ? [group, decidesAlone(change, label)] : [null, false]));
    },
  };
}

/** The folded name of the group that a change is about, itself or who is in it. */
export function groupOf({ kind, section, local }: Pick<Change, "kind" | "section" | "local">): string | undefined {
  return groupOfSection(section) ?? (kind === GROUP ? local : undefined);
}

/** Whether the group has another name in live: who owned what had the new name before is not who owns this one. */
function isRenamed(group: string, live: State, fold: Platform["fold"]): boolean {
  const entity = entityAt(live, GROUP, group);
  return entity !== undefined && fold(entity.name) !== group;
}

/**
 * Whether a group's own owners may decide: who is in it, and what it no longer gives. What it gives beyond that is not theirs
 * to hand out: they would make themselves, or whom they let in, owners of everything.
 */
function decidesAlone({ kind }: Change, label: keyof ApprovalCounts): boolean {
  return kind !== GROUP || label !== "escalating";
}

/** Who owns every one of the scopes. */
function commonOwners(
  scopes: ReadonlySet<string> | undefined,
  scopeOwners: ReadonlyMap<string, readonly string[]>,
  fold: Platform["fold"],
): readonly string[] {
  if (!scopes || scopes.size === 0) return [];
  const [first = [], ...rest] = Array.from(scopes, (scope) => scopeOwners.get(scope) ?? []);
  const others = rest.map((names) => new Set(names.map(fold)));
  return first.filter((name) => others.every((names) => names.has(fold(name))));
}

/** Folded names of the only scopes that a group touches, in live or after the plan; undefined when it is not bound to some. */
function createScopes({
  platform,
  changes,
  live,
  after,
}: OwnershipInput): (group: string) => ReadonlySet<string> | undefined {
  const states = lazy(() => {
    const groups = new Set(changes.flatMap(({ section }) => groupOfSection(section) ?? []));
    for (const { kind, local } of changes) if (kind === GROUP) groups.add(local);
    return [live, after()].map((state) => ({ state, view: viewSamples(state, groups, platform) }));
  });
  return (group) => {
    const scopes = new Set<string>();
    // A group that the plan leaves as it is is one entity in both states.
    const entities = new Set(states().flatMap(({ state }) => entityAt(state, GROUP, group) ?? []));
    for (const entity of entities) {
      const bound = boundScopes(entity, platform, scopesOfGroup(entity, states(), platform));
      if (!bound) return undefined;
      for (const scope of bound.named) scopes.add(scope);
      if (!bound.composite) continue;
      const given = states()
        .filter(({ state }) => entityAt(state, GROUP, group) === entity)
        .flatMap(({ state, view }) => scopesGiven(entity, state, view, platform));
      // Nobody shows where it gives something.
      if (given.length === 0) return undefined;
      for (const scope of given) scopes.add(scope);
    }
    return scopes;
  };
}

/** The scopes that a group's attributes name; undefined when one of them can stand for any scope, or when they name none. */
function boundScopes(
  group: Entity,
  platform: Platform,
  byName: Iterable<string>,
): { readonly named: ReadonlySet<string>; readonly composite: boolean } | undefined {
  const named = new Set<string>(byName);
  const spec = kindSpec(platform, GROUP);
  let composite = false;
  for (const [name, attribute] of spec ? comparedAttributes(spec) : []) {
    const value = group.attributes[name];
    const isScope = attribute.refersTo === platform.scopeKind;
    if (attribute.type === "scope" && !(isScope && Array.isArray(value) && value.length > 0)) return undefined;
    if (isScope && Array.isArray(value)) for (const scope of value) named.add(platform.fold(scope));
    if (!attribute.element || !Array.isArray(value)) continue;
    for (const element of value) {
      composite = true;
      const scopes = referencesIn(attribute, [element]).filter(({ kind }) => kind === platform.scopeKind);
      if (scopes.length === 0) return undefined;
      for (const scope of scopes) named.add(platform.fold(scope.name));
    }
  }
  return named.size === 0 ? undefined : { named, composite };
}

/** The scopes that a group belongs to by its name. */
function scopesOfGroup(
  entity: Entity,
  states: readonly { readonly state: State }[],
  platform: Platform,
): readonly string[] {
  return states
    .filter(({ state }) => entityAt(state, GROUP, entity.local) === entity)
    .flatMap(({ state }) => [...(scopesOfEntity(GROUP, entity.local, state, platform) ?? [])]);
}

function viewSamples(state: State, groups: Iterable<string>, platform: Platform): AccessView {
  const members = new Set<string>();
  for (const group of groups) for (const local of sampleOf(state, group)) members.add(local);
  return platform.access(state, members);
}

function sampleOf(state: State, group: string): string[] {
  const sample: string[] = [];
  for (const local of state.get(membershipSection(group))?.keys() ?? []) {
    if (sample.length === SAMPLE) break;
    sample.push(local);
  }
  return sample;
}

/** Where members of a group hold something through it. */
function scopesGiven({ local, name }: Entity, state: State, view: AccessView, { fold }: Platform): string[] {
  return sampleOf(state, local).flatMap((member) =>
    view
      .grantsOf(member)
      .filter(({ via }) => via.some(({ group }) => group === name))
      .map(({ scope }) => fold(scope)),
  );
}

/** Folded group name -> who owns it, as the files of a state say; of every group. */
export function ownersOfGroups(state: State): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, readonly string[]>();
  for (const { local, attributes } of state.get(GROUP)?.values() ?? [])
    owners.set(local, Array.isArray(attributes.owners) ? attributes.owners : []);
  return owners;
}
