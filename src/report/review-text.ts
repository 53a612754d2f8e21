// An access review for a terminal: what people look at first, then the riskiest grants. It refuses to fold silently: where
// something is left out, it says how much, and `full` shows it all.
import type { ReviewCount, ReviewPerson, ReviewReport, ReviewRow, RiskLevel } from "../model/review.ts";
import { escapeTerminal, MESSAGE_LENGTH, showName } from "./escape.ts";
import { countSeverities, findingLines } from "./findings-text.ts";
import { type Pieces, type Screen, type Style, screenOf, tableLines, wrap } from "./layout.ts";
import { SIGN_STYLES } from "./people-text.ts";
import { counted, folded, grouped } from "./phrase.ts";
import {
  describeActivity,
  describeChanges,
  describeDay,
  describeInstant,
  describeProvenance,
  describeReviewPath,
  describeSource,
  describeTarget,
  describeWhere,
  describeWhole,
  figuresOf,
  inOrder,
  keysInOrder,
  peopleWith,
  placeOf,
  RISK_PARTS,
  type RowsTogether,
  rowsWith,
  scopesIn,
} from "./review-words.ts";
import { sectionTitle } from "./unsettled-text.ts";

export interface ReviewTextOptions {
  readonly color: boolean;
  /** Columns. */
  readonly width: number;
  /** `--full`: nothing is folded. */
  readonly full: boolean;
}

/** Entries of a summary, and grants at the end, without `full`. */
const ENTRIES_SHOWN = 10;
const GRANTS_SHOWN = 20;
const NAMES_SHOWN = 3;
const PATHS_SHOWN = 3;

export const RISK_STYLES: Readonly<Record<RiskLevel, Style>> = {
  critical: "red",
  high: "magenta",
  medium: "yellow",
  low: "dim",
};

/** A report being written. */
interface Writing {
  readonly report: ReviewReport;
  readonly screen: Screen;
  readonly full: boolean;
  /** The report is of several targets, so that each line says of which. */
  readonly several: boolean;
}

/** The whole report as text, piece by piece, each ending in a newline. */
export function* renderReviewText(report: ReviewReport, options: ReviewTextOptions): Iterable<string> {
  const screen = screenOf(options.color, options.width);
  const writing = { report, screen, full: options.full, several: report.targets.length > 1 };
  const owners = report.people.filter(({ ownerEquivalent }) => ownerEquivalent);
  yield `${headLines(writing).join("\n")}\n`;
  yield* peopleSection(writing, "Who can do the most", report.people);
  yield* peopleSection(writing, "Could give themselves anything", owners);
  yield* peopleSection(writing, "Dormant people", peopleWith(report, ["dormant", "never-active"]));
  for (const { title, codes } of RISK_PARTS) yield* rowsSection(writing, title, rowsWith(report.rows, codes));
  yield* keysSection(writing);
  yield* changesSection(writing);
  yield* countsSection(writing, "By group", "Group", report.groups);
  yield* countsSection(writing, "By scope", "Scope", report.scopes);
  yield* trendsSection(writing);
  yield* findingsSection(writing);
  yield* grantPieces(writing);
}

function headLines({ report, screen, several }: Writing): string[] {
  const [only] = report.targets;
  const of = only && !several ? showName(only.name) : counted(report.targets.length, "target");
  const lines = wrap(
    screen,
    [
      { text: `Access review of ${of}`, style: "bold" },
      ` at ${escapeTerminal(describeInstant(report.at))}, ${describeSource(report)}`,
    ],
    "",
    "  ",
  );
  for (const target of report.targets)
    lines.push(
      ...wrap(
        screen,
        [`${showName(target.name)} (${showName(target.title)}): ${describeTarget(target, report.source, showName)}`],
        "  ",
        "    ",
      ),
    );
  lines.push("", screen.paint(describeWhole(report), "bold"));
  for (const [figure, words] of figuresOf(report))
    lines.push(...wrap(screen, [`${grouped(figure).padStart(9)}  ${words}`], "", " ".repeat(11)));
  return lines;
}

/** A title and the entries under it, as many as are shown, each a piece; and how many more there are. */
function* section<T>(
  writing: Writing,
  title: string,
  items: readonly T[],
  show: (items: readonly T[]) => Iterable<readonly string[]>,
): Iterable<string> {
  if (items.length === 0) return;
  const shown = writing.full ? items : items.slice(0, ENTRIES_SHOWN);
  const rest = items.length - shown.length;
  yield `\n${sectionTitle(writing.screen, title, "bold", ` (${grouped(items.length)})`).join("\n")}\n\n`;
  for (const lines of show(shown)) yield `${lines.join("\n")}\n`;
  if (rest > 0) yield `  … and ${grouped(rest)} more; --full shows all\n`;
}

