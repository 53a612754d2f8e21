// The commit at which a campaign's pull request is judged, and by whose word: the people are those of the base branch without that
// pull request, before and after it was merged. It looks and never writes.
import { pullRef } from "../git/tips.ts";
import type { Pull } from "../model/host.ts";
import type { Settings } from "../model/settings.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import type { CampaignsGround } from "./campaign-ground.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { SETTINGS_FILE } from "./load.ts";

/** A merged pull request is read at its merge, any other at its head; null where that is not here. */
export async function commitOf(
  { host: { repository, remote } }: Pick<CampaignsGround, "host">,
  { number, mergedAt, mergeCommit }: Pull,
): Promise<string | null> {
  const ref = pullRef(number);
  // Also of a merged one: where its commits were made anew and its branch is gone, those that people approved are here alone.
  const head = (await repository.fetchTips(remote, [ref])).get(ref) ?? null;
  // The base branch has been fetched, and the merge is on it.
  return mergedAt !== null && mergeCommit !== null ? mergeCommit : head;
}

/** The settings of the base branch; of a merged pull request those of before, since it may have changed them itself. */
export async function settingsFor(
  context: Context,
  ground: CampaignsGround,
  pull: Pull | undefined,
  { policies }: CommonOptions,
): Promise<Settings> {
  const { host, base, workspace } = ground;
  const commit = pull ? await commitBefore(ground, pull) : undefined;
  const isSame = commit === undefined || (await settingsAt(ground, commit)) === (await settingsAt(ground, base));
  const then = isSame
    ? workspace
    : await openWorkspaceAt(context, host.repository, { tree: commit, commit }, { policies });
  const { settings } = then.policies;
  if (settings) return settings;
  throw new OperatorError(`There are no settings at ${commit?.slice(0, 12) ?? host.baseBranch}`);
}

/** What the base branch was at before a pull request was merged, in however many commits; undefined where it was not. */
async function commitBefore(
  { host: { repository, reader } }: Pick<CampaignsGround, "host">,
  { number, mergedAt, mergeCommit }: Pull,
): Promise<string | undefined> {
  if (mergedAt === null || mergeCommit === null) return undefined;
  for (let commit = mergeCommit; ; ) {
    const parent = await repository.resolveCommit(`${commit}^1`);
    if (parent === undefined) throw new OperatorError(`What was before #${number} was merged is not in this clone`);
    const pulls = await reader.pullsOfCommit(parent);
    if (!pulls.some((one) => one.number === number)) return parent;
    commit = parent;
  }
}

async function settingsAt(
  { host, workspace: { folder } }: CampaignsGround,
  commit: string,
): Promise<string | undefined> {
  const path = folder === "" ? SETTINGS_FILE : `${folder}/${SETTINGS_FILE}`;
  return (await host.repository.listTree(commit, folder)).find((file) => file.path === path)?.blob;
}
