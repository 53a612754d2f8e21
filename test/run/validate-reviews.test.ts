// `validate` of access reviews: a definition whose names lead nowhere, or whose day never comes, is said before it begins without a word.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Context } from "../../src/run/context.ts";
import { runValidate } from "../../src/run/validate.ts";

const EXAMPLE = fileURLToPath(new URL("../../policies", import.meta.url));
/** A moment at which the example has nothing to find but its two exceptions. */
const NOW = new Date("2026-11-21T09:00:00Z");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "rolebook-validate-"));
  cpSync(EXAMPLE, join(folder, "policies"), { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function findingsOf(definition: string, target?: string): Promise<string[]> {
  writeFileSync(join(folder, "policies/reviews/mine.yaml"), `kind: Review\nname: mine\n${definition}`);
  let out = "";
  const context = {
    cwd: folder,
    now: () => NOW,
    out: (text: string) => {
      out += text;
    },
    terminal: { color: false, width: 80 },
  } as Context;
  const only = target === undefined ? {} : { target };
  await runValidate(context, { policies: "policies", format: "json", strict: false, now: NOW, ...only });
  const { findings } = JSON.parse(out) as {
    readonly findings: readonly { severity: string; code: string; message: string; hint?: string; file?: string }[];
  };
  return findings
    .filter((finding) => JSON.stringify(finding).includes("reviews/mine.yaml"))
    .map(({ severity, code, message, hint }) => `${severity} ${code}: ${message} | ${hint}`);
}

const REVIEWERS = "reviewers: {from: named, named: [ana@acme.example]}\n";

test("a definition that names what is there has nothing to say", async () => {
  const scope =
    "scope: {groups: [card CREATORS, Owner], resources: [Card template], levels: [edit], scopes: [production, organization]}\n";
  expect(await findingsOf(`${scope}${REVIEWERS}due: 2031-12-31\n`)).toEqual([]);
  expect(await findingsOf(`${REVIEWERS}schedule: {cron: 0 6 29 2 *, days: 14}\n`)).toEqual([]);
});

test("names that lead nowhere are said, each with what may be meant", async () => {
  const scope = "scope: {groups: [Card creater], resources: [API keys, Nothing], levels: [edt], scopes: [prodution]}\n";
  const reviewers = "reviewers: {from: named, named: [ana@acme.exmaple], fallback: [somebody@else.example]}\n";
  const said = await findingsOf(`${scope}${reviewers}due: 2031-12-31\n`);
  expect(said.sort()).toMatchInlineSnapshot(`
    [
      "warning review-name-unknown: Review "mine" is about the group "Card creater", which no target of it has by the files | Did you mean "Card creators"?",
      "warning review-name-unknown: Review "mine" is about the level "edt", which no target of it has by the files | Did you mean "edit"?",
      "warning review-name-unknown: Review "mine" is about the resource "API keys", which no target of it has by the files | Did you mean "API authentication controls"?",
      "warning review-name-unknown: Review "mine" is about the resource "Nothing", which no target of it has by the files | Correct the name, or take it out of scope.",
      "warning review-name-unknown: Review "mine" is about the scope "prodution", which no target of it has by the files | Did you mean "production"?",
      "warning reviewer-unknown: Review "mine" is to be decided by "ana@acme.exmaple", who is a member of no target by the files | Did you mean "ana@acme.example"?",
      "warning reviewer-unknown: Review "mine" is to be decided by "somebody@else.example", who is a member of no target by the files | Name somebody else, or declare them.",
    ]
  `);
  // What the other targets have is not known.
  expect(await findingsOf(`${scope}${reviewers}due: 2031-12-31\n`, "acme")).toEqual([]);
});

test("of a target alone only what it has counts", async () => {
  const scope = "scope: {targets: [vault], groups: [Card creators]}\n";
  expect(await findingsOf(`${scope}${REVIEWERS}due: 2031-12-31\n`)).toEqual([
    'warning review-name-unknown: Review "mine" is about the group "Card creators", which no target of it has by the files | Correct the name, or take it out of scope.',
  ]);
});

test("a day that never comes is an error", async () => {
  expect(await findingsOf(`${REVIEWERS}schedule: {cron: 0 6 31 2 *, days: 14}\n`)).toEqual([
    'error invalid-cron: "0 6 31 2 *" never comes: no day of the calendar fits it | Write minute, hour, day of the month, month and day of the week, as in 0 16 * * 5.',
  ]);
});
