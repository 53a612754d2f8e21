// What is still made after something failed, and what waits.
import { expect, it } from "vitest";
import type { Change } from "../../src/model/change.ts";
import type { Writer } from "../../src/model/driver.ts";
import type { Outcome } from "../../src/model/receipt.ts";
import { writeChanges } from "../../src/run/apply-write.ts";

function change(id: string, phase: number, rest: Partial<Change> = {}): Change {
  return {
    id,
    action: "update",
    kind: "Group",
    section: "Group",
    local: id,
    key: `Group/${id}`,
    name: id,
    origin: "policy",
    effect: "neutral",
    before: null,
    after: { name: id, attributes: {} },
    phase,
    ...rest,
  };
}

async function outcomesOf(changes: readonly Change[], failing: string): Promise<string[]> {
  const outcomes: string[] = [];
  const writer: Writer = {
    write: async (phase, _live, onOutcome) => {
      for (const { id } of phase)
        onOutcome({ change: id, ...(id === failing ? { status: "failed", cause: "no" } : { status: "applied" }) });
    },
    requests: () => 0,
    close: async () => undefined,
  };
  const note = ({ change: id, status, cause }: Outcome) => outcomes.push([id, status, cause ?? ""].join(" ").trim());
  await writeChanges(writer, changes, { live: new Map(), intend: () => undefined, note, stopping: () => false });
  return outcomes;
}

const changes = [
  change("first", 1),
  change("second", 1.5, { guarded: true }),
  change("third", 2),
  change("fourth", 3, { effect: "reduces", guarded: true }),
];

it("makes everything when nothing fails", async () => {
  expect(await outcomesOf(changes, "")).toEqual(["first applied", "second applied", "third applied", "fourth applied"]);
});

it("makes nothing that somebody's access hangs on once anything failed, and goes on with the rest", async () => {
  expect(await outcomesOf(changes, "first")).toEqual([
    "first failed no",
    "second skipped an earlier change did not succeed, and without it this one could lock somebody out",
    "third applied",
    "fourth skipped an earlier change did not succeed, so nothing more is taken away",
  ]);
  expect(await outcomesOf(changes, "third")).toEqual([
    "first applied",
    "second applied",
    "third failed no",
    "fourth skipped an earlier change did not succeed, so nothing more is taken away",
  ]);
});
