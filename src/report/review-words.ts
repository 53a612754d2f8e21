// What a review's report says, put into words and put together, the same at a terminal and in Markdown. It refuses to know a format.
import { compareText } from "../model/finding.ts";
import type {
  Provenance,
  ReviewFigures,
  ReviewPath,
  ReviewPerson,
  ReviewReport,
  ReviewRow,
  ReviewTarget,
  RiskCode,
  RowChange,
} from "../model/review.ts";
import { counted, describePath, describeScopes, grouped, type KnownScopes, listed, ORGANIZATION } from "./phrase.ts";

/** `2026-10-01 06:00 UTC`; what is no instant stays as it is. */
export function describeInstant(text: string): string {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z$/.exec(text);
  return found ? `${found[1]} ${found[2]} UTC` : text;
}

/** `2026-10-01`; what is no instant stays as it is. */
export function describeDay(text: string): string {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? text.slice(0, 10) : text;
}

export function describeSource({ source }: Pick<ReviewReport, "source">): string {
  switch (source) {
    case "live":
      return "as the platforms have it";
    case "files":
      return "as the files say, no platform was asked";
    case "past":
      return "as it was then, by Git and the ledger";
    default:
      return source satisfies never;
  }
}

/** `1,204 people hold 34,567 grants`. Somebody on two targets is counted on each, so of several these are members. */
export function describeWhole({ figures, targets }: Pick<ReviewReport, "figures" | "targets">): string {
  const { people, grants } = figures;
  const held = counted(grants, "grant");
  if (targets.length < 2) return `${counted(people, "person holds", "people hold")} ${held}`;
  return `${counted(people, "member", "members")} of ${targets.length} targets ${people === 1 ? "holds" : "hold"} ${held}`;
}

/** What a report comes to, in the order in which people look, with what one of each is called and several. */
const FIGURES: readonly (readonly [figure: keyof ReviewFigures, one: string, many: string])[] = [
  ["ownerEquivalent", "could give themselves anything", "could give themselves anything"],
  ["highRisk", "grant of high or critical risk", "grants of high or critical risk"],
  ["dormant", "dormant person", "dormant people"],
  ["outliers", "grant that nobody else in the same groups has", "grants that nobody else in the same groups has"],
  ["outlived", "grant that outlived its reason", "grants that outlived their reason"],
  ["notInGit", "grant that no file says", "grants that no file says"],
  ["keys", "key of a program", "keys of programs"],
];

/** The figures that are not zero, each with the words for so many. */
export function figuresOf({ figures }: Pick<ReviewReport, "figures">): (readonly [figure: number, words: string])[] {
  return FIGURES.flatMap(([key, one, many]) => {
    const figure = figures[key];
    return figure === 0 ? [] : [[figure, figure === 1 ? one : many] as const];
  });
}

/** A part of the report that lists grants with one of these reasons. */
export interface RiskPart {
  readonly title: string;
  readonly codes: readonly RiskCode[];
}

/** In the order in which people look. */
export const RISK_PARTS: readonly RiskPart[] = [
  { title: "Grants that nobody else in the same groups has", codes: ["outlier"] },
  { title: "Access that outlived its reason", codes: ["outlived"] },
  { title: "Not in Git", codes: ["not-in-git"] },
  { title: "Against a guardrail", codes: ["breach", "exception"] },
  { title: "Given again after a review took it away", codes: ["regranted"] },
];

/** Grants that differ in their scopes alone. */
export interface RowsTogether {
  readonly target: string;
  readonly member: string;
  readonly resource: string;
  readonly level: string;
  readonly scopes: readonly string[];
  readonly why: string;
}

/** Rows with one of these reasons, in the order of the report; what differs in its scope alone is one. */
export function rowsWith(rows: readonly ReviewRow[], codes: readonly RiskCode[]): RowsTogether[] {
  const found = new Map<string, { readonly row: ReviewRow; readonly why: string; readonly scopes: string[] }>();
  for (const row of rows) {
    const reason = row.risk.reasons.find(({ code }) => codes.includes(code));
    if (!reason) continue;
    const key = JSON.stringify([row.target, row.member, row.resource, row.level, reason.text]);
    const known = found.get(key);
    if (known) known.scopes.push(row.scope);
    else found.set(key, { row, why: reason.text, scopes: [row.scope] });
  }
  return [...found.values()].map(({ row: { target, member, resource, level }, why, scopes }) => {
    return { target, member, resource, level, why, scopes: scopes.sort(compareText) };
  });
}

/** People with a grant for one of these reasons, in the order of the report. */
export function peopleWith(report: ReviewReport, codes: readonly RiskCode[]): ReviewPerson[] {
  const found = new Set<string>();
  for (const { target, member, risk } of report.rows)
    if (risk.reasons.some(({ code }) => codes.includes(code))) found.add(JSON.stringify([target, member]));
  return report.people.filter(({ target, member }) => found.has(JSON.stringify([target, member])));
}

