// A change as the step it was made from, for tests that walk through an apply without a platform.
import type { Change } from "../../src/model/change.ts";
import { entityAt, type State } from "../../src/model/entity.ts";
import type { Step } from "../../src/plan/diff.ts";

/** The step that makes a change in a state: only what the change speaks of is altered. */
export function stepOf(change: Change, state: State): Pick<Step, "before" | "after"> {
  const { kind, section, local, after } = change;
  const before = entityAt(state, section, local);
  const base = before ?? { kind, section, local, name: "", attributes: {} };
  const made = after && { ...base, name: after.name, attributes: { ...base.attributes, ...after.attributes } };
  return { before: before ?? { ...base }, after: made ?? undefined };
}
