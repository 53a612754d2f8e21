// One pool of kept-alive connections to one platform, and what every request over it gets: a slot, a timeout on
// each step, a deadline for the whole, and another try where that is safe. Knows no platform and no credentials.
//
// p-limit bounds the requests under way (a queue inside undici would eat into their timeouts) and p-retry counts
// and spaces the tries. undici's own retry interceptor is not used: it decides by method, and what makes a
// write safe to repeat here is its If-Match or Idempotency-Key; nor does it let one 429 slow all connections down.
import { setTimeout as sleep } from "node:timers/promises";
import { rootCertificates } from "node:tls";
import pLimit from "p-limit";
import pRetry from "p-retry";
import { type Dispatcher, Pool } from "undici";
import { PlatformError } from "../../model/driver.ts";
import { codeOf, UnreachableError, unreachable } from "./failure.ts";
import { MOST_RETRY_AFTER_MS, mayRetryCode, mayRetryStatus, neverSent, retryAfterMs } from "./retry.ts";

export interface TransportOptions {
  /** Base URL; a path in it is put before every request's. */
  readonly url: string;
  /** Most connections, and most requests under way. */
  readonly connections: number;
  /** Longest wait for an answer's head, or for the next piece of its body, ms. Other limits follow from it. */
  readonly timeoutMs: number;
  /** Most tries after the first. */
  readonly retries: number;
  /** Certificates of authorities (PEM) that are trusted beside the usual ones. */
  readonly authorities?: string;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Path and query, from the base URL. */
  readonly path: string;
  /** Asked before every try, in its slot, so that a token in them is a fresh one. */
  readonly headers: () => Promise<Readonly<Record<string, string>>>;
  readonly body?: string;
  /** Whether sending it twice does no more than sending it once. */
  readonly repeatable: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
}

