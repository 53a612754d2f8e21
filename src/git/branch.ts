// A branch of Rolebook's own on a remote: one commit on top of the base, written by plumbing and moved by compare-and-swap. It
// forces nothing but a branch on which every commit is Rolebook's own, and then only away from where it was just seen.
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runGit } from "./command.ts";
import { commitTree } from "./commit-tree.ts";
import { GitError } from "./error.ts";
import { assertObjectId } from "./objects.ts";
import { LEDGER_AUTHOR } from "./records.ts";
import { type PushResult, trackingRef } from "./remote.ts";
import type { Repository } from "./repository.ts";

/** A file of a new commit, from the repository's root; null takes it away. */
export interface BranchFile {
  readonly path: string;
  readonly bytes: Uint8Array | null;
}

export interface BranchCommit {
  /** The commit it stands on. */
  readonly parent: string;
  readonly files: readonly BranchFile[];
  /** What it is about, such as `drift of acme`: part of what makes it Rolebook's. */
  readonly about: string;
  readonly subject: string;
  readonly body: string;
}

/** Branches that may be moved other than forward. */
const OWN_BRANCH = /^refs\/heads\/rolebook\/[a-z]+\/[a-z0-9][a-z0-9-]*$/;

/** The full name of a branch of Rolebook's own. */
export function ownBranchRef(branch: string): string {
  const ref = `refs/heads/${branch}`;
  if (!OWN_BRANCH.test(ref) || ref === "refs/heads/rolebook/ledger")
    throw new GitError(`not a branch of Rolebook's own: ${JSON.stringify(branch)}`);
  return ref;
}

/** Writes a commit and moves nothing. Its bytes depend on nothing but what it is given: the dates are the parent's. */
export async function writeBranchCommit(repository: Repository, commit: BranchCommit): Promise<string> {
  const { parent, files, about, subject, body } = commit;
  const tree = await writeTree(repository, parent, files);
  const { stdout: date } = await runGit(repository.root, [
    "show",
    "-s",
    "--no-show-signature",
    "--format=%ct",
    parent,
    "--",
  ]);
  const message = `${subject}\n\n${body.trim()}\n\n${TRAILER}: ${sealOf(about, parent, tree)}\n`;
  return commitTree(repository.root, { tree, parent, message, author: LEDGER_AUTHOR, seconds: Number(date.trim()) });
}

const TRAILER = "Rolebook-Seal";

/** Tells what Rolebook wrote from what somebody made of it. No secret: it guards against accidents, not against forgery. */
function sealOf(about: string, parent: string, tree: string): string {
  return createHash("sha256").update(`${about}\0${parent}\0${tree}`).digest("hex");
}

async function writeTree(repository: Repository, parent: string, files: readonly BranchFile[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "rolebook-index-"));
  const environment = { GIT_INDEX_FILE: join(folder, "index") };
  const modes = new Map((await repository.listTree(parent, "")).map(({ path, mode }) => [path, mode]));
  try {
    await runGit(repository.root, ["read-tree", parent], { environment });
    let input = "";
    for (const { path, bytes } of files) {
      if (path.includes("\0")) throw new GitError(`not a path: ${JSON.stringify(path)}`);
      if (bytes === null) input += `0 ${"0".repeat(parent.length)}\t${path}\0`;
      else input += `${modes.get(path) ?? "100644"} ${await writeBlob(repository, bytes)}\t${path}\0`;
    }
    if (input !== "")
      await runGit(repository.root, ["update-index", "-z", "--add", "--index-info"], { environment, input });
    return (await runGit(repository.root, ["write-tree"], { environment })).stdout.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeBlob(repository: Repository, bytes: Uint8Array): Promise<string> {
  const args = ["hash-object", "-w", "-t", "blob", "--no-filters", "--stdin"];
  return (await runGit(repository.root, args, { input: Buffer.from(bytes) })).stdout.trim();
}

/** Where a remote has a branch, with its objects here; null when it has none. No local branch is touched. */
export async function fetchBranch(repository: Repository, remote: string, ref: string): Promise<string | null> {
  const there = await repository.fetchTips(remote, [ref]);
  return there.has(ref) ? repository.readRef(trackingRef(remote, ref)) : null;
}

/** Whether every commit of a branch beyond the base is one that Rolebook wrote about this, as it wrote it. */
export async function isOwnBranch(repository: Repository, tip: string, base: string, about: string): Promise<boolean> {
  for (const id of [tip, base]) assertObjectId(id);
  const { stdout } = await runGit(repository.root, ["rev-list", `${base}..${tip}`, "--"]);
  for (const commit of stdout.split("\n").filter((line) => line !== ""))
    if (!(await isOwnCommit(repository, commit, about))) return false;
  return true;
}

async function isOwnCommit(repository: Repository, commit: string, about: string): Promise<boolean> {
  const { stdout } = await runGit(repository.root, [
    "show",
    "-s",
    "--format=%an <%ae>%n%cn <%ce>%n%T%n%P%n%B",
    commit,
    "--",
  ]);
  const [author, committer, tree = "", parents = "", ...message] = stdout.split("\n");
  const seal = message.findLast((line) => line.startsWith(`${TRAILER}: `))?.slice(TRAILER.length + 2);
  return author === LEDGER_AUTHOR && committer === LEDGER_AUTHOR && seal === sealOf(about, parents, tree);
}

/**
 * Moves a branch of Rolebook's own on a remote (null removes it), if it still is where `expected` says (null: nowhere). The caller
 * has seen to it that nothing on it is anybody else's.
 */
export async function moveRemoteBranch(
  repository: Repository,
  remote: string,
  ref: string,
  to: string | null,
  expected: string | null,
): Promise<PushResult> {
  ownBranchRef(ref.replace(/^refs\/heads\//, ""));
  if (to === expected) return { kind: "pushed" };
  return repository.replaceRef(remote, ref, to, expected);
}
