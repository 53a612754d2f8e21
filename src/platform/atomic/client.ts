// The endpoints of the Atomic access API, typed, each answer checked against the contract
// (schemas/platform/atomic.openapi.yaml) before anyone looks at it. Knows no entities and decides nothing.
import * as contract from "../../generated/platform-atomic.cjs";
import type { AuditPage } from "../../generated/types/platform-atomic.ts";
import type { Validate } from "../../generated/validate.d.ts";
import { type Connection, PlatformError } from "../../model/driver.ts";
import { type Api, openApi, parseSecretJson, refusal } from "../http/api.ts";
import type { Page, PageRequest } from "../http/pages.ts";
import type { Token } from "../http/token.ts";
import { openTransport, type Transport } from "../http/transport.ts";
import type { Body, Row } from "./body.ts";
import type { EnvironmentRow, GroupRow, MemberRow, MembershipRow, RoleRow } from "./map.ts";

/** Rows asked for in one page: the most the contract allows. */
const PAGE_ROWS = 1000;
/** Most memberships one batch may change. */
export const BATCH_ROWS = 1000;
const DEFAULT_CONNECTIONS = 8;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 5;

/** What can be created, changed and read one by one. */
export type Collection = "roles" | "groups" | "members";

export interface BatchResult {
  readonly memberId: string;
  readonly action: string;
  readonly result: string;
}

/** Everything that only looks. */
export interface ReadingClient {
  readonly environments: () => Promise<readonly EnvironmentRow[]>;
  readonly roles: (request: PageRequest) => Promise<Page<RoleRow>>;
  readonly groups: (request: PageRequest) => Promise<Page<GroupRow>>;
  readonly members: (request: PageRequest) => Promise<Page<MemberRow>>;
  readonly memberships: (request: PageRequest) => Promise<Page<MembershipRow>>;
  /** A page of what was done lately, newest first. */
  readonly auditLog: (environmentId: string, cursor: string | undefined) => Promise<AuditPage>;
  readonly readOne: (collection: Collection, id: string) => Promise<Row>;
  /** The scopes of a token that is asked for now; undefined when the server does not say. */
  readonly scopes: () => Promise<readonly string[] | undefined>;
  readonly connections: number;
  /** HTTP requests so far, tokens and retries included. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

export interface Client extends ReadingClient {
  readonly create: (collection: Collection, body: Body, idempotencyKey: string) => Promise<Row>;
  readonly update: (collection: Collection, id: string, body: Body, version: string) => Promise<Row>;
  readonly remove: (collection: Collection, id: string, version: string) => Promise<void>;
  /** At most `BATCH_ROWS` in all; idempotent by contract. */
  readonly changeMembers: (
    groupId: string,
    add: readonly string[],
    remove: readonly string[],
  ) => Promise<readonly BatchResult[]>;
}

/** Opens a client that can only look; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openReadingClient(connection: Connection): ReadingClient {
  const { api, common } = connect(connection);
  return { ...common, ...readingCalls(api) };
}

/** Opens a client that can write too; nothing is sent yet. Throws `PlatformError` when the URL or a credential is missing. */
export function openClient(connection: Connection): Client {
  const { api, common } = connect(connection);
  return { ...common, ...readingCalls(api), ...writingCalls(api) };
}

