// What APIs written in the style of our own contracts (schemas/platform/*.openapi.yaml) have in common: OAuth client
// credentials, lists by cursor, single entities with ETags, batches of a group's members. Every answer is checked
// against the contract before anyone looks at it. Knows no platform's rows and decides nothing.
import type { Validate } from "../../generated/validate.d.ts";
import { type Connection, PlatformError } from "../../model/driver.ts";
import type { Target } from "../../model/settings.ts";
import { type Api, openApi, parseSecretJson, refusal } from "./api.ts";
import type { Page, PageRequest } from "./pages.ts";
import type { Token } from "./token.ts";
import { openTransport, type Transport } from "./transport.ts";

/** Rows asked for in one page: the most the contracts allow. */
const PAGE_ROWS = 1000;
/** Most memberships one batch may change. */
export const BATCH_ROWS = 1000;
const DEFAULT_CONNECTIONS = 8;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 5;

/** Fields of a request's body. */
export type Body = Readonly<Record<string, unknown>>;

/** What a batch did for one member. */
export interface BatchResult {
  readonly memberId: string;
  readonly action: string;
  readonly result: string;
}

/** In which words and on which paths an API keeps to the style. */
export interface ContractStyle {
  /** The platform's name, for hints. */
  readonly title: string;
  readonly tokenPath: string;
  /** What every path but the token's begins with. */
  readonly prefix: string;
  readonly tokenAnswer: Validate<{
    readonly access_token: string;
    readonly expires_in: number;
    readonly scope?: string;
  }>;
  readonly batchAnswer: Validate<{ readonly data: { readonly results: readonly BatchResult[] } }>;
  /** What a 401, 403 or 404 is most likely about. */
  readonly hints: {
    readonly unauthorized: (target: Target) => string;
    readonly forbidden: (method: string, target: Target) => string;
    readonly missing: string;
  };
}

/** A connection of this style: the calls are made of it by `readingCalls` and `writingCalls`. */
export interface ContractConnection {
  readonly api: Api;
  /** For requests that go out without the connection's own token. */
  readonly transport: Transport;
  readonly style: ContractStyle;
  /** Told every secret that an answer brings. */
  readonly keep: Connection["keep"];
  readonly common: {
    /** The scopes of a token that is asked for now; undefined when the server does not say. */
    readonly scopes: () => Promise<readonly string[] | undefined>;
    /** What the platform's own clock said with its latest answer; undefined before one, or where it does not tell. */
    readonly clock: () => Date | undefined;
    readonly connections: number;
    /** HTTP requests so far, tokens and retries included. */
    readonly requests: () => number;
    readonly close: () => Promise<void>;
  };
}

/** Connects; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function connectContract(connection: Connection, style: ContractStyle): ContractConnection {
  const connections = connection.connections ?? DEFAULT_CONNECTIONS;
  const transport = openTransport({
    url: connection.target.url,
    connections,
    timeoutMs: connection.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retries: connection.retries ?? DEFAULT_RETRIES,
  });
  const credentials = credentialsOf(connection);
  const hintFor = (status: number, method: string) => hintOf(status, method, connection.target, style);
  const askForToken = () => fetchToken(transport, connection, credentials, style, hintFor);
  const api = openApi({
    transport,
    userAgent: connection.userAgent,
    fetchToken: askForToken,
    secrets: [credentials.clientSecret, credentials.basic],
    keep: connection.keep,
    hintFor,
  });
  const scopes = async () => (await askForToken()).scopes;
  const { requests, close } = transport;
  return {
    api,
    transport,
    style,
    keep: connection.keep,
    common: { scopes, clock: api.clock, connections, requests, close },
  };
}

interface Credentials {
  readonly clientSecret: string;
  /** Value of the Basic scheme: id and secret form-encoded, as OAuth 2.0 asks, then base64. */
  readonly basic: string;
}

function credentialsOf({ credentials, target }: Connection): Credentials {
  const [clientId, clientSecret] = ["clientId", "clientSecret"].map((part) => {
    const value = credentials[part];
    if (value !== undefined && value !== "") return value;
    const variable = target.credentials[part];
    throw new PlatformError(`Target ${target.name} has no ${part}`, {
      hint:
        variable === undefined
          ? `Name its environment variable in the settings: credentials.${part}.`
          : `Set ${variable}.`,
    });
  }) as [string, string];
  const basic = Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString("base64");
  return { clientSecret, basic };
}

function formEncode(text: string): string {
  return new URLSearchParams({ _: text }).toString().slice(2);
}

function hintOf(status: number, method: string, target: Target, { hints }: ContractStyle): string | undefined {
  switch (status) {
    case 401:
      return hints.unauthorized(target);
    case 403:
      return hints.forbidden(method, target);
    case 404:
      return hints.missing;
    case 429:
      return "The platform asks for a longer pause than Rolebook waits for; try again later.";
    default:
      return status >= 500 ? "The platform failed; try again, or ask whoever runs it." : undefined;
  }
}

