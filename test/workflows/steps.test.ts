// The scripts of the workflows' steps, really run: what they call with which arguments, whatever anybody has typed, and
// what they make of its exit code. And the composite action's, which leaves the command on the PATH.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import packageJson from "../../package.json" with { type: "json" };
import { parseWorkflow, type Step } from "./rules.ts";
import { openRunner, type Runner } from "./shell.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function read(path: string): string {
  return readFileSync(join(ROOT, ".github", path), "utf8");
}

/** The one step of a workflow's job that runs Rolebook; of its first job unless it is named. */
function stepOf(name: string, named?: string): Step {
  const { jobs } = parseWorkflow(read(`workflows/${name}.yml`));
  const job = named === undefined ? Object.values(jobs)[0] : jobs[named];
  const steps = job?.steps?.filter(({ run }) => run !== undefined) ?? [];
  expect(steps).toHaveLength(1);
  return steps[0] as Step;
}

/** A `rolebook` that writes its arguments, one a line, and exits as it is told, or as a line of shell says. */
function withCommand(runner: Runner, code: number | string): { readonly environment: Record<string, string> } {
  const bin = join(runner.temp, "bin");
  mkdirSync(bin, { recursive: true });
  const says = `printf '%s\\n' "$@" > "$RUNNER_TEMP/called"\necho "$*" >> "$RUNNER_TEMP/calls"`;
  const ends = typeof code === "number" ? `exit ${code}` : code;
  writeFileSync(join(bin, "rolebook"), `#!/bin/bash\n${says}\n${ends}\n`, { mode: 0o755 });
  return { environment: { PATH: `${bin}:${process.env.PATH}` } };
}

const SECRETS = {
  "github.token": "t",
  "secrets.ACME_CLIENT_ID": "i",
  "secrets.ACME_CLIENT_SECRET": "s",
  "secrets.VAULT_CLIENT_ID": "j",
  "secrets.VAULT_CLIENT_SECRET": "v",
};
const HOSTILE = `x"; touch owned; $(touch owned) \`touch owned\` ' --merged`;
const PULL = "github.event.pull_request.number || inputs.pull-request || 'all'";

/** Exit code of the command -> of the step. */
const CODES = [
  [0, 0],
  [2, 0],
  [1, 1],
  [64, 64],
  [70, 70],
] as const;

describe("the steps", () => {
  const given = {
    plan: { ...SECRETS, [PULL]: "7" },
    drift: SECRETS,
    apply: { ...SECRETS, "inputs.break-glass": "", "inputs.target": "" },
  };

  it.each(["plan", "drift", "apply"] as const)(
    "%s: a held or missing approval, or drift, is no failure",
    async (name) => {
      for (const [code, expected] of CODES) {
        const runner = openRunner();
        const { code: ended, stderr } = await runner.run(stepOf(name), given[name], withCommand(runner, code));
        expect([code, ended, stderr]).toEqual([code, expected, ""]);
      }
    },
  );

  it("call the commands with what they were given, and run none of it", async () => {
    const called = async (name: string, expressions: Readonly<Record<string, string>>) => {
      const runner = openRunner();
      const { code } = await runner.run(stepOf(name), { ...SECRETS, ...expressions }, withCommand(runner, 0));
      expect(code).toBe(0);
      expect(() => readFileSync(join(runner.temp, "owned"))).toThrow("ENOENT");
      return readFileSync(join(runner.temp, "called"), "utf8").replaceAll(runner.temp, "TEMP").split("\n").slice(0, -1);
    };
    expect(await called("drift", {})).toEqual(["drift", "--propose"]);
    expect(await called("plan", { [PULL]: HOSTILE })).toEqual([
      "plan",
      `--pull-request=${HOSTILE}`,
      "--format=markdown",
      "--output=TEMP/plan.md",
    ]);
    const apply = (reason: string, target: string) =>
      called("apply", { "inputs.break-glass": reason, "inputs.target": target });
    expect(await apply("", "")).toEqual(["apply", "--merged"]);
    expect(await apply("", "acme")).toEqual(["apply", "--merged", "--target=acme"]);
    expect(await apply(HOSTILE, HOSTILE)).toEqual(["apply", `--break-glass=${HOSTILE}`, `--target=${HOSTILE}`]);
    expect(await apply("--merged", "")).toEqual(["apply", "--break-glass=--merged"]);
  });

  it("apply: an emergency is not run again under the first one's name", async () => {
    const runner = openRunner();
    const { environment } = withCommand(runner, 0);
    const again = { environment: { ...environment, GITHUB_RUN_ATTEMPT: "2" } };
    const step = stepOf("apply");
    const emergency = { ...given.apply, "inputs.break-glass": "the platform burns" };
    expect(await runner.run(step, emergency, again)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining("::error::"),
    });
    expect(() => readFileSync(join(runner.temp, "called"))).toThrow("ENOENT");
    expect((await runner.run(step, given.apply, again)).code).toBe(0);
  });
});

