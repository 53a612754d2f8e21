// `rolebook doctor` against a fake GitHub whose answers are held against GitHub's own description: a repository in which two-person
// control holds, and then everything, one by one, that would break it.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DoctorJson } from "../../src/report/doctor-json.ts";
import type { Context } from "../../src/run/context.ts";
import { runDoctor } from "../../src/run/doctor.ts";
import { CLIENTS, LOCAL_SECRETS } from "../../src/simulator/server.ts";
import { schemaErrors } from "../report/schema.ts";
import { APPLIED_REF, type Forge, forgeWorld, type HostRun, PEOPLE } from "../support/forge.ts";
import { CREDENTIALS } from "../support/world.ts";

const READER = { ACME_CLIENT_ID: CLIENTS.reader, ACME_CLIENT_SECRET: LOCAL_SECRETS.reader };
const LEDGER = "rolebook/ledger";

let forge: Forge;
beforeAll(async () => {
  forge = await forgeWorld();
  const action = `acme/rolebook@${"0123456789".repeat(4)}`;
  expect((await forge.rolebook(["init", "--action", action])).code).toBe(0);
  expect((await forge.rolebook(["codeowners"])).code).toBe(0);
  forge.commit("workflows");
  forge.git("push", "-q", "origin", "main");
});
afterAll(() => forge?.close());

const review = {
  required_approving_review_count: 1,
  dismiss_stale_reviews_on_push: true,
  require_last_push_approval: true,
  require_code_owner_review: true,
  required_review_thread_resolution: false,
  allowed_merge_methods: ["merge", "squash", "rebase"],
};
const source = { ruleset_source_type: "Repository", ruleset_source: "acme/access", ruleset_id: 1 };
const statuses = (checks: readonly object[]) => ({
  type: "required_status_checks",
  parameters: { required_status_checks: checks, strict_required_status_checks_policy: false },
  ...source,
});
const APP = { context: "rolebook", integration_id: 7 };

function environment(name: string, open = false, rules: readonly object[] = []): object {
  const stamp = "2020-01-01T00:00:00Z";
  const url = `https://github.example/${name}`;
  const policy = open ? null : { protected_branches: false, custom_branch_policies: true };
  return {
    ...{ id: 1, node_id: "E", name, url, html_url: url, created_at: stamp, updated_at: stamp },
    ...{ protection_rules: rules, deployment_branch_policy: policy },
  };
}

function branchRules(parameters: object = review, checks: readonly object[] = [APP]): object[] {
  return [
    { type: "pull_request", parameters, ...source },
    statuses(checks),
    { type: "non_fast_forward", ...source },
    { type: "deletion", ...source },
  ];
}

/** Everything as it should be. */
function guard(): Forge["access"]["settings"] {
  const { settings } = forge.access;
  for (const key of Object.keys(settings.protection)) delete settings.protection[key];
  settings.rules.main = branchRules();
  settings.rules[LEDGER] = [
    { type: "non_fast_forward", ...source },
    { type: "deletion", ...source },
  ];
  const ruleset = { id: 1, name: "guard", source: "acme/access", enforcement: "active", bypass_actors: [] };
  settings.rulesets.splice(0, Number.POSITIVE_INFINITY, ruleset);
  settings.environments.splice(0, 9, environment("rolebook-plan"), environment("rolebook-apply"));
  const policy = { id: 1, node_id: "P", name: "main", type: "branch" };
  for (const name of ["rolebook-plan", "rolebook-apply"]) {
    settings.branchPolicies[name] = [policy];
    settings.environmentSecrets[name] = Object.keys(CREDENTIALS);
  }
  settings.secrets.length = 0;
  settings.organizationSecrets.length = 0;
  settings.actions = { enabled: true, allowed_actions: "all", sha_pinning_required: true };
  settings.workflow = { default_workflow_permissions: "read", can_approve_pull_request_reviews: true };
  for (const login of PEOPLE) settings.collaborators[login] = "write";
  settings.codeownersErrors.length = 0;
  return settings;
}

/** The built command, as people run it. */
async function doctor(run: HostRun = {}): Promise<DoctorJson & { readonly code: number | null }> {
  const { code, stdout, stderr } = await forge.rolebook(["doctor", "--format", "json"], {
    token: "person",
    environment: READER,
    ...run,
  });
  expect(stderr).toBe("");
  const value = JSON.parse(stdout);
  expect(schemaErrors("doctor", value)).toEqual([]);
  return { ...value, code };
}

function wanting({ checks }: DoctorJson): string[] {
  return checks.filter(({ state }) => state !== "ok").map(({ id, state }) => `${id} ${state}`);
}

