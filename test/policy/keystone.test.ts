// Policy files of Keystone: bad ones are reported at their place, good ones read, render and format without loss.
// The findings are a golden text that is read in review: run with UPDATE_GOLDEN=1 to write it anew.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/model/document.ts";
import { type Entity, keyOf, type State } from "../../src/model/entity.ts";
import type { Finding } from "../../src/model/finding.ts";
import { bareName, ownedName } from "../../src/model/platform.ts";
import type { Target } from "../../src/model/settings.ts";
import { examples } from "../../src/platform/keystone/examples.ts";
import { grantElement, grantText, parseGrant } from "../../src/platform/keystone/grants.ts";
import { keystone } from "../../src/platform/keystone/platform.ts";
import { formatFile } from "../../src/policy/format.ts";
import { type ParsedFile, parseFile } from "../../src/policy/parse.ts";
import type { Resolved } from "../../src/policy/resolve.ts";
import { checkPolicies } from "../../src/policy/rules.ts";
import { kindsOf } from "../../src/policy/schema.ts";
import { readSettings } from "../../src/policy/settings.ts";
import { renderEntities } from "../../src/policy/write.ts";
import { credential, domain, openDomain, stateOfDomain } from "../support/keystone.ts";
import { bytesOf, NOW, show } from "./files.ts";

const CASES = new URL("../cases/invalid-keystone/", import.meta.url).pathname;
const GOLDEN = join(CASES, "findings.txt");
const SCHEMAS = new URL("../../schemas/", import.meta.url).pathname;

function settingsIn(text: string): { readonly target: Target | undefined; readonly findings: readonly Finding[] } {
  const parsed = parseFile("rolebook.yaml", bytesOf(text), undefined);
  const { settings, findings } = readSettings(parsed, ["atomic", "keystone"]);
  return { target: settings?.targets[0], findings: [...parsed.findings, ...findings] };
}

function parse(text: string, file = "a.yaml"): ParsedFile {
  return parseFile(file, bytesOf(text), "keystone");
}

function check(files: Readonly<Record<string, string>>): Resolved {
  const parsed = Object.entries(files).map(([file, text]) => parse(text, file));
  return checkPolicies({ target: openDomain(), files: parsed, now: NOW }, keystone);
}

describe("bad files", () => {
  const files = readdirSync(join(CASES, "cloud")).sort();
  const { target, findings: ofSettings } = settingsIn(readFileSync(join(CASES, "rolebook.yaml"), "utf8"));
  if (!target) throw new Error(show(ofSettings).join("\n"));
  const parsed = files.map((file) => parse(readFileSync(join(CASES, "cloud", file), "utf8"), `cloud/${file}`));
  const { findings } = checkPolicies({ target, files: parsed, now: NOW }, keystone);

  test("are reported as the golden text says", () => {
    const text = `${[...show(ofSettings), ...show(findings)].join("\n")}\n`;
    if (process.env.UPDATE_GOLDEN === "1") writeFileSync(GOLDEN, text);
    expect(text).toBe(readFileSync(GOLDEN, "utf8"));
  });

  test("each has a finding of its own, inside it", () => {
    const reported = new Set(findings.map(({ place }) => place?.file));
    expect(files.filter((file) => !reported.has(`cloud/${file}`))).toEqual(["a-good-file.yaml"]);
    for (const { place } of findings) {
      if (!place?.file.startsWith("cloud/")) continue;
      const lines = readFileSync(join(CASES, place.file), "utf8").split("\n");
      expect((lines[place.line - 1] ?? "").length + 1, place.file).toBeGreaterThanOrEqual(place.column);
    }
  });
});