/** Entries as the rows of a table, which are laid out together. */
function tableSection<T extends { readonly target: string }>(
  writing: Writing,
  title: string,
  items: readonly T[],
  head: readonly string[],
  cells: (item: T) => readonly string[],
  below: (item: T) => string = () => "",
): Iterable<string> {
  const { screen, several } = writing;
  return section(writing, title, items, (shown) => {
    const rows = shown.map((item) => [...(several ? [showName(item.target)] : []), ...cells(item)]);
    const detail = (row: number) => {
      const item = shown[row];
      const text = item === undefined ? "" : below(item);
      return text === "" ? [] : wrap(screen, [{ text, style: "dim" }], "    ", "      ");
    };
    return [tableLines(screen, [...(several ? ["Target"] : []), ...head], rows, detail)];
  });
}

function peopleSection(writing: Writing, title: string, people: readonly ReviewPerson[]): Iterable<string> {
  const shown = writing.full ? Number.POSITIVE_INFINITY : NAMES_SHOWN;
  return tableSection(
    writing,
    title,
    people,
    ["Person", "Weight", "Grants", "Risk", "Last active"],
    (person) => [
      showPerson(person),
      String(person.weight),
      grouped(person.grants),
      person.risk,
      showName(describeActivity(person)),
    ],
    ({ groups }) => (groups.length === 0 ? "in no group" : `in ${folded(groups, shown)}`),
  );
}

function showPerson({ member, login, multiFactor }: ReviewPerson): string {
  const known = login === undefined ? "" : ` (@${showName(login)})`;
  return `${showName(member)}${known}${multiFactor === false ? ", no second factor" : ""}`;
}

/** `acme: ` where there are several targets. */
function ofTarget({ several }: Writing, target: string): string {
  return several ? `${showName(target)}: ` : "";
}

function rowsSection(writing: Writing, title: string, rows: readonly RowsTogether[]): Iterable<string> {
  const { report, screen } = writing;
  return section(writing, title, rows, function* (shown) {
    for (const { target, member, resource, level, scopes, why } of shown) {
      const where = describeWhere(scopes, scopesIn(report, target), showName);
      const pieces: Pieces = [
        ofTarget(writing, target),
        { text: showName(member), style: "bold" },
        `  ${showName(resource)}: ${showName(level)}${where}`,
      ];
      const because = [{ text: escapeTerminal(why, MESSAGE_LENGTH), style: "dim" }] as const;
      yield [...wrap(screen, pieces, "  ", "      "), ...wrap(screen, because, "      ")];
    }
  });
}

function keysSection(writing: Writing): Iterable<string> {
  const day = (text: string | null) => (text === null ? "-" : showName(describeDay(text)));
  return tableSection(
    writing,
    "Keys",
    keysInOrder(writing.report),
    ["Key", "Owner", "Age", "Last used", "Expires"],
    ({ name, owner, ageDays, lastUsedAt, expiresAt }) => [
      showName(name),
      owner === null ? "nobody" : showName(owner),
      ageDays === null ? "-" : counted(ageDays, "day"),
      day(lastUsedAt),
      day(expiresAt),
    ],
    ({ concerns }) => concerns.map((text) => escapeTerminal(text, MESSAGE_LENGTH)).join("; "),
  );
}

function* changesSection(writing: Writing): Iterable<string> {
  const { changes } = writing.report;
  if (changes === null) return;
  const { screen } = writing;
  const title = `Changes since ${showName(changes.review)}, ${showName(describeDay(changes.at))}`;
  if (changes.rows.length === 0)
    yield `\n${wrap(screen, [{ text: title, style: "bold" }, ": none"], "", "  ").join("\n")}\n`;
  const level = (name: string | null) => (name === null ? "none" : showName(name, 40));
  yield* section(writing, `${title}: ${describeChanges(changes.rows)}`, inOrder(changes.rows), function* (shown) {
    for (const { target, member, resource, scope, before, after } of shown) {
      const sign = before === null ? "+" : after === null ? "-" : "~";
      const pieces: Pieces = [
        { text: `${sign} `, style: SIGN_STYLES[sign] },
        ofTarget(writing, target),
        { text: showName(member), style: "bold" },
        `  ${showName(resource)} in ${showName(scope)}: ${level(before)} -> ${level(after)}`,
      ];
      yield wrap(screen, pieces, "  ", "      ");
    }
  });
}