export interface Transport {
  /**
   * Sends a request once a slot is free, and again while its failure may pass and repeating it is safe.
   * Gives the last answer, good or bad; throws `UnreachableError` without one.
   */
  readonly send: (request: HttpRequest) => Promise<HttpAnswer>;
  /** The same without a slot: for tokens, which requests in their slots wait for. */
  readonly sendAside: (request: HttpRequest) => Promise<HttpAnswer>;
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** Largest answer that is read, bytes: thousands of times a page, and no more. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_CONNECT_MS = 10_000;
/** An answer may trickle for so many times `timeoutMs`, a request with all its tries and waits for so many. */
const ATTEMPT_TIMES = 2;
const REQUEST_TIMES = 10;

/** An answer that may be better next time. */
class TransientAnswer extends Error {
  readonly answer: HttpAnswer;
  /** The server said when to come back: waiting as told is not a failed try, and only the deadline bounds it. */
  readonly told: boolean;
  constructor(answer: HttpAnswer, told: boolean) {
    super(`status ${answer.status}`);
    this.answer = answer;
    this.told = told;
  }
}

class Attempts {
  requests = 0;
  /** Whether the server ever answered: before that, a refused connection is a wrong URL rather than a hiccup. */
  answered = false;
  /** No request starts before this instant (performance.now): one 429 speaks for the whole credential. */
  pausedUntil = 0;
}

/** Opens a pool; nothing is sent yet. Throws `PlatformError` when the URL is none. */
export function openTransport(options: TransportOptions): Transport {
  const base = parseUrl(options.url);
  const state = new Attempts();
  const pool = new Pool(base.origin, {
    connections: options.connections,
    pipelining: 1,
    connect: {
      timeout: Math.min(MOST_CONNECT_MS, options.timeoutMs),
      ...(options.authorities === undefined ? {} : { ca: [...rootCertificates, options.authorities] }),
    },
    headersTimeout: options.timeoutMs,
    bodyTimeout: options.timeoutMs,
    keepAliveTimeout: 10_000,
    maxResponseSize: MOST_BYTES,
  });
  const limit = pLimit(options.connections);
  const prefix = base.pathname.replace(/\/+$/, "");
  const once = (request: HttpRequest, withinMs: number) =>
    attempt(pool, { ...request, path: prefix + request.path }, withinMs, state, base.origin);
  let closing: Promise<void> | undefined;
  const sendAside = (request: HttpRequest) => sendWithRetries(request, once, options, state);
  return {
    send: (request) => limit(() => sendAside(request)),
    sendAside,
    requests: () => state.requests,
    close: () => {
      closing ??= pool.destroy();
      return closing;
    },
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && (url.protocol === "http:" || url.protocol === "https:") && url.username === "" && url.password === "")
    return url;
  throw new PlatformError("The target's url is not one that can be called", {
    hint: "Give it as https://host, without a user or password in it.",
  });
}

async function sendWithRetries(
  request: HttpRequest,
  once: (request: HttpRequest, withinMs: number) => Promise<HttpAnswer>,
  options: TransportOptions,
  state: Attempts,
): Promise<HttpAnswer> {
  const deadline = performance.now() + options.timeoutMs * REQUEST_TIMES;
  const leftMs = () => deadline - performance.now();
  // Once a try may have reached the server, later ones that never left say nothing about what it did.
  let reached = false;
  const tryIt = async () => {
    const pauseMs = state.pausedUntil - performance.now();
    if (pauseMs > 0) await sleep(Math.min(pauseMs, Math.max(0, leftMs())));
    const answer = await once(request, Math.max(1, Math.min(options.timeoutMs * ATTEMPT_TIMES, leftMs()))).catch(
      (error: unknown) => {
        reached ||= error instanceof UnreachableError && error.sent;
        throw error;
      },
    );
    reached ||= answer.status >= 500;
    if (!mayRetryStatus(answer.status, request.repeatable)) return answer;
    const toldMs = retryAfterMs(answer.header("retry-after"), Date.now());
    const waitMs = toldMs ?? 0;
    if (waitMs > MOST_RETRY_AFTER_MS || waitMs >= leftMs()) return answer;
    state.pausedUntil = Math.max(state.pausedUntil, performance.now() + waitMs);
    throw new TransientAnswer(answer, toldMs !== undefined && toldMs > 0);
  };
  try {
    return await pRetry(tryIt, {
      retries: options.retries,
      minTimeout: 100,
      factor: 2,
      maxTimeout: 5_000,
      randomize: true,
      maxRetryTime: options.timeoutMs * REQUEST_TIMES,
      shouldConsumeRetry: ({ error }) => !(error instanceof TransientAnswer && error.told),
      shouldRetry: ({ error }) => error instanceof TransientAnswer || mayRetryError(error, request, state),
    });
  } catch (error) {
    if (error instanceof TransientAnswer) return error.answer;
    if (reached && error instanceof UnreachableError && !error.sent)
      throw new UnreachableError(error.message, error.code, true, error.hint);
    throw error;
  }
}

function mayRetryError(error: unknown, request: HttpRequest, state: Attempts): boolean {
  const code = codeOf(error);
  return mayRetryCode(code, request.repeatable) && (state.answered || !neverSent(code));
}

async function attempt(
  pool: Pool,
  request: HttpRequest,
  withinMs: number,
  state: Attempts,
  where: string,
): Promise<HttpAnswer> {
  const { method, path, body } = request;
  const headers = await request.headers();
  state.requests += 1;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), withinMs);
  try {
    const options: Dispatcher.RequestOptions = { method, path, headers, signal: controller.signal };
    const answer = await pool.request(body === undefined ? options : { ...options, body });
    const text = await answer.body.text();
    state.answered = true;
    return { status: answer.statusCode, header: (name) => single(answer.headers[name]), body: text };
  } catch (error) {
    const code = controller.signal.aborted ? "ATTEMPT_TIMEOUT" : codeOf(error);
    throw unreachable(code, where, !neverSent(code));
  } finally {
    clearTimeout(timer);
  }
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
