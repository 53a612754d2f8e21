// The operations of GitHub's REST API that the fake serves: what each needs to be allowed, and what it does.

import { checkLength, dismissReview, editPull, openPull, pullsOfCommit, Refusal, tellCheck } from "./acts.ts";
import { generateToken } from "./credentials.ts";
import type {
  Access,
  AppRecord,
  CheckAnnotation,
  CheckRecord,
  IssueRecord,
  PullRecord,
  RepositoryRecord,
  ReviewRecord,
  State,
  TokenRecord,
} from "./records.ts";
import { fullName } from "./records.ts";
import { SECRET_ROUTES } from "./routes-secrets.ts";
import { SETTINGS_ROUTES } from "./routes-settings.ts";
import {
  appShape,
  checkShape,
  commentShape,
  commitShape,
  fileShape,
  fullPullShape,
  fullRepositoryShape,
  issueShape,
  privateUserShape,
  pullShape,
  reviewShape,
  userShape,
} from "./shapes.ts";

export interface Call {
  readonly state: State;
  readonly repository: RepositoryRecord;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  readonly token: TokenRecord;
  /** The app, when it speaks for itself. */
  readonly app: AppRecord | undefined;
}

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
  /** A list: the server cuts it into pages. `of` is the key it stands below, beside `total_count`. */
  readonly list?: readonly unknown[];
  readonly of?: string;
}

export interface Route {
  /** Any of these permissions suffices. Empty: the token need only be valid. */
  readonly needs: readonly string[];
  readonly access: Access;
  /** Who may ask at all: an app by its own key, or whoever has a token. */
  readonly by: "token" | "app";
  readonly handle: (call: Call) => Answer;
}

function route(
  needs: readonly string[],
  access: Access,
  handle: (call: Call) => Answer,
  by: Route["by"] = "token",
): Route {
  return { needs, access, by, handle };
}

const REPO = "/repos/{owner}/{repo}";
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export const ROUTES: Readonly<Record<string, Route>> = {
  "GET /user": route([], "read", getUser),
  "GET /app": route([], "read", ({ state, app }) => ({ body: app && appShape(state, app) }), "app"),
  "GET /repos/{owner}/{repo}/installation": route([], "read", getInstallation, "app"),
  "POST /app/installations/{installation_id}/access_tokens": route([], "write", createToken, "app"),
  [`GET ${REPO}`]: route([], "read", ({ state, repository }) => ({ body: fullRepositoryShape(state, repository) })),
  [`GET ${REPO}/pulls`]: route(["pull_requests"], "read", listPulls),
  [`POST ${REPO}/pulls`]: route(["pull_requests"], "write", createPull),
  [`GET ${REPO}/pulls/{pull_number}`]: route(["pull_requests"], "read", (call) => ({ body: onePull(call) })),
  [`PATCH ${REPO}/pulls/{pull_number}`]: route(["pull_requests"], "write", patchPull),
  [`GET ${REPO}/pulls/{pull_number}/files`]: route(["pull_requests"], "read", listFiles),
  [`GET ${REPO}/pulls/{pull_number}/commits`]: route(["pull_requests"], "read", listCommits),
  [`GET ${REPO}/pulls/{pull_number}/reviews`]: route(["pull_requests"], "read", listReviews),
  [`GET ${REPO}/pulls/{pull_number}/reviews/{review_id}`]: route(["pull_requests"], "read", (call) => ({
    body: reviewShape(call.state, call.repository, findReview(call)),
  })),
  [`PUT ${REPO}/pulls/{pull_number}/reviews/{review_id}/dismissals`]: route(["pull_requests"], "write", dismiss),
  [`GET ${REPO}/commits/{commit_sha}/pulls`]: route(["pull_requests", "contents"], "read", listPullsOfCommit),
  [`GET ${REPO}/commits/{ref}/check-runs`]: route(["checks"], "read", listChecks),
  [`POST ${REPO}/check-runs`]: route(["checks"], "write", createCheck),
  [`GET ${REPO}/check-runs/{check_run_id}`]: route(["checks"], "read", (call) => ({
    body: checkShape(call.state, call.repository, findCheck(call)),
  })),
  [`PATCH ${REPO}/check-runs/{check_run_id}`]: route(["checks"], "write", patchCheck),
  [`GET ${REPO}/issues`]: route(["issues", "pull_requests"], "read", listIssues),
  [`POST ${REPO}/issues`]: route(["issues"], "write", createIssue),
  [`GET ${REPO}/issues/{issue_number}`]: route(["issues", "pull_requests"], "read", (call) => ({
    body: issueShape(call.state, call.repository, findIssue(call)),
  })),
  [`PATCH ${REPO}/issues/{issue_number}`]: route(["issues", "pull_requests"], "write", patchIssue),
  [`GET ${REPO}/issues/{issue_number}/comments`]: route(["issues", "pull_requests"], "read", listComments),
  [`POST ${REPO}/issues/{issue_number}/comments`]: route(["issues", "pull_requests"], "write", createComment),
  [`PATCH ${REPO}/issues/comments/{comment_id}`]: route(["issues", "pull_requests"], "write", patchComment),
  ...SETTINGS_ROUTES,
  ...SECRET_ROUTES,
};

