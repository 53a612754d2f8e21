// What goes otherwise than planned in a campaign, end to end: entries that are moved, taken out, doubled or claimed; reviewers who leave;
// access that vanishes and groups that are called otherwise while people decide; a lower level that a group gives, and one that none does.
// One campaign over both of the simulator's platforms, and each test goes on where the last one ended.
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ReviewStatusOutput } from "../../src/generated/types/output-reviewStatus.ts";
import type { CampaignStart, ProvedEntry } from "../../src/model/campaign.ts";
import type { CampaignDecided, CampaignProof } from "../../src/model/evidence.ts";
import { type CampaignDesk, campaignDesk, type RosterItem } from "../support/campaign.ts";
import { type Forge, forgeWorld } from "../support/forge.ts";
import { both, type Loop, leave, loopOf, READER, renameGroup, settings } from "../support/loop.ts";
import { holds, moveEntry, type RosterTexts, rosterTexts } from "../support/roster-text.ts";
import type { Folder, Result, World } from "../support/world.ts";

const DEFINITION = `kind: Review
name: autumn
scope:
  groups: [Card creators, Customer support, Card approvers, Insights, Integration developers,
    analytics - test, acme-dev/Developers, acme-prod/Payment approvers]
reviewers: {from: group-owners, fallback: [hana@acme.example]}
due: 2031-12-31
`;
const OWNERS = {
  "acme/groups/card-creators": "olu",
  "acme/groups/customer-support": "ana",
  "acme/groups/card-approvers": "bo",
  "acme/groups/insights": "bo",
  "acme/groups/integration-developers": "noor",
  "acme/groups/analytics-test": "mei",
  "vault/groups/acme-dev-developers": "ravi",
  "vault/groups/acme-prod-payment-approvers": "mei",
};
const READERS = `kind: Role
name: Card reader
permissions:
  Card template: view
  Theme: view
---
kind: Group
name: Card readers
roles: [Card reader]
environments: [dev, staging, test]
`;
const [DEVELOPERS, APPROVERS] = ["g.dev.developers", "g.prod.payment-approvers"];

let [forge, loop, desk, texts]: [Forge, Loop, CampaignDesk, RosterTexts] = [] as never;
beforeAll(async () => {
  const make = (world: World) => {
    for (const [name, owner] of Object.entries(OWNERS)) {
      const path = `policies/${name}.yaml`;
      world.write(path, `${world.read(path).trimEnd()}\nowners: [${owner}@acme.example]\n`);
    }
    world.write("policies/reviews/autumn.yaml", DEFINITION);
  };
  forge = await forgeWorld({ vault: true, edits: { name: "owners and a review of some groups", make } });
  loop = loopOf(forge);
  desk = campaignDesk(forge, "autumn");
  texts = rosterTexts(forge, desk, "autumn");
});
afterAll(() => forge?.close());

const review = (...args: readonly string[]): Promise<Result> =>
  forge.checkout({ depth: 0 }).rolebook(["review", ...args], { environment: READER });

async function status() {
  const { code, stdout, stderr } = await review("status", "autumn", "--format", "json");
  if (!stdout.startsWith("{")) throw new Error(`exit ${code}\n${stdout}\n${stderr}`);
  const [campaign] = (JSON.parse(stdout) as ReviewStatusOutput).campaigns;
  if (!campaign) throw new Error("no campaign");
  const findings = campaign.findings.map(({ code, message, hint, file, line, column }) => ({
    code,
    message,
    hint,
    at: file === null ? "" : `${file}:${line}:${column}`,
  }));
  const found = (code: string) => findings.filter((finding) => finding.code === code);
  const progress = (login: string) => campaign.reviewers.find(({ reviewer }) => reviewer === `${login}@acme.example`);
  return { code, campaign, found, progress, conclusion: check()?.conclusion };
}
const check = () => forge.access.checks(forge.access.tip(desk.branch) ?? "", "rolebook-review").at(-1);

const recordedText = (path: string) => desk.recorded(path) ?? "";
const recorded = <T>(path: string) => JSON.parse(recordedText(path)) as T;
const startOf = () => recorded<CampaignStart>("start.json");
function decisionOf({ member, through = [], entry }: RosterItem): readonly [string, string] | undefined {
  const one = { member, through };
  // Nobody decides on Sofia, who will not have it any more.
  if (holds("sofia", "analytics - test")(one)) return undefined;
  if (holds("bo", "Card creators")(one)) return ["reduce to view", "Only looks at drafts"];
  if (holds("yusuf", "Customer support")(one)) return ["reduce to view", "Reads what was said"];
  if (holds("amara", "Customer support")(one)) return ["revoke", "Moved to sales"];
  if (holds("jonas", "Integration developers")(one)) return ["revoke", "Builds something else"];
  if (holds("jonas", "acme-dev/Developers")(one)) return ["revoke", "Builds something else there"];
  if (holds("ines", "acme-prod/Payment approvers")(one)) return ["revoke", "Releases nothing any more"];
  if (through.includes("Card creators")) return ["keep", "Needed for the job"];
  return ["keep", `Looked at ${entry}`];
}
const REVIEWERS = ["ana", "bo", "mei", "noor", "olu", "ravi"];

