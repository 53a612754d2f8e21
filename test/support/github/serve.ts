// The HTTP server of the fake: reads a request, holds it against the description, asks who it is from and whether they may, and
// holds the answer against the description before it goes out. Pages, rate-limit headers, ETags and faults are here.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Refusal, sync } from "./acts.ts";
import type { Exchange, GitHubContract } from "./contract.ts";
import { appOfJwt } from "./credentials.ts";
import { type GitRequest, gitRequest, gitToken, serveGit } from "./git-http.ts";
import type { AppRecord, RepositoryRecord, State, TokenRecord } from "./records.ts";
import { fullName } from "./records.ts";
import { type Answer, ROUTES, type Route } from "./routes.ts";

/** An answer that goes wrong. */
export interface Fault {
  /** How many answers; 1 without it. */
  readonly times?: number;
  readonly method?: string;
  readonly path?: RegExp;
  /** 502 and the like; without it the right answer is given (late, with `delayMs`). */
  readonly status?: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly delayMs?: number;
  /** The request is carried out, and only its answer is lost. */
  readonly done?: boolean;
  /** The connection is cut instead of any answer. */
  readonly cut?: boolean;
}

export interface RecordedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: string;
  /** Name of the token it came with; `none`, or `unknown` for one that is not known. `jwt:slug` for an app's own. */
  readonly token: string;
  readonly login: string;
  readonly body: unknown;
  readonly userAgent: string;
  status: number;
}

export interface Serving {
  readonly state: State;
  readonly contract: GitHubContract;
  readonly pageSize: number;
  readonly faults: Fault[];
  readonly requests: RecordedRequest[];
  readonly violations: string[];
  spoil: ((operation: string, body: unknown) => unknown) | undefined;
  /** Told of each request before it is carried out. */
  onRequest: ((request: RecordedRequest) => void) | undefined;
}

interface Found {
  readonly route: Route;
  readonly template: string;
  readonly params: Readonly<Record<string, string>>;
}

