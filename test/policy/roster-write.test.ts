// Roster files: written once, read back as what they were written from, edited by people, and laid out by `fmt` without losing
// anything.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Decision, RosterEntry } from "../../src/model/campaign.ts";
import { decisionText, readDecision } from "../../src/model/decision.ts";
import { rosterItemOf } from "../../src/model/roster-item.ts";
import { formatFile } from "../../src/policy/format.ts";
import { readGovernance } from "../../src/policy/governance.ts";
import { GOVERNANCE, parseFile } from "../../src/policy/parse.ts";
import { writeRosters } from "../../src/policy/roster-write.ts";
import { bytesOf } from "./files.ts";

const CAMPAIGN = { id: "quarterly-2026-10-01", due: "2026-10-15" };
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom("null", "12", "a: b", "# x", "- y", "edit"),
);

const entries: fc.Arbitrary<RosterEntry[]> = fc
  .array(
    fc.record({
      member: text,
      groups: fc.array(text, { maxLength: 3 }),
      roles: fc.array(text, { maxLength: 2 }),
      gives: fc.array(text, { minLength: 1, maxLength: 3 }),
      because: text,
      reviewer: fc.constantFrom("ana@acme.example", "ana@other.example", "Bö", "bo", "名"),
    }),
    { maxLength: 20 },
  )
  .map((some) =>
    some.map((words, index) => ({
      ...words,
      id: index.toString(16).padStart(16, "0"),
      target: "acme",
      rows: [],
      risk: "low" as const,
      recommendation: { decision: "keep" } as const,
      barred: [],
    })),
  );

function read(name: string, content: string) {
  const file = parseFile(`policies/reviews/${CAMPAIGN.id}/${name}`, bytesOf(content), GOVERNANCE);
  const { governance, findings } = readGovernance([file], undefined);
  return { rosters: governance.rosters, findings: [...file.findings, ...findings] };
}

test("whatever is in them, files read back as the entries they were written from, each once", () => {
  fc.assert(
    fc.property(entries, (some) => {
      const files = writeRosters(CAMPAIGN, some, () => undefined);
      expect(new Set(files.map(({ name }) => name)).size).toBe(files.length);
      const seen = files.flatMap(({ name, reviewer, text: content, entries: ids }) => {
        expect(name).toMatch(/^[a-z0-9][a-z0-9-]*\.yaml$/);
        const { rosters, findings } = read(name, content);
        expect(findings).toEqual([]);
        const [roster] = rosters;
        expect([roster?.reviewer, roster?.review]).toEqual([reviewer, CAMPAIGN.id]);
        expect(roster?.lines.map(({ entry }) => entry)).toEqual(ids);
        for (const line of roster?.lines ?? []) expect([line.decision, line.justification]).toEqual([undefined, ""]);
        expect(formatFile(name, content, GOVERNANCE)).toEqual({ text: content, findings: [] });
        return (roster?.lines ?? []).map(({ entry, shown }) => [entry, reviewer, shown]);
      });
      const wanted = some.map((entry) => [entry.id, entry.reviewer, rosterItemOf(entry)]);
      const byId = (list: unknown[][]) => [...list].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
      expect(byId(seen)).toEqual(byId(wanted));
    }),
  );
});

test("files are called after logins, two of one name are told apart, and much is split", () => {
  const entry = (index: number, reviewer: string): RosterEntry => ({
    id: index.toString(16).padStart(16, "0"),
    target: "acme",
    member: "zoe@acme.example",
    groups: ["Makers"],
    roles: [],
    rows: [],
    gives: ["Tag: view in dev"],
    risk: "low",
    recommendation: { decision: "revoke" },
    because: "Not active for 200 days",
    reviewer,
    barred: [],
  });
  const some = [
    ...Array.from({ length: 1001 }, (_, index) => entry(index, "ana@acme.example")),
    entry(2000, "ana@other.example"),
    entry(2001, "bo@acme.example"),
  ];
  const logins: Readonly<Record<string, string>> = { "bo@acme.example": "bo-nilsson" };
  const files = writeRosters(CAMPAIGN, some, (name) => logins[name]);
  expect(files.map(({ name, entries: ids }) => [name, ids.length])).toEqual([
    ["ana-2.yaml", 500],
    ["ana-3.yaml", 1],
    ["ana-4.yaml", 1],
    ["ana.yaml", 500],
    ["bo-nilsson.yaml", 1],
  ]);
  expect(files.at(-1)?.text).toMatchInlineSnapshot(`
    "# To decide until 2026-10-15. decision: keep | revoke | reduce to LEVEL | until DATE; say why in justification, change nothing else.
    # Then approve the pull request: a decision counts when its reviewer has approved this very file.
    kind: Roster
    review: quarterly-2026-10-01
    reviewer: bo@acme.example
    entries:
      - entry: 00000000000007d1
        target: acme
        member: zoe@acme.example
        through: [Makers]
        gives:
          - 'Tag: view in dev'
        risk: low
        recommendation: revoke
        because: Not active for 200 days
        decision:
        justification:
    "
  `);
});

test("decisions read back as they are written", () => {
  const decisions: fc.Arbitrary<Decision> = fc.oneof(
    fc.constantFrom({ decision: "keep" } as const, { decision: "revoke" } as const),
    fc
      .string({ minLength: 1 })
      .map((level) => level.trim().normalize("NFC"))
      .filter((level) => level !== "")
      .map((level) => ({ decision: "reduce" as const, level })),
    fc
      .date({ min: new Date("2020-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
      .map((date) => ({ decision: "until" as const, until: date.toISOString().slice(0, 10) })),
  );
  fc.assert(
    fc.property(decisions, (decision) => {
      expect(readDecision(decisionText(decision))).toEqual(decision);
    }),
  );
});

test("the place of a decision is its own, in a file of thousands", () => {
  const lines = Array.from({ length: 5000 }, (_, index) => {
    const id = index.toString(16).padStart(16, "a");
    return `  - entry: ${id}\n    gives: ['a', 'b']\n    decision: ${index % 2 === 0 ? "kep" : ""}\n`;
  });
  const { rosters, findings } = read(
    "ana.yaml",
    `kind: Roster\nreview: ${CAMPAIGN.id}\nreviewer: ana\nentries:\n${lines.join("")}`,
  );
  const places = rosters[0]?.lines.map(({ place }) => [place.line, place.column]) ?? [];
  expect(places).toHaveLength(5000);
  for (const [index, place] of places.entries()) expect(place).toEqual([7 + index * 3, index % 2 === 0 ? 15 : 5]);
  expect(findings).toHaveLength(2500);
  expect(findings[1]).toMatchObject({ code: "invalid-decision", place: { line: 13, column: 15 } });
});
