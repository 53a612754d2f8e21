// A day of people's work on the host, with a controller that is killed again and again (SIGKILL, at moments drawn by a seed), its clones
// kept or lost: in the end everything is as after the same day with a controller that nobody disturbed, and nothing was made twice.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Receipt } from "../../src/model/receipt.ts";
import { removeFolders, waitUntil } from "../support/controller.ts";
import { APPLIED_REF, type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { guard, type Watchdog } from "../support/watchdog.ts";
import type { Folder } from "../support/world.ts";

const KILLS = 20;
/** A bound for what hangs: two such days at once, on a machine that has other things to do. */
const LONGEST_DAY_MS = 1_200_000;
/** Draws the moments; KILL_SEED draws others. */
const SEED = Number(process.env.KILL_SEED ?? 20);

const DRIFT_BRANCH = "rolebook/drift/acme";
const INSIGHTS = "policies/acme/groups/insights.yaml";
const CREATORS = "policies/acme/memberships/card-creators.yaml";
const SETTINGS = "policies/rolebook.yaml";
const FREEZE = '    freeze: [{ from: "2020-01-01T00:00:00Z", until: "2999-01-01T00:00:00Z", reason: Year end }]\n';
/** The access of the day lasts at least so long once it was proposed; longer where days are slow, since it must begin before it ends. */
const ACCESS_MS = 20_000;

const forges: Forge[] = [];
const watchers: Watchdog[] = [];
beforeAll(async () => {
  const options = {
    target: "    drift: propose\n",
    settings: 'schedule: { poll: "* * * * * *", drift: "*/2 * * * * *" }\n',
  };
  forges.push(await forgeWorld(options), await forgeWorld(options));
});
afterAll(async () => {
  for (const watchdog of watchers) await watchdog.end();
  for (const forge of forges) await forge.close();
  removeFolders();
});

const describeInsights = (text: string) => (desk: Folder) =>
  desk.write(INSIGHTS, desk.read(INSIGHTS).replace(/^description:.*$/m, `description: ${text}`));
const leave = (login: string) => (desk: Folder) => desk.edit(CREATORS, `  - ${login}@acme.example\n`, "");

/** What people do in a day, each waiting for what has to come of it before they go on. */
async function spendDay(forge: Forge, watchdog: Watchdog): Promise<void> {
  const until = (what: string, isSo: () => boolean) => waitUntil(what, isSo, watchdog.logs);
  const check = (number: number) => forge.access.checks(forge.access.pull(number).head.commit, "rolebook").at(-1);
  const concluded = (number: number, conclusion: string) =>
    until(`#${number} ${conclusion}`, () => check(number)?.conclusion === conclusion);
  const applied = (what: string) =>
    until(what, () => forge.atOrigin(APPLIED_REF) === forge.access.tip("main") && receiptsAreWhole(forge));
  const told = (number: number) => until(`#${number} told`, () => forge.access.comments(number).length > 0);
  const noIssues = () => until("no open issue", () => forge.access.issues().every(({ state }) => state === "closed"));
  const drift = () =>
    forge.access.pulls().find(({ state, head }) => state === "open" && head.branch === DRIFT_BRANCH)?.number;
  const propose = async (branch: string, login: string, edit: (desk: Folder) => void, reviewers = ["hana"]) => {
    const number = forge.propose({ login, branch, edit });
    await concluded(number, "action_required");
    await told(number);
    for (const reviewer of reviewers) forge.access.review({ number, login: reviewer });
    if (reviewers.length > 0) await concluded(number, "success");
    return number;
  };
  const merge = (number: number) => forge.access.merge({ number, method: "squash", login: "hana" });

  const began = Date.now();
  // Approved, and then changed once more: the review covers less than what is there.
  const first = await propose("first", "ana", describeInsights("By ana"));
  forge.amend(first, leave("lars"));
  await concluded(first, "action_required");
  await until("dismissed", () => forge.access.reviews(first).every(({ state }) => state === "DISMISSED"));
  forge.access.review({ number: first, login: "noor" });
  await concluded(first, "success");
  merge(first);
  await applied("first");
  const accessMs = Math.max(ACCESS_MS, Date.now() - began);

  // Merged before anybody approved it: held, and applied once somebody has.
  const early = await propose("early", "mei", leave("bo"), []);
  merge(early);
  await until("held", () => forge.access.issues().some(({ state }) => state === "open"));
  await until("held is told", () => forge.access.comments(early).length > 1);
  forge.access.review({ number: early, login: "hana" });
  await applied("early");
  await noIssues();

  // Changed by hand, and adopted.
  await forge.byHand("POST", "/v1/groups/gCardPb5Et/members/batch", { add: ["mRavi11Xc4"] }, "noor@acme.example");
  await until("drift", () => drift() !== undefined);
  await until("drift is told", () => forge.access.issues().some(({ state }) => state === "open"));
  const adopted = drift() ?? 0;
  // To adopt what gives somebody more takes an owner.
  await concluded(adopted, "action_required");
  forge.access.review({ number: adopted, login: "hana" });
  await concluded(adopted, "success");
  merge(adopted);
  await applied("adopted");
  await noIssues();
  await until("no branch", () => forge.access.tip(DRIFT_BRANCH) === null);

  // A freeze: what is merged in it waits for its end.
  // To begin one weakens nothing, so nobody has to agree.
  const edit = (desk: Folder) => desk.edit(SETTINGS, "    limits:\n", `${FREEZE}    limits:\n`);
  const freeze = forge.propose({ login: "mei", branch: "freeze", edit });
  await concluded(freeze, "success");
  merge(freeze);
  const frozen = await propose("frozen", "ana", describeInsights("Not before the year has ended"));
  merge(frozen);
  const thaw = forge.propose({ login: "mei", branch: "thaw", edit: (desk) => desk.edit(SETTINGS, FREEZE, "") });
  await until("thaw is shown", () => check(thaw)?.conclusion !== undefined);
  for (const login of ["hana", "noor"]) forge.access.review({ number: thaw, login });
  await concluded(thaw, "success");
  merge(thaw);
  await applied("thawed");

  // Access that ends by itself, and the edit that takes it out of the files.
  watchdog.calm(true);
  await until("awake", () => watchdog.current().url() !== "");
  const ends = new Date(Date.now() + accessMs).toISOString();
  const entry = `  - email: tomas@acme.example\n    until: ${ends}\n    reason: Contract C-102\n`;
  const ended = await propose("guest", "ana", (desk) =>
    desk.write(CREATORS, `${desk.read(CREATORS).trimEnd()}\n${entry}`),
  );
  merge(ended);
  await applied("guest");
  watchdog.calm(false);
  await sleep(Math.max(0, Date.parse(ends) - Date.now()));
  await until("the end is proposed", () => drift() !== undefined);
  const removal = drift() ?? 0;
  await until("the end is shown", () => check(removal)?.conclusion !== undefined);
  await until("ended", () => !membersOf(forge, "gCardCr4Dr").includes("tomas@acme.example"));
  const isPending = () => forge.access.comments(removal).some(({ body }) => body.includes("Pending on the base"));
  await until("nothing is pending", () => !isPending());
  merge(removal);
  await applied("the line is gone");
  await until("no branch", () => forge.access.tip(DRIFT_BRANCH) === null);

  forge.pushToMain("ana", (desk) => desk.write("notes.md", "Not about access.\n"));
  await applied("notes");
}

function membersOf(forge: Forge, group: string): string[] {
  const { memberships, members } = forge.simulator.dump();
  const emails = new Map(members.map(({ id, email }) => [id, email]));
  return (memberships[group] ?? []).map((id) => emails.get(id) ?? id).sort();
}

function receiptsOf(forge: Forge): Receipt[] {
  const paths = forge.access.git("ls-tree", "-r", "--name-only", LEDGER_REF).split("\n");
  return paths
    .filter((path) => /\/receipt(?:-\d+)?\.json$/.test(path))
    .map((path) => JSON.parse(forge.access.git("show", `${LEDGER_REF}:${path}`)) as Receipt);
}

/** Every start on the ledger has its end. */
function receiptsAreWhole(forge: Forge): boolean {
  const paths = forge.access.git("ls-tree", "-r", "--name-only", LEDGER_REF).split("\n");
  const folders = (pattern: RegExp) =>
    new Set(paths.filter((path) => pattern.test(path)).map((path) => path.replace(/\/[^/]*$/, "")));
  const ended = folders(/\/receipt(?:-\d+)?\.json$/);
  return [...folders(/\/start\.json$/)].every((folder) => ended.has(folder));
}

/** Who loses the clone in the middle of an apply loses the journal that says who made what: the receipt then says what it found. */
function isInEffect({ status, cause }: Receipt["outcomes"][number]): boolean {
  return status === "applied" || (cause ?? "").startsWith("found in effect");
}

/** Everything that is left in the end, without what is another one each time: commits, instants, addresses. */
function remains(forge: Forge): unknown {
  const plain = (text: string | null) =>
    (text ?? "")
      .replace(/&#\d+;/g, "")
      .replace(/(<!-- rolebook:(?:shown|drift-state) \d+) [^>]*-->/g, "$1 -->")
      .replaceAll(forge.url, "<platform>")
      .replaceAll(forge.github.url, "<host>")
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g, "<time>")
      .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?/g, "<time>")
      .replace(/\b[0-9a-f]{64}\b/g, "<digest>")
      // A commit may be written with digits alone: it must not become anything else then.
      .replace(/\b(?:[0-9a-f]{7,40}|\d{4,})\b/g, "<id>");
  const { roles, groups, members, memberships } = forge.simulator.dump();
  const bare = (rows: readonly object[]) => rows.map((row) => ({ ...row, version: 0, lastActiveAt: null }));
  const { access } = forge;
  return {
    platform: {
      roles: bare(roles),
      groups: bare(groups),
      members: bare(members),
      memberships: Object.keys(memberships).map((group) => [group, membersOf(forge, group)]),
    },
    writes: forge.simulator.counters
      .view()
      .writes.map(({ operation, actor, effects }) => plain(JSON.stringify([operation, actor.type, effects]))),
    files: access.git("ls-tree", "-r", "--name-only", "main").split("\n"),
    policies: ["insights", "card-creators"].map((name) =>
      plain(access.git("show", `main:policies/acme/${name === "insights" ? "groups" : "memberships"}/${name}.yaml`)),
    ),
    history: access.git("log", "--first-parent", "--format=%an %s", "main").split("\n"),
    refs: access
      .git("for-each-ref", "--format=%(refname)")
      .split("\n")
      .filter((ref) => !ref.startsWith("refs/rolebook/claim/")),
    applied: forge.atOrigin(APPLIED_REF) === access.tip("main"),
    receipts: receiptsOf(forge)
      .flatMap(({ outcomes, approval }) =>
        outcomes
          .filter(isInEffect)
          // Ids hold instants of the day.
          .map(() => `${approval.how} ${approval.by}`),
      )
      .sort(),
    pulls: access.pulls().map(({ number, title, body, state, mergedAt, author }) => ({
      number,
      title,
      body: plain(body),
      state,
      merged: mergedAt !== null,
      author,
      comments: access.comments(number).map((comment) => `${comment.login}: ${plain(comment.body)}`),
      reviews: access.reviews(number).map(({ login, state }) => `${login} ${state}`),
      check: access
        .checks(access.pull(number).head.commit, "rolebook")
        .slice(-1)
        .map((check) => [check.conclusion, check.title, plain(check.summary), plain(check.text)]),
    })),
    issues: access.issues().map(({ number, title, body, state }) => ({
      number,
      title,
      state,
      body: plain(body),
      comments: access.comments(number).map((comment) => plain(comment.body)),
    })),
  };
}

