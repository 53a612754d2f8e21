// An access review from its first command to its evidence, over real Git, a Git host, and both of the simulator's platforms at once:
// people decide on a branch, what they take away is planned, approved and applied like any change, and every tampering is found.
// The tests are one story: each goes on where the last one ended.
import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { ReviewOutput } from "../../src/generated/types/output-review.ts";
import type { CampaignStart, DecidedEntry, ProvedEntry } from "../../src/model/campaign.ts";
import { type CampaignDesk, campaignDesk, type RosterItem } from "../support/campaign.ts";
import { type Forge, forgeWorld, LEDGER_REF } from "../support/forge.ts";
import { join as joinGroup, type Loop, loopOf, READER } from "../support/loop.ts";
import type { Result, World } from "../support/world.ts";

const DEFINITION = `kind: Review
name: autumn
description: Everything that anybody holds on both platforms
reviewers: {from: group-owners, fallback: [hana@acme.example]}
due: 2031-12-31
`;
const OWNERS = {
  "policies/acme/groups/card-creators.yaml": "olu",
  "policies/acme/groups/customer-support.yaml": "mei",
  "policies/vault/groups/acme-prod-payment-approvers.yaml": "ana",
};

let forge: Forge;
let loop: Loop;
let desk: CampaignDesk;
let evidence: string;
beforeAll(async () => {
  const make = (world: World) => {
    for (const [path, owner] of Object.entries(OWNERS))
      world.write(path, `${world.read(path).trimEnd()}\nowners: [${owner}@acme.example]\n`);
    world.write("policies/reviews/autumn.yaml", DEFINITION);
  };
  forge = await forgeWorld({ vault: true, edits: { name: "owners and a review of autumn", make } });
  loop = loopOf(forge);
  desk = campaignDesk(forge, "autumn");
  evidence = join(mkdtempSync(join(tmpdir(), "rolebook-evidence-")), "autumn");
});
afterAll(async () => {
  if (evidence) rmSync(join(evidence, ".."), { recursive: true, force: true });
  await forge?.close();
});

/** As the job of a workflow runs it, which could not write to a platform if it wanted to. */
const review = (...args: readonly string[]): Promise<Result> =>
  forge.checkout({ depth: 0 }).rolebook(["review", ...args], { environment: READER });
const startOf = () => JSON.parse(desk.recorded("start.json") ?? "") as CampaignStart;
const proofOf = () => JSON.parse(desk.recorded("evidence/proof.json") ?? "");

const check = () => forge.access.checks(forge.access.pull(desk.pull()).head.commit, "rolebook-review").at(-1);

/** What everybody decides: some of it goes, all else stays for a reason of its own. */
function decisionOf({ member, through = [], entry }: RosterItem): readonly [string, string] {
  const is = (who: string, group: string) => member === `${who}@acme.example` && through.join() === group;
  if (is("bo", "Card creators")) return ["revoke", "Moved to sales"];
  if (is("olu", "acme-prod/Payment approvers")) return ["revoke", "Releases nothing any more"];
  if (is("sofia", "audit log") || is("sofia", "analytics - test")) return ["revoke", "Nobody has seen Sofia since"];
  if (is("yusuf", "Customer support")) return ["until 2031-12-31", "Until the desk moves"];
  return ["keep", `Looked at ${entry}`];
}
const REVOKED = [
  "acme bo@acme.example Card creators",
  "acme sofia@acme.example analytics - test",
  "acme sofia@acme.example audit log",
  "vault olu@acme.example acme-prod/Payment approvers",
];