function getUser({ state, token }: Call): Answer {
  if (token.app) throw new Refusal(403, "Resource not accessible by integration");
  return { body: privateUserShape(state, token.login) };
}

function getInstallation({ state, repository, app }: Call): Answer {
  const found = state.installations.find((one) => one.app === app && one.repository === fullName(repository));
  if (!found || !app) throw new Refusal(404, "Not Found");
  const url = `${state.url}/app/installations/${found.id}`;
  return {
    body: {
      id: found.id,
      account: userShape(state, repository.owner),
      repository_selection: "selected",
      access_tokens_url: `${url}/access_tokens`,
      repositories_url: `${state.url}/installation/repositories`,
      html_url: `${state.url}/settings/installations/${found.id}`,
      app_id: app.id,
      app_slug: app.slug,
      target_id: 1,
      target_type: "Organization",
      permissions: INSTALLATION,
      events: [],
      created_at: "2020-01-01T00:00:00Z",
      updated_at: "2020-01-01T00:00:00Z",
      single_file_name: null,
      suspended_by: null,
      suspended_at: null,
    },
  };
}

const INSTALLATION: Readonly<Record<string, Access>> = {
  checks: "write",
  contents: "write",
  issues: "write",
  metadata: "read",
  pull_requests: "write",
};

function createToken({ state, params, app, body }: Call): Answer {
  const found = state.installations.find(
    ({ id, app: owner }) => String(id) === params.installation_id && owner === app,
  );
  if (!found || !app) throw new Refusal(404, "Not Found");
  const asked = body.permissions as Record<string, Access> | undefined;
  const token = generateToken(state, {
    name: `app:${app.slug}`,
    login: `${app.slug}[bot]`,
    app,
    permissions: asked ?? INSTALLATION,
    repository: found.repository,
  });
  const expires = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, "");
  return {
    status: 201,
    body: {
      token: token.token,
      expires_at: expires,
      permissions: asked ?? INSTALLATION,
      repository_selection: "selected",
    },
  };
}

export function findPull({ repository, params }: Pick<Call, "repository" | "params">): PullRecord {
  const pull = repository.pulls.get(Number(params.pull_number));
  if (!pull) throw new Refusal(404, "Not Found");
  return pull;
}

const onePull = (call: Call) => fullPullShape(call.state, call.repository, findPull(call));

function listPulls({ state, repository, query }: Call): Answer {
  const [wanted, head, base] = [query.get("state") ?? "open", query.get("head"), query.get("base")];
  const pulls = [...repository.pulls.values()].filter(
    (pull) =>
      (wanted === "all" || pull.state === wanted) &&
      (head === null || `${pull.head.owner}:${pull.head.branch}`.toLowerCase() === head.toLowerCase()) &&
      (base === null || pull.base.branch === base),
  );
  return { list: ordered(pulls, query).map((pull) => pullShape(state, repository, pull)) };
}

/** Newest first unless asked otherwise. */
function ordered<T extends { readonly number: number; readonly updatedAt: string }>(
  items: readonly T[],
  query: URLSearchParams,
): T[] {
  const key = (item: T) => (query.get("sort") === "updated" ? Date.parse(item.updatedAt) : item.number);
  const up = query.get("direction") === "asc";
  return [...items].sort((one, other) => (up ? key(one) - key(other) : key(other) - key(one)));
}

function createPull({ state, repository, body, token }: Call): Answer {
  if (token.app?.slug === "github-actions" && !repository.settings.workflow.can_approve_pull_request_reviews)
    throw new Refusal(403, "GitHub Actions is not permitted to create or approve pull requests.");
  const head = text(body.head) ?? "";
  const [owner, branch] = head.includes(":") ? head.split(":") : [repository.owner, head];
  const from = [...state.repositories.values()].find(
    (one) => one.owner === owner && (one === repository || one.parent === repository),
  );
  if (!from || from !== repository)
    throw new Refusal(422, "Validation Failed", [{ resource: "PullRequest", field: "head", code: "invalid" }]);
  const title = text(body.title);
  if (title === undefined || title === "")
    throw new Refusal(422, "Validation Failed", [{ resource: "Issue", code: "missing_field", field: "title" }]);
  const pull = openPull(state, repository, {
    head: branch ?? "",
    base: text(body.base) ?? "",
    author: token.login,
    title,
    body: text(body.body) ?? null,
    draft: body.draft === true,
    from,
  });
  return { status: 201, body: fullPullShape(state, repository, pull) };
}

