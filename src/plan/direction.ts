// Which way a change moves people's access, told from its attributes alone: it adds, takes, or does both. And its floor: what
// is sure to be there before it, after it and half way through. Pure; knows no platform, and in doubt promises nothing.
import type { Change } from "../model/change.ts";
import { type Attributes, type Entity, entityAt, type State, type Value } from "../model/entity.ts";
import { type AttributeSpec, kindSpec, type Platform } from "../model/platform.ts";
import { comparedAttributes, joinLeaves, leavesOf, sameLeaf } from "./leaves.ts";

/** `neither` is a change that moves nobody's access, such as that of a description. */
export type Direction = "adds" | "takes" | "both" | "neither";

/** A change as the entities it leads from and to. */
export interface Move {
  readonly change: Change;
  readonly before: Entity | undefined;
  readonly after: Entity | undefined;
  /** Gives nobody more than `before` does, nor more than `after` does; undefined gives nothing. */
  readonly floor: Entity | undefined;
  readonly direction: Direction;
}

/** A change of `live` as a move. */
export function moveOf(change: Change, live: State, platform: Platform): Move {
  const { kind, section, local, action } = change;
  const before = action === "create" ? undefined : entityAt(live, section, local);
  if (!change.after) return { change, before, after: undefined, floor: undefined, direction: "takes" };
  const { name, attributes } = change.after;
  if (!before) {
    const after = { kind, section, local, name, attributes };
    return { change, before, after, floor: undefined, direction: "adds" };
  }
  const after = { ...before, name, attributes: changed(before.attributes, change) };
  return { change, before, after, ...floorOf(before, after, platform) };
}

/** A change shows only the attributes that differ. */
function changed(whole: Attributes, { before, after }: Change): Attributes {
  const gone = Object.keys(before?.attributes ?? {}).filter((name) => after?.attributes[name] === undefined);
  const kept = Object.entries(whole).filter(([name]) => !gone.includes(name));
  return { ...Object.fromEntries(kept), ...after?.attributes };
}

/** Another name can be another thing to whoever asks for it by name, so nothing is sure about that. */
function floorOf(before: Entity, after: Entity, platform: Platform): Pick<Move, "floor" | "direction"> {
  const unsure = { floor: undefined, direction: "both" } as const;
  const spec = kindSpec(platform, before.kind);
  if (!spec || before.name !== after.name) return unsure;
  const attributes: Record<string, Value> = { ...before.attributes };
  let [adds, takes] = [false, false];
  for (const [name, attribute] of comparedAttributes(spec)) {
    const [was, is] = [before.attributes[name], after.attributes[name]];
    if (was === is || isProse(attribute)) continue;
    const common = commonPart(attribute, was, is, platform);
    if (common === undefined) return unsure;
    attributes[name] = common;
    adds ||= !sameValue(attribute, common, is, platform);
    takes ||= !sameValue(attribute, common, was, platform);
  }
  return { floor: { ...before, attributes }, direction: directionOf(adds, takes) };
}

function directionOf(adds: boolean, takes: boolean): Direction {
  if (adds && takes) return "both";
  return adds ? "adds" : takes ? "takes" : "neither";
}

/** A text that names nothing is for people to read. */
function isProse({ type, refersTo }: AttributeSpec): boolean {
  return type === "text" && refersTo === undefined;
}

/** What both values give; undefined where that cannot be told. */
function commonPart(
  spec: AttributeSpec,
  was: Value | undefined,
  is: Value | undefined,
  platform: Platform,
): Value | undefined {
  switch (spec.type) {
    case "set":
    case "map":
      return joinLeaves(spec, commonLeaves(spec, was, is, platform));
    case "scope":
      return commonScope(spec, was, is, platform);
    case "text":
    case "flag":
      return undefined;
    default:
      return spec.type satisfies never;
  }
}

/** Elements of both sets; entries of both maps at the lower level. */
function commonLeaves(
  spec: AttributeSpec,
  was: Value | undefined,
  is: Value | undefined,
  { fold, rankOf }: Platform,
): ReadonlyMap<string, Value> {
  const other = leavesOf(spec, is, fold);
  const common = new Map<string, Value>();
  for (const [part, value] of leavesOf(spec, was, fold)) {
    const now = other.get(part);
    if (now === undefined) continue;
    if (sameLeaf(spec, value, now, fold)) common.set(part, value);
    else {
      const [old, young] = [rankOf(part, String(value)), rankOf(part, String(now))];
      if (old >= 0 && young >= 0) common.set(part, old < young ? value : now);
    }
  }
  return common;
}

/** Two scopes that share nothing leave nothing sure: an empty list can mean everywhere. */
function commonScope(
  spec: AttributeSpec,
  was: Value | undefined,
  is: Value | undefined,
  { fold }: Platform,
): Value | undefined {
  if (was === undefined || is === undefined) return undefined;
  if (sameLeaf(spec, was, is, fold) || is === "all") return was;
  if (was === "all") return is;
  if (!Array.isArray(was) || !Array.isArray(is)) return undefined;
  const names = new Set(is.map(fold));
  const both = was.filter((name: string) => names.has(fold(name)));
  return both.length === 0 ? undefined : both;
}

function sameValue(spec: AttributeSpec, left: Value, right: Value | undefined, { fold }: Platform): boolean {
  const [one, other] = [leavesOf(spec, left, fold), leavesOf(spec, right, fold)];
  return one.size === other.size && [...one].every(([part, value]) => sameLeaf(spec, value, other.get(part), fold));
}
