// One state, looked at for all rules together: who holds which lists of grants, what groups could give, who owns, what
// levels and names mean. Everything is worked out when it is first asked for, and once. It judges nothing.
import {
  type Attributes,
  EMPTY_SECTION,
  type Entity,
  entityAt,
  keyOf,
  MEMBERSHIP,
  membershipSection,
  NO_ATTRIBUTES,
  type State,
} from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant } from "../../model/grant.ts";
import { lazy, memo } from "../../model/lazy.ts";
import {
  GROUP,
  type GrantParts,
  kindSpec,
  MEMBER,
  type Platform,
  type ResourceSpec,
  resourcesOf,
} from "../../model/platform.ts";
import type { Ground } from "./ground.ts";
import { findHolders, type Holders } from "./holders.ts";

/** Somebody who holds something. */
export interface Person {
  /** Folded name. */
  readonly member: string;
  readonly parts: GrantParts;
}

export interface Survey {
  readonly ground: Ground;
  /** Folded names of the members that are looked at, where that is not everyone. */
  readonly among: ReadonlySet<string> | undefined;
  /** Of everyone who is looked at, those whose lists of grants pass some tests. */
  readonly holding: Holders["holding"];
  /** What groups give whoever is put into them: a list for each group that gives something. */
  readonly groupParts: () => GrantParts;
  /** The list of what a group (by folded name) gives. */
  readonly partOf: (group: string) => readonly Grant[] | undefined;
  /** `groupParts`, and what people hold through no group. */
  readonly reach: () => GrantParts;
  /** Whether somebody could give themselves anything. */
  readonly isOwner: (person: Person) => boolean;
  /** Whether one grant is part of what makes an owner. */
  readonly escalates: (grant: Grant) => boolean;
  /** Folded names and aliases of resources -> the name that grants have. */
  readonly resources: () => ReadonlyMap<string, ResourceSpec>;
  /** Whether a level of a resource is another one or above it, be that one offered by other resources only. */
  readonly isAtLeast: (resource: string, level: string, wanted: string) => boolean;
  /** Whether levels say anything: not where every resource has a single one. */
  readonly hasLevels: () => boolean;
  /** Folded name of the scope of a grant. */
  readonly foldScope: (scope: string) => string;
  /** A member or group as people see it. */
  readonly nameOf: (kind: string, local: string) => string;
  /** Keys of what the plan changes. */
  readonly changed: () => ReadonlySet<string>;
}

export function surveyState(ground: Ground): Survey {
  const { platform, state, view, declared } = ground;
  const holders = findHolders(view);
  const groupParts = lazy(() => imagineGroups(ground));
  const byGroup = lazy(() => new Map(groupParts().map((part) => [platform.fold(part[0]?.via[0]?.group ?? ""), part])));
  const reach = lazy(() => [...new Set([...groupParts(), ...holders.lists()])]);
  const ownsAlone = memo((part: readonly Grant[]) => platform.ownerEquivalent(part));
  // More grants can only help to own. So when all lists that do not own do not own together, no choice of them does.
  const ownsTogether = lazy(() =>
    platform.ownerEquivalent(
      unite(
        reach().filter((part) => !ownsAlone(part)),
        platform,
      ),
    ),
  );
  const resources = lazy(() => resourceNames(ground));
  return {
    ground,
    among: undefined,
    holding: holders.holding,
    groupParts,
    partOf: (group) => byGroup().get(group),
    reach,
    isOwner: ({ member, parts }) =>
      parts.some(ownsAlone) || (parts.length > 1 && ownsTogether() && platform.ownerEquivalent(view.grantsOf(member))),
    escalates: (grant) => platform.ownerEquivalent([grant]) || ownsTogether(),
    resources,
    isAtLeast: levelOrder(platform, resources),
    hasLevels: lazy(() => [...resources().values()].some(({ levels }) => levels.length > 1)),
    foldScope: memo(platform.fold),
    nameOf: (kind, local) => (entityAt(state, kind, local) ?? entityAt(declared, kind, local))?.name ?? local,
    changed: lazy(() => new Set(ground.plan?.changes.map(keyOf))),
  };
}

