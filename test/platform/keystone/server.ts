// A real Keystone for tests: Debian's own package, set up once per machine and copied for every server, so that each
// starts fresh in a few seconds. Nothing outlives the test process, however that ends.
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Debian's own: a Python of a version manager has none of Keystone's packages. */
const PYTHON = "/usr/bin/python3";
const MANAGE = "/usr/bin/keystone-manage";
const SERVE = "/usr/bin/keystone-wsgi-public";

const INSTALL = `The tests of the Keystone driver need a real Keystone, and there is none on this machine.
Install it (Debian 12 or later, Ubuntu 22.04 or later), then run the tests again:

  sudo apt-get update && sudo apt-get install -y --no-install-recommends python3-keystone
`;

/** Longest wait for a server to answer, ms: it takes two seconds on an idle machine. */
const START_MS = 60_000;

export interface KeystoneOptions {
  /** Most rows of any list; the rest is cut off and the answer says `truncated`. */
  readonly listLimit?: number;
}

export interface KeystoneServer {
  /** Base URL, without a version. */
  readonly url: string;
  /** Of the user `admin` in the domain `Default`, who has the role admin on the project `admin` and on the system. */
  readonly adminPassword: string;
  /** What the server wrote to its log and its terminal. */
  readonly log: () => string;
  /** Ends the server at once, in the middle of whatever it does; its database stays. */
  readonly kill: () => Promise<void>;
  /** Starts a killed (or running) server again, on the same port and database, with other options if given. */
  readonly restart: (options?: KeystoneOptions) => Promise<void>;
  /** Ends it for good and removes its files. */
  readonly stop: () => Promise<void>;
}

/** Starts a fresh Keystone and waits until it answers. Throws with the line to install it when there is none. */
export async function startKeystone(options: KeystoneOptions = {}): Promise<KeystoneServer> {
  const prepared = await prepare();
  const dir = mkdtempSync(join(tmpdir(), "rolebook-keystone-"));
  cpSync(prepared, dir, { recursive: true });
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let child: ChildProcess | undefined;
  const kill = async () => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = new Promise((settle) => running.once("close", settle));
    running.kill("SIGKILL");
    await gone;
  };
  const log = () => readIfThere(join(dir, "keystone.log")) + readIfThere(join(dir, "terminal.log"));
  const start = async ({ listLimit }: KeystoneOptions) => {
    await kill();
    writeFileSync(join(dir, "keystone.conf"), configuration(dir, url, listLimit));
    child = serve(dir, port);
    await untilAnswering(url, child, log);
  };
  const stop = async () => {
    await kill();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await start(options);
  } catch (error) {
    await stop();
    throw error;
  }
  const adminPassword = readFileSync(join(dir, "admin-password"), "utf8");
  return { url, adminPassword, log, kill, restart: (again = options) => start(again), stop };
}

function configuration(dir: string, url: string, listLimit?: number): string {
  const limit = listLimit === undefined ? "" : `list_limit = ${listLimit}\n`;
  return `[DEFAULT]
log_file = ${dir}/keystone.log
public_endpoint = ${url}
${limit}
[database]
connection = sqlite:///${dir}/keystone.db
[fernet_tokens]
key_repository = ${dir}/fernet
[fernet_receipts]
key_repository = ${dir}/fernet
[credential]
key_repository = ${dir}/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = oslo_cache.dict
`;
}

/** A set-up directory, made once per machine, version and recipe. Two processes may make it at once: one wins. */
async function prepare(): Promise<string> {
  if (![PYTHON, MANAGE, SERVE].every((file) => existsSync(file))) throw new Error(INSTALL);
  const recipe = createHash("sha256")
    .update(readFileSync(fileURLToPath(import.meta.url)))
    .digest("hex")
    .slice(0, 12);
  const cached = join(tmpdir(), `rolebook-keystone-${userInfo().uid}-${packageVersion()}-${recipe}`);
  if (existsSync(cached)) return cached;
  const dir = mkdtempSync(join(tmpdir(), "rolebook-keystone-setup-"));
  try {
    await setUp(dir);
    try {
      renameSync(dir, cached);
    } catch (error) {
      if (!existsSync(cached)) throw error;
    }
    return cached;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function packageVersion(): string {
  try {
    const version = execFileSync("dpkg-query", ["-W", "python3-keystone"], { encoding: "utf8" }).trim();
    return version.replace(/[^\w.+-]/g, "_");
  } catch {
    return "unknown";
  }
}

/** The endpoint is the server's own address, whatever it will be: the catalogue puts it in when it is asked. */
const ENDPOINT = "$(public_endpoint)s/v3";

async function setUp(dir: string): Promise<void> {
  writeFileSync(join(dir, "keystone.conf"), configuration(dir, "http://127.0.0.1:1"));
  for (const folder of ["fernet", "credential"]) {
    mkdirSync(join(dir, folder));
    chmodSync(join(dir, folder), 0o700);
    for (const key of ["0", "1"])
      writeFileSync(join(dir, folder, key), randomBytes(32).toString("base64url").padEnd(44, "="), { mode: 0o600 });
  }
  const password = randomBytes(12).toString("hex");
  writeFileSync(join(dir, "admin-password"), password, { mode: 0o600 });
  const manage = (...args: readonly string[]) =>
    run(PYTHON, [MANAGE, "--config-file", `${dir}/keystone.conf`, ...args]);
  await manage("db_sync");
  // Without a write-ahead log, readers and writers lock each other out and one request in five fails.
  const wal = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('pragma journal_mode=wal')";
  await run(PYTHON, ["-c", wal, join(dir, "keystone.db")]);
  const names = ["--bootstrap-username", "admin", "--bootstrap-password", password, "--bootstrap-region-id", "Here"];
  await manage("bootstrap", ...names, "--bootstrap-public-url", ENDPOINT);
}

/** The kernel ends the server when the test process ends, even one that is killed. */
const TIED = `import ctypes, os, sys
try: ctypes.CDLL(None).prctl(1, 9)
except Exception: pass
os.execv(sys.executable, [sys.executable] + sys.argv[1:])`;

function serve(dir: string, port: number): ChildProcess {
  const file = `${dir}/keystone.conf`;
  const args = ["-c", TIED, SERVE, "--host", "127.0.0.1", "--port", String(port), "--", "--config-file", file];
  const child = spawn(PYTHON, args, {
    env: { ...process.env, OS_KEYSTONE_CONFIG_FILES: file },
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (existsSync(dir)) writeFileSync(join(dir, "terminal.log"), text, { flag: "a" });
  });
  return child;
}

async function untilAnswering(url: string, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    try {
      const answer = await fetch(`${url}/v3`, { signal: AbortSignal.timeout(5_000) });
      await answer.text();
      if (answer.ok) return;
    } catch {
      // Not listening yet.
    }
    await sleep(100);
  }
  throw new Error(`Keystone does not answer at ${url}\n${log().slice(-4_000)}`);
}

function freePort(): Promise<number> {
  return new Promise((settle, fail) => {
    const server = createServer();
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = address !== null && typeof address === "object" ? address.port : 0;
      server.close(() => settle(port));
    });
  });
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
