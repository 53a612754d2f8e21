// The controller's web server: health, metrics, the status page, and the webhooks of the Git host. It shows and it takes notes;
// nothing that is asked of it here changes anything, and a body that is too large is never read.
import { createHash } from "node:crypto";
import type { AddressInfo } from "node:net";
import helmet from "@fastify/helmet";
import Fastify, { type FastifyError, type FastifyInstance } from "fastify";
import type { Status } from "../model/status.ts";
import { renderStatusPage } from "../report/status-page.tsx";
import { STATUS_STYLE } from "../report/status-style.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import type { Deliveries, Nudge, WebhookResult } from "./webhooks.ts";

/** Where the host sends its webhooks. */
export const WEBHOOK_PATH = "/webhooks/github";
/** Alive: the process answers and its loop is not stuck. */
export const HEALTH_PATH = "/healthz";
/** Ready: the repository was seen once, and no end is near. */
export const READY_PATH = "/readyz";
export const METRICS_PATH = "/metrics";

/** The largest events that mean something here have some 100 kB; what is larger is found by polling. The host's own limit is 25 MB. */
export const MAX_WEBHOOK_BYTES = 1024 * 1024;
/** A request that has not come in whole by then never will. */
const REQUEST_MS = 30_000;
/** Each may hold a body in memory. */
const MOST_CONNECTIONS = 256;

export interface ServerOptions {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly status: () => Status;
  /** What is wrong with the loop; undefined when nothing is. */
  readonly stuck: () => string | undefined;
  /** Undefined without a secret: then there are no webhooks. */
  readonly deliveries: Deliveries | undefined;
  readonly nudge: (nudge: Nudge) => void;
}

export interface ControllerServer {
  /** Gives the base URL. Throws when the address cannot be had. */
  readonly listen: (host: string, port: number) => Promise<string>;
  /** Ends every connection, once what is being answered is answered. */
  readonly close: () => Promise<void>;
}

export async function createServer(options: ServerOptions): Promise<ControllerServer> {
  const app = Fastify({
    bodyLimit: MAX_WEBHOOK_BYTES,
    requestTimeout: REQUEST_MS,
    forceCloseConnections: true,
    exposeHeadRoutes: true,
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: PAGE_POLICY },
    // Whoever gives it a public name and a certificate says so there.
    strictTransportSecurity: false,
    referrerPolicy: { policy: "no-referrer" },
  });
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.log.error({ err: error }, "a request failed");
    return reply.code(status).send({ error: status >= 500 ? "Something went wrong." : error.message });
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: "There is nothing here." }));
  addHealth(app, options);
  addStatus(app, options);
  if (options.deliveries) await addWebhooks(app, options, options.deliveries);
  return {
    listen: async (host, port) => {
      await app.listen({ host, port });
      const { address, family, port: taken } = app.server.address() as AddressInfo;
      return `http://${family === "IPv6" ? `[${address}]` : address}:${taken}`;
    },
    close: () => app.close(),
  };
}

/** Nothing from anywhere, but the page's one style sheet, which is in the page and known by its digest. */
const PAGE_POLICY = {
  "default-src": ["'none'"],
  "style-src": [`'sha256-${createHash("sha256").update(STATUS_STYLE).digest("base64")}'`],
  // The page has an empty icon, so that browsers do not ask for one.
  "img-src": ["data:"],
  "base-uri": ["'none'"],
  "form-action": ["'none'"],
  "frame-ancestors": ["'none'"],
};

function addHealth(app: FastifyInstance, { stuck, status }: ServerOptions): void {
  app.get(HEALTH_PATH, (_request, reply) => {
    const why = stuck();
    return why === undefined ? reply.send({ status: "ok" }) : reply.code(503).send({ status: "stuck", why });
  });
  app.get(READY_PATH, (_request, reply) => {
    const { state } = status();
    return reply.code(state === "running" ? 200 : 503).send({ status: state });
  });
}

function addStatus(app: FastifyInstance, { metrics, status }: ServerOptions): void {
  app.get(METRICS_PATH, async (_request, reply) =>
    reply
      .type(metrics.contentType)
      .header("cache-control", "no-store")
      .send(await metrics.text(status())),
  );
  app.get("/status.json", (_request, reply) => reply.header("cache-control", "no-store").send(status()));
  app.get("/", (_request, reply) =>
    reply.type("text/html; charset=utf-8").header("cache-control", "no-store").send(renderStatusPage(status())),
  );
}

/** What is answered to a delivery. The host is told little, and a stranger nothing. */
const ANSWERS: Readonly<Record<WebhookResult, number>> = {
  accepted: 202,
  duplicate: 202,
  ignored: 202,
  elsewhere: 202,
  malformed: 400,
  unsigned: 401,
  "too-large": 413,
};

async function addWebhooks(app: FastifyInstance, options: ServerOptions, deliveries: Deliveries): Promise<void> {
  const { log, metrics, nudge } = options;
  const note = (result: WebhookResult, event: string, id: string) => {
    metrics.webhook(result);
    const bad = result === "unsigned" || result === "malformed" || result === "too-large";
    log[bad ? "warn" : "debug"]({ webhook: result, event: event.slice(0, 100), delivery: id.slice(0, 100) }, "webhook");
  };
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // The bytes themselves: they are what is signed.
    scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    scope.post(
      WEBHOOK_PATH,
      {
        // Before the body is read: whoever sends no signature is not listened to.
        onRequest: async (request, reply) => {
          if (readDelivery(request.headers)) return;
          note("unsigned", "", "");
          await reply.code(401).header("connection", "close").send({ status: "unsigned" });
        },
        errorHandler: (error, request, reply) => {
          const tooLarge = (error as FastifyError).code === "FST_ERR_CTP_BODY_TOO_LARGE";
          const delivery = readDelivery(request.headers);
          note(tooLarge ? "too-large" : "malformed", delivery?.event ?? "", delivery?.id ?? "");
          const status = (error as FastifyError).statusCode ?? 400;
          return reply.code(status).send({ status: tooLarge ? "too-large" : "malformed" });
        },
      },
      async (request, reply) => {
        const delivery = readDelivery(request.headers);
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        if (!delivery || body.length === 0) return reply.code(400).send({ status: "malformed" });
        const received = await deliveries.receive(delivery, body);
        note(received.result, delivery.event, delivery.id);
        if (received.nudge) nudge(received.nudge);
        return reply.code(ANSWERS[received.result]).send({ status: received.result });
      },
    );
  });
}

function readDelivery(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const [id, event, signature] = ["x-github-delivery", "x-github-event", "x-hub-signature-256"].map(
    (name) => headers[name],
  );
  return typeof id === "string" && typeof event === "string" && typeof signature === "string" && signature !== ""
    ? { id, event, signature }
    : undefined;
}
