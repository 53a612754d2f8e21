// The one way Rolebook runs Git. It takes the surprises out: no hooks, no pager, no prompts, no file-system
// monitor, English messages, and nothing of an outer Git's environment. It refuses to guess what an exit code means.
import { spawn } from "node:child_process";
import { simpleGit } from "simple-git";
import { GitError } from "./error.ts";

export interface CommandOptions {
  /** Written to Git's standard input. */
  readonly input?: string | Buffer;
  /** Exit codes besides 0 that are an answer, not a failure. */
  readonly answers?: readonly number[];
  /** Extra environment variables, for example `GIT_INDEX_FILE`. Settings (`GIT_CONFIG_COUNT`) are added to the operator's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Give up after this long without a byte from Git. For commands that talk to a remote. */
  readonly silenceMs?: number;
}

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Settings that would run a program or change what plumbing does, set to harmless values for every call. */
const SAFE_CONFIGURATION = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.splitIndex=false",
  "core.quotePath=true",
  "core.filesRefLockTimeout=2000", // two writers of one ref meet for milliseconds; Git's own default gives up after 100 ms
  "gc.auto=0",
  "maintenance.auto=false",
  "i18n.commitEncoding=UTF-8",
  "i18n.logOutputEncoding=UTF-8",
  "advice.detachedHead=false",
];

/** What the operator may say about transport and identity. Every other `GIT_*` variable (of a hook we run in, say) is dropped. */
const OPERATOR_VARIABLES = new RegExp(
  `^(?:${[
    "GIT_(?:SSH|SSH_COMMAND|SSH_VARIANT|ASKPASS|SSL_.+|HTTP_.+|ALLOW_PROTOCOL|PROXY_SSL_.+)",
    "GIT_CONFIG_(?:COUNT|KEY_\\d+|VALUE_\\d+|GLOBAL|SYSTEM|NOSYSTEM)",
    "GIT_(?:AUTHOR|COMMITTER)_(?:NAME|EMAIL)",
    "GIT_CEILING_DIRECTORIES|GIT_EXEC_PATH|SSH_ASKPASS",
  ].join("|")})$`,
);
/** Dropped as well: programs that Git might start, and a name that simple-git guards. */
const DROPPED_VARIABLES = /^(?:GIT_.*|EDITOR|VISUAL|PAGER|PREFIX|LC_.*|LANG|LANGUAGE)$/i;

const FIXED_VARIABLES: Readonly<Record<string, string>> = {
  LC_ALL: "C",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_TERMINAL_PROMPT: "0",
  GCM_INTERACTIVE: "never",
  // ssh asks its askpass program and never the terminal; unless the operator names one, that program answers nothing.
  SSH_ASKPASS_REQUIRE: "force",
};

/**
 * Runs `git` in `directory` and waits for it. Standard output is text, whole and untrimmed.
 * Throws `GitError` with what Git said when it exits with another code than 0 or one of `answers`.
 */
export async function runGit(
  directory: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const environment = addSettings(gitEnvironment(), options.environment ?? {});
  let exitCode = 0;
  let read: Promise<readonly [string, string]> = Promise.resolve(["", ""]);
  const input = options.input === undefined ? undefined : Buffer.from(options.input);
  const git = simpleGit({
    baseDir: directory,
    // At the exit, output may still be on its way: it is read to its end below. To switch one of the two off would be kept by
    // simple-git for ever, some kilobytes a command, which a process that runs for weeks cannot have.
    completion: { onClose: true, onExit: true },
    config: SAFE_CONFIGURATION,
    allowEnvironment: Object.keys(environment).filter((name) => name.startsWith("GIT_") || name === "SSH_ASKPASS"),
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeSshCommand: true,
      allowUnsafeAskPass: true,
      allowUnsafeConfigPaths: true,
      allowUnsafeConfigEnvCount: true,
      allowUnsafeExec: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeUrlRewrite: true,
      allowUnsafeProtocolOverride: true,
    },
    ...(options.silenceMs === undefined ? {} : { timeout: { block: options.silenceMs } }),
    ...(input === undefined || input.length === 0 ? {} : { input: () => input }),
    errors: (error, spawned) => {
      exitCode = spawned.exitCode;
      if (error) return error;
      return spawned.exitCode === 0 ? undefined : new Error(`exit ${spawned.exitCode}`);
    },
  })
    .env(environment)
    .outputHandler((_command, stdout, stderr) => {
      read = Promise.all([readWhole(stdout), readWhole(stderr)]);
      // Where nothing was said when Git exits, simple-git waits 50 ms for what may still come, and half of all commands say nothing.
      // We wait for the end of the streams ourselves, so an empty piece of output tells it not to.
      setImmediate(() => stdout.emit("data", Buffer.alloc(0)));
    });
  const failure = await git.raw([...args]).then(
    () => undefined,
    (cause: unknown) => ({ cause }),
  );
  const [stdout, stderr] = await read;
  if (!failure || options.answers?.includes(exitCode)) return { exitCode, stdout, stderr };
  throw commandError(args, stderr || (failure.cause instanceof Error ? failure.cause.message : String(failure.cause)));
}

/** What a stream gives until it is closed, however that comes about: whether all went well, the exit code tells. */
function readWhole(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  return new Promise((settle) => {
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("close", () => settle(Buffer.concat(chunks).toString("utf8")));
  });
}

/**
 * Starts `git` for a stream of bytes in and out (`cat-file --batch`), which simple-git has no way for.
 * The caller reads `stdout`, writes `stdin` and waits for `close`.
 */
export function spawnGit(directory: string, args: readonly string[]) {
  const configuration = SAFE_CONFIGURATION.flatMap((setting) => ["-c", setting]);
  return spawn("git", [...configuration, ...args], {
    cwd: directory,
    env: gitEnvironment(),
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
}

/** What went wrong, in Git's own words: the lines it marks as fatal or as errors, or else all of them. */
export function commandError(args: readonly string[], stderr: string): GitError {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const marked = lines.filter((line) => /^(?:fatal|error|remote):/.test(line));
  const said = (marked.length > 0 ? marked : lines).slice(0, 5).join("; ");
  return new GitError(`git ${args[0]} failed: ${said || "it said nothing"}`);
}

const COUNT = "GIT_CONFIG_COUNT";

/** Both environments, the second one's settings numbered after the first one's: they come later, and so they win. */
function addSettings(
  first: Readonly<Record<string, string>>,
  second: Readonly<Record<string, string>>,
): Record<string, string> {
  const both: Record<string, string> = { ...first };
  const start = Number(first[COUNT] ?? 0);
  for (const [name, value] of Object.entries(second)) {
    const [, kind, index] = /^(GIT_CONFIG_(?:KEY|VALUE)_)(\d+)$/.exec(name) ?? [];
    both[kind === undefined ? name : kind + (start + Number(index))] = value;
  }
  if (second[COUNT] !== undefined) both[COUNT] = String(start + Number(second[COUNT]));
  return both;
}

function gitEnvironment(): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && (OPERATOR_VARIABLES.test(name) || !DROPPED_VARIABLES.test(name)))
      environment[name] = value;
  return { SSH_ASKPASS: "false", ...environment, ...FIXED_VARIABLES };
}
