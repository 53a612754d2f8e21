// What governs all targets is read with every target, from the work tree and from commits, and through the cache.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openRepository } from "../../src/git/repository.ts";
import { drivers } from "../../src/platform/index.ts";
import { openParseCaches } from "../../src/run/cache.ts";
import { listFolder } from "../../src/run/files.ts";
import {
  type LoadedPolicies,
  loadPolicies,
  type PolicySource,
  parsedByBlob,
  sourceOfCommit,
} from "../../src/run/load.ts";
import { createFolder, type Folder, settingsFor } from "../support/world.ts";

const GUARDRAIL = "kind: Guardrail\nname: Owned\nrule: group-owner\n";
const WAIVER = `kind: Waiver
name: Once
target: acme
plan: ${"0f".repeat(32)}
limit: target
allows: 3
reason: They move
approver: noor@acme.example
`;
const IDENTITY =
  "kind: Identity\ntarget: acme\nmember: bo@acme.example\nid: '7'\nreason: New\napprover: noor@acme.example\n";

describe("what governs all targets", () => {
  let folder: Folder;
  let commit: string;
  beforeAll(() => {
    folder = createFolder();
    folder.write("policies/rolebook.yaml", settingsFor("https://acme.example"));
    folder.write("policies/acme/a.yaml", "kind: Role\nname: Reader\n");
    folder.write("policies/guardrails/deep/er.yaml", GUARDRAIL);
    folder.write(
      "policies/waivers/w.yml",
      `${WAIVER}---\n${WAIVER.replace("Once", "Twice").replace("target\n", "owners\n")}`,
    );
    folder.write("policies/identities/i.yaml", IDENTITY);
    commit = folder.commit("governed");
  });
  afterAll(() => folder.remove());

  const worktree = (): PolicySource => ({
    shown: "policies",
    files: listFolder(`${folder.dir}/policies`, "policies").files,
  });
  const tools = (more: { readonly target?: string; readonly build?: string } = {}) => ({
    platforms: drivers,
    caches: openParseCaches(`${folder.dir}/.git/parsed`, more.build),
    ...(more.target === undefined ? {} : { target: more.target }),
  });
  const summary = ({ governance, findings }: LoadedPolicies) => [
    governance.guardrails.map(({ name, place }) => [name, place.file]),
    governance.waivers.map(({ name }) => name),
    governance.acknowledgements.map(({ member }) => member),
    findings.map(({ code, place }) => [code, place?.file]),
  ];
  const expected = [[["Owned", "policies/guardrails/deep/er.yaml"]], ["Once", "Twice"], ["bo@acme.example"], []];

  test("is read beside the targets, and with one target alone", async () => {
    expect(summary(await loadPolicies(worktree(), tools()))).toEqual(expected);
    expect(summary(await loadPolicies(worktree(), tools({ target: "acme" })))).toEqual(expected);
  });

  test("is read from a commit, whatever the work tree has become", async () => {
    folder.write("policies/guardrails/deep/er.yaml", GUARDRAIL.replace("Owned", "Weakened"));
    try {
      const repository = await openRepository(folder.dir);
      if (!repository) throw new Error("no repository");
      const source = await sourceOfCommit(repository, commit, "policies", "policies");
      const now = await loadPolicies(worktree(), tools());
      expect(now.governance.guardrails.map(({ name }) => name)).toEqual(["Weakened"]);
      const then = await loadPolicies(source, { ...tools(), known: parsedByBlob(worktree(), now) });
      expect(summary(then)).toEqual(expected);
      const same = now.governing.find(({ file }) => file === "policies/waivers/w.yml");
      expect(then.governing.find(({ file }) => file === "policies/waivers/w.yml")).toBe(same);
    } finally {
      folder.write("policies/guardrails/deep/er.yaml", GUARDRAIL);
    }
  });

  test("is the same from the cache", async () => {
    const build = "0123456789abcdef";
    expect(summary(await loadPolicies(worktree(), tools({ build })))).toEqual(expected);
    const cache = tools({ build }).caches("governance");
    expect(worktree().files.map(({ path, blob }) => [path, cache.has(blob)])).toEqual([
      ["acme/a.yaml", false],
      ["guardrails/deep/er.yaml", true],
      ["identities/i.yaml", true],
      ["rolebook.yaml", false],
      ["waivers/w.yml", true],
    ]);
    expect(summary(await loadPolicies(worktree(), tools({ build })))).toEqual(expected);
  });

  test("a target of such a name is a mistake of the settings, and its folder stays what it is", async () => {
    folder.write(
      "policies/rolebook.yaml",
      settingsFor("https://acme.example").replace("name: acme", "name: guardrails"),
    );
    try {
      const loaded = await loadPolicies(worktree(), tools());
      expect(loaded.governance.guardrails.map(({ name }) => name)).toEqual(["Owned"]);
      expect(loaded.findings.map(({ code }) => code).sort()).toEqual([
        "file-of-no-target",
        "reserved-target-name",
        "unknown-target",
        "unknown-target",
        "unknown-target",
      ]);
    } finally {
      folder.write("policies/rolebook.yaml", settingsFor("https://acme.example"));
    }
  });
});

