// Findings as JSON values (schemas/output/findings.json). It refuses to leave a property out: what is not known is null.
import type { Finding, Severity } from "../model/finding.ts";

export interface FindingJson {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly key: string | null;
  readonly hint: string | null;
}

export interface FindingsJson {
  readonly version: 1;
  readonly findings: readonly FindingJson[];
}

export function findingsToJson(findings: readonly Finding[]): FindingsJson {
  return { version: 1, findings: findings.map(findingToJson) };
}

export function findingToJson({ severity, code, message, place, key, hint }: Finding): FindingJson {
  return {
    severity,
    code,
    message,
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    key: key ?? null,
    hint: hint ?? null,
  };
}
