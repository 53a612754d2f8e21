// The way of a request: counted, delayed, perhaps hit by a fault, authorized, checked against the contract, handled, answered.
// The one place where handlers meet the web server.
import { setTimeout as pause } from "node:timers/promises";
import type { ValidateFunction } from "ajv";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { type Answer, type Call, type Handler, type Handlers, problemAnswer } from "./answer.ts";
import type { Auth, Token } from "./auth.ts";
import type { Contract, Operation, Schema } from "./contract.ts";
import type { Counters } from "./counters.ts";
import type { FaultRule, Faults } from "./faults.ts";
import { keyOf } from "./idempotency.ts";
import type { Ledger } from "./ledger.ts";
import { Problem } from "./problems.ts";
import type { Actor } from "./records.ts";
import { earlyAnswer, spoilAnswer, trickle } from "./spoil.ts";

/** A platform that is simulated: its contract, what serves it, and what it keeps. */
export interface Platform {
  readonly contract: Contract;
  readonly ledger: Ledger;
  readonly handlers: Handlers;
  readonly auth: Auth;
  /** In whose name a request is made; undefined when the console names somebody unknown. */
  readonly actorOf: (token: Token, member: string | undefined) => Actor | undefined;
  /** Changes what the operation names, before it is served. */
  readonly changeBehind: (operation: Operation, id: string, description: string | undefined) => void;
}

/** What a platform's operations are served with. */
export interface Surroundings extends Pick<Platform, "contract" | "auth" | "actorOf" | "changeBehind"> {
  readonly faults: Faults;
  readonly counters: Counters;
}

/** What is known of a request from its start. */
interface Admission {
  readonly rules: readonly FaultRule[];
  token: Token | undefined;
}

/** Console requests may say in whose name they are. Not part of the contract. */
const MEMBER_HEADER = "x-simulator-member";

const NOT_ADMITTED: Admission = { rules: [], token: undefined };

/** What requests of an operation are counted under. */
export function nameOfOperation({ method, path }: Operation): string {
  return `${method} ${path}`;
}