describe("a guarded repository", () => {
  it("is proved to be one, by looking alone", async () => {
    guard();
    forge.github.clearRequests();
    forge.simulator.counters.reset();
    const found = await doctor();
    expect(wanting(found)).toEqual([]);
    expect([found.code, found.proved]).toEqual([0, true]);
    expect(forge.github.requests({ writes: true })).toEqual([]);
    expect(forge.simulator.counters.view().writes).toEqual([]);
    const { stdout } = await forge.rolebook(["doctor"], { token: "person", environment: READER });
    expect(stdout).toMatch(/^Two-person control holds\.\n/);
  });
});

/** The same in this process, many times as fast. */
async function look(environment: Readonly<Record<string, string>> = {}): Promise<DoctorJson> {
  let shown = "";
  const context: Context = {
    cwd: forge.dir,
    environment: { ...process.env, ...forge.environment("person"), ...READER, ...environment },
    now: () => new Date("2026-11-22T12:00:00Z"),
    out: (text) => {
      shown += text;
    },
    err: () => {},
    terminal: { stdin: false, stdout: false, stderr: false, color: false, width: 80 },
    ask: async () => false,
    onStop: () => () => {},
    version: "0.0.0",
    build: undefined,
  };
  await runDoctor(context, { policies: "policies", format: "json", strict: false });
  return JSON.parse(shown);
}

