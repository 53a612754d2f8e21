// A rename (`previously:`) is an update, not a delete and a create: base and live are seen under the
// new name before anything is compared, so a renamed group keeps its people and a renamed person her groups.
import {
  type Attributes,
  type Entity,
  entityAt,
  groupOfSection,
  membershipSection,
  type Section,
  type State,
  type Value,
} from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import { bareName, GROUP, kindSpec, MEMBER, ownedName, type Platform, type Reference } from "../model/platform.ts";
import { pointsElsewhere, renameIn } from "./leaves.ts";

export interface Rename {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  /** The new display name, for references inside other entities. */
  readonly name: string;
  /** Whether the entity itself is seen by the new display name too. */
  readonly whole?: boolean;
}

export interface Aligned {
  readonly base: State;
  readonly live: State;
  readonly findings: readonly Finding[];
}

/**
 * Base and live with every entity that `want` renames under its new key; its display name stays the old one.
 * `identities` (folded name -> stable id) tells a rename that is made already, where the old name is somebody else's now.
 */
export function alignRenames(
  want: State,
  base: State,
  live: State,
  platform: Platform,
  identities: ReadonlyMap<string, string> = new Map(),
): Aligned {
  const findings: Finding[] = [];
  const inBase: Rename[] = [];
  const inLive: Rename[] = [];
  for (const entity of renamed(want)) {
    const from = entity.previously ?? "";
    if (from === entity.local || entityAt(want, entity.section, from)) continue;
    const rename = { kind: entity.kind, from, to: entity.local, name: entity.name };
    const [old, taken] = [entityAt(live, entity.section, from), entityAt(live, entity.section, entity.local)];
    const done = entity.kind === MEMBER && taken?.id !== undefined && identities.get(from) === taken.id;
    if (old && !taken) inLive.push(rename);
    else if (old && !done) findings.push(collision(entity, old));
    if (entityAt(base, entity.section, from) && !entityAt(base, entity.section, entity.local)) inBase.push(rename);
  }
  return { base: applyRenames(base, inBase, platform), live: applyRenames(live, inLive, platform), findings };
}

/** The folded name that a live member is seen by, once renames are aligned. */
export function seenAs(member: string, live: State, aligned: State): string {
  const id = entityAt(live, MEMBER, member)?.id;
  if (id === undefined || entityAt(aligned, MEMBER, member)?.id === id) return member;
  for (const person of aligned.get(MEMBER)?.values() ?? []) if (person.id === id) return person.local;
  return member;
}

function* renamed(state: State): Iterable<Entity> {
  const sections = [...state.keys()].filter((name) => groupOfSection(name) === undefined).sort(compareText);
  for (const section of sections)
    for (const entity of state.get(section)?.values() ?? []) if (entity.previously !== undefined) yield entity;
}

function collision(entity: Entity, old: Entity): Finding {
  return {
    severity: "error",
    code: "rename-collision",
    message: `${entity.kind} "${entity.name}" is to be renamed from "${old.name}", but the platform has both`,
    key: `${entity.section}/${entity.local}`,
    hint: `Remove "previously" if they are two things, or rename or remove one of them on the platform.`,
    ...(entity.place ? { place: entity.place } : {}),
  };
}

/** The state with entities under other keys, and every reference to them with their new display names. What none of it concerns is shared. */
export function applyRenames(state: State, renames: readonly Rename[], platform: Platform): State {
  if (renames.length === 0) return state;
  const moves = new Map<string, Map<string, Rename>>();
  for (const rename of renames) {
    const byName = moves.get(rename.kind) ?? new Map<string, Rename>();
    moves.set(rename.kind, byName.set(rename.from, rename));
  }
  const result = new Map<string, Section>();
  for (const [section, entities] of state) {
    const group = groupOfSection(section);
    const renamedSection = group === undefined ? section : membershipSection(moves.get(GROUP)?.get(group)?.to ?? group);
    const there = result.get(renamedSection);
    if (!there && renamedSection === section && !isConcerned(section, entities, moves, platform)) {
      result.set(section, entities);
      continue;
    }
    const moved = new Map<string, Entity>(there);
    for (const entity of entities.values()) {
      const seen = renameEntity(entity, renamedSection, moves, platform);
      moved.set(seen.local, seen);
    }
    result.set(renamedSection, moved);
  }
  return result;
}

/** Whether anything in a section may be renamed or refer to what is. Rosters of memberships are large and seldom concerned. */
function isConcerned(section: string, entities: Section, moves: Moves, platform: Platform): boolean {
  if (groupOfSection(section) !== undefined) {
    for (const from of moves.get(MEMBER)?.keys() ?? []) if (entities.has(from)) return true;
    return false;
  }
  const spec = kindSpec(platform, section);
  return moves.has(section) || (spec !== undefined && Object.values(spec.attributes).some(pointsElsewhere));
}

type Moves = ReadonlyMap<string, ReadonlyMap<string, Rename>>;

function renameEntity(entity: Entity, section: string, moves: Moves, platform: Platform): Entity {
  const attributes = renameReferences(entity, moves, platform);
  const { local, name } = renameSelf(entity, attributes, moves, platform);
  if (section === entity.section && local === entity.local && name === entity.name && attributes === entity.attributes)
    return entity;
  const seen: Entity = { ...entity, section, local, name, attributes };
  return moves.get(entity.kind)?.get(entity.local)?.whole ? { ...seen, nowCalled: entity.name } : seen;
}

/** The new key of an entity; what belongs to a renamed owner is named after the new one. */
function renameSelf(
  entity: Entity,
  attributes: Attributes,
  moves: Moves,
  platform: Platform,
): Pick<Entity, "local" | "name"> {
  const { kind, local, name } = entity;
  const isMembership = groupOfSection(entity.section) !== undefined;
  const move = moves.get(isMembership ? MEMBER : kind)?.get(local);
  if (move) return { local: move.to, name: move.whole ? move.name : name };
  if (isMembership) return { local, name };
  const owner = kindSpec(platform, kind)?.owner;
  const [was, is] = owner === undefined ? [] : [entity.attributes[owner], attributes[owner]];
  if (typeof was !== "string" || typeof is !== "string" || was === is) return { local, name };
  const renamed = ownedName(bareName(name, was), is);
  return { local: platform.fold(renamed), name: renamed };
}

function renameReferences(entity: Entity, moves: Moves, platform: Platform): Attributes {
  const spec = kindSpec(platform, entity.kind);
  const renamed = ({ kind, name }: Reference) => moves.get(kind)?.get(platform.fold(name))?.name ?? name;
  let attributes: Record<string, Value> | undefined;
  for (const [name, attribute] of Object.entries(spec?.attributes ?? {})) {
    const value = entity.attributes[name];
    if (value === undefined || !pointsElsewhere(attribute)) continue;
    attributes ??= { ...entity.attributes };
    attributes[name] = renameIn(attribute, value, renamed);
  }
  return attributes ?? entity.attributes;
}
