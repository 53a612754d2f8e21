// The canonical layout: what it looks like, that it keeps every comment and every meaning, and that doing it twice is
// doing it once.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/model/document.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { formatFile } from "../../src/policy/format.ts";
import { parse, show } from "./files.ts";
import { scribbles } from "./scribble.ts";

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

/** Values with the order taken out of what has none. */
function meaning(text: string): unknown {
  const sorted = (value: Json): Json => {
    if (Array.isArray(value))
      return value
        .map(sorted)
        .sort((a, b) => (JSON.stringify(a).toLowerCase() < JSON.stringify(b).toLowerCase() ? -1 : 1));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, item]) => [key, sorted(item)] as const)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  };
  return parse(text).documents.map(({ value }) => sorted(value));
}

test("however a file is written: every comment once, the same meaning, no blank line, and again the same", () => {
  fc.assert(
    fc.property(scribbles, ({ values, text, comments }) => {
      expect(show(parse(text).findings)).toEqual([]);
      expect(parse(text).documents.length).toBe(values.length);
      const formatted = format(text);
      expect(formatted).not.toContain("\r");
      expect(formatted).toMatch(/[^\n]\n$/);
      for (const comment of comments) {
        const escaped = comment.replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
        expect(formatted.match(new RegExp(`(?:^|\\s)${escaped}$`, "gm")), comment).toHaveLength(1);
      }
      expect(meaning(formatted)).toEqual(meaning(text));
      expect(format(formatted)).toBe(formatted);
    }),
    { numRuns: 3000 },
  );
}, 240_000);
