// Policy files of Atomyx: bad ones are reported at their place, good ones read, render and format without loss.
// The findings are a golden text that is read in review: run with UPDATE_GOLDEN=1 to write it anew.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Entity, keyOf, type State } from "../../src/model/entity.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { Target } from "../../src/model/settings.ts";
import { checks } from "../../src/platform/atomyx/checks.ts";
import { examples } from "../../src/platform/atomyx/examples.ts";
import { atomyx } from "../../src/platform/atomyx/platform.ts";
import {
  parseWorkspaceRole,
  workspaceElement,
  workspaceRoleSet,
  workspaceRoleText,
} from "../../src/platform/atomyx/workspaces.ts";
import { formatFile } from "../../src/policy/format.ts";
import { type ParsedFile, parseFile } from "../../src/policy/parse.ts";
import type { Resolved } from "../../src/policy/resolve.ts";
import { checkPolicies } from "../../src/policy/rules.ts";
import { kindsOf } from "../../src/policy/schema.ts";
import { readSettings } from "../../src/policy/settings.ts";
import { renderEntities } from "../../src/policy/write.ts";
import { account, openAccount, stateOfAccount, WORKSPACES } from "../support/account.ts";
import { bytesOf, NOW, show } from "./files.ts";

const CASES = new URL("../cases/invalid-atomyx/", import.meta.url).pathname;
const GOLDEN = join(CASES, "findings.txt");
const SCHEMAS = new URL("../../schemas/", import.meta.url).pathname;

function settingsIn(text: string): { readonly target: Target | undefined; readonly findings: readonly Finding[] } {
  const parsed = parseFile("rolebook.yaml", bytesOf(text), undefined);
  const { settings, findings } = readSettings(parsed, ["atomic", "atomyx"]);
  return { target: settings?.targets[0], findings: [...parsed.findings, ...findings] };
}

function parse(text: string, file = "a.yaml"): ParsedFile {
  return parseFile(file, bytesOf(text), "atomyx");
}

function check(files: Readonly<Record<string, string>>, environments: readonly string[] = WORKSPACES): Resolved {
  const parsed = Object.entries(files).map(([file, text]) => parse(text, file));
  return checkPolicies({ target: openAccount({ environments }), files: parsed, now: NOW }, atomyx);
}

describe("bad files", () => {
  const files = readdirSync(join(CASES, "acme")).sort();
  const { target, findings: ofSettings } = settingsIn(readFileSync(join(CASES, "rolebook.yaml"), "utf8"));
  if (!target) throw new Error(show(ofSettings).join("\n"));
  const parsed = files.map((file) => parse(readFileSync(join(CASES, "acme", file), "utf8"), `acme/${file}`));
  const { findings } = checkPolicies({ target, files: parsed, now: NOW }, atomyx);

  test("are reported as the golden text says", () => {
    const text = `${[...show(ofSettings), ...show(findings)].join("\n")}\n`;
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(GOLDEN, text);
    expect(text).toBe(readFileSync(GOLDEN, "utf8"));
  });

  test("each has a finding of its own, inside it", () => {
    const reported = new Set(findings.map(({ place }) => place?.file));
    expect(files.filter((file) => !reported.has(`acme/${file}`))).toEqual(["a-good-file.yaml"]);
    for (const { place } of findings) {
      if (!place?.file.startsWith("acme/")) continue;
      const lines = readFileSync(join(CASES, place.file), "utf8").split("\n");
      expect((lines[place.line - 1] ?? "").length + 1, place.file).toBeGreaterThanOrEqual(place.column);
    }
  });

  test("every check of the platform is among them", () => {
    const codes = new Set(findings.map(({ code }) => code));
    expect(checks.map(({ name }) => name).filter((name) => !codes.has(name))).toEqual([]);
    expect(new Set(checks.map(({ name }) => name)).size).toBe(checks.length);
  });

  test("no credentials of a callback are repeated", () => {
    expect(show(findings).join("\n")).not.toContain("0penSesame");
  });
});

