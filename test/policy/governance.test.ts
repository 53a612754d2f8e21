// What governs all targets, from files to the model; what is wrong with such files is shown in test/cases/invalid.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Json } from "../../src/model/document.ts";
import type { Guardrail } from "../../src/model/guardrail.ts";
import { type ReadGovernance, readGovernance } from "../../src/policy/governance.ts";
import { createPacker, createUnpacker } from "../../src/policy/pack.ts";
import { GOVERNANCE, type ParsedFile, parseFile } from "../../src/policy/parse.ts";
import { bytesOf, show, target } from "./files.ts";
import { governingScribbles } from "./scribble.ts";

const settings = {
  targets: [target],
  people: [],
  notify: [],
  schedule: { poll: "", drift: "" },
  reviews: { overdue: "keep" as const, escalateDays: 7, remind: "0 7 * * *" },
};

function parsed(text: string, file = "g.yaml"): ParsedFile {
  const result = parseFile(file, bytesOf(text), GOVERNANCE);
  expect(show(result.findings)).toEqual([]);
  return result;
}

function read(text: string): ReadGovernance {
  return readGovernance([parsed(text)], settings);
}

const FULL = `kind: Guardrail
name: Makers do not approve
description: Whoever edits a card does not approve it.
rule: separation-of-duties
with:
  first: [{resource: Card template, level: edit}]
  second:
    - resource: Override card approval
      scopes: [production]
severity: warning
targets: [acme]
owners: [noor@acme.example]
message: '{member} makes and approves in {scope}'
except:
  - member: ana@acme.example
    reason: Covers for Bo
    approver: noor@acme.example
    until: 2027-01-31
  - {group: Release managers, reason: Old, approver: noor@acme.example, until: 2027-01-31T17:00:00Z}
`;

test("a guardrail says all that its document says, and where", () => {
  const { governance, findings } = read(FULL);
  expect(findings).toEqual([]);
  const expected: Guardrail = {
    name: "Makers do not approve",
    description: "Whoever edits a card does not approve it.",
    rule: "separation-of-duties",
    with: {
      first: [{ resource: "Card template", level: "edit" }],
      second: [{ resource: "Override card approval", scopes: ["production"] }],
    },
    severity: "warning",
    targets: ["acme"],
    owners: ["noor@acme.example"],
    message: "{member} makes and approves in {scope}",
    except: [
      {
        member: "ana@acme.example",
        reason: "Covers for Bo",
        approver: "noor@acme.example",
        until: "2027-01-31",
        place: { file: "g.yaml", line: 15, column: 5 },
      },
      {
        group: "Release managers",
        reason: "Old",
        approver: "noor@acme.example",
        until: "2027-01-31T17:00:00Z",
        place: { file: "g.yaml", line: 19, column: 5 },
      },
    ],
    place: { file: "g.yaml", line: 2, column: 7 },
  };
  expect(governance).toEqual({ guardrails: [expected], waivers: [], acknowledgements: [], reviews: [], rosters: [] });
});

test("the least that a guardrail says is an error, holds everywhere and excepts nobody", () => {
  expect(read("kind: Guardrail\nname: A\nrule: group-owner\n").governance.guardrails).toEqual([
    {
      name: "A",
      rule: "group-owner",
      severity: "error",
      owners: [],
      except: [],
      place: { file: "g.yaml", line: 2, column: 7 },
    },
  ]);
});

test.each([
  ["plain", "deny: member.email == 'x'", 6, 9],
  ["in quotes that it needs", "deny: \"group.name == 'a: b'\"", 6, 10],
  ["a block", "deny: |\n    member.email\n      == 'x'", 7, 5],
  ["a folded block", "deny: >-\n    member.email == 'x'", 7, 5],
])("an expression's place is where its text begins: %s", (_, deny, line, column) => {
  const text = `kind: Guardrail\nname: A\nrule: cel\nwith:\n  for: member\n  ${deny}\n`;
  const [guardrail] = read(text).governance.guardrails;
  expect(guardrail?.expressionSpots?.[0]).toEqual({ offset: 0, line, column });
});

