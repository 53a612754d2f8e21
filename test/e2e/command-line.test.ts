// The built command line as people and Actions meet it: exit codes, which stream says what, formats that
// others rely on, and the refusals that keep production safe.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Receipt } from "../../src/model/receipt.ts";
import { schemaErrors } from "../report/schema.ts";
import { createWorld, importedWorld, settingsFor, type World } from "../support/world.ts";

const LIMITS = "    limits: { target: { share: 1, count: 100 }, group: { share: 1, count: 100 } }\n";
const ESCAPE = "\u001b[";

describe("usage", () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());

  it.each([
    [["--help"], 0],
    [["plan", "--help"], 0],
    [["--version"], 0],
    [[], 64],
    [["unknown"], 64],
    [["plan", "--unknown"], 64],
    [["plan", "--format", "xml"], 64],
    [["explain"], 64],
    [["plan", "--now", "tomorrow"], 64],
    [["plan"], 1],
    [["validate", "--policies", "nowhere"], 1],
    [["apply"], 1],
  ] as const)("%j exits %i", async (args, code) => {
    const result = await world.rolebook(args);
    expect(result.code).toBe(code);
    if (code !== 0) expect(result.stdout).toBe("");
    if (code === 64) expect(result.stderr).toMatch(/Usage: rolebook|rolebook --help/);
    expect(result.stderr).not.toContain("    at ");
  });
});

describe("a policy repository from nothing", () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.close());

  it("init, import, commit, apply: nothing was changed, and the base is recorded", async () => {
    const init = await world.rolebook(["init", ".", "--url", world.url]);
    expect(init.code).toBe(0);
    expect((await world.rolebook(["validate", "--strict"])).code).toBe(0);
    const before = JSON.stringify(world.simulator.dump());
    const imported = await world.rolebook(["import"]);
    expect(imported.code).toBe(0);
    expect(imported.stdout).toContain("policies/acme/roles/card-editor.yaml\n");
    expect(imported.stdout).not.toMatch(/roles\/(owner|admin|editor)\.yaml/);
    expect((await world.rolebook(["validate"])).code).toBe(0);
    expect((await world.rolebook(["fmt", "--check"])).stdout).toBe("");

    const uncommitted = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    expect(uncommitted).toMatchObject({ uncommitted: true, changes: [], drift: [], conflicts: [], unmanaged: [] });
    const refused = await world.rolebook(["apply"]);
    expect(refused.code).toBe(1);
    world.commit("import");
    expect((await world.rolebook(["apply"])).code).toBe(0);
    expect(world.git("rev-parse", "refs/rolebook/applied/acme")).toBe(world.git("rev-parse", "HEAD"));
    expect((await world.rolebook(["plan"])).code).toBe(0);
    expect(JSON.stringify(world.simulator.dump())).toBe(before);
    const again = await world.rolebook(["import"]);
    expect([again.code, again.stdout]).toEqual([0, ""]);
  });

  it("init never touches what is there", async () => {
    const text = world.read("policies/rolebook.yaml");
    expect((await world.rolebook(["init", "."])).code).toBe(1);
    expect(world.read("policies/rolebook.yaml")).toBe(text);
  });

  it("init --action adds the workflows that are missing, with every variable that the settings name", async () => {
    const action = `acme/rolebook@${"0123456789".repeat(4)}`;
    world.edit("policies/rolebook.yaml", "clientSecret: ACME_CLIENT_SECRET", "clientSecret: ANOTHER_SECRET");
    world.write(".github/workflows/drift.yml", "name: Mine\n");
    const { code, stdout, stderr } = await world.rolebook(["init", "--action", action]);
    expect(code, stderr).toBe(0);
    expect(stdout).toBe(
      ["apply", "plan", "review", "reviewed"].map((name) => `.github/workflows/${name}.yml\n`).join(""),
    );
    expect(stderr).toContain(".github/workflows/drift.yml is there already");
    expect(world.read(".github/workflows/drift.yml")).toBe("name: Mine\n");
    expect(world.read(".github/workflows/apply.yml")).toContain(`ANOTHER_SECRET: \${{ secrets.ANOTHER_SECRET }}`);
    const [repository, commit] = action.split("@");
    const uses = `uses: ${repository}/.github/actions/rolebook@${commit}\n`;
    for (const name of ["apply", "plan"]) expect(world.read(`.github/workflows/${name}.yml`)).toContain(uses);
  });

  it("init --action writes them at once into what is new, and says what they wait for", async () => {
    const action = `acme/rolebook@${"a".repeat(40)}`;
    const { code, stdout, stderr } = await world.rolebook(["init", "new", "--target", "cloud-1", "--action", action]);
    expect([code, stdout.match(/^new\/\.github\/workflows\/\w+\.yml$/gm)?.length]).toEqual([0, 5]);
    expect(stderr).toContain(
      "make the environments rolebook-plan and rolebook-apply, both for the default branch alone",
    );
    expect(stderr).toContain("the secrets CLOUD_1_CLIENT_ID, CLOUD_1_CLIENT_SECRET");
    expect(world.read("new/.github/workflows/plan.yml")).toContain("CLOUD_1_CLIENT_ID");
    expect((await world.rolebook(["validate", "--strict", "--policies", "new/policies"])).code).toBe(0);
  });

  it("init wants a whole commit id, and writes nothing without", async () => {
    for (const action of ["acme/rolebook@v1", "acme/rolebook", `acme@${"a".repeat(40)}`, `a/b@${"a".repeat(39)}`]) {
      const { code, stderr } = await world.rolebook(["init", "fresh", "--action", action]);
      expect(code).toBe(1);
      expect(stderr).toContain("names no action");
    }
    expect(existsSync(join(world.dir, "fresh"))).toBe(false);
  });
});

