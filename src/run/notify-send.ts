// Sends one message to one receiver over HTTP: a bounded time for each try and for all, redirects not followed, answers not read.
// Tries again only where that cannot tell anybody the same twice: the receiver knows the id, or the request never arrived.
import { setTimeout as sleep } from "node:timers/promises";
import pRetry from "p-retry";
import { mayRetryCode, mayRetryStatus, retryAfterMs } from "../platform/http/retry.ts";
import type { Message, Receiver } from "./notify-receivers.ts";

export interface SendLimits {
  /** For one try; a receiver that only takes a note needs no longer. */
  readonly tryMs: number;
  /** For everything that is told at once. */
  readonly totalMs: number;
  /** Tries after the first. */
  readonly retries: number;
  /** Before the second try; doubled each time. */
  readonly waitMs: number;
}

/** Why a try failed, in a few words without an address. */
class UndeliveredError extends Error {
  readonly again: boolean;
  readonly waitMs: number;
  constructor(message: string, again: boolean, waitMs = 0) {
    super(message);
    this.name = "UndeliveredError";
    this.again = again;
    this.waitMs = waitMs;
  }
}

/** Undefined when the receiver took it, else why not. `deadline` ends everything. Throws nothing. */
export async function send(
  receiver: Receiver,
  message: Message,
  limits: SendLimits,
  deadline: AbortSignal,
  userAgent: string,
): Promise<string | undefined> {
  const attempt = () => tryOnce(receiver, message, limits, deadline, userAgent);
  try {
    await pRetry(attempt, {
      retries: limits.retries,
      minTimeout: limits.waitMs,
      signal: deadline,
      shouldRetry: ({ error }) => error instanceof UndeliveredError && error.again,
      onFailedAttempt: async ({ error }) => {
        if (error instanceof UndeliveredError && error.again && error.waitMs > 0)
          await sleep(Math.min(error.waitMs, limits.totalMs), undefined, { signal: deadline });
      },
    });
    return undefined;
  } catch (error) {
    if (error instanceof UndeliveredError) return error.message;
    return deadline.aborted ? "there was no time left" : `it failed (${nameOf(error)})`;
  }
}

async function tryOnce(
  receiver: Receiver,
  message: Message,
  { tryMs }: SendLimits,
  deadline: AbortSignal,
  userAgent: string,
): Promise<void> {
  const now = new Date();
  const { headers, body } = await receiver.request(message, now);
  const signal = AbortSignal.any([deadline, AbortSignal.timeout(tryMs)]);
  let response: Response;
  try {
    response = await fetch(receiver.url, {
      method: "POST",
      headers: { ...headers, "user-agent": userAgent },
      body,
      redirect: "manual",
      signal,
    });
  } catch (error) {
    const code = signal.aborted ? "ATTEMPT_TIMEOUT" : codeOf(error);
    const words = signal.aborted ? "it did not answer in time" : `it could not be reached (${code})`;
    throw new UndeliveredError(words, !deadline.aborted && mayRetryCode(code, receiver.recognizes));
  }
  // Nobody waits for the end of an answer that nobody reads.
  await response.body?.cancel().catch(() => undefined);
  if (response.ok) return;
  const redirected = response.status >= 300 && response.status < 400;
  const words = `it answered ${response.status}${redirected ? ", a redirect, which is not followed" : ""}`;
  const again = mayRetryStatus(response.status, receiver.recognizes);
  throw new UndeliveredError(
    words,
    again,
    retryAfterMs(response.headers.get("retry-after") ?? undefined, now.getTime()),
  );
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : nameOf(cause ?? error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown";
}
