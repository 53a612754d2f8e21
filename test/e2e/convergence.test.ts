// Over generated organizations and real HTTP: what a plan says is what the platform becomes, and then
// there is nothing left to do. Reader, planner, writer and simulator are the real ones; every platform that the simulator
// serves is a world here.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection, Driver } from "../../src/model/driver.ts";
import { type Entity, type State, stateOf } from "../../src/model/entity.ts";
import type { Outcome } from "../../src/model/receipt.ts";
import type { Target } from "../../src/model/settings.ts";
import { driver as atomic } from "../../src/platform/atomic/driver.ts";
import { driver as atomyx } from "../../src/platform/atomyx/driver.ts";
import { writeChanges } from "../../src/run/apply-write.ts";
import {
  CLIENTS,
  createSimulator,
  LOCAL_SECRETS,
  type Simulator,
  VAULT_CLIENTS,
  VAULT_SECRETS,
} from "../../src/simulator/server.ts";
import { documentOf } from "../platform/atomyx/harness.ts";
import { type Account, account, entity, openAccount, stateOfAccount, WORKSPACES } from "../support/account.ts";
import { type Organization, openTarget, organization, stateOfOrganization } from "../support/organization.ts";
import { planFor } from "../support/plan.ts";
import { seedOf } from "../support/seed.ts";

interface World<Some> {
  readonly driver: Driver;
  readonly target: (overrides: Partial<Target>) => Target;
  readonly credentials: Connection["credentials"];
  readonly organization: fc.Arbitrary<Some>;
  readonly stateOf: (some: Some) => State;
  readonly load: (simulator: Simulator, some: Some) => void;
  readonly runs: number;
}

const atomicWorld: World<Organization> = {
  driver: atomic,
  target: openTarget,
  credentials: { clientId: CLIENTS.writer, clientSecret: LOCAL_SECRETS.writer },
  organization,
  stateOf: stateOfOrganization,
  load: (simulator, some) => simulator.load(seedOf(some)),
  runs: 1000,
};

/** Whoever keeps every workspace from losing its last Owner, which the platform would refuse. */
const root = entity("Member", "root@acme.example", {
  workspaces: WORKSPACES.map((workspace) => `Owner of ${workspace}`),
  roles: [],
});
const accountState = (some: Account): State => stateOf([...entitiesOf(stateOfAccount(some)).map(forUse), root]);

/** The platform makes no integration without saying what it is for. */
function forUse(e: Entity): Entity {
  return e.kind === "Integration" ? { ...e, attributes: { ...e.attributes, environment: "production" } } : e;
}

const atomyxWorld: World<Account> = {
  driver: atomyx,
  target: openAccount,
  credentials: { clientId: VAULT_CLIENTS.writer, clientSecret: VAULT_SECRETS.writer },
  organization: account,
  stateOf: accountState,
  load: (simulator, some) => simulator.loadVault(documentOf(accountState(some))),
  runs: 160,
};

function entitiesOf(state: State): Entity[] {
  return [...state.values()].flatMap((section) => [...section.values()]);
}

let simulator: Simulator;
let url: string;
beforeAll(async () => {
  simulator = createSimulator();
  url = await simulator.listen();
});
afterAll(() => simulator.close());

describe("for generated organizations over HTTP, Atomic's", () => describeWorld(atomicWorld));
describe("for generated organizations over HTTP, Atomyx's", () => describeWorld(atomyxWorld));

function describeWorld<Some>(world: World<Some>): void {
  const { driver, target, credentials, load, runs } = world;
  const { platform } = driver;
  const connect = (): Connection => ({ target: target({ url }), credentials, userAgent: "test" });

  async function readLive(): Promise<State> {
    const reader = driver.openReader(connect());
    try {
      const { state, findings } = await reader.read();
      expect(findings).toEqual([]);
      return state;
    } finally {
      await reader.close();
    }
  }

  it("what is read is what is there", async () => {
    await fc.assert(
      fc.asyncProperty(world.organization, async (some) => {
        load(simulator, some);
        const states = { base: new Map(), want: world.stateOf(some), live: await readLive() };
        const { plan } = planFor(states, { platform, target: target({}) });
        expect([plan.changes, plan.drift, plan.conflicts, plan.unmanaged]).toEqual([[], [], [], []]);
      }),
      { numRuns: Math.ceil(runs / 4) },
    );
  });

  it("applying a plan gives an empty second plan, and touches nothing unmanaged", async () => {
    await fc.assert(
      fc.asyncProperty(
        world.organization,
        world.organization,
        world.organization,
        fc.constantFrom("report" as const, "revert" as const),
        async (a, b, c, drift) => {
          load(simulator, c);
          const [base, want, live] = [world.stateOf(a), world.stateOf(b), await readLive()];
          const input = { platform, target: target({ drift }) };
          const first = planFor({ base, want, live }, input);
          const ready = first.plan.changes.filter(({ blockedBy }) => !blockedBy);
          const writer = driver.openWriter(connect());
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
          const second = planFor({ base, want, live: after }, input).plan;
          const held = new Set(first.plan.changes.filter(({ blockedBy }) => blockedBy).map(({ key }) => key));
          expect(second.changes.map(({ key }) => key).filter((key) => !held.has(key))).toEqual([]);
          // Somebody who is disabled or removed on purpose is not shown in any group any more; everything else unmanaged stays.
          const gone = new Set(
            ready.filter(({ action, kind }) => action === "delete" && kind === "Member").map(({ local }) => local),
          );
          const stays = first.plan.unmanaged.filter(({ key }) => !gone.has(key.split("/").at(-1) ?? ""));
          expect(second.unmanaged.map(({ key }) => key)).toEqual(expect.arrayContaining(stays.map(({ key }) => key)));
        },
      ),
      { numRuns: runs },
    );
  });
}
