// Findings in each format: readable, valid, and harmless whatever names they quote.
import { describe, expect, test } from "vitest";
import type { Finding, Severity } from "../../src/model/finding.ts";
import { type FindingsFormat, renderFindings } from "../../src/report/findings.ts";
import { SEVERITIES } from "../../src/report/findings-text.ts";
import { FINDINGS } from "./examples.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { schemaErrors } from "./schema.ts";

const OPTIONS = { color: false, width: 80, strict: false, version: "0.1.0" };

const HOSTILE: readonly Finding[] = HOSTILE_NAMES.map((name, index) => ({
  severity: SEVERITIES[index % 3] ?? "note",
  code: "unknown-role",
  message: `there is no role "${name}"`,
  ...(index % 3 === 0
    ? { key: `Role/${name}` }
    : { place: { file: `policies/${name}.yaml`, line: index + 1, column: 1 } }),
  hint: `did you mean ${name}?`,
}));

describe("renderFindings", () => {
  test.each([
    ["human", "findings.txt"],
    ["json", "findings.json"],
    ["sarif", "findings.sarif"],
    ["github", "findings.github.txt"],
  ] as const)("%s", async (format, golden) => {
    await expect(renderFindings(FINDINGS, format, OPTIONS)).toMatchFileSnapshot(`golden/${golden}`);
  });

  test("order in makes no difference and duplicates are shown once", () => {
    const shuffled = [...FINDINGS, ...FINDINGS].reverse();
    for (const format of ["human", "json", "sarif", "github"] as const)
      expect(renderFindings(shuffled, format, OPTIONS)).toBe(renderFindings(FINDINGS, format, OPTIONS));
  });

  test("nothing found", () => {
    expect(renderFindings([], "human", OPTIONS)).toBe("No errors, no warnings\n");
    expect(JSON.parse(renderFindings([], "json", OPTIONS))).toEqual({ version: 1, findings: [] });
    expect(renderFindings([], "github", OPTIONS)).toBe("");
  });

  test("notes are no warnings: alone they leave nothing wrong, also when strict", () => {
    const notes = FINDINGS.filter(({ severity }) => severity === "note");
    for (const strict of [false, true])
      expect(renderFindings(notes, "human", { ...OPTIONS, strict })).toMatch(
        /\nNo errors, no warnings, 2 notes in 2 files\n$/,
      );
  });

  test("strict says that warnings count", () => {
    const warnings = FINDINGS.filter(({ severity }) => severity === "warning");
    expect(renderFindings(warnings, "human", { ...OPTIONS, strict: true })).toContain("2 warnings in 1 file (--strict");
    expect(renderFindings(warnings, "human", OPTIONS)).not.toContain("strict");
  });

  test("colour only when asked for, and then the same words", () => {
    const colored = renderFindings(FINDINGS, "human", { ...OPTIONS, color: true });
    expect(colored).toContain("\u001b[31m");
    expect(withoutColor(colored)).toBe(renderFindings(FINDINGS, "human", OPTIONS));
  });

  test("json keeps to its schema and to the text as it was", () => {
    const value = JSON.parse(renderFindings(HOSTILE, "json", OPTIONS));
    expect(schemaErrors("findings", value)).toEqual([]);
    expect(value.findings).toHaveLength(HOSTILE.length);
    expect(schemaErrors("findings", { ...value, extra: 1 })).not.toEqual([]);
  });
});

describe("hostile names", () => {
  test.each(["human", "github"] as FindingsFormat[])("%s holds nothing that acts", (format) => {
    const text = renderFindings(HOSTILE, format, OPTIONS);
    if (format === "human") expect(terminalDangers(text)).toEqual([]);
    else {
      expect(text.split("\n").filter((line) => line !== "")).toHaveLength(HOSTILE.length);
      for (const line of text.trimEnd().split("\n"))
        expect(line).toMatch(/^::(error|warning|notice) [^\n]*title=unknown-role::/);
    }
  });

  test("sarif stays valid and reads no name as a link or a placeholder", () => {
    const log = JSON.parse(renderFindings(HOSTILE, "sarif", OPTIONS));
    const [run] = log.runs;
    for (const { ruleId, ruleIndex, level, message, locations } of run.results) {
      expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(["error", "warning", "note"]).toContain(level);
      expect(message.text.replaceAll("{{", "").replaceAll("}}", "")).not.toMatch(/[{}]/);
      expect(message.text).not.toMatch(/(?<!\\)\[/);
      expect(locations).toHaveLength(1);
      for (const { physicalLocation } of locations) {
        if (!physicalLocation) continue;
        expect(physicalLocation.artifactLocation.uri).toMatch(/^policies\/[\w%.~!*'()/-]*\.yaml$/);
        expect(physicalLocation.region.startLine).toBeGreaterThan(0);
        expect(physicalLocation.region.startColumn).toBeGreaterThan(0);
      }
    }
  });
});

describe("sarif", () => {
  test("has the parts that readers need", () => {
    const log = JSON.parse(renderFindings(FINDINGS, "sarif", OPTIONS));
    expect(log.version).toBe("2.1.0");
    const [run] = log.runs;
    expect(run.tool.driver).toMatchObject({ name: "Rolebook", version: "0.1.0" });
    expect(run.tool.driver.rules.map(({ id }: { id: string }) => id)).toEqual(
      [...new Set(FINDINGS.map(({ code }) => code))].sort(),
    );
    expect(run.results).toHaveLength(FINDINGS.length);
  });

  test("a rule has the highest severity that it was met with", () => {
    const finding = (severity: Severity, code: string, message: string) => ({ severity, code, message });
    const found = [
      finding("note", "a", "1"),
      finding("note", "b", "1"),
      finding("warning", "b", "2"),
      finding("error", "c", "1"),
      finding("note", "c", "2"),
      finding("warning", "c", "3"),
    ];
    const [run] = JSON.parse(renderFindings(found, "sarif", OPTIONS)).runs;
    const levels = run.tool.driver.rules.map(
      (rule: { defaultConfiguration: { level: string } }) => rule.defaultConfiguration,
    );
    expect(levels).toEqual([{ level: "note" }, { level: "warning" }, { level: "error" }]);
  });
});

function withoutColor(text: string): string {
  return text.replace(/\u001b\[\d+m/g, "");
}
