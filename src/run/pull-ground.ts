// The base branch as pull requests are planned on it: what it says, and what is pending there. Git is asked for one target after the
// other, and platforms are read side by side, each once. Holds Readers and never a Writer.
import type { LiveRead } from "../model/driver.ts";
import type { Target } from "../model/settings.ts";
import { fetchBefore } from "./apply-record.ts";
import { openWorkspaceAt, type Revision } from "./at-commit.ts";
import type { CommonOptions, Context } from "./context.ts";
import { readLive } from "./live.ts";
import { type Prepared, type PrepareOptions, preparePlan } from "./prepare.ts";
import type { BaseTip } from "./pull-revision.ts";
import { reachOf } from "./reach.ts";
import type { Workspace } from "./workspace.ts";

export interface Ground {
  readonly tip: BaseTip;
  readonly workspace: Workspace;
  /** Starts reading the platforms of some targets, so that none waits for another. What fails is found by `pendingOf`. */
  readonly begin: (targets: readonly Target[]) => Promise<void>;
  /** What an apply of the base's tip would do to a target now. Read and built once. */
  readonly pendingOf: (target: Target) => Promise<Pending>;
  readonly open: (revision: Revision) => Promise<Workspace>;
  readonly options: PrepareOptions;
}

export interface Pending {
  readonly prepared: Prepared;
  readonly reading: LiveRead;
}

/** A platform that is being read. */
interface Reach {
  readonly reading: Promise<LiveRead>;
}

/** Opens the policies at the base's tip. Paths are said from the repository's root, wherever the command runs. */
export async function openGround(
  context: Context,
  tip: BaseTip,
  options: CommonOptions & { readonly connections?: number },
): Promise<Ground> {
  const { repository, remote, commit } = tip;
  const fromRoot = { ...context, cwd: repository.root };
  const policies = tip.folder === "" ? "." : tip.folder;
  const open = (revision: Revision) => openWorkspaceAt(fromRoot, repository, revision, { policies });
  const workspace = await open({ tree: commit, commit });
  const prepare: PrepareOptions = {
    now: context.now(),
    overwrite: [],
    ...(options.connections === undefined ? {} : { connections: options.connections }),
  };
  const reach = async (target: Target): Promise<Reach> => {
    await fetchBefore(repository, remote, target.name);
    const reached = await reachOf({ repository, remote, open: (at) => open({ tree: at, commit: at }) }, target);
    return { reading: readLive(context, reached, prepare) };
  };
  const reaches = once(reach);
  const pendingOf = once(async (target: Target): Promise<Pending> => {
    const { reading } = await reaches(target);
    const prepared = await preparePlan(workspace, target, reading, prepare);
    return { prepared, reading: await reading };
  });
  const begin = async (targets: readonly Target[]) => {
    for (const target of targets) await reaches(target).catch(() => {});
  };
  return { tip, workspace, begin, pendingOf, open, options: prepare };
}

/** What is worked out of a target the first time, and known from then on. */
function once<T>(work: (target: Target) => Promise<T>): (target: Target) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (target) => {
    const result = known.get(target.name) ?? work(target);
    known.set(target.name, result);
    return result;
  };
}