describe("a role in a workspace, as text", () => {
  const shortname = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
  const role = fc.oneof(
    fc.constantFrom("Owner", "Admin", "Member", "Billing", "Head of finance", "of", " of "),
    fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/),
  );

  test("reads as a phrase, in the catalogue's spelling", () => {
    expect(workspaceRoleText({ workspace: "acme-prod", role: "admin" })).toBe("Admin of acme-prod");
    expect(
      workspaceRoleSet([
        { workspace: "b", role: "Owner" },
        { workspace: "a", role: "Owner" },
      ]),
    ).toEqual(["Owner of a", "Owner of b"]);
  });

  test("says what it is, whatever the role is called", () => {
    fc.assert(
      fc.property(shortname, role, (workspace, name) => {
        const text = workspaceRoleText({ workspace, role: name });
        expect(workspaceRoleText(parseWorkspaceRole(text))).toBe(text);
        expect(parseWorkspaceRole(text).workspace).toBe(workspace);
        expect(workspaceElement.format(workspaceElement.parse(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  test("is refused when it is none", () => {
    expect(() => parseWorkspaceRole("Admin")).toThrow(TypeError);
    expect(() => parseWorkspaceRole(" of acme-prod")).toThrow(TypeError);
  });
});

const plain = (entities: Iterable<Entity>) =>
  [...entities]
    .map(({ place: _place, status: _status, ...rest }) => rest)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

const written = (state: State): Entity[] => [...state.values()].flatMap((entities) => [...entities.values()]);

test("a rendered account reads back as the same, without findings of form, in the layout of fmt", () => {
  fc.assert(
    fc.property(account, (some) => {
      const entities = written(stateOfAccount(some));
      const rendered = renderEntities(entities, atomyx, { schemas: "../schemas" });
      expect(formatFile("a.yaml", rendered, atomyx)).toEqual({ text: rendered, findings: [] });
      const { state: back, findings } = check({ "a.yaml": rendered });
      const isForm = ({ severity, code }: Finding) => severity === "error" && !code.endsWith("-mismatch");
      expect(show(findings.filter(isForm))).toEqual([]);
      expect(plain(written(back))).toEqual(plain(entities));
    }),
    { numRuns: 200 },
  );
}, 60_000);

test("a member renders with one workspace a line, and fmt puts them in order and keeps comments", () => {
  const text = `kind: Member
workspaces:
# production
- role: Owner # for now
  workspace: acme-prod
- {role: Member, workspace: acme-dev}
email: ana@acme.example
`;
  const state = check({ "a.yaml": `${text}---\nkind: Workspace\nname: acme-prod\n` }, ["acme-dev"]).state;
  expect(renderEntities([...(state.get("Member")?.values() ?? [])], atomyx)).toBe(`kind: Member
email: ana@acme.example
workspaces:
  - {workspace: acme-dev, role: Member}
  - {workspace: acme-prod, role: Owner}
`);
  expect(formatFile("a.yaml", text, atomyx)).toEqual({
    text: `kind: Member
email: ana@acme.example
workspaces:
  - {workspace: acme-dev, role: Member}
  # production
  - workspace: acme-prod
    role: Owner # for now
`,
    findings: [],
  });
});

test("the settings may name workspaces that documents say more about, and others", () => {
  const { state, findings } = check({ "a.yaml": "kind: Workspace\nname: acme-prod\npurpose: production\n" });
  expect(show(findings)).toEqual([]);
  const declared = [...(state.get("Workspace")?.values() ?? [])].map(({ name, attributes }) => [name, attributes]);
  expect(Object.fromEntries(declared)).toEqual({ "acme-dev": {}, "acme-prod": { purpose: "production" }, eu: {} });
});

describe("settings", () => {
  const SETTINGS = `kind: Settings
targets:
  - name: acme
    platform: atomyx
    url: https://vault-gateway.acme.example/vault/v1
    organization: acme
    credentials: {clientId: VAULT_CLIENT_ID, clientSecret: VAULT_CLIENT_SECRET}
`;

  test("may limit a target to some workspaces", () => {
    const { target, findings } = settingsIn(`${SETTINGS}    options: {workspaces: acme-dev acme-prod}\n`);
    expect(show(findings)).toEqual([]);
    expect(target?.options).toEqual({ workspaces: "acme-dev acme-prod" });
  });

  test("name owners by address", () => {
    expect(settingsIn(`${SETTINGS}    owners: [ana]\n`).findings.map(({ code }) => code)).toEqual(["invalid-email"]);
  });
});

describe("schemas", () => {
  const compile = (schema: object) => new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  const read = (file: string) => JSON.parse(readFileSync(join(SCHEMAS, file), "utf8"));

  test.each(readdirSync(join(SCHEMAS, "atomyx")))("%s says what it is for and holds valid examples", (file) => {
    const schema = read(`atomyx/${file}`);
    expect(schema.title).toBe(schema.properties.kind.const);
    expect(schema.additionalProperties).toBe(false);
    for (const [key, property] of Object.entries<{ description?: string }>(schema.properties))
      expect(property.description?.length, key).toBeGreaterThan(10);
    for (const example of schema.examples) {
      expect(compile(schema)(example)).toBe(true);
      expect(show(parse(JSON.stringify(example)).findings)).toEqual([]);
    }
  });

  test("each kind has the one its spec names, with the keys of its attributes", () => {
    expect([...(kindsOf("atomyx") ?? [])].sort()).toEqual(atomyx.kinds.map(({ kind }) => kind).sort());
    // What is made elsewhere is renamed elsewhere.
    const renamed = ["Role", "Group", "Member", "Integration"];
    for (const { kind, schema, identity, attributes } of atomyx.kinds) {
      const { properties } = read(`atomyx/${schema}.json`);
      expect(properties.kind.const).toBe(kind);
      const own = [...(renamed.includes(kind) ? ["previously"] : []), ...Object.keys(attributes)];
      expect(Object.keys(properties)).toEqual(["kind", identity, ...(identity === "group" ? ["members"] : own)]);
    }
  });

  test("editors refuse names that do not say what they belong to", () => {
    const accepts = (schema: string, kind: string, name: string) =>
      compile(read(`atomyx/${schema}.json`))({ kind, name });
    expect(accepts("workspace", "Workspace", "acme-prod")).toBe(true);
    expect(accepts("workspace", "Workspace", "Acme")).toBe(false);
    expect(accepts("product", "Product", "acme-prod/manage")).toBe(true);
    expect(accepts("product", "Product", "manage")).toBe(false);
    expect(accepts("role", "Role", "acme-prod/manage/Read/Write")).toBe(true);
    expect(accepts("role", "Role", "acme-prod/Editor")).toBe(false);
    expect(accepts("group", "Group", "Editors")).toBe(false);
  });
});

test("the examples of init hold one document a kind, commented out, and are valid once they are not", () => {
  const files = examples("acme");
  const texts = Object.entries(files).map(([path, text]) => {
    expect(parse(text, path).documents).toEqual([]);
    const lines = text.split("\n").filter((line) => line.startsWith("# ") || line === "#");
    const start = lines.findIndex((line) => line.startsWith("# kind:"));
    return [
      path,
      `${lines
        .slice(start)
        .map((line) => line.slice(2))
        .join("\n")}\n`,
    ] as const;
  });
  const declared = texts.flatMap(([path, text]) => parse(text, path).documents.map(({ kind }) => kind));
  expect([...new Set(declared)].sort()).toEqual(atomyx.kinds.map(({ kind }) => kind).sort());
  const more = "kind: Member\nemail: bo@acme.example\nworkspaces: [{workspace: acme-prod, role: Member}]\n";
  expect(show(check({ ...Object.fromEntries(texts), "bo.yaml": more }, ["acme-prod"]).findings)).toEqual([]);
});
