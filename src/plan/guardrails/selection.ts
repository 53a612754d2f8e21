// Selectors of permissions, made ready to be asked about very many people: what fits is worked out once for each list of
// grants, since people in the same groups share those. It judges nothing.
import { membershipSection } from "../../model/entity.ts";
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";
import type { PermissionSelector } from "../../model/guardrail.ts";
import { memo } from "../../model/lazy.ts";
import { GROUP } from "../../model/platform.ts";
import type { Ground } from "./ground.ts";
import type { Person, Survey } from "./survey.ts";

type Part = readonly Grant[];

/** One way in which somebody holds what a selector asks for. */
export interface Hold {
  readonly resource: string;
  readonly scope: string;
  /** What this path gives by itself. */
  readonly level: string;
  readonly path: Path;
}

export interface Selection {
  /** Whether it matters who could give themselves anything. */
  readonly asksOwner: boolean;
  /** The grants of one list that fit, for an owner or for somebody else. */
  readonly fitsIn: (part: Part, owner: boolean) => readonly Grant[];
  /** The scopes of those, each once. */
  readonly scopesIn: (part: Part, owner: boolean) => readonly string[];
  /** What fits path by path: a path that gives less than its grant may not fit. */
  readonly holdsIn: (part: Part, owner: boolean) => readonly Hold[];
}

/** Made once for each state: rules, and what says that they cannot fire, ask for the same ones. */
const known = new WeakMap<Ground, Map<string, Selection>>();

/** Makes selectors ready for one state. */
export function selectIn(survey: Survey, selectors: readonly PermissionSelector[]): Selection {
  const selections = known.get(survey.ground) ?? new Map<string, Selection>();
  known.set(survey.ground, selections);
  const text = JSON.stringify(selectors);
  const selection = selections.get(text) ?? createSelection(survey, selectors);
  selections.set(text, selection);
  return selection;
}

function createSelection(survey: Survey, selectors: readonly PermissionSelector[]): Selection {
  const tests = selectors.map((selector) => testOf(survey, selector));
  const everyone = tests.filter(({ owners }) => !owners);
  const [others, owners] = [partsFor(everyone), partsFor(tests)];
  const partsOf = (owner: boolean) => (owner ? owners : others);
  return {
    asksOwner: everyone.length < tests.length,
    fitsIn: (part, owner) => partsOf(owner).fits(part),
    scopesIn: (part, owner) => partsOf(owner).scopes(part),
    holdsIn: (part, owner) => partsOf(owner).holds(part),
  };
}

function partsFor(tests: readonly Test[]) {
  const fits = memo((part: Part): Part => part.filter((grant) => tests.some(({ fits }) => fits(grant, grant.level))));
  return {
    fits,
    scopes: memo((part: Part): readonly string[] => [...new Set(fits(part).map(({ scope }) => scope))]),
    holds: memo((part: Part) => holdsOf(fits(part), tests)),
  };
}

interface Test {
  readonly owners: boolean;
  readonly fits: (grant: Grant, level: string) => boolean;
}

function testOf(survey: Survey, { resource, level, scopes, ownerEquivalent = false }: PermissionSelector): Test {
  const { fold } = survey.ground.platform;
  const wanted = resource === undefined ? undefined : survey.resources().get(fold(resource))?.name;
  const places = scopes && new Set(scopes.map(fold));
  // Of somebody who owns, with nothing else asked for, only what makes the owner counts: not all else that they hold.
  const bare = ownerEquivalent && resource === undefined && level === undefined && scopes === undefined;
  const fits = (grant: Grant, given: string) =>
    (resource === undefined || grant.resource === wanted) &&
    (places === undefined || places.has(survey.foldScope(grant.scope))) &&
    (level === undefined || survey.isAtLeast(grant.resource, given, level)) &&
    (!bare || survey.escalates(given === grant.level ? grant : { ...grant, level: given }));
  return { owners: ownerEquivalent, fits };
}

function holdsOf(grants: readonly Grant[], tests: readonly Test[]): Hold[] {
  const holds: Hold[] = [];
  for (const grant of grants)
    for (const path of grant.via) {
      const { resource, scope } = grant;
      const level = path.level ?? grant.level;
      if (tests.some(({ fits }) => fits(grant, level))) holds.push({ resource, scope, level, path });
    }
  return holds;
}

/** Whether somebody counts as an owner for a selection. */
export function ownerFor({ asksOwner }: Selection, survey: Survey, person: Person): boolean {
  return asksOwner && survey.isOwner(person);
}

/** Whether somebody holds any of it. */
export function holdsAny(selection: Selection, survey: Survey, person: Person): boolean {
  const owner = ownerFor(selection, survey, person);
  return person.parts.some((part) => selection.fitsIn(part, owner).length > 0);
}

/** Everything of it that somebody holds, path by path: what the plan changes first, then by scope, resource and group. */
export function heldBy(selection: Selection, survey: Survey, person: Person): Hold[] {
  const owner = ownerFor(selection, survey, person);
  const { fold } = survey.ground.platform;
  const isOld = memo((group: string) => {
    const keys = [`${membershipSection(fold(group))}/${person.member}`, `${GROUP}/${fold(group)}`];
    return Number(!keys.some((key) => survey.changed().has(key)));
  });
  const oldness = ({ path: { group } }: Hold) => (group === undefined ? 1 : isOld(group));
  return person.parts
    .flatMap((part) => selection.holdsIn(part, owner))
    .sort(
      (a, b) =>
        oldness(a) - oldness(b) ||
        compareText(a.scope, b.scope) ||
        compareText(a.resource, b.resource) ||
        survey.ground.platform.rankOf(b.resource, b.level) - survey.ground.platform.rankOf(a.resource, a.level) ||
        compareText(a.path.group ?? "", b.path.group ?? ""),
    );
}

/** Grants -> their highest levels, as numbers: the extent of a breach by whoever holds them. */
export function extentOfGrants(grants: Iterable<Grant>, { ground: { platform } }: Survey): Map<string, number> {
  const extent = new Map<string, number>();
  for (const { resource, scope, level } of grants) {
    const key = `${resource}\n${scope}`;
    const rank = platform.rankOf(resource, level);
    extent.set(key, Math.max(extent.get(key) ?? rank, rank));
  }
  return extent;
}

/** What is held -> its highest level, as a number: the extent of a breach. */
export function extentOf(holds: readonly Hold[], survey: Survey, keyOf: (hold: Hold) => string): Map<string, number> {
  const extent = new Map<string, number>();
  for (const hold of holds) {
    const rank = survey.ground.platform.rankOf(hold.resource, hold.level);
    const key = keyOf(hold);
    extent.set(key, Math.max(extent.get(key) ?? rank, rank));
  }
  return extent;
}
