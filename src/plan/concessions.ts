// What a commit gives by Git's word alone, without any change of its plan: what was made by hand and is adopted, and access that
// ends later than it did, or no more. Said like a weakening, so that somebody has to agree. Pure; it judges by the access rules.
import type { Change } from "../model/change.ts";
import { type Entity, groupOfSection, keyOf, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { lazy } from "../model/lazy.ts";
import type { Weakening } from "../model/plan.ts";
import type { Platform } from "../model/platform.ts";
import { attributedIn } from "../model/roster.ts";
import type { Target } from "../model/settings.ts";
import { accessGroups, applySteps } from "./access.ts";
import { adoptedIn } from "./adopted.ts";
import { affectedMembers } from "./affected.ts";
import { displayName } from "./changes.ts";
import { type Concession, isPersonal, type Undo } from "./concession.ts";
import { groupConcessions } from "./concession-words.ts";
import { extendedIn } from "./extended.ts";

export interface ConcessionInput {
  /** As the base has it. */
  readonly target: Target;
  readonly platform: Platform;
  /** Seen by the names that `want` has. */
  readonly base: State;
  /** Without what has ended. */
  readonly want: State;
  readonly live: State;
  /** Live when the whole plan is made. */
  readonly after: State;
  readonly changes: readonly Change[];
  /** Folded group name -> its owners, as the base has them. */
  readonly groupOwners: ReadonlyMap<string, readonly string[]>;
  /** Ids of changes that were approved and made since the base was applied: nobody has to agree twice. */
  readonly granted: ReadonlySet<string>;
}

/** What the commit concedes, sorted; nothing of what reduces or changes nothing for anybody. */
export function concessionsOf(input: ConcessionInput): Weakening[] {
  const { base, want, changes, granted, platform, target, groupOwners } = input;
  if (base === want) return [];
  const created = new Set(changes.filter(({ action }) => action === "create").map(({ key }) => key));
  const found = [...adoptedIn(input), ...extendedIn(input)].filter(
    ({ id, entity }) => !granted.has(id) && !created.has(keyOf(entity)),
  );
  if (found.length === 0) return [];
  const judged = [...new Set([input.live, input.after])].flatMap((state) => judgeIn(state, found, input));
  const giving = found.filter((one) => judged.some(({ gives }) => gives(one)));
  const gaining = lazy(() => [...new Set(judged.flatMap((one) => one.gaining()))].sort(compareText));
  return groupConcessions(
    giving.map((one) => ({
      ...one,
      shown: displayName(one.entity, [want, input.live]),
      owners: ownersOf(one, target, groupOwners, platform),
      gives: isPersonal(one.entity) ? [one.entity.local] : gaining(),
    })),
  ).sort((a, b) => compareText(a.what, b.what) || compareText(a.id, b.id));
}

/** Who is in a group is its owners' business as well; what it gives is not (see `approval-owners.ts`). */
function ownersOf(
  { entity }: Concession,
  { owners }: Target,
  groupOwners: ConcessionInput["groupOwners"],
  { fold }: Platform,
): string[] {
  const own = groupOwners.get(groupOfSection(entity.section) ?? "") ?? [];
  return [...new Map([...own, ...owners].map((name) => [fold(name), name])).values()].sort(compareText);
}

interface Judgement {
  readonly gives: (one: Concession) => boolean;
  /** Folded names of everybody who has more by what is conceded. */
  readonly gaining: () => readonly string[];
}

/** With what is conceded and without: as things are, and once the temporary access that hides it is over. */
function judgeIn(
  state: State,
  found: readonly Concession[],
  { platform, want }: Pick<ConcessionInput, "platform" | "want">,
): Judgement[] {
  const conceded = applySteps(
    state,
    found.flatMap(({ put }) => put(state)),
  );
  const undo = found.flatMap(({ undo }) => undo(conceded));
  const affected = affectedMembers(undo, conceded, applySteps(conceded, undo), platform);
  const keys = new Set(found.map(({ entity }) => keyOf(entity)));
  const over = temporaries(conceded, want, affected, keys);
  const states = over.length === 0 ? [conceded] : [conceded, applySteps(conceded, over)];
  return states.map((after): Judgement => {
    const before = applySteps(after, undo.filter(isIn(after)));
    const views = { before: platform.access(before, affected), after: platform.access(after, affected) };
    return {
      gives: ({ entity: { kind, section, local }, action }) =>
        platform.effectOf({ action, kind, section, local }, views.before, views.after).gives,
      gaining: lazy(() =>
        accessGroups(views.before, views.after, platform, (member) => member)
          .filter(({ gains }) => gains)
          .flatMap(({ members }) => members),
      ),
    };
  });
}

function isIn(state: State): (step: Undo) => boolean {
  return ({ before }) => state.get(before.section)?.has(before.local) ?? false;
}

/** Other memberships of these people that end some day. */
function temporaries(
  state: State,
  want: State,
  people: ReadonlySet<string>,
  except: ReadonlySet<string>,
): { before: Entity; after: undefined }[] {
  const found: { before: Entity; after: undefined }[] = [];
  for (const [name, section] of want) {
    if (groupOfSection(name) === undefined) continue;
    for (const entity of attributedIn(section)) {
      if (entity.attributes.until === undefined || !people.has(entity.local) || except.has(keyOf(entity))) continue;
      const before = state.get(name)?.get(entity.local);
      if (before) found.push({ before, after: undefined });
    }
  }
  return found;
}