interface Sent {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const DOCUMENTATION = "https://docs.github.com/rest";
const LIMIT = 5000;

export async function listen(serving: Serving): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    respond(serving, request, response).catch((error) => {
      serving.violations.push(`the fake failed: ${error instanceof Error ? error.stack : error}`);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return { server, port: (server.address() as AddressInfo).port };
}

async function respond(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", serving.state.url);
  const git = gitRequest(serving.state, url);
  if (git) return respondToGit(serving, git, url, request, response);
  const raw = await readBody(request);
  const path = url.pathname.replace(/^\/api\/v3(?=\/)/, "");
  const caller = identify(serving.state, request.headers.authorization);
  const method = request.method ?? "GET";
  const body: unknown = raw === "" ? undefined : JSON.parse(raw);
  const record: RecordedRequest = {
    method,
    path,
    query: url.search.slice(1),
    token: caller.name,
    login: caller.login,
    body,
    userAgent: request.headers["user-agent"] ?? "",
    status: 0,
  };
  serving.requests.push(record);
  serving.onRequest?.(record);
  const fault = takeFault(serving, method, path);
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
  const sent =
    fault?.status !== undefined || fault?.cut
      ? broken(serving, fault, () => handle(serving, { method, path, url, body, caller }))
      : handle(serving, { method, path, url, body, caller });
  record.status = sent.status;
  if (fault?.cut) return void request.socket.destroy();
  const scopes = caller.token?.scopes;
  const headers = scopes === undefined ? sent.headers : { ...sent.headers, "x-oauth-scopes": scopes };
  write(serving, request, response, { ...sent, headers });
}

async function respondToGit(
  serving: Serving,
  git: GitRequest,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const token = gitToken(serving.state, request);
  const record: RecordedRequest = {
    method: git.writes ? "PUSH" : "FETCH",
    path: url.pathname,
    query: url.search.slice(1),
    token: token?.name ?? (request.headers.authorization === undefined ? "none" : "unknown"),
    login: token?.login ?? "",
    body: undefined,
    userAgent: request.headers["user-agent"] ?? "",
    status: 0,
  };
  serving.requests.push(record);
  serving.onRequest?.(record);
  const fault = takeFault(serving, record.method, record.path);
  if (fault?.delayMs !== undefined) await sleep(fault.delayMs);
  if (fault?.cut) return void request.socket.destroy();
  if (fault?.status !== undefined) {
    record.status = fault.status;
    return void response.writeHead(fault.status, { ...fault.headers }).end(fault.message ?? "Server Error");
  }
  record.status = await serveGit(git, token, url, request, response);
}

/** The fault's answer; the request is carried out first when the fault says so. */
function broken(serving: Serving, fault: Fault, carryOut: () => Sent): Sent {
  if (fault.done) carryOut();
  const status = fault.status ?? 502;
  return {
    status,
    body: { message: fault.message ?? "Server Error", documentation_url: DOCUMENTATION },
    headers: { ...rate(serving), ...fault.headers },
  };
}

function takeFault(serving: Serving, method: string, path: string): Fault | undefined {
  const index = serving.faults.findIndex(
    (fault) => (fault.method === undefined || fault.method === method) && (fault.path?.test(path) ?? true),
  );
  const fault = serving.faults[index];
  if (!fault) return undefined;
  const left = (fault.times ?? 1) - 1;
  if (left > 0) serving.faults[index] = { ...fault, times: left };
  else serving.faults.splice(index, 1);
  return fault;
}

interface Caller {
  readonly name: string;
  readonly login: string;
  readonly token: TokenRecord | undefined;
  readonly app: AppRecord | undefined;
}

function identify(state: State, authorization: string | undefined): Caller {
  if (authorization === undefined) return { name: "none", login: "", token: undefined, app: undefined };
  const credential = authorization.replace(/^(?:bearer|token) /i, "");
  const token = state.tokens.get(credential);
  if (token && !token.revoked) return { name: token.name, login: token.login, token, app: undefined };
  const app = appOfJwt(state, credential, Date.now());
  if (app) return { name: `jwt:${app.slug}`, login: `${app.slug}[bot]`, token: undefined, app };
  return { name: "unknown", login: "", token: undefined, app: undefined };
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly body: unknown;
  readonly caller: Caller;
}

function handle(serving: Serving, incoming: Incoming): Sent {
  sync(serving.state);
  const { method, path, url, body } = incoming;
  if (method === "POST" && GRAPHQL.test(url.pathname)) return answerViewer(serving, incoming);
  const found = findRoute(method, path);
  if (!found) {
    serving.violations.push(`${method} ${path}: the fake does not serve this`);
    return refusal(serving, new Refusal(404, "Not Found"));
  }
  const exchange: Exchange = { method, template: found.template, params: found.params, query: url.searchParams, body };
  const wrong = serving.contract.checkRequest(exchange);
  if (wrong.length > 0) {
    serving.violations.push(...wrong);
    return refusal(serving, new Refusal(500, `Rolebook broke GitHub's description: ${wrong.join("; ")}`));
  }
  const sent = carryOut(serving, incoming, found);
  const answered = serving.spoil ? { ...sent, body: serving.spoil(`${method} ${found.template}`, sent.body) } : sent;
  const plain: unknown = answered.body === undefined ? undefined : JSON.parse(JSON.stringify(answered.body));
  const lies = serving.contract.checkAnswer(exchange, answered.status, plain);
  if (lies.length === 0) return answered;
  serving.violations.push(...lies);
  return refusal(serving, new Refusal(500, `the fake broke GitHub's description: ${lies.join("; ")}`));
}

/** `/graphql`, and `/api/graphql` of an Enterprise server: in no OpenAPI description. One question of it is served, as GitHub answers it. */
const GRAPHQL = /^\/(?:api\/)?graphql$/;

function answerViewer(serving: Serving, { body, caller }: Incoming): Sent {
  if (!caller.token) return refusal(serving, new Refusal(401, "Bad credentials"));
  const { query } = body as { readonly query?: string };
  if (query?.replaceAll(/\s+/g, "") !== "query{viewer{login}}") {
    serving.violations.push(`the fake does not serve the GraphQL query ${query}`);
    return refusal(serving, new Refusal(500, "unknown query"));
  }
  return { status: 200, body: { data: { viewer: { login: caller.token.login } } }, headers: rate(serving) };
}

function carryOut(serving: Serving, incoming: Incoming, { route, params }: Found): Sent {
  const { state } = serving;
  const { caller, url, body } = incoming;
  try {
    const repository = state.repositories.get(`${params.owner}/${params.repo}`.toLowerCase());
    authorize(route, caller, params.owner === undefined ? undefined : repository, params);
    const call = {
      state,
      // Routes without a repository do not look at it.
      repository: repository as RepositoryRecord,
      params,
      query: url.searchParams,
      body: (body ?? {}) as Readonly<Record<string, unknown>>,
      token: caller.token as TokenRecord,
      app: caller.app,
    };
    return paged(serving, url, route.handle(call));
  } catch (error) {
    if (error instanceof Refusal) return refusal(serving, error);
    throw error;
  }
}

function authorize(
  route: Route,
  { token, app, name }: Caller,
  repository: RepositoryRecord | undefined,
  params: Readonly<Record<string, string>>,
): void {
  if (name === "unknown") throw new Refusal(401, "Bad credentials");
  if (route.by === "app" && !app) throw new Refusal(401, "A JSON web token could not be decoded");
  if (params.owner !== undefined && !repository) throw new Refusal(404, "Not Found");
  if (route.by === "app") return;
  if (!token) throw new Refusal(401, name === "none" ? "Requires authentication" : "Bad credentials");
  // Whoever may not see a private repository is told that it is not there.
  if (repository && token.repository !== undefined && token.repository !== fullName(repository) && repository.private)
    throw new Refusal(404, "Not Found");
  const rank = { read: 1, write: 2 };
  const allowed = (permission: string) =>
    rank[token.permissions[permission] ?? "read"] >= rank[route.access] && permission in token.permissions;
  if (route.needs.length > 0 && !route.needs.some(allowed))
    throw new Refusal(
      403,
      token.app ? "Resource not accessible by integration" : "Resource not accessible by personal access token",
      undefined,
      route.needs.map((need) => `${need}=${route.access}`).join("; "),
    );
}

function refusal(serving: Serving, { status, message, errors, accepted }: Refusal): Sent {
  const body = { message, ...(errors ? { errors } : {}), documentation_url: DOCUMENTATION, status: String(status) };
  const headers = rate(serving);
  return {
    status,
    body,
    headers: accepted === undefined ? headers : { ...headers, "x-accepted-github-permissions": accepted },
  };
}

/** Cuts a list into the page that is asked for, with the links to the others. */
function paged(serving: Serving, url: URL, { status = 200, body, list, of }: Answer): Sent {
  const headers = rate(serving);
  if (!list) return { status, body, headers };
  const asked = Math.min(Number(url.searchParams.get("per_page") ?? 30), 100);
  const size = Math.min(asked, serving.pageSize);
  const page = Number(url.searchParams.get("page") ?? 1);
  const last = Math.max(1, Math.ceil(list.length / size));
  const items = list.slice((page - 1) * size, page * size);
  const link = (rel: string, number: number) => {
    const target = new URL(url);
    target.searchParams.set("page", String(number));
    return `<${target.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [link("prev", page - 1), link("first", 1)] : []),
    ...(page < last ? [link("next", page + 1), link("last", last)] : []),
  ];
  return {
    status,
    body: of === undefined ? items : { total_count: list.length, [of]: items },
    headers: links.length > 0 ? { ...headers, link: links.join(", ") } : headers,
  };
}

function rate({ requests }: Serving): Record<string, string> {
  const used = requests.length % LIMIT;
  return {
    "x-ratelimit-limit": String(LIMIT),
    "x-ratelimit-remaining": String(LIMIT - used),
    "x-ratelimit-used": String(used),
    "x-ratelimit-resource": "core",
    "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 3600),
  };
}

function write(
  { state }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
  { status, body, headers }: Sent,
): void {
  const text = body === undefined ? "" : JSON.stringify(body);
  const etag = `W/"${createHash("sha256").update(text).digest("hex")}"`;
  const same = status === 200 && request.method === "GET" && request.headers["if-none-match"] === etag;
  response.writeHead(same ? 304 : status, {
    "content-type": "application/json; charset=utf-8",
    "x-github-request-id": `FAKE:${state.newId()}`,
    "x-github-media-type": "github.v3; format=json",
    ...(status === 200 && request.method === "GET" ? { etag } : {}),
    ...headers,
  });
  response.end(same ? "" : text);
}

const COMPILED = Object.entries(ROUTES).map(([operation, route]) => {
  const [method = "", template = ""] = operation.split(" ");
  const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "");
  // A path of a file has slashes in it, as it comes; everything else is one segment.
  const source = template.replaceAll(/\{(\w+)\}/g, (_, name) => (name === "path" ? "(.+)" : "([^/]+)"));
  return { method, template, names, route, pattern: new RegExp(`^${source}$`) };
});

function findRoute(method: string, path: string): Found | undefined {
  for (const { method: wanted, template, names, route, pattern } of COMPILED) {
    const match = wanted === method ? pattern.exec(path) : null;
    if (!match) continue;
    const params = Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? "")]));
    return { route, template, params };
  }
  return undefined;
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
