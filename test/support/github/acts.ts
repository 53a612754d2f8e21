// What people and Rolebook do on the fake GitHub: the same functions behind the API and behind the tests' own calls, so that both
// tell webhooks and keep Git alike.
import { mergeInto, readPushes, WEB_FLOW } from "./bare.ts";
import {
  type CheckRecord,
  fullName,
  type PullRecord,
  type RepositoryRecord,
  type ReviewRecord,
  type State,
} from "./records.ts";
import { accountOf, checkShape, fullPullShape, loginOf, pullShape, reviewShape } from "./shapes.ts";
import { pushPayload } from "./webhooks.ts";

/** GitHub's refusal: a status and its message. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly (object | string)[] | undefined;
  constructor(status: number, message: string, errors?: readonly (object | string)[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export const ZERO = "0".repeat(40);
const GITHUB_BODY_LIMIT = 65_536;

export function checkLength(body: unknown): void {
  if (typeof body === "string" && body.length > GITHUB_BODY_LIMIT)
    throw new Refusal(422, "Validation Failed", [
      {
        resource: "Body",
        code: "custom",
        field: "body",
        message: `body is too long (maximum is ${GITHUB_BODY_LIMIT} characters)`,
      },
    ]);
}

/** Brings pull requests in line with what was pushed since, and tells webhooks of the pushes. */
export function sync(state: State): void {
  for (const repository of state.repositories.values()) {
    const { lines, to } = readPushes(repository.bare, repository.pushesRead);
    repository.pushesRead = to;
    for (const line of lines) {
      const [before = ZERO, after = ZERO, ref = ""] = line.split(" ");
      if (!ref.startsWith("refs/heads/")) continue;
      followPush(state, repository, ref.slice("refs/heads/".length), after);
      const payload = pushPayload(state, repository, { before, after, ref });
      state.tell(repository, "push", "push", payload, repository.owner);
    }
  }
}

function followPush(state: State, repository: RepositoryRecord, branch: string, after: string): void {
  for (const base of state.repositories.values())
    for (const pull of base.pulls.values()) {
      if (pull.state !== "open") continue;
      if (pull.head.repository === repository && pull.head.branch === branch) moveHead(state, base, pull, after);
      else if (
        base === repository &&
        pull.base.branch === branch &&
        repository.bare.isAncestor(pull.head.commit, after)
      )
        markMerged(state, base, pull, [pull.head.commit], pull.author);
    }
}

function moveHead(state: State, base: RepositoryRecord, pull: PullRecord, after: string): void {
  // A branch that is deleted closes its pull request.
  if (after === ZERO) closePull(state, base, pull, pull.author);
  if (after === ZERO || after === pull.head.commit) return;
  const before = pull.head.commit;
  pull.head.commit = after;
  pull.base.commit = base.bare.tip(pull.base.branch) ?? pull.base.commit;
  pull.updatedAt = state.now();
  tellPull(state, base, pull, "synchronize", pull.author, { before, after });
}

function tellPull(
  state: State,
  repository: RepositoryRecord,
  pull: PullRecord,
  action: string,
  sender: string,
  more: object = {},
): void {
  const payload = { action, number: pull.number, pull_request: fullPullShape(state, repository, pull), ...more };
  state.tell(repository, "pull_request", `pull-request-${action}`, payload, sender);
}

export interface NewPull {
  readonly head: string;
  readonly base: string;
  readonly author: string;
  readonly title: string;
  readonly body: string | null;
  readonly draft: boolean;
  /** Where the head is; the repository itself unless it is a fork. */
  readonly from: RepositoryRecord;
}

