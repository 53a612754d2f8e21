// Which approvals a change takes, by what it does to people. Approvals can be of a part of a plan, so what a change gives is
// judged without what the rest of the plan takes away as well: nothing hides behind something that may be held. Pure.
import { type Change, takesAway } from "../model/change.ts";
import { groupOfSection, type State } from "../model/entity.ts";
import { MEMBER, type Platform } from "../model/platform.ts";
import type { ApprovalCounts } from "../model/settings.ts";
import { moveOf } from "./direction.ts";

export interface LabelInput {
  readonly platform: Platform;
  readonly changes: readonly Change[];
  readonly live: State;
  readonly afterOf: (isMade: (change: Change) => boolean) => State;
}

/** Changes that take more than they seem to give, and are each looked at by themselves; where there are more, they count as giving. */
const MOST_UNSURE = 100;

/** The label of each change, in the plan's order. */
export function labelChanges(input: LabelInput): (keyof ApprovalCounts)[] {
  const { platform, changes, live, afterOf } = input;
  const mild = changes.filter((change) => !gives(change) && change.action !== "delete");
  const lessening = changes.filter((change) => lessens(change, input));
  if (mild.length === 0 || lessening.length === 0) return changes.map(labelOf);
  const among = new Set(mild.filter(isOfMember).map(({ local }) => local));
  const before = platform.access(live, among);
  // What gives and takes at once may be made or be held.
  const ids = new Set(lessening.map(({ id }) => id));
  const kept = [({ id }: Change) => !ids.has(id)];
  if (lessening.some(maySpare)) kept.push((change) => !ids.has(change.id) || maySpare(change));
  const givesIn = (some: readonly Change[], isMade: (change: Change) => boolean) => {
    const after = platform.access(afterOf(isMade), among);
    return some.filter((change) => platform.effectOf(change, before, after).gives);
  };
  // What may give and take at once is looked at while nothing else takes: in the end nobody may be left to whom it gives.
  const unsure = mild.filter((change) => ids.has(change.id) && !onlyTakes(change, input));
  const alone = unsure.length > MOST_UNSURE ? [] : unsure;
  const hidden = new Set([
    ...(alone.length < unsure.length ? unsure : []),
    ...kept.flatMap((isMade) => [
      ...givesIn(
        mild.filter((change) => !takesAway(change)),
        isMade,
      ),
      ...alone.flatMap((change) => givesIn([change], (other) => other.id === change.id || isMade(other))),
    ]),
  ]);
  return changes.map((change) => (hidden.has(change) ? "escalating" : labelOf(change)));
}

/** What takes nothing from anybody now may take what other parts of the plan would give: a role's level that no group carries yet. */
function lessens(change: Change, { live, platform }: LabelInput): boolean {
  if (takesAway(change)) return true;
  if (change.action === "create") return false;
  const { direction } = moveOf(change, live, platform);
  return direction === "takes" || direction === "both";
}

function maySpare({ action, effect }: Change): boolean {
  return action !== "delete" && effect !== "reduces";
}

function isOfMember({ kind, section }: Change): boolean {
  return kind === MEMBER || groupOfSection(section) !== undefined;
}

/** Whether its attributes alone tell that it gives nothing. */
function onlyTakes(change: Change, { live, platform }: LabelInput): boolean {
  const { direction } = moveOf(change, live, platform);
  return direction === "takes" || direction === "neither";
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
