// Every state that an apply can leave behind, by making it: the real writing of changes, with a writer that keeps a state, fails
// what it is told to and shows every subset of what it is given. Knows nothing of how a plan was proved.
import type { Change } from "../../src/model/change.ts";
import type { Writer } from "../../src/model/driver.ts";
import { type Entity, entityAt, keyOf, type State, stateOf } from "../../src/model/entity.ts";
import { writeChanges } from "../../src/run/apply-write.ts";

/** Subsets of a phase that are shown: all of one this small, else as many at random. */
const WHOLE = 6;
const RANDOM_SUBSETS = 200;

/** Calls `look` with every state, once each. `random` gives numbers from 0 up to 1. */
export async function visitReachable(
  live: State,
  changes: readonly Change[],
  random: () => number,
  look: (state: State) => void,
): Promise<void> {
  const seen = new Set<string>();
  const show = (made: ReadonlySet<Change>) => {
    const key = changes.map((change) => (made.has(change) ? 1 : 0)).join("");
    if (seen.has(key)) return;
    seen.add(key);
    look(
      make(
        live,
        changes.filter((change) => made.has(change)),
      ),
    );
  };
  const several = [0.2, 0.4, 0.7].map((share) => new Set(changes.filter(() => random() < share)));
  const failing = [new Set<Change>(), ...changes.map((change) => new Set([change])), ...several];
  // Whoever reports a failure may have done it nevertheless: the answer was lost.
  for (const failures of failing)
    for (const lost of failures.size === 0 ? [false] : [false, true])
      await writeChanges(fakeWriter(failures, lost, random, show), changes, {
        live,
        intend: () => undefined,
        note: () => undefined,
        stopping: () => false,
      });
}

function fakeWriter(
  failures: ReadonlySet<Change>,
  lost: boolean,
  random: () => number,
  show: (made: ReadonlySet<Change>) => void,
): Writer {
  const made = new Set<Change>();
  return {
    write: async (phase, _live, onOutcome) => {
      for (const subset of subsetsOf(phase, random)) show(new Set([...made, ...subset]));
      for (const change of phase) {
        const failed = failures.has(change);
        if (!failed || lost) made.add(change);
        onOutcome({ change: change.id, ...(failed ? { status: "failed", cause: "told to" } : { status: "applied" }) });
      }
      show(made);
    },
    requests: () => 0,
    close: async () => undefined,
  };
}

function* subsetsOf(phase: readonly Change[], random: () => number): Iterable<Change[]> {
  if (phase.length <= WHOLE)
    for (let bits = 0; bits < 2 ** phase.length; bits++) yield phase.filter((_, place) => (bits >> place) % 2 === 1);
  else for (let count = 0; count < RANDOM_SUBSETS; count++) yield phase.filter(() => random() < 0.5);
}

/** The state after some changes. */
export function make(live: State, changes: readonly Change[]): State {
  const entities = new Map([...live.values()].flatMap((section) => [...section.values()].map((it) => [keyOf(it), it])));
  for (const { key, kind, section, local, after } of changes) {
    const before: Entity | undefined = entityAt(live, section, local);
    if (after === null) entities.delete(key);
    else {
      const attributes = { ...before?.attributes, ...after.attributes };
      entities.set(key, { kind, section, local, name: after.name, attributes });
    }
  }
  return stateOf(entities.values());
}