function patchPull(call: Call): Answer {
  const pull = findPull(call);
  editPull(call.state, call.repository, pull, call.body, call.token.login);
  return { body: fullPullShape(call.state, call.repository, pull) };
}

/** Where a pull request's own changes begin. */
function startOf(repository: RepositoryRecord, pull: PullRecord): string {
  const base = pull.mergedAt === null ? (repository.bare.tip(pull.base.branch) ?? pull.base.commit) : pull.base.commit;
  return repository.bare.mergeBase(base, pull.head.commit) ?? base;
}

function listFiles(call: Call): Answer {
  const { state, repository } = call;
  const pull = findPull(call);
  const files = repository.bare.files(startOf(repository, pull), pull.head.commit);
  return { list: files.slice(0, 3000).map((file) => fileShape(state, repository, pull.head.commit, file)) };
}

function listCommits(call: Call): Answer {
  const { state, repository } = call;
  const pull = findPull(call);
  const commits = repository.bare.commits(startOf(repository, pull), pull.head.commit);
  // GitHub lists 250 and no more.
  return { list: commits.slice(0, 250).map((facts) => commitShape(state, repository, facts)) };
}

function listReviews(call: Call): Answer {
  const { number } = findPull(call);
  const reviews = call.repository.reviews.filter((review) => review.number === number);
  return { list: reviews.map((review) => reviewShape(call.state, call.repository, review)) };
}

function findReview(call: Call): ReviewRecord {
  const pull = findPull(call);
  const { reviews } = call.repository;
  const review = reviews.find(({ id, number }) => String(id) === call.params.review_id && number === pull.number);
  if (!review) throw new Refusal(404, "Not Found");
  return review;
}

function dismiss(call: Call): Answer {
  const { state, repository, body, token } = call;
  const pull = findPull(call);
  const review = findReview(call);
  dismissReview(state, repository, pull, review, { login: token.login, message: text(body.message) ?? "" });
  return { body: reviewShape(state, repository, review) };
}

function listPullsOfCommit({ state, repository, params }: Call): Answer {
  const commit = params.commit_sha ?? "";
  if (!repository.bare.commit(commit)) throw new Refusal(422, `No commit found for SHA: ${commit}`);
  return { list: pullsOfCommit(repository, commit).map((pull) => pullShape(state, repository, pull)) };
}

function listChecks({ state, repository, params, query }: Call): Answer {
  const [name, status, app] = [query.get("check_name"), query.get("status"), query.get("app_id")];
  const commit = repository.bare.commit(params.ref ?? "")?.commit;
  if (commit === undefined) throw new Refusal(422, `No commit found for SHA: ${params.ref}`);
  const newest = repository.checks
    .filter((check) => check.commit === commit)
    .filter((check) => name === null || check.name === name)
    .filter((check) => status === null || check.status === status)
    .filter((check) => app === null || String(check.app.id) === app)
    .reverse();
  const key = (check: CheckRecord) => `${check.app.id} ${check.name}`;
  const latest = newest.filter((check, index) => newest.findIndex((one) => key(one) === key(check)) === index);
  const shown = query.get("filter") === "all" ? newest : latest;
  return { list: shown.map((check) => checkShape(state, repository, check)), of: "check_runs" };
}

function findCheck({ repository, params }: Call): CheckRecord {
  const check = repository.checks.find(({ id }) => String(id) === params.check_run_id);
  if (!check) throw new Refusal(404, "Not Found");
  return check;
}

interface Output {
  readonly title?: string;
  readonly summary?: string;
  readonly text?: string;
  readonly annotations?: readonly CheckAnnotation[];
}

const CHECK_LIMIT = 65_535;

function outputOf(body: Call["body"]): Output {
  const output = (body.output ?? {}) as Output;
  for (const part of ["summary", "text"] as const)
    if ((output[part]?.length ?? 0) > CHECK_LIMIT)
      throw new Refusal(
        422,
        `Invalid request.\n\nOnly ${CHECK_LIMIT} characters are allowed; ${output[part]?.length} were supplied.`,
      );
  if ((output.annotations?.length ?? 0) > 50)
    throw new Refusal(422, "Invalid request.\n\nNo more than 50 annotations are allowed.");
  return output;
}

