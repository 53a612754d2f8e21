// Findings as workflow commands, which GitHub shows beside the lines of a pull request.
// It refuses to print anything that could be read as a second command: a finding is one line.
import type { Finding, Severity } from "../model/finding.ts";
import { escapeAnnotation, escapeAnnotationProperty, escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";

/** What GitHub calls them. */
const COMMANDS: Readonly<Record<Severity, string>> = { error: "error", warning: "warning", note: "notice" };

/** One `::error file=...,line=...,col=...,title=...::message` a finding, in the order given. */
export function findingsToAnnotations(findings: readonly Finding[]): string[] {
  return findings.map((finding) => {
    const { place } = finding;
    const properties = [
      ...(place
        ? [
            `file=${escapeAnnotationProperty(escapeTerminal(place.file, MESSAGE_LENGTH))}`,
            `line=${place.line}`,
            `col=${place.column}`,
          ]
        : []),
      `title=${escapeAnnotationProperty(escapeTerminal(finding.code))}`,
    ];
    const about = place || finding.key === undefined ? "" : `${escapeTerminal(finding.key, MESSAGE_LENGTH)}: `;
    const hint = finding.hint === undefined ? "" : `\n${escapeTerminal(finding.hint, MESSAGE_LENGTH)}`;
    const message = escapeAnnotation(`${about}${escapeTerminal(finding.message, MESSAGE_LENGTH)}${hint}`);
    return `::${COMMANDS[finding.severity]} ${properties.join(",")}::${message}`;
  });
}
