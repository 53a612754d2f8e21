// What a campaign begins with: everything in its scope as it is held now, bundled into entries, each with somebody to decide it.
// Reads platforms and Git; what is not read whole, or has nobody to decide it, begins nothing.
import { isClosed, type RecordedCampaign } from "../git/review-records.ts";
import type { CampaignStart, ReviewRules } from "../model/campaign.ts";
import { entityAt } from "../model/entity.ts";
import { compareText, type Finding, sortFindings } from "../model/finding.ts";
import { lazy } from "../model/lazy.ts";
import { MEMBER } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { ownersOfGroups } from "../plan/approval-owners.ts";
import { stableNames } from "../plan/review/held.ts";
import { identitiesOf } from "../plan/review/identities.ts";
import type { ReviewedTarget } from "../plan/review/input.ts";
import { type KnownTarget, memberLookup } from "../plan/review/members.ts";
import { assignReviewers } from "../plan/review/reviewers.ts";
import { rosterOf } from "../plan/review/roster.ts";
import type { LastReview } from "../plan/review/scope.ts";
import { type CampaignsGround, readReached } from "./campaign-ground.ts";
import { type Context, OperatorError } from "./context.ts";
import { desiredSteps, withDefaults } from "./desired.ts";
import { doubtsInRead } from "./review-close-ground.ts";
import type { WantedCampaign } from "./review-due.ts";
import { type ReviewGrounds, reviewOf } from "./review-ground.ts";
import type { StartOptions } from "./review-start.ts";
import { inSlices } from "./slices.ts";
import { driverOf, type Workspace } from "./workspace.ts";

export type PreparedStart =
  | { readonly kind: "ready"; readonly start: CampaignStart }
  | { readonly kind: "empty" }
  | { readonly kind: "refused"; readonly findings: readonly Finding[] };

/** Reads what the campaign is about, and shares it out. */
export async function prepareStart(
  context: Context,
  ground: CampaignsGround,
  { definition, id, due, settings }: WantedCampaign & Pick<ReviewRules, "settings">,
  known: readonly RecordedCampaign[],
  options: StartOptions & { readonly now: Date },
): Promise<PreparedStart> {
  const wrong = ground.workspace.policies.findings.filter(({ severity }) => severity === "error");
  if (wrong.length > 0) return { kind: "refused", findings: sortFindings(wrong) };
  const { policies, now, connections } = options;
  const workspace = restricted(ground.workspace, definition.scope.targets);
  const common = { policies, ...(connections === undefined ? {} : { connections }) };
  const doubts: Finding[] = [];
  const read = async (target: Target) => {
    const live = await readReached(context, ground.host, target, common);
    doubts.push(...(await doubtsInRead(ground, target, live, { ...common, now })));
    return live;
  };
  const grounds = await reviewOf(context, workspace, { ...common, files: false, offline: false, now }, read);
  doubts.push(...doubtsIn(grounds));
  if (doubts.length > 0) return { kind: "refused", findings: sortFindings(doubts) };
  const { report, targets } = grounds;
  const byName = new Map(targets.map((one) => [one.target.name, one]));
  const foldOf = (target: string) => byName.get(target)?.platform.fold ?? ((name: string) => name);
  const last = lastOf(known, definition.name);
  const open = rosterOf({
    report,
    definition,
    due,
    foldOf,
    last,
    namesOf: (target, member) => addressesOf(byName.get(target), member),
  });
  if (open.length === 0) return { kind: "empty" };
  const people = ground.workspace.policies.settings?.people ?? [];
  const identities = identitiesOf(people);
  const isMember = await membersOf(ground.workspace, targets, now);
  const owners = new Map(targets.map(({ target, declared }) => [target.name, lazy(() => ownersOfGroups(declared))]));
  const { entries, findings } = assignReviewers({
    entries: open,
    definition,
    ownersOfGroup: (target, group) => owners.get(target)?.().get(foldOf(target)(group)) ?? [],
    ownersOfTarget: (target) => byName.get(target)?.target.owners ?? [],
    identities,
    isThere: (name) => identities.loginOf(name) !== undefined && isMember(name),
  });
  if (findings.length > 0) return { kind: "refused", findings: sortFindings(findings) };
  const names = targets.flatMap(({ target, platform, live }) => stableNames(target.name, entries, live, platform.fold));
  const rows = report.rows.map(({ id: row, target, member, resource, scope, level }) => ({
    id: row,
    target,
    member,
    resource,
    scope,
    level,
  }));
  const start: CampaignStart = {
    version: 1,
    id,
    definition,
    settings: { overdue: settings.overdue, escalateDays: settings.escalateDays },
    startedAt: now.toISOString(),
    due,
    tool: `rolebook ${context.version}`,
    commit: ground.base,
    entries,
    ...(names.length === 0 ? {} : { names: names.sort((a, b) => compareText(a.target, b.target)) }),
    figures: report.figures,
    rows: rows.sort((left, right) => compareText(left.id, right.id)),
  };
  return { kind: "ready", start };
}

/** The workspace with those of its targets that a campaign is about. */
function restricted(workspace: Workspace, targets: readonly string[] | undefined): Workspace {
  const { policies } = workspace;
  const { settings } = policies;
  if (!settings || !targets) return workspace;
  const chosen = settings.targets.filter(({ name }) => targets.includes(name));
  return { ...workspace, policies: { ...policies, settings: { ...settings, targets: chosen } } };
}

/** What was not read, or not whole: nobody shall think that they decided on everything. */
function doubtsIn({ report, failures }: ReviewGrounds): Finding[] {
  const [first] = failures;
  if (first) throw new OperatorError(`${first.target} could not be read: ${first.error.message}`, hintOf(first.error));
  return report.findings.filter(({ severity }) => severity === "error");
}

function hintOf(error: Error): string | undefined {
  return "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
}

/** The last campaign of a review that was closed. */
function lastOf(known: readonly RecordedCampaign[], name: string): LastReview | undefined {
  const last = known.findLast((one) => one.start.definition.name === name && isClosed(one));
  return last && { at: last.start.startedAt, levels: new Map(last.start.rows.map(({ id, level }) => [id, level])) };
}

/** What else somebody is known by: their address, where names are what identifies them. */
function addressesOf(reviewed: ReviewedTarget | undefined, member: string): readonly string[] {
  const entity = reviewed && entityAt(reviewed.live, MEMBER, reviewed.platform.fold(member));
  const email = entity?.attributes.email;
  return typeof email === "string" && email !== "" ? [email] : [];
}

/** Whether somebody is a member of any target: there where it was read, else by the files. */
async function membersOf(workspace: Workspace, read: readonly ReviewedTarget[], now: Date) {
  const known: KnownTarget[] = [];
  for (const target of workspace.policies.settings?.targets ?? []) {
    const { platform } = driverOf(target);
    const live = read.find((one) => one.target.name === target.name)?.live;
    const state = live ?? withDefaults((await inSlices(desiredSteps(workspace, target, now))).state, platform);
    known.push({ platform, state });
  }
  return memberLookup(known);
}
