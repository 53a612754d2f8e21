// Test material shared by the tests of src/policy: files by hand, a target, and findings as lines of text.
import type { Finding } from "../../src/model/finding.ts";
import type { Target } from "../../src/model/settings.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { type ParsedFile, parseFile } from "../../src/policy/parse.ts";
import type { Resolved } from "../../src/policy/resolve.ts";
import { checkPolicies } from "../../src/policy/rules.ts";

export const NOW = new Date("2026-06-15T12:00:00Z");

export const target: Target = {
  name: "acme",
  platform: "atomic",
  url: "http://127.0.0.1:4010",
  organization: "acme",
  credentials: { clientId: "ACME_CLIENT_ID", clientSecret: "ACME_CLIENT_SECRET" },
  environments: ["dev", "test", "staging", "production"],
  drift: "report",
  limits: {
    target: { share: 0.2, count: 50 },
    group: { share: 0.34, count: 20 },
    scope: { share: 0.34, count: 30 },
    owners: { share: 0.34, count: 2 },
  },
  owners: [],
  minimumOwners: 1,
  breakGlass: [],
  approvers: [],
  timeZone: "UTC",
  warnDays: 14,
  approvals: { escalating: 1, reducing: 1, neutral: 1, weakening: 1 },
  scopeOwners: {},
  freeze: [],
  place: { file: "policies/rolebook.yaml", line: 3, column: 5 },
};

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function parse(text: string, file = "a.yaml"): ParsedFile {
  return parseFile(file, bytesOf(text), "atomic");
}

/** Resolves and judges files given by name, of the target with `more` of its own, at an instant. */
export function check(files: Readonly<Record<string, string>>, more: Partial<Target> = {}, now: Date = NOW): Resolved {
  const parsed = Object.entries(files).map(([file, text]) => parse(text, file));
  return checkPolicies({ target: { ...target, ...more }, files: parsed, now }, atomic);
}

/** `file:line:column severity code: message [hint]`, a line each. */
export function show(findings: readonly Finding[]): string[] {
  return findings.map(({ place, severity, code, message, hint }) => {
    const where = place ? `${place.file}:${place.line}:${place.column}` : "-";
    return `${where} ${severity} ${code}: ${message}${hint === undefined ? "" : ` [${hint}]`}`;
  });
}
