// Campaigns as they stand, that the report tests render: one with a bit of everything, and one in which everything is called by one name.
import type { CampaignReport } from "../../src/model/campaign-report.ts";

/** A campaign that is overdue, with somebody who is done, somebody who is not, and somebody who has left. */
export function campaignOf(partial: Partial<CampaignReport> = {}): CampaignReport {
  const file = (name: string) => `policies/reviews/quarterly-2026-10-01/${name}.yaml`;
  return {
    id: "quarterly-2026-10-01",
    review: "quarterly",
    startedAt: "2026-10-01T06:00:00.000Z",
    due: "2026-10-15",
    fallbackUntil: "2026-10-22",
    fallback: ["hana@acme.example"],
    state: "deciding",
    phase: "escalated",
    pull: { number: 12, url: "https://git.acme.example/acme/access/pull/12" },
    commit: "d".repeat(40),
    entries: 12,
    undecided: 7,
    vanished: 1,
    decisions: { keep: 3, revoke: 1, reduce: 0, until: 0 },
    reviewers: [
      person("ana", { entries: 4, filled: 4, settled: 4, files: [file("ana")] }),
      person("bo", { entries: 6, filled: 3, settled: 1, files: [file("bo")] }),
      person("cy", { login: null, entries: 2, filled: 0, settled: 0, left: true, files: [file("cy")] }),
    ],
    findings: [
      {
        severity: "error",
        code: "decision-by-barred",
        message: "bo@acme.example decides on their own access",
        place: { file: file("bo"), line: 9, column: 15 },
        hint: "Leave it to the fallback.",
      },
      {
        severity: "warning",
        code: "review-overdue",
        message: "5 of 6 entries of bo@acme.example are overdue since 2026-10-15",
        place: { file: file("bo"), line: 1, column: 1 },
      },
    ],
    ...partial,
  };
}

function person(login: string, partial: Partial<CampaignReport["reviewers"][number]>) {
  const none = { login, entries: 0, filled: 0, settled: 0, left: false, files: [] };
  return { reviewer: `${login}@acme.example`, ...none, ...partial };
}

/** Everything that is not ours is called this. */
export function campaignCalled(name: string): CampaignReport {
  const counts = { entries: 3, filled: 1, settled: 0, left: false, files: [name] };
  return campaignOf({
    review: name,
    fallback: [name],
    pull: { number: 12, url: name },
    reviewers: [
      { reviewer: name, login: null, ...counts },
      { reviewer: name, login: name, ...counts },
    ],
    findings: [
      { severity: "error", code: "a-code", message: name, hint: name, place: { file: name, line: 1, column: 1 } },
    ],
  });
}
