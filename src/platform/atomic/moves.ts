// How two views of access differ, worked out on levels as small numbers: for each resource and scope the highest level of
// all groups. Paths are looked at only where a level moves. Pure; says the same as comparing everyone's grants, and much
// faster where thousands of people hold hundreds of grants each.
import { compareText } from "../../model/finding.ts";
import type { AccessChange, Grant, Path } from "../../model/grant.ts";
import type { AccessView } from "../../model/platform.ts";
import { atomicView } from "./access.ts";
import { resources } from "./catalogue.ts";

/** What each of somebody's groups gives, in the order of the groups. */
export type Parts = readonly (readonly Grant[])[];

const sorted = [...resources].sort((a, b) => compareText(a.name, b.name));
const rows = new Map(sorted.map(({ name }, row) => [name, row]));
/** Names of scopes, numbered as they come. Organizations have a handful of environments. */
const columns = new Map<string, number>();
const scopes: string[] = [];

/** Resource and scope as one number. */
function positionOf({ resource, scope }: Grant): number {
  let column = columns.get(scope);
  if (column === undefined) {
    column = scopes.push(scope) - 1;
    columns.set(scope, column);
  }
  return column * sorted.length + (rows.get(resource) ?? 0);
}

function resourceAt(position: number) {
  return sorted[position % sorted.length] as (typeof sorted)[number];
}

function scopeAt(position: number): string {
  return scopes[Math.floor(position / sorted.length)] as string;
}

/** By position the level's place in its resource's ladder, from 1; 0 is no access. Shorter than others where the rest is 0. */
type Levels = Uint8Array;

const levelsMemo = new WeakMap<readonly Grant[], Levels>();

function levelsOf(grants: readonly Grant[]): Levels {
  const known = levelsMemo.get(grants);
  if (known) return known;
  let length = 0;
  for (const grant of grants) length = Math.max(length, positionOf(grant) + 1);
  const levels = new Uint8Array(length);
  for (const grant of grants) {
    const position = positionOf(grant);
    levels[position] = resourceAt(position).levels.indexOf(grant.level) + 1;
  }
  levelsMemo.set(grants, levels);
  return levels;
}

/** The highest level of several lists of grants. */
function joinLevels(parts: Parts): Levels {
  const all = parts.map(levelsOf);
  if (all.length === 1) return all[0] as Levels;
  const joined = new Uint8Array(Math.max(0, ...all.map(({ length }) => length)));
  for (const levels of all)
    for (let at = 0; at < levels.length; at++)
      if ((levels[at] as number) > (joined[at] as number)) joined[at] = levels[at] as number;
  return joined;
}

/** Whether the first give anything that the second do not. */
export function giveMore(first: Parts, second: Parts): boolean {
  const [high, low] = [joinLevels(first), joinLevels(second)];
  return high.some((level, position) => level > (low[position] ?? 0));
}

const NO_MOVES: readonly AccessChange[] = Object.freeze([]);

/** See `Platform.movesBetween`. The views must come from `viewAccess`. */
export function movesBetween(before: AccessView, after: AccessView): (member: string) => readonly AccessChange[] {
  const [was, is] = [atomicView(before), atomicView(after)];
  const memo = new Map<Parts, Map<Parts, readonly AccessChange[]>>();
  return (member) => {
    const [old, now] = [was.partsOf(member), is.partsOf(member)];
    if (old.length === now.length && old.every((grants, index) => grants === now[index])) return NO_MOVES;
    const row = memo.get(old) ?? new Map<Parts, readonly AccessChange[]>();
    memo.set(old, row);
    const moves = row.get(now) ?? compareParts(old, now);
    row.set(now, moves);
    return moves;
  };
}

function compareParts(old: Parts, now: Parts): readonly AccessChange[] {
  const [low, high] = [joinLevels(old), joinLevels(now)];
  const moved: number[] = [];
  for (let position = 0; position < Math.max(low.length, high.length); position++)
    if ((low[position] ?? 0) !== (high[position] ?? 0)) moved.push(position);
  if (moved.length === 0) return NO_MOVES;
  return moved.sort(comparePositions).map((position) => {
    const { name, levels } = resourceAt(position);
    const [from, to] = [low, high].map((all) => levels[(all[position] ?? 0) - 1] ?? null);
    const via = to === null ? pathsAt(position, from ?? null, old) : pathsAt(position, to ?? null, now);
    return { resource: name, scope: scopeAt(position), before: from ?? null, after: to ?? null, via };
  });
}

/** By resource, then scope. */
function comparePositions(left: number, right: number): number {
  const order = (left % sorted.length) - (right % sorted.length);
  return order === 0 ? compareText(scopeAt(left), scopeAt(right)) : order;
}

/** The paths that give exactly this level; those that give less are not why somebody holds it. */
function pathsAt(position: number, level: string | null, parts: Parts): Path[] {
  const [{ name }, scope] = [resourceAt(position), scopeAt(position)];
  const paths: Path[] = [];
  for (const grants of parts) {
    const grant = grants.find((candidate) => candidate.resource === name && candidate.scope === scope);
    for (const { level: given = grant?.level, ...path } of grant?.via ?? []) if (given === level) paths.push(path);
  }
  return paths;
}