describe("what breaks it is found, and nothing else", () => {
  type Settings = ReturnType<typeof guard>;
  const parameters = (change: object) => (settings: Settings) => {
    settings.rules.main = branchRules({ ...review, ...change });
  };
  const without = (branch: string, type: string) => (settings: Settings) => {
    settings.rules[branch] = (settings.rules[branch] ?? []).filter((rule) => !("type" in rule && rule.type === type));
  };
  const bypass = (actors: object[] | undefined) => (settings: Settings) => {
    const { bypass_actors: _all, ...rest } = settings.rulesets[0] as Record<string, unknown>;
    settings.rulesets[0] = actors === undefined ? rest : { ...rest, bypass_actors: actors };
  };
  const admin = { actor_id: 5, actor_type: "RepositoryRole", bypass_mode: "always" };
  const cases: readonly (readonly [string, (settings: Settings) => void, readonly string[]])[] = [
    ["no review", parameters({ required_approving_review_count: 0 }), ["branch.reviews gap", "branch.bypass gap"]],
    ["stale reviews count", parameters({ dismiss_stale_reviews_on_push: false }), ["branch.stale gap"]],
    ["reviewers push", parameters({ require_last_push_approval: false }), ["branch.push gap"]],
    ["code owners are not asked", parameters({ require_code_owner_review: false }), ["branch.owners gap"]],
    [
      "no pull request",
      without("main", "pull_request"),
      ["branch.reviews gap", "branch.stale gap", "branch.push gap", "branch.bypass gap", "branch.owners gap"],
    ],
    ["no check", without("main", "required_status_checks"), ["branch.check gap", "branch.app gap"]],
    [
      "another check",
      (settings) => {
        settings.rules.main = branchRules(review, [{ context: "build", integration_id: 7 }]);
      },
      ["branch.check gap", "branch.app gap"],
    ],
    [
      "anybody's check",
      (settings) => {
        settings.rules.main = branchRules(review, [{ context: "rolebook" }]);
      },
      ["branch.app gap"],
    ],
    ["force pushes", without("main", "non_fast_forward"), ["branch.force gap"]],
    ["deletion", without("main", "deletion"), ["branch.deletion gap"]],
    ["the ledger is rewritten", without(LEDGER, "non_fast_forward"), ["ledger.force gap"]],
    ["the ledger is deleted", without(LEDGER, "deletion"), ["ledger.deletion gap"]],
    [
      "the ledger is closed",
      (settings) => {
        settings.rules[LEDGER] = [
          ...(settings.rules[LEDGER] ?? []),
          { type: "pull_request", parameters: review, ...source },
        ];
      },
      ["ledger.open gap"],
    ],
    ["administrators go around", bypass([admin]), ["branch.bypass gap"]],
    ["who goes around is hidden", bypass(undefined), ["branch.bypass unknown"]],
    [
      "an environment for all branches",
      (settings) => {
        settings.environments[0] = environment("rolebook-plan", true);
      },
      ["environment.plan gap"],
    ],
    [
      "an environment for more branches",
      (settings) => {
        settings.branchPolicies["rolebook-apply"] = [{ id: 2, node_id: "P", name: "*", type: "branch" }];
      },
      ["environment.apply gap"],
    ],
    [
      "jobs that wait",
      (settings) => {
        const rule = { id: 1, node_id: "R", type: "required_reviewers", prevent_self_review: false, reviewers: [] };
        settings.environments[1] = environment("rolebook-apply", false, [rule]);
      },
      ["environment.apply.waits gap"],
    ],
    [
      "no environment",
      (settings) => {
        settings.environments.pop();
      },
      ["environment.apply gap"],
    ],
    [
      "a secret is missing",
      (settings) => {
        settings.environmentSecrets["rolebook-apply"] = [];
      },
      ["environment.apply.secrets gap"],
    ],
    [
      "a secret of the repository",
      (settings) => {
        settings.secrets.push("ACME_CLIENT_SECRET");
      },
      ["secrets.open gap"],
    ],
    [
      "a secret of the organization",
      (settings) => {
        settings.organizationSecrets.push("ACME_CLIENT_SECRET");
      },
      ["secrets.open gap"],
    ],
    [
      "tokens that write",
      (settings) => {
        settings.workflow = { ...settings.workflow, default_workflow_permissions: "write" };
      },
      ["actions.token gap"],
    ],
    [
      "no pull requests by Actions",
      (settings) => {
        settings.workflow = { ...settings.workflow, can_approve_pull_request_reviews: false };
      },
      ["actions.pulls gap"],
    ],
    [
      "actions by tag",
      (settings) => {
        settings.actions = { ...settings.actions, sha_pinning_required: false };
      },
      ["actions.pinned gap"],
    ],
    [
      "an owner who may not write",
      (settings) => {
        settings.collaborators.hana = "read";
      },
      ["people.logins gap"],
    ],
    [
      "errors in CODEOWNERS",
      (settings) => {
        settings.codeownersErrors.push({
          line: 1,
          column: 1,
          kind: "Unknown owner",
          path: ".github/CODEOWNERS",
          message: "x",
          source: "* @x",
          suggestion: null,
        });
      },
      ["codeowners gap"],
    ],
  ];

  it.each(cases)("%s", async (_name, spoil, expected) => {
    const settings = guard();
    spoil(settings);
    const found = await look();
    expect(wanting(found).sort()).toEqual([...expected].sort());
    expect(found.checks.filter(({ state }) => state !== "ok").every(({ fix }) => fix !== null)).toBe(true);
    const helps = [
      "branch.owners gap",
      "ledger.open gap",
      "environment.apply.secrets gap",
      "environment.apply.waits gap",
      "actions.pulls gap",
      "actions.pinned gap",
      "people.logins gap",
      "codeowners gap",
    ];
    expect(found.proved).toBe(expected.every((one) => helps.includes(one)));
  });

  it("CODEOWNERS that others have a say in, that is old, or that is not there", async () => {
    guard();
    const path = ".github/CODEOWNERS";
    const text = forge.read(path);
    const told = async () => {
      const { checks, proved } = await look();
      return [proved, ...checks.filter(({ state }) => state !== "ok").map(({ id, message }) => `${id}: ${message}`)];
    };
    try {
      forge.write(path, `${text}/policies/ @olu\n`);
      expect(await told()).toEqual([true, expect.stringMatching(/^codeowners.fresh: .* has rules after Rolebook's/)]);
      forge.write(path, text.replaceAll("@noor", ""));
      expect(await told()).toEqual([true, expect.stringMatching(/^codeowners.fresh: .* is not what the settings say/)]);
      forge.write(path, text.replace("# END rolebook", ""));
      expect(await told()).toEqual([true, expect.stringMatching(/^codeowners.fresh: CODEOWNERS could not be judged/)]);
    } finally {
      forge.write(path, text);
    }
    expect(await told()).toEqual([true]);
  });

  it("classic branch protection does as well, and says who is above it", async () => {
    const settings = guard();
    settings.rules.main = [];
    const protection = {
      url: "https://github.example/p",
      required_pull_request_reviews: {
        url: "https://github.example/p",
        dismiss_stale_reviews: true,
        require_code_owner_reviews: true,
        required_approving_review_count: 1,
        require_last_push_approval: true,
      },
      required_status_checks: {
        url: "x",
        contexts: ["rolebook"],
        checks: [{ context: "rolebook", app_id: 7 }],
        contexts_url: "x",
      },
      enforce_admins: { url: "https://github.example/p", enabled: true },
      allow_force_pushes: { enabled: false },
      allow_deletions: { enabled: false },
    };
    settings.protection.main = protection;
    expect(wanting(await look())).toEqual([]);
    settings.protection.main = { ...protection, enforce_admins: { url: "https://github.example/p", enabled: false } };
    expect(wanting(await look())).toEqual(["branch.bypass gap"]);
  });

  it("a credential that can write, and one that is not there", async () => {
    guard();
    expect(wanting(await look(CREDENTIALS))).toEqual(["credential.reads gap"]);
    expect(wanting(await look({ ACME_CLIENT_ID: "" }))).toEqual(["credential.reads unknown"]);
  });

  it("what a job of Actions may not see is not known, and never taken for well", async () => {
    guard();
    const found = await look({ GITHUB_TOKEN: forge.access.tokens.read });
    expect(found.proved).toBe(false);
    expect(wanting(found)).toEqual(
      expect.arrayContaining(["secrets.open unknown", "actions.token unknown", "identity.app gap"]),
    );
    expect(wanting(found).filter((one) => one.endsWith("gap"))).toEqual(["identity.app gap"]);
    forge.access.settings.rules.main = [];
    const blind = wanting(await look({ GITHUB_TOKEN: forge.access.tokens.read }));
    expect(blind).toEqual(expect.arrayContaining(["branch.reviews unknown", "branch.force unknown"]));
  });

  it("a moved applied ref, a changed workflow, and a credential in another workflow", async () => {
    guard();
    const main = forge.access.tip("main") ?? "";
    const applied = forge.atOrigin(APPLIED_REF) ?? "";
    forge.git("push", "-q", "--force", "origin", `${main}:${APPLIED_REF}`);
    expect(wanting(await look())).toEqual(["applied.recorded gap"]);
    forge.git("push", "-q", "--force", "origin", `${applied}:${APPLIED_REF}`);
    forge.git("update-ref", APPLIED_REF, applied);
    expect(wanting(await look())).toEqual([]);

    forge.edit(".github/workflows/plan.yml", "pull_request_target:", "pull_request:");
    forge.write(".github/workflows/more.yml", `env:\n  X: \${{ secrets.ACME_CLIENT_SECRET }}\n`);
    forge.commit("more");
    expect(wanting(await look())).toEqual(["workflows.credentials gap", "workflows.ours gap"]);
    forge.edit(".github/workflows/apply.yml", `@${"0123456789".repeat(4)}`, "@main");
    forge.git("rm", "-q", ".github/workflows/drift.yml");
    forge.commit("less");
    expect(wanting(await look())).toEqual(expect.arrayContaining(["workflows.pinned gap", "workflows.there gap"]));
    forge.update();
  });

  it("owners that nobody can reach", async () => {
    guard();
    const text = forge.read("policies/rolebook.yaml");
    forge.edit("policies/rolebook.yaml", "  noor: [noor@acme.example]\n", "");
    forge.commit("one owner");
    expect(wanting(await look())).toEqual(["people.enough gap", "people.owners gap", "codeowners.fresh gap"]);
    forge.write("policies/rolebook.yaml", text.replace("noor: [", "noor: [hana@acme.example, "));
    forge.commit("one person");
    expect(wanting(await look())).toEqual(["people.distinct gap"]);
    forge.write("policies/rolebook.yaml", text.replace("noor: [noor@", "hana2: [noor@"));
    forge.commit("somebody else");
    expect(wanting(await look())).toEqual(["people.logins gap", "codeowners.fresh gap"]);
    forge.update();
  });
});

describe("what is shown", () => {
  it("is the verdict first, and exit 1 for a gap", async () => {
    guard().secrets.push("ACME_CLIENT_SECRET");
    const { code, stdout } = await forge.rolebook(["doctor"], { token: "person", environment: READER });
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^Two-person control does not hold: 1 gap\.\n\ngap {6}ACME_CLIENT_SECRET can be read by every workflow/,
    );
    expect(stdout).toContain("fix: Move them into the environments: gh secret delete");
  });

  it("counts what is not known only when it is strict", async () => {
    guard();
    const run = { token: "write", environment: READER } as const;
    const [lax, strict] = await Promise.all([
      forge.rolebook(["doctor"], run),
      forge.checkout().rolebook(["doctor", "--strict"], run),
    ]);
    expect([lax.code, strict.code]).toEqual([0, 1]);
    expect(lax.stdout).toMatch(
      /^It is not proved that two-person control holds: \d+ things that could not be looked at\./,
    );
  });

  it("is harmless, whatever things are called", async () => {
    const settings = guard();
    const name = "evil\u001b[31m\u202e::error::x";
    settings.rulesets[0] = { ...settings.rulesets[0], name, bypass_actors: [] };
    settings.rules[LEDGER] = [...(settings.rules[LEDGER] ?? []), { type: "update", ...source }];
    const { stdout } = await forge.rolebook(["doctor"], { token: "person", environment: READER });
    expect(stdout).toContain("evil<U+001B>[31m<U+202E>:");
    expect(stdout).not.toMatch(/[\u001b\u202e]|::error/);
  });
});
