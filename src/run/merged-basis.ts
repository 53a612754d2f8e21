// What the reviews of a merge are judged by: the settings and group owners as a commit has them, that is as they were before the
// merge. Reads Git; decides nothing.
import type { Repository } from "../git/repository.ts";
import { entityAt, type State } from "../model/entity.ts";
import type { Person, Target } from "../model/settings.ts";
import { hasEnded } from "../model/until.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { desiredState } from "./desired.ts";

export interface Basis {
  readonly target: Target;
  readonly people: readonly Person[];
  /** Folded group name -> its owners. */
  readonly groupOwners: ReadonlyMap<string, readonly string[]>;
  readonly state: State;
}

/** Reads each commit's once. Undefined where the target is not in the settings of that commit. */
export function openBases(
  context: Context,
  repository: Repository,
  options: CommonOptions,
  target: string,
): (commit: string) => Promise<Basis | undefined> {
  const known = new Map<string, Promise<Basis | undefined>>();
  const read = async (commit: string): Promise<Basis | undefined> => {
    const workspace = await openWorkspaceAt(context, repository, { tree: commit, commit }, { ...options, target });
    const { settings } = workspace.policies;
    const found = settings?.targets.find(({ name }) => name === target);
    if (!settings || !found) return undefined;
    const { state } = desiredState(workspace, found, context.now());
    return { target: found, people: settings.people, groupOwners: ownersOfGroups(state), state };
  };
  return (commit) => {
    const answer = known.get(commit) ?? read(commit);
    known.set(commit, answer);
    return answer;
  };
}

function ownersOfGroups(state: State): Map<string, readonly string[]> {
  const owners = new Map<string, readonly string[]>();
  for (const [local, { attributes }] of state.get("Group") ?? []) {
    const named = attributes.owners;
    if (Array.isArray(named)) owners.set(local, named.filter((name) => typeof name === "string"));
  }
  return owners;
}

/** Whether a membership had an end in an applied policy that has passed: it was approved with its end, and so was its ending. */
export function endedAsApplied({ state, target }: Basis, key: string, now: Date): boolean {
  const cut = key.lastIndexOf("/");
  const until = entityAt(state, key.slice(0, cut), key.slice(cut + 1))?.attributes.until;
  return typeof until === "string" && hasEnded(until, now, target.timeZone);
}

/** What decides which system is talked to, and with which credentials. */
const CONNECTION = ["platform", "url", "organization", "credentials", "options"] as const;

/**
 * The target as a commit has it, but reached as it was when it was applied last: nobody else's system is shown a credential
 * because somebody merged its address. Throws `OperatorError` when it is another platform altogether.
 */
export function reachedAs(target: Target, applied: Target): Target {
  if (target.platform !== applied.platform)
    throw new OperatorError(
      `${target.name} is on platform ${target.platform} now, and was on ${applied.platform}`,
      "That is for a person to apply: rolebook apply.",
    );
  const { platform, url, organization, credentials, options } = applied;
  const { options: _, ...rest } = target;
  return { ...rest, platform, url, organization, credentials, ...(options ? { options } : {}) };
}

/** Whether two targets are the same system, reached in the same way. */
export function isReachedAlike(one: Target, other: Target): boolean {
  const said = (target: Target) => JSON.stringify(CONNECTION.map((part) => sorted(target[part])));
  return said(one) === said(other);
}

function sorted(value: string | Readonly<Record<string, string>> | undefined): unknown {
  if (value === undefined || typeof value === "string") return value ?? null;
  return Object.keys(value)
    .sort()
    .map((key) => [key, value[key]]);
}
