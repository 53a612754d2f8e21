// What a source file does, read from its syntax tree: what it imports, what it touches, how long its functions are.
// The tree is rolldown's own, so strings and comments are never taken for code.
import { parseAst } from "rolldown/parseAst";

export interface Import {
  /** The text between the quotes, or `COMPUTED` when it could be anything. */
  readonly specifier: string;
  /** Gone after compilation. */
  readonly typeOnly: boolean;
  /** Named things taken from it, as the other module calls them. */
  readonly names: readonly string[];
}

export interface Sight {
  readonly what: string;
  /** From 1. */
  readonly line: number;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly Import[];
  /** What the file does that pure code may not. Types do not count: they do nothing. */
  readonly impurities: readonly Sight[];
  /** What our TypeScript leaves out. */
  readonly forbidden: readonly Sight[];
  /** `process.exit` calls. */
  readonly exits: readonly Sight[];
  readonly functions: readonly { readonly name: string; readonly line: number; readonly lines: number }[];
  /** Identifiers and property names it mentions, in code or in types. */
  readonly names: ReadonlySet<string>;
}

/** Reads a source file. Throws on a syntax error. */
export function readSource(path: string, text: string): Source {
  const program = parseAst(text, { lang: path.endsWith(".tsx") ? "tsx" : "ts" }, path) as unknown as Node;
  const lineAt = lineFinder(text);
  const seen = {
    imports: [] as Import[],
    impurities: [] as Sight[],
    forbidden: [] as Sight[],
    exits: [] as Sight[],
    functions: [] as { name: string; line: number; lines: number }[],
    names: new Set<string>(),
  };
  walk(program, [], (node, parents) => {
    const sight = (what: string): Sight => ({ what, line: lineAt(node.start) });
    const imported = importOf(node);
    if (imported) seen.imports.push(imported);
    const impurity = impurityOf(node, parents);
    if (impurity) seen.impurities.push(sight(impurity));
    const forbidden = forbiddenOf(node);
    if (forbidden) seen.forbidden.push(sight(forbidden));
    if (isMember(node, "process", "exit")) seen.exits.push(sight("process.exit"));
    if (typeof node.name === "string") seen.names.add(node.name);
    if (FUNCTIONS.has(node.type) && node.body)
      seen.functions.push({
        name: nameOf(node, parents),
        line: lineAt(node.start),
        lines: lineAt(node.end) - lineAt(node.start) + 1,
      });
  });
  return { path, text, lines: text.split("\n").length - (text.endsWith("\n") ? 1 : 0), ...seen };
}

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

function importOf(node: Node): Import | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration": {
      if (!node.source) return undefined;
      const specifiers = (node.specifiers ?? []) as readonly Node[];
      const kinds = specifiers.map((specifier) => specifier.importKind ?? specifier.exportKind);
      const typeOnly =
        node.importKind === "type" ||
        node.exportKind === "type" ||
        (kinds.length > 0 && kinds.every((kind) => kind === "type"));
      const names = specifiers.map((specifier) => textOf((specifier.imported ?? specifier.local) as Node));
      return { specifier: specifierOf(node.source), typeOnly, names };
    }
    case "ImportExpression":
      return { specifier: specifierOf(node.source), typeOnly: false, names: [] };
    case "TSImportType":
      return { specifier: specifierOf(node.source ?? node.argument), typeOnly: true, names: [] };
    case "TSExternalModuleReference":
      return { specifier: specifierOf(node.expression), typeOnly: false, names: [] };
    case "CallExpression":
      if (!isIdentifier(node.callee, "require")) return undefined;
      return { specifier: specifierOf((node.arguments as readonly Node[])[0]), typeOnly: false, names: [] };
    default:
      return undefined;
  }
}

/** Names of the outside world. `Date` and `Math` have pure parts and are looked at closer. */
const WORLD = new Set(
  "process console globalThis global fetch performance crypto Promise setTimeout setInterval setImmediate queueMicrotask require".split(
    " ",
  ),
);
/** Answers that depend on the locale of the machine. */
const LOCALE = new Set([
  "localeCompare",
  "toLocaleString",
  "toLocaleDateString",
  "toLocaleTimeString",
  "toLocaleLowerCase",
  "toLocaleUpperCase",
]);

