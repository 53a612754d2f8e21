// A review's page in a real browser, opened from a folder as people open it: found, filtered, ordered, shared, printed, read by axe, and
// walked by keyboard; light and dark, on a desk and on a phone. Screenshots are kept below test-results/, to be looked at.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SCRIPT, STYLE } from "../../src/generated/review-page.ts";
import type { ReviewReport, ReviewRow } from "../../src/model/review.ts";
import { renderReviewHtml } from "../../src/report/review-html.tsx";
import { startBrowser } from "../support/browser.ts";
import { axeViolations, type Folder, look, openFolder } from "../support/page.ts";
import { hostileReview, LARGE, sampleReview } from "../support/review.ts";
import { terminalDangers } from "./hostile.ts";

const SHOTS = fileURLToPath(new URL("../../test-results/", import.meta.url));
const DESK = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true };

const REPORT = sampleReview();
const BUSIEST = REPORT.people[0]?.member ?? "";

let browser: Browser;
let folder: Folder;
let address: string;

function render(report: ReviewReport): string[] {
  return [...renderReviewHtml(report, { script: SCRIPT, style: STYLE })];
}

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  folder = openFolder();
  address = folder.put("review.html", render(REPORT));
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  folder?.remove();
});

/** How many grants the table says it has. */
async function found(page: Page): Promise<number> {
  const text = (await page.locator(".found").textContent()) ?? "";
  return Number(/^[\d,]+/.exec(text)?.[0].replaceAll(",", ""));
}

/** What the table's first rows show: the person's address and what they hold. */
async function firstRows(page: Page): Promise<string[]> {
  const rows = page.locator(".grid-body .grid-row");
  return rows.evaluateAll((elements) =>
    elements.slice(0, 6).map((row) =>
      [".c-person", ".c-what", ".c-level .level", ".c-where"]
        .map((part) => {
          const cell = row.querySelector(part);
          return cell?.getAttribute("title") ?? cell?.textContent;
        })
        .join("|"),
    ),
  );
}

function shown({ member, resource, level, target, scope }: ReviewRow): string {
  return [member, resource, level, `${target}: ${scope}`].join("|");
}

