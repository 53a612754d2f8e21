// Attributes taken apart into the smallest pieces that can be compared and merged on their own: a whole
// text or scope, one element of a set, one entry of a map. Knows nothing of states or plans.
import type { Attributes, Entity, State, Value } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { AttributeSpec, KindSpec, Reference } from "../model/platform.ts";

/** A piece of an attribute: `description`, or `roles` + `card editor`. `part` is undefined for whole values. */
export interface Leaf {
  readonly attribute: string;
  readonly part: string | undefined;
  readonly value: Value;
}

/** Folded or canonical part -> value, for a set or map; one entry under "" for a whole value. */
export type Leaves = ReadonlyMap<string, Value>;

export type Fold = (name: string) => string;

/** The attributes of a kind that live and Git share, in the spec's order. */
export function comparedAttributes(spec: KindSpec): readonly (readonly [string, AttributeSpec])[] {
  const known = compared.get(spec);
  if (known) return known;
  const attributes = Object.entries(spec.attributes).filter(([, attribute]) => !attribute.policyOnly);
  compared.set(spec, attributes);
  return attributes;
}

/** Asked for once an entity, and the same as long as the spec lives. */
const compared = new WeakMap<KindSpec, readonly (readonly [string, AttributeSpec])[]>();

/** Whether values of an attribute name other entities. */
export function pointsElsewhere({ refersTo, element }: AttributeSpec): boolean {
  return refersTo !== undefined || element !== undefined;
}

/** The entities that a value names. */
export function referencesIn({ type, refersTo, element }: AttributeSpec, value: Value | undefined): Reference[] {
  if (Array.isArray(value)) {
    if (element) return value.flatMap((text: string) => element.references(text));
    return refersTo === undefined ? [] : value.map((name: string) => ({ kind: refersTo, name }));
  }
  return type === "text" && refersTo !== undefined && typeof value === "string"
    ? [{ kind: refersTo, name: value }]
    : [];
}

/** Whether entities of a kind can point at others, by their values or by their names. */
export function canPoint({ attributes, restsOn }: KindSpec): boolean {
  return restsOn !== undefined || Object.values(attributes).some(pointsElsewhere);
}

/** Everything that an entity of a kind points at, by its values and by its name. */
export function pointedAt(
  spec: KindSpec,
  { name, attributes }: Pick<Entity, "name" | "attributes">,
  state: State,
): Reference[] {
  const named = Object.entries(spec.attributes).flatMap(([attribute, attributeSpec]) =>
    referencesIn(attributeSpec, attributes[attribute]),
  );
  return spec.restsOn ? [...named, ...spec.restsOn(name, state)] : named;
}

/** The value with every name in it replaced by what `rename` says. */
export function renameIn(
  { type, refersTo, element }: AttributeSpec,
  value: Value,
  rename: (reference: Reference) => string,
): Value {
  if (Array.isArray(value)) {
    if (element) return value.map((text: string) => element.rename(text, rename));
    return refersTo === undefined ? value : value.map((name: string) => rename({ kind: refersTo, name }));
  }
  return type === "text" && refersTo !== undefined && typeof value === "string"
    ? rename({ kind: refersTo, name: value })
    : value;
}

/** Takes one attribute's value apart. */
export function leavesOf(spec: AttributeSpec, value: Value | undefined, fold: Fold): Leaves {
  if (value === undefined) return new Map();
  if (spec.type === "set" && Array.isArray(value)) return new Map(value.map((name: string) => [fold(name), name]));
  if (spec.type === "map" && typeof value === "object" && !Array.isArray(value)) return new Map(Object.entries(value));
  return new Map([["", value]]);
}

/** Whether two leaves of one attribute mean the same. Elements of a set are equal by being there. */
export function sameLeaf(spec: AttributeSpec, left: Value | undefined, right: Value | undefined, fold: Fold): boolean {
  if (left === right) return true;
  if (left === undefined || right === undefined) return false;
  if (spec.type === "set") return true;
  if (typeof left === "string" && typeof right === "string")
    return spec.type === "text" && left.trim().normalize("NFC") === right.trim().normalize("NFC");
  if (spec.type === "scope" && Array.isArray(left) && Array.isArray(right)) {
    const names = (list: readonly string[]) => list.map(fold).sort(compareText).join("\n");
    return names(left) === names(right);
  }
  return false;
}

/** Puts an attribute together again: sets sorted by folded name, maps by name. */
export function joinLeaves(spec: AttributeSpec, leaves: Leaves): Value | undefined {
  if (spec.type === "set") return [...leaves].sort((a, b) => compareText(a[0], b[0])).map(([, name]) => String(name));
  if (spec.type === "map") {
    const sorted = [...leaves].sort((a, b) => compareText(a[0], b[0]));
    return Object.fromEntries(sorted.map(([name, level]) => [name, String(level)]));
  }
  return leaves.get("");
}

/** Whether every compared attribute that `want` speaks of is the same in `live`. */
export function sameAttributes(spec: KindSpec, want: Attributes, live: Attributes, fold: Fold): boolean {
  if (want === live) return true;
  for (const [name, attribute] of comparedAttributes(spec)) {
    const wanted = want[name];
    if (wanted === undefined || wanted === live[name]) continue;
    const left = leavesOf(attribute, wanted, fold);
    const right = leavesOf(attribute, live[name], fold);
    if (left.size !== right.size) return false;
    for (const [part, value] of left) if (!sameLeaf(attribute, value, right.get(part), fold)) return false;
  }
  return true;
}
