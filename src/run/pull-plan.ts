// The plans of pull requests: what merging would do beyond what is pending already. Connections and rules are the base's, as the
// ground has them (`pull-ground.ts`). Never writes.
import { PlatformError } from "../model/driver.ts";
import { EMPTY_STATE } from "../model/entity.ts";
import { compareText, type Finding, type Place, sortFindings } from "../model/finding.ts";
import type { Pull } from "../model/host.ts";
import type { Plan } from "../model/plan.ts";
import { MEMBER, scopeWord } from "../model/platform.ts";
import type { PlannedTarget, PullReportTarget, UnplannedTarget } from "../model/pull-report.ts";
import type { Settings, Target } from "../model/settings.ts";
import { agreedTo } from "../plan/agreed.ts";
import { ownersOfGroups } from "../plan/approval-owners.ts";
import { peopleOfBoth, strictestVerdict } from "../plan/approval-strictest.ts";
import { type ApprovalInput, judgeReviews, type ReviewedPull, type ReviewVerdict } from "../plan/approvals.ts";
import type { BuiltPlan } from "../plan/build.ts";
import { displayName } from "../plan/changes.ts";
import { planNothing, planRemoval } from "../plan/removal.ts";
import { seenAs } from "../plan/rename.ts";
import { listed } from "../report/phrase.ts";
import type { Revision } from "./at-commit.ts";
import { OperatorError } from "./context.ts";
import { desiredState, judgeDeclared } from "./desired.ts";
import { driftBranch } from "./drift-propose.ts";
import { type Prepared, preparePlan } from "./prepare.ts";
import type { Ground } from "./pull-ground.ts";
import { needsOf } from "./pull-needs.ts";
import type { PullRevision } from "./pull-revision.ts";
import { targetsTouched } from "./pull-targets.ts";
import type { Judges } from "./reviews.ts";
import { driverOf, type Workspace } from "./workspace.ts";

/** What was planned of a target of a pull request. */
export interface PulledTarget {
  readonly report: PullReportTarget;
  /** Of a planned one. */
  readonly verdict?: ReviewVerdict;
}

export interface PulledPlans {
  readonly targets: readonly PulledTarget[];
  /** What is wrong with the files, beyond what the plans say. */
  readonly findings: readonly Finding[];
}

/** A pull request whose files are read, and that is about something. */
export interface OpenedPull {
  readonly workspace: Workspace;
  /** The commit that was read. */
  readonly head: string;
  /** The targets it is about. */
  readonly names: ReadonlySet<string>;
  readonly findings: readonly Finding[];
}

/** Reads what merging would give; undefined when nothing of it concerns a target, and no file that is touched is wrong. */
export async function openPull(
  ground: Ground,
  { pull, touched }: Pick<PullRevision, "pull" | "touched">,
  merged: Revision,
): Promise<OpenedPull | undefined> {
  const drifting = (ground.workspace.policies.settings?.targets ?? []).filter(({ name }) => isDriftPull(pull, name));
  if (touched.size === 0 && drifting.length === 0) return undefined;
  const workspace = await ground.open(merged);
  const names = targetsTouched(ground.workspace, workspace, touched);
  for (const { name } of drifting) names.add(name);
  const findings = generalFindings(workspace, names, touched);
  const isTouched = ({ place }: Finding) => place !== undefined && touched.has(pathOf(place));
  return names.size === 0 && !findings.some(isTouched)
    ? undefined
    : { workspace, head: merged.commit, names, findings };
}

/** Plans every target that a pull request is about. `reviews` says what may be known of the reviews, by target. */
export async function planPull(
  ground: Ground,
  pull: Pull,
  opened: OpenedPull,
  options: { readonly target?: string; readonly reviews: (target: string) => ReviewedPull },
): Promise<PulledPlans> {
  const chosen = [...opened.names]
    .filter((name) => options.target === undefined || options.target === name)
    .sort(compareText);
  const [base, merged] = [ground.workspace.policies.settings, opened.workspace.policies.settings];
  const isPlanned = ({ name, platform }: Target) =>
    chosen.includes(name) && targetIn(merged, name)?.platform === platform;
  await ground.begin((base?.targets ?? []).filter(isPlanned));
  const targets: PulledTarget[] = [];
  const findings: Finding[] = [...opened.findings];
  for (const name of chosen) {
    const planned = await planOne(ground, opened, pull, { name, reviewed: options.reviews(name) });
    const after = targetIn(opened.workspace.policies.settings, name);
    if (planned) targets.push(planned);
    if (after && planned?.report.state !== "planned")
      findings.push(...(await declaredFindings(opened.workspace, after, ground.options.now)));
  }
  return { targets, findings };
}

