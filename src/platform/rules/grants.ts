// Sorted lists of grants: which comes first, what two of them make together, whether one holds more than another.
// Pure arithmetic over what a platform's access rules made; it knows no platform.
import { compareText } from "../../model/finding.ts";
import type { Grant, Path } from "../../model/grant.ts";

/** The place of a level in its resource's ladder, as in `Platform.rankOf`. */
export type RankOf = (resource: string, level: string) => number;

export const NO_GRANTS: readonly Grant[] = Object.freeze([]);

/** By resource, then scope; what is not there comes last. */
export function compareGrants(left: Grant | undefined, right: Grant | undefined): number {
  if (!left || !right) return left ? -1 : right ? 1 : 0;
  return compareText(left.resource, right.resource) || compareText(left.scope, right.scope);
}

/** The union of two sorted lists of grants: the higher level, and the paths of both, the left one's first. */
export function mergeGrants(left: readonly Grant[], right: readonly Grant[], rankOf: RankOf): readonly Grant[] {
  if (left.length === 0) return right;
  if (right.length === 0) return left;
  const merged: Grant[] = [];
  let [l, r] = [0, 0];
  while (l < left.length || r < right.length) {
    const order = compareGrants(left[l], right[r]);
    if (order < 0) merged.push(left[l++] as Grant);
    else if (order > 0) merged.push(right[r++] as Grant);
    else merged.push(joinGrants(left[l++] as Grant, right[r++] as Grant, rankOf));
  }
  return merged;
}

function joinGrants(left: Grant, right: Grant, rankOf: RankOf): Grant {
  const { resource, scope } = left;
  if (left.level === right.level) return { resource, scope, level: left.level, via: left.via.concat(right.via) };
  const keepsLeft = rankOf(resource, left.level) >= rankOf(resource, right.level);
  const level = keepsLeft ? left.level : right.level;
  const via = keepsLeft ? left.via.concat(lesserPaths(right)) : lesserPaths(left).concat(right.via);
  return { resource, scope, level, via };
}

/** The paths of a grant that becomes part of a higher one: each says what it gives. */
function lesserPaths({ level, via }: Grant): readonly Path[] {
  return via.map((path) => (path.level === undefined ? { ...path, level } : path));
}

/** Whether the first of two sorted lists holds anything that the second does not. */
export function exceeds(first: readonly Grant[], second: readonly Grant[], rankOf: RankOf): boolean {
  if (first === second) return false;
  let at = 0;
  for (const grant of first) {
    while (at < second.length && compareGrants(second[at], grant) < 0) at += 1;
    const other = second[at];
    if (!other || compareGrants(other, grant) !== 0) return true;
    if (rankOf(grant.resource, grant.level) > rankOf(other.resource, other.level)) return true;
  }
  return false;
}
