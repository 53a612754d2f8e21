// Looks on the ledger: found again as they were filed, small where they are large and alike, and nothing that is none.
import { expect, it, onTestFinished } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import {
  fileOf,
  listObservations,
  readLastObservation,
  readObservation,
  recordObservation,
} from "../../src/git/observations.ts";
import { openRepository } from "../../src/git/repository.ts";
import type { Observation } from "../../src/model/past.ts";
import { createFolder } from "../support/world.ts";

async function emptyLedger() {
  const folder = createFolder();
  onTestFinished(() => folder.remove());
  const repository = await openRepository(folder.dir);
  if (!repository) throw new Error("no repository");
  return openLedger(repository);
}

const look = (minute: number, people: readonly number[]): Observation => ({
  version: 1,
  target: "acme",
  commit: "c".repeat(40),
  at: `2026-06-01T08:${String(minute).padStart(2, "0")}:00.000Z`,
  complete: true,
  differences: people
    .map((person) => String(person).padStart(4, "0"))
    .map((local) => ({
      kind: "Member",
      section: "Member",
      local,
      name: local,
      attributes: { firstName: `P${local}` },
    })),
});

const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, index) => index + from);

it("finds what was filed, and a large look that is like an earlier one costs only what is new", async () => {
  const ledger = await emptyLedger();
  const filed: Observation[] = [];
  const sizes: number[] = [];
  // Somebody goes, somebody comes; then nearly everything is another.
  for (const observation of [
    look(0, numbers(400)),
    look(1, numbers(399, 2)),
    look(2, numbers(399, 3)),
    look(3, numbers(400, 390)),
  ]) {
    const before = await readLastObservation(ledger, "acme");
    const file = fileOf(observation, before?.last, before?.root);
    await recordObservation(ledger, observation, file);
    await recordObservation(ledger, observation, file);
    filed.push(observation);
    sizes.push(file.content.length);
    expect((await readLastObservation(ledger, "acme"))?.last.observation).toEqual(observation);
  }
  const found = await Promise.all(
    (await listObservations(ledger, "acme")).map(({ path }) => readObservation(ledger, "acme", path)),
  );
  expect(found.map((one) => one?.observation)).toEqual(filed);
  expect(found.map((one) => one?.on === undefined)).toEqual([true, false, false, true]);
  expect(Math.max(sizes[1] ?? 0, sizes[2] ?? 0) * 20).toBeLessThan(sizes[0] ?? 0);
});

it("passes over what is no look", async () => {
  const ledger = await emptyLedger();
  const good = look(0, [1]);
  await recordObservation(ledger, good, fileOf(good, undefined));
  const bad = [
    "not JSON",
    "{}",
    JSON.stringify({ ...look(1, []), target: "other" }),
    JSON.stringify({ ...look(1, []), commit: "HEAD" }),
    JSON.stringify({ ...look(1, []), differences: [{ kind: "Member" }] }),
    JSON.stringify({ ...look(1, []), on: "acme/seen/20260601T080000000Z-00000000.json" }),
    JSON.stringify({ ...look(1, []), on: "other/seen/20260601T080000000Z-00000000.json" }),
  ];
  for (const [index, content] of bad.entries())
    await ledger.append({
      files: [{ path: `acme/seen/20260602T08000000${index}Z-0000000${index}.json`, content }],
      ...{ subject: "bad", at: new Date("2026-06-02"), author: "Eve <eve@acme.example>" },
    });
  expect((await readLastObservation(ledger, "acme"))?.last.observation).toEqual(good);
});
