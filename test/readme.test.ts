// The README says nothing that is not so: its commands, options, links, files, tables and captures are held against
// the built command line, the schemas and the sources.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadAll } from "js-yaml";
import { describe, expect, it, onTestFinished } from "vitest";
import { resources } from "../src/platform/atomic/catalogue.ts";
import { EXIT } from "../src/run/context.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAIN = join(ROOT, "dist", "main.js");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm;

/** The contents of the fenced blocks of a language. */
function fenced(language: string): string[] {
  return [...README.matchAll(FENCE)].filter(([, kind]) => kind === language).map(([, , text = ""]) => text);
}

/** Whatever the README shows as something to type: code spans, and lines of shell blocks without their comments. */
function snippets(): string[] {
  const spans = [...README.replaceAll(FENCE, "").matchAll(/`([^`\n]+)`/g)].map(([, text = ""]) => text);
  const lines = fenced("sh").flatMap((block) => block.split("\n").map((line) => line.replace(/ +#.*/, "")));
  return [...spans, ...lines.filter((line) => line !== "")];
}

/** The part below a heading, up to the next heading of that level or above. */
function section(heading: string): string {
  const start = README.indexOf(`\n${heading}\n`);
  expect(start, heading).toBeGreaterThan(-1);
  const rest = README.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${heading.indexOf(" ")}} `, "m"));
  return end === -1 ? rest : rest.slice(0, end);
}

/** Cells of the rows of a section's first table, without its two heading rows. */
function rowsOf(heading: string): string[][] {
  const table = /(?:^\|.*\|\n)+/m.exec(section(heading))?.[0] ?? "";
  const rows = table.trimEnd().split("\n").slice(2);
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

function help(...args: string[]): string {
  return execFileSync(process.execPath, [MAIN, ...args, "--help"], { encoding: "utf8" });
}

/** The long options that a command's help lists. */
function optionsIn(text: string): Set<string> {
  return new Set([...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = ""]) => option));
}

