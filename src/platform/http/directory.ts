// Which id a name stands for while changes are being made: what the live read said, plus what was created or
// renamed since. Looks nothing up on the platform.
import type { Change } from "../../model/change.ts";
import { type Entity, entityAt, type State } from "../../model/entity.ts";

export class Directory {
  readonly #known = new Map<string, string>();
  readonly #fold: (name: string) => string;

  constructor(fold: (name: string) => string) {
    this.#fold = fold;
  }

  /** Remembers what a name stands for from now on. */
  remember(kind: string, name: string, id: string): void {
    this.#known.set(`${kind}/${this.#fold(name)}`, id);
  }

  /** Whether an id is one of those remembered for a kind. */
  knows(kind: string, id: string): boolean {
    for (const [key, known] of this.#known) if (known === id && key.startsWith(`${kind}/`)) return true;
    return false;
  }

  /** The id of a folded name. */
  idOf(kind: string, local: string, live: State): string | undefined {
    return this.#known.get(`${kind}/${local}`) ?? entityAt(live, kind, local)?.id;
  }

  /** Before a phase: new names stand for the old things already, since all changes of a phase run at once. */
  learnRenames(changes: readonly Change[], live: State): void {
    for (const change of changes) {
      if (change.action !== "update" || !change.before || !change.after || change.before.name === change.after.name)
        continue;
      const id = entityOf(change, live, this.#fold)?.id;
      if (id !== undefined) this.remember(change.kind, change.after.name, id);
    }
  }
}

/** The live entity a change is about: at its key, or for a renamed one where its old name stands. */
export function entityOf(change: Change, live: State, fold: (name: string) => string): Entity | undefined {
  const found = entityAt(live, change.section, change.local);
  return found ?? (change.before ? entityAt(live, change.section, fold(change.before.name)) : undefined);
}

/** The change with the name that the platform has for its entity now, where it is seen by an older one and keeps its name. */
export function asCalled(change: Change, entity: Entity | undefined): Change {
  const name = entity?.nowCalled;
  const { before, after } = change;
  if (name === undefined || !before) return change;
  const keeps = after && after.name === before.name;
  return { ...change, before: { ...before, name }, after: keeps ? { ...after, name } : after };
}
