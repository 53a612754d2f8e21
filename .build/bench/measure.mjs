// Runs a program and says what it took: wall time, processor time and peak memory as the process itself reports them.
// Every process has a time limit, and every one that is still running can be ended at once.
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const REPORTER = fileURLToPath(new URL("report-usage.cjs", import.meta.url));
const running = new Set();

/** Ends every process that was started here. */
export function endAll() {
  for (const child of running) child.kill("SIGKILL");
}

/**
 * Runs `node` with `args` and waits for it. `exitCodes` are those that count as success.
 * Gives milliseconds of wall and processor time, peak resident memory in MiB, and what it wrote.
 */
export async function runNode(args, { cwd, env, limitMs, exitCodes = [0] }) {
  const usageFile = join(cwd, `.usage-${process.pid}.json`);
  const options = { cwd, env: { ...env, BENCH_USAGE_FILE: usageFile }, limitMs, exitCodes };
  const result = await timeNode(["-r", REPORTER, ...args], options);
  const usage = JSON.parse(readFileSync(usageFile, "utf8"));
  rmSync(usageFile);
  return { ...result, ...usage };
}

/** The same with nothing loaded beside the program: wall time alone. */
export async function timeNode(args, { cwd, env, limitMs, exitCodes = [0] }) {
  const started = performance.now();
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    stderr += text;
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), limitMs);
  const code = await new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", settle);
  });
  const wallMs = performance.now() - started;
  clearTimeout(timer);
  running.delete(child);
  if (!exitCodes.includes(code))
    throw new Error(`node ${args.join(" ")} ended with ${code} after ${Math.round(wallMs)} ms\n${stdout}${stderr}`);
  return { code, wallMs, stdout, stderr };
}

/** Starts a server; waits for the line that `ready` finds something in, and gives that and how to stop it. */
export async function startNode(args, ready, { cwd, limitMs }) {
  const child = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  running.add(child);
  child.on("close", () => running.delete(child));
  const found = await new Promise((settle, fail) => {
    let text = "";
    const timer = setTimeout(() => fail(new Error(`${args[0]} does not answer`)), limitMs);
    child.on("error", fail);
    child.on("close", (code) => fail(new Error(`${args.join(" ")} ended with ${code}\n${text}`)));
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const match = ready.exec(text);
      if (!match) return;
      clearTimeout(timer);
      settle(match[1]);
    });
  });
  const stop = () =>
    new Promise((settle) => {
      if (child.exitCode !== null || child.signalCode !== null) return settle();
      child.removeAllListeners("close");
      child.on("close", () => {
        running.delete(child);
        settle();
      });
      child.kill("SIGKILL");
    });
  return { found, stop };
}

/** The middle of several numbers; of an even count the lower one. */
export function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];
}
