// What a plan does to people: who gains and who loses which level on which resource where, grouped so
// that the same movement for 500 people is one entry. Reads access rules, never knows a platform's.
import { EMPTY_SECTION, type Entity, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { AccessChange, AccessGroup } from "../model/grant.ts";
import type { AccessView, Platform } from "../model/platform.ts";
import type { Step } from "./diff.ts";
import { createComparison } from "./moves.ts";

/** The state after the steps; sections nothing happens to are shared with `live`. */
export function applySteps(live: State, steps: readonly Pick<Step, "before" | "after">[]): State {
  const result = new Map(live);
  const owned = new Set<string>();
  for (const { before, after } of steps) {
    const entity = after ?? before;
    if (!entity) continue;
    if (!owned.has(entity.section)) {
      owned.add(entity.section);
      result.set(entity.section, new Map(result.get(entity.section) ?? EMPTY_SECTION));
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
  const memo = new Map<readonly AccessChange[], Movement>();
  const compare = createComparison(platform);
  for (const member of new Set([...before.members(), ...after.members()])) {
    const changes = compare(before.partsOf(member), after.partsOf(member));
    if (changes.length === 0) continue;
    const movement = memo.get(changes) ?? movementOf(changes, platform, movements);
    memo.set(changes, movement);
    movement.members.push(nameOf(member));
  }
  return [...movements.values()]
    .map(({ members, ...rest }) => ({ members: members.sort(compareText), ...rest }))
    .sort((a, b) => compareText(a.members[0] ?? "", b.members[0] ?? ""));
}

/** The movement of these changes, shared with any equal ones met before. */
function movementOf(changes: readonly AccessChange[], platform: Platform, known: Map<string, Movement>): Movement {
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
