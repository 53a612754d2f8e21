// The events GitHub sends, signed and delivered as it does: one at a time, in order, without waiting for anybody.
// A test may hold them, send them again, out of order, or spoilt.
import { createHmac, randomUUID } from "node:crypto";
import type { Bare } from "./bare.ts";
import { fullName, type RepositoryRecord, type State } from "./records.ts";
import { repositoryShape, userShape } from "./shapes.ts";

export interface Delivery {
  /** X-GitHub-Delivery. */
  readonly id: string;
  /** X-GitHub-Event. */
  readonly event: string;
  readonly action: string | undefined;
  readonly repository: string;
  /** The body, as it is signed. */
  readonly body: string;
  /** Status of the last answer; undefined before it is sent, 0 when there was no answer. */
  status: number | undefined;
}

export interface Hook {
  readonly url: string;
  readonly secret: string;
}

/** The headers GitHub sends a delivery with. */
export function deliveryHeaders({ id, event, body }: Delivery, secret: string): Record<string, string> {
  return {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/044aadd",
    "x-github-delivery": id,
    "x-github-event": event,
    "x-github-hook-id": "292430182",
    "x-github-hook-installation-target-id": "79929171",
    "x-github-hook-installation-target-type": "repository",
    "x-hub-signature-256": `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`,
  };
}

export function newDelivery(event: string, repository: RepositoryRecord, payload: object): Delivery {
  const body = JSON.stringify(payload);
  const action = "action" in payload && typeof payload.action === "string" ? payload.action : undefined;
  return { id: randomUUID(), event, action, repository: fullName(repository), body, status: undefined };
}

export async function send(delivery: Delivery, hook: Hook): Promise<number> {
  try {
    const headers = deliveryHeaders(delivery, hook.secret);
    const answer = await fetch(hook.url, { method: "POST", headers, body: delivery.body });
    await answer.arrayBuffer();
    delivery.status = answer.status;
  } catch {
    delivery.status = 0;
  }
  return delivery.status;
}

/** What every payload has besides its own. */
export function withSender(state: State, repository: RepositoryRecord, payload: object, sender: string): object {
  const shape = repositoryShape(state, repository);
  return {
    ...payload,
    repository: "ref" in payload ? { ...shape, ...PUSH_REPOSITORY(repository) } : shape,
    sender: userShape(state, sender),
  };
}

/** Pushes give times in seconds, and the repository's owner as Git knows them. */
const PUSH_REPOSITORY = ({ createdAt }: RepositoryRecord) => {
  const seconds = Date.parse(createdAt) / 1000;
  return { created_at: seconds, pushed_at: seconds, stargazers: 0 };
};

interface Push {
  readonly before: string;
  readonly after: string;
  readonly ref: string;
}

export function pushPayload(state: State, repository: RepositoryRecord, { before, after, ref }: Push): object {
  const gone = /^0+$/.test(after);
  const fresh = /^0+$/.test(before);
  const page = `${state.url}/${fullName(repository)}`;
  const commits = gone ? [] : pushedCommits(repository.bare, page, before, after, fresh);
  return {
    ref,
    before,
    after,
    created: fresh,
    deleted: gone,
    forced: !fresh && !gone && !repository.bare.isAncestor(before, after),
    base_ref: null,
    compare: `${page}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: gone ? [] : commits,
    head_commit: commits.at(-1) ?? null,
    pusher: { name: repository.owner, email: `${repository.owner}@users.noreply.github.example` },
  };
}

function pushedCommits(bare: Bare, page: string, before: string, after: string, fresh: boolean): object[] {
  const facts = fresh ? [bare.commit(after)].flatMap((one) => one ?? []) : bare.commits(before, after);
  return facts.map(({ commit, tree, message, author, committer }) => ({
    id: commit,
    tree_id: tree,
    distinct: true,
    message,
    timestamp: committer.date,
    url: `${page}/commit/${commit}`,
    author: { name: author.name, email: author.email },
    committer: { name: committer.name, email: committer.email },
    added: [],
    removed: [],
    modified: [],
  }));
}
