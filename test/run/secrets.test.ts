// What is loaded from files with secrets in them: a finding for each, and nothing else of it anywhere, not in the cache either. Vendors'
// rules are asked only where there is something to ask about, and what is asked of them is what they know.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rules } from "@secretlint/secretlint-rule-preset-recommend";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drivers } from "../../src/platform/index.ts";
import { cleanText, scanText } from "../../src/policy/secrets.ts";
import { openParseCaches } from "../../src/run/cache.ts";
import { blobId } from "../../src/run/files.ts";
import { type LoadedPolicies, loadPolicies, loadSettings, type PolicySource } from "../../src/run/load.ts";
import { VENDOR_RULES, vendorSecrets } from "../../src/run/secrets.ts";
import { characters, otherSamples, vendorSamples } from "../support/secrets.ts";
import { settingsFor } from "../support/world.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const SHAPES = drivers.flatMap(({ platform }) => platform.secrets ?? []);
const SAMPLES = Object.entries(vendorSamples(1)).flatMap(([rule, texts]) => texts.map((text) => [rule, text] as const));

function sourceOf(files: Readonly<Record<string, string>>): PolicySource {
  const list = Object.entries({ "rolebook.yaml": settingsFor("https://acme.example"), ...files }).map(
    ([path, text]) => {
      const bytes = new TextEncoder().encode(text);
      return { path, blob: blobId(bytes), read: () => bytes };
    },
  );
  return { shown: "policies", files: list };
}

const tools = (folder?: string) => ({ platforms: drivers, caches: openParseCaches(folder, "a-build") });
const secretsIn = ({ findings }: Pick<LoadedPolicies, "findings">) =>
  findings.filter(({ code }) => code === "secret-in-file").map(({ place, message }) => [place?.line, message] as const);
const all = (loaded: unknown) =>
  JSON.stringify(loaded, (_, value) => (value instanceof Map ? [...value] : value)) ?? "";

describe("vendors' rules", () => {
  test("are all asked, but those for whole files and for switching rules off; there is a sample of each", () => {
    const short = (id: string) => id.replace(/^.*secretlint-rule-/, "");
    const left = rules
      .map(({ meta }) => short(meta.id))
      .filter((id) => !VENDOR_RULES.some((rule) => short(rule.id) === id));
    expect(left).toEqual(["gcp", "filter-comments"]);
    expect(Object.keys(vendorSamples(1)).sort()).toEqual(VENDOR_RULES.map(({ id }) => short(id)).sort());
  });

  test.each(SAMPLES)("find a secret of %s, and are asked about it", async (rule, secret) => {
    const text = `kind: Role\ndescription: |\n  ${secret.replaceAll("\n", "\n  ")}\n`;
    expect(scanText(text, SHAPES).suspicious).toBe(true);
    const [found] = await vendorSecrets([text]);
    expect(found?.map(({ what }) => what)).toContain(`a secret that rule ${rule} knows`);
  });

  test("tell each text's own", async () => {
    const [, first = ""] = SAMPLES.find(([rule]) => rule === "github") ?? [];
    const [, second = ""] = SAMPLES.find(([rule]) => rule === "npm") ?? [];
    const texts = [`a: ${first}`, "b: nothing", `${" ".repeat(7)}${second} and ${first}`];
    const found = await vendorSecrets(texts);
    expect(found.map((spans, index) => spans.map(({ start, end }) => texts[index]?.slice(start, end)))).toEqual([
      [first],
      [],
      expect.arrayContaining([first, second]),
    ]);
  });

  test("cannot be switched off by the file", async () => {
    const [, secret = ""] = SAMPLES.find(([rule]) => rule === "github") ?? [];
    const [found] = await vendorSecrets([`# secretlint-disable\n# ${secret} secretlint-disable-line\n`]);
    expect(found).toHaveLength(1);
  });
});