it("finds entries that are moved, taken out, doubled or claimed, and judges by what the campaign began with", async () => {
  const started = await review("start", "autumn");
  expect([started.code, started.stderr]).toEqual([0, ""]);
  expect(desk.rosters().map(({ reviewer }) => reviewer.split("@")[0])).toEqual(REVIEWERS);
  for (const login of REVIEWERS) desk.decide(login, decisionOf);
  const sound = REVIEWERS.map((login) => [login, texts.text(login)] as const);

  // Ana takes what she holds herself into her own file; bo's entry goes, lars has two, and bo's file becomes ravi's.
  const [own, bo, lars] = [holds("ana", "Card creators"), holds("bo", "Card creators"), holds("lars", "Card creators")];
  const part = texts.part("olu", own);
  forge.amend(desk.pull(), (folder) => moveEntry(folder, part, texts.path("olu"), texts.path("ana")), "ana");
  const twice = texts.part("olu", lars);
  const edit = (folder: Folder) => {
    folder.edit(texts.path("olu"), texts.part("olu", bo), "");
    folder.write(texts.path("olu"), `${folder.read(texts.path("olu"))}${twice.replace("keep", "revoke")}`);
    folder.edit(texts.path("bo"), "reviewer: bo@acme.example", "reviewer: ravi@acme.example");
  };
  forge.amend(desk.pull(), edit, "ana");
  for (const login of REVIEWERS) desk.approve(login);
  const { code, campaign, found, progress, conclusion } = await status();
  expect([code, conclusion]).toEqual([1, "failure"]);
  expect(found("roster-entry-moved")).toContainEqual({
    code: "roster-entry-moved",
    message: "What ana@acme.example holds is for olu@acme.example to decide, and stands in a file of ana@acme.example",
    hint: "Put the entry back into the file of olu@acme.example.",
    at: texts.spot("ana", own),
  });
  expect(found("roster-entry-moved").filter(({ at }) => at.startsWith(texts.path("bo")))).toHaveLength(5);
  expect(found("roster-entry-twice").map(({ at }) => at)).toEqual([texts.lastSpot("olu")]);
  expect(found("roster-entry-missing").map(({ message }) => message)).toEqual([
    "The files of olu@acme.example lack some of it: the entry of bo@acme.example cannot be decided",
  ]);
  // Ana's, bo's and one of lars' in olu's file; all of bo's.
  expect(progress("olu")).toMatchObject({ entries: 7, settled: 4 });
  expect(progress("bo")).toMatchObject({ entries: 5, settled: 0 });
  expect(progress("ravi")).toMatchObject({ entries: 4, settled: 4 });
  expect([campaign.undecided, campaign.entries]).toEqual([9, startOf().entries.length]);
  const human = await review("status", "autumn", "--quiet");
  expect([human.code, human.stdout.replace(/\s+/g, "")]).toEqual([1, expect.stringContaining(texts.spot("ana", own))]);

  // Put back, it is olu's to decide, and counts.
  const putBack = (folder: Folder) => {
    for (const [login, text] of sound) folder.write(texts.path(login), text);
  };
  forge.amend(desk.pull(), putBack, "bo");
  desk.approve("olu");
  const mended = await status();
  expect(["moved", "twice", "missing"].flatMap((what) => mended.found(`roster-entry-${what}`))).toEqual([]);
  expect(mended.progress("olu")).toMatchObject({ entries: 7, settled: 7 });
});

it("calls out who looked at nothing, and lets it count", async () => {
  for (const login of REVIEWERS) desk.approve(login);
  const { found, conclusion } = await status();
  expect(found("copied-justification").map(({ message }) => message)).toEqual([
    'olu@acme.example gave one justification for 6 entries: "Needed for the job"',
  ]);
  expect(found("blanket-approval").map(({ message }) => message)).toEqual([
    expect.stringContaining("bo@acme.example kept all 5 entries within 0 seconds"),
  ]);
  expect(conclusion).toBe("failure");
});

