// What GitHub's answers mean in Rolebook's own words. An account that is gone is `ghost`, as GitHub shows it; nothing is guessed.
import type { Annotation, CheckRun, Comment, Issue, Pull, PullCommit, Review } from "../model/host.ts";

interface Account {
  readonly login: string;
}

/** The parts of an answer that are looked at: of one pull request and of lists alike. */
interface PullAnswer {
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly user: Account | null;
  readonly state: string;
  readonly draft?: boolean;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
  readonly base: { readonly ref: string; readonly sha: string; readonly repo: { readonly full_name: string } };
  readonly head: { readonly ref: string; readonly sha: string; readonly repo: { readonly full_name: string } | null };
  readonly html_url: string;
}

const GHOST = "ghost";

export function pullOf(answer: PullAnswer): Pull {
  const { base, head, merged_at: mergedAt } = answer;
  const repository = head.repo?.full_name ?? null;
  return {
    number: answer.number,
    title: answer.title,
    body: answer.body ?? "",
    author: answer.user?.login ?? GHOST,
    state: answer.state === "open" ? "open" : "closed",
    draft: answer.draft ?? false,
    mergedAt,
    // Of one that is not merged it is the commit of a trial, which nobody's history ever has.
    mergeCommit: mergedAt === null ? null : answer.merge_commit_sha,
    base: { branch: base.ref, commit: base.sha },
    head: { branch: head.ref, commit: head.sha, repository },
    fork: repository?.toLowerCase() !== base.repo.full_name.toLowerCase(),
    url: answer.html_url,
  };
}

export function pullCommitOf(answer: {
  readonly sha: string;
  readonly author: object | null;
  readonly committer: object | null;
  readonly commit: { readonly author: Signature | null; readonly committer: Signature | null };
}): PullCommit {
  const { sha, author, committer, commit } = answer;
  const signed = [signatureOf(commit.author), signatureOf(commit.committer)] as const;
  return { commit: sha, author: loginIn(author), committer: loginIn(committer), signed };
}

interface Signature {
  readonly name?: string;
  readonly email?: string;
}

function signatureOf(signature: Signature | null): string {
  return `${signature?.name ?? ""} <${signature?.email ?? ""}>`;
}

/** GitHub also answers with an empty object where it knows no account. */
function loginIn(account: object | null): string | null {
  return account !== null && "login" in account && typeof account.login === "string" ? account.login : null;
}

const REVIEWS: Readonly<Record<string, Review["state"]>> = {
  APPROVED: "approved",
  CHANGES_REQUESTED: "changes-requested",
  COMMENTED: "commented",
  DISMISSED: "dismissed",
  PENDING: "pending",
};

export function reviewOf(answer: {
  readonly id: number;
  readonly user: Account | null;
  readonly state: string;
  readonly commit_id: string | null;
  readonly submitted_at?: string;
}): Review {
  return {
    id: answer.id,
    login: answer.user?.login ?? GHOST,
    // A state that is new to us is at least no approval.
    state: REVIEWS[answer.state.toUpperCase()] ?? "commented",
    commit: answer.commit_id,
    at: answer.submitted_at ?? "",
  };
}

export function commentOf(answer: {
  readonly id: number;
  readonly user: Account | null;
  readonly body?: string;
}): Comment {
  return { id: answer.id, login: answer.user?.login ?? GHOST, body: answer.body ?? "" };
}

export function issueOf(answer: {
  readonly number: number;
  readonly title: string;
  readonly body?: string | null;
  readonly state: string;
  readonly user: Account | null;
  readonly html_url: string;
}): Issue {
  return {
    number: answer.number,
    title: answer.title,
    body: answer.body ?? "",
    state: answer.state === "open" ? "open" : "closed",
    author: answer.user?.login ?? GHOST,
    url: answer.html_url,
  };
}

export function checkOf(answer: {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly app: { readonly slug?: string } | null;
  readonly status: string;
  readonly conclusion: string | null;
  readonly completed_at: string | null;
  readonly output: { readonly title: string | null; readonly summary: string | null; readonly text: string | null };
}): CheckRun {
  const { output } = answer;
  const completed = answer.status === "completed";
  return {
    id: answer.id,
    name: answer.name,
    commit: answer.head_sha,
    app: answer.app?.slug ?? null,
    conclusion: completed ? answer.conclusion : null,
    title: output.title ?? "",
    summary: output.summary ?? "",
    text: output.text ?? "",
    completedAt: completed ? answer.completed_at : null,
  };
}

/** Characters of an annotation's title, and bytes of its message, that GitHub takes. */
const TITLE = 255;
const MESSAGE = 60_000;

interface AnnotationRequest {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly start_column?: number;
  readonly end_column?: number;
  readonly annotation_level: Annotation["level"];
  readonly title: string;
  readonly message: string;
}

export function annotationsOf(annotations: readonly Annotation[]): AnnotationRequest[] {
  return annotations.map(({ path, line, column, level, title, message }) => ({
    path,
    start_line: Math.max(line, 1),
    end_line: Math.max(line, 1),
    ...(column >= 1 ? { start_column: column, end_column: column } : {}),
    annotation_level: level,
    title: [...title].slice(0, TITLE).join(""),
    message: Buffer.from(message).subarray(0, MESSAGE).toString("utf8"),
  }));
}
