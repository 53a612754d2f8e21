// The built controller as a process of its own, in a forge's world: it clones over HTTP, listens on loopback, and may be killed.
//
//   const controller = await startController(forge);
//   await controller.until(() => ...);          // throws with the end of the log when it never comes true
//   await controller.stop();                    // SIGTERM; the exit code
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Status } from "../../src/model/status.ts";
import type { Forge } from "./forge.ts";
import { CREDENTIALS, MAIN } from "./world.ts";

export const WEBHOOK_SECRET = "a secret that only the host and we know";

/** A bound for what hangs, not a judgement of speed. */
const LONGEST_MS = 240_000;

export interface ControllerOptions {
  /** Where the clones are; a fresh one without it. */
  readonly folder?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

export interface ControllerProcess {
  readonly child: ChildProcess;
  readonly folder: string;
  /** Base URL. Throws while it does not listen. */
  readonly url: () => string;
  readonly ended: Promise<number | NodeJS.Signals | null>;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The log, of whole lines. */
  readonly log: () => LogLine[];
  readonly status: () => Promise<Status>;
  readonly metrics: () => Promise<Samples>;
  /** Waits until this is true. Whatever it throws is "not yet". */
  readonly until: (what: string, isSo: () => boolean | Promise<boolean>) => Promise<void>;
  /** SIGTERM; resolves with how it ended. */
  readonly stop: () => Promise<number | NodeJS.Signals | null>;
  readonly kill: () => Promise<void>;
}

export type LogLine = Readonly<Record<string, unknown>>;

/** Starts it; it may not listen yet. */
export function spawnController(forge: Forge, options: ControllerOptions = {}): ControllerProcess {
  const folder = options.folder ?? newFolder();
  const repository = `${forge.github.url}/acme/access.git`;
  const args = ["controller", "--repository", repository, "--clone", folder, "--port", "0", ...(options.args ?? [])];
  const own = { ROLEBOOK_WEBHOOK_SECRET: WEBHOOK_SECRET, GIT_CONFIG_GLOBAL: "/dev/null" };
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: tmpdir(),
    env: { ...process.env, ...CREDENTIALS, ...forge.environment(), ...own, ...options.environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // Not "close": a Git process that outlives a killed controller keeps the pipes.
  const ended = new Promise<number | NodeJS.Signals | null>((settle) =>
    child.on("exit", (code, signal) => settle(code ?? signal)),
  );
  const log = () => readLog(stderr);
  const url = () => {
    const line = log().find(({ msg }) => msg === "listening");
    if (!line) throw new Error("it does not listen");
    return String(line.address);
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  return {
    child,
    folder,
    url,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    log,
    status: async () => (await (await fetch(`${url()}/status.json`)).json()) as Status,
    metrics: async () => parseMetrics(await (await fetch(`${url()}/metrics`)).text()),
    until: (what, isSo) => waitUntil(what, isSo, () => stderr),
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
    kill,
  };
}

/** Starts it, and waits until it has looked once. */
export async function startController(forge: Forge, options: ControllerOptions = {}): Promise<ControllerProcess> {
  const controller = spawnController(forge, options);
  await controller.until("ready", async () => (await fetch(`${controller.url()}/readyz`)).status === 200);
  return controller;
}

const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-clones-"));
  folders.push(folder);
  return folder;
}

/** Removes every folder of clones. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export async function waitUntil(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  about: () => string = () => "",
): Promise<void> {
  let last: unknown = "it is not so";
  for (const end = Date.now() + LONGEST_MS; Date.now() < end; await sleep(25)) {
    try {
      if (await isSo()) return;
      last = "it is not so";
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${what}: never (${last})\n${about().slice(-6000)}`);
}

function readLog(stderr: string): LogLine[] {
  const whole = stderr.slice(0, stderr.lastIndexOf("\n") + 1);
  return whole
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as LogLine);
}

/** Samples by name and labels, as they are written: `rolebook_runs_total{work="look",target="",result="done"}`. */
export interface Samples {
  readonly get: (sample: string) => number | undefined;
  readonly types: ReadonlyMap<string, string>;
  readonly all: ReadonlyMap<string, number>;
}

const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\n"])*"';
const SAMPLE = new RegExp(
  `^([a-zA-Z_:][a-zA-Z0-9_:]*)(\\{(?:${LABEL}(?:,${LABEL})*,?)?\\})? (N[aA][nN]|[+-]Inf|[-+]?[0-9.]+(?:e[-+]?[0-9]+)?)(?: [0-9]+)?$`,
);

/** Reads Prometheus text, and throws where it is none: lines, types before samples, no sample twice. */
export function parseMetrics(text: string): Samples {
  const [all, types] = [new Map<string, number>(), new Map<string, string>()];
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("# HELP ")) continue;
    const type = /^# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary|untyped)$/.exec(line);
    if (type) {
      if (types.has(type[1] ?? "")) throw new Error(`twice: ${line}`);
      types.set(type[1] ?? "", type[2] ?? "");
      continue;
    }
    const sample = SAMPLE.exec(line);
    if (!sample) throw new Error(`no Prometheus text: ${line}`);
    const [, name = "", labels = "", value = ""] = sample;
    if (!types.has(name) && !types.has(name.replace(/_(?:bucket|sum|count)$/, ""))) throw new Error(`no type: ${line}`);
    if (all.has(name + labels)) throw new Error(`twice: ${line}`);
    all.set(name + labels, Number(value.replace("Inf", "Infinity")));
  }
  return { get: (sample) => all.get(sample), types, all };
}