function countsSection(writing: Writing, title: string, what: string, counts: readonly ReviewCount[]) {
  const head = [what, "People", "Grants", "Owner-equivalent", "High risk"];
  return tableSection(writing, title, counts, head, ({ name, people, grants, ownerEquivalent, highRisk }) => [
    showName(name),
    ...[people, grants, ownerEquivalent, highRisk].map((count) => grouped(count)),
  ]);
}

function trendsSection(writing: Writing): Iterable<string> {
  const head = ["Review", "Day", "Grants", "Owner-equivalent", "High risk", "Revoked"];
  return section(writing, "Past reviews", [...writing.report.trends].reverse(), (shown) => {
    const rows = shown.map(({ review, at, figures, revoked }) => [
      showName(review),
      showName(describeDay(at)),
      ...[figures.grants, figures.ownerEquivalent, figures.highRisk, revoked].map((count) => grouped(count)),
    ]);
    return [tableLines(writing.screen, head, rows)];
  });
}

function* findingsSection({ report, screen }: Writing): Iterable<string> {
  const { findings } = report;
  if (findings.length === 0) return;
  const title = sectionTitle(screen, "Findings", "bold", ` (${countSeverities(findings)})`);
  yield `\n${[...title, "", ...findingLines(screen, findings, "  ")].join("\n")}\n`;
}

/** The riskiest grants first, each with its paths; one piece for each, so that very many are never held at once. */
function* grantPieces(writing: Writing): Iterable<string> {
  const { report, full, screen } = writing;
  if (report.rows.length === 0) return;
  const shown = full ? report.rows.length : Math.min(GRANTS_SHOWN, report.rows.length);
  const title = shown === report.rows.length ? "Grants, by risk" : "The riskiest grants";
  yield `\n${sectionTitle(screen, title, "bold", ` (${grouped(shown)} of ${grouped(report.rows.length)})`).join("\n")}\n`;
  for (let index = 0; index < shown; index += 1) {
    const row = report.rows[index];
    if (row) yield `\n${grantLines(writing, row).join("\n")}\n`;
  }
  const rest = report.rows.length - shown;
  if (rest > 0) yield `\n  … and ${counted(rest, "more grant")}; --full shows all\n`;
}

function grantLines(writing: Writing, row: ReviewRow): string[] {
  const { screen, full } = writing;
  const style = RISK_STYLES[row.risk.level];
  const where = describeWhere([row.scope], { environments: [] }, showName);
  const paths = full ? row.paths : row.paths.slice(0, PATHS_SHOWN);
  const more = row.paths.length - paths.length;
  return [
    ...wrap(
      screen,
      [
        { text: `${row.risk.level} ${row.risk.score}`, style },
        `  ${ofTarget(writing, row.target)}`,
        { text: showName(row.member), style: "bold" },
        `  ${showName(row.resource)}: ${showName(row.level)}${where}${untilOf(row)}${driftOf(row)}`,
      ],
      "  ",
      "      ",
    ),
    ...row.risk.reasons.flatMap(({ text }) =>
      wrap(screen, [escapeTerminal(text, MESSAGE_LENGTH)], "      ", "        "),
    ),
    ...row.exceptions.flatMap(({ guardrail, reason, approver, until }) =>
      wrap(
        screen,
        [
          `${showName(guardrail)}, until ${showName(until)}, by ${showName(approver)}: ${escapeTerminal(reason, MESSAGE_LENGTH)}`,
        ],
        "      exception of ",
        "        ",
      ),
    ),
    ...paths.flatMap((path) => {
      const place = placeOf(path);
      const at: Pieces =
        place === undefined ? [] : [{ text: escapeTerminal(place, MESSAGE_LENGTH), solid: true }, "  "];
      const origin = describeProvenance(path.provenance, showName);
      const text = `through ${describeReviewPath(path, showName)}; ${origin}`;
      return wrap(screen, [...at, { text, style: "dim" }], "      ", "        ");
    }),
    ...(more > 0 ? [`      … and ${counted(more, "more path")}`] : []),
  ];
}

function untilOf({ until }: ReviewRow): string {
  return until === null ? "" : `, until ${showName(until)}`;
}

function driftOf({ drift }: ReviewRow): string {
  return drift === "none" ? "" : drift === "extra" ? ", in no file" : ", less in the files";
}
