// The page of a campaign's evidence, as an auditor opens it: what was taken away stands first, all of it is on paper, and no name in it is
// more than a name.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CampaignStart, DecidedEntry, Decision, ProvedEntry } from "../../src/model/campaign.ts";
import { renderEvidenceHtml } from "../../src/report/evidence-html.tsx";
import { evidenceRows, figuresOfEvidence, type ShownEvidence } from "../../src/report/evidence-rows.ts";
import { startOf } from "../plan/review/campaign.ts";
import { startBrowser } from "../support/browser.ts";
import { axeViolations, type Folder, look, openFolder } from "../support/page.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";

const AT = "2026-10-08T12:00:00.000Z";
const SHA = "a".repeat(64);

interface Case {
  readonly member: string;
  readonly decision?: Decision;
  readonly by?: DecidedEntry["by"];
  readonly result: ProvedEntry["result"];
  readonly gives?: number;
}

const CASES: readonly Case[] = [
  { member: "ana@acme.example", decision: { decision: "keep" }, result: "kept", gives: 9 },
  { member: "bo@acme.example", decision: { decision: "revoke" }, result: "gone" },
  { member: "cy@acme.example", decision: { decision: "reduce", level: "view" }, result: "reduced" },
  { member: "dee@acme.example", decision: { decision: "until", until: "2027-01-31" }, by: "fallback", result: "ends" },
  { member: "eve@acme.example", decision: { decision: "revoke" }, by: "default", result: "still-there" },
  { member: "fay@acme.example", result: "vanished" },
];

function evidenceOf(cases: readonly Case[], name: (text: string) => string = (text) => text): ShownEvidence {
  const base = startOf([]);
  const entries = cases.map(({ member, gives = 1 }, at) => ({
    ...{ id: String(at).padStart(16, "0"), target: "acme", member: name(member), groups: [name("Makers")], roles: [] },
    gives: Array.from({ length: gives }, (_, line) => name(`Thing ${line}: edit in dev`)),
  }));
  const decided = cases.flatMap(({ decision, by = "reviewer" }, at): DecidedEntry[] => {
    if (!decision) return [];
    const approval = { pull: 7, review: 1, login: "hana", commit: "c".repeat(40), at: AT };
    const who = by === "default" ? {} : { approval };
    return [
      {
        ...{ entry: entries[at]?.id ?? "", decision, justification: name("Because"), by },
        ...{ who: by === "default" ? "" : name("hana@acme.example"), ...who },
      },
    ];
  });
  return {
    start: { ...base, entries } as unknown as CampaignStart,
    decided: {
      ...{ version: 1, id: base.id, at: AT, pull: 7, commit: "d".repeat(40), entries: decided },
      approvals: [
        {
          ...{ login: name("hana"), members: [name("hana@acme.example")], pull: 7, review: 1, commit: "c".repeat(40) },
          ...{ at: AT, files: [{ path: name("policies/reviews/hana.yaml"), sha256: SHA }] },
        },
      ],
      findings: [{ severity: "warning", code: "blanket-approval", message: name("All at once") }],
    } as unknown as ShownEvidence["decided"],
    proof: {
      ...{ version: 1, at: AT, applied: {}, renamed: [] },
      entries: cases.map(({ result }, at) => ({ entry: entries[at]?.id ?? "", result, holds: {} })),
      made: [{ entry: entries[1]?.id ?? "", receipt: "receipts/1.json" }],
    } as unknown as ShownEvidence["proof"],
    about: {
      ...{ version: 1, id: base.id, tool: name("rolebook 0.0.0"), closedAt: AT, receipts: [], ledger: null },
      ...{
        commits: { start: "b".repeat(40), decided: "d".repeat(40), changes: null },
        pulls: { roster: 7, changes: null },
      },
    },
    digests: { "start.json": SHA, [name("roster/hana.yaml")]: SHA },
  };
}

