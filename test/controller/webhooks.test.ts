// Webhooks over real HTTP: signed as the host signs them, with its own example payloads; forged, replayed, too large, and in bursts.
import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { Readable } from "node:stream";
import { sign } from "@octokit/webhooks-methods";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openLog } from "../../src/controller/log.ts";
import { openMemory, statusOf } from "../../src/controller/memory.ts";
import { openMetrics } from "../../src/controller/metrics.ts";
import { type ControllerServer, createServer, MAX_WEBHOOK_BYTES, WEBHOOK_PATH } from "../../src/controller/server.ts";
import { MOST_DELIVERIES, type Nudge, openDeliveries } from "../../src/controller/webhooks.ts";
import { EXAMPLES } from "./payloads.ts";
import { createStage, NEVER, pullOf, SECRET, settingsOf } from "./stage.ts";

const REPOSITORY = "Codertocat/Hello-World";
const memory = openMemory();
const metrics = openMetrics();
const lines: string[] = [];
let nudges: Nudge[] = [];
let server: ControllerServer;
let url: string;

beforeAll(async () => {
  const now = () => new Date("2027-01-01T00:00:00Z");
  server = await createServer({
    log: openLog({ write: (line) => lines.push(line), now, secrets: () => [SECRET] }),
    metrics,
    status: () =>
      statusOf(memory, {
        tool: "rolebook 0.0.0",
        now: now(),
        webhooks: true,
        url: "",
        queue: [],
        next: { look: null, drift: null },
      }),
    stuck: () => undefined,
    deliveries: openDeliveries({ secret: SECRET, repository: () => REPOSITORY, check: "rolebook" }),
    nudge: (nudge) => nudges.push(nudge),
  });
  url = await server.listen("127.0.0.1", 0);
});
afterAll(() => server?.close());
beforeEach(() => {
  nudges = [];
});

interface Sent {
  readonly id?: string;
  readonly signature?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Delivers as the host does. */
async function deliver(event: string, payload: unknown, sent: Sent = {}, to = url) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const signature = sent.signature ?? (await sign(SECRET, body));
  const answer = await fetch(`${to}${WEBHOOK_PATH}`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": event,
      "x-github-delivery": sent.id ?? randomUUID(),
      "x-hub-signature-256": signature,
      ...sent.headers,
    },
  });
  const { status } = (await answer.json()) as { readonly status: string };
  return [answer.status, status];
}

/** A payload like the host's first of this event and action, of our repository, changed a little. */
function payloadOf(event: string, action: string | undefined, change: object = {}): Record<string, unknown> {
  const example = EXAMPLES.find((one) => one.event === event && one.payload.action === action);
  if (!example) throw new Error(`no example of ${event} ${action}`);
  const repository = { ...(example.payload.repository as object), full_name: REPOSITORY };
  return { ...structuredClone(example.payload), repository, ...change, nonce: randomUUID() };
}

function repositoryIn({ repository }: Readonly<Record<string, unknown>>): unknown {
  return (repository as { readonly full_name?: unknown } | undefined)?.full_name;
}