it("says where a lower level stands that no group gives, while it can be changed", async () => {
  const [bo, yusuf] = [holds("bo", "Card creators"), holds("yusuf", "Customer support")];
  const { code, campaign, found } = await status();
  expect([code, campaign.undecided]).toEqual([1, 1]);
  const impossible = (who: string, group: string) =>
    expect.stringContaining(
      `What ${who}@acme.example holds through ${group} on acme cannot be reduced: no group gives`,
    );
  const hint = expect.stringContaining("Make a group that gives just that");
  expect(found("decision-cannot-be-made")).toEqual([
    {
      code: "decision-cannot-be-made",
      message: impossible("yusuf", "Customer support"),
      hint,
      at: texts.spot("ana", yusuf),
    },
    {
      code: "decision-cannot-be-made",
      message: impossible("bo", "Card creators"),
      hint,
      at: texts.spot("olu", bo),
    },
  ]);
  desk.decide("ana", (item) => (yusuf(item) ? ["until 2031-06-30", "Until the desk moves"] : undefined));
  desk.approve("ana");
  const changed = await status();
  expect(changed.found("decision-cannot-be-made").map(({ message }) => message)).toEqual([
    impossible("bo", "Card creators"),
  ]);
});

it("gives the entries of whoever has left to the fallback, and asks nothing of what is held no more", async () => {
  // Nobody has approved ravi's file as it is now.
  desk.decide(
    "bo",
    (item) => (decisionOf(item)?.[0] === "keep" ? ["keep", `${item.member} builds things`] : undefined),
    "ravi",
  );
  const edit = both(
    settings("  mei: [mei@acme.example]\n", ""),
    (folder) => {
      const path = "policies/acme/members/members.yaml";
      const parts = folder.read(path).split(/^---\n/m);
      folder.write(path, parts.filter((part) => !part.includes("ravi@acme.example")).join("---\n"));
    },
    ...["audit-log", "insights"].map((group) => leave(group, "ravi")),
    (folder) => {
      const both = "members:\n  - ravi@acme.example\n  - sofia@acme.example\n";
      folder.edit("policies/acme/memberships/analytics-test.yaml", both, "members: []\n");
    },
    (folder) => folder.write("policies/acme/groups/card-readers.yaml", READERS),
    renameGroup("acme", "integration-developers", "Integration developers", "Integrators"),
  );
  await loop.merged(edit);
  const applied = await forge.checkout().rolebook(["apply", "--merged"]);
  expect([applied.code, applied.stderr], applied.stdout).toEqual([0, ""]);
  const left = await status();
  const hint = "Decides instead: hana@acme.example.";
  expect(left.found("reviewer-left").map(({ message, hint, at }) => [message, hint, at])).toEqual([
    [
      "mei@acme.example has no login under people, and 2 of 4 entries are not decided",
      hint,
      `${texts.path("mei")}:1:1`,
    ],
    ["ravi@acme.example is no member any more, and 4 of 4 entries are not decided", hint, `${texts.path("ravi")}:1:1`],
  ]);
  expect(left.found("decision-cannot-be-made")).toEqual([]);
  expect(left.found("entry-vanished").map(({ message }) => message)).toEqual([
    "3 entries are about what is held no more since the campaign began: ravi@acme.example, sofia@acme.example",
  ]);
  desk.approve("hana");
  const decided = await status();
  expect([decided.code, decided.conclusion, decided.campaign.undecided]).toEqual([0, "success", 0]);
});

it("follows groups that are called otherwise on the platforms alone, once files say so", async () => {
  await byHand();
  const [amara, ines] = [holds("amara", "Customer support"), holds("ines", "acme-prod/Payment approvers")];
  const { code, campaign, found } = await status();
  expect([code, campaign.undecided, campaign.vanished]).toEqual([1, 0, 4]);
  expect(found("entry-vanished")).toMatchObject([
    {
      message: expect.stringContaining("ravi@acme.example, sofia@acme.example, lars@acme.example"),
      hint: expect.stringContaining("files still say it of lars@acme.example, and an apply may give it again"),
    },
  ]);
  const called = (one: string, other: string) =>
    expect.stringContaining(`group "${one}" is called "${other}" on the platform`);
  expect(found("decision-cannot-be-made").map(({ message, at }) => [message, at])).toEqual([
    [called("Customer support", "Telephone desk"), texts.spot("ana", amara)],
    [called("Customer support", "Telephone desk"), texts.spot("ana", holds("yusuf", "Customer support"))],
    [called("acme-prod/Payment approvers", "acme-prod/Releasers"), texts.spot("mei", ines)],
  ]);
  const names = [
    ["acme", "customer-support", "Customer support", "Telephone desk"],
    ["vault", "acme-prod-payment-approvers", "acme-prod/Payment approvers", "acme-prod/Releasers"],
  ] as const;
  await loop.merged(both(...names.map(([target, file, from, to]) => renameGroup(target, file, from, to))));
  const applied = await forge.checkout().rolebook(["apply", "--merged"]);
  expect([applied.code, applied.stderr], applied.stdout).toEqual([0, ""]);
  const followed = await status();
  expect([followed.code, followed.conclusion, followed.found("decision-cannot-be-made")]).toEqual([0, "success", []]);
});

