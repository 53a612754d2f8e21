#!/usr/bin/env node
// The command line: argv and environment in, exit code out. The only place that touches the process;
// everything else is handed what it may use.
import { readFileSync } from "node:fs";
import packageJson from "../package.json" with { type: "json" };
import { runCommandLine } from "./run/command-line.ts";
import type { Context } from "./run/context.ts";
import { keepSecrets } from "./run/kept.ts";

/** As `EXIT.bug` of the commands. */
const BUG = 70;

/** 128 + SIGINT, as shells report it. */
const INTERRUPTED = 130;

const stopHandlers = new Set<() => void>();

function stop(): void {
  if (stopHandlers.size === 0) process.exit(INTERRUPTED);
  const handlers = [...stopHandlers];
  stopHandlers.clear();
  for (const handler of handlers) handler();
}

/** Colour at a terminal only, and never against NO_COLOR. */
function wantsColor(): boolean {
  const noColor = process.env.NO_COLOR;
  return process.stdout.isTTY === true && (noColor === undefined || noColor === "") && process.env.TERM !== "dumb";
}

async function ask(message: string): Promise<boolean> {
  const { confirm } = await import("@inquirer/prompts");
  try {
    return await confirm({ message, default: false }, { output: process.stderr });
  } catch (error) {
    // Ctrl-C at the question is a no.
    if (error instanceof Error && error.name === "ExitPromptError") return false;
    throw error;
  }
}

/** The build's stamp stands beside the bundle; from source there is none. */
function readBuild(): string | undefined {
  try {
    return JSON.parse(readFileSync(new URL("stamp.json", import.meta.url), "utf8")).digest;
  } catch {
    return undefined;
  }
}

// A report of Node's on a crash holds the whole environment; whoever asked for one did not ask for that.
if (process.report) {
  process.report.reportOnFatalError = false;
  process.report.reportOnUncaughtException = false;
  process.report.reportOnSignal = false;
}

const secrets = keepSecrets(process.env);

const context: Context = {
  secrets,
  cwd: process.cwd(),
  environment: process.env,
  now: () => new Date(),
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  terminal: {
    stdin: process.stdin.isTTY === true,
    stdout: process.stdout.isTTY === true,
    stderr: process.stderr.isTTY === true,
    color: wantsColor(),
    width: process.stdout.columns || 80, // 0 where the terminal does not say
  },
  ask,
  onStop: (handler) => {
    stopHandlers.add(handler);
    return () => stopHandlers.delete(handler);
  },
  version: packageJson.version,
  build: readBuild(),
};

// Node would show an error that nobody caught with everything that hangs on it: headers, requests, causes.
process.on("uncaughtException", (error) => {
  process.stderr.write(
    secrets.strikeBug(`This is a bug in Rolebook (${packageJson.version}): ${error.stack ?? error}\n`),
  );
  process.exit(BUG);
});
process.on("SIGINT", stop);
process.on("SIGTERM", stop);
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // The reader of a pipe has gone (`| head`): nobody is left to tell.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCommandLine(context, process.argv.slice(2), {
  controller: async (...given) => (await import("./controller/controller.ts")).runController(...given),
});
