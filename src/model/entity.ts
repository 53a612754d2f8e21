// Entities and states: the one shape for desired, base and live. A state is kept in sections so
// that large ones compare section by section with short keys; a group's memberships are a section each.
import type { Place } from "./finding.ts";

/**
 * An attribute's value, already canonical, so that equal meanings are equal values:
 * text and names as strings; a set as its names sorted by folded name; a map with its keys sorted.
 */
export type Value = string | boolean | readonly string[] | { readonly [name: string]: string };

export type Attributes = { readonly [attribute: string]: Value };

/** Shared by every entity that has no attributes (most memberships), to keep big states small. */
export const NO_ATTRIBUTES: Attributes = Object.freeze({});

export interface Entity {
  readonly kind: string;
  /** Where it lives in a state: its kind, or for a membership `Membership/<folded group name>`. */
  readonly section: string;
  /** What identifies it within its section: a folded name or address. */
  readonly local: string;
  /** As people see it. For a membership: the member's address. */
  readonly name: string;
  /** Only what the source speaks of: an absent attribute is untouched, an empty one is empty. */
  readonly attributes: Attributes;
  /** Desired and base: where the entity is declared. */
  readonly place?: Place;
  /** Live: the platform's stable id. */
  readonly id?: string;
  /** Live: the platform's version of it (an ETag), sent back as the precondition of a write. */
  readonly version?: string;
  /** Live: what is special about it: an access not in force yet (`invited`), something nobody may change (`immutable`). */
  readonly status?: string;
  /** Live: what the platform calls it now, where it is seen by the name that Git still knows it by. */
  readonly nowCalled?: string;
  /** Live members: what the platform reports of them and nobody declares. Absent parts are not reported. */
  readonly facts?: MemberFacts;
  /** Desired: the name it had before (`previously:`), folded. */
  readonly previously?: string;
}

export interface MemberFacts {
  /** Whether a second factor is set up. */
  readonly multiFactor?: boolean;
  /** When the person last did something, ISO 8601 in UTC; null for never. */
  readonly lastActive?: string | null;
}

export type Section = ReadonlyMap<string, Entity>;

/** Section name -> local key -> entity. Iteration order carries no meaning; what leaves is sorted. */
export type State = ReadonlyMap<string, Section>;

export const EMPTY_STATE: State = new Map();
export const EMPTY_SECTION: Section = new Map();

export const MEMBERSHIP = "Membership";

/** The section of a group's memberships; `group` is the group's folded name. */
export function membershipSection(group: string): string {
  return `${MEMBERSHIP}/${group}`;
}

/** The folded group name of a membership section, or undefined for any other section. */
export function groupOfSection(section: string): string | undefined {
  return section.startsWith("Membership/") ? section.slice("Membership/".length) : undefined;
}

/** The key as text, stable and never display text: `Role/card editor`, `Membership/card creators/ana@acme.example`. */
export function keyOf(entity: Pick<Entity, "section" | "local">): string {
  return `${entity.section}/${entity.local}`;
}

/** Section and local key of a key as text. Names may have slashes: only the group's of a membership is before the last one. */
export function splitKey(key: string): readonly [section: string, local: string] {
  const cut = groupOfSection(key) === undefined ? key.indexOf("/") : key.lastIndexOf("/");
  return [key.slice(0, cut), key.slice(cut + 1)];
}

/** The entity at a section and local key, if there. */
export function entityAt(state: State, section: string, local: string): Entity | undefined {
  return state.get(section)?.get(local);
}

/** How many entities a state holds, of one kind or of all. */
export function countEntities(state: State, kind?: string): number {
  let count = 0;
  for (const [section, entities] of state)
    if (kind === undefined || section === kind || section.startsWith(`${kind}/`)) count += entities.size;
  return count;
}

/** A state from entities; the last of two with one key wins, so callers report duplicates first. */
export function stateOf(entities: Iterable<Entity>): State {
  const state = new Map<string, Map<string, Entity>>();
  for (const entity of entities) {
    const section = state.get(entity.section);
    if (section) section.set(entity.local, entity);
    else state.set(entity.section, new Map([[entity.local, entity]]));
  }
  return state;
}
