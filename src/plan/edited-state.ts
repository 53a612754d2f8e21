// What an edit of the files does to what they mean. An edit is trusted only when the edited files, read again, mean exactly this.
import type { Edit } from "../model/edit.ts";
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
} from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { GROUP, MEMBER, type Platform } from "../model/platform.ts";
import { applyRenames } from "./rename.ts";

/** The state that files mean after an edit. Removing an entry by its place is not known here, since states have no lines. */
export function applyEdit(state: State, edit: Edit, platform: Platform): State {
  const { fold } = platform;
  switch (edit.edit) {
    case "add-member": {
      const section = membershipSection(fold(edit.group));
      const [kind, local, name] = [MEMBERSHIP, fold(edit.member), edit.member];
      return withEntity(state, section, local, { kind, section, local, name, attributes: NO_ATTRIBUTES });
    }
    case "remove-member":
      return withEntity(state, membershipSection(fold(edit.group)), fold(edit.member), undefined);
    case "set-until": {
      const section = membershipSection(fold(edit.group));
      const entity = entityAt(state, section, fold(edit.member));
      if (!entity) return state;
      return withEntity(state, section, entity.local, {
        ...entity,
        attributes: { ...entity.attributes, until: edit.until },
      });
    }
    case "rename-member":
      return renameMember(state, edit, platform);
    case "set-attribute": {
      const local = fold(edit.name);
      const entity = entityAt(state, edit.kind, local);
      if (!entity) return state;
      const { [edit.attribute]: _, ...rest } = entity.attributes;
      const attributes = edit.value === undefined ? rest : { ...rest, [edit.attribute]: edit.value };
      return withEntity(state, edit.kind, local, { ...entity, attributes });
    }
    case "rename":
      return rename(state, edit.kind, edit.from, edit.to, platform);
    case "add-document": {
      const { kind, name, attributes } = edit;
      return withEntity(state, kind, fold(name), { kind, section: kind, local: fold(name), name, attributes });
    }
    case "remove-document":
      return withEntity(state, edit.kind, fold(edit.name), undefined);
    case "remove-entry":
      return state;
    default:
      return edit satisfies never;
  }
}

/** Every key at which two states do not say exactly the same, sorted; places aside. */
export function differingKeys(left: State, right: State): string[] {
  const keys: string[] = [];
  for (const section of new Set([...left.keys(), ...right.keys()])) {
    const [one, other] = [left.get(section) ?? EMPTY_SECTION, right.get(section) ?? EMPTY_SECTION];
    if (one === other) continue;
    for (const local of new Set([...one.keys(), ...other.keys()]))
      if (shown(one.get(local)) !== shown(other.get(local))) keys.push(`${section}/${local}`);
  }
  return keys.sort(compareText);
}

function shown(entity: Entity | undefined): string {
  if (!entity) return "";
  const { kind, name, attributes, previously } = entity;
  const sorted = Object.entries(attributes).sort(([a], [b]) => compareText(a, b));
  return JSON.stringify([kind, name, sorted, previously ?? null]);
}

function withEntity(state: State, section: string, local: string, entity: Entity | undefined): State {
  const entities = new Map(state.get(section) ?? EMPTY_SECTION);
  if (entity) entities.set(local, entity);
  else entities.delete(local);
  return new Map<string, Section>(state).set(section, entities);
}

function rename(state: State, kind: string, from: string, to: string, platform: Platform): State {
  const { fold } = platform;
  const moved = { kind, from: fold(from), to: fold(to), name: to, whole: true };
  return applyRenames(state, [moved], platform);
}

/** Where the document says who they were, the lock knows them again. */
function renameMember(
  state: State,
  { from, to, previously }: Extract<Edit, { edit: "rename-member" }>,
  platform: Platform,
): State {
  const renamed = new Map(rename(state, MEMBER, from, to, platform));
  const local = platform.fold(to);
  for (const [section, entities] of renamed) {
    const entity = entities.get(local);
    if (!entity || (section !== MEMBER && groupOfSection(section) === undefined)) continue;
    const { nowCalled: _, ...rest } = entity;
    const known = section === MEMBER && previously ? { previously: platform.fold(from) } : {};
    renamed.set(section, new Map(entities).set(local, { ...rest, name: to, ...known }));
  }
  const groups = new Map(renamed.get(GROUP) ?? EMPTY_SECTION);
  for (const [group, entity] of groups) groups.set(group, withOwner(entity, from, to, platform));
  if (groups.size > 0) renamed.set(GROUP, groups);
  return renamed;
}

/** Owners of a group are people, whether or not anybody declares them. */
function withOwner(group: Entity, from: string, to: string, { fold }: Platform): Entity {
  const { owners } = group.attributes;
  if (!Array.isArray(owners) || !owners.some((name: string) => fold(name) === fold(from))) return group;
  const byFold = new Map(
    owners.map((name: string) => (fold(name) === fold(from) ? [fold(to), to] : [fold(name), name])),
  );
  const sorted = [...byFold].sort((a, b) => compareText(a[0], b[0])).map(([, name]) => name);
  return { ...group, attributes: { ...group.attributes, owners: sorted } };
}
