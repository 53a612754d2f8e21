// Webhooks of the Git host: which of them are worth looking at the repository for. Nothing in them is believed but that something may
// have happened; what is so is read anew. Checks signatures over the very bytes, and lets each delivery count once.
import { createHash } from "node:crypto";
import { verify } from "@octokit/webhooks-methods";

/** What became of a delivery. */
export type WebhookResult = "accepted" | "duplicate" | "ignored" | "elsewhere" | "malformed" | "unsigned" | "too-large";

/** What a delivery asks for: a look at the repository, and at some things closer. */
export interface Nudge {
  /** Pull requests, open or merged, whose reviews may have changed. */
  readonly pulls: readonly number[];
  /** Plan again whatever has this head commit. */
  readonly heads: readonly string[];
}

/** Headers of a delivery, as they came. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly signature: string;
}

export interface Deliveries {
  /** Checks and reads one delivery; `nudge` is there only for what was accepted. */
  readonly receive: (delivery: Delivery, body: Buffer) => Promise<{ result: WebhookResult; nudge?: Nudge }>;
}

export interface DeliveriesOptions {
  readonly secret: string;
  /** `owner/name`: only its events count. */
  readonly repository: () => string;
  /** The name of our own check run. */
  readonly check: string;
}

/** Deliveries that are remembered. A replay of one that was forgotten costs one look, and changes nothing. */
export const MOST_DELIVERIES = 10_000;

export function openDeliveries({ secret, repository, check }: DeliveriesOptions): Deliveries {
  const seen = new Set<string>();
  /** True the first time. The oldest makes room. */
  const isNew = (what: string): boolean => {
    if (seen.has(what)) return false;
    seen.add(what);
    for (const oldest of seen) {
      if (seen.size <= MOST_DELIVERIES * 2) break;
      seen.delete(oldest);
    }
    return true;
  };
  return {
    receive: async ({ id, event, signature }, body) => {
      // A text that is not the bytes it came from does not have their signature either.
      if (!(await verify(secret, body.toString("utf8"), signature))) return { result: "unsigned" };
      const payload = parseBody(body);
      if (!payload) return { result: "malformed" };
      if (!isSame(textAt(payload, "repository", "full_name"), repository())) return { result: "elsewhere" };
      // The signature is of the body alone: a replay may well come with an id of its own.
      const fresh = isNew(`id ${id}`);
      if (!isNew(`body ${createHash("sha256").update(body).digest("base64")}`) || !fresh)
        return { result: "duplicate" };
      const nudge = readNudge(event, payload, check);
      return nudge ? { result: "accepted", nudge } : { result: "ignored" };
    },
  };
}

type Json = Readonly<Record<string, unknown>>;

function parseBody(body: Buffer): Json | undefined {
  try {
    const value: unknown = JSON.parse(body.toString("utf8"));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const step of path) here = isObject(here) && Object.hasOwn(here, step) ? here[step] : undefined;
  return here;
}

function textAt(value: unknown, ...path: readonly string[]): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

/** Hosts compare owners and names of repositories without regard to case. */
function isSame(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

const PULL_ACTIONS = new Set(["opened", "synchronize", "reopened", "edited", "closed", "ready_for_review"]);
const REVIEW_ACTIONS = new Set(["submitted", "dismissed", "edited"]);

/** What an event asks for; undefined when it means nothing to Rolebook. */
function readNudge(event: string, payload: Json, check: string): Nudge | undefined {
  const action = textAt(payload, "action");
  switch (event) {
    case "pull_request":
      if (!PULL_ACTIONS.has(action)) return undefined;
      // Of an edit, only another base makes another plan.
      if (action === "edited" && at(payload, "changes", "base") === undefined) return undefined;
      return { pulls: numbersOf([at(payload, "pull_request")]), heads: [] };
    case "pull_request_review":
      if (!REVIEW_ACTIONS.has(action)) return undefined;
      return { pulls: numbersOf([at(payload, "pull_request")]), heads: [] };
    case "push":
      return readPush(payload);
    case "check_run":
      if (action !== "rerequested" || textAt(payload, "check_run", "name") !== check) return undefined;
      return { pulls: [], heads: headsOf(payload, "check_run") };
    case "check_suite":
      if (action !== "rerequested") return undefined;
      return { pulls: [], heads: headsOf(payload, "check_suite") };
    default:
      return undefined;
  }
}

/** Branches that Rolebook follows: the default one, and its own of drift. Pull requests tell of their branches themselves. */
function readPush(payload: Json): Nudge | undefined {
  const ref = textAt(payload, "ref");
  const isDefault = ref === `refs/heads/${textAt(payload, "repository", "default_branch")}`;
  return isDefault || ref.startsWith("refs/heads/rolebook/drift/") ? { pulls: [], heads: [] } : undefined;
}

function headsOf(payload: Json, what: string): string[] {
  const head = textAt(payload, what, "head_sha");
  return /^[0-9a-f]{40,64}$/.test(head) ? [head] : [];
}

function numbersOf(pulls: readonly unknown[]): number[] {
  return pulls.map((pull) => at(pull, "number")).filter((number): number is number => Number.isSafeInteger(number));
}
