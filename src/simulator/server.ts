// The simulator: a real HTTP server that behaves like the platform by its contract. Routes, parameters, scopes and bodies all come
// from the OpenAPI description; every operation must have a handler, or the server refuses to be made.
import type { AddressInfo } from "node:net";
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply } from "fastify";
import { problemAnswer } from "./answer.ts";
import { type Client, createAuth, digestSecret } from "./auth.ts";
import { type Contract, readContract, type Schema } from "./contract.ts";
import { type Counters, createCounters } from "./counters.ts";
import { createFaults, type Faults } from "./faults.ts";
import { withIdempotency } from "./idempotency.ts";
import { createPages } from "./pages.ts";
import { addOperation, type Surroundings, sendAnswer } from "./pipeline.ts";
import { Problem } from "./problems.ts";
import type { StateDocument } from "./records.ts";
import { groupHandlers, listHandlers, memberHandlers, roleHandlers } from "./routes/access.ts";
import { addControlRoutes, nothingHere } from "./routes/control.ts";
import { environmentHandlers } from "./routes/environments.ts";
import { tokenHandlers } from "./routes/tokens.ts";
import { acmeSeed } from "./seed.ts";
import { dumpState, loadState } from "./state.ts";
import { keepStateFile, readStateFile, type StateFile } from "./state-file.ts";
import { createStore, type Store, type WriteHook } from "./store.ts";

export interface SimulatorOptions {
  /** What it starts with, unless the state file has something. Default: the acme organization. */
  readonly seed?: StateDocument;
  /** Where to keep the state; it is read at start when it exists. Default: nowhere. */
  readonly stateFile?: string;
  /** Secrets of the three clients. Defaults are `LOCAL_SECRETS`, known to everyone. */
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
  readonly faults: Faults;
  readonly counters: Counters;
  /** Replaces the organization. Throws `StateError` and changes nothing when the document does not hold together. */
  readonly load: (document: StateDocument) => void;
  readonly dump: () => StateDocument;
  /** Calls back around every effective write; the result ends that. Callbacks run within the write and must be quick. */
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

/** How long requests under way may take once the server is to close. */
const CLOSE_MS = 3000;
const SWEEP_MS = 20;
/** Longer than a client's pool keeps an idle connection, so that the client closes it first and no request is lost to that. */
const KEEP_ALIVE_MS = 30_000;
const MAX_BODY_BYTES = 4 * 1024 * 1024;
const HOUR_MS = 60 * 60 * 1000;

/** A simulator that does not listen yet. Throws when the state file or the seed makes no sense. */
export function createSimulator(options: SimulatorOptions = {}): Simulator {
  const contract = readContract();
  const store = createStore(options.now ?? Date.now);
  const saved = options.stateFile === undefined ? undefined : readStateFile(options.stateFile);
  loadState(store, saved ?? options.seed ?? acmeSeed(), saved !== undefined);
  const stateFile = options.stateFile === undefined ? undefined : keepStateFile(store, options.stateFile);
  const faults = createFaults(options.latencyMs);
  const names = contract.operations.map((operation) => `${operation.method} ${operation.path}`);
  const counters = createCounters(names, store);
  const app = buildServer(contract, store, faults, counters, options);
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
    load: (document) => loadState(store, document),
    dump: () => dumpState(store),
    onWrite: (hook) => {
      store.hooks.add(hook);
      return () => store.hooks.delete(hook);
    },
  };
}

function buildServer(
  contract: Contract,
  store: Store,
  faults: Faults,
  counters: Counters,
  options: SimulatorOptions,
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
  app.setValidatorCompiler(({ schema, httpPart }) => contract.compile(schema as Schema, httpPart === "querystring"));
  app.setErrorHandler((error: FastifyError, _request, reply) => sendError(error, reply));
  app.setNotFoundHandler((_request, reply) => {
    counters.begin("other")();
    return sendAnswer(reply, nothingHere(), []);
  });
  const auth = createAuth(store, fixedClients(options), options.tokenLifeMs ?? HOUR_MS);
  const handlers = {
    ...tokenHandlers(auth),
    ...environmentHandlers(store, auth),
    ...listHandlers(createPages(store)),
    ...roleHandlers(store),
    ...groupHandlers(store),
    ...memberHandlers(store),
  };
  const surroundings: Surroundings = { store, auth, faults, counters };
  for (const operation of contract.operations) {
    const handler = new Map(Object.entries(handlers)).get(operation.id);
    if (!handler) throw new Error(`the contract's operation ${operation.id} has no handler`);
    const served = operation.keyed ? withIdempotency(store, operation.id, handler) : handler;
    addOperation(app, operation, served, surroundings);
  }
  addControlRoutes(app, { contract, store, counters, faults });
  return app;
}

function fixedClients(options: SimulatorOptions): readonly Client[] {
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
