// No apply locks anybody out, wherever it stops: every state that one can reach is made and looked at, over every platform, for
// plans that were not refused. And the same fails as soon as the plan is made in the usual order.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import { entityAt, type State } from "../../src/model/entity.ts";
import type { Plan } from "../../src/model/plan.ts";
import type { AccessView, Platform } from "../../src/model/platform.ts";
import { moveOf } from "../../src/plan/direction.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { floorState } from "../../src/plan/lockout-needs.ts";
import { orderChanges, phaseOf } from "../../src/plan/order.ts";
import { type OwnedWorld, ownedAtomic, ownedAtomyx, ownedKeystone } from "../support/owned.ts";
import { planFor } from "../support/plan.ts";
import { make, visitReachable } from "../support/reachable.ts";

interface Case {
  /** Undefined is live: nothing drifted. */
  readonly base: State | undefined;
  readonly live: State;
  readonly want: State;
  readonly owners: readonly string[];
  readonly breakGlass: readonly string[];
  readonly approvers: readonly string[];
  readonly self: string | undefined;
  readonly minimumOwners: number;
  /** Only people who keep what they have at the end are named, so that it is about the way there. */
  readonly lenient: boolean;
  /** Changes that are approved, as a share; 1 is all. */
  readonly approved: number;
  readonly seed: number;
}

function casesOf({ state, people }: OwnedWorld): fc.Arbitrary<Case> {
  const some = fc.subarray([...people], { maxLength: 2 });
  return fc.record({
    base: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: state }),
    live: state,
    want: state,
    owners: some,
    breakGlass: some,
    approvers: some,
    self: fc.option(fc.constantFrom(...people), { nil: undefined }),
    minimumOwners: fc.constantFrom(1, 1, 2, 3),
    lenient: fc.constantFrom(true, true, true, false),
    approved: fc.constantFrom(1, 1, 1, 0.7),
    seed: fc.integer(),
  });
}

/** What must be kept, in the case's own words. */
interface Kept {
  /** And what each of them owns. */
  readonly owners: readonly (readonly [member: string, owned: readonly string[]])[];
  readonly approvers: readonly string[];
  readonly present: readonly string[];
  /** Of each scope that has owners of its own; of the whole target by the empty name. */
  readonly least: ReadonlyMap<string, number>;
}

/** What somebody owns: scopes, or the whole target by the empty name. */
function owned(view: AccessView, member: string, { ownerEquivalent, ownerScopes }: Platform): readonly string[] {
  const grants = view.grantsOf(member);
  if (ownerScopes) return ownerScopes(grants);
  return ownerEquivalent(grants) ? [""] : [];
}

/** How many own what. */
function ownersIn(view: AccessView, platform: Platform): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const member of view.members())
    for (const scope of owned(view, member, platform)) counts.set(scope, (counts.get(scope) ?? 0) + 1);
  return counts;
}

/** The plan of a case, and what every state on its way has to keep. */
function planOf(world: OwnedWorld, some: Case): { readonly plan: Plan; readonly kept: Kept } {
  const { platform } = world;
  const { live, want, base = live } = some;
  const [now, end] = [platform.access(live), platform.access(want)];
  const keepsOwned = (member: string) => {
    const left = owned(end, member, platform);
    return !some.lenient || owned(now, member, platform).every((scope) => left.includes(scope));
  };
  const kept = (held: (view: AccessView) => (member: string) => boolean) => (member: string) =>
    !some.lenient || !held(now)(member) || held(end)(member);
  const holds = (view: AccessView) => (member: string) => view.grantsOf(member).length > 0;
  const fine = (member: string) =>
    keepsOwned(member) && kept(holds)(member) && (!some.lenient || entityAt(want, "Member", member) !== undefined);
  const [owners, breakGlass] = [some.owners.filter(fine), some.breakGlass.filter(fine)];
  const approvers = some.approvers.filter(kept(holds));
  const self = some.self !== undefined && fine(some.self) ? some.self : undefined;
  const left = ownersIn(end, platform);
  const fewest = Math.min(some.minimumOwners, ...[...ownersIn(now, platform).keys()].map((key) => left.get(key) ?? 0));
  const minimumOwners = some.lenient ? Math.max(1, fewest) : some.minimumOwners;
  const input: Partial<PlanInput> = {
    platform,
    target: world.target({ owners, breakGlass, approvers, minimumOwners }),
    ...(self === undefined ? {} : { self }),
  };
  const whole = planFor({ base, want, live }, input).plan;
  const random = randomOf(some.seed);
  const only = new Set(whole.changes.filter(() => random() < some.approved).map(({ id }) => id));
  const plan = only.size === whole.changes.length ? whole : planFor({ base, want, live }, { ...input, only }).plan;
  const certain = [...breakGlass, ...(self === undefined ? [] : [self])];
  const mustKeep = {
    owners: [...owners, ...certain].map((member) => [member, owned(now, member, platform)] as const),
    approvers: [...approvers, ...certain].filter((member) => now.grantsOf(member).length > 0),
    present: certain.filter((member) => entityAt(live, "Member", member) !== undefined),
    least: new Map([...ownersIn(now, platform)].map(([key, count]) => [key, Math.min(minimumOwners, count)])),
  };
  return { plan, kept: mustKeep };
}

