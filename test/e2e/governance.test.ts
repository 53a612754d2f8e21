// Guardrails, waivers, identities and spans as the built command sees them: what is wrong with them is shown at its place,
// and fmt mends what it can.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolder, type Folder, settingsFor } from "../support/world.ts";

describe("files that govern, and spans", () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = createFolder();
    expect((await folder.rolebook(["init", "."])).code).toBe(0);
  });
  afterAll(() => folder.remove());

  const findings = async (...args: readonly string[]) => {
    const { stdout } = await folder.rolebook(["validate", "--format", "json", ...args]);
    const list = JSON.parse(stdout).findings as readonly { code: string; file: string; line: number; hint: string }[];
    return list.map(({ code, file, line, hint }) => `${file}:${line} ${code} ${hint}`);
  };

  it("init leaves an example that declares nothing, and schemas for editors", async () => {
    expect(folder.read("policies/guardrails/example.yaml")).toContain(
      "# yaml-language-server: $schema=../.schemas/governance/guardrail.json\n",
    );
    expect(JSON.parse(folder.read("policies/.schemas/governance/guardrail.json")).title).toBe("Guardrail");
    expect(await findings("--strict")).toEqual([]);
    expect(await folder.rolebook(["fmt", "--check"])).toMatchObject({ code: 0, stdout: "" });
    // With the comment signs taken away it is valid, and laid out already.
    const original = folder.read("policies/guardrails/example.yaml");
    const [modeline, about, ...rest] = original.split("\n");
    const bare = rest.map((line) => (line === "#" ? "---" : line.replace(/^# /, ""))).slice(1);
    folder.write("policies/guardrails/example.yaml", [modeline, about, ...bare].join("\n"));
    expect(folder.read("policies/guardrails/example.yaml")).toContain("\nkind: Guardrail\n");
    expect(await folder.rolebook(["fmt", "--check"])).toMatchObject({ code: 0, stdout: "" });
    // Nobody is declared here yet, so nobody is an owner.
    expect(await findings("--strict")).toEqual([
      expect.stringMatching(/^policies\/guardrails\/example.yaml:\d+ holder-count /),
    ]);
    folder.write("policies/guardrails/example.yaml", original);
  });

  it("init leaves a platform's own guardrails as well, which declare nothing either", async () => {
    const { code } = await folder.rolebook(["init", "vault", "--platform", "atomyx", "--target", "vault"]);
    expect(code).toBe(0);
    const set = folder.read("vault/policies/guardrails/governance.yaml");
    expect(set).toContain("# name: traceable-ownership\n");
    expect(set.split("\n").every((line) => line === "" || line.startsWith("#"))).toBe(true);
    expect(await findings("--strict", "--policies", "vault/policies")).toEqual([]);
  });

  it("init refuses a target of a name that is taken", async () => {
    const { code, stderr } = await folder.rolebook(["init", "other", "--target", "waivers"]);
    expect([code, stderr]).toEqual([1, expect.stringContaining('"waivers" is no name for a target')]);
  });

  it("validate reports them with every target, and says where a document belongs", async () => {
    folder.write("policies/guardrails/bad.yaml", "kind: Guardrail\nname: A\nrule: group-owner\ntargets: [akme]\n");
    folder.write("policies/identities/lost.yaml", "kind: Role\nname: Reader\n");
    folder.write("policies/acme/lost.yaml", "kind: Waiver\nname: Once\n");
    const expected = [
      "policies/acme/lost.yaml:1 unknown-kind It holds for all targets: put it into the folder waivers, beside theirs.",
      'policies/guardrails/bad.yaml:4 unknown-target Did you mean "acme"?',
      "policies/identities/lost.yaml:1 unknown-kind The kinds are Guardrail, Identity, Review, Roster, Waiver; what targets have goes into their folders.",
    ];
    expect(await findings()).toEqual(expected);
    expect(await findings("--target", "acme")).toEqual(expected);
    for (const file of ["guardrails/bad", "identities/lost", "acme/lost"])
      folder.write(`policies/${file}.yaml`, "# none\n");
  });

  it("fmt makes ends of spans in the target's time zone, once", async () => {
    folder.write("policies/rolebook.yaml", `${settingsFor("https://acme.example")}    timeZone: Pacific/Auckland\n`);
    folder.write("policies/acme/groups.yaml", "kind: Group\nname: Guests\nroles: [Owner]\nenvironments: all\n");
    const path = "policies/acme/guests.yaml";
    folder.write(
      path,
      "kind: Membership\ngroup: Guests\nmembers:\n  - email: bo@acme.example\n    for: 400d # a year and more\n",
    );
    const [found = ""] = await findings();
    expect(found).toMatch(
      /^policies\/acme\/guests\.yaml:5 relative-span Write until: \d{4}-\d\d-\d\d \(`rolebook fmt` does it\)\.$/,
    );
    const check = await folder.rolebook(["fmt", "--check", "--target", "acme"]);
    expect([check.code, check.stdout]).toEqual([1, `${path}\n`]);
    expect((await folder.rolebook(["fmt"])).stdout).toBe(`${path}\npolicies/rolebook.yaml\n`);
    const until = /Write (until: \S+)/.exec(found)?.[1];
    // Midnight may have passed in Auckland between the two commands.
    const next = /until: \S+/.exec(folder.read(path))?.[0] ?? "";
    expect(next >= (until ?? "")).toBe(true);
    expect(folder.read(path)).toBe(
      `kind: Membership\ngroup: Guests\nmembers:\n  - email: bo@acme.example\n    ${next} # a year and more\n`,
    );
    expect(await findings("--strict")).toEqual([]);
    expect(await folder.rolebook(["fmt", "--check"])).toMatchObject({ code: 0, stdout: "" });
  });
});
