// Findings as lines for people: the place to click, what is wrong, its code, and what to do.
// It refuses to sort or drop; it gets them sorted and shows every one.
import type { Finding, Severity } from "../model/finding.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";
import { type Piece, type Screen, type Style, wrap } from "./layout.ts";
import { counted } from "./phrase.ts";

const STYLES: Readonly<Record<Severity, Style>> = { error: "red", warning: "yellow", note: "dim" };

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

/** `3 errors, 2 warnings in 4 files`. */
export function summarizeFindings(screen: Screen, findings: readonly Finding[], strict: boolean): string {
  const errors = findings.filter((finding) => finding.severity === "error").length;
  const warnings = findings.length - errors;
  if (findings.length === 0) return screen.paint("No errors, no warnings", "green");
  const files = new Set(findings.flatMap((finding) => (finding.place ? [finding.place.file] : []))).size;
  const counts = [
    ...(errors === 0 ? [] : [screen.paint(counted(errors, "error"), "red")]),
    ...(warnings === 0 ? [] : [screen.paint(counted(warnings, "warning"), "yellow")]),
  ].join(", ");
  const where = files === 0 ? "" : ` in ${counted(files, "file")}`;
  return `${counts}${where}${strict && warnings > 0 ? " (--strict: warnings count as errors)" : ""}`;
}
