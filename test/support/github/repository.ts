// One repository of the fake as tests see it: what people do on its pages, and what there is to look at.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  closePull,
  dismissReview,
  editPull,
  mergePull,
  openPull,
  reopenPull,
  submitReview,
  sync,
  tellCheck,
} from "./acts.ts";
import { type Bare, forkBare } from "./bare.ts";
import { generateToken } from "./credentials.ts";
import {
  type Access,
  type CheckRecord,
  type CommentRecord,
  fullName,
  type IssueRecord,
  type PullRecord,
  type RepositoryRecord,
  type RepositorySettings,
  type ReviewRecord,
  type State,
} from "./records.ts";
import { openSealed } from "./routes-secrets.ts";

export interface GitHubRepository {
  /** `owner/name`. */
  readonly name: string;
  /** Path of the bare repository: what tests push to. */
  readonly bare: string;
  /** `file://` URL of it, over which clones can be shallow. */
  readonly url: string;
  /** Runs git in the bare repository. */
  readonly git: (...args: readonly string[]) => string;
  readonly tip: (branch: string) => string | null;
  readonly tokens: { readonly write: string; readonly read: string; readonly person: string };
  /** What `doctor` reads; tests change it in place. */
  readonly settings: RepositorySettings;
  /** A secret of Actions as a job sees it, of the repository or of one of its environments; undefined when there is none. */
  readonly secret: (name: string, environment?: string) => Promise<string | undefined>;
  /** A copy of somebody: push to its `bare`, then open a pull request with `from`. */
  readonly fork: (owner: string) => GitHubRepository;
  readonly openPull: (pull: {
    readonly head: string;
    readonly author: string;
    readonly title?: string;
    readonly body?: string;
    readonly base?: string;
    readonly draft?: boolean;
    readonly from?: GitHubRepository;
  }) => number;
  readonly editPull: (
    number: number,
    edit: { readonly title?: string; readonly body?: string },
    login?: string,
  ) => void;
  readonly closePull: (number: number, login?: string) => void;
  readonly reopenPull: (number: number, login?: string) => void;
  /** Submits a review, for the head as it is unless told otherwise. Returns its id. */
  readonly review: (review: {
    readonly number: number;
    readonly login: string;
    readonly state?: "approved" | "changes-requested" | "commented";
    readonly body?: string;
    readonly commit?: string;
  }) => number;
  readonly dismiss: (review: number, login: string, message?: string) => void;
  /** Merges; returns the commit that the base branch ends with. */
  readonly merge: (merge: {
    readonly number: number;
    readonly method?: "merge" | "squash" | "rebase";
    readonly login?: string;
  }) => string;
  readonly comment: (comment: { readonly number: number; readonly login: string; readonly body: string }) => number;
  /** Somebody opens an issue. */
  readonly openIssue: (issue: { readonly login: string; readonly title: string; readonly body?: string }) => number;
  readonly closeIssue: (number: number) => void;
  /** Somebody presses "re-run" on a check: a webhook, nothing else. */
  readonly rerequest: (check: number, login?: string) => void;
  /** A check run that another app makes. */
  readonly addCheck: (check: {
    readonly commit: string;
    readonly name: string;
    readonly app: string;
    readonly text?: string;
    readonly conclusion?: string;
  }) => number;

  readonly pull: (number: number) => Readonly<PullRecord>;
  readonly pulls: () => readonly Readonly<PullRecord>[];
  readonly comments: (number: number) => readonly Readonly<CommentRecord>[];
  readonly reviews: (number: number) => readonly Readonly<ReviewRecord>[];
  /** Check runs of a commit, oldest first. */
  readonly checks: (commit: string, name?: string) => readonly Readonly<CheckRecord>[];
  readonly issues: () => readonly Readonly<IssueRecord>[];
  readonly record: RepositoryRecord;
}

export interface Surroundings {
  readonly folder: string;
  readonly watch: (record: RepositoryRecord) => void;
  readonly ensurePerson: (login: string) => void;
}

export function newRepositoryRecord(
  state: State,
  facts: {
    readonly owner: string;
    readonly name: string;
    readonly private: boolean;
    readonly defaultBranch: string;
    readonly bare: Bare;
    readonly parent: RepositoryRecord | undefined;
  },
): RepositoryRecord {
  const record: RepositoryRecord = {
    id: state.newId(),
    createdAt: state.now(),
    ...facts,
    pulls: new Map(),
    issues: new Map(),
    comments: [],
    reviews: [],
    checks: [],
    settings: {
      protection: {},
      rules: {},
      rulesets: [],
      environments: [],
      environmentSecrets: {},
      branchPolicies: {},
      secrets: [],
      organizationSecrets: [],
      actions: { enabled: true, allowed_actions: "all", sha_pinning_required: false },
      workflow: { default_workflow_permissions: "read", can_approve_pull_request_reviews: true },
      selectedActions: { github_owned_allowed: true, verified_allowed: false, patterns_allowed: [] },
      collaborators: { "acme-owner": "admin" },
      codeownersErrors: [],
    },
    lastNumber: 0,
    pushesRead: 0,
  };
  state.repositories.set(fullName(record).toLowerCase(), record);
  return record;
}

const ALL = ["actions", "administration", "checks", "contents", "environments", "issues", "pull_requests", "secrets"];
const JOB = ["checks", "contents", "issues", "pull_requests"];
const grant = (names: readonly string[], access: Access) => ({
  metadata: "read" as const,
  ...Object.fromEntries(names.map((name) => [name, access])),
});

