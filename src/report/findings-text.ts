// Findings as lines for people: the place to click, what is wrong, its code, and what to do.
// It refuses to sort or drop; it gets them sorted and shows every one.
import type { Finding, Severity } from "../model/finding.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";
import { type Piece, type Screen, type Style, wrap } from "./layout.ts";
import { counted } from "./phrase.ts";

const STYLES: Readonly<Record<Severity, Style>> = { error: "red", warning: "yellow", note: "dim" };

/** From what forbids to what asks for nothing. */
export const SEVERITIES: readonly Severity[] = ["error", "warning", "note"];

/** One paragraph a finding, a blank line between files. */
export function findingLines(screen: Screen, findings: readonly Finding[], indent = ""): string[] {
  return findings.flatMap((finding, index) => {
    const previous = findings[index - 1];
    const gap = previous && previous.place?.file !== finding.place?.file ? [""] : [];
    return [...gap, ...oneFinding(screen, finding, indent)];
  });
}

function oneFinding(screen: Screen, finding: Finding, indent: string): string[] {
  const where = whereOf(finding);
  const lines = wrap(
    screen,
    [
      ...(where === "" ? [] : [{ text: where, solid: true } satisfies Piece, "  "]),
      { text: finding.severity, style: STYLES[finding.severity] },
      `  ${escapeTerminal(finding.message, MESSAGE_LENGTH)}  `,
      { text: `(${escapeTerminal(finding.code)})`, style: "dim" },
    ],
    indent,
    `${indent}    `,
  );
  if (finding.hint === undefined) return lines;
  const hint = wrap(
    screen,
    [escapeTerminal(finding.hint, MESSAGE_LENGTH)],
    `${indent}    hint: `,
    `${indent}          `,
  );
  return [...lines, ...hint];
}

function whereOf({ place, key }: Finding): string {
  if (place) return `${escapeTerminal(place.file, MESSAGE_LENGTH)}:${place.line}:${place.column}`;
  return key === undefined ? "" : escapeTerminal(key, MESSAGE_LENGTH);
}

/** `1 error, 2 warnings, 3 notes`; what there is none of is left out. */
export function countSeverities(
  findings: readonly Finding[],
  paint: (text: string, style: Style) => string = (text) => text,
): string {
  const counts = SEVERITIES.map((severity) => [severity, withSeverity(findings, severity).length] as const);
  return counts
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => paint(counted(count, severity), STYLES[severity]))
    .join(", ");
}

export function withSeverity(findings: readonly Finding[], severity: Severity): Finding[] {
  return findings.filter((finding) => finding.severity === severity);
}

/** `3 errors, 2 warnings in 4 files`; notes alone are told apart from what has to be looked at. */
export function summarizeFindings(screen: Screen, findings: readonly Finding[], strict: boolean): string {
  const clean = findings.every(({ severity }) => severity === "note");
  const nothing = clean ? screen.paint("No errors, no warnings", "green") : "";
  if (findings.length === 0) return nothing;
  const files = new Set(findings.flatMap((finding) => (finding.place ? [finding.place.file] : []))).size;
  const counts = countSeverities(findings, screen.paint);
  const where = files === 0 ? "" : ` in ${counted(files, "file")}`;
  const counting = strict && withSeverity(findings, "warning").length > 0;
  return `${nothing}${clean ? ", " : ""}${counts}${where}${counting ? " (--strict: warnings count as errors)" : ""}`;
}
