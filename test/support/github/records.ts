// What the fake GitHub remembers. Everything that can be read from Git is read from Git and is not here.
import type { Bare } from "./bare.ts";

export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Bot" | "Organization";
  /** What commits are signed with. */
  readonly name: string;
  readonly email: string;
}

export interface AppRecord {
  readonly id: number;
  readonly slug: string;
  /** PEM; undefined for the app of Actions, whose key nobody has. */
  readonly privateKey: string | undefined;
  readonly publicKey: string | undefined;
}

export type Access = "read" | "write";

/** A bearer's credential: whose it is and what it may do. */
export interface TokenRecord {
  readonly token: string;
  /** How tests call it: `write`, `read`, `person`, ... */
  readonly name: string;
  readonly login: string;
  /** Undefined for a person's token. */
  readonly app: AppRecord | undefined;
  /** Names as in `permissions:` of a workflow, with `_`: `pull_requests`. */
  readonly permissions: Readonly<Record<string, Access>>;
  /** What it is for: `owner/name`; everything when undefined. */
  readonly repository: string | undefined;
  revoked: boolean;
}

export interface PullRecord {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string | null;
  readonly author: string;
  state: "open" | "closed";
  draft: boolean;
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  mergedAt: string | null;
  mergedBy: string | null;
  mergeCommit: string | null;
  /** Commits that the merge brought to the base branch. */
  introduced: string[];
  base: { branch: string; commit: string };
  /** Null when the fork is gone. */
  head: { repository: RepositoryRecord | null; owner: string; branch: string; commit: string };
}

export interface ReviewRecord {
  readonly id: number;
  readonly number: number;
  readonly login: string;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";
  readonly body: string;
  readonly commit: string | null;
  readonly submittedAt: string;
  dismissal: { readonly login: string; readonly message: string } | undefined;
}

export interface CommentRecord {
  readonly id: number;
  readonly number: number;
  readonly login: string;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
}

export interface IssueRecord {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string | null;
  readonly author: string;
  state: "open" | "closed";
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
}

export interface CheckAnnotation {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly annotation_level: string;
  readonly message: string;
  readonly title?: string;
}

export interface CheckRecord {
  readonly id: number;
  name: string;
  readonly commit: string;
  readonly app: AppRecord;
  status: string;
  conclusion: string | null;
  readonly startedAt: string;
  completedAt: string | null;
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: CheckAnnotation[];
}

/** What a test may say of a repository's settings; each is the body of GitHub's answer, or the status of a refusal. */
export interface RepositorySettings {
  /** By branch: answer of `branches/{branch}/protection`. */
  readonly protection: Record<string, object>;
  /** Answer of `rules/branches/{branch}`, for every branch named. */
  readonly rules: Record<string, readonly object[]>;
  readonly rulesets: object[];
  /** Answers of `environments/{name}`. */
  readonly environments: object[];
  /** By environment: names of secrets. */
  readonly environmentSecrets: Record<string, readonly string[]>;
  /** By environment: answers of `deployment-branch-policies`. */
  readonly branchPolicies: Record<string, readonly object[]>;
  readonly secrets: string[];
  readonly organizationSecrets: string[];
  /** Answer of `actions/permissions`. */
  actions: object;
  /** Answer of `actions/permissions/workflow`. */
  workflow: { default_workflow_permissions: Access; can_approve_pull_request_reviews: boolean };
  selectedActions: object;
  /** Login -> role. */
  readonly collaborators: Record<string, "admin" | "maintain" | "write" | "triage" | "read">;
  codeownersErrors: object[];
}

export interface RepositoryRecord {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly private: boolean;
  readonly defaultBranch: string;
  readonly createdAt: string;
  readonly bare: Bare;
  readonly parent: RepositoryRecord | undefined;
  readonly pulls: Map<number, PullRecord>;
  readonly issues: Map<number, IssueRecord>;
  readonly comments: CommentRecord[];
  readonly reviews: ReviewRecord[];
  readonly checks: CheckRecord[];
  readonly settings: RepositorySettings;
  lastNumber: number;
  /** How far its pushes were read. */
  pushesRead: number;
}

export interface State {
  /** Base URL of the API, as answers name it. */
  url: string;
  readonly accounts: Map<string, Account>;
  readonly apps: Map<string, AppRecord>;
  readonly tokens: Map<string, TokenRecord>;
  readonly repositories: Map<string, RepositoryRecord>;
  /** Apps by slug -> repositories they are installed on. */
  readonly installations: { readonly id: number; readonly app: AppRecord; readonly repository: string }[];
  readonly newId: () => number;
  /** The next moment: ISO 8601 with whole seconds, never the same twice unless the test wants that. */
  readonly now: () => string;
  /** Somebody did something that GitHub tells webhooks of. */
  readonly tell: (repository: RepositoryRecord, event: string, name: string, payload: object, sender: string) => void;
}

export function fullName({ owner, name }: RepositoryRecord): string {
  return `${owner}/${name}`;
}
