// A small world for end-to-end tests: a real Git repository in a temporary folder, the simulator over real
// HTTP, and the built command line as a process of its own.
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  VAULT_CLIENTS,
  VAULT_SECRETS,
} from "../../src/simulator/server.ts";
import type { VaultDocument } from "../../src/simulator/vault/records.ts";
import { takePlace } from "./begun.ts";
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

export const CREDENTIALS = {
  ACME_CLIENT_ID: CLIENTS.writer,
  ACME_CLIENT_SECRET: LOCAL_SECRETS.writer,
  VAULT_CLIENT_ID: VAULT_CLIENTS.writer,
  VAULT_CLIENT_SECRET: VAULT_SECRETS.writer,
};

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

/** An empty repository; or a clone, with options of `git clone`; or a copy of a folder. */
export function createFolder(identity = ANA, clone: readonly string[] = [], copied?: string): Folder {
  const dir = mkdtempSync(join(tmpdir(), "rolebook-world-"));
  const git = (...args: readonly string[]) =>
    execFileSync("git", [...args], {
      cwd: dir,
      encoding: "utf8",
      env: { ...process.env, ...gitEnvironment(identity) },
      stdio: ["ignore", "pipe", "pipe"],
    });
  if (copied !== undefined) {
    cpSync(copied, dir, { recursive: true, preserveTimestamps: true });
    git("update-index", "-q", "--refresh");
  } else if (clone.length > 0) git("clone", "-q", ...clone, dir);
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
  return worldOf(simulator, await simulator.listen(), createFolder());
}

function worldOf(simulator: Simulator, url: string, folder: Folder, leave: () => void = () => undefined): World {
  return {
    ...folder,
    url,
    simulator,
    byHand: (method, at, body, member) => request(url, method, at, body, member),
    close: async () => {
      await simulator.close();
      folder.remove();
      leave();
    },
  };
}

/**
 * A world that begins as `begin` leaves its folder. The first one runs it, and the others `go` on with copies; `what` names it and
 * all it depends on, and without that each world runs it.
 */
export async function begunWorld(
  what: string | undefined,
  begin: (world: World) => Promise<void>,
  go: (world: World) => void = () => undefined,
  options: SimulatorOptions = {},
): Promise<World> {
  const simulator = createSimulator(options);
  const place = await takePlace((port) => simulator.listen(port));
  const begun = what === undefined ? undefined : place.begun(what);
  const world = worldOf(simulator, place.url, createFolder(ANA, [], begun), place.leave);
  if (begun !== undefined) go(world);
  else {
    await begin(world);
    if (what !== undefined) place.keep(what, world.dir);
    simulator.counters.reset();
  }
  return world;
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

/** A platform that a world's simulator serves, as the one target of its settings. */
export interface Served<Document = StateDocument> {
  readonly target: string;
  readonly settings: (url: string, extra?: string) => string;
  readonly dump: (simulator: Simulator) => Document;
  readonly load: (simulator: Simulator, document: Document) => void;
}

export const ORGANIZATION: Served = {
  target: "acme",
  settings: settingsFor,
  dump: (simulator) => simulator.dump(),
  load: (simulator, document) => simulator.load(document),
};

export const VAULT: Served<VaultDocument> = {
  target: "vault",
  settings: (url, extra = "") => `kind: Settings
targets:
  - name: vault
    platform: atomyx
    url: ${url}
    organization: acme
    credentials: { clientId: VAULT_CLIENT_ID, clientSecret: VAULT_CLIENT_SECRET }
${extra}`,
  dump: (simulator) => simulator.dumpVault(),
  load: (simulator, document) => simulator.loadVault(document),
};

/** A world whose repository holds everything that the simulator serves of one platform, committed and recorded as the base. */
export function importedWorld<Document = StateDocument>(extra = "", served?: Served<Document>): Promise<World> {
  const { target, settings } = served ?? ORGANIZATION;
  return begunWorld(`import ${target}\n${extra}`, (world) => importAll(world, settings(world.url, extra)));
}

async function importAll(world: World, settings: string): Promise<void> {
  world.write("policies/rolebook.yaml", settings);
  for (const [name, run] of [
    ["import", () => world.rolebook(["import"])],
    ["commit", async () => ({ code: 0, stdout: world.commit("import"), stderr: "" })],
    ["apply", () => world.rolebook(["apply"])],
  ] as const) {
    const result = await run();
    if (result.code !== 0) throw new Error(`${name}: exit ${result.code}\n${result.stdout}\n${result.stderr}`);
  }
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
  // No connection is kept: the next world may have the same address.
  const agent = { "user-agent": "console", connection: "close" };
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
export interface Moment<Document = StateDocument> {
  readonly served: Served<Document>;
  readonly state: Document;
  readonly applied: string;
  readonly ledger: string;
}

export function rememberMoment<Document>(world: World, served: Served<Document>): Moment<Document>;
export function rememberMoment(world: World): Moment;
export function rememberMoment(world: World, served: Served = ORGANIZATION): Moment {
  return {
    served,
    state: served.dump(world.simulator),
    applied: world.git("rev-parse", appliedRef(served)).trim(),
    ledger: world.git("rev-parse", "rolebook/ledger").trim(),
  };
}

/** Where the commit is recorded that a target was applied at last. */
export function appliedRef({ target }: Pick<Served, "target">): string {
  return `refs/rolebook/applied/${target}`;
}

/** Puts a world back, with no faults and all counters at zero. */
export function rewindTo<Document>(world: World, { served, state, applied, ledger }: Moment<Document>): void {
  world.simulator.faults.set([]);
  served.load(world.simulator, state);
  world.simulator.counters.reset();
  world.git("update-ref", appliedRef(served), applied);
  world.git("update-ref", "refs/heads/rolebook/ledger", ledger);
}

/** Receipts on the ledger that were not there at that moment, oldest first. */
export function receiptsSince(world: Pick<Folder, "git">, { ledger }: { readonly ledger: string }): Receipt[] {
  const paths = world.git("diff", "--name-only", ledger, "rolebook/ledger").split("\n");
  return paths
    .filter((path) => path.includes("receipt"))
    .map((path) => JSON.parse(world.git("show", `rolebook/ledger:${path}`)) as Receipt)
    .sort((one, other) => (one.endedAt < other.endedAt ? -1 : 1));
}
