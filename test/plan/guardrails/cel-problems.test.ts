// Expressions that are wrong: what is said of them, and where. `^` under the expression is the offset.
import { describe, expect, test } from "vitest";
import type { CelSubject } from "../../../src/model/guardrail.ts";
import { atomicGround, checkExpression, judge } from "../../support/cel.ts";

const FIELDS =
  "attributes, email, firstName, grants, groups, lastActive, lastName, memberships, multiFactor, name, ownerEquivalent, status";
const COMPARE = "Compare and combine what is of one type; string(x), int(x) and double(x) convert.";

type Wrong = readonly [expression: string, mark: string, message: string, hint?: string];
type Row = readonly [expression: string, mark: string, message: string, hint: string | undefined];

const WRONG: Readonly<Record<string, readonly Wrong[]>> = {
  "cannot be read": [
    ["", "^", "The expression is empty"],
    ["  \n ", "^", "The expression is empty"],
    ["member.", "       ^", "The expression cannot be read here"],
    ["member.name == ", "               ^", "The expression cannot be read here"],
    ["(member.name == 'a'", "                   ^", "The expression cannot be read here"],
    [
      "a = b",
      "  ^",
      "The expression cannot be read here",
      "`==` compares, `&&`, `||` and `!` combine, texts stand in quotes.",
    ],
    ["member.name == 'ana", "               ^", "A text does not end"],
    ["member.name == 'a\\q'", "                 ^", "A text has an escape that CEL does not know"],
    ["member.name == 'a\nb'", "                 ^", "A text goes over the end of its line"],
    ["while", "^", "`while` is a word that CEL keeps for itself"],
    ["true #", "     ^", "The expression cannot be read here"],
  ],
  "speak of what is not there": [
    [
      "membr.name == ''",
      "^",
      "Nothing here is called `membr`",
      "Do you mean `member`? There is member, target, today.",
    ],
    ["group.name == ''", "^", "Nothing here is called `group`", "There is member, target, today."],
    ["true && plan.creates > 1", "        ^", "Nothing here is called `plan`", "There is member, target, today."],
    ["member.mail == ''", "       ^", "A member has no `mail`", `Do you mean \`email\`? It has ${FIELDS}.`],
    [
      "member.memberships.exists(m, m.util == '')",
      "                               ^",
      "A membership has no `util`",
      "Do you mean `until`? It has ends, group, reason, until.",
    ],
    [
      "has(member.lastActiv)",
      "           ^",
      "A member has no `lastActiv`",
      `Do you mean \`lastActive\`? It has ${FIELDS}.`,
    ],
    ["member.groups.all(g, g.name == '')", "                       ^", "A value of type string has no fields"],
    ["today.year == 2026", "      ^", "A value of type timestamp has no fields"],
    [
      "member.name.contain('a')",
      "           ^",
      "There is no function `contain`",
      'Do you mean `contains`? It is called as text.contains("part").',
    ],
    ["google.protobuf == 1", "^", "Nothing here is called `google`", "There is member, target, today."],
  ],
  "are of the wrong type": [
    ["member.name", "^", "The answer is neither true nor false"],
    ["true && member.name", "^", "`&&`, `||` and conditions are of true and false"],
    ["member.name > 5", "^", "`string > int` is not defined", COMPARE],
    [
      "size(member.groups) == 1 || today > 5",
      "                            ^",
      "`timestamp > int` is not defined",
      COMPARE,
    ],
    ["!today", "^", "`!timestamp` is not defined", COMPARE],
    ["member == member", "^", "`Member == Member` is not defined", COMPARE],
    ["member.name.contains(1)", "^", "`string.contains(int)` is not defined", 'It is called as text.contains("part").'],
    ["size(1) == 1", "^", "`size(int)` is not defined", "It is called as size(list) or text.size()."],
    ["member.groups.exists(g, g)", "                        ^", "`&&`, `||` and conditions are of true and false"],
    [
      "member.groups.exists('g', true)",
      "                     ^",
      "has() is asked of a field, and a loop begins with a name of its own",
    ],
    [
      "member.groups.exists(g, g == 'a', 1)",
      "             ^",
      "`exists` has another number of arguments",
      "It is called as list.exists(x, condition).",
    ],
    ["member.groups[member.name] == ''", "^", "An index is a whole number, or a text where a map or a field is meant"],
    ["[1, 'a'] == []", "    ^", "All elements of a list are of one type"],
    ["(true ? 1 : 'a') == 1", " ^", "Both answers of `? :` are of one type"],
    ["has(member)", "    ^", "has() is asked of a field, and a loop begins with a name of its own"],
  ],
  "are more than a rule may do": [
    ["member.name.matches('[')", "                    ^", "The pattern cannot be read: missing closing ]: `[`"],
    [
      "member.name.matches('(?=a)')",
      "                    ^",
      "The pattern cannot be read: invalid or unsupported Perl syntax: `(?=`",
    ],
    ["member.name.matches('(a{100}){10}')", "                    ^", "The pattern is too big"],
    [`member.name.matches('${"a".repeat(501)}')`, "                    ^", "The pattern is too big"],
    [`duration('${"1h".repeat(33)}') > duration('1h')`, "         ^", "A span is written otherwise"],
    [
      "member.name.matches(member.email)",
      "                    ^",
      "The pattern of `matches` is written out, not computed",
    ],
    ["today > timestamp('2026-01-01')", "                  ^", "An instant is written otherwise"],
    ["today > timestamp('2026-01-01T00:00:00.000')", "                  ^", "An instant is written otherwise"],
    ["today - today > duration('3 days')", "                         ^", "A span is written otherwise"],
    ["today.getHours('Europe/Berlin') == 1", "     ^", "`getHours` is in UTC and takes no time zone"],
    ["{member.name: 1} == {}", " ^", "The keys of a map are written out, not computed"],
  ],
};

