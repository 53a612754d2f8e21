// What the ledger says of earlier applies to whoever judges waivers: which plans were applied, and which one did not finish.
import { describe, expect, it } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import { recordReceipt, recordStart } from "../../src/git/records.ts";
import type { OutcomeStatus } from "../../src/model/receipt.ts";
import type { Waiver } from "../../src/model/waiver.ts";
import { readApplied, readGranted } from "../../src/run/applied.ts";
import type { Workspace } from "../../src/run/workspace.ts";
import { initRepository, open } from "../git/scratch.ts";
import { openTarget } from "../support/organization.ts";

const [COMMIT, OTHER] = ["a".repeat(40), "b".repeat(40)];
const ONE = "1".repeat(64);
const TWO = "2".repeat(64);
const waiver: Waiver = {
  name: "Team moves",
  target: "acme",
  plan: ONE,
  limit: "target",
  allows: 4,
  reason: "r",
  approver: "ana@acme.example",
  place: { file: "policies/waivers/team.yaml", line: 1, column: 1 },
};

async function openWorld() {
  const repository = await open(initRepository({ "policies/rolebook.yaml": "kind: Settings\n" }));
  const ledger = openLedger(repository);
  const run = (digest: string, day: number) => ({
    target: "acme",
    digest,
    commit: COMMIT,
    startedAt: `2026-03-0${day}T10:00:00.000Z`,
    approval: { by: "Ana", at: "2026-03-01T09:00:00.000Z", how: "digest" as const, digest, changes: ["c1", "c2"] },
  });
  return {
    start: (digest: string, day: number) => recordStart(ledger, { ...run(digest, day), plan: {} }),
    receipt: (digest: string, day: number, status: OutcomeStatus, converged = false) =>
      recordReceipt(ledger, {
        ...run(digest, day),
        version: 1,
        base: null,
        tool: "rolebook 0.0.0",
        endedAt: `2026-03-0${day}T11:00:00.000Z`,
        outcomes: [{ change: "c1", status }],
        converged,
      }),
    read: (commit = COMMIT, waivers: readonly Waiver[] = [waiver]) => {
      // Only these two parts of a workspace are looked at.
      const workspace = { repository, commit } as unknown as Workspace;
      return readApplied(workspace, openTarget(), waivers);
    },
  };
}

describe("what was applied", () => {
  it("is nothing at first, and nothing is read when no waiver asks", async () => {
    const world = await openWorld();
    expect(await world.read()).toEqual({ applied: new Set() });
    await world.start(ONE, 1);
    await world.receipt(ONE, 1, "applied", true);
    expect(await world.read(COMMIT, [])).toEqual({ applied: new Set() });
    expect(await world.read(COMMIT, [{ ...waiver, target: "other" }])).toEqual({ applied: new Set() });
    expect(await world.read()).toEqual({ applied: new Set([ONE]) });
  });

  it("is what some change was made of, not what was only tried", async () => {
    const world = await openWorld();
    for (const status of ["failed", "conflict", "skipped"] as const) await world.receipt(ONE, 1, status);
    expect((await world.read()).applied).toEqual(new Set());
    await world.receipt(ONE, 2, "applied");
    await world.receipt(TWO, 3, "applied", true);
    expect((await world.read()).applied).toEqual(new Set([ONE, TWO]));
  });
});

describe("what did not finish", () => {
  it("is an apply of this commit that no receipt closes, with what was approved", async () => {
    const world = await openWorld();
    await world.start(ONE, 1);
    const unfinished = { digest: ONE, changes: new Set(["c1", "c2"]) };
    expect(await world.read()).toEqual({ applied: new Set(), unfinished });
    await world.receipt(ONE, 1, "applied");
    expect(await world.read()).toEqual({ applied: new Set([ONE]), unfinished });
    expect(await world.read(OTHER)).toEqual({ applied: new Set([ONE]) });
    await world.receipt(ONE, 1, "applied", true);
    expect(await world.read()).toEqual({ applied: new Set([ONE]) });
  });

  it("is nothing any more once another apply has converged after it", async () => {
    const world = await openWorld();
    await world.start(ONE, 1);
    await world.receipt(ONE, 1, "applied");
    await world.receipt(TWO, 2, "applied", true);
    expect(await world.read()).toEqual({ applied: new Set([ONE, TWO]) });
  });
});

describe("what was granted", () => {
  it("is what was approved and begun on top of this base, and of one entity the last word", async () => {
    const ledger = openLedger(await open(initRepository({ "a.txt": "one\n" })));
    const begin = (day: number, base: string, changes: readonly (readonly [key: string, id: string])[], held = "") =>
      recordStart(ledger, {
        target: "acme",
        digest: String(day).repeat(64),
        commit: COMMIT,
        startedAt: `2026-03-0${day}T10:00:00.000Z`,
        approval: {
          ...{ by: "Ana", at: "2026-03-01T09:00:00.000Z", how: "digest", digest: String(day).repeat(64) },
          changes: changes.map(([, id]) => id).filter((id) => id !== held),
        },
        plan: { base, changes: changes.map(([key, id]) => ({ key, id })) },
      });
    expect(await readGranted(ledger, "acme", OTHER)).toEqual(new Set());
    await begin(
      1,
      OTHER,
      [
        ["Membership/owner/ana", "let in"],
        ["Role/reader", "raised"],
        ["Role/auditor", "held"],
      ],
      "held",
    );
    await begin(2, COMMIT, [["Role/other", "on another base"]]);
    expect(await readGranted(ledger, "acme", OTHER)).toEqual(new Set(["let in", "raised"]));
    await begin(3, OTHER, [["Membership/owner/ana", "put out"]]);
    expect(await readGranted(ledger, "acme", OTHER)).toEqual(new Set(["put out", "raised"]));
  });
});
