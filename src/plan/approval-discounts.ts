// Why approving reviews count for nothing, in sentences for those who gave them; and why nobody's could count. Decides nothing.
import type { Review } from "../model/host.ts";

/** Digits of a commit that people are shown. */
const COMMIT_LENGTH = 7;

/** What is known of an approval that did not count. */
export interface Discounted {
  readonly review: Review;
  /** Who opened the pull request, in lower case. */
  readonly opener: string | undefined;
  /** Everybody who wrote a part of it, in lower case. */
  readonly authors: ReadonlySet<string>;
  /** It is an author's, under this login or another. */
  readonly byAuthor: boolean;
  /** The settings say who that is. */
  readonly known: boolean;
  /** They may approve something of the plan. */
  readonly owner: boolean;
  /** Name of the one group that all of the plan is about. */
  readonly group: string | undefined;
  /** What they were shown of the plan. */
  readonly shown: "nothing" | "less" | "other" | "enough";
}

export function discountSentence(discounted: Discounted): string {
  const { review, opener, authors, byAuthor, known, owner, group, shown } = discounted;
  const { login } = review;
  if (login.toLowerCase() === opener) return `${login} opened the pull request`;
  if (authors.has(login.toLowerCase())) return `${login} wrote a part of the pull request`;
  if (byAuthor) return `${login} is another login of somebody who wrote a part of the pull request`;
  if (!known) return `${login} is nobody the settings know`;
  if (!owner) return group === undefined ? `${login} owns nothing of this` : `${login} does not own group ${group}`;
  const commit = review.commit?.slice(0, COMMIT_LENGTH);
  switch (shown) {
    case "nothing":
      return commit === undefined
        ? `${login} reviewed a commit that is not known`
        : `${login} reviewed ${commit} before its plan was shown`;
    case "less":
      return `${login} reviewed ${commit}, which showed less than there is now`;
    case "other":
      return `${login} reviewed ${commit}, which did not show what they own of this`;
    case "enough":
      return `${login} gains by it`;
    default:
      return shown satisfies never;
  }
}

/** Some of a plan that more people have to approve than may. */
export interface Hopeless {
  readonly target: string;
  /** Whether that is changes, or what weakens rules. */
  readonly of: "changes" | "weakenings";
  readonly count: number;
  readonly needed: number;
  /** Logins that may. */
  readonly logins: readonly string[];
  /** Members who may, with a login or not. */
  readonly owners: readonly string[];
  /** Whether the settings name anybody. */
  readonly named: boolean;
  readonly unknownAuthor: boolean;
}

export function hopelessSentence(hopeless: Hopeless): { readonly message: string; readonly hint: string } {
  const { target, of, count, needed, logins, owners, named, unknownAuthor } = hopeless;
  const one = of === "changes" ? "change" : "weakening of rules";
  const what = count === 1 ? `1 ${one}` : `${count} ${of === "changes" ? "changes" : "weakenings of rules"}`;
  const verb = count === 1 ? "needs" : "need";
  if (!named)
    return {
      message: `Nobody may approve ${what}: the settings of the base name no owners of ${target}`,
      hint: "Name owners of the target in the settings, in a pull request of its own.",
    };
  const approvals = needed === 1 ? "1 approval" : `${needed} approvals`;
  const may = logins.length === 0 ? "nobody with a login may give one" : `only ${logins.join(", ")} may give one`;
  const unknown = unknownAuthor
    ? " Who wrote all of it is not known, which takes one more: give the address of each commit to an account, open it as a person, and keep it below 250 commits."
    : "";
  const first =
    logins.length === 0 && of === "weakenings"
      ? " The first login of an owner is applied by an owner at a terminal."
      : "";
  const without = owners.length === 0 ? "" : ` Owners who may: ${owners.join(", ")}.`;
  return {
    message: `${what} ${verb} ${approvals}, and ${may}`,
    hint: `Give owners who neither wrote it nor gain by it a login under people, or name more owners, in a pull request of its own.${first}${without}${unknown}`,
  };
}