describe("a delivery", () => {
  it("of each event that matters asks for a look, and for what to look at closer", async () => {
    const pull = (payloadOf("pull_request", "opened").pull_request as { number: number }).number;
    for (const [event, action, nudge] of [
      ["pull_request", "opened", { pulls: [pull], heads: [] }],
      ["pull_request", "reopened", { pulls: [pull], heads: [] }],
      ["pull_request", "closed", { pulls: [pull], heads: [] }],
      ["pull_request_review", "submitted", { pulls: [pull], heads: [] }],
      ["pull_request_review", "dismissed", { pulls: [pull], heads: [] }],
    ] as const) {
      nudges = [];
      expect(await deliver(event, payloadOf(event, action)), `${event} ${action}`).toEqual([202, "accepted"]);
      expect(nudges, `${event} ${action}`).toEqual([nudge]);
    }
    nudges = [];
    expect(await deliver("pull_request", payloadOf("pull_request", "opened", { action: "synchronize" }))).toEqual([
      202,
      "accepted",
    ]);
    const rebased = payloadOf("pull_request", "opened", {
      action: "edited",
      changes: { base: { ref: { from: "old" } } },
    });
    expect(await deliver("pull_request", rebased)).toEqual([202, "accepted"]);
    expect(nudges.length).toBe(2);
  });

  it("of a push counts for the default branch and for our own of drift", async () => {
    const push = payloadOf("push", undefined);
    const { default_branch: branch } = push.repository as { readonly default_branch: string };
    expect(await deliver("push", { ...push, ref: `refs/heads/${branch}` })).toEqual([202, "accepted"]);
    expect(await deliver("push", { ...push, ref: "refs/heads/rolebook/drift/acme" })).toEqual([202, "accepted"]);
    expect(await deliver("push", { ...push, ref: "refs/heads/rolebook/ledger" })).toEqual([202, "ignored"]);
    expect(await deliver("push", { ...push, ref: "refs/heads/somebody/else" })).toEqual([202, "ignored"]);
    expect(nudges.length).toBe(2);
  });

  it("of a check that is asked for again names the head, if the check is ours", async () => {
    const run = payloadOf("check_run", "rerequested");
    const head = (run.check_run as { readonly head_sha: string }).head_sha;
    expect(await deliver("check_run", run)).toEqual([202, "ignored"]);
    const ours = { ...run, check_run: { ...(run.check_run as object), name: "rolebook" } };
    expect(await deliver("check_run", ours)).toEqual([202, "accepted"]);
    const suite = payloadOf("check_suite", "rerequested");
    expect(await deliver("check_suite", suite)).toEqual([202, "accepted"]);
    expect(nudges).toEqual([
      { pulls: [], heads: [head] },
      { pulls: [], heads: [(suite.check_suite as { readonly head_sha: string }).head_sha] },
    ]);
  });

  it("of any other kind is taken and left alone: every example there is", async () => {
    const seen = new Set<string>();
    for (const { event, payload } of EXAMPLES) {
      const [status, result] = await deliver(event, { ...payload, nonce: randomUUID() });
      expect([200, 202], `${event} ${payload.action}`).toContain(status);
      seen.add(String(result));
      if (repositoryIn(payload) !== REPOSITORY) expect(result, `${event} ${payload.action}`).toBe("elsewhere");
    }
    expect([...seen].sort()).toEqual(["accepted", "elsewhere", "ignored"]);
  });

  it("that is malformed in any way asks for nothing", async () => {
    for (const body of [
      " ",
      "{",
      "[]",
      "null",
      "3",
      '"text"',
      '{"repository":3}',
      '{"repository":{"full_name":{}}}',
      "\u0000",
    ]) {
      const [status] = await deliver("push", body);
      expect([202, 400], JSON.stringify(body)).toContain(status);
    }
    for (const broken of [
      { pull_request: null },
      { pull_request: { number: "1" } },
      { pull_request: { number: 1.5 } },
    ]) {
      const payload = { action: "opened", repository: { full_name: REPOSITORY }, ...broken };
      expect(await deliver("pull_request", payload)).toEqual([202, "accepted"]);
    }
    expect(nudges).toEqual(Array.from({ length: 3 }, () => ({ pulls: [], heads: [] })));
    const answer = await fetch(`${url}${WEBHOOK_PATH}`, {
      method: "POST",
      body: "a=b",
      headers: {
        "x-hub-signature-256": "x",
        "x-github-event": "push",
        "x-github-delivery": "1",
        "content-type": "application/x-www-form-urlencoded",
      },
    });
    expect(answer.status).toBe(415);
  });
});

describe("what is not the host's", () => {
  it("is refused: no signature, another secret's, of other bytes, of another algorithm", async () => {
    const payload = payloadOf("push", undefined);
    const text = JSON.stringify(payload);
    for (const signature of [
      await sign("another secret", text),
      await sign(SECRET, `${text} `),
      (await sign(SECRET, text)).replace("sha256=", "sha1="),
      (await sign(SECRET, text)).slice(0, -1),
      "sha256=",
      "nonsense",
    ])
      expect(await deliver("push", text, { signature }), signature).toEqual([401, "unsigned"]);
    const bare = await fetch(`${url}${WEBHOOK_PATH}`, {
      method: "POST",
      body: text,
      headers: { "content-type": "application/json" },
    });
    expect(bare.status).toBe(401);
    expect(nudges).toEqual([]);
    expect(lines.join("")).not.toContain(SECRET);
  });

  it("is a replay when the delivery or the body was there before, whatever id it comes with", async () => {
    const payload = payloadOf("push", undefined, { ref: "refs/heads/master" });
    expect(await deliver("push", payload, { id: "one" })).toEqual([202, "accepted"]);
    expect(await deliver("push", payload, { id: "one" })).toEqual([202, "duplicate"]);
    expect(await deliver("push", payload, { id: "two" })).toEqual([202, "duplicate"]);
    expect(await deliver("push", payloadOf("push", undefined, { ref: "refs/heads/master" }), { id: "one" })).toEqual([
      202,
      "duplicate",
    ]);
    expect(nudges.length).toBe(1);
  });

  it("remembers deliveries in bounded memory, the latest of them", async () => {
    const deliveries = openDeliveries({ secret: SECRET, repository: () => REPOSITORY, check: "rolebook" });
    const receive = async (number: number) => {
      const body = JSON.stringify({ number, repository: { full_name: REPOSITORY } });
      const delivery = { id: `id ${number}`, event: "ping", signature: await sign(SECRET, body) };
      return (await deliveries.receive(delivery, Buffer.from(body))).result;
    };
    for (let number = 0; number <= MOST_DELIVERIES; number += 1) await receive(number);
    expect(await receive(MOST_DELIVERIES)).toBe("duplicate");
    expect(await receive(0)).toBe("ignored");
  });
});

