// `rolebook apply --merged`: applies what was merged since the last apply, merge by merge, and of each what its reviews approved.
// Holds and reports the rest. The writing itself is `apply.ts`'s.
import { openHostReader, openHostWriter } from "../git/host.ts";
import { gitCredentials } from "../git/host-credentials.ts";
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { HostReader, HostWriter } from "../model/host.ts";
import { memo } from "../model/lazy.ts";
import type { MergedOutcome } from "../model/merged.ts";
import { mergedToJson } from "../report/merged-json.ts";
import { renderMergedSummary } from "../report/merged-markdown.ts";
import { renderMergedText } from "../report/merged-text.ts";
import { type HostPair, openBreakGlassIssues } from "./apply-break-glass.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import { type CommonOptions, type Context, EXIT, type ExitCode, OperatorError, worstExit } from "./context.ts";
import { isExpected } from "./expected.ts";
import { hostOptions } from "./host.ts";
import { applyTargetMerged, type Merging, type TargetStory, untried } from "./merged-target.ts";
import { heldFact, tellHeld } from "./merged-tell.ts";
import { findTip, rememberPulls } from "./merged-way.ts";
import { type Fact, notify } from "./notify.ts";
import { readReviews } from "./reviews.ts";
import { appendToSummary } from "./step-summary.ts";
import { chooseTargets } from "./workspace.ts";

export interface MergedOptions extends CommonOptions {
  readonly format: "human" | "json";
  readonly full: boolean;
  readonly connections?: number;
}

/** Applies for the chosen targets, one after the other; one that fails does not stop the rest. */
export async function applyMerged(context: Context, options: MergedOptions): Promise<readonly MergedOutcome[]> {
  return (await applyAll(context, options)).map(({ outcome }) => outcome);
}

/** Runs `apply --merged`. Exit 0: all merged changes are applied. 2: something is held. 1: something failed. */
export async function runApplyMerged(context: Context, options: MergedOptions): Promise<ExitCode> {
  const stories = await applyAll(context, options);
  const outcomes = stories.map(({ outcome }) => outcome);
  const names = new Map(stories.flatMap((story) => [...story.names]));
  if (options.format === "json") context.out(`${JSON.stringify(mergedToJson(outcomes, names))}\n`);
  else {
    const { color, width } = context.terminal;
    for (const outcome of outcomes) context.out(renderMergedText(outcome, { color, width, full: options.full, names }));
  }
  appendToSummary(context, [() => renderMergedSummary(outcomes, names)]);
  return worstExit(outcomes.map(exitOf));
}

/** Of one target. */
export function exitOf({ held, refused, frozen, converged }: MergedOutcome): ExitCode {
  if (frozen) return EXIT.changes;
  if (refused !== undefined) return EXIT.refused;
  if (held.length > 0) return EXIT.changes;
  return converged ? EXIT.done : EXIT.refused;
}

async function applyAll(context: Context, options: MergedOptions): Promise<readonly TargetStory[]> {
  const { openRepository } = await import("../git/repository.ts");
  const local = await openRepository(context.cwd);
  const how = local && (await hostOptions(context, local));
  const repository = how && (await openRepository(context.cwd, gitCredentials(how)));
  if (!repository)
    throw new OperatorError(
      "apply --merged needs a Git repository",
      "Run it in a clone; in Actions after actions/checkout.",
    );
  const [reader, writer] = [openHostReader(how), openHostWriter(how)];
  const [{ login }, { defaultBranch }] = [await reader.self(), await reader.repository()];
  const branch = { name: defaultBranch, remote: await repository.remote() };
  const way = await findTip(repository, branch);
  const workspace = await openWorkspaceAt(context, repository, { tree: way.tip, commit: way.tip }, options);
  const { settings } = workspace.policies;
  const targets = chooseTargets(workspace.policies, options.target);
  if (!settings || targets.length === 0)
    throw new OperatorError(
      `There is nothing to apply: ${options.policies} names no target at ${way.tip.slice(0, 12)} of ${defaultBranch}`,
      workspace.policies.findings[0]?.message,
    );
  const merging: Merging = {
    context,
    repository,
    branch,
    options,
    pullsOf: rememberPulls(reader),
    reviewsOf: memo((pull) => readReviews(reader, pull)),
    self: login,
  };
  const stories: TargetStory[] = [];
  for (const { name } of targets) stories.push(await applyOne(merging, name, way.tip));
  await tellAll(context, reader, writer, stories);
  await tellEmergencies(context, repository, { reader, writer });
  await notify(context, repository, settings, factsOf(stories));
  return stories;
}

/** What fails is the outcome of this target, and no reason to leave out the next. */
async function applyOne(merging: Merging, target: string, tip: string): Promise<TargetStory> {
  try {
    return await applyTargetMerged(merging, target);
  } catch (error) {
    if (!isExpected(error)) throw error;
    const hint = "hint" in error && typeof error.hint === "string" ? ` (${error.hint})` : "";
    const applied = await merging.repository.readRef(appliedRef(target));
    return untried(target, { tip }, applied, `${error.message}${hint}`);
  }
}

/** What cannot be told now is told by the next run. */
async function tellAll(
  context: Context,
  reader: HostReader,
  writer: HostWriter,
  stories: readonly TargetStory[],
): Promise<void> {
  for (const story of stories)
    try {
      await tellHeld(reader, writer, story);
    } catch (error) {
      if (!isExpected(error)) throw error;
      context.err(
        `Warning: what is held of ${story.outcome.target} could not be told on the Git host: ${error.message}. The next run tries again.\n`,
      );
    }
}

/** Of emergencies that could not be told when they happened, whoever applied then. */
async function tellEmergencies(context: Context, repository: Repository, pair: HostPair): Promise<void> {
  try {
    await openBreakGlassIssues(repository, pair);
  } catch (error) {
    if (!isExpected(error)) throw error;
    context.err(
      `Warning: an emergency on the ledger could not be told on the Git host: ${error.message}. The next run tries again.\n`,
    );
  }
}

function factsOf(stories: readonly TargetStory[]): Fact[] {
  return stories.flatMap(({ outcome }): Fact[] => {
    const { target, held, refused, frozen, commit } = outcome;
    const facts: Fact[] = [];
    if (held.length > 0)
      facts.push({
        event: "held",
        id: heldFact(target, held),
        target,
        title: `${held.length === 1 ? "1 change" : `${held.length} changes`} of ${target} held`,
        text: held
          .slice(0, 5)
          .map(({ name, why }) => `${name}: ${why}`)
          .join("\n"),
      });
    if (refused !== undefined && !frozen)
      facts.push({
        event: "failure",
        id: `failure ${target} ${commit}`,
        target,
        title: `Applying to ${target} failed`,
        text: refused,
      });
    return facts;
  });
}