export function openPull(state: State, repository: RepositoryRecord, wanted: NewPull): PullRecord {
  const [head, base] = [wanted.from.bare.tip(wanted.head), repository.bare.tip(wanted.base)];
  const invalid = (field: string, message?: string) =>
    new Refusal(422, "Validation Failed", [
      {
        resource: "PullRequest",
        code: message === undefined ? "invalid" : "custom",
        field,
        ...(message === undefined ? {} : { message }),
      },
    ]);
  if (base === null) throw invalid("base");
  if (head === null) throw invalid("head");
  checkLength(wanted.body);
  const same = [...repository.pulls.values()].find(
    (pull) =>
      pull.state === "open" &&
      pull.head.repository === wanted.from &&
      pull.head.branch === wanted.head &&
      pull.base.branch === wanted.base,
  );
  if (same) throw invalid("head", `A pull request already exists for ${wanted.from.owner}:${wanted.head}.`);
  const number = ++repository.lastNumber;
  if (wanted.from !== repository)
    repository.bare.git(
      "fetch",
      "-q",
      "--no-tags",
      wanted.from.bare.path,
      `+refs/heads/${wanted.head}:refs/pull/${number}/head`,
    );
  else repository.bare.git("update-ref", `refs/pull/${number}/head`, head);
  if (repository.bare.isAncestor(head, base)) {
    repository.bare.git("update-ref", "-d", `refs/pull/${number}/head`);
    repository.lastNumber -= 1;
    throw invalid("head", `No commits between ${wanted.base} and ${wanted.head}`);
  }
  wanted.from.bare.followHead(wanted.head, repository.bare.path, number);
  const at = state.now();
  const pull: PullRecord = {
    id: state.newId(),
    number,
    title: wanted.title,
    body: wanted.body,
    author: accountOf(state, wanted.author).login,
    state: "open",
    draft: wanted.draft,
    createdAt: at,
    updatedAt: at,
    closedAt: null,
    mergedAt: null,
    mergedBy: null,
    mergeCommit: null,
    introduced: [],
    base: { branch: wanted.base, commit: base },
    head: { repository: wanted.from, owner: wanted.from.owner, branch: wanted.head, commit: head },
  };
  repository.pulls.set(number, pull);
  tellPull(state, repository, pull, "opened", pull.author);
  return pull;
}

export function closePull(state: State, repository: RepositoryRecord, pull: PullRecord, login: string): void {
  pull.state = "closed";
  pull.closedAt = state.now();
  pull.updatedAt = pull.closedAt;
  tellPull(state, repository, pull, "closed", login);
}

export function reopenPull(state: State, repository: RepositoryRecord, pull: PullRecord, login: string): void {
  const tip = pull.head.repository?.bare.tip(pull.head.branch) ?? null;
  const impossible = pull.mergedAt !== null ? "was merged" : tip === null ? "has no head branch any more" : undefined;
  if (impossible !== undefined)
    throw new Refusal(422, "Validation Failed", [
      {
        resource: "PullRequest",
        code: "custom",
        field: "state",
        message: `state cannot be changed. The pull request ${impossible}.`,
      },
    ]);
  pull.state = "open";
  pull.closedAt = null;
  pull.updatedAt = state.now();
  if (tip !== null) pull.head.commit = tip;
  tellPull(state, repository, pull, "reopened", login);
}

export function editPull(
  state: State,
  repository: RepositoryRecord,
  pull: PullRecord,
  edit: { readonly title?: string; readonly body?: string; readonly state?: "open" | "closed" },
  login: string,
): void {
  checkLength(edit.body);
  const changes = {
    ...(edit.title === undefined || edit.title === pull.title ? {} : { title: { from: pull.title } }),
    ...(edit.body === undefined || edit.body === pull.body ? {} : { body: { from: pull.body ?? "" } }),
  };
  pull.title = edit.title ?? pull.title;
  pull.body = edit.body ?? pull.body;
  if (Object.keys(changes).length > 0) {
    pull.updatedAt = state.now();
    tellPull(state, repository, pull, "edited", login, { changes });
  }
  if (edit.state === "closed" && pull.state === "open") closePull(state, repository, pull, login);
  if (edit.state === "open" && pull.state === "closed") reopenPull(state, repository, pull, login);
}

export interface NewReview {
  readonly login: string;
  readonly state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED";
  readonly body: string;
  readonly commit: string;
}

export function submitReview(
  state: State,
  repository: RepositoryRecord,
  pull: PullRecord,
  review: NewReview,
): ReviewRecord {
  const { login } = accountOf(state, review.login);
  if (login === pull.author && review.state !== "COMMENTED")
    throw new Refusal(422, "Unprocessable Entity", ["Can not approve your own pull request"]);
  const record: ReviewRecord = {
    id: state.newId(),
    number: pull.number,
    login,
    state: review.state,
    body: review.body,
    commit: review.commit,
    submittedAt: state.now(),
    dismissal: undefined,
  };
  repository.reviews.push(record);
  tellReview(state, repository, pull, record, "submitted", login);
  return record;
}

