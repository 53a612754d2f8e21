// Every bad file of test/cases/invalid/ is reported at its place, all in one run, and none takes long. The findings are
// a golden text that is read in review: run with UPDATE_GOLDEN=1 to write it anew.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Finding, sortFindings } from "../../src/model/finding.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { readGovernance } from "../../src/policy/governance.ts";
import { GOVERNANCE, GOVERNANCE_FOLDERS, parseFile } from "../../src/policy/parse.ts";
import { checkPolicies } from "../../src/policy/rules.ts";
import { readSettings } from "../../src/policy/settings.ts";
import { NOW, show } from "./files.ts";

const CASES = new URL("../cases/invalid/", import.meta.url).pathname;
const GOLDEN = join(CASES, "findings.txt");

function readCase(file: string): Uint8Array {
  return readFileSync(join(CASES, file));
}

function findingsOfGovernance(): { readonly findings: readonly Finding[]; readonly files: readonly string[] } {
  const settings = parseFile("policies/rolebook.yaml", readCase("policies/rolebook.yaml"), undefined);
  const files = GOVERNANCE_FOLDERS.flatMap((folder) =>
    readdirSync(join(CASES, "policies", folder), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => `policies/${folder}/${name}`),
  ).sort();
  const parsed = files.map((file) => parseFile(file, readCase(file), GOVERNANCE));
  const { findings } = readGovernance(parsed, readSettings(settings, ["atomic"]).settings);
  return { findings: sortFindings([...parsed.flatMap((file) => file.findings), ...findings]), files };
}

function findingsOfPolicies(): { readonly findings: readonly Finding[]; readonly files: readonly string[] } {
  const parsed = parseFile("policies/rolebook.yaml", readCase("policies/rolebook.yaml"), undefined);
  const { settings, findings } = readSettings(parsed, ["atomic"]);
  const target = settings?.targets[0];
  if (!target) throw new Error(show(findings).join("\n"));
  const files = readdirSync(join(CASES, "policies/acme")).sort();
  const policies = files.map((file) => parseFile(`policies/acme/${file}`, readCase(`policies/acme/${file}`), "atomic"));
  return { findings: checkPolicies({ target, files: policies, now: NOW }, atomic).findings, files };
}

function findingsOfSettings(): readonly Finding[] {
  return readdirSync(join(CASES, "settings"))
    .sort()
    .flatMap((name) => {
      const parsed = parseFile(`settings/${name}`, readCase(`settings/${name}`), undefined);
      return sortFindings([...parsed.findings, ...readSettings(parsed, ["atomic"]).findings]);
    });
}

test("every bad file is reported as the golden text says", () => {
  const { findings } = findingsOfPolicies();
  const all = [...findings, ...findingsOfGovernance().findings, ...findingsOfSettings()];
  const text = `${show(all).join("\n")}\n`;
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(GOLDEN, text);
  expect(text).toBe(readFileSync(GOLDEN, "utf8"));
});

test("there are more than 60 bad files, and each but the good ones has a finding of its own", () => {
  const { findings, files } = findingsOfPolicies();
  const reported = new Set(findings.map(({ place }) => place?.file));
  const silent = files.filter((file) => !reported.has(`policies/acme/${file}`));
  expect(silent).toEqual(["a-file-of-comments.yaml", "a-good-file.yaml", "a-group-for-each-bad-role.yaml"]);
  expect(files.length).toBeGreaterThan(62);
});

test("so has each that governs all targets", () => {
  const { findings, files } = findingsOfGovernance();
  const reported = new Set(findings.map(({ place }) => place?.file));
  expect(files.filter((file) => !reported.has(file))).toEqual([
    "policies/guardrails/a-file-of-comments.yaml",
    "policies/guardrails/a-good-file.yaml",
    "policies/identities/a-good-file.yaml",
    "policies/reviews/a-good-file.yaml",
    "policies/reviews/quarterly-2026-10-01/a-good-file.yaml",
    "policies/waivers/a-good-file.yaml",
  ]);
});

