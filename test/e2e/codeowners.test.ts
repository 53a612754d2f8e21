// `rolebook codeowners` through the built command line: written once, checked for staleness, other people's lines left alone.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFolder, type Folder, settingsFor } from "../support/world.ts";

const PEOPLE = "people:\n  ana-hub: [ana@acme.example]\n  bo-hub: [bo@acme.example]\n";

function repository(): Folder {
  const folder = createFolder();
  onTestFinished(folder.remove);
  folder.write(
    "policies/rolebook.yaml",
    settingsFor("http://127.0.0.1:1", `    owners: [ana@acme.example]\n${PEOPLE}`),
  );
  folder.write(
    "policies/acme/groups/creators.yaml",
    "kind: Group\nname: Creators\nroles: []\nenvironments: all\nowners: [bo@acme.example]\n",
  );
  folder.commit("policies");
  return folder;
}

test("is written, is fresh, and is stale when the settings say something else", async () => {
  const folder = repository();
  const missing = await folder.rolebook(["codeowners", "--check"]);
  expect([missing.code, missing.stderr]).toEqual([
    1,
    ".github/CODEOWNERS is not what the settings say.\nRun `rolebook codeowners` and commit the file.\n",
  ]);
  expect(existsSync(join(folder.dir, ".github"))).toBe(false);
  const written = await folder.rolebook(["codeowners"]);
  expect([written.code, written.stdout, written.stderr]).toEqual([0, ".github/CODEOWNERS\n", ""]);
  const text = folder.read(".github/CODEOWNERS");
  expect(text).toContain("\n/policies/acme/ @ana-hub\n");
  expect(text).toContain("\n/policies/acme/groups/creators.yaml @ana-hub @bo-hub\n");
  expect(await folder.rolebook(["codeowners"])).toMatchObject({ code: 0, stdout: "" });
  expect(await folder.rolebook(["codeowners", "--check"])).toMatchObject({ code: 0, stdout: "", stderr: "" });
  folder.edit("policies/rolebook.yaml", "owners: [ana@acme.example]", "owners: [bo@acme.example]");
  expect((await folder.rolebook(["codeowners", "--check"])).code).toBe(1);
  expect(folder.read(".github/CODEOWNERS")).toBe(text);
});

test("is written where GitHub reads it, around what people wrote, who are told when they overrule it", async () => {
  const folder = repository();
  folder.write("docs/CODEOWNERS", "* @everyone\r\n");
  expect((await folder.rolebook(["codeowners"])).stdout).toBe("docs/CODEOWNERS\n");
  const text = folder.read("docs/CODEOWNERS");
  expect(text.startsWith("* @everyone\r\n\r\n# BEGIN rolebook")).toBe(true);
  expect(text.replaceAll("\r\n", "")).not.toContain("\n");
  folder.write("docs/CODEOWNERS", `${text}/policies/ @mallory\r\n`);
  const overruled = await folder.rolebook(["codeowners", "--check"]);
  expect([overruled.code, overruled.stderr]).toEqual([0, expect.stringContaining("rules after Rolebook's")]);
  folder.write("docs/CODEOWNERS", "# END rolebook\n");
  expect(await folder.rolebook(["codeowners"])).toMatchObject({ code: 1, stderr: expect.stringContaining("markers") });
});

test("is of no folder outside Git", async () => {
  const folder = repository();
  const result = await folder.rolebook(["codeowners", "--policies", "nowhere"]);
  expect([result.code, result.stderr]).toEqual([1, expect.stringContaining("There is no policy folder")]);
});
