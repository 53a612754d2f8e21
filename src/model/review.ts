// The report of an access review as a value: one row for every effective grant, and what people look at first. Nouns only; `plan`
// fills it, `report` shows it.
import type { PlacedPath } from "./answers.ts";
import type { Finding } from "./finding.ts";

/** Where something comes from: the change that made it, and who agreed to that. */
export interface Provenance {
  /**
   * `applied`: an apply made it, by the ledger. `written`: it was live already when Git began to say it, so that only Git's history
   * speaks. `unmanaged`: no file says it. `unknown`: the history that is here does not reach back so far.
   */
  readonly how: "applied" | "written" | "unmanaged" | "unknown";
  /** ISO 8601, UTC: when the apply ended that made it, or when the commit was made that says it; null when not known. */
  readonly since: string | null;
  /** The commit that was applied, or that wrote the line. */
  readonly commit: string | null;
  /** The pull request it came with. */
  readonly pull: number | null;
  /** Who wrote the line or opened the pull request, as Git or the ledger names them; null when not known. */
  readonly author: string | null;
  /** Who agreed: members' names, or Git identities. Empty where nobody did, or nobody knows. Sorted. */
  readonly approvers: readonly string[];
  /** `break-glass`: nobody approved it. */
  readonly emergency?: true;
  /** Of an emergency: who broke the glass, as the ledger names them. */
  readonly emergencyBy?: string;
}

/** One path of a row, and where it comes from: the part of it that came last. */
export interface ReviewPath extends PlacedPath {
  readonly provenance: Provenance;
  /** As the file writes it: a date or an instant. */
  readonly until?: string;
  /** What the membership's entry gives as the reason. */
  readonly reason?: string;
}

/** How much a row deserves a look. */
export type RiskLevel = "low" | "medium" | "high" | "critical";

/** Why. The codes are stable; README lists them. */
export type RiskCode =
  /** It is what lets the person give themselves anything (in this scope). */
  | "owner-equivalent"
  /** Not active for long, by the platform's word. */
  | "dormant"
  /** Never active at all. */
  | "never-active"
  /** No second factor, and at a resource's highest level. */
  | "no-second-factor"
  /** Nobody else in the same groups holds it. */
  | "outlier"
  /** The entry's end has passed, and it is still there; or its exception's has. */
  | "outlived"
  /** Live, and no file says it. */
  | "not-in-git"
  /** A guardrail forbids it, and an exception allows it. */
  | "exception"
  /** A guardrail forbids it. */
  | "breach"
  /** Held through no group. */
  | "direct"
  /** At the highest level without an end. */
  | "standing"
  /** Nobody approved it: an emergency. */
  | "emergency"
  /** A review took it away within the last 90 days. */
  | "regranted";

export interface Risk {
  readonly level: RiskLevel;
  /** 0 to 100: what rows are ordered by. */
  readonly score: number;
  /** In the order of their weight; sentences without a full stop. */
  readonly reasons: readonly { readonly code: RiskCode; readonly text: string }[];
}

/** An exception of a guardrail that speaks of the row's member. */
export interface RowException {
  readonly guardrail: string;
  readonly reason: string;
  readonly approver: string;
  readonly until: string;
}

/** One effective grant of one person. */
export interface ReviewRow {
  /** SHA-256 (hex, first 24 digits) of target, member (folded), resource and scope: the same grant has the same id in every report. */
  readonly id: string;
  readonly target: string;
  /** As people see it. */
  readonly member: string;
  readonly resource: string;
  /** An environment's name, or `organization`. */
  readonly scope: string;
  readonly level: string;
  /** 0 to 1: the level's place in its resource's ladder; 1 is the highest. */
  readonly strength: number;
  /** Sorted by group, then role; never empty. */
  readonly paths: readonly ReviewPath[];
  /** Of the path that has given it for the longest time. */
  readonly provenance: Provenance;
  /** When it ends: the last of its paths' ends. Null when it does not end. */
  readonly until: string | null;
  /** The person could give themselves anything in this row's scope. */
  readonly ownerEquivalent: boolean;
  readonly exceptions: readonly RowException[];
  /** `none`: Git says all of it. `extra`: no file says it. `more`: files say it at a lower level. */
  readonly drift: "none" | "extra" | "more";
  readonly risk: Risk;
}

