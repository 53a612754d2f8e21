// A pull request's check run: a title, a summary, the record of what was shown, and annotations at the lines that are wrong. The
// record is what reviews are held against, so nothing that comes from files or platforms stands beside it.
import type { Finding } from "../model/finding.ts";
import type { Annotation, NewCheck } from "../model/host.ts";
import type { PullReport } from "../model/pull-report.ts";
import { type Shown, writeShown } from "../model/shown.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";
import { counted } from "./phrase.ts";
import { renderPullCheck } from "./pull-comment.ts";
import { describeConclusion, describePull, describeRefusal, plannedIn } from "./pull-words.ts";

/** More than these nobody reads at the lines; the summary counts them all. */
const ANNOTATIONS = 100;

const TITLE_LENGTH = 120;

/** Everything of the check but its name. `findings`: of the files and of all plans; `touched`: paths from the root. */
export function buildPullCheck(
  report: PullReport,
  findings: readonly Finding[],
  touched: ReadonlySet<string>,
): Omit<NewCheck, "name"> {
  return {
    commit: report.head,
    conclusion: report.conclusion,
    title: titleOf(report),
    summary: renderPullCheck(report),
    text: recordOf(report),
    annotations: annotationsOf(findings, touched),
  };
}

/** What the check records: ids of every target that has something to approve. */
export function shownIn(report: PullReport): Shown[] {
  return plannedIn(report).map(({ target, plan }) => ({
    target,
    digest: plan.digest,
    changes: plan.changes.map(({ id }) => id),
    weakens: plan.weakens.map(({ id }) => id),
  }));
}

function recordOf(report: PullReport): string {
  const shown = shownIn(report);
  const changes = shown.reduce((sum, { changes, weakens }) => sum + (changes?.length ?? 0) + weakens.length, 0);
  const words = `Reviews that follow this check can approve ${counted(changes, "change")} of ${counted(shown.length, "target")}: those that are recorded here.`;
  return shown.length === 0
    ? "Nothing is recorded here that a review could approve."
    : `${words}\n\n${writeShown(shown)}`;
}

function titleOf(report: PullReport): string {
  const reasons = describeRefusal(report);
  const what = reasons.length === 0 ? describePull(report) : reasons.join(", ");
  return escapeTerminal(`${describeConclusion(report)}: ${what}`, TITLE_LENGTH);
}

/** Errors wherever they are, warnings where the pull request touches the file; errors first. */
export function annotationsOf(findings: readonly Finding[], touched: ReadonlySet<string>): Annotation[] {
  const rows = findings.flatMap(({ severity, code, message, hint, place }): Annotation[] => {
    if (!place || severity === "note") return [];
    const path = place.file.replace(/^\.\//, "");
    if (severity === "warning" && !touched.has(path)) return [];
    const text = [message, ...(hint === undefined ? [] : [hint])].map((part) => escapeTerminal(part, MESSAGE_LENGTH));
    const { line, column } = place;
    const level = severity === "error" ? "failure" : "warning";
    return [{ path, line, column, level, title: escapeTerminal(code), message: text.join("\n") }];
  });
  return [...rows.filter(({ level }) => level === "failure"), ...rows.filter(({ level }) => level !== "failure")].slice(
    0,
    ANNOTATIONS,
  );
}
