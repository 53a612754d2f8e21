// Access reviews that are loosened, met by the built command line: at a terminal and through pull requests it takes an owner whom the
// base names; what tightens takes nobody; and a campaign begins as was agreed to, and goes on as it began, whatever is merged meanwhile.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reviewStatus } from "../../src/generated/output.cjs";
import type { PlanOutput } from "../../src/generated/types/output-plan.ts";
import type { CampaignStart, DecidedEntry } from "../../src/model/campaign.ts";
import { schemaErrors } from "../report/schema.ts";
import { type CampaignDesk, campaignDesk } from "../support/campaign.ts";
import { APPLIED_REF, type Forge, forgeWorld } from "../support/forge.ts";
import { type Loop, loopOf } from "../support/loop.ts";
import { importedWorld, receiptsSince, rememberMoment, type World } from "../support/world.ts";

const FILE = "policies/reviews/quarterly.yaml";
const QUARTERLY = `kind: Review
name: quarterly
scope: { targets: [acme] }
reviewers: { from: group-owners, fallback: [hana@acme.example] }
schedule: { cron: 0 6 1 */3 *, days: 14 }
`;
const BO = {
  GIT_AUTHOR_NAME: "Bo Ng",
  GIT_AUTHOR_EMAIL: "bo@acme.example",
  GIT_COMMITTER_NAME: "Bo Ng",
  GIT_COMMITTER_EMAIL: "bo@acme.example",
};
const REMOVED = 'Review "quarterly" is removed';

describe("at a terminal", () => {
  let world: World;
  beforeAll(async () => {
    world = await importedWorld("    owners: [ana@acme.example]\n");
    world.write(FILE, QUARTERLY);
    world.commit("a review");
  });
  afterAll(() => world?.close());
  const applied = () => world.git("rev-parse", "refs/rolebook/applied/acme");
  const head = () => world.git("rev-parse", "HEAD");
  const plan = async () => JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout) as PlanOutput;

  it("a new review, and one that is stricter, take nobody's leave", async () => {
    expect((await world.rolebook(["apply"], { environment: BO })).code).toBe(0);
    expect(applied()).toBe(head());
    world.edit(FILE, "*/3", "*");
    world.edit(FILE, "days: 14", "days: 7");
    world.edit(FILE, "scope: { targets: [acme] }", "description: Everything, each month");
    world.git("mv", FILE, "policies/reviews/monthly.yaml");
    world.commit("more often, in less time, of everything, in another file");
    expect((await plan()).weakens).toEqual([]);
    expect((await world.rolebook(["apply"], { environment: BO })).code).toBe(0);
    expect(applied()).toBe(head());
  });

  it("one that is removed takes an owner's, and is named wherever a plan is shown", async () => {
    world.git("rm", "-q", "policies/reviews/monthly.yaml");
    world.commit("no more reviews");
    const shown = await plan();
    expect(schemaErrors("plan", shown)).toEqual([]);
    expect([shown.changes, shown.refused]).toEqual([[], false]);
    expect(shown.weakens).toMatchObject([{ what: REMOVED, owners: ["ana@acme.example"], label: "weakening" }]);
    for (const format of ["human", "markdown"]) {
      const { code, stdout } = await world.rolebook(["plan", "--format", format]);
      expect([code, stdout.replace(/\s+/g, " ").replaceAll("\\", "")]).toEqual([2, expect.stringContaining(REMOVED)]);
    }
    const before = rememberMoment(world);
    expect((await world.rolebook(["apply"], { environment: BO })).code).toBe(1);
    const barred = await world.rolebook(["apply", "--approve", shown.digest], { environment: BO });
    expect([barred.code, barred.stderr]).toEqual([1, expect.stringContaining(`ana@acme.example for "${REMOVED}"`)]);
    expect([rememberMoment(world), applied() === head()]).toEqual([before, false]);
    const agreed = await world.rolebook(["apply", "--approve", shown.digest]);
    expect([agreed.code, agreed.stderr]).toEqual([0, ""]);
    expect(receiptsSince(world, before)[0]?.approval.weakens).toEqual(shown.weakens.map(({ id }) => id));
    expect(applied()).toBe(head());
  });
});

const ID = "insights";
const INSIGHTS = `kind: Review
name: ${ID}
scope: { targets: [acme], groups: [Insights] }
reviewers: { from: named, named: [ana@acme.example, bo@acme.example], fallback: [hana@acme.example] }
due: 2031-12-31
`;
/** In some days, so that it has never fired when this begins. */
const WEEKDAY = new Date(Date.now() + 4 * 86_400_000).getUTCDay();
const WEEKLY = `kind: Review
name: weekly
scope: { targets: [acme], groups: [Insights] }
reviewers: { from: named, named: [ana@acme.example, bo@acme.example], fallback: [hana@acme.example] }
schedule: { cron: 0 6 * * ${WEEKDAY}, days: 3 }
`;
const SETTINGS = "policies/rolebook.yaml";

