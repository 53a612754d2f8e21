// The evidence of a small campaign, packed as `review close` packs it, and everything that somebody might do to it afterwards: each is
// found by what the other files say, by the digests, or by the ledger of a repository.
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { LEDGER_REF, openLedger } from "../../src/git/ledger.ts";
import { stableJson } from "../../src/git/records.ts";
import { campaignPath } from "../../src/git/review-records.ts";
import type { CampaignStart } from "../../src/model/campaign.ts";
import type { Json } from "../../src/model/document.ts";
import type { CampaignDecided, CampaignProof, EvidenceAbout, EvidenceFile } from "../../src/model/evidence.ts";
import type { Receipt } from "../../src/model/receipt.ts";
import { changeId } from "../../src/plan/digest.ts";
import { buildReview } from "../../src/plan/review/build.ts";
import { proveDecisions } from "../../src/plan/review/prove.ts";
import { manifestOf, sha256Of } from "../../src/plan/review/verify-files.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { renderEntities } from "../../src/policy/write.ts";
import { madeOf, packEvidence } from "../../src/run/review-close-proof.ts";
import { readFolder, writeFolder } from "../../src/run/review-folder.ts";
import { checkEvidence } from "../../src/run/review-verify.ts";
import { clone, git, initBare, initRepository, open } from "../git/scratch.ts";
import { decide, decideAll, filesOf, ID, judge, review, startOf } from "../plan/review/campaign.ts";
import { inputOf, reviewedOf } from "../plan/review/worlds.ts";
import { openTarget, stateOfOrganization } from "../support/organization.ts";

const TOOL = "rolebook 0.0.0";
const DECIDED = "2026-10-06T12:00:00.000Z";
const APPLIED = "2026-10-07T12:00:00.000Z";
const PROVED = "2026-10-08T12:00:00.000Z";
const RUN = "acme/2026-10-07T12-00-00Z";
const nameNow = (_target: string, _kind: string, name: string) => name;

/** Who is in Makers; Ana owns it, and Cy owns Checkers. */
function liveOf(makers: readonly string[]) {
  const people = ["bo", "dee", "eve"].map((name) => `${name}@acme.example`);
  return stateOfOrganization({
    roles: { Maker: { permissions: { "Card template": "edit" } }, Checker: { permissions: { Theme: "view" } } },
    groups: {
      Makers: { roles: ["Maker"], environments: ["production"], members: makers.map((name) => `${name}@acme.example`) },
      Checkers: { roles: ["Checker"], environments: ["dev"], members: ["eve@acme.example"] },
    },
    members: Object.fromEntries(people.map((email) => [email, { firstName: "A", lastName: "B" }])),
  });
}

function reportOf(live: ReturnType<typeof liveOf>, at: string) {
  const entities = [...live.values()].flatMap((section) => [...section.values()]);
  const text = renderEntities(
    entities.filter(({ kind }) => kind !== "Environment"),
    atomic,
  );
  return buildReview(inputOf([reviewedOf(atomic, openTarget(), text, live)], { now: new Date(at), tool: TOOL }));
}

/** What an apply that took Bo out of Makers left on the ledger. */
function runOf() {
  const head = { target: "acme", commit: "e".repeat(40), digest: "f".repeat(64), startedAt: APPLIED };
  const [key, action, before, after] = [
    "Membership/makers/bo@acme.example",
    "delete",
    { name: "bo@acme.example", attributes: {} },
    null,
  ];
  const id = changeId("acme", key, action, before, after);
  const changes = [{ id, key, action, before, after }];
  const start = { version: 1, ...head, plan: { changes } };
  const receipt: Receipt = {
    ...{ version: 1, ...head, base: null, tool: TOOL, endedAt: "2026-10-07T12:00:09.000Z", converged: true },
    approval: { by: "hana@acme.example", at: APPLIED, how: "reviews", digest: head.digest, changes: [id] },
    outcomes: [{ change: id, status: "applied" }],
  } as Receipt;
  return {
    path: { receipt: `${RUN}/receipt.json`, start: `${RUN}/start.json` },
    text: { receipt: stableJson(receipt), start: stableJson(start) },
    receipt,
    start,
  };
}

