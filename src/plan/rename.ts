// A rename (`previously:`) is an update, not a delete and a create: base and live are seen under the
// new name before anything is compared, so a renamed group keeps its people and a renamed person her groups.
import {
  type Attributes,
  type Entity,
  entityAt,
  groupOfSection,
  membershipSection,
  type State,
  type Value,
} from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import { bareName, GROUP, kindSpec, MEMBER, ownedName, type Platform, type Reference } from "../model/platform.ts";
import { pointsElsewhere, renameIn } from "./leaves.ts";

interface Rename {
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  /** The new display name, for references inside other entities. */
  readonly name: string;
}

export interface Aligned {
  readonly base: State;
  readonly live: State;
  readonly findings: readonly Finding[];
}

/** Base and live with every entity that `want` renames under its new key; its display name stays the old one. */
export function alignRenames(want: State, base: State, live: State, platform: Platform): Aligned {
  const findings: Finding[] = [];
  const inBase: Rename[] = [];
  const inLive: Rename[] = [];
  for (const entity of renamed(want)) {
    const from = entity.previously ?? "";
    if (from === entity.local || entityAt(want, entity.section, from)) continue;
    const rename = { kind: entity.kind, from, to: entity.local, name: entity.name };
    const [old, taken] = [entityAt(live, entity.section, from), entityAt(live, entity.section, entity.local)];
    if (old && taken) findings.push(collision(entity, old));
    else if (old) inLive.push(rename);
    if (entityAt(base, entity.section, from) && !entityAt(base, entity.section, entity.local)) inBase.push(rename);
  }
  return { base: applyRenames(base, inBase, platform), live: applyRenames(live, inLive, platform), findings };
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

function applyRenames(state: State, renames: readonly Rename[], platform: Platform): State {
  if (renames.length === 0) return state;
  const moves = new Map<string, Map<string, Rename>>();
  for (const rename of renames) {
    const byName = moves.get(rename.kind) ?? new Map<string, Rename>();
    moves.set(rename.kind, byName.set(rename.from, rename));
  }
  const result = new Map<string, Map<string, Entity>>();
  for (const [section, entities] of state) {
    const group = groupOfSection(section);
    const renamedSection = group === undefined ? section : membershipSection(moves.get(GROUP)?.get(group)?.to ?? group);
    const moved = result.get(renamedSection) ?? new Map<string, Entity>();
    for (const entity of entities.values()) {
      const attributes = renameReferences(entity, moves, platform);
      const { local, name } = renameSelf(entity, attributes, moves, platform);
      moved.set(local, { ...entity, section: renamedSection, local, name, attributes });
    }
    result.set(renamedSection, moved);
  }
  return result;
}

type Moves = ReadonlyMap<string, ReadonlyMap<string, Rename>>;

/** The new key of an entity; what belongs to a renamed owner is named after the new one. */
function renameSelf(
  entity: Entity,
  attributes: Attributes,
  moves: Moves,
  platform: Platform,
): Pick<Entity, "local" | "name"> {
  const { kind, local, name } = entity;
  const isMembership = groupOfSection(entity.section) !== undefined;
  const moved = moves.get(isMembership ? MEMBER : kind)?.get(local)?.to;
  if (moved !== undefined || isMembership) return { local: moved ?? local, name };
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
