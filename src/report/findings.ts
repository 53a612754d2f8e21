// Findings in the four formats that people and tools read. This file chooses; each format has its own.
// It refuses to judge: what a finding forbids is decided where it is made.
import { type Finding, sortFindings } from "../model/finding.ts";
import { findingsToAnnotations } from "./findings-github.ts";
import { findingsToJson } from "./findings-json.ts";
import { findingsToSarif } from "./findings-sarif.ts";
import { findingLines, summarizeFindings } from "./findings-text.ts";
import { screenOf } from "./layout.ts";

export type FindingsFormat = "human" | "json" | "sarif" | "github";

export interface FindingsOptions {
  readonly color: boolean;
  /** Columns, for `human`. */
  readonly width: number;
  /** Warnings make the command fail too; `human` says so. */
  readonly strict: boolean;
  /** Rolebook's version, for `sarif`. */
  readonly version: string;
}

/** Sorted, without duplicates, ending in a newline; empty only for `github` without findings. */
export function renderFindings(findings: readonly Finding[], format: FindingsFormat, options: FindingsOptions): string {
  const sorted = sortFindings(findings);
  switch (format) {
    case "human": {
      const screen = screenOf(options.color, options.width);
      const summary = summarizeFindings(screen, sorted, options.strict);
      const lines = findingLines(screen, sorted);
      return `${(lines.length === 0 ? [summary] : [...lines, "", summary]).join("\n")}\n`;
    }
    case "json":
      return `${JSON.stringify(findingsToJson(sorted), null, 2)}\n`;
    case "sarif":
      return `${JSON.stringify(findingsToSarif(sorted, options.version), null, 2)}\n`;
    case "github":
      return findingsToAnnotations(sorted)
        .map((line) => `${line}\n`)
        .join("");
    default: {
      const never: never = format;
      throw new Error(`unknown format ${String(never)}`);
    }
  }
}
