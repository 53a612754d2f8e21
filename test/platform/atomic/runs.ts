// What the reader's and the writer's tests share: a simulator that is closed after the test, reads, and plans written with
// faults on. Only the faults are chosen by the tests; plans and outcomes are the real ones.
import { afterEach } from "vitest";
import type { Change } from "../../../src/model/change.ts";
import type { Connection, LiveRead } from "../../../src/model/driver.ts";
import { type Entity, type State, stateOf } from "../../../src/model/entity.ts";
import type { Outcome } from "../../../src/model/receipt.ts";
import { driver } from "../../../src/platform/atomic/driver.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import type { FaultRule } from "../../../src/simulator/faults.ts";
import { planFor, writeAll } from "../contract.ts";
import { entity, membership, type RunningSimulator, seed, startSimulator } from "./harness.ts";

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** A simulator that holds `state`, with faults on; closed after the test. */
export async function start(state: State, faults: readonly FaultRule[] = []): Promise<RunningSimulator> {
  const running = await startSimulator(state);
  open.push(running.close);
  running.simulator.faults.set(faults);
  return running;
}

/** One read with a reader of its own. */
export async function read(connection: Connection): Promise<LiveRead> {
  const reader = driver.openReader(connection);
  try {
    return await reader.read();
  } finally {
    await reader.close();
  }
}

/** Plans from what is live to `want`, then writes with faults on; `faults` are off during the read. */
export async function writeTo(
  want: State,
  running: RunningSimulator,
  faults: readonly FaultRule[] = [],
  base: State = seed,
) {
  const before = await read(running.connection);
  const plan = planFor(want, base, before, atomic);
  running.simulator.faults.set(faults);
  const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
  running.simulator.faults.set([]);
  const by = (change: Change) => outcomes.find((outcome) => outcome.change === change.id) as Outcome;
  return { changes: plan.changes, live: plan.live, outcomes, by, statuses: outcomes.map(({ status }) => status) };
}

/** The seed with every entity passed through `edit` (undefined takes it out), and some added. */
export function edited(edit: (entity: Entity) => Entity | undefined, ...added: Entity[]): State {
  const kept = [...seed.values()].flatMap((section) => [...section.values()].map(edit));
  return stateOf([...kept.filter((kept) => kept !== undefined), ...added]);
}

/** People and groups in numbers, to fill pages. */
export function crowd(people: number, groups: number, memberships: number): State {
  const members = Array.from({ length: people }, (_, n) =>
    entity("Member", `p${n}@acme.example`, { firstName: "P", lastName: `${n}` }),
  );
  const names = Array.from({ length: groups }, (_, n) => `Group ${n}`);
  return stateOf([
    entity("Environment", "dev"),
    entity("Role", "R", { description: "", permissions: { Tag: "view" } }),
    ...names.map((name) => entity("Group", name, { description: "", roles: ["R"], environments: "all" })),
    ...members,
    ...Array.from({ length: memberships }, (_, n) =>
      membership(names[Math.floor(n / people) % groups] ?? "", `p${n % people}@acme.example`),
    ),
  ]);
}
