// What a commit takes from access reviews: one that is gone, comes less often or later, looks at less, is decided by others, or keeps
// what nobody decided. Nobody may put off or do away with the look at their own access. Pure; in doubt, a difference weakens.
import type { ReviewDefinition, ReviewRules, ReviewScope } from "../model/campaign.ts";
import { compareText, type Place } from "../model/finding.ts";
import { GROUP, MEMBER } from "../model/platform.ts";
import type { Settings, Target } from "../model/settings.ts";
import { dateIn } from "../model/until.ts";
import { firesOnDaysOf } from "./cron-days.ts";
import type { Fold } from "./leaves.ts";
import { listed, missing } from "./ratchet-approvals.ts";

/** Reviews as one commit has them, and the target that is asked about. */
export interface ReviewedRules {
  readonly target: Target;
  readonly reviews: ReviewRules;
}

/** What a commit says of reviews; nothing where it has no settings. */
export function reviewRulesOf(
  settings: Pick<Settings, "reviews"> | undefined,
  definitions: readonly ReviewDefinition[],
): { readonly reviews?: ReviewRules } {
  return settings ? { reviews: { definitions, settings: settings.reviews } } : {};
}

export interface WeakenedReview {
  readonly path: readonly string[];
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly place?: Place;
}

export interface Comparing {
  readonly fold: Fold;
  /** Single campaigns whose last day is over by then protect nothing. */
  readonly now: Date;
  /** The folded name that something of the base (a group, a member) has in HEAD. */
  readonly nowCalled: (kind: string, name: string) => string;
}

/** What HEAD makes less strict of the reviews that the base has of the target. */
export function weakenedReviews(head: ReviewedRules, base: ReviewedRules, comparing: Comparing): WeakenedReview[] {
  const now = new Map(head.reviews.definitions.map((definition) => [definition.name, definition]));
  const today = dateIn(comparing.now, "UTC");
  const live = base.reviews.definitions.filter(
    (definition) => looksAt(definition, base.target) && !isOver(definition, today),
  );
  const found = live.flatMap((definition) => {
    const after = now.get(definition.name);
    return weakenedReview(after, definition, { head, base, today, ...comparing });
  });
  const kept = live.flatMap((before) => {
    const after = now.get(before.name);
    return after && looksAt(after, head.target) ? [{ before, after }] : [];
  });
  return [...found, ...weakenedSettings(kept, head, base)];
}

/** Members who decide by the base's reviews of the target: who may not become somebody else's login. */
export function reviewersOf({ target, reviews }: ReviewedRules): readonly string[] {
  return reviews.definitions
    .filter((definition) => looksAt(definition, target))
    .flatMap(({ reviewers: { named, fallback } }) => [...named, ...fallback]);
}

function looksAt({ scope }: ReviewDefinition, { name }: Target): boolean {
  return scope.targets?.includes(name) ?? true;
}

function isOver({ due }: ReviewDefinition, today: string): boolean {
  return due !== undefined && due < today;
}

interface Pair extends Comparing {
  readonly head: ReviewedRules;
  readonly base: ReviewedRules;
  readonly today: string;
}

interface Loss {
  readonly part: string;
  readonly what: string;
  readonly before: unknown;
  readonly after: unknown;
}

function weakenedReview(
  after: ReviewDefinition | undefined,
  before: ReviewDefinition,
  pair: Pair,
): readonly WeakenedReview[] {
  const say = ({ part, what, before: was, after: is }: Loss): WeakenedReview => ({
    path: ["review", before.name, part],
    what: `Review "${before.name}" ${what}`,
    before: was,
    after: is,
    ...(after ? { place: after.place } : {}),
  });
  if (!after) return [say({ part: "name", what: "is removed", before: before.name, after: null })];
  const { name } = pair.head.target;
  if (!looksAt(after, pair.head.target)) {
    const { targets: was = null } = before.scope;
    const { targets: is = null } = after.scope;
    return [say({ part: "targets", what: `no longer looks at ${name}`, before: was, after: is })];
  }
  return [
    ...narrowedScope(after.scope, before.scope, pair),
    ...otherReviewers(after, before, pair),
    ...fewerCampaigns(after, before, pair),
    ...ownDefault(after, before, pair),
  ].map(say);
}

const PARTS = ["groups", "resources", "levels", "scopes"] as const satisfies readonly (keyof ReviewScope)[];

function narrowedScope(after: ReviewScope, before: ReviewScope, { fold, nowCalled }: Pair): Loss[] {
  const found: Loss[] = [];
  for (const part of PARTS) {
    const [is, was] = [after[part], before[part]];
    if (!is) continue;
    if (!was) {
      const what = `looks only at ${part} ${listed(is)}, and looked at all`;
      found.push({ part, what, before: null, after: is.map(fold).sort(compareText) });
      continue;
    }
    const looked = new Set(is.map(fold));
    const gone = was.filter((name) => !looked.has(part === "groups" ? nowCalled(GROUP, name) : fold(name)));
    const what = `no longer looks at ${part} ${listed(gone)}`;
    if (gone.length > 0) found.push({ part, what, before: gone.map(fold).sort(compareText), after: null });
  }
  if (after.ownerEquivalent && !before.ownerEquivalent) {
    const what = "looks only at people who could give themselves anything, and looked at everybody";
    found.push({ part: "ownerEquivalent", what, before: false, after: true });
  }
  const [is, was] = [after.changedSince, before.changedSince];
  if (is !== undefined && is !== was && !(was !== undefined && isDate(is) && isDate(was) && is < was)) {
    const what = `looks only at what came since ${is}, and looked at ${was === undefined ? "everything" : `what came since ${was}`}`;
    found.push({ part: "changedSince", what, before: was ?? null, after: is });
  }
  return found;
}

