// The controller as a process: the built command against a fake GitHub over real HTTP, Git included. What it says, what it asks, how
// it ends. What it does to pull requests and platforms is tested end to end.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Status } from "../../src/model/status.ts";
import { schemaErrors } from "../report/schema.ts";
import { type Forge, forgeWorld } from "../support/forge.ts";
import { CREDENTIALS, MAIN } from "../support/world.ts";
import { EVERY_SECOND, NEVER, SECRET, WAIT } from "./stage.ts";

let forge: Forge;
let folder: string;
let controller: Controller | undefined;

beforeAll(async () => {
  forge = await forgeWorld({ settings: `schedule: { poll: "${EVERY_SECOND}", drift: "${NEVER}" }\n` });
  folder = mkdtempSync(join(tmpdir(), "rolebook-process-"));
});
afterEach(async () => {
  controller?.child.kill("SIGKILL");
  await controller?.ended;
  controller = undefined;
});
afterAll(async () => {
  await forge?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

interface Controller {
  readonly child: ChildProcess;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The log, of whole lines. */
  readonly log: () => Record<string, unknown>[];
}

function start(environment: Readonly<Record<string, string>> = {}, ...more: readonly string[]): Controller {
  const repository = `${forge.github.url}/acme/access.git`;
  const args = ["controller", "--repository", repository, "--clone", folder, "--port", "0", ...more];
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, ...CREDENTIALS, ...forge.environment(), ROLEBOOK_WEBHOOK_SECRET: SECRET, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  controller = {
    child,
    ended: new Promise((resolve) => child.on("close", (code, signal) => resolve(code ?? signal))),
    stdout: () => stdout,
    stderr: () => stderr,
    log: () =>
      stderr
        .slice(0, stderr.lastIndexOf("\n") + 1)
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line)),
  };
  return controller;
}

async function listening({ log }: Controller): Promise<string> {
  return vi.waitFor(() => {
    const line = log().find(({ msg }) => msg === "listening");
    if (!line) throw new Error("not listening yet");
    return String(line.address);
  }, WAIT);
}

const ready = (url: string) =>
  vi.waitFor(async () => expect((await fetch(`${url}/readyz`)).status, controller?.stderr()).toBe(200), WAIT);

describe("the process", () => {
  it("clones with the host's token, says how things are, hears webhooks, and ends well when told to", async () => {
    const running = start();
    const url = await listening(running);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await ready(url);
    const status = (await (await fetch(`${url}/status.json`)).json()) as Status;
    expect(schemaErrors("status", status)).toEqual([]);
    expect(status).toMatchObject({
      state: "running",
      repository: { name: "acme/access" },
      branch: "main",
      tip: forge.access.tip("main"),
      webhooks: true,
      targets: [{ name: "acme", platform: "atomic", applied: forge.atOrigin("refs/rolebook/applied/acme"), behind: 0 }],
      receipts: [{ target: "acme", converged: true }],
    });
    expect(await (await fetch(url)).text()).toContain("<title>Rolebook: acme/access</title>");
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'rolebook_runs_total{work="look",target="",result="done"}',
    );

    forge.github.deliverTo({ url: `${url}/webhooks/github`, secret: SECRET });
    forge.pushToMain("ana", (desk) => desk.write("notes.md", "A note.\n"));
    forge.github.sync();
    await forge.github.delivered();
    forge.github.deliverTo(undefined);
    expect(forge.github.deliveries().at(-1)).toMatchObject({ event: "push", status: 202 });
    await vi.waitFor(async () => {
      const { tip } = (await (await fetch(`${url}/status.json`)).json()) as Status;
      expect(tip).toBe(forge.access.tip("main"));
    }, WAIT);

    running.child.kill("SIGTERM");
    expect(await running.ended).toBe(0);
    expect(running.stdout()).toBe("");
    expect(running.log().at(-1)).toMatchObject({ level: "info", msg: "stopped" });
    expect(
      running.log().every(({ time, level, msg }) => [time, level, msg].every((part) => typeof part === "string")),
    ).toBe(true);
    for (const secret of [SECRET, forge.environment().GITHUB_TOKEN ?? "", ...Object.values(CREDENTIALS)])
      if (secret !== CREDENTIALS.ACME_CLIENT_ID) expect(running.stderr()).not.toContain(secret);
  });

  it("killed and started again in the same folder, goes on", async () => {
    const first = start();
    await ready(await listening(first));
    first.child.kill("SIGKILL");
    expect(await first.ended).toBe("SIGKILL");
    const second = start();
    await ready(await listening(second));
    const third = start();
    expect(await third.ended).toBe(1);
    expect(third.stderr()).toContain("Another controller keeps its clones in ");
    second.child.kill("SIGINT");
    expect(await second.ended).toBe(0);
  });

  it("says what is missing before it begins", async () => {
    const nobody = start({ GITHUB_TOKEN: "" });
    expect(await nobody.ended).toBe(1);
    expect(nobody.stderr()).toContain("There is no credential for the Git host");
    const first = start();
    const { port } = new URL(await listening(first));
    const other = mkdtempSync(join(tmpdir(), "rolebook-process-"));
    const second = start({}, "--port", port, "--clone", other);
    expect(await second.ended).toBe(1);
    expect(second.stderr()).toContain(`The controller cannot listen on 127.0.0.1:${port}`);
    rmSync(other, { recursive: true });
    first.child.kill("SIGTERM");
    expect(await first.ended).toBe(0);
  });
});
