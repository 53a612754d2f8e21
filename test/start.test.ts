// The first run as a person meets it: `node .build/start.mjs` as a process, to its end, stopped half-way, and with a
// command that does not do its part.
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";

const START = fileURLToPath(new URL("../.build/start.mjs", import.meta.url));

interface FirstRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Its own place for temporary files; whatever is in there was left behind. */
  readonly temporary: string;
}

interface FirstRunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Sends SIGINT once this has been printed. */
  readonly stopAt?: string;
}

function firstRun({ environment = {}, stopAt }: FirstRunOptions = {}): Promise<FirstRun> {
  const temporary = temporaryFolder();
  return new Promise((settle, fail) => {
    const child = spawn(process.execPath, [START], {
      cwd: temporary,
      env: { ...process.env, TMPDIR: temporary, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      const reached = stopAt !== undefined && !stdout.includes(stopAt);
      stdout += text;
      if (reached && stdout.includes(stopAt)) child.kill("SIGINT");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", fail);
    child.on("close", (code) => settle({ code, stdout, stderr, temporary }));
  });
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-first-run-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function expectNothingLeft({ stdout, temporary }: FirstRun): Promise<void> {
  expect(readdirSync(temporary)).toEqual([]);
  expect(processesOf(temporary)).toEqual([]);
  const url = /^Simulating the organization Acme at (http:\S+)$/m.exec(stdout)?.[1];
  expect(url).toBeDefined();
  await expect(fetch(`${url}/v1/environments`)).rejects.toThrow();
}

/** Command lines of the processes that were started with this folder for temporary files; none where there is no /proc. */
function processesOf(temporary: string): string[] {
  if (!existsSync("/proc/self/environ")) return [];
  return readdirSync("/proc").flatMap((id) => {
    if (!/^\d+$/.test(id)) return [];
    try {
      if (!readFileSync(`/proc/${id}/environ`, "utf8").includes(`TMPDIR=${temporary}`)) return [];
      return [readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ")];
    } catch {
      return []; // ended meanwhile, or somebody else's
    }
  });
}

/** The output of a command of the story: what stands between it and the next. */
function outputOf(stdout: string, command: string, which = 0): string {
  const parts = stdout.split("\n$ ").filter((part) => part.startsWith(`${command}`));
  expect(parts.length, `${command} is shown`).toBeGreaterThan(which);
  return parts[which] ?? "";
}

describe("npm start", () => {
  it("shows the whole job and leaves nothing behind", async () => {
    const run = await firstRun();
    const { code, stdout, stderr } = run;
    expect(stderr.replace("Building dist ...\n", "")).toBe("");
    expect(code).toBe(0);
    expect(stdout).not.toContain("\u001b");
    await expectNothingLeft(run);

    const bad = outputOf(stdout, "rolebook validate");
    for (const place of ["3:9", "4:15", "5:1", "10:5", "12:12"])
      expect(bad).toContain(`policies/acme/groups/press.yaml:${place}  error  `);
    expect(bad).toContain("(exit code 1: refused, findings shown)");

    const first = outputOf(stdout, "rolebook plan");
    expect(first).toContain("nothing was applied before");
    expect(outputOf(stdout, "rolebook apply --target acme")).toContain("Applied to acme: 5 applied");

    const drift = outputOf(stdout, "rolebook drift");
    expect(drift).toContain("Group Card approvers: changed on the platform");
    expect(drift).toContain("sofia@acme.example");

    const plan = outputOf(stdout, "rolebook plan", 1);
    expect(plan).toContain("6 people gain access, 3 lose access");
    expect(plan).toMatch(/priya@acme\.example\n(?: .*\n)* +- Theme +view -> none/);
    expect(plan).toMatch(/~ Group Card approvers {2}\(drift, reduces\)/);
    const digest = /^Digest ([0-9a-f]{64})$/m.exec(plan)?.[1];
    const applied = outputOf(stdout, "rolebook apply --target acme", 1);
    expect(applied).toContain(`--approve ${digest}\n`);
    expect(applied).toContain("Applied to acme: 9 applied");
    expect(applied).toContain("Converged: ");

    const second = outputOf(stdout, "rolebook plan", 2);
    expect(second).toMatch(/nothing to (?:apply|change)/i);
    expect(second).not.toMatch(/people? (?:gain|lose)|Drift/);
    expect(second).toContain("(exit code 0: done)");
    expect(outputOf(stdout, "rolebook explain")).toContain("policies/acme/groups/campaigns.yaml:16:5");

    const both = outputOf(stdout, "rolebook explain", 1);
    expect(both).toContain("olu@acme.example (Olu Adeyemi): a member of 2 targets");
    expect(both).toMatch(/^acme: (?:.*\n)*vault: holds access to 3 resources$/m);
    expect(outputOf(stdout, "rolebook explain", 2)).toContain("acme-prod-eu: product access is missing");
    expect(outputOf(stdout, "rolebook keys")).toMatch(/acme-prod\/Payments importer +due +2026-11-25/);

    const review = outputOf(stdout, "rolebook review");
    expect(review).toMatch(/^\d+ people hold \d+ grants$/m);
    expect(review).toContain("Could give themselves anything (3)");
  });

  it("clears up when it is interrupted", async () => {
    const run = await firstRun({ stopAt: "$ rolebook plan" });
    expect(run.code).toBe(130);
    expect(run.stdout).not.toContain("$ rolebook apply");
    expect(run.stderr.replace("Building dist ...\n", "")).toBe("");
    await expectNothingLeft(run);
  });

  it("says so and fails when a command does not do its part", async () => {
    const tamper = join(temporaryFolder(), "tamper.mjs");
    writeFileSync(tamper, 'if (process.argv[2] === "drift") process.on("exit", () => { process.exitCode = 0; });');
    const run = await firstRun({ environment: { NODE_OPTIONS: `--import=${pathToFileURL(tamper).href}` } });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain(
      "The first run stopped: rolebook drift ended with exit code 0, where 2 was expected\n",
    );
    expect(run.stdout).not.toContain("\n5. Meanwhile");
    await expectNothingLeft(run);
  });

  it("asks for Git where there is none", async () => {
    const path = join(temporaryFolder(), "bin");
    mkdirSync(path);
    symlinkSync(process.execPath, join(path, "node"));
    const run = await firstRun({ environment: { PATH: path } });
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("The first run stopped: it needs Git, which was not found\n");
    await expectNothingLeft(run);
  });
});
