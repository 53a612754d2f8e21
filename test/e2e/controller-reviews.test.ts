// A campaign of an access review from the merge of its schedule to its evidence, run by the controller's process alone: people push,
// approve and merge, everything else it does by itself. Told by webhooks and undisturbed, and by looking alone and killed again and again
// (SIGKILL, at moments drawn by a seed, its clones kept or lost): it comes to the same, and nothing is made twice.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CampaignStart, ProvedEntry } from "../../src/model/campaign.ts";
import type { CampaignStatus } from "../../src/model/status.ts";
import { type CampaignDesk, campaignDesk, type Decide } from "../support/campaign.ts";
import { removeFolders, WEBHOOK_SECRET, waitUntil } from "../support/controller.ts";
import { APPLIED_REF, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { guard, type Watchdog } from "../support/watchdog.ts";
import type { Folder } from "../support/world.ts";

const KILLS = 8;
/** Draws the moments; KILL_SEED draws others. */
const SEED = Number(process.env.KILL_SEED ?? 7);
/** A bound for what hangs: two campaigns at once, on a machine that has other things to do. */
const LONGEST_MS = 1_200_000;

const DEFINITION = "policies/reviews/circle.yaml";
const SETTINGS = "policies/rolebook.yaml";
/** A day that does not come, and one that comes every four years: it was once, long before any review or campaign here. */
const NEVER = "0 0 30 2 *";
const LEAP_DAY = "0 0 29 2 *";
const REVIEW = `kind: Review
name: circle
scope: { targets: [acme], groups: [Card creators] }
reviewers: { from: named, named: [olu@acme.example, mei@acme.example], fallback: [hana@acme.example] }
schedule: { cron: "${LEAP_DAY}", days: 14 }
`;

interface Round {
  readonly forge: Forge;
  readonly watchdog: Watchdog;
  /** What the status page said of the campaign, in its order. */
  readonly stages: string[];
  desk: CampaignDesk;
}

const rounds: Round[] = [];
beforeAll(async () => {
  for (const [poll, kills] of [
    [NEVER, 0],
    ["* * * * * *", KILLS],
  ] as const) {
    const forge = await forgeWorld({
      settings: `schedule: { poll: "${poll}", drift: "${NEVER}" }\nreviews: { remind: "${LEAP_DAY}" }\n`,
    });
    const watchdog = guard(forge, { kills, seed: SEED, writes: 1 });
    rounds.push({ forge, watchdog, stages: [], desk: campaignDesk(forge, "") });
  }
}, LONGEST_MS);
afterAll(async () => {
  for (const { watchdog, forge } of rounds) {
    await watchdog.end();
    await forge.close();
  }
  removeFolders();
});

/** A cron expression of this second, which comes again in a year. */
function cronOf(instant: Date): string {
  const of = (part: "Seconds" | "Minutes" | "Hours" | "Date") => instant[`getUTC${part}`]();
  return `${of("Seconds")} ${of("Minutes")} ${of("Hours")} ${of("Date")} ${instant.getUTCMonth() + 1} *`;
}

/** The second after the last commit of main, once it has passed. */
async function nextSecond({ access }: Forge): Promise<Date> {
  const next = (Number(access.git("log", "-1", "--format=%ct", "main")) + 1) * 1000;
  await sleep(Math.max(0, next + 1000 - Date.now()));
  return new Date(next);
}

const until = ({ watchdog }: Round, what: string, isSo: () => boolean | Promise<boolean>) =>
  waitUntil(what, isSo, watchdog.logs);

const conclusion = ({ forge: { access } }: Pick<Round, "forge">, number: number, name = "rolebook") =>
  access.checks(access.pull(number).head.commit, name).at(-1)?.conclusion;

const isApplied = ({ forge }: Round) => forge.atOrigin(APPLIED_REF) === forge.access.tip("main");

/** Waits until nothing is to be done: what is merged while it is being planned is told otherwise. */
const quietly = (round: Round) =>
  until(round, "nothing is left to do", async () => {
    const { lookedAt, queue } = await round.watchdog.current().status();
    // Where a look takes longer than the time to the next there is always one.
    return lookedAt !== null && queue.every(({ key }) => key === "look");
  });

/** Somebody's pull request: planned by the controller, approved, merged, applied. */
async function carry(round: Round, branch: string, edit: (desk: Folder) => void): Promise<void> {
  const { forge } = round;
  const number = forge.propose({ login: "ana", branch, edit });
  await until(round, `${branch} is planned`, () => conclusion(round, number) !== undefined);
  for (const login of ["hana", "noor"]) forge.access.review({ number, login });
  await until(round, `${branch} is approved`, () => conclusion(round, number) === "success");
  await quietly(round);
  forge.access.merge({ number, login: "hana" });
  await until(round, `${branch} is applied`, () => isApplied(round));
}

/** Waits until the status says so of the one campaign, and its page shows it. */
async function shown(round: Round, stage: string, isSo: (campaign: CampaignStatus) => boolean): Promise<void> {
  await until(round, `the status says ${stage}`, async () => {
    const { status, url } = round.watchdog.current();
    const [campaign, ...others] = (await status()).campaigns;
    if (!campaign || others.length > 0 || !isSo(campaign)) return false;
    return (await (await fetch(url())).text()).includes(campaign.id);
  });
  round.stages.push(stage);
}

const comments = ({ forge, desk }: Round, what: string) =>
  forge.access
    .comments(desk.pull())
    .map(({ body }) => body)
    .filter((body) => body.startsWith(`<!-- rolebook:review-${what}`));

const decision: Decide = ({ member, entry }) =>
  member === "bo@acme.example" ? ["revoke", "Moved to sales"] : ["keep", `Looked at ${entry}`];

/** The review comes with a schedule, and its day comes. */
async function begin(round: Round): Promise<void> {
  const { forge } = round;
  forge.pushToMain("ana", (desk) => desk.write(DEFINITION, REVIEW));
  const day = await nextSecond(forge);
  round.desk = campaignDesk(forge, `circle-${day.toISOString().slice(0, 10)}`);
  expect(forge.access.pulls()).toEqual([]);
  await carry(round, "schedule", (desk) => desk.edit(DEFINITION, LEAP_DAY, cronOf(day)));
  await until(round, "the campaign has begun", () => round.desk.pull() > 0);
  await shown(round, "begun", ({ state, decided, pull, overdue }) => {
    return state === "deciding" && decided === 0 && pull === round.desk.pull() && !overdue;
  });
  await until(round, "it is told", () => conclusion(round, round.desk.pull(), "rolebook-review") === "action_required");
}

/** One decides, the other has to be reminded. */
async function decide(round: Round): Promise<void> {
  const { desk } = round;
  const total = desk.rosters().flatMap(({ items }) => items).length;
  desk.decide("olu", decision);
  desk.approve("olu");
  await shown(round, "half decided", ({ decided }) => decided > 0 && decided < total);
  // Reminders were due for the last time before it began.
  expect(desk.files().filter((path) => path.includes("/reminders/"))).toEqual([]);
  const due = new Date(Math.floor(Date.now() / 1000) * 1000);
  await carry(round, "remind", (folder) => folder.edit(SETTINGS, LEAP_DAY, cronOf(due)));
  await until(round, "mei is reminded", () => desk.files().some((path) => path.includes("/reminders/")));
  desk.decide("mei", decision);
  desk.approve("mei");
  await shown(round, "decided", ({ decided }) => decided === total);
  await until(round, "it is told", () => conclusion(round, desk.pull(), "rolebook-review") === "success");
}

/** What was decided is merged, planned, approved, applied, and proved. */
async function close(round: Round): Promise<void> {
  const { forge, desk } = round;
  await until(round, "it changes nothing", () => conclusion(round, desk.pull()) === "success");
  await quietly(round);
  forge.access.merge({ number: desk.pull(), login: "hana" });
  await until(round, "there are edits", () => desk.changes() !== undefined);
  const changes = desk.changes() ?? 0;
  await shown(round, "closing", ({ state, pull }) => state === "closing" && pull === changes);
  await until(round, "they are planned", () => conclusion(round, changes) === "action_required");
  expect(forge.simulator.counters.view().writes).toEqual([]);
  forge.access.review({ number: changes, login: "hana" });
  await until(round, "they are approved", () => conclusion(round, changes) === "success");
  await quietly(round);
  forge.access.merge({ number: changes, login: "noor", method: "squash" });
  await until(round, "they are applied", () => isApplied(round));
  await until(round, "there is evidence", () => desk.recorded("evidence/manifest.json") !== undefined);
  await until(round, "it is over", async () => (await round.watchdog.current().status()).campaigns.length === 0);
}

async function walk(round: Round): Promise<void> {
  if (round === rounds[0]) {
    await until(round, "listening", () => round.watchdog.current().url() !== "");
    round.forge.github.deliverTo({
      url: `${round.watchdog.current().url()}/webhooks/github`,
      secret: WEBHOOK_SECRET,
    });
  }
  await begin(round);
  await decide(round);
  await close(round);
  const clone = round.forge.checkout({ depth: 0 });
  clone.git("fetch", "-q", "origin", "rolebook/ledger:rolebook/ledger");
  const id = round.desk.branch.split("/").at(-1) ?? "";
  const verified = await clone.rolebook(["review", "verify", id]);
  expect(verified).toMatchObject({ code: 0, stderr: "", stdout: expect.stringMatching(/it is what the\s+ledger has/) });
}

/** Everything that is left in the end, without what is another one each time. */
function remains({ forge, desk, stages }: Round): unknown {
  const { access } = forge;
  const plain = (text: string | null) =>
    (text ?? "")
      .replace(/(<!-- rolebook:shown \d+) [^>]*-->/g, "$1 -->")
      .replaceAll(forge.url, "<platform>")
      .replaceAll(forge.github.url, "<host>")
      .replace(/\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?/g, "<time>")
      .replace(/\b[0-9a-f]{7,64}\b/g, "<id>")
      .replace(/(?<=begins at )\d+ \d+ \d+ \d+ \d+ /g, "<second> ");
  const lines = (...args: readonly string[]) => plain(access.git(...args)).split("\n");
  const start = JSON.parse(desk.recorded("start.json") ?? "{}") as CampaignStart;
  const proof = JSON.parse(desk.recorded("evidence/proof.json") ?? "{}") as {
    readonly entries: readonly ProvedEntry[];
  };
  const reminder = (body: string) => body.startsWith("<!-- rolebook:review-reminder");
  return {
    stages,
    entries: start.entries.map(({ id, member, reviewer }) => [id, member, reviewer]),
    proved: proof.entries.map(({ entry, result }) => [entry, result]),
    memberships: forge.simulator.dump().memberships,
    writes: forge.simulator.counters.view().writes.map(({ operation, effects }) => [operation, effects.length]),
    files: lines("ls-tree", "-r", "--name-only", "main"),
    history: lines("log", "--first-parent", "--format=%an %s", "main"),
    // An apply that was killed and finished has a receipt more.
    ledger: [
      ...new Set(
        lines("ls-tree", "-r", "--name-only", LEDGER_REF, "reviews/").map((path) =>
          path.replace(/receipts\/\d+/, "receipts/"),
        ),
      ),
    ].sort(),
    refs: lines("for-each-ref", "--format=%(refname)").filter((ref) => !ref.startsWith("refs/rolebook/claim/")),
    pulls: access.pulls().map(({ number, title, body, state, mergedAt, author }) => ({
      number,
      title: plain(title),
      body: plain(body),
      state,
      merged: mergedAt !== null,
      author,
      // A reminder is lost with whoever is killed between claiming and telling it: that is looked at by itself.
      // Plan and status are told side by side, in whatever order.
      comments: access
        .comments(number)
        .flatMap(({ login, body }) => (reminder(body) ? [] : `${login}: ${plain(body)}`))
        .sort(),
      reviews: access.reviews(number).map(({ login, state }) => `${login} ${state}`),
      checks: ["rolebook", "rolebook-review"].map((name) => conclusion({ forge }, number, name) ?? null),
    })),
    issues: access.issues().map(({ title, state }) => [plain(title), state]),
  };
}

it(
  `is run whole, and ${KILLS} kills on the way change nothing`,
  async () => {
    const [quiet, rough] = rounds;
    if (!quiet || !rough) throw new Error("no worlds");
    await Promise.all(rounds.map(walk));
    expect(rough.watchdog.killed()).toBe(KILLS);
    expect(quiet.stages).toEqual(["begun", "half decided", "decided", "closing"]);
    expect(comments(quiet, "reminder")).toHaveLength(1);
    expect(comments(quiet, "reminder")[0]).toMatch(/@mei: /);
    expect(comments(quiet, "reminder")[0]).not.toContain("@olu");
    expect(comments(rough, "reminder").length).toBeLessThan(2);
    for (const round of rounds) expect(comments(round, "status")).toHaveLength(1);
    for (const round of rounds) await quietly(round);
    expect(remains(rough)).toEqual(remains(quiet));
    const { errors } = await quiet.watchdog.current().status();
    expect(errors).toEqual([]);
  },
  LONGEST_MS,
);