/** The same state, with some members alone to be looked at. */
export function surveyAmong(survey: Survey, among: ReadonlySet<string>): Survey {
  return { ...survey, among, holding: findHolders(survey.ground.view, among).holding };
}

/** Every member that is looked at, whatever they hold. */
export function membersIn({ ground: { state }, among }: Survey): Iterable<Entity> {
  const members = state.get(MEMBER) ?? EMPTY_SECTION;
  return among ? [...among].flatMap((member) => members.get(member) ?? []) : members.values();
}

/** Whether somebody holds the very same lists of grants in another state, that before the plan. */
export function holdsTheSame({ member, parts }: Person, other: Survey): boolean {
  if (other.ground.affected?.has(member) === false) return true;
  const others = other.ground.view.partsOf(member);
  return parts.length === others.length && parts.every((part, at) => part === others[at]);
}

/** A name that no platform gives anybody. */
const NOBODY = "\u0000";

/**
 * What somebody would hold by groups who is in every one of them. A group may give something only to who is also something
 * else, so they are everything that anybody is: more in a state never gives less.
 */
function imagineGroups({ platform, state }: Ground): GrantParts {
  const entity = (kind: string, section: string): Entity => {
    return { kind, section, local: NOBODY, name: NOBODY, attributes: NO_ATTRIBUTES };
  };
  const imagined = new Map(state);
  const attributes = everythingAnybodyIs(platform, state);
  imagined.set(MEMBER, new Map([[NOBODY, { ...entity(MEMBER, MEMBER), attributes }]]));
  for (const group of state.get(GROUP)?.keys() ?? []) {
    const section = membershipSection(group);
    imagined.set(section, new Map([[NOBODY, entity(MEMBERSHIP, section)]]));
  }
  const parts = platform.access(imagined, new Set([NOBODY])).partsOf(NOBODY);
  return parts.filter((part) => part[0]?.via[0]?.group !== undefined);
}

/** Every element of every member's sets. */
function everythingAnybodyIs(platform: Platform, state: State): Attributes {
  const spec = kindSpec(platform, MEMBER);
  const sets = Object.entries(spec?.attributes ?? {}).filter(([, { type }]) => type === "set");
  if (sets.length === 0) return NO_ATTRIBUTES;
  const found = new Map(sets.map(([name]) => [name, new Set<string>()]));
  for (const { attributes } of state.get(MEMBER)?.values() ?? [])
    for (const [name, elements] of found) {
      const value = attributes[name];
      if (Array.isArray(value)) for (const element of value) elements.add(element);
    }
  return Object.fromEntries([...found].map(([name, elements]) => [name, [...elements].sort(compareText)]));
}

/** The highest level of each resource in each scope. */
function unite(parts: GrantParts, { rankOf }: Platform): Grant[] {
  const cells = new Map<string, Grant>();
  for (const part of parts)
    for (const grant of part) {
      const { resource, scope, level } = grant;
      const known = cells.get(`${resource}\n${scope}`);
      if (!known || rankOf(resource, known.level) < rankOf(resource, level)) cells.set(`${resource}\n${scope}`, grant);
    }
  return [...cells.values()];
}

function resourceNames({ platform, state }: Ground): ReadonlyMap<string, ResourceSpec> {
  const names = new Map<string, ResourceSpec>();
  for (const resource of resourcesOf(platform, state))
    for (const name of [resource.name, ...resource.aliases]) names.set(platform.fold(name), resource);
  return names;
}

/** A resource may lack a level that others place below or above its own: so a selector without a resource has one meaning. */
function levelOrder({ rankOf }: Platform, resources: () => ReadonlyMap<string, ResourceSpec>): Survey["isAtLeast"] {
  const above = memo((pair: string) => {
    const [level = "", wanted = ""] = pair.split("\n");
    return [...resources().values()].some(
      ({ levels }) => levels.includes(wanted) && levels.indexOf(level) > levels.indexOf(wanted),
    );
  });
  return (resource, level, wanted) => {
    if (level === wanted) return true;
    const rank = rankOf(resource, wanted);
    return rank >= 0 ? rankOf(resource, level) >= rank : above(`${level}\n${wanted}`);
  };
}
