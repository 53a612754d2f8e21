// Other groups for what somebody would lose with those that they leave: such as give nothing beyond what is kept.
import { groupsAt, NEVER, NOW, type PersonSteps, type Run, withoutElements } from "./settle-run.ts";

interface Candidate {
  readonly group: string;
  /** Cell -> rank. */
  readonly gives: ReadonlyMap<string, number>;
  /** Until then it gives nothing that is not kept. */
  readonly end: number;
}

/** Other groups for what would be lost with those that are left, and that nobody decided to take. */
export function joinInstead(run: Run, steps: PersonSteps): ReadonlyMap<string, string | undefined> {
  const join = new Map<string, string | undefined>();
  let candidates: readonly Candidate[] | undefined;
  for (;;) {
    const missing = missingIn(run, { ...steps, join });
    if (missing.length === 0) return join;
    candidates ??= candidatesOf(run, steps);
    let best: { readonly candidate: Candidate; readonly count: number } | undefined;
    for (const candidate of candidates) {
      const count = missing.filter(
        ({ cell, moment, goal }) => moment < candidate.end && (candidate.gives.get(cell) ?? -1) === goal,
      ).length;
      if (count > (best?.count ?? 0) && !join.has(candidate.group)) best = { candidate, count };
    }
    if (!best) return join;
    const { group, end } = best.candidate;
    join.set(group, end === NEVER ? undefined : run.textOf.get(end));
  }
}

/** Groups of which nothing is more than what is kept. */
function candidatesOf(run: Run, { drop }: PersonSteps): Candidate[] {
  const { scene, belongings, fold, moments } = run;
  const groups = scene.joinable().filter(({ local }) => !belongings.has(local));
  const gives = new Map(groups.map(({ local }) => [local, new Map<string, number>()]));
  const all = scene.holds(withoutElements(run.person, drop), [...belongings.keys(), ...gives.keys()]);
  for (const [cell, { paths }] of all)
    for (const { group, rank } of paths) {
      const given = group === undefined ? undefined : gives.get(fold(group));
      given?.set(cell, Math.max(rank, given.get(cell) ?? -1));
    }
  return [...gives].flatMap(([group, given]) => {
    const end = moments.find((moment) => [...given].some(([cell, rank]) => rank > (run.goals(moment).get(cell) ?? -1)));
    return given.size === 0 || end === NOW ? [] : [{ group, gives: given, end: end ?? NEVER }];
  });
}

export interface Missing {
  readonly cell: string;
  readonly moment: number;
  readonly goal: number;
}

export function missingIn(run: Run, steps: PersonSteps): Missing[] {
  const person = withoutElements(run.person, steps.drop);
  return run.moments.flatMap((moment) => {
    const held = run.scene.holds(person, groupsAt(run, steps, moment));
    return [...run.goals(moment)].flatMap(([cell, goal]) =>
      (held.get(cell)?.rank ?? -1) < goal ? [{ cell, moment, goal }] : [],
    );
  });
}
