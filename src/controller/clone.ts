// The controller's bare clones: one for each lane of work, so that two runs never meet in one Git folder. They hold nothing that the
// remote does not have, save what an apply that was killed left of itself; each is made anew when it is gone or broken.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runGit } from "../git/command.ts";
import { GitError } from "../git/error.ts";
import { LEDGER_REF } from "../git/ledger.ts";
import { openRepository, type Repository } from "../git/repository.ts";
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
/** As everywhere: a server that says nothing for this long is not coming back. */
const SILENCE_MS = 120_000;

/** The URL to follow: as told, or the origin of the repository that the working directory is in. */
export async function repositoryUrl(context: Context, told: string | undefined): Promise<string> {
  if (told !== undefined) return existsSync(resolve(context.cwd, told)) ? resolve(context.cwd, told) : told;
  const around = await openRepository(context.cwd);
  const answer = around && (await runGit(around.root, ["remote", "get-url", "origin"], { answers: [2, 128] }));
  const url = answer?.exitCode === 0 ? answer.stdout.trim() : "";
  if (url === "")
    throw new OperatorError(
      "There is no repository to follow",
      "Name it with --repository, or start the controller in a clone that has a remote called origin.",
    );
  return existsSync(resolve(around?.root ?? "", url)) ? resolve(around?.root ?? "", url) : url;
}

/** Where clones of a repository are kept unless told otherwise: in the user's cache folder, or where files do not last. */
export function cloneFolder(context: Context, url: string): string {
  const { XDG_CACHE_HOME: cache, HOME: home } = context.environment;
  const root = cache || (home ? join(home, ".cache") : existsSync(homedir()) ? join(homedir(), ".cache") : tmpdir());
  return join(root, "rolebook", createHash("sha256").update(url).digest("hex").slice(0, 16));
}

/** Clones below a folder. `remade` is told of each that had to be made although its folder was there. */
export function openClones(folder: string, url: string, remade: (path: string) => void): Clones {
  if (url.startsWith("-")) throw new OperatorError(`${url} is no repository`);
  return {
    open: async (lane) => {
      const path = join(folder, `${lane}.git`);
      const repository = (await openExisting(path)) ?? (await makeClone(path, remade));
      await runGit(path, ["config", "--replace-all", "remote.origin.url", url]);
      const refs = await readRemote(path);
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

async function openExisting(path: string): Promise<Repository | undefined> {
  if (!existsSync(join(path, "HEAD"))) return undefined;
  const answer = await runGit(path, ["rev-parse", "--is-bare-repository"], { answers: [128] });
  return answer.stdout.trim() === "true" ? openRepository(path) : undefined;
}

async function makeClone(path: string, remade: (path: string) => void): Promise<Repository> {
  if (existsSync(path)) remade(path);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true, mode: 0o700 });
  await runGit(path, ["init", "--quiet", "--bare"]);
  // Whoever applies by reviews is named in the record; this is only who holds the pen.
  for (const [key, value] of [
    ["user.name", "Rolebook"],
    ["user.email", "rolebook@localhost"],
  ] as const)
    await runGit(path, ["config", key, value]);
  const repository = await openRepository(path);
  if (!repository) throw new GitError(`git init left no repository at ${path}`);
  return repository;
}

/** Asks the remote for everything that Rolebook goes by, in one go. */
async function readRemote(path: string): Promise<RemoteRefs> {
  const asked = ["HEAD", LEDGER_REF, `${APPLIED_REFS}*`, `${PAUSED_REFS}*`];
  const { stdout } = await runGit(path, ["ls-remote", "--symref", "origin", ...asked], { silenceMs: SILENCE_MS });
  const found = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const [value = "", name = ""] = line.split("\t");
    found.set(value.startsWith("ref: ") ? `-> ${name}` : name, value.replace(/^ref: /, ""));
  }
  const head = found.get("-> HEAD") ?? "";
  const tip = found.get("HEAD");
  if (!head.startsWith(BRANCHES) || tip === undefined)
    throw new GitError("the remote does not say what its default branch is", {
      hint: "Is it empty? Push a first commit, and see that its HEAD names that branch.",
    });
  const below = (prefix: string) =>
    [...found].flatMap(([name, id]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), id] as const] : []));
  return {
    branch: head.slice(BRANCHES.length),
    tip,
    ledger: found.get(LEDGER_REF) ?? null,
    applied: new Map(below(APPLIED_REFS)),
    paused: new Set(below(PAUSED_REFS).map(([name]) => name)),
  };
}

/** Whether the applies of a target are paused. */
export function isPaused({ paused }: RemoteRefs, target: string): boolean {
  return paused.has(target) || paused.has(ALL_PAUSED);
}
