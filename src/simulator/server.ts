// The simulator: a real HTTP server that behaves like two platforms by their contracts, each in its own paths. Routes, parameters,
// scopes and bodies all come from the OpenAPI descriptions; every operation must have a handler, or the server refuses to be made.
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import { problemAnswer } from "./answer.ts";
import { type Client, digestSecret } from "./auth.ts";
import { type Counters, createCounters } from "./counters.ts";
import { createFaults, type Faults } from "./faults.ts";
import { withIdempotency } from "./idempotency.ts";
import { createWriteLog, type WriteHook } from "./ledger.ts";
import { organizationPlatform } from "./organization.ts";
import { addOperation, nameOfOperation, type Platform, type Surroundings, sendAnswer } from "./pipeline.ts";
import { Problem } from "./problems.ts";
import type { StateDocument } from "./records.ts";
import { addControlRoutes, nothingHere } from "./routes/control.ts";
import { acmeSeed } from "./seed.ts";
import { dumpState, loadState } from "./state.ts";
import { keepStateFile, readStateFile, type StateFile } from "./state-file.ts";
import { createStore, type Store } from "./store.ts";
import { addVaultControlRoutes } from "./vault/control.ts";
import { vaultPlatform } from "./vault/platform.ts";
import type { VaultDocument } from "./vault/records.ts";
import { acmeVault } from "./vault/seed.ts";
import { dumpVault, loadVault } from "./vault/state.ts";
import { createVault, type VaultStore } from "./vault/store.ts";

export interface SimulatorOptions {
  /** What it starts with, unless the state file has something. Default: the acme organization. */
  readonly seed?: StateDocument;
  /** The Vault account that is served beside it, unless the seed or the state file has one. Default: the acme account. */
  readonly vault?: VaultDocument;
  /** Where to keep the state; it is read at start when it exists. Default: nowhere. */
  readonly stateFile?: string;
  /** Secrets of the organization's three clients. Defaults are `LOCAL_SECRETS`, known to everyone. */
  readonly readerSecret?: string;
  readonly writerSecret?: string;
  readonly consoleSecret?: string;
  /** Added to every answer. Default 0. */
  readonly latencyMs?: number;
  /** Default one hour, as the platform's. */
  readonly tokenLifeMs?: number;
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly now?: () => number;
}

export interface Simulator {
  /** Starts to serve; port 0 (the default) takes a free one. Gives the base URL. */
  readonly listen: (port?: number, host?: string) => Promise<string>;
  /** Answers what is under way, writes the state file, closes every connection. */
  readonly close: () => Promise<void>;
  readonly store: Store;
  readonly vault: VaultStore;
  readonly faults: Faults;
  readonly counters: Counters;
  /** Replaces the organization. Throws `StateError` and changes nothing when the document does not hold together. */
  readonly load: (document: StateDocument) => void;
  readonly dump: () => StateDocument;
  /** Replaces the Vault account, and nothing of the organization. Throws `StateError` as `load` does. */
  readonly loadVault: (document: VaultDocument) => void;
  readonly dumpVault: () => VaultDocument;
  /** Calls back around every effective write, to either platform; the result ends that. Callbacks run within the write and must be quick. */
  readonly onWrite: (hook: WriteHook) => () => void;
}

/** Ids of the clients a simulator always has: one may read, one may write too, one stands for people at the console. */
export const CLIENTS = { reader: "rolebook-reader", writer: "rolebook-writer", console: "console" } as const;

/** For a simulator on one's own machine and nothing else. */
export const LOCAL_SECRETS = {
  reader: "local-reader-secret",
  writer: "local-writer-secret",
  console: "local-console-secret",
} as const;

/** Ids of the account's clients: one may read, one may write and make keys too, one stands for people at the Vault's console. */
export const VAULT_CLIENTS = {
  reader: "rolebook-vault-reader",
  writer: "rolebook-vault-writer",
  console: "vault-console",
} as const;

/** For a simulator on one's own machine and nothing else. */
export const VAULT_SECRETS = {
  reader: "vault-local-reader-secret",
  writer: "vault-local-writer-secret",
  console: "vault-local-console-secret",
} as const;

/** How long requests under way may take once the server is to close. */
const CLOSE_MS = 3000;
const SWEEP_MS = 20;
/** Longer than a client's pool keeps an idle connection, so that the client closes it first and no request is lost to that. */
const KEEP_ALIVE_MS = 30_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const HOUR_MS = 60 * 60 * 1000;

