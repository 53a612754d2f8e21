// Whose access a plan could change, told from what changes and what points at it, without working out anybody's
// access. Better too many than one too few: whoever is left out is never looked at again.
import { type Entity, groupOfSection, membershipSection, type State } from "../model/entity.ts";
import type { Platform } from "../model/platform.ts";
import type { Step } from "./diff.ts";

/**
 * Folded addresses of everyone whose grants may differ between two states that the steps lead from one to the other:
 * members who change or whose memberships do, and the members of each group that changes or refers, at any remove,
 * to something that does.
 */
export function affectedMembers(
  steps: readonly Step[],
  before: State,
  after: State,
  platform: Platform,
): ReadonlySet<string> {
  const members = new Set<string>();
  const changed = new Set<string>();
  for (const step of steps) {
    const { kind, section, local } = (step.after ?? step.before) as Entity;
    if (step.spec.identity === "email" || groupOfSection(section) !== undefined) members.add(local);
    else changed.add(`${kind}/${local}`);
  }
  if (changed.size === 0) return members;
  for (const state of [before, after]) addReferring(changed, state, platform);
  for (const key of changed) {
    if (!key.startsWith("Group/")) continue;
    const section = membershipSection(key.slice("Group/".length));
    for (const state of [before, after]) for (const local of state.get(section)?.keys() ?? []) members.add(local);
  }
  return members;
}

/** Adds what refers to something changed, until nothing more does: a chain of references is no longer than there are kinds. */
function addReferring(changed: Set<string>, state: State, platform: Platform): void {
  for (let round = 0, size = -1; round < platform.kinds.length && size !== changed.size; round++) {
    size = changed.size;
    for (const { kind, attributes } of platform.kinds)
      for (const [attribute, { refersTo }] of Object.entries(attributes)) {
        if (refersTo === undefined) continue;
        for (const { local, attributes } of state.get(kind)?.values() ?? []) {
          const names = attributes[attribute];
          if (!Array.isArray(names) || changed.has(`${kind}/${local}`)) continue;
          if (names.some((name: string) => changed.has(`${refersTo}/${platform.fold(name)}`)))
            changed.add(`${kind}/${local}`);
        }
      }
  }
}
