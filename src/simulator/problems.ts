// What the platform says when it refuses: RFC 9457 problems, as values that are thrown and caught in one place (`answer.ts`).
// No problem quotes a secret or a token.

export type ProblemType =
  | "bad-request"
  | "bad-cursor"
  | "unauthorized"
  | "forbidden"
  | "built-in"
  | "product-inactive"
  | "not-found"
  | "name-taken"
  | "in-use"
  | "last-owner"
  | "precondition-failed"
  | "precondition-required"
  | "unprocessable"
  | "key-reused"
  | "unsupported-media-type"
  | "too-many-requests"
  | "unavailable"
  | "internal";

const TITLES: Readonly<Record<ProblemType, readonly [status: number, title: string]>> = {
  "bad-request": [400, "The request is malformed"],
  "bad-cursor": [400, "The cursor was not given out by this listing"],
  unauthorized: [401, "A valid access token is needed"],
  forbidden: [403, "The credential lacks a scope"],
  "built-in": [403, "It is built in"],
  "product-inactive": [403, "The product or its subscription is not active"],
  "not-found": [404, "There is no such thing"],
  "name-taken": [409, "The name is taken"],
  "in-use": [409, "It is in use"],
  "last-owner": [409, "A workspace keeps an active Owner"],
  "precondition-failed": [412, "It has changed since"],
  "precondition-required": [428, "If-Match is missing"],
  unprocessable: [422, "The body cannot be accepted"],
  "key-reused": [422, "The Idempotency-Key was used for something else"],
  "unsupported-media-type": [415, "The content type is not supported"],
  "too-many-requests": [429, "Too many requests"],
  unavailable: [503, "Unavailable for a moment"],
  internal: [500, "Something went wrong"],
};

export interface ProblemExtras {
  readonly existingId?: string;
  readonly etag?: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** A refusal on its way to the caller. */
export class Problem extends Error {
  readonly type: ProblemType;
  readonly status: number;
  readonly extras: ProblemExtras;
  constructor(type: ProblemType, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.name = "Problem";
    this.type = type;
    this.status = TITLES[type][0];
    this.extras = extras;
  }
}

/** The body of a problem, as JSON text. `status` overrides the type's own (any 5xx may be answered with one body). */
export function problemText(problem: Problem, status = problem.status): string {
  const title = TITLES[problem.type][1];
  return JSON.stringify({
    type: `/problems/${problem.type}`,
    title,
    status,
    detail: problem.message,
    ...problem.extras,
  });
}

/** A 422 about one place of the body. */
export function unprocessable(pointer: string, detail: string): Problem {
  return new Problem("unprocessable", detail, { errors: [{ pointer, detail }] });
}