/** A simulator that does not listen yet. Throws when the state file or the seed makes no sense. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const { now = Date.now, stateFile: path } = options;
  const log = createWriteLog();
  const [store, vault] = [createStore(now, log), createVault(now, log)];
  const saved = path === undefined ? undefined : readStateFile(path);
  const seed = saved ?? options.seed ?? acmeSeed();
  loadState(store, seed, saved !== undefined);
  loadVault(vault, seed.vault ?? options.vault ?? acmeVault(), saved?.vault !== undefined);
  const dumpAll = (): StateDocument => ({ ...dumpState(store), vault: dumpVault(vault) });
  const stateFile = path === undefined ? undefined : keepStateFile(path, dumpAll);
  if (stateFile) store.onChange = vault.onChange = stateFile.changed;
  const faults = createFaults(options.latencyMs);
  const { tokenLifeMs = HOUR_MS } = options;
  const platforms = [
    organizationPlatform(store, organizationClients(options), tokenLifeMs),
    vaultPlatform(vault, vaultClients(), tokenLifeMs),
  ];
  const counters = createCounters(
    platforms.flatMap(({ contract }) => contract.operations.map(nameOfOperation)),
    log,
  );
  const app = buildServer(platforms, faults, counters, now);
  addControlRoutes(app, { store, counters, faults });
  addVaultControlRoutes(app, vault);
  return {
    listen: async (port = 0, host = "127.0.0.1") => {
      await app.listen({ port, host });
      const { address, family, port: taken } = app.server.address() as AddressInfo;
      return `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
    },
    close: () => close(app, stateFile),
    store,
    faults,
    counters,
    vault,
    load: (document) => loadState(store, document),
    dump: () => dumpState(store),
    loadVault: (document) => loadVault(vault, document),
    dumpVault: () => dumpVault(vault),
    onWrite: (hook) => {
      log.hooks.add(hook);
      return () => log.hooks.delete(hook);
    },
  };
}

function buildServer(
  platforms: readonly Platform[],
  faults: Faults,
  counters: Counters,
  now: () => number,
): FastifyInstance {
  const app = Fastify({
    bodyLimit: MAX_BODY_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    exposeHeadRoutes: false,
    frameworkErrors: (error, _request, reply) => void sendError(error, reply),
  });
  app.removeContentTypeParser("text/plain");
  app.addContentTypeParser("application/x-www-form-urlencoded", { parseAs: "string" }, (_request, body, done) =>
    done(null, readForm(String(body))),
  );
  // What a server says of the time is what it goes by.
  app.addHook("onSend", (_request, reply, _payload, done) => {
    reply.header("date", new Date(now()).toUTCString());
    done();
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => sendError(error, reply));
  app.setNotFoundHandler((_request, reply) => {
    counters.begin("other")();
    return sendAnswer(reply, nothingHere(), []);
  });
  for (const { contract, ledger, handlers, ...own } of platforms) {
    const surroundings: Surroundings = { ...own, contract, faults, counters };
    for (const operation of contract.operations) {
      const handler = new Map(Object.entries(handlers)).get(operation.id);
      if (!handler) throw new Error(`the contract's operation ${operation.id} has no handler`);
      const served = operation.keyed ? withIdempotency(ledger, operation.id, handler) : handler;
      addOperation(app, operation, served, surroundings);
    }
  }
  return app;
}

function organizationClients(options: SimulatorOptions): readonly Client[] {
  const { reader, writer, console } = LOCAL_SECRETS;
  const read = { clientId: CLIENTS.reader, scopes: ["access:read"], console: false } as const;
  const write = { clientId: CLIENTS.writer, scopes: ["access:read", "access:write"], console: false } as const;
  const people = { clientId: CLIENTS.console, scopes: ["access:read", "access:write", "auth"], console: true } as const;
  return [
    { ...read, secretDigest: digestSecret(options.readerSecret ?? reader) },
    { ...write, secretDigest: digestSecret(options.writerSecret ?? writer) },
    { ...people, secretDigest: digestSecret(options.consoleSecret ?? console) },
  ];
}

function vaultClients(): readonly Client[] {
  const { reader, writer, console } = VAULT_CLIENTS;
  const scopes = ["vault:read", "vault:write", "vault:keys"] as const;
  return [
    { clientId: reader, scopes: ["vault:read"], console: false, secretDigest: digestSecret(VAULT_SECRETS.reader) },
    { clientId: writer, scopes, console: false, secretDigest: digestSecret(VAULT_SECRETS.writer) },
    { clientId: console, scopes, console: true, secretDigest: digestSecret(VAULT_SECRETS.console) },
  ];
}

/** A form's fields; one that is there twice becomes a list, which no schema here allows. */
function readForm(body: string): { readonly [name: string]: string | readonly string[] } {
  const fields = new URLSearchParams(body);
  return Object.fromEntries(
    [...fields.keys()].map((name) => {
      const values = fields.getAll(name);
      return [name, values.length === 1 ? (values[0] ?? "") : values];
    }),
  );
}

/** Every error becomes a problem; what is not ours to explain is a 500 without details. */
function sendError(error: FastifyError | Error, reply: FastifyReply): FastifyReply {
  return sendAnswer(reply, errorAnswer(error), []);
}

function errorAnswer(error: FastifyError | Error): ReturnType<typeof problemAnswer> {
  if (error instanceof Problem) return problemAnswer(error);
  const { validation, validationContext, statusCode = 500, code } = error as Partial<FastifyError>;
  if (validation) {
    const errors = validation.map(({ instancePath, message, params }) => ({
      pointer: instancePath || String(params.missingProperty ?? params.additionalProperty ?? ""),
      detail: message ?? "is not as the contract says",
    }));
    const what =
      validationContext === "body" ? "unprocessable" : validationContext === "params" ? "not-found" : "bad-request";
    return problemAnswer(new Problem(what, `The ${validationContext} is not as the contract says.`, { errors }));
  }
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE")
    return problemAnswer(new Problem("unsupported-media-type", "Send application/json."));
  if (statusCode >= 400 && statusCode < 500)
    return problemAnswer(new Problem("bad-request", error.message), statusCode);
  return problemAnswer(new Problem("internal", "Something went wrong."));
}

async function close(app: FastifyInstance, stateFile: StateFile | undefined): Promise<void> {
  // A connection whose last answer is out after closing has begun stays open unless it is closed by hand.
  const sweeper = setInterval(() => app.server.closeIdleConnections(), SWEEP_MS);
  const impatient = setTimeout(() => app.server.closeAllConnections(), CLOSE_MS);
  try {
    await app.close();
  } finally {
    clearInterval(sweeper);
    clearTimeout(impatient);
  }
  await stateFile?.close();
}