/** What is broken in a state. */
function broken(state: State, { owners, approvers, present, least }: Kept, platform: Platform): string[] {
  const view = platform.access(state);
  const counts = ownersIn(view, platform);
  return [
    ...owners.flatMap(([name, had]) => {
      const left = owned(view, name, platform);
      return had.filter((scope) => !left.includes(scope)).map((scope) => `${name} owned ${scope}`);
    }),
    ...approvers.filter((member) => view.grantsOf(member).length === 0).map((name) => `${name} had something`),
    ...present.filter((member) => !entityAt(state, "Member", member)).map((name) => `${name} was there`),
    ...[...least]
      .filter(([key, count]) => (counts.get(key) ?? 0) < count)
      .map(([key]) => `there were owners of ${key}`),
  ];
}

async function breaches(world: OwnedWorld, some: Case, kept: Kept, changes: readonly Change[]): Promise<string[]> {
  const found: string[] = [];
  await visitReachable(some.live, changes, randomOf(some.seed), (state) =>
    found.push(...broken(state, kept, world.platform)),
  );
  return found;
}

/** The changes as they would be made without the proof. */
function inUsualOrder(changes: readonly Change[], platform: Platform): Change[] {
  return orderChanges(changes.map(({ guarded: _, ...change }) => ({ ...change, phase: phaseOf(change, platform) })));
}

const free = ({ changes }: Plan) => changes.filter(({ blockedBy }) => !blockedBy);

/** Numbers from 0 up to 1, the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const RUNS = 400;

describe.each([
  ["Atomic", ownedAtomic],
  ["Keystone", ownedKeystone],
  ["Atomyx", ownedAtomyx],
] as const)("%s", (_name, world) => {
  it("no state that an apply can reach locks anybody out", { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(casesOf(world), async (some) => {
        const { plan, kept } = planOf(world, some);
        fc.pre(!plan.refused);
        expect(await breaches(world, some, kept, free(plan))).toEqual([]);
      }),
      // Each of its workspaces is looked at, which takes longer.
      { numRuns: world === ownedAtomyx ? RUNS / 2 : RUNS },
    ),
  );

  it("in the usual order some do", { timeout: 60_000 }, async () => {
    let found = 0;
    for (const some of fc.sample(casesOf(world), { numRuns: 2 * RUNS, seed: 4 })) {
      const { plan, kept } = planOf(world, some);
      const made = free(plan);
      if (plan.refused || !made.some(({ guarded }) => guarded)) continue;
      if ((await breaches(world, some, kept, inUsualOrder(made, world.platform))).length > 0) found += 1;
    }
    expect(found).toBeGreaterThan(10);
  });

  it("what no change touches is held by everybody, whatever is made", () => {
    fc.assert(
      fc.property(world.state, world.state, fc.integer(), (live, want, seed) => {
        const { platform } = world;
        const { changes } = planFor({ base: live, want, live }, { platform, target: world.target({}) }).plan;
        const moves = changes.map((change) => moveOf(change, live, platform));
        const floor = platform.access(floorState({ live, moves }));
        const random = randomOf(seed);
        for (let count = 0; count < 5; count++) {
          const some = moves.filter(() => random() < 0.5);
          const view = platform.access(
            make(
              live,
              some.map(({ change }) => change),
            ),
          );
          for (const member of floor.members()) expect(lacking(floor, view, member, platform)).toEqual([]);
        }
      }),
      { numRuns: 2 * RUNS },
    );
  });

  it("what adds gives nobody less, and what takes gives nobody more, wherever it is made", () => {
    fc.assert(
      fc.property(world.state, world.state, fc.integer(), (live, want, seed) => {
        const { platform } = world;
        const { changes } = planFor({ base: live, want, live }, { platform, target: world.target({}) }).plan;
        const random = randomOf(seed);
        const around = changes.filter(() => random() < 0.5);
        for (const change of changes.filter((one) => !around.includes(one))) {
          const { direction } = moveOf(change, live, platform);
          const without = platform.access(make(live, around));
          const including = platform.access(make(live, [...around, change]));
          const [less, more] = direction === "takes" ? [including, without] : [without, including];
          if (direction === "both") continue;
          for (const member of less.members()) expect(lacking(less, more, member, platform), change.key).toEqual([]);
          if (direction !== "neither") continue;
          for (const member of more.members()) expect(lacking(more, less, member, platform), change.key).toEqual([]);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

/** What somebody holds in one view and not, or not as high, in another. */
function lacking(one: AccessView, other: AccessView, member: string, { rankOf }: Platform): string[] {
  const held = new Map(other.grantsOf(member).map(({ resource, scope, level }) => [`${resource} ${scope}`, level]));
  return one.grantsOf(member).flatMap(({ resource, scope, level }) => {
    const found = held.get(`${resource} ${scope}`);
    const enough = found !== undefined && rankOf(resource, found) >= rankOf(resource, level);
    return enough ? [] : [`${member}: ${resource} ${scope}`];
  });
}
