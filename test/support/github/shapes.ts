// What GitHub answers with, made from what the fake remembers and from Git. Pure but for reading Git; every answer is held against
// GitHub's description before it leaves.
import type { CommitFacts, FileFacts } from "./bare.ts";
import {
  type Account,
  type AppRecord,
  type CheckRecord,
  type CommentRecord,
  fullName,
  type IssueRecord,
  type PullRecord,
  type RepositoryRecord,
  type ReviewRecord,
  type State,
} from "./records.ts";

type Shape = Record<string, unknown>;

/** The page in the browser of something the API has: one host, as of an Enterprise server. */
const pageOf = (state: State) => state.url.replace(/\/api\/v3$/, "");
const nodeOf = (kind: string, id: number) => Buffer.from(`${kind}${id}`).toString("base64url");

export function accountOf(state: State, login: string): Account {
  const account = state.accounts.get(login.toLowerCase());
  if (!account) throw new Error(`nobody has the login ${login}`);
  return account;
}

export function userShape(state: State, login: string): Shape {
  const { id, login: name, type } = accountOf(state, login);
  const url = `${state.url}/users/${encodeURIComponent(name)}`;
  const page = `${pageOf(state)}/${type === "Bot" ? `apps/${name.replace("[bot]", "")}` : name}`;
  return {
    login: name,
    id,
    node_id: nodeOf("U", id),
    avatar_url: `${pageOf(state)}/avatars/u/${id}?v=4`,
    gravatar_id: "",
    url,
    html_url: page,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    site_admin: false,
    user_view_type: "public",
  };
}

/** What `GET /user` says of a person. */
export function privateUserShape(state: State, login: string): Shape {
  const { name } = accountOf(state, login);
  const counts = ["public_repos", "public_gists", "followers", "following", "private_gists", "total_private_repos"];
  const more = ["owned_private_repos", "disk_usage", "collaborators"];
  return {
    ...userShape(state, login),
    ...Object.fromEntries([...counts, ...more].map((key) => [key, 0])),
    name,
    company: null,
    blog: "",
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    notification_email: null,
    created_at: "2020-01-01T00:00:00Z",
    updated_at: "2020-01-01T00:00:00Z",
    two_factor_authentication: true,
    plan: { name: "free", space: 1, private_repos: 1, collaborators: 0 },
  };
}

export function repositoryUrl(state: State, repository: RepositoryRecord): string {
  return `${state.url}/repos/${fullName(repository)}`;
}

const URLS: Readonly<Record<string, string>> = {
  archive_url: "/{archive_format}{/ref}",
  assignees_url: "/assignees{/user}",
  blobs_url: "/git/blobs{/sha}",
  branches_url: "/branches{/branch}",
  collaborators_url: "/collaborators{/collaborator}",
  comments_url: "/comments{/number}",
  commits_url: "/commits{/sha}",
  compare_url: "/compare/{base}...{head}",
  contents_url: "/contents/{+path}",
  contributors_url: "/contributors",
  deployments_url: "/deployments",
  downloads_url: "/downloads",
  events_url: "/events",
  forks_url: "/forks",
  git_commits_url: "/git/commits{/sha}",
  git_refs_url: "/git/refs{/sha}",
  git_tags_url: "/git/tags{/sha}",
  hooks_url: "/hooks",
  issue_comment_url: "/issues/comments{/number}",
  issue_events_url: "/issues/events{/number}",
  issues_url: "/issues{/number}",
  keys_url: "/keys{/key_id}",
  labels_url: "/labels{/name}",
  languages_url: "/languages",
  merges_url: "/merges",
  milestones_url: "/milestones{/number}",
  notifications_url: "/notifications{?since,all,participating}",
  pulls_url: "/pulls{/number}",
  releases_url: "/releases{/id}",
  stargazers_url: "/stargazers",
  statuses_url: "/statuses/{sha}",
  subscribers_url: "/subscribers",
  subscription_url: "/subscription",
  tags_url: "/tags",
  teams_url: "/teams",
  trees_url: "/git/trees{/sha}",
};

