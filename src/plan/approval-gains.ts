// Who gains by a change: nobody may approve what is good for themselves. Told from what a change is about and what points at
// what, in live and after the plan together, so that it holds of every part of the plan as well. In doubt somebody gains. Pure.
import type { Change } from "../model/change.ts";
import { entityAt, groupOfSection, type State, splitKey } from "../model/entity.ts";
import { lazy } from "../model/lazy.ts";
import { GROUP, kindSpec, MEMBER, type Platform } from "../model/platform.ts";
import { pointedAt } from "./leaves.ts";
import { ownsAll } from "./realms.ts";

export interface GainsInput {
  readonly platform: Platform;
  readonly live: State;
  /** Live when the whole plan is made. */
  readonly after: () => State;
}

/** Whether a member (folded name) gains by a change that gives somebody something. */
export type Gains = (member: string, change: Change) => boolean;

/** Answers are memoized by member, as a few people are asked about very many changes. */
export function createGains(input: GainsInput): Gains {
  const reaches = new Map<string, { readonly keys: ReadonlySet<string>; readonly holdsAll: () => boolean }>();
  const states = lazy(() => [input.live, input.after()]);
  return (member, change) => {
    if (change.action === "delete") return false;
    // What is about this one person is theirs, whatever they hold.
    if (change.kind === MEMBER || groupOfSection(change.section) !== undefined) return change.local === member;
    const known = reaches.get(member);
    const reach = known ?? {
      keys: reachOf(member, states(), input.platform),
      holdsAll: lazy(() => holdsAll(member, input)),
    };
    if (!known) reaches.set(member, reach);
    return concerns(change, reach.keys, states(), input.platform) && !reach.holdsAll();
  };
}

/** Who could give themselves anything, wherever it is, already gains nothing by what a group or role gives. */
function holdsAll(member: string, { platform, live }: GainsInput): boolean {
  return ownsAll(platform, live, platform.access(live, new Set([member])).grantsOf(member));
}

/** Keys (`Kind/local`) of a member, their groups, and all that these refer to at any remove. */
function reachOf(member: string, states: readonly State[], platform: Platform): ReadonlySet<string> {
  const keys = new Set([`${MEMBER}/${member}`]);
  for (const state of states)
    for (const [section, memberships] of state) {
      const group = groupOfSection(section);
      if (group !== undefined && memberships.has(member)) keys.add(`${GROUP}/${group}`);
    }
  // What is added while going through is gone through as well.
  for (const key of keys)
    for (const state of states) for (const reference of referencesOf(key, state, platform)) keys.add(reference);
  return keys;
}

/** It is what they reach, or it refers to them or to a group of theirs. */
function concerns(change: Change, keys: ReadonlySet<string>, states: readonly State[], platform: Platform): boolean {
  const key = `${change.kind}/${change.local}`;
  if (keys.has(key)) return true;
  return states.some((state) =>
    referencesOf(key, state, platform).some(
      (reference) => keys.has(reference) && (reference.startsWith(`${MEMBER}/`) || reference.startsWith(`${GROUP}/`)),
    ),
  );
}

function referencesOf(key: string, state: State, platform: Platform): string[] {
  const [kind, local] = splitKey(key);
  const [entity, spec] = [entityAt(state, kind, local), kindSpec(platform, kind)];
  if (!entity || !spec) return [];
  return pointedAt(spec, entity, state).map((to) => `${to.kind}/${platform.fold(to.name)}`);
}
