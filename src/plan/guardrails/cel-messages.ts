// What is wrong with a CEL expression, in words for whoever wrote it: the library's errors by their codes, never its own text
// with the source drawn into it.
import type { CelSubject } from "../../model/guardrail.ts";
import { nearest } from "../../model/nearest.ts";
import { type CelNode, callOf } from "./cel-nodes.ts";
import { CEL_FUNCTIONS, CEL_TYPES, CEL_VARIABLES, MAYBE_FIELDS, shortType } from "./cel-types.ts";
import type { RuleProblem } from "./ground.ts";

/** Units of an expression that a message quotes. */
const QUOTED = 80;
const BREAK = "Write it in smaller parts, or as several guardrails.";

type Wording = readonly [message: string, hint?: string];

/** Before a name that stands for nothing. */
export const NOTHING = "Nothing here is called";
const NO_NUMBER = "A text is no number";
const MANY = "The expression is too big";
const SYNTAX = "The expression cannot be read here";
const STRING: Wording = [
  "A text has an escape that CEL does not know",
  'A backslash itself is \\\\, or write r"..." around it.',
];
const BOOLS = "`&&`, `||` and conditions are of true and false";

const WORDINGS: Readonly<Record<string, Wording>> = {
  unexpected_token: [SYNTAX, "Something is missing before this, or too much."],
  expected_token: [SYNTAX, "A bracket, a comma or a colon is missing, or something too much."],
  unexpected_character: [SYNTAX, "`==` compares, `&&`, `||` and `!` combine, texts stand in quotes."],
  limit_exceeded: [MANY, BREAK],
  unterminated_string: ["A text does not end", "Close it with the quote that it begins with."],
  unterminated_triple_quoted_string: ["A text does not end", "Close it with the three quotes that it begins with."],
  newline_in_string: ["A text goes over the end of its line", 'Write \\n, or """ around a text of several lines.'],
  bytes_unicode_escape: STRING,
  invalid_unicode_escape: STRING,
  invalid_unicode_surrogate: STRING,
  invalid_hex_escape: STRING,
  invalid_octal_escape: STRING,
  octal_escape_out_of_range: STRING,
  invalid_escape_sequence: STRING,
  invalid_macro_argument: [
    "has() is asked of a field, and a loop begins with a name of its own",
    `As in ${CEL_FUNCTIONS.has} or ${CEL_FUNCTIONS.all}.`,
  ],
  invalid_logical_operand: [BOOLS, "Compare the value with something."],
  invalid_condition_type: [BOOLS, "Compare the value with something."],
  incompatible_ternary_branches: ["Both answers of `? :` are of one type"],
  heterogeneous_list_element: ["All elements of a list are of one type", "dyn(x) is of any."],
  heterogeneous_map_key: ["All keys of a map are of one type"],
  heterogeneous_map_value: ["All values of a map are of one type", "dyn(x) is of any."],
  invalid_comprehension_range: ["Only lists and maps can be looped over"],
  invalid_index_type: ["An index is a whole number, or a text where a map or a field is meant"],
  division_by_zero: ["Nothing can be divided by 0", "Ask for 0 first, with `? :`."],
  modulo_by_zero: ["Nothing can be divided by 0", "Ask for 0 first, with `? :`."],
  numeric_overflow: ["A number gets too big"],
  index_out_of_bounds: ["The list is shorter than that", "Ask for size(list) first."],
  index_out_of_range: ["The text is shorter than that", "Ask for size(text) first."],
  int_conversion_error: [NO_NUMBER],
  double_conversion_error: [NO_NUMBER],
  bool_conversion_error: ["A text is neither true nor false"],
  invalid_timestamp: ["An instant is written otherwise", `As in ${CEL_FUNCTIONS.timestamp}.`],
  invalid_duration: ["A span is written otherwise", `As in ${CEL_FUNCTIONS.duration}.`],
  invalid_comparison_type: ["These two cannot be compared"],
  unsupported_type: ["A value is of no type that CEL has"],
  no_text: ["Only a text matches a pattern", "string(x) converts."],
  too_big: ["A text or a list gets too big", "An expression puts together at most 10000 characters or elements."],
};

/** What the library threw. Anything else is its own failure, mostly a number or a nesting that is too much for it. */
interface Thrown {
  readonly code: string;
  readonly summary: string;
  readonly range?: { readonly start: number };
  readonly node?: unknown;
}