function createCheck({ state, repository, body, token }: Call): Answer {
  if (!token.app) throw new Refusal(403, "You must authenticate via a GitHub App.");
  const output = outputOf(body);
  const commit = text(body.head_sha) ?? "";
  if (!repository.bare.commit(commit)) throw new Refusal(422, `No commit found for SHA: ${commit}`);
  const conclusion = text(body.conclusion) ?? null;
  const at = state.now();
  const check: CheckRecord = {
    id: state.newId(),
    name: text(body.name) ?? "",
    commit,
    app: token.app,
    status: conclusion === null ? (text(body.status) ?? "queued") : "completed",
    conclusion,
    startedAt: text(body.started_at) ?? at,
    completedAt: conclusion === null ? null : (text(body.completed_at) ?? at),
    title: output.title ?? null,
    summary: output.summary ?? null,
    text: output.text ?? null,
    annotations: [...(output.annotations ?? [])],
  };
  repository.checks.push(check);
  if (conclusion !== null) tellCheck(state, repository, check, "completed", token.login);
  return { status: 201, body: checkShape(state, repository, check) };
}

function patchCheck(call: Call): Answer {
  const { state, repository, body, token } = call;
  const check = findCheck(call);
  if (check.app !== token.app)
    throw new Refusal(
      403,
      `Invalid app_id \`${token.app?.id}\` - check run can only be modified by the GitHub App that created it.`,
    );
  const output = outputOf(body);
  check.title = output.title ?? check.title;
  check.summary = output.summary ?? check.summary;
  check.text = output.text ?? check.text;
  // Annotations are added to those that are there.
  check.annotations.push(...(output.annotations ?? []));
  const conclusion = text(body.conclusion);
  if (conclusion !== undefined) {
    check.conclusion = conclusion;
    check.status = "completed";
    check.completedAt = text(body.completed_at) ?? state.now();
  }
  return { body: checkShape(state, repository, check) };
}

function findIssue({ repository, params }: Call): IssueRecord | PullRecord {
  const number = Number(params.issue_number);
  const issue = repository.issues.get(number) ?? repository.pulls.get(number);
  if (!issue) throw new Refusal(404, "Not Found");
  return issue;
}

function listIssues({ state, repository, query }: Call): Answer {
  const [wanted, creator] = [query.get("state") ?? "open", query.get("creator")];
  const issues = [...repository.issues.values(), ...repository.pulls.values()].filter(
    (issue) => (wanted === "all" || issue.state === wanted) && (creator === null || issue.author === creator),
  );
  return { list: ordered(issues, query).map((issue) => issueShape(state, repository, issue)) };
}

function createIssue({ state, repository, body, token }: Call): Answer {
  checkLength(body.body);
  const at = state.now();
  const issue: IssueRecord = {
    id: state.newId(),
    number: ++repository.lastNumber,
    title: String(body.title),
    body: text(body.body) ?? null,
    author: token.login,
    state: "open",
    createdAt: at,
    updatedAt: at,
    closedAt: null,
  };
  repository.issues.set(issue.number, issue);
  return { status: 201, body: issueShape(state, repository, issue) };
}

function patchIssue(call: Call): Answer {
  const { state, repository, body, token } = call;
  const issue = findIssue(call);
  if ("head" in issue) editPull(state, repository, issue, body, token.login);
  else {
    checkLength(body.body);
    issue.title = text(body.title) ?? issue.title;
    issue.body = text(body.body) ?? issue.body;
    issue.updatedAt = state.now();
    if (body.state === "open" || body.state === "closed") {
      issue.state = body.state;
      issue.closedAt = body.state === "closed" ? issue.updatedAt : null;
    }
  }
  return { body: issueShape(state, repository, issue) };
}

function listComments(call: Call): Answer {
  const { number } = findIssue(call);
  const comments = call.repository.comments.filter((comment) => comment.number === number);
  return { list: comments.map((comment) => commentShape(call.state, call.repository, comment)) };
}

function createComment(call: Call): Answer {
  const { state, repository, body, token } = call;
  const { number } = findIssue(call);
  checkLength(body.body);
  const at = state.now();
  const comment = {
    id: state.newId(),
    number,
    login: token.login,
    body: String(body.body),
    createdAt: at,
    updatedAt: at,
  };
  repository.comments.push(comment);
  return { status: 201, body: commentShape(state, repository, comment) };
}

function patchComment({ state, repository, params, body, token }: Call): Answer {
  const comment = repository.comments.find(({ id }) => String(id) === params.comment_id);
  if (!comment) throw new Refusal(404, "Not Found");
  checkLength(body.body);
  if (comment.login !== token.login && token.app) throw new Refusal(403, "Resource not accessible by integration");
  comment.body = String(body.body);
  comment.updatedAt = state.now();
  return { body: commentShape(state, repository, comment) };
}
