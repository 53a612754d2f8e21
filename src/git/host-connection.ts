// A connection to GitHub by octokit: who we are there, how patient we are, and what is said when it fails. Octokit is loaded by the
// first call, so that commands without a host never pay for it. No message, log or error of it holds a token.
import { setTimeout as sleep } from "node:timers/promises";
import type { Octokit, RequestError } from "octokit";
import { HostError } from "../model/host.ts";
import type { HostOptions } from "./host.ts";
import { describeFailure } from "./host-failure.ts";

export interface Connection {
  readonly octokit: Octokit;
  readonly place: { readonly owner: string; readonly repo: string };
  /** Slug of our own GitHub App; undefined with a token. */
  readonly appSlug: string | undefined;
  /** Parameters of a request that must not be repeated when it is not known whether it did its work. */
  readonly never: { readonly request: { readonly retries: number } };
}

/** Does something over the connection; what fails becomes a `HostError` that says what was being done. */
export type Connect = <T>(doing: string, run: (connection: Connection) => Promise<T>) => Promise<T>;

/** An answer that takes longer is not coming. */
const ANSWER_MS = 60_000;
const RETRIES = 3;
/** Waiting longer than this for a rate limit is for whoever started us to decide. */
const MOST_WAIT_SECONDS = 300;
/** Answers by which nothing was done, or that will be the same next time. 429 is a rate limit, with a time of its own. */
const FINAL = [400, 401, 403, 404, 409, 410, 422, 429, 451];

const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export function openConnection(options: HostOptions): Connect {
  let opened: Promise<Connection> | undefined;
  return async (doing, run) => {
    try {
      opened ??= open(options);
      return await run(await opened);
    } catch (error) {
      if (error instanceof HostError) throw error;
      throw describeFailure(error, doing, options);
    } finally {
      // An opening that failed is tried again by the next call.
      opened?.catch(() => {
        opened = undefined;
      });
    }
  };
}

/** The token that requests go out with: the one given, or an app's for the repository, renewed when it has ended. */
export function hostToken(options: HostOptions): () => Promise<string> {
  const { authentication } = options;
  if (authentication.kind === "token") return async () => authentication.token;
  const connect = openConnection(options);
  return () =>
    connect("getting a token for Git", async ({ octokit }) => {
      const auth = (await octokit.auth({ type: "installation" })) as { readonly token: string };
      options.keep?.(auth.token);
      return auth.token;
    });
}

async function open(options: HostOptions): Promise<Connection> {
  const [owner = "", repo = ""] = options.repository.split("/");
  const place = { owner, repo };
  const never = { request: { retries: 0 } };
  const { authentication } = options;
  const { Octokit, App } = await import("octokit");
  const Configured = Octokit.defaults(configuration(options));
  if (authentication.kind === "token") {
    const octokit = new Configured({ auth: authentication.token });
    return { octokit: patient(octokit), place, never, appSlug: undefined };
  }
  const app = new App({
    appId: authentication.id,
    privateKey: authentication.privateKey,
    Octokit: Configured,
    log: SILENT,
  });
  const asApp = patient(app.octokit);
  const { data: self } = await asApp.rest.apps.getAuthenticated();
  if (self?.slug === undefined) throw new HostError("GitHub does not say which app the key is of");
  const installation = authentication.installation ?? (await asApp.rest.apps.getRepoInstallation(place)).data.id;
  const octokit = patient(await app.getInstallationOctokit(installation));
  return { octokit, place, never, appSlug: self.slug };
}

function configuration({ apiUrl, userAgent }: HostOptions) {
  const wait = (seconds: number, _request: object, _octokit: unknown, tried: number) =>
    tried < RETRIES && seconds <= MOST_WAIT_SECONDS;
  return {
    baseUrl: apiUrl.replace(/\/+$/, ""),
    userAgent,
    log: SILENT,
    request: {
      log: SILENT,
      fetch: (url: string, init: RequestInit) => fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS) }),
    },
    retry: { retries: RETRIES, doNotRetry: FINAL },
    throttle: { onRateLimit: wait, onSecondaryRateLimit: wait, ...lanesOf(apiUrl) },
  };
}

/**
 * GitHub.com asks for a second between two writes, and octokit keeps to that. Enterprise servers ask for nothing of the kind unless
 * their administrators say so; what they answer is heeded all the same.
 */
function lanesOf(apiUrl: string): object {
  if (/(?:^|\.)(?:github|ghe)\.com$/.test(new URL(apiUrl).hostname)) return {};
  const free = {
    key: () => ({ schedule: (_job: object, run: (...args: unknown[]) => unknown, ...args: unknown[]) => run(...args) }),
  };
  return { write: free, notifications: free };
}

/** Heeds `retry-after` also where octokit's own plugin does not know the answer for a rate limit. Nothing was done by such a request. */
function patient(octokit: Octokit): Octokit {
  octokit.hook.wrap("request", async (request, options) => {
    for (let tried = 0; ; tried += 1)
      try {
        return whole(await request(options));
      } catch (error) {
        const seconds = tried < RETRIES ? unheeded(error) : undefined;
        if (seconds === undefined || seconds > MOST_WAIT_SECONDS) throw error;
        await sleep(seconds * 1000);
      }
  });
  return octokit;
}

/** The answer, unless what should be JSON is none: a proxy's page, say. Octokit hands that on as text, which nobody here asks for. */
function whole<T extends { readonly data: unknown; readonly headers: Readonly<Record<string, unknown>> }>(
  answer: T,
): T {
  const type = String(answer.headers["content-type"] ?? "");
  if (typeof answer.data !== "string" || answer.data === "" || !/\b(?:json|html)\b/i.test(type)) return answer;
  throw new HostError("GitHub's answer is not JSON", {
    hint: "Does GITHUB_API_URL lead to the API itself, not to a login page or a proxy?",
  });
}

/** Seconds that an answer asks to wait for, if octokit has not waited for it already. */
function unheeded(error: unknown): number | undefined {
  const { status, response, message } = error as Partial<RequestError>;
  const after = Number(response?.headers["retry-after"]);
  if ((status !== 429 && status !== 403) || !(after > 0)) return undefined;
  return /\bsecondary rate\b/i.test(message ?? "") || response?.headers["x-ratelimit-remaining"] === "0"
    ? undefined
    : after;
}
