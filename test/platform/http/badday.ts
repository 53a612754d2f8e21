// A small server for bad days: it gives tokens as an Atomic organization does, and everything else as the test says.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

export interface BadDayServer {
  readonly url: string;
  /** `METHOD /path` of every request, in order. */
  readonly seen: string[];
  readonly headers: IncomingMessage["headers"][];
  /** Requests under way at once, at most, tokens aside. */
  readonly most: () => number;
  readonly close: () => Promise<void>;
}

export interface BadDayOptions {
  /** Path before every path. */
  readonly prefix?: string;
  /** Replaces the token endpoint. */
  readonly token?: Handler;
  readonly expiresIn?: number;
}

/** Starts a server; `handle` gets everything but tokens. */
export async function startBadDay(
  handle: Handler,
  { prefix = "", token, expiresIn = 3600 }: BadDayOptions = {},
): Promise<BadDayServer> {
  const seen: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  let [tokens, running, most] = [0, 0, 0];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://server");
    seen.push(`${request.method} ${url.pathname}`);
    headers.push(request.headers);
    if (url.pathname === `${prefix}/oauth2/token`) {
      tokens += 1;
      if (token) return token(request, response, url);
      return sendJson(response, 200, { access_token: `token-${tokens}`, token_type: "Bearer", expires_in: expiresIn });
    }
    running += 1;
    most = Math.max(most, running);
    response.once("close", () => {
      running -= 1;
    });
    handle(request, response, url);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${prefix}`,
    seen,
    headers,
    most: () => most,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** A problem body. */
export function sendProblem(
  response: ServerResponse,
  status: number,
  detail: string,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { type: "/problems/x", title: "No", status, detail }, headers);
}

/** An empty page of any listing. */
export const EMPTY_PAGE = { data: [], cursor: null, total: 0, revision: "r1" };
