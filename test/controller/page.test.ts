// The status page in a real browser: served with its policy, read by axe, on a phone and on a desk, light and dark, and by keyboard.
// Screenshots are kept below test-results/, to be looked at.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openLog } from "../../src/controller/log.ts";
import { openMetrics } from "../../src/controller/metrics.ts";
import { type ControllerServer, createServer } from "../../src/controller/server.ts";
import type { Status } from "../../src/model/status.ts";
import { renderStatusPage } from "../../src/report/status-page.tsx";
import { terminalDangers } from "../report/hostile.ts";
import { schemaErrors } from "../report/schema.ts";
import { startBrowser } from "../support/browser.ts";
import { axeViolations, look, type Seen } from "../support/page.ts";
import { BUSY, HOSTILE, NOTHING } from "./status.ts";

const SHOTS = fileURLToPath(new URL("../../test-results/", import.meta.url));

let shown: Status = BUSY;
let server: ControllerServer;
let url: string;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(SHOTS, { recursive: true });
  server = await createServer({
    log: openLog({ write: () => {}, now: () => new Date(0), secrets: () => [] }),
    metrics: openMetrics(),
    status: () => shown,
    stuck: () => undefined,
    deliveries: undefined,
    nudge: () => {},
  });
  url = await server.listen("127.0.0.1", 0);
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
});

interface Look {
  readonly scheme: "light" | "dark";
  readonly width: number;
}

const LOOKS: readonly Look[] = [
  { scheme: "light", width: 360 },
  { scheme: "dark", width: 360 },
  { scheme: "light", width: 1280 },
  { scheme: "dark", width: 1280 },
];

function open(status: Status, { scheme, width }: Look, use: (seen: Seen) => Promise<void>): Promise<void> {
  shown = status;
  return look(browser, url, { colorScheme: scheme, viewport: { width, height: 800 } }, use);
}

describe("the status page", () => {
  for (const look of LOOKS)
    it(`${look.scheme} at ${look.width} pixels: no violation, no sideways scrolling, nothing fetched, nothing complained of`, async () => {
      for (const [name, status] of Object.entries({ busy: BUSY, nothing: NOTHING, hostile: HOSTILE }))
        await open(status, look, async ({ page, complaints, requests }) => {
          await page.screenshot({
            path: join(SHOTS, `status-${name}-${look.scheme}-${look.width}.png`),
            fullPage: name !== "hostile",
          });
          expect(await page.evaluate("document.documentElement.scrollWidth"), name).toBeLessThanOrEqual(look.width);
          expect([complaints, requests], name).toEqual([[], [`${url}/`]]);
          expect(await axeViolations(page), name).toEqual([]);
          expect(await page.evaluate("getComputedStyle(document.body).maxWidth"), "the style sheet is allowed").toBe(
            "1024px",
          );
        });
    });

  it("can be walked by keyboard: the way past the header first, then every link, each with its outline", async () => {
    await open(BUSY, { scheme: "light", width: 360 }, async ({ page }) => {
      const focused = () =>
        page.evaluate(
          "(() => { const e = document.activeElement; const s = getComputedStyle(e); return [e.tagName, e.textContent, s.outlineStyle, e.getBoundingClientRect().left >= 0] })()",
        ) as Promise<[string, string, string, boolean]>;
      await page.keyboard.press("Tab");
      expect(await focused()).toEqual(["A", "Skip to the content", "solid", true]);
      await page.keyboard.press("Enter");
      expect((await focused())[0]).toBe("MAIN");
      await page.goto(url);
      const links = (await page.evaluate(
        "[...document.querySelectorAll('a[href]')].map((link) => link.textContent)",
      )) as string[];
      const walked: string[] = [];
      for (const _ of links) {
        await page.keyboard.press("Tab");
        const [tag, text, outline, visible] = await focused();
        expect([tag, outline, visible], text).toEqual(["A", "solid", true]);
        walked.push(text);
      }
      expect(walked).toEqual(links);
      expect(links).toEqual(expect.arrayContaining(["acme/access", "#41", "#44", "Load again", "as JSON", "metrics"]));
    });
  });

  it("has landmarks and headings in order, and says what matters in words and not in colours", async () => {
    await open(BUSY, { scheme: "light", width: 1280 }, async ({ page }) => {
      for (const landmark of ["header", "main", "footer"])
        expect(await page.locator(landmark).count(), landmark).toBe(1);
      expect(await page.locator("h1, h2").allTextContents()).toEqual([
        "Rolebook: acme/access",
        "Targets",
        "Held changes",
        "Open pull requests",
        "Access reviews",
        "Recent receipts",
        "Queue",
        "Last errors",
      ]);
      const badges = await page.locator("#targets + * .badge, section:first-of-type .badge").allTextContents();
      expect(badges).toEqual(["in step", "23 held", "frozen", "paused", "refused"]);
      expect(await page.locator("#campaigns ~ ul .badge").allTextContents()).toEqual([
        "being closed",
        "overdue",
        "being decided",
      ]);
      expect(await page.locator("#campaigns ~ ul").textContent()).toContain(
        "31 of 48 entries decided; due on 2027-01-15",
      );
      expect(await page.locator("#held ~ p").allTextContents()).toEqual(["and 21 more"]);
      const commit = page.locator(
        'a[href="https://git.example/acme/access/commit/1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c"]',
      );
      expect(await commit.first().textContent()).toBe("1f0c1f0c1f0c");
    });
  });

  it("comes with a policy that allows nothing but itself, and is never kept", async () => {
    const answer = await fetch(url);
    expect(answer.headers.get("content-security-policy")).toMatch(
      /^default-src 'none';style-src 'sha256-[A-Za-z0-9+/=]{44}';img-src data:;base-uri 'none';form-action 'none';frame-ancestors 'none'$/,
    );
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    for (const path of ["/healthz", "/readyz", "/metrics", "/status.json", "/nothing"]) {
      const other = await fetch(`${url}${path}`);
      expect(other.headers.get("content-security-policy"), path).toContain("default-src 'none'");
      expect(other.status, path).toBe(path === "/nothing" ? 404 : 200);
    }
    for (const method of ["POST", "PUT", "DELETE"]) expect((await fetch(url, { method })).status, method).toBe(404);
  });

  it("is the same for the same status, and its JSON is as the schema says", async () => {
    expect(renderStatusPage(BUSY)).toBe(renderStatusPage(structuredClone(BUSY)));
    for (const status of [BUSY, NOTHING, HOSTILE]) {
      shown = status;
      const json = await (await fetch(`${url}/status.json`)).json();
      expect(schemaErrors("status", json)).toEqual([]);
      expect(json).toEqual(JSON.parse(JSON.stringify(status)));
    }
    expect(schemaErrors("status", { ...BUSY, version: 2 }).length).toBe(1);
  });

  it("makes hostile text harmless: no tag, no address and no invisible character of its", () => {
    const page = renderStatusPage(HOSTILE);
    expect(page).not.toMatch(/<h1>out/i);
    // Names may say what they like between tags; within them nothing is theirs.
    const tags = page.match(/<[a-z!/][^>]*>/gi) ?? [];
    expect(tags.length).toBeGreaterThan(50);
    for (const tag of tags)
      expect(tag).not.toMatch(/^<(?:script|img|iframe|svg)|javascript:|evil|<a href="(?!#content|\/|https:\/\/git)/i);
    expect(terminalDangers(page.replaceAll("\n", " ")).filter((danger) => danger.startsWith("U+"))).toEqual([]);
  });
});
