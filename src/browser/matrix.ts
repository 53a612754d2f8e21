// The map of people by scope: for each of them the highest level held there, and how many grants.
import { RISK_LEVELS } from "../model/review-page.ts";
import type { PersonView, Review } from "./review.ts";
import type { MapSort } from "./view.ts";

export interface MapColumn {
  readonly target: string;
  readonly scope: string;
}

export interface MapCell {
  /** The row with the highest level. */
  readonly row: number;
  readonly grants: number;
  /** 1 to 5: how dark it is. */
  readonly shade: number;
  readonly owner: boolean;
}

export interface Matrix {
  readonly columns: readonly MapColumn[];
  readonly people: readonly PersonView[];
  readonly at: (person: PersonView, column: number) => MapCell | undefined;
}

const SHADES = 5;

/** Of one target, or of all when the name is empty. */
export function openMatrix(review: Review, target: string, sort: MapSort): Matrix {
  const { rows, packed, personOf, persons } = review;
  const columns = packed.targets.flatMap(({ name, scopes }) =>
    target === "" || name === target ? scopes.map((scope) => ({ target: name, scope })) : [],
  );
  const columnOf = columnFinder(review, columns);
  const best = new Map<number, { row: number; grants: number; owner: boolean }>();
  const held = new Set<number>();
  for (let row = 0; row < review.count; row++) {
    const column = columnOf(rows.target[row] ?? 0, rows.scope[row] ?? 0);
    if (column < 0) continue;
    const person = personOf[row] ?? 0;
    held.add(person);
    const key = person * columns.length + column;
    const before = best.get(key);
    const owner = rows.owner[row] === 1;
    if (!before) {
      best.set(key, { row, grants: 1, owner });
      continue;
    }
    before.grants++;
    before.owner ||= owner;
    if ((rows.strength[row] ?? 0) > (rows.strength[before.row] ?? 0)) before.row = row;
  }
  return {
    columns,
    people: sortPeople(
      persons.filter(({ index }) => held.has(index)),
      sort,
    ),
    at: ({ index }, column) => {
      const found = best.get(index * columns.length + column);
      return found && { ...found, shade: shadeOf((rows.strength[found.row] ?? 0) / 100) };
    },
  };
}

/** The darkest is for a ladder's top alone. */
export function shadeOf(strength: number): number {
  return strength >= 1 ? SHADES : Math.max(1, Math.min(SHADES - 1, Math.ceil(strength * (SHADES - 1))));
}

function columnFinder(
  { packed, texts }: Review,
  columns: readonly MapColumn[],
): (target: number, scope: number) => number {
  const indices = new Map(columns.map(({ target, scope }, index) => [JSON.stringify([target, scope]), index]));
  const known = new Map<number, number>();
  return (target, scope) => {
    const key = scope * packed.targets.length + target;
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = indices.get(JSON.stringify([packed.targets[target]?.name, texts[scope]])) ?? -1;
    known.set(key, found);
    return found;
  };
}

/** A word to compare people by, and what comes first of those who are alike. */
export function sortPeople(people: readonly PersonView[], sort: MapSort): PersonView[] {
  const name = (person: PersonView) => shownName(person).toLowerCase();
  const names = (a: PersonView, b: PersonView) => (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : a.index - b.index);
  switch (sort) {
    case "name":
      return people.toSorted(names);
    case "risk":
      return people.toSorted(
        (a, b) => RISK_LEVELS.indexOf(b.risk) - RISK_LEVELS.indexOf(a.risk) || b.weight - a.weight || a.index - b.index,
      );
    case "weight":
      return people.toSorted((a, b) => b.weight - a.weight || a.index - b.index);
    default:
      return sort satisfies never;
  }
}

export function shownName({ name, member }: PersonView): string {
  return name === "" ? member : name;
}
