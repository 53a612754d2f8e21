// The proof that nobody who must keep access loses it, not at the end of an apply and not at any point at which it may stop.
// It orders what has to be ordered, and names the step and the person where no order helps. Pure.
//
// Why it holds. To take an entity, an element of a set or a level out of a state gives nobody more. So what is sure at every
// point is what no change touches (the floor): whoever keeps access there keeps it whatever is made, in any order. For the
// others: what only adds comes first, and may fail, since nobody has less for it. What swaps comes then, one at a time, in
// an order in which every state is looked at, and each only if all before it succeeded. What only takes comes last, and again
// only if all before it succeeded: however much of it is made, everybody has at least what the end leaves them.
import type { Change } from "../model/change.ts";
import { groupOfSection, type State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import { type AccessView, MEMBER, type Platform } from "../model/platform.ts";
import { applySteps } from "./access.ts";
import { type Move, moveOf } from "./direction.ts";
import {
  countNeeds,
  endedMembers,
  endState,
  type Ground,
  type Need,
  type Protected,
  personalNeeds,
} from "./lockout-needs.ts";
import { findOrder } from "./lockout-order.ts";
import { describeBreach, describeEnding, describeLoss, type Step } from "./lockout-words.ts";
import { addingPhase, orderChanges, takingPhase } from "./order.ts";
import { foundations, restrictEntities, restrictPeople } from "./restrict.ts";

export interface LockOutProof {
  /** The changes in an order that is safe, with their phases. */
  readonly changes: readonly Change[];
  /** Why there is no such order. */
  readonly findings: readonly Finding[];
}

/** Proves, or orders, or refuses. `changes` are those that will be made, in the usual order. */
export function proveNoLockOut(
  live: State,
  changes: readonly Change[],
  protect: Protected,
  platform: Platform,
): LockOutProof {
  // What is created takes nothing from anybody.
  if (changes.every(({ action }) => action === "create")) return { changes, findings: [] };
  const named = groundOf(live, changes, new Set([...protect.owners.keys(), ...protect.approvers]), platform);
  const counts = countNeeds(protect, named, () => groundOf(live, changes, undefined, platform), platform);
  const needs = [...personalNeeds(protect, named, platform), ...counts];
  const { target } = protect;
  const stepOf = ({ change }: Move): Step => ({ change, position: changes.indexOf(change) + 1, of: changes.length });
  const ended = endedMembers(protect, named.live, named.moves, platform).map((move) =>
    describeEnding(protect.owners.get(move.change.local) ?? "owner", stepOf(move), target),
  );
  if (needs.length === 0) return { changes, findings: ended };

  const people = new Set(needs.flatMap((need) => need.people));
  const ground = narrow(groundOf(live, changes, people, platform), platform);
  const looked = (state: State) => platform.access(state);
  const end = looked(endState(ground));
  const lost = needs.filter((need) => !need.holds(end));
  if (lost.length > 0 || ended.length > 0) {
    const findings = lost.map((need) => describeLoss(need, stepOf(lastBreaking(need, ground, looked)), end, target));
    return { changes, findings: [...ended, ...findings] };
  }
  const { adding, swapping, taking } = split(ground.moves);
  const start = applySteps(ground.live, adding);
  const holds = (state: State) => {
    const view = looked(state);
    return needs.every((need) => need.holds(view));
  };
  const order = findOrder(start, swapping, holds);
  if (order) return { changes: putInOrder(changes, adding, order, taking, platform), findings: [] };
  const findings = firstBreaking(needs, start, swapping, looked).map(({ move, need, view }) =>
    describeBreach(need, stepOf(move), view, target),
  );
  return { changes, findings };
}

/** The state of some people, or of everyone, with the changes that could concern them. */
function groundOf(
  live: State,
  changes: readonly Change[],
  people: ReadonlySet<string> | undefined,
  platform: Platform,
): Ground {
  const state = people ? restrictPeople(live, people) : live;
  const concerned = ({ kind, section, local }: Change) =>
    !people || people.has(local) || (kind !== MEMBER && groupOfSection(section) === undefined);
  return { live: state, moves: changes.filter(concerned).map((change) => moveOf(change, state, platform)) };
}

/** The same without what nobody's access in it rests on, neither now nor at the end nor half way. */
function narrow(ground: Ground, platform: Platform): Ground {
  const keys = foundations([ground.live, endState(ground)], platform);
  const kept = ({ change }: Move) => groupOfSection(change.section) !== undefined || keys.has(change.key);
  return { live: restrictEntities(ground.live, keys, platform), moves: ground.moves.filter(kept) };
}

interface Parts {
  readonly adding: readonly Move[];
  readonly swapping: readonly Move[];
  readonly taking: readonly Move[];
}

function split(moves: readonly Move[]): Parts {
  const of = (direction: Move["direction"]) => moves.filter((move) => move.direction === direction);
  return { adding: of("adds"), swapping: of("both"), taking: of("takes") };
}

/** Moves one at a time in the usual order, what adds first and what takes last: the step that breaks a need for good. */
function lastBreaking(need: Need, { live, moves }: Ground, looked: (state: State) => AccessView): Move {
  const { adding, swapping, taking } = split(moves);
  let [state, held] = [applySteps(live, adding), true];
  let breaking: Move | undefined;
  for (const move of [...swapping, ...taking]) {
    state = applySteps(state, [move]);
    const holds = need.holds(looked(state));
    if (held && !holds) breaking = move;
    held = holds;
  }
  if (!breaking) throw new TypeError("a need that holds now and not at the end is broken by some step");
  return breaking;
}

interface Breaking {
  readonly move: Move;
  readonly need: Need;
  /** Of the state in which it is broken. */
  readonly view: AccessView;
}

/** What the first step in the usual order that breaks anything breaks. */
function firstBreaking(
  needs: readonly Need[],
  start: State,
  moves: readonly Move[],
  looked: (state: State) => AccessView,
): Breaking[] {
  let state = start;
  for (const move of moves) {
    state = applySteps(state, [move]);
    const view = looked(state);
    const broken = needs.filter((need) => !need.holds(view));
    if (broken.length > 0) return broken.map((need) => ({ move, need, view }));
  }
  return [];
}

/** Gives what must not go side by side phases of its own, between what only adds and what only takes. */
function putInOrder(
  changes: readonly Change[],
  adding: readonly Move[],
  swapping: readonly Move[],
  taking: readonly Move[],
  platform: Platform,
): Change[] {
  const [first, last] = [addingPhase(platform), takingPhase(platform)];
  const placed = new Map<Change, Change>();
  for (const { change } of adding) placed.set(change, { ...change, phase: Math.min(change.phase, first) });
  for (const [index, { change }] of swapping.entries())
    placed.set(change, {
      ...change,
      phase: first + ((last - first) * (index + 1)) / (swapping.length + 1),
      guarded: true,
    });
  for (const { change } of taking)
    placed.set(change, { ...change, phase: Math.max(change.phase, last), guarded: true });
  return orderChanges(changes.map((change) => placed.get(change) ?? change));
}
