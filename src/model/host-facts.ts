// What a Git host says of how a repository is guarded, as `doctor` judges it. What could not be looked at says why, and is never
// taken for "nothing there".

/** What was looked at, or why it could not be. */
export type Looked<T> =
  | { readonly known: true; readonly value: T }
  /** `needs`: the permission it takes, in the host's words. */
  | { readonly known: false; readonly why: string; readonly needs: string };

export interface RequiredCheck {
  readonly name: string;
  /** Whether only one app may make it. */
  readonly bound: boolean;
}

/** Rules of a branch from one source: its classic protection, or one ruleset. */
export interface BranchRules {
  /** What people call the source. */
  readonly source: string;
  /** Changes come by pull request only. */
  readonly pullRequests: boolean;
  /** Approving reviews that a pull request needs. */
  readonly reviews: number;
  readonly dismissesStale: boolean;
  readonly lastPushApproval: boolean;
  readonly codeOwners: boolean;
  readonly checks: readonly RequiredCheck[];
  readonly noForcePush: boolean;
  readonly noDeletion: boolean;
  /** Nobody may push to it, whatever they push. */
  readonly closed: boolean;
  /** Who is not held by them; undefined when the host does not say. */
  readonly bypass: readonly string[] | undefined;
}

export interface EnvironmentFacts {
  readonly name: string;
  /** Branches whose runs get its secrets: patterns, `protected` for those with branch protection, undefined for every branch. */
  readonly branches: readonly string[] | "protected" | undefined;
  /** Something holds its jobs back: reviewers, or a time to wait. */
  readonly waits: boolean;
  /** Names of what it holds. */
  readonly secrets: Looked<readonly string[]>;
}

export interface ActionsFacts {
  /** The token of a run may write unless its workflow says otherwise. */
  readonly tokenWrites: boolean;
  readonly mayOpenPulls: boolean;
}

export interface HostFacts {
  /** Classic OAuth scopes of the token that looks; undefined when it has finer permissions, or none of these. */
  readonly scopes: readonly string[] | undefined;
  /** By branch. One entry a source. */
  readonly branches: ReadonlyMap<string, readonly Looked<readonly BranchRules[]>[]>;
  readonly environments: Looked<readonly EnvironmentFacts[]>;
  /** Names of secrets that every workflow of the repository can read: the repository's own, and the organization's. */
  readonly secrets: Looked<readonly string[]>;
  readonly actions: Looked<ActionsFacts>;
  /** Only actions pinned by a whole commit id may run; undefined when the host does not know such a rule. */
  readonly pinning: Looked<boolean | undefined>;
  /** Folded logins of who may write. */
  readonly writers: Looked<readonly string[]>;
  /** Mistakes in CODEOWNERS, one line each; null when there is no such file. */
  readonly codeowners: Looked<readonly string[] | null>;
}
