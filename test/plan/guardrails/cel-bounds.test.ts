// Rules that would take forever, or everything: they end by steps, at the same point every time, and say so.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, stateOf } from "../../../src/model/entity.ts";
import type { CelSubject } from "../../../src/model/guardrail.ts";
import { compileExpression, isProblem, MOST_LENGTH } from "../../../src/plan/guardrails/cel.ts";
import { STEPS_PER_EVALUATION } from "../../../src/plan/guardrails/cel-bounds.ts";
import { CEL_FUNCTIONS, CEL_TYPES } from "../../../src/plan/guardrails/cel-types.ts";
import { atomic } from "../../../src/platform/atomic/platform.ts";
import { atomicGround, checkExpression, groundOf, judge, keystoneGround } from "../../support/cel.ts";
import { openTarget } from "../../support/organization.ts";

/** What is said of an expression that looks at no member. */
function answer(expression: string) {
  const compiled = compileExpression("member", expression);
  if (isProblem(compiled)) throw new Error(compiled.message);
  return compiled.evaluate({ member: {}, target: "acme", today: new Date(0) }, STEPS_PER_EVALUATION);
}

const TEN = "[0,1,2,3,4,5,6,7,8,9]";
const nested = (depth: number, inner: string): string =>
  Array.from({ length: depth }).reduce<string>((sum, _, index) => `${TEN}.all(x${index}, ${sum})`, inner);
/** Each name stands for ten of the one before. */
const growing = (depth: number, join: (name: string) => string, first: string, last: string): string =>
  Array.from({ length: depth })
    .reduceRight<string>((sum, _, index) => `cel.bind(v${index + 1}, ${join(`v${index}`)}, ${sum})`, last)
    .replace(/^/, `cel.bind(v0, ${first}, `)
    .concat(")");

const STEPS = "The expression takes too many steps";
const BIG = "A text or a list gets too big";

describe("an expression that", () => {
  test.each([
    ["loops in loops", nested(12, "true"), STEPS],
    ["loops in loops and would swallow the error", `${nested(12, "true")} || true`, STEPS],
    [
      "builds lists of lists",
      `${TEN}.map(a, ${TEN}.map(b, ${TEN}.map(c, ${TEN}.map(d, ${TEN}.map(e, ${TEN}))))).size() > 0`,
      STEPS,
    ],
    ["doubles a text", growing(18, (name) => `${name} + ${name}`, "'ab'", "v18 == ''"), BIG],
    ["doubles a list", growing(18, (name) => `${name} + ${name}`, "[1, 2]", "v18 == []"), BIG],
    [
      "joins long texts",
      growing(3, (name) => `[${Array(20).fill(name).join(",")}].join('')`, "'abcdefghij'", "v3 == ''"),
      BIG,
    ],
    [
      "compares lists that hold each other many times",
      growing(18, (name) => `[${name}, ${name}]`, "dyn([1])", "v18 == [v17, v17]"),
      STEPS,
    ],
    ["looks for such a list", growing(18, (name) => `[${name}, ${name}]`, "dyn([1])", "[v17] in v18"), STEPS],
  ])("%s", (_, expression, message) => {
    expect(checkExpression("member", expression)).toEqual([]);
    const first = answer(expression);
    expect(first.answer).toMatchObject({ message });
    expect(first.steps).toBeLessThanOrEqual(STEPS_PER_EVALUATION);
    expect(answer(expression)).toEqual(first);
  });

  test.each([
    ["is long", `'${"a".repeat(MOST_LENGTH)}' == ''`, "The expression is longer than 4000 characters", MOST_LENGTH],
    ["has many parts", Array(600).fill("true").join("&&"), "The expression is too big", 0],
    ["is nested deeply", `${"(".repeat(200)}true${")".repeat(200)}`, "The expression is too big", 60],
    ["denies its denial", `${"!".repeat(3900)}true`, "The expression is too big", 2900],
    [
      "makes its types grow",
      growing(10, (name) => `{${name}: ${name}}`, "1", "v10 == v10"),
      "The keys of a map are written out, not computed",
      30,
    ],
  ])("%s is refused", (_, expression, message, offset) => {
    expect(checkExpression("member", expression)).toMatchObject([{ message, offset }]);
  });
});

