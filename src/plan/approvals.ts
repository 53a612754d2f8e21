// Which changes of a plan the reviews of its pull request approve: by owners of what they touch, never by the author or by
// somebody who gains, only for what a review's reader was shown. Judges by the base's settings. Missing approval means no.
import type { Change } from "../model/change.ts";
import { entityAt, type State } from "../model/entity.ts";
import { compareText } from "../model/finding.ts";
import type { Review } from "../model/host.ts";
import { lazy, memo } from "../model/lazy.ts";
import type { Plan } from "../model/plan.ts";
import { GROUP, type Platform } from "../model/platform.ts";
import type { ReviewEvidence } from "../model/receipt.ts";
import type { ApprovalCounts, Person, Target } from "../model/settings.ts";
import type { Shown } from "../model/shown.ts";
import { discountSentence, type Hopeless, hopelessSentence } from "./approval-discounts.ts";
import { createGains } from "./approval-gains.ts";
import { labelChanges } from "./approval-labels.ts";
import { createOwnership, groupOf, type Owners } from "./approval-owners.ts";
import { knownReviewers, type Reviewer, type Reviewers, reviewsByPerson, standingOf } from "./approval-people.ts";

export interface ReviewedPull {
  readonly number: number;
  /** Logins of who opened it, who comes first, and of everybody who wrote or committed a commit of it. */
  readonly authors: readonly string[];
  /** A commit of it is by somebody whose account the host does not know. It may be anybody's, also a reviewer's: one more has to approve. */
  readonly unknownAuthor: boolean;
  /**
   * It is merged: a review stands for what it was shown, whatever else there is to do now. While it is open, a review that was
   * shown less than there is now is void as a whole.
   */
  readonly merged: boolean;
  /** Oldest first. */
  readonly reviews: readonly Review[];
  /** What the check on a commit showed of a target at an instant (ISO 8601); undefined when it showed nothing. */
  readonly shownAt: (commit: string, at: string) => Shown | undefined;
}

export interface ApprovalInput {
  /** As the base has it: its owners, counts and scope owners. */
  readonly target: Target;
  /** As the base has them. */
  readonly people: readonly Person[];
  readonly platform: Platform;
  /** Folded group name -> owners of the group (members' names), as the base has them. */
  readonly groupOwners: ReadonlyMap<string, readonly string[]>;
  /** What the pull request changes. */
  readonly plan: Plan;
  /** What the plan starts from, and where its changes lead (`BuiltPlan`). */
  readonly live: State;
  readonly afterOf: (isMade: (change: Change) => boolean) => State;
  readonly pull: ReviewedPull;
}

/** What is known of one change, or of one weakening. */
export interface Approvals {
  readonly id: string;
  readonly label: keyof ApprovalCounts;
  readonly needed: number;
  /** Reviews that count, one a person, by login. */
  readonly by: readonly ReviewEvidence[];
  /** Owners' reviews that ask for changes: nothing is approved against them. */
  readonly against: readonly ReviewEvidence[];
  readonly approved: boolean;
  /** Members who may approve it, sorted; whether they have a login or not. Nobody who wrote it or gains by it. */
  readonly owners: readonly string[];
}

export interface ReviewVerdict {
  readonly changes: readonly Approvals[];
  readonly weakens: readonly Approvals[];
  /** Everything is approved. */
  readonly approved: boolean;
  /** Approving reviews that count for nothing, and why in one sentence; sorted by login. */
  readonly discounted: readonly { readonly login: string; readonly review: number; readonly why: string }[];
  /** Reviews (ids) that showed less than there is now: to be dismissed. Only of people whose review could count. */
  readonly stale: readonly number[];
  /** Why no review can ever approve some of it, and what to do about that. */
  readonly hopeless: readonly { readonly message: string; readonly hint: string }[];
}

