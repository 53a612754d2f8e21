// Validates a value against one of the published output schemas.
import { readFileSync } from "node:fs";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";

const compiled = new Map<string, ValidateFunction>();

/** What the schema says against the value; empty when it conforms. */
export function schemaErrors(name: string, value: unknown): string[] {
  const validate = compiled.get(name) ?? compile(name);
  validate(value);
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

function compile(name: string): ValidateFunction {
  const schema = JSON.parse(readFileSync(new URL(`../../schemas/output/${name}.json`, import.meta.url), "utf8"));
  const validate = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true }).compile(schema);
  compiled.set(name, validate);
  return validate;
}
