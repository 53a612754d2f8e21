// The published schemas: what they accept is what Rolebook accepts, and what they say of a platform is what it is.
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import type { Settings } from "../../src/generated/types/settings.ts";
import type { RuleName } from "../../src/model/guardrail.ts";
import type { Target } from "../../src/model/settings.ts";
import { resources } from "../../src/platform/atomic/catalogue.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { parseFile } from "../../src/policy/parse.ts";
import { kindsOf } from "../../src/policy/schema.ts";
import { bytesOf, show } from "./files.ts";

/** Every rule with the parameters it may have; a rule that the model has and this lacks does not compile. */
const PARAMETERS: Readonly<Record<RuleName, readonly string[]>> = {
  "separation-of-duties": ["first", "second", "in"],
  "permission-holders": ["permissions", "through"],
  "holder-count": ["permissions", "least", "most"],
  "environment-separation": ["one", "other"],
  "escalation-holders": ["through"],
  "time-limit": ["permissions", "days"],
  "reason-required": ["permissions"],
  "shared-account": ["patterns"],
  "address-domain": ["domains"],
  "multi-factor": ["permissions"],
  "dormant-member": ["permissions", "days"],
  "role-group-name": [],
  "group-owner": [],
  "documentation-required": ["kind", "where", "attributes", "patterns"],
  "reviewed-within": ["days", "kinds"],
  "matching-attribute": ["kind", "attribute", "of", "its"],
  cel: ["for", "deny"],
};

test("a guardrail has the rules of the model, each with its parameters and no others", () => {
  const { properties = {}, allOf = [] } = readSchema("governance/guardrail.json");
  expect(properties.rule?.enum).toEqual(Object.keys(PARAMETERS));
  const written = allOf.map((branch) => {
    const parameters = branch.then?.properties?.with;
    expect(parameters?.additionalProperties).toBe(false);
    for (const [key, parameter] of Object.entries(parameters?.properties ?? {}))
      expect(parameter.description?.length, key).toBeGreaterThan(10);
    return [branch.if?.properties?.rule?.const, Object.keys(parameters?.properties ?? {})];
  });
  expect(Object.fromEntries(written)).toEqual(PARAMETERS);
});

interface SchemaNode {
  readonly title?: string;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly required?: readonly string[];
  readonly additionalProperties?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly allOf?: readonly SchemaNode[];
  readonly if?: SchemaNode;
  readonly then?: SchemaNode;
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
  ...["atomic", "governance"].flatMap((folder) =>
    readdirSync(new URL(`../../schemas/${folder}/`, import.meta.url)).map((name) => `${folder}/${name}`),
  ),
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
      if (file === "settings.json") continue;
      const platform = file.split("/")[0];
      expect(show(parseFile("a.yaml", bytesOf(JSON.stringify(example)), platform).findings)).toEqual([]);
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