describe("patterns take time in proportion", () => {
  /** An expression over `v3`, a text of 8,000 characters. */
  const long = (last: string) => growing(3, (name) => `${Array(20).fill(name).join(" + ")}`, "'a'", last);

  test("a pattern that others choke on", () => {
    expect(answer(long("(v3 + '!').matches('(a+)+$')")).answer).toBe(false);
    expect(answer(long("v3.matches('^(a|a|aa)+$')")).answer).toBe(true);
  });

  test("a pattern with many states counts for more", () => {
    const steps = (pattern: string) => answer(long(`v3.matches('${pattern}')`)).steps;
    expect(steps("(\\\\w{0,200})!")).toBeGreaterThan(10 * steps("!"));
  });
});

describe("a guardrail", () => {
  const people = Array.from({ length: 600 }, (_, index): Entity => {
    const name = `p${String(index).padStart(3, "0")}@acme.example`;
    return { kind: "Member", section: "Member", local: name, name, attributes: {} };
  });
  const ground = groundOf(stateOf(people), atomic, openTarget());

  test("has steps for everyone together, too", () => {
    // A tenth of what one answer may take: some four hundred people can be asked.
    const { violations, problems } = judge("member", `${nested(4, "true")}`, ground);
    expect(problems).toMatchObject([{ message: expect.stringContaining(STEPS) }]);
    expect(violations.length).toBeGreaterThan(50);
    expect(violations.length).toBeLessThan(people.length);
    expect(judge("member", nested(4, "true"), ground).violations).toEqual(violations);
  });

  test("that is cheap reaches everybody", () => {
    expect(judge("member", nested(2, "true"), ground).violations).toHaveLength(people.length);
  });
});

/** Pieces that expressions are made of, and pieces of nonsense. */
const piece = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      "member",
      "grant",
      "group",
      "role",
      "entity",
      "change",
      "plan",
      "today",
      "target",
      "x",
      "cel",
    ),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...Object.values(CEL_TYPES).flatMap((fields) => Object.keys(fields)))
      .map((name) => `.${name}`),
  },
  { weight: 3, arbitrary: fc.constantFrom(...Object.keys(CEL_FUNCTIONS)).map((name) => `.${name}(`) },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      "?",
      "&&",
      "||",
      "!",
      "==",
      "<",
      "+",
      "-",
      "*",
      "/",
      "%",
      " in ",
      ".",
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      "1",
      "0",
      "'a'",
      "''",
      "true",
      "false",
      "null",
      "1.5",
      "x, ",
      "[1,2]",
      "{'a': 1}",
      "b'a'",
      "1u",
      "dyn(",
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
);
const nonsense = fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join(""));
const RIGHT: readonly (readonly [CelSubject, string])[] = [
  ["member", "member.memberships.exists(m, has(m.ends) && m.ends - today > duration('720h'))"],
  ["member", "cel.bind(n, size(member.groups) + 1, n > 2 ? member.name.matches('^a+$') : 'x' in member.groups)"],
  ["grant", "grant.scope == 'production' && !member.email.endsWith('@acme.example') || size(grant.groups) % 2 == 1"],
  ["group", "group.members.map(m, m + 'x').filter(m, m.contains('a')).exists(m, m in group.owners)"],
  ["role", "role.permissions.all(p, role.permissions[p] in ['view', 'edit']) && {'a': 1}['a'] == 1"],
  ["member", "dyn(member.attributes)['first' + 'Name'] == 'Ana' && int('12') / 3 < 5 && [[1], [2]] == [[1]]"],
];
/** A right expression with a part replaced by a part of another, or by nonsense. */
const mutated = fc
  .tuple(
    fc.constantFrom(...RIGHT),
    fc.constantFrom(...RIGHT),
    fc.nat(100),
    fc.nat(12),
    fc.nat(100),
    fc.nat(12),
    fc.option(piece),
  )
  .map(([[subject, right], [, other], at, drop, from, take, odd]): readonly [CelSubject, string] => [
    subject,
    right.slice(0, at) + (odd ?? other.slice(from, from + take)) + right.slice(at + drop),
  ]);