test("waivers and acknowledgements say all that their documents say", () => {
  const plan = "0f".repeat(32);
  const { governance, findings } = read(`kind: Waiver
name: The desk is dissolved
target: acme
plan: ${plan}
limit: group
of: Support
allows: 30
reason: They move
approver: noor@acme.example
---
kind: Waiver
name: And its owners
target: acme
plan: ${plan}
limit: owners
allows: 1
reason: They move
approver: noor@acme.example
---
kind: Identity
target: acme
member: bo@acme.example
id: 01JB3M5Q7Y8ZK2
reason: Somebody new
approver: noor@acme.example
`);
  expect(findings).toEqual([]);
  expect(governance.waivers).toEqual([
    {
      name: "The desk is dissolved",
      target: "acme",
      plan,
      limit: "group",
      of: "Support",
      allows: 30,
      reason: "They move",
      approver: "noor@acme.example",
      place: { file: "g.yaml", line: 2, column: 7 },
    },
    {
      name: "And its owners",
      target: "acme",
      plan,
      limit: "owners",
      allows: 1,
      reason: "They move",
      approver: "noor@acme.example",
      place: { file: "g.yaml", line: 12, column: 7 },
    },
  ]);
  expect(governance.acknowledgements).toEqual([
    {
      target: "acme",
      member: "bo@acme.example",
      id: "01JB3M5Q7Y8ZK2",
      reason: "Somebody new",
      approver: "noor@acme.example",
      place: { file: "g.yaml", line: 22, column: 9 },
    },
  ]);
});

test("names are unique in all files together, of each kind by itself", () => {
  const one = parsed("kind: Guardrail\nname: Same\nrule: group-owner\n", "a.yaml");
  const other = parsed("kind: Guardrail\nname: same\nrule: group-owner\n", "b.yaml");
  const waiver = parsed(
    `kind: Waiver\nname: Same\ntarget: acme\nplan: ${"0f".repeat(32)}\nlimit: target\nallows: 3\nreason: x\napprover: y\n`,
    "c.yaml",
  );
  expect(show(readGovernance([one, other, waiver], settings).findings)).toEqual([
    'b.yaml:2:7 error duplicate-guardrail: Guardrail "same" is declared twice; first in a.yaml:2:7 [Give it a name of its own.]',
  ]);
});

test("without settings, targets are nobody's mistake", () => {
  const file = parsed(FULL.replace("[acme]", "[nowhere]"));
  expect(readGovernance([file], undefined).findings).toEqual([]);
  expect(readGovernance([file], settings).findings.map(({ code }) => code)).toEqual(["unknown-target"]);
});

/** A value with one of its nodes, chosen by a tape, replaced. */
function spoiled(value: Json, tape: readonly number[], by: Json): Json {
  const [first = 0, ...rest] = tape;
  if (value === null || typeof value !== "object" || rest.length === 0) return by;
  const keys = Object.keys(value);
  const chosen = keys[first % Math.max(1, keys.length)];
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === chosen ? spoiled(item, rest, by) : item));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, key === chosen ? spoiled(item, rest, by) : item]),
  );
}

test("whatever is wrong with a document gives findings inside it, never a crash, and never half a rule", () => {
  const spoiling = fc.tuple(
    governingScribbles,
    fc.array(fc.nat(9), { minLength: 1, maxLength: 5 }),
    fc.oneof(fc.jsonValue(), fc.constantFrom("acme", "cel", "group-owner", "any-group", {}, [], [{}], null)),
  );
  fc.assert(
    fc.property(spoiling, ([{ values }, tape, by]) => {
      const text = values.map((value) => `---\n${JSON.stringify(spoiled(value, tape, by as Json))}\n`).join("");
      const file = parseFile("g.yaml", bytesOf(text), GOVERNANCE);
      const { governance, findings } = readGovernance([file], settings);
      const lines = text.split("\n");
      for (const { place } of [...file.findings, ...findings])
        expect((lines[(place?.line ?? 0) - 1] ?? "").length + 1).toBeGreaterThanOrEqual(place?.column ?? 0);
      for (const { rule, name, except, ...rest } of governance.guardrails) {
        expect([typeof rule, typeof name, Array.isArray(except)]).toEqual(["string", "string", true]);
        if (rule === "cel" && "with" in rest) expect(typeof (rest.with as { deny: unknown }).deny).toBe("string");
      }
    }),
    { numRuns: 2000 },
  );
}, 120_000);

test("a file that comes from the cache says the same at the same places", () => {
  const packer = createPacker();
  const line = packer.pack(parsed(FULL));
  const again = createUnpacker(packer.tables())?.(line, "other.yaml");
  if (!again) throw new Error("cannot be read back");
  const { governance } = readGovernance([again], settings);
  expect(JSON.stringify(governance)).toBe(JSON.stringify(read(FULL).governance).replaceAll("g.yaml", "other.yaml"));
});
