// Which approvals a change takes, by what it does to people. Approvals can be of a part of a plan, so what a change gives is
// judged without what the rest of the plan takes away as well: nothing hides behind something that may be held. Pure.
import { type Change, takesAway } from "../model/change.ts";
import { groupOfSection, type State } from "../model/entity.ts";
import { MEMBER, type Platform } from "../model/platform.ts";
import type { ApprovalCounts } from "../model/settings.ts";

export interface LabelInput {
  readonly platform: Platform;
  readonly changes: readonly Change[];
  readonly live: State;
  readonly afterOf: (isMade: (change: Change) => boolean) => State;
}

/** The label of each change, in the plan's order. */
export function labelChanges({ platform, changes, live, afterOf }: LabelInput): (keyof ApprovalCounts)[] {
  const mild = changes.filter((change) => !gives(change) && change.action !== "delete");
  if (mild.length === 0 || !changes.some(takesAway)) return changes.map(labelOf);
  const among = new Set(
    mild
      .filter(({ kind, section }) => kind === MEMBER || groupOfSection(section) !== undefined)
      .map(({ local }) => local),
  );
  const before = platform.access(live, among);
  // What gives and takes at once may be made or be held.
  const reached = [
    afterOf((change) => !takesAway(change)),
    ...(changes.some(({ effect }) => effect === "mixed")
      ? [afterOf((change) => change.action !== "delete" && change.effect !== "reduces")]
      : []),
  ];
  const views = reached.map((state) => platform.access(state, among));
  const hidden = new Set(
    mild.filter((change) => views.some((after) => platform.effectOf(change, before, after).gives)),
  );
  return changes.map((change) => (hidden.has(change) ? "escalating" : labelOf(change)));
}

function gives({ effect }: Change): boolean {
  return effect === "escalates" || effect === "mixed";
}

function labelOf({ effect }: Change): keyof ApprovalCounts {
  switch (effect) {
    case "escalates":
    case "mixed":
      return "escalating";
    case "reduces":
      return "reducing";
    case "neutral":
      return "neutral";
    default:
      return effect satisfies never;
  }
}