describe("plan and apply", () => {
  let world: World;
  let digest: string;
  beforeAll(async () => {
    world = await importedWorld(LIMITS);
    world.edit("policies/acme/roles/card-editor.yaml", "Card template: edit", "Card template: admin");
    world.edit("policies/acme/memberships/card-creators.yaml", "  - bo@acme.example\n", "");
    world.commit("two changes");
    // What a runner writes beside the policies is not part of them.
    writeFileSync(join(world.dir, ".git", "info", "exclude"), "plan.json\n");
  });
  afterAll(() => world.close());

  it("plan exits 2, changes nothing, and its JSON is what its schema says", async () => {
    const result = await world.rolebook(["plan", "--format", "json"]);
    expect([result.code, result.stderr]).toEqual([2, ""]);
    const plan = JSON.parse(result.stdout);
    digest = plan.digest;
    expect(schemaErrors("plan", plan)).toEqual([]);
    expect(plan.summary).toEqual({
      create: 0,
      update: 1,
      delete: 1,
      unmanaged: 0,
      drift: 0,
      conflicts: 0,
      gaining: 3,
      losing: 1,
    });
    expect(plan.commit).toBe(world.git("rev-parse", "HEAD").trim());
    expect(plan.access).toContainEqual({
      member: "ana@acme.example",
      resource: "Card template",
      scope: "dev",
      before: "edit",
      after: "admin",
      via: [{ group: "Card creators", role: "Card editor" }],
    });
    expect(world.simulator.counters.view().writes).toEqual([]);
  });

  it("the same plan, byte for byte, twice and with a read-only credential", async () => {
    const reader = { ACME_CLIENT_ID: "rolebook-reader", ACME_CLIENT_SECRET: "local-reader-secret" };
    const [one, two] = [
      await world.rolebook(["plan", "--format", "json"]),
      await world.rolebook(["plan", "--format", "json"], { environment: reader }),
    ];
    expect(two.stdout).toBe(one.stdout);
  });

  it("no colour where there is no terminal, with NO_COLOR and without", async () => {
    for (const environment of [{}, { NO_COLOR: "1" }, { FORCE_COLOR: "1", NO_COLOR: "1" }]) {
      const result = await world.rolebook(["plan"], { environment });
      expect(result.stdout).not.toContain(ESCAPE);
      expect(result.stderr).toBe("");
      expect(result.stdout).toContain(`rolebook apply --target acme --approve ${digest}`);
    }
  });

  it("--output writes the file whole and nothing to standard output", async () => {
    const result = await world.rolebook(["plan", "--format", "json", "--output", "plan.json"]);
    expect([result.code, result.stdout]).toEqual([2, ""]);
    expect(JSON.parse(readFileSync(join(world.dir, "plan.json"), "utf8")).digest).toBe(digest);
    expect((await world.rolebook(["plan", "--output", "no/such/folder/plan.txt"])).code).toBe(1);
    expect(existsSync(join(world.dir, "no"))).toBe(false);
  });

  it("apply without an approval, or with another plan's, changes nothing and says what to do", async () => {
    for (const args of [[], ["--approve", "0".repeat(64)]]) {
      const result = await world.rolebook(["apply", ...args]);
      expect(result.code).toBe(1);
      expect(result.stderr).toContain(digest);
      expect(world.simulator.counters.view().writes).toEqual([]);
    }
  });

  it("apply with a read-only credential fails truthfully", async () => {
    const reader = { ACME_CLIENT_ID: "rolebook-reader", ACME_CLIENT_SECRET: "local-reader-secret" };
    const result = await world.rolebook(["apply", "--approve", digest, "--format", "json"], { environment: reader });
    expect(result.code).toBe(1);
    const receipt = JSON.parse(result.stdout);
    expect(schemaErrors("receipt", receipt)).toEqual([]);
    expect(receipt).toMatchObject({ converged: false, summary: { applied: 0 } });
    expect(result.stdout).not.toContain("local-reader-secret");
    expect(world.simulator.counters.view().writes).toEqual([]);
  });

  it("apply with what was approved, when live has moved: makes that, holds the rest, exits 2", async () => {
    world.edit("policies/acme/groups/insights.yaml", "The insights dashboard", "Dashboards");
    world.commit("one more, not reviewed");
    const refused = await world.rolebook(["apply", "--approve", digest]);
    expect(refused.code).toBe(1);
    const result = await world.rolebook(["apply", "--approve", digest, "--plan", "plan.json", "--format", "json"]);
    expect(result.code).toBe(2);
    const receipt: Receipt = JSON.parse(result.stdout);
    expect(receipt.outcomes.map(({ status, cause }) => [status, cause]).sort()).toEqual([
      ["applied", null],
      ["applied", null],
      ["skipped", "not approved"],
    ]);
    const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    expect(plan.changes.map(({ key }: { readonly key: string }) => key)).toEqual(["Group/insights"]);
    const rest = await world.rolebook(["apply", "--approve", plan.digest]);
    expect(rest.code).toBe(0);
    expect((await world.rolebook(["plan"])).code).toBe(0);
  });

  it("a plan file that was tampered with approves nothing", async () => {
    world.edit("policies/acme/groups/insights.yaml", "Dashboards", "Dashboards!");
    world.commit("again");
    await world.rolebook(["plan", "--format", "json", "--output", "plan.json"]);
    const plan = JSON.parse(world.read("plan.json"));
    world.edit("policies/acme/groups/insights.yaml", "Dashboards!", "Dashboards?");
    world.commit("and again");
    const other = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    world.write("plan.json", JSON.stringify({ ...plan, changes: other.changes }));
    const result = await world.rolebook(["apply", "--approve", plan.digest, "--plan", "plan.json"]);
    expect(result.code).toBe(1);
    expect(world.simulator.dump().groups.find(({ name }) => name === "Insights")?.description).toBe("Dashboards");
    expect((await world.rolebook(["apply", "--approve", other.digest])).code).toBe(0);
  });

  it("a commit that does not contain what was applied last is refused", async () => {
    world.git("checkout", "-q", "--detach", "HEAD~1");
    const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    const result = await world.rolebook(["apply", "--approve", plan.digest]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("HEAD does not contain the commit that was applied last");
    world.git("checkout", "-q", "main");
  });
});

describe("drift, conflicts and limits", () => {
  let world: World;
  beforeAll(async () => {
    world = await importedWorld();
  });
  afterAll(() => world.close());

  it("an edit by hand is drift: shown, not undone, exit 2 from drift and 0 from plan", async () => {
    await world.byHand("PATCH", "/v1/groups/gInsigh7Gu", { environmentIds: [] });
    await world.byHand("POST", "/v1/groups/gAuditL9Jo/members/batch", { remove: ["mRavi11Xc4"] });
    const plan = await world.rolebook(["plan", "--format", "json"]);
    expect(plan.code).toBe(0);
    expect(JSON.parse(plan.stdout).drift.map(({ key, shape }: { key: string; shape: string }) => [key, shape])).toEqual(
      [
        ["Group/insights", "changed"],
        ["Membership/audit log/ravi@acme.example", "missing"],
      ],
    );
    const drift = await world.rolebook(["drift"]);
    expect(drift.code).toBe(2);
    expect(drift.stdout).toContain("Insights");
  });

  it("Git and a hand at the same attribute: a conflict, never overwritten without --overwrite", async () => {
    world.edit("policies/acme/groups/insights.yaml", "[production]", "[staging, production]");
    world.commit("widen insights");
    const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
    expect(plan.conflicts).toMatchObject([
      { key: "Group/insights", attributes: [{ base: ["production"], want: ["production", "staging"], live: "all" }] },
    ]);
    expect((await world.rolebook(["apply", "--approve", plan.digest])).code).toBe(2);
    expect(world.git("rev-parse", "refs/rolebook/applied/acme")).not.toBe(world.git("rev-parse", "HEAD"));

    const settled = JSON.parse(
      (await world.rolebook(["plan", "--format", "json", "--overwrite", "Group/insights"])).stdout,
    );
    expect(settled.changes).toMatchObject([{ key: "Group/insights", before: { attributes: { environments: "all" } } }]);
    expect((await world.rolebook(["apply", "--approve", settled.digest])).code).toBe(2);
    expect(world.simulator.dump().groups.find(({ name }) => name === "Insights")?.environmentIds).toEqual([]);
    const done = await world.rolebook(["apply", "--approve", settled.digest, "--overwrite", "Group/insights"]);
    expect([done.code, done.stderr]).toEqual([0, ""]);
  });

  it("an approved change that became a conflict: the rest is made, and no later run claims anything else", async () => {
    world.edit("policies/acme/groups/insights.yaml", "The insights dashboard", "Dashboards");
    world.edit("policies/acme/roles/card-editor.yaml", "Theme: view", "Theme: edit");
    world.commit("two more");
    const file = join(world.dir, ".git", "plan.json");
    await world.rolebook(["plan", "--format", "json", "--output", file]);
    const { digest } = JSON.parse(readFileSync(file, "utf8"));
    await world.byHand("PATCH", "/v1/groups/gInsigh7Gu", { description: "By hand" });
    const first = await world.rolebook(["apply", "--approve", digest, "--plan", file]);
    expect(first.code).toBe(2);
    expect(first.stderr).toContain("1 conflict waits for a decision");
    const ledger = world.git("rev-parse", "rolebook/ledger");
    for (const args of [["apply"], ["apply", "--approve", digest]]) expect((await world.rolebook(args)).code).toBe(2);
    expect(world.git("rev-parse", "rolebook/ledger")).toBe(ledger);
    const plan = await world.rolebook(["plan", "--overwrite", "Group/insights"]);
    const command = / rolebook (apply .*)/.exec(plan.stdout)?.[1] ?? "";
    expect(command).toMatch(/--overwrite Group\/insights$/);
    expect((await world.rolebook(command.split(" "))).code).toBe(0);
    const typo = await world.rolebook(["plan", "--overwrite", "Insights"]);
    expect(typo.stdout).toContain("overwrite-without-conflict");
  });

  it("somebody added by hand to a group whose members Git lists: never removed, never missed", async () => {
    await world.byHand("POST", "/v1/groups/gOwner1Aq2/members/batch", { add: ["mBo05Tg6hj"] });
    const plan = await world.rolebook(["plan", "--format", "json"]);
    expect(plan.code).toBe(0);
    expect(JSON.parse(plan.stdout)).toMatchObject({
      changes: [],
      unmanaged: [{ key: "Membership/owner/bo@acme.example" }],
      findings: [{ severity: "warning", code: "member-not-in-git", key: "Group/owner" }],
    });
    expect((await world.rolebook(["drift", "--strict"])).code).toBe(1);
    await world.byHand("POST", "/v1/groups/gOwner1Aq2/members/batch", { remove: ["mBo05Tg6hj"] });
  });

  it("too many removals are refused with the numbers, and the rest still goes through", async () => {
    world.edit(
      "policies/acme/memberships/card-creators.yaml",
      "  - ana@acme.example\n  - bo@acme.example\n",
      "  - yusuf@acme.example\n",
    );
    world.commit("too much");
    const plan = await world.rolebook(["plan", "--format", "json"]);
    expect(plan.code).toBe(1);
    const parsed = JSON.parse(plan.stdout);
    const errors = parsed.findings.filter(({ severity }: { readonly severity: string }) => severity === "error");
    expect(errors.map(({ message }: { readonly message: string }) => message)).toEqual([
      'Group "Card creators" would lose 2 of 5 members; the limit is 1 (the smaller of 34% and 20, at least 1)',
    ]);
    const result = await world.rolebook(["apply", "--approve", parsed.digest]);
    expect(result.code).toBe(1);
    const members = world.simulator.dump().memberships.gCardCr4Dr;
    expect(members).toEqual(expect.arrayContaining(["mAna04Rf5g", "mBo05Tg6hj", "mYusuf13Nm"]));
  });
});

describe("renames", () => {
  it("of a role, a group and a person at once: updates, nobody moves, and the platform keeps its ids", async () => {
    const world = await importedWorld();
    try {
      const before = world.simulator.dump();
      world.edit(
        "policies/acme/roles/card-editor.yaml",
        "name: Card editor",
        "name: Card author\npreviously: Card editor",
      );
      world.edit(
        "policies/acme/groups/card-creators.yaml",
        "name: Card creators",
        "name: Card makers\npreviously: Card creators",
      );
      world.edit("policies/acme/groups/card-creators.yaml", "Card editor", "Card author");
      world.edit("policies/acme/memberships/card-creators.yaml", "group: Card creators", "group: Card makers");
      world.edit("policies/acme/memberships/card-creators.yaml", "bo@acme.example", "bob@acme.example");
      world.edit(
        "policies/acme/members/members.yaml",
        "email: bo@acme.example",
        "email: bob@acme.example\npreviously: bo@acme.example",
      );
      world.commit("renames");
      const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
      expect(plan.changes.map(({ action, key }: { action: string; key: string }) => `${action} ${key}`)).toEqual([
        "update Group/card makers",
        "update Member/bob@acme.example",
        "update Role/card author",
      ]);
      expect(plan.access).toEqual([]);
      const result = await world.rolebook(["apply", "--approve", plan.digest]);
      expect([result.code, result.stderr]).toEqual([0, ""]);
      const after = world.simulator.dump();
      expect(after.memberships).toEqual(before.memberships);
      expect(after.groups.find(({ id }) => id === "gCardCr4Dr")?.name).toBe("Card makers");
      expect(after.members.find(({ id }) => id === "mBo05Tg6hj")?.email).toBe("bob@acme.example");
      expect((await world.rolebook(["plan"])).code).toBe(0);
      world.edit("policies/acme/roles/card-editor.yaml", "\npreviously: Card editor", "");
      world.commit("the rename is history");
      expect((await world.rolebook(["apply"])).code).toBe(0);
    } finally {
      await world.close();
    }
  });

  it("together with a new member and a leaver of the renamed group", async () => {
    const world = await importedWorld(LIMITS);
    try {
      world.edit(
        "policies/acme/groups/card-creators.yaml",
        "name: Card creators",
        "name: Card makers\npreviously: Card creators",
      );
      world.edit("policies/acme/memberships/card-creators.yaml", "group: Card creators", "group: Card makers");
      world.edit("policies/acme/memberships/card-creators.yaml", "  - bo@acme.example\n", "  - yusuf@acme.example\n");
      world.commit("rename, join, leave");
      const plan = JSON.parse((await world.rolebook(["plan", "--format", "json"])).stdout);
      const result = await world.rolebook(["apply", "--approve", plan.digest]);
      expect([result.code, result.stderr]).toEqual([0, ""]);
      const { memberships } = world.simulator.dump();
      expect([...(memberships.gCardCr4Dr ?? [])].sort()).toEqual([
        "mAna04Rf5g",
        "mLars09Ol2",
        "mMei06Yh7k",
        "mPriya08Ik",
        "mYusuf13Nm",
      ]);
    } finally {
      await world.close();
    }
  });
});

describe("temporary access", () => {
  it("ends on the platform after its day, even when Git has not caught up", async () => {
    const world = await importedWorld(LIMITS);
    try {
      world.edit(
        "policies/acme/memberships/card-creators.yaml",
        "  - bo@acme.example\n",
        "  - email: bo@acme.example\n    until: 2099-06-30\n    reason: Contract C-102\n",
      );
      world.commit("bo is here for a while");
      expect((await world.rolebook(["apply"])).code).toBe(0);
      expect((await world.rolebook(["plan", "--now", "2099-06-30T23:59:59Z"])).code).toBe(0);
      const later = await world.rolebook(["plan", "--now", "2099-07-01", "--format", "json"]);
      expect(JSON.parse(later.stdout).changes).toMatchObject([
        { action: "delete", origin: "expiry", key: "Membership/card creators/bo@acme.example" },
      ]);
    } finally {
      await world.close();
    }
  });
});

describe("validate", () => {
  it("needs no platform and no credential, and says where", async () => {
    const world = await createWorld();
    try {
      world.write("policies/rolebook.yaml", settingsFor("http://127.0.0.1:9"));
      world.write(
        "policies/acme/bad.yaml",
        "kind: Group\nname: Broken\nroles: [Card editr]\nenvironments: []\n---\nkind: Role\nname: Card editor\npermissions:\n  Theme: view\n",
      );
      world.write("policies/other/stray.yaml", "kind: Role\n");
      const result = await world.rolebook(["validate", "--format", "json"], {
        environment: { ACME_CLIENT_ID: "", ACME_CLIENT_SECRET: "" },
      });
      expect([result.code, result.stderr]).toEqual([1, ""]);
      const { version, findings } = JSON.parse(result.stdout);
      expect(schemaErrors("findings", { version, findings })).toEqual([]);
      const brief = findings.map(
        ({ code, file, line, column }: { code: string; file: string; line: number; column: number }) =>
          `${file}:${line}:${column} ${code}`,
      );
      expect(brief).toEqual(
        expect.arrayContaining([
          "policies/acme/bad.yaml:3:9 unknown-role",
          "policies/acme/bad.yaml:4:15 empty-environments",
          "policies/other/stray.yaml:1:1 file-of-no-target",
        ]),
      );
      for (const format of ["human", "sarif", "github"])
        expect((await world.rolebook(["validate", "--format", format])).stdout).toContain("Card edit");
    } finally {
      await world.close();
    }
  });

  it("--strict makes warnings count", async () => {
    const world = await createWorld();
    try {
      world.write("policies/rolebook.yaml", settingsFor("http://127.0.0.1:9"));
      world.write("policies/acme/unused.yaml", "kind: Role\nname: Nobody uses me\npermissions:\n  Theme: view\n");
      expect((await world.rolebook(["validate"])).code).toBe(0);
      expect((await world.rolebook(["validate", "--strict"])).code).toBe(1);
    } finally {
      await world.close();
    }
  });
});

describe("when the platform is not what it should be", () => {
  it.each([
    ["not running", "http://127.0.0.1:9", {}, /running|reach|refused/i],
    ["another secret", "", { ACME_CLIENT_SECRET: "wrong-secret-value" }, /ACME_CLIENT_SECRET/],
    ["no secret", "", { ACME_CLIENT_SECRET: "" }, /ACME_CLIENT_SECRET is not set/],
  ] as const)("%s", async (_, url, environment, message) => {
    const world = await createWorld();
    try {
      world.write("policies/rolebook.yaml", settingsFor(url || world.url));
      const result = await world.rolebook(["plan"], { environment });
      expect(result.code).toBe(1);
      expect(result.stdout).toBe("");
      expect(result.stderr).toMatch(message);
      expect(result.stderr).not.toContain("wrong-secret-value");
      expect(result.stderr).not.toContain("    at ");
    } finally {
      await world.close();
    }
  });
});