/** A campaign in which Bo loses Makers and all else stays, up to its evidence. */
function closed(ledgerHead: string | null, more: (roster: string) => string = (roster) => roster) {
  const start = startOf(reportOf(liveOf(["bo", "dee"]), "2026-10-01T06:00:00.000Z").rows);
  const rosters = new Map(
    [...filesOf(start)].map(([name, text]) => [name, decideAll(text, "keep", `Looked at all of ${name}`)]),
  );
  rosters.set("ana.yaml", decide(rosters.get("ana.yaml") ?? "", "bo@acme.example", "revoke", "Moved to sales"));
  rosters.set("cy.yaml", more(rosters.get("cy.yaml") ?? ""));
  const approvals = [review("ana", ["ana.yaml"], { id: 1 }), review("cy", ["cy.yaml"], { id: 2 })];
  const state = judge(start, rosters, { reviews: approvals, now: new Date(DECIDED) });
  expect(state.undecided).toEqual([]);
  const decided: CampaignDecided = {
    ...{ version: 1, id: ID, at: DECIDED, tool: TOOL, pull: 12, commit: "a".repeat(40) },
    ...{ entries: state.decided, vanished: [], findings: state.findings },
    approvals: approvals.map(({ review: { id, login, commit, at }, covers }) => ({
      ...{ pull: 12, review: id, login, members: [`${login}@acme.example`], commit: commit ?? "", at },
      files: [...covers].map((path) => ({ path, sha256: sha256Of(rosters.get(path.split("/").at(-1) ?? "") ?? "") })),
    })),
  };
  const live = liveOf(["dee"]);
  const target = { name: "acme", platform: atomic, timeZone: "UTC", live, want: live, levelWithin: () => undefined };
  const entries = proveDecisions({ start, decided, targets: [target], nameNow, now: new Date(PROVED) });
  const concerned = { targets: [{ target: { name: "acme" }, prepared: { platform: atomic } }], nameNow };
  const { made, receipts, files } = madeOf({ start, decided, concerned }, entries, [runOf()]);
  const applied = { acme: "e".repeat(40) };
  const proof: CampaignProof = { version: 1, at: PROVED, applied, entries, made, renamed: [] };
  const about: EvidenceAbout = {
    ...{ version: 1, id: ID, tool: TOOL, closedAt: PROVED, receipts, ledger: ledgerHead },
    commits: { start: start.commit, decided: decided.commit, changes: "9".repeat(40) },
    pulls: { roster: 12, changes: 13 },
  };
  const recorded = [
    { path: "start.json", text: stableJson(start) },
    { path: "decided.json", text: stableJson(decided) },
  ];
  const folder = [...rosters].map(([name, text]) => ({ path: `roster/${name}`, text }));
  const report = reportOf(live, PROVED);
  return packEvidence({ start, decided, proof, about, recorded, rosters: folder, receipts: files, report });
}

let evidence: readonly EvidenceFile[];
beforeAll(() => {
  evidence = closed(null);
});

const codesOf = async (files: readonly EvidenceFile[]) => [
  ...new Set((await checkEvidence(files, undefined, TOOL)).findings.map(({ code }) => code)),
];
const without = (path: string) => evidence.filter((file) => file.path !== path);
const textOf = (path: string) => evidence.find((file) => file.path === path)?.text ?? "";

/** With the text of a file changed; it must have been there. */
function edited(path: string, edit: (text: string) => string): readonly EvidenceFile[] {
  const text = edit(textOf(path));
  expect(text).not.toBe(textOf(path));
  return evidence.map((file) => (file.path === path ? { path, text } : file));
}

/** With a manifest that agrees with the files, as somebody who knows how would leave them. */
function signed(files: readonly EvidenceFile[]): readonly EvidenceFile[] {
  const rest = files.filter(({ path }) => path !== "manifest.json");
  return [...rest, { path: "manifest.json", text: stableJson(manifestOf(ID, rest)) }];
}

