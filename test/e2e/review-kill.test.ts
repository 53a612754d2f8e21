// An access review of which every command is killed (SIGKILL) again and again, and run again until it ends by itself: in one world in a
// clone that is kept, in another in a fresh one each time, as jobs of a workflow have it. In the end all is as after the same campaign
// that nobody disturbed, and nothing was made twice.
//
// Each command dies once before and once after every request that changes something and every push, every move of a ref and every file
// written, which is where the world differs; and at points drawn by a seed (KILL_SEED draws others) among the many where it only reads.
// Some of the lives of `close` end by Ctrl-C or SIGTERM instead.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { campaignDesk, decideIn, type RosterItem } from "../support/campaign.ts";
import { dice } from "../support/dice.ts";
import { type Checkout, type Forge, forgeWorld } from "../support/forge.ts";
import { loopOf, READER } from "../support/loop.ts";
import { type Death, isWrite, mortal, type Point } from "../support/mortal.ts";
import { isReminder, PARTS, remains } from "../support/remains.ts";
import type { Result, World } from "../support/world.ts";

const SEED = Number(process.env.KILL_SEED ?? 7);
/** Every fourth life ends at a point drawn by lot; the others at the next one that writes. */
const LOT = 4;
const STOPS = ["SIGINT", "SIGTERM"] as const;
/** The exit code of who was told to stop. */
const INTERRUPTED = 130;
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

/** Runs a command until it ends by itself. */
type Run = (args: readonly string[], how?: Disturbance) => Promise<Result>;
interface Disturbance {
  /** What others do whenever it has died. */
  readonly between?: () => void;
  /** Points that it does not die at. */
  readonly spare?: RegExp;
  /** Now and then it is told to stop instead, by Ctrl-C or SIGTERM. */
  readonly isStopped?: boolean;
  /** It is not killed where its clone would be lost. */
  readonly isSafe?: boolean;
}

/** What a command came to: its points, in the quiet world; where it died, in the others. */
interface Tale {
  readonly args: readonly string[];
  readonly spare: RegExp | undefined;
  readonly points: Point[];
}

