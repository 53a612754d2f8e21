// Reads a platform's OpenAPI description and hands out what the server is built from: its operations, and validators
// for its schemas. The description is the only list of paths, scopes and shapes; the server adds none of its own.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Ajv2020, type Options, type ValidateFunction } from "ajv/dist/2020.js";
import { load } from "js-yaml";

/** The platforms that are described. */
export type ContractName = "atomic" | "atomyx";

/** A JSON Schema, or a part of the description that is one. */
export type Schema = { readonly [keyword: string]: unknown };

export interface Operation {
  readonly id: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** As in the description: `/v1/roles/{id}`. */
  readonly path: string;
  /** Scope the bearer's credential needs; undefined where there is no bearer. */
  readonly scope: string | undefined;
  /** The schemas of the four places a request has values in; header names in lower case. */
  readonly params: Schema;
  readonly querystring: Schema;
  readonly headers: Schema;
  readonly body: Schema | undefined;
  /** Media type of the body. */
  readonly bodyType: string | undefined;
  /** Status -> media type -> name of the component schema. */
  readonly answers: { readonly [status: string]: { readonly [mediaType: string]: string } };
  /** An Idempotency-Key is asked for. */
  readonly keyed: boolean;
}

export interface Contract {
  readonly operations: readonly Operation[];
  /** A validator of a schema; references are to `#/$defs/<component>`. `coerce` turns texts into the numbers a schema asks for. */
  readonly compile: (schema: Schema, coerce?: boolean) => ValidateFunction;
  /** A validator of a component schema. */
  readonly component: (name: string) => ValidateFunction;
}

interface Description {
  readonly paths: { readonly [path: string]: { readonly [method: string]: OperationDescription } };
  readonly components: { readonly [section: string]: { readonly [name: string]: Schema } };
}

interface OperationDescription {
  readonly operationId: string;
  readonly security: readonly { readonly [scheme: string]: readonly string[] }[];
  readonly parameters?: readonly Schema[];
  readonly requestBody?: Schema;
  readonly responses: { readonly [status: string]: Schema };
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
}

const shared = new Map<ContractName, Contract>();

/** A contract, read and compiled once a process. Throws when the file is not where a package of ours has it. */
export function readContract(name: ContractName = "atomic"): Contract {
  const known = shared.get(name) ?? buildContract(load(readFileSync(findContractFile(name), "utf8")) as Description);
  shared.set(name, known);
  return known;
}

/** The description's path: looked for from this module's folder upward, so that it is found from the sources and from a bundle. */
export function findContractFile(name: ContractName = "atomic"): string {
  const file = `schemas/platform/${name}.openapi.yaml`;
  let folder = new URL("./", import.meta.url);
  for (let step = 0; step < 6; step++) {
    const candidate = fileURLToPath(new URL(file, folder));
    if (existsSync(candidate)) return candidate;
    folder = new URL("../", folder);
  }
  throw new Error(`${file} is missing from this installation`);
}

function buildContract(description: Description): Contract {
  const $defs = repoint(description.components.schemas ?? {});
  const exact = once(() => newCompiler($defs, {}));
  // One text is as good as a list of one, where a parameter of the query may be repeated.
  const coercing = once(() => newCompiler($defs, { coerceTypes: "array", useDefaults: true }));
  const compiled = new Map<string, ValidateFunction>();
  const compile = (schema: Schema, coerce = false): ValidateFunction => {
    const key = `${coerce} ${JSON.stringify(schema)}`;
    const known = compiled.get(key) ?? (coerce ? coercing() : exact()).compile(schema);
    compiled.set(key, known);
    return known;
  };
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => readOperation(description, path, method, operation)),
  );
  return { operations, compile, component: (name) => compile({ $ref: `contract#/$defs/${name}` }) };
}

/** A compiler of schemas that refer to these definitions. Making one takes a while. */
function newCompiler($defs: unknown, options: Options): Ajv2020 {
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true, ...options });
  return ajv.addSchema({ $id: "contract", $defs });
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function readOperation(
  description: Description,
  path: string,
  method: string,
  operation: OperationDescription,
): Operation {
  const parameters = (operation.parameters ?? []).map(
    (parameter) => resolve(description, parameter) as unknown as Parameter,
  );
  const content = Object.entries((operation.requestBody?.content ?? {}) as { [type: string]: { schema: Schema } })[0];
  return {
    id: operation.operationId,
    method: method.toUpperCase() as Operation["method"],
    path,
    scope: operation.security.flatMap((security) => security.clientCredentials ?? [])[0],
    params: valuesSchema(parameters, "path", true),
    querystring: valuesSchema(parameters, "query", false),
    headers: valuesSchema(parameters, "header", true),
    body: content && repoint(content[1].schema, "contract"),
    bodyType: content?.[0],
    answers: readAnswers(description, operation),
    keyed: parameters.some((parameter) => parameter.name === "Idempotency-Key"),
  };
}

/** The values of one place of a request as an object's schema; headers and paths have more than is described, queries do not. */
function valuesSchema(parameters: readonly Parameter[], place: Parameter["in"], additionalProperties: boolean): Schema {
  const nameOf = (parameter: Parameter): string => (place === "header" ? parameter.name.toLowerCase() : parameter.name);
  const here = parameters.filter((parameter) => parameter.in === place);
  return {
    type: "object",
    additionalProperties,
    properties: Object.fromEntries(here.map((parameter) => [nameOf(parameter), repoint(parameter.schema, "contract")])),
    required: here.filter((parameter) => parameter.required).map(nameOf),
  };
}

function readAnswers(description: Description, operation: OperationDescription): Operation["answers"] {
  const answers: { [status: string]: { [mediaType: string]: string } } = {};
  for (const [status, response] of Object.entries(operation.responses)) {
    const content = (resolve(description, response).content ?? {}) as { [type: string]: { schema: { $ref: string } } };
    const names = Object.entries(content).map(([type, { schema }]) => [type, schema.$ref.split("/").pop() ?? ""]);
    answers[status] = Object.fromEntries(names);
  }
  return answers;
}

function resolve(description: Description, part: Schema): Schema {
  if (typeof part.$ref !== "string") return part;
  const [, , section = "", name = ""] = part.$ref.split("/");
  const found = description.components[section]?.[name];
  if (!found) throw new Error(`the contract refers to ${part.$ref}, which it does not have`);
  return found;
}

/** The same schema with its references pointing into a document of plain JSON Schema definitions. */
function repoint<T>(schema: T, document = ""): T {
  return JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", `${document}#/$defs/`)) as T;
}
