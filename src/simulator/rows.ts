// Small rules that roles, groups and members share: finding a row, its precondition, its name, what a patch changes.

import { type Collection, etagOf, foldName } from "./collection.ts";
import { Problem } from "./problems.ts";
import type { Properties, Row } from "./records.ts";

/** The row of an id, or a 404. */
export function findRow<R extends Row>(collection: Collection<R>, id: string, what: string): R {
  const row = collection.byId.get(id);
  if (!row) throw new Problem("not-found", `There is no ${what} with the id ${JSON.stringify(id)}.`);
  return row;
}

/** Refuses a change that is not based on the row as it is: 428 without If-Match, 412 with another ETag. */
export function requireMatch(row: Row, ifMatch: string | undefined): void {
  if (ifMatch === undefined) throw new Problem("precondition-required", "Send the ETag of what you mean to change.");
  const etag = etagOf(row);
  if (ifMatch.trim() !== etag) throw new Problem("precondition-failed", "It has changed since it was read.", { etag });
}

/** Refuses a name that another row has, without regard to case. */
export function requireFreeName<R extends Row>(collection: Collection<R>, name: string, self: string | null): void {
  const existingId = collection.byName.get(foldName(name));
  if (existingId !== undefined && existingId !== self)
    throw new Problem("name-taken", `${JSON.stringify(name)} exists already.`, { existingId });
}

/** The properties of a patch that differ from the row, before and after; null when none does. */
export function changedProperties(row: object, patch: object): { before: Properties; after: Properties } | null {
  const before: Record<string, unknown> = {};
  const after: Record<string, unknown> = {};
  const current = new Map<string, unknown>(Object.entries(row));
  for (const [property, value] of Object.entries(patch)) {
    if (JSON.stringify(current.get(property)) === JSON.stringify(value)) continue;
    before[property] = current.get(property);
    after[property] = value;
  }
  return Object.keys(after).length === 0 ? null : { before, after };
}

/** The properties of `input` that are there; an absent one stays absent. */
export function pickDefined<T extends object>(input: T): Partial<T> {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as Partial<T>;
}
