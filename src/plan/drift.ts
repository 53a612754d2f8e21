// What drifted, and which way: whether somebody has more, or less, than Git says. Judged by the platform's access rules between
// live as Git would have it and live as it is. It takes no side, and it does not know who did it.
import type { Change, Effect } from "../model/change.ts";
import { entityAt, type State, splitKey } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { AccessGroup } from "../model/grant.ts";
import { lazy } from "../model/lazy.ts";
import type { Deed, Drifted, ThreeWay } from "../model/plan.ts";
import { type AccessView, MEMBER, type Platform } from "../model/platform.ts";
import { accessGroups, applySteps } from "./access.ts";
import { affectedMembers } from "./affected.ts";
import { displayName, effectOf } from "./changes.ts";
import type { Difference } from "./diff.ts";

export interface DriftReport {
  /** Sorted by key. What the plan undoes has the mode `revert`, whatever asked for it. */
  readonly items: readonly Drifted[];
  /** What people have beyond Git's word (gains), or lack (loses). */
  readonly access: () => readonly AccessGroup[];
}

/** Judges all drift, what changes of origin `drift` undo included. `states` are where display names come from. */
export function judgeDrift(
  difference: Difference,
  changes: readonly Change[],
  live: State,
  platform: Platform,
  states: readonly State[],
): DriftReport {
  const undone = difference.steps.filter(({ origin }) => origin === "drift");
  const undo = [...difference.drift.map((drift) => drift.undo), ...undone];
  const git = applySteps(live, undo);
  const affected = affectedMembers(undo, live, git, platform);
  const views = { before: platform.access(git, affected), after: platform.access(live, affected) };
  const reverted = changes.filter(({ origin }) => origin === "drift").map(revertedOf);
  const items = [...difference.drift.map(({ is }) => named(is, states)), ...reverted].map(
    (is): Drifted => ({ ...is, effect: directionOf(is, views, platform) }),
  );
  const nameOf = (member: string) => (entityAt(live, MEMBER, member) ?? entityAt(git, MEMBER, member))?.name ?? member;
  return {
    items: items.sort((a, b) => compareText(a.key, b.key)),
    access: lazy(() => accessGroups(views.before, views.after, platform, nameOf)),
  };
}

/** Says who did what drifted, where the platform's log tells: by key. */
export function attribute(items: readonly Drifted[], deeds: ReadonlyMap<string, Deed>): Drifted[] {
  return items.map((item) => ({ ...item, by: deeds.get(item.key) ?? null }));
}

/** Whether somebody has more than Git says. */
export function escalates({ effect }: Pick<Drifted, "effect">): boolean {
  return effect === "escalates" || effect === "mixed";
}

type Undirected = Omit<Drifted, "effect">;

function named(is: Undirected, states: readonly State[]): Undirected {
  const [section] = splitKey(is.key);
  return { ...is, name: displayName({ section, name: is.name }, states) };
}

/** A change that undoes drift, seen as the drift. */
function revertedOf({ kind, key, name, action, before, after, place }: Change): Undirected {
  const shape = action === "create" ? "missing" : action === "delete" ? "extra" : "changed";
  const names = new Set([...Object.keys(before?.attributes ?? {}), ...Object.keys(after?.attributes ?? {})]);
  const attributes = [...names].map((attribute): ThreeWay => {
    const git = after?.attributes[attribute];
    return { attribute, base: git, want: git, live: before?.attributes[attribute] };
  });
  const shown = shape === "extra" ? [] : attributes;
  return { kind, key, name, shape, attributes: shown, mode: "revert", ...(place ? { place } : {}) };
}

/** What live did, as a change from what Git says to what is there. */
function directionOf(
  { kind, key, shape }: Undirected,
  views: { readonly before: AccessView; readonly after: AccessView },
  platform: Platform,
): Effect {
  const [section, local] = splitKey(key);
  const action = shape === "missing" ? "delete" : shape === "extra" ? "create" : "update";
  return effectOf(platform.effectOf({ action, kind, section, local }, views.before, views.after));
}