export function dismissReview(
  state: State,
  repository: RepositoryRecord,
  pull: PullRecord,
  review: ReviewRecord,
  dismissal: { readonly login: string; readonly message: string },
): void {
  if (review.state !== "APPROVED" && review.state !== "CHANGES_REQUESTED")
    throw new Refusal(422, "Unprocessable Entity", [
      `Can not dismiss a ${review.state.toLowerCase()} pull request review`,
    ]);
  review.state = "DISMISSED";
  review.dismissal = dismissal;
  tellReview(state, repository, pull, review, "dismissed", dismissal.login);
}

function tellReview(
  state: State,
  repository: RepositoryRecord,
  pull: PullRecord,
  review: ReviewRecord,
  action: "submitted" | "dismissed",
  sender: string,
): void {
  const shown = {
    ...reviewShape(state, repository, review),
    state: review.state.toLowerCase(),
    updated_at: review.submittedAt,
  };
  const payload = { action, review: shown, pull_request: pullShape(state, repository, pull) };
  state.tell(repository, "pull_request_review", `pull-request-review-${action}`, payload, sender);
}

/** Merges for real. Returns the commit the base branch ends with. */
export function mergePull(
  state: State,
  repository: RepositoryRecord,
  pull: PullRecord,
  { method, login }: { readonly method: "merge" | "squash" | "rebase"; readonly login: string },
): string {
  const base = repository.bare.tip(pull.base.branch);
  if (pull.state !== "open" || base === null) throw new Error(`#${pull.number} cannot be merged`);
  const { head } = pull;
  const at = state.now();
  const merger = accountOf(state, login);
  const author = accountOf(state, pull.author);
  const range = repository.bare.commits(base, head.commit).map(({ commit }) => commit);
  const message =
    method === "merge"
      ? `Merge pull request #${pull.number} from ${head.owner}/${head.branch}\n\n${pull.title}`
      : `${pull.title} (#${pull.number})`;
  const made = mergeInto(repository.bare, pull.base.branch, {
    base,
    head: head.commit,
    method,
    message,
    merger,
    author,
    at,
  });
  const mergeCommit = made.at(-1) ?? base;
  pull.mergeCommit = mergeCommit;
  markMerged(state, repository, pull, method === "merge" ? [...range, ...made] : made, login, at);
  sync(state);
  return mergeCommit;
}

function markMerged(
  state: State,
  repository: RepositoryRecord,
  pull: PullRecord,
  introduced: string[],
  login: string,
  at = state.now(),
): void {
  pull.mergeCommit ??= pull.head.commit;
  pull.introduced = introduced;
  pull.mergedAt = at;
  pull.mergedBy = login;
  closePull(state, repository, pull, login);
}

/** Pull requests as `commits/{sha}/pulls` has them: merged ones that brought the commit, open ones that hold it. */
export function pullsOfCommit(repository: RepositoryRecord, commit: string): PullRecord[] {
  const pulls = [...repository.pulls.values()];
  const merged = pulls.filter(({ introduced }) => introduced.includes(commit));
  if (merged.length > 0) return merged;
  const { bare } = repository;
  return pulls.filter(
    ({ state, head, base }) =>
      state === "open" &&
      bare.isAncestor(commit, head.commit) &&
      !bare.isAncestor(commit, bare.tip(base.branch) ?? commit),
  );
}

export function tellCheck(
  state: State,
  repository: RepositoryRecord,
  check: CheckRecord,
  action: "completed" | "rerequested",
  sender: string,
): void {
  const shape = checkShape(state, repository, check);
  const suite = {
    id: check.app.id * 1000 + 1,
    node_id: "CS",
    head_branch: null,
    head_sha: check.commit,
    status: "completed",
    conclusion: check.conclusion,
    url: `${state.url}/repos/${fullName(repository)}/check-suites/${check.app.id * 1000 + 1}`,
    before: null,
    after: null,
    pull_requests: shape.pull_requests,
    app: shape.app,
    created_at: check.startedAt,
    updated_at: check.completedAt ?? check.startedAt,
  };
  const payload = { action, check_run: { ...shape, check_suite: suite } };
  state.tell(repository, "check_run", `check-run-${action}`, payload, sender);
}

/** Who a push is said to come from: the author of its last commit, where GitHub knows them. */
export function pusherOf(state: State, repository: RepositoryRecord, email: string): string {
  return email === WEB_FLOW.email ? repository.owner : (loginOf(state, email) ?? repository.owner);
}
