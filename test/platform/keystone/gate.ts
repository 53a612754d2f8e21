// A gate in front of a real Keystone: passes everything on, counts the writes that changed something, and can be closed
// without stopping the server behind it. What is there is looked up before and after, so that a repeated PUT counts for nothing.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";

export interface Gate {
  readonly url: string;
  readonly effectiveWrites: () => number;
  /** `METHOD /path` of every request, in order; tokens included. */
  readonly seen: readonly string[];
  /** Requests under way at once, at most. */
  readonly most: () => number;
  readonly close: () => Promise<void>;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface GateOptions {
  /** A free one by default. */
  readonly port?: number;
  /** Asked before a request is passed on: an answer to give instead, "nothing" to break the connection, or undefined. */
  readonly instead?: (request: string, headers: IncomingHttpHeaders) => Answer | "nothing" | undefined;
  /** Certificate and key (PEM): the gate then speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Called when an answer came back, before it is passed on. */
  readonly onAnswer?: (request: string, status: number) => void | Promise<void>;
}

/** Opens a gate to a Keystone. */
export async function openGate(behind: string, { port = 0, instead, onAnswer, tls }: GateOptions = {}): Promise<Gate> {
  const seen: string[] = [];
  let [writes, running, most] = [0, 0, 0];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const what = `${request.method} ${request.url}`;
    seen.push(what);
    running += 1;
    most = Math.max(most, running);
    try {
      const body = await bodyOf(request);
      const other = instead?.(what, request.headers);
      if (other === "nothing") throw new Error("broken off");
      const answer: Answer = other ?? (await pass(behind, request, body, () => (writes += 1)));
      await onAnswer?.(what, answer.status);
      const headers = { "content-type": "application/json", ...answer.headers };
      response.writeHead(answer.status, headers).end(answer.body);
    } catch {
      response.destroy();
    } finally {
      running -= 1;
    }
  };
  const server = tls ? createSecureServer(tls, handle) : createServer(handle);
  await new Promise<void>((settle) => server.listen(port, "127.0.0.1", settle));
  let closing: Promise<void> | undefined;
  return {
    url: `http${tls ? "s" : ""}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    effectiveWrites: () => writes,
    seen,
    most: () => most,
    close: () => {
      closing ??= new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

async function pass(behind: string, request: IncomingMessage, body: string, onEffect: () => void): Promise<Answer> {
  const { method = "GET", url = "/", headers } = request;
  const isWrite = method !== "GET" && method !== "HEAD" && !url.startsWith("/v3/auth/");
  const look = () => (isWrite && method !== "POST" ? lookAt(behind, method, url, headers) : Promise.resolve(""));
  const before = await look();
  const response = await fetch(behind + url, {
    method,
    headers: wanted(headers),
    ...(body === "" ? {} : { body }),
  });
  const text = await response.text();
  if (isWrite && response.ok && (method === "POST" || (await look()) !== before)) onEffect();
  const token = response.headers.get("x-subject-token");
  return {
    status: response.status,
    headers: token === null ? {} : { "x-subject-token": token },
    body: response.status === 204 ? "" : text,
  };
}

/** What stands at a path; an assignment or membership only is or is not. */
async function lookAt(behind: string, method: string, url: string, headers: IncomingHttpHeaders): Promise<string> {
  const looking = method === "PATCH" ? "GET" : "HEAD";
  const response = await fetch(behind + url, { method: looking, headers: wanted(headers) });
  return `${response.ok} ${await response.text()}`;
}

function wanted(headers: IncomingHttpHeaders): Record<string, string> {
  const names = ["x-auth-token", "x-subject-token", "content-type", "user-agent", "accept"];
  return Object.fromEntries(
    names.flatMap((name) => (typeof headers[name] === "string" ? [[name, headers[name]]] : [])),
  );
}