/** Whether it is the pull request that Rolebook keeps of a target's drift. A fork's branch of that name is nobody's. */
function isDriftPull({ fork, head }: Pull, target: string): boolean {
  return !fork && head.branch === driftBranch(target);
}

function targetIn(settings: Settings | undefined, name: string): Target | undefined {
  return settings?.targets.find((target) => target.name === name);
}

interface Named {
  readonly name: string;
  readonly reviewed: ReviewedPull;
}

/** Plans one target, or says why that cannot be; undefined for a name that is no target's. */
async function planOne(
  ground: Ground,
  { workspace, head }: OpenedPull,
  pull: Pull,
  { name, reviewed }: Named,
): Promise<PulledTarget | undefined> {
  const { settings } = workspace.policies;
  const [before, after] = [targetIn(ground.workspace.policies.settings, name), targetIn(settings, name)];
  if (!before) return after && { report: newTarget(ground, name) };
  if (!settings) return unreadable(name);
  if (!after) return removedTarget(ground, before, head, reviewed);
  if (before.platform !== after.platform) return movedTarget(before, after);
  const parts = { before, after, own: isDriftPull(pull, name), reviewed };
  return planTarget(ground, workspace, parts).catch((error: unknown) => failedTarget(name, error));
}

/** Nothing that is trusted says how to reach it. */
function newTarget({ workspace }: Ground, target: string): UnplannedTarget {
  const why = workspace.policies.settings
    ? "It is new, so there is no trusted connection to plan it by: its files are checked, and its first plan is made after the merge."
    : "The base branch has no settings that can be read, so there is no trusted connection to plan it by: its files are checked.";
  return { state: "new", target, why };
}

function unreadable(target: string): PulledTarget {
  return { report: { state: "failed", target, why: "The settings cannot be read as they are here." } };
}

function movedTarget(before: Target, after: Target): PulledTarget {
  const why = `It moves from platform ${before.platform} to ${after.platform}, which cannot be compared.`;
  const hint = "Remove the target, and declare another one under a name of its own.";
  return { report: { state: "failed", target: before.name, why, hint } };
}

/** The platform is not asked: nothing changes there. */
function removedTarget(ground: Ground, before: Target, head: string, pull: ReviewedPull): PulledTarget {
  const { commit } = ground.tip;
  const plan = planRemoval(before, head, commit);
  const live = { live: EMPTY_STATE, afterOf: () => EMPTY_STATE };
  return judged(ground, before, {
    input: { ...live, groupOwners: new Map(), plan, pull },
    pending: planNothing(before, commit, commit),
    environments: before.environments ?? [],
  });
}

/** A platform that cannot be read is told; what else goes wrong is not the platform's. */
function failedTarget(target: string, error: unknown): PulledTarget {
  if (!(error instanceof PlatformError || error instanceof OperatorError)) throw error;
  const why = `It could not be planned: ${error.message}`;
  return { report: { state: "failed", target, why, ...(error.hint === undefined ? {} : { hint: error.hint }) } };
}

interface PlanTarget {
  /** As the base has it: what it is connected by and judged by. */
  readonly before: Target;
  readonly after: Target;
  /** Changes that undo drift are the pull request's own. */
  readonly own: boolean;
  readonly reviewed: ReviewedPull;
}

async function planTarget(
  ground: Ground,
  workspace: Workspace,
  { before, after, own, reviewed }: PlanTarget,
): Promise<PulledTarget> {
  const { prepared: pending, reading } = await ground.pendingOf(before);
  const isOwn = ({ origin }: { readonly origin: string }) => own && origin === "drift";
  const live = pending.afterOf((change) => !isOwn(change));
  const made = pending.plan.changes.filter((change) => change.kind === MEMBER && change.action === "create");
  const self = reading.self === undefined ? {} : { self: seenAs(reading.self, reading.state, live) };
  const { state: _, self: __, ...read } = reading;
  const prepared = await preparePlan(workspace, after, Promise.resolve({ ...read, ...self, state: live }), {
    ...ground.options,
    base: ground.tip.commit,
    made: new Set(made.map(({ local }) => local)),
  });
  const { plan, live: start, afterOf, environments } = prepared;
  return judged(ground, before, {
    input: { groupOwners: ownersOfGroups(pending.want), plan, live: start, afterOf, pull: reviewed },
    pending: pending.plan,
    former: pending.judges,
    environments,
    own: new Set(pending.plan.changes.filter(isOwn).map(({ id }) => id)),
    notices: [...noticesOf(before, after), ...agreementOf(pending, prepared)],
  });
}

