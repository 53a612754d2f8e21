// The fake GitHub itself: every operation answers as GitHub's description says, Git and the API tell the same story, and whatever
// breaks the description is noticed.
import { expect, onTestFinished, test } from "vitest";
import { type GitHub, type GitHubOptions, type GitHubRepository, startGitHub } from "../support/github/github.ts";
import { commitFiles, git, initRepository } from "./scratch.ts";

interface Stage {
  readonly github: GitHub;
  readonly access: GitHubRepository;
  readonly clone: string;
  readonly ask: (method: string, path: string, body?: unknown, token?: string) => Promise<Asked>;
}

interface Asked {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the answer holds
  readonly body: any;
  readonly headers: Headers;
}

/** A repository with one commit on main and a branch `more` with one of Bo's. */
async function stage(options: GitHubOptions = {}): Promise<Stage> {
  const github = await startGitHub(options);
  onTestFinished(() => github.close());
  github.addPerson({ login: "ana", email: "ana@acme.example" });
  const access = github.createRepository("acme/access");
  const clone = initRepository({ "a.txt": "one\n" });
  git(clone, "remote", "add", "origin", access.bare);
  git(clone, "push", "-q", "origin", "main");
  git(clone, "checkout", "-q", "-b", "more");
  commitFiles(clone, { "b.txt": "two\n" }, "more");
  git(clone, "push", "-q", "origin", "more");
  const ask = async (method: string, path: string, body?: unknown, token = access.tokens.write) => {
    const answer = await fetch(`${github.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text), headers: answer.headers };
  };
  return { github, access, clone, ask };
}

const R = "/repos/acme/access";

test("a pull request from its opening to its merge, in Git and over the API", async () => {
  const { github, access, clone, ask } = await stage();
  const number = access.openPull({ head: "more", author: "ana", title: "More" });
  const head = git(clone, "rev-parse", "more");
  expect(access.git("rev-parse", `refs/pull/${number}/head`).trim()).toBe(head);
  const one = await ask("GET", `${R}/pulls/${number}`);
  expect(one.status, JSON.stringify(one.body)).toBe(200);
  expect(one.body).toMatchObject({
    state: "open",
    head: { sha: head, ref: "more" },
    user: { login: "ana" },
    merged: false,
  });
  expect(
    (await ask("GET", `${R}/pulls/${number}/files`)).body.map((file: { filename: string }) => file.filename),
  ).toEqual(["b.txt"]);
  const commits = await ask("GET", `${R}/pulls/${number}/commits`);
  expect(commits.body).toMatchObject([{ sha: head, author: { login: "ana" }, committer: { login: "ana" } }]);
  commitFiles(clone, { "c.txt": "three\n" }, "and more");
  git(clone, "push", "-q", "origin", "more");
  const after = git(clone, "rev-parse", "more");
  expect(access.git("rev-parse", `refs/pull/${number}/head`).trim()).toBe(after);
  expect((await ask("GET", `${R}/pulls/${number}`)).body.head.sha).toBe(after);
  access.review({ number, login: "bo" });
  expect((await ask("GET", `${R}/pulls/${number}/reviews`)).body).toMatchObject([
    { state: "APPROVED", commit_id: after, user: { login: "bo" } },
  ]);
  const merged = access.merge({ number, login: "bo" });
  git(clone, "fetch", "-q", "origin");
  expect(git(clone, "rev-parse", "origin/main")).toBe(merged);
  expect(git(clone, "rev-parse", `${merged}^2`)).toBe(after);
  expect((await ask("GET", `${R}/pulls/${number}`)).body).toMatchObject({
    state: "closed",
    merged: true,
    merge_commit_sha: merged,
  });
  expect((await ask("GET", `${R}/commits/${merged}/pulls`)).body).toMatchObject([{ number }]);
  const events = github.deliveries().map(({ event, action }) => (action === undefined ? event : `${event} ${action}`));
  expect(events).toEqual([
    "push",
    "push",
    "pull_request opened",
    "pull_request synchronize",
    "push",
    "pull_request_review submitted",
    "pull_request closed",
    "push",
  ]);
});

test("checks, comments and issues", async () => {
  const { access, ask } = await stage();
  const number = access.openPull({ head: "more", author: "ana" });
  const commit = access.pull(number).head.commit;
  const made = await ask("POST", `${R}/check-runs`, {
    name: "rolebook",
    head_sha: commit,
    conclusion: "success",
    output: { title: "t", summary: "s", text: "x" },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  expect(
    (await ask("PATCH", `${R}/check-runs/${made.body.id}`, { output: { title: "t", summary: "s2" } })).status,
  ).toBe(200);
  const listed = await ask("GET", `${R}/commits/${commit}/check-runs?check_name=rolebook&filter=all`);
  expect(listed.body).toMatchObject({
    total_count: 1,
    check_runs: [{ app: { slug: "github-actions" }, output: { text: "x" }, pull_requests: [{ number }] }],
  });
  const comment = await ask("POST", `${R}/issues/${number}/comments`, { body: "hello" });
  expect(comment.body).toMatchObject({ body: "hello", user: { login: "github-actions[bot]" } });
  expect((await ask("PATCH", `${R}/issues/comments/${comment.body.id}`, { body: "hello again" })).status).toBe(200);
  expect((await ask("GET", `${R}/issues/${number}/comments`)).body).toMatchObject([{ body: "hello again" }]);
  const issue = await ask("POST", `${R}/issues`, { title: "Held", body: "why" });
  expect(issue.status).toBe(201);
  expect((await ask("PATCH", `${R}/issues/${issue.body.number}`, { state: "closed" })).body.state).toBe("closed");
  expect((await ask("GET", `${R}/issues?state=all`)).body).toHaveLength(2);
  access.rerequest(made.body.id);
});
