// What people hold on one target once all that Git says is applied, and what they would hold were they in other groups: asked about
// one person at a time, with nobody else in sight. It decides nothing.
import {
  EMPTY_SECTION,
  type Entity,
  entityAt,
  groupOfSection,
  MEMBERSHIP,
  membershipSection,
  NO_ATTRIBUTES,
  type Section,
  type State,
} from "../../model/entity.ts";
import type { Path } from "../../model/grant.ts";
import { lazy } from "../../model/lazy.ts";
import { GROUP, kindSpec, MEMBER, type Platform, resourcesOf } from "../../model/platform.ts";
import type { Target } from "../../model/settings.ts";
import { splitEnded } from "../expire.ts";
import { cellOf } from "./ground.ts";

/** One target whose access is decided on. */
export interface SettledTarget {
  readonly target: Target;
  readonly platform: Platform;
  /** What the files say, with entries that have ended; and what every target comes with. */
  readonly want: State;
  /** What was applied last; null before the first apply. */
  readonly base: State | null;
  /** As plans see it: what is renamed is called as in `want`. */
  readonly live: State;
}

/** Somebody's membership of a group. */
export interface Belonging {
  /** The group's display name. */
  readonly name: string;
  /** As the file writes it. */
  readonly until?: string;
  /** `git`: files say it. `stranger`: only the platform has it. `outside`: Git knows no such group. `idp`: it is somebody else's to say. */
  readonly by: "git" | "stranger" | "outside" | "idp";
}

/** What somebody holds of a resource in a scope. */
export interface HeldCell {
  readonly resource: string;
  readonly scope: string;
  readonly level: string;
  readonly rank: number;
  readonly paths: readonly (Path & { readonly rank: number })[];
}

export type Cells = ReadonlyMap<string, HeldCell>;

export interface Scene {
  readonly at: SettledTarget;
  /** As it will be, people's memberships aside. */
  readonly core: State;
  /** The member as files call them; as the platform does where no file has them. */
  readonly personOf: (member: string) => Entity | undefined;
  /** Folded name of a group -> how somebody is in it. */
  readonly groupsOf: (member: string) => ReadonlyMap<string, Belonging>;
  /** What somebody holds who is in these groups (folded names). */
  readonly holds: (person: Entity, groups: Iterable<string>) => Cells;
  /** Groups that files may put people into, by folded name. */
  readonly joinable: () => readonly Entity[];
  /** The highest level of a resource that is not above a level; undefined where it has none. */
  readonly levelWithin: (resource: string, level: string) => string | undefined;
}

export function openScene(at: SettledTarget, now: Date): Scene {
  const { platform, want, target } = at;
  const { active, ended } = splitEnded(want, now, target.timeZone);
  const core = coreOf(at, active);
  const belongings = lazy(() => belongingsOf(at, active, ended));
  return {
    at,
    core,
    personOf: (member) => withAllOn(entityAt(core, MEMBER, member), platform),
    groupsOf: (member) => belongings().get(member) ?? new Map(),
    holds: (person, groups) => holdsOf(person, groups, core, platform),
    joinable: lazy(() =>
      [...(active.get(GROUP)?.values() ?? [])]
        .filter(({ attributes }) => attributes.members !== "idp")
        .sort((a, b) => (a.local < b.local ? -1 : 1)),
    ),
    levelWithin: levelsOf(platform, core),
  };
}

/** Everything but memberships: what live has and Git leaves alone, under what Git says. */
function coreOf({ base, live }: SettledTarget, active: State): State {
  const core = new Map<string, Section>();
  for (const name of new Set([...live.keys(), ...active.keys()])) {
    if (groupOfSection(name) !== undefined) continue;
    const [there, wanted] = [live.get(name) ?? EMPTY_SECTION, active.get(name) ?? EMPTY_SECTION];
    const entities = new Map<string, Entity>();
    for (const [local, entity] of there)
      if (wanted.has(local) || !(base && entityAt(base, name, local))) entities.set(local, entity);
    for (const [local, entity] of wanted) {
      const known = there.get(local);
      entities.set(local, known ? { ...entity, attributes: { ...known.attributes, ...entity.attributes } } : entity);
    }
    core.set(name, entities);
  }
  return core;
}

/** Somebody who is disabled may be enabled again: what is decided holds then as well. */
function withAllOn(person: Entity | undefined, platform: Platform): Entity | undefined {
  const flags = Object.entries(kindSpec(platform, MEMBER)?.attributes ?? {}).filter(([, { enables }]) => enables);
  if (!person || flags.length === 0) return person;
  return {
    ...person,
    attributes: { ...person.attributes, ...Object.fromEntries(flags.map(([flag]) => [flag, true])) },
  };
}

function belongingsOf(at: SettledTarget, active: State, ended: ReadonlySet<string>) {
  const { want, live, base } = at;
  const found = new Map<string, Map<string, Belonging>>();
  const put = (member: string, group: string, belonging: Belonging) => {
    const known = found.get(member);
    if (known) known.set(group, belonging);
    else found.set(member, new Map([[group, belonging]]));
  };
  for (const section of new Set([...active.keys(), ...live.keys()])) {
    const group = groupOfSection(section);
    if (group === undefined) continue;
    const declared = entityAt(want, GROUP, group);
    const name = declared?.name ?? entityAt(live, GROUP, group)?.name ?? group;
    const mode = declared?.attributes.members;
    for (const [member, { attributes }] of active.get(section) ?? EMPTY_SECTION) {
      const { until } = attributes;
      put(member, group, { name, by: "git", ...(typeof until === "string" ? { until } : {}) });
    }
    for (const member of live.get(section)?.keys() ?? []) {
      if (active.get(section)?.has(member) || ended.has(`${section}/${member}`)) continue;
      // What Git had and has no more goes with the next apply; so does whoever Git never had in a group that it names everyone of.
      const goes = base !== null && (entityAt(base, section, member) !== undefined || mode === "exclusive");
      if (mode === "idp") put(member, group, { name, by: "idp" });
      else if (!goes) put(member, group, { name, by: declared ? "stranger" : "outside" });
    }
  }
  return found;
}

function holdsOf(person: Entity, groups: Iterable<string>, core: State, platform: Platform): Cells {
  const state = new Map(core).set(MEMBER, new Map([[person.local, person]]));
  for (const group of groups) {
    const section = membershipSection(group);
    const { local, name } = person;
    state.set(section, new Map([[local, { kind: MEMBERSHIP, section, local, name, attributes: NO_ATTRIBUTES }]]));
  }
  const view = platform.access(state, new Set([person.local]));
  return new Map(
    view.grantsOf(person.local).map((grant) => {
      const { resource, scope, level, via } = grant;
      const paths = via.map((path) => ({ ...path, rank: platform.rankOf(resource, path.level ?? level) }));
      return [cellOf(grant), { resource, scope, level, rank: platform.rankOf(resource, level), paths }];
    }),
  );
}

/** A level that a resource does not have is placed by the ladders of others, where one of them has both. */
function levelsOf(platform: Platform, core: State): Scene["levelWithin"] {
  const ladders = lazy(() => new Map(resourcesOf(platform, core).map(({ name, levels }) => [name, levels])));
  const isWithin = (one: string, other: string) =>
    one === other ||
    [...ladders().values()].some((ladder) => {
      const [low, high] = [ladder.indexOf(one), ladder.indexOf(other)];
      return low !== -1 && high !== -1 && low < high;
    });
  return (resource, level) =>
    ladders()
      .get(resource)
      ?.findLast((one) => isWithin(one, level));
}