/** Serves an operation of the contract. */
export function addOperation(
  app: FastifyInstance,
  operation: Operation,
  handler: Handler,
  surroundings: Surroundings,
): void {
  const admissions = new WeakMap<FastifyRequest, Admission>();
  const { params, querystring, headers, body, bodyType } = operation;
  const checksBody = body !== undefined && bodyType === "application/json";
  app.route({
    method: operation.method,
    url: operation.path.replace(/\{(\w+)\}/g, ":$1"),
    schema: { params, querystring, headers, ...(checksBody && { body }) },
    validatorCompiler: ({ schema, httpPart }) =>
      whenNeeded(() => surroundings.contract.compile(schema as Schema, httpPart === "querystring")),
    onRequest: async (request, reply) => {
      const admission: Admission = { rules: countRequest(operation, request, reply, surroundings), token: undefined };
      admissions.set(request, admission);
      if (await isSpoiledEarly(reply, admission.rules, surroundings.faults.latencyMs)) return reply;
      admission.token = authorize(operation, request, admission.rules, surroundings.auth);
      return undefined;
    },
    preValidation: async (request) => {
      const sent = (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase();
      if (bodyType !== undefined && sent !== bodyType)
        throw new Problem("unsupported-media-type", `Send the body as ${bodyType}.`);
    },
    handler: async (request, reply) => {
      const { rules, token } = admissions.get(request) ?? NOT_ADMITTED;
      for (const rule of rules)
        if (rule.kind === "stale-etag")
          surroundings.changeBehind(operation, paramsOf(request).id ?? "", rule.description);
      const answer = handle(handler, callOf(operation, request, token, surroundings));
      return sendAnswer(reply, spoilAnswer(answer, rules), rules);
    },
  });
}

/** A validator that is compiled by its first use: most runs use few of a contract's operations, and start without waiting. */
function whenNeeded(compile: () => ValidateFunction): ValidateLater {
  let compiled: ValidateFunction | undefined;
  const check = (value: unknown): boolean => {
    compiled ??= compile();
    const isValid = compiled(value);
    validate.errors = compiled.errors ?? null;
    return isValid;
  };
  const validate: ValidateLater = Object.assign(check, { errors: null });
  return validate;
}

interface ValidateLater {
  (value: unknown): boolean;
  errors: NonNullable<ValidateFunction["errors"]> | null;
}

function countRequest(
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
  { counters, faults }: Surroundings,
): readonly FaultRule[] {
  // "close" comes for every request, also for one whose connection is cut.
  reply.raw.once("close", counters.begin(nameOfOperation(operation)));
  const path = request.url.split("?")[0] ?? "";
  return faults.hit({ operation: operation.id, method: operation.method, path });
}

/** Waits as long as faults say, and answers or hangs up when one says so. */
async function isSpoiledEarly(reply: FastifyReply, rules: readonly FaultRule[], latencyMs: number): Promise<boolean> {
  const waitMs = rules.reduce((sum, rule) => sum + (rule.kind === "latency" ? rule.ms : 0), latencyMs);
  if (waitMs > 0) await pause(waitMs);
  for (const rule of rules) {
    if (rule.kind === "drop" && rule.when === "before") {
      hangUp(reply);
      return true;
    }
    const answer = earlyAnswer(rule);
    if (!answer) continue;
    sendAnswer(reply, answer, []);
    return true;
  }
  return false;
}

function authorize(
  operation: Operation,
  request: FastifyRequest,
  rules: readonly FaultRule[],
  auth: Auth,
): Token | undefined {
  const { authorization, "user-agent": userAgent = "" } = request.headers;
  if (userAgent.trim() === "") throw new Problem("bad-request", "Every request needs a User-Agent.");
  if (operation.scope === undefined) return undefined;
  if (rules.some((rule) => rule.kind === "expire-token")) auth.revoke(authorization);
  const token = auth.check(authorization);
  if (!token) throw new Problem("unauthorized", "The access token is missing, unknown or expired.");
  if (!token.scopes.some((scope) => scope === operation.scope))
    throw new Problem("forbidden", `The credential ${token.clientId} lacks the scope ${operation.scope}.`);
  return token;
}

function callOf(
  operation: Operation,
  request: FastifyRequest,
  token: Token | undefined,
  { actorOf }: Surroundings,
): Call {
  const member = request.headers[MEMBER_HEADER];
  const nobody = { type: "credential", id: "", name: "" } as const;
  const actor = token ? actorOf(token, typeof member === "string" ? member : undefined) : nobody;
  if (!actor) throw new Problem("bad-request", `${MEMBER_HEADER} names nobody of this organization.`);
  const idempotencyKey = keyOf(request.headers);
  return {
    params: paramsOf(request),
    query: request.query as Call["query"],
    headers: request.headers,
    body: request.body,
    token,
    write: { actor, operation: operation.id, ...(idempotencyKey !== undefined && { idempotencyKey }) },
  };
}

function paramsOf(request: FastifyRequest): { readonly [name: string]: string } {
  return request.params as { readonly [name: string]: string };
}

function handle(handler: Handler, call: Call): Answer {
  try {
    return handler(call);
  } catch (error) {
    if (error instanceof Problem) return problemAnswer(error);
    throw error;
  }
}

/** Sends an answer, or what the rules leave of it. */
export function sendAnswer(reply: FastifyReply, answer: Answer, rules: readonly FaultRule[]): FastifyReply {
  const { status, type, headers = {}, body } = answer;
  for (const rule of rules) {
    if (rule.kind === "drop" && rule.when === "after") return hangUp(reply);
    if (rule.kind === "drop" && rule.when === "during") return hangUpHalfway(reply, answer);
    if (rule.kind === "slow-body" && body !== undefined) {
      const length = String(Buffer.byteLength(body));
      reply.code(status).headers({ ...headers, "content-length": length });
      return reply.type(type ?? "application/json").send(trickle(body, rule.ms));
    }
  }
  reply.code(status).headers(headers);
  if (type) reply.header("content-type", type);
  return reply.send(body);
}

function hangUp(reply: FastifyReply): FastifyReply {
  reply.hijack();
  reply.raw.destroy();
  return reply;
}

function hangUpHalfway(reply: FastifyReply, { status, type, body = "" }: Answer): FastifyReply {
  reply.hijack();
  const bytes = Buffer.from(body);
  reply.raw.writeHead(status, { "content-type": type ?? "application/json", "content-length": bytes.length });
  reply.raw.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => reply.raw.destroy());
  return reply;
}
