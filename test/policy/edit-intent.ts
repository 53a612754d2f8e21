// An edit for a state, and the state that it must lead to.
import type { Edit } from "../../src/model/edit.ts";
import {
  type Entity,
  groupOfSection,
  MEMBERSHIP,
  membershipSection,
  type State,
  type Value,
} from "../../src/model/entity.ts";
import { bareName, GROUP, MEMBER, ownedName, type Platform } from "../../src/model/platform.ts";
import { type Choices, namesIn, type World } from "./edit-world.ts";

const ENDS = ["2026-12-31", "2027-01-31", "2027-01-31T17:00:00Z", "2027-01-31T17:00:00+02:00"];
const NEW_NAMES = ["A new one", "zz: x", "don't", "[b]", "0"];

/** Any edit that says something of a state; undefined where it holds nothing to edit. */
export function chooseEdit(choices: Choices, state: State, world: World): Edit | undefined {
  const groups = namesIn(state, GROUP);
  const lists = [...state].filter(([section, entities]) => groupOfSection(section) !== undefined && entities.size > 0);
  const kinds = world.platform.kinds.filter(
    ({ kind, role }) => role !== "reference" && kind !== MEMBERSHIP && namesIn(state, kind).length > 0,
  );
  const fresh = choices.of(NEW_NAMES);
  switch (choices.pick(10)) {
    case 0:
    case 1: {
      const known = [...world.newPeople, ...namesIn(state, MEMBER)];
      return groups.length === 0
        ? undefined
        : { edit: "add-member", group: choices.of(groups), member: choices.of(known) };
    }
    case 2:
    case 3: {
      const [section, entities] = choices.of(lists) ?? [];
      if (section === undefined || !entities) return undefined;
      const group = groupOfSection(section) ?? "";
      const member = choices.of([...entities.values()]);
      if (choices.chance(4) && member.place) return { edit: "remove-entry", place: member.place };
      if (choices.chance(3)) return { edit: "set-until", group, member: member.name, until: choices.of(ENDS) };
      return { edit: "remove-member", group, member: member.name };
    }
    case 4: {
      const from = choices.of(lists)?.[1].values().next().value?.name;
      return from === undefined ? undefined : { edit: "rename-member", from, to: choices.of(world.newPeople) };
    }
    case 5: {
      const renamed = kinds.filter(({ kind }) => kind !== MEMBER);
      const spec = choices.of(renamed);
      if (renamed.length === 0 || !spec) return undefined;
      const from = choices.of(namesIn(state, spec.kind));
      const owner =
        spec.owner === undefined
          ? undefined
          : state.get(spec.kind)?.get(world.platform.fold(from))?.attributes[spec.owner];
      return { edit: "rename", kind: spec.kind, from, to: typeof owner === "string" ? ownedName(fresh, owner) : fresh };
    }
    case 6:
      return choices.chance(2)
        ? { edit: "add-document", kind: "Role", name: fresh, attributes: valuesOf(choices, state, world, "Role") }
        : { edit: "add-document", kind: GROUP, name: fresh, attributes: valuesOf(choices, state, world, GROUP) };
    case 7: {
      // What others refer to would be missed by them.
      const spec = choices.of(kinds.filter(({ kind }) => kind === GROUP || kind === "ApplicationCredential"));
      return spec && { edit: "remove-document", kind: spec.kind, name: choices.of(namesIn(state, spec.kind)) };
    }
    default: {
      // What a set stands for is in the attributes of those that name it.
      const spec = choices.of(kinds.filter(({ role }) => role === "managed"));
      if (!spec) return undefined;
      const name = choices.of(namesIn(state, spec.kind));
      const attribute = choices.of(Object.keys(spec.attributes).filter((each) => each !== spec.owner));
      const value = world.valueOf(choices, state, spec.kind, attribute);
      return { edit: "set-attribute", kind: spec.kind, name, attribute, value };
    }
  }
}

function valuesOf(choices: Choices, state: State, world: World, kind: string): Readonly<Record<string, Value>> {
  const spec = world.platform.kinds.find((each) => each.kind === kind);
  const entries = choices.some(Object.keys(spec?.attributes ?? {})).flatMap((attribute) => {
    const value = world.valueOf(choices, state, kind, attribute);
    return value === undefined ? [] : [[attribute, value] as const];
  });
  return Object.fromEntries(entries);
}