it("counts what became of the entries, and what should worry", () => {
  const figures = figuresOfEvidence(evidenceRows(evidenceOf(CASES)));
  expect(figures.map(({ figure, name, alarming }) => `${figure} ${name}${alarming ? "!" : ""}`)).toEqual([
    "6 entries",
    "1 kept",
    "1 taken away",
    "1 reduced",
    "1 with an end",
    "1 gone before",
    "1 by default!",
    "1 not as decided!",
  ]);
  expect(figuresOfEvidence([]).map(({ figure, name }) => `${figure} ${name}`)).toEqual(["0 entries"]);
});

describe("the page", () => {
  let browser: Browser;
  let folder: Folder;
  let address: string;
  beforeAll(async () => {
    folder = openFolder();
    address = folder.put("evidence.html", [renderEvidenceHtml(evidenceOf(CASES))]);
    browser = await startBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    folder?.remove();
  });

  it("shows what was taken away before what was kept, each with its proof", async () => {
    await look(browser, address, {}, async ({ page, complaints, requests }) => {
      const rowsOf = async (title: string) => {
        const section = page.locator("section", { has: page.getByRole("heading", { name: title }) });
        const rows = await section.getByRole("row").allInnerTexts();
        return rows.slice(1).map((row) => row.replaceAll(/\s+/g, " ").trim());
      };
      expect(await rowsOf("Taken away or limited")).toEqual([
        "bo@acme.example acme: Makers Thing 0: edit in dev revoke Because hana@acme.example 2026-10-08 12:00 UTC gone receipts/1.json",
        "cy@acme.example acme: Makers Thing 0: edit in dev reduce to view Because hana@acme.example 2026-10-08 12:00 UTC reduced",
        "dee@acme.example acme: Makers Thing 0: edit in dev until 2027-01-31 Because hana@acme.example 2026-10-08 12:00 UTC ends",
        "eve@acme.example acme: Makers Thing 0: edit in dev revoke Because nobody, by default still there",
      ]);
      expect(await rowsOf("Kept")).toEqual([expect.stringContaining("and 6 more")]);
      expect(await rowsOf("Gone before anybody decided")).toEqual([expect.stringContaining("fay@acme.example")]);
      expect([requests, complaints]).toEqual([[address], []]);
    });
  });

  it("has everything on paper, also what is folded on the screen", async () => {
    await look(browser, address, {}, async ({ page }) => {
      const last = page.getByText("Thing 8: edit in dev");
      expect(await last.isVisible()).toBe(false);
      await page.emulateMedia({ media: "print" });
      await expect.poll(async () => (await last.boundingBox())?.height ?? 0).toBeGreaterThan(5);
      expect(await page.getByText("and 6 more").isVisible()).toBe(false);
    });
  });

  for (const colorScheme of ["light", "dark"] as const)
    for (const width of [1280, 360])
      it(`${colorScheme}, ${width} wide: nothing beside the page, and no violation by axe`, async () => {
        await look(browser, address, { viewport: { width, height: 800 }, colorScheme }, async ({ page }) => {
          expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
          for (const cell of await page.locator("td").all())
            expect(await cell.evaluate((one) => one.getBoundingClientRect().right)).toBeLessThanOrEqual(width);
          expect(await axeViolations(page)).toEqual([]);
        });
      });

  it("shows hostile names as names", async () => {
    let at = 0;
    const next = (text: string) => `${HOSTILE_NAMES[at++ % HOSTILE_NAMES.length]} ${text}`;
    const html = renderEvidenceHtml(
      evidenceOf(
        HOSTILE_NAMES.flatMap(() => CASES.slice(0, 2)),
        next,
      ),
    );
    expect(at).toBeGreaterThan(4 * HOSTILE_NAMES.length);
    await look(browser, folder.put("hostile.html", [html]), {}, async ({ page, complaints, requests }) => {
      expect([complaints, requests.slice(1)]).toEqual([[], []]);
      expect(await page.locator("main :is(img, script, iframe, object, a, form)").count()).toBe(0);
      const text = (await page.locator("body").innerText()).replaceAll(/[\n\t]/g, " ");
      expect(terminalDangers(text).filter((danger) => danger.startsWith("U+"))).toEqual([]);
    });
  });
});