describe("the steps of access reviews", () => {
  const calls = (runner: Runner) => {
    const text = readFileSync(join(runner.temp, "calls"), "utf8");
    return text.replaceAll(runner.temp, "TEMP").split("\n").slice(0, -1);
  };
  const campaigns = async (event: string, ends: number | string) => {
    const runner = openRunner();
    const { environment } = withCommand(runner, ends);
    const given = { environment: { ...environment, GITHUB_EVENT_NAME: event } };
    const { code, stderr } = await runner.run(stepOf("review", "campaigns"), SECRETS, given);
    expect(stderr).toBe("");
    return { code, calls: calls(runner) };
  };

  it("report: reads once for every format, and fails when that fails", async () => {
    for (const code of [0, 1, 64, 70]) {
      const runner = openRunner();
      expect((await runner.run(stepOf("review", "report"), SECRETS, withCommand(runner, code))).code).toBe(code);
      const outputs = ["html", "json", "csv"].map((ending) => `--output=TEMP/review/access-review.${ending}`);
      expect(calls(runner)).toEqual([`review ${outputs.join(" ")}`]);
    }
  });

  it("campaigns: begin and remind by the clock or by hand alone, look and close whatever happened", async () => {
    const followed = ["review status", "review close"];
    const whole = ["review start --due", "review remind", ...followed];
    for (const event of ["schedule", "workflow_dispatch"])
      expect(await campaigns(event, 0)).toEqual({ code: 0, calls: whole });
    for (const event of ["pull_request_target", "workflow_run"])
      expect(await campaigns(event, 2)).toEqual({ code: 0, calls: followed });
  });

  it("campaigns: each is tried, and one failure is a failure of the run", async () => {
    for (const failing of ["start", "remind", "status", "close"])
      for (const code of [1, 64, 70]) {
        const ran = await campaigns("schedule", `if [ "$2" = ${failing} ]; then exit ${code}; fi; exit 2`);
        expect([failing, ran.code, ran.calls.length]).toEqual([failing, code, 4]);
      }
  });
});

describe("the conditions of access reviews", () => {
  const { jobs } = parseWorkflow(read("workflows/review.yml"));
  const MAIN = "refs/heads/main";
  /** Which jobs run: their conditions, as GitHub computes them, for which JavaScript is near enough. */
  const runs = (event: string, more: object = {}, ref = MAIN, on = "on") => {
    const github = {
      event_name: event,
      ref,
      repository: "acme/access",
      event: { repository: { default_branch: "main" }, ...more },
    };
    const functions = {
      format: (text: string, value: string) => text.replace("{0}", value),
      startsWith: (text: string, start: string) => text.toLowerCase().startsWith(start.toLowerCase()),
    };
    return Object.entries(jobs)
      .filter(([, job]) => runInNewContext(job.if ?? "false", { ...functions, github, vars: { ROLEBOOK: on } }))
      .map(([name]) => name);
  };
  const pull = (ref: string, full_name = "acme/access") => ({ pull_request: { head: { ref, repo: { full_name } } } });

  it("let the clock and people on the default branch have both, and a campaign's events its own", () => {
    expect(runs("schedule")).toEqual(["report", "campaigns"]);
    expect(runs("workflow_dispatch")).toEqual(["report", "campaigns"]);
    expect(runs("pull_request_target", pull("rolebook/review/spring"))).toEqual(["campaigns"]);
    expect(runs("pull_request_target", pull("rolebook/review/spring-changes"))).toEqual(["campaigns"]);
    for (const conclusion of ["success", "failure", "cancelled"])
      expect(runs("workflow_run", { workflow_run: { conclusion } })).toEqual(["campaigns"]);
  });

  it("let nobody else start them: from a fork, from another branch, of another base, or before it is switched on", () => {
    const campaign = pull("rolebook/review/spring");
    expect(runs("pull_request_target", pull("rolebook/review/spring", "stranger/access"))).toEqual([]);
    expect(runs("pull_request_target", pull("my-rolebook/review/spring"))).toEqual([]);
    expect(runs("pull_request_target", campaign, "refs/heads/other")).toEqual([]);
    expect(runs("workflow_dispatch", {}, "refs/heads/other")).toEqual([]);
    expect(runs("workflow_run", { workflow_run: { conclusion: "skipped" } })).toEqual([]);
    for (const event of ["schedule", "workflow_dispatch"]) expect(runs(event, {}, MAIN, "")).toEqual([]);
    expect(runs("pull_request_target", campaign, MAIN, "off")).toEqual([]);
  });
});

describe("the composite action", () => {
  it("leaves the command on the PATH", async () => {
    const { runs, outputs } = load(read("actions/rolebook/action.yml")) as {
      readonly runs: { readonly steps: readonly Step[] };
      readonly outputs: { readonly version: { readonly value: string } };
    };
    const runner = openRunner();
    const known: Record<string, string> = {};
    // As in another repository's job: the action lies outside of the workspace.
    const environment = { GITHUB_ACTION_PATH: join(ROOT, ".github", "actions", "rolebook") };
    for (const step of runs.steps.filter(({ run }) => run !== undefined)) {
      const ran = await runner.run(step, known, { environment });
      expect(ran, step.id).toMatchObject({ code: 0 });
      for (const [name, value] of Object.entries(ran.outputs)) known[`steps.${step.id}.outputs.${name}`] = value;
    }
    expect(known["steps.sources.outputs.digest"]).toMatch(/^[0-9a-f]{64}$/);
    expect(known[outputs.version.value.replace(/[${}]/g, "").trim()]).toBe(packageJson.version);
    expect((await runner.run({ run: "rolebook --version" })).stdout).toBe(`${packageJson.version}\n`);
  });
});