test("every finding about a file stands inside that file", () => {
  for (const { place } of [...findingsOfPolicies().findings, ...findingsOfGovernance().findings]) {
    if (!place || place.file === "policies/rolebook.yaml") continue;
    const lines = readFileSync(join(CASES, place.file), "utf8").split("\n");
    expect(place.line).toBeLessThanOrEqual(Math.max(1, lines.length));
    expect(place.column).toBeLessThanOrEqual((lines[place.line - 1] ?? "").length + 1);
  }
});

/** Files that cannot be kept in Git as they are; bytes and what is reported. */
const HOSTILE: Readonly<Record<string, readonly [Uint8Array, readonly string[]]>> = {
  "latin-1": [
    Buffer.from("kind: Member\nemail: ana@acme.example\nfirstName: Zo\xeb\n", "latin1"),
    ["x.yaml:3:14 error not-utf-8: Byte 0xeb is not UTF-8 [Save the file as UTF-8.]"],
  ],
  "a cut multi-byte character": [
    Buffer.concat([Buffer.from("kind: Role\nname: é"), Buffer.from([0xe2, 0x82])]),
    ["x.yaml:2:8 error not-utf-8: Byte 0xe2 is not UTF-8 [Save the file as UTF-8.]"],
  ],
  "UTF-16": [
    Buffer.from("\ufeffkind: Role\n", "utf16le"),
    ["x.yaml:1:1 error not-utf-8: The file is UTF-16, not UTF-8 [Save the file as UTF-8.]"],
  ],
  NUL: [
    Buffer.from("kind: Role\nname: a\0b\n"),
    ["x.yaml:2:8 error control-character: The file contains a NUL character"],
  ],
  "a control character": [
    Buffer.from("kind: Role\nname: a\x1bb\n"),
    ["x.yaml:2:8 error control-character: The file contains the control character U+001B"],
  ],
  "CR LF": [
    Buffer.from("kind: Member\r\nemail: ana@acme.example\r\nfirstname: Ana\r\n"),
    ['x.yaml:3:1 error unknown-key: A Member has no key "firstname" [Did you mean "firstName"?]'],
  ],
  "lone CR": [
    Buffer.from("kind: Member\remail: ana@acme.example\rfirstname: Ana\r"),
    ['x.yaml:3:1 error unknown-key: A Member has no key "firstname" [Did you mean "firstName"?]'],
  ],
  "a byte order mark": [Buffer.from("\ufeffkind: Member\nemail: ana@acme.example\n"), []],
  "10 MB": [
    Buffer.alloc(10_000_000, "- a\n"),
    [
      "x.yaml:1:1 error too-large: The file has 10000000 bytes; at most 2097152 are read [Split it: documents may be spread over files in any way.]",
    ],
  ],
};

for (const [name, [bytes, expected]] of Object.entries(HOSTILE))
  test(`${name}: reported at its place`, () => {
    expect(show(parseFile("x.yaml", bytes, "atomic").findings)).toEqual(expected);
  });

test("files as large as are read, made to be slow, end in time with a bounded number of findings", () => {
  const size = 2_000_000;
  const hostile = {
    separators: "---\n".repeat(size / 4),
    "separators and an error": `${"---\n".repeat(size / 4)}\ta: b`,
    "documents that are broken": "a: [\n---\n".repeat(size / 9),
    aliases: `a: &a x\nb: [${"*a,".repeat(size / 3)}]`,
    "one long line": `kind: Role\nname: ${"x".repeat(size)}`,
    "unknown keys": Array.from({ length: size / 14 }, (_, index) => `k${index}: v`).join("\n"),
    "bad members": `kind: Membership\ngroup: a\nmembers:\n${"- 1\n".repeat(size / 4)}`,
    brackets: "[".repeat(size),
    "open quotes": 'a: "\n'.repeat(size / 5),
    comments: "# c\n".repeat(size / 4),
  };
  for (const [name, text] of Object.entries(hostile)) {
    const { findings } = parseFile("x.yaml", Buffer.from(text), "atomic");
    expect(findings.length, name).toBeGreaterThan(name === "comments" ? -1 : 0);
    expect(findings.length, name).toBeLessThanOrEqual(201);
  }
  // What takes the square of a file's size does not end within this, on whatever machine.
}, 120_000);
