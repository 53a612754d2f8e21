// CEL expressions of guardrails: read, checked against the types of their variables, and answered within a number of steps.
// Whatever is wrong with one is a value; nothing is thrown, and nothing in an expression reaches beyond its variables.
import { Environment, type ParseResult } from "@marcbachmann/cel-js";
import type { CelSubject } from "../../model/guardrail.ts";
import { boundSteps, type Meter, patternProblem, STEPS_PER_EVALUATION } from "./cel-bounds.ts";
import { explainError, NOTHING, unknownFunction, unknownName, usageOf } from "./cel-messages.ts";
import { type CelNode, callOf, literalText, nodesOf } from "./cel-nodes.ts";
import { CelChange, CelPlan } from "./cel-plan-values.ts";
import { CEL_FUNCTIONS, CEL_TYPES, CEL_VARIABLES, type CelType, shortType } from "./cel-types.ts";
import { CelEntity, CelGrant, CelGroup, CelMember, CelMembership, CelRole, UNKNOWN } from "./cel-values.ts";
import type { RuleProblem } from "./ground.ts";

/** UTF-16 units of an expression. */
export const MOST_LENGTH = 4_000;
const LIMITS = { maxAstNodes: 1_000, maxDepth: 60, maxListElements: 1_000, maxMapEntries: 100, maxCallArguments: 8 };

const CLASSES: Readonly<Record<CelType, new (...given: never[]) => object>> = {
  Member: CelMember,
  Membership: CelMembership,
  Grant: CelGrant,
  Group: CelGroup,
  Role: CelRole,
  Entity: CelEntity,
  Change: CelChange,
  Plan: CelPlan,
};

/** What an expression says: whether it denies, that it needs what is not known yet, or what is wrong. */
export type Answer = boolean | "unknown" | RuleProblem;

/** How many arguments a macro has; with another number the library takes it for a function, and its loop variable for an unknown. */
const MACRO_ARGUMENTS: Readonly<Record<string, readonly number[] | undefined>> = {
  has: [1],
  bind: [3],
  all: [2],
  exists: [2],
  exists_one: [2],
  filter: [2],
  map: [2, 3],
};

export interface Compiled {
  /** Whether it asks nothing of its variables, so that it says the same of everything. */
  readonly constant: boolean;
  /** Answers for variables, in at most `steps`. */
  readonly evaluate: (variables: object, steps: number) => { readonly answer: Answer; readonly steps: number };
}

/** The variables of a grant rule while it is open whose grant it is. */
export function withoutMember(variables: object): object {
  return Object.defineProperty({ ...variables }, "member", {
    get: () => {
      throw UNKNOWN;
    },
  });
}

/** Reads and checks an expression; the first thing that is wrong with it, otherwise. */
export function compileExpression(subject: CelSubject, expression: string): Compiled | RuleProblem {
  if (expression.trim() === "") return { message: "The expression is empty", offset: 0 };
  if (expression.length > MOST_LENGTH) {
    const hint = "Write it as several guardrails.";
    return { message: `The expression is longer than ${MOST_LENGTH} characters`, hint, offset: MOST_LENGTH };
  }
  try {
    const parsed = environmentOf(subject).parse(expression);
    const root = parsed.ast as unknown as CelNode;
    return (
      problemIn(root, subject) ??
      typeProblem(parsed, root, subject, expression) ??
      compiled(parsed, root, subject, expression)
    );
  } catch (error) {
    return explainError(error, subject, expression);
  }
}

export function isProblem(value: object | string | boolean): value is RuleProblem {
  return typeof value === "object" && "message" in value;
}

function compiled(parsed: ParseResult, root: CelNode, subject: CelSubject, expression: string): Compiled {
  const names = CEL_VARIABLES[subject];
  const constant = !nodesOf(root).some(({ op, args }) => op === "id" && Object.hasOwn(names, args as string));
  const meter: Meter = { left: 0 };
  boundSteps(root, meter);
  const answer = (variables: object): Answer => {
    let said: unknown;
    try {
      said = parsed(variables);
    } catch (error) {
      if (meter.left >= 0) return error === UNKNOWN ? "unknown" : explainError(error, subject, expression);
    }
    if (meter.left < 0) return tooManySteps();
    return typeof said === "boolean" ? said : { message: "The answer is neither true nor false", offset: 0 };
  };
  const evaluate: Compiled["evaluate"] = (variables, steps) => {
    const given = Math.min(steps, STEPS_PER_EVALUATION);
    meter.left = given;
    return { answer: answer(variables), steps: given - Math.max(meter.left, 0) };
  };
  return { constant, evaluate };
}

export function tooManySteps(): RuleProblem {
  const hint = "Loop over less: a loop within a loop takes the product of both.";
  return { message: "The expression takes too many steps", hint, offset: 0 };
}

/** What the library would let through and a rule may not do. The first in the text. */
function problemIn(root: CelNode, subject: CelSubject): RuleProblem | undefined {
  const nodes = nodesOf(root);
  const problems = nodes.flatMap((node) => problemOf(node) ?? []);
  const namespaces = new Set(nodes.map((node) => callOf(node)).map((call) => call?.name === "bind" && call.receiver));
  const ours = CEL_VARIABLES[subject];
  const { variables } = environmentOf(subject).getDefinitions();
  const foreign = new Set(variables.map(({ name }) => name).filter((name) => !Object.hasOwn(ours, name)));
  for (const node of nodes) {
    if (node.op !== "id" || !foreign.has(node.args as string) || namespaces.has(node)) continue;
    // Types as values, and namespaces: nothing that access is judged by.
    const [message, hint = ""] = unknownName(NOTHING, node.args as string, Object.keys(ours), "There is");
    problems.push({ message, hint, offset: node.start });
  }
  return problems.sort((a, b) => a.offset - b.offset)[0];
}

