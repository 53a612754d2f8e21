// The workflows at work: each job's checkout and script as the runner would have them, with a token of exactly the permissions that
// the job asks for and the secrets of its environment alone, over the simulator and a fake GitHub that refuses everything else.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { APPLY_ENVIRONMENT, PLAN_ENVIRONMENT, workflowFiles } from "../../src/run/init-workflows.ts";
import { CLIENTS, LOCAL_SECRETS } from "../../src/simulator/server.ts";
import { APPLIED_REF, type Forge, forgeWorld } from "../support/forge.ts";
import { CREDENTIALS, MAIN } from "../support/world.ts";
import { environmentOf, parseWorkflow } from "../workflows/rules.ts";
import { openRunner, type Ran } from "../workflows/shell.ts";

const READER = { ACME_CLIENT_ID: CLIENTS.reader, ACME_CLIENT_SECRET: LOCAL_SECRETS.reader };
const SECRETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [PLAN_ENVIRONMENT]: READER,
  [APPLY_ENVIRONMENT]: CREDENTIALS,
};
const FILES = workflowFiles({ action: "./.github/actions/rolebook", variables: Object.keys(READER) });
const ROLE = "policies/acme/roles/card-editor.yaml";

let forge: Forge;
beforeEach(async () => {
  forge = await forgeWorld({ target: "    drift: propose\n    breakGlass: [tomas@acme.example]\n" });
  forge.simulator.counters.reset();
});
afterEach(() => forge?.close());

interface Start {
  readonly event: string;
  readonly payload?: object;
  readonly actor?: string;
  /** Values of expressions besides the token and the secrets; those that a run of this event leaves empty are "". */
  readonly expressions?: Readonly<Record<string, string>>;
}

/** Runs the one job of a workflow. The result is of its step that runs Rolebook. */
async function runJob(name: "plan" | "apply" | "drift", start: Start): Promise<Ran> {
  const [job] = Object.values(parseWorkflow(FILES[`${name}.yml`] ?? "").jobs);
  const steps = job?.steps ?? [];
  const checkout = steps.find(({ uses }) => uses?.startsWith("actions/checkout@"));
  const step = steps.find(({ run }) => run !== undefined);
  if (!job || !checkout || !step) throw new Error(`${name}.yml has another shape`);
  const permissions = Object.entries(job.permissions as Readonly<Record<string, "read" | "write">>);
  const token = forge.github.token({
    name,
    permissions: {
      metadata: "read",
      ...Object.fromEntries(permissions.map(([key, value]) => [key.replace("-", "_"), value])),
    },
    repository: forge.access.name,
  });
  const secrets = SECRETS[environmentOf(job) ?? ""] ?? {};
  const runner = openRunner();
  const bin = join(runner.temp, "bin");
  mkdirSync(bin);
  symlinkSync(MAIN, join(bin, "rolebook"));
  const event = join(runner.temp, "event.json");
  writeFileSync(event, JSON.stringify(start.payload ?? {}));
  const expressions = {
    "github.token": token,
    ...Object.fromEntries(Object.entries(secrets).map(([key, value]) => [`secrets.${key}`, value])),
    ...start.expressions,
  };
  const environment = {
    ...forge.environment("none"),
    PATH: `${bin}:${process.env.PATH}`,
    GITHUB_ACTIONS: "true",
    GITHUB_ACTOR: start.actor ?? "hana",
    GITHUB_EVENT_NAME: start.event,
    GITHUB_EVENT_PATH: event,
    GITHUB_REF: "refs/heads/main",
    GITHUB_STEP_SUMMARY: join(runner.temp, "summary.md"),
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
  };
  const { dir } = forge.checkout({ depth: checkout.with?.["fetch-depth"] === 0 ? 0 : 1 });
  const ran = await runner.run(step, expressions, { cwd: dir, environment });
  for (const secret of [token, secrets.ACME_CLIENT_SECRET ?? ""])
    expect(`${ran.stdout}${ran.stderr}`).not.toContain(secret);
  return ran;
}

const PULL = "github.event.pull_request.number || inputs.pull-request || 'all'";
const planOf = (number: number) =>
  runJob("plan", {
    event: "pull_request_target",
    payload: { pull_request: { number } },
    expressions: { [PULL]: String(number) },
  });
const planAll = () => runJob("plan", { event: "workflow_run", expressions: { [PULL]: "all" } });
const apply = (reason = "", actor = "hana") =>
  runJob("apply", {
    event: reason === "" ? "push" : "workflow_dispatch",
    actor,
    expressions: { "inputs.break-glass": reason, "inputs.target": "" },
  });