for (const [title, cases] of Object.entries(WRONG))
  describe(`expressions that ${title}`, () => {
    test.each(cases.map(([a, b, c, d]): Row => [a, b, c, d]))("%s", (expression, mark, message, hint) => {
      const [problem, ...others] = checkExpression("member", expression);
      expect(others).toEqual([]);
      expect(problem).toMatchObject({ message, offset: mark.indexOf("^") });
      if (hint !== undefined) expect(problem?.hint).toBe(hint);
    });
  });

describe("nothing leads to the inside of JavaScript:", () => {
  const names = ["constructor", "__proto__", "prototype"];
  const ways = (name: string): string[] => [
    `${name} == 1`,
    `member.${name} == 1`,
    `member['${name}'] == 1`,
    `member.attributes.${name} == 1`,
    `member.groups.${name} == 1`,
    `today.${name} == 1`,
    `dyn(today).${name} == 1`,
    `has(today.${name})`,
    `member.name.${name}('x') == 1`,
    `member.name.${name} == 1`,
  ];
  test.each(names.flatMap(ways))("%s", (expression) => {
    expect(checkExpression("member", expression)).toHaveLength(1);
  });

  /** The name is put together where no check can see it. */
  test.each([
    "member",
    "member.attributes",
    "today",
    "dyn(today)",
    "dyn(duration('1s'))",
    "dyn(b'a')",
    "dyn(1u)",
    "dyn([1])",
    "dyn('a')",
  ])("a name that is computed, in %s", (value) => {
    for (const name of ["__proto__", "constructor", "toString", "length", "getTime", "seconds", "valueOf"]) {
      const deny = `cel.bind(x, ${value}, x['${name.slice(0, 2)}' + '${name.slice(2)}'] != '')`;
      const { violations, problems } = judge("member", deny, atomicGround);
      expect([violations, problems.length]).toEqual([[], 1]);
    }
  });

  test.each([
    "toString",
    "hasOwnProperty",
    "toUpperCase",
    "repeat",
    "padEnd",
    "replace",
    "at",
    "push",
    "json",
    "bytes",
  ])("the method %s", (name) => {
    for (const value of ["member", "member.name", "member.groups", "today", "dyn(member.name)"])
      expect(checkExpression("member", `${value}.${name}(1) == 1`)[0]?.message).toBe(
        `There is no function \`${name}\``,
      );
  });
});

describe("what only shows when a rule is asked", () => {
  test.each<readonly [deny: string, offset: number, message: string]>([
    ["1 / 0 > size(member.name)", 0, "Nothing can be divided by 0"],
    ["1 % 0 > size(member.name)", 0, "Nothing can be divided by 0"],
    ["member.groups[7] == ''", 0, "The list is shorter than that"],
    ["member.attributes.age == 1", 18, "There is no `age` in it"],
    ["dyn(member.name) > 1", 0, "`string > int` is not defined"],
    ["dyn(size(member.name)).matches('1')", 0, "Only a text matches a pattern"],
    ["dyn(member.name)", 0, "The answer is neither true nor false"],
    ["int(member.name) == 1", 0, "A text is no number"],
    ["size(member.name) + 9223372036854775807 > 0", 0, "A number gets too big"],
    ["timestamp(member.name) < today", 0, "An instant is written otherwise"],
    ["duration(member.name) < duration('1h')", 0, "A span is written otherwise"],
    ["member.name.substring(100) == ''", 0, "The text is shorter than that"],
    [
      "(today + duration('99999999999999h')).getFullYear() > 1",
      0,
      "A number or an instant in it is out of range, or it is nested too deeply",
    ],
  ])("%s", (deny, offset, message) => {
    const { violations, problems } = judge("member", deny, atomicGround);
    expect(violations).toEqual([]);
    expect(problems).toMatchObject([{ offset, message: `${message}, asked of member ana@acme.example` }]);
  });

  test("is told once, of the first, and the others are judged", () => {
    const { violations, problems } = judge("member", "1 / size(member.firstName) == 0", atomicGround);
    expect(violations.map(({ subject }) => subject)).toEqual(["member ana@acme.example"]);
    expect(problems.map(({ message }) => message)).toEqual([
      "Nothing can be divided by 0, asked of member bo@other.example",
    ]);
  });

  test("is no problem where another part decides, on either side", () => {
    for (const deny of ["1 / 0 == 1 && false", "!(1 / 0 == 1 || true)", "![1, 0].exists(x, 1 / x == 1)"])
      expect(judge("member", deny, atomicGround)).toEqual({ violations: [], problems: [] });
  });
});

test("a wrong rule judges nothing, and says what is wrong in place of it", () => {
  expect(judge("member", "member.mail == ''", atomicGround)).toMatchObject({
    violations: [],
    problems: [{ message: "A member has no `mail`", offset: 7 }],
  });
});

test("each subject has its own variables", () => {
  const subjects: readonly CelSubject[] = ["member", "grant", "group", "role", "entity", "change", "plan"];
  const known = (subject: CelSubject) =>
    subjects.filter(
      (name) => checkExpression(subject, `has(${name}.x) || true`)[0]?.message.startsWith("Nothing") !== true,
    );
  expect(Object.fromEntries(subjects.map((subject) => [subject, known(subject)]))).toEqual({
    member: ["member"],
    grant: ["member", "grant"],
    group: ["group"],
    role: ["role"],
    entity: ["entity"],
    change: ["change"],
    plan: ["plan"],
  });
});
