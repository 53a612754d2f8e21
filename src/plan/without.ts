// A state without some of its entities: what rests on them goes along, what names them names them no more. Pure; it says what would
// be, and never whether that may be.
import {
  type Attributes,
  type Entity,
  entityAt,
  groupOfSection,
  keyOf,
  MEMBERSHIP,
  type State,
  splitKey,
  type Value,
} from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { type AttributeSpec, GROUP, type KindSpec, MEMBER, type Platform, type Reference } from "../model/platform.ts";
import { applySteps } from "./access.ts";
import type { Step } from "./diff.ts";
import { referencesIn } from "./leaves.ts";

export interface Without {
  readonly state: State;
  /** What was asked for and is there; sorted by key. */
  readonly removed: readonly Entity[];
  /** What cannot be without it, memberships aside; sorted by key. */
  readonly along: readonly Entity[];
  /** How many memberships go, those that were asked for aside. */
  readonly memberships: number;
  /** What named something that is gone, as it was; sorted by key. */
  readonly naming: readonly Entity[];
}

type IsGone = (reference: Reference) => boolean;

/** The state without the entities of these keys. */
export function withoutEntities(state: State, keys: ReadonlySet<string>, platform: Platform): Without {
  const asked = [...keys].flatMap((key) => entityAt(state, ...splitKey(key)) ?? []);
  const gone = new Map(asked.map((entity) => [keyOf(entity), entity]));
  for (;;) {
    const isGone: IsGone = ({ kind, name }) => gone.has(`${kind}/${platform.fold(name)}`);
    const steps = stepsWithout(state, gone, isGone, platform);
    const after = applySteps(state, steps);
    const more = managedIn(after, platform).filter(([spec, entity]) => restsOnGone(spec, entity, after, state, isGone));
    if (more.length > 0) {
      // As it was: by now it may have lost what it cannot be without.
      for (const [, { section, local }] of more) {
        const entity = entityAt(state, section, local);
        if (entity) gone.set(keyOf(entity), entity);
      }
      continue;
    }
    const along = [...gone.values()].filter((entity) => !keys.has(keyOf(entity)));
    const memberships = steps.filter(
      ({ before, after: left }) => !left && before?.kind === MEMBERSHIP && !keys.has(keyOf(before)),
    ).length;
    const naming = steps.flatMap(({ before, after: left }) => (before && left ? [before] : []));
    return { state: after, removed: byKey(asked), along: byKey(along), memberships, naming: byKey(naming) };
  }
}

function byKey(entities: readonly Entity[]): Entity[] {
  return [...entities].sort((a, b) => compareText(keyOf(a), keyOf(b)));
}

/** Everything that people set up, memberships aside. */
function managedIn(state: State, platform: Platform): (readonly [KindSpec, Entity])[] {
  return platform.kinds.flatMap((spec) =>
    spec.role === "managed" ? [...(state.get(spec.kind)?.values() ?? [])].map((entity) => [spec, entity] as const) : [],
  );
}

/** From the state to the one without. */
function stepsWithout(
  state: State,
  gone: ReadonlyMap<string, Entity>,
  isGone: IsGone,
  platform: Platform,
): Pick<Step, "before" | "after">[] {
  const steps: Pick<Step, "before" | "after">[] = [...gone.values()].map((before) => ({ before, after: undefined }));
  for (const [section, memberships] of state) {
    const group = groupOfSection(section);
    if (group === undefined) continue;
    const whole = gone.has(`${GROUP}/${group}`);
    for (const before of memberships.values())
      if (!gone.has(keyOf(before)) && (whole || gone.has(`${MEMBER}/${before.local}`)))
        steps.push({ before, after: undefined });
  }
  for (const [spec, before] of managedIn(state, platform)) {
    if (gone.has(keyOf(before))) continue;
    const attributes = attributesWithout(spec, before.attributes, isGone);
    if (attributes !== before.attributes) steps.push({ before, after: { ...before, attributes } });
  }
  return steps;
}

/** The same object where nothing in it is gone. */
function attributesWithout(spec: KindSpec, attributes: Attributes, isGone: IsGone): Attributes {
  let kept: Record<string, Value> | undefined;
  for (const [name, attribute] of Object.entries(spec.attributes)) {
    const value = attributes[name];
    if (value === undefined || !referencesIn(attribute, value).some(isGone)) continue;
    kept ??= { ...attributes };
    const left = valueWithout(attribute, value, isGone);
    if (left === undefined) delete kept[name];
    else kept[name] = left;
  }
  return kept ?? attributes;
}

function valueWithout(attribute: AttributeSpec, value: Value, isGone: IsGone): Value | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((element: string) => !referencesIn(attribute, [element]).some(isGone));
}

/** Whether it cannot be without what is gone: its owner, what its name says it belongs to, or the only scopes it is for. */
function restsOnGone(spec: KindSpec, entity: Entity, after: State, before: State, isGone: IsGone): boolean {
  if (spec.restsOn?.(entity.name, after).some(isGone)) return true;
  const was = entityAt(before, spec.kind, entity.local)?.attributes ?? {};
  const owner = spec.owner === undefined ? undefined : was[spec.owner];
  if (typeof owner === "string" && isGone({ kind: MEMBER, name: owner })) return true;
  // An empty list of scopes can mean all of them, and never means none.
  return Object.entries(spec.attributes).some(
    ([name, { type }]) => type === "scope" && isEmpty(entity.attributes[name]) && !isEmpty(was[name]),
  );
}

function isEmpty(value: Value | undefined): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** The spec of what can be asked about: all that people set up, memberships aside. */
export function removableKinds(platform: Platform): readonly KindSpec[] {
  return platform.kinds.filter(({ kind, role }) => role === "managed" && kind !== MEMBERSHIP);
}

/** Kind and entity of everything that is called this, with or without its kind before it (`group:Editors`). */
export function entitiesCalled(text: string, state: State, platform: Platform): Entity[] {
  const found = removableKinds(platform).flatMap(({ kind }) => entityAt(state, kind, platform.fold(text)) ?? []);
  const [prefix, rest] = [text.slice(0, text.indexOf(":")), text.slice(text.indexOf(":") + 1)];
  const named = removableKinds(platform).find(({ kind }) => kind.toLowerCase() === prefix.trim().toLowerCase());
  const qualified = named && entityAt(state, named.kind, platform.fold(rest.trim()));
  return qualified ? [...found, qualified] : found;
}

/** Memberships that `MEMBER in GROUP` can mean: either name may hold the word. */
export function membershipsCalled(text: string, state: State, platform: Platform): Entity[] {
  return [...text.matchAll(/ in /g)].flatMap(({ index }) => {
    const [member, group] = [text.slice(0, index).trim(), text.slice(index + 4).trim()];
    return entityAt(state, `${MEMBERSHIP}/${platform.fold(group)}`, platform.fold(member)) ?? [];
  });
}
