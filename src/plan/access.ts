// What a plan does to people: who gains and who loses which level on which resource where, grouped so
// that the same movement for 500 people is one entry. Reads access rules, never knows a platform's.
import { EMPTY_SECTION, type Entity, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { AccessChange, AccessGroup, Grant } from "../model/grant.ts";
import type { AccessView, Platform } from "../model/platform.ts";
import { copySection } from "../model/section.ts";
import type { Step } from "./diff.ts";

/** The state after the steps; sections nothing happens to are shared with `live`. */
export function applySteps(live: State, steps: readonly Step[]): State {
  const result = new Map(live);
  const owned = new Set<string>();
  for (const { before, after } of steps) {
    const entity = after ?? before;
    if (!entity) continue;
    if (!owned.has(entity.section)) {
      owned.add(entity.section);
      result.set(entity.section, copySection(result.get(entity.section) ?? EMPTY_SECTION));
    }
    const section = result.get(entity.section) as Map<string, Entity>;
    if (after) section.set(after.local, after);
    else section.delete(entity.local);
  }
  return result;
}

interface Movement {
  readonly changes: readonly AccessChange[];
  readonly gains: boolean;
  readonly loses: boolean;
  readonly members: string[];
}

/**
 * Everyone whose access differs between the two views, grouped by what differs. `nameOf` turns a folded
 * address into the one people see. Groups are sorted by their first member.
 */
export function accessGroups(
  before: AccessView,
  after: AccessView,
  platform: Platform,
  nameOf: (member: string) => string,
): AccessGroup[] {
  const movements = new Map<string, Movement>();
  const memo = new Map<readonly Grant[], Map<readonly Grant[], Movement | null>>();
  for (const member of new Set([...before.members(), ...after.members()])) {
    if (before.sourceOf && after.sourceOf && before.sourceOf(member) === after.sourceOf(member)) continue;
    const [old, now] = [before.grantsOf(member), after.grantsOf(member)];
    if (old === now) continue;
    const row = memo.get(old) ?? new Map<readonly Grant[], Movement | null>();
    memo.set(old, row);
    let movement = row.get(now);
    if (movement === undefined) {
      movement = moveBetween(old, now, platform, movements);
      row.set(now, movement);
    }
    movement?.members.push(nameOf(member));
  }
  return [...movements.values()]
    .map(({ members, ...rest }) => ({ members: members.sort(compareText), ...rest }))
    .sort((a, b) => compareText(a.members[0] ?? "", b.members[0] ?? ""));
}

/** The movement from one set of grants to another, shared with any equal one met before; null when nothing moves. */
function moveBetween(
  old: readonly Grant[],
  now: readonly Grant[],
  platform: Platform,
  known: Map<string, Movement>,
): Movement | null {
  const changes = compareGrants(old, now);
  if (changes.length === 0) return null;
  const text = JSON.stringify(changes);
  const existing = known.get(text);
  if (existing) return existing;
  const rank = (change: AccessChange, level: string | null) =>
    level === null ? -1 : platform.rankOf(change.resource, level);
  const movement: Movement = {
    changes,
    gains: changes.some((change) => rank(change, change.after) > rank(change, change.before)),
    loses: changes.some((change) => rank(change, change.after) < rank(change, change.before)),
    members: [],
  };
  known.set(text, movement);
  return movement;
}

/** What differs between two lists of grants; both are sorted by resource, then scope, and so is the result. */
function compareGrants(old: readonly Grant[], now: readonly Grant[]): AccessChange[] {
  const changes: AccessChange[] = [];
  let [o, n] = [0, 0];
  while (o < old.length || n < now.length) {
    const order = orderOf(old[o], now[n]);
    const [from, to] = [order <= 0 ? old[o++] : undefined, order >= 0 ? now[n++] : undefined];
    const grant = to ?? from;
    if (!grant || from?.level === to?.level) continue;
    const { resource, scope } = grant;
    const via = grant.via.filter(({ level }) => level === undefined);
    changes.push({ resource, scope, before: from?.level ?? null, after: to?.level ?? null, via });
  }
  return changes;
}

/** By resource, then scope; what is not there comes last. */
function orderOf(left: Grant | undefined, right: Grant | undefined): number {
  if (!left || !right) return left ? -1 : 1;
  return compareText(left.resource, right.resource) || compareText(left.scope, right.scope);
}
