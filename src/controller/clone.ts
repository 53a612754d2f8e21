// The controller's bare clones: one for each lane of work, so that two runs never meet in one Git folder. They hold nothing that the
// remote does not have, save what an apply that was killed left of itself; each is made anew when it is gone or broken.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runGit } from "../git/command.ts";
import { GitError } from "../git/error.ts";
import type { GitCredentials } from "../git/host-credentials.ts";
import { LEDGER_REF } from "../git/ledger.ts";
import type { Repository } from "../git/repository.ts";
import { type Context, OperatorError } from "../run/context.ts";

/** What the remote has, seen at one moment. */
export interface RemoteRefs {
  /** Short name of the default branch, and its last commit. */
  readonly branch: string;
  readonly tip: string;
  readonly ledger: string | null;
  /** Target -> the commit that was applied last. */
  readonly applied: ReadonlyMap<string, string>;
  /** Targets that are paused, or `ALL_PAUSED`. */
  readonly paused: ReadonlySet<string>;
}

export interface Clone {
  readonly repository: Repository;
  readonly refs: RemoteRefs;
}

export interface Clones {
  /** A lane's clone, with the remote's default branch in it and HEAD on that. Throws `GitError` when the remote cannot be reached. */
  readonly open: (lane: string) => Promise<Clone>;
}

/** A ref below this stops the applies of the target it is named after; what it points at does not matter. */
export const PAUSED_REFS = "refs/rolebook/paused/";
/** In place of a target: stops the applies of all. No target has such a name. */
export const ALL_PAUSED = "_all";

const APPLIED_REFS = "refs/rolebook/applied/";
const BRANCHES = "refs/heads/";

/** The URL to follow: as told, or the origin of the repository that the working directory is in. */
export async function repositoryUrl(context: Context, told: string | undefined): Promise<string> {
  if (told !== undefined) return existsSync(resolve(context.cwd, told)) ? resolve(context.cwd, told) : told;
  const { openRepository } = await import("../git/repository.ts");
  const around = await openRepository(context.cwd);
  const url = await around?.remoteUrl("origin");
  if (!around || url === undefined || url === "")
    throw new OperatorError(
      "There is no repository to follow",
      "Name it with --repository, or start the controller in a clone that has a remote called origin.",
    );
  return existsSync(resolve(around.root, url)) ? resolve(around.root, url) : url;
}

/** Where clones of a repository are kept unless told otherwise: in the user's cache folder, or where files do not last. */
export function cloneFolder(context: Context, url: string): string {
  const { XDG_CACHE_HOME: cache, HOME: home } = context.environment;
  const root = cache || (home ? join(home, ".cache") : existsSync(homedir()) ? join(homedir(), ".cache") : tmpdir());
  return join(root, "rolebook", createHash("sha256").update(url).digest("hex").slice(0, 16));
}

export interface ClonesOptions {
  readonly folder: string;
  readonly url: string;
  /** Go with every fetch and push. */
  readonly credentials: GitCredentials | undefined;
  /** Told of each clone that had to be made although its folder was there. */
  readonly remade: (path: string) => void;
}

export function openClones({ folder, url, credentials, remade }: ClonesOptions): Clones {
  if (url.startsWith("-")) throw new OperatorError(`${url} is no repository`);
  const opened = new Set<string>();
  return {
    open: async (lane) => {
      const path = join(folder, `${lane}.git`);
      if (!(await isClone(path))) await makeClone(path, remade);
      await runGit(path, ["config", "--replace-all", "remote.origin.url", url]);
      const { openRepository } = await import("../git/repository.ts");
      const repository = await openRepository(path, credentials);
      if (!repository) throw new GitError(`there is no repository at ${path}`);
      if (!opened.has(lane)) await breakLocks(repository);
      opened.add(lane);
      const refs = await readRemote(repository);
      const branch = `${BRANCHES}${refs.branch}`;
      await repository.fetchRefs("origin", [branch]);
      // Nobody works here: when the remote's branch was put somewhere else, ours goes there too.
      const local = await repository.readRef(branch);
      if (local !== refs.tip) await repository.moveRef(branch, refs.tip, local);
      await runGit(path, ["symbolic-ref", "HEAD", branch]);
      return { repository, refs };
    },
  };
}

async function isClone(path: string): Promise<boolean> {
  if (!existsSync(join(path, "HEAD"))) return false;
  const answer = await runGit(path, ["rev-parse", "--is-bare-repository"], { answers: [128] });
  return answer.stdout.trim() === "true";
}

async function makeClone(path: string, remade: (path: string) => void): Promise<void> {
  if (existsSync(path)) remade(path);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  await runGit(path, ["init", "--quiet", "--bare"]);
  // Whoever approved is named in the record; this is only who holds the pen.
  await runGit(path, ["config", "user.name", "Rolebook"]);
  await runGit(path, ["config", "user.email", "rolebook@localhost"]);
}

/**
 * Locks that were there before us are of a controller that was killed: the folder is ours alone (`hold.ts`). From outside of its
 * container nobody else could tell that it is dead.
 */
async function breakLocks(repository: Repository): Promise<void> {
  for (const [ref, holder] of await repository.listRefs("refs/rolebook/lock/"))
    await repository.moveRef(ref, null, holder);
}

/** Asks the remote for everything that Rolebook goes by, in one go. */
async function readRemote(repository: Repository): Promise<RemoteRefs> {
  const asked = [LEDGER_REF, `${APPLIED_REFS}*`, `${PAUSED_REFS}*`];
  const { head, refs } = await repository.lookRemote("origin", asked);
  if (!head)
    throw new GitError("the remote does not say what its default branch is", {
      hint: "Is it empty? Push a first commit, and see that its HEAD names that branch.",
    });
  const below = (prefix: string) =>
    [...refs].flatMap(([name, id]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), id] as const] : []));
  return {
    branch: head.branch.slice(BRANCHES.length),
    tip: head.commit,
    ledger: refs.get(LEDGER_REF) ?? null,
    applied: new Map(below(APPLIED_REFS)),
    paused: new Set(below(PAUSED_REFS).map(([name]) => name)),
  };
}

/** Whether the applies of a target are paused. */
export function isPaused({ paused }: RemoteRefs, target: string): boolean {
  return paused.has(target) || paused.has(ALL_PAUSED);
}