/** Somebody with at least one row, on one target. */
export interface ReviewPerson {
  readonly target: string;
  /** As people see it. */
  readonly member: string;
  /** First and last name; empty when not known. */
  readonly name: string;
  /** On the Git host, where the settings say it. */
  readonly login?: string;
  /** ISO 8601, UTC; null for never; absent where the platform does not tell. */
  readonly lastActive?: string | null;
  readonly multiFactor?: boolean;
  readonly ownerEquivalent: boolean;
  /** How many rows are theirs. */
  readonly grants: number;
  /** The sum of their rows' strengths, rounded to two digits: who can do the most comes first. */
  readonly weight: number;
  readonly risk: RiskLevel;
  /** Display names, sorted. */
  readonly groups: readonly string[];
}

/** A key that a program uses. */
export interface ReviewKey {
  readonly target: string;
  readonly name: string;
  readonly owner: string | null;
  readonly scope: string | null;
  /** ISO 8601, UTC; null when not told. */
  readonly createdAt: string | null;
  readonly lastUsedAt: string | null;
  readonly expiresAt: string | null;
  /** Whole days since it was made; null when not known. */
  readonly ageDays: number | null;
  /** What is wrong with it, as sentences: `no owner`, `older than its rotation of 90 days`. */
  readonly concerns: readonly string[];
}

/** Counts of one group, scope or other place. */
export interface ReviewCount {
  readonly target: string;
  readonly name: string;
  readonly people: number;
  readonly grants: number;
  readonly ownerEquivalent: number;
  readonly highRisk: number;
}

/** A row that is new, gone or at another level since the last review. */
export interface RowChange {
  readonly id: string;
  readonly target: string;
  readonly member: string;
  readonly resource: string;
  readonly scope: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a whole report comes to: what trends are drawn from. */
export interface ReviewFigures {
  readonly people: number;
  readonly grants: number;
  readonly ownerEquivalent: number;
  readonly dormant: number;
  readonly outliers: number;
  readonly outlived: number;
  readonly notInGit: number;
  readonly highRisk: number;
  readonly keys: number;
}

/** One of the past reviews. */
export interface TrendPoint {
  /** The campaign's id. */
  readonly review: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly figures: ReviewFigures;
  /** Decisions of that campaign that took something away. */
  readonly revoked: number;
}

export interface ReviewTarget {
  readonly name: string;
  readonly platform: string;
  /** The platform's title. */
  readonly title: string;
  /** The commit whose files the report speaks of; null outside Git. */
  readonly commit: string | null;
  /** What the platform's scopes are called: `environments`. */
  readonly scopeWord: string;
  /** Display names, sorted, `organization` last where anything has it. */
  readonly scopes: readonly string[];
  /** Whether the platform tells when people were active last. */
  readonly tellsActivity: boolean;
}

/** Where people look at the files on the web. */
export interface ReviewRepository {
  /** The repository's page: `https://github.com/acme/access`. */
  readonly url: string;
  /** From the repository's root to the folder that places' files are relative to; empty where that is the root. */
  readonly folder: string;
}

export interface ReviewReport {
  readonly version: 1;
  /** ISO 8601, UTC: the instant that ends and ages are judged by. */
  readonly at: string;
  /** `live`: the platforms were read. `files`: what the files say. `past`: what was applied at `at`, by Git and the ledger. */
  readonly source: "live" | "files" | "past";
  /** `rolebook 0.1.0`. */
  readonly tool: string;
  /** Absent where there is no such page, or it is not known. */
  readonly repository?: ReviewRepository;
  readonly targets: readonly ReviewTarget[];
  /** By risk (highest score first), then target, member, resource, scope. */
  readonly rows: readonly ReviewRow[];
  /** By weight (highest first), then target and member. */
  readonly people: readonly ReviewPerson[];
  readonly keys: readonly ReviewKey[];
  /** Sorted by target, then name. */
  readonly groups: readonly ReviewCount[];
  readonly scopes: readonly ReviewCount[];
  /** Since the last review that is on the ledger; null where there is none. */
  readonly changes: { readonly review: string; readonly at: string; readonly rows: readonly RowChange[] } | null;
  /** Oldest first. */
  readonly trends: readonly TrendPoint[];
  readonly figures: ReviewFigures;
  readonly findings: readonly Finding[];
}
