// What went wrong between us and the Git host, in words a person can act on. Whatever the host says is cut short and cleaned,
// and no secret passes, not even one that the host sends back.
import { HostError } from "../model/host.ts";
import type { HostOptions } from "./host.ts";

interface Answer {
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Characters of the host's own words that are shown. */
const SAID = 300;

export function describeFailure(error: unknown, doing: string, options: HostOptions): HostError {
  const { status, response } = failureOf(error);
  const said = clean(error instanceof Error ? error.message : String(error), options);
  const failed = `GitHub: ${doing} failed`;
  if (status === undefined || response === undefined) return unreachable(error, failed, said, options);
  const because = (hint: string, message = `${failed} (${status}): ${said}`) =>
    new HostError(message, { status, hint });
  if (isRateLimit(status, said, response)) return because(waitUntil(response), `${failed}: the rate limit is used up`);
  if (status === 401) return because(`${credentialOf(options)} is not valid there: it may have expired.`);
  if (status === 403) return because(`${credentialOf(options)} may not do this. ${neededBy(response)}`);
  if (status === 404)
    return because(`There is no such thing in ${options.repository}, or ${credentialOf(options)} may not see it.`);
  if (status === 422) return because("GitHub understood and refuses: its message says why.");
  if (status >= 500)
    return because("GitHub has trouble of its own. It may have done it: run this again, it looks before it writes.");
  return because("Look at GITHUB_API_URL and GITHUB_REPOSITORY.");
}

function failureOf(error: unknown): { readonly status: number | undefined; readonly response: Answer | undefined } {
  if (!(error instanceof Error)) return { status: undefined, response: undefined };
  const status = "status" in error && typeof error.status === "number" ? error.status : undefined;
  const response = "response" in error ? (error.response as Answer | undefined) : undefined;
  return { status, response };
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
  return authentication.kind === "app" ? "the app of ROLEBOOK_APP_ID" : "the token of GITHUB_TOKEN";
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
  const plain = secret === "" ? text : text.replaceAll(secret, "***");
  const line = plain
    .replaceAll(/gh[a-z]_\w{20,}|github_pat_\w{20,}/g, "***")
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, " ");
  const short = [...line.trim().replace(/ - https:\/\/docs\.github\.com\S*$/, "")];
  return short.length > SAID ? `${short.slice(0, SAID).join("")}…` : short.join("");
}
