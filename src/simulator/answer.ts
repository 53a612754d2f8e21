// What a handler is given and what it gives back: plain values, so that handlers know nothing of the web server.
import type { IncomingHttpHeaders } from "node:http";
import type { Token } from "./auth.ts";
import type { Write } from "./ledger.ts";
import { type Problem, problemText } from "./problems.ts";

/** A request that passed the contract's checks: parameters and body are as its schemas say. */
export interface Call {
  readonly params: { readonly [name: string]: string };
  readonly query: { readonly [name: string]: unknown };
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly token: Token | undefined;
  /** In whose name a write would be. */
  readonly write: Write;
}

export interface Answer {
  readonly status: number;
  readonly type?: "application/json" | "application/problem+json";
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Buffer;
  /** The body of a repetition under the same Idempotency-Key, when that is another: one without a secret. */
  readonly again?: string;
}

/** Serves one operation of the contract. Throws a `Problem` to refuse. */
export type Handler = (call: Call) => Answer;

/** Operation id -> handler. */
export type Handlers = { readonly [operation: string]: Handler };

export const NO_STORE = { "cache-control": "no-store" };

/** A JSON answer. */
export function jsonAnswer(status: number, value: unknown, headers?: { readonly [name: string]: string }): Answer {
  return { status, type: "application/json", body: JSON.stringify(value), ...(headers && { headers }) };
}

/** `{data}` with the entity's ETag. */
export function entityAnswer(status: number, view: object, etag: string): Answer {
  return jsonAnswer(status, { data: view }, { etag });
}

export function problemAnswer(problem: Problem, status = problem.status): Answer {
  const type = "application/problem+json";
  const headers = { "www-authenticate": "Bearer" };
  return { status, type, ...(status === 401 && { headers }), body: problemText(problem, status) };
}