function impurityOf(node: Node, parents: readonly Node[]): string | undefined {
  if (node.async === true) return "async";
  if (node.type === "AwaitExpression") return "await";
  if (node.type === "ImportExpression") return "import()";
  if (isMember(node, "Date", "now") || isMember(node, "Math", "random"))
    return `${nameIn(node, "object")}.${nameIn(node, "property")}`;
  const callee = node.callee;
  if (isIdentifier(callee, "Date") && (node.type === "CallExpression" || (node.arguments as unknown[]).length === 0))
    return "the clock";
  if (node.type === "MemberExpression" && LOCALE.has(nameIn(node, "property"))) return nameIn(node, "property");
  if (isIdentifier(node) && WORLD.has(node.name as string) && isReference(node, parents)) return node.name as string;
  return undefined;
}

function forbiddenOf(node: Node): string | undefined {
  switch (node.type) {
    case "ExportDefaultDeclaration":
      return "a default export";
    case "TSEnumDeclaration":
      return "an enum";
    case "TSAnyKeyword":
      return "any";
    case "TSNonNullExpression":
      return "a non-null assertion";
    case "TSModuleDeclaration":
      return "a namespace";
    case "ExportAllDeclaration":
      return "a re-export";
    case "ExportNamedDeclaration":
      return node.source ? "a re-export" : undefined;
    default:
      return undefined;
  }
}

/** Not a property's name, a key, a parameter's name or a type: the thing itself. */
function isReference(node: Node, parents: readonly Node[]): boolean {
  const parent = parents.at(-1);
  if (!parent || parents.some(({ type }) => /^TS(?:Type|Interface|Import)/.test(type) && type !== "TSTypeAssertion"))
    return false;
  if (parent.type === "MemberExpression") return parent.object === node || parent.computed === true;
  if (parent.type === "Property") return parent.value === node;
  if (parent.type === "VariableDeclarator") return parent.init === node;
  if (parent.type === "PropertyDefinition") return parent.value === node;
  return !/^(?:Import|Export)\w*Specifier$/.test(parent.type) && !(FUNCTIONS.has(parent.type) && parent.body !== node);
}

function nameOf(node: Node, parents: readonly Node[]): string {
  const parent = parents.at(-1);
  const named = [node.id, parent?.id, parent?.key].find((candidate) => isIdentifier(candidate));
  return named ? textOf(named) : "(unnamed)";
}

function isIdentifier(node: unknown, name?: string): node is Node {
  return isNode(node) && node.type === "Identifier" && (name === undefined || node.name === name);
}

function isMember(node: Node, object: string, property: string): boolean {
  return node.type === "MemberExpression" && nameIn(node, "object") === object && nameIn(node, "property") === property;
}

function nameIn(node: Node, key: string): string {
  const child = node[key];
  return isNode(child) ? textOf(child) : "";
}

/** The name of an identifier or of a quoted property. */
function textOf(node: Node): string {
  const { name, value } = node;
  return typeof name === "string" ? name : typeof value === "string" ? value : "";
}

/** What an import names: the value of a string, or of a template without holes. */
function specifierOf(node: unknown): string {
  if (!isNode(node)) return COMPUTED;
  const { value, quasis, literal } = node;
  if (typeof value === "string") return value;
  if (isNode(literal)) return specifierOf(literal);
  if (Array.isArray(quasis) && quasis.length === 1)
    return String((quasis[0] as { value: { cooked: unknown } }).value.cooked);
  return COMPUTED;
}

/** What stands for a specifier that is not written out. */
export const COMPUTED = "(computed)";

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

function walk(node: Node, parents: readonly Node[], visit: (node: Node, parents: readonly Node[]) => void): void {
  visit(node, parents);
  const below = [...parents, node];
  for (const child of Object.values(node)) {
    if (Array.isArray(child)) for (const item of child) if (isNode(item)) walk(item, below, visit);
    if (isNode(child)) walk(child, below, visit);
  }
}

function lineFinder(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };
}