type Sections = Map<string, Map<string, Entity>>;

/** The state that an edit must lead to. */
export function intend(state: State, edit: Edit, { platform }: World): State {
  const { fold } = platform;
  const sections: Sections = new Map([...state].map(([section, entities]) => [section, new Map(entities)]));
  const put = (entity: Entity) => {
    const section = sections.get(entity.section) ?? new Map<string, Entity>();
    sections.set(entity.section, section.set(entity.local, entity));
  };
  switch (edit.edit) {
    case "add-member": {
      const section = membershipSection(fold(edit.group));
      const local = fold(edit.member);
      if (!sections.get(section)?.has(local)) put({ kind: MEMBERSHIP, section, local, name: local, attributes: {} });
      return sections;
    }
    case "remove-member":
      sections.get(membershipSection(fold(edit.group)))?.delete(fold(edit.member));
      return sections;
    case "set-until": {
      const entity = sections.get(membershipSection(fold(edit.group)))?.get(fold(edit.member));
      if (entity) put({ ...entity, attributes: { ...entity.attributes, until: edit.until } });
      return sections;
    }
    case "remove-entry": {
      for (const [section, entities] of state)
        for (const { place, local } of entities.values())
          if (groupOfSection(section) !== undefined && JSON.stringify(place) === JSON.stringify(edit.place))
            sections.get(section)?.delete(local);
      return sections;
    }
    case "rename-member":
      return renamed(sections, MEMBER, edit.from, edit.to, platform);
    case "rename":
      return renamed(sections, edit.kind, edit.from, edit.to, platform);
    case "set-attribute": {
      const entity = sections.get(edit.kind)?.get(fold(edit.name));
      if (!entity) return sections;
      const { [edit.attribute]: _, ...rest } = entity.attributes;
      put({ ...entity, attributes: edit.value === undefined ? rest : { ...rest, [edit.attribute]: edit.value } });
      return sections;
    }
    case "add-document":
      put({
        kind: edit.kind,
        section: edit.kind,
        local: fold(edit.name),
        name: edit.name,
        attributes: edit.attributes,
      });
      return sections;
    case "remove-document":
      sections.get(edit.kind)?.delete(fold(edit.name));
      return sections;
    default:
      return edit satisfies never;
  }
}

function renamed(sections: Sections, kind: string, from: string, to: string, platform: Platform): State {
  const { fold } = platform;
  const replace = (name: string) => (fold(name) === fold(from) ? to : name);
  const result: Sections = new Map();
  for (const [section, entities] of sections) {
    const group = groupOfSection(section);
    const moved = kind === GROUP && group === fold(from) ? membershipSection(fold(to)) : section;
    const into = result.get(moved) ?? new Map<string, Entity>();
    result.set(moved, into);
    for (const entity of entities.values()) {
      const isNamed = entity.kind === kind || (kind === MEMBER && entity.kind === MEMBERSHIP);
      let name = isNamed ? replace(entity.name) : entity.name;
      const attributes = Object.fromEntries(
        Object.entries(entity.attributes).map(([attribute, value]) => [
          attribute,
          renamedValue(value, entity.kind, attribute),
        ]),
      );
      const owner = platform.kinds.find((spec) => spec.kind === entity.kind)?.owner;
      if (owner !== undefined && kind === MEMBER)
        name = ownedName(bareName(entity.name, String(entity.attributes[owner])), String(attributes[owner]));
      into.set(fold(name), { ...entity, section: moved, local: fold(name), name, attributes });
    }
  }
  return result;

  function renamedValue(value: Value, holder: string, attribute: string): Value {
    const spec = platform.kinds.find((each) => each.kind === holder)?.attributes[attribute];
    const isMeant = spec?.refersTo === kind || (kind === MEMBER && attribute === "owners");
    if (spec?.element && Array.isArray(value))
      return value.map(
        (text: string) => spec.element?.rename(text, (at) => (at.kind === kind ? replace(at.name) : at.name)) ?? text,
      );
    if (!isMeant) return value;
    if (typeof value === "string") return replace(value);
    return Array.isArray(value) ? value.map(replace) : value;
  }
}
