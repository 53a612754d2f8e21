// How one person's access differs between two views. Their grants are compared part by part as small numbers, since a plan
// can touch thousands of people who hold hundreds of grants each; paths are looked at only where a level moves.
import { compareText } from "../model/finding.ts";
import type { AccessChange, Grant, Path } from "../model/grant.ts";
import type { GrantParts, Platform } from "../model/platform.ts";

/** A resource in a scope. */
interface Cell {
  readonly resource: string;
  readonly scope: string;
}

/** Cell number -> one more than the level's rank; cells beyond its end, and those with 0, give nothing. */
type Levels = Uint8Array;

const NO_MOVES: readonly AccessChange[] = Object.freeze([]);

/**
 * A function from what a member's grants are before and after to what moves: sorted by resource, then scope, empty where
 * no level does. The paths are those that give the level afterwards, or gave it before where nothing is left. For the
 * same two objects it gives the same object.
 */
export function createComparison(platform: Platform): (old: GrantParts, now: GrantParts) => readonly AccessChange[] {
  const table = new LevelTable(platform);
  const memo = new Map<GrantParts, Map<GrantParts, readonly AccessChange[]>>();
  return (old, now) => {
    if (old.length === now.length && old.every((grants, index) => grants === now[index])) return NO_MOVES;
    const row = memo.get(old) ?? new Map<GrantParts, readonly AccessChange[]>();
    memo.set(old, row);
    const moves = row.get(now) ?? compareParts(old, now, table);
    row.set(now, moves);
    return moves;
  };
}

/** Numbers for cells and levels, shared by everyone who is compared. */
class LevelTable {
  readonly platform: Platform;
  readonly cells: Cell[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #levels = new Map<readonly Grant[], Levels>();
  constructor(platform: Platform) {
    this.platform = platform;
  }

  /** The highest level of all parts, cell by cell. */
  join(parts: GrantParts): Levels {
    const all = parts.map((grants) => this.#levels.get(grants) ?? this.#number(grants));
    const joined = new Uint8Array(this.cells.length);
    for (const levels of all)
      for (let cell = 0; cell < levels.length; cell++)
        if ((levels[cell] as number) > (joined[cell] as number)) joined[cell] = levels[cell] as number;
    return joined;
  }

  #number(grants: readonly Grant[]): Levels {
    const numbers = grants.map(({ resource, scope }) => {
      const name = `${resource}\n${scope}`;
      const known = this.#numbers.get(name);
      if (known !== undefined) return known;
      this.#numbers.set(name, this.cells.length);
      return this.cells.push({ resource, scope }) - 1;
    });
    const levels = new Uint8Array(this.cells.length);
    for (const [index, { resource, level }] of grants.entries())
      levels[numbers[index] ?? 0] = this.platform.rankOf(resource, level) + 1;
    this.#levels.set(grants, levels);
    return levels;
  }
}

function compareParts(old: GrantParts, now: GrantParts, table: LevelTable): readonly AccessChange[] {
  const [low, high] = [table.join(old), table.join(now)];
  const moved: Cell[] = [];
  const { cells } = table;
  for (let number = 0; number < cells.length; number++)
    if ((low[number] ?? 0) !== (high[number] ?? 0)) moved.push(cells[number] as Cell);
  if (moved.length === 0) return NO_MOVES;
  moved.sort((a, b) => compareText(a.resource, b.resource) || compareText(a.scope, b.scope));
  return moved.map((cell) => {
    const [from, to] = [heldIn(old, cell, table.platform), heldIn(now, cell, table.platform)];
    return { ...cell, before: from?.level ?? null, after: to?.level ?? null, via: (to ?? from)?.via ?? [] };
  });
}

/** The highest level in a cell, and the paths that give it; those that give less are not why somebody holds it. */
function heldIn(parts: GrantParts, { resource, scope }: Cell, { rankOf }: Platform) {
  const grants = parts.flatMap(
    (some) => some.find((grant) => grant.resource === resource && grant.scope === scope) ?? [],
  );
  const level = grants.reduce<string | undefined>(
    (best, grant) =>
      best !== undefined && rankOf(resource, best) >= rankOf(resource, grant.level) ? best : grant.level,
    undefined,
  );
  const via: Path[] = [];
  for (const grant of grants)
    if (grant.level === level) via.push(...grant.via.filter((path) => path.level === undefined));
  return level === undefined ? undefined : { level, via };
}
