// What is told on a pull request: one comment kept true, a check on the commit that was read, and reviews dismissed that showed
// less than there is now. Writes only what differs from what is there. Holds a writer of the host, and none of a platform.
import type { HostReader, HostWriter } from "../model/host.ts";
import { HostError } from "../model/host.ts";
import { buildPullCheck } from "../report/pull-check.ts";
import { commitLine, PULL_MARKER, renderPullComment, renderPullNothing } from "../report/pull-comment.ts";
import { keepCheck, keepComment } from "./host.ts";
import type { PullLook } from "./pull-look.ts";
import { CHECK_NAME } from "./reviews.ts";

export interface Hosts {
  readonly reader: HostReader;
  readonly writer: HostWriter;
}

/** What a review is dismissed with. */
const STALE =
  "What this pull request does has grown since this review was given, so it approves nothing any more. Look at what the rolebook check shows now, and review again.";

/** Tells everything, in an order in which nothing is approved by a review that had not seen it. Throws `HostError` when it may not. */
export async function tellPull(hosts: Hosts, look: PullLook): Promise<void> {
  const number = look.pull.number;
  if (!look.report) {
    await withdrawComment(hosts, number, look.head);
    return;
  }
  const failures: unknown[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    await work().catch((error: unknown) => failures.push(explain(error, what, number)));
  };
  for (const review of look.stale)
    await attempt("dismiss a review", () => hosts.writer.dismissReview(number, review, STALE));
  // The check last: people and rulesets go by it, so once it is there, all else that was to be told is.
  await attempt("write the comment", () => keepTrue(hosts, look));
  await attempt("make a check run", () => keepPullCheck(hosts, look));
  if (failures.length > 0) throw failures[0];
}

async function keepPullCheck({ reader, writer }: Hosts, { report, findings, touched }: PullLook): Promise<void> {
  if (report) await keepCheck(reader, writer, { name: CHECK_NAME, ...buildPullCheck(report, findings, touched) });
}

async function keepTrue({ reader, writer }: Hosts, { pull, report, head }: PullLook): Promise<void> {
  if (!report) return;
  const now = await reader.pull(pull.number);
  if (now.head.commit !== head) {
    // It has moved since it was read. Whoever told of the newer commit already knew better.
    const known = await ownComment(reader, pull.number);
    if (known?.includes(commitLine(now.head.commit))) return;
  }
  await keepComment(reader, writer, pull.number, PULL_MARKER, renderPullComment(report));
}

/** Where something was told before and nothing is touched any more, the comment says so; where nothing was, nothing is told. */
async function withdrawComment({ reader, writer }: Hosts, number: number, head: string): Promise<void> {
  if ((await ownComment(reader, number)) === undefined) return;
  // What was merged while it was looked at differs from nothing any more, and what it touches was said before.
  if ((await reader.pull(number)).state !== "open") return;
  await keepComment(reader, writer, number, PULL_MARKER, renderPullNothing(head));
}

async function ownComment(reader: HostReader, number: number): Promise<string | undefined> {
  const { login } = await reader.self();
  const comments = await reader.comments(number);
  return comments.find((comment) => comment.login === login && comment.body.startsWith(PULL_MARKER))?.body;
}

/** A refusal in words that say which permission is missing. */
function explain(error: unknown, what: string, number: number): unknown {
  if (!(error instanceof HostError) || (error.status !== 401 && error.status !== 403 && error.status !== 404))
    return error;
  return new HostError(`The host does not let this credential ${what} on pull request ${number}: ${error.message}`, {
    status: error.status,
    hint: "The job needs permissions: { contents: read, pull-requests: write, checks: write }, and must not be one of a fork's. With --quiet nothing is told.",
    cause: error,
  });
}
