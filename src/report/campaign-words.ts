// The words that everything about a campaign shares: how it stands in a line, and what one reviewer still has to do. Escapes nothing.
import type { CampaignReport, ReviewerProgress } from "../model/campaign-report.ts";
import { counted } from "./phrase.ts";

/** `12 of 40 entries are decided`. */
export function describeCampaign({ entries, undecided }: CampaignReport): string {
  const done = entries - undecided;
  return undecided === 0
    ? `all of ${counted(entries, "entry", "entries")} decided`
    : `${done} of ${counted(entries, "entry", "entries")} decided`;
}

/** Until when, and who by then. */
export function describeTime({ state, phase, due, fallbackUntil }: CampaignReport): string {
  switch (state) {
    case "closed":
      return "closed: every decision is made and proved";
    case "closing":
      return "what was decided is being made";
    case "abandoned":
      return "over: its pull request was closed without a merge";
    case "unopened":
    case "deciding":
    case "merged":
      break;
    default:
      return state satisfies never;
  }
  switch (phase) {
    case "open":
      return `to decide until ${due}`;
    case "escalated":
      return `overdue since ${due}: the fallback may decide until ${fallbackUntil}`;
    case "over":
      return `the time to decide ended on ${fallbackUntil}: the default holds for the rest`;
    default:
      return phase satisfies never;
  }
}

/** `12 keep, 3 revoke`; empty where nothing is decided. */
export function describeDecisions({ decisions, vanished }: CampaignReport): string {
  const { keep, revoke, reduce, until } = decisions;
  const parts = [
    [keep, "keep"],
    [revoke, "revoke"],
    [reduce, "reduce"],
    [until, "until a day"],
    [vanished, "held no more"],
  ] as const;
  return parts.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])).join(", ");
}

/** What one reviewer has left to do. */
export function describeMissing({ entries, filled, settled, left }: ReviewerProgress): string {
  if (settled === entries) return "done";
  const open = entries - filled;
  const unapproved = filled - settled;
  const parts = [
    ...(open > 0 ? [`${open} to decide`] : []),
    ...(unapproved > 0 ? [`${unapproved} to approve`] : []),
    ...(left ? ["has left"] : []),
  ];
  return parts.join(", ");
}

/** Who has something left to do. */
export function missingOf({ reviewers }: CampaignReport): readonly ReviewerProgress[] {
  return reviewers.filter(({ entries, settled }) => settled < entries);
}
