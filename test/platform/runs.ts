// What readers' and writers' tests over the simulator share: a simulator that is closed after the test, reads, and plans
// written with faults on. Only the faults are chosen by the tests; plans and outcomes are the real ones.
import { afterEach } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { Connection, Driver, LiveRead } from "../../src/model/driver.ts";
import { type Entity, type State, stateOf } from "../../src/model/entity.ts";
import type { Outcome } from "../../src/model/receipt.ts";
import type { FaultRule } from "../../src/simulator/faults.ts";
import type { Simulator } from "../../src/simulator/server.ts";
import { type LivePlatform, planFor, writeAll } from "./contract.ts";

/** A platform that a simulator serves. */
export interface Simulated extends LivePlatform {
  readonly simulator: Simulator;
}

/** Runs over one platform's simulator. */
export function runsOver<Running extends Simulated>(
  driver: Driver,
  seed: State,
  startSeeded: (state: State) => Promise<Running>,
) {
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  /** A simulator that holds `state`, with faults on; closed after the test. */
  async function start(state: State, faults: readonly FaultRule[] = []): Promise<Running> {
    const running = await startSeeded(state);
    open.push(running.close);
    running.simulator.faults.set(faults);
    return running;
  }

  /** One read with a reader of its own. */
  async function read(connection: Connection): Promise<LiveRead> {
    const reader = driver.openReader(connection);
    try {
      return await reader.read();
    } finally {
      await reader.close();
    }
  }

  /** Plans from what is live to `want`, then writes with faults on; `faults` are off during the read. */
  async function writeTo(
    want: State,
    running: Pick<Running, "connection" | "simulator">,
    faults: readonly FaultRule[] = [],
    base: State = seed,
  ) {
    const before = await read(running.connection);
    const plan = planFor(want, base, before, driver.platform);
    running.simulator.faults.set(faults);
    const outcomes = await writeAll(driver, running.connection, plan.changes, plan.live);
    running.simulator.faults.set([]);
    const by = (change: Change) => outcomes.find((outcome) => outcome.change === change.id) as Outcome;
    return { changes: plan.changes, live: plan.live, outcomes, by, statuses: outcomes.map(({ status }) => status) };
  }

  /** The seed with every entity passed through `edit` (undefined takes it out), and some added. */
  function edited(edit: (entity: Entity) => Entity | undefined, ...added: Entity[]): State {
    const kept = [...seed.values()].flatMap((section) => [...section.values()].map(edit));
    return stateOf([...kept.filter((entity) => entity !== undefined), ...added]);
  }

  return { start, read, writeTo, edited };
}
