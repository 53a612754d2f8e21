// An access review as JSON (schemas/output/review.json): the stable, versioned shape that other tools read. It refuses to leave a
// property out: what is not known is null.
import type { Finding } from "../model/finding.ts";
import type {
  Provenance,
  ReviewCount,
  ReviewFigures,
  ReviewKey,
  ReviewPath,
  ReviewPerson,
  ReviewReport,
  ReviewRow,
  ReviewTarget,
  Risk,
  RowChange,
  RowException,
  TrendPoint,
} from "../model/review.ts";
import { type PathJson, pathToJson } from "./answers-json.ts";
import { type FindingJson, findingToJson } from "./findings-json.ts";
import { headText, inChunks, listText, TAIL } from "./json-pieces.ts";

export interface ProvenanceJson extends Omit<Provenance, "emergency" | "emergencyBy"> {
  readonly emergency: boolean;
  readonly emergencyBy: string | null;
}

export interface ReviewPathJson extends PathJson {
  readonly until: string | null;
  readonly reason: string | null;
  readonly provenance: ProvenanceJson;
}

export interface ReviewRowJson extends Omit<ReviewRow, "paths" | "provenance"> {
  readonly paths: readonly ReviewPathJson[];
  readonly provenance: ProvenanceJson;
}

export interface ReviewPersonJson extends Omit<ReviewPerson, "login" | "lastActive" | "multiFactor"> {
  readonly login: string | null;
  /** Whether the platform tells: then null is never. */
  readonly activityKnown: boolean;
  readonly lastActive: string | null;
  readonly multiFactor: boolean | null;
}

export interface ReviewJson {
  readonly version: 1;
  readonly at: string;
  readonly source: ReviewReport["source"];
  readonly tool: string;
  readonly figures: ReviewFigures;
  readonly changesSince: { readonly review: string; readonly at: string } | null;
  readonly targets: readonly ReviewTarget[];
  readonly people: readonly ReviewPersonJson[];
  readonly keys: readonly ReviewKey[];
  readonly groups: readonly ReviewCount[];
  readonly scopes: readonly ReviewCount[];
  readonly changes: readonly RowChange[];
  readonly trends: readonly TrendPoint[];
  readonly findings: readonly FindingJson[];
  readonly rows: readonly ReviewRowJson[];
}

/** The report as text, in pieces: a line for each property and for each element of a list. */
export function renderReviewJson(report: ReviewReport): Iterable<string> {
  return inChunks(piecesOf(report));
}

function* piecesOf(report: ReviewReport): Iterable<string> {
  yield* headText(headOf(report));
  yield* listText("targets", report.targets, targetToJson);
  yield* listText("people", report.people, personToJson);
  yield* listText("keys", report.keys, keyToJson);
  yield* listText("groups", report.groups, countToJson);
  yield* listText("scopes", report.scopes, countToJson);
  yield* listText("changes", report.changes?.rows ?? [], changeToJson);
  yield* listText("trends", report.trends, trendToJson);
  yield* listText("findings", report.findings, (finding: Finding) => findingToJson(finding));
  yield* listText("rows", report.rows, rowToJson);
  yield TAIL;
}

function headOf({ version, at, source, tool, figures, changes }: ReviewReport) {
  const changesSince = changes && { review: changes.review, at: changes.at };
  return { version, at, source, tool, figures: figuresToJson(figures), changesSince } satisfies Partial<ReviewJson>;
}

function figuresToJson(figures: ReviewFigures): ReviewFigures {
  const { people, grants, ownerEquivalent, dormant, outliers, outlived, notInGit, highRisk, keys } = figures;
  return { people, grants, ownerEquivalent, dormant, outliers, outlived, notInGit, highRisk, keys };
}

function targetToJson(target: ReviewTarget): ReviewTarget {
  const { name, platform, title, commit, scopeWord, scopes, tellsActivity } = target;
  return { name, platform, title, commit, scopeWord, scopes, tellsActivity };
}

function personToJson(person: ReviewPerson): ReviewPersonJson {
  const { target, member, name, login, lastActive, multiFactor, ownerEquivalent, grants, weight, risk, groups } =
    person;
  const activity = { activityKnown: lastActive !== undefined, lastActive: lastActive ?? null };
  const facts = { login: login ?? null, ...activity, multiFactor: multiFactor ?? null };
  return { target, member, name, ...facts, ownerEquivalent, grants, weight, risk, groups };
}

function keyToJson(key: ReviewKey): ReviewKey {
  const { target, name, owner, scope, createdAt, lastUsedAt, expiresAt, ageDays, concerns } = key;
  return { target, name, owner, scope, createdAt, lastUsedAt, expiresAt, ageDays, concerns };
}

function countToJson({ target, name, people, grants, ownerEquivalent, highRisk }: ReviewCount): ReviewCount {
  return { target, name, people, grants, ownerEquivalent, highRisk };
}

function changeToJson({ id, target, member, resource, scope, before, after }: RowChange): RowChange {
  return { id, target, member, resource, scope, before, after };
}

function trendToJson({ review, at, figures, revoked }: TrendPoint): TrendPoint {
  return { review, at, figures: figuresToJson(figures), revoked };
}

function rowToJson(row: ReviewRow): ReviewRowJson {
  const { id, target, member, resource, scope, level, strength, until, ownerEquivalent, drift } = row;
  return {
    ...{ id, target, member, resource, scope, level, strength },
    paths: row.paths.map(reviewPathToJson),
    provenance: provenanceToJson(row.provenance),
    ...{ until, ownerEquivalent },
    exceptions: row.exceptions.map(exceptionToJson),
    drift,
    risk: riskToJson(row.risk),
  };
}

function reviewPathToJson(path: ReviewPath): ReviewPathJson {
  const { until, reason, provenance } = path;
  return {
    ...pathToJson(path),
    until: until ?? null,
    reason: reason ?? null,
    provenance: provenanceToJson(provenance),
  };
}

/** What is not known is null. */
export function provenanceToJson({
  how,
  since,
  commit,
  pull,
  author,
  approvers,
  emergency,
  emergencyBy,
}: Provenance): ProvenanceJson {
  const broken = { emergency: emergency === true, emergencyBy: emergencyBy ?? null };
  return { how, since, commit, pull, author, approvers, ...broken };
}

function exceptionToJson({ guardrail, reason, approver, until }: RowException): RowException {
  return { guardrail, reason, approver, until };
}

function riskToJson({ level, score, reasons }: Risk): Risk {
  return { level, score, reasons: reasons.map(({ code, text }) => ({ code, text })) };
}