describe("the page of a review", () => {
  it("finds, filters and orders grants as somebody types and picks", async () => {
    await look(browser, `${address}#view=grants`, DESK, async ({ page, complaints }) => {
      expect(await found(page)).toBe(REPORT.rows.length);
      expect(await firstRows(page)).toEqual(REPORT.rows.slice(0, 6).map(shown));
      await page.getByRole("searchbox").fill("ana admin");
      const ana = REPORT.rows.filter((row) => {
        const person = REPORT.people.find(({ member }) => member === row.member);
        const words = [row.member, person?.name ?? "", row.resource, row.scope, row.level, row.target].concat(
          row.risk.reasons.map(({ code }) => code),
          row.paths.flatMap(({ group, role, provenance }) => {
            return [group ?? "", role ?? "", provenance.author ?? "", ...provenance.approvers];
          }),
        );
        return ["ana", "admin"].every((word) => words.some((text) => text.toLowerCase().includes(word)));
      });
      expect(await found(page)).toBe(ana.length);
      await page.getByRole("searchbox").fill("");
      await page.getByRole("combobox", { name: "Where" }).selectOption("production");
      await page.getByRole("combobox", { name: "Risk" }).selectOption("high");
      const risky = REPORT.rows.filter(({ scope, risk }) => scope === "production" && risk.score >= 45);
      expect(await found(page)).toBe(risky.length);
      await page.getByRole("button", { name: "Person", exact: true }).click();
      const [first] = risky.map(({ member }) => member).sort();
      expect((await firstRows(page))[0]).toContain(`${first}|`);
      expect(await page.getByRole("columnheader", { name: "Person" }).getAttribute("aria-sort")).toBe("ascending");
      await page.getByRole("button", { name: "Person", exact: true }).click();
      expect((await firstRows(page))[0]).toContain(
        `${risky
          .map(({ member }) => member)
          .sort()
          .at(-1)}|`,
      );
      await page.getByRole("button", { name: "Clear all" }).click();
      expect(await found(page)).toBe(REPORT.rows.length);
      expect(complaints).toEqual([]);
    });
  });

  it("leads from a figure, a cell of the map and a group to their grants", async () => {
    await look(browser, address, DESK, async ({ page }) => {
      const tile = page.getByRole("button", { name: /^Outliers/ });
      await tile.click();
      expect(await found(page)).toBe(REPORT.figures.outliers);
      expect(await tile.getAttribute("aria-pressed")).toBe("true");
      await tile.click();
      expect(await found(page)).toBe(REPORT.rows.length);
      for (const [name, wanted] of [
        ["High risk", REPORT.figures.highRisk],
        ["Outlived", REPORT.figures.outlived],
        ["Not in Git", REPORT.figures.notInGit],
      ] as const) {
        await page
          .getByRole("button", { name: new RegExp(`^${name}`) })
          .first()
          .click();
        expect(await found(page), name).toBe(wanted);
      }
      await page.getByRole("button", { name: "Overview" }).click();
      await page.locator(".map-row").first().locator(".map-cell:not(.none)").first().click();
      const { target, scope } = { target: REPORT.targets[0]?.name, scope: REPORT.targets[0]?.scopes[0] };
      const there = REPORT.rows.filter((row) => row.member === BUSIEST && row.target === target && row.scope === scope);
      expect(await found(page)).toBe(there.length);
      await page.getByRole("button", { name: "Groups", exact: false }).first().click();
      const [group] = REPORT.groups.toSorted((a, b) => b.grants - a.grants);
      await page.getByRole("button", { name: group?.name ?? "", exact: true }).click();
      expect(await found(page)).toBe(group?.grants);
    });
  });

  it("shows by which way a person comes by what they hold, with every line, commit and pull request", async () => {
    await look(browser, `${address}#person=${encodeURIComponent(BUSIEST)}`, DESK, async ({ page }) => {
      const dialog = page.getByRole("dialog");
      const rows = REPORT.rows.filter(({ member }) => member === BUSIEST);
      const paths = rows.flatMap((row) => row.paths);
      const groups = new Set(paths.map(({ group }) => group));
      expect(await dialog.locator(".node.layer-1").count()).toBe(groups.size);
      expect(await dialog.locator(".node.layer-2").count()).toBe(new Set(paths.map(({ role }) => role)).size);
      const texts = await dialog.locator(".node").evaluateAll((nodes) =>
        nodes.map((node) => {
          const { left, right, top, bottom } = (node.querySelector("text") as Element).getBoundingClientRect();
          const edge = (node.closest("svg") as Element).getBoundingClientRect().right;
          return { left, right, top, bottom, edge };
        }),
      );
      for (const [at, a] of texts.entries()) {
        expect(a.right).toBeLessThanOrEqual(a.edge + 1);
        for (const b of texts.slice(at + 1))
          expect(a.left < b.right && b.left < a.right && a.top + 1 < b.bottom && b.top + 1 < a.bottom).toBe(false);
      }
      // On a desk nobody has to push the picture aside to see all of it.
      expect(await dialog.locator(".flow").evaluate((box) => box.scrollWidth - box.clientWidth)).toBe(0);
      await dialog.getByText("The same in words").click();
      expect(await dialog.locator(".flow-words > ul > li").count()).toBe(groups.size);
      const hrefs = new Set(
        await dialog.locator("a[href]").evaluateAll((links) => links.map((link) => link.getAttribute("href"))),
      );
      const base = REPORT.repository?.url ?? "";
      const head = REPORT.targets[0]?.commit;
      for (const { provenance, ...path } of paths) {
        for (const place of [path.membershipPlace, path.groupPlace, path.rolePlace])
          if (place) expect(hrefs).toContain(`${base}/blob/${head}/${place.file}#L${place.line}`);
        if (provenance.commit) expect(hrefs).toContain(`${base}/commit/${provenance.commit}`);
        if (provenance.pull) expect(hrefs).toContain(`${base}/pull/${provenance.pull}`);
        for (const approver of provenance.approvers) expect(await dialog.textContent()).toContain(approver);
      }
      await dialog.getByRole("button", { name: "Show in the table" }).click();
      expect(await found(page)).toBe(rows.length);
    });
  });

  it("keeps what is looked at in its address: shared, gone back to and forward", async () => {
    await look(browser, address, DESK, async ({ page }) => {
      await page.getByRole("button", { name: /^Outliers/ }).click();
      await page.getByRole("searchbox").fill("acme");
      await page.getByRole("button", { name: "Person", exact: true }).click();
      await page.locator(".grid-body .grid-row").first().click();
      const name = await page.getByRole("dialog").getByRole("heading", { level: 2 }).textContent();
      await page.waitForURL(/person=/);
      const shared = page.url();
      await page.goBack();
      expect(await page.getByRole("dialog").count()).toBe(0);
      const before = await firstRows(page);
      await page.goBack();
      await page.goBack();
      expect(await page.getByRole("grid", { name: "People by scope" }).count()).toBe(1);
      await page.goForward();
      await page.goForward();
      expect(await firstRows(page)).toEqual(before);
      await look(browser, shared, DESK, async ({ page: other }) => {
        expect(await other.getByRole("dialog").getByRole("heading", { level: 2 }).textContent()).toBe(name);
        await other.getByRole("button", { name: "Close" }).click();
        expect(await other.getByRole("searchbox").inputValue()).toBe("acme");
        expect(await firstRows(other)).toEqual(before);
      });
    });
  });

  it("says that a shared link is about somebody who is not in it", async () => {
    await look(browser, `${address}#person=${encodeURIComponent("<b>gone@acme.example")}`, DESK, async ({ page }) => {
      const said = page.getByText("Nobody in this report is called <b>gone@acme.example");
      await expect.poll(() => said.count()).toBe(1);
      await page.getByRole("button", { name: "Grants", exact: false }).nth(1).click();
      await expect.poll(() => said.count()).toBe(0);
    });
  });

  it("can be used by keyboard alone", async () => {
    await look(browser, `${address}#view=grants`, DESK, async ({ page }) => {
      const press = (key: string) => page.keyboard.press(key);
      const focused = () =>
        page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent");
      const active = () =>
        page.evaluate(
          "document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.getAttribute('aria-rowindex')",
        );
      await press("Tab");
      expect(await focused()).toBe("Skip to the content");
      await press("Enter");
      expect(await focused()).toBe("Grants");
      await press("/");
      await page.keyboard.type("acme");
      expect(await page.getByRole("searchbox").inputValue()).toBe("acme");
      await page.getByRole("searchbox").fill("");
      for (
        let tabs = 0;
        tabs < 20 && (await page.evaluate("document.activeElement.getAttribute('role')")) !== "grid";
        tabs++
      )
        await press("Tab");
      expect(await focused()).toBe("Grants");
      expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
      expect(await active()).toBe("2");
      for (const [key, row] of [
        ["ArrowDown", 3],
        ["End", REPORT.rows.length + 1],
        ["ArrowDown", REPORT.rows.length + 1],
        ["ArrowUp", REPORT.rows.length],
        ["Home", 2],
        ["PageDown", undefined],
        ["PageUp", 2],
      ] as const) {
        await press(key);
        // A row is drawn once the table has scrolled to it.
        await expect
          .poll(active, { message: key })
          .toMatch(row === undefined ? /^(?:[4-9]|\d\d)$/ : new RegExp(`^${row}$`));
      }
      await press("Enter");
      expect(await page.getByRole("dialog").count()).toBe(1);
      await press("Escape");
      expect(await page.getByRole("dialog").count()).toBe(0);
      await expect.poll(focused).toBe("Grants");
      await page.goto(address);
      await page.getByRole("grid").focus();
      for (const key of ["ArrowDown", "ArrowRight", "Enter"]) await press(key);
      expect(await found(page)).toBeGreaterThan(0);
      expect(page.url()).toContain("who=");
    });
  });

  it("is printed whole: the figures, the summaries and every chosen grant, on white, as a PDF", async () => {
    const chosen = REPORT.rows.filter(({ scope }) => scope === "production");
    await look(
      browser,
      `${address}#view=grants&scope=production`,
      { ...DESK, colorScheme: "dark" },
      async ({ page, complaints }) => {
        await page.emulateMedia({ media: "print" });
        const rows = page.locator(".paper-grants tbody tr");
        await expect.poll(() => rows.count()).toBe(chosen.length);
        expect(await page.locator(".screen").isVisible()).toBe(false);
        expect(await page.evaluate("getComputedStyle(document.body).backgroundColor")).toBe("rgb(255, 255, 255)");
        const text = (await page.locator(".paper").innerText()).replaceAll(/\s+/g, " ");
        for (const { member, resource } of chosen) {
          expect(text).toContain(member);
          expect(text).toContain(resource);
        }
        expect(text).toContain("Who can do the most");
        const pdf = await page.pdf({ format: "A4", landscape: true });
        expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
        // The long list alone would be one page.
        expect(pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThan(2);
        await page.emulateMedia({ media: "screen" });
        await expect.poll(() => rows.count()).toBe(0);
        expect(complaints).toEqual([]);
      },
    );
  });

  it("is light or dark as the system says, until somebody chooses", async () => {
    await look(browser, address, { ...DESK, colorScheme: "dark" }, async ({ page }) => {
      const back = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
      const dark = await back();
      await page.getByRole("button", { name: "Dark" }).click();
      const light = await back();
      expect([dark, light]).toEqual(["rgb(13, 17, 23)", "rgb(246, 247, 249)"]);
      await page.reload();
      expect(await back()).toBe(light);
    });
  });

  it("lets nobody work in it but itself, and asks for nothing", async () => {
    await look(browser, address, DESK, async ({ page, complaints, requests }) => {
      expect(requests).toEqual([address]);
      const policy = (await page.locator("meta[http-equiv]").getAttribute("content")) ?? "";
      expect(policy).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; script-src 'sha256-[\w+/]{43}='; img-src data:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/,
      );
      expect(complaints).toEqual([]);
      // What the page would do if a name got out of its place.
      await page.evaluate(
        "(() => { const s = document.createElement('script'); try { s.textContent = 'window.hacked = 1' } catch {} document.body.append(s); try { document.body.setAttribute('onclick', 'window.hacked = 2'); } catch {} document.body.click(); try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>'); } catch {} const i = new Image(); i.src = 'https://127.0.0.1:9/x'; })()",
      );
      expect(await page.evaluate("window.hacked")).toBeUndefined();
      expect(complaints.join("\n")).toContain("Content Security Policy");
    });
  });

  it("shows hostile names as names", async () => {
    const html = render(hostileReview());
    const hostile = folder.put("hostile.html", html);
    for (const view of [
      "",
      "#view=grants",
      "#view=groups",
      "#view=keys",
      "#view=history",
      `#person=${encodeURIComponent("<script>")}`,
    ])
      await look(browser, `${hostile}${view}`, DESK, async ({ page, complaints, requests }) => {
        if (view === "#view=grants") await page.locator(".grid-body .grid-row").first().click();
        expect([complaints, requests.slice(1)], view).toEqual([[], []]);
        expect(await page.evaluate("document.documentElement.scrollWidth"), view).toBeLessThanOrEqual(1440);
        expect(await page.locator("script").count()).toBe(2);
        expect(
          await page.locator("#page :is(img, iframe, object, base, form), dialog :is(img, iframe, a)").count(),
        ).toBe(0);
        const text = (await page.locator("body").innerText()).replaceAll(/[\n\t]/g, " ");
        expect(terminalDangers(text).filter((danger) => danger.startsWith("U+"))).toEqual([]);
        await page.emulateMedia({ media: "print" });
        await expect.poll(() => page.locator(".paper tbody tr").count()).toBeGreaterThan(10);
        expect(complaints).toEqual([]);
      });
    expect(html.join("")).not.toMatch(/<(?:img|h1>out|b>out)|href="(?!data:,)/);
  });

  it("says the summaries where no script may run", async () => {
    await look(browser, address, { ...DESK, javaScriptEnabled: false }, async ({ page }) => {
      expect(await page.locator("noscript h1").innerText()).toBe("Access review");
      const text = await page.locator("noscript").innerText();
      for (const said of [BUSIEST, "Who can do the most", String(REPORT.figures.grants), "legacy-importer"])
        expect(text).toContain(said);
    });
  });

  for (const [name, options] of [
    ["light-1440", { ...DESK, colorScheme: "light" }],
    ["dark-1440", { ...DESK, colorScheme: "dark" }],
    ["light-390", { ...PHONE, colorScheme: "light" }],
    ["dark-390", { ...PHONE, colorScheme: "dark" }],
  ] as const)
    it(`${name}: no violation by axe, no sideways scrolling, nothing complained of, in every view`, async () => {
      const views = {
        overview: "",
        grants: "view=grants",
        groups: "view=groups",
        keys: "view=keys",
        history: "view=history",
        person: `person=${encodeURIComponent(BUSIEST)}`,
      };
      for (const [view, fragment] of Object.entries(views))
        await look(
          browser,
          `${address}#${fragment}`,
          { ...options, reducedMotion: "reduce" },
          async ({ page, complaints }) => {
            await page.screenshot({ path: join(SHOTS, `review-${view}-${name}.png`), fullPage: view === "overview" });
            expect(await page.evaluate("document.documentElement.scrollWidth"), view).toBeLessThanOrEqual(
              options.viewport.width,
            );
            expect(await axeViolations(page), view).toEqual([]);
            expect(complaints, view).toEqual([]);
          },
        );
    });

  it("shows on the smallest phone all views to choose from, and what was chosen", async () => {
    await look(browser, address, { ...PHONE, viewport: { width: 360, height: 640 } }, async ({ page }) => {
      const tabs = page.getByRole("navigation", { name: "Views" });
      expect(await tabs.evaluate((row) => row.scrollWidth - row.clientWidth)).toBe(0);
      expect(await page.locator(".tiles").isVisible()).toBe(true);
      await tabs.getByRole("button", { name: "Grants" }).click();
      expect((await page.getByRole("searchbox").boundingBox())?.y).toBeLessThan(640);
    });
  });

  it("counts accounts, says how many people they are, and says a reason once", async () => {
    await look(browser, address, DESK, async ({ page }) => {
      const people = new Set(REPORT.people.map(({ member }) => member.toLowerCase())).size;
      expect(people).toBeLessThan(REPORT.figures.people);
      await expect.poll(() => page.locator(".tile").first().innerText()).toContain(`accounts of ${people} people`);
    });
    const [row] = REPORT.rows;
    const [reason] = row?.risk.reasons ?? [];
    if (!row || !reason) throw new Error("the first row has no risk");
    const twice = { ...row, risk: { ...row.risk, reasons: [reason, { ...reason, text: "And another" }] } };
    const report = { ...REPORT, rows: [twice, ...REPORT.rows.slice(1)] };
    await look(browser, `${folder.put("twice.html", render(report))}#view=grants`, DESK, async ({ page }) => {
      const why = page.locator(".grid-body .grid-row").first().locator(".c-why");
      expect(await why.innerText()).not.toContain("·");
      expect(await why.getAttribute("title")).toContain("And another");
    });
  });

  it("opens a hundred thousand grants, and answers", async () => {
    const large = sampleReview(LARGE);
    expect(large.rows.length).toBeGreaterThan(100_000);
    await look(browser, folder.put("large.html", render(large)), DESK, async ({ page, complaints }) => {
      expect(await page.locator(".map-row").count()).toBeLessThan(60);
      await page.getByRole("button", { name: "Grants", exact: false }).nth(1).click();
      expect(await found(page)).toBe(large.rows.length);
      expect(await page.locator(".grid-body .grid-row").count()).toBeLessThan(60);
      await page.getByRole("searchbox").fill("admin staging");
      await expect.poll(() => found(page)).toBeLessThan(large.rows.length);
      await page.getByRole("searchbox").fill("");
      await page.getByRole("grid").focus();
      await page.keyboard.press("End");
      const last = page.locator(`[aria-rowindex="${large.rows.length + 1}"]`);
      await last.click();
      const person = large.people.find(({ member }) => member === large.rows.at(-1)?.member);
      expect(await page.getByRole("dialog").getByRole("heading", { level: 2 }).textContent()).toBe(person?.name);
      expect(complaints).toEqual([]);
    });
  });
});
