// Everything a plan is built from, for one target: files, base commit and live state, read at the same
// time. Holds a Reader and never a Writer; plan, drift and apply all start here.

import { readIdentities } from "../git/identities.ts";
import { openLedger } from "../git/ledger.ts";
import { appliedRef } from "../git/refs.ts";
import type { LiveRead } from "../model/driver.ts";
import { EMPTY_STATE, type State } from "../model/entity.ts";
import { type Finding, sortFindings } from "../model/finding.ts";
import type { Guardrail } from "../model/guardrail.ts";
import { type Platform, scopesOf } from "../model/platform.ts";
import type { Person, Target } from "../model/settings.ts";
import { ownersOfGroups } from "../plan/approval-owners.ts";
import { type BuiltPlan, buildPlan } from "../plan/build.ts";
import type { BaseRules, PlanInput } from "../plan/input.ts";
import { reviewRulesOf } from "../plan/ratchet-reviews.ts";
import { type Since, withMade } from "../plan/since.ts";
import { type Resolved, resolveSteps } from "../policy/resolve.ts";
import { readApplied, readGranted } from "./applied.ts";
import { OperatorError } from "./context.ts";
import { desiredSteps } from "./desired.ts";
import { readFormerRules } from "./former.ts";
import type { ReadOptions } from "./live.ts";
import { loadPolicies, parsedByBlob, sameSource, sourceOfCommit } from "./load.ts";
import type { Judges } from "./reviews.ts";
import { readRevoked } from "./revoked.ts";
import { inSlices } from "./slices.ts";
import { driverOf, loadTools, type Workspace } from "./workspace.ts";

export interface Prepared extends BuiltPlan {
  /** Desired state, memberships that have ended included. */
  readonly want: State;
  /** As it was applied last; empty before that. */
  readonly base: State;
  readonly platform: Platform;
  /** By whom it is approved: as the base says; undefined where nothing was applied yet. */
  readonly judges: Judges | undefined;
  /** Names of the platform's environments or projects, as it says. */
  readonly environments: readonly string[];
  readonly requests: number;
  /** What was read of the platform, as it was read: nobody under another name, and nothing taken for anything. */
  readonly read: LiveRead;
  /** The same plan, of which only these changes (ids) are made. */
  readonly rebuild: (only: ReadonlySet<string>) => BuiltPlan;
}

export interface PrepareOptions extends ReadOptions {
  readonly now: Date;
  readonly overwrite: readonly string[];
  /** Folded names of members that this apply made: who they are is not asked of the ledger, which does not know it yet. */
  readonly made?: ReadonlySet<string>;
  /** The commit whose policy is the base, instead of the one that was applied last. */
  readonly base?: string;
  /** A plan that was approved, and of which this may be what is left: its waivers hold for that (see `PlanInput.unfinished`). */
  readonly unfinished?: PlanInput["unfinished"];
  /** What was merged since, oldest first, and may be made in part. */
  readonly since?: readonly Since[];
}

/** Reads what there is to read and builds the plan. `reading` may have been started earlier, to overlap with parsing. */
export async function preparePlan(
  workspace: Workspace,
  target: Target,
  reading: Promise<LiveRead>,
  options: PrepareOptions,
): Promise<Prepared> {
  const locked = identitiesFor(workspace, target, options.made);
  // Awaited below; until then a failure must not count as unhandled.
  locked.catch(() => {});
  const desired = await inSlices(desiredSteps(workspace, target, options.now));
  const applied = await readBase(workspace, target, desired.resolved, options);
  const live = await reading;
  const { platform } = driverOf(target);
  const base = options.since
    ? { ...applied, state: withMade(applied.state, live.state, options.since, platform) }
    : applied;
  const { governance } = workspace.policies;
  const input: PlanInput = {
    target,
    platform,
    want: desired.state,
    base: base.state,
    live: live.state,
    commit: workspace.commit,
    baseCommit: base.commit,
    uncommitted: workspace.uncommitted,
    now: options.now,
    overwrite: options.overwrite,
    findings: [...generalFindings(workspace, target), ...desired.findings, ...(base.findings ?? []), ...live.findings],
    governance,
    people: workspace.policies.settings?.people ?? [],
    ...reviewRulesOf(workspace.policies.settings, governance.reviews),
    judge: await judgeFor([...governance.guardrails, ...(base.rules?.guardrails ?? [])]),
    identities: await locked,
    ...(base.rules ? { baseRules: base.rules } : {}),
    ...(await revokedFor(workspace)),
    ...(await readApplied(workspace, target, governance.waivers)),
    ...(options.unfinished ? { unfinished: options.unfinished } : {}),
    ...(live.self === undefined ? {} : { self: live.self }),
  };
  const { input: known, built } = await withGranted(workspace, input);
  return {
    ...built,
    want: desired.state,
    base: applied.state,
    platform,
    judges: judgesOf(applied, target, input.people ?? []),
    environments: scopesOf(platform, live.state),
    requests: live.requests,
    read: live,
    rebuild: (only) => buildPlan({ ...known, only }),
  };
}

