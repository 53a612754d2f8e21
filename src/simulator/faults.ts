// Bad days on demand: rules that say which requests go wrong, and how. Everything is by counting, nothing by chance,
// so that a test that fails fails again. A rule never changes what the platform's own rules allow.
import type { Schema } from "./contract.ts";

interface Selector {
  /** An operation's id; absent is any. */
  readonly operation?: string;
  /** An HTTP method; absent is any. */
  readonly method?: string;
  /** The URL's path, `*` standing for anything; absent is any. */
  readonly path?: string;
  /** Of the requests that match, how many to let pass first. Default 0. */
  readonly skip?: number;
  /** Then every how many-th is hit. Default 1: each. */
  readonly every?: number;
  /** How many are hit in all. Default: no end. */
  readonly times?: number;
}

export type FaultRule = Selector &
  (
    | { readonly kind: "latency"; readonly ms: number }
    /** 429. `retryAfter` is seconds or an HTTP date; default "1"; "" leaves the header out. */
    | { readonly kind: "rate-limit"; readonly retryAfter?: string }
    /** A 5xx, as a problem or as plain text. Nothing is done. `retryAfter` as above, but absent by default. */
    | { readonly kind: "error"; readonly status: number; readonly plain?: boolean; readonly retryAfter?: string }
    /** The connection is cut: before anything is done, after it is done, or in the middle of the answer. */
    | { readonly kind: "drop"; readonly when: "before" | "after" | "during" }
    /** A page is cut to some rows (default half) and says it is the last. */
    | { readonly kind: "truncate"; readonly rows?: number }
    /** A page's total is wrong by so many. */
    | { readonly kind: "wrong-total"; readonly by: number }
    /** What is named by the request changes right before it; with `description` for real, else in version only. */
    | { readonly kind: "stale-etag"; readonly description?: string }
    /** The body trickles over this time. */
    | { readonly kind: "slow-body"; readonly ms: number }
    /** The body is half a JSON text. */
    | { readonly kind: "malformed" }
    /** The token that was sent expires now. */
    | { readonly kind: "expire-token" }
  );

export type FaultKind = FaultRule["kind"];

/** A rule and how often it matched and hit. */
export interface FaultReport {
  readonly rule: FaultRule;
  readonly matched: number;
  readonly hits: number;
}

export interface RequestSight {
  readonly operation: string;
  readonly method: string;
  readonly path: string;
}

export interface Faults {
  /** Added to every answer, in milliseconds. */
  latencyMs: number;
  /** Replaces the rules; counts begin anew. */
  readonly set: (rules: readonly FaultRule[]) => void;
  readonly report: () => readonly FaultReport[];
  /** The rules that hit this request, in their order; one that ends the request early is the last. Counts it. */
  readonly hit: (request: RequestSight) => readonly FaultRule[];
}

const NO_RULES: readonly FaultRule[] = [];

/** No faults, until some are set. */
export function createFaults(latencyMs = 0): Faults {
  let active: { rule: FaultRule; path: RegExp | undefined; matched: number; hits: number }[] = [];
  return {
    latencyMs,
    set: (rules) => {
      active = rules.map((rule) => ({ rule, path: pathPattern(rule.path), matched: 0, hits: 0 }));
    },
    report: () => active.map(({ rule, matched, hits }) => ({ rule, matched, hits })),
    hit: (request) => {
      if (active.length === 0) return NO_RULES;
      const hitting: FaultRule[] = [];
      for (const state of active) {
        if (!matches(state.rule, state.path, request)) continue;
        state.matched++;
        const { skip = 0, every = 1, times = Number.POSITIVE_INFINITY } = state.rule;
        const turn = state.matched - skip;
        if (turn <= 0 || turn % every !== 0 || state.hits >= times) continue;
        state.hits++;
        hitting.push(state.rule);
        if (endsRequest(state.rule)) break;
      }
      return hitting;
    },
  };
}

function matches(rule: FaultRule, path: RegExp | undefined, request: RequestSight): boolean {
  if (rule.operation !== undefined && rule.operation !== request.operation) return false;
  if (rule.method !== undefined && rule.method.toUpperCase() !== request.method) return false;
  return path?.test(request.path) ?? true;
}

/** Such a rule answers, or hangs up, instead of the platform. */
export function endsRequest(rule: FaultRule): boolean {
  return rule.kind === "rate-limit" || rule.kind === "error" || (rule.kind === "drop" && rule.when === "before");
}

function pathPattern(path: string | undefined): RegExp | undefined {
  if (path === undefined) return undefined;
  const parts = path.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`);
}

const COUNT = { type: "integer", minimum: 0, maximum: 1_000_000_000 };
const DURATION = { type: "integer", minimum: 0, maximum: 600_000 };
const SELECTOR = {
  operation: { type: "string" },
  method: { type: "string" },
  path: { type: "string" },
  skip: COUNT,
  every: { ...COUNT, minimum: 1 },
  times: COUNT,
};

function ruleSchema(kind: FaultKind, properties: Schema, required: readonly string[] = []): Schema {
  return {
    type: "object",
    additionalProperties: false,
    required: ["kind", ...required],
    properties: { kind: { const: kind }, ...SELECTOR, ...properties },
  };
}

/** The body of `PUT /_simulator/faults`. What is absent is off. */
export const FAULTS_SCHEMA: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    latencyMs: DURATION,
    faults: {
      type: "array",
      maxItems: 1000,
      items: {
        oneOf: [
          ruleSchema("latency", { ms: DURATION }, ["ms"]),
          ruleSchema("rate-limit", { retryAfter: { type: "string" } }),
          ruleSchema(
            "error",
            {
              status: { type: "integer", minimum: 500, maximum: 599 },
              plain: { type: "boolean" },
              retryAfter: { type: "string" },
            },
            ["status"],
          ),
          ruleSchema("drop", { when: { enum: ["before", "after", "during"] } }, ["when"]),
          ruleSchema("truncate", { rows: COUNT }),
          ruleSchema("wrong-total", { by: { type: "integer" } }, ["by"]),
          ruleSchema("stale-etag", { description: { type: "string" } }),
          ruleSchema("slow-body", { ms: DURATION }, ["ms"]),
          ruleSchema("malformed", {}),
          ruleSchema("expire-token", {}),
        ],
      },
    },
  },
};
