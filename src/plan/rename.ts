// A rename (`previously:`) is an update, not a delete and a create: base and live are seen under the
// new name before anything is compared, so a renamed group keeps its people and a renamed person her groups.
import { type Entity, entityAt, groupOfSection, membershipSection, type State, type Value } from "../model/entity.ts";
import { compareText, type Finding } from "../model/finding.ts";
import type { KindSpec, Platform } from "../model/platform.ts";

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
    const renamedSection =
      group === undefined ? section : membershipSection(moves.get("Group")?.get(group)?.to ?? group);
    const moved = result.get(renamedSection) ?? new Map<string, Entity>();
    for (const entity of entities.values()) {
      const local = moves.get(group === undefined ? entity.kind : "Member")?.get(entity.local)?.to ?? entity.local;
      moved.set(local, {
        ...entity,
        section: renamedSection,
        local,
        attributes: renameReferences(entity, moves, platform),
      });
    }
    result.set(renamedSection, moved);
  }
  return result;
}

function renameReferences(entity: Entity, moves: ReadonlyMap<string, ReadonlyMap<string, Rename>>, platform: Platform) {
  const spec: KindSpec | undefined = platform.kinds.find(({ kind }) => kind === entity.kind);
  if (!spec) return entity.attributes;
  let attributes: Record<string, Value> | undefined;
  for (const [name, attribute] of Object.entries(spec.attributes)) {
    const value = entity.attributes[name];
    const byName = attribute.refersTo === undefined ? undefined : moves.get(attribute.refersTo);
    if (!byName || !Array.isArray(value)) continue;
    attributes ??= { ...entity.attributes };
    attributes[name] = value.map((old: string) => byName.get(platform.fold(old))?.name ?? old);
  }
  return attributes ?? entity.attributes;
}
