// An access review at a terminal, as Markdown and as JSON: what people look at first comes first, nothing is folded silently, no name
// is more than a name, and very many grants are bearable.
import { describe, expect, test } from "vitest";
import type { ReviewReport } from "../../src/model/review.ts";
import { escapeResult } from "../../src/report/escape.ts";
import { renderReviewJson } from "../../src/report/review-json.ts";
import { renderReviewMarkdown } from "../../src/report/review-markdown.ts";
import { renderReviewText } from "../../src/report/review-text.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { injections } from "./injections.ts";
import { exampleReview, FIGURES, largeReview, reviewCalled } from "./review-examples.ts";
import { schemaErrors } from "./schema.ts";

const WIDE = { color: false, width: 110, full: false };

function textOf(report: ReviewReport, options: Partial<typeof WIDE> = {}): string {
  return [...renderReviewText(report, { ...WIDE, ...options })].join("");
}

function markdownOf(report: ReviewReport, limit?: number): string {
  return [...renderReviewMarkdown(report, limit === undefined ? {} : { limit })].join("");
}

function jsonOf(report: ReviewReport): string {
  return [...renderReviewJson(report)].join("");
}

const EMPTY = exampleReview({
  ...{
    rows: [],
    people: [],
    keys: [],
    groups: [],
    scopes: [],
    changes: null,
    trends: [],
    findings: [],
    source: "files",
  },
  figures: { ...FIGURES, people: 0, grants: 0, ownerEquivalent: 0, dormant: 0, outliers: 0, outlived: 0, notInGit: 0 },
});

describe("at a terminal", () => {
  test("what it looks like", async () => {
    await expect(textOf(exampleReview())).toMatchFileSnapshot("golden/review.txt");
  });

  test("of one target, which no line names again", () => {
    const report = exampleReview();
    const one = textOf({ ...report, targets: report.targets.slice(0, 1) }, { width: 300 });
    expect(one).toMatch(/^Access review of acme at 2026-10-01 06:00 UTC, as the platforms have it\n/);
    expect(one).toContain("critical 95  ana@acme.example  Everything: owner, organization-wide\n");
  });

  test("what is not shown is counted, and --full shows it", () => {
    const report = largeReview(300, 100);
    const folded = textOf(report);
    expect(folded).toContain("… and 90 more; --full shows all");
    expect(folded).toContain("The riskiest grants (20 of 300)");
    expect(folded).toContain("… and 280 more grants; --full shows all");
    const full = textOf(report, { full: true });
    expect(full).not.toContain("--full");
    for (const { member } of report.people) expect(full).toContain(`  medium 40  acme: ${member}`);
  });

  test("of a day before anything was applied", () => {
    const { targets } = exampleReview();
    const before = { ...exampleReview(), targets: targets.map((target) => ({ ...target, commit: null })) };
    expect(textOf({ ...before, source: "past" })).toContain("acme (Atomic): nothing was applied by then");
    expect(textOf({ ...before, source: "live" })).toContain("acme (Atomic): outside Git");
  });

  test("without anything to say", () => {
    expect(textOf(EMPTY)).toContain("\n0 members of 2 targets hold 0 grants\n");
    expect(textOf(EMPTY)).not.toContain("(0)");
  });

  test.each([true, false])("no name is more than a name, full: %s", (full) => {
    for (const name of HOSTILE_NAMES) {
      expect(terminalDangers(textOf(reviewCalled(name), { full })), name).toEqual([]);
    }
  });

  test("every line fits the screen, but for what must not be broken", () => {
    for (const line of textOf(exampleReview(), { full: true, width: 64 }).split("\n"))
      if (!line.includes("policies/")) expect(line.length).toBeLessThanOrEqual(64);
  });
});

describe("as Markdown", () => {
  test("what it looks like", async () => {
    await expect(markdownOf(exampleReview())).toMatchFileSnapshot("golden/review.md");
  });

  test("within its limit, whatever the names are, and says so where something is left out", () => {
    const large = largeReview(600, 200);
    for (const limit of [8_000, 30_000, 200_000]) {
      const text = markdownOf(large, limit);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      expect(text).toMatch(/… and [\d,]+ more rows\./);
      expect(text).toMatch(/Not everything is shown here\. The whole report: `rolebook review --full`\.\n$/);
    }
    expect(markdownOf(exampleReview())).not.toContain("Not everything");
    expect(() => markdownOf(large, 7_999)).toThrow(RangeError);
  });

  test("no name is more than a name, and the barest summary of the longest ones fits", () => {
    for (const name of HOSTILE_NAMES) {
      const text = markdownOf(reviewCalled(name));
      expect(injections(text), name).toEqual([]);
    }
    for (const name of HOSTILE_NAMES.filter(({ length }) => length > 40))
      expect(Buffer.byteLength(markdownOf(reviewCalled(name), 8_000))).toBeLessThanOrEqual(8_000);
  });
});

describe("as JSON", () => {
  test("what it looks like", async () => {
    const report = exampleReview();
    await expect(jsonOf({ ...report, rows: report.rows.slice(0, 2) })).toMatchFileSnapshot("golden/review.json");
  });

  test("keeps to its schema, also with hostile names, which are as they are", () => {
    for (const report of [exampleReview(), EMPTY, ...HOSTILE_NAMES.map(reviewCalled)])
      expect(schemaErrors("review", JSON.parse(jsonOf(report)))).toEqual([]);
    for (const name of HOSTILE_NAMES)
      expect(JSON.parse(escapeResult(jsonOf(reviewCalled(name)))).rows[0].member).toBe(name);
    expect(schemaErrors("review", { ...JSON.parse(jsonOf(EMPTY)), surprise: true })).not.toEqual([]);
  });

  test("loses nothing of what the report knows", () => {
    const report = exampleReview();
    const { changesSince, changes, ...rest } = JSON.parse(jsonOf(report));
    const { findings: _, ...known } = report;
    expect({ ...rest, changes: { ...changesSince, rows: changes } }).toMatchObject(JSON.parse(JSON.stringify(known)));
  });
});

test("very many grants come in pieces, each of them small", () => {
  const report = largeReview(20_000, 2_000);
  for (const pieces of [
    renderReviewJson(report),
    renderReviewText(report, { ...WIDE, full: true }),
    renderReviewMarkdown(report),
  ]) {
    let longest = 0;
    for (const piece of pieces) longest = Math.max(longest, piece.length);
    expect(longest).toBeLessThan(1_000_000);
  }
});
