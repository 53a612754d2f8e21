// A simulator for one test file, and a client that speaks plain HTTP to it and checks every answer against the contract of the
// platform that the path is of.
import type { IncomingHttpHeaders } from "node:http";
import { request as httpRequest } from "node:http";
import { type Contract, type Operation, readContract } from "../../src/simulator/contract.ts";
import {
  CLIENTS,
  createSimulator,
  LOCAL_SECRETS,
  type Simulator,
  type SimulatorOptions,
  VAULT_CLIENTS,
  VAULT_SECRETS,
} from "../../src/simulator/server.ts";

export type ClientName = keyof typeof CLIENTS;

export interface Reply<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface CallOptions {
  readonly as?: ClientName;
  readonly body?: unknown;
  readonly headers?: { readonly [name: string]: string };
}

export interface Session {
  readonly simulator: Simulator;
  readonly url: string;
  /** `operation status` of every answer so far. */
  readonly seen: Set<string>;
  /** An authorized request. The answer must be one the contract describes; throws when it is not. */
  readonly call: <T = ProblemBody>(method: string, path: string, options?: CallOptions) => Promise<Reply<T>>;
  /** A token of a client of the organization, made anew. */
  readonly token: (client: ClientName) => Promise<string>;
  readonly close: () => Promise<void>;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly existingId?: string;
  readonly etag?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

export interface RoleBody {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly permissions: readonly { readonly resource: string; readonly level: string }[];
  readonly etag: string;
}

export interface GroupBody {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly roleIds: readonly string[];
  readonly environmentIds: readonly string[];
  readonly etag: string;
}

export interface MemberBody {
  readonly id: string;
  readonly email: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly status: string;
  readonly multiFactor?: boolean;
  readonly lastActiveAt?: string | null;
  readonly etag: string;
}

export interface MembershipBody {
  readonly groupId: string;
  readonly memberId: string;
}

export interface AuditBody {
  readonly id: string;
  readonly time: string;
  readonly action: string;
  readonly actor: { readonly type: string; readonly id: string; readonly name: string };
  readonly subject: { readonly type: string; readonly id: string; readonly name: string };
  readonly before: { readonly [name: string]: unknown } | null;
  readonly after: { readonly [name: string]: unknown } | null;
  readonly environmentId: string | null;
}

export interface Data<T> {
  readonly data: T;
}

export interface PageBody<T> {
  readonly data: readonly T[];
  readonly cursor: string | null;
  readonly total: number;
  readonly revision: string;
}

export interface BatchBody {
  readonly data: {
    readonly results: readonly { readonly memberId: string; readonly action: string; readonly result: string }[];
  };
}

/** Starts a simulator on a free port. */
export async function startSession(options: SimulatorOptions = {}): Promise<Session> {
  const simulator = createSimulator(options);
  const url = await simulator.listen();
  const seen = new Set<string>();
  const tokens = new Map<string, Promise<string>>();
  const token = (client: ClientName): Promise<string> => fetchToken(url, client);
  const call = async <T>(method: string, path: string, given: CallOptions = {}): Promise<Reply<T>> => {
    const { as = "writer", body, headers = {} } = given;
    const holder = `${isVault(path)} ${as}`;
    const held = tokens.get(holder) ?? (isVault(path) ? fetchVaultToken(url, as) : token(as));
    tokens.set(holder, held);
    const response = await fetch(url + path, {
      method,
      headers: {
        authorization: `Bearer ${await held}`,
        ...(body !== undefined && { "content-type": "application/json" }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    seen.add(`${checkAnswer(method, path, response, text)} ${response.status}`);
    return { status: response.status, headers: response.headers, body: (text && JSON.parse(text)) as T };
  };
  return { simulator, url, seen, call, token, close: () => simulator.close() };
}

/** The header of a Basic authorization. */
export function basic(clientId: string, secret: string): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString("base64")}`;
}

/** Whether a path is of the Vault account, not of the organization. */
function isVault(path: string): boolean {
  return /^\/(?:vault|products)\//.test(path);
}

/** The contract that a path is of. */
export function contractOf(path: string): Contract {
  return readContract(isVault(path) ? "atomyx" : "atomic");
}

export function fetchToken(url: string, client: ClientName): Promise<string> {
  return askForToken(`${url}/oauth2/token`, basic(CLIENTS[client], LOCAL_SECRETS[client]));
}

export function fetchVaultToken(url: string, client: ClientName): Promise<string> {
  return askForToken(`${url}/vault/oauth2/token`, basic(VAULT_CLIENTS[client], VAULT_SECRETS[client]));
}

async function askForToken(url: string, authorization: string): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

/** Throws unless the answer is one that the contract describes for the operation; gives the operation's id. */
export function checkAnswer(method: string, path: string, response: Response, text: string): string {
  const contract = contractOf(path);
  const operation = findOperation(contract.operations, method, path);
  const described = operation.answers[response.status] ?? operation.answers.default ?? {};
  const mediaType = (response.headers.get("content-type") ?? "").split(";")[0] ?? "";
  const schema = described[mediaType];
  const place = `${method} ${path} ${response.status}`;
  if (Object.keys(described).length === 0) {
    if (text !== "") throw new Error(`${place} has a body: ${text}`);
    return operation.id;
  }
  if (schema === undefined)
    throw new Error(`${place} answers ${mediaType}, which the contract does not describe: ${text}`);
  const valid = contract.component(schema);
  if (!valid(JSON.parse(text))) throw new Error(`${place} is no ${schema}: ${JSON.stringify(valid.errors)} ${text}`);
  return operation.id;
}

function findOperation(operations: readonly Operation[], method: string, path: string): Operation {
  const plain = path.split("?")[0] ?? "";
  const found = operations.find(
    (operation) =>
      operation.method === method && new RegExp(`^${operation.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(plain),
  );
  if (!found) throw new Error(`the contract has no ${method} ${plain}`);
  return found;
}

/** A request with exactly these headers: `fetch` adds a User-Agent, this does not. Resolves with what came, or rejects when the connection broke. */
export function rawRequest(
  url: string,
  method: string,
  headers: { readonly [name: string]: string },
  body = "",
): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

let keys = 0;

/** Headers with an Idempotency-Key that no other call has. */
export function freshKey(): { readonly [name: string]: string } {
  return { "idempotency-key": `test-${++keys}` };
}

/** All rows of a listing, page by page. */
export async function readAll<T>(session: Session, path: string, query = "limit=1000"): Promise<readonly T[]> {
  const rows: T[] = [];
  let cursor: string | null = null;
  do {
    const next: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const { status, body }: Reply<PageBody<T>> = await session.call("GET", `${path}?${query}${next}`);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    rows.push(...body.data);
    cursor = body.cursor;
  } while (cursor !== null);
  return rows;
}
