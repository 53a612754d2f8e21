// The columns of a review's CSV: first all of Microsoft Entra's access review history, by its names and in its order, then our own.
// README says which of our words stands in which of theirs. It refuses to guess: what is not known is an empty cell.
import type { CampaignStart, Decision, ProvedEntry, RosterEntry } from "../model/campaign.ts";
import { decisionText } from "../model/decision.ts";
import type { Place } from "../model/finding.ts";
import type { Provenance, ReviewPath, ReviewPerson, ReviewReport, ReviewRow, ReviewTarget } from "../model/review.ts";
import type { ReviewedCampaign } from "./review-csv.ts";

/** What a campaign said of one grant. */
export interface Verdict {
  readonly campaign: ReviewedCampaign;
  readonly entry: RosterEntry;
  readonly decided: ReviewedCampaign["decided"][number] | undefined;
  readonly proved: ProvedEntry | undefined;
}

/** One line: a grant by one of its paths; without a row, a grant that a campaign was about and that is not held any more. */
export interface CsvLine {
  readonly report: ReviewReport;
  readonly target: ReviewTarget | undefined;
  readonly person: ReviewPerson | undefined;
  readonly grant: CampaignStart["rows"][number];
  readonly row: ReviewRow | undefined;
  readonly path: ReviewPath | undefined;
  /** Counts from 1; 0 without a path. */
  readonly number: number;
  readonly verdict: Verdict | undefined;
  /** A member's name -> first and last name. */
  readonly nameOf: (target: string, member: string) => string;
}

interface Column {
  readonly name: string;
  readonly of: (line: CsvLine) => string;
}

/** As Microsoft documents its downloadable review history. */
const ENTRA: readonly Column[] = [
  column("AccessReviewId", ({ verdict }) => verdict?.campaign.start.id),
  column("AccessReviewSeriesId", ({ verdict }) => verdict && seriesOf(verdict.campaign.start)),
  column("ReviewType", ({ verdict }) => verdict && (verdict.entry.groups.length > 0 ? "group" : "role")),
  column("ResourceDisplayName", ({ grant }) => grant.resource),
  column("ResourceId", ({ grant }) => `${grant.target}/${grant.scope}/${grant.resource}`),
  column("ReviewName", ({ verdict }) => verdict?.campaign.start.definition.name),
  column("CreatedDateTime", ({ verdict }) => verdict?.campaign.start.startedAt),
  column("ReviewStartDate", ({ verdict }) => verdict?.campaign.start.startedAt.slice(0, 10)),
  column("ReviewEndDate", ({ verdict }) => verdict?.campaign.start.due),
  column("ReviewStatus", ({ verdict }) => verdict && statusOf(verdict.campaign)),
  column("OwnerId", ({ verdict }) => verdict?.entry.reviewer),
  column("OwnerName", ({ verdict, grant, nameOf }) => verdict && nameOf(grant.target, verdict.entry.reviewer)),
  column("OwnerUPN", ({ verdict }) => verdict?.entry.reviewer),
  column("PrincipalId", ({ grant }) => grant.member),
  column("PrincipalName", ({ person }) => person?.name),
  column("PrincipalUPN", ({ grant }) => grant.member),
  column("PrincipalType", () => "user"),
  column("ReviewDate", ({ verdict }) => verdict?.decided?.approval?.at),
  column("ReviewResult", ({ verdict }) => verdict && resultOf(verdict)),
  column("Justification", ({ verdict }) => verdict?.decided?.justification),
  column("ReviewerId", ({ verdict }) => verdict?.decided?.approval?.login),
  column("ReviewerName", ({ verdict, grant, nameOf }) => verdict?.decided && nameOf(grant.target, verdict.decided.who)),
  column("ReviewerUPN", ({ verdict }) => verdict?.decided?.who),
  column("ReviewerEmailAddress", ({ verdict }) => addressIn(verdict?.decided?.who)),
  column("AppliedByName", ({ verdict, grant, nameOf }) => {
    const by = verdict && appliedOf(verdict)?.by;
    return by === undefined ? undefined : nameOf(grant.target, by) || by;
  }),
  column("AppliedByUPN", ({ verdict }) => verdict && appliedOf(verdict)?.by),
  column("AppliedByEmailAddress", ({ verdict }) => addressIn(verdict && appliedOf(verdict)?.by)),
  column("AppliedDate", ({ verdict }) => verdict && appliedOf(verdict)?.at),
  column("AccessRecommendation", ({ verdict }) => verdict && verdictWord(verdict.entry.recommendation)),
  column("SubmissionResult", ({ verdict }) => verdict && submissionOf(verdict.proved)),
];