describe("a file with a secret in it", () => {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-secrets-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([...SAMPLES, ...Object.entries(otherSamples(1))])(
    "is told of at its place and shows nothing of it, in a value and in a comment: %s",
    async (_, secret) => {
      const lines = secret.split("\n");
      const commented = lines.map((line) => `# ${line}`).join("\n");
      const text = `kind: Role\nname: Reader\n${commented}\ndescription: |\n  ${lines.join("\n  ")}\n`;
      const loaded = await loadPolicies(sourceOf({ "acme/r.yaml": text }), tools(folder));
      expect(secretsIn(loaded).map(([line]) => line)).toEqual([3, 4 + lines.length]);
      expect(secretsIn(loaded)[0]?.[1]).toMatch(/^This looks like .+ \(".{4}…", \d+ characters\)$/u);
      const kept = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8"));
      for (const line of lines) {
        const part = line.slice(line.length > 30 ? -24 : -6);
        expect(all(loaded)).not.toContain(part);
        expect(kept.join("\n")).not.toContain(part);
      }
    },
  );

  test("is told of again when it comes from the cache", async () => {
    const source = sourceOf({ "acme/r.yaml": `kind: Role\nname: Reader\ndescription: ${characters(4)(40)}\n` });
    const first = await loadPolicies(source, tools(folder));
    const again = await loadPolicies(
      {
        ...source,
        files: source.files.map((file) => (file.path === "acme/r.yaml" ? { ...file, read: unread } : file)),
      },
      tools(folder),
    );
    expect(secretsIn(first)).toHaveLength(1);
    expect(again.findings).toEqual(first.findings);
  });

  test("is told of in settings, where a secret stands instead of a variable's name", async () => {
    const secrets = [
      characters(5)(40),
      `ghp${"_"}${characters(6)(36)}`,
      characters(7)(40, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    ];
    for (const secret of secrets) {
      const settings = settingsFor("https://acme.example").replace("ACME_CLIENT_SECRET", secret);
      const source = sourceOf({ "rolebook.yaml": settings });
      const loaded = [await loadPolicies(source, tools()), await loadSettings(source, tools())];
      for (const one of loaded) {
        expect(secretsIn(one)).toHaveLength(1);
        expect(all(one)).not.toContain(secret.slice(4, 20));
      }
    }
  });

  test("names nothing that is no variable's name, whatever it looks like", async () => {
    const settings = settingsFor("https://acme.example").replace("ACME_CLIENT_SECRET", "hunter2-of-the-vault");
    const loaded = await loadSettings(sourceOf({ "rolebook.yaml": settings }), tools());
    expect(loaded.findings.map(({ code }) => code)).toEqual(["invalid-credential"]);
    expect(all(loaded)).not.toContain("hunter2");
  });
});

describe("no file of ours is suspected", () => {
  const generated: string[] = [];
  beforeAll(async () => {
    const load = (name: string) => import(new URL(`../../.build/bench/${name}.mjs`, import.meta.url).href);
    const { generateOrganization } = await load("organization");
    const { policyFiles, yamlOf } = await load("render");
    for (const { documents } of policyFiles(generateOrganization(0.02, 7), "http://127.0.0.1:1"))
      generated.push(yamlOf(documents()));
  });

  const told = async (texts: readonly string[]) => {
    // As files are read: vendors' rules are asked about those that are suspicious.
    const asked = texts.map((text) => (scanText(text, SHAPES).suspicious ? text : ""));
    const vendors = await vendorSecrets(asked);
    return texts.flatMap(
      (text, index) =>
        cleanText(String(index), text, [...scanText(text, SHAPES).spans, ...(vendors[index] ?? [])]).findings,
    );
  };

  test("of the tracked ones that tell people what to write, but those that show what not to", async () => {
    const list = execFileSync("git", ["ls-files", "policies", "schemas", "test/cases", ".github", "*.md"], {
      cwd: ROOT,
      encoding: "utf8",
    });
    const paths = list.split("\n").filter((path) => path !== "");
    expect(paths.length).toBeGreaterThan(200);
    const suspected = [];
    for (const path of paths)
      if ((await told([readFileSync(join(ROOT, path), "utf8")])).length > 0) suspected.push(path);
    expect(suspected.filter((path) => !/-credentials\.yaml$|credentials-in-url\.yaml$/.test(path))).toEqual([]);
    expect(suspected).toContain("test/cases/invalid/settings/credentials-in-url.yaml");
  });

  test("of a large generated organization", async () => expect(await told(generated)).toEqual([]));

  test("of what `init` writes", async () => {
    expect(await told(drivers.flatMap(({ examples }) => Object.values(examples("acme"))))).toEqual([]);
  });
});

function unread(): never {
  throw new Error("it was read again");
}
