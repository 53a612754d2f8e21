// When a failed request may be tried again, and how long to wait. Pure decisions; the waiting is in `transport.ts`.

/** Longest wait that a Retry-After is honoured for, ms; a server that asks for more is taken at its word and given up on. */
export const MOST_RETRY_AFTER_MS = 120_000;

/** Statuses that say "later", not "no". */
const TRANSIENT = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Errors before a connection stood: the request never left, so that even a blind write may be sent again. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Errors after which nobody knows whether the server acted. */
const UNKNOWN_EFFECT = new Set([
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
  "ATTEMPT_TIMEOUT",
]);

/** Whether an answer's status allows another try. A 429 says that nothing was done; anything else needs a request that may be repeated. */
export function mayRetryStatus(status: number, repeatable: boolean): boolean {
  return status === 429 || (repeatable && TRANSIENT.has(status));
}

/** Whether a network error allows another try. */
export function mayRetryCode(code: string, repeatable: boolean): boolean {
  return NEVER_SENT.has(code) || (repeatable && (UNKNOWN_EFFECT.has(code) || code.startsWith("HPE_")));
}

/** Whether the request certainly never reached the server. */
export function neverSent(code: string): boolean {
  return NEVER_SENT.has(code);
}

/** Milliseconds a Retry-After asks for: seconds, or an HTTP date seen from `now` (Unix ms). Undefined when absent or unreadable. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
