// The targets of a campaign as they are now: their files at the tip of the base branch, what was applied, and the platform, read afresh.

import type { CampaignStart } from "../model/campaign.ts";
import type { LiveRead } from "../model/driver.ts";
import type { Finding } from "../model/finding.ts";
import type { Target } from "../model/settings.ts";
import { namesNow } from "../plan/review/held.ts";
import type { NameNow } from "../plan/review/settle.ts";
import { fetchBefore } from "./apply-record.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import type { CampaignOptions, CampaignsGround } from "./campaign-ground.ts";
import type { Context } from "./context.ts";
import { withDefaults } from "./desired.ts";
import { readLive } from "./live.ts";
import { type Prepared, preparePlan } from "./prepare.ts";
import { reachOf } from "./reach.ts";

export interface ConcernedTarget {
  readonly target: Target;
  readonly prepared: Prepared;
  readonly live: LiveRead;
}

export interface Concerned {
  /** In the settings' order; none that the settings name no more. */
  readonly targets: readonly ConcernedTarget[];
  /** By the platform's ids, and by what files say. */
  readonly nameNow: NameNow;
  /** When they were read. */
  readonly at: Date;
  /** What keeps anything from being said of them. */
  readonly findings: readonly Finding[];
}

export async function readConcerned(
  context: Context,
  { host, workspace }: CampaignsGround,
  start: CampaignStart,
  options: CampaignOptions,
): Promise<Concerned> {
  const names = new Set(start.entries.map(({ target }) => target));
  const { repository, remote } = host;
  const { connections } = options;
  const reading = connections === undefined ? {} : { connections };
  const now = options.now ?? context.now();
  const open = (at: string) =>
    openWorkspaceAt(context, repository, { tree: at, commit: at }, { policies: options.policies });
  const targets: ConcernedTarget[] = [];
  const findings: Finding[] = [];
  for (const target of workspace.policies.settings?.targets ?? []) {
    if (!names.has(target.name)) continue;
    await fetchBefore(repository, remote, target.name);
    const live = await readLive(context, await reachOf({ repository, remote, open }, target), reading);
    const prepared = await preparePlan(workspace, target, Promise.resolve(live), { ...reading, now, overwrite: [] });
    targets.push({ target, prepared, live });
    findings.push(...doubtsOf(target, live, prepared));
  }
  return { targets, nameNow: namerOf(start, targets), at: now, findings };
}

/** What of a read of a target lets nobody rely on it, beside what was applied to it last. */
export async function doubtsInRead(
  { host: { repository, remote }, workspace }: CampaignsGround,
  target: Target,
  live: LiveRead,
  { connections, now }: Pick<CampaignOptions, "connections"> & { readonly now: Date },
): Promise<Finding[]> {
  await fetchBefore(repository, remote, target.name);
  const how = { ...(connections === undefined ? {} : { connections }), now, overwrite: [] };
  return doubtsOf(target, live, await preparePlan(workspace, target, Promise.resolve(live), how));
}

/** A read that is not whole proves nothing. */
function doubtsOf({ name }: Target, live: LiveRead, { plan }: Prepared): Finding[] {
  const shrunken = plan.findings.filter(({ code }) => code === "shrunken-read");
  return [...live.findings, ...shrunken]
    .filter(({ severity }) => severity === "error")
    .map((finding) => ({ ...finding, message: `${name}: ${finding.message}` }));
}

/** What things of a campaign's beginning are called now. */
export function namerOf(start: CampaignStart, targets: readonly ConcernedTarget[]): NameNow {
  const names = new Map(
    targets.map(({ target, prepared }) => {
      const { platform, live, want } = prepared;
      return [
        target.name,
        namesNow(start, target.name, { live, declared: withDefaults(want, platform), fold: platform.fold }),
      ];
    }),
  );
  return (target, kind, name) => names.get(target)?.(kind, name) ?? name;
}
