// The Git host (GitHub) as the rest of Rolebook sees it: pull requests, reviews, checks, comments and issues of ONE repository.
// Looking and writing are two types, as with platforms: whatever holds a HostReader cannot write, whatever it is told.
import { RemoteError } from "./remote-error.ts";

/** Who Rolebook is on the host. */
export interface HostIdentity {
  /** Login, with `[bot]` for an app: `github-actions[bot]`. Never empty. */
  readonly login: string;
  /** The slug of the app that check runs are made by; undefined for a person's token, which cannot make check runs. */
  readonly app: string | undefined;
}

export interface HostRepository {
  /** `owner/name`. */
  readonly name: string;
  readonly defaultBranch: string;
  readonly private: boolean;
  /** Page in the browser. */
  readonly url: string;
}

export interface Pull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  /** Login of who opened it; `ghost` when the account is gone. */
  readonly author: string;
  readonly state: "open" | "closed";
  readonly draft: boolean;
  /** ISO 8601, UTC; null while it is not merged. */
  readonly mergedAt: string | null;
  /** The commit on the base branch that the merge ended with; null while it is not merged. */
  readonly mergeCommit: string | null;
  readonly base: { readonly branch: string; readonly commit: string };
  /** `repository` is null when the fork is gone. */
  readonly head: { readonly branch: string; readonly commit: string; readonly repository: string | null };
  /** The head is in another repository than the base. */
  readonly fork: boolean;
  readonly url: string;
}

/** A commit of a pull request, with the logins of who wrote and who committed it; null where the host knows no account. */
export interface PullCommit {
  readonly commit: string;
  readonly author: string | null;
  readonly committer: string | null;
  /** Both by Git's own word, as `Name <address>`: anybody can write any. */
  readonly signed: readonly [author: string, committer: string];
}

/** As many commits of a pull request as a host tells of. */
export const MOST_COMMITS = 250;

export interface Review {
  readonly id: number;
  readonly login: string;
  readonly state: "approved" | "changes-requested" | "commented" | "dismissed" | "pending";
  /** The head commit the review was given for; null when the host does not say. */
  readonly commit: string | null;
  /** ISO 8601, UTC. */
  readonly at: string;
}

export interface Comment {
  readonly id: number;
  readonly login: string;
  readonly body: string;
}

export type CheckConclusion = "success" | "action_required" | "failure" | "neutral";

/** One annotation of a check, at a file and line of the commit. */
export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly level: "failure" | "warning" | "notice";
  readonly title: string;
  readonly message: string;
}

export interface CheckRun {
  readonly id: number;
  readonly name: string;
  readonly commit: string;
  /** Slug of the app that made it. */
  readonly app: string | null;
  /** Null while it is not completed. */
  readonly conclusion: CheckConclusion | string | null;
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  /** ISO 8601, UTC; null while it is not completed. */
  readonly completedAt: string | null;
}

/** A check as it is made: completed at once. */
export interface NewCheck {
  readonly name: string;
  readonly commit: string;
  readonly conclusion: CheckConclusion;
  readonly title: string;
  readonly summary: string;
  readonly text: string;
  readonly annotations: readonly Annotation[];
}

export interface Issue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly author: string;
  readonly url: string;
}

/** Everything may throw `HostError`. Lists are complete: all pages are read, in the host's order. */
export interface HostReader {
  readonly self: () => Promise<HostIdentity>;
  readonly repository: () => Promise<HostRepository>;
  readonly pull: (number: number) => Promise<Pull>;
  /** Open pull requests, by number; `head` is a branch of this very repository. */
  readonly openPulls: (filter?: { readonly base?: string; readonly head?: string }) => Promise<Pull[]>;
  /** Every pull request, open or not, whose head is a branch of this very repository; newest first. */
  readonly pullsOfBranch: (branch: string) => Promise<Pull[]>;
  /** Paths a pull request touches; of a renamed file both. */
  readonly pullFiles: (number: number) => Promise<string[]>;
  /** The one list that may not be complete: of `MOST_COMMITS` or more, so many. */
  readonly pullCommits: (number: number) => Promise<PullCommit[]>;
  /** Pull requests that a commit of the base branch came with, merged ones first. */
  readonly pullsOfCommit: (commit: string) => Promise<Pull[]>;
  /** Oldest first. */
  readonly reviews: (number: number) => Promise<Review[]>;
  /** Comments of a pull request or an issue, oldest first. */
  readonly comments: (number: number) => Promise<Comment[]>;
  /** All check runs of a name on a commit, also those that newer ones have replaced; oldest first. */
  readonly checkRuns: (commit: string, name: string) => Promise<CheckRun[]>;
  /** Issues (no pull requests) that Rolebook itself opened, by number. */
  readonly ownIssues: (state: "open" | "all") => Promise<Issue[]>;
}

export interface HostWriter {
  readonly addComment: (number: number, body: string) => Promise<number>;
  readonly editComment: (id: number, body: string) => Promise<void>;
  /** Any number of annotations: they are sent in as many requests as it takes. Returns the id. */
  readonly createCheck: (check: NewCheck) => Promise<number>;
  readonly dismissReview: (number: number, review: number, message: string) => Promise<void>;
  readonly openPull: (pull: {
    readonly title: string;
    readonly body: string;
    readonly head: string;
    readonly base: string;
  }) => Promise<Pull>;
  readonly editPull: (
    number: number,
    edit: { readonly title?: string; readonly body?: string; readonly state?: "open" | "closed" },
  ) => Promise<void>;
  readonly openIssue: (issue: { readonly title: string; readonly body: string }) => Promise<Issue>;
  readonly editIssue: (
    number: number,
    edit: { readonly title?: string; readonly body?: string; readonly state?: "open" | "closed" },
  ) => Promise<void>;
}

/** The host refused, failed or could not be reached. Carries no secret. */
export class HostError extends RemoteError {
  override name = "HostError";
}
