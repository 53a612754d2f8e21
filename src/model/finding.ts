// What is wrong or worth knowing, and where. Findings are values: they are collected,
// sorted and shown together; nothing is thrown for a mistake an author can make.

/** A position in a text file. `file` is relative to where the command runs; `line` and `column` count from 1, columns in UTF-16 units. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A note is worth knowing, asks for nothing and never counts. */
export type Severity = "error" | "warning" | "note";

/**
 * What an error finding forbids: everything, only changes that take access away, or only the single
 * changes that name its code in `blockedBy`. Warnings and notes forbid nothing.
 */
export type Blocks = "everything" | "removals" | "change";

export interface Finding {
  readonly severity: Severity;
  /** Stable, kebab-case; documented in the README and safe to match on. */
  readonly code: string;
  /** One sentence: what is wrong. May quote names from files and platforms, so it is escaped where it is shown. */
  readonly message: string;
  readonly place?: Place;
  /** The entity concerned, as a key text (`Group/card creators`), where there is no file. */
  readonly key?: string;
  /** What to do about it. */
  readonly hint?: string;
  /** Defaults to "everything" for errors. */
  readonly blocks?: Blocks;
}

/** Whether any of the findings makes a command fail: an error does, a warning only when it is `strict`, a note never. */
export function countsAgainst(findings: readonly Pick<Finding, "severity">[], strict: boolean): boolean {
  return findings.some(({ severity }) => severity === "error" || (strict && severity === "warning"));
}

/** Code-point order, the order of everything that leaves Rolebook (never a locale's). */
export function compareText(left: string, right: string): number {
  // Texts that are one object are common and cheap to tell.
  return left === right ? 0 : left < right ? -1 : 1;
}

/**
 * Sorted by file, line, column, then code, key and message; findings without a place come last. Duplicates are dropped, and
 * of two that differ in severity alone the milder one.
 */
export function sortFindings(findings: readonly Finding[]): Finding[] {
  const sorted = [...findings].sort((a, b) => compareFindings(a, b) || RANK[a.severity] - RANK[b.severity]);
  return sorted.filter((finding, index) => index === 0 || compareFindings(sorted[index - 1] as Finding, finding) !== 0);
}

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.place?.file ?? "\u{10ffff}", b.place?.file ?? "\u{10ffff}") ||
    (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
    (a.place?.column ?? 0) - (b.place?.column ?? 0) ||
    compareText(a.code, b.code) ||
    compareText(a.key ?? "", b.key ?? "") ||
    compareText(a.message, b.message)
  );
}
