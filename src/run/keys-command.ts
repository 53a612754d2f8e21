// A command as a sink: it gets the secret on its standard input and nowhere else. It is judged by its exit code, and what it prints
// is shown with the secret blacked out, should it repeat it.
import { spawn } from "node:child_process";
import type { Secret } from "../model/keys.ts";
import { strikeOut } from "../model/strike.ts";
import type { Context } from "./context.ts";
import type { Delivery } from "./keys-sinks.ts";

/** A command that has not taken a secret by then is not going to. */
const LIMIT_MS = 60_000;
/** What is shown of what it prints. */
const MOST_SHOWN = 64 * 1024;

/** Runs the command by the shell, without the variables that hold credentials of ours. */
export async function deliverToCommand(
  context: Context,
  command: string,
  secret: Secret,
  hidden: ReadonlySet<string>,
  limitMs = LIMIT_MS,
): Promise<Delivery> {
  const environment = Object.fromEntries(Object.entries(context.environment).filter(([name]) => !hidden.has(name)));
  const child = spawn(command, {
    cwd: context.cwd,
    env: environment,
    shell: true,
    stdio: ["pipe", "pipe", "pipe"],
    // A group of its own, so that what it starts can be ended with it.
    detached: process.platform !== "win32",
  });
  const printed: Buffer[] = [];
  let size = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      if (size < MOST_SHOWN) printed.push(chunk);
      size += chunk.length;
    });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end(child.pid);
  }, limitMs);
  const ended = new Promise<Delivery>((settle) => {
    child.on("error", (error) => settle({ kind: "failed", because: `it could not be started: ${error.message}` }));
    child.on("close", (code, signal) => settle(judge(code, signal, late, limitMs)));
  });
  // A command that reads nothing closes the pipe; its exit code is what counts.
  child.stdin.on("error", () => {});
  child.stdin.end(secret.reveal());
  const delivery = await ended;
  clearTimeout(timer);
  const said = strikeOut(Buffer.concat(printed).toString("utf8"), [secret.reveal()], String(secret));
  const text = said.slice(0, MOST_SHOWN);
  if (text !== "") context.err(text.endsWith("\n") ? text : `${text}\n`);
  return delivery;
}

function judge(code: number | null, signal: string | null, late: boolean, limitMs: number): Delivery {
  if (late) return { kind: "unknown", because: `the command took longer than ${limitMs / 1000} seconds and was ended` };
  if (signal !== null) return { kind: "unknown", because: `the command was ended by ${signal}` };
  return code === 0 ? { kind: "delivered" } : { kind: "failed", because: `the command ended with exit code ${code}` };
}

function end(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}