describe("a campaign over two platforms", () => {
  it("begins with one pull request and a file for each reviewer, and begins once", async () => {
    const first = await review("start", "autumn");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    const { entries, rows } = startOf();
    expect(new Set(entries.map(({ target }) => target))).toEqual(new Set(["acme", "vault"]));
    const rosters = desk.rosters();
    expect(rosters.map(({ reviewer }) => reviewer.split("@")[0])).toEqual(["ana", "hana", "mei", "noor", "olu"]);
    // Every row is in one entry, every entry in one file, and nobody has their own.
    expect(entries.flatMap((entry) => entry.rows).sort()).toEqual(rows.map(({ id }) => id).sort());
    const asked = rosters.flatMap(({ items, reviewer }) => items.map((item) => ({ ...item, reviewer })));
    expect(asked.map(({ entry }) => entry).sort()).toEqual(entries.map(({ id }) => id).sort());
    expect(asked.filter(({ member, reviewer }) => member === reviewer)).toEqual([]);
    const creators = asked.filter(({ through }) => through?.join() === "Card creators");
    expect(new Set(creators.map(({ reviewer }) => reviewer))).toEqual(new Set(["olu@acme.example"]));

    const before = loop.everything();
    const second = await review("start", "autumn");
    expect([second.code, second.stderr]).toEqual([0, ""]);
    expect(loop.everything()).toEqual(before);
  });

  it("is not closed before it was merged, nor merged by anybody but people", async () => {
    const waiting = await review("close");
    expect([waiting.code, waiting.stdout]).toEqual([2, expect.stringMatching(/is not merged: http\S+\/pull\/\d+/)]);
    expect(forge.access.pull(desk.pull()).state).toBe("open");
  });

  it("turns decisions into edits, and takes nothing away by itself", async () => {
    for (const login of ["ana", "hana", "mei", "noor", "olu"]) desk.decide(login, decisionOf);
    const before = await review("status", "--format", "json");
    expect([before.code, check()?.conclusion]).toEqual([2, "action_required"]);
    for (const login of ["ana", "hana", "mei", "noor", "olu"]) desk.approve(login);
    const status = await review("status", "--format", "json");
    expect([status.code, status.stderr, check()?.conclusion]).toEqual([0, "", "success"]);
    const told = forge.access.comments(desk.pull()).map(({ body }) => body);
    expect(told.filter((body) => body.startsWith("<!-- rolebook:review"))).toHaveLength(1);
    // A plan of the roster changes nothing, and leaves the approvals alone.
    expect((await loop.plan(desk.pull())).code).toBe(0);
    expect(forge.access.reviews(desk.pull()).map(({ state }) => state)).toEqual(Array(5).fill("APPROVED"));
    forge.access.merge({ number: desk.pull(), login: "hana" });
    const closing = await review("close");
    expect([closing.code, closing.stderr]).toEqual([2, ""]);
    const number = desk.changes() ?? -1;
    const edits = forge.access.git("diff", "-U0", `main...${desk.branch}-changes`).split("\n");
    expect(edits.filter((line) => /^-\s+- /.test(line)).sort()).toEqual([
      "-  - bo@acme.example",
      "-  - olu@acme.example",
      "-  - sofia@acme.example",
      "-  - sofia@acme.example",
      "-  - yusuf@acme.example",
    ]);
    expect(edits.filter((line) => /^\+ {4}until: /.test(line))).toEqual(["+    until: 2031-12-31"]);
    expect(edits.filter((line) => line.startsWith("+reviewed: ")).length).toBeGreaterThan(10);
    expect((await loop.plan(number)).code).toBe(2);
    expect(loop.conclusion(number)).toBe("action_required");
    expect(loop.writes()).toBe(0);
  });

  it("has what was revoked applied, proves it, and records the evidence once", async () => {
    const number = desk.changes() ?? -1;
    forge.access.review({ number, login: "hana" });
    expect((await loop.plan(number)).code).toBe(0);
    forge.access.merge({ number, login: "noor", method: "squash" });
    const early = await review("close");
    expect([early.code, early.stdout]).toEqual([2, expect.stringContaining("to be applied")]);
    const applied = await forge.checkout().rolebook(["apply", "--merged"]);
    expect([applied.code, applied.stderr]).toEqual([0, ""]);
    const closed = await review("close", "autumn", "--output", evidence);
    expect([closed.code, closed.stderr]).toEqual([0, ""]);

    const { entries } = startOf();
    const proved: readonly ProvedEntry[] = proofOf().entries ?? proofOf();
    const resultsOf = (result: ProvedEntry["result"]) =>
      proved
        .filter((one) => one.result === result)
        .flatMap(({ entry }) => entries.filter(({ id }) => id === entry))
        .map(({ target, member, groups }) => `${target} ${member} ${groups.join()}`)
        .sort();
    expect(resultsOf("gone")).toEqual(REVOKED);
    expect(resultsOf("ends")).toEqual(["acme yusuf@acme.example Customer support"]);
    expect(resultsOf("still-there")).toEqual([]);
    expect(proved.length).toBe(entries.length);
    const groups = new Map(forge.simulator.dump().groups.map(({ id, name }) => [name, id]));
    const holders = forge.simulator.dump().memberships[groups.get("Card creators") ?? ""];
    expect(holders?.some((id) => id.startsWith("mBo"))).toBe(false);

    const comment = forge.access.comments(desk.pull()).find(({ body }) => body.startsWith("<!-- rolebook:review"));
    expect(comment?.body).toContain("closed: every decision is made and proved");
    expect(comment?.body).toContain("`rolebook review verify autumn`");

    const before = loop.everything();
    const again = await review("close", "autumn");
    expect(again.code).toBe(0);
    expect(loop.everything()).toEqual(before);
  });
});

