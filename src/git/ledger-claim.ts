// Who of several runners does a thing that must be done once: whoever gets its file onto the ledger first, and where there is a
// remote, onto the remote's. It never leaves a lost claim behind, and refuses to call one won that nobody else can see.
import { GitError, RefMovedError } from "./error.ts";
import { LEDGER_REF, type LedgerEntry, type NewFile, writeBlobs, writeCommit } from "./ledger.ts";
import { fetchLedger } from "./ledger-sync.ts";
import type { Repository } from "./repository.ts";

/** Each lost try means that somebody else has won one, so this many in a row is not bad luck. */
const MAX_TRIES = 20;

/**
 * Adds those files of an entry whose paths nobody has taken, and gives these paths; none when all are taken. The contents must
 * be nobody else's (hold something random), or two runners that claim in the same second would both be told that they won.
 * Throws `GitError` when the remote cannot be reached: then nothing is claimed, but for an answer that was lost on its way.
 */
export async function claimOnLedger(
  repository: Repository,
  remote: string | undefined,
  entry: LedgerEntry,
): Promise<string[]> {
  return claim(repository, remote, entry, false);
}

/** The same for files that belong together: all of them in one commit, or none when anybody has taken any. */
export async function claimTogether(
  repository: Repository,
  remote: string | undefined,
  entry: LedgerEntry,
): Promise<boolean> {
  return (await claim(repository, remote, entry, true)).length > 0;
}

async function claim(
  repository: Repository,
  remote: string | undefined,
  entry: LedgerEntry,
  whole: boolean,
): Promise<string[]> {
  const files = await writeBlobs(repository, entry);
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    if (remote !== undefined && !(await fetched(repository, remote))) continue;
    const head = await repository.readRef(LEDGER_REF);
    const free = await freeFiles(repository, head, files);
    if (free.length === 0 || (whole && free.length < files.length)) return [];
    const commit = await writeCommit(repository, head, free, entry);
    if (await publish(repository, remote, commit, head)) return free.map(({ path }) => path);
  }
  throw new GitError(`the ledger moved during each of ${MAX_TRIES} tries to claim something on it`);
}

/** False when another process of this very clone was fetching, or recording, at the same moment. */
async function fetched(repository: Repository, remote: string): Promise<boolean> {
  try {
    await fetchLedger(repository, remote);
    return true;
  } catch (error) {
    if (error instanceof RefMovedError || (error instanceof GitError && /cannot lock ref/.test(error.message)))
      return false;
    throw error;
  }
}

async function freeFiles(repository: Repository, head: string | null, files: readonly NewFile[]): Promise<NewFile[]> {
  if (head === null) return [...files];
  const taken = new Set((await repository.listTree(head, "")).map(({ path }) => path));
  return files.filter(({ path }) => !taken.has(path));
}

/** The remote first: what it has not taken is on no ledger at all. False when somebody else was first. */
async function publish(
  repository: Repository,
  remote: string | undefined,
  commit: string,
  head: string | null,
): Promise<boolean> {
  if (remote !== undefined) {
    const { kind } = await repository.pushRefs(remote, [{ ref: LEDGER_REF, to: commit }]);
    if (kind === "moved") return false;
  }
  try {
    await repository.moveRef(LEDGER_REF, commit, head);
  } catch (error) {
    if (!(error instanceof RefMovedError)) throw error;
    // On the remote it is won; the next fetch puts what was recorded here meanwhile on top of it.
    return remote !== undefined;
  }
  return true;
}
