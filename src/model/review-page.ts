// What the page of a review report carries with it: the report by columns, with every text said once, so that a hundred thousand
// grants stay small and are read in a moment. Nouns only; `report` packs it, `browser` reads it.
import type { TrendPoint } from "./review.ts";

/** Numbers, one for each record, in the records' order. */
export type Column = readonly number[];

/** Lists of numbers, end to end: list `i` is `items` from `starts[i]` to `starts[i + 1]`. */
export interface PackedLists {
  readonly starts: Column;
  readonly items: Column;
}

/** Where a number stands for a text that is not there. */
export const NO_TEXT = -1;

/** Where a person's last activity would stand: the platform does not tell. */
export const NOT_TOLD = -2;

/** The number that stands for a word in a column is its place in these. */
export const RISK_LEVELS = ["low", "medium", "high", "critical"] as const;
export const DRIFTS = ["none", "extra", "more"] as const;
export const HOWS = ["applied", "written", "unmanaged", "unknown"] as const;
/** Of a person's second factor: not told, off, on. */
export const FACTORS = [undefined, false, true] as const;

export interface PackedRows {
  /** Index of the target. */
  readonly target: Column;
  /** Texts. */
  readonly member: Column;
  readonly resource: Column;
  readonly scope: Column;
  readonly level: Column;
  /** In hundredths. */
  readonly strength: Column;
  /** A list of paths. */
  readonly paths: Column;
  /** Index of the provenance. */
  readonly provenance: Column;
  readonly until: Column;
  readonly owner: Column;
  /** A list of exceptions. */
  readonly exceptions: Column;
  readonly drift: Column;
  readonly risk: Column;
  readonly score: Column;
  /** A list of reasons. */
  readonly reasons: Column;
}

export interface PackedPaths {
  readonly group: Column;
  readonly role: Column;
  readonly level: Column;
  /** Indices of places. */
  readonly membershipPlace: Column;
  readonly groupPlace: Column;
  readonly rolePlace: Column;
  readonly provenance: Column;
  readonly until: Column;
  readonly reason: Column;
}

export interface PackedProvenances {
  readonly how: Column;
  readonly since: Column;
  readonly commit: Column;
  /** The number itself, or `NO_TEXT`. */
  readonly pull: Column;
  readonly author: Column;
  /** A list of texts. */
  readonly approvers: Column;
  readonly emergency: Column;
  readonly emergencyBy: Column;
}

export interface PackedPeople {
  readonly target: Column;
  readonly member: Column;
  readonly name: Column;
  readonly login: Column;
  readonly lastActive: Column;
  readonly factor: Column;
  readonly owner: Column;
  readonly grants: Column;
  readonly weight: Column;
  readonly risk: Column;
  /** A list of texts. */
  readonly groups: Column;
}

export interface PackedChanges {
  readonly review: string;
  readonly at: string;
  readonly target: Column;
  readonly member: Column;
  readonly resource: Column;
  readonly scope: Column;
  readonly before: Column;
  readonly after: Column;
}

export interface PackedKeys {
  readonly target: Column;
  readonly name: Column;
  readonly owner: Column;
  readonly scope: Column;
  readonly createdAt: Column;
  readonly lastUsedAt: Column;
  readonly expiresAt: Column;
  readonly ageDays: Column;
  /** A list of texts. */
  readonly concerns: Column;
}

export interface PackedCounts {
  readonly target: Column;
  readonly name: Column;
  readonly people: Column;
  readonly grants: Column;
  readonly ownerEquivalent: Column;
  readonly highRisk: Column;
}

export interface PackedTarget {
  readonly name: string;
  readonly title: string;
  readonly commit: string | null;
  readonly scopeWord: string;
  readonly scopes: readonly string[];
  readonly tellsActivity: boolean;
}

export interface PackedFinding {
  readonly severity: string;
  readonly code: string;
  readonly message: string;
  readonly where: string;
  readonly hint: string;
}

/** Every text is safe to show: what nobody would see is visible in it. */
export interface PackedReview {
  readonly version: 1;
  readonly at: string;
  readonly source: "live" | "files" | "past";
  readonly tool: string;
  /** A page of the web, or null. */
  readonly url: string | null;
  /** Before the files of places; empty, or ends in a slash. */
  readonly folder: string;
  readonly texts: readonly string[];
  /** Of texts, paths, reasons and exceptions: whose lists they are says the column. */
  readonly lists: PackedLists;
  readonly targets: readonly PackedTarget[];
  readonly rows: PackedRows;
  readonly people: PackedPeople;
  readonly paths: PackedPaths;
  readonly provenances: PackedProvenances;
  readonly places: { readonly file: Column; readonly line: Column };
  readonly reasons: { readonly code: Column; readonly text: Column };
  readonly exceptions: {
    readonly guardrail: Column;
    readonly reason: Column;
    readonly approver: Column;
    readonly until: Column;
  };
  readonly keys: PackedKeys;
  readonly groups: PackedCounts;
  readonly scopes: PackedCounts;
  readonly changes: PackedChanges | null;
  /** Past reviews, oldest first, and what the report itself comes to at the end. */
  readonly trends: readonly TrendPoint[];
  readonly findings: readonly PackedFinding[];
}
