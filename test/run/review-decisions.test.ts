// What campaigns decided, read from a real ledger: whole campaigns, one that only began, and what is no record.
import { afterAll, beforeAll, expect, it } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import { stableJson } from "../../src/git/records.ts";
import { openRepository, type Repository } from "../../src/git/repository.ts";
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