/** Two groups get another name, and Lars leaves a third. */
async function byHand(): Promise<void> {
  const support = forge.simulator.dump().groups.find(({ name }) => name === "Customer support");
  await forge.byHand("PATCH", `/v1/groups/${support?.id}`, { name: "Telephone desk" });
  const { groups, memberships, ...vault } = forge.simulator.dumpVault();
  forge.simulator.loadVault({
    ...vault,
    groups: groups.map((group) => (group.id === APPROVERS ? { ...group, name: "Releasers" } : group)),
    memberships: { ...memberships, [DEVELOPERS]: (memberships[DEVELOPERS] ?? []).filter((id) => id !== "m.lars") },
  });
}

it("makes all of it, and the evidence says what became of each", async () => {
  forge.access.merge({ number: desk.pull(), login: "hana" });
  const closing = await review("close");
  expect([closing.code, closing.stderr], closing.stdout).toEqual([2, ""]);
  const number = desk.changes() ?? -1;
  const edits = forge.access.git("diff", "-U0", `main...${desk.branch}-changes`).split("\n");
  expect(edits.filter((line) => /^[+-] +(?:- |until)/.test(line)).sort()).toEqual([
    "+    until: 2031-06-30",
    "+  - bo@acme.example",
    "+  - email: yusuf@acme.example",
    ...["amara", "bo", "ines", "jonas", "jonas", "yusuf"].map((login) => `-  - ${login}@acme.example`),
  ]);
  expect(closing.stdout).toContain("copied-justification");
  await loop.plan(number);
  forge.access.review({ number, login: "hana" });
  expect((await loop.plan(number)).code).toBe(0);
  forge.access.merge({ number, login: "noor" });
  const applied = await forge.checkout().rolebook(["apply", "--merged"]);
  expect([applied.code, applied.stderr], applied.stdout).toEqual([0, ""]);
  const closed = await review("close");
  expect([closed.code, closed.stderr], closed.stdout).toEqual([0, ""]);

  const proof = recorded<CampaignProof>("evidence/proof.json");
  const resultOf = new Map(proof.entries.map(({ entry, result }) => [entry, result]));
  const results = (wanted: ProvedEntry["result"]) =>
    startOf()
      .entries.filter(({ id }) => resultOf.get(id) === wanted)
      .map(({ target, member, groups }) => `${target} ${member.split("@")[0]} ${groups.join()}`);
  expect(results("gone")).toEqual([
    "acme amara Customer support",
    "acme jonas Integration developers",
    "vault ines acme-prod/Payment approvers",
    "vault jonas acme-dev/Developers",
  ]);
  expect([results("reduced"), results("ends")]).toEqual([["acme bo Card creators"], ["acme yusuf Customer support"]]);
  expect(results("vanished")).toEqual([
    "acme ravi Insights",
    "acme ravi analytics - test",
    "acme sofia analytics - test",
    "vault lars acme-dev/Developers",
  ]);
  expect(results("still-there")).toEqual([]);
  expect(proof.renamed.map(({ from, to }) => `${from} -> ${to}`)).toEqual([
    "Customer support -> Telephone desk",
    "Integration developers -> Integrators",
    "acme-prod/Payment approvers -> acme-prod/Releasers",
  ]);
  const { groups, memberships } = forge.simulator.dump();
  const peopleIn = (name: string) =>
    memberships[groups.find((group) => group.name === name)?.id ?? ""]?.map((id) => id.slice(1, 4));
  expect(["Telephone desk", "Integrators", "Card readers"].map(peopleIn)).toEqual([["Yus"], ["Pri", "Lar"], ["Bo0"]]);
  const decided = recorded<CampaignDecided>("evidence/decided.json");
  expect(decided.findings.map(({ code }) => code)).toEqual([
    "entry-vanished",
    "blanket-approval",
    "copied-justification",
  ]);
  const byFallback = decided.entries.filter(({ by }) => by === "fallback");
  expect([byFallback.length, new Set(byFallback.map(({ who }) => who))]).toEqual([7, new Set(["hana@acme.example"])]);
  expect(decided.vanished).toEqual(
    startOf()
      .entries.filter(({ member }) => member.startsWith("sofia"))
      .map(({ id }) => id),
  );
  const page = recordedText("evidence/evidence.html");
  for (const text of ["gone before it was decided", "copied-justification", "blanket-approval"])
    expect(page).toContain(text);
  const clone = forge.checkout({ depth: 0 });
  clone.git("fetch", "-q", "origin", "rolebook/ledger:rolebook/ledger");
  const verified = await clone.rolebook(["review", "verify", "autumn"]);
  expect([verified.code, verified.stderr], verified.stdout).toEqual([0, ""]);
});
