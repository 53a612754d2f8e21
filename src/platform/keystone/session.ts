// A session with one Keystone: whom to be, a token for as long as it is needed, and where the identity API is. Answers
// the question which domain a target is; knows nothing of what is in it, and shows no secret to anybody.
import { readFileSync } from "node:fs";
import { type Connection, PlatformError } from "../../model/driver.ts";
import { type Api, openApi, parseSecretJson, refusal } from "../http/api.ts";
import type { Token } from "../http/token.ts";
import { type HttpAnswer, openTransport, type Transport } from "../http/transport.ts";
import { catalogueUrl, domainsOf, lifeMsOf, roleNamesOf, type TokenAnswer, userIdOf } from "./token.ts";

/** Keystone is often one process: more at once only wait in its queue, which is short. */
const DEFAULT_CONNECTIONS = 4;
const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 5;

export interface DomainRef {
  readonly id: string;
  readonly name: string;
}

export interface Session {
  readonly api: Api;
  readonly connections: number;
  /** The target's domain, as far as the token itself tells; undefined when it has to be looked up. */
  readonly tokenDomain: () => Promise<DomainRef | undefined>;
  /** The id of the user that the credential belongs to, whatever the domain. */
  readonly userId: () => Promise<string | undefined>;
  /** Names of the roles that the token holds; undefined when Keystone does not say. */
  readonly roleNames: () => Promise<readonly string[] | undefined>;
  /** HTTP requests so far, tokens and retries included. */
  readonly requests: () => number;
  readonly close: () => Promise<void>;
}

/** Opens a session; nothing is sent yet. Throws `PlatformError` when the URL, a file or a credential is missing. */
export function openSession(connection: Connection): Session {
  const { target } = connection;
  const connections = connection.connections ?? DEFAULT_CONNECTIONS;
  const authorities = authoritiesOf(connection);
  const open = (url: string) =>
    openTransport({
      url,
      connections,
      timeoutMs: connection.timeoutMs ?? DEFAULT_TIMEOUT_MS,
      retries: connection.retries ?? DEFAULT_RETRIES,
      ...(authorities === undefined ? {} : { authorities }),
    });
  const entrance = open(versioned(target.url));
  const identity = identityOf(connection);
  const hintFor = (status: number, method: string) => hintOf(status, method, connection);
  const issue = () => issueToken(entrance, identity, connection, hintFor);
  const issued = new Issued(issue);
  const byCatalogue = target.options?.interface !== undefined || target.options?.region !== undefined;
  const endpoint = byCatalogue ? catalogueTransport(entrance, issued, connection, open) : undefined;
  const transport = endpoint?.transport ?? entrance;
  const api = openApi({
    transport,
    userAgent: connection.userAgent,
    fetchToken: issued.fetch,
    authorize: (token) => ({ "x-auth-token": token }),
    secrets: identity.secrets,
    keep: connection.keep,
    hintFor,
  });
  return {
    api,
    connections,
    tokenDomain: async () => domainsOf((await issued.answer()).answer).find(({ name }) => name === target.organization),
    userId: async () => userIdOf((await issued.answer()).answer),
    roleNames: async () => roleNamesOf((await issued.answer()).answer),
    requests: () => entrance.requests() + (endpoint?.requests() ?? 0),
    close: async () => {
      await Promise.all([entrance.close(), endpoint?.close()]);
    },
  };
}

/** A base URL with the API's version at its end, whether or not it was written. */
function versioned(url: string): string {
  const base = url.replace(/\/+$/, "");
  return base.endsWith("/v3") ? base : `${base}/v3`;
}

function authoritiesOf({ target }: Connection): string | undefined {
  const file = target.options?.caFile;
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new PlatformError(`The file of certificates ${file} cannot be read`, {
      hint: `Is options.caFile of target ${target.name} right? It counts from where the command runs.`,
      cause: error,
    });
  }
}

interface Identity {
  /** What the token is asked for with; undefined for a token that is there already. */
  readonly body: unknown;
  readonly token: string | undefined;
  readonly secrets: readonly string[];
  /** Names of the environment variables, for hints. */
  readonly variables: string;
}

function identityOf({ target, credentials }: Connection): Identity {
  const part = (name: string) => {
    const value = credentials[name];
    return value === undefined || value === "" ? undefined : value;
  };
  const named = (...parts: readonly string[]) => parts.map((name) => target.credentials[name] ?? name).join(" and ");
  const [token, id, secret] = [part("token"), part("applicationCredentialId"), part("applicationCredentialSecret")];
  const [name, password] = [part("username"), part("password")];
  if (token !== undefined) return { body: undefined, token, secrets: [token], variables: named("token") };
  if (id !== undefined && secret !== undefined) {
    const method = { methods: ["application_credential"], application_credential: { id, secret } };
    const variables = named("applicationCredentialId", "applicationCredentialSecret");
    return { body: { auth: { identity: method } }, token, secrets: [secret], variables };
  }
  if (name !== undefined && password !== undefined) {
    const domain = { name: target.options?.userDomain ?? target.organization };
    const method = { methods: ["password"], password: { user: { name, domain, password } } };
    const body = { auth: { identity: method, scope: scopeOf(target) } };
    return { body, token, secrets: [password], variables: named("username", "password") };
  }
  throw new PlatformError(`Target ${target.name} has no whole credential for Keystone`, {
    hint: "Name environment variables in the settings: credentials.username and password, applicationCredentialId and applicationCredentialSecret, or token.",
  });
}

