// Git's own smart HTTP in front of the bare repositories, by `git http-backend`, with the same tokens as the API: as GitHub takes them,
// in basic authentication. Refuses what GitHub refuses: no token, a wrong one, one that may not, and two at once.
import { spawn } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { RepositoryRecord, State, TokenRecord } from "./records.ts";

const GIT_PATH = /^\/([\w.-]+\/[\w.-]+?)(?:\.git)?(\/(?:info\/refs|git-upload-pack|git-receive-pack))$/;

export interface GitRequest {
  readonly repository: RepositoryRecord;
  /** What comes after the repository. */
  readonly service: string;
  readonly writes: boolean;
}

/** What a URL asks of Git; undefined when it is one of the API. */
export function gitRequest(state: State, url: URL): GitRequest | undefined {
  const [, name = "", service] = GIT_PATH.exec(url.pathname) ?? [];
  const repository = state.repositories.get(name.toLowerCase());
  if (service === undefined || !repository) return undefined;
  return { repository, service, writes: `${service}${url.search}`.includes("git-receive-pack") };
}

/** The token of a request, as Git sends it: the password, or the bearer. */
export function gitToken(state: State, request: IncomingMessage): TokenRecord | undefined {
  const [scheme = "", value = ""] = (request.headers.authorization ?? "").split(" ");
  const password = Buffer.from(value, "base64")
    .toString("utf8")
    .replace(/^[^:]*:/, "");
  const record = state.tokens.get(/^basic$/i.test(scheme) ? password : value);
  return record?.revoked ? undefined : record;
}

/** Answers, and returns the status. */
export async function serveGit(
  { repository, service, writes }: GitRequest,
  token: TokenRecord | undefined,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  const end = (status: number, text: string, headers: Record<string, string> = {}) => {
    response.writeHead(status, { "content-type": "text/plain", ...headers }).end(text);
    return status;
  };
  const sent = request.rawHeaders.filter((name, index) => index % 2 === 0 && /^authorization$/i.test(name));
  if (sent.length > 1) return end(400, 'Duplicate header: "Authorization"');
  if (!token) return end(401, "No anonymous access.", { "www-authenticate": 'Basic realm="GitHub"' });
  if (token.repository !== undefined && token.repository !== `${repository.owner}/${repository.name}`)
    return end(404, "Not Found");
  const right = token.permissions.contents;
  if (right === undefined || (writes && right !== "write"))
    return end(403, `remote: Permission to ${repository.owner}/${repository.name}.git denied to ${token.login}.`);
  return runBackend(repository, service, token.login, url, request, response);
}

function runBackend(
  repository: RepositoryRecord,
  service: string,
  login: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  const { headers, method = "GET" } = request;
  const child = spawn("git", ["http-backend"], {
    stdio: ["pipe", "pipe", "ignore"],
    env: {
      PATH: process.env.PATH,
      HOME: "/nonexistent",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_PROJECT_ROOT: repository.bare.path,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: service,
      REQUEST_METHOD: method,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: headers["content-encoding"] ?? "",
      HTTP_GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      REMOTE_USER: login,
      REMOTE_ADDR: "127.0.0.1",
    },
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("close", () => settle(answerOf(Buffer.concat(chunks), response)));
  });
}

/** What a CGI program says: headers, an empty line, a body. */
function answerOf(output: Buffer, response: ServerResponse): number {
  const end = output.indexOf("\r\n\r\n");
  const lines = output.subarray(0, Math.max(end, 0)).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => line.split(/: */, 2) as [string, string]));
  const status = Number.parseInt(headers.Status ?? "200", 10);
  delete headers.Status;
  response.writeHead(status, headers).end(output.subarray(end + 4));
  return status;
}
