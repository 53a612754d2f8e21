// Whose access a plan could change, told from what changes and what points at it, without working out anybody's
// access. Better too many than one too few: whoever is left out is never looked at again.
import { type Entity, groupOfSection, membershipSection, type State } from "../model/entity.ts";
import { MEMBER, type Platform } from "../model/platform.ts";
import type { Step } from "./diff.ts";
import { canPoint, pointedAt } from "./leaves.ts";

/**
 * Folded addresses of everyone whose grants may differ between two states that the steps lead from one to the other:
 * members who change or whose memberships do, and members who refer, at any remove, to something that changes, by
 * themselves or through a group they are in.
 */
export function affectedMembers(
  steps: readonly Pick<Step, "before" | "after">[],
  before: State,
  after: State,
  platform: Platform,
): ReadonlySet<string> {
  const members = new Set<string>();
  const changed = new Set<string>();
  for (const step of steps) {
    const { kind, section, local } = (step.after ?? step.before) as Entity;
    if (kind === MEMBER || groupOfSection(section) !== undefined) members.add(local);
    else changed.add(`${kind}/${local}`);
  }
  if (changed.size === 0) return members;
  for (const state of [before, after]) addReferring(changed, state, platform);
  for (const key of changed) {
    if (key.startsWith("Member/")) members.add(key.slice("Member/".length));
    if (!key.startsWith("Group/")) continue;
    const section = membershipSection(key.slice("Group/".length));
    for (const state of [before, after]) for (const local of state.get(section)?.keys() ?? []) members.add(local);
  }
  return members;
}

/** Adds what refers to something changed, until nothing more does. */
function addReferring(changed: Set<string>, state: State, platform: Platform): void {
  for (let size = -1; size !== changed.size; ) {
    size = changed.size;
    for (const spec of platform.kinds) {
      if (!canPoint(spec)) continue;
      for (const entity of state.get(spec.kind)?.values() ?? []) {
        const key = `${spec.kind}/${entity.local}`;
        if (changed.has(key)) continue;
        const references = pointedAt(spec, entity, state);
        if (references.some(({ kind, name }) => changed.has(`${kind}/${platform.fold(name)}`))) changed.add(key);
      }
    }
  }
}
