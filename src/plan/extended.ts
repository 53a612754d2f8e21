// Memberships whose end is moved later, or taken out. Pure comparison; ends are told in the days of the base's time zone.
import { EMPTY_SECTION, type Entity, entityAt, groupOfSection, type State } from "../model/entity.ts";
import { attributedIn } from "../model/roster.ts";
import { endOfAccess } from "../model/until.ts";
import type { Concession } from "./concession.ts";
import { digestOf } from "./digest.ts";

/** Everything that ends later than the base says. */
export function extendedIn({
  target,
  base,
  want,
}: {
  readonly target: { readonly name: string; readonly timeZone: string };
  readonly base: State;
  readonly want: State;
}): Concession[] {
  const found: Concession[] = [];
  for (const [name, before] of base) {
    const section = want.get(name) ?? EMPTY_SECTION;
    if (groupOfSection(name) === undefined || before === section) continue;
    for (const { local, attributes } of attributedIn(before)) {
      const wanted = section.get(local);
      const [was, is] = [attributes.until, wanted?.attributes.until];
      if (!wanted || typeof was !== "string" || !isLater(is, was, target.timeZone)) continue;
      found.push({
        id: digestOf([target.name, `${name}/${local}`, "until", was, is ?? null]).slice(0, 24),
        sort: "extended",
        says: typeof is === "string" ? `on ${is} and not on ${was}` : `no more, and did on ${was}`,
        entity: wanted,
        action: "create",
        put: (state) => (entityAt(state, name, local) ? [] : [{ before: undefined, after: wanted }]),
        undo: (state) => removed(entityAt(state, name, local)),
      });
    }
  }
  return found;
}

function removed(before: Entity | undefined): { before: Entity; after: undefined }[] {
  return before ? [{ before, after: undefined }] : [];
}

/** What cannot be read as an end has none; what is none has no later one. */
function isLater(is: unknown, was: string, timeZone: string): boolean {
  if (is === was) return false;
  const end = (until: unknown) =>
    (typeof until === "string" ? endOfAccess(until, timeZone) : undefined) ?? Number.POSITIVE_INFINITY;
  return end(is) > end(was);
}
