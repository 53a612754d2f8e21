// How campaigns stand, for people at a terminal. Judges nothing.
import type { CampaignReport } from "../model/campaign-report.ts";
import { describeCampaign, describeDecisions, describeMissing, describeTime } from "./campaign-words.ts";
import { escapeTerminal, showName } from "./escape.ts";
import { findingLines } from "./findings-text.ts";
import { type Screen, screenOf, tableLines, wrap } from "./layout.ts";

/** A paragraph, a table and the findings of each. */
export function renderCampaignsText(
  reports: readonly CampaignReport[],
  { color, width }: { readonly color: boolean; readonly width: number },
): string {
  if (reports.length === 0) return "No campaign is open.\n";
  const screen = screenOf(color, width);
  return reports.map((report) => `${linesOf(screen, report).join("\n")}\n`).join("\n");
}

function linesOf(screen: Screen, report: CampaignReport): string[] {
  const { id, pull, reviewers, findings } = report;
  const decisions = describeDecisions(report);
  const where =
    pull === null
      ? "No pull request is open: `rolebook review start` opens it."
      : `Pull request #${pull.number} ${escapeTerminal(pull.url)}`;
  const rows = reviewers.map((one) => [
    showName(one.reviewer),
    one.login === null ? "" : `@${escapeTerminal(one.login)}`,
    `${one.settled} of ${one.entries}`,
    describeMissing(one),
  ]);
  return [
    ...wrap(screen, [
      { text: `Review ${showName(id)}: `, style: "bold" },
      { text: describeCampaign(report), style: report.undecided === 0 ? "green" : "yellow" },
      `, ${describeTime(report)}`,
    ]),
    ...wrap(screen, [where], "  "),
    ...(decisions === "" ? [] : wrap(screen, [`Decided: ${decisions}`], "  ")),
    "",
    ...tableLines(screen, ["reviewer", "login", "decided", "missing"], rows),
    ...(findings.length === 0 ? [] : ["", ...findingLines(screen, findings)]),
  ];
}
