// Campaigns on the ledger: a beginning is read as it was recorded, and what is none is passed over.
import { expect, it } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import { claimStart, listCampaigns } from "../../src/git/review-records.ts";
import type { CampaignStart } from "../../src/model/campaign.ts";
import { row, startOf } from "../plan/review/campaign.ts";
import { initRepository, open } from "./scratch.ts";

async function read(start: object): Promise<readonly CampaignStart[]> {
  const repository = await open(initRepository({ "a.yaml": "1" }));
  // Safe: what is no start is the matter here.
  await claimStart(repository, undefined, start as CampaignStart);
  return (await listCampaigns(openLedger(repository))).map((campaign) => campaign.start);
}

const START = startOf([row({ member: "bo@acme.example" })]);

it("keeps what held for all reviews when it began, and reads one from before that was kept", async () => {
  const settings = { overdue: "revoke", escalateDays: 0 } as const;
  expect(await read({ ...START, settings })).toEqual([{ ...START, settings }]);
  expect(await read(START)).toEqual([START]);
});

it.each([
  null,
  [],
  {},
  { overdue: "revoke" },
  { overdue: "later", escalateDays: 7 },
  { overdue: "keep", escalateDays: -1 },
  { overdue: "keep", escalateDays: 1.5 },
  { overdue: "keep", escalateDays: "7" },
])("passes over a beginning with settings %j", async (settings) => {
  expect(await read({ ...START, settings })).toEqual([]);
});
