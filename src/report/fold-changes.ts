// A plan's changes as items to show, in the order of the apply: one per entity, but memberships that come
// to or go from one group in the same way are one item. It refuses to fold what differs in effect or origin.
import type { Change } from "../model/change.ts";
import { MEMBERSHIP } from "../model/entity.ts";

export interface ChangeItem {
  /** The group's display name, when the item is about memberships of it. */
  readonly group?: string;
  /** The changes it stands for, in order; never empty, and alike in action, origin, effect and what blocks them. */
  readonly changes: readonly [Change, ...Change[]];
}

/** Items stand where their first change does. */
export function foldChanges(changes: readonly Change[]): ChangeItem[] {
  const items = new Map<string, { group?: string; changes: [Change, ...Change[]] }>();
  for (const change of changes) {
    const folds = change.kind === MEMBERSHIP && change.action !== "update";
    const key = folds ? foldKey(change) : change.id + change.key;
    const item = items.get(key);
    if (item) item.changes.push(change);
    else items.set(key, folds ? { group: groupName(change), changes: [change] } : { changes: [change] });
  }
  return [...items.values()];
}

function foldKey({ action, section, origin, effect, blockedBy }: Change): string {
  return JSON.stringify([action, section, origin, effect, blockedBy ?? []]);
}

/** A membership change is named `member in group`; the group may itself hold the word `in`. */
function groupName(change: Change): string {
  const prefix = `${memberName(change)} in `;
  return change.name.startsWith(prefix) ? change.name.slice(prefix.length) : change.name;
}

/** The address of a membership change's member. */
export function memberName(change: Change): string {
  return (change.after ?? change.before)?.name ?? change.local;
}