/** Sends a body of so many bytes, piece by piece, and stops when nobody listens any more. */
function sendLarge(
  bytes: number,
  known: boolean,
): Promise<{ readonly status: number | undefined; readonly sent: number }> {
  return new Promise((resolve) => {
    let [sent, status]: [number, number | undefined] = [0, undefined];
    const piece = Buffer.alloc(64 * 1024, 32);
    const source = new Readable({
      read() {
        const next = sent < bytes ? piece.subarray(0, Math.min(piece.length, bytes - sent)) : null;
        sent += next?.length ?? 0;
        this.push(next);
      },
    });
    const headers = {
      "content-type": "application/json",
      "x-github-event": "push",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": `sha256=${"0".repeat(64)}`,
      ...(known ? { "content-length": bytes } : { "transfer-encoding": "chunked" }),
    };
    const outgoing = request(`${url}${WEBHOOK_PATH}`, { method: "POST", headers, agent: false }, (answer) => {
      status = answer.statusCode;
      answer.resume();
    });
    // What is cut off in the middle of sending ends here as well.
    outgoing.on("error", () => {});
    outgoing.on("close", () => {
      source.destroy();
      resolve({ status, sent });
    });
    source.pipe(outgoing);
  });
}

describe("a body that is too large", () => {
  it("is refused without being read, whether its length is told or not", async () => {
    const bytes = 20 * 1024 * 1024;
    for (const known of [true, false]) {
      const { status, sent } = await sendLarge(bytes, known);
      // The refusal can be lost where the connection is cut first; that it was cut cannot.
      expect([413, undefined], `length told: ${known}`).toContain(status);
      expect(sent, `length told: ${known}`).toBeLessThan(bytes);
    }
    expect(await deliver("push", `"${"a".repeat(MAX_WEBHOOK_BYTES)}"`)).toEqual([413, "too-large"]);
    expect(nudges).toEqual([]);
    expect(
      await metrics.text(
        statusOf(memory, {
          tool: "",
          now: new Date(0),
          webhooks: true,
          url: "",
          queue: [],
          next: { look: null, drift: null },
        }),
      ),
    ).toMatch(/rolebook_webhooks_total\{result="too-large"\} [1-9]/);
  });
});

describe("without a secret", () => {
  it("there are no webhooks at all", async () => {
    const stage = createStage();
    stage.push({ "policies/rolebook.yaml": settingsOf(["acme"], NEVER) });
    const running = await stage.start({ environment: { ROLEBOOK_WEBHOOK_SECRET: "" } });
    expect((await fetch(`${running.url}${WEBHOOK_PATH}`, { method: "POST" })).status).toBe(404);
    expect((await running.status()).webhooks).toBe(false);
    await running.stop();
    stage.remove();
  });
});

describe("200 deliveries in a burst", () => {
  it("duplicates, out of order, badly signed and huge: the work is done once, by what is so and not by what they say", async () => {
    const stage = createStage();
    const tip = stage.push({ "policies/rolebook.yaml": settingsOf(["acme"], NEVER) });
    const running = await stage.start();
    await running.quiet();
    stage.calls.splice(0);

    // What really happened: a merge, and pull request 7 has got a new head.
    const merged = stage.push({ "policies/acme/a.yaml": "" });
    stage.pulls.set(7, pullOf(7, merged));
    let looks = 0;
    stage.script.host = (what) => {
      if (what === "pulls") looks += 1;
    };
    const repository = { full_name: "acme/access", default_branch: "main" };
    const bodies = Array.from({ length: 60 }, (_, index) => {
      const pull = { number: 7, head: { sha: index % 2 === 0 ? merged : tip } };
      if (index % 3 === 0)
        return ["push", { ref: "refs/heads/main", after: index % 2 ? tip : merged, repository, index }] as const;
      const action = index % 3 === 1 ? "synchronize" : "closed";
      return ["pull_request", { action, pull_request: pull, repository, index }] as const;
    });
    const good = bodies.flatMap(([event, body], index) =>
      [0, 1].map(() => deliver(event, body, { id: `burst ${index}` }, running.url)),
    );
    const bad = bodies.map(([event, body]) =>
      deliver(event, { ...body, forged: true }, { signature: `sha256=${"0".repeat(64)}` }, running.url),
    );
    const large = Array.from({ length: 20 }, () => sendLarge(20 * 1024 * 1024, true));
    const [taken, refused] = await Promise.all([Promise.all(good), Promise.all(bad), Promise.all(large)]);
    expect(good.length + bad.length + large.length).toBe(200);
    expect(taken.filter(([, result]) => result === "accepted").length).toBe(60);
    expect(taken.filter(([, result]) => result === "duplicate").length).toBe(60);
    expect(new Set(refused.map(([status]) => status))).toEqual(new Set([401]));
    await running.quiet();
    expect(stage.calls.filter(({ command }) => command === "apply")).toEqual([
      { command: "apply", what: "acme", tip: merged },
    ]);
    // Once for the merge and the new head, and once more since the platform has changed with the apply.
    const plans = stage.calls.filter(({ command }) => command === "plan");
    expect(plans.length).toBeGreaterThanOrEqual(1);
    expect(plans.length).toBeLessThanOrEqual(2);
    expect(looks).toBeLessThan(bodies.length / 2);
    expect(stage.overlaps).toEqual([]);
    await running.stop();
    stage.remove();
  });
});
