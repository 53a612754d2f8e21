// What a run adds to its page: whole texts only, as many as there is room for, and never at the cost of the run itself.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { appendToSummary } from "../../src/run/step-summary.ts";

function page() {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-summary-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "summary.md");
  const told: string[] = [];
  const context = { environment: { GITHUB_STEP_SUMMARY: path }, err: (text: string) => told.push(text) };
  return { folder, path, told, context, text: () => readFileSync(path, "utf8") };
}

test("adds each text to what is there, with its share of the room", () => {
  const { path, told, context, text } = page();
  writeFileSync(path, "before\n");
  const shares: number[] = [];
  const write = (what: string) => (bytes: number) => {
    shares.push(Math.round(bytes));
    return what;
  };
  appendToSummary(context, [write("one\n"), write("two\n")]);
  expect(text()).toBe("before\none\ntwo\n");
  expect(shares).toEqual([Math.round((1_000_000 - 7) / 2), 1_000_000 - 11]);
  expect(told).toEqual([]);
});

test("leaves out what does not fit, for the page would be dropped whole", () => {
  const { told, context, text } = page();
  appendToSummary(context, [() => "é".repeat(600_000), () => "fits\n"]);
  expect(text()).toBe("fits\n");
  expect(told).toEqual(["Warning: the step summary cannot be written: it is full\n"]);
});

test("what cannot be written is a warning, and outside a workflow nothing is made", () => {
  const { folder, told, context } = page();
  appendToSummary({ ...context, environment: { GITHUB_STEP_SUMMARY: folder } }, [() => "text"]);
  expect(told).toEqual([expect.stringMatching(/^Warning: the step summary cannot be written: EISDIR/)]);
  const never = () => {
    throw new Error("asked for");
  };
  for (const environment of [{}, { GITHUB_STEP_SUMMARY: "" }]) appendToSummary({ ...context, environment }, [never]);
  expect(told).toHaveLength(1);
});