interface Campaign {
  readonly forge: Forge;
  readonly run: Run;
  readonly tales: Tale[];
  /** The lives that ended because they were told to. */
  readonly stopped: { readonly at: Point; readonly result: Result }[];
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

/** One life of a command, in a clone that is up to date. */
async function live(
  { forge, folder }: Pick<Campaign, "forge" | "folder">,
  args: readonly string[],
  death: Death | undefined,
  kept?: Checkout,
): Promise<{ readonly result: Result; readonly points: readonly Point[] }> {
  const life = mortal(death);
  const place = kept ?? forge.checkout({ depth: 0 });
  if (args[0] === "apply") kept?.git("pull", "-q", "--ff-only");
  const credentials = args[0] === "apply" ? {} : READER;
  const environment = { ...credentials, ...life.environment, MORTAL_FILES: join(folder, "..") };
  const result = await place.rolebook(args, { environment });
  const points = life.points();
  life.remove();
  return { result, points };
}

/** A campaign that nobody disturbs. */
async function quietCampaign(): Promise<Campaign> {
  const forge = await newForge();
  const folder = newFolder();
  const tales: Tale[] = [];
  const run: Run = async (args, { between, spare } = {}) => {
    const life = await live({ forge, folder }, args, undefined);
    tales.push({ args, spare, points: [...life.points] });
    between?.();
    return life.result;
  };
  return { forge, folder, tales, stopped: [], run, close: () => end(forge, folder) };
}

/** A campaign of which every command dies wherever it can. `before`: what the quiet one came to. */
async function roughCampaign(isLost: boolean, before: readonly Tale[]): Promise<Campaign> {
  const forge = await newForge();
  const folder = newFolder();
  const random = dice(SEED);
  const [tales, stopped]: [Tale[], { at: Point; result: Result }[]] = [[], []];
  const kept = isLost ? undefined : forge.checkout({ depth: 0 });
  const run: Run = async (args, { between, spare, isStopped = false, isSafe = false } = {}) => {
    const all = before[tales.length]?.points ?? [];
    const kinds = [...(spare ? [spare] : []), SPARED_FILES, ...(isLost ? [LOST_WITH_CLONE] : [])];
    const died: Point[] = [];
    tales.push({ args, spare, points: died });
    for (let number = 0; number < MOST_LIVES; number += 1) {
      const lot = 1 + Math.floor(random() * (number === 0 ? Math.max(all.findIndex(isWrite), 1) : READS_FIRST));
      const signal = isStopped && number % 4 >= 2 ? { signal: STOPS[number % 2] ?? STOPS[0] } : {};
      const at = number % LOT === 0 ? lot : { points: new Set(died), kinds };
      const death: Death | undefined = isLost && isSafe ? undefined : { at, ...signal };
      const { result, points: passed } = await live({ forge, folder }, args, death, kept);
      const last = passed.at(-1) ?? "";
      if (result.code === INTERRUPTED) stopped.push({ at: last, result });
      else if (result.code !== null) return result;
      died.push(last);
      between?.();
    }
    throw new Error(`${args.join(" ")} was killed ${MOST_LIVES} times:\n${died.join("\n")}`);
  };
  return { forge, folder, tales, stopped, run, close: () => end(forge, folder) };
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
async function spend({ forge, run, folder }: Campaign): Promise<boolean> {
  const { access } = forge;
  const [desk, loop] = [campaignDesk(forge, "autumn"), loopOf(forge)];
  const review = async (
    code: number,
    args: readonly string[],
    { now = NOW, ...how }: Disturbance & { readonly now?: Date } = {},
  ) => {
    const result = await run(["review", ...args, "--now", now.toISOString()], how);
    expect([args, result.code, result.stderr], result.stdout).toEqual([args, code, ""]);
  };
  let early: boolean | undefined;
  const between = () => {
    if (early !== undefined || access.tip(BRANCH) === null) return;
    early = access.pulls().length === 0;
    writeEarly(forge);
  };
  await review(0, ["start", "autumn"], { between });
  await review(2, ["status"]);
  // Recorded first and told then: who dies in between has told nobody, which is better than twice.
  await review(0, ["remind"]);
  await review(0, ["remind"], { now: TOMORROW, spare: /git |^before POST/ });
  for (const login of REVIEWERS.filter((one) => one !== "olu")) desk.decide(login, decisionOf);
  for (const login of REVIEWERS) desk.approve(login);
  await review(0, ["status"]);
  access.merge({ number: desk.pull(), login: "hana" });

  await review(2, ["close", "autumn"], { isStopped: true });
  const changes = desk.changes() ?? -1;
  await loop.plan(changes);
  access.review({ number: changes, login: "hana" });
  expect((await loop.plan(changes)).code).toBe(0);
  access.merge({ number: changes, login: "noor", method: "squash" });
  // With its clone an apply loses what it knows to have made: that its receipt says so is tested with the applies.
  const applied = await run(["apply", "--merged"], { spare: /git update-ref/, isSafe: true });
  expect([applied.code, applied.stderr]).toEqual([0, ""]);
  await review(0, ["close", "autumn", "--output", folder], { isStopped: true });
  return early ?? false;
}

function remindersOf({ forge: { access } }: Campaign): string[] {
  return access.comments(1).flatMap(({ body }) => (isReminder(body) ? [body] : []));
}

let quiet: Campaign;
const roughs: Campaign[] = [];
const early: boolean[] = [];
beforeAll(async () => {
  quiet = await quietCampaign();
  await spend(quiet);
  for (const isLost of [false, true]) roughs.push(await roughCampaign(isLost, quiet.tales));
  early.push(...(await Promise.all(roughs.map(spend))));
}, LONGEST_MS);
afterAll(async () => {
  for (const campaign of [quiet, ...roughs]) await campaign?.close();
});

describe("a campaign that nobody disturbs", () => {
  it("has one comment of how it stands, and a reminder for each day", () => {
    const told = quiet.forge.access.comments(1).map(({ body }) => body);
    expect(told.filter((body) => body.startsWith("<!-- rolebook:review-status"))).toHaveLength(1);
    expect(remindersOf(quiet)).toHaveLength(2);
  });

  it("has evidence that holds", () => evidenceHolds(quiet));
});

describe.each([
  ["in one clone", 0],
  ["in a fresh clone each time", 1],
] as const)("a campaign killed again and again %s", (_, index) => {
  const rough = () => roughs[index] as Campaign;

  it("died wherever it changed something", () => {
    const isChange = (point: Point) => /^(?:before|after) (?:git push |POST |PATCH |write )/.test(point);
    const missing = quiet.tales.flatMap(({ args, spare, points }, number) => {
      const died = new Set(rough().tales[number]?.points);
      const isSpared = (point: Point) =>
        died.has(point) ||
        spare?.test(point) ||
        SPARED_FILES.test(point) ||
        (index === 1 && LOST_WITH_CLONE.test(point));
      const left = points.filter((point) => isChange(point) && !isSpared(point));
      return args[0] === "review" && left.length > 0 ? [[args[1], ...left]] : [];
    });
    // Nobody gets that far who died right after it was recorded.
    const comments = "POST host/repos/acme/access/issues/1/comments";
    expect(missing).toEqual([["remind", `before ${comments}`, `after ${comments}`]]);
  });

  it("says nothing when it is told to stop", () => {
    const { stopped } = rough();
    expect(stopped.length).toBeGreaterThan(1);
    for (const { at, result } of stopped) expect({ at, ...result }).toEqual({ at, code: 130, stdout: "", stderr: "" });
  });

  it("leaves what the quiet one left", () => {
    const [one, other] = [remains(rough().forge), remains(quiet.forge)];
    // One after the other, so that what differs is shown.
    for (const [pull, those] of other.pulls.map((there, number) => [one.pulls[number], there]))
      expect(pull).toEqual(those);
    for (const part of PARTS) expect({ [part]: one[part] }).toEqual({ [part]: other[part] });
  });

  it("reminds nobody twice for a day", () => expect(remindersOf(rough())).toEqual(remindersOf(quiet).slice(1)));

  it("writes over nothing that somebody wrote before there was a pull request", () => {
    expect(early[index]).toBe(true);
    const text = rough().forge.access.git("show", "main:policies/reviews/autumn/olu.yaml");
    expect(text.split(EARLY).length).toBeGreaterThan(3);
  });

  it("has evidence that holds", () => evidenceHolds(rough()));
});

async function evidenceHolds({ forge, folder }: Campaign): Promise<void> {
  const clone = forge.checkout({ depth: 0 });
  clone.git("fetch", "-q", "origin", "rolebook/ledger:rolebook/ledger");
  const known = await clone.rolebook(["review", "verify", "autumn"]);
  expect([known.code, known.stderr, known.stdout]).toEqual([0, "", expect.stringContaining("what the ledger has")]);
  const alone = await forge
    .desk("hana")
    .rolebook(["review", "verify", folder], { environment: { GIT_DIR: "/nowhere" } });
  expect([alone.code, alone.stdout]).toEqual([0, expect.stringContaining("holds")]);
  const before = remains(forge);
  const again = await clone.rolebook(["review", "close", "autumn", "--output", folder], { environment: READER });
  expect([again.code, again.stderr]).toEqual([0, ""]);
  expect(remains(forge)).toEqual(before);
}
