// What the reviews of a merge are judged by: the settings and group owners as a commit has them, that is as they were before the
// merge; and how the platform was reached when it was applied last. Reads Git; decides nothing.
import type { Repository } from "../git/repository.ts";
import { entityAt, splitKey } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import { memo } from "../model/lazy.ts";
import type { Target } from "../model/settings.ts";
import { hasEnded } from "../model/until.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { desiredState } from "./desired.ts";
import { type Judges, readJudges } from "./reviews.ts";
import type { Workspace } from "./workspace.ts";

/** Policies of one target as commits have them; each commit's are read once. */
export interface Bases {
  readonly workspaceAt: (commit: string) => Promise<Workspace>;
  /** Undefined where the target is not in the settings of that commit. */
  readonly judgesAt: (commit: string) => Promise<Judges | undefined>;
  /** Keys of the memberships that have ended by a commit's own policy: they were approved with their end. */
  readonly endedAt: (commit: string, keys: readonly string[]) => Promise<ReadonlySet<string>>;
}

export function openBases(context: Context, repository: Repository, options: CommonOptions, target: string): Bases {
  const workspaceAt = memo((commit: string) =>
    openWorkspaceAt(context, repository, { tree: commit, commit }, { ...options, target }),
  );
  const judgesAt = memo(async (commit: string) => readJudges(await workspaceAt(commit), target, context.now()));
  return {
    workspaceAt,
    judgesAt,
    endedAt: async (commit, keys) => {
      const then = keys.length === 0 ? undefined : (await judgesAt(commit))?.target;
      if (!then) return new Set();
      const { state } = desiredState(await workspaceAt(commit), then, context.now());
      return new Set(
        keys.filter((key) => {
          const until = entityAt(state, ...splitKey(key))?.attributes.until;
          return typeof until === "string" && hasEnded(until, context.now(), then.timeZone);
        }),
      );
    },
  };
}

/**
 * The target as a commit has it, but reached as it was when it was applied last: nobody else's system is shown a credential
 * because somebody merged its address. Throws `OperatorError` when it is another platform altogether.
 */
export function reachedAs(target: Target, applied: Target): Target {
  if (target.platform !== applied.platform)
    throw new OperatorError(
      `${target.name} is on platform ${target.platform} now, and was on ${applied.platform} when it was applied last`,
      "That is for a person to apply: rolebook apply.",
    );
  const { url, organization, credentials, options } = applied;
  const { options: _, ...rest } = target;
  return { ...rest, url, organization, credentials, ...(options ? { options } : {}) };
}

/** Whether two targets are the same system, reached in the same way. */
export function isReachedAlike(one: Target, other: Target): boolean {
  const said = ({ platform, url, organization, credentials, options }: Target) =>
    JSON.stringify([platform, url, organization, sorted(credentials), sorted(options ?? {})]);
  return said(one) === said(other);
}

function sorted(values: Readonly<Record<string, string>>): unknown {
  return Object.entries(values).sort(([one], [other]) => compareText(one, other));
}