const commands = [...help().matchAll(/^ {2}([a-z-]+)(?: \[| <| {2})/gm)]
  .map(([, name = ""]) => name)
  .filter((name) => name !== "help");
const optionsOf = new Map(commands.map((name) => [name, optionsIn(help(name))]));

describe("commands", () => {
  it("are all there, and no others", () => {
    expect(commands.length).toBeGreaterThan(8);
    const named = snippets().flatMap((text) =>
      [...text.matchAll(/\brolebook ([a-z][a-z-]*)/g)].map(([, name]) => name),
    );
    expect([...new Set(named)].sort()).toEqual([...commands].sort());
    const listed = rowsOf("## Commands").map(([cell = ""]) => /`rolebook ([a-z-]+)/.exec(cell)?.[1]);
    expect([...listed].sort()).toEqual([...commands].sort());
  });

  it("have the options that the README gives them", () => {
    const known = new Set([...optionsOf.values(), optionsIn(help())].flatMap((options) => [...options]));
    for (const text of snippets()) {
      if (/^(git|npm|npx|node) /.test(text)) continue;
      const command = /\brolebook ([a-z][a-z-]*)/.exec(text)?.[1];
      const possible = (command && optionsOf.get(command)) || known;
      for (const [option] of text.matchAll(/--[a-z][a-z-]*/g)) expect([...possible], text).toContain(option);
    }
  });

  it("have no option that the README leaves out", () => {
    const text = section("## Commands");
    for (const [command, options] of optionsOf)
      for (const option of options)
        expect(text, `rolebook ${command} ${option}`).toMatch(new RegExp(`\`[^\`]*${option}\\b`));
    const [own] = rowsOf("## Commands").filter(([cell]) => cell?.includes("rolebook apply"));
    for (const option of ["--approve", "--plan", "--overwrite", "--full", "--connections", "--offline"])
      expect(own?.[2]).toContain(option);
  });

  it.skipIf(process.platform === "win32")("run by themselves once linked", () => {
    expect(execFileSync(MAIN, ["--version"], { encoding: "utf8" })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("links", () => {
  it("lead somewhere", () => {
    const headings = [...README.matchAll(/^#+ (.+)$/gm)].map(([, text = ""]) => anchorOf(text));
    const links = [...README.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(10);
    for (const link of links.filter((one) => !/^https?:/.test(one))) {
      const [file = "", anchor] = link.split("#");
      if (file !== "") expect(existsSync(join(ROOT, file)), link).toBe(true);
      if (file === "") expect(headings, link).toContain(anchor);
    }
  });
});

/** A heading's anchor as GitHub makes it. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, "")
    .replaceAll(" ", "-");
}

describe("files by example", () => {
  const blocks = fenced("yaml");

  it("are valid, put together", () => {
    const dir = mkdtempSync(join(tmpdir(), "rolebook-readme-"));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    for (const [index, text] of blocks.entries()) {
      const named = /^# (policies\/\S+\.yaml):/.exec(text)?.[1];
      const folder = text.includes("kind: Guardrail") ? "guardrails" : "acme";
      const file = join(dir, named ?? `policies/${folder}/block-${index}.yaml`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: "wx" });
    }
    const { status, stdout } = spawnSync(process.execPath, [MAIN, "validate", "--format", "json"], {
      cwd: dir,
      encoding: "utf8",
    });
    const { findings } = JSON.parse(stdout) as { readonly findings: readonly Record<"severity" | "code", string>[] };
    // What the guardrails say of the people on the page is a verdict, not a mistake of the page.
    const schema = JSON.parse(readFileSync(join(ROOT, "schemas", "governance", "guardrail.json"), "utf8"));
    const verdicts: readonly string[] = [...schema.properties.rule.enum, "guardrail-cel"];
    const errors = findings.filter(({ severity }) => severity === "error");
    expect(errors.filter(({ code }) => !verdicts.includes(code))).toEqual([]);
    expect(status).toBe(errors.length > 0 ? 1 : 0);
  });

  it("show every kind with every field", () => {
    const documents = blocks.flatMap((text) => loadAll(text)) as Record<string, unknown>[];
    const folder = join(ROOT, "schemas");
    const folders = ["atomic", "atomyx", "keystone", "governance"];
    const files = folders.flatMap((name) => readdirSync(join(folder, name)).map((file) => `${name}/${file}`));
    for (const file of ["settings.json", ...files]) {
      const schema = JSON.parse(readFileSync(join(folder, file), "utf8")) as Schema;
      const kind = schema.properties?.kind?.const;
      const shown = documents.filter((document) => document.kind === kind);
      expect(shown, file).not.toEqual([]);
      expect(missingFields(schema, shown), file).toEqual([]);
    }
  });
});

interface Schema {
  readonly const?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Paths of the fields of a schema that none of the values has. Names of resources are the catalogue's, not fields. */
function missingFields(schema: Schema, values: readonly unknown[], path = ""): string[] {
  if (schema.items) return missingFields(schema.items, values.flat(), `${path}[]`);
  if (path === "/permissions") return [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
    // `validate` refuses a span, so that no valid file can show one: a comment does.
    if (`${path}/${name}` === "/members[]/for" && README.includes("# for: 14d")) return [];
    const found = values.flatMap((value) =>
      value !== null && typeof value === "object" && name in value ? [(value as Record<string, unknown>)[name]] : [],
    );
    return found.length === 0 ? [`${path}/${name}`] : missingFields(inner, found, `${path}/${name}`);
  });
}

describe("tables", () => {
  it("give the exit codes", () => {
    expect(rowsOf("### Exit codes").map(([code]) => Number(code))).toEqual(
      Object.values(EXIT).sort((left, right) => left - right),
    );
  });

  it("give the resources", () => {
    const rows = resources.map(({ name, aliases, levels, scope }) => [
      name,
      aliases.join(", "),
      levels.join(", "),
      scope === "organization" ? "organization-wide" : "environments",
    ]);
    expect(rowsOf("### Resources")).toEqual(rows);
  });

  it("give every finding that the sources can make, and no other", () => {
    expect([...findingTable().keys()].sort()).toEqual([...codesInSources()].sort());
  });

  it("give every reason of a risk", () => {
    const [, union = ""] =
      /type RiskCode =([\s\S]+?);\n\n/.exec(readFileSync(join(ROOT, "src/model/review.ts"), "utf8")) ?? [];
    const codes = [...union.matchAll(/\| "([a-z-]+)"/g)].map(([, code]) => code);
    const [, table = ""] = /\n\| risk \| when \|\n([\s\S]+?)\n\n/.exec(README) ?? [];
    const told = table.split("\n").flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([a-z-]+)`/g)]);
    expect(told.map(([, code]) => code).sort()).toEqual(codes.sort());
    expect(codes.length).toBeGreaterThan(10);
  });

  it("give the severities that findings really have", () => {
    const table = findingTable();
    const golden = readFileSync(join(ROOT, "test", "cases", "invalid", "findings.txt"), "utf8");
    const seen = [...golden.matchAll(/^\S+ (error|warning) ([a-z-]+):/gm)];
    expect(seen.length).toBeGreaterThan(60);
    for (const [line, severity, code = ""] of seen) expect(table.get(code), line).toBe(severity);
  });
});

/** Code -> severity, as the README's table has them. */
function findingTable(): Map<string, string> {
  const rows = rowsOf("### Findings").filter(([code]) => code?.startsWith("`"));
  const table = new Map(rows.map(([code = "", severity = ""]) => [code.replaceAll("`", ""), severity]));
  expect(table.size, "no code twice").toBe(rows.length);
  return table;
}

/** Words with hyphens that the sources quote for something else than the code of a finding. */
const NO_CODES = new Set([
  ...["content-type", "idempotency-key", "if-match", "retry-after", "user-agent", "x-auth-token", "x-subject-token"], // headers
  ...["webhook-id", "webhook-timestamp", "webhook-signature"], // headers of news
  ...["rolebook-plan", "rolebook-apply", "github-actions"], // environments of the Git host, and the app of its workflows
  ...["environment-scope", "environment-scopes", "application-credential", "application-credentials"], // schemas and folders
  ...["api-key", "api-keys", "acme-prod"], // schemas and folders, and a name in a hint
  ...["product-role", "product-roles"], // what the platform calls roles
  ...["any-group", "any-scope", "one-scope", "organization-wide"], // parameters and words of guardrails
  ...["break-glass", "not-approved", "remove-entry", "rename-member"], // why somebody is guarded, a finding's blocker, kinds of edits
  ...["changes-requested", "web-flow"], // a state of reviews, and an account of the Git host
  ...["add-member", "remove-member", "set-attribute", "add-document", "remove-document", "set-until"], // kinds of edits
  ...["x-oauth-basic"], // a part of old tokens
  ...["github-secret"], // a sink of keys
  ...["what-if"], // a command
  ...["by-hand", "before-first"], // why something of the past is not certain
  ...["product-role", "product-roles"], // what rows of a log and of a list are about
  ...["last-review", "group-owners", "no-level", "no-date"], // words of reviews
  ...["breach", "exception", "direct", "standing", "emergency", "outlier", "outlived", "dormant"], // reasons of risks
  ...["never-active", "no-second-factor", "not-in-git", "owner-equivalent"], // reasons of risks
  ...["still-there"], // what became of a decision
  ...["owner-equivalent", "never-active", "no-second-factor", "not-in-git", "dormant", "outlier", "outlived"], // reasons of a risk
  ...["exception", "breach", "direct", "standing", "emergency"], // and more of them
  ...["left-alone"], // what became of a drift pull request
  ...["not-found", "utf-8", "non-printable", "date-time"], // an answer of the platform, an encoding, a word of the YAML parser, a format
]);

/** Codes that are put together, by the text they are put together with. */
const COMPOSED: Readonly<Record<string, readonly string[]>> = {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: these are the sources' own templates
  "unknown-${kebab(kind)}": [
    "unknown-role",
    "unknown-environment",
    "unknown-project",
    "unknown-workspace",
    "unknown-product",
  ],
  "duplicate-${kebab(spec.kind)}": [
    "duplicate-role",
    "duplicate-group",
    "duplicate-member",
    "duplicate-environment-scope",
    "duplicate-application-credential",
    "duplicate-workspace",
    "duplicate-product",
    "duplicate-integration",
    "duplicate-api-key",
  ],
  "empty-${attribute}": ["empty-environments"],
  "ledger-${verb}": ["ledger-deleted", "ledger-changed"],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
};

/**
 * Every quoted word with a hyphen in the folders that make findings, since many a code goes through a helper; in
 * `git`, which is full of Git's own words, only what follows `code:`.
 */
function codesInSources(): Set<string> {
  const codes = new Set<string>();
  for (const folder of ["model", "policy", "plan", "platform", "run", "git"])
    for (const file of sourcesIn(join(ROOT, "src", folder))) {
      const text = readFileSync(file, "utf8").replace(
        /^import [\s\S]*?;$|\bimport\("[^"]*"\)|^\s*(?:\/\/|\/?\*).*$/gm,
        "",
      );
      for (const [, code = ""] of text.matchAll(/\bcode: "([a-z0-9-]+)"/g)) if (!NO_CODES.has(code)) codes.add(code);
      if (folder !== "git")
        for (const [, code = ""] of text.matchAll(/"([a-z0-9]+(?:-[a-z0-9]+)+)"/g))
          if (!NO_CODES.has(code)) codes.add(code);
      for (const [, template = ""] of text.matchAll(/\bcode: `([^`]+)`/g)) {
        expect(Object.keys(COMPOSED), file).toContain(template);
        for (const code of COMPOSED[template] ?? []) codes.add(code);
      }
    }
  return codes;
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

describe("captures", () => {
  it("are what the first run shows", () => {
    const script = join(ROOT, ".build", "start", "capture.mjs");
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
    expect(stderr, "node .build/start/capture.mjs writes them anew").toBe("");
    expect(status).toBe(0);
  });
});
