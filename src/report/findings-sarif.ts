// Findings as SARIF 2.1.0, for code scanning and editors. It refuses absolute paths: files are relative
// to the source root, which the reader of the log knows.
import { compareText, type Finding, type Severity } from "../model/finding.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "./escape.ts";
import { SEVERITIES, withSeverity } from "./findings-text.ts";

interface SarifText {
  readonly text: string;
}

interface SarifRule {
  readonly id: string;
  readonly shortDescription: SarifText;
  readonly defaultConfiguration: { readonly level: Severity };
}

interface SarifLocation {
  readonly physicalLocation?: {
    readonly artifactLocation: { readonly uri: string; readonly uriBaseId: "SRCROOT" };
    readonly region: { readonly startLine: number; readonly startColumn: number };
  };
  readonly logicalLocations?: readonly { readonly fullyQualifiedName: string }[];
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: Severity;
  readonly message: SarifText;
  readonly locations: readonly SarifLocation[];
}

export interface SarifLog {
  readonly $schema: string;
  readonly version: "2.1.0";
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly SarifRule[] };
    };
    readonly columnKind: "utf16CodeUnits";
    readonly originalUriBaseIds: { readonly SRCROOT: { readonly description: SarifText } };
    readonly results: readonly SarifResult[];
  }[];
}

/** One run; `version` is Rolebook's. A rule is listed once, at the highest severity it was met with. */
export function findingsToSarif(findings: readonly Finding[], version: string): SarifLog {
  const codes = [...new Set(findings.map((finding) => finding.code))].sort(compareText);
  const levels = levelsOf(findings);
  const indexes = new Map(codes.map((code, index) => [code, index]));
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "Rolebook",
            version,
            rules: codes.map((code) => ({
              id: code,
              shortDescription: { text: messageText(code.replaceAll("-", " ")) },
              defaultConfiguration: { level: levels.get(code) ?? "warning" },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        originalUriBaseIds: { SRCROOT: { description: { text: "Where Rolebook ran: the root of the repository." } } },
        results: findings.map((finding) => resultOf(finding, indexes.get(finding.code) ?? -1)),
      },
    ],
  };
}

/** The highest severity of each code. SARIF has the same three words for them as we have. */
function levelsOf(findings: readonly Finding[]): ReadonlyMap<string, Severity> {
  const rising = [...SEVERITIES].reverse();
  return new Map(rising.flatMap((level) => withSeverity(findings, level).map(({ code }) => [code, level] as const)));
}

function resultOf(finding: Finding, ruleIndex: number): SarifResult {
  const hint = finding.hint === undefined ? "" : `\n${messageText(finding.hint)}`;
  return {
    ruleId: finding.code,
    ruleIndex,
    level: finding.severity,
    message: { text: messageText(finding.message) + hint },
    locations: locationsOf(finding),
  };
}

function locationsOf({ place, key }: Finding): SarifLocation[] {
  const logical = key === undefined ? {} : { logicalLocations: [{ fullyQualifiedName: key }] };
  if (!place) return key === undefined ? [] : [logical];
  return [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(place.file), uriBaseId: "SRCROOT" },
        region: { startLine: place.line, startColumn: place.column },
      },
      ...logical,
    },
  ];
}

/** SARIF reads `[text](link)` and `{0}` in a message; section 3.11 says how to write them when they are only text. */
function messageText(text: string): string {
  const escaped = escapeTerminal(text, MESSAGE_LENGTH);
  return escaped
    .replace(/[\\[\]]/g, "\\$&")
    .replaceAll("{", "{{")
    .replaceAll("}", "}}");
}

/** A relative path as a relative URI reference: every segment percent-encoded, also one that holds a colon or is not Unicode. */
function uriOf(file: string): string {
  return file
    .replace(/\p{Cs}/gu, "\uFFFD")
    .split("/")
    .map(encodeURIComponent)
    .join("/");
}