export function explainError(error: unknown, subject: CelSubject, expression: string): RuleProblem {
  if (!isThrown(error))
    return { message: "A number or an instant in it is out of range, or it is nested too deeply", offset: 0 };
  const offset = Math.min(error.range?.start ?? 0, expression.length);
  const node = error.node as CelNode | undefined;
  const [message, hint] = wordingOf(error, node, subject);
  return { message, ...(hint ? { hint } : {}), offset };
}

function wordingOf({ code, summary }: Thrown, node: CelNode | undefined, subject: CelSubject): Wording {
  switch (code) {
    case "reserved_identifier":
      return [`\`${summary.slice("Reserved identifier: ".length)}\` is a word that CEL keeps for itself`];
    case "unknown_variable":
      return unknownName(NOTHING, String(node?.args), Object.keys(CEL_VARIABLES[subject]), "There is");
    case "no_such_key":
      return missingField(summary.slice("No such key: ".length), node);
    case "cannot_index_type":
      return [`A value of type ${between(summary)} has no fields`];
    case "no_such_overload":
      return [
        `\`${operatorOf(summary)}\` is not defined`,
        "Compare and combine what is of one type; string(x), int(x) and double(x) convert.",
      ];
    case "no_matching_overload":
      return wrongCall(summary, node);
    case "field_type_mismatch":
    case "list_item_type_mismatch":
    case "variable_type_mismatch":
      return ["A value is of another type than expected"];
    default:
      return WORDINGS[code] ?? [SYNTAX];
  }
}

/** A name that is not there, with the one that may be meant and all there are. */
export function unknownName(what: string, name: string, known: readonly string[], having: string): Wording {
  const meant = nearest(name, known);
  return [
    `${what} \`${name}\``,
    `${meant ? `Do you mean \`${meant}\`? ` : ""}${having} ${[...known].sort().join(", ")}.`,
  ];
}

/** A function that is not there, or that rules may not call. */
export function unknownFunction(name: string): { readonly message: string; readonly hint: string } {
  const known = Object.keys(CEL_FUNCTIONS);
  const meant = nearest(name, known);
  const hint = meant ? `Do you mean \`${meant}\`? ${usageOf(meant)}` : `There is ${known.sort().join(", ")}.`;
  return { message: `There is no function \`${quoteExpression(name)}\``, hint };
}

function missingField(field: string, node: CelNode | undefined): Wording {
  if (field.startsWith("[object ")) return ["A name is a text"];
  const [left] = Array.isArray(node?.args) ? (node.args as CelNode[]) : [];
  const type = left?.checkedType?.name ?? "";
  if (!Object.hasOwn(CEL_TYPES, type))
    return [`There is no \`${quoteExpression(field)}\` in it`, "Ask with has(), or `in`, first."];
  if (MAYBE_FIELDS.has(field)) return [`\`${field}\` is not known of everyone`, `Ask has(x.${field}) first.`];
  return unknownName(
    `A ${type.toLowerCase()} has no`,
    field,
    Object.keys(CEL_TYPES[type as keyof typeof CEL_TYPES]),
    "It has",
  );
}

function wrongCall(summary: string, node: CelNode | undefined): Wording {
  const name = node ? callOf(node)?.name : undefined;
  const given = shortType(between(summary));
  return [`\`${quoteExpression(given)}\` is not defined`, name === undefined ? undefined : usageOf(name)].filter(
    (part) => part !== undefined,
  ) as unknown as Wording;
}

/** How a function is called, as a sentence. */
export function usageOf(name: string): string | undefined {
  const usage = Object.hasOwn(CEL_FUNCTIONS, name) ? CEL_FUNCTIONS[name] : undefined;
  return usage === undefined ? undefined : `It is called as ${usage}.`;
}

function operatorOf(summary: string): string {
  return shortType(summary.slice("no such overload: ".length));
}

/** What the library put between single quotes. */
function between(text: string): string {
  return text.slice(text.indexOf("'") + 1, text.lastIndexOf("'"));
}

function isThrown(error: unknown): error is Thrown {
  return error instanceof Error && "code" in error && "summary" in error;
}

/** An expression on one line, cut when it is long. */
export function quoteExpression(expression: string): string {
  const line = expression.trim().replace(/\s+/g, " ");
  const units = [...line];
  return units.length <= QUOTED ? line : `${units.slice(0, QUOTED - 3).join("")}...`;
}
