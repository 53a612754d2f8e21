// The Git host over its HTTP API, by octokit: pull requests, reviews, checks, comments, issues. Retries, rate limits and pages
// are octokit's (`host-connection.ts`); what is asked and what becomes of the answer is here. It refuses to show a token anywhere.
import {
  type CheckRun,
  HostError,
  type HostIdentity,
  type HostReader,
  type HostWriter,
  type NewCheck,
} from "../model/host.ts";
import { annotationsOf, checkOf, commentOf, issueOf, pullCommitOf, pullOf, reviewOf } from "./host-answers.ts";
import { type Connect, type Connection, openConnection } from "./host-connection.ts";

export type HostAuthentication =
  | { readonly kind: "token"; readonly token: string }
  /** A GitHub App; its installation on the repository is looked up unless given. */
  | { readonly kind: "app"; readonly id: string; readonly privateKey: string; readonly installation?: number };

export interface HostOptions {
  /** Base URL of the REST API: `https://api.github.com`, or `https://HOST/api/v3` of an Enterprise server. */
  readonly apiUrl: string;
  /** `owner/name`. */
  readonly repository: string;
  readonly authentication: HostAuthentication;
  readonly userAgent: string;
  /** Told the tokens that an app gets, so that none is shown. */
  readonly keep?: (secret: string) => void;
}

/** Items on a page: the most that GitHub gives. */
const PAGE = { per_page: 100 } as const;
/** GitHub lists no more of a pull request than this, whatever is asked for. */
const MOST_FILES = 3000;
/** Annotations that one request may carry. */
const ANNOTATIONS = 50;

/** Asks only. Nothing is loaded and nobody is asked before the first call. */
export function openHostReader(options: HostOptions): HostReader {
  const connect = openConnection(options);
  const self = once(() => identify(connect));
  return {
    self,
    repository: () =>
      connect("reading the repository", async ({ octokit, place }) => {
        const { data } = await octokit.rest.repos.get(place);
        const { full_name: name, default_branch: defaultBranch, html_url: url } = data;
        return { name, defaultBranch, private: data.private, url };
      }),
    ...readPulls(connect),
    comments: (number) =>
      connect(`reading the comments of #${number}`, async ({ octokit, place }) => {
        const asked = { ...place, ...PAGE, issue_number: number };
        return (await octokit.paginate(octokit.rest.issues.listComments, asked)).map(commentOf);
      }),
    checkRuns: (commit, name) => connect(`reading the checks of ${commit}`, (to) => readChecks(to, commit, name)),
    ownIssues: async (state) => {
      const { login } = await self();
      return connect("reading the issues", async ({ octokit, place }) => {
        const all = await octokit.paginate(octokit.rest.issues.listForRepo, { ...place, ...PAGE, state });
        const issues = all.filter((issue) => issue.pull_request === undefined).map(issueOf);
        return issues.filter(({ author }) => author === login).sort((one, other) => one.number - other.number);
      });
    },
  };
}

type PullReader = Pick<
  HostReader,
  "pull" | "openPulls" | "pullsOfBranch" | "pullFiles" | "pullCommits" | "pullsOfCommit" | "reviews"
>;

function readPulls(connect: Connect): PullReader {
  return {
    pull: (number) =>
      connect(`reading #${number}`, async ({ octokit, place }) => {
        const { data } = await octokit.rest.pulls.get({ ...place, pull_number: number });
        return pullOf(data);
      }),
    openPulls: (filter = {}) => connect("reading the open pull requests", (to) => readPullsWith(to, "open", filter)),
    pullsOfBranch: (branch) =>
      connect(`reading the pull requests of ${branch}`, async (to) =>
        (await readPullsWith(to, "all", { head: branch })).reverse(),
      ),
    pullFiles: (number) => connect(`reading the files of #${number}`, (to) => readFiles(to, number)),
    pullCommits: (number) =>
      connect(`reading the commits of #${number}`, async ({ octokit, place }) => {
        const asked = { ...place, ...PAGE, pull_number: number };
        const commits = await octokit.paginate(octokit.rest.pulls.listCommits, asked);
        return commits.map(pullCommitOf);
      }),
    pullsOfCommit: (commit) =>
      connect(`reading the pull requests of ${commit}`, async ({ octokit, place }) => {
        const asked = { ...place, ...PAGE, commit_sha: commit };
        const found = await octokit.paginate(octokit.rest.repos.listPullRequestsAssociatedWithCommit, asked);
        const pulls = found.map(pullOf);
        return [...pulls.filter(isMerged), ...pulls.filter((pull) => !isMerged(pull))];
      }),
    reviews: (number) =>
      connect(`reading the reviews of #${number}`, async ({ octokit, place }) => {
        const asked = { ...place, ...PAGE, pull_number: number };
        const reviews = (await octokit.paginate(octokit.rest.pulls.listReviews, asked)).map(reviewOf);
        return reviews.sort((one, other) => Date.parse(one.at) - Date.parse(other.at) || one.id - other.id);
      }),
  };
}

const isMerged = ({ mergedAt }: { readonly mergedAt: string | null }) => mergedAt !== null;

function tooMany(number: number, what: string): HostError {
  return new HostError(`#${number} has ${what}, and GitHub lists no more of them`, {
    hint: "Split it into smaller pull requests.",
  });
}

async function readPullsWith(
  { octokit, place }: Connection,
  state: "open" | "all",
  { base, head }: { readonly base?: string; readonly head?: string },
): ReturnType<HostReader["openPulls"]> {
  const found = await octokit.paginate(octokit.rest.pulls.list, {
    ...place,
    ...PAGE,
    state,
    ...(base === undefined ? {} : { base }),
    ...(head === undefined ? {} : { head: `${place.owner}:${head}` }),
  });
  const pulls = found.map(pullOf).filter((pull) => head === undefined || (!pull.fork && pull.head.branch === head));
  return pulls.sort((one, other) => one.number - other.number);
}