async function fetchToken(
  transport: Transport,
  connection: Connection,
  { basic, clientSecret }: Credentials,
  style: ContractStyle,
  hintFor: (status: number, method: string) => string | undefined,
): Promise<Token & { readonly scopes: readonly string[] | undefined }> {
  const what = `POST ${style.tokenPath}`;
  const answer = await transport.sendAside({
    method: "POST",
    path: style.tokenPath,
    headers: async () => ({
      "user-agent": connection.userAgent,
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      authorization: `Basic ${basic}`,
    }),
    body: "grant_type=client_credentials",
    repeatable: true,
  });
  if (answer.status >= 400) {
    // OAuth tells a wrong client with 400 or 401.
    const hint = hintFor(answer.status === 400 ? 401 : answer.status, "POST");
    throw refusal(what, answer, hint, [clientSecret, basic]);
  }
  const token = checked(what, style.tokenAnswer, parseSecretJson(what, answer), style);
  const scopes = token.scope?.split(" ").filter((scope) => scope !== "");
  return { value: token.access_token, lifeMs: token.expires_in * 1000, scopes };
}

/** The value, if it is as the contract says. The error names places and rules, never values. */
export function checked<T>(what: string, validate: Validate<T>, value: unknown, { title }: ContractStyle): T {
  if (validate(value)) return value;
  const [first] = validate.errors ?? [];
  const where = first ? `${first.instancePath === "" ? "the answer" : first.instancePath} ${first.message}` : "";
  throw new PlatformError(`${what}: the answer is not as the contract says: ${where}`, {
    hint: `Does the target's url lead to a server that keeps Rolebook's contract for ${title}?`,
  });
}

/** One entity, as every contract wraps it. */
type Answer<Row> = Validate<{ readonly data: Row }>;

/** Calls that only look. Paths are below the style's prefix. */
export interface ReadingCalls {
  readonly get: <T>(path: string, validate: Validate<T>) => Promise<T>;
  /** Pages of a collection. */
  readonly list: <Row>(
    collection: string,
    validate: Validate<Page<Row>>,
  ) => (request: PageRequest) => Promise<Page<Row>>;
  readonly one: <Row>(collection: string, id: string, validate: Answer<Row>) => Promise<Row>;
}

/** Calls that write, each with what makes it safe to send again. */
export interface WritingCalls {
  readonly create: <Row>(collection: string, body: Body, idempotencyKey: string, validate: Answer<Row>) => Promise<Row>;
  readonly update: <Row>(
    collection: string,
    id: string,
    body: Body,
    version: string,
    validate: Answer<Row>,
  ) => Promise<Row>;
  readonly remove: (collection: string, id: string, version: string) => Promise<void>;
  /** For what does no more when it is sent twice, by its nature or by its headers. */
  readonly post: <T>(
    path: string,
    json: unknown,
    validate: Validate<T>,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<T>;
  /** At most `BATCH_ROWS` in all; idempotent by contract. */
  readonly changeMembers: (
    groupId: string,
    add: readonly string[],
    remove: readonly string[],
  ) => Promise<readonly BatchResult[]>;
}

export function readingCalls({ api, style }: ContractConnection): ReadingCalls {
  const get = async <T>(below: string, validate: Validate<T>): Promise<T> => {
    const path = `${style.prefix}${below}`;
    const { json } = await api.call({ method: "GET", path, repeatable: true });
    return checked(`GET ${path.split("?")[0]}`, validate, json, style);
  };
  return {
    get,
    list: (collection, validate) => (request) => get(`/${collection}?${pageQuery(request)}`, validate),
    one: async (collection, id, validate) => (await get(entityPath(collection, id), validate)).data,
  };
}

export function writingCalls({ api, style }: ContractConnection): WritingCalls {
  const { prefix } = style;
  const post: WritingCalls["post"] = async (below, body, validate, headers = {}) => {
    const path = prefix + below;
    const json = body === undefined ? {} : { json: body };
    const answer = await api.call({ method: "POST", path, headers, ...json, repeatable: true });
    return checked(`POST ${path}`, validate, answer.json, style);
  };
  return {
    post,
    create: async (collection, body, idempotencyKey, validate) =>
      (await post(`/${collection}`, body, validate, { "idempotency-key": idempotencyKey })).data,
    update: async (collection, id, body, version, validate) => {
      const path = prefix + entityPath(collection, id);
      const headers = { "if-match": version };
      const { json } = await api.call({ method: "PATCH", path, headers, json: body, repeatable: true });
      return checked(`PATCH ${path}`, validate, json, style).data;
    },
    remove: async (collection, id, version) => {
      const path = prefix + entityPath(collection, id);
      await api.call({ method: "DELETE", path, headers: { "if-match": version }, repeatable: true });
    },
    changeMembers: async (groupId, add, remove) => {
      const path = `${entityPath("groups", groupId)}/members/batch`;
      return (await post(path, { add, remove }, style.batchAnswer)).data.results;
    },
  };
}

/** The query of a page. */
export function pageQuery({ partition, cursor }: PageRequest): string {
  const query = new URLSearchParams({ limit: String(PAGE_ROWS) });
  if (partition) query.set("partition", partition.join("/"));
  if (cursor !== undefined) query.set("cursor", cursor);
  return query.toString();
}

function entityPath(collection: string, id: string): string {
  return `/${collection}/${encodeURIComponent(id)}`;
}
