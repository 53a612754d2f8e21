// A server in front of another one that passes everything on, or answers in its place with what it was sent: credentials told back in
// errors, in garbage, in headers. It notes every credential that goes by, so that a test can look for those too.
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Mood =
  /** Passes on. */
  | "honest"
  /** Refuses with this status, and says what it was sent, in every form it can think of; as JSON, or as plain text. */
  | { readonly status: number; readonly as: "json" | "text" }
  /** Says yes, and sends what is no JSON, with what it was sent in it. */
  | "garbage"
  /** Hangs up. */
  | "gone";

export interface Mirror {
  readonly url: string;
  /** How it answers from now on, once asked for what fits; all else is passed on. */
  readonly be: (mood: Mood, path?: RegExp) => void;
  /** Passwords and tokens that were sent to it and that it gave, as they were. */
  readonly credentials: () => readonly string[];
  /** How many requests were answered by itself. */
  readonly told: () => number;
  readonly close: () => Promise<void>;
}

export async function startMirror(upstream?: string): Promise<Mirror> {
  const credentials = new Set<string>();
  let [mood, path, told]: [Mood, RegExp, number] = ["honest", /./, 0];
  const server = createServer((request, response) => {
    const sent = sentBy(request);
    for (const value of sent) if (value.length >= 12) credentials.add(value);
    const fits = mood !== "honest" && path.test(request.url ?? "");
    if (!fits && upstream !== undefined) return passOn(upstream, request, response, (token) => credentials.add(token));
    told += 1;
    request.resume();
    if (mood === "gone" || mood === "honest") return void request.socket.destroy();
    const words = sent.flatMap((value) => [
      value,
      encodeURIComponent(value),
      Buffer.from(value).toString("base64"),
      Buffer.from(value).toString("hex"),
    ]);
    answer(response, mood, `You sent ${request.headers.authorization ?? "nothing"}: ${words.join(" ")}`);
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    be: (next, about = /./) => {
      [mood, path] = [next, about];
    },
    credentials: () => [...credentials],
    told: () => told,
    close: () =>
      new Promise((settle) => {
        server.close(() => settle());
        server.closeAllConnections();
      }),
  };
}

/** What an Authorization header holds: a bearer, or a password. */
function sentBy({ headers }: IncomingMessage): string[] {
  const [scheme = "", value = ""] = (headers.authorization ?? "").split(" ");
  if (value === "") return [];
  if (!/^basic$/i.test(scheme)) return [value];
  const password = Buffer.from(value, "base64")
    .toString("utf8")
    .replace(/^[^:]*:/, "");
  return [value, password, decodeURIComponent(password.replaceAll("+", " "))];
}

function answer(response: ServerResponse, mood: Exclude<Mood, "honest" | "gone">, words: string): void {
  if (mood === "garbage") {
    response.writeHead(200, { "content-type": "application/json" }).end(`{"data": ${words}`);
    return;
  }
  const headers = { "x-echo": words.replaceAll(/[^ -~]/g, "?").slice(0, 2000) };
  if (mood.as === "text")
    response.writeHead(mood.status, { ...headers, "content-type": "text/plain" }).end(`${words}\n`);
  else
    response
      .writeHead(mood.status, { ...headers, "content-type": "application/json" })
      .end(JSON.stringify({ title: words, detail: words, message: words, error: words, error_description: words }));
}

function passOn(
  upstream: string,
  request: IncomingMessage,
  response: ServerResponse,
  noteToken: (token: string) => void,
): void {
  const { method, headers, url = "/" } = request;
  const onward = ask(new URL(url, upstream), { method, headers }, (answered) => {
    const chunks: Buffer[] = [];
    answered.on("data", (chunk: Buffer) => chunks.push(chunk));
    answered.on("end", () => {
      const body = Buffer.concat(chunks);
      const token = /"access_token"\s*:\s*"([^"]+)"/.exec(body.toString("utf8"))?.[1];
      if (token !== undefined) noteToken(token);
      response.writeHead(answered.statusCode ?? 502, answered.headers).end(body);
    });
  });
  onward.on("error", () => request.socket.destroy());
  request.pipe(onward);
}
