// What a campaign has come to: which decisions count, whose they are, and everything that is wrong or worth a look. `status` shows it
// and `close` acts on it, so that nobody is told one thing and bound by another. Pure; the time is an argument.
import type { DecidedEntry, OverdueDefault, RosterEntry } from "../../model/campaign.ts";
import type { ReviewerProgress } from "../../model/campaign-report.ts";
import { compareText, type Finding, sortFindings } from "../../model/finding.ts";
import { addDays } from "../../model/until.ts";
import { type CampaignInput, type CampaignState, deadlinesOf, type FilledDecision } from "./campaign-input.ts";
import { barredFinding, openApprovals, type Word } from "./check-approvals.ts";
import { decisionProblem, type StartRows } from "./check-decisions.ts";
import { checkHabits, type Made } from "./check-habits.ts";
import { type CheckedLines, checkLines, type SoundLine } from "./check-lines.ts";
import { saidEntries, vanishedEntries } from "./held.ts";
import { type Identities, identitiesByAll } from "./identities.ts";

/** Judges a campaign as it is at a commit and at a moment. The findings of reading the files are not among these. */
export function judgeCampaign(input: CampaignInput): CampaignState {
  const { start, rosters, held, platforms } = input;
  const identities = identitiesByAll(input.people, input.former ?? []);
  const rows: StartRows = new Map(start.rows.map((row) => [row.id, row]));
  const checked = checkLines(start, rosters);
  const vanished = vanishedEntries(start, rows, held, platforms);
  const judged = judgeLines(input, identities, checked, rows, vanished);
  const { phase, made, filled, findings } = judged;
  const settled = new Map(made.map(({ decided }) => [decided.entry, decided]));
  const open = start.entries.filter(({ id }) => !settled.has(id) && !vanished.has(id));
  const defaults = phase === "over" ? open.map((entry) => byDefault(entry, input)) : [];
  for (const decided of defaults) settled.set(decided.entry, decided);
  const progress = progressOf(input, identities, checked, { filled, settled, vanished });
  return {
    phase,
    decided: start.entries.flatMap(({ id }) => settled.get(id) ?? []),
    undecided: phase === "over" ? [] : open.map(({ id }) => id),
    filled,
    vanished: start.entries.flatMap(({ id }) => (vanished.has(id) ? [id] : [])),
    progress,
    findings: sortFindings([
      ...checked.findings,
      ...findings,
      ...checkHabits(start, made),
      ...lateFindings(input, progress, phase, defaults),
      ...vanishedFinding(input, vanished, rows),
    ]),
  };
}

interface Judged {
  readonly phase: CampaignState["phase"];
  readonly made: readonly Made[];
  /** By id of the entry: decisions that could be made, approved or not. */
  readonly filled: CampaignState["filled"];
  readonly findings: readonly Finding[];
}

function judgeLines(
  input: CampaignInput,
  identities: Identities,
  { lines }: CheckedLines,
  rows: StartRows,
  vanished: ReadonlySet<string>,
): Judged {
  const { start, now, settings, platforms } = input;
  const approvals = openApprovals(input, identities);
  const findings: Finding[] = [];
  const made: Made[] = [];
  const filled = new Map<string, FilledDecision>();
  const waiting = new Map<string, { readonly word: Word; readonly lines: SoundLine[] }>();
  for (const line of lines.values()) {
    const { decision, justification, place } = line.line;
    if (!decision) continue;
    const word = approvals.ofLine(line);
    const at = word.kind === "counts" ? new Date(word.approval.at) : now;
    const problem = decisionProblem(line, decision, { rows, platform: platforms.get(line.entry.target), at });
    // What is held no more need not be decided; who did decide it all the same, did.
    const isGone = vanished.has(line.entry.id);
    if (problem && !isGone) findings.push(problem);
    if (problem || (isGone && word.kind !== "counts")) continue;
    filled.set(line.entry.id, { decision, place });
    if (word.kind === "counts") {
      const { by, who, approval } = word;
      const { path, sha256 } = line.version;
      const file = { path, sha256 };
      made.push({ line, decided: { entry: line.entry.id, decision, justification, by, who, approval, file } });
    } else if (word.kind === "barred") findings.push(barredFinding(line, word));
    else {
      const key = JSON.stringify([line.version.path, word]);
      const known = waiting.get(key);
      if (known) known.lines.push(line);
      else waiting.set(key, { word, lines: [line] });
    }
  }
  for (const { word, lines: some } of waiting.values()) findings.push(...waitingFinding(word, some));
  return { phase: phaseOf(start.due, settings, now), made, filled, findings };
}

function phaseOf(due: string, settings: CampaignInput["settings"], now: Date): CampaignState["phase"] {
  const deadlines = deadlinesOf(due, settings);
  if (now.getTime() > deadlines.over) return "over";
  return now.getTime() > deadlines.due ? "escalated" : "open";
}

