// Who a login is, and which reviews of a person stand. Two logins that are one member are one person, so that nobody counts
// twice, and nobody counts for their own work by another name. Pure.
import type { Review } from "../model/host.ts";
import type { Person } from "../model/settings.ts";
import type { Fold } from "./leaves.ts";

/** Somebody with a login, or with several that the settings give to one member. */
export interface Reviewer {
  /** Folded names that targets know them by. */
  readonly members: ReadonlySet<string>;
}

/** Login, in lower case -> who that is. */
export type Reviewers = ReadonlyMap<string, Reviewer>;

/** Everybody the settings know. */
export function knownReviewers(people: readonly Person[], fold: Fold): Reviewers {
  const byLogin = new Map<string, { members: Set<string> }>();
  const byMember = new Map<string, { members: Set<string> }>();
  for (const { login, members } of people) {
    const folded = members.map(fold);
    const same = new Set(
      [byLogin.get(login.toLowerCase()), ...folded.map((member) => byMember.get(member))].filter(
        (known) => known !== undefined,
      ),
    );
    const one = { members: new Set([...[...same].flatMap((known) => [...known.members]), ...folded]) };
    byLogin.set(login.toLowerCase(), one);
    if (same.size > 0) for (const [key, known] of byLogin) if (same.has(known)) byLogin.set(key, one);
    for (const member of one.members) byMember.set(member, one);
  }
  return byLogin;
}

/** What somebody's reviews come to. */
export interface Standing {
  /** Oldest first: approvals that nothing has taken back. */
  readonly approvals: readonly Review[];
  /** They asked for changes, and have not approved since. */
  readonly against: Review | undefined;
}

/**
 * The latest review that decides counts: asking for changes takes back what was approved before, and so does a dismissal.
 * A comment decides nothing. `reviews` are all of one person's.
 */
export function standingOf(reviews: readonly Review[]): Standing {
  const inOrder = [...reviews].sort((a, b) => (a.at === b.at ? a.id - b.id : a.at < b.at ? -1 : 1));
  let [approvals, against]: [Review[], Review | undefined] = [[], undefined];
  for (const review of inOrder)
    switch (review.state) {
      case "approved":
        [approvals, against] = [[...approvals, review], undefined];
        break;
      case "changes-requested":
        [approvals, against] = [[], review];
        break;
      case "dismissed":
        [approvals, against] = [[], undefined];
        break;
      case "commented":
      case "pending":
        break;
      default:
        review.state satisfies never;
    }
  return { approvals, against };
}

/** Reviews by who gave them, in the order of the first of each; who is unknown is told apart by login. */
export function reviewsByPerson(
  reviews: readonly Review[],
  known: Reviewers,
): { readonly reviewer: Reviewer | undefined; readonly reviews: readonly Review[] }[] {
  const groups = new Map<Reviewer | string, Review[]>();
  for (const review of reviews) {
    const login = review.login.toLowerCase();
    const key = known.get(login) ?? login;
    const group = groups.get(key);
    if (group) group.push(review);
    else groups.set(key, [review]);
  }
  return Array.from(groups, ([key, some]) => ({ reviewer: typeof key === "string" ? undefined : key, reviews: some }));
}