export function repositoryShape(state: State, repository: RepositoryRecord): Shape {
  const url = repositoryUrl(state, repository);
  const page = `${pageOf(state)}/${fullName(repository)}`;
  const counts = [
    "forks_count",
    "stargazers_count",
    "watchers_count",
    "size",
    "open_issues_count",
    "forks",
    "watchers",
  ];
  return {
    id: repository.id,
    node_id: nodeOf("R", repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.private,
    owner: userShape(state, repository.owner),
    html_url: page,
    description: null,
    fork: repository.parent !== undefined,
    url,
    ...Object.fromEntries(Object.entries(URLS).map(([key, path]) => [key, url + path])),
    ...Object.fromEntries(counts.map((key) => [key, 0])),
    open_issues: 0,
    git_url: `git://${new URL(page).host}/${fullName(repository)}.git`,
    ssh_url: `git@${new URL(page).hostname}:${fullName(repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: true,
    has_discussions: false,
    archived: false,
    disabled: false,
    is_template: false,
    allow_forking: true,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? "private" : "public",
    default_branch: repository.defaultBranch,
    created_at: repository.createdAt,
    updated_at: repository.createdAt,
    pushed_at: repository.createdAt,
  };
}

export function fullRepositoryShape(state: State, repository: RepositoryRecord): Shape {
  const parent = repository.parent && repositoryShape(state, repository.parent);
  return {
    ...repositoryShape(state, repository),
    subscribers_count: 0,
    network_count: 0,
    ...(parent ? { parent, source: parent } : {}),
  };
}

function association(repository: RepositoryRecord, login: string): string {
  if (repository.owner.toLowerCase() === login.toLowerCase()) return "OWNER";
  return login in repository.settings.collaborators ? "COLLABORATOR" : "NONE";
}

/** As lists of pull requests have it. */
export function pullShape(state: State, repository: RepositoryRecord, pull: PullRecord): Shape {
  const url = `${repositoryUrl(state, repository)}/pulls/${pull.number}`;
  const issue = `${repositoryUrl(state, repository)}/issues/${pull.number}`;
  const page = `${pageOf(state)}/${fullName(repository)}/pull/${pull.number}`;
  const statuses = `${repositoryUrl(state, repository)}/statuses/${pull.head.commit}`;
  const { head, base } = pull;
  return {
    id: pull.id,
    node_id: nodeOf("PR", pull.id),
    number: pull.number,
    url,
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repositoryUrl(state, repository)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: statuses,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: userShape(state, pull.author),
    body: pull.body,
    labels: [],
    milestone: null,
    active_lock_reason: null,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt,
    // Of an open one, the commit of a trial merge, which nobody's history ever has.
    merge_commit_sha: pull.mergeCommit ?? (pull.state === "open" ? trialMerge(pull) : null),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: {
      label: `${head.owner}:${head.branch}`,
      ref: head.branch,
      sha: head.commit,
      user: userShape(state, head.owner),
      repo: head.repository && repositoryShape(state, head.repository),
    },
    base: {
      label: `${repository.owner}:${base.branch}`,
      ref: base.branch,
      sha: base.commit,
      user: userShape(state, repository.owner),
      repo: repositoryShape(state, repository),
    },
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issue },
      comments: { href: `${issue}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${repositoryUrl(state, repository)}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
    author_association: association(repository, pull.author),
    auto_merge: null,
    draft: pull.draft,
  };
}

function trialMerge({ head, base }: PullRecord): string {
  return [...head.commit]
    .map((digit, index) =>
      ((Number.parseInt(digit, 16) + Number.parseInt(base.commit.charAt(index), 16)) % 16).toString(16),
    )
    .join("");
}

/** As one pull request is answered. */
export function fullPullShape(state: State, repository: RepositoryRecord, pull: PullRecord): Shape {
  return {
    ...pullShape(state, repository, pull),
    merged: pull.mergedAt !== null,
    mergeable: pull.state === "open" ? true : null,
    rebaseable: pull.state === "open" ? true : null,
    mergeable_state: pull.state === "open" ? "clean" : "unknown",
    merged_by: pull.mergedBy && userShape(state, pull.mergedBy),
    comments: repository.comments.filter(({ number }) => number === pull.number).length,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: 1,
    additions: 1,
    deletions: 1,
    changed_files: 1,
  };
}

export function fileShape(state: State, repository: RepositoryRecord, commit: string, file: FileFacts): Shape {
  const page = `${pageOf(state)}/${fullName(repository)}`;
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  return {
    sha: "0".repeat(40),
    filename: file.path,
    status: file.status,
    additions: 1,
    deletions: 0,
    changes: 1,
    blob_url: `${page}/blob/${commit}/${path}`,
    raw_url: `${page}/raw/${commit}/${path}`,
    contents_url: `${repositoryUrl(state, repository)}/contents/${path}?ref=${commit}`,
    ...(file.former === undefined ? {} : { previous_filename: file.former }),
  };
}

/** The account a commit's address belongs to; null when GitHub knows none. */
export function loginOf(state: State, email: string): string | null {
  const folded = email.toLowerCase();
  return [...state.accounts.values()].find((account) => account.email.toLowerCase() === folded)?.login ?? null;
}

export function commitShape(state: State, repository: RepositoryRecord, facts: CommitFacts): Shape {
  const url = repositoryUrl(state, repository);
  const page = `${pageOf(state)}/${fullName(repository)}/commit/${facts.commit}`;
  const [author, committer] = [loginOf(state, facts.author.email), loginOf(state, facts.committer.email)];
  return {
    sha: facts.commit,
    node_id: nodeOf("C", repository.id),
    url: `${url}/commits/${facts.commit}`,
    html_url: page,
    comments_url: `${url}/commits/${facts.commit}/comments`,
    commit: {
      url: `${url}/git/commits/${facts.commit}`,
      author: facts.author,
      committer: facts.committer,
      message: facts.message,
      tree: { sha: facts.tree, url: `${url}/git/trees/${facts.tree}` },
      comment_count: 0,
      verification: { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null },
    },
    author: author && userShape(state, author),
    committer: committer && userShape(state, committer),
    parents: facts.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${page.slice(0, -40)}${sha}`,
    })),
  };
}

export function reviewShape(state: State, repository: RepositoryRecord, review: ReviewRecord): Shape {
  const page = `${pageOf(state)}/${fullName(repository)}/pull/${review.number}#pullrequestreview-${review.id}`;
  const url = `${repositoryUrl(state, repository)}/pulls/${review.number}`;
  return {
    id: review.id,
    node_id: nodeOf("PRR", review.id),
    user: userShape(state, review.login),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: url,
    author_association: association(repository, review.login),
    _links: { html: { href: page }, pull_request: { href: url } },
    submitted_at: review.submittedAt,
    commit_id: review.commit,
  };
}

export function commentShape(state: State, repository: RepositoryRecord, comment: CommentRecord): Shape {
  const url = repositoryUrl(state, repository);
  const kind = repository.pulls.has(comment.number) ? "pull" : "issues";
  return {
    id: comment.id,
    node_id: nodeOf("IC", comment.id),
    url: `${url}/issues/comments/${comment.id}`,
    html_url: `${pageOf(state)}/${fullName(repository)}/${kind}/${comment.number}#issuecomment-${comment.id}`,
    issue_url: `${url}/issues/${comment.number}`,
    user: userShape(state, comment.login),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: association(repository, comment.login),
    performed_via_github_app: null,
  };
}

/** An issue, or a pull request as lists of issues have it. */
export function issueShape(state: State, repository: RepositoryRecord, issue: IssueRecord | PullRecord): Shape {
  const isPull = "head" in issue;
  const url = `${repositoryUrl(state, repository)}/issues/${issue.number}`;
  const page = `${pageOf(state)}/${fullName(repository)}/${isPull ? "pull" : "issues"}/${issue.number}`;
  const pull = `${repositoryUrl(state, repository)}/pulls/${issue.number}`;
  return {
    id: issue.id,
    node_id: nodeOf("I", issue.id),
    number: issue.number,
    url,
    repository_url: repositoryUrl(state, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    title: issue.title,
    body: issue.body,
    user: userShape(state, issue.author),
    labels: [],
    state: issue.state,
    state_reason: issue.state === "closed" ? "completed" : null,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: repository.comments.filter(({ number }) => number === issue.number).length,
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.closedAt,
    author_association: association(repository, issue.author),
    active_lock_reason: null,
    ...(isPull
      ? {
          draft: issue.draft,
          pull_request: {
            url: pull,
            html_url: page,
            diff_url: `${page}.diff`,
            patch_url: `${page}.patch`,
            merged_at: issue.mergedAt,
          },
        }
      : { closed_by: null }),
  };
}

export function appShape(state: State, app: AppRecord): Shape {
  const owner = { ...userShape(state, "acme-owner") };
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeOf("A", app.id),
    client_id: `Iv1.${app.id}`,
    owner,
    name: app.slug,
    description: "",
    external_url: `${pageOf(state)}/apps/${app.slug}`,
    html_url: `${pageOf(state)}/apps/${app.slug}`,
    created_at: "2020-01-01T00:00:00Z",
    updated_at: "2020-01-01T00:00:00Z",
    permissions: { checks: "write", contents: "write", issues: "write", metadata: "read", pull_requests: "write" },
    events: ["check_run", "pull_request", "pull_request_review", "push"],
  };
}

export function checkShape(state: State, repository: RepositoryRecord, check: CheckRecord): Shape {
  const url = `${repositoryUrl(state, repository)}/check-runs/${check.id}`;
  const page = `${pageOf(state)}/${fullName(repository)}/runs/${check.id}`;
  const pulls = [...repository.pulls.values()].filter(
    ({ state: open, head }) => open === "open" && head.commit === check.commit,
  );
  const small = (target: RepositoryRecord) => ({ id: target.id, url: repositoryUrl(state, target), name: target.name });
  return {
    id: check.id,
    node_id: nodeOf("CR", check.id),
    head_sha: check.commit,
    external_id: "",
    url,
    html_url: page,
    details_url: page,
    status: check.status,
    conclusion: check.conclusion,
    started_at: check.startedAt,
    completed_at: check.completedAt,
    name: check.name,
    output: {
      title: check.title,
      summary: check.summary,
      text: check.text,
      annotations_count: check.annotations.length,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: check.app.id * 1000 + 1 },
    app: appShape(state, check.app),
    pull_requests: pulls.flatMap(({ id, number, head, base }) =>
      head.repository === repository
        ? [
            {
              id,
              number,
              url: `${repositoryUrl(state, repository)}/pulls/${number}`,
              head: { ref: head.branch, sha: head.commit, repo: small(repository) },
              base: { ref: base.branch, sha: base.commit, repo: small(repository) },
            },
          ]
        : [],
    ),
  };
}