/** What a password's token is for: a project or the whole system if the options say so, else the target's domain. */
function scopeOf({ organization, options }: Connection["target"]): unknown {
  if (options?.project !== undefined)
    return { project: { name: options.project, domain: { name: options.projectDomain ?? organization } } };
  return options?.system === "all" ? { system: { all: true } } : { domain: { name: organization } };
}

function hintOf(status: number, method: string, { target }: Connection): string | undefined {
  const variables = Object.values(target.credentials).join(" and ");
  switch (status) {
    case 401:
      return `Are ${variables} those of somebody who still exists and is enabled, in the domain that userDomain names (else ${target.organization}), with a role where the token is to be for?`;
    case 403:
      return `Whoever ${variables} belong to may not do that: ${method === "GET" ? "reading takes the role reader (or admin) on the domain or the system" : "changing takes the role admin"}.`;
    case 404:
      return "Does the target's url in the settings lead to Keystone's public endpoint?";
    case 429:
      return "The platform asks for a longer pause than Rolebook waits for; try again later.";
    default:
      return status >= 500 ? "Keystone failed; try again, or ask whoever runs it to look into its log." : undefined;
  }
}

interface IssuedToken extends Token {
  readonly answer: TokenAnswer;
}

/** The last token with what was told beside it. The first one that anybody asks for serves whoever asks next. */
class Issued {
  readonly #issue: () => Promise<IssuedToken>;
  #first: Promise<IssuedToken> | undefined;
  #taken = false;

  constructor(issue: () => Promise<IssuedToken>) {
    this.#issue = issue;
  }

  readonly answer = (): Promise<IssuedToken> => {
    this.#first ??= this.#issue();
    this.#first.catch(() => {
      this.#first = undefined;
    });
    return this.#first;
  };

  readonly fetch = (): Promise<IssuedToken> => {
    if (this.#taken) return this.#issue();
    const first = this.answer();
    return first.then((token) => {
      this.#taken = true;
      return token;
    });
  };
}

async function issueToken(
  transport: Transport,
  { body, token, secrets, variables }: Identity,
  { userAgent, target }: Connection,
  hintFor: (status: number, method: string) => string | undefined,
): Promise<IssuedToken> {
  const method = token === undefined ? "POST" : "GET";
  const what = `${method} /v3/auth/tokens`;
  const common = { "user-agent": userAgent, accept: "application/json" };
  const answer = await transport.sendAside(
    token === undefined
      ? {
          method: "POST",
          path: "/auth/tokens",
          headers: async () => ({ ...common, "content-type": "application/json" }),
          body: JSON.stringify(body),
          repeatable: true,
        }
      : {
          method: "GET",
          path: "/auth/tokens",
          headers: async () => ({ ...common, "x-auth-token": token, "x-subject-token": token }),
          repeatable: true,
        },
  );
  if (answer.status >= 400) {
    // A token that has ended is one that is not found.
    const ended = token !== undefined && (answer.status === 401 || answer.status === 404);
    const hint = ended
      ? `The token in ${variables} has ended or was revoked: put a new one there (openstack token issue).`
      : hintFor(answer.status, method);
    throw refusal(what, answer, hint, secrets);
  }
  return readToken(what, answer, token, target.name);
}

function readToken(what: string, answer: HttpAnswer, given: string | undefined, target: string): IssuedToken {
  const { token } = (parseSecretJson(what, answer) ?? {}) as { readonly token?: TokenAnswer };
  const value = given ?? answer.header("x-subject-token");
  const lifeMs = token && lifeMsOf(token, given === undefined ? undefined : Date.now());
  if (!token || value === undefined || lifeMs === undefined)
    throw new PlatformError(`${what}: the answer is not a token of Keystone`, {
      status: answer.status,
      hint: `Does the url of target ${target} lead to Keystone's public endpoint?`,
    });
  return { value, lifeMs, answer: token };
}

/** Sends to where the catalogue in the token says that the identity API is. */
function catalogueTransport(
  entrance: Transport,
  issued: Issued,
  { target }: Connection,
  open: (url: string) => Transport,
): { readonly transport: Transport; readonly requests: () => number; readonly close: () => Promise<void> } {
  let found: Promise<Transport> | undefined;
  let opened: Transport | undefined;
  const find = async () => {
    const { answer } = await issued.answer();
    const url = catalogueUrl(answer, target.options ?? {});
    if (url === undefined)
      throw new PlatformError("Keystone's catalogue has no identity endpoint of that interface and region", {
        hint: `Look at options.interface and options.region of target ${target.name}, or leave both out to use its url.`,
      });
    if (target.url.startsWith("https:") && !url.startsWith("https:"))
      throw new PlatformError("Keystone's catalogue names an identity endpoint that is not encrypted", {
        hint: "Leave options.interface and options.region out to use the target's url, or mend the catalogue.",
      });
    opened = open(versioned(url));
    return opened;
  };
  const endpoint = () => {
    found ??= find();
    found.catch(() => {
      found = undefined;
    });
    return found;
  };
  return {
    transport: {
      send: async (request) => (await endpoint()).send(request),
      sendAside: entrance.sendAside,
      requests: () => opened?.requests() ?? 0,
      close: async () => opened?.close(),
    },
    requests: () => opened?.requests() ?? 0,
    close: async () => opened?.close(),
  };
}