const GRANT: readonly Column[] = [
  column("ReportedAt", ({ report }) => report.at),
  column("Source", ({ report }) => report.source),
  column("Tool", ({ report }) => report.tool),
  column("PolicyCommit", ({ target }) => target?.commit),
  column("GrantId", ({ grant }) => grant.id),
  column("Held", ({ row }) => yesNo(row !== undefined)),
  column("Target", ({ grant }) => grant.target),
  column("Platform", ({ target }) => target?.platform),
  column("Member", ({ grant }) => grant.member),
  column("Login", ({ person }) => person?.login),
  column("Resource", ({ grant }) => grant.resource),
  column("Scope", ({ grant }) => grant.scope),
  column("Level", ({ grant }) => grant.level),
  column("Strength", ({ row }) => row && String(row.strength)),
  column("GrantedSince", ({ row }) => row?.provenance.since),
  column("GrantedUntil", ({ row }) => row?.until),
  column("OwnerEquivalent", ({ row }) => row && yesNo(row.ownerEquivalent)),
  column("Drift", ({ row }) => row?.drift),
  column("Exceptions", ({ row }) => row?.exceptions.map(exceptionText).join("; ")),
  column("RiskLevel", ({ row }) => row?.risk.level),
  column("RiskScore", ({ row }) => row && String(row.risk.score)),
  column("RiskCodes", ({ row }) => row?.risk.reasons.map(({ code }) => code).join(" ")),
  column("RiskReasons", ({ row }) => row?.risk.reasons.map(({ text }) => text).join("; ")),
  column("LastActive", ({ person }) => lastActiveOf(person)),
  column("MultiFactor", ({ person }) => person?.multiFactor !== undefined && yesNo(person.multiFactor)),
];

const PATH: readonly Column[] = [
  column("Path", ({ number }) => number > 0 && String(number)),
  column("Paths", ({ row }) => row && String(row.paths.length)),
  column("Group", ({ path }) => path?.group),
  column("Role", ({ path }) => path?.role),
  column("PathLevel", ({ path, row }) => path?.level ?? (path && row?.level)),
  column("MembershipAt", ({ path }) => placeText(path?.membershipPlace)),
  column("GroupAt", ({ path }) => placeText(path?.groupPlace)),
  column("RoleAt", ({ path }) => placeText(path?.rolePlace)),
  column("PathUntil", ({ path }) => path?.until),
  column("Reason", ({ path }) => path?.reason),
  provenance("Origin", ({ how }) => how),
  provenance("PathSince", ({ since }) => since),
  provenance("Commit", ({ commit }) => commit),
  provenance("PullRequest", ({ pull }) => pull !== null && String(pull)),
  provenance("Author", ({ author }) => author),
  provenance("Approvers", ({ approvers }) => approvers.join("; ")),
  provenance("Emergency", ({ emergency }) => yesNo(emergency === true)),
];

const CAMPAIGN: readonly Column[] = [
  column("RosterEntry", ({ verdict }) => verdict?.entry.id),
  column("Decision", ({ verdict }) => verdict?.decided && decisionText(verdict.decided.decision)),
  column("DecidedBy", ({ verdict }) => verdict?.decided?.by),
  column("DecisionPullRequest", ({ verdict }) => verdict?.decided?.approval && String(verdict.decided.approval.pull)),
  column("DecisionCommit", ({ verdict }) => verdict?.decided?.approval?.commit),
  column("Recommendation", ({ verdict }) => verdict && decisionText(verdict.entry.recommendation)),
  column("RecommendedBecause", ({ verdict }) => verdict?.entry.because),
  column("Proof", ({ verdict }) => verdict?.proved?.result),
];

/** What came later. */
const ADDED: readonly Column[] = [provenance("EmergencyBy", ({ emergencyBy }) => emergencyBy ?? null)];

/** All columns, in order. New ones are only ever added at the end. */
export const REVIEW_COLUMNS: readonly Column[] = [...ENTRA, ...GRANT, ...PATH, ...CAMPAIGN, ...ADDED];

function column(name: string, find: (line: CsvLine) => string | false | null | undefined): Column {
  return { name, of: (line) => find(line) || "" };
}

function provenance(name: string, find: (provenance: Provenance) => string | false | null): Column {
  return column(name, ({ path }) => path && find(path.provenance));
}

/** Of a campaign that comes again and again; of one that does not, Entra says nothing either. */
function seriesOf({ definition }: CampaignStart): string {
  return definition.schedule === undefined ? "" : definition.name;
}

function statusOf({ decided, proved }: ReviewedCampaign): string {
  if (proved.length > 0) return "Applied";
  return decided.length > 0 ? "Completed" : "InProgress";
}

function appliedOf({ campaign, entry }: Verdict) {
  return campaign.applied.get(entry.id);
}

/** What a default decided, nobody reviewed. */
function resultOf({ decided }: Verdict): string {
  return decided === undefined || decided.by === "default" ? "Not reviewed" : verdictWord(decided.decision);
}

/** Entra knows two; what is reduced or ends stays for now. */
function verdictWord(decision: Decision): string {
  return decision.decision === "revoke" ? "Deny" : "Approve";
}

function submissionOf(proved: ProvedEntry | undefined): string {
  return proved === undefined || proved.result === "still-there" ? "not applied" : "applied";
}

function addressIn(name: string | undefined): string {
  return name?.includes("@") ? name : "";
}

function exceptionText({ guardrail, reason, approver, until }: ReviewRow["exceptions"][number]): string {
  return `${guardrail} (${reason}; by ${approver} until ${until})`;
}

function lastActiveOf(person: ReviewPerson | undefined): string | undefined {
  return person?.lastActive === null ? "never" : person?.lastActive;
}

function placeText(place: Place | undefined): string {
  return place ? `${place.file}:${place.line}:${place.column}` : "";
}

function yesNo(yes: boolean): string {
  return yes ? "yes" : "no";
}
