// How the pull request of a campaign is merged, and what came with it: approvals count however the host makes the commit, and a pull
// request cannot say whose word its own approvals are.
import { expect, it, onTestFinished } from "vitest";
import type { CampaignDecided } from "../../src/model/evidence.ts";
import { campaignDesk } from "../support/campaign.ts";
import { type Forge, forgeWorld } from "../support/forge.ts";
import type { Folder, World } from "../support/world.ts";

const ID = "insights";
const REVIEW = `kind: Review
name: ${ID}
scope: { targets: [acme], groups: [Insights] }
reviewers: { from: named, named: [ana@acme.example], fallback: [hana@acme.example] }
due: 2030-12-31
overdue: revoke
`;
const LATE = "2031-12-31T12:00:00Z";

/** A campaign that has begun, with one reviewer. */
async function begun() {
  const make = (world: World) => world.write(`policies/reviews/${ID}.yaml`, REVIEW);
  const forge = await forgeWorld({ edits: { name: `a review ${ID} of one`, make } });
  onTestFinished(() => forge.close());
  const desk = campaignDesk(forge, ID);
  const started = await forge.rolebook(["review", "start", ID]);
  expect([started.code, started.stderr]).toEqual([0, ""]);
  return { forge, desk };
}

/** As a job does it that has nothing but what the remote has. */
async function close(forge: Forge, ...args: readonly string[]) {
  const { code, stdout, stderr } = await forge.checkout().rolebook(["review", "close", ID, ...args]);
  expect(stderr).toBe("");
  return { code, stdout };
}

it.each(["merge", "squash", "rebase"] as const)(
  "keeps what was kept by the time nobody may decide any more, merged by %s and its branch deleted",
  async (method) => {
    const { forge, desk } = await begun();
    desk.decide("ana", ({ member }) => ["keep", `${member} builds the reports`]);
    // What stands deeper is no file of the campaign, whatever it says.
    const deeper = (folder: Folder) => {
      const text = folder.read(`policies/reviews/${ID}/ana.yaml`).replaceAll("decision: keep", "decision: revoke");
      folder.write(`policies/reviews/${ID}/more/${ID}/ana.yaml`, text);
    };
    forge.amend(desk.pull(), deeper, "bo");
    desk.approve("ana");
    forge.access.merge({ number: desk.pull(), login: "hana", method });
    forge.access.git("update-ref", "-d", `refs/heads/${desk.branch}`);
    await close(forge, "--now", LATE);
    const { entries } = JSON.parse(desk.recorded("decided.json") ?? "") as CampaignDecided;
    expect(entries.map(({ decision, by }) => [decision.decision, by])).toEqual(entries.map(() => ["keep", "reviewer"]));
    expect(entries.length).toBeGreaterThan(1);
  },
);

it.each(["merge", "squash", "rebase"] as const)(
  "takes nobody's word who became the reviewer by the very pull request, merged by %s",
  async (method) => {
    const { forge, desk } = await begun();
    const settings = "policies/rolebook.yaml";
    forge.amend(
      desk.pull(),
      (folder) => folder.write(settings, folder.read(settings).replace("bo: [bo@", "bo: [ana@acme.example, bo@")),
      "bo",
    );
    desk.decide("bo", ({ member }) => ["keep", `${member} builds the reports`], "ana");
    desk.approve("bo");
    forge.access.merge({ number: desk.pull(), login: "hana", method });
    const { code, stdout } = await close(forge);
    expect([code, stdout]).toEqual([1, expect.stringContaining("entries are not decided")]);
    expect(stdout).toContain("approval-of-another");
    expect(desk.recorded("decided.json")).toBeUndefined();
  },
);

it("keeps what was kept where the branch was put onto another commit after it was approved", async () => {
  const { forge, desk } = await begun();
  forge.access.git("config", "uploadpack.allowAnySHA1InWant", "true");
  desk.decide("ana", ({ member }) => ["keep", `${member} builds the reports`]);
  desk.approve("ana");
  const approved = forge.access.pull(desk.pull()).head.commit;
  forge.pushToMain("hana", (folder) => folder.write("README.md", "More\n"));
  const folder = forge.desk("bo");
  folder.git("fetch", "-q", "origin");
  folder.git("checkout", "-q", "-B", desk.branch, `origin/${desk.branch}`);
  folder.git("rebase", "-q", "origin/main");
  folder.git("push", "-q", "--force", "origin", desk.branch);
  expect(forge.access.pull(desk.pull()).head.commit).not.toBe(approved);
  const { code, stdout } = await forge.checkout().rolebook(["review", "status", ID, "--quiet"]);
  expect([code, stdout]).toEqual([0, expect.stringContaining("3 keep")]);
});

it("lets nobody off whom a broken read does not show, nor begins without them", async () => {
  const { forge, desk } = await begun();
  forge.access.merge({ number: desk.pull(), login: "hana" });
  const there = forge.simulator.dump();
  forge.simulator.load({
    ...there,
    memberships: Object.fromEntries(Object.keys(there.memberships).map((id) => [id, []])),
  });
  const { code, stdout } = await close(forge);
  expect([code, stdout]).toEqual([1, expect.stringContaining("not everything can be read")]);
  expect(stdout).toContain("shrunken-read");
  expect(desk.recorded("decided.json")).toBeUndefined();
  forge.pushToMain("hana", (folder) =>
    folder.write(
      "policies/reviews/more.yaml",
      REVIEW.replace(`name: ${ID}`, "name: more").replace("[Insights]", "[Owner]"),
    ),
  );
  const again = await forge.checkout().rolebook(["review", "start", "more"]);
  expect([again.code, again.stdout]).toEqual([1, "more: not begun.\n"]);
  expect(again.stderr).toContain("shrunken-read");
  expect(campaignDesk(forge, "more").files()).toEqual([]);
});
