// An access review as Markdown, for the summary of a workflow's step: what people look at first in the open, the rest folded, never
// longer than its limit. It refuses to drop silently: what does not fit is counted, and the end says where the whole is.
import type { ReviewCount, ReviewKey, ReviewPerson, ReviewReport, ReviewRow, RowChange } from "../model/review.ts";
import { MESSAGE_LENGTH, NAME_LENGTH } from "./escape.ts";
import { countSeverities } from "./findings-text.ts";
import {
  type Block,
  code,
  details,
  heading,
  list,
  type Phrase,
  paragraph,
  phrase,
  stringify,
  strong,
  table,
} from "./markdown.ts";
import { codes, type Detail, entriesOf, type Folding, words } from "./markdown-detail.ts";
import { findingList } from "./markdown-unsettled.ts";
import { counted, describeScopes, grouped, sentences } from "./phrase.ts";
import {
  describeActivity,
  describeChanges,
  describeDay,
  describeInstant,
  describeProvenance,
  describeReviewPath,
  describeSource,
  describeTarget,
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

export interface ReviewMarkdownOptions {
  /** The most bytes of UTF-8, at least 8,000; a little less than the 1 MiB of a step's summary by default. */
  readonly limit?: number;
  /** Where the whole report is: a command, or a file's name. */
  readonly whole?: string;
}

const LIMIT = 1_000_000;
const LOWEST_LIMIT = 8_000;

/** From rich to bare. The last one has an upper bound below the lowest limit, whatever the names are. */
const DETAILS: readonly Detail[] = [
  { rows: 1000, names: 10, lines: 10, entries: 300, length: NAME_LENGTH },
  { rows: 300, names: 5, lines: 5, entries: 100, length: NAME_LENGTH },
  { rows: 100, names: 5, lines: 3, entries: 30, length: NAME_LENGTH },
  { rows: 30, names: 3, lines: 2, entries: 10, length: 80 },
  { rows: 10, names: 2, lines: 1, entries: 5, length: 60 },
  { rows: 3, names: 1, lines: 1, entries: 2, length: 50 },
  { rows: 0, names: 0, lines: 0, entries: 0, length: 40 },
];

/** A summary being written. `detail.rows` are the grants, `detail.lines` the paths of each. */
interface Writing extends Folding {
  readonly report: ReviewReport;
  readonly several: boolean;
  readonly whole: string;
}

/** The summary, as one piece that ends in a newline. Throws `RangeError` for a limit too low to say anything in. */
export function* renderReviewMarkdown(report: ReviewReport, options: ReviewMarkdownOptions = {}): Iterable<string> {
  const limit = options.limit ?? LIMIT;
  if (limit < LOWEST_LIMIT) throw new RangeError(`a summary needs at least ${LOWEST_LIMIT} bytes, not ${limit}`);
  const several = report.targets.length > 1;
  const whole = options.whole ?? "rolebook review --full";
  for (const detail of DETAILS) {
    const text = stringify(blocksOf({ report, several, whole, detail, folded: new Set() }));
    if (Buffer.byteLength(text) > limit) continue;
    yield text;
    return;
  }
  throw new Error(`the barest summary has more than ${limit} bytes`);
}

function blocksOf(writing: Writing): Block[] {
  const { report } = writing;
  const owners = report.people.filter(({ ownerEquivalent }) => ownerEquivalent);
  return [
    ...headBlocks(writing),
    ...findingBlocks(writing),
    ...peopleBlocks(writing, "Who can do the most", report.people),
    ...peopleBlocks(writing, "Could give themselves anything", owners),
    ...folding("Dormant people", peopleWith(report, ["dormant", "never-active"]), (people) =>
      peopleTable(writing, people),
    ),
    ...RISK_PARTS.flatMap(({ title, codes: reasons }) =>
      folding(title, rowsWith(report.rows, reasons), (rows) => togetherTable(writing, rows)),
    ),
    ...folding("Keys", keysInOrder(report), (keys) => keyTable(writing, keys)),
    ...changeBlocks(writing),
    ...folding("By group", report.groups, (counts) => countTable(writing, "Group", counts)),
    ...folding("By scope", report.scopes, (counts) => countTable(writing, "Scope", counts)),
    ...folding("Past reviews", [...report.trends].reverse(), (trends) => trendTable(writing, trends)),
    ...grantBlocks(writing),
    ...wholeBlocks(writing),
  ];
}

function headBlocks(writing: Writing): Block[] {
  const { report, several, detail } = writing;
  const [only] = report.targets;
  const of = only && !several ? code(only.name, detail.length) : counted(report.targets.length, "target");
  const figures = figuresOf(report);
  const { shown, more } = entriesOf(writing, report.targets, "more target");
  const targets = shown.map((target) =>
    phrase(
      code(target.name, detail.length),
      " (",
      words(writing, target.title, 1),
      "): ",
      words(writing, describeTarget(target, report.source, plain), 2),
    ),
  );
  return [
    heading(3, "Access review of ", of),
    paragraph(
      strong(`${describeWhole(report)}.`),
      " At ",
      words(writing, describeInstant(report.at), 1),
      `, ${describeSource(report)}.`,
    ),
    ...(figures.length === 0
      ? []
      : [list(figures.map(([figure, text]) => phrase(strong(grouped(figure)), ` ${text}`)))]),
    ...(targets.length === 0 ? [] : [list(targets)]),
    ...more,
  ];
}

function findingBlocks(writing: Writing): Block[] {
  const { findings } = writing.report;
  if (findings.length === 0) return [];
  return [heading(4, `Findings: ${countSeverities(findings)}`), ...findingList(writing, findings, "more finding")];
}

/** A table behind a line that says how much is in it; nothing for nothing. */
function folding<T>(title: string, items: readonly T[], show: (items: readonly T[]) => Block[]): Block[] {
  return items.length === 0 ? [] : details(`${title} (${grouped(items.length)})`, show(items));
}

/** As many rows as are shown, and how many more there are. */
function tableOf<T>(
  writing: Writing,
  head: readonly string[],
  items: readonly T[],
  cells: (item: T) => readonly Phrase[],
  targetOf?: (item: T) => string,
): Block[] {
  const { shown, more } = entriesOf(writing, items, "more row");
  const named = writing.several && targetOf !== undefined;
  const rows = shown.map((item) => [...(named ? [[code(targetOf(item), writing.detail.length)]] : []), ...cells(item)]);
  return [...(rows.length === 0 ? [] : [table([...(named ? ["Target"] : []), ...head], rows)]), ...more];
}

function peopleBlocks(writing: Writing, title: string, people: readonly ReviewPerson[]): Block[] {
  if (people.length === 0) return [];
  return [heading(4, `${title} (${grouped(people.length)})`), ...peopleTable(writing, people)];
}

function peopleTable(writing: Writing, people: readonly ReviewPerson[]): Block[] {
  const head = ["Person", "Weight", "Grants", "Risk", "Last active", "Groups"];
  const { length } = writing.detail;
  const cells = (person: ReviewPerson): Phrase[] => [
    phrase(
      code(person.member, length),
      person.login === undefined ? "" : phrase(" (", code(person.login, length), ")"),
      person.multiFactor === false ? " no second factor" : "",
    ),
    phrase(String(person.weight)),
    phrase(grouped(person.grants)),
    phrase(person.risk),
    words(writing, describeActivity(person), 1),
    codes(writing, person.groups),
  ];
  return tableOf(writing, head, people, cells, ({ target }) => target);
}

function togetherTable(writing: Writing, rows: readonly RowsTogether[]): Block[] {
  const { report, detail } = writing;
  const cells = ({ target, member, resource, level, scopes, why }: RowsTogether): Phrase[] => [
    [code(member, detail.length)],
    phrase(words(writing, resource, 1), ": ", code(level, detail.length)),
    words(writing, describeScopes(scopes, scopesIn(report, target), plain), 3),
    words(writing, why, 4),
  ];
  return tableOf(writing, ["Person", "Grant", "Where", "Why"], rows, cells, ({ target }) => target);
}

function keyTable(writing: Writing, keys: readonly ReviewKey[]): Block[] {
  const { length } = writing.detail;
  const day = (text: string | null) => (text === null ? phrase("-") : words(writing, describeDay(text), 1));
  const cells = ({ name, owner, ageDays, lastUsedAt, expiresAt, concerns }: ReviewKey): Phrase[] => [
    [code(name, length)],
    owner === null ? phrase("nobody") : [code(owner, length)],
    phrase(ageDays === null ? "-" : counted(ageDays, "day")),
    day(lastUsedAt),
    day(expiresAt),
    concerns.length === 0 ? phrase("-") : words(writing, concerns.join("; "), 4),
  ];
  const head = ["Key", "Owner", "Age", "Last used", "Expires", "Concerns"];
  return tableOf(writing, head, keys, cells, ({ target }) => target);
}

function changeBlocks(writing: Writing): Block[] {
  const { changes } = writing.report;
  if (changes === null) return [];
  const { length } = writing.detail;
  const level = (name: string | null) => code(name ?? "none", length);
  const cells = ({ member, resource, scope, before, after }: RowChange): Phrase[] => [
    [code(member, length)],
    words(writing, resource, 1),
    [code(scope, length)],
    phrase(level(before), " → ", level(after)),
  ];
  const head = ["Person", "Resource", "Where", "Level"];
  const rows = inOrder(changes.rows);
  const since = paragraph(
    "Since ",
    code(changes.review, length),
    ", ",
    words(writing, describeDay(changes.at), 1),
    ".",
  );
  return details(`Changes since the last review: ${describeChanges(rows)}`, [
    since,
    ...tableOf(writing, head, rows, cells, ({ target }) => target),
  ]);
}

function countTable(writing: Writing, what: string, counts: readonly ReviewCount[]): Block[] {
  const cells = ({ name, people, grants, ownerEquivalent, highRisk }: ReviewCount): Phrase[] => [
    [code(name, writing.detail.length)],
    ...[people, grants, ownerEquivalent, highRisk].map((number) => phrase(grouped(number))),
  ];
  const head = [what, "People", "Grants", "Owner-equivalent", "High risk"];
  return tableOf(writing, head, counts, cells, ({ target }) => target);
}

function trendTable(writing: Writing, trends: ReviewReport["trends"]): Block[] {
  const head = ["Review", "Day", "People", "Grants", "Owner-equivalent", "High risk", "Revoked"];
  return tableOf(writing, head, trends, ({ review, at, figures, revoked }) => [
    [code(review, writing.detail.length)],
    words(writing, describeDay(at), 1),
    ...[figures.people, figures.grants, figures.ownerEquivalent, figures.highRisk, revoked].map((n) =>
      phrase(grouped(n)),
    ),
  ]);
}

/** Names within prose, which is neutralized as a whole. */
function plain(name: string): string {
  return name;
}

function grantBlocks(writing: Writing): Block[] {
  const { report, detail } = writing;
  if (report.rows.length === 0) return [];
  const shown = Math.min(detail.rows, report.rows.length);
  const rest = report.rows.length - shown;
  const rows = { ...writing, detail: { ...detail, entries: detail.rows } };
  const cells = (row: ReviewRow) => grantCells(writing, row);
  return [
    heading(4, `The riskiest grants (${grouped(shown)} of ${grouped(report.rows.length)})`),
    ...(rest === report.rows.length
      ? entriesOf(rows, report.rows, "more grant").more
      : tableOf(rows, ["Risk", "Person", "Grant", "Why", "Through"], report.rows, cells, ({ target }) => target)),
  ];
}

function grantCells(writing: Writing, row: ReviewRow): Phrase[] {
  const { length, lines } = writing.detail;
  const paths = row.paths.slice(0, lines);
  const more = row.paths.length - paths.length;
  if (more > 0) writing.folded.add("paths");
  const through = paths.flatMap((path, index) => {
    const place = placeOf(path);
    const text = `${describeReviewPath(path, plain)}; ${describeProvenance(path.provenance, plain)}`;
    return [
      ...(index > 0 ? phrase("; ") : []),
      ...(place === undefined ? [] : phrase(code(place, length * 2), " ")),
      ...words(writing, text, 4),
    ];
  });
  return [
    phrase(strong(row.risk.level), ` ${row.risk.score}`),
    [code(row.member, length)],
    phrase(
      words(writing, row.resource, 1),
      ": ",
      code(row.level, length),
      " in ",
      code(row.scope, length),
      row.until === null ? "" : phrase(", until ", words(writing, row.until, 1)),
    ),
    words(writing, sentences(...row.risk.reasons.map(({ text }) => text)), 4),
    phrase(through, more === 0 ? "" : ` and ${counted(more, "more path")}`),
  ];
}

/** Where the whole report is, when this is not all of it. */
function wholeBlocks({ whole, detail, folded }: Writing): Block[] {
  if (folded.size === 0) return [];
  return [
    paragraph(
      "Not everything is shown here. The whole report: ",
      code(whole, Math.min(detail.length * 4, MESSAGE_LENGTH)),
      ".",
    ),
  ];
}
