// How a request that a fault hit goes wrong: what is answered instead of the platform, and what becomes of the platform's
// true answer on its way out.
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { type Answer, problemAnswer } from "./answer.ts";
import type { FaultRule } from "./faults.ts";
import { Problem } from "./problems.ts";

/** The answer of a rule that answers instead of the platform; undefined for a rule that does not. */
export function earlyAnswer(rule: FaultRule): Answer | undefined {
  if (rule.kind === "rate-limit") {
    const { retryAfter = "1" } = rule;
    return withRetryAfter(problemAnswer(new Problem("too-many-requests", "Slow down.")), retryAfter);
  }
  if (rule.kind !== "error") return undefined;
  const { status, plain = false, retryAfter = "" } = rule;
  const problem = new Problem(status === 503 ? "unavailable" : "internal", "Something went wrong on our side.");
  const answer = plain
    ? ({ status, headers: { "content-type": "text/plain; charset=utf-8" }, body: "Internal error\n" } as const)
    : problemAnswer(problem, status);
  return withRetryAfter(answer, retryAfter);
}

function withRetryAfter(answer: Answer, retryAfter: string): Answer {
  return retryAfter === "" ? answer : { ...answer, headers: { ...answer.headers, "retry-after": retryAfter } };
}

/** The platform's answer as the rules make it. */
export function spoilAnswer(answer: Answer, rules: readonly FaultRule[]): Answer {
  let spoiled = answer;
  for (const rule of rules) {
    if (rule.kind === "truncate") spoiled = editPage(spoiled, (page) => truncate(page, rule.rows));
    else if (rule.kind === "wrong-total")
      spoiled = editPage(spoiled, (page) => ({ ...page, total: Math.max(0, (page.total ?? 0) + rule.by) }));
    else if (rule.kind === "malformed") spoiled = { ...spoiled, ...halve(spoiled) };
  }
  return spoiled;
}

interface Page {
  readonly data: readonly unknown[];
  readonly cursor: string | null;
  readonly total?: number;
}

function truncate(page: Page, rows: number | undefined): Page {
  return { ...page, data: page.data.slice(0, rows ?? Math.floor(page.data.length / 2)), cursor: null };
}

function editPage(answer: Answer, edit: (page: Page) => Page): Answer {
  if (answer.status !== 200 || answer.body === undefined) return answer;
  const value = JSON.parse(String(answer.body)) as Partial<Page>;
  if (!Array.isArray(value.data)) return answer;
  return { ...answer, body: JSON.stringify(edit(value as Page)) };
}

function halve(answer: Answer): Pick<Answer, "body"> {
  if (answer.body === undefined) return {};
  const bytes = Buffer.from(answer.body);
  return { body: bytes.subarray(0, Math.floor(bytes.length / 2)) };
}

/** A body in eight pieces, spread over some milliseconds. */
export function trickle(body: string | Buffer, ms: number): Readable {
  const bytes = Buffer.from(body);
  const pieces = 8;
  async function* flow(): AsyncGenerator<Buffer> {
    for (let piece = 0; piece < pieces; piece++) {
      await pause(ms / pieces);
      const [start, end] = [piece, piece + 1].map((edge) => Math.floor((bytes.length * edge) / pieces));
      yield bytes.subarray(start, end);
    }
  }
  return Readable.from(flow());
}