interface Judging {
  readonly input: Omit<ApprovalInput, "target" | "people" | "platform"> & Pick<BuiltPlan, "live" | "afterOf">;
  readonly pending: Plan;
  /** By whom it was approved when it was applied last: what was merged since may not be agreed to yet. */
  readonly former?: Judges | undefined;
  readonly environments: readonly string[];
  readonly own?: ReadonlySet<string>;
  readonly notices?: readonly string[];
}

/** A plan with what its reviews say, by the base's settings and by those that were applied last, as an apply judges it. */
function judged(ground: Ground, target: Target, judging: Judging): PulledTarget {
  const { input, pending, former, environments, own, notices } = judging;
  const people = ground.workspace.policies.settings?.people ?? [];
  const { platform } = driverOf(target);
  const verdict = strictestVerdict(
    judgeReviews({ ...input, target, people, platform }),
    former && judgeReviews({ ...input, ...former, platform }),
  );
  const known = former ? peopleOfBoth(people, former.people, platform.fold) : people;
  const report: PlannedTarget = {
    state: "planned",
    target: target.name,
    plan: input.plan,
    pending,
    own: own ?? new Set(),
    needs: needsOf(verdict, known, platform),
    discounted: verdict.discounted.map(({ login, why }) => ({ login, why })),
    hopeless: verdict.hopeless,
    notices: notices ?? [],
    scopes: { environments, scopeWord: scopeWord(platform), rankOf: platform.rankOf },
  };
  return { report, verdict };
}

/** What the connection was, where the pull request says another one. */
function noticesOf(before: Target, after: Target): string[] {
  const parts = (["url", "organization", "credentials", "options"] as const).filter(
    (part) => JSON.stringify(before[part] ?? {}) !== JSON.stringify(after[part] ?? {}),
  );
  if (parts.length === 0) return [];
  return [
    `This changes ${parts.join(" and ")} of ${before.name}. It is planned against the system that the base names (${before.url}); what it would do to another one cannot be seen before the merge.`,
  ];
}

/** Named one by one; the rest is a number. */
const AGREED = 5;

/** What no review is asked for, since it is there already: said as loudly as can be, or drift would be nobody's decision. */
function agreementOf({ want: before }: Prepared, { want: after, live, plan, platform }: Prepared): string[] {
  const changed = new Set(plan.changes.map(({ key }) => key));
  const agreed = agreedTo({ before, after, live, platform, changed });
  if (agreed.length === 0) return [];
  const shown = agreed.slice(0, AGREED).map((entity) => `${entity.kind} ${displayName(entity, [after, live])}`);
  const names = agreed.length > AGREED ? [...shown, `${agreed.length - AGREED} more`] : shown;
  return [
    `Merging this agrees to what somebody did on the platform outside Git: ${listed(names)}. Nothing changes there, so no approval is asked for: whoever owns it should look.`,
  ];
}

/** What is wrong with a target's files by themselves. */
async function declaredFindings(workspace: Workspace, target: Target, now: Date): Promise<Finding[]> {
  const desired = desiredState(workspace, target, now);
  return [...desired.findings, ...(await judgeDeclared(workspace, target, desired, now))];
}

/** Findings of files: those of the targets that are touched and of what governs all; elsewhere only in files that are touched. */
function generalFindings(
  { policies, shown }: Workspace,
  named: ReadonlySet<string>,
  touched: ReadonlySet<string>,
): Finding[] {
  const others = (policies.settings?.targets ?? []).filter(({ name }) => !named.has(name));
  const folders = others.map(({ name }) => `${shown}/${name}/`);
  return sortFindings(policies.findings).filter(({ place }) => {
    if (!place || touched.has(pathOf(place))) return true;
    return !folders.some((folder) => place.file.startsWith(folder));
  });
}

/** From the repository's root, as Git says it. */
function pathOf({ file }: Place): string {
  return file.replace(/^\.\//, "");
}
