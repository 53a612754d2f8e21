// The published schemas: what they accept is what Rolebook accepts, and what they say of a platform is what it is.
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { Settings } from "../../src/generated/types/settings.ts";
import type { Target } from "../../src/model/settings.ts";
import { resources } from "../../src/platform/atomic/catalogue.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { kindsOf } from "../../src/policy/schema.ts";
import { parse, show } from "./files.ts";

interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

function readSchema(file: string): SchemaNode {
  return JSON.parse(readFileSync(new URL(`../../schemas/${file}`, import.meta.url), "utf8"));
}

/** As strict as an editor: formats are shapes of text there too, but ours are looser than none. */
function editorAccepts(schema: SchemaNode, value: unknown): boolean {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  return ajv.compile(schema)(value);
}

const files = [
  "settings.json",
  ...readdirSync(new URL("../../schemas/atomic/", import.meta.url)).map((name) => `atomic/${name}`),
];

describe.each(files)("%s", (file) => {
  const schema = readSchema(file);
  test("says what it is for, and refuses keys it does not name", () => {
    expect(schema.title).toBe(schema.properties?.kind?.const);
    expect(schema.description?.length).toBeGreaterThan(20);
    expect(schema.additionalProperties).toBe(false);
  });
  test("describes every key", () => {
    for (const [key, property] of Object.entries(schema.properties ?? {}))
      expect(property.description?.length, key).toBeGreaterThan(10);
  });
  test("holds examples that are valid for editors and for Rolebook", () => {
    expect(schema.examples?.length).toBeGreaterThan(0);
    for (const example of schema.examples ?? []) {
      expect(editorAccepts(schema, example)).toBe(true);
      if (file !== "settings.json") expect(show(parse(JSON.stringify(example)).findings)).toEqual([]);
    }
  });
});

test("the kinds of a platform have the schemas its kind specs name, with the keys of their attributes", () => {
  const declared = atomic.kinds.filter(({ role }) => role !== "reference");
  expect([...(kindsOf("atomic") ?? [])].sort()).toEqual(declared.map(({ kind }) => kind).sort());
  for (const { kind, schema, identity, attributes } of declared) {
    const { properties = {} } = readSchema(`atomic/${schema}.json`);
    expect(properties.kind?.const).toBe(kind);
    const expected = identity === "group" ? ["members"] : ["previously", ...Object.keys(attributes)];
    expect(Object.keys(properties)).toEqual(["kind", identity, ...expected]);
  }
});

test("editors complete every resource and alias with the levels it offers", () => {
  const permissions = readSchema("atomic/role.json").properties?.permissions?.properties ?? {};
  const names = resources.flatMap(({ name, aliases }) => [name, ...aliases]);
  expect(Object.keys(permissions).sort()).toEqual(names.sort());
  for (const { name, aliases, levels } of resources)
    for (const known of [name, ...aliases]) {
      // The platform's own default roles give a level that the platform does not offer; editors must not redden those.
      const expected = name === "Request debugger" ? ["view", "edit"] : levels;
      expect(permissions[known]?.enum, known).toEqual(expected);
    }
});

test("what settings hold is what the model says", () => {
  // A compile-time check that the generated type and the model's cannot part, run for its types.
  const written: Settings["targets"][number] = {
    name: "acme",
    platform: "atomic",
    url: "https://acme.example",
    organization: "acme",
    credentials: { clientId: "A" },
    drift: "revert",
    limits: { target: { share: 0.1 } },
  };
  const drift: Target["drift"] | undefined = written.drift;
  const credentials: Target["credentials"] = written.credentials;
  expect([drift, credentials.clientId]).toEqual(["revert", "A"]);
});