const drift = () => runJob("drift", { event: "schedule" });

const fine = { code: 0, stderr: expect.not.stringMatching(/error|failed/i) };
const writes = () => forge.simulator.counters.view().writes.length;
const lastCheck = (number: number) => forge.access.checks(forge.access.pull(number).head.commit, "rolebook").at(-1);

function propose(): number {
  const edit = (desk: { edit: (path: string, from: string, to: string) => void }) =>
    desk.edit(ROLE, "Card template: edit", "Card template: admin");
  return forge.propose({ login: "ana", branch: "widen", edit });
}

describe("the workflows", () => {
  it("plan, see it approved, apply it once merged", async () => {
    const number = propose();
    expect(await planOf(number)).toMatchObject(fine);
    expect(lastCheck(number)?.conclusion).toBe("action_required");
    expect(forge.access.comments(number)).toHaveLength(1);
    forge.access.review({ number, login: "hana" });
    expect(await planAll()).toMatchObject(fine);
    expect(lastCheck(number)?.conclusion).toBe("success");
    expect(writes()).toBe(0);
    const merged = forge.access.merge({ number, login: "hana" });
    expect(await apply()).toMatchObject(fine);
    expect(writes()).toBe(1);
    expect(forge.atOrigin(APPLIED_REF)).toBe(merged);
  });

  it("hold what nobody approved, and apply it when somebody does", async () => {
    const number = propose();
    expect(await planOf(number)).toMatchObject(fine);
    forge.access.merge({ number, login: "hana" });
    expect(await apply()).toMatchObject(fine);
    expect(writes()).toBe(0);
    expect(forge.access.issues().filter(({ state }) => state === "open")).toHaveLength(1);
    forge.access.review({ number, login: "noor" });
    expect(await apply()).toMatchObject(fine);
    expect(writes()).toBe(1);
    expect(forge.access.issues().filter(({ state }) => state === "open")).toHaveLength(0);
  });

  it("propose drift, and plan the pull request of their own making", async () => {
    await forge.byHand("POST", "/v1/groups/gCardPb5Et/members/batch", { add: ["mRavi11Xc4"], remove: [] });
    forge.simulator.counters.reset();
    expect(await drift()).toMatchObject({ code: 0 });
    const pull = forge.access.pulls().find(({ head }) => head.branch === "rolebook/drift/acme");
    if (!pull) throw new Error("there is no pull request of the drift");
    expect(lastCheck(pull.number)).toBeUndefined();
    expect(await planAll()).toMatchObject(fine);
    // What it adopts gives somebody more.
    expect(lastCheck(pull.number)?.conclusion).toBe("action_required");
    forge.access.review({ number: pull.number, login: "noor" });
    expect(await planAll()).toMatchObject(fine);
    expect(lastCheck(pull.number)?.conclusion).toBe("success");
    const merged = forge.access.merge({ number: pull.number, login: "hana" });
    expect(await apply()).toMatchObject(fine);
    expect(forge.atOrigin(APPLIED_REF)).toBe(merged);
    expect(writes()).toBe(0);
  });

  it("apply in an emergency, for those alone whom the settings name", async () => {
    forge.pushToMain("ana", (desk) => desk.edit(ROLE, "Card template: edit", "Card template: admin"));
    expect(await apply()).toMatchObject(fine);
    expect((await apply("the platform burns; $(touch owned)", "ana")).code).toBe(1);
    expect(writes()).toBe(0);
    const ran = await apply("the platform burns; $(touch owned)", "tomas");
    expect(ran).toMatchObject(fine);
    expect(writes()).toBe(1);
    expect(forge.access.issues().some(({ title, body }) => `${title}${body}`.includes("the platform burns"))).toBe(
      true,
    );
  });

  it("plan what comes from a fork, by the rules of the default branch", async () => {
    const fork = forge.access.fork("stranger");
    const desk = forge.desk("stranger");
    desk.git("checkout", "-q", "-B", "more", "origin/main");
    desk.edit(ROLE, "Card template: edit", "Card template: admin");
    desk.write(".github/workflows/plan.yml", "on: pull_request_target\njobs: {}\n");
    desk.commit("more");
    desk.git("push", "-q", fork.bare, "more");
    const number = forge.access.openPull({ head: "more", author: "stranger", from: fork });
    expect(await planOf(number)).toMatchObject(fine);
    expect(lastCheck(number)?.conclusion).toBe("action_required");
    expect(writes()).toBe(0);
  });
});
