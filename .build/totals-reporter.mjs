// Counts what a vitest run did and leaves the counts in the file that ROLEBOOK_TOTALS names, for `test.mjs` to print last.
// A file that could not be loaded, and an error outside any test, count as failed: neither may look like success.
import { writeFileSync } from "node:fs";

/** Counts of a finished run, from vitest's own tree of modules and its errors outside tests. */
export function countTotals(modules, errors) {
  const totals = { passed: 0, failed: errors.length, skipped: 0 };
  for (const module of modules) {
    const tests = [...module.children.allTests()];
    for (const test of tests) totals[test.result().state === "pending" ? "skipped" : test.result().state] += 1;
    const broken = module.state() === "failed" && !tests.some((test) => test.result().state === "failed");
    if (broken) totals.failed += 1;
  }
  return totals;
}

/** `N passed, N failed`, and `, N skipped` when any were. */
export function formatTotals({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** What vitest loads by path: a reporter, which has to be a default export. */
export default class TotalsReporter {
  onTestRunEnd(modules, errors) {
    const file = process.env.ROLEBOOK_TOTALS;
    if (file) writeFileSync(file, JSON.stringify(countTotals(modules, errors)));
  }
}
