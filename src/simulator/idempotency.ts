// Idempotency-Key: the same key with the same body gives the same answer and no second effect, for 24 hours.
// Refusals are not kept, so that a request that failed can be mended and sent again under its key.
import { createHash } from "node:crypto";
import type { Answer, Call, Handler } from "./answer.ts";
import type { Ledger } from "./ledger.ts";
import { Problem } from "./problems.ts";
import type { KeptAnswer } from "./records.ts";

const KEPT_MS = 24 * 60 * 60 * 1000;
/** A bound on memory, well above what a client that retries can need. */
const MAX_KEPT = 1_000_000;

/** The handler of an operation that asks for an Idempotency-Key. */
export function withIdempotency(store: Ledger, operation: string, handler: Handler): Handler {
  return (call) => {
    const key = call.write.idempotencyKey ?? "";
    const client = call.token?.clientId ?? "";
    const digest = createHash("sha256")
      .update(`${operation}\n${JSON.stringify(call.body)}`)
      .digest("hex");
    const kept = store.keptAnswers.get(`${client} ${key}`);
    if (kept && kept.at > store.now() - KEPT_MS) return replay(kept, digest);
    const answer = handler(call);
    keep(store, { client, key, digest, at: store.now(), ...essence(answer) });
    return answer;
  };
}

function essence(answer: Answer): Pick<KeptAnswer, "status" | "etag" | "body"> {
  return { status: answer.status, etag: answer.headers?.etag ?? "", body: String(answer.again ?? answer.body ?? "") };
}

function replay(kept: KeptAnswer, digest: string): Answer {
  if (kept.digest !== digest)
    throw new Problem("key-reused", "This Idempotency-Key belongs to a request with another operation or body.");
  const headers = { etag: kept.etag, "idempotency-replayed": "true" };
  return { status: kept.status, type: "application/json", headers, body: kept.body };
}

function keep(store: Ledger, kept: KeptAnswer): void {
  const horizon = store.now() - KEPT_MS;
  for (const [name, { at }] of store.keptAnswers) {
    if (at > horizon && store.keptAnswers.size < MAX_KEPT) break;
    store.keptAnswers.delete(name);
  }
  const name = `${kept.client} ${kept.key}`;
  store.keptAnswers.delete(name);
  store.keptAnswers.set(name, kept);
  store.onChange();
}

/** The Idempotency-Key of a call's headers, when it is one text. */
export function keyOf(headers: Call["headers"]): string | undefined {
  const key = headers["idempotency-key"];
  return typeof key === "string" ? key : undefined;
}