function problemOf(node: CelNode): RuleProblem | undefined {
  if (node.op === "map") return keyProblem(node.args as readonly (readonly [CelNode, CelNode])[]);
  if (node.op === "." || node.op === "[]") return fieldProblem(node);
  const call = callOf(node);
  if (!call) return undefined;
  const { name, args, receiver } = call;
  const offset = receiver ? Math.max(node.start, receiver.end) : node.start;
  if (!Object.hasOwn(CEL_FUNCTIONS, name)) return { ...unknownFunction(name), offset };
  if (name === "bind" && (receiver?.op !== "id" || receiver.args !== "cel"))
    return { ...unknownFunction(name), offset };
  const counts = MACRO_ARGUMENTS[name];
  if (counts && !counts.includes(args.length))
    return { message: `\`${name}\` has another number of arguments`, hint: usageOf(name) ?? "", offset };
  if (name.startsWith("get") && args.length > 0)
    return { message: `\`${name}\` is in UTC and takes no time zone`, hint: usageOf(name) ?? "", offset };
  if (name !== "matches" || args.length !== 1) return undefined;
  const pattern = literalText(args[0]);
  if (pattern === undefined) {
    const message = "The pattern of `matches` is written out, not computed";
    return { message, hint: usageOf(name) ?? "", offset: args[0]?.start ?? offset };
  }
  const wrong = patternProblem(pattern);
  const hint = "Patterns are those of RE2: without look-around and back references.";
  return wrong === undefined ? undefined : { message: wrong, hint, offset: args[0]?.start ?? offset };
}

/** Names that lead from any value to the inside of JavaScript. The library guards most ways to them, not all. */
const INNER_NAMES: ReadonlySet<unknown> = new Set(["__proto__", "constructor", "prototype"]);

function fieldProblem({ args, pos, end }: CelNode): RuleProblem | undefined {
  const [, field] = args as readonly [CelNode, CelNode | string];
  const name = typeof field === "string" ? field : literalText(field);
  if (!INNER_NAMES.has(name)) return undefined;
  const offset = typeof field === "string" ? Math.min(pos, end) : field.start;
  return { message: `Nothing has a field \`${name}\``, offset };
}

/** A map's keys are written out: the type of a computed one could grow without end. */
function keyProblem(entries: readonly (readonly [CelNode, CelNode])[]): RuleProblem | undefined {
  const computed = entries.find(([key]) => key.op !== "value");
  return computed && { message: "The keys of a map are written out, not computed", offset: computed[0].start };
}

/** What is wrong with its types, or with an instant or a span that is written out. */
function typeProblem(
  parsed: ParseResult,
  root: CelNode,
  subject: CelSubject,
  expression: string,
): RuleProblem | undefined {
  const nodes = nodesOf(root);
  for (const node of nodes) checkField(node);
  const { valid, error, type } = parsed.check();
  if (!valid) return explainError(error, subject, expression);
  if (type !== "bool" && type !== "dyn") {
    const hint = "Compare it with something: the expression says true of what may not be.";
    return { message: "The answer is neither true nor false", hint, offset: root.start };
  }
  for (const node of nodes) {
    const problem = opaqueProblem(node) ?? writtenOut(node, subject, expression);
    if (problem) return problem;
  }
  return undefined;
}

/** A field of what has none: the library knows no fields of an instant or a span, and would look into the object itself. */
function opaqueProblem({ op, args, pos }: CelNode): RuleProblem | undefined {
  if (op !== "." && op !== "[]") return undefined;
  const type = (args as readonly CelNode[])[0]?.checkedType?.name ?? "dyn";
  if (Object.hasOwn(CEL_TYPES, type) || /^(?:list|map|dyn)(?:<|$)/.test(type)) return undefined;
  return { message: `A value of type ${shortType(type)} has no fields`, offset: pos };
}

/** The library does not check the field that `has` asks for; a misspelt one would never be there. */
function checkField({ meta: { macro } }: CelNode): void {
  if (!macro || !Array.isArray(macro.args)) return;
  const { typeCheck } = macro;
  const [field] = macro.args as readonly CelNode[];
  macro.typeCheck = (checker, given, context) => {
    const type = typeCheck(checker, given, context);
    if (field) checker.check(field, context);
    return type;
  };
}

function writtenOut(node: CelNode, subject: CelSubject, expression: string): RuleProblem | undefined {
  const call = callOf(node);
  if (call?.name !== "timestamp" && call?.name !== "duration") return undefined;
  const [argument] = call.args;
  if (literalText(argument) === undefined || !argument) return undefined;
  try {
    const text = expression.slice(node.start, node.end);
    const parsed = environmentOf(subject).parse(text);
    parsed.check();
    boundSteps(parsed.ast as unknown as CelNode, { left: STEPS_PER_EVALUATION });
    parsed({});
    return undefined;
  } catch (error) {
    return { ...explainError(error, subject, expression), offset: argument.start };
  }
}

const environments = new Map<CelSubject, Environment>();

function environmentOf(subject: CelSubject): Environment {
  const known = environments.get(subject) ?? createEnvironment(subject);
  environments.set(subject, known);
  return known;
}

function createEnvironment(subject: CelSubject): Environment {
  const environment = new Environment({ limits: LIMITS });
  for (const [name, fields] of Object.entries(CEL_TYPES))
    environment.registerType(name, { ctor: CLASSES[name as CelType], fields });
  for (const [name, type] of Object.entries(CEL_VARIABLES[subject])) environment.registerVariable(name, type);
  return environment;
}
