// A campaign that people let pass, end to end: the fallback's word before the last day and after it, whoever may not give it, what holds
// by default in the end and where that is said. Beside it what the evidence of such a campaign is copied to and compared with. The Git
// host's clock says when people approve; each test goes on where the last one ended.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ReviewOutput } from "../../src/generated/types/output-review.ts";
import type { ReviewStatusOutput } from "../../src/generated/types/output-reviewStatus.ts";
import type { CampaignDecided, CampaignProof } from "../../src/model/evidence.ts";
import type { Finding } from "../../src/model/finding.ts";
import { type CampaignDesk, campaignDesk } from "../support/campaign.ts";
import { type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { join as joinGroup, type Loop, leave, loopOf, READER } from "../support/loop.ts";
import { holds, rosterTexts } from "../support/roster-text.ts";
import type { Result, World } from "../support/world.ts";

const DEFINITIONS = `kind: Review
name: keeping
scope: {targets: [acme], groups: [Insights, Owner]}
reviewers: {from: named, named: [ana@acme.example], fallback: [hana@acme.example]}
due: 2020-01-31
overdue: keep
---
kind: Review
name: revoking
scope: {targets: [acme], groups: [Customer support]}
reviewers: {from: named, named: [ana@acme.example], fallback: [hana@acme.example]}
due: 2020-01-31
overdue: revoke
---
kind: Review
name: lowering
scope: {targets: [acme], groups: [Integration developers]}
reviewers: {from: named, named: [ana@acme.example], fallback: [hana@acme.example]}
due: 2031-12-31
`;
const IDS = ["keeping", "revoking"] as const;

let [forge, loop, folder]: [Forge, Loop, string] = [] as never;
let [keeping, revoking]: [CampaignDesk, CampaignDesk] = [] as never;
beforeAll(async () => {
  const make = (world: World) => world.write("policies/reviews/late.yaml", DEFINITIONS);
  forge = await forgeWorld({ vault: true, edits: { name: "two reviews of long ago and one of now", make } });
  loop = loopOf(forge);
  [keeping, revoking] = [campaignDesk(forge, "keeping"), campaignDesk(forge, "revoking")];
  folder = mkdtempSync(join(tmpdir(), "rolebook-overdue-"));
});
afterAll(async () => {
  if (folder) rmSync(folder, { recursive: true, force: true });
  await forge?.close();
});

const review = (...args: readonly string[]): Promise<Result> =>
  forge.checkout({ depth: 0 }).rolebook(["review", ...args], { environment: READER });

async function status(now: string) {
  const { code, stdout, stderr } = await review("status", "keeping", "--format", "json", "--now", now);
  if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
  const [campaign] = (JSON.parse(stdout) as ReviewStatusOutput).campaigns;
  if (!campaign) throw new Error("no campaign");
  const codes = [...new Set(campaign.findings.map(({ code }) => code))].sort();
  const settled = campaign.reviewers.reduce((sum, one) => sum + one.settled, 0);
  const head = forge.access.tip(keeping.branch) ?? "";
  const conclusion = forge.access.checks(head, "rolebook-review").at(-1)?.conclusion;
  return { code, campaign, codes, settled, conclusion };
}
const recorded = <T>(desk: CampaignDesk, path: string) => JSON.parse(desk.recorded(path) ?? "") as T;

it("does not take the fallback's word before the last day has passed, and does after it", async () => {
  // Ana asked for it and Hana approved it: neither decides on it, nor does Ana's file have it.
  await loop.merged(joinGroup("insights", "bo"), { login: "ana", by: ["hana"] });
  const applied = await forge.checkout().rolebook(["apply", "--merged"]);
  expect([applied.code, applied.stderr], applied.stdout).toEqual([0, ""]);
  for (const id of IDS) {
    const started = await review("start", id, "--now", "2020-01-10T08:00:00Z");
    expect([started.code, started.stderr]).toEqual([0, ""]);
  }
  expect(
    keeping.rosters().map(({ reviewer, items }) => [reviewer, items.map(({ member }) => member.split("@")[0])]),
  ).toEqual([
    ["ana@acme.example", ["hana", "ines", "ines", "noor", "ravi"]],
    ["noor@acme.example", ["bo"]],
  ]);
  for (const login of ["ana", "noor"]) keeping.decide("bo", ({ member }) => ["keep", `${member} stays`], login);
  forge.github.turnClock("2020-01-31T23:00:00Z");
  keeping.approve("hana");
  expect(await status("2020-01-31T23:30:00Z")).toMatchObject({
    code: 2,
    settled: 0,
    conclusion: "action_required",
    codes: ["approval-of-another", "entries-undecided"],
    campaign: { phase: "open" },
  });
  // It was given too early, and stays so.
  expect(await status("2020-02-01T08:00:00Z")).toMatchObject({
    settled: 0,
    codes: ["approval-of-another", "review-overdue"],
    campaign: { phase: "escalated", undecided: 6 },
  });
  forge.github.turnClock("2020-02-01T09:00:00Z");
  keeping.approve("hana");
  const late = await status("2020-02-01T10:00:00Z");
  expect(late).toMatchObject({ code: 1, settled: 4, conclusion: "failure", campaign: { undecided: 2 } });
  const errors = late.campaign.findings.filter(({ severity }) => severity === "error");
  const spot = (login: string, member: string) => {
    const path = `policies/reviews/keeping/${login}.yaml`;
    const lines = forge.access.git("show", `${keeping.branch}:${path}`).split("\n");
    const from = lines.indexOf(`    member: ${member}@acme.example`);
    return {
      file: path,
      line: lines.findIndex((line, at) => at > from && line.startsWith("    decision: ")) + 1,
      column: 15,
    };
  };
  expect(errors).toMatchObject([
    { code: "self-review", ...spot("ana", "hana") },
    { code: "own-grant-reviewed", ...spot("noor", "bo") },
  ]);
});

it("is not closed over what the fallback may not decide, and then holds by default", async () => {
  forge.access.merge({ number: keeping.pull(), login: "tomas" });
  forge.access.merge({ number: revoking.pull(), login: "tomas" });
  forge.github.turnClock();
  const early = await review("close", "keeping", "--now", "2020-02-07T23:00:00Z");
  expect([early.code, early.stdout]).toEqual([1, expect.stringContaining("2 of 6 entries are not decided")]);
  expect(early.stdout).toContain("self-review");
  expect(keeping.files()).toEqual(["reviews/keeping/start.json"]);

  // What is in the way is found before anything is done.
  const full = join(folder, "full");
  mkdirSync(full);
  writeFileSync(join(full, "mine.txt"), "mine\n");
  const before = loop.everything();
  const refused = await review("close", "keeping", "--output", full);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is no empty folder")]);
  expect([readdirSync(full), readFileSync(join(full, "mine.txt"), "utf8")]).toEqual([["mine.txt"], "mine\n"]);
  expect(loop.everything()).toEqual(before);

  const closed = await review("close", "keeping", "--output", join(folder, "keeping"));
  expect([closed.code, closed.stderr], closed.stdout).toEqual([0, ""]);
  expect(closed.stdout).toContain("decided-by-default");
  expect(keeping.changes()).toBeUndefined();
  const { entries, findings } = recorded<CampaignDecided>(keeping, "evidence/decided.json");
  expect(entries.map(({ by, who }) => `${by} ${who}`.trim()).sort()).toEqual([
    "default",
    "default",
    ...Array(4).fill("fallback hana@acme.example"),
  ]);
  expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining(["self-review", "decided-by-default"]));
  const page = readFileSync(join(folder, "keeping/evidence.html"), "utf8");
  expect(page.split("nobody, by default")).toHaveLength(3);
  expect(page).toContain("Nobody decided until 2020-02-07");
});