function isDate(since: string): boolean {
  return since !== "last-review";
}

/** Who decides what access stays. Owners of the target by the base have a say in everything as it is. */
function otherReviewers(after: ReviewDefinition, before: ReviewDefinition, { base, fold, nowCalled }: Pair): Loss[] {
  const [is, was] = [after.reviewers, before.reviewers];
  const found: Loss[] = [];
  const isExchanged = (some: readonly string[], former: readonly string[]) => {
    const names = new Set(some.map(fold));
    const known = [...former.map((name) => nowCalled(MEMBER, name)), ...base.target.owners.map(fold)];
    return former.some((name) => !names.has(nowCalled(MEMBER, name))) || missing(known, some, fold).length > 0;
  };
  const who = ({ from, named }: ReviewDefinition["reviewers"]) =>
    from === "named" ? listed(named) : "the owners of the groups";
  if (is.from !== was.from || isExchanged(is.named, was.named)) {
    const what = `is decided by ${who(is)}, and was by ${who(was)}`;
    found.push({ part: "reviewers", what, before: [was.from, was.named], after: [is.from, is.named] });
  }
  if (isExchanged(is.fallback, was.fallback)) {
    const what = `has the fallback ${listed(is.fallback)}, and had ${listed(was.fallback)}`;
    found.push({ part: "fallback", what, before: was.fallback, after: is.fallback });
  }
  return found;
}

function fewerCampaigns(after: ReviewDefinition, before: ReviewDefinition, { today }: Pair): Loss[] {
  const [is, was] = [after.schedule, before.schedule];
  if (!is || !was) {
    if (!is && !was) return laterCampaign(after.due, before.due, today);
    const what = `${is ? `begins at ${is.cron}` : `is due on ${after.due}`}, and ${was ? `began at ${was.cron}` : `was due on ${before.due}`}`;
    return [{ part: "schedule", what, before: datesOf(before), after: datesOf(after) }];
  }
  const found: Loss[] = [];
  if (!firesOnDaysOf(is.cron, was.cron)) {
    const what = `begins at ${is.cron}, and began at ${was.cron}: not on all days that it did`;
    found.push({ part: "schedule.cron", what, before: was.cron, after: is.cron });
  }
  if (is.days > was.days) {
    const what = `gives ${is.days} days to decide, and gave ${was.days}`;
    found.push({ part: "schedule.days", what, before: was.days, after: is.days });
  }
  return found;
}

function datesOf({ due, schedule }: ReviewDefinition): readonly unknown[] {
  return [due ?? null, schedule?.cron ?? null, schedule?.days ?? null];
}

/** Of a single campaign: later is put off, and what is over by now never begins. */
function laterCampaign(is = "", was = "", today = ""): Loss[] {
  if (is <= was && is >= today) return [];
  const what = `is due on ${is}, and was on ${was}${is < today ? ": that day is over, so that it never begins" : ""}`;
  return [{ part: "due", what, before: was, after: is }];
}

/** By its own word. What only follows the settings is the settings' weakening. */
function ownDefault(after: ReviewDefinition, before: ReviewDefinition, { head, base }: Pair): Loss[] {
  if (after.overdue === before.overdue) return [];
  const [is, was] = [after.overdue ?? head.reviews.settings.overdue, before.overdue ?? base.reviews.settings.overdue];
  if (was !== "revoke" || is === "revoke") return [];
  return [{ part: "overdue", what: "keeps what nobody decides in time, and revoked it", before: was, after: is }];
}

/** What holds for all reviews that do not say otherwise; of no matter where none of the target is left that it holds for. */
function weakenedSettings(
  kept: readonly { readonly before: ReviewDefinition; readonly after: ReviewDefinition }[],
  { reviews: { settings: is }, target: { place } }: ReviewedRules,
  { reviews: { settings: was } }: ReviewedRules,
): WeakenedReview[] {
  const found: WeakenedReview[] = [];
  const say = (part: keyof typeof is, what: string) =>
    found.push({
      path: ["settings", `reviews.${part}`],
      what: `reviews.${part} ${what}`,
      before: was[part],
      after: is[part],
      place,
    });
  const follows = kept.some(({ before, after }) => before.overdue === undefined && after.overdue === undefined);
  if (follows && was.overdue === "revoke" && is.overdue !== "revoke")
    say("overdue", `is ${is.overdue}, and was revoke: what nobody decides in time stays`);
  if (kept.length > 0 && is.escalateDays > was.escalateDays)
    say(
      "escalateDays",
      `is raised from ${was.escalateDays} to ${is.escalateDays}: what nobody decides in time waits longer`,
    );
  const keeps = kept.some(
    ({ after }) => (after.overdue ?? is.overdue) === "keep" && after.reviewers.fallback.length > 0,
  );
  if (keeps && is.escalateDays === 0 && was.escalateDays > 0)
    say("escalateDays", `is lowered from ${was.escalateDays} to 0: no fallback decides what is then kept`);
  return found;
}
