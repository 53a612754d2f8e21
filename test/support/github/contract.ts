// Holds requests, answers and webhooks against GitHub's own OpenAPI description. It refuses nothing itself: it returns what is
// wrong, and the fake collects it. What the description leaves open (unknown query parameters and body keys) is wrong as well.
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

type Schema = { readonly [keyword: string]: unknown };

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Operation {
  readonly parameters?: readonly unknown[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, unknown>>;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly "x-webhooks": Readonly<Record<string, { readonly post: Operation }>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Exchange {
  readonly method: string;
  /** As in the description: `/repos/{owner}/{repo}`. */
  readonly template: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

export interface GitHubContract {
  /** Every path and method that the description has: `GET /user`. */
  readonly operations: readonly string[];
  readonly checkRequest: (exchange: Exchange) => string[];
  readonly checkAnswer: (exchange: Exchange, status: number, body: unknown) => string[];
  /** `name` as in the description: `pull-request-opened`. */
  readonly checkWebhook: (name: string, payload: unknown) => string[];
}

/** Answers that every operation may give, whether or not the description says so of it. */
const GENERAL = new Set([401, 403, 404, 429, 500, 502, 503]);

let shared: Promise<GitHubContract> | undefined;

/** Read and compiled once a process, each schema when it is first needed. */
export function readContract(): Promise<GitHubContract> {
  shared ??= load();
  return shared;
}

async function load(): Promise<GitHubContract> {
  const module = new URL("../../../.build/github-openapi.mjs", import.meta.url).href;
  const { readGitHubDescription } = (await import(module)) as { readonly readGitHubDescription: () => Description };
  return buildContract(readGitHubDescription());
}

function buildContract(description: Description): GitHubContract {
  const validators = newValidators(description);
  const operationOf = ({ method, template }: Exchange) => description.paths[template]?.[method.toLowerCase()];
  const resolve = (value: unknown) => resolveRef(description, value);
  return {
    operations: Object.entries(description.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    ),
    checkRequest: (exchange) => {
      const operation = operationOf(exchange);
      if (!operation) return [`${exchange.method} ${exchange.template}: not in the description`];
      const parameters = (operation.parameters ?? []).map((parameter) => resolve(parameter) as Parameter);
      return [...checkParameters(validators, parameters, exchange), ...checkBody(validators, operation, exchange)];
    },
    checkAnswer: (exchange, status, body) => {
      const described = operationOf(exchange)?.responses[String(status)];
      const name = `${exchange.method} ${exchange.template} ${status}`;
      if (described === undefined) {
        if (!GENERAL.has(status)) return [`${name}: no such answer in the description`];
        return validators.check(`${name} error`, { $ref: "#/components/schemas/basic-error" }, body);
      }
      const content = (resolve(described) as { readonly content?: Content }).content?.["application/json"];
      if (!content) return body === undefined ? [] : [`${name}: has a body, and should have none`];
      return validators.check(name, content.schema, body);
    },
    checkWebhook: (name, payload) => {
      const content = description["x-webhooks"][name]?.post.requestBody?.content["application/json"];
      if (!content) return [`webhook ${name}: not in the description`];
      return validators.check(`webhook ${name}`, content.schema, payload);
    },
  };
}

function checkParameters(validators: Validators, parameters: readonly Parameter[], exchange: Exchange): string[] {
  const name = `${exchange.method} ${exchange.template}`;
  const known = new Set(parameters.filter((parameter) => parameter.in === "query").map((parameter) => parameter.name));
  const strays = [...exchange.query.keys()].filter((key) => !known.has(key));
  const wrong = parameters.flatMap((parameter) => {
    const value =
      parameter.in === "path" ? exchange.params[parameter.name] : (exchange.query.get(parameter.name) ?? undefined);
    if (parameter.in === "header") return [];
    if (value === undefined) return parameter.required ? [`${name}: ${parameter.name} is missing`] : [];
    const key = `${name} ${parameter.in} ${parameter.name}`;
    return validators.check(key, { type: "object", properties: { value: parameter.schema } }, { value }, true);
  });
  return [...strays.map((key) => `${name}: unknown query parameter ${key}`), ...wrong];
}

function checkBody(validators: Validators, operation: Operation, exchange: Exchange): string[] {
  const name = `${exchange.method} ${exchange.template} body`;
  const content = operation.requestBody?.content["application/json"];
  if (!content) return exchange.body === undefined ? [] : [`${name}: there should be none`];
  if (exchange.body === undefined) return operation.requestBody?.required ? [`${name}: is missing`] : [];
  const properties = content.schema.properties as Schema | undefined;
  const strays = properties ? Object.keys(exchange.body ?? {}).filter((key) => !(key in properties)) : [];
  return [
    ...strays.map((key) => `${name}: unknown key ${key}`),
    ...validators.check(name, content.schema, exchange.body),
  ];
}

interface Validators {
  /** What is wrong with a value; the schema is compiled once for a name. */
  readonly check: (name: string, schema: Schema, value: unknown, coerce?: boolean) => string[];
}

function newValidators(description: Description): Validators {
  const root = { components: { schemas: nullable(description.components.schemas) } };
  const make = (coerceTypes: boolean) => {
    const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes, validateFormats: true });
    addFormats.default(ajv);
    // What GitHub names and no validator knows; and addresses, which GitHub passes on as they stand in commits.
    for (const format of ["repo.nwo", "timestamp", "email"]) ajv.addFormat(format, true);
    return ajv.addSchema(root, "github");
  };
  const [plain, coercing] = [make(false), make(true)];
  const compiled = new Map<string, ValidateFunction>();
  return {
    check: (name, schema, value, coerce = false) => {
      let validate = compiled.get(name);
      if (!validate) {
        validate = (coerce ? coercing : plain).compile(pointHome(nullable(schema)) as Schema);
        compiled.set(name, validate);
      }
      if (validate(value)) return [];
      return (validate.errors ?? [])
        .slice(0, 8)
        .map(({ instancePath, message, params }) => `${name}: ${instancePath} ${message} ${JSON.stringify(params)}`);
    },
  };
}

/** OpenAPI 3.0's `nullable` as JSON Schema has it. */
function nullable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(nullable);
  if (typeof value !== "object" || value === null) return value;
  const { nullable: mayBeNull, ...rest } = value as Schema;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, nullable(part)]));
  // A property may itself be named `nullable`; then its value is a schema.
  if (typeof mayBeNull === "object") return { ...inner, nullable: nullable(mayBeNull) };
  return mayBeNull === true ? { anyOf: [inner, { type: "null" }] } : inner;
}

/** References into the description, from a schema that stands outside it. */
function pointHome(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointHome);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) =>
      key === "$ref" && typeof part === "string" ? [key, `github${part}`] : [key, pointHome(part)],
    ),
  );
}

function resolveRef(description: Description, value: unknown): unknown {
  const ref = (value as { readonly $ref?: string }).$ref;
  if (ref === undefined) return value;
  const [, , section = "", name = ""] = ref.split("/");
  return description.components[section]?.[name];
}