/** Judges the reviews of one pull request for one target's plan. */
export function judgeReviews(input: ApprovalInput): ReviewVerdict {
  const { plan, pull, target, platform } = input;
  const after = lazy(() => input.afterOf(() => true));
  const ownership = createOwnership({ ...input, changes: plan.changes, after });
  const gains = createGains({ platform, live: input.live, after });
  const labels = labelChanges({ ...input, changes: plan.changes });
  const matters = [
    ...plan.changes.map((change, index): Matter => {
      const label = labels[index] ?? "escalating";
      const owners = ownership.ownersOf(change, label);
      return {
        id: change.id,
        of: "changes",
        label,
        owners,
        gains: (member) => label === "escalating" && gains(member, change),
      };
    }),
    ...plan.weakens.map(({ id, owners: named, gives }): Matter => {
      const owners = ownership.named(named.length > 0 ? named : target.owners);
      const gaining = new Set(gives);
      return {
        id,
        of: "weakenings",
        label: gives ? "escalating" : "weakening",
        owners,
        gains: (member) => gaining.has(member),
      };
    }),
  ];
  const bench = seat(input, new Set(matters.map(({ owners }) => owners)));
  const judged = matters.map((matter) => judge(matter, bench, input));
  const counted = new Set(judged.flatMap(({ by }) => by.map(({ review }) => review)));
  const [changes, weakens] = [judged.slice(0, plan.changes.length), judged.slice(plan.changes.length)];
  return {
    changes,
    weakens,
    approved: judged.every(({ approved }) => approved),
    discounted: judged.length === 0 ? [] : discountedOf(input, bench, counted),
    stale: pull.merged ? [] : bench.voters.flatMap(staleOf),
    hopeless: hopelessOf(input, bench, matters, judged),
  };
}

/** What is to be approved: a change, or a weakening. */
interface Matter {
  readonly id: string;
  readonly of: "changes" | "weakenings";
  readonly label: keyof ApprovalCounts;
  readonly owners: Owners;
  /** Whether a member gains by it. */
  readonly gains: (member: string) => boolean;
}

interface Vote {
  readonly review: Review;
  readonly shown: "nothing" | "less" | "enough";
  readonly covers: (matter: Matter) => boolean;
}

/** Somebody who reviewed. */
interface Voter {
  readonly reviewer: Reviewer | undefined;
  readonly author: boolean;
  /** Owns some of what is to be approved. */
  readonly owner: boolean;
  /** Approvals that stand, the latest first. */
  readonly votes: readonly Vote[];
  readonly against: Review | undefined;
}

interface Bench {
  readonly known: Reviewers;
  /** Whom the settings know of those who wrote it. */
  readonly authors: ReadonlySet<Reviewer>;
  readonly voters: readonly Voter[];
}

function seat({ plan, people, platform, pull }: ApprovalInput, owners: ReadonlySet<Owners>): Bench {
  const known = knownReviewers(people, platform.fold);
  const logins = new Set(pull.authors.map((login) => login.toLowerCase()));
  const authors = new Set([...logins].flatMap((login) => known.get(login) ?? []));
  const ids = { changes: plan.changes.map(({ id }) => id), weakenings: plan.weakens.map(({ id }) => id) };
  const voters = reviewsByPerson(pull.reviews, known).map(({ reviewer, reviews }): Voter => {
    const { approvals, against } = standingOf(reviews);
    const votes = [...approvals].reverse().map((review) => voteOf(review, pull, plan, ids));
    const owner = reviewer !== undefined && [...owners].some((some) => memberAmong(some, reviewer) !== undefined);
    const author = reviewer ? authors.has(reviewer) : reviews.some(({ login }) => logins.has(login.toLowerCase()));
    return { reviewer, author, owner, votes, against };
  });
  return { known, authors, voters };
}

function voteOf(
  review: Review,
  { shownAt, merged }: ReviewedPull,
  { target, digest }: Plan,
  ids: Readonly<Record<Matter["of"], readonly string[]>>,
): Vote {
  const shown = review.commit === null ? undefined : shownAt(review.commit, review.at);
  if (shown?.target !== target) return { review, shown: "nothing", covers: () => false };
  if (shown.digest === digest) return { review, shown: "enough", covers: () => true };
  // What is made by hand before the apply makes it is the same thing, by the same id.
  const covered = new Set([...(shown.changes ?? []), ...shown.weakens]);
  const whole = [...ids.changes, ...ids.weakenings].every((id) => covered.has(id));
  if (!whole && !merged) return { review, shown: "less", covers: () => false };
  return { review, shown: whole ? "enough" : "less", covers: ({ id }) => covered.has(id) };
}

function judge(matter: Matter, { voters, authors }: Bench, input: ApprovalInput): Approvals {
  const { target, pull } = input;
  const [by, against]: [ReviewEvidence[], ReviewEvidence[]] = [[], []];
  for (const { reviewer, author, votes, against: standing } of voters) {
    const member = reviewer && !author ? memberAmong(matter.owners, reviewer) : undefined;
    if (!reviewer || member === undefined) continue;
    if (standing) against.push(evidenceOf(standing, member, pull));
    const vote = votes.find(({ covers }) => covers(matter));
    if (vote && ![...reviewer.members].some(matter.gains)) by.push(evidenceOf(vote.review, member, pull));
  }
  const needed = Math.max(1, target.approvals[matter.label]) + (pull.unknownAuthor ? 1 : 0);
  return {
    id: matter.id,
    label: matter.label,
    needed,
    by: by.sort(byLogin),
    against: against.sort(byLogin),
    approved: against.length === 0 && by.length >= needed,
    owners: matter.owners.names.filter((name) => mayApprove(matter, input.platform.fold(name), authors)),
  };
}