it("takes away by default where the review says so, by a pull request like any other", async () => {
  const closing = await review("close", "revoking");
  expect([closing.code, closing.stderr], closing.stdout).toEqual([2, ""]);
  const number = revoking.changes() ?? -1;
  expect((await loop.plan(number)).code).toBe(2);
  forge.access.review({ number, login: "hana" });
  expect((await loop.plan(number)).code).toBe(0);
  forge.access.merge({ number, login: "noor" });
  const applied = await forge.checkout().rolebook(["apply", "--merged"]);
  expect([applied.code, applied.stderr], applied.stdout).toEqual([0, ""]);
  const closed = await review("close", "revoking", "--output", join(folder, "revoking"));
  expect([closed.code, closed.stderr], closed.stdout).toEqual([0, ""]);
  const decided = recorded<CampaignDecided>(revoking, "evidence/decided.json");
  const proof = recorded<CampaignProof>(revoking, "evidence/proof.json");
  expect(decided.entries.map(({ by, decision: { decision } }) => `${by} ${decision}`)).toEqual(
    Array(2).fill("default revoke"),
  );
  expect(proof.entries.map(({ result }) => result)).toEqual(["gone", "gone"]);
  expect(proof.made.map(({ how, receipt }) => [how, receipt])).toEqual(Array(2).fill(["applied", "receipts/1.json"]));
  expect(readFileSync(join(folder, "revoking/evidence.html"), "utf8")).toContain("nobody, by default");
  for (const id of IDS) {
    const verified = await forge.desk("ana").rolebook(["review", "verify", join(folder, id)]);
    expect([verified.code, verified.stderr], verified.stdout).toEqual([0, ""]);
  }
});

