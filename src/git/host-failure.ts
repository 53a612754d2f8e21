// What went wrong between us and the Git host, in words a person can act on. Whatever the host says is cut short and cleaned,
// and no secret passes, not even one that the host sends back.
import { HostError } from "../model/host.ts";
import { strikeOut } from "../model/strike.ts";
import type { HostOptions } from "./host.ts";

interface Answer {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}

/** What GitHub says of one thing that is wrong: a sentence, or which field it does not like. */
interface Complaint {
  readonly message?: unknown;
  readonly resource?: unknown;
  readonly field?: unknown;
  readonly code?: unknown;
}

/** Characters of the host's own words that are shown. */
const SAID = 300;

export function describeFailure(error: unknown, doing: string, options: HostOptions): HostError {
  const { status, response, looks } = failureOf(error);
  const said = clean(response === undefined ? textOf(error) : wordsOf(response, error), options);
  const failed = `GitHub: ${doing} failed`;
  if (status === undefined || response === undefined) return unreachable(error, failed, said, options);
  const because = (hint: string, message = `${failed} (${status}): ${said}`) =>
    new HostError(message, { status, hint });
  if (isRateLimit(status, said, response)) return because(waitUntil(response), `${failed}: the rate limit is used up`);
  if (status === 401) return because(`${credentialOf(options)} is not valid there: it may have expired.`);
  if (status === 403 && /via a GitHub App/i.test(said))
    return because(
      "Only apps can do this: use the GITHUB_TOKEN of a job in Actions, or an app of your own by ROLEBOOK_APP_ID.",
    );
  if (status === 403) return because(`${credentialOf(options)} may not do this. ${neededBy(response)}`);
  if (status === 404)
    return because(`${credentialOf(options)} may not see it, or there is no such thing in ${options.repository}.`);
  if (status === 422) return because("GitHub understood and refuses: its message says why.");
  if (status >= 500)
    return because(
      looks
        ? "GitHub has trouble of its own: run this again later."
        : "GitHub has trouble of its own. It may have done it: run this again, it looks before it writes.",
    );
  return because("Look at GITHUB_API_URL and GITHUB_REPOSITORY.");
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** GitHub's own words: its message, and each thing that it says is wrong. */
function wordsOf({ data }: Answer, error: unknown): string {
  if (typeof data !== "object" || data === null || !("message" in data) || typeof data.message !== "string")
    return textOf(error);
  const errors = "errors" in data && Array.isArray(data.errors) ? (data.errors as readonly unknown[]) : [];
  return [data.message, ...errors.map(wordsOfComplaint)].join("; ");
}

function wordsOfComplaint(complaint: unknown): string {
  if (typeof complaint !== "object" || complaint === null) return String(complaint);
  const { message, resource, field, code } = complaint as Complaint;
  if (typeof message === "string") return message;
  return [resource, field, code].filter((part) => typeof part === "string").join(" ");
}

interface Failure {
  readonly status?: number | undefined;
  readonly response?: Answer | undefined;
  /** It was a question: nothing can have been done. */
  readonly looks?: boolean;
}

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return {};
  const request = "request" in error ? (error.request as { readonly method?: unknown }) : undefined;
  return {
    status: "status" in error && typeof error.status === "number" ? error.status : undefined,
    response: "response" in error ? (error.response as Answer | undefined) : undefined,
    looks: request?.method === "GET",
  };
}

/** No answer at all; octokit puts what Node says into the cause. */
function unreachable(error: unknown, failed: string, said: string, { apiUrl }: HostOptions): HostError {
  // Without a status nothing was sent: the key does not sign, say.
  if (!(error instanceof Error && "status" in error))
    return new HostError(`${failed}: ${said}`, { hint: "Look at the token or the app's id and private key." });
  const code = codeOf(error);
  const host = new URL(apiUrl).host;
  if (code !== undefined && /CERT|TLS|SSL|SELF_SIGNED|ISSUER|ALTNAME/.test(code))
    return new HostError(`${failed}: the certificate of ${host} is not trusted (${code})`, {
      hint: "Name the authority's certificate in NODE_EXTRA_CA_CERTS.",
    });
  return new HostError(`${failed}: ${host} cannot be reached (${code ?? said})`, {
    hint: "Look at GITHUB_API_URL and the network, and run this again: it looks before it writes.",
  });
}

function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if ("code" in at && typeof at.code === "string") return at.code;
  return undefined;
}

function isRateLimit(status: number, said: string, { headers }: Answer): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined || /rate limit/i.test(said);
}

function waitUntil({ headers }: Answer): string {
  const [after, reset] = [Number(headers["retry-after"]), Number(headers["x-ratelimit-reset"])];
  if (after > 0) return `Run this again in ${after} seconds.`;
  if (headers["x-ratelimit-remaining"] === "0" && reset > 0)
    return `Run this again after ${new Date(reset * 1000).toISOString()}.`;
  return "Run this again later.";
}

function credentialOf({ authentication }: HostOptions): string {
  return authentication.kind === "app" ? "The app of ROLEBOOK_APP_ID" : "The token of GITHUB_TOKEN";
}

/** GitHub names the permissions that would do. */
function neededBy({ headers }: Answer): string {
  const accepted = headers["x-accepted-github-permissions"];
  return typeof accepted === "string" && /^[\w=;, -]+$/.test(accepted)
    ? `It needs: ${accepted}.`
    : "In a workflow, `permissions:` of the job says what it may.";
}

/** One line, no control characters, no secret of ours. */
function clean(text: string, { authentication }: HostOptions): string {
  const secret = authentication.kind === "app" ? authentication.privateKey : authentication.token;
  const line = strikeOut(text, [secret], "***")
    .replaceAll(/gh[a-z]_\w{20,}|github_pat_\w{20,}/g, "***")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ");
  const short = [...line.trim()];
  return short.length > SAID ? `${short.slice(0, SAID).join("")}…` : short.join("");
}
