// The Git side of a plan on pull requests: the base's tip, the head of each, and what merging would give. Everything is read from
// the object store; the work tree, the index and the branches stay as they are.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { GitError } from "../git/error.ts";
import type { GitCredentials } from "../git/host-credentials.ts";
import { fetchLedger } from "../git/ledger-sync.ts";
import { changedPaths, mergeCommits } from "../git/merge.ts";
import type { Repository } from "../git/repository.ts";
import { commonCommit, pullRef } from "../git/tips.ts";
import type { Pull } from "../model/host.ts";
import type { PullReport } from "../model/pull-report.ts";
import { policyFolder, type Revision } from "./at-commit.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";

/** Where pull requests are planned from. */
export interface BaseTip {
  readonly repository: Repository;
  readonly remote: string;
  readonly branch: string;
  /** What the base branch ends with. */
  readonly commit: string;
  /** The policy folder from the repository's root; "" is the root. */
  readonly folder: string;
}

/** A pull request as it was fetched: what is told of it is about this commit, wherever it has moved since. */
export interface PullRevision {
  readonly pull: Pull;
  readonly head: string;
  /** What merging would give. */
  readonly merged: Revision | Pick<PullReport, "unmerged">;
  /** Paths from the root, below the policy folder, that it touches. */
  readonly touched: ReadonlySet<string>;
}

/** The repository around the policy folder, or around the working directory when the folder is not checked out. */
export async function openAround(
  context: Context,
  { policies }: CommonOptions,
  credentials?: GitCredentials,
): Promise<Repository> {
  const { openRepository } = await import("../git/repository.ts");
  const folder = resolve(context.cwd, policies);
  const repository = await openRepository(existsSync(folder) ? folder : context.cwd, credentials);
  if (repository) return repository;
  throw new OperatorError(
    "This is no Git repository",
    "Run it in a clone of the repository that the pull request is in.",
  );
}

/** Fetches the ledger, the base branch and the heads of pull requests; those that the remote no longer has are missing. */
export async function fetchPulls(
  context: Context,
  repository: Repository,
  options: CommonOptions,
  { branch, pulls }: { readonly branch: string; readonly pulls: readonly Pull[] },
): Promise<{ readonly base: BaseTip; readonly heads: ReadonlyMap<number, string> }> {
  const remote = await repository.remote();
  if (remote === undefined)
    throw new OperatorError(
      "This clone has no remote called origin",
      "Pull requests are fetched from there: git remote add origin URL.",
    );
  await fetchLedger(repository, remote);
  const baseRef = `refs/heads/${branch}`;
  const tips = await repository.fetchTips(remote, [baseRef, ...pulls.map(({ number }) => pullRef(number))]);
  const commit = tips.get(baseRef);
  if (commit === undefined) throw new GitError(`${remote} has no branch ${branch}`);
  const heads = new Map<number, string>();
  for (const { number } of pulls) {
    const head = tips.get(pullRef(number));
    if (head !== undefined) heads.set(number, head);
  }
  return {
    base: { repository, remote, branch, commit, folder: policyFolder(context, repository, options.policies) },
    heads,
  };
}

/** Works out what merging a fetched head would give. */
export async function readRevision(base: BaseTip, pull: Pull, head: string): Promise<PullRevision> {
  const { repository, remote, folder } = base;
  const common = await commonCommit(
    repository,
    remote,
    { ref: `refs/heads/${base.branch}`, commit: base.commit },
    { ref: pullRef(pull.number), commit: head },
  );
  if (common === undefined) {
    const touched = new Set(await changedPaths(repository, base.commit, head, folder));
    return { pull, head, merged: { unmerged: "unrelated" }, touched };
  }
  const touched = await changedPaths(repository, common, head, folder);
  if (touched.length === 0) return { pull, head, merged: { tree: base.commit, commit: head }, touched: new Set() };
  const merge = await mergeCommits(repository, base.commit, head);
  if (merge.kind === "conflict") return { pull, head, merged: { unmerged: merge.files }, touched: new Set(touched) };
  const differing = await changedPaths(repository, base.commit, merge.tree, folder);
  return { pull, head, merged: { tree: merge.tree, commit: head }, touched: new Set([...touched, ...differing]) };
}
