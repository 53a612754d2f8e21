// What a verdict asks for, in the order people want to know it: what waits for whom, then what has its approvals. Counts and
// names; decides nothing.
import { compareText } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import type { Approver, Need } from "../model/pull-report.ts";
import type { ReviewEvidence } from "../model/receipt.ts";
import type { Person } from "../model/settings.ts";
import type { Approvals, ReviewVerdict } from "../plan/approvals.ts";

/** Changes and weakenings by what they wait for. */
export function needsOf(
  { changes, weakens }: Pick<ReviewVerdict, "changes" | "weakens">,
  people: readonly Person[],
  platform: Platform,
): Need[] {
  const logins = new Map<string, string>();
  for (const { login, members } of people) for (const member of members) logins.set(platform.fold(member), login);
  const needs = new Map<string, Need>();
  for (const approvals of [...weakens, ...changes]) {
    const by = loginsOf(approvals.by);
    const against = loginsOf(approvals.against);
    const { label, needed, approved, owners } = approvals;
    const key = JSON.stringify([label, needed, approved, owners, by, against]);
    const known = needs.get(key);
    const approvers = known?.approvers ?? approversOf(approvals, logins, platform);
    needs.set(key, { label, needed, by, against, approved, approvers, count: (known?.count ?? 0) + 1 });
  }
  return [...needs.values()].sort((one, other) => Number(one.approved) - Number(other.approved));
}

function approversOf({ owners }: Approvals, logins: ReadonlyMap<string, string>, { fold }: Platform): Approver[] {
  return owners.map((member) => ({ member, login: logins.get(fold(member)) }));
}

function loginsOf(reviews: readonly ReviewEvidence[]): string[] {
  return [...new Set(reviews.map(({ login }) => login))].sort(compareText);
}