describe("through pull requests", () => {
  let forge: Forge;
  let loop: Loop;
  let desk: CampaignDesk;
  beforeAll(async () => {
    const make = (world: World) => {
      world.write(`policies/reviews/${ID}.yaml`, INSIGHTS);
      world.write("policies/reviews/weekly.yaml", WEEKLY);
    };
    forge = await forgeWorld({
      settings: "reviews: { overdue: revoke, escalateDays: 3 }\n",
      edits: { name: "reviews of insights", make },
    });
    loop = loopOf(forge);
    desk = campaignDesk(forge, ID);
  });
  afterAll(() => forge?.close());
  const review = (...args: readonly string[]) => forge.checkout({ depth: 0 }).rolebook(["review", ...args]);
  const campaign = async (...args: readonly string[]) => {
    const { stdout, stderr } = await review("status", ID, "--quiet", "--format", "json", ...args);
    if (!stdout.startsWith("{")) throw new Error(stderr);
    const shown = JSON.parse(stdout);
    expect(reviewStatus(shown), JSON.stringify(reviewStatus.errors)).toBe(true);
    return shown.campaigns[0];
  };
  const startOf = () => JSON.parse(desk.recorded("start.json") ?? "") as CampaignStart;
  let removal: number;

  it("a removal that nobody approves is told, and held when it is merged all the same", async () => {
    const before = forge.atOrigin(APPLIED_REF);
    removal = loop.open((folder) => folder.git("rm", "-qr", "policies/reviews"), "bo");
    expect((await loop.plan(removal)).code).toBe(2);
    expect(loop.comment(removal)).toContain(`Review "${ID}" is removed`);
    expect(loop.conclusion(removal)).toBe("action_required");
    expect(loop.shown(removal)[0]?.weakens).toHaveLength(2);
    forge.access.merge({ number: removal });
    const held = await loop.apply();
    expect(held).toMatchObject({
      code: 2,
      held: [ID, "weekly"].map((name) => ({
        name: `Review "${name}" is removed`,
        weakening: true,
        pull: removal,
      })),
    });
    expect(forge.atOrigin(APPLIED_REF)).toBe(before);
  });

  it("the campaigns begin as was agreed to, when their day comes", async () => {
    const started = await review("start", "--due");
    expect([started.code, started.stdout]).toEqual([0, expect.stringMatching(/^insights: [^\n]*\n$/)]);
    expect(started.stderr).toContain("review-as-applied");
    expect(started.stderr).toContain(`Review "${ID}" is removed`);
    expect(startOf()).toMatchObject({ definition: { name: ID }, settings: { overdue: "revoke", escalateDays: 3 } });
    const later = new Date(Date.now() + 8 * 86_400_000).toISOString();
    const again = await review("start", "--due", "--now", later);
    expect([again.code, again.stdout]).toEqual([
      0,
      expect.stringMatching(/^insights: .* was open already.*\nweekly-\d{4}-\d\d-\d\d: .* is open/),
    ]);
  });

  it("and no more once an owner has agreed to the removal", async () => {
    forge.access.review({ number: removal, login: "hana" });
    expect(await loop.apply()).toMatchObject({ code: 0, held: [], applied: forge.atOrigin("refs/heads/main") });
    const later = new Date(Date.now() + 15 * 86_400_000).toISOString();
    expect((await review("start", "--due", "--now", later)).stdout).toBe("No campaign begins now.\n");
    const named = await review("start", "weekly", "--now", later);
    expect([named.code, named.stderr]).toEqual([1, expect.stringContaining('There is no review "weekly"')]);
  });

  it("what has begun goes on as it began, whatever is merged meanwhile", async () => {
    const before = await campaign();
    forge.pushToMain("bo", (folder) => {
      folder.write(
        `policies/reviews/${ID}.yaml`,
        INSIGHTS.replace("[ana@acme.example, bo@acme.example]", "[olu@acme.example]")
          .replace("[hana@", "[bo@")
          .replace("2031-12-31", "2039-12-31")
          .replace("[Insights]", "[Editor]")
          .concat("overdue: keep\n"),
      );
      folder.edit(SETTINGS, "olu: [olu@acme.example]", "olu: [olu@acme.example, ana@acme.example]");
      folder.edit(SETTINGS, "reviews: { overdue: revoke, escalateDays: 3 }", "reviews: { escalateDays: 90 }");
    });
    expect(await campaign()).toEqual(before);
    expect(before).toMatchObject({ due: "2031-12-31", fallbackUntil: "2032-01-03", fallback: ["hana@acme.example"] });
    const over = await campaign("--now", "2032-01-04T00:00:00Z");
    expect([over.phase, over.decisions.revoke, over.undecided]).toEqual(["over", over.entries, 0]);
  });

  it("nobody becomes a reviewer by it, and files that are edited past its own pull request decide nothing", async () => {
    const reviewers = desk.rosters().map(({ reviewer }) => reviewer.replace("@acme.example", ""));
    for (const login of reviewers) desk.decide(login, ({ member }) => ["keep", `${member} builds the reports`]);
    const all = startOf().entries.length;
    desk.approve("olu");
    expect(await campaign()).toMatchObject({ undecided: all });
    for (const login of reviewers) desk.approve(login);
    expect(await campaign()).toMatchObject({ undecided: 0 });
    const paths = desk.rosters().map(({ path }) => path);
    forge.access.merge({ number: desk.pull(), login: "hana" });
    forge.pushToMain("bo", (folder) => {
      const [first = "", ...rest] = paths;
      folder.write(first, folder.read(first).replaceAll("decision: keep", "decision: revoke"));
      if (rest.length > 0) folder.git("rm", "-q", ...rest);
    });
    await review("close", ID);
    const decided = JSON.parse(desk.recorded("decided.json") ?? "{}") as { readonly entries: readonly DecidedEntry[] };
    const entries = startOf().entries.map(({ id }) => [id, "keep", "reviewer"]);
    expect(decided.entries.map(({ entry, decision, by }) => [entry, decision.decision, by])).toEqual(entries);
  });
});
