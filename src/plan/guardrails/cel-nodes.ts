// The tree of a parsed CEL expression, as the library keeps it. Its own types show only what came from the text; what a macro
// was made into, and the functions that compute a node, are reached here and nowhere else. The library's version is pinned.

/** Computes a node. The library hands in its evaluator, the node, and the context that variables come from. */
export type Evaluate = (evaluator: unknown, node: unknown, context: unknown) => unknown;

/** Computes an operator or a function whose operands are known. */
export type Handle = (first: unknown, second: unknown, third: unknown, fourth: unknown) => unknown;

/** What the library makes of `has()` and `cel.bind()`. */
interface Macro {
  evaluate: Evaluate;
  typeCheck: (
    checker: { check: (node: CelNode, context: unknown) => unknown },
    macro: Macro,
    context: unknown,
  ) => unknown;
  readonly args?: unknown;
  readonly val?: unknown;
  readonly exp?: unknown;
}

export interface CelNode {
  readonly op: string;
  readonly args: unknown;
  /** UTF-16 offsets in the expression; `pos` is the part that names it (the field of `a.b`). */
  readonly pos: number;
  readonly start: number;
  readonly end: number;
  readonly meta: { readonly evaluate: Evaluate; readonly alternate?: CelNode; readonly macro?: Macro };
  readonly setMeta: (key: string, value: unknown) => CelNode;
  readonly checkedType?: { readonly name: string };
  handle?: Handle;
}

/** Every node below one and itself, those of expanded macros too; each once. */
export function nodesOf(root: CelNode): CelNode[] {
  const found = new Set<CelNode>();
  const open: unknown[] = [root];
  while (open.length > 0) {
    const next = open.pop();
    if (Array.isArray(next)) open.push(...next);
    else if (isNode(next) && !found.has(next)) {
      found.add(next);
      const { alternate, macro } = next.meta;
      open.push(next.args, alternate, macro?.args, macro?.val, macro?.exp);
    } else if (isLoop(next)) open.push(next.iterable, next.init, next.step);
  }
  return [...found];
}

/** A call of a function (`size(x)`) or a method (`x.size()`). */
export interface Call {
  readonly node: CelNode;
  readonly name: string;
  readonly receiver?: CelNode;
  readonly args: readonly CelNode[];
}

/** The call that a node is, or undefined. */
export function callOf(node: CelNode): Call | undefined {
  if (node.op === "call") {
    const [name, args] = node.args as [string, CelNode[]];
    return { node, name, args };
  }
  if (node.op !== "rcall") return undefined;
  const [name, receiver, args] = node.args as [string, CelNode, CelNode[]];
  return { node, name, receiver, args };
}

/** The text that a node is, where it is written out. */
export function literalText(node: CelNode | undefined): string | undefined {
  return node?.op === "value" && typeof node.args === "string" ? node.args : undefined;
}

function isNode(value: unknown): value is CelNode {
  return typeof value === "object" && value !== null && "setMeta" in value;
}

function isLoop(value: unknown): value is { iterable: unknown; init: unknown; step: unknown } {
  return typeof value === "object" && value !== null && !isNode(value) && "iterable" in value && "step" in value;
}
