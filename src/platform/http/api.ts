// A JSON API behind a token: requests with a fresh token, answers parsed, refusals turned into errors that
// hold no secret. Decides nothing about what the answers mean.
import { PlatformError } from "../../model/driver.ts";
import { describeProblem, HttpError, problemOf, redact } from "./failure.ts";
import type { Token, TokenSource } from "./token.ts";
import { keepToken } from "./token.ts";
import type { HttpAnswer, HttpRequest, Transport } from "./transport.ts";

export interface ApiOptions {
  readonly transport: Transport;
  readonly userAgent: string;
  readonly fetchToken: () => Promise<Token>;
  /** The headers that carry a token; by default `Authorization: Bearer`. */
  readonly authorize?: (token: string) => Readonly<Record<string, string>>;
  /** Everything that must never be shown; the tokens are added. */
  readonly secrets: readonly string[];
  /** Told every token. */
  readonly keep?: ((secret: string) => void) | undefined;
  /** What to do about a refusal. */
  readonly hintFor: (status: number, method: string) => string | undefined;
}

export interface ApiRequest {
  readonly method: HttpRequest["method"];
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly repeatable: boolean;
}

export interface ApiAnswer {
  readonly status: number;
  /** The parsed body; undefined when there is none. */
  readonly json: unknown;
}

export interface Api {
  /** Throws `HttpError` for a refusal, `UnreachableError` without an answer, `PlatformError` for an answer that is no JSON. */
  readonly call: (request: ApiRequest) => Promise<ApiAnswer>;
  /** What the server's own clock said with its latest answer; undefined before one, or where it does not tell. */
  readonly clock: () => Date | undefined;
}

/** Tokens that are remembered to be struck out of texts: those that answers under way may still echo. */
const MOST_SEEN = 4;
/** How often a garbled answer is asked for again. */
const MOST_GARBLED = 2;

/** An API client over a transport. */
export function openApi(options: ApiOptions): Api {
  const seen: string[] = [];
  const tokens = keepToken(
    async () => {
      const token = await options.fetchToken();
      seen.splice(0, Math.max(0, seen.length - MOST_SEEN + 1));
      seen.push(token.value);
      options.keep?.(token.value);
      return token;
    },
    () => performance.now(),
  );
  const secrets = () => [...options.secrets, ...seen];
  let clock: Date | undefined;
  return {
    clock: () => clock,
    call: async (request) => {
      for (let garbled = 0; ; garbled += 1) {
        const answer = await sendAuthorized(request, options, tokens);
        clock = instantOf(answer.header("date")) ?? clock;
        const what = `${request.method} ${request.path.split("?")[0]}`;
        if (answer.status >= 400)
          throw refusal(what, answer, options.hintFor(answer.status, request.method), secrets());
        const json = parseJson(answer.body);
        if (json !== GARBLED) return { status: answer.status, json };
        if (!request.repeatable || garbled === MOST_GARBLED)
          throw new PlatformError(redact(`${what}: the answer (${answer.status}) is not JSON`, secrets()), {
            status: answer.status,
            hint: "Does the target's url lead to the platform's API itself, not to a login page or a proxy?",
          });
      }
    },
  };
}

/** Sends with a token; a token that is refused is renewed once, since it may have been revoked before its time. */
async function sendAuthorized(request: ApiRequest, options: ApiOptions, tokens: TokenSource): Promise<HttpAnswer> {
  const { method, path, json, repeatable } = request;
  for (let round = 0; ; round += 1) {
    let token = "";
    const headers = async () => {
      token = await tokens.current();
      return {
        "user-agent": options.userAgent,
        accept: "application/json",
        ...(options.authorize?.(token) ?? { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { "content-type": "application/json" }),
        ...request.headers,
      };
    };
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const answer = await options.transport.send({ method, path, repeatable, headers, ...body });
    if (answer.status !== 401 || round === 1) return answer;
    tokens.refuse(token);
  }
}

/** An HTTP date; undefined for what is none. */
function instantOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? "");
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The error of an answer that says no. */
export function refusal(
  what: string,
  answer: HttpAnswer,
  hint: string | undefined,
  secrets: readonly string[],
): HttpError {
  const problem = problemOf(answer.body, secrets);
  return new HttpError(redact(describeProblem(what, answer.status, problem), secrets), answer.status, problem, hint);
}

const GARBLED = Symbol("garbled");

/** A JSON error's message quotes the text it fails on, which may hold a secret: it is dropped here. */
function parseJson(body: string): unknown {
  if (body === "") return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return GARBLED;
  }
}

/** Parses an answer of the token endpoint or throws an error that quotes nothing of it. */
export function parseSecretJson(what: string, answer: HttpAnswer): unknown {
  const json = parseJson(answer.body);
  if (json === GARBLED || json === undefined)
    throw new PlatformError(`${what}: the answer (${answer.status}) is not JSON`, {
      status: answer.status,
      hint: "Does the target's url lead to the platform's API itself, not to a login page or a proxy?",
    });
  return json;
}
