// What a platform's refusals and network failures become: an error with a cause and a hint, and never a secret.
// Only named fields of a problem body are quoted, and known secrets are struck out of those too.
import { PlatformError } from "../../model/driver.ts";
import { strikeOut } from "../../model/strike.ts";

/** The fields of an RFC 9457 problem, an OAuth error or an OpenStack error that Rolebook reads. */
export interface ProblemFields {
  readonly type?: string;
  readonly title?: string;
  readonly detail?: string;
  /** With a name that is taken: whose it is. */
  readonly existingId?: string;
}

/** An answer that says no. */
export class HttpError extends PlatformError {
  readonly problem: ProblemFields;
  constructor(message: string, status: number, problem: ProblemFields, hint: string | undefined) {
    super(message, hint === undefined ? { status } : { status, hint });
    this.name = "HttpError";
    this.problem = problem;
  }
}

/** No answer, or not a whole one. `sent` says whether the request may have reached the platform. */
export class UnreachableError extends PlatformError {
  readonly code: string;
  readonly sent: boolean;
  constructor(message: string, code: string, sent: boolean, hint: string | undefined) {
    super(message, hint === undefined ? {} : { hint });
    this.name = "UnreachableError";
    this.code = code;
    this.sent = sent;
  }
}

/** Why a request cannot be made truthfully: a platform that was asked all the same would be asked for something else. */
export class BodyError extends Error {}

/** What is made, or undefined where it cannot be made truthfully. */
export function unlessImpossible<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof BodyError) return undefined;
    throw error;
  }
}

/** Longest text that is quoted from a platform. */
const MOST_QUOTED = 300;
/** The text without any of the secrets, and without what looks like an Authorization value. */
export function redact(text: string, secrets: readonly string[]): string {
  return strikeOut(text, secrets).replace(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, "$1 [redacted]");
}

/** Reads a problem's fields from a body, whatever it is; a body that is none gives no fields. */
export function problemOf(body: string, secrets: readonly string[]): ProblemFields {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return {};
  }
  if (typeof value !== "object" || value === null) return {};
  const { error } = value as Record<string, unknown>;
  // OpenStack wraps its errors in one field.
  const source = (typeof error === "object" && error !== null ? error : value) as Record<string, unknown>;
  const text = (...names: string[]) => {
    const found = names.map((name) => source[name]).find((field) => typeof field === "string" && field.trim() !== "");
    return typeof found === "string" ? redact(found.trim(), secrets).slice(0, MOST_QUOTED) : undefined;
  };
  const fields = {
    type: text("type"),
    title: text("title", "error"),
    detail: text("detail", "error_description", "message"),
    existingId: text("existingId"),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, field]) => field !== undefined));
}

/** `PATCH /v1/roles/r1: 409 Name taken: there is a role of that name`. */
export function describeProblem(what: string, status: number, { title, detail }: ProblemFields): string {
  const words = [title, detail].filter((part) => part !== undefined && part !== "").join(": ");
  return `${what}: ${status}${words === "" ? "" : ` ${words}`}`;
}

/** The error code of whatever a request threw; looks into causes and aggregates. */
export function codeOf(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 4; depth += 1) {
    const { code } = at as { readonly code?: unknown };
    if (typeof code === "string" && code !== "") return code;
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return "UNKNOWN";
}

/** What a network failure means for the person who reads it. `where` is an origin, without credentials. */
export function unreachable(code: string, where: string, sent: boolean): UnreachableError {
  const [message, hint] = wordsFor(code, where);
  return new UnreachableError(message, code, sent, hint);
}

function wordsFor(code: string, where: string): [string, string | undefined] {
  if (code === "ECONNREFUSED")
    return [
      `Nothing answers at ${where}`,
      "Is the target's url in the settings right, and is the platform running there?",
    ];
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return [
      `The host of ${where} is not known`,
      "Is the target's url in the settings right? Does this machine have a network?",
    ];
  if (code.includes("TIMEOUT") || code === "ETIMEDOUT")
    return [
      `${where} did not answer in time (${code})`,
      "Try again; if it keeps happening, ask whoever runs the platform.",
    ];
  if (/CERT|SSL|TLS|SELF_SIGNED/.test(code))
    return [
      `The certificate of ${where} is not trusted (${code})`,
      "Name the authority in NODE_EXTRA_CA_CERTS, or mend the certificate.",
    ];
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED")
    return [`The connection to ${where} was closed`, undefined];
  return [`The connection to ${where} broke (${code})`, "Try again; Rolebook never repeats what was done already."];
}
