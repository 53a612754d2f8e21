// In which order things that need each other are made or removed within one phase, where all else runs side by side. Pure.

/** What each of some things waits for, by name. */
export interface Sequence {
  /** What must be done before it. */
  readonly first: readonly string[];
  /** What it needs as well, but what needs it too: to be seen to afterwards. */
  readonly later: readonly string[];
}

/** Cuts every circle once; what is needed and not among the names is not waited for. */
export function sequenceOf(
  names: Iterable<string>,
  needs: (name: string) => readonly string[],
): ReadonlyMap<string, Sequence> {
  const all = new Set(names);
  const done = new Map<string, Sequence>();
  const under = new Set<string>();
  const visit = (name: string): void => {
    if (done.has(name)) return;
    under.add(name);
    const [first, later]: [string[], string[]] = [[], []];
    for (const other of new Set(needs(name))) {
      if (!all.has(other) || other === name) continue;
      if (under.has(other)) later.push(other);
      else {
        visit(other);
        first.push(other);
      }
    }
    under.delete(name);
    done.set(name, { first, later });
  };
  for (const name of all) visit(name);
  return done;
}
