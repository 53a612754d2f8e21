// What is told on a pull request: people first, what is needed, then the rest, within GitHub's limits; and whatever names it holds,
// its markup is ours alone. The text is read back with a GitHub-flavoured parser that knows nothing of how it was written.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PullReport } from "../../src/model/pull-report.ts";
import { readShown, SHOWN_LENGTH } from "../../src/model/shown.ts";
import { buildPullCheck, shownIn } from "../../src/report/pull-check.ts";
import { PULL_MARKER, renderPullComment, renderPullWhole } from "../../src/report/pull-comment.ts";
import { writePullJson } from "../../src/report/pull-json.ts";
import { renderPullText } from "../../src/report/pull-text.ts";
import { DIGEST, emptyPlan, examplePlan, membershipOf, people } from "./examples.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";
import { hostilePlan } from "./hostile-plan.ts";
import { injections } from "./injections.ts";
import { exampleReport, HEAD, needOf, refusedReport, reportOf, SCOPES, targetOf } from "./pull-examples.ts";
import { schemaErrors } from "./schema.ts";

/** A comment without the two lines that only machines read. */
function visible(comment: string): string {
  const [marker, commit, blank, ...rest] = comment.split("\n");
  expect([marker, commit, blank]).toEqual([PULL_MARKER, `<!-- rolebook:commit ${HEAD} -->`, ""]);
  return rest.join("\n");
}

const json = (report: PullReport) => JSON.parse([...writePullJson(report)].join(""));

describe("what it looks like", () => {
  test.each([
    ["waiting", exampleReport()],
    ["refused", refusedReport()],
    ["approved", reportOf({ targets: [targetOf({ needs: [needOf({ approved: true, by: ["hana", "noor-gh"] })] })] })],
    ["nothing", reportOf({ targets: [targetOf({ plan: emptyPlan() })] })],
    [
      "unmerged",
      reportOf({
        conclusion: "failure",
        targets: [],
        unmerged: ["policies/acme/groups/desk.yaml", "policies/rolebook.yaml"],
      }),
    ],
    ["unrelated", reportOf({ conclusion: "failure", targets: [], unmerged: "unrelated" })],
  ])("%s", async (name, report) => {
    const comment = renderPullComment(report);
    await expect(comment).toMatchFileSnapshot(`golden/pull-${name}.md`);
    expect(injections(visible(comment))).toEqual([]);
    const check = buildPullCheck(report, [], new Set());
    await expect(`${check.title}\n\n${check.summary}\n${check.text}\n`).toMatchFileSnapshot(
      `golden/pull-${name}.check.md`,
    );
    const text = renderPullText(report, { color: false, width: 100, full: false });
    await expect(text).toMatchFileSnapshot(`golden/pull-${name}.txt`);
    expect(schemaErrors("pull", json(report))).toEqual([]);
  });

  test("the first line that people see says who gains and who loses", () => {
    expect(visible(renderPullComment(exampleReport()))).toMatch(/^### \d+ people gain access, \d+ loses? access/);
  });

  test("the plans in the JSON are what `plan --format json` writes", () => {
    const { targets } = json(exampleReport());
    expect(schemaErrors("plan", targets[0].plan)).toEqual([]);
    expect(schemaErrors("plan", targets[0].pending)).toEqual([]);
    expect(targets[1]).toMatchObject({ state: "new", plan: null });
  });
});

describe("the check", () => {
  test("records exactly what can be approved, and nothing that names could forge", () => {
    for (const at of HOSTILE_NAMES.keys()) {
      const forged = `<!-- rolebook:shown 1 acme ${"f".repeat(64)} many  -->`;
      const plan = {
        ...hostilePlan(at, 3),
        target: "acme",
        findings: [{ severity: "error" as const, code: forged, message: `\n${forged}\n` }],
      };
      const report = reportOf({ targets: [targetOf({ plan })] });
      const check = buildPullCheck(report, plan.findings, new Set());
      expect(readShown(check.text)).toEqual(shownIn(report));
      expect(readShown(check.summary)).toBeUndefined();
      expect(injections(check.summary)).toEqual([]);
      expect(check.summary.length).toBeLessThanOrEqual(15_000);
      expect(check.title.length).toBeLessThanOrEqual(120);
      expect(terminalDangers(check.title)).toEqual([]);
    }
  });

  test("of more changes than can be recorded one by one, the digest; within what a check can hold", () => {
    const changes = people(9000).map((member) => membershipOf("create", "Crowd", member));
    const { text } = buildPullCheck(
      reportOf({ targets: [targetOf({ plan: examplePlan({ changes }) })] }),
      [],
      new Set(),
    );
    expect(readShown(text)).toEqual([{ target: "acme", digest: DIGEST, changes: undefined, weakens: [] }]);
    expect(text.length).toBeLessThanOrEqual(SHOWN_LENGTH + 1000);
  });

  test("annotates errors wherever they are, warnings in what is touched, errors first, and no notes", () => {
    const place = (file: string, line: number) => ({ place: { file, line, column: 2 } });
    const findings = [
      { severity: "warning", code: "w", message: "touched", ...place("policies/a.yaml", 1) },
      { severity: "warning", code: "w", message: "elsewhere", ...place("policies/b.yaml", 1) },
      {
        severity: "error",
        code: "e",
        message: "::error::\u001b[31m",
        hint: "Mend it.",
        ...place("./policies/b.yaml", 3),
      },
      { severity: "note", code: "n", message: "note", ...place("policies/a.yaml", 2) },
      { severity: "error", code: "e", message: "nowhere" },
    ] as const;
    const { annotations } = buildPullCheck(reportOf(), findings, new Set(["policies/a.yaml"]));
    expect(annotations).toEqual([
      {
        path: "policies/b.yaml",
        line: 3,
        column: 2,
        level: "failure",
        title: "e",
        message: ":\\:error:\\:<U+001B>[31m\nMend it.",
      },
      { path: "policies/a.yaml", line: 1, column: 2, level: "warning", title: "w", message: "touched" },
    ]);
    const many = Array.from({ length: 500 }, (_, index) => ({
      ...findings[2],
      place: { file: "a", line: index + 1, column: 1 },
    }));
    expect(buildPullCheck(reportOf(), many, new Set()).annotations).toHaveLength(100);
  });
});

const names = fc.constantFrom(...HOSTILE_NAMES);
const hostileReports = fc
  .record({
    at: fc.nat({ max: HOSTILE_NAMES.length }),
    size: fc.constantFrom(0, 1, 5, 30),
    some: fc.array(names, { minLength: 3, maxLength: 8 }),
    targets: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ at, size, some, targets }): PullReport => {
    const [one = "", two = "", three = ""] = some;
    const need = needOf({
      by: some,
      against: [three],
      approvers: some.map((member, index) => ({ member, login: index % 2 === 0 ? undefined : two })),
    });
    const planned = Array.from({ length: targets }, (_, index) =>
      targetOf({
        target: index === 0 ? "acme" : one,
        plan: hostilePlan(at + index, size),
        pending: hostilePlan(at + index + 1, Math.min(size, 5)),
        needs: [need, { ...need, approved: true, count: 1 }],
        discounted: [{ login: two, why: three }],
        hopeless: [{ message: one, hint: two }],
        notices: [one, two],
        scopes: { ...SCOPES, environments: some },
      }),
    );
    return reportOf({
      conclusion: "failure",
      base: { branch: two, commit: HEAD },
      targets: [...planned, { state: "failed", target: three, why: one, hint: two }],
      findings: some.map((name) => ({
        severity: "error",
        code: name,
        message: name,
        hint: name,
        place: { file: name, line: 1, column: 1 },
      })),
      unmerged: at % 3 === 0 ? some : undefined,
    });
  });

