// Over generated organizations and real HTTP: what a plan says is what the platform becomes, and then
// there is nothing left to do. Reader, planner, writer and simulator are the real ones.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection } from "../../src/model/driver.ts";
import type { State } from "../../src/model/entity.ts";
import type { Outcome } from "../../src/model/receipt.ts";
import { driver } from "../../src/platform/atomic/driver.ts";
import { writeChanges } from "../../src/run/apply-write.ts";
import { CLIENTS, createSimulator, LOCAL_SECRETS, type Simulator } from "../../src/simulator/server.ts";
import { openTarget, organization, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";
import { seedOf } from "../support/seed.ts";

const RUNS = 1000;

let simulator: Simulator;
let connection: Connection;

beforeAll(async () => {
  simulator = createSimulator();
  const url = await simulator.listen();
  const credentials = { clientId: CLIENTS.writer, clientSecret: LOCAL_SECRETS.writer };
  connection = { target: openTarget({ url }), credentials, userAgent: "test" };
});
afterAll(() => simulator.close());

async function readLive(): Promise<State> {
  const reader = driver.openReader(connection);
  try {
    const { state, findings } = await reader.read();
    expect(findings).toEqual([]);
    return state;
  } finally {
    await reader.close();
  }
}

describe("for generated organizations over HTTP", () => {
  it("what is read is what is there", async () => {
    await fc.assert(
      fc.asyncProperty(organization, async (some) => {
        simulator.load(seedOf(some));
        const state = stateOfOrganization(some);
        const { plan } = planFor({ base: new Map(), want: state, live: await readLive() });
        expect([plan.changes, plan.drift, plan.conflicts, plan.unmanaged]).toEqual([[], [], [], []]);
      }),
      { numRuns: RUNS / 4 },
    );
  });

  it("applying a plan gives an empty second plan, and touches nothing unmanaged", async () => {
    await fc.assert(
      fc.asyncProperty(
        organization,
        organization,
        organization,
        fc.constantFrom("report" as const, "revert" as const),
        async (a, b, c, drift) => {
          simulator.load(seedOf(c));
          const [base, want, live] = [stateOfOrganization(a), stateOfOrganization(b), await readLive()];
          const first = planFor({ base, want, live }, { target: openTarget({ drift }) });
          const ready = first.plan.changes.filter(({ blockedBy }) => !blockedBy);
          const writer = driver.openWriter(connection);
          const noted: Outcome[] = [];
          const outcomes = await writeChanges(writer, ready, {
            live: first.live,
            intend: () => {},
            note: (outcome) => noted.push(outcome),
            stopping: () => false,
          });
          await writer.close();
          expect(outcomes.filter(({ status }) => status !== "applied")).toEqual([]);
          expect(noted.map(({ change }) => change).sort()).toEqual(ready.map(({ id }) => id).sort());
          const after = await readLive();
          const second = planFor({ base, want, live: after }, { target: openTarget({ drift }) }).plan;
          const held = new Set(first.plan.changes.filter(({ blockedBy }) => blockedBy).map(({ key }) => key));
          expect(second.changes.map(({ key }) => key).filter((key) => !held.has(key))).toEqual([]);
          // Somebody who is disabled on purpose is not shown in any group any more; everything else unmanaged stays.
          const gone = new Set(
            ready.filter(({ action, kind }) => action === "delete" && kind === "Member").map(({ local }) => local),
          );
          const stays = first.plan.unmanaged.filter(({ key }) => !gone.has(key.split("/").at(-1) ?? ""));
          expect(second.unmanaged.map(({ key }) => key)).toEqual(expect.arrayContaining(stays.map(({ key }) => key)));
        },
      ),
      { numRuns: RUNS },
    );
  });
});
