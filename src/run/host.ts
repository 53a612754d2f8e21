// Which Git host a command talks to and as whom, from the environment; and what it keeps there: one comment, one issue a matter,
// found again by a marker and written only when it differs.
import type { HostAuthentication, HostOptions } from "../git/host.ts";
import { parseRemoteUrl, serverOf } from "../git/host-address.ts";
import type { Repository } from "../git/repository.ts";
import type { CheckRun, Comment, HostReader, HostWriter, Issue, NewCheck } from "../model/host.ts";
import { type Context, OperatorError } from "./context.ts";

/** Reads GITHUB_API_URL, GITHUB_REPOSITORY (else from the remote's URL), and GITHUB_TOKEN or ROLEBOOK_APP_ID and ROLEBOOK_APP_PRIVATE_KEY. */
export async function hostOptions(
  context: HostContext,
  repository: Pick<Repository, "remote" | "remoteUrl">,
): Promise<HostOptions> {
  const { environment } = context;
  const remote = await repository.remote();
  const url = remote === undefined ? undefined : await repository.remoteUrl(remote);
  const address = url === undefined ? undefined : parseRemoteUrl(url);
  const name = given(environment.GITHUB_REPOSITORY) ?? address?.repository;
  if (name === undefined)
    throw new OperatorError(
      remote === undefined ? "The repository has no remote" : `The URL of ${remote} is not one of a Git host`,
      "Set GITHUB_REPOSITORY to owner/name, and for an Enterprise server GITHUB_API_URL.",
    );
  if (!/^[\w.-]+\/[\w.-]+$/.test(name)) throw new OperatorError("GITHUB_REPOSITORY is not owner/name");
  return optionsOf(context, name, address?.apiUrl);
}

/** The repository's page on the web, by the same variables or its remote's URL; undefined where neither says. Nobody is asked. */
export async function webPageOf(
  { environment }: Pick<Context, "environment">,
  repository: Pick<Repository, "remote" | "remoteUrl">,
): Promise<string | undefined> {
  const remote = await repository.remote();
  const url = remote === undefined ? undefined : await repository.remoteUrl(remote);
  const address = url === undefined ? undefined : parseRemoteUrl(url);
  const name = given(environment.GITHUB_REPOSITORY) ?? address?.repository;
  const apiUrl = given(environment.GITHUB_API_URL) ?? address?.apiUrl;
  if (name === undefined || apiUrl === undefined || !URL.canParse(apiUrl)) return undefined;
  return `${serverOf(apiUrl)}/${name}`;
}

type HostContext = Pick<Context, "environment" | "version" | "secrets">;

/** The same for another repository of the host that GITHUB_API_URL names, as `owner/name`. */
export function hostOptionsFor(context: HostContext, repository: string): HostOptions {
  return optionsOf(context, repository, undefined);
}

function optionsOf(
  { environment, version, secrets }: HostContext,
  repository: string,
  apiUrl: string | undefined,
): HostOptions {
  const authentication = readAuthentication(environment);
  secrets?.keep(authentication.kind === "app" ? authentication.privateKey : authentication.token);
  return {
    apiUrl: checkApiUrl(given(environment.GITHUB_API_URL) ?? apiUrl ?? GITHUB_API),
    repository,
    authentication,
    userAgent: `rolebook/${version}`,
    ...(secrets ? { keep: secrets.keep } : {}),
  };
}

const GITHUB_API = "https://api.github.com";

/** Empty is as good as not set: a workflow sets a secret that does not exist to nothing. */
function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value.trim();
}

/** A token goes over plain HTTP to this machine only. */
function checkApiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const local = url !== undefined && /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url === undefined || !(url.protocol === "https:" || (url.protocol === "http:" && local)) || url.username !== "")
    throw new OperatorError(
      "The address of the Git host's API is not an https URL",
      `Set GITHUB_API_URL to ${GITHUB_API}, or to https://HOST/api/v3 of an Enterprise server.`,
    );
  return text.replace(/\/+$/, "");
}

function readAuthentication(environment: Context["environment"]): HostAuthentication {
  const [id, key] = [given(environment.ROLEBOOK_APP_ID), given(environment.ROLEBOOK_APP_PRIVATE_KEY)];
  if (id !== undefined && key !== undefined)
    // Where a variable cannot hold several lines, the key is written in one.
    return { kind: "app", id, privateKey: key.replaceAll("\\n", "\n") };
  if (id !== undefined || key !== undefined)
    throw new OperatorError("ROLEBOOK_APP_ID and ROLEBOOK_APP_PRIVATE_KEY go together, and one of them is not set");
  const token = given(environment.GITHUB_TOKEN);
  if (token !== undefined) return { kind: "token", token };
  throw new OperatorError(
    "There is no credential for the Git host",
    "Set GITHUB_TOKEN, or ROLEBOOK_APP_ID and ROLEBOOK_APP_PRIVATE_KEY of a GitHub App.",
  );
}

/** Keeps the one comment with this marker (an HTML comment, first line of the body) as it should be; null takes nothing away, and writes nothing new. */
export async function keepComment(
  reader: HostReader,
  writer: HostWriter,
  number: number,
  marker: string,
  body: string | null,
): Promise<"created" | "updated" | "same" | "none"> {
  const { login } = await reader.self();
  const mine = (comment: Comment) => comment.login === login && comment.body.startsWith(marker);
  const existing = (await reader.comments(number)).find(mine);
  if (body === null) return "none";
  if (!existing) {
    await writer.addComment(number, body);
    return "created";
  }
  if (sameText(existing.body, body)) return "same";
  await writer.editComment(existing.id, body);
  return "updated";
}

/** A new check run, unless the latest of ours by that name on that commit says the same. */
export async function keepCheck(reader: HostReader, writer: HostWriter, check: NewCheck): Promise<void> {
  const { app } = await reader.self();
  const runs = await reader.checkRuns(check.commit, check.name);
  const latest = runs.findLast((run) => run.app === app && run.conclusion !== null);
  if (!latest || !saysSame(latest, check)) await writer.createCheck(check);
}

function saysSame(run: CheckRun, check: NewCheck): boolean {
  return (
    run.conclusion === check.conclusion &&
    (["title", "summary", "text"] as const).every((part) => sameText(run[part], check[part]))
  );
}

/** Keeps the one issue with this marker: open with this text, or closed when `wanted` is null. */
export async function keepIssue(
  reader: HostReader,
  writer: HostWriter,
  marker: string,
  wanted: { readonly title: string; readonly body: string } | null,
): Promise<Issue | undefined> {
  const open = (await reader.ownIssues("open")).find(({ body }) => body.startsWith(marker));
  if (!wanted) {
    if (open) await writer.editIssue(open.number, { state: "closed" });
    return undefined;
  }
  if (!open) return writer.openIssue(wanted);
  if (open.title !== wanted.title || !sameText(open.body, wanted.body)) await writer.editIssue(open.number, wanted);
  return open;
}

/** Hosts may change line ends and cut blanks at the end. */
export function sameText(left: string, right: string): boolean {
  const plain = (text: string) => text.replaceAll("\r\n", "\n").trim();
  return plain(left) === plain(right);
}
