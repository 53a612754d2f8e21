// Compiles every schema of schemas/ into src/generated/: standalone ajv validators (CommonJS, which the tests and the
// bundle both load) with their declarations, and TypeScript types; and the page of src/browser/ into one program and one style sheet.
// It writes nothing when the inputs have not changed, and nothing outside src/generated/. Library code of ajv never runs at start-up;
// only what is generated here does.
//
// One keyword is ours: `x-lenient` beside other keywords replaces them (null takes one away) in the compiled validator.
// The published schema stays strict for editors, and what a more specific check of ours reports is reported once.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const SCHEMAS = join(ROOT, "schemas");
const BROWSER = join(ROOT, "src", "browser");
const GENERATED = join(ROOT, "src", "generated");
const STAMP = join(GENERATED, "stamp.json");

// Shapes only, cheap enough for hundreds of thousands of values; what they mean (a real date, a URL that can be used)
// is checked where it is used.
const FORMATS = {
  email:
    /^[^\s@"(),:;<>[\\\]\p{Cc}\p{Cs}\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]{1,64}@[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}.-]*[\p{L}\p{N}\p{M}])?$/u,
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  "date-time":
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/,
  uri: /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]+$/u,
  "uri-reference": /^[^\s\p{Cc}]*$/u,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  int32: true,
  int64: true,
};
const ANNOTATIONS = ["example", "externalDocs", "discriminator", "xml"];
const VALIDATE_TYPE = `/** One thing that is wrong, as ajv reports it. */
export interface SchemaError {
  readonly instancePath: string;
  readonly schemaPath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
  /** Policy validators only: the keyword's value, the schema it stands in, and the value that is wrong. */
  readonly schema?: unknown;
  readonly parentSchema?: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}
/** Says whether a value is valid; \`errors\` holds what is wrong until the next call. */
export interface Validate<T> {
  (value: unknown): value is T;
  readonly errors?: readonly SchemaError[] | null;
}
`;

/** Writes src/generated/ unless it is up to date; returns whether it wrote. */
export async function generate() {
  const inputs = listInputs();
  const digest = digestOf(inputs);
  if (readStamp() === digest) return false;
  const modules = await buildModules(inputs);
  rmSync(GENERATED, { recursive: true, force: true });
  for (const [name, text] of modules) {
    const file = join(GENERATED, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  writeFileSync(STAMP, `${JSON.stringify({ digest })}\n`);
  return true;
}

/** Every schema file, relative to schemas/, sorted, with its text. */
function listInputs() {
  return readdirSync(SCHEMAS, { recursive: true })
    .map((path) => String(path).replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".json") || path.endsWith(".openapi.yaml"))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(SCHEMAS, path), "utf8") }));
}

/** What the page's program is made of: its own folder, and the nouns it may import. */
function listBrowser() {
  return [BROWSER, join(ROOT, "src", "model")].flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .map((path) => ({ path, text: readFileSync(join(folder, path), "utf8") })),
  );
}

function digestOf(inputs) {
  const hash = createHash("sha256");
  hash.update(readFileSync(fileURLToPath(import.meta.url)));
  hash.update(readFileSync(join(ROOT, "package.json")));
  for (const { path, text } of [...inputs, ...listBrowser()]) hash.update(`${path}\0${text}\0`);
  return hash.digest("hex");
}

function readStamp() {
  try {
    return JSON.parse(readFileSync(STAMP, "utf8")).digest;
  } catch {
    return undefined;
  }
}