async function readFiles({ octokit, place }: Connection, number: number): Promise<string[]> {
  const asked = { ...place, ...PAGE, pull_number: number };
  const files = await octokit.paginate(octokit.rest.pulls.listFiles, asked);
  if (files.length >= MOST_FILES) throw tooMany(number, `${MOST_FILES} files or more`);
  const paths = files.flatMap(({ filename, previous_filename: former }) =>
    former === undefined ? [filename] : [former, filename],
  );
  return [...new Set(paths)];
}

async function readChecks({ octokit, place }: Connection, commit: string, name: string): Promise<CheckRun[]> {
  const found = await octokit.paginate(octokit.rest.checks.listForRef, {
    ...place,
    ...PAGE,
    ref: commit,
    check_name: name,
    filter: "all",
  });
  return found.map(checkOf).sort((one, other) => one.id - other.id);
}

/** An app's token that was handed to us (that of a job in Actions, say) may not ask who it is by REST; GraphQL tells it. */
async function identify(connect: Connect): Promise<HostIdentity> {
  return connect("asking who the token is of", async ({ octokit, appSlug }) => {
    if (appSlug !== undefined) return { login: `${appSlug}[bot]`, app: appSlug };
    try {
      const { data } = await octokit.rest.users.getAuthenticated();
      return { login: data.login, app: undefined };
    } catch (error) {
      if (!isNotForApps(error)) throw error;
      const { viewer } = await octokit.graphql<{ readonly viewer: { readonly login: string } }>(VIEWER);
      return { login: viewer.login, app: viewer.login.replace(/\[bot\]$/, "") };
    }
  });
}

const VIEWER = "query { viewer { login } }";

function isNotForApps(error: unknown): boolean {
  if (!(error instanceof Error) || !("status" in error) || error.status !== 403) return false;
  return /not accessible by integration/i.test(error.message);
}

/** Writes only. A request that may have done its work is never sent again unless doing it twice is doing it once. */
export function openHostWriter(options: HostOptions): HostWriter {
  const connect = openConnection(options);
  return {
    addComment: (number, body) =>
      connect(`commenting on #${number}`, async ({ octokit, place, never }) => {
        const { data } = await octokit.rest.issues.createComment({ ...place, ...never, issue_number: number, body });
        return data.id;
      }),
    editComment: (id, body) =>
      connect("editing a comment", async ({ octokit, place }) => {
        await octokit.rest.issues.updateComment({ ...place, comment_id: id, body });
      }),
    createCheck: (check) => connect(`making the check ${check.name}`, (to) => createCheck(to, check)),
    dismissReview: (number, review, message) =>
      connect(`dismissing a review of #${number}`, (to) => dismissReview(to, number, review, message)),
    openPull: (pull) =>
      connect(`opening a pull request of ${pull.head}`, async ({ octokit, place, never }) => {
        const { data } = await octokit.rest.pulls.create({ ...place, ...never, ...pull });
        return pullOf(data);
      }),
    editPull: (number, edit) =>
      connect(`editing #${number}`, async ({ octokit, place }) => {
        await octokit.rest.pulls.update({ ...place, pull_number: number, ...edit });
      }),
    openIssue: (issue) =>
      connect("opening an issue", async ({ octokit, place, never }) => {
        const { data } = await octokit.rest.issues.create({ ...place, ...never, ...issue });
        return issueOf(data);
      }),
    editIssue: (number, edit) =>
      connect(`editing #${number}`, async ({ octokit, place }) => {
        await octokit.rest.issues.update({ ...place, issue_number: number, ...edit });
      }),
  };
}

/**
 * More annotations than one request can carry are added before the check is completed, so that one which was cut short
 * is never taken for the whole.
 */
async function createCheck({ octokit, place, never }: Connection, check: NewCheck): Promise<number> {
  const annotations = annotationsOf(check.annotations);
  const { title, summary, text, conclusion } = check;
  const outputOf = (from: number) => {
    const some = annotations.slice(from, from + ANNOTATIONS);
    return { title, summary, ...(text === "" ? {} : { text }), ...(some.length === 0 ? {} : { annotations: some }) };
  };
  const closing = (from: number) =>
    from + ANNOTATIONS >= annotations.length
      ? { status: "completed" as const, conclusion }
      : { status: "in_progress" as const };
  const common = { ...place, ...never };
  const { data } = await octokit.rest.checks.create({
    ...common,
    name: check.name,
    head_sha: check.commit,
    output: outputOf(0),
    ...closing(0),
  });
  for (let from = ANNOTATIONS; from < annotations.length; from += ANNOTATIONS)
    await octokit.rest.checks.update({ ...common, check_run_id: data.id, output: outputOf(from), ...closing(from) });
  return data.id;
}

async function dismissReview(
  { octokit, place }: Connection,
  number: number,
  review: number,
  message: string,
): Promise<void> {
  const named = { ...place, pull_number: number, review_id: review };
  try {
    await octokit.rest.pulls.dismissReview({ ...named, message });
  } catch (error) {
    // What is dismissed already cannot be dismissed, and is as it should be.
    if (!(error instanceof Error) || !("status" in error) || error.status !== 422) throw error;
    const { data } = await octokit.rest.pulls.getReview(named);
    if (data.state !== "DISMISSED") throw error;
  }
}

/** The same answer for everybody who asks; asked again after it failed. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask().catch((error) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
}