const subject = fc.constantFrom<CelSubject>("member", "grant", "group", "role", "entity", "change", "plan");

/** Expressions that can be read, and mostly make no sense; those within `dyn` pass every check of types. */
const { readable } = fc.letrec<{ readable: string }>((tie) => {
  const inner = tie("readable");
  const names = fc.constantFrom("x", "y");
  return {
    readable: fc.oneof(
      { depthSize: "large", maxDepth: 8 },
      fc.constantFrom(
        "member.name",
        "member.groups",
        "member.grants",
        "member.attributes",
        "today",
        "target",
        "x",
        "y",
      ),
      fc.constantFrom(
        "1",
        "'abc'",
        "true",
        "[1, 2, 3]",
        "{'a': [1]}",
        "null",
        "duration('1h')",
        "dyn(1)",
        "dyn(today)",
      ),
      fc
        .tuple(inner, fc.constantFrom("+", "-", "*", "/", "%", "==", "!=", "<", ">", "in", "&&", "||"), inner)
        .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
      fc
        .tuple(inner, fc.constantFrom("map", "filter", "exists", "all", "exists_one"), names, inner)
        .map(([list, loop, name, body]) => `${list}.${loop}(${name}, ${body})`),
      fc.tuple(names, inner, inner).map(([name, value, body]) => `cel.bind(${name}, ${value}, ${body})`),
      fc.tuple(inner, inner, inner).map(([condition, yes, no]) => `(${condition} ? ${yes} : ${no})`),
      fc.tuple(inner, inner).map(([value, index]) => `${value}[${index}]`),
      fc
        .tuple(inner, fc.constantFrom(...Object.keys(CEL_FUNCTIONS)), fc.array(inner, { maxLength: 2 }))
        .map(([value, name, given]) => `${value}.${name}(${given.join(", ")})`),
      inner.map((value) => `dyn(${value})`),
    ),
  };
});

describe("whatever is written,", () => {
  const check = (about: CelSubject, expression: string) => {
    for (const ground of [atomicGround, keystoneGround]) {
      const { violations, problems } = judge(about, expression, ground);
      expect(problems.length).toBeLessThanOrEqual(1);
      for (const { message, offset } of problems) {
        expect(message).not.toMatch(/\n|undefined|\[object/);
        expect(offset).toBeGreaterThanOrEqual(0);
        expect(offset).toBeLessThanOrEqual(expression.length);
      }
      if (checkExpression(about, expression).length > 0) expect(violations).toEqual([]);
    }
    const compiled = compileExpression(about, expression);
    if (isProblem(compiled)) return;
    const { answer: said, steps } = compiled.evaluate({ today: new Date(0), target: "" }, 500);
    expect(steps).toBeLessThanOrEqual(500);
    expect(["boolean", "string", "object"]).toContain(typeof said);
    expect(said).not.toBeInstanceOf(Promise);
  };

  test("nonsense is a problem or an answer", () => {
    fc.assert(fc.property(subject, nonsense, check), { numRuns: 3000 });
  });

  test("what can be read, too", () => {
    fc.assert(
      fc.property(readable, (expression) => check("member", `dyn(${expression}) == true`)),
      { numRuns: 3000 },
    );
  });

  test("and so is a rule with a slip in it", () => {
    fc.assert(
      fc.property(mutated, ([about, expression]) => check(about, expression)),
      { numRuns: 3000 },
    );
  });
});
