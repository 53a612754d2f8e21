// The fake GitHub itself: every operation answers as GitHub's description says, Git and the API tell the same story, and whatever
// breaks the description is noticed.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { verify } from "@octokit/webhooks-methods";
import { describe, expect, onTestFinished, test } from "vitest";
import { readContract } from "../support/github/contract.ts";
import { type GitHub, type GitHubOptions, type GitHubRepository, startGitHub } from "../support/github/github.ts";
import { ROUTES } from "../support/github/routes.ts";
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

/** A server that remembers what it is sent. */
async function listener() {
  const got: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      response.writeHead(202).end();
    });
  });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  onTestFinished(() => {
    server.close();
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks` };
}

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

test("webhooks are signed as GitHub signs them, in order, and can be sent again", async () => {
  const { github, access, clone } = await stage();
  const { got, url } = await listener();
  github.deliverTo({ url, secret: "hush" });
  const number = access.openPull({ head: "more", author: "ana" });
  commitFiles(clone, { "c.txt": "three\n" });
  git(clone, "push", "-q", "origin", "more");
  const review = access.review({ number, login: "bo" });
  access.dismiss(review, "acme-owner", "why");
  access.editPull(number, { title: "Other" });
  access.closePull(number);
  access.reopenPull(number);
  await github.delivered();
  expect(got.map(({ headers, body }) => [headers["x-github-event"], JSON.parse(body).action].join(" ").trim())).toEqual(
    [
      "push",
      "push",
      "pull_request opened",
      "pull_request synchronize",
      "push",
      "pull_request_review submitted",
      "pull_request_review dismissed",
      "pull_request edited",
      "pull_request closed",
      "pull_request reopened",
    ],
  );
  for (const { headers, body } of got)
    expect(await verify("hush", body, String(headers["x-hub-signature-256"]))).toBe(true);
  expect(await verify("other", got[0]?.body ?? "", String(got[0]?.headers["x-hub-signature-256"]))).toBe(false);
  const [first] = github.deliveries();
  if (first) expect(await github.redeliver(first)).toBe(202);
  expect(got.at(-1)?.headers["x-github-delivery"]).toBe(got[0]?.headers["x-github-delivery"]);
});

test("a push is told without anybody asking", async () => {
  const { github, clone } = await stage();
  await github.delivered();
  const { got, url } = await listener();
  github.deliverTo({ url, secret: "hush" });
  commitFiles(clone, { "c.txt": "three\n" });
  git(clone, "push", "-q", "origin", "more");
  await expect.poll(() => got.length, { timeout: 60_000 }).toBe(1);
});

test("a fork has its pull request's commits in the repository, and nobody pushes to refs of pull requests", async () => {
  const { access, clone, ask } = await stage();
  const fork = access.fork("mallory");
  git(clone, "push", "-q", fork.bare, "more:refs/heads/theirs");
  const number = access.openPull({ head: "theirs", author: "mallory", from: fork });
  const ref = `refs/pull/${number}/head`;
  expect(access.git("rev-parse", ref).trim()).toBe(git(clone, "rev-parse", "more"));
  commitFiles(clone, { "d.txt": "more\n" });
  git(clone, "push", "-q", fork.bare, "more:refs/heads/theirs");
  expect(access.git("rev-parse", ref).trim()).toBe(git(clone, "rev-parse", "more"));
  expect((await ask("GET", `${R}/pulls/${number}`)).body).toMatchObject({
    head: { label: "mallory:theirs", repo: { full_name: "mallory/access", fork: true } },
    base: { repo: { full_name: "acme/access" } },
  });
  expect(() => git(clone, "push", "-q", access.bare, `main:${ref}`)).toThrow(/deny|hidden|prohibited|refus/);
  git(clone, "push", "-q", fork.bare, ":refs/heads/theirs");
  expect(access.pull(number).state).toBe("closed");
  expect((await ask("PATCH", `${R}/pulls/${number}`, { state: "open" })).status).toBe(422);
});

test("a pull request that is closed keeps the head it had, and another one may have its branch", async () => {
  const { access, clone } = await stage();
  const first = access.openPull({ head: "more", author: "ana" });
  const before = access.pull(first).head.commit;
  access.closePull(first);
  const second = access.openPull({ head: "more", author: "ana" });
  commitFiles(clone, { "d.txt": "more\n" });
  git(clone, "push", "-q", "origin", "more");
  const heads = [first, second].map((number) => access.git("rev-parse", `refs/pull/${number}/head`).trim());
  expect(heads).toEqual([before, git(clone, "rev-parse", "HEAD")]);
  expect([first, second].map((number) => access.pull(number).head.commit)).toEqual(heads);
  access.closePull(second);
  access.reopenPull(first);
  expect(access.git("rev-parse", `refs/pull/${first}/head`).trim()).toBe(git(clone, "rev-parse", "HEAD"));
});

test("a pull request whose commits are pushed to its base is merged", async () => {
  const { access, clone } = await stage();
  const number = access.openPull({ head: "more", author: "ana" });
  git(clone, "push", "-q", "origin", "more:main");
  expect(access.pull(number)).toMatchObject({ state: "closed", mergeCommit: git(clone, "rev-parse", "more") });
});

test("tokens do what they may and no more", async () => {
  const { github, access, ask } = await stage();
  const number = access.openPull({ head: "more", author: "ana" });
  const { read, person } = access.tokens;
  const status = async (...asked: Parameters<typeof ask>) => (await ask(...asked)).status;
  expect([
    await status("GET", `${R}/pulls/${number}`, undefined, read),
    await status("POST", `${R}/issues/${number}/comments`, { body: "x" }, read),
    await status("GET", "/user", undefined, read),
    await status("GET", "/user", undefined, person),
    await status("GET", `${R}/branches/main/protection`, undefined, read),
    await status("GET", `${R}/branches/main/protection`, undefined, person),
    await status("GET", R, undefined, "wrong"),
    await status("GET", "/repos/acme/nothing"),
  ]).toEqual([200, 403, 403, 200, 403, 404, 401, 404]);
  expect(github.requests({ token: "read", writes: true }).map((request) => request.status)).toEqual([403]);
  github.revoke(read);
  expect(await status("GET", R, undefined, read)).toBe(401);
});

test("what doctor reads is as the test set it, and as GitHub would say it", async () => {
  const { access, ask } = await stage();
  const { settings, tokens } = access;
  settings.collaborators.ana = "write";
  settings.secrets.push("ACME_CLIENT_SECRET");
  settings.environmentSecrets.apply = ["ACME_CLIENT_ID"];
  settings.protection.main = { enforce_admins: { url: "https://x.example", enabled: true } };
  settings.rules.main = [
    { type: "deletion", ruleset_source_type: "Repository", ruleset_source: "acme/access", ruleset_id: 7 },
  ];
  settings.rulesets.push({
    id: 7,
    name: "main",
    enforcement: "active",
    source: "acme/access",
    source_type: "Repository",
  });
  settings.environments.push({
    id: 1,
    node_id: "E",
    name: "apply",
    url: "https://x.example",
    html_url: "https://x.example",
    created_at: "2020-01-01T00:00:00Z",
    updated_at: "2020-01-01T00:00:00Z",
    protection_rules: [{ id: 2, node_id: "P", type: "branch_policy" }],
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  });
  settings.branchPolicies.apply = [{ id: 3, node_id: "B", name: "main", type: "branch" }];
  settings.codeownersErrors.push({
    line: 1,
    column: 1,
    kind: "Unknown owner",
    source: "* @x",
    message: "m",
    path: "CODEOWNERS",
  });
  const asked = [
    "branches/main",
    "branches/main/protection",
    "rules/branches/main",
    "rulesets",
    "rulesets/7",
    "environments",
    "environments/apply",
    "environments/apply/deployment-branch-policies",
    "environments/apply/secrets",
    "actions/permissions",
    "actions/permissions/workflow",
    "actions/permissions/selected-actions",
    "actions/secrets",
    "actions/organization-secrets",
    "collaborators",
    "collaborators/ana/permission",
    "collaborators/web-flow/permission",
    "codeowners/errors",
    "contents/a.txt",
  ];
  for (const path of asked) {
    const { status, body } = await ask("GET", `${R}/${path}`, undefined, tokens.person);
    expect([path, status, JSON.stringify(body).slice(0, status === 200 ? 0 : 500)]).toEqual([path, 200, ""]);
  }
});

describe("whatever breaks GitHub's description", () => {
  const broken = async (run: (stage: Stage) => unknown): Promise<string[]> => {
    const on = await stage();
    await run(on);
    const violations = [...on.github.violations()];
    on.github.forgiveViolations();
    return violations;
  };

  test.each<[string, string, string, unknown, RegExp]>([
    ["a path that is not there", "GET", `${R}/nothing`, undefined, /does not serve/],
    ["a method that is not there", "DELETE", `${R}/issues/1/comments`, undefined, /does not serve/],
    ["an unknown query parameter", "GET", `${R}/pulls?colour=red`, undefined, /unknown query parameter colour/],
    ["a query parameter of another type", "GET", `${R}/pulls?per_page=many`, undefined, /must be integer/],
    ["a value that is none of those", "GET", `${R}/pulls?state=sleeping`, undefined, /allowed values/],
    ["a body without what it needs", "POST", `${R}/issues/1/comments`, {}, /required property 'body'/],
    [
      "a body with an unknown key",
      "POST",
      `${R}/issues/1/comments`,
      { body: "x", colour: "red" },
      /unknown key colour/,
    ],
    ["a body that is missing", "POST", `${R}/check-runs`, undefined, /is missing/],
    [
      "a conclusion that is none",
      "POST",
      `${R}/check-runs`,
      { name: "x", head_sha: "y", conclusion: "fine" },
      /allowed values/,
    ],
  ])("in a request: %s", async (_, method, path, body, said) => {
    const violations = await broken(async ({ ask }) =>
      expect((await ask(method, path, body)).status).toBeGreaterThan(403),
    );
    expect(violations.join("\n")).toMatch(said);
  });

  test("in an answer: a key that is missing, a type that is wrong, a null that may not be", async () => {
    for (const [spoilt, said] of [
      [{ number: undefined }, /required property 'number'/],
      [{ title: 7 }, /title must be string/],
      [{ user: null }, /user must be object/],
    ] as const) {
      const violations = await broken(async ({ github, access, ask }) => {
        const number = access.openPull({ head: "more", author: "ana" });
        github.spoil((_, body) => ({ ...(body as object), ...spoilt }));
        expect((await ask("GET", `${R}/pulls/${number}`)).status).toBe(500);
      });
      expect(violations.join("\n")).toMatch(said);
    }
  });

  test("fails whoever closes the fake", async () => {
    const github = await startGitHub();
    await fetch(`${github.url}/nothing`);
    await expect(github.close()).rejects.toThrow(/GitHub's description was broken:\nGET \/nothing/);
  });
});

test("everything that is kept of the description is served, and nothing besides", async () => {
  const { operations } = await readContract();
  expect(Object.keys(ROUTES).filter((operation) => !operations.includes(operation))).toEqual([]);
  const served = new Set(Object.keys(ROUTES).map((operation) => operation.split(" ")[1]));
  expect(operations.filter((operation) => !served.has(operation.split(" ")[1]))).toEqual([]);
});

test("pages have links, and what has not changed is not sent again", async () => {
  const { access, ask, github } = await stage({ pageSize: 1 });
  for (const title of ["1", "2", "3"]) access.openIssue({ login: "bo", title });
  const second = await ask("GET", `${R}/issues?per_page=100&page=2`);
  expect(second.body).toMatchObject([{ title: "2" }]);
  const links = String(second.headers.get("link"))
    .split(", ")
    .map((link) => link.replace(/.*[?&]page=(\d+)>; rel=/, "$1 "));
  expect(links).toEqual(['1 "prev"', '1 "first"', '3 "next"', '3 "last"']);
  const headers = { authorization: `Bearer ${access.tokens.read}`, "if-none-match": second.headers.get("etag") ?? "" };
  const again = await fetch(`${github.url}${R}/issues?per_page=100&page=2`, { headers });
  expect([again.status, await again.text()]).toEqual([304, ""]);
});
