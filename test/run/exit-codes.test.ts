// What the exit codes of `validate`, `plan` and `drift` hang on: what counts, what counts only with --strict, what never does.
import { describe, expect, it } from "vitest";
import type { Finding, Severity } from "../../src/model/finding.ts";
import { type Context, EXIT } from "../../src/run/context.ts";
import { exitOfPlan } from "../../src/run/plan.ts";
import { showFindings } from "../../src/run/show-findings.ts";
import { emptyPlan, examplePlan, judgedPlan } from "../report/examples.ts";

const found = (...severities: Severity[]): Finding[] =>
  severities.map((severity) => ({ severity, code: `a-${severity}`, message: "something" }));

function contextFor(sink: string[]): Context {
  const never = () => {
    throw new Error("not here");
  };
  return {
    cwd: "/",
    environment: {},
    now: never,
    out: (text) => void sink.push(text),
    err: never,
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
    ask: never,
    onStop: never,
    version: "0.0.0",
    build: undefined,
  };
}

describe.each([
  [[], EXIT.done, EXIT.done],
  [["note"], EXIT.done, EXIT.done],
  [["note", "warning"], EXIT.done, EXIT.refused],
  [["note", "warning", "error"], EXIT.refused, EXIT.refused],
] satisfies [Severity[], number, number][])("with %j", (severities, loose, strict) => {
  const findings = found(...severities);

  it("the findings of a command", () => {
    for (const format of ["human", "json", "sarif", "github"] as const) {
      const sink: string[] = [];
      expect(showFindings(contextFor(sink), findings, { format, strict: false })).toBe(loose);
      expect(showFindings(contextFor(sink), findings, { format, strict: true })).toBe(strict);
      for (const { code } of findings) expect(sink.join("")).toContain(code);
    }
  });

  it("a plan that changes nothing", () => {
    expect(exitOfPlan(emptyPlan({ findings }), false)).toBe(loose);
    expect(exitOfPlan(emptyPlan({ findings }), true)).toBe(strict);
  });
});

describe("a plan without findings that count", () => {
  const { conflicts, changes, drift, unmanaged } = examplePlan();
  const { weakens, proposals } = judgedPlan();

  it.each([
    ["changes", { changes }],
    ["conflicts", { conflicts }],
    ["weakened rules", { weakens }],
  ])("has something to do or to decide: %s", (_, partial) => {
    expect(exitOfPlan(emptyPlan({ ...partial, findings: found("note") }), true)).toBe(EXIT.changes);
  });

  it.each([
    ["drift", { drift }],
    ["what is unmanaged", { unmanaged }],
    ["edits of files", { proposals }],
  ])("has nothing to apply: %s", (_, partial) => {
    expect(exitOfPlan(emptyPlan(partial), true)).toBe(EXIT.done);
  });
});