/** The name by which somebody is among owners, or undefined. */
function memberAmong({ byFold }: Owners, { members }: Reviewer): string | undefined {
  for (const member of members) {
    const name = byFold.get(member);
    if (name !== undefined) return name;
  }
  return undefined;
}

function evidenceOf({ id, login, commit, at }: Review, member: string, { number }: ReviewedPull): ReviewEvidence {
  return { pull: number, review: id, login, member, commit: commit ?? "", at };
}

function byLogin(left: ReviewEvidence, right: ReviewEvidence): number {
  return compareText(left.login.toLowerCase(), right.login.toLowerCase());
}

/** Nobody who wrote it, under any name, and nobody who gains by it. */
function mayApprove({ gains }: Matter, member: string, authors: ReadonlySet<Reviewer>): boolean {
  return ![...authors].some(({ members }) => members.has(member)) && !gains(member);
}

/** Approvals of somebody who could count, of whom none shows all there is now. */
function staleOf({ owner, author, votes }: Voter): number[] {
  if (!owner || author || votes.some(({ shown }) => shown === "enough")) return [];
  return votes.map(({ review }) => review.id);
}

function discountedOf(
  input: ApprovalInput,
  { voters }: Bench,
  counted: ReadonlySet<number>,
): ReviewVerdict["discounted"] {
  const { pull } = input;
  const authors = new Set(pull.authors.map((login) => login.toLowerCase()));
  const opener = pull.authors[0]?.toLowerCase();
  const group = lazy(() => onlyGroup(input));
  const discounted = voters.flatMap(({ reviewer, author, owner, votes }) => {
    const [vote] = votes;
    if (!vote || votes.some(({ review }) => counted.has(review.id))) return [];
    const best = votes.find(({ shown }) => shown === "enough") ?? vote;
    const why = discountSentence({
      review: best.review,
      opener,
      authors,
      byAuthor: author,
      known: reviewer !== undefined,
      owner,
      group: group(),
      shown: best.shown === "less" && pull.merged ? "other" : best.shown,
    });
    return [{ login: best.review.login, review: best.review.id, why }];
  });
  return discounted.sort((a, b) => compareText(a.login, b.login) || a.review - b.review);
}

/** Display name of the group that every change is about, when there is one. */
function onlyGroup({ plan, live, afterOf }: ApprovalInput): string | undefined {
  const groups = new Set(plan.changes.map(groupOf));
  const [group] = groups;
  if (group === undefined || groups.size > 1 || plan.weakens.length > 0) return undefined;
  return (
    (
      entityAt(live, GROUP, group) ??
      entityAt(
        afterOf(() => true),
        GROUP,
        group,
      )
    )?.name ?? group
  );
}

/** What more people would have to approve than may, told once for all that the same people may. */
function hopelessOf(
  { target, people, pull }: ApprovalInput,
  { known, authors }: Bench,
  matters: readonly Matter[],
  judged: readonly Approvals[],
): ReviewVerdict["hopeless"] {
  const candidates = memo((owners: Owners) => {
    const found = new Map<Reviewer, string>();
    for (const { login } of people) {
      const reviewer = known.get(login.toLowerCase());
      if (reviewer && !authors.has(reviewer) && !found.has(reviewer) && memberAmong(owners, reviewer) !== undefined)
        found.set(reviewer, login);
    }
    return [...found];
  });
  const groups = new Map<string, Hopeless>();
  for (const [index, { needed, owners: may, approved }] of judged.entries()) {
    const matter = matters[index];
    if (!matter || approved) continue;
    const { of, owners, gains } = matter;
    const logins = candidates(owners)
      .filter(([{ members }]) => ![...members].some(gains))
      .map(([, login]) => login)
      .sort(compareText);
    if (logins.length >= needed) continue;
    const named = owners.names.length > 0;
    const key = JSON.stringify([of, needed, named, logins, may]);
    const count = (groups.get(key)?.count ?? 0) + 1;
    groups.set(key, {
      target: target.name,
      of,
      count,
      needed,
      logins,
      owners: may,
      named,
      unknownAuthor: pull.unknownAuthor,
    });
  }
  return [...groups.values()].map(hopelessSentence).sort((a, b) => compareText(a.message, b.message));
}