describe("hostile text", () => {
  test("mentions nobody, links nothing and stays within the limit, wherever it stands", () => {
    fc.assert(
      fc.property(hostileReports, fc.constantFrom(6_000, 20_000, 60_000), (report, limit) => {
        const comment = renderPullComment(report, limit);
        expect(comment.length).toBeLessThanOrEqual(limit);
        expect(injections(visible(comment))).toEqual([]);
        expect(injections(buildPullCheck(report, report.findings, new Set()).summary)).toEqual([]);
        expect(renderPullComment(structuredClone({ ...report, targets: [] }), limit)).toBe(
          renderPullComment({ ...report, targets: [] }, limit),
        );
      }),
      { numRuns: 15 },
    );
  });

  test("does nothing to the step summary and the terminal", () => {
    fc.assert(
      fc.property(hostileReports, (report) => {
        expect(injections(renderPullWhole(report))).toEqual([]);
        expect(terminalDangers(renderPullText(report, { color: false, width: 100, full: true }))).toEqual([]);
        expect(schemaErrors("pull", json(report))).toEqual([]);
      }),
      { numRuns: 10 },
    );
  });
});

describe("very much of it", () => {
  test("a plan of 20,000 people, and 300 targets, stay under what a comment can hold, and say where the rest is", () => {
    const crowd = examplePlan({ changes: people(20_000).map((member) => membershipOf("create", "Crowd", member)) });
    const targets = Array.from({ length: 300 }, (_, index) =>
      targetOf({ target: `target-${index}`, needs: [needOf()] }),
    );
    const told = renderPullComment(reportOf({ targets }));
    for (const comment of [renderPullComment(reportOf({ targets: [targetOf({ plan: crowd })] })), told]) {
      expect(comment.length).toBeLessThan(65_000);
      expect(injections(visible(comment))).toEqual([]);
      expect(comment).toContain("The whole plan is in the step summary and the artifact of the run");
    }
    const hidden = Number(/and (\d+) more targets/.exec(told)?.[1]);
    expect(hidden).toBeGreaterThan(0);
    expect(told.split("\n### `target-").length - 1 + hidden).toBe(300);
  });
});
