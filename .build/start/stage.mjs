// Where the first run plays: a temporary folder with a Git repository, the simulator as a process, and every command
// as a process of its own. `clear` leaves nothing of it behind.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "../setup.mjs";
import { terminal } from "./voice.mjs";

const MAIN = join(ROOT, "dist", "main.js");
const AS_AT_A_TERMINAL = new URL("terminal.mjs", import.meta.url).href;
/** A process that has not ended this long after it was told to is killed. */
const PATIENCE_MS = 5000;
/** Longer than a simulator ever took to start, on the slowest machine seen. */
const START_MS = 30_000;

/** A folder with nothing in it but what `clear` takes away again. */
export function openStage() {
  const folder = mkdtempSync(join(tmpdir(), "rolebook-start-"));
  const running = new Set();
  let cleared = false;
  const environment = cleanEnvironment();
  const start = (command, args, options) => {
    if (cleared) throw new Error("the first run is over");
    const child = spawn(command, args, { cwd: folder, ...options, env: { ...environment, ...options.env } });
    running.add(child);
    child.once("close", () => running.delete(child));
    return child;
  };
  const path = (name) => join(folder, name);
  return {
    start,
    copy: (from, to) => cpSync(from, path(to), { recursive: true }),
    read: (name) => readFileSync(path(name), "utf8"),
    write: (name, text) => {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    },
    remove: (name) => rmSync(path(name)),
    run: (command, args) => collect(start(command, args, { stdio: ["ignore", "pipe", "pipe"] })),
    rolebook: (args) => runRolebook(start, args),
    clear: async () => {
      cleared = true;
      await Promise.all([...running].map(end));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Starts `rolebook simulate` on a free port and waits until it answers. */
export async function startSimulator(stage, args) {
  const child = stage.start(process.execPath, [MAIN, "simulate", "--port", "0", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = [];
  const url = await new Promise((settle, fail) => {
    const timer = setTimeout(() => fail(new Error("the simulator did not start in time")), START_MS);
    child.once("error", fail);
    child.once("close", (code) => fail(new Error(`the simulator ended with exit code ${code}`)));
    createInterface({ input: child.stdout }).on("line", (line) => {
      lines.push(line);
      // The line that names the last of its clients is the last it prints.
      if (!/^ +client console /.test(line)) return;
      clearTimeout(timer);
      settle(/ at (http:\S+)/.exec(lines[0])?.[1]);
    });
  });
  return { url, greeting: `${lines.join("\n")}\n` };
}

/** Runs the built command line; at a terminal its progress goes straight there, and its output looks as it would. */
function runRolebook(start, args) {
  if (!terminal) return collect(start(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] }));
  const env = { ROLEBOOK_SHOWN_WIDTH: String(process.stdout.columns ?? 80) };
  return collect(
    start(process.execPath, ["--import", AS_AT_A_TERMINAL, MAIN, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      env,
    }),
  );
}

function collect(child) {
  return new Promise((settle, fail) => {
    const texts = ["", ""];
    for (const [index, stream] of [child.stdout, child.stderr].entries())
      stream?.setEncoding("utf8").on("data", (text) => {
        texts[index] += text;
      });
    child.once("error", fail);
    child.once("close", (code) => settle({ code, stdout: texts[0], stderr: texts[1] }));
  });
}

async function end(child) {
  const closed = new Promise((settle) => child.once("close", settle));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await closed;
  clearTimeout(timer);
}

/** The environment without whatever would send Git elsewhere: a hook's repository, a person's configuration. */
function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("GIT_"));
  return {
    ...Object.fromEntries(kept),
    GIT_CONFIG_GLOBAL: process.platform === "win32" ? "NUL" : "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    ACME_CLIENT_ID: "rolebook-writer",
    ACME_CLIENT_SECRET: "local-writer-secret",
    VAULT_CLIENT_ID: "rolebook-vault-writer",
    VAULT_CLIENT_SECRET: "vault-local-writer-secret",
  };
}
