// An access review of which every command is killed (SIGKILL) again and again, and run again until it ends by itself: in one world in a
// clone that is kept, in another in a fresh one each time, as jobs of a workflow have it. In the end all is as after the same campaign
// that nobody disturbed, and nothing was made twice.
//
// Each command dies once before and once after every request that changes something and every push, every move of a ref and every file
// written, which is where the world differs; and at points drawn by a seed (KILL_SEED draws others) among the many where it only reads.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { campaignDesk, decideIn, type RosterItem } from "../support/campaign.ts";
import { type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { loopOf, READER } from "../support/loop.ts";
import { type Death, isWrite, mortal, type Point } from "../support/mortal.ts";
import type { Result, World } from "../support/world.ts";

const SEED = Number(process.env.KILL_SEED ?? 7);
/** Every third life ends at a point drawn by lot; the others at the next one that writes. */
const LOT = 3;
/** Of commands that go on with what is there already, the points that are before any write. */
const READS_FIRST = 40;
/** A bound for what would never end by itself. */
const MOST_LIVES = 60;

/** The days of the campaign: of the machine's clock, so that they go with what the host and the applies say, and the same in all worlds. */
const NOW = new Date();
const TOMORROW = new Date(NOW.getTime() + 24 * 3_600_000);
const DEFINITION = `kind: Review
name: autumn
reviewers: {from: group-owners, fallback: [hana@acme.example]}
due: ${new Date(NOW.getTime() + 30 * 24 * 3_600_000).toISOString().slice(0, 10)}
`;
/** Of the files of the evidence, those at which it dies: what says that they are not all there yet, one in the middle, and the last one. */
const SPARED_FILES = /^(?:before|after) write (?!UNFINISHED|manifest|start)/;
/** What is lost with a clone can as well not have been made. */
const LOST_WITH_CLONE = /^(?:before|after) (?:git update-ref|write) /;
/** A bound for what hangs: some dozens of processes, on a machine that has other things to do. */
const LONGEST_MS = 1_200_000;

const BRANCH = "rolebook/review/autumn";
const REVIEWERS = ["hana", "noor", "olu"];
const EARLY = "Decided before anybody was asked";

/** Runs `review`; `between` is what others do whenever it has died. */
type Review = (args: readonly string[], how?: Disturbance) => Promise<Result>;
interface Disturbance {
  readonly between?: () => void;
  /** Points that it does not die at. */
  readonly spare?: RegExp;
}

interface Campaign {
  readonly forge: Forge;
  readonly review: Review;
  /** What each command came to: its points, in the quiet world; where it died, in the others. */
  readonly points: Point[][];
  /** The folder that the evidence is written to. */
  readonly folder: string;
  readonly close: () => Promise<void>;
}

async function newForge(): Promise<Forge> {
  const make = (world: World) => {
    const creators = "policies/acme/groups/card-creators.yaml";
    world.write(creators, `${world.read(creators).trimEnd()}\nowners: [olu@acme.example]\n`);
    world.write("policies/reviews/autumn.yaml", DEFINITION);
  };
  return forgeWorld({ edits: { name: `a review of autumn, ${DEFINITION}`, make } });
}

/** The same numbers for the same seed (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One life of a command, in a clone. */
async function live(
  { forge, folder }: Pick<Campaign, "forge" | "folder">,
  args: readonly string[],
  death: Death | undefined,
  place = forge.checkout({ depth: 0 }),
): Promise<{ readonly result: Result; readonly points: readonly Point[] }> {
  const life = mortal(death);
  const environment = { ...READER, ...life.environment, MORTAL_FILES: join(folder, "..") };
  const result = await place.rolebook(["review", ...args], { environment });
  const points = life.points();
  life.remove();
  return { result, points };
}

/** A campaign that nobody disturbs. */
async function quietCampaign(): Promise<Campaign> {
  const forge = await newForge();
  const folder = newFolder();
  const points: Point[][] = [];
  const review: Review = async (args, { between } = {}) => {
    const life = await live({ forge, folder }, args, undefined);
    points.push([...life.points]);
    between?.();
    return life.result;
  };
  return { forge, folder, points, review, close: () => end(forge, folder) };
}

/** A campaign of which every command dies wherever it can. `before`: the points of the quiet one. */
async function roughCampaign(isLost: boolean, before: readonly (readonly Point[])[]): Promise<Campaign> {
  const forge = await newForge();
  const folder = newFolder();
  const random = dice(SEED);
  const points: Point[][] = [];
  const kept = isLost ? undefined : forge.checkout({ depth: 0 });
  const review: Review = async (args, { between, spare } = {}) => {
    const all = before[points.length] ?? [];
    const first = all.findIndex(isWrite);
    const sparing = [spare, SPARED_FILES, ...(isLost ? [LOST_WITH_CLONE] : [])];
    const spared = new Set(all.filter((point) => sparing.some((one) => one?.test(point))));
    const died: Point[] = [];
    points.push(died);
    for (let number = 0; number < MOST_LIVES; number += 1) {
      const lot = 1 + Math.floor(random() * (number === 0 ? Math.max(first, 1) : READS_FIRST));
      const death = number % LOT === 0 ? { number: lot } : { spared };
      const { result, points: passed } = await live({ forge, folder }, args, death, kept);
      if (result.code !== null) return result;
      const last = passed.at(-1) ?? "";
      died.push(last);
      spared.add(last);
      between?.();
    }
    throw new Error(`review ${args.join(" ")} was killed ${MOST_LIVES} times:\n${died.join("\n")}`);
  };
  return { forge, folder, points, review, close: () => end(forge, folder) };
}

function newFolder(): string {
  return join(mkdtempSync(join(tmpdir(), "rolebook-evidence-")), "autumn");
}

async function end(forge: Forge, folder: string): Promise<void> {
  rmSync(join(folder, ".."), { recursive: true, force: true });
  await forge.close();
}

function decisionOf({ member, through = [], entry }: RosterItem): readonly [string, string] {
  const is = (who: string, group: string) => member === `${who}@acme.example` && through.join() === group;
  if (is("bo", "Card creators")) return ["revoke", "Moved to sales"];
  if (is("sofia", "audit log")) return ["revoke", "Nobody has seen Sofia since"];
  if (is("yusuf", "Customer support")) return ["until 2099-12-31", "Until the desk moves"];
  return ["keep", `Looked at ${entry}`];
}

/** Olu finds the branch before there is a pull request, and writes into it. */
function writeEarly({ access, desk: deskOf }: Forge): void {
  const desk = deskOf("olu");
  desk.git("fetch", "-q", "origin");
  desk.git("checkout", "-q", "--no-track", "-B", BRANCH, `origin/${BRANCH}`);
  const path = "policies/reviews/autumn/olu.yaml";
  desk.write(
    path,
    decideIn(desk.read(path), (item) => [decisionOf(item)[0], `${EARLY}: ${item.entry}`]),
  );
  desk.commit("mine");
  desk.git("push", "-q", "origin", BRANCH);
  expect(access.tip(BRANCH)).toBe(desk.git("rev-parse", "HEAD").trim());
}

/** The whole campaign. Gives whether olu wrote before there was a pull request. */
async function spend({ forge, review, folder }: Campaign): Promise<boolean> {
  const { access } = forge;
  const [desk, loop] = [campaignDesk(forge, "autumn"), loopOf(forge)];
  const run = async (
    code: number,
    args: readonly string[],
    { now = NOW, ...how }: Disturbance & { now?: Date } = {},
  ) => {
    const result = await review([...args, "--now", now.toISOString()], how);
    expect([args, result.code, result.stderr], result.stdout).toEqual([args, code, ""]);
    return result;
  };
  let early: boolean | undefined;
  const between = () => {
    if (early !== undefined || access.tip(BRANCH) === null) return;
    early = access.pulls().length === 0;
    writeEarly(forge);
  };
  await run(0, ["start", "autumn"], { between });
  await run(2, ["status"]);
  // Recorded first and told then: who dies in between has told nobody, which is better than twice.
  await run(0, ["remind"]);
  await run(0, ["remind"], { now: TOMORROW, spare: /git |^before POST/ });
  for (const login of REVIEWERS.filter((one) => one !== "olu")) desk.decide(login, decisionOf);
  for (const login of REVIEWERS) desk.approve(login);
  await run(0, ["status"]);
  access.merge({ number: desk.pull(), login: "hana" });

  await run(2, ["close", "autumn"]);
  const changes = desk.changes() ?? -1;
  await loop.plan(changes);
  access.review({ number: changes, login: "hana" });
  expect((await loop.plan(changes)).code).toBe(0);
  access.merge({ number: changes, login: "noor", method: "squash" });
  expect((await loop.apply()).code).toBe(0);
  await run(0, ["close", "autumn", "--output", folder]);
  return early ?? false;
}

/** What is another one each time: commits, digests, addresses, instants of the machine's clock. */
function plain({ url, github }: Forge, text: string | null): string {
  return (text ?? "")
    .replace(/(<!-- rolebook:shown \d+) [^>]*-->/g, "$1 -->")
    .replaceAll(url, "<platform>")
    .replaceAll(github.url, "<host>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z/g, "<time>")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?/g, "<time>")
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<random>")
    .replace(/\b[0-9a-f]{64}\b/g, "<digest>")
    .replace(/\b[0-9a-f]{7,40}\b/g, (id) => (/^\d+$/.test(id) ? id : "<commit>"));
}

const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** Everything that is left in the end. */
function remains(forge: Forge): unknown {
  const { access, simulator } = forge;
  const textOf = (ref: string, ...paths: readonly string[]) =>
    plain(forge, access.git("diff", "--no-color", "-U0", EMPTY_TREE, ref, "--", ...paths)).split("\n");
  const historyOf = (ref: string) => plain(forge, access.git("log", "--format=%an <%ae> %s", ref)).split("\n");
  const { roles, groups, members, memberships } = simulator.dump();
  const bare = (rows: readonly object[]) => rows.map((row) => ({ ...row, version: 0, lastActiveAt: null }));
  const branches = access.git("for-each-ref", "--format=%(refname)", "refs/heads/").trim().split("\n");
  return {
    refs: access.git("for-each-ref", "--format=%(refname)").split("\n"),
    files: branches.filter((ref) => ref !== LEDGER_REF).map((ref) => [ref, textOf(ref)]),
    histories: branches.map((ref) => [ref, historyOf(ref)]),
    campaign: textOf(LEDGER_REF, "reviews/"),
    pulls: access.pulls().map(({ number, title, body, state, mergedAt, author, head, base }) => ({
      ...{ number, title, state, author, head: head.branch, base: base.branch, merged: mergedAt !== null },
      body: plain(forge, body),
      comments: access
        .comments(number)
        .filter(({ body: text }) => !isReminder(text))
        .map(({ login, body: text }) => [login, plain(forge, text)]),
      reviews: access.reviews(number).map(({ login, state: given }) => [login, given]),
      checks: access
        .checks(head.commit)
        .map(({ name, conclusion, title: said, summary }) => [name, conclusion, said, plain(forge, summary)]),
    })),
    issues: access.issues().map(({ title, body }) => [title, body]),
    platform: { roles: bare(roles), groups: bare(groups), members: bare(members), memberships },
    writes: simulator.counters.view().writes.map(({ operation, effects }) => [operation, effects]),
  };
}

function isReminder(body: string): boolean {
  return body.startsWith("<!-- rolebook:review reminder");
}

let quiet: Campaign;
beforeAll(async () => {
  quiet = await quietCampaign();
  await spend(quiet);
}, LONGEST_MS);
afterAll(() => quiet?.close());

describe.each([
  ["in one clone", false],
  ["in a fresh clone each time", true],
])("a campaign killed again and again %s", (_, isLost) => {
  let rough: Campaign;
  let early: boolean;
  beforeAll(async () => {
    rough = await roughCampaign(isLost, quiet.points);
    early = await spend(rough);
  }, LONGEST_MS);
  afterAll(() => rough?.close());

  it("died wherever it wrote", () => {
    console.log(rough.points.map((one) => one.join("\n")).join("\n\n"));
    expect(rough.points.flat().length).toBeGreaterThan(20);
  });

  it("leaves what the quiet one left", () => {
    expect(remains(rough.forge)).toEqual(remains(quiet.forge));
  });

  it("has what was written early", () => {
    expect(early).toBe(true);
  });

  it("has evidence that holds", async () => {
    for (const campaign of [quiet, rough]) {
      const clone = campaign.forge.checkout({ depth: 0 });
      clone.git("fetch", "-q", "origin", "rolebook/ledger:rolebook/ledger");
      const known = await clone.rolebook(["review", "verify", "autumn"]);
      expect([known.code, known.stderr, known.stdout]).toEqual([0, "", expect.stringContaining("what the ledger has")]);
      const alone = await campaign.forge.desk("hana").rolebook(["review", "verify", campaign.folder]);
      expect([alone.code, alone.stdout]).toEqual([0, expect.stringContaining("holds")]);
      expect(readdirSync(join(campaign.folder, ".."))).toEqual(["autumn"]);
    }
  });
});