/** With the value of a JSON file changed. */
function altered(path: string, alter: (value: never) => object): readonly EvidenceFile[] {
  return edited(path, (text) => stableJson(alter(JSON.parse(text) as never)));
}

/** A value with each of its parts made another, one at a time, and where. */
function* alterations(value: Json): Iterable<readonly [where: string, other: Json]> {
  if (value === null || typeof value !== "object") {
    yield ["", typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : `${value}x`];
    return;
  }
  for (const [key, part] of Object.entries(value))
    for (const [where, other] of alterations(part)) {
      const place = where === "" ? key : `${key}.${where}`;
      yield [
        place,
        Array.isArray(value) ? value.map((old, at) => (String(at) === key ? other : old)) : { ...value, [key]: other },
      ];
    }
}

describe("evidence by itself", () => {
  it("holds as it was written", async () => {
    const { findings, ...rest } = await checkEvidence(evidence, undefined, TOOL);
    expect(findings).toEqual([]);
    expect(rest).toEqual({ id: ID, ledger: false, files: evidence.length });
    expect(evidence.map(({ path }) => path).filter((path) => path.startsWith("receipts/"))).toHaveLength(2);
    expect(JSON.parse(textOf("revoked.json"))).toMatchObject([{ member: "bo@acme.example", level: "edit" }]);
    const results = (JSON.parse(textOf("proof.json")) as CampaignProof).entries.map(({ result }) => result);
    expect(results.sort()).toEqual(["gone", "kept", "kept"]);
  });

  it("is read by another Rolebook, which cannot write the page again", async () => {
    const { findings } = await checkEvidence(evidence, undefined, "rolebook 9.9.9");
    expect(findings).toMatchObject([{ severity: "note", code: "evidence-page-unread" }]);
  });

  it("holds with a roster file that somebody spoilt before it was merged, and says so", async () => {
    const spoilt = (text: string) =>
      `${text.trimEnd()}\n  - entry: ${"f".repeat(16)}\n    decision: keep\n    justification: "Mine"\n`;
    const { findings } = await checkEvidence(closed(null, spoilt), undefined, TOOL);
    expect(findings.map(({ severity, code }) => [severity, code])).toEqual([["warning", "evidence-roster"]]);
    // And not with one that was spoilt since.
    expect(await codesOf(signed(edited("roster/cy.yaml", spoilt)))).toContain("evidence-decision");
  });

  const flip = (text: string) => text.replace("decision: revoke", "decision: keep");

  it("does not hold with an edited decision", async () => {
    expect(await codesOf(edited("roster/ana.yaml", flip))).toContain("evidence-file-changed");
    expect(await codesOf(signed(edited("roster/ana.yaml", flip)))).toContain("evidence-decision");
  });

  it("does not hold with another justification", async () => {
    const text = (old: string) => old.replace("Moved to sales", "Never worked here");
    expect(await codesOf(signed(edited("roster/ana.yaml", text)))).toContain("evidence-decision");
  });

  it("does not hold with a decision edited wherever it is written", async () => {
    const roster = flip(textOf("roster/ana.yaml"));
    const [old, sha256] = [sha256Of(textOf("roster/ana.yaml")), sha256Of(roster)];
    const everywhere = evidence.map(({ path, text }) => {
      if (path === "roster/ana.yaml") return { path, text: roster };
      const changed = text.replaceAll(old, sha256).replace(/"decision": ?"revoke"/g, '"decision":"keep"');
      return { path, text: path === "start.json" ? text : changed };
    });
    expect(await codesOf(signed(everywhere))).toContain("evidence-proof");
  });

  it("does not hold with a default that the campaign did not begin with", async () => {
    const settings = (overdue: string) => (text: string) =>
      stableJson({ ...JSON.parse(text), due: "2026-10-02", settings: { overdue, escalateDays: 7 } });
    const byDefault = (text: string) => {
      const decided = JSON.parse(text) as CampaignDecided;
      const entries = decided.entries.map(({ entry, decision, justification }) => ({
        ...{ entry, decision, justification },
        ...{ by: "default", who: "" },
      }));
      return stableJson({ ...decided, entries });
    };
    const said = async (overdue: string) => {
      const files = edited("start.json", settings(overdue)).map(({ path, text }) => ({
        path,
        text: path === "decided.json" ? byDefault(text) : text,
      }));
      const { findings } = await checkEvidence(signed(files), undefined, TOOL);
      return findings
        .filter(({ message }) => message.includes("is called a default, which is not"))
        .map(({ code, message }) => [code, message]);
    };
    expect(await said("keep")).toEqual([
      [
        "evidence-approval",
        'The decision on bo@acme.example is not bound to an approval: it is called a default, which is not "revoke"',
      ],
    ]);
    expect(await said("revoke")).toHaveLength(2);
  });

  it("does not hold without a receipt", async () => {
    expect(await codesOf(without("receipts/1.json"))).toContain("evidence-file-missing");
    expect(await codesOf(signed(without("receipts/1.json")))).toContain("evidence-receipt");
    expect(await codesOf(signed(without("receipts/1-start.json")))).toContain("evidence-receipt");
  });

  it("does not hold with a receipt in which nothing was applied", async () => {
    const failed = edited("receipts/1.json", (text) => text.replace('"applied"', '"failed"'));
    expect(await codesOf(signed(failed))).toContain("evidence-receipt");
  });

  it("does not hold with a changed digest", async () => {
    const changed = edited("manifest.json", (text) => text.replace(/[0-9a-f]{64}/, "0".repeat(64)));
    expect(await codesOf(changed)).toEqual(["evidence-file-changed"]);
  });

  it("does not hold with a file more or less", async () => {
    expect(await codesOf([...evidence, { path: "more.json", text: "{}\n" }])).toContain("evidence-file-added");
    expect(await codesOf(without("approvals.json"))).toContain("evidence-file-missing");
    expect(await codesOf(without("evidence.html"))).toContain("evidence-file-missing");
    expect(await codesOf(without("manifest.json"))).toContain("evidence-unreadable");
  });

  it.each(["evidence.html", "roster/cy.yaml", "report.json", "receipts/1.json"])(
    "does not hold without %s, however the manifest was fixed",
    async (path) => {
      expect(await codesOf(signed(without(path)))).not.toEqual([]);
    },
  );

  it("does not hold with roster files swapped", async () => {
    const [ana, cy] = [textOf("roster/ana.yaml"), textOf("roster/cy.yaml")];
    const swapped = evidence.map(({ path, text }) =>
      path === "roster/ana.yaml"
        ? { path, text: cy }
        : path === "roster/cy.yaml"
          ? { path, text: ana }
          : { path, text },
    );
    expect(await codesOf(swapped)).toContain("evidence-file-changed");
    expect(await codesOf(signed(swapped))).toContain("evidence-decision");
  });

  it("does not hold with an approval of somebody else", async () => {
    const other = (text: string) =>
      text.replaceAll('"login": "ana"', '"login": "bo"').replaceAll('"ana@acme.example"', '"bo@acme.example"');
    expect(await codesOf(signed(edited("approvals.json", other)))).toContain("evidence-approval");
    const both = signed(
      edited("approvals.json", other).map(({ path, text }) => ({
        path,
        text: path === "decided.json" ? other(text) : text,
      })),
    );
    expect(await codesOf(both)).toContain("evidence-approval");
  });

  it("does not hold with an approval that covers no file", async () => {
    const bare = (value: CampaignDecided["approvals"]) => value.map((one) => ({ ...one, files: [] }));
    expect(await codesOf(signed(altered("approvals.json", bare)))).toContain("evidence-approval");
  });

  /** With texts replaced in several files. */
  const altogether = (edits: Readonly<Record<string, (text: string) => string>>) =>
    signed(
      Object.entries(edits).reduce<readonly EvidenceFile[]>((files, [path, edit]) => {
        expect(edit(textOf(path))).not.toBe(textOf(path));
        return files.map((file) => (file.path === path ? { path, text: edit(file.text) } : file));
      }, evidence),
    );
  const each = <T extends { readonly entries: readonly object[] }>(alter: (one: never) => object) => {
    return (text: string) => {
      const value = JSON.parse(text) as T;
      return stableJson({ ...value, entries: value.entries.map((one) => alter(one as never)) });
    };
  };

  it("does not hold with what somebody decided called a default", async () => {
    // What is kept is as good by default, and nobody has to answer for it.
    const byDefault = (due: string) =>
      altogether({
        "decided.json": each((one: CampaignDecided["entries"][number]) =>
          one.who === "cy@acme.example"
            ? { entry: one.entry, decision: one.decision, justification: "Nobody decided", by: "default", who: "" }
            : one,
        ),
        "start.json": (text) => text.replace('"due": "2026-10-15"', `"due": "${due}"`),
      });
    const messages = async (files: readonly EvidenceFile[]) =>
      (await checkEvidence(files, undefined, TOOL)).findings.map(({ message }) => message);
    expect(await messages(byDefault("2026-10-16"))).toContainEqual(
      expect.stringContaining("the last day was 2026-10-16"),
    );
    expect(await messages(byDefault("2026-10-02"))).toContainEqual(expect.stringContaining('and cy decided "keep"'));
  });

  it("does not hold with a change that is about something else, nor with another text of one", async () => {
    const other = (text: string) => text.replaceAll("makers/bo@", "makers/dee@");
    expect(await codesOf(altogether({ "receipts/1-start.json": other }))).toContain("evidence-receipt");
    const start = JSON.parse(textOf("receipts/1-start.json")) as { plan: { changes: { id: string }[] } };
    const [old] = start.plan.changes;
    const id = changeId("acme", "Membership/makers/dee@acme.example", "delete", null, null);
    const swap = (text: string) => text.replaceAll(old?.id ?? "", id);
    const change = { id, key: "Membership/makers/dee@acme.example", action: "delete", before: null, after: null };
    const files = altogether({
      "receipts/1-start.json": () => stableJson({ ...start, plan: { changes: [change] } }),
      "receipts/1.json": swap,
      "proof.json": swap,
    });
    const found = (await checkEvidence(files, undefined, TOOL)).findings;
    expect(found).toContainEqual(expect.objectContaining({ message: expect.stringContaining("about something else") }));
  });

  it("does not hold with a receipt from before it was decided", async () => {
    const early = (text: string) => text.replace("2026-10-07T12:00:09", "2026-10-05T12:00:09");
    expect(await codesOf(altogether({ "receipts/1.json": early }))).toContain("evidence-receipt");
  });

  it("does not hold with a receipt that nothing lists", async () => {
    const more = [...evidence, { path: "receipts/2.json", text: textOf("receipts/1.json") }];
    expect(await codesOf(signed(more))).toContain("evidence-receipt");
  });

  it("does not hold with something kept called vanished, or the other way round", async () => {
    const vanished = each((one: CampaignProof["entries"][number]) =>
      one.result === "kept" ? { ...one, result: "vanished" } : one,
    );
    expect(await codesOf(altogether({ "proof.json": vanished }))).toContain("evidence-proof");
  });

  it("does not hold where what had vanished is held again and nobody says so", async () => {
    const dee = (JSON.parse(textOf("start.json")) as CampaignStart).entries.find(({ member }) =>
      member.startsWith("dee@"),
    );
    const vanished = (more: object) =>
      altogether({
        "decided.json": (text) => {
          const value = JSON.parse(text) as CampaignDecided;
          const entries = value.entries.filter(({ entry }) => entry !== dee?.id);
          return stableJson({ ...value, entries, vanished: [dee?.id] });
        },
        "proof.json": each((one: CampaignProof["entries"][number]) =>
          one.entry === dee?.id ? { ...one, result: "vanished", ...more } : one,
        ),
      });
    const codes = (files: readonly EvidenceFile[]) => codesOf(files.filter(({ path }) => path !== "evidence.html"));
    expect(await codes(vanished({}))).toContain("evidence-proof");
    expect(await codes(vanished({ again: true }))).not.toContain("evidence-proof");
  });

  it("does not hold with an entry that stands for less than its roster file shows", async () => {
    const less = (text: string) => {
      const start = JSON.parse(text) as CampaignStart;
      return stableJson({ ...start, entries: start.entries.map((one) => ({ ...one, rows: [] })) });
    };
    const found = (await checkEvidence(altogether({ "start.json": less }), undefined, TOOL)).findings;
    expect(found).toContainEqual(
      expect.objectContaining({ message: expect.stringContaining("other rows than its roster file shows") }),
    );
  });

  it("does not hold with a revoke that is said to be made by files", async () => {
    const files = each((one: CampaignProof["entries"][number]) => one);
    const made = (text: string) =>
      files(text.replace('"how": "applied"', '"how": "files"').replace(/"changes": \[[^\]]*\]/, '"changes": []'));
    expect(await codesOf(altogether({ "proof.json": made }))).toContain("evidence-receipt");
  });

  it("does not hold with something taken away for no reason", async () => {
    const bare = (text: string) => text.replace(/"?Moved to sales"?/, '""');
    expect(await codesOf(altogether({ "decided.json": bare, "roster/ana.yaml": bare }))).toContain("evidence-decision");
  });

  it("does not hold with any one value altered that another file knows", async () => {
    // What nothing else says is for the ledger to tell: figures, versions, when and by whom an apply was approved.
    const alone = [
      /^start\.json (?:figures|tool)/,
      /^(?:decided|about)\.json tool/,
      /^receipts\/1\.json (?:approval\.(?:at|by|digest)|base|converged|tool)/,
      /^proof\.json applied/,
      /^about\.json (?:pulls\.changes|receipts\.0\.ledger\.)/,
    ];
    const accepted: string[] = [];
    let tried = 0;
    for (const { path, text } of evidence) {
      if (!path.endsWith(".json") || ["manifest.json", "report.json"].includes(path)) continue;
      for (const [where, other] of alterations(JSON.parse(text) as Json)) {
        tried += 1;
        const files = evidence.map((file) => (file.path === path ? { path, text: stableJson(other as object) } : file));
        // By what the files say, and not because the page shows it.
        const codes = (await codesOf(signed(files))).filter((code) => code !== "evidence-page");
        if (codes.length === 0 && !alone.some((one) => one.test(`${path} ${where}`))) accepted.push(`${path} ${where}`);
      }
    }
    expect(accepted).toEqual([]);
    expect(tried).toBeGreaterThan(200);
  });

  it("does not hold with a proof turned to gone", async () => {
    const kept = (value: CampaignProof) => ({
      ...value,
      entries: value.entries.map((one) => ({ ...one, result: "gone" })),
    });
    expect(await codesOf(signed(altered("proof.json", kept)))).toContain("evidence-proof");
    // And where the decision was to take it away, by the report of what was read.
    const held = reportOf(liveOf(["bo", "dee"]), PROVED);
    const still = evidence.map(({ path, text }) => ({ path, text: path === "report.json" ? stableJson(held) : text }));
    expect(await codesOf(signed(still))).toContain("evidence-proof");
  });

  it("does not hold with less in what was revoked", async () => {
    expect(await codesOf(signed(altered("revoked.json", () => [])))).toContain("evidence-revoked");
  });

  it.each(["decided.json", "start.json", "receipts/1.json", "manifest.json"])(
    "does not hold where %s says one thing twice",
    async (path) => {
      // Whoever reads from the top sees the first, programs go by the last.
      const files = edited(path, (text) => text.replace(/"(?:id|target)":/, '$& "other", $&'));
      expect(await codesOf(path === "manifest.json" ? files : signed(files))).toContain("evidence-unreadable");
    },
  );

  it("does not hold with a page that says something else", async () => {
    const page = edited("evidence.html", (text) => text.replace("Moved to sales", "Left"));
    expect(await codesOf(page)).toContain("evidence-file-changed");
    expect(await codesOf(signed(page))).toEqual(["evidence-page"]);
  });

  it.each(["start.json", "decided.json", "proof.json", "about.json", "report.json", "receipts/1.json"])(
    "says so when %s is not what it should be",
    async (path) => {
      for (const text of ["{", "[]", "null", '{"entries":[null],"made":[1]}'])
        expect(await codesOf(signed(edited(path, () => text)))).not.toEqual([]);
    },
  );
});

