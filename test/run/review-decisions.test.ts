// What campaigns decided, read from a real ledger: whole campaigns, one that only began, and what is no record.
import { afterAll, beforeAll, expect, it } from "vitest";
import { readDecided } from "../../src/git/evidence-records.ts";
import { openLedger } from "../../src/git/ledger.ts";
import { stableJson } from "../../src/git/records.ts";
import { openRepository, type Repository } from "../../src/git/repository.ts";
import { listCampaigns } from "../../src/git/review-records.ts";
import { renderReviewCsv } from "../../src/report/review-csv.ts";
import { readReviewedCampaigns } from "../../src/run/review-decisions.ts";
import { exampleCampaign, exampleReview } from "../report/review-examples.ts";
import { createFolder, type Folder } from "../support/world.ts";

let folder: Folder;
let repository: Repository;
beforeAll(async () => {
  folder = createFolder();
  folder.write("file", "text");
  folder.commit("one");
  const opened = await openRepository(folder.dir);
  if (!opened) throw new Error("no repository");
  repository = opened;
});
afterAll(() => folder?.remove());

it("reads each with its decisions, its proof and who applied what", async () => {
  expect(await readReviewedCampaigns({ repository: undefined })).toEqual([]);
  expect(await readReviewedCampaigns({ repository })).toEqual([]);
  const report = exampleReview();
  const campaign = exampleCampaign(report);
  const begun = { ...campaign.start, id: "quarterly-2026-07-01", startedAt: "2026-07-01T06:00:00.000Z" };
  const made = [
    { entry: "4444444444444444", how: "applied", changes: ["c"], receipt: "receipts/1.json" },
    { entry: "3333333333333333", how: "elsewhere", changes: [], receipt: null },
    { entry: "1111111111111111", how: "applied", changes: [], receipt: "receipts/2.json" },
  ];
  const at = "2026-10-16T12:00:00.000Z";
  const folderOf = `reviews/${campaign.start.id}`;
  await openLedger(repository).append({
    files: [
      { path: `reviews/${begun.id}/start.json`, content: stableJson(begun) },
      { path: `reviews/${begun.id}/decided.json`, content: "no record" },
      { path: "reviews/other/start.json", content: "{}" },
      { path: `${folderOf}/start.json`, content: stableJson(campaign.start) },
      { path: `${folderOf}/decided.json`, content: stableJson({ version: 1, entries: campaign.decided }) },
      { path: `${folderOf}/evidence/proof.json`, content: stableJson({ version: 1, entries: campaign.proved, made }) },
      {
        path: `${folderOf}/evidence/receipts/1.json`,
        content: stableJson({ approval: { by: "hana@acme.example" }, endedAt: at, outcomes: [] }),
      },
    ],
    subject: "reviews",
    at: new Date(at),
    author: "Rolebook <rolebook@localhost>",
  });
  const [first, second, ...others] = await readReviewedCampaigns({ repository });
  expect(others).toEqual([]);
  expect([first?.start.id, first?.decided, first?.proved, first?.applied.size]).toEqual([begun.id, [], [], 0]);
  expect([second?.decided, second?.proved, second?.applied]).toEqual([
    campaign.decided,
    campaign.proved,
    campaign.applied,
  ]);
  const csv = (campaigns: NonNullable<typeof second>[]) => [...renderReviewCsv(report, { campaigns })].join("");
  expect(csv(second ? [second] : [])).toBe(csv([campaign]));
});

it("passes over what somebody wrote onto the ledger that is no beginning, and takes no decisions that are none", async () => {
  const { start, decided } = exampleCampaign(exampleReview());
  const [entry] = start.entries;
  const [row] = start.rows;
  const { definition, figures } = start;
  const wrong: readonly object[] = [
    { ...start, due: "soon" },
    { ...start, figures: {} },
    { ...start, figures: { ...figures, people: "many" } },
    { ...start, rows: [{ ...row, level: undefined }] },
    { ...start, entries: [{ ...entry, because: 1 }] },
    { ...start, entries: [{ ...entry, recommendation: { decision: "ask" } }] },
    { ...start, entries: [{ ...entry, recommendation: { decision: "reduce" } }] },
    { ...start, names: {} },
    { ...start, definition: { ...definition, scope: undefined } },
    { ...start, definition: { ...definition, scope: { targets: "all" } } },
    { ...start, definition: { ...definition, overdue: "delete" } },
    { ...start, definition: { ...definition, place: undefined } },
  ];
  const ledger = openLedger(repository);
  const write = (files: readonly (readonly [path: string, value: unknown])[]) =>
    ledger.append({
      files: files.map(([path, value]) => ({ path: `reviews/${path}`, content: stableJson(value as object) })),
      subject: "by hand",
      at: new Date("2026-10-17T12:00:00.000Z"),
      author: "Somebody <somebody@localhost>",
    });
  const before = (await listCampaigns(ledger)).length;
  await write(wrong.map((value, index) => [`wrong-${index}/start.json`, { ...value, id: `wrong-${index}` }] as const));
  await write([["right/start.json", { ...start, id: "right" }]]);
  expect((await listCampaigns(ledger)).slice(before - 2).map(({ start: { id } }) => id)).toContain("right");
  expect(await listCampaigns(ledger)).toHaveLength(before + 1);

  const good = { version: 1, at: start.startedAt, pull: 1, commit: "a".repeat(40), entries: decided, tool: "rolebook" };
  const lists = { vanished: [], findings: [], approvals: [] };
  const bad: readonly object[] = [
    { ...good, ...lists, pull: "1" },
    { ...good, ...lists, commit: "--upload-pack" },
    { ...good, ...lists, approvals: {} },
    { ...good, ...lists, entries: [{ ...decided[0], decision: { decision: "everything" } }] },
    { ...good, ...lists, entries: [null] },
    { ...good, ...lists, id: "another" },
  ];
  await write(bad.map((value, index) => [`bad-${index}/decided.json`, { id: `bad-${index}`, ...value }] as const));
  await write([["good/decided.json", { ...good, ...lists, id: "good" }]]);
  expect((await readDecided(ledger, "good"))?.entries).toHaveLength(decided.length);
  expect(await readDecided(ledger, "none")).toBeUndefined();
  for (const index of bad.keys())
    await expect(readDecided(ledger, `bad-${index}`)).rejects.toThrow("not what Rolebook");

  await write([
    ["right/decided.json", { entries: [null, { entry: "1" }, { entry: "1", decision: { decision: "until" } }] }],
    ["right/evidence/proof.json", { entries: {}, made: [null, { entry: "1", receipt: "receipts/1.json" }] }],
    ["right/evidence/receipts/1.json", { approval: null }],
  ]);
  const found = (await readReviewedCampaigns({ repository })).find(({ start: { id } }) => id === "right");
  expect(found).toMatchObject({ decided: [], proved: [], applied: new Map() });
});
