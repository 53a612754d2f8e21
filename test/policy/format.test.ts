// The canonical layout: what it looks like, that it keeps every comment and every meaning, and that doing it twice is
// doing it once.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/model/document.ts";
import { endOfSpan } from "../../src/model/until.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { formatFile } from "../../src/policy/format.ts";
import type { Clock } from "../../src/policy/memberships.ts";
import { GOVERNANCE, parseFile } from "../../src/policy/parse.ts";
import type { ParsedDocument } from "../../src/policy/schema.ts";
import { show } from "./files.ts";
import { governingScribbles, scribbles } from "./scribble.ts";

function format(text: string): string {
  const { text: formatted, findings } = formatFile("a.yaml", text, atomic);
  expect(findings.filter(({ severity, code }) => severity === "error" || code === "not-formatted")).toEqual([]);
  return formatted;
}

describe("layout", () => {
  test("keys, sets, maps and members have one order; quotes only where they are needed", () => {
    expect(
      format(`
name: "Card creators"
environments: ["test",'dev']
roles:
    - "theme viewer"
    - 'Card editor'
kind: 'Group'

---

members: [zoe@acme.example, {reason: 'Contract C-102', until: "2027-01-31", email: Bo@acme.example}]
group: Card creators
kind: Membership
---
{kind: Role, permissions: {Theme: view, Card template: edit, API keys: view}, name: '007'}
`),
    ).toBe(`kind: Group
name: Card creators
roles: [Card editor, theme viewer]
environments: [dev, test]
---
kind: Membership
group: Card creators
members:
  - email: Bo@acme.example
    until: 2027-01-31
    reason: Contract C-102
  - zoe@acme.example
---
kind: Role
name: '007'
permissions:
  API keys: view
  Card template: edit
  Theme: view
`);
  });

  test("long texts are folded, several lines are a block, long lists take a line an item", () => {
    const long = "A sentence that goes on. ".repeat(6).trim();
    const roles = Array.from({ length: 9 }, (_, index) => `Role number ${index}`);
    const formatted = format(`kind: Group\nname: x\ndescription: ${long}\nroles: [${roles.join(", ")}]\n`);
    expect(formatted).toContain("description: >-\n  A sentence");
    expect(Math.max(...formatted.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
    expect(formatted).toContain("roles:\n  - Role number 0\n  - Role number 1\n");
    expect(format('kind: Role\nname: x\ndescription: "a\\n\\nb\\n"\n')).toBe(
      "kind: Role\nname: x\ndescription: |\n  a\n\n  b\n",
    );
  });

  test("settings have an order too, and keep that of their lists", () => {
    const text =
      "targets:\n- environments: [test, dev]\n  name: b\n  credentials: {clientId: A}\n  organization: o\n  platform: atomic\n  url: https://x.example\n  # by whom\n  owners: [z@b.c, a@b.c]\nkind: Settings\n";
    expect(formatFile("rolebook.yaml", text, undefined).text).toBe(`kind: Settings
targets:
  - name: b
    platform: atomic
    url: https://x.example
    organization: o
    credentials:
      clientId: A
    environments: [test, dev]
    # by whom
    owners: [z@b.c, a@b.c]
`);
  });
});

describe("comments", () => {
  test("stay with what they precede or trail", () => {
    expect(
      format(`# yaml-language-server: $schema=../x.json

# Who makes cards.
name: Card creators # a name
kind: Group
# Where.
environments:   # not everywhere
  - test
  # The first one
  - dev # mine
  # - staging
roles: [ # what they carry
  b, # bee
  # before a
  a ]
# The end.
---
# Members.
kind: Membership
group: Card creators
members:
- zoe@acme.example # z
-   # about Bo
  # more about Bo
  reason: because # why
  email: bo@acme.example
# After Bo
`),
    ).toBe(`# yaml-language-server: $schema=../x.json
kind: Group
# Who makes cards.
name: Card creators # a name
roles: # what they carry
  # before a
  - a
  - b # bee
# Where.
environments: # not everywhere
  # The first one
  - dev # mine
  - test
  # - staging
# The end.
---
# Members.
kind: Membership
group: Card creators
members:
  # about Bo
  # more about Bo
  - email: bo@acme.example
    reason: because # why
  - zoe@acme.example # z
# After Bo
`);
  });

  test("are all that is left of a file of comments", () => {
    expect(format("# one\n\n   # two\n")).toBe("# one\n# two\n");
    expect(format("")).toBe("");
  });

  test("between separators with nothing else are kept", () => {
    expect(format("kind: Role\nname: a\n---\n# lonely\n---\nkind: Role\nname: b\n")).toBe(
      "kind: Role\nname: a\n---\n# lonely\nkind: Role\nname: b\n",
    );
  });

  test("are not found within scalars", () => {
    const text = "kind: Role\nname: 'a # b'\ndescription: |\n  # text\n  more # text\n";
    expect(format(text)).toBe(text);
  });
});

test("a file with errors is left as it is", () => {
  const text = "kind: Role\nname: [x\n";
  const { text: formatted, findings } = formatFile("a.yaml", text, atomic);
  expect(formatted).toBe(text);
  expect(show(findings)).toEqual(["a.yaml:2:7 error yaml-syntax: This bracket is opened and not closed"]);
});

/** Noon on 22 November in UTC, and past midnight in Auckland. */
const CLOCK = { now: new Date("2026-11-22T12:00:00Z"), timeZone: "Pacific/Auckland" };

describe("spans", () => {
  const entries = (lines: string) => `kind: Membership\ngroup: g\nmembers:\n${lines}`;

  test("become the ends that they mean now, where they stand, with their comments", () => {
    const text = entries(`  - email: ana@acme.example
    # Until the audit is over.
    for: 14d # a fortnight
    reason: Audit
  - {for: 36h, email: bo@acme.example}
  - email: cy@acme.example
    for: "2w"
`);
    const ended = entries(`  - email: ana@acme.example
    # Until the audit is over.
    until: 2026-12-07 # a fortnight
    reason: Audit
  - email: bo@acme.example
    until: 2026-11-24T00:00:00Z
  - email: cy@acme.example
    until: 2026-12-07
`);
    expect(formatFile("a.yaml", text, atomic, CLOCK)).toEqual({ text: ended, findings: [] });
    const later = { ...CLOCK, now: new Date("2027-05-05T05:05:05Z") };
    expect(formatFile("a.yaml", ended, atomic, later)).toEqual({ text: ended, findings: [] });
  });

  test("that are none, or stand beside an end, are left for validate to report", () => {
    const text = entries(`  - email: ana@acme.example
    for: a while
  - email: bo@acme.example
    until: 2027-01-31
    for: 14d
`);
    expect(formatFile("a.yaml", text, atomic, CLOCK)).toEqual({ text, findings: [] });
  });

  test("stay without a clock, and where they are something else", () => {
    const text = entries("  - email: ana@acme.example\n    for: 14d\n");
    expect(format(text)).toBe(text);
    const rule = "kind: Guardrail\nname: a\nrule: cel\nwith:\n  for: member\n  deny: 'false'\n";
    expect(formatFile("a.yaml", rule, GOVERNANCE, CLOCK)).toEqual({ text: rule, findings: [] });
  });
});

test("what governs all targets has an order too, and keeps that of its lists", () => {
  const text = `
with: {second: [{scopes: [test, dev], resource: Theme}], in: one-scope, first: [{level: edit, resource: Card template}]}
except:
- until: 2027-01-31
  approver: noor@acme.example # she said so
  reason: old
  member: ana@acme.example
owners:
- zoe@acme.example
- noor@acme.example
rule: separation-of-duties
# What it is called.
name: 'Makers do not approve'
kind: Guardrail
---
approver: noor@acme.example
allows: 30
of: Support
limit: group
reason: They move
plan: ${"0f".repeat(32)}
target: acme
name: "Desk"
kind: Waiver
---
{approver: noor@acme.example, reason: New, id: '1', member: bo@acme.example, target: acme, kind: Identity}
`;
  expect(formatFile("a.yaml", text, GOVERNANCE)).toEqual({
    text: `kind: Guardrail
# What it is called.
name: Makers do not approve
rule: separation-of-duties
with:
  first:
    - {resource: Card template, level: edit}
  second:
    - resource: Theme
      scopes: [test, dev]
  in: one-scope
owners: [zoe@acme.example, noor@acme.example]
except:
  - member: ana@acme.example
    reason: old
    approver: noor@acme.example # she said so
    until: 2027-01-31
---
kind: Waiver
name: Desk
target: acme
plan: ${"0f".repeat(32)}
limit: group
of: Support
allows: 30
reason: They move
approver: noor@acme.example
---
kind: Identity
target: acme
member: bo@acme.example
id: '1'
reason: New
approver: noor@acme.example
`,
    findings: [],
  });
});

/** Values with the order taken out of what has none, and spans as the ends that they mean. */
function meaning(documents: readonly ParsedDocument[], clock?: Clock): unknown {
  const sorted = (value: Json): Json => {
    if (Array.isArray(value))
      return value
        .map(sorted)
        .sort((a, b) => (JSON.stringify(a).toLowerCase() < JSON.stringify(b).toLowerCase() ? -1 : 1));
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value).map(([key, item]): [string, Json] => {
      const end = clock && key === "for" && typeof item === "string" && endOfSpan(item, clock.now, clock.timeZone);
      return end ? ["until", end] : [key, sorted(item)];
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  return documents.map(({ value }) => sorted(value));
}

test.each([
  ["a platform's kinds", scribbles, atomic, "atomic"],
  ["what governs all targets", governingScribbles, GOVERNANCE, GOVERNANCE],
] as const)(
  "however a file of %s is written: every comment once, the same meaning, no blank line, and again the same",
  (_, written, kinds, name) => {
    const read = (text: string) => parseFile("a.yaml", new TextEncoder().encode(text), name);
    fc.assert(
      fc.property(written, ({ values, text, comments }) => {
        expect(show(read(text).findings)).toEqual([]);
        expect(read(text).documents.length).toBe(values.length);
        const { text: formatted, findings } = formatFile("a.yaml", text, kinds, CLOCK);
        expect(findings).toEqual([]);
        expect(formatted).not.toContain("\r");
        expect(formatted).toMatch(/[^\n]\n$/);
        for (const comment of comments) {
          const escaped = comment.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
          expect(formatted.match(new RegExp(`(?:^|\\s)${escaped}$`, "gm")), comment).toHaveLength(1);
        }
        expect(meaning(read(formatted).documents)).toEqual(meaning(read(text).documents, CLOCK));
        const later = { ...CLOCK, now: new Date("2030-01-01T00:00:00Z") };
        expect(formatFile("a.yaml", formatted, kinds, later).text).toBe(formatted);
      }),
      { numRuns: 2000 },
    );
  },
  240_000,
);