/** The ledger is asked what was granted already only where the plan says that something is given beside its changes. */
async function withGranted(
  { repository }: Workspace,
  input: PlanInput,
): Promise<{ input: PlanInput; built: BuiltPlan }> {
  const built = buildPlan(input);
  const { baseCommit, target } = input;
  if (!repository || baseCommit === null || built.plan.weakens.every(({ gives }) => !gives)) return { input, built };
  const granted = await readGranted(openLedger(repository), target.name, baseCommit);
  if (granted.size === 0) return { input, built };
  const known = { ...input, granted };
  return { input: known, built: buildPlan(known) };
}

/** What judges by guardrails. It is loaded for those only who have some: it brings an expression language with it. */
export async function judgeFor(guardrails: readonly Guardrail[]): Promise<PlanInput["judge"]> {
  return guardrails.length === 0 ? () => [] : (await import("../plan/guardrails/judge.ts")).judgePlan;
}

async function revokedFor({ repository }: Workspace): Promise<Pick<PlanInput, "revoked">> {
  const revoked = repository ? await readRevoked(openLedger(repository)) : [];
  return revoked.length === 0 ? {} : { revoked };
}

/** Whom names stood for when they were first seen; nobody where there is no ledger. */
async function identitiesFor(
  { repository }: Workspace,
  target: Target,
  made: ReadonlySet<string> = new Set(),
): Promise<ReadonlyMap<string, string>> {
  if (!repository) return new Map();
  const known = await readIdentities(openLedger(repository), target.name);
  return made.size === 0 ? known : new Map([...known].filter(([name]) => !made.has(name)));
}

/** Findings of reading and parsing that concern this target: those in its folder, in the settings, or about the folder as a whole. */
function generalFindings(workspace: Workspace, target: Target): Finding[] {
  const own = `${workspace.shown}/${target.name}/`;
  const others = (workspace.policies.settings?.targets ?? [])
    .filter(({ name }) => name !== target.name)
    .map(({ name }) => `${workspace.shown}/${name}/`);
  const concerns = (file: string) => file.startsWith(own) || !others.some((folder) => file.startsWith(folder));
  return sortFindings(workspace.policies.findings.filter(({ place }) => place === undefined || concerns(place.file)));
}

/** A guardrail or review of the base that cannot be read judges nothing, and nobody shall think that it does. */
function unreadRules(findings: readonly Finding[], shown: string, commit: string): Finding[] {
  const isRule = (file: string) => ["guardrails", "reviews"].some((folder) => file.startsWith(`${shown}/${folder}/`));
  const wrong = findings.filter(({ severity, place }) => severity === "error" && place && isRule(place.file));
  const [first] = wrong;
  if (!first?.place) return [];
  const { file, line, column } = first.place;
  const more = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : "";
  return [
    {
      severity: "warning",
      code: "base-rules-unread",
      message: `Guardrails or reviews of the commit that was applied last cannot be read, so they do not judge: ${first.message}${more}`,
      key: `${file}:${line}:${column} at ${commit.slice(0, 12)}`,
      hint: "They were written for another version of Rolebook, or the applied ref was moved by hand. See that HEAD's say the same.",
    },
  ];
}

/** The base's own where it differs from HEAD; without a base there is nobody to judge. */
function judgesOf(base: Base, target: Target, people: readonly Person[]): Judges | undefined {
  const { commit, rules, state } = base;
  if (!rules && commit === null) return undefined;
  return { target: rules?.target ?? target, people: rules?.people ?? people, groupOwners: ownersOfGroups(state) };
}

interface Base {
  readonly commit: string | null;
  readonly state: State;
  /** What it says that judges plans; absent where HEAD says the same. */
  readonly rules?: BaseRules;
  readonly findings?: readonly Finding[];
}

/** The policy as it was at the last applied commit; the desired state itself when nothing has changed since. */
async function readBase(
  workspace: Workspace,
  target: Target,
  want: Resolved,
  { now, base }: PrepareOptions,
): Promise<Base> {
  const { repository, folder, shown, caches } = workspace;
  const commit = base ?? (await repository?.readRef(appliedRef(target.name))) ?? null;
  if (!repository || commit === null) {
    const rules = await readFormerRules(workspace, target);
    return { commit: null, state: EMPTY_STATE, ...(rules ? { rules } : {}) };
  }
  const source = await sourceOfCommit(repository, commit, folder, shown);
  if (sameSource(source, workspace.source)) return { commit, state: want.state };
  const known = parsedByBlob(workspace.source, workspace.policies);
  const loaded = await loadPolicies(source, { ...loadTools(caches, target.name), known });
  const files = loaded.byTarget.get(target.name);
  if (!files)
    throw new OperatorError(
      `Target ${target.name} is not in the settings of its last applied commit ${commit.slice(0, 12)}`,
      `Was it renamed? Move ${appliedRef(target.name)} with care, or delete the ref to start without history.`,
    );
  const then = loaded.settings?.targets.find(({ name }) => name === target.name) ?? target;
  const steps = resolveSteps({ target: then, files, now }, driverOf(target).platform, want);
  return {
    commit,
    state: (await inSlices(steps)).state,
    rules: {
      target: then,
      guardrails: loaded.governance.guardrails,
      people: loaded.settings?.people ?? [],
      ...reviewRulesOf(loaded.settings ?? workspace.policies.settings, loaded.governance.reviews),
    },
    findings: unreadRules(loaded.findings, shown, commit),
  };
}
