// Runs a step's script as GitHub's runner does: the same shell with the same options, the step's own environment with its
// expressions filled in, and files for outputs and the PATH that the next steps get.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Step } from "./rules.ts";

export interface Runner {
  readonly temp: string;
  /** Runs a step that has a script. `expressions`: what is between `${{` and `}}` -> its value. */
  readonly run: (step: Step, expressions?: Readonly<Record<string, string>>, options?: RunOptions) => Promise<Ran>;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
}

/** One job's runner, in a temporary folder that is gone after the test. */
export function openRunner(): Runner {
  const temp = mkdtempSync(join(tmpdir(), "rolebook-runner-"));
  onTestFinished(() => rmSync(temp, { recursive: true, force: true }));
  const files = { GITHUB_OUTPUT: join(temp, "output"), GITHUB_PATH: join(temp, "path") };
  for (const file of Object.values(files)) writeFileSync(file, "");
  return {
    temp,
    run: async (step, expressions = {}, { cwd = temp, environment = {} } = {}) => {
      const script = join(temp, "script.sh");
      writeFileSync(script, step.run ?? "");
      writeFileSync(files.GITHUB_OUTPUT, "");
      const added = readFileSync(files.GITHUB_PATH, "utf8")
        .split("\n")
        .filter((line) => line !== "");
      // `bash` named by a step fails within pipes as well; the shell of a step that names none does not.
      const options = step.shell === "bash" ? ["--noprofile", "--norc", "-eo", "pipefail"] : ["-e"];
      const ran = await runShell([...options, script], {
        cwd,
        env: {
          HOME: temp,
          PATH: [...added.reverse(), process.env.PATH].join(":"),
          RUNNER_TEMP: temp,
          GITHUB_RUN_ATTEMPT: "1",
          ...files,
          ...environment,
          ...fillIn(step, expressions),
        },
      });
      return { ...ran, outputs: readOutputs(files.GITHUB_OUTPUT) };
    },
  };
}

/** Not waited for in one piece: whoever the script talks to may be in this very process. */
function runShell(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string | undefined> },
): Promise<Omit<Ran, "outputs">> {
  return new Promise((settle, fail) => {
    const child = spawn("bash", args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    const output = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const)
      child[name].setEncoding("utf8").on("data", (part: string) => {
        output[name] += part;
      });
    child.on("error", fail);
    child.on("close", (code) => settle({ code, ...output }));
  });
}

function fillIn(step: Step, expressions: Readonly<Record<string, string>>): Record<string, string> {
  const fill = (text: string) =>
    text.replace(/\$\{\{ (.*?) \}\}/g, (_whole, expression: string) => {
      const value = expressions[expression];
      if (value === undefined) throw new Error(`the test does not say what ${expression} is`);
      return value;
    });
  return Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, fill(String(value))]));
}

function readOutputs(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8").split("\n");
  return Object.fromEntries(
    lines
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