describe("evidence beside a ledger", () => {
  const entry = (files: readonly EvidenceFile[], subject: string) => ({
    files: files.map(({ path, text }) => ({ path, content: text })),
    subject,
    at: new Date(PROVED),
    author: "Rolebook <rolebook@acme.example>",
  });

  /** A repository whose ledger has the campaign, step by step; `change` is what somebody would rather have had recorded. */
  async function recorded(change: (path: string, text: string) => string = (_, text) => text) {
    const folder = initRepository({ "a.yaml": "1" });
    const repository = await open(folder);
    const ledger = openLedger(repository);
    const run = runOf();
    for (const name of ["start.json", "decided.json"]) {
      const path = campaignPath(ID, name);
      await ledger.append(entry([{ path, text: change(path, textOf(name)) }], name));
    }
    const run1 = [
      { path: run.path.start, text: run.text.start },
      { path: run.path.receipt, text: run.text.receipt },
    ].map(({ path, text }) => ({ path, text: change(path, text) }));
    const head = await ledger.append(entry(run1, "apply"));
    const files = closed(head);
    const kept = files.map(({ path, text }) => ({ path: campaignPath(ID, `evidence/${path}`), text }));
    await ledger.append(entry(kept, "closed"));
    return { folder, repository, files };
  }

  it("holds where it was recorded", async () => {
    const { repository, files } = await recorded();
    expect(await checkEvidence(files, repository, TOOL)).toMatchObject({ ledger: true, findings: [] });
    expect(await checkEvidence(files, repository, TOOL, ID)).toMatchObject({ findings: [] });
    // And is that of no other campaign, wherever it was put.
    const { findings } = await checkEvidence(files, repository, TOOL, "another");
    expect(findings.map(({ code }) => code)).toEqual(["evidence-not-recorded"]);
  });

  it("does not hold once a file of it is another, however the manifest was fixed", async () => {
    const { repository, files } = await recorded();
    const other = files.map(({ path, text }) => ({ path, text: path === "definition.json" ? `${text}\n` : text }));
    const found = (await checkEvidence(signed(other), repository, TOOL)).findings;
    expect(found.map(({ code, key }) => [code, key])).toEqual([
      ["evidence-not-recorded", "definition.json"],
      ["evidence-not-recorded", "manifest.json"],
      ["evidence-page", "evidence.html"],
    ]);
  });

  it.each([campaignPath(ID, "decided.json"), campaignPath(ID, "start.json"), `${RUN}/receipt.json`])(
    "does not hold where %s was recorded otherwise",
    async (path) => {
      const { repository, files } = await recorded((at, text) => (at === path ? text.replace("\n", "\n\n") : text));
      const { findings } = await checkEvidence(files, repository, TOOL);
      expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(["evidence-not-recorded"]));
    },
  );

  it.each([
    ["nothing", [null]],
    ["no paths", [{ receipt: "receipts/1.json", start: 1, ledger: { receipt: 7, start: null } }]],
    ["no list of places", [{ receipt: "receipts/1.json", start: "receipts/1-start.json" }]],
    ["paths that lead anywhere", [{ receipt: "a", start: "b", ledger: { receipt: "../x\n", start: "-x:\u0000y" } }]],
  ])("does not hold with a list of receipts that says %s", async (_, receipts) => {
    const { repository, files } = await recorded();
    const other = files.map(({ path, text }) => ({
      path,
      text: path === "about.json" ? stableJson({ ...(JSON.parse(text) as EvidenceAbout), receipts }) : text,
    }));
    const { findings } = await checkEvidence(signed(other), repository, TOOL);
    expect(findings.map(({ code }) => code)).toContain("evidence-not-recorded");
  });

  it("does not hold on a ledger that was rewritten", async () => {
    const { folder, repository, files } = await recorded();
    const tree = git(folder, "rev-parse", `${LEDGER_REF}^{tree}`);
    git(folder, "update-ref", LEDGER_REF, git(folder, "commit-tree", tree, "-m", "all at once"));
    const codes = async (where: typeof repository) =>
      (await checkEvidence(files, where, TOOL)).findings.map(({ code }) => code);
    expect(await codes(repository)).toContain("evidence-not-recorded");
    // Nor in a clone of it, which never had the commits of before.
    const remote = initBare();
    git(folder, "push", "--quiet", remote, "main", LEDGER_REF);
    const work = clone(remote);
    git(work, "fetch", "--quiet", "origin", `${LEDGER_REF}:${LEDGER_REF}`);
    expect(await codes(await open(work))).toContain("evidence-not-recorded");
  });

  it("does not hold on a ledger that edits what it has, or that lost the campaign", async () => {
    const { folder, repository, files } = await recorded();
    const blob = git(folder, "hash-object", "-w", "a.yaml");
    const rewrite = (edit: (...args: string[]) => void, onto: string) => {
      git(folder, "read-tree", LEDGER_REF);
      edit("update-index");
      const tree = git(folder, "write-tree");
      git(folder, "update-ref", LEDGER_REF, git(folder, "commit-tree", tree, "-p", onto, "-m", "edited"));
    };
    const head = git(folder, "rev-parse", LEDGER_REF);
    const path = campaignPath(ID, "decided.json");
    rewrite((command) => git(folder, command, "--cacheinfo", `100644,${blob},${path}`), head);
    expect((await checkEvidence(files, repository, TOOL)).findings.length).toBeGreaterThan(1);
    git(folder, "update-ref", LEDGER_REF, head);
    rewrite((command) => git(folder, command, "--force-remove", campaignPath(ID, "start.json")), head);
    expect((await checkEvidence(files, repository, TOOL)).findings).not.toEqual([]);
  });
});

