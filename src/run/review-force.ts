// Reads which reviews are in force: the default branch's, beside what was applied last to each target. It looks and never writes.
import { appliedRef } from "../git/refs.ts";
import type { Person } from "../model/settings.ts";
import { reviewRulesOf } from "../plan/ratchet-reviews.ts";
import { type AppliedReviews, type ReviewsInForce, reviewsInForce } from "../plan/review/in-force.ts";
import { openWorkspaceAt } from "./at-commit.ts";
import type { CampaignsGround } from "./campaign-ground.ts";
import { type CommonOptions, type Context, OperatorError } from "./context.ts";
import { driverOf } from "./workspace.ts";

export async function readReviewsInForce(
  context: Context,
  { host, base, workspace }: CampaignsGround,
  now: Date,
  { policies }: CommonOptions,
): Promise<ReviewsInForce> {
  const { repository, remote } = host;
  const { settings, governance } = workspace.policies;
  const { reviews } = reviewRulesOf(settings, governance.reviews);
  if (!settings || !reviews) throw new OperatorError("There are no settings");
  const applied: AppliedReviews[] = [];
  const refs = await repository.fetchTips(
    remote,
    settings.targets.map(({ name }) => appliedRef(name)),
  );
  for (const target of settings.targets) {
    const commit = refs.get(appliedRef(target.name));
    if (commit === undefined || commit === base) continue;
    const then = (await openWorkspaceAt(context, repository, { tree: commit, commit }, { policies })).policies;
    const former = then.settings?.targets.find(({ name }) => name === target.name);
    const rules = reviewRulesOf(then.settings, then.governance.reviews).reviews;
    if (!former || !rules) continue;
    const { fold } = driverOf(target).platform;
    applied.push({ commit, head: { target, reviews }, base: { target: former, reviews: rules }, fold });
  }
  return reviewsInForce(reviews, applied, now);
}

/**
 * Who is who by what was applied last to some targets, where that is not what the base branch has: nobody becomes a reviewer by a commit
 * that no owner agreed to.
 */
export async function readFormerPeople(
  context: Context,
  { host: { repository, remote }, base }: CampaignsGround,
  targets: Iterable<string>,
  { policies }: CommonOptions,
): Promise<readonly (readonly Person[])[]> {
  const refs = await repository.fetchTips(remote, [...targets].map(appliedRef));
  const former: (readonly Person[])[] = [];
  for (const commit of new Set(refs.values())) {
    if (commit === base) continue;
    const then = await openWorkspaceAt(context, repository, { tree: commit, commit }, { policies });
    if (then.policies.settings) former.push(then.policies.settings.people);
  }
  return former;
}
