// A campaign while people decide, over the simulator, real Git and a Git host over real HTTP: what is told on its pull request, whose
// decision counts, who is reminded, and that doing it again does nothing.
import { afterAll, beforeAll, expect, it } from "vitest";
import { reviewStatus } from "../../src/generated/output.cjs";
import type { ReviewStatusOutput } from "../../src/generated/types/output-reviewStatus.ts";
import { type CampaignDesk, campaignDesk } from "../support/campaign.ts";
import { type Forge, forgeWorld } from "../support/forge.ts";

const ID = "insights";
const REVIEW = `kind: Review
name: ${ID}
scope: { targets: [acme], groups: [Insights] }
reviewers: { from: named, named: [ana@acme.example, bo@acme.example], fallback: [hana@acme.example] }
due: 2031-12-31
`;
const LONG = 300_000;

let forge: Forge;
let desk: CampaignDesk;
beforeAll(async () => {
  forge = await forgeWorld();
  forge.pushToMain("hana", (folder) => folder.write(`policies/reviews/${ID}.yaml`, REVIEW));
  desk = campaignDesk(forge, ID);
}, LONG);
afterAll(() => forge?.close());

async function status(args: readonly string[] = []) {
  const { code, stdout, stderr } = await forge.rolebook(["review", "status", "--format", "json", ...args]);
  if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
  const shown = JSON.parse(stdout) as ReviewStatusOutput;
  expect(reviewStatus(shown), JSON.stringify(reviewStatus.errors)).toBe(true);
  const [campaign, ...others] = shown.campaigns;
  expect(others).toEqual([]);
  return { code, campaign };
}
const review = (...args: string[]) => forge.rolebook(["review", ...args]);
const writes = () => forge.github.requests({ writes: true }).map(({ method, path }) => `${method} ${path}`);
const comments = (what: string) =>
  forge.access.comments(desk.pull()).filter(({ body }) => body.startsWith(`<!-- rolebook:review-${what} ${ID} -->`));

it(
  "says who misses what, keeps one comment and one check true, and reminds once",
  async () => {
    const none = await review("status");
    expect([none.code, none.stdout]).toEqual([0, "No campaign is open.\n"]);
    const started = await review("start", ID);
    expect([started.code, started.stderr]).toEqual([0, ""]);
    const all = desk.rosters().flatMap(({ items }) => items).length;
    expect(all).toBeGreaterThan(1);

    // Quiet: said to whoever asks, and to nobody else.
    forge.github.clearRequests();
    expect((await status(["--quiet"])).code).toBe(2);
    expect(writes()).toEqual([]);

    const first = await status();
    expect(first.code).toBe(2);
    expect(first.campaign).toMatchObject({ id: ID, state: "deciding", phase: "open", entries: all, undecided: all });
    expect(first.campaign?.pull?.number).toBe(desk.pull());
    expect(comments("status").length).toBe(1);
    expect(comments("status")[0]?.body).toContain(`0 of ${all} entries decided, to decide until 2031-12-31`);
    expect(conclusions()).toEqual(["action_required"]);

    // The same again writes nothing, nor does another beginning.
    forge.github.clearRequests();
    expect((await status()).code).toBe(2);
    expect((await review("start", ID)).stdout).toContain("was open already");
    expect(writes()).toEqual([]);
    expect(desk.pull()).toBe(first.campaign?.pull?.number);

    const reviewers = desk.rosters().map(({ reviewer }) => reviewer.replace("@acme.example", ""));
    const reminded = await review("remind");
    expect([reminded.code, reminded.stderr]).toEqual([0, ""]);
    for (const login of reviewers) expect(reminded.stdout).toContain(`@${login}`);
    const again = await review("remind", ID);
    expect([again.code, again.stdout]).toEqual([0, `${ID}: those who miss something were reminded already.\n`]);
    expect(comments("reminder").length).toBe(1);
    for (const login of reviewers) expect(comments("reminder")[0]?.body).toContain(`@${login}: `);
    expect(comments("reminder")[0]?.body).not.toContain("@hana");

    // A decision without the approval of its reviewer does not count, nor with somebody else's.
    for (const login of reviewers) desk.decide(login, ({ member }) => ["keep", `${member} builds the reports`]);
    desk.approve("olu");
    const waiting = await status();
    expect([waiting.code, waiting.campaign?.undecided]).toEqual([2, all]);
    expect(waiting.campaign?.reviewers.map(({ filled, settled }) => [filled > 0, settled])).toEqual(
      reviewers.map(() => [true, 0]),
    );
    for (const login of reviewers) desk.approve(login);
    const done = await status();
    expect([done.code, done.campaign?.undecided, done.campaign?.decisions.keep]).toEqual([0, 0, all]);
    expect(comments("status").length).toBe(1);
    expect(comments("status")[0]?.body).toContain("Everything is decided");
    // On the same commit: what was said before stays, and the last is what counts.
    expect(conclusions()).toEqual(["action_required", "success"]);
    expect((await review("remind", "--now", "2031-12-30T08:00:00Z")).stdout).toBe(`${ID}: nobody is missing.\n`);
    expect(comments("reminder").length).toBe(1);

    // Overdue, and changed after the approval: that counts no more, and the fallback is told as well.
    const [one = ""] = reviewers;
    desk.decide(one, ({ member }) => ["keep", `${member} may stay`]);
    const late = "2032-01-02T08:00:00Z";
    expect(await status(["--now", late])).toMatchObject({ code: 2, campaign: { phase: "escalated" } });
    const told = await review("remind", "--now", late);
    expect(told.stdout).toContain(`@${one}`);
    expect(told.stdout).toContain("@hana");
    const human = await review("status", ID, "--quiet", "--now", late);
    expect([human.code, human.stdout.includes("overdue since 2031-12-31")]).toEqual([2, true]);
    expect((await review("status", "nothing")).code).toBe(1);
  },
  LONG,
);

/** Of the check's runs on the head. */
function conclusions() {
  const head = forge.access.tip(desk.branch) ?? "";
  return forge.access.checks(head, "rolebook-review").map(({ conclusion }) => conclusion);
}
