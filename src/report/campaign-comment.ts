// A campaign on its pull request: the comment that says how it stands, the check beside it, and the reminder. Names and messages are
// somebody else's text and pass through Markdown's tree; only logins of the settings are mentioned as people, and only by a reminder.
import type { CampaignReport, ReviewerProgress } from "../model/campaign-report.ts";
import type { Finding } from "../model/finding.ts";
import type { NewCheck } from "../model/host.ts";
import { describeCampaign, describeDecisions, describeMissing, describeTime, missingOf } from "./campaign-words.ts";
import { escapeTerminal } from "./escape.ts";
import { SEVERITIES } from "./findings-text.ts";
import {
  type Block,
  code,
  heading,
  list,
  type Phrase,
  paragraph,
  phrase,
  prose,
  stringify,
  table,
} from "./markdown.ts";
import { counted } from "./phrase.ts";
import { annotationsOf } from "./pull-check.ts";
import { mention, reviewMarker } from "./review-pull.ts";

export const REVIEW_CHECK = "rolebook-review";

const MOST_REVIEWERS = 100;
const MOST_FINDINGS = 50;
const TITLE_LENGTH = 120;

/** The whole comment, its marker first. */
export function renderCampaignComment(report: CampaignReport): string {
  return `${reviewMarker("status", report.id)}\n${stringify(blocksOf(report))}`;
}

/** The check of a commit. `files`: paths of the roster files, from the root. */
export function buildCampaignCheck(report: CampaignReport, commit: string, files: ReadonlySet<string>): NewCheck {
  const { findings } = report;
  return {
    name: REVIEW_CHECK,
    commit,
    conclusion: concludeCampaign(report),
    title: escapeTerminal(capital(`${describeCampaign(report)}, ${describeTime(report)}`), TITLE_LENGTH),
    summary: stringify(blocksOf(report)),
    text: "",
    annotations: annotationsOf(findings, files),
  };
}

export function concludeCampaign({ findings, undecided }: CampaignReport): "failure" | "action_required" | "success" {
  if (findings.some(({ severity }) => severity === "error")) return "failure";
  return undecided > 0 ? "action_required" : "success";
}

function blocksOf(report: CampaignReport): Block[] {
  const { reviewers, findings } = report;
  const decisions = describeDecisions(report);
  const rows = reviewers
    .slice(0, MOST_REVIEWERS)
    .map((one) => [phrase(nameOf(one)), phrase(`${one.settled} of ${one.entries}`), phrase(describeMissing(one))]);
  const more = reviewers.length - rows.length;
  return [
    paragraph(`${capital(describeCampaign(report))}, ${describeTime(report)}.`),
    ...(decisions === "" ? [] : [paragraph(`Decided: ${decisions}.`)]),
    table(["Reviewer", "Decided", "Missing"], rows),
    ...(more > 0 ? [paragraph(`And ${counted(more, "more reviewer")}.`)] : []),
    ...findingBlocks(findings),
    ...(report.undecided === 0 && report.state === "deciding"
      ? [paragraph("Everything is decided: this can be merged.")]
      : []),
    ...(report.state === "closed"
      ? [
          paragraph(
            "The evidence is on the ledger: ",
            code(`rolebook review verify ${report.id}`),
            " checks it, and ",
            code(`rolebook review close ${report.id} --output DIR`),
            " copies it out.",
          ),
        ]
      : []),
  ];
}

function findingBlocks(findings: readonly Finding[]): Block[] {
  if (findings.length === 0) return [];
  const sorted = SEVERITIES.flatMap((severity) => findings.filter((one) => one.severity === severity));
  const more = sorted.length - MOST_FINDINGS;
  return [
    heading(3, "What to look at"),
    list(sorted.slice(0, MOST_FINDINGS).map(findingPhrase)),
    ...(more > 0 ? [paragraph(`And ${counted(more, "more finding")}: \`rolebook review status\` shows all.`)] : []),
  ];
}

function findingPhrase({ severity, message, hint, place, code: word }: Finding): Phrase {
  const where = place ? [" ", code(`${place.file}:${place.line}`)] : [];
  return phrase(
    `${severity}: `,
    prose(message),
    " (",
    code(word),
    ")",
    ...where,
    ...(hint === undefined ? [] : [". ", prose(hint)]),
  );
}

/** Nobody is told again by an edit of the comment. */
function nameOf({ reviewer, login }: ReviewerProgress) {
  return code(login ?? reviewer);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Somebody to remind. */
export interface Reminded {
  /** A member's name. */
  readonly member: string;
  readonly login: string;
  /** What they have left to do; null for those who may decide in the place of others. */
  readonly progress: ReviewerProgress | null;
}

/** The whole comment of a reminder, its marker first. */
export function renderReminder(report: CampaignReport, reminded: readonly Reminded[]): string {
  const items = reminded.map(({ login, progress }) =>
    progress === null
      ? phrase(mention(login), `: may decide ${insteadOf(report)} in the place of others`)
      : phrase(
          mention(login),
          `: ${describeMissing(progress)}`,
          ...progress.files.flatMap((file, index) => [index === 0 ? " in " : ", ", code(file)]),
        ),
  );
  return `${reviewMarker("reminder", report.id)}\n${stringify([
    paragraph(`Something of this access review waits for you; it is ${describeTime(report)}.`),
    list(items),
    paragraph("Decisions count once their reviewer approves this pull request with the file as it is then."),
  ])}`;
}

/** What the fallback may decide: all that is open once it is overdue, before that what people left who are gone. */
function insteadOf(report: CampaignReport): string {
  const open = missingOf(report).filter(({ left }) => left || report.phase !== "open");
  return counted(
    open.reduce((sum, { entries, settled }) => sum + entries - settled, 0),
    "entry",
    "entries",
  );
}
