// Which Git host a command talks to and as whom, from the environment; and what it keeps there: one comment, one issue a matter,
// found again by a marker and written only when it differs.
import type { HostOptions } from "../git/host.ts";
import type { Repository } from "../git/repository.ts";
import type { Comment, HostReader, HostWriter, Issue } from "../model/host.ts";
import { type Context, OperatorError } from "./context.ts";

/** Reads GITHUB_API_URL, GITHUB_REPOSITORY (else from the remote's URL), and GITHUB_TOKEN or ROLEBOOK_APP_ID and ROLEBOOK_APP_PRIVATE_KEY. */
export async function hostOptions(_context: Context, _repository: Repository): Promise<HostOptions> {
  throw new OperatorError("not built yet");
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
function sameText(left: string, right: string): boolean {
  const plain = (text: string) => text.replaceAll("\r\n", "\n").trim();
  return plain(left) === plain(right);
}