/** The scopes of a target, so that all of them can be called that. */
export function scopesIn(report: ReviewReport, target: string): KnownScopes {
  const found = report.targets.find(({ name }) => name === target);
  return {
    environments: (found?.scopes ?? []).filter((scope) => scope !== ORGANIZATION),
    ...(found ? { scopeWord: found.scopeWord } : {}),
  };
}

/** `never`, a day, or what stands for not knowing. */
export function describeActivity({ lastActive }: Pick<ReviewPerson, "lastActive">): string {
  if (lastActive === undefined) return "-";
  return lastActive === null ? "never" : describeDay(lastActive);
}

/** `source`: in a report of the past, what has no commit is what nothing had been applied to by then. */
export function describeTarget(
  { commit, tellsActivity }: ReviewTarget,
  source: ReviewReport["source"],
  show: (name: string) => string,
): string {
  const without = source === "past" ? "nothing was applied by then" : "outside Git";
  const at = commit === null ? without : `files of ${show(commit.slice(0, 12))}`;
  return tellsActivity ? at : `${at}; when people were active is not told`;
}

/** After a level: ` in dev, test`, or `, organization-wide`. */
export function describeWhere(scopes: readonly string[], known: KnownScopes, show: (name: string) => string): string {
  const words = describeScopes(scopes, known, show);
  return scopes.every((scope) => scope === ORGANIZATION) ? `, ${words}` : ` in ${words}`;
}

/** Where something comes from, as a clause: `since 2026-01-02, applied with pull request 12 by ana, approved by bo`. */
export function describeProvenance(origin: Provenance, show: (name: string) => string): string {
  const since = origin.since === null ? [] : [`since ${show(describeDay(origin.since))}`];
  const pull = origin.pull === null ? "" : ` with pull request ${origin.pull}`;
  const author = origin.author === null ? "" : ` by ${show(origin.author)}`;
  const commit = origin.commit === null ? "" : ` (commit ${show(origin.commit.slice(0, 12))})`;
  return [...since, ...originWords(origin, `${pull}${author}${commit}`), ...approvalWords(origin, show)].join(", ");
}

function originWords({ how }: Provenance, rest: string): string[] {
  switch (how) {
    case "applied":
      return [`applied${rest}`];
    case "written":
      return [`written${rest}`];
    case "unmanaged":
      return ["in no file"];
    case "unknown":
      return ["from before the history that is here"];
    default:
      return how satisfies never;
  }
}

function approvalWords(
  { how, approvers, emergency, emergencyBy }: Provenance,
  show: (name: string) => string,
): string[] {
  if (emergency) {
    const who = emergencyBy === undefined ? "" : ` by ${show(emergencyBy)}`;
    return [`break-glass${who}: nobody approved it`];
  }
  if (approvers.length > 0) return [`approved by ${listed(approvers.map((name) => show(name)))}`];
  return how === "applied" ? ["approved by nobody that is known"] : [];
}

/** A path, what it gives where that is less, and when it ends. */
export function describeReviewPath(path: ReviewPath, show: (name: string) => string): string {
  const level = path.level === undefined ? "" : `, ${show(path.level)} only`;
  const until = path.until === undefined ? "" : `, until ${show(path.until)}`;
  const reason = path.reason === undefined ? "" : `, for: ${show(path.reason)}`;
  return `${describePath(path, show)}${level}${until}${reason}`;
}

/** The line that says who holds it: of the membership, else of the group or the role. */
export function placeOf(path: ReviewPath): string | undefined {
  const place = path.membershipPlace ?? path.groupPlace ?? path.rolePlace;
  return place && `${place.file}:${place.line}:${place.column}`;
}

/** Changes by what became of them: what is new, what is gone, what moved. */
export function describeChanges(rows: readonly RowChange[]): string {
  const count = (test: (row: RowChange) => boolean) => rows.filter(test).length;
  const words: readonly (readonly [number, string])[] = [
    [count(({ before }) => before === null), "new"],
    [count(({ after }) => after === null), "gone"],
    [count(({ before, after }) => before !== null && after !== null), "at another level"],
  ];
  const said = words.filter(([number]) => number > 0).map(([number, word]) => `${grouped(number)} ${word}`);
  return said.length === 0 ? "nothing" : said.join(", ");
}

/** The order in which changes are looked at: what is new first, then what moved, then what is gone. */
export function inOrder(rows: readonly RowChange[]): RowChange[] {
  const place = ({ before, after }: RowChange) => (before === null ? 0 : after === null ? 2 : 1);
  return [...rows].sort((a, b) => place(a) - place(b));
}

/** Keys with something to look at first, and the oldest first among equals. */
export function keysInOrder(report: ReviewReport): ReviewReport["keys"] {
  return [...report.keys].sort(
    (a, b) =>
      b.concerns.length - a.concerns.length ||
      (b.ageDays ?? -1) - (a.ageDays ?? -1) ||
      compareText(a.target, b.target) ||
      compareText(a.name, b.name),
  );
}
