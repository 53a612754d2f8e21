// Escaping makes text harmless, says what it hid, and changes nothing twice.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  escapeAnnotation,
  escapeAnnotationProperty,
  escapeTerminal,
  NAME_LENGTH,
  quoteShell,
  showName,
} from "../../src/report/escape.ts";
import { HOSTILE_NAMES, terminalDangers } from "./hostile.ts";

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.array(fc.constantFrom(...HOSTILE_NAMES), { maxLength: 3 }).map((names) => names.join("")),
  fc
    .array(fc.constantFrom(":", "#", "[", "\u0301", "\u200b", "\n", "a", "\ud83d", "\udc00"), { maxLength: 200 })
    .map((c) => c.join("")),
);

describe("escapeTerminal", () => {
  test("leaves what people write alone", () => {
    for (const text of [
      "Card editor",
      "ana+x@acme.example",
      "Équipe Ångström",
      "Παρατηρητής",
      "編集者",
      "a: b",
      "C# [x]",
      "🙂",
    ])
      expect(escapeTerminal(text)).toBe(text);
  });

  test.each([
    ["\u001b[31mred", "<U+001B>[31mred"],
    ["one\ntwo\tthree\r", "one\\ntwo\\tthree\\r"],
    ["abc\u202edef", "abc<U+202E>def"],
    ["a\u200bb", "a<U+200B>b"],
    ["a\u00a0b", "a<U+00A0>b"],
    ["\ud800", "<U+D800>"],
    ["\u{e0041}", "<U+E0041>"],
    ["::error::x", ":\\:error:\\:x"],
    ["##[group]", "#\\#[group]"],
  ])("shows %j as %s", (text, shown) => {
    expect(escapeTerminal(text)).toBe(shown);
  });

  test("stops marks from piling up", () => {
    expect(escapeTerminal(`a${"\u0301".repeat(6)}`)).toBe(`a${"\u0301".repeat(4)}<U+0301><U+0301>`);
  });

  test("clips to whole characters and counts what is missing", () => {
    expect(escapeTerminal("x".repeat(200), 50)).toBe(`${"x".repeat(28)}…(+172 characters)`);
    expect(escapeTerminal("🙂".repeat(100), 51)).toBe(`${"🙂".repeat(14)}…(+172 characters)`);
    expect(escapeTerminal("x".repeat(NAME_LENGTH))).toBe("x".repeat(NAME_LENGTH));
  });

  test("any text: harmless, bounded, and the same when escaped again", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 40, max: 400 }), (text, maximum) => {
        const escaped = escapeTerminal(text, maximum);
        expect(terminalDangers(escaped)).toEqual([]);
        expect(escaped).not.toContain("\n");
        expect(escaped.length).toBeLessThanOrEqual(maximum);
        expect(escapeTerminal(escaped, maximum)).toBe(escaped);
      }),
    );
  });
});

describe("showName", () => {
  test("quotes what could be taken for something else", () => {
    expect(["Card editor", "a@b.example"].map((name) => showName(name))).toEqual(["Card editor", "a@b.example"]);
    for (const name of [
      "",
      " ",
      "a, b",
      "x and 3 more",
      "none",
      "All environments",
      "Ops (EU)",
      "a -> b",
      'say "hi"',
      "a  b",
    ])
      expect(showName(name)).toMatch(/^".*"$/);
  });
});

describe("workflow commands", () => {
  test("a message or a property cannot end where it should not", () => {
    expect(escapeAnnotation("50%\r\nnext")).toBe("50%25%0D%0Anext");
    expect(escapeAnnotationProperty("a:b,c%\n")).toBe("a%3Ab%2Cc%25%0A");
  });

  test("any message is one line and reads back as it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const escaped = escapeAnnotationProperty(text);
        expect(escaped).not.toMatch(/[\r\n:,]/);
        const back = escaped
          .replaceAll("%2C", ",")
          .replaceAll("%3A", ":")
          .replaceAll("%0A", "\n")
          .replaceAll("%0D", "\r");
        expect(back.replaceAll("%25", "%")).toBe(text);
      }),
    );
  });
});

describe("quoteShell", () => {
  test.each([
    ["acme", "acme"],
    ["Role/card editor", "'Role/card editor'"],
    ["it's", "'it'\\''s'"],
    ["$(reboot)", "'$(reboot)'"],
    ["a;b", "'a;b'"],
    ["", "''"],
  ])("%j becomes %s", (word, quoted) => {
    expect(quoteShell(word)).toBe(quoted);
  });
});