/** File name -> text of everything to generate. */
async function buildModules(inputs) {
  const tools = await loadTools();
  const modules = new Map([["validate.d.ts", VALIDATE_TYPE]]);
  const policy = inputs.filter(({ path }) => path.endsWith(".json") && !path.startsWith("output/"));
  const output = inputs.filter(({ path }) => path.startsWith("output/"));
  await addPolicy(modules, tools, policy);
  await addOutput(modules, tools, output);
  for (const { path, text } of inputs.filter(({ path }) => path.endsWith(".openapi.yaml")))
    await addContract(modules, tools, path.replace(/^.*\//, "").replace(".openapi.yaml", ""), text);
  modules.set("review-page.ts", await reviewPage());
  return modules;
}

/** `review-page.ts`: the page's program, as one script that asks for nothing, and its style sheet. */
async function reviewPage() {
  const { rolldown } = await import("rolldown");
  const bundled = await rolldown({
    input: join(BROWSER, "main.tsx"),
    platform: "browser",
    tsconfig: join(BROWSER, "tsconfig.json"),
    onLog: (level, log) => {
      if (level === "warn") throw new Error(`rolldown: ${log.message}`);
    },
  });
  const { output } = await bundled.generate({ format: "iife", minify: true, codeSplitting: false });
  await bundled.close();
  const style = readFileSync(join(BROWSER, "page.css"), "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/\s+/g, " ");
  return `// Generated from src/browser: the program and the style of a review's page.
export const SCRIPT = ${JSON.stringify(output[0].code.trim())};
export const STYLE = ${JSON.stringify(style.trim())};
`;
}

async function loadTools() {
  const [ajv, standalone, types, yaml] = await Promise.all([
    import("ajv/dist/2020.js"),
    import("ajv/dist/standalone/index.js"),
    import("json-schema-to-typescript"),
    import("js-yaml"),
  ]);
  return {
    Ajv: ajv.default.default ?? ajv.default,
    standalone: standalone.default.default ?? standalone.default,
    types: types.compile,
    yaml: yaml.load,
  };
}

/** `policy.cjs`: kinds by platform ("" for the settings), and the types of every document. */
async function addPolicy(modules, tools, files) {
  const ajv = newAjv(tools, { messages: false, verbose: true });
  const exported = {};
  const kinds = new Map();
  const types = new Map();
  for (const { path, text } of files) {
    const schema = JSON.parse(text);
    const platform = path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
    const kind = schema.properties.kind.const;
    const name = `${platform}${kind}`;
    ajv.addSchema(lenient(schema), path);
    exported[name] = path;
    kinds.set(platform, [...(kinds.get(platform) ?? []), { kind, name }]);
    types.set(platform, [...(types.get(platform) ?? []), await typesOf(tools, schema, kind)]);
  }
  const table = [...kinds]
    .map(([platform, list]) => {
      const rows = list.map(({ kind, name }) => `${JSON.stringify(kind)}: exports.${name}`);
      return `  ${JSON.stringify(platform)}: {\n    ${rows.join(",\n    ")}\n  }`;
    })
    .join(",\n");
  modules.set("policy.cjs", `${tools.standalone(ajv, exported)}\nexports.kinds = {\n${table}\n};\n`);
  modules.set(
    "policy.d.cts",
    `import type { Validate } from "./validate.d.ts";\n
/** Platform ("" for the settings) -> kind -> validator of its documents. */
export declare const kinds: Readonly<Record<string, Readonly<Record<string, Validate<{ readonly kind: string }>>>>>;
`,
  );
  for (const [platform, texts] of types)
    modules.set(`types/${platform === "" ? "settings" : platform}.ts`, texts.join("\n"));
}

/** `output.cjs`: one validator per file of schemas/output/, named after it; the types of each in a file of their own. */
async function addOutput(modules, tools, files) {
  if (files.length === 0) return;
  const ajv = newAjv(tools, {});
  const exported = {};
  const lines = [];
  for (const { path, text } of files) {
    const schema = JSON.parse(text);
    const name = camelCase(path.replace("output/", "").replace(".json", ""));
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Output`;
    ajv.addSchema(lenient(schema), path);
    exported[name] = path;
    lines.push(`export declare const ${name}: Validate<import("./types/output-${name}.ts").${type}>;`);
    modules.set(`types/output-${name}.ts`, await typesOf(tools, { ...schema, title: type }, type));
  }
  modules.set("output.cjs", `${tools.standalone(ajv, exported)}\n`);
  modules.set("output.d.cts", `import type { Validate } from "./validate.d.ts";\n\n${lines.join("\n")}\n`);
}

/** `platform-<name>.cjs`: one validator per component schema of an OpenAPI description, by the component's name. */
async function addContract(modules, tools, platform, text) {
  const components = tools.yaml(text).components?.schemas ?? {};
  const names = Object.keys(components).sort();
  const defs = JSON.parse(JSON.stringify(components).replaceAll("#/components/schemas/", "#/$defs/"));
  const ajv = newAjv(tools, {});
  ajv.addSchema(lenient({ $id: `urn:rolebook:platform:${platform}`, $defs: defs }));
  const exported = Object.fromEntries(names.map((name) => [name, `urn:rolebook:platform:${platform}#/$defs/${name}`]));
  modules.set(`platform-${platform}.cjs`, `${tools.standalone(ajv, exported)}\n`);
  modules.set(
    `platform-${platform}.d.cts`,
    declarations(
      names.map((name) => ({ name, type: name })),
      `./types/platform-${platform}.ts`,
    ),
  );
  const properties = Object.fromEntries(names.map((name) => [name, { $ref: `#/$defs/${name}` }]));
  const root = {
    title: "Contract",
    type: "object",
    properties,
    required: names,
    additionalProperties: false,
    $defs: defs,
  };
  modules.set(`types/platform-${platform}.ts`, await typesOf(tools, root, "Contract"));
}

function newAjv(tools, options) {
  const ajv = new tools.Ajv({
    allErrors: true,
    strict: true,
    // The type of a value is stated once per schema; union types and keywords of several types in one schema are meant.
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    // Lengths in UTF-16 units: no helper to load, and these are limits of size, not of meaning.
    unicode: false,
    formats: FORMATS,
    code: { source: true, lines: true },
    logger: { log() {}, warn() {}, error: console.error },
    ...options,
  });
  for (const word of ANNOTATIONS) ajv.addKeyword(word);
  return ajv;
}

/** The schema with every `x-lenient` applied, without annotations, which a validator has no use for. */
function lenient(node) {
  const strip = (key, value) =>
    key.startsWith("x-") || ["title", "description", "examples"].includes(key) ? undefined : value;
  return mapSchema(node, (key, value, holder) => {
    const replaced = holder["x-lenient"] ?? {};
    return Object.hasOwn(replaced, key) ? (replaced[key] ?? undefined) : strip(key, value);
  });
}

/** Rebuilds a schema: `keep` sees each keyword of each schema in it (never a property's name) and may leave it out. */
function mapSchema(node, keep) {
  const result = {};
  for (const [key, raw] of Object.entries(node)) {
    const value = keep(key, raw, node);
    if (value === undefined) continue;
    if (["properties", "patternProperties", "$defs", "dependentSchemas"].includes(key))
      result[key] = Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, mapSchema(schema, keep)]));
    else if (["allOf", "anyOf", "oneOf", "prefixItems"].includes(key))
      result[key] = value.map((schema) => mapSchema(schema, keep));
    else result[key] = isSchema(key, value) ? mapSchema(value, keep) : value;
  }
  return result;
}

function isSchema(key, value) {
  const holders = ["items", "additionalProperties", "contains", "not", "if", "then", "else", "propertyNames"];
  return holders.includes(key) && value !== null && typeof value === "object";
}

/** TypeScript of a schema. Titles and examples of inner nodes are left out: they would name a type for every string. */
async function typesOf(tools, schema, name) {
  const options = { bannerComment: "", format: false, unknownAny: true, maxItems: -1, additionalProperties: true };
  return tools.types({ ...untitled(schema), title: name }, name, options);
}

function untitled(schema) {
  return mapSchema(schema, (key, value, node) => {
    if (["examples", "$id", "$schema"].includes(key) || key.startsWith("x-")) return undefined;
    if (key === "title" && !(node.properties && /^[A-Z][a-z]+[A-Z][A-Za-z]+$/.test(value))) return undefined;
    return value;
  });
}

function declarations(list, types) {
  const lines = list.map(({ name, type }) => `export declare const ${name}: Validate<Types.${type}>;`);
  return `import type * as Types from "${types}";\nimport type { Validate } from "./validate.d.ts";\n\n${lines.join("\n")}\n`;
}

function camelCase(name) {
  return name.replace(/-([a-z])/g, (_, letter) => letter.toUpperCase());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await generate();
