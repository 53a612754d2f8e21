// The proof that a plan gives nobody anything new: not when it is done, and not at any point at which its apply may stop.
// In doubt there is no proof. Pure.
import type { Change } from "../model/change.ts";
import { keyOf, type State } from "../model/entity.ts";
import type { AccessGroup } from "../model/grant.ts";
import { type AccessView, MEMBER, type Platform, resourcesOf } from "../model/platform.ts";
import { applySteps } from "./access.ts";
import type { Step } from "./diff.ts";
import { createComparison } from "./moves.ts";

/** Neutral updates that are each looked at by themselves; a plan with more is not proved, which is the safe answer. */
const MOST_UPDATES = 100;

export interface Escalation {
  readonly live: State;
  readonly steps: readonly Step[];
  readonly changes: readonly Pick<Change, "effect" | "key">[];
  /** What moves from the first state to the last. */
  readonly access: readonly AccessGroup[];
  /** Of live, for everyone the steps can concern. */
  readonly before: AccessView;
  /** Folded names of everyone the steps can concern. */
  readonly affected: ReadonlySet<string>;
  readonly platform: Platform;
}

/**
 * Whether no person gains anything. What takes can only leave less, in whatever order and however much of it is made. What creates,
 * or updates without giving by itself, is looked at without anything that takes: everything created, alone and with each update.
 */
export function provesNoGain(escalation: Escalation): boolean {
  const { live, steps, changes, access, platform } = escalation;
  if (access.some(({ gains }) => gains)) return false;
  if (changes.some(({ effect }) => effect === "escalates" || effect === "mixed")) return false;
  const neutral = new Set(changes.filter(({ effect }) => effect === "neutral").map(({ key }) => key));
  const created = steps.filter(({ before }) => !before);
  const updated = steps.filter((step) => isBearing(step) && neutral.has(keyOf(step.before)));
  // Another address or name is another way in: whoever has it has all that the account has.
  if (steps.some((step) => isRenaming(step, platform))) return false;
  if (created.length === 0 && updated.length === 0) return true;
  if (hidesAccess(live, platform) || hidesAccess(applySteps(live, steps), platform)) return false;
  if (updated.length > MOST_UPDATES) return false;
  const compare = createComparison(platform);
  const gains = (state: State): boolean => {
    const after = platform.access(state, escalation.affected);
    const rank = (resource: string, level: string | null) => (level === null ? -1 : platform.rankOf(resource, level));
    return [...escalation.affected].some((member) =>
      compare(escalation.before.partsOf(member), after.partsOf(member)).some(
        (move) => rank(move.resource, move.after) > rank(move.resource, move.before),
      ),
    );
  };
  const grown = applySteps(live, created);
  return !gains(grown) && updated.every((step) => !gains(applySteps(grown, [step])));
}

/** An update of something that access can come from: more than a text that names nothing. */
function isBearing(step: Step): step is Step & { readonly before: NonNullable<Step["before"]> } {
  const { spec, before, after } = step;
  if (!before || !after) return false;
  return Object.entries(spec.attributes).some(
    ([name, { type, refersTo }]) =>
      (type !== "text" || refersTo !== undefined) && before.attributes[name] !== after.attributes[name],
  );
}

function isRenaming({ before, after }: Step, { fold }: Platform): boolean {
  return before?.kind === MEMBER && after !== undefined && fold(before.name) !== fold(after.name);
}

/** Whether a state has levels of things that the platform's rules do not know: whoever is given them is not seen to gain. */
function hidesAccess(state: State, platform: Platform): boolean {
  const resources = resourcesOf(platform, state);
  const names = new Set(resources.flatMap(({ name, aliases }) => [name, ...aliases]).map(platform.fold));
  const levels = new Set<unknown>(resources.flatMap((resource) => resource.levels));
  return platform.kinds.some(({ kind, attributes }) => {
    const maps = Object.keys(attributes).filter((name) => attributes[name]?.type === "map");
    if (maps.length === 0) return false;
    return [...(state.get(kind)?.values() ?? [])].some((entity) =>
      maps.some((name) =>
        Object.entries(entity.attributes[name] ?? {}).some(
          ([resource, level]) => !names.has(platform.fold(resource)) || !levels.has(level),
        ),
      ),
    );
  });
}
