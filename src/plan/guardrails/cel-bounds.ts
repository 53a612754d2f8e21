// What keeps a CEL expression from taking long: every node it computes is a step, work within one costs by its size, and steps
// run out. Counted, never timed, so that the same rule over the same people ends at the same point everywhere.
import { EvaluationError } from "@marcbachmann/cel-js";
import { Duration, UnsignedInt } from "@marcbachmann/cel-js/evaluator";
import { RE2JS } from "re2js";
import { type Call, type CelNode, callOf, type Handle, literalText, nodesOf } from "./cel-nodes.ts";

/** Steps of one evaluation: some tenths of a second at the very worst. */
export const STEPS_PER_EVALUATION = 1_000_000;
/** UTF-16 units of a text, and elements of a list, that an expression puts together. */
export const MOST_BUILT = 10_000;
/** UTF-16 units of a pattern, and instructions it may come to: a short one with counts in it can come to very many. */
const MOST_PATTERN = 500;
/** A duration is short; the library's reading of a long one takes the cube of its length. */
const MOST_DURATION = 64;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** The steps that are left. Below zero: they ran out, and whatever the expression says does not count. */
export interface Meter {
  left: number;
}

/** Thrown when steps run out. One object, since operators may catch it many times on the way out. */
class OutOfSteps extends Error {}
const OUT_OF_STEPS = new OutOfSteps("out of steps");

export function spend(meter: Meter, steps: number): void {
  meter.left -= steps;
  if (meter.left < 0) throw OUT_OF_STEPS;
}

/** Makes every node of a checked expression count its steps, and replaces what could take more than they say. */
export function boundSteps(root: CelNode, meter: Meter): void {
  for (const node of nodesOf(root)) {
    const { evaluate, macro } = node.meta;
    node.setMeta("evaluate", counted(meter, evaluate));
    if (macro) macro.evaluate = counted(meter, macro.evaluate);
    const call = callOf(node);
    if (node.handle) node.handle = priced(meter, node, call, node.handle);
    const pattern = call?.name === "matches" ? literalText(call.args[0]) : undefined;
    if (call?.receiver && pattern !== undefined) node.setMeta("evaluate", matcher(meter, call.receiver, pattern, node));
  }
}

function counted(meter: Meter, evaluate: CelNode["meta"]["evaluate"]): CelNode["meta"]["evaluate"] {
  return (evaluator, node, context) => {
    meter.left -= 1;
    if (meter.left < 0) throw OUT_OF_STEPS;
    return evaluate(evaluator, node, context);
  };
}

/** What is wrong with a pattern, or nothing. */
export function patternProblem(pattern: string): string | undefined {
  const big = "The pattern is too big";
  if (pattern.length > MOST_PATTERN) return big;
  try {
    return RE2JS.compile(pattern).programSize() > MOST_PATTERN ? big : undefined;
  } catch (error) {
    const [, reason] = /^error parsing regexp: (.*)$/s.exec(error instanceof Error ? error.message : "") ?? [];
    return `The pattern cannot be read${reason ? `: ${reason}` : ""}`;
  }
}

/** `matches` by an engine that takes time in proportion to the text, whatever the pattern. */
function matcher(meter: Meter, receiver: CelNode, pattern: string, node: CelNode): CelNode["meta"]["evaluate"] {
  const regex = RE2JS.compile(pattern);
  const size = regex.programSize();
  return (evaluator, _node, context) => {
    const text = (evaluator as { run: (node: CelNode, context: unknown) => unknown }).run(receiver, context);
    if (typeof text !== "string") throw failure("no_text", "no text", node);
    spend(meter, 4 + Math.floor((text.length * size) / 16));
    return regex.test(text);
  };
}

/** Counts what an operator, a function or a loop does with its operands before it does it. */
function priced(meter: Meter, node: CelNode, call: Call | undefined, handle: Handle): Handle {
  const { op } = node;
  if (call)
    return (first, second, third, fourth) => {
      const operands = first as readonly unknown[];
      spend(meter, priceOfCall(call, operands, node));
      return handle(first, second, third, fourth);
    };
  if (op === "==" || op === "!=" || op === "in")
    return (left, right, third, fourth) => {
      weigh(meter, left);
      weigh(meter, right);
      return handle(left, right, third, fourth);
    };
  if (op === "+")
    return (left, right, third, fourth) => {
      const built = lengthOf(left) + lengthOf(right);
      if (built > MOST_BUILT) throw tooBig(node);
      spend(meter, built >> 3);
      return handle(left, right, third, fourth);
    };
  if (op === "." || op === "[]")
    return (value, field, third, fourth) => {
      if (isOpaque(value)) throw failure("no_such_key", `No such key: ${String(field)}`, node);
      return handle(value, field, third, fourth);
    };
  if (op === "comprehension")
    return (items, second, third, fourth) => {
      if (!Array.isArray(items)) spend(meter, sizeOf(items) >> 3);
      return handle(items, second, third, fourth);
    };
  return handle;
}

function priceOfCall({ name }: Call, operands: readonly unknown[], node: CelNode): number {
  const [first, second] = operands;
  if (name === "join") return priceOfJoin(first, lengthOf(second), node);
  if (name === "timestamp" && typeof first === "string" && !INSTANT.test(first))
    throw failure("invalid_timestamp", "no instant", node);
  if (name === "duration" && lengthOf(first) > MOST_DURATION) throw failure("invalid_duration", "too long", node);
  if (typeof second === "string") return 1 + Math.floor((lengthOf(first) * (8 + second.length)) / 64);
  return typeof first === "object" && !Array.isArray(first) ? sizeOf(first) >> 3 : lengthOf(first) >> 4;
}

function priceOfJoin(list: unknown, separator: number, node: CelNode): number {
  if (!Array.isArray(list)) return 1;
  let length = 0;
  for (const item of list) {
    length += lengthOf(item) + separator;
    if (length > MOST_BUILT) throw tooBig(node);
  }
  return list.length + (length >> 4);
}

/** Spends what comparing a value can take at most: an element that is in many lists counts in each. */
function weigh(meter: Meter, value: unknown): void {
  if (typeof value === "string") spend(meter, value.length >> 6);
  else if (Array.isArray(value)) {
    spend(meter, value.length);
    for (const item of value) if (typeof item === "object") weigh(meter, item);
  } else if (value instanceof Uint8Array) spend(meter, value.length);
  else if (isMap(value)) {
    const items = value instanceof Map ? [...value.values()] : Object.values(value);
    spend(meter, items.length);
    for (const item of items) if (typeof item === "object") weigh(meter, item);
  }
}

function lengthOf(value: unknown): number {
  return typeof value === "string" || Array.isArray(value) || value instanceof Uint8Array ? value.length : 0;
}

function sizeOf(value: unknown): number {
  return value instanceof Map ? value.size : isMap(value) ? Object.keys(value).length : 0;
}

function isMap(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Map || value.constructor === Object || value.constructor === undefined;
}

/** Whether a value is an object of JavaScript that CEL knows no fields of. */
function isOpaque(value: unknown): boolean {
  return (
    value instanceof Date || value instanceof Duration || value instanceof UnsignedInt || value instanceof Uint8Array
  );
}

function tooBig(node: CelNode): EvaluationError {
  return failure("too_big", "too big", node);
}

function failure(code: string, message: string, { start, end }: CelNode): EvaluationError {
  return new EvaluationError({ code, message, range: { start, end } });
}