describe("the evidence", () => {
  it("holds, with the ledger and without it", async () => {
    const clone = forge.checkout({ depth: 0 });
    clone.git("fetch", "-q", "origin", "rolebook/ledger:rolebook/ledger");
    const known = await clone.rolebook(["review", "verify", "autumn"]);
    expect([known.code, known.stderr, known.stdout]).toEqual([0, "", expect.stringContaining("what the ledger has")]);
    const folder = await alone(evidence);
    expect([folder.code, folder.stderr, folder.stdout]).toEqual([0, "", expect.stringContaining("holds")]);
    expect(folder.stdout).not.toContain("what the ledger has");
  });

  const edit = (path: string, from: string | RegExp, to: string) => (folder: string) => {
    const file = join(folder, path);
    const text = readFileSync(file, "utf8");
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    writeFileSync(file, changed);
  };
  const tamperings: readonly (readonly [what: string, code: string, tamper: (folder: string) => void])[] = [
    ["an edited decision", "evidence-file-changed", edit("roster/olu.yaml", "decision: revoke", "decision: keep")],
    ["a removed receipt", "evidence-receipt", (folder) => rmSync(join(folder, "receipts/1.json"))],
    ["a changed digest", "evidence-file-changed", edit("manifest.json", /[0-9a-f]{64}/, "0".repeat(64))],
    ["a file beyond it", "evidence-file-added", (folder) => writeFileSync(join(folder, "more.json"), "{}\n")],
    [
      "an edited decision in a manifest made anew",
      "evidence-decision",
      (folder) => {
        edit("roster/olu.yaml", "decision: revoke", "decision: keep")(folder);
        const sha256 = createHash("sha256")
          .update(readFileSync(join(folder, "roster/olu.yaml")))
          .digest("hex");
        edit("manifest.json", /("roster\/olu\.yaml":\s*")[0-9a-f]{64}/, `$1${sha256}`)(folder);
      },
    ],
  ];

  it.each(tamperings)("is not believed with %s", async (_, code, tamper) => {
    const folder = join(mkdtempSync(join(tmpdir(), "rolebook-tampered-")), "autumn");
    onTestFinished(() => rmSync(join(folder, ".."), { recursive: true, force: true }));
    cpSync(evidence, folder, { recursive: true });
    tamper(folder);
    expect(await alone(folder)).toMatchObject({ code: 1, stdout: expect.stringContaining(`(${code})`) });
  });

  /** Offline and outside of any repository: nothing but the folder. */
  function alone(folder: string): Promise<Result> {
    return forge.desk("ana").rolebook(["review", "verify", folder], { environment: { GIT_DIR: "/nowhere" } });
  }
});

describe("afterwards", () => {
  it("the report knows what changed, and a plan calls out what is given again", async () => {
    const shown = await review("--format", "json");
    expect(shown.code).toBe(0);
    const report = JSON.parse(shown.stdout) as ReviewOutput;
    expect(report.changesSince?.review).toBe("autumn");
    const gone = report.changes.filter(({ after }) => after === null).map(({ member }) => member);
    expect(new Set(gone)).toEqual(new Set(["bo@acme.example", "olu@acme.example", "sofia@acme.example"]));
    expect(report.trends.map(({ review: id, revoked }) => [id, revoked])).toEqual([["autumn", REVOKED.length]]);
    expect(report.figures.grants).toBe(startOf().figures.grants - gone.length);

    const number = loop.open(joinGroup("card-creators", "bo"));
    await loop.plan(number);
    expect(forge.access.comments(number)[0]?.body).toContain("regranted");
  });

  it("the ledger has every decision as it was approved", () => {
    const decided = JSON.parse(desk.recorded("evidence/decided.json") ?? "") as {
      readonly entries: readonly DecidedEntry[];
    };
    expect(new Set(decided.entries.map(({ by }) => by))).toEqual(new Set(["reviewer"]));
    expect(decided.entries.every(({ approval }) => approval?.pull === desk.pull())).toBe(true);
    expect(forge.access.git("log", "--format=%s", LEDGER_REF)).toContain("autumn");
  });
});
