// An access review from its first command to its evidence, over real Git, a Git host, and both of the simulator's platforms at once:
// people decide on a branch, what they take away is planned, approved and applied like any change, and every tampering is found.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { CampaignStart } from "../../src/model/campaign.ts";
import type { ReviewReport } from "../../src/model/review.ts";
import { type CampaignDesk, campaignDesk, type RosterItem } from "../support/campaign.ts";
import { type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { type Loop, loopOf, READER } from "../support/loop.ts";
import type { Folder, Result, World } from "../support/world.ts";

const DEFINITION = `kind: Review
name: autumn
description: Everything that anybody holds on both platforms
reviewers: {from: group-owners, fallback: [hana@acme.example]}
due: 2031-12-31
`;

const owned = (world: World) => {
  const own = (path: string, owner: string) =>
    world.write(path, `${world.read(path).trimEnd()}\nowners: [${owner}@acme.example]\n`);
  own("policies/acme/groups/card-creators.yaml", "olu");
  own("policies/acme/groups/customer-support.yaml", "mei");
  own("policies/vault/groups/acme-prod-payment-approvers.yaml", "ana");
  world.write("policies/reviews/autumn.yaml", DEFINITION);
};

let forge: Forge;
let loop: Loop;
let desk: CampaignDesk;
beforeAll(async () => {
  forge = await forgeWorld({ vault: true, edits: { name: "owners and a review", make: owned } });
  loop = loopOf(forge);
  desk = campaignDesk(forge, "autumn");
});
afterAll(() => forge?.close());

const review = (...args: readonly string[]): Promise<Result> => forge.rolebook(["review", ...args]);

async function expectCode(code: number, run: Promise<Result>): Promise<Result> {
  const result = await run;
  expect([result.code, result.stderr, result.stdout]).toEqual([code, expect.anything(), expect.anything()]);
  return result;
}

it("x", async () => {
  console.log(await review("start", "autumn"));
  for (const roster of desk.rosters()) console.log(roster.path, roster.items.map((x) => JSON.stringify(x)).join("\n"));
});
