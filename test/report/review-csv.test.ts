// An access review as CSV: the columns are those that were promised, a parser that knows nothing of how it was written reads back
// what went in, and no cell is a formula wherever a spreadsheet begins one.
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ReviewReport } from "../../src/model/review.ts";
import { escapeTerminal } from "../../src/report/escape.ts";
import { REVIEW_COLUMNS } from "../../src/report/review-columns.ts";
import { type ReviewCsvOptions, renderReviewCsv } from "../../src/report/review-csv.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { exampleCampaign, exampleReview, largeReview, reviewCalled } from "./review-examples.ts";

function csvOf(report: ReviewReport, options: ReviewCsvOptions = {}): string {
  return [...renderReviewCsv(report, options)].join("");
}

/** Lines by column, and as lists of cells. */
function read(text: string) {
  const cells: string[][] = parse(text, { record_delimiter: "\r\n" });
  const lines: Record<string, string>[] = parse(text, { columns: true, record_delimiter: "\r\n" });
  return { cells, lines };
}

/** What a cell said before a spreadsheet was kept from reading it as a formula. */
function unquoted(cell: string): string {
  return cell.replace(/^'/, "").replace(/(;\s*)'/g, "$1");
}

/** What Microsoft's page on the downloadable review history lists, in its order. */
const ENTRA = [
  ...["AccessReviewId", "AccessReviewSeriesId", "ReviewType", "ResourceDisplayName", "ResourceId", "ReviewName"],
  ...["CreatedDateTime", "ReviewStartDate", "ReviewEndDate", "ReviewStatus", "OwnerId", "OwnerName", "OwnerUPN"],
  ...["PrincipalId", "PrincipalName", "PrincipalUPN", "PrincipalType", "ReviewDate", "ReviewResult", "Justification"],
  ...["ReviewerId", "ReviewerName", "ReviewerUPN", "ReviewerEmailAddress", "AppliedByName", "AppliedByUPN"],
  ...["AppliedByEmailAddress", "AppliedDate", "AccessRecommendation", "SubmissionResult"],
];

describe("the columns", () => {
  test("are Entra's, and then ours, each once", () => {
    const names = REVIEW_COLUMNS.map(({ name }) => name);
    expect(names.slice(0, ENTRA.length)).toEqual(ENTRA);
    expect(new Set(names).size).toBe(names.length);
    expect(read(csvOf(exampleReview())).cells[0]).toEqual(names);
  });

  test("what it looks like, with the decisions of a campaign", async () => {
    const report = exampleReview();
    await expect(csvOf(report, { campaigns: [exampleCampaign(report)] })).toMatchFileSnapshot("golden/review.csv");
  });
});

describe("the lines", () => {
  test("one for each path of each grant, in the order of the report", () => {
    const report = exampleReview();
    const expected = report.rows.flatMap(({ id, paths }) =>
      paths.map((path, index) => [id, index + 1, path.group ?? ""]),
    );
    const { lines } = read(csvOf(report));
    expect(lines.map(({ GrantId, Path, Group }) => [GrantId, Number(Path), Group])).toEqual(expected);
    expect(lines.filter(({ Path }) => Path === "1")).toHaveLength(report.rows.length);
    expect(new Set(lines.map(({ AccessReviewId }) => AccessReviewId))).toEqual(new Set([""]));
  });

  test("what a campaign decided stands beside what it was about, also where that is gone", () => {
    const report = exampleReview();
    const { lines } = read(csvOf(report, { campaigns: [exampleCampaign(report)] }));
    const said = (member: string, scope: string) => {
      const line = lines.find(({ Member, Scope }) => Member === member && Scope === scope) ?? {};
      return [line.Held, line.ReviewResult, line.Decision, line.ReviewerUPN, line.SubmissionResult, line.Justification];
    };
    expect(said("ana@acme.example", "organization")).toEqual([
      "yes",
      "Approve",
      "keep",
      "ana@acme.example",
      "applied",
      "Still on the team",
    ]);
    expect(said("bo@acme.example", "dev")).toEqual([
      "yes",
      "Approve",
      "reduce to view",
      "ana@acme.example",
      "not applied",
      "Reads",
    ]);
    expect(said("bo@acme.example", "payments")).toEqual(["yes", "Not reviewed", "keep", "", "applied", ""]);
    expect(said("eve@acme.example", "dev")).toEqual(["no", "Deny", "revoke", "ana@acme.example", "applied", "Left"]);
    expect(said("dee@acme.example", "dev")).toEqual(["yes", "", "", "", "", ""]);
    expect(lines.filter(({ Held }) => Held === "no")).toHaveLength(1);
  });

  test("of two campaigns about one grant, the last one counts", () => {
    const report = exampleReview();
    const last = exampleCampaign(report);
    const first = { ...last, start: { ...last.start, id: "quarterly-2026-07-01" } };
    const { lines } = read(csvOf(report, { campaigns: [first, last] }));
    expect(new Set(lines.map(({ AccessReviewId }) => AccessReviewId))).toEqual(new Set(["quarterly-2026-10-01", ""]));
  });
});

/** A cell that a spreadsheet takes for a formula, whichever of its separators it goes by. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]|[;\t]\s*[=+\-@＝＋－＠]/;

const names = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES),
  fc.string({ unit: "binary", maxLength: 30 }),
  fc.tuple(fc.constantFrom(..."=+-@\t\r\n'\";,| ＝＋－＠;="), fc.string()).map((parts) => parts.join("")),
  fc.tuple(fc.string(), fc.constantFrom(";=1+1", ";'=1", "; @SUM(A1)", "';", "\r\n=1")).map((parts) => parts.join("")),
);

describe("whatever the names are", () => {
  test("what comes back is what went in, and no cell is a formula", () => {
    fc.assert(
      fc.property(names, (name) => {
        const report = reviewCalled(name);
        const text = csvOf(report);
        const { cells, lines } = read(text);
        for (const cell of cells.flat()) expect(cell).not.toMatch(FORMULA);
        expect(lines).toHaveLength(2);
        const shown = escapeTerminal(name, 32_000);
        const [line = {}] = lines;
        for (const column of ["Member", "Resource", "Group", "Role", "Reason", "Author", "Approvers"])
          expect(unquoted(line[column] ?? "")).toBe(shown);
        expect(unquoted(line.ResourceId ?? "")).toBe(escapeTerminal(`${name}/${name}/${name}`, 32_000));
      }),
    );
  });

  test("no cell has a line break or anything that a log acts on, and a visible name is as it is", () => {
    for (const name of HOSTILE_NAMES) {
      const text = csvOf(reviewCalled(name));
      expect(text.split("\r\n")).toHaveLength(4);
      expect(terminalDangers(text.replaceAll("\r\n", "\n")), name).toEqual([]);
    }
    expect(read(csvOf(reviewCalled('Größe "XL", 名前; ok'))).lines[0]?.Member).toBe('Größe "XL", 名前; ok');
  });
});

test("very many grants come in pieces, each of them small", () => {
  let [longest, breaks] = [0, 0];
  for (const piece of renderReviewCsv(largeReview(10_000, 1_000))) {
    longest = Math.max(longest, piece.length);
    breaks += piece.split("\r\n").length - 1;
  }
  expect(breaks).toBe(20_001);
  expect(longest).toBeLessThan(1_000_000);
});
