// A mistake in an expression is told at its character, however YAML writes the expression.
import fc from "fast-check";
import { dump } from "js-yaml";
import { expect, test } from "vitest";
import { readGovernance } from "../../src/policy/governance.ts";
import { GOVERNANCE, parseFile } from "../../src/policy/parse.ts";

/** For each character of the expression the one that stands where it is said to stand. */
function charactersOf(text: string): readonly { readonly is: string; readonly at: string; readonly place: string }[] {
  const parsed = parseFile("g.yaml", new TextEncoder().encode(text), GOVERNANCE);
  const [guardrail] = readGovernance([parsed], undefined).governance.guardrails;
  if (guardrail?.rule !== "cel") throw new TypeError("no expression");
  const lines = text.split(/\r\n|\n/);
  return guardrail.with.deny.split("").map((is, offset) => {
    const spot = guardrail.expressionSpots?.findLast((one) => one.offset <= offset);
    if (!spot) throw new TypeError("no spot");
    const column = spot.column + offset - spot.offset;
    return { is, at: lines[spot.line - 1]?.[column - 1] ?? "", place: `${spot.line}:${column}` };
  });
}

const HEAD = "kind: Guardrail\nname: A\nrule: cel\nwith:\n  for: member\n  ";

test.each([
  ["plain", 'deny: member.name == "a" || false', "||", "6:28"],
  ["quotes that it does not need", "deny: \"member.name == 'a' || false\"", "||", "6:29"],
  ["single quotes that hold one", "deny: 'member.name == ''a'' || false'", "||", "6:31"],
  ["escapes", 'deny: "member.name == \\"a\\" || \\x66alse"', "||", "6:31"],
  ["a plain text over lines", "deny: member.name == 'a'\n      || false", "||", "7:7"],
  ["quotes over lines", "deny: \"member.name == 'a'\n      || false\"", "||", "7:7"],
  ["an escaped line break", "deny: \"member.name == 'a' \\\n      || false\"", "||", "7:7"],
  ["a block", "deny: |\n    member.name == 'a'\n      || false", "||", "8:7"],
  ["a folded block", "deny: >-\n    member.name == 'a'\n    || false", "||", "8:5"],
  ["a folded block, deep, with a comment", "deny: >- # why\n        member.name == 'a'\n        || false", "||", "8:9"],
  ["a block after a line without anything", "deny: |\n\n    member.name == 'a' || false", "||", "8:24"],
])("%s", (_, deny, part, place) => {
  for (const text of [HEAD + deny, (HEAD + deny).replaceAll("\n", "\r\n")]) {
    const found = charactersOf(`${text}\n`);
    const offset = found
      .map(({ is }) => is)
      .join("")
      .indexOf(part);
    expect(found[offset]?.place).toBe(place);
    expect(found[offset]?.at).toBe("|");
  }
});

test("whatever a writer of YAML makes of an expression", () => {
  const piece = fc.constantFrom(
    "member.name",
    " == ",
    '"a"',
    "'b: c'",
    " || ",
    "\n",
    "  ",
    "# no",
    "\\d",
    "ü",
    "{x}",
    "true",
  );
  fc.assert(
    fc.property(
      fc.array(piece, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 20, max: 80 }),
      (pieces, lineWidth) => {
        const deny = pieces.join("").trim();
        fc.pre(deny !== "");
        const written = dump(
          { kind: "Guardrail", name: "A", rule: "cel", with: { for: "member", deny } },
          { lineWidth },
        );
        for (const { is, at, place } of charactersOf(written))
          if (/[^\s\\"]/.test(is)) expect([at, place], written).toEqual([is, place]);
      },
    ),
    { numRuns: 2000 },
  );
});