/** Decisions that wait for somebody's approval, told once for each file. */
function waitingFinding(word: Word, lines: readonly SoundLine[]): Finding[] {
  const [first] = lines;
  if (!first) return [];
  const { reviewer } = first.entry;
  const place = first.line.place;
  const count = lines.length === 1 ? "1 decision" : `${lines.length} decisions`;
  const hint = `${reviewer} approves the pull request once the file is as it shall be.`;
  switch (word.kind) {
    case "outdated":
      return [
        {
          severity: "warning",
          code: "approval-outdated",
          message: `${reviewer} approved another version of this file, so ${count} in it do not count`,
          place,
          hint: `${reviewer} looks at the file as it is and approves the pull request again.`,
        },
      ];
    case "another": {
      const message = `${word.who} approved, and ${count} here are for ${reviewer} to approve`;
      return [{ severity: "warning", code: "approval-of-another", message, place, hint }];
    }
    case "missing": {
      const message = `${count} in this file wait for the approval of ${reviewer}`;
      return [{ severity: "note", code: "approval-missing", message, place, hint }];
    }
    case "counts":
    case "barred":
      return [];
    default: {
      const never: never = word;
      return never;
    }
  }
}

function byDefault({ id }: RosterEntry, { start, settings }: CampaignInput): DecidedEntry {
  const last = addDays(start.due, settings.escalateDays);
  const justification = `Nobody decided until ${last}`;
  return {
    entry: id,
    decision: { decision: defaultOf(start.definition.overdue, settings.overdue) },
    justification,
    by: "default",
    who: "",
  };
}

function defaultOf(own: OverdueDefault | undefined, others: OverdueDefault): OverdueDefault {
  return own ?? others;
}

interface Counted {
  readonly filled: CampaignState["filled"];
  readonly settled: ReadonlyMap<string, DecidedEntry>;
  readonly vanished: ReadonlySet<string>;
}

function progressOf(
  { start, isMember }: CampaignInput,
  identities: Identities,
  { filesOf }: CheckedLines,
  { filled, settled, vanished }: Counted,
): ReviewerProgress[] {
  const byReviewer = new Map<string, RosterEntry[]>();
  for (const entry of start.entries) {
    const own = byReviewer.get(entry.reviewer);
    if (own) own.push(entry);
    else byReviewer.set(entry.reviewer, [entry]);
  }
  return [...byReviewer]
    .sort(([left], [right]) => compareText(left, right))
    .map(([reviewer, entries]) => {
      const login = identities.loginOf(reviewer) ?? null;
      return {
        reviewer,
        login,
        entries: entries.length,
        filled: entries.filter(({ id }) => filled.has(id) || vanished.has(id)).length,
        settled: entries.filter(({ id }) => settled.has(id) || vanished.has(id)).length,
        left: login === null || !isMember(reviewer),
        files: filesOf(reviewer),
      };
    });
}

function lateFindings(
  { start, settings }: CampaignInput,
  progress: readonly ReviewerProgress[],
  phase: CampaignState["phase"],
  defaults: readonly DecidedEntry[],
): Finding[] {
  const fallback = start.definition.reviewers.fallback.join(", ") || "nobody: the review names no fallback";
  const last = addDays(start.due, settings.escalateDays);
  const open = progress.filter(({ entries, settled }) => settled < entries);
  const placed = ({ files }: ReviewerProgress) => {
    const [file] = files;
    return file === undefined ? {} : { place: { file, line: 1, column: 1 } };
  };
  const found = open.flatMap((one): Finding[] => {
    const left = one.entries - one.settled;
    const count = `${left} of ${one.entries} entries`;
    if (one.left) {
      const why = one.login === null ? "has no login under people" : "is no member any more";
      const message = `${one.reviewer} ${why}, and ${count} are not decided`;
      const hint = `Decides instead: ${fallback}.`;
      return [{ severity: "warning", code: "reviewer-left", message, ...placed(one), hint }];
    }
    if (phase === "escalated") {
      const message = `${count} of ${one.reviewer} are overdue since ${start.due}`;
      const hint = `They, or instead ${fallback}, decide until ${last}; then the default does.`;
      return [{ severity: "warning", code: "review-overdue", message, ...placed(one), hint }];
    }
    const message = `${count} of ${one.reviewer} are not decided`;
    const hint = `Decide and approve until ${start.due}.`;
    return [{ severity: "note", code: "entries-undecided", message, ...placed(one), hint }];
  });
  if (defaults.length === 0) return found;
  const what = defaultOf(start.definition.overdue, settings.overdue);
  const count = defaults.length === 1 ? "1 entry was" : `${defaults.length} entries were`;
  const message = `${count} decided by nobody until ${last}: the default is ${what}`;
  const hint = "Begin the next review earlier, or name more reviewers.";
  return [...found, { severity: "warning", code: "decided-by-default", message, place: start.definition.place, hint }];
}

function vanishedFinding(
  { start, held, platforms }: CampaignInput,
  vanished: ReadonlySet<string>,
  rows: StartRows,
): Finding[] {
  const gone = start.entries.filter(({ id }) => vanished.has(id));
  if (gone.length === 0) return [];
  const count = gone.length === 1 ? "1 entry is" : `${gone.length} entries are`;
  const message = `${count} about what is held no more since the campaign began: ${peopleOf(gone)}`;
  const said = saidEntries(gone, rows, held, platforms);
  const hint =
    said.length === 0
      ? "Nothing to decide there."
      : `Nothing to decide there; but files still say it of ${peopleOf(said)}, and an apply may give it again: decide that all the same, or take it out of the files.`;
  return [{ severity: "note", code: "entry-vanished", message, place: start.definition.place, hint }];
}

function peopleOf(entries: readonly RosterEntry[]): string {
  const who = [...new Set(entries.map(({ member }) => member))];
  return who.length > 5 ? `${who.slice(0, 5).join(", ")} and ${who.length - 5} more` : who.join(", ");
}
