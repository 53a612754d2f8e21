// A page that is one file, opened as whoever is sent it opens it: from a folder, in a browser that reaches nothing, with everything noted
// that it asks for or complains of. And what axe says of it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export interface Folder {
  /** Writes a file and says its address. */
  readonly put: (name: string, parts: Iterable<string>) => string;
  readonly remove: () => void;
}

export function openFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-page-"));
  return {
    put: (name, parts) => {
      const file = join(folder, name);
      writeFileSync(file, [...parts].join(""));
      return pathToFileURL(file).href;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** A page, and what it did besides showing itself. */
export interface Seen {
  readonly page: Page;
  /** What its console, its errors and its dialogs say. */
  readonly complaints: string[];
  readonly requests: string[];
}

/** Opens the address in a browser's context of its own, and closes that afterwards. */
export async function look(
  browser: Browser,
  address: string,
  options: BrowserContextOptions,
  use: (seen: Seen) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  try {
    const page = await context.newPage();
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("dialog", (dialog) => {
      complaints.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(address);
    await use({ page, complaints, requests });
  } finally {
    await context.close();
  }
}

/** What axe has against the page as it is, all its rules on. The page's policy forbids scripts; evaluating is the debugger's. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = (await page.evaluate("axe.run(document, { resultTypes: ['violations'] })")) as AxeResults;
  expect(results.passes.length).toBeGreaterThan(10);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  );
}