it(
  `${KILLS} kills in a day change nothing`,
  async () => {
    const [quiet, rough] = forges;
    if (!quiet || !rough) throw new Error("no worlds");
    const [undisturbed, disturbed] = [
      guard(quiet, { kills: 0, seed: SEED }),
      guard(rough, { kills: KILLS, seed: SEED }),
    ];
    watchers.push(undisturbed, disturbed);
    await Promise.all([spendDay(quiet, undisturbed), spendDay(rough, disturbed)]);
    // Whatever was still to be killed is killed in the evening.
    await waitUntil("all kills", () => disturbed.killed() === KILLS, disturbed.logs);
    for (const watchdog of [undisturbed, disturbed]) {
      // Work that fails because people moved on meanwhile is done again; nothing may go on failing.
      const isQuiet = async () => {
        const { lookedAt, queue, errors } = await watchdog.current().status();
        if (queue.some(({ failures }) => failures > 0)) throw new Error(JSON.stringify(errors));
        return lookedAt !== null;
      };
      await waitUntil("quiet", isQuiet, watchdog.logs);
      const { errors } = await watchdog.current().status();
      for (const { key, message } of errors) console.warn(`${key} failed on the way: ${message}`);
    }
    await waitUntil(
      "the same",
      () => JSON.stringify(remains(rough)) === JSON.stringify(remains(quiet)),
      disturbed.logs,
    ).catch(() => {});
    expect(remains(rough)).toEqual(remains(quiet));
    const [one, other] = forges.map((forge) => receiptsOf(forge).flatMap(({ outcomes }) => outcomes));
    const others = (outcomes: typeof one = []) => outcomes.filter((outcome) => !isInEffect(outcome));
    expect(others(other)).toEqual(others(one));
    expect(disturbed.killed()).toBe(KILLS);
  },
  LONGEST_DAY_MS,
);