function connect(connection: Connection) {
  const connections = connection.connections ?? DEFAULT_CONNECTIONS;
  const transport = openTransport({
    url: connection.target.url,
    connections,
    timeoutMs: connection.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retries: connection.retries ?? DEFAULT_RETRIES,
  });
  const credentials = credentialsOf(connection);
  const hintFor = (status: number, method: string) => hintOf(status, method, connection);
  const askForToken = () => fetchToken(transport, connection, credentials, hintFor);
  const api = openApi({
    transport,
    userAgent: connection.userAgent,
    fetchToken: askForToken,
    secrets: [credentials.clientSecret, credentials.basic],
    keep: connection.keep,
    hintFor,
  });
  const scopes = async () => (await askForToken()).scopes;
  return { api, common: { scopes, connections, requests: transport.requests, close: transport.close } };
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

function hintOf(status: number, method: string, { target }: Connection): string | undefined {
  const { clientId, clientSecret } = target.credentials;
  switch (status) {
    case 401:
      return `Are ${clientId} and ${clientSecret} those of a credential of organization ${target.organization} that still exists?`;
    case 403:
      return `The credential in ${clientId} lacks the scope ${method === "GET" ? "access:read" : "access:write"}.`;
    case 404:
      return "Does the target's url in the settings lead to the access API of the organization?";
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
  hintFor: (status: number, method: string) => string | undefined,
): Promise<Token & { readonly scopes: readonly string[] | undefined }> {
  const what = "POST /oauth2/token";
  const answer = await transport.sendAside({
    method: "POST",
    path: "/oauth2/token",
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
  const token = checked(what, contract.TokenAnswer, parseSecretJson(what, answer));
  const scopes = token.scope?.split(" ").filter((scope) => scope !== "");
  return { value: token.access_token, lifeMs: token.expires_in * 1000, scopes };
}

/** The value, if it is as the contract says. The error names places and rules, never values. */
function checked<T>(what: string, validate: Validate<T>, value: unknown): T {
  if (validate(value)) return value;
  const [first] = validate.errors ?? [];
  const where = first ? `${first.instancePath === "" ? "the answer" : first.instancePath} ${first.message}` : "";
  throw new PlatformError(`${what}: the answer is not as the contract says: ${where}`, {
    hint: "Does the target's url lead to a server that keeps Rolebook's contract for Atomic?",
  });
}

function readingCalls(api: Api) {
  const get = async <T>(path: string, validate: Validate<T>): Promise<T> => {
    const { json } = await api.call({ method: "GET", path, repeatable: true });
    return checked(`GET ${path.split("?")[0]}`, validate, json);
  };
  const page =
    <T>(collection: string, validate: Validate<T>) =>
    (request: PageRequest) =>
      get(`/v1/${collection}?${pageQuery(request)}`, validate);
  return {
    environments: async () => (await get("/v1/environments", contract.EnvironmentList)).environments,
    roles: page("roles", contract.RolePage),
    groups: page("groups", contract.GroupPage),
    members: page("members", contract.MemberPage),
    memberships: page("memberships", contract.MembershipPage),
    auditLog: (environmentId: string, cursor: string | undefined) =>
      get(
        `/v1/${encodeURIComponent(environmentId)}/audit-log?${pageQuery({ partition: undefined, cursor })}`,
        contract.AuditPage,
      ),
    readOne: async (collection: Collection, id: string): Promise<Row> =>
      (await get(pathOf(collection, id), answers[collection])).data,
  };
}

function pageQuery({ partition, cursor }: PageRequest): string {
  const query = new URLSearchParams({ limit: String(PAGE_ROWS) });
  if (partition) query.set("partition", partition.join("/"));
  if (cursor !== undefined) query.set("cursor", cursor);
  return query.toString();
}

function pathOf(collection: string, id: string): string {
  return `/v1/${collection}/${encodeURIComponent(id)}`;
}

const answers: { readonly [C in Collection]: Validate<{ readonly data: Row }> } = {
  roles: contract.RoleAnswer,
  groups: contract.GroupAnswer,
  members: contract.MemberAnswer,
};

function writingCalls(api: Api) {
  return {
    create: async (collection: Collection, body: Body, idempotencyKey: string): Promise<Row> => {
      const path = `/v1/${collection}`;
      const headers = { "idempotency-key": idempotencyKey };
      const { json } = await api.call({ method: "POST", path, headers, json: body, repeatable: true });
      return checked(`POST ${path}`, answers[collection], json).data;
    },
    update: async (collection: Collection, id: string, body: Body, version: string): Promise<Row> => {
      const path = pathOf(collection, id);
      const headers = { "if-match": version };
      const { json } = await api.call({ method: "PATCH", path, headers, json: body, repeatable: true });
      return checked(`PATCH ${path}`, answers[collection], json).data;
    },
    remove: async (collection: Collection, id: string, version: string): Promise<void> => {
      const headers = { "if-match": version };
      await api.call({ method: "DELETE", path: pathOf(collection, id), headers, repeatable: true });
    },
    changeMembers: async (groupId: string, add: readonly string[], remove: readonly string[]) => {
      const path = `${pathOf("groups", groupId)}/members/batch`;
      const { json } = await api.call({ method: "POST", path, json: { add, remove }, repeatable: true });
      return checked(`POST ${path}`, contract.BatchAnswer, json).data.results;
    },
  };
}
