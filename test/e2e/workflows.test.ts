// The workflows at work: each job's checkout and script as the runner would have them, with a token of exactly the permissions that
// the job asks for and the secrets of its environment alone, over the simulator and a fake GitHub that refuses everything else.
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { APPLY_ENVIRONMENT, PLAN_ENVIRONMENT, workflowFiles } from "../../src/run/init-workflows.ts";
import { CLIENTS, LOCAL_SECRETS } from "../../src/simulator/server.ts";
import { campaignDesk } from "../support/campaign.ts";
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
  /** Instead of those of the job's environment. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Of the workflow, instead of the one that `init` makes here. */
  readonly text?: string;
}

/** What a job's step that runs Rolebook came to, and where it ran. */
interface Done extends Ran {
  readonly temp: string;
  readonly dir: string;
}

/** Runs a job of a workflow, the first one unless it is named. The result is of its step that runs Rolebook. */
async function runJob(name: string, start: Start, named?: string): Promise<Done> {
  const { jobs } = parseWorkflow(start.text ?? FILES[`${name}.yml`] ?? "");
  const job = named === undefined ? Object.values(jobs)[0] : jobs[named];
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
  const secrets = start.secrets ?? SECRETS[environmentOf(job) ?? ""] ?? {};
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
  return { ...ran, temp: runner.temp, dir };
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

describe("the workflow of access reviews", () => {
  const REVIEW = `kind: Review
name: spring
scope: { targets: [acme], groups: [Card creators] }
reviewers: { from: named, named: [olu@acme.example, mei@acme.example], fallback: [hana@acme.example] }
due: 2031-12-31
`;
  /** As \`rolebook init --action\` writes it for somebody else's repository. */
  let written: string;
  beforeEach(async () => {
    const action = `acme/rolebook@${"a".repeat(40)}`;
    const elsewhere = forge.checkout();
    expect(await elsewhere.rolebook(["init", "--action", action])).toMatchObject({ code: 0 });
    written = elsewhere.read(".github/workflows/review.yml");
    forge.pushToMain("hana", (desk) => desk.write("policies/reviews/spring.yaml", REVIEW));
    expect(await apply()).toMatchObject(fine);
  });

  const campaigns = (event: string, payload: object = {}, secrets?: Readonly<Record<string, string>>) =>
    runJob("review", { event, payload, text: written, ...(secrets ? { secrets } : {}) }, "campaigns");
  const report = (secrets?: Readonly<Record<string, string>>) =>
    runJob("review", { event: "schedule", text: written, ...(secrets ? { secrets } : {}) }, "report");
  const comments = (number: number, what: string) =>
    forge.access.comments(number).filter(({ body }) => body.startsWith(`<!-- rolebook:review-${what}`));
  const check = (number: number) =>
    forge.access.checks(forge.access.pull(number).head.commit, "rolebook-review").at(-1)?.conclusion;

  it("is the same here and elsewhere, but for where Rolebook comes from and what platforms need", () => {
    const ours = parseWorkflow(readFileSync(join(import.meta.dirname, "../../.github/workflows/review.yml"), "utf8"));
    const theirs = parseWorkflow(written);
    const bare = ({ jobs, ...rest }: typeof ours) => ({
      ...rest,
      jobs: Object.entries(jobs).map(([name, { steps = [], ...job }]) => [
        name,
        job,
        steps.map(({ uses, env: _, ...step }) => (uses?.includes("rolebook") ? "rolebook" : { uses, ...step })),
      ]),
    });
    expect(bare(theirs)).toEqual(bare(ours));
    for (const job of Object.values(theirs.jobs)) expect(environmentOf(job)).toBe(PLAN_ENVIRONMENT);
  });

  it("reports in three files of one reading", async () => {
    forge.simulator.counters.reset();
    const done = await report();
    expect(done).toMatchObject(fine);
    const folder = join(done.temp, "review");
    expect(readdirSync(folder).sort()).toEqual(["csv", "html", "json"].map((ending) => `access-review.${ending}`));
    const read = (ending: string) => readFileSync(join(folder, `access-review.${ending}`), "utf8");
    expect(JSON.parse(read("json")).rows.length).toBeGreaterThan(100);
    expect(read("csv")).toMatch(/^AccessReviewId,/);
    expect(read("html")).toMatch(/^<!doctype html>.*<\/html>\s*$/is);
    const keep = parseWorkflow(written).jobs.report?.steps?.at(-1);
    expect(keep?.with).toMatchObject({ path: `\${{ runner.temp }}/review` });
    const { requests, writes } = forge.simulator.counters.view();
    expect([requests["GET /v1/roles"], requests["GET /v1/groups"], writes]).toEqual([1, 1, []]);
  });

  it("fails when a platform cannot be read, and leaves no file that looks like a report", async () => {
    const wrong = { ...READER, ACME_CLIENT_SECRET: "not-the-one-that-it-knows" };
    const done = await report(wrong);
    expect(done.code).toBe(1);
    expect(readdirSync(join(done.temp, "review"))).toEqual([]);
    expect((await campaigns("schedule", {}, wrong)).code).toBe(1);
    expect(forge.access.pulls()).toEqual([]);
  });

  it("takes a campaign from its first day to its evidence, and could not write to a platform", async () => {
    const desk = campaignDesk(forge, "spring");
    expect(await campaigns("schedule")).toMatchObject(fine);
    expect(comments(desk.pull(), "reminder")).toHaveLength(1);
    expect(check(desk.pull())).toBe("action_required");
    expect(await campaigns("schedule")).toMatchObject(fine);
    for (const what of ["reminder", "status"]) expect(comments(desk.pull(), what)).toHaveLength(1);

    for (const login of ["olu", "mei"])
      desk.decide(login, ({ member, entry }) =>
        member === "bo@acme.example" ? ["revoke", "Moved to sales"] : ["keep", `Looked at ${entry}`],
      );
    const event = { pull_request: { number: desk.pull() } };
    expect(await campaigns("pull_request_target", event)).toMatchObject(fine);
    for (const login of ["olu", "mei"]) desk.approve(login);
    expect(await campaigns("workflow_run")).toMatchObject(fine);
    expect(check(desk.pull())).toBe("success");

    forge.access.merge({ number: desk.pull(), login: "hana" });
    expect(await campaigns("pull_request_target", event)).toMatchObject(fine);
    const changes = desk.changes() ?? 0;
    expect(await planAll()).toMatchObject(fine);
    expect(lastCheck(changes)?.conclusion).toBe("action_required");
    forge.access.review({ number: changes, login: "hana" });
    expect(await planAll()).toMatchObject(fine);
    forge.access.merge({ number: changes, login: "hana" });
    expect(await campaigns("pull_request_target", { pull_request: { number: changes } })).toMatchObject(fine);
    expect([desk.recorded("evidence/manifest.json"), writes()]).toEqual([undefined, 0]);
    expect(await apply()).toMatchObject(fine);
    expect(writes()).toBe(1);
    expect(await campaigns("workflow_run")).toMatchObject(fine);
    const clone = forge.checkout({ depth: 0 });
    clone.git("fetch", "-q", "origin", "rolebook/ledger:rolebook/ledger");
    expect(await clone.rolebook(["review", "verify", "spring"])).toMatchObject({ code: 0, stderr: "" });
    expect(writes()).toBe(1);
  });

  it("runs nothing that a branch or a title says", async () => {
    const branch = `rolebook/review/spring;touch\${IFS}owned;$(touch\${IFS}owned)\`touch\${IFS}owned\`"'|touch`;
    const title = `"; touch owned; $(touch owned) \`touch owned\` \${{ secrets.ACME_CLIENT_SECRET }} ' --quiet`;
    expect(await campaigns("schedule")).toMatchObject(fine);
    const edit = (desk: { write: (path: string, text: string) => void }) => desk.write("notes.md", title);
    const number = forge.propose({ login: "ana", branch, title, edit });
    const payload = {
      pull_request: { number, title, head: { ref: branch, repo: { full_name: forge.access.name } } },
      workflow_run: { head_branch: branch, display_title: title },
    };
    for (const event of ["pull_request_target", "workflow_run"]) {
      const done = await campaigns(event, payload);
      expect(done).toMatchObject(fine);
      for (const folder of [done.temp, done.dir]) expect(existsSync(join(folder, "owned"))).toBe(false);
    }
    forge.access.merge({ number, login: "hana" });
    expect(await campaigns("pull_request_target", payload)).toMatchObject(fine);
    expect(forge.access.comments(number)).toEqual([]);
  });
});
