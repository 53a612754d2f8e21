// An access review as CSV for spreadsheets and audit tools: a line for every path of every grant, under the columns of Microsoft
// Entra's review history and then our own. It refuses to hold a formula, a control character or a line break in any cell.
import { stringify } from "csv-stringify/sync";
import type { CampaignStart, DecidedEntry, ProvedEntry } from "../model/campaign.ts";
import type { ReviewReport } from "../model/review.ts";
import { escapeTerminal } from "./escape.ts";
import { type CsvLine, REVIEW_COLUMNS, type Verdict } from "./review-columns.ts";

/** A campaign as the ledger has it: what was decided of the report's rows stands beside them. */
export interface ReviewedCampaign {
  readonly start: CampaignStart;
  /** Empty while nothing is decided. */
  readonly decided: readonly DecidedEntry[];
  /** Empty while nothing is proved. */
  readonly proved: readonly ProvedEntry[];
  /** Entry -> who approved the plan that made its changes, and when it was applied. Entries without a change are not in it. */
  readonly applied: ReadonlyMap<string, { readonly by: string; readonly at: string }>;
}

export interface ReviewCsvOptions {
  /** Oldest first; of a row that several were about, the last one counts. None by default. */
  readonly campaigns?: readonly ReviewedCampaign[];
}

/** A spreadsheet's cell holds 32,767 characters. */
const CELL_LENGTH = 32_000;

/** Lines of one piece: large enough to write at once, small enough to hold. */
const LINES = 500;

/** After these a spreadsheet may begin a cell, whatever the quotes say, where its separator is the semicolon. */
const WITHIN = /(;\s*)(?=[=+\-@＝＋－＠'])/g;

/** The header first; lines end in a carriage return and a line feed, as RFC 4180 says. */
export function* renderReviewCsv(report: ReviewReport, options: ReviewCsvOptions = {}): Iterable<string> {
  yield textOf([REVIEW_COLUMNS.map(({ name }) => name)]);
  let lines: string[][] = [];
  for (const line of linesOf(report, options.campaigns ?? [])) {
    lines.push(REVIEW_COLUMNS.map(({ of }) => of(line)));
    if (lines.length < LINES) continue;
    yield textOf(lines);
    lines = [];
  }
  if (lines.length > 0) yield textOf(lines);
}

function textOf(lines: readonly (readonly string[])[]): string {
  return stringify([...lines], { escape_formulas: true, record_delimiter: "windows", cast: { string: cellOf } });
}

/**
 * A cell's text before the formula's quote: one line, nothing invisible. An apostrophe at the start is doubled, so that taking one
 * away gives back what was there.
 */
function cellOf(value: string): string {
  const escaped = escapeTerminal(value, CELL_LENGTH);
  const safe = escaped.includes(";") ? escaped.replace(WITHIN, "$1'") : escaped;
  return safe.startsWith("'") ? `'${safe}` : safe;
}

/** Every row by each of its paths, in the report's order; then what was reviewed and is not held any more. */
function* linesOf(report: ReviewReport, campaigns: readonly ReviewedCampaign[]): Iterable<CsvLine> {
  const targets = new Map(report.targets.map((target) => [target.name, target]));
  const people = new Map(report.people.map((person) => [personKey(person.target, person.member), person]));
  const nameOf = (target: string, member: string) => people.get(personKey(target, member))?.name ?? "";
  const verdicts = verdictsOf(campaigns);
  const held = new Set<string>();
  for (const row of report.rows) {
    held.add(row.id);
    const person = people.get(personKey(row.target, row.member));
    const verdict = verdicts.get(row.id)?.verdict;
    const line = { report, target: targets.get(row.target), person, grant: row, row, verdict, nameOf };
    for (const [index, path] of row.paths.entries()) yield { ...line, path, number: index + 1 };
  }
  for (const [id, { grant, verdict }] of verdicts) {
    if (held.has(id)) continue;
    const person = people.get(personKey(grant.target, grant.member));
    const target = targets.get(grant.target);
    if (target) yield { report, target, person, grant, row: undefined, path: undefined, number: 0, verdict, nameOf };
  }
}

/** By row; in the campaigns' order and, within one, in that of its start. */
function verdictsOf(campaigns: readonly ReviewedCampaign[]) {
  const found = new Map<string, { readonly grant: CampaignStart["rows"][number]; readonly verdict: Verdict }>();
  for (const campaign of campaigns) {
    const decided = new Map(campaign.decided.map((decision) => [decision.entry, decision]));
    const proved = new Map(campaign.proved.map((proof) => [proof.entry, proof]));
    const entries = new Map(campaign.start.entries.flatMap((entry) => entry.rows.map((row) => [row, entry])));
    for (const grant of campaign.start.rows) {
      const entry = entries.get(grant.id);
      if (!entry) continue;
      const verdict = { campaign, entry, decided: decided.get(entry.id), proved: proved.get(entry.id) };
      found.set(grant.id, { grant, verdict });
    }
  }
  return found;
}

function personKey(target: string, member: string): string {
  return JSON.stringify([target, member]);
}