describe("a target on a platform that there is none of", () => {
  test("is one mistake, whatever its folder holds and whoever names it", async () => {
    const folder = createFolder();
    try {
      const settings = settingsFor("https://acme.example").replace("atomic", "atomc");
      folder.write("policies/rolebook.yaml", settings);
      folder.write("policies/acme/a.yaml", "kind: Role\nname: Reader\n");
      folder.write("policies/acme/members/b.yaml", "kind: Member\nemail: bo@acme.example\n");
      folder.write("policies/waivers/w.yaml", WAIVER);
      folder.write("policies/identities/i.yaml", IDENTITY);
      const load = () => {
        const files = listFolder(`${folder.dir}/policies`, "policies").files;
        return loadPolicies(
          { shown: "policies", files },
          { platforms: drivers, caches: openParseCaches(undefined, undefined) },
        );
      };
      const { findings, leftOut } = await load();
      expect(leftOut).toEqual(["acme"]);
      expect(findings.map(({ code, hint }) => [code, hint])).toEqual([["unknown-platform", 'Did you mean "atomic"?']]);
      for (const args of [["validate"], ["validate", "--target", "acme"], ["plan", "--target", "acme"]]) {
        const { code, stdout, stderr } = await folder.rolebook(args);
        expect([code, `${stdout}${stderr}`.match(/unknown-platform/g)?.length], args.join(" ")).toEqual([1, 1]);
      }
      folder.write("policies/other/c.yaml", "kind: Role\nname: Stray\n");
      const stray = (await load()).findings.find(({ code }) => code === "file-of-no-target");
      expect(stray?.hint).toContain("Targets in the settings: acme.");
    } finally {
      folder.remove();
    }
  });
});

describe("cron expressions of the settings", () => {
  test("that cannot be read are findings at their place, for whoever reads the settings", async () => {
    const folder = createFolder();
    try {
      const freeze = `    freeze:
      - { cron: "0 16 * * 5", hours: 60, reason: Weekends }
      - { cron: "0 25 * * *", hours: 1, reason: Nights }
`;
      folder.write(
        "policies/rolebook.yaml",
        settingsFor("https://acme.example", `${freeze}schedule:\n  poll: now and then\n  drift: "7 * * * *"\n`),
      );
      folder.write("policies/acme/a.yaml", "kind: Role\nname: Reader\n");
      const validated = await folder.rolebook(["validate", "--format", "json"]);
      const { findings } = JSON.parse(validated.stdout);
      const found = findings
        .filter(({ code }: { readonly code: string }) => code === "invalid-cron")
        .map(({ line, message }: { readonly line: number; readonly message: string }) => `${line}: ${message}`);
      const lines = folder.read("policies/rolebook.yaml").split("\n");
      const lineOf = (text: string) => lines.findIndex((line) => line.includes(text)) + 1;
      expect(found).toEqual([
        `${lineOf("0 25")}: "0 25 * * *" is no cron expression: Invalid value for hour: 25`,
        expect.stringMatching(`^${lineOf("now and then")}: "now and then" is no cron expression: invalid`),
      ]);
      expect(validated.code).toBe(1);
    } finally {
      folder.remove();
    }
  });
});