it("says at the line what was merged and cannot be made, and goes on once somebody has seen to it", async () => {
  const started = await review("start", "lowering");
  expect([started.code, started.stderr]).toEqual([0, ""]);
  const lowering = campaignDesk(forge, "lowering");
  const jonas = holds("jonas", "Integration developers");
  lowering.decide("ana", (item) =>
    jonas(item) ? ["reduce to view", "Only looks"] : ["keep", `Looked at ${item.entry}`],
  );
  lowering.approve("ana");
  const spot = rosterTexts(forge, lowering, "lowering").spot("ana", jonas).replace(/:\d+$/, "");
  forge.access.merge({ number: lowering.pull(), login: "hana" });
  const cannot = async () => {
    const { code, stdout, stderr } = await review("close", "lowering", "--format", "json");
    expect([code, stderr]).toEqual([2, ""]);
    const [outcome] = (JSON.parse(stdout) as { campaigns: { findings: Finding[] }[] }).campaigns;
    const found = outcome?.findings.filter(({ code }) => code === "decision-cannot-be-made") ?? [];
    return found.map(({ message, place, hint }) => ({ message, hint, at: `${place?.file}:${place?.line}` }));
  };
  expect(await cannot()).toEqual([
    {
      message: expect.stringContaining(
        "What jonas@acme.example holds through Integration developers on acme cannot be reduced",
      ),
      hint: expect.stringContaining("or end the access by hand"),
      at: spot,
    },
  ]);
  await loop.merged(leave("integration-developers", "jonas"));
  const applied = await forge.checkout().rolebook(["apply", "--merged"]);
  expect([applied.code, applied.stderr], applied.stdout).toEqual([0, ""]);
  expect(await cannot()).toEqual([]);
});

it("is not believed beside a ledger that knows nothing of it", async () => {
  const clone = forge.checkout({ depth: 0 });
  clone.git("fetch", "-q", "origin", "rolebook/ledger:rolebook/ledger");
  const evidence = join(folder, "revoking");
  expect(await clone.rolebook(["review", "verify", evidence])).toMatchObject({ code: 0 });
  // Somebody writes the ledger anew, and leaves the campaign out as if it had never been.
  clone.git("checkout", "-q", "--orphan", "anew", "rolebook/ledger");
  clone.git("rm", "-rq", "--cached", "reviews/revoking");
  clone.git("commit", "-q", "-m", "all that there ever was");
  clone.git("branch", "-f", "rolebook/ledger", "anew");
  const rewritten = await clone.rolebook(["review", "verify", evidence, "--format", "json"]);
  expect(rewritten.code).toBe(1);
  const { findings } = JSON.parse(rewritten.stdout) as { findings: readonly { code: string; message: string }[] };
  const messages = findings.filter(({ code }) => code === "evidence-not-recorded").map(({ message }) => message);
  expect(messages).toEqual(
    expect.arrayContaining([
      "decided.json is not what the ledger recorded before",
      "manifest.json is not what the ledger has of campaign revoking",
      expect.stringContaining("an older commit of it was rewritten"),
    ]),
  );
  const gone = await clone.rolebook(["review", "verify", "revoking"]);
  expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining("no closed campaign")]);
  expect(forge.atOrigin(LEDGER_REF)).not.toBeNull();
});

it("a report says that keys could not be read, and has everything else", async () => {
  const report = async () => {
    const shown = await forge.rolebook(["review", "--target", "vault", "--format", "json"]);
    expect([shown.code, shown.stderr]).toEqual([0, ""]);
    return JSON.parse(shown.stdout) as ReviewOutput;
  };
  const whole = await report();
  expect(whole.keys.length).toBeGreaterThan(0);
  // Whoever reads keys signs in for itself, after the one who reads everything.
  forge.simulator.faults.set([{ kind: "malformed", path: "*token*", skip: 1 }]);
  const { rows, keys, findings } = await report();
  forge.simulator.faults.set([]);
  expect([rows.map(({ id }) => id), keys]).toEqual([whole.rows.map(({ id }) => id), []]);
  expect(findings.filter(({ code }) => code === "keys-unread")).toMatchObject([
    { message: expect.stringContaining("The keys of vault could not be read"), file: "policies/rolebook.yaml" },
  ]);
});
