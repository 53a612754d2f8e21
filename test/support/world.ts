// A small world for end-to-end tests: a real Git repository in a temporary folder, the simulator over real
// HTTP, and the built command line as a process of its own.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Receipt } from "../../src/model/receipt.ts";
import type { StateDocument } from "../../src/simulator/records.ts";
import {
  CLIENTS,
  createSimulator,
  LOCAL_SECRETS,
  type Simulator,
  type SimulatorOptions,
} from "../../src/simulator/server.ts";
import { writings } from "./canaries.ts";

export const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

export interface Result {
  /** Null when the process was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** The program that is run, instead of the built command line. */
  readonly main?: string;
  /** Called with the process as soon as it runs. */
  readonly onStart?: (child: { readonly kill: (signal: NodeJS.Signals) => void }) => void;
}

/** A Git repository in a temporary folder, and the built command line in it. */
export interface Folder {
  readonly dir: string;
  readonly rolebook: (args: readonly string[], options?: RunOptions) => Promise<Result>;
  readonly git: (...args: readonly string[]) => string;
  readonly write: (path: string, text: string) => void;
  readonly read: (path: string) => string;
  readonly edit: (path: string, from: string, to: string) => void;
  readonly commit: (message: string) => string;
  readonly remove: () => void;
}

export interface World extends Folder {
  readonly url: string;
  readonly simulator: Simulator;
  /** A request with the console's credential: somebody's edit by hand, in the name of a member if there is one. */
  readonly byHand: (method: string, path: string, body?: unknown, member?: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

export const CREDENTIALS = { ACME_CLIENT_ID: CLIENTS.writer, ACME_CLIENT_SECRET: LOCAL_SECRETS.writer };

/** Whose commits they are. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

const ANA: Identity = { name: "Ana Li", email: "ana@acme.example" };

function gitEnvironment({ name, email }: Identity): Record<string, string> {
  return {
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: name,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: name,
    GIT_COMMITTER_EMAIL: email,
  };
}

/** An empty repository; or a clone, with options of `git clone`. */
export function createFolder(identity = ANA, clone: readonly string[] = []): Folder {
  const dir = mkdtempSync(join(tmpdir(), "rolebook-world-"));
  const git = (...args: readonly string[]) =>
    execFileSync("git", [...args], {
      cwd: dir,
      encoding: "utf8",
      env: { ...process.env, ...gitEnvironment(identity) },
      stdio: ["ignore", "pipe", "pipe"],
    });
  if (clone.length > 0) git("clone", "-q", ...clone, dir);
  else git("init", "-q", "-b", "main");
  const path = (name: string) => resolve(dir, name);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), text);
  };
  const read = (name: string) => readFileSync(path(name), "utf8");
  return {
    dir,
    git,
    write,
    read,
    edit: (name, from, to) => {
      const text = read(name);
      if (!text.includes(from)) throw new Error(`${name} does not hold ${JSON.stringify(from)}`);
      write(
        name,
        text.replace(from, () => to),
      );
    },
    commit: (message) => {
      git("add", "-A");
      git("commit", "-q", "-m", message);
      return git("rev-parse", "HEAD").trim();
    },
    rolebook: (args, run = {}) =>
      runProcess(dir, args, { ...run, environment: { ...gitEnvironment(identity), ...run.environment } }),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Starts a simulator and an empty repository beside it. */
export async function createWorld(options: SimulatorOptions = {}): Promise<World> {
  const simulator = createSimulator(options);
  const url = await simulator.listen();
  const folder = createFolder();
  return {
    ...folder,
    url,
    simulator,
    byHand: (method, at, body, member) => request(url, method, at, body, member),
    close: async () => {
      await simulator.close();
      folder.remove();
    },
  };
}

/** Settings for the world's simulator, limits as given. */
export function settingsFor(url: string, extra = ""): string {
  return `kind: Settings
targets:
  - name: acme
    platform: atomic
    url: ${url}
    organization: acme
    credentials: { clientId: ACME_CLIENT_ID, clientSecret: ACME_CLIENT_SECRET }
    environments: [dev, test, staging, production]
${extra}`;
}

/** A world whose repository holds everything the simulator does, committed and recorded as the base. */
export async function importedWorld(extra = "", options: SimulatorOptions = {}): Promise<World> {
  const world = await createWorld(options);
  world.write("policies/rolebook.yaml", settingsFor(world.url, extra));
  for (const [name, run] of [
    ["import", () => world.rolebook(["import"])],
    ["commit", async () => ({ code: 0, stdout: world.commit("import"), stderr: "" })],
    ["apply", () => world.rolebook(["apply"])],
  ] as const) {
    const result = await run();
    if (result.code !== 0) throw new Error(`${name}: exit ${result.code}\n${result.stdout}\n${result.stderr}`);
  }
  world.simulator.counters.reset();
  return world;
}

export function runProcess(
  cwd: string,
  args: readonly string[],
  { environment, main = MAIN, onStart }: RunOptions,
): Promise<Result> {
  return new Promise((settle, fail) => {
    const env = { ...process.env, ...gitEnvironment(ANA), ...CREDENTIALS, ...environment };
    const child = spawn(process.execPath, [main, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.on("error", fail);
    child.on("close", (code) => {
      const leaks = leaksOf(args, main, { ...CREDENTIALS, ...environment }, stdout + stderr);
      if (leaks.length > 0) fail(new Error(`rolebook ${args.join(" ")} shows ${leaks.join(" and ")}`));
      else settle({ code, stdout, stderr });
    });
    onStart?.({ kill: (signal) => child.kill(signal) });
  });
}

/**
 * Variables whose secrets a command shows, in whatever form: every test of a command is a test of that. `simulate` tells the secrets
 * that everybody knows, and another program than ours may do what it likes.
 */
function leaksOf(
  [command]: readonly string[],
  main: string,
  environment: Readonly<Record<string, string>>,
  text: string,
): string[] {
  if (command === "simulate" || main !== MAIN) return [];
  return Object.entries(environment)
    .filter(([name, value]) => /SECRET|TOKEN|PASSWORD|PRIVATE_KEY/.test(name) && value.length >= LEAST_SECRET)
    .flatMap(([name, value]) =>
      writings(value).flatMap(([how, form]) => (text.includes(form) ? `${name} ${how}` : [])),
    );
}

/** Tests make do with words where a secret does not matter. */
const LEAST_SECRET = 16;

async function request(url: string, method: string, path: string, body: unknown, member?: string): Promise<unknown> {
  const basic = Buffer.from(`${CLIENTS.console}:${LOCAL_SECRETS.console}`).toString("base64");
  const agent = { "user-agent": "console" };
  const answer = await fetch(`${url}/oauth2/token`, {
    method: "POST",
    headers: { ...agent, authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials",
  });
  const { access_token: token } = (await answer.json()) as { readonly access_token: string };
  const headers: Record<string, string> = { ...agent, authorization: `Bearer ${token}` };
  if (member !== undefined) headers["x-simulator-member"] = member;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method === "POST") headers["idempotency-key"] = `hand-${Math.floor(performance.now() * 1000)}`;
  if (method === "PATCH" || method === "DELETE")
    headers["if-match"] = (await fetch(url + path, { headers })).headers.get("etag") ?? "";
  const response = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** A moment of a world: the platform, what was applied, and the ledger. */
export interface Moment {
  readonly state: StateDocument;
  readonly applied: string;
  readonly ledger: string;
}

export function rememberMoment(world: World): Moment {
  return {
    state: world.simulator.dump(),
    applied: world.git("rev-parse", "refs/rolebook/applied/acme").trim(),
    ledger: world.git("rev-parse", "rolebook/ledger").trim(),
  };
}

/** Puts a world back, with no faults and all counters at zero. */
export function rewindTo(world: World, { state, applied, ledger }: Moment): void {
  world.simulator.faults.set([]);
  world.simulator.load(state);
  world.simulator.counters.reset();
  world.git("update-ref", "refs/rolebook/applied/acme", applied);
  world.git("update-ref", "refs/heads/rolebook/ledger", ledger);
}

/** Receipts on the ledger that were not there at that moment, oldest first. */
export function receiptsSince(world: Pick<Folder, "git">, { ledger }: Pick<Moment, "ledger">): Receipt[] {
  const paths = world.git("diff", "--name-only", ledger, "rolebook/ledger").split("\n");
  return paths
    .filter((path) => path.includes("receipt"))
    .map((path) => JSON.parse(world.git("show", `rolebook/ledger:${path}`)) as Receipt)
    .sort((one, other) => (one.endedAt < other.endedAt ? -1 : 1));
}