export function addRepository(state: State, record: RepositoryRecord, around: Surroundings): GitHubRepository {
  const actions = state.apps.get("github-actions");
  const name = fullName(record);
  const token = (kind: string, login: string, app: typeof actions, permissions: Record<string, Access>) =>
    generateToken(state, { name: kind, login, app, permissions, repository: name }).token;
  return {
    name,
    bare: record.bare.path,
    url: pathToFileURL(record.bare.path).href,
    git: record.bare.git,
    tip: record.bare.tip,
    tokens: {
      write: token("write", "github-actions[bot]", actions, grant(JOB, "write")),
      read: token("read", "github-actions[bot]", actions, grant(JOB, "read")),
      person: token("person", "acme-owner", undefined, grant(ALL, "write")),
    },
    settings: record.settings,
    secret: (secretName, environment) => openSealed(record, secretName, environment),
    record,
    fork: (owner) => {
      around.ensurePerson(owner);
      const bare = forkBare(record.bare, join(around.folder, `${owner}/${record.name}.git`));
      const { name: short, private: isPrivate, defaultBranch } = record;
      const copy = newRepositoryRecord(state, {
        owner,
        name: short,
        private: isPrivate,
        defaultBranch,
        bare,
        parent: record,
      });
      around.watch(copy);
      return addRepository(state, copy, around);
    },
    ...doing(state, record, around),
    ...looking(state, record),
  };
}

type Doing = Pick<
  GitHubRepository,
  | "openPull"
  | "editPull"
  | "closePull"
  | "reopenPull"
  | "review"
  | "dismiss"
  | "merge"
  | "comment"
  | "openIssue"
  | "closeIssue"
  | "rerequest"
  | "addCheck"
>;

const STATES = { approved: "APPROVED", "changes-requested": "CHANGES_REQUESTED", commented: "COMMENTED" } as const;

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}

function doing(state: State, record: RepositoryRecord, { ensurePerson }: Surroundings): Doing {
  const pullOf = (number: number) => {
    sync(state);
    return found(record.pulls.get(number), `#${number}`);
  };
  return {
    openPull: ({ head, author, title = head, body, base = record.defaultBranch, draft = false, from }) => {
      sync(state);
      ensurePerson(author);
      const wanted = { head, base, author, title, body: body ?? null, draft, from: from?.record ?? record };
      return openPull(state, record, wanted).number;
    },
    editPull: (number, edit, login = "acme-owner") => editPull(state, record, pullOf(number), edit, login),
    closePull: (number, login = "acme-owner") => closePull(state, record, pullOf(number), login),
    reopenPull: (number, login = "acme-owner") => reopenPull(state, record, pullOf(number), login),
    review: ({ number, login, state: given = "approved", body = "", commit }) => {
      const pull = pullOf(number);
      ensurePerson(login);
      const review = { login, state: STATES[given], body, commit: commit ?? pull.head.commit };
      return submitReview(state, record, pull, review).id;
    },
    dismiss: (id, login, message = "") => {
      const review = found(
        record.reviews.find((one) => one.id === id),
        `review ${id}`,
      );
      dismissReview(state, record, pullOf(review.number), review, { login, message });
    },
    merge: ({ number, method = "merge", login = "acme-owner" }) => {
      ensurePerson(login);
      return mergePull(state, record, pullOf(number), { method, login });
    },
    comment: ({ number, login, body }) => {
      ensurePerson(login);
      const at = state.now();
      const id = state.newId();
      record.comments.push({ id, number, login, body, createdAt: at, updatedAt: at });
      return id;
    },
    openIssue: ({ login, title, body }) => {
      ensurePerson(login);
      const at = state.now();
      const number = ++record.lastNumber;
      const issue: IssueRecord = {
        id: state.newId(),
        number,
        title,
        body: body ?? null,
        author: login,
        state: "open",
        createdAt: at,
        updatedAt: at,
        closedAt: null,
      };
      record.issues.set(number, issue);
      return number;
    },
    closeIssue: (number) => {
      const issue = found(record.issues.get(number), `issue ${number}`);
      issue.state = "closed";
      issue.closedAt = state.now();
    },
    rerequest: (id, login = "acme-owner") =>
      tellCheck(
        state,
        record,
        found(
          record.checks.find((one) => one.id === id),
          `check ${id}`,
        ),
        "rerequested",
        login,
      ),
    addCheck: ({ commit, name, app, text = null, conclusion = "success" }) => {
      const at = state.now();
      const check: CheckRecord = {
        id: state.newId(),
        name,
        commit,
        app: found(state.apps.get(app), `app ${app}`),
        status: "completed",
        conclusion,
        startedAt: at,
        completedAt: at,
        title: name,
        summary: "",
        text,
        annotations: [],
      };
      record.checks.push(check);
      return check.id;
    },
  };
}

function looking(
  state: State,
  record: RepositoryRecord,
): Pick<GitHubRepository, "pull" | "pulls" | "comments" | "reviews" | "checks" | "issues"> {
  return {
    pull: (number) => {
      sync(state);
      return found(record.pulls.get(number), `#${number}`);
    },
    pulls: () => {
      sync(state);
      return [...record.pulls.values()];
    },
    comments: (number) => record.comments.filter((comment) => comment.number === number),
    reviews: (number) => record.reviews.filter((review) => review.number === number),
    checks: (commit, name) =>
      record.checks.filter((check) => check.commit === commit && (name === undefined || check.name === name)),
    issues: () => [...record.issues.values()],
  };
}