describe("a grant as text", () => {
  const name = fc.oneof(
    fc.constantFrom("a", "on", "a on project b", '"a"', '"', "all projects", "below project x", "on the domain", "\\"),
    fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/),
  );
  const grant = fc.oneof(
    fc.record({ role: name, on: fc.constantFrom("project" as const, "below" as const), project: name }),
    fc.record({ role: name, on: fc.constantFrom("projects" as const, "domain" as const) }),
  );

  test("reads as a phrase", () => {
    expect(grantText({ role: "member", on: "project", project: "dev" })).toBe("member on project dev");
    expect(grantText({ role: "member", on: "below", project: "dev" })).toBe("member below project dev");
    expect(grantText({ role: "reader", on: "projects" })).toBe("reader on all projects");
    expect(grantText({ role: "admin", on: "domain" })).toBe("admin on the domain");
  });

  test("says what it is, whatever the names", () => {
    fc.assert(
      fc.property(grant, grant, (one, other) => {
        expect(parseGrant(grantText(one))).toEqual(one);
        expect(grantElement.format(grantElement.parse(grantText(one)))).toBe(grantText(one));
        expect(grantText(one) === grantText(other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
      { numRuns: 5000 },
    );
  });

  test("is refused when it is none", () => {
    expect(() => parseGrant("member")).toThrow(TypeError);
    expect(() => parseGrant("member on dev")).toThrow(TypeError);
  });
});

const plain = (entities: Iterable<Entity>) =>
  [...entities].map(({ place: _, ...rest }) => rest).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** What files can hold of a state. */
function written(state: State): Entity[] {
  return [...state].flatMap(([section, entities]) => (section === "Project" ? [] : [...entities.values()]));
}

test("a rendered domain reads back as the same, without findings of form, in the layout of fmt", () => {
  fc.assert(
    fc.property(domain, fc.boolean(), (some, unrestricted) => {
      const state = stateOfDomain(some);
      const [owner] = Object.keys(some.members);
      const [role] = Object.keys(some.roles);
      const extra =
        owner === undefined || role === undefined
          ? []
          : [
              credential("nightly of dev", owner, {
                project: "dev",
                roles: [role],
                expires: "2027-01-31T00:00:00Z",
                unrestricted,
              }),
            ];
      const entities = [...written(state), ...extra];
      fc.pre(entities.length > 0);
      const rendered = renderEntities(entities, keystone, { schemas: "../schemas" });
      expect(formatFile("a.yaml", rendered, keystone)).toEqual({ text: rendered, findings: [] });
      const { state: back, findings } = check({ "a.yaml": rendered });
      expect(show(findings.filter(({ severity }) => severity === "error"))).toEqual([]);
      expect(plain(written(back))).toEqual(plain(entities));
    }),
    { numRuns: 500 },
  );
}, 60_000);

test("a group renders with one grant a line, in the order of their texts", () => {
  const state = check({
    "a.yaml": `kind: Group
grants: # what they hold
- domain: true
  role: reader # looks
- {project: production, inherited: true, role: member}
- {project: production, role: member}
name: ops
`,
  }).state;
  expect(renderEntities(written(state), keystone)).toBe(`kind: Group
name: ops
grants:
  - {role: member, project: production, inherited: true}
  - {role: member, project: production}
  - {role: reader, domain: true}
`);
});

test("fmt puts grants and their keys in order, and keeps comments", () => {
  const text = `kind: Group
grants:
# everywhere
- {inherited: true, role: reader}
- domain: true
  role: admin # careful
name: ops
`;
  expect(formatFile("a.yaml", text, keystone)).toEqual({
    text: `kind: Group
name: ops
grants:
  - role: admin # careful
    domain: true
  # everywhere
  - {role: reader, inherited: true}
`,
    findings: [],
  });
});

test("built-in roles need no document, and names are compared by case", () => {
  const { findings } = check({ "a.yaml": "kind: Group\nname: g\ngrants:\n  - {role: Member, project: dev}\n" });
  expect(show(findings).filter((line) => line.includes("error"))).toEqual([
    'a.yaml:4:5 error unknown-role: Group "g" refers to role "Member", which nothing declares [Did you mean "member"?]',
  ]);
});

test("an application credential is its owner's: one name, two owners", () => {
  const text = "kind: ApplicationCredential\nname: x\nuser: ana\n---\nkind: ApplicationCredential\nname: x\nuser: bo\n";
  const { state, findings } = check({ "a.yaml": text });
  expect([...(state.get("ApplicationCredential")?.keys() ?? [])]).toEqual(["x of ana", "x of bo"]);
  expect(findings.map(({ code }) => code)).not.toContain("duplicate-application-credential");
  expect(bareName(ownedName("x of y", "z of y"), "z of y")).toBe("x of y");
});

describe("settings", () => {
  const SETTINGS = `kind: Settings
targets:
  - name: cloud
    platform: keystone
    url: https://cloud.example.com:5000/v3
    organization: engineering
    credentials: {username: CLOUD_USERNAME, password: CLOUD_PASSWORD}
`;

  test("hold options, and owners by name", () => {
    const { target, findings } = settingsIn(`${SETTINGS}    options: {region: RegionOne}\n    owners: [ana]\n`);
    expect(show(findings)).toEqual([]);
    expect([target?.options, target?.owners]).toEqual([{ region: "RegionOne" }, ["ana"]]);
  });

  test("say what is wrong with an option, and nothing of conditions", () => {
    const { findings } = settingsIn(`${SETTINGS}    options: {region: 1}\n`);
    expect(show(findings)).toEqual([
      "rolebook.yaml:8:23 error wrong-type: \"region\" must be text, not a number [Quotes make it text: '1'.]",
    ]);
  });

  test("owners stay addresses where members have addresses", () => {
    const atomic = SETTINGS.replace("keystone", "atomic");
    expect(settingsIn(`${atomic}    owners: [ana]\n`).findings.map(({ code }) => code)).toEqual(["invalid-email"]);
  });
});

describe("schemas", () => {
  const compile = (schema: object) => new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  const read = (file: string) => JSON.parse(readFileSync(join(SCHEMAS, file), "utf8"));

  test.each(readdirSync(join(SCHEMAS, "keystone")))("%s says what it is for and holds valid examples", (file) => {
    const schema = read(`keystone/${file}`);
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
    const declared = keystone.kinds.filter(({ role }) => role !== "reference");
    expect([...(kindsOf("keystone") ?? [])].sort()).toEqual(declared.map(({ kind }) => kind).sort());
    for (const { kind, schema, identity, attributes, owner } of declared) {
      const { properties } = read(`keystone/${schema}.json`);
      expect(properties.kind.const).toBe(kind);
      const renamed = owner === undefined ? ["previously"] : [];
      const expected = identity === "group" ? ["members"] : [...renamed, ...Object.keys(attributes)];
      expect(Object.keys(properties)).toEqual(["kind", identity, ...expected]);
    }
  });

  test("editors refuse a grant that is nowhere, or in two places", () => {
    const validate = compile(read("keystone/group.json"));
    const accepts = (...grants: Json[]) => validate({ kind: "Group", name: "g", grants });
    const role = "reader";
    expect(accepts({ role, project: "dev" }, { role, inherited: true }, { role, domain: true })).toBe(true);
    expect(accepts({ role, project: "dev", inherited: true })).toBe(true);
    expect(accepts({ role })).toBe(false);
    expect(accepts({ role, domain: true, project: "dev" })).toBe(false);
    expect(accepts({ role, domain: true, inherited: true })).toBe(false);
  });

  test("examples for a new repository are good once the comment signs are gone", () => {
    const files = Object.entries(examples("cloud")).map(([file, text]): [string, string] => [
      file,
      text
        .split("\n")
        .filter((line) => /^# (?:kind|\s|- |[a-z]+:(?:\s|$))/i.test(line) || line === "#")
        .map((line) => line.slice(2))
        .join("\n"),
    ]);
    const bo = "kind: Member\nname: bo\n";
    const { findings } = check({ ...Object.fromEntries(files), "bo.yaml": bo });
    expect(show(findings.filter(({ code }) => code !== "role-unused"))).toEqual([]);
  });
});
