// Whose word a decision is: somebody's standing approval of the pull request, given for a commit in which the roster file was what it
// is now. The entry's reviewer may give it, after the last day (or where the reviewer has left) the fallback; the person whose access
// it is, or who granted it, never.
import type { DecidedEntry, RosterEntry } from "../../model/campaign.ts";
import { compareText, type Finding } from "../../model/finding.ts";
import type { Review } from "../../model/host.ts";
import { knownReviewers, reviewsByPerson, standingOf } from "../approval-people.ts";
import { type CampaignInput, deadlinesOf, type RosterReview } from "./campaign-input.ts";
import type { SoundLine } from "./check-lines.ts";
import type { Identities } from "./identities.ts";

/** Somebody's approval of a file as it is. */
interface Vote {
  readonly review: Review;
}

export interface Approvals {
  /** The word that decides a line, or why none does. */
  readonly ofLine: (line: SoundLine) => Word;
  /** Whether somebody cannot decide any more. */
  readonly hasLeft: (name: string) => boolean;
}

export type Word =
  | {
      readonly kind: "counts";
      readonly by: "reviewer" | "fallback";
      readonly who: string;
      readonly approval: NonNullable<DecidedEntry["approval"]>;
    }
  /** Somebody approved who must not decide. */
  | { readonly kind: "barred"; readonly who: string; readonly self: boolean }
  /** The reviewer approved the file as it was before. */
  | { readonly kind: "outdated" }
  /** Only people who are not asked approved it. */
  | { readonly kind: "another"; readonly who: string }
  | { readonly kind: "missing" };

export function openApprovals(input: CampaignInput, identities: Identities): Approvals {
  const { start, pull, people, settings, reviews, isMember } = input;
  const deadline = deadlinesOf(start.due, settings).due;
  const { fallback } = start.definition.reviewers;
  const hasLeft = (name: string) => identities.loginOf(name) === undefined || !isMember(name);
  const standing = standingVotes(reviews, people);
  const votesOn = (path: string): readonly Vote[] =>
    standing.filter(({ covers }) => covers.has(path)).map(({ review }) => ({ review }));
  const cache = new Map<string, readonly Vote[]>();
  const votesOf = (path: string) => {
    const votes = cache.get(path) ?? votesOn(path);
    cache.set(path, votes);
    return votes;
  };
  const wordOf = (name: string, by: "reviewer" | "fallback", vote: Vote, entry: RosterEntry): Word => {
    const { login } = vote.review;
    if ([login, name].some((one) => identities.mayBeSame(one, entry.member)))
      return { kind: "barred", who: name, self: true };
    if (entry.barred.some((other) => identities.mayBeSame(login, other) || identities.mayBeSame(name, other)))
      return { kind: "barred", who: name, self: false };
    const { id, commit, at } = vote.review;
    return {
      kind: "counts",
      by,
      who: name,
      approval: { pull: pull ?? 0, review: id, login, commit: commit ?? "", at },
    };
  };
  const ofLine = ({ entry, version }: SoundLine): Word => {
    const votes = votesOf(version.path);
    const words: Word[] = [];
    const own = votes.findLast(({ review }) => identities.speaksFor(review.login, entry.reviewer));
    if (own) words.push(wordOf(entry.reviewer, "reviewer", own, entry));
    const left = hasLeft(entry.reviewer);
    for (const name of fallback) {
      const vote = votes.findLast(
        ({ review }) => identities.speaksFor(review.login, name) && (left || Date.parse(review.at) > deadline),
      );
      if (vote) words.push(wordOf(name, "fallback", vote, entry));
    }
    const counting = words.find(({ kind }) => kind === "counts") ?? words[0];
    if (counting) return counting;
    if (standing.some(({ review }) => identities.speaksFor(review.login, entry.reviewer))) return { kind: "outdated" };
    const [other] = votes.map(({ review }) => review.login).sort(compareText);
    return other === undefined ? { kind: "missing" } : { kind: "another", who: other };
  };
  return { ofLine, hasLeft };
}

/** Approvals that nothing has taken back, oldest first. */
function standingVotes(reviews: readonly RosterReview[], people: CampaignInput["people"]): readonly RosterReview[] {
  const known = knownReviewers(people, (name) => name.trim().normalize("NFC").toLowerCase());
  const byReview = new Map(reviews.map((one) => [one.review, one]));
  const all = reviews.map(({ review }) => review);
  return reviewsByPerson(all, known)
    .flatMap((person) => standingOf(person.reviews).approvals)
    .flatMap((review) => byReview.get(review) ?? [])
    .sort((left, right) => compareText(left.review.at, right.review.at) || left.review.id - right.review.id);
}

/** The finding for an approval that must not decide. */
export function barredFinding({ entry, line }: SoundLine, { who, self }: Extract<Word, { kind: "barred" }>): Finding {
  const hint =
    "Somebody else has to decide: the fallback may once the last day has passed, and the default after that.";
  return self
    ? {
        severity: "error",
        code: "self-review",
        message: `${who} approved a decision on their own access, which decides nothing`,
        place: line.place,
        hint,
      }
    : {
        severity: "error",
        code: "own-grant-reviewed",
        message: `${who} approved a decision on what they granted to ${entry.member} themselves, which decides nothing`,
        place: line.place,
        hint,
      };
}
