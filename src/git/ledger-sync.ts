// Brings the ledger here and the ledger on a remote together. Where both grew, what was recorded here is recorded again
// on top of what is there: entries never share a path, so the order between them carries no meaning and nothing is lost.
import { runGit } from "./command.ts";
import { GitError } from "./error.ts";
import { LEDGER_REF, type NewFile, writeCommit } from "./ledger.ts";
import type { RefUpdate } from "./remote.ts";
import type { Repository } from "./repository.ts";

export type SyncResult =
  /** The remote has the ledger and the other refs now. */
  | { readonly kind: "synced" }
  /** These refs are somewhere else on the remote, and pushing ours would lose that. The ledger is not pushed either. */
  | { readonly kind: "moved"; readonly refs: readonly string[] };

/** Another writer must win each time for a try to be lost. */
const MAX_TRIES = 10;

/**
 * Fetches the ledger, adds what is only here, and pushes it together with other refs (applied commits), all or nothing.
 * Throws `GitError` when the remote cannot be reached or refuses, `LedgerPathError` when both sides recorded the same path differently.
 */
export async function syncLedger(
  repository: Repository,
  remote: string,
  others: readonly RefUpdate[] = [],
): Promise<SyncResult> {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    await fetchLedger(repository, remote);
    const head = await repository.readRef(LEDGER_REF);
    const ledger = head === null ? [] : [{ ref: LEDGER_REF, to: head }];
    const result = await repository.pushRefs(remote, [...ledger, ...others]);
    if (result.kind === "pushed") return { kind: "synced" };
    const lost = result.refs.filter((ref) => ref !== LEDGER_REF);
    if (lost.length > 0) return { kind: "moved", refs: lost };
  }
  throw new GitError(`the ledger on ${remote} moved during each of ${MAX_TRIES} pushes`);
}

/** Brings the remote's ledger here, with what was recorded only here on top of it. */
export async function fetchLedger(repository: Repository, remote: string): Promise<void> {
  const [fetched] = await repository.fetchRefs(remote, [LEDGER_REF]);
  if (fetched?.state !== "diverged" || fetched.remote === null || fetched.local === null) return;
  const replayed = await replay(repository, fetched.remote, fetched.local);
  await repository.moveRef(LEDGER_REF, replayed, fetched.local);
}

/** Writes the commits that only `local` has on top of `onto`; their files, messages, authors and dates stay. */
async function replay(repository: Repository, onto: string, local: string): Promise<string> {
  const { stdout } = await runGit(repository.root, ["rev-list", "--reverse", "--topo-order", local, `^${onto}`]);
  let head = onto;
  for (const commit of stdout.split("\n").filter((line) => line !== "")) {
    const files = await addedFiles(repository, commit, head);
    if (files.length > 0) head = await writeCommit(repository, head, files, await readCommit(repository, commit));
  }
  return head;
}

/** What a commit added, less what is on the other side already with the same content. */
async function addedFiles(repository: Repository, commit: string, head: string): Promise<NewFile[]> {
  const { stdout } = await runGit(repository.root, [
    "diff-tree",
    "-r",
    "-z",
    "--root",
    "--no-commit-id",
    "--no-renames",
    "--no-ext-diff",
    "--name-only",
    "--diff-filter=A",
    commit,
  ]);
  const added = new Set(stdout.split("\0"));
  const there = new Map((await repository.listTree(head, "")).map(({ path, blob }) => [path, blob]));
  return (await repository.listTree(commit, "")).filter(
    ({ path, blob }) => added.has(path) && there.get(path) !== blob,
  );
}

async function readCommit(repository: Repository, commit: string) {
  const { stdout } = await runGit(repository.root, ["cat-file", "commit", commit]);
  const split = stdout.indexOf("\n\n");
  const author = /^author (.*<[^>]*>) (\d+) /m.exec(stdout.slice(0, split));
  const [subject = "", ...body] = stdout.slice(split + 2).split("\n\n");
  return {
    author: author?.[1] ?? "",
    at: new Date(Number(author?.[2]) * 1000),
    subject,
    body: body.join("\n\n"),
  };
}