it("knows an empty folder from evidence", async () => {
  expect(await codesOf([])).toContain("evidence-unreadable");
});

describe("evidence in a folder", () => {
  const fresh = () => {
    const above = mkdtempSync(join(tmpdir(), "rolebook-folder-"));
    onTestFinished(() => rmSync(above, { recursive: true, force: true }));
    return { above, folder: join(above, "evidence") };
  };

  it("is read as it was written", () => {
    const { folder } = fresh();
    writeFolder(folder, "autumn", evidence);
    const byPath = (files: readonly EvidenceFile[]) => new Map(files.map(({ path, text }) => [path, text]));
    expect(byPath(readFolder(folder))).toEqual(byPath(evidence));
  });

  it.each(["../out.txt", "a/../../out.txt", "/out.txt", "..", "a\\..\\b", "C:out.txt", "a//b"])(
    "is not written to %s",
    (path) => {
      const { above, folder } = fresh();
      expect(() => writeFolder(folder, "autumn", [...evidence, { path, text: "x" }])).toThrow("no path in a folder");
      expect(readdirSync(above)).toEqual([]);
    },
  );

  it("has nothing that a link leads to", async () => {
    const { above, folder } = fresh();
    writeFolder(folder, "autumn", evidence);
    writeFileSync(join(above, "decided.json"), textOf("decided.json"));
    rmSync(join(folder, "decided.json"));
    symlinkSync(join(above, "decided.json"), join(folder, "decided.json"));
    expect(await codesOf(readFolder(folder))).toContain("evidence-file-changed");
  });
});
