// Searches an order of changes in which something holds after every single one of them. Pure, and bounded: it may give up on
// an order that exists, and never finds one that does not hold.
import type { State } from "../model/entity.ts";
import { applySteps } from "./access.ts";
import type { Move } from "./direction.ts";

/**
 * States looked at beyond one for each move. Orders that exist are found within a few detours; the bound is for those that do
 * not, where the number of sets of moves doubles with each one. About a second at worst.
 */
const DETOURS = 5000;

interface Point {
  readonly state: State;
  /** A 1 for each move that was made, by place. */
  readonly made: string;
  /** The move that led here. */
  readonly by: Move | undefined;
  /** The place of the move to try next. */
  next: number;
}

/** The first order, in the lexical sense, that holds; the given one when it does. Undefined when none is found. */
export function findOrder(
  start: State,
  moves: readonly Move[],
  holds: (state: State) => boolean,
): readonly Move[] | undefined {
  const path: Point[] = [{ state: start, made: "0".repeat(moves.length), by: undefined, next: 0 }];
  // What follows depends on which moves were made, and not on their order, so a set that led nowhere never will.
  const seen = new Set<string>();
  while (path.length <= moves.length) {
    const here = path.at(-1);
    if (!here) return undefined;
    const place = here.next++;
    const by = moves[place];
    if (!by) path.pop();
    else if (here.made[place] === "0") {
      const made = `${here.made.slice(0, place)}1${here.made.slice(place + 1)}`;
      if (seen.has(made)) continue;
      if (seen.size >= DETOURS + moves.length) return undefined;
      seen.add(made);
      const state = applySteps(here.state, [by]);
      if (holds(state)) path.push({ state, made, by, next: 0 });
    }
  }
  return path.flatMap(({ by }) => by ?? []);
}
