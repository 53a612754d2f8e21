// A live state as its difference from what files say, and back again: what the ledger keeps of a look at a platform. Names and
// attributes only: no ids, no facts about people, nothing that files alone know. Pure.
import {
  type Attributes,
  EMPTY_SECTION,
  type Entity,
  groupOfSection,
  MEMBERSHIP,
  NO_ATTRIBUTES,
  type Section,
  type State,
  type Value,
} from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Difference } from "../model/past.ts";
import type { KindSpec, Platform } from "../model/platform.ts";
import { attributedIn, type Roster, RosterComparison, RosterSection } from "../model/roster.ts";
import { comparedAttributes } from "./leaves.ts";

/**
 * What `live` has otherwise than `declared`, sorted by section and local. `declared` is what files say at the time of the look: ended
 * access left out, the platform's defaults put in. How somebody's address is spelled is no difference.
 */
export function differencesOf(declared: State, live: State, platform: Platform): Difference[] {
  const found: Difference[] = [];
  const comparisons = new Comparisons();
  for (const name of new Set([...declared.keys(), ...live.keys()])) {
    const spec = specOf(name, platform);
    if (!spec) continue;
    const [said, seen] = [declared.get(name) ?? EMPTY_SECTION, live.get(name) ?? EMPTY_SECTION];
    if (said === seen) continue;
    for (const local of comparisons.suspects(spec, said, seen)) {
      const [one, other] = [said.get(local), seen.get(local)];
      if (one && other && isSame(spec, one, other)) continue;
      const entity = other ?? one;
      if (entity) found.push(differenceOf(spec, entity, other));
    }
  }
  return found.sort((a, b) => compareText(a.section, b.section) || compareText(a.local, b.local));
}

/** The live state that has these differences from `declared`. What is no different may be `declared`'s own. */
export function withDifferences(declared: State, differences: readonly Difference[], platform: Platform): State {
  const bySection = new Map<string, Difference[]>();
  for (const difference of differences) {
    const known = bySection.get(difference.section);
    if (known) known.push(difference);
    else bySection.set(difference.section, [difference]);
  }
  const live = new Map<string, Section>();
  for (const name of new Set([...declared.keys(), ...bySection.keys()])) {
    const spec = specOf(name, platform);
    if (!spec) continue;
    const said = declared.get(name) ?? EMPTY_SECTION;
    const own = bySection.get(name);
    if (!own && isPlain(spec, said)) {
      live.set(name, said);
      continue;
    }
    const section = new Map<string, Entity>();
    for (const [local, entity] of said) section.set(local, asSeen(spec, entity));
    for (const difference of own ?? [])
      if (difference.attributes === null) section.delete(difference.local);
      else section.set(difference.local, entityOf(difference, difference.attributes));
    live.set(name, section);
  }
  return live;
}

/** The kind that a section's entities are of, unless it is in files only. */
function specOf(section: string, { kinds }: Platform): KindSpec | undefined {
  const kind = groupOfSection(section) === undefined ? section : MEMBERSHIP;
  return kinds.find((spec) => spec.kind === kind && spec.role !== "policy");
}

/** Nothing in the section would look otherwise when it is seen live: rosters without ends and reasons, by far the most. */
function isPlain(spec: KindSpec, section: Section): boolean {
  if (spec.identity !== "group") return false;
  for (const { attributes } of attributedIn(section)) if (Object.keys(attributes).length > 0) return false;
  return true;
}

/** An entity without what only files know of it. The same object where there is no such thing. */
function asSeen(spec: KindSpec, entity: Entity): Entity {
  const { kind, section, local, name, status } = entity;
  const attributes = sharedAttributes(spec, entity.attributes);
  return { kind, section, local, name, attributes, ...(status === undefined ? {} : { status }) };
}

/** All but those that are kept in Git only; what things that are only pointed at say of themselves has no spec. */
function sharedAttributes(spec: KindSpec, attributes: Attributes): Attributes {
  if (attributes === NO_ATTRIBUTES) return attributes;
  const shared = Object.entries(attributes).filter(([name]) => !spec.attributes[name]?.policyOnly);
  return shared.length === 0 ? NO_ATTRIBUTES : Object.fromEntries(shared);
}

function differenceOf(spec: KindSpec, { kind, section, local, name }: Entity, live: Entity | undefined): Difference {
  return {
    kind,
    section,
    local,
    name,
    attributes: live ? sharedAttributes(spec, live.attributes) : null,
    ...(live?.status === undefined ? {} : { status: live.status }),
  };
}

function entityOf({ kind, section, local, name, status }: Difference, attributes: Attributes): Entity {
  const own = Object.keys(attributes).length === 0 ? NO_ATTRIBUTES : attributes;
  return { kind, section, local, name, attributes: own, ...(status === undefined ? {} : { status }) };
}

/** Whether two entities of one key are the same as far as anybody remembers them. */
export function isSame(spec: KindSpec, one: Entity, other: Entity): boolean {
  if (one === other) return true;
  if (spec.identity === "name" && one.name !== other.name) return false;
  if (one.status !== other.status) return false;
  return hasAll(spec, one.attributes, other.attributes) && hasAll(spec, other.attributes, one.attributes);
}

function hasAll(spec: KindSpec, these: Attributes, those: Attributes): boolean {
  if (these === those) return true;
  for (const name in these)
    if (!spec.attributes[name]?.policyOnly && !isSameValue(these[name], those[name])) return false;
  return true;
}

function isSameValue(one: Value | undefined, other: Value | undefined): boolean {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object") return false;
  const [left, right] = [Object.entries(one), Object.entries(other)];
  if (left.length !== right.length || Array.isArray(one) !== Array.isArray(other)) return false;
  return left.every(([name, value]) => (other as Readonly<Record<string, string>>)[name] === value);
}

/** Which entities of two sections may differ at all. What two rosters have in common is worked out once. */
class Comparisons {
  readonly #known = new Map<Roster, Map<Roster, RosterComparison>>();

  suspects(spec: KindSpec, said: Section, seen: Section): Iterable<string> {
    const areRosters = said instanceof RosterSection && seen instanceof RosterSection;
    if (!areRosters || comparedAttributes(spec).length > 0) return new Set([...said.keys(), ...seen.keys()]);
    const row = this.#known.get(said.roster) ?? new Map<Roster, RosterComparison>();
    this.#known.set(said.roster, row);
    const comparison = row.get(seen.roster) ?? new RosterComparison(said.roster, seen.roster);
    row.set(seen.roster, comparison);
    const { first, second } = comparison.compare(said, seen);
    return [...first, ...second];
  }
}
