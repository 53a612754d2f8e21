// The contract of HostReader and HostWriter over the fake GitHub: each function, whole lists, faults that are waited out and writes
// that are never repeated, and errors that say what to do and no secret.
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import nock from "nock";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type HostOptions, openHostReader, openHostWriter } from "../../src/git/host.ts";
import { HostError, type NewCheck } from "../../src/model/host.ts";
import { type GitHub, type GitHubOptions, type GitHubRepository, startGitHub } from "../support/github/github.ts";
import { commitFiles, git, initRepository } from "./scratch.ts";

interface Stage {
  readonly github: GitHub;
  readonly access: GitHubRepository;
  readonly clone: string;
  readonly branch: (name: string, files: Readonly<Record<string, string>>) => string;
  readonly options: (token?: string) => HostOptions;
}

async function stage(more: GitHubOptions = {}): Promise<Stage> {
  const github = await startGitHub(more);
  onTestFinished(() => github.close());
  return furnish(github);
}

function furnish(github: GitHub): Stage {
  for (const login of ["ana", "bo"]) github.addPerson({ login, email: `${login}@acme.example` });
  const access = github.createRepository("acme/access");
  const clone = initRepository({ "a.txt": "one\n", "b.txt": "same\n".repeat(9) });
  git(clone, "remote", "add", "origin", access.bare);
  git(clone, "push", "-q", "origin", "main");
  const branch = (name: string, files: Readonly<Record<string, string>>) => {
    git(clone, "checkout", "-q", "-B", name, "main");
    commitFiles(clone, files, name);
    git(clone, "push", "-q", "-f", "origin", name);
    return git(clone, "rev-parse", "HEAD");
  };
  const options = (token = access.tokens.write): HostOptions => ({
    apiUrl: github.url,
    repository: "acme/access",
    authentication: { kind: "token", token },
    userAgent: "rolebook/test",
  });
  return { github, access, clone, branch, options };
}

const CHECK: Omit<NewCheck, "commit"> = {
  name: "rolebook",
  conclusion: "action_required",
  title: "2 people gain",
  summary: "*two*",
  text: "details",
  annotations: [],
};

async function failure(promise: Promise<unknown>): Promise<HostError> {
  const error = await promise.then(
    () => new Error("it did not fail"),
    (reason) => reason,
  );
  if (!(error instanceof HostError)) throw error;
  return error;
}

describe("a reader", () => {
  test("says who we are: a job of Actions, a person, somebody's app", async () => {
    const { github, access, options } = await stage();
    expect(await openHostReader(options()).self()).toEqual({ login: "github-actions[bot]", app: "github-actions" });
    const person = openHostReader(options(access.tokens.person));
    expect([await person.self(), await person.self()]).toEqual(Array(2).fill({ login: "acme-owner", app: undefined }));
    expect(github.requests({ token: "person" })).toHaveLength(1);
    github.createApp("their-app", "acme/access");
    const token = github.token({ name: "handed", app: "their-app", permissions: { contents: "read" } });
    expect(await openHostReader(options(token)).self()).toEqual({ login: "their-app[bot]", app: "their-app" });
  });

  test("finds the installation of an app, and is that app", async () => {
    const { github, options } = await stage();
    const { id, privateKey } = github.createApp("acme-rolebook", "acme/access");
    const app: HostOptions = { ...options(), authentication: { kind: "app", id, privateKey } };
    const reader = openHostReader(app);
    expect(await reader.self()).toEqual({ login: "acme-rolebook[bot]", app: "acme-rolebook" });
    expect((await reader.repository()).name).toBe("acme/access");
    await openHostWriter(app).openIssue({ title: "ours", body: "" });
    expect((await reader.ownIssues("open")).map(({ author }) => author)).toEqual(["acme-rolebook[bot]"]);
    expect(github.requests({ path: /access_tokens/ })).toHaveLength(2);
    const elsewhere: HostOptions = {
      ...app,
      authentication: { ...app.authentication, ...github.createApp("stray") },
    } as HostOptions;
    const { message, hint } = await failure(openHostReader(elsewhere).repository());
    expect([message, hint]).toEqual([
      "GitHub: reading the repository failed (404): Not Found",
      "The app of ROLEBOOK_APP_ID may not see it, or there is no such thing in acme/access.",
    ]);
  });

  test("reads the repository and a pull request, from its opening to its merge", async () => {
    const { access, branch, options } = await stage();
    const reader = openHostReader(options());
    expect(await reader.repository()).toMatchObject({ name: "acme/access", defaultBranch: "main", private: true });
    const commit = branch("more", { "c.txt": "three\n" });
    const number = access.openPull({ head: "more", author: "ana", title: "More", draft: true });
    const open = await reader.pull(number);
    expect(open).toEqual({
      number,
      title: "More",
      body: "",
      author: "ana",
      state: "open",
      draft: true,
      mergedAt: null,
      mergeCommit: null,
      base: { branch: "main", commit: access.tip("main") },
      head: { branch: "more", commit, repository: "acme/access" },
      fork: false,
      url: expect.stringContaining("/acme/access/pull/1"),
    });
    const merge = access.merge({ number, method: "squash", login: "bo" });
    expect(await reader.pull(number)).toMatchObject({ state: "closed", mergeCommit: merge });
    expect((await reader.pull(number)).mergedAt).toMatch(/^\d{4}-.*Z$/);
  });

  test("reads every page of every list", async () => {
    const { github, access, branch, options } = await stage({ pageSize: 2 });
    const reader = openHostReader(options());
    const numbers = ["p1", "p2", "p3", "p4", "p5"].map((name) => {
      branch(name, { [`${name}.txt`]: name, [`${name}-2.txt`]: name, [`${name}-3.txt`]: name });
      return access.openPull({ head: name, author: "ana" });
    });
    const [first = 0] = numbers;
    const commit = access.pull(first).head.commit;
    const writer = openHostWriter(options());
    for (const text of ["1", "2", "3"]) {
      access.comment({ number: first, login: "bo", body: text });
      access.review({ number: first, login: "bo", state: "commented", body: text });
      await writer.createCheck({ ...CHECK, commit, title: text });
      await writer.openIssue({ title: text, body: text });
    }
    expect((await reader.openPulls()).map(({ number }) => number)).toEqual(numbers);
    expect((await reader.comments(first)).map(({ body }) => body)).toEqual(["1", "2", "3"]);
    expect(await reader.reviews(first)).toHaveLength(3);
    expect((await reader.checkRuns(commit, "rolebook")).map(({ title }) => title)).toEqual(["1", "2", "3"]);
    expect((await reader.ownIssues("open")).map(({ title }) => title)).toEqual(["1", "2", "3"]);
    expect(await reader.pullFiles(first)).toHaveLength(3);
    expect(github.requests({ path: /\/pulls$/ }).map(({ query }) => query)).toHaveLength(3);
  });

  test("lists open pull requests by base and by a head of this repository, not by one of a fork", async () => {
    const { access, branch, clone, options } = await stage();
    const reader = openHostReader(options());
    branch("rolebook/drift/acme", { "c.txt": "x" });
    const ours = access.openPull({ head: "rolebook/drift/acme", author: "ana" });
    const fork = access.fork("mallory");
    git(clone, "push", "-q", fork.bare, "HEAD:refs/heads/rolebook/drift/acme");
    const theirs = access.openPull({ head: "rolebook/drift/acme", author: "mallory", from: fork });
    expect((await reader.openPulls({ base: "main" })).map(({ number }) => number)).toEqual([ours, theirs]);
    expect((await reader.openPulls({ head: "rolebook/drift/acme" })).map(({ number }) => number)).toEqual([ours]);
    expect(await reader.openPulls({ base: "other" })).toEqual([]);
    expect(await reader.pull(theirs)).toMatchObject({ fork: true, head: { repository: "mallory/access" } });
    access.closePull(ours);
    expect((await reader.openPulls()).map(({ number }) => number)).toEqual([theirs]);
  });

  test("names both paths of a renamed file, and the accounts of commits", async () => {
    const { access, clone, options } = await stage();
    const reader = openHostReader(options());
    git(clone, "checkout", "-q", "-B", "move", "main");
    git(clone, "mv", "b.txt", "moved.txt");
    git(clone, "-c", "user.name=X", "commit", "-q", "-m", "move", "--author=Nobody <nobody@nowhere.example>");
    git(clone, "push", "-q", "origin", "move");
    const number = access.openPull({ head: "move", author: "ana" });
    expect(await reader.pullFiles(number)).toEqual(["b.txt", "moved.txt"]);
    const commit = git(clone, "rev-parse", "HEAD");
    expect((await reader.pullCommits(number)).at(-1)).toMatchObject({ commit, author: null, committer: "ana" });
  });

  test("gives as many commits as GitHub tells of", async () => {
    const { access, clone, options } = await stage();
    git(clone, "checkout", "-q", "-B", "long", "main");
    const commits = Array.from({ length: 249 }, (_, index) =>
      [
        "commit refs/heads/long",
        `committer A <a@b.c> ${index} +0000`,
        "data 0",
        index === 0 ? "from refs/heads/long^0" : "",
        "",
      ].join("\n"),
    );
    execFileSync("git", ["fast-import", "--quiet", "--force"], { cwd: clone, input: commits.join("\n") });
    git(clone, "push", "-q", "origin", "long");
    const number = access.openPull({ head: "long", author: "ana" });
    const reader = openHostReader(options());
    expect(await reader.pullCommits(number)).toHaveLength(249);
    for (const subject of ["one more", "and another"]) git(clone, "commit", "-q", "--allow-empty", "-m", subject);
    git(clone, "push", "-q", "origin", "long");
    expect(await reader.pullCommits(number)).toHaveLength(250);
  });

  test.each(["merge", "squash", "rebase"] as const)("finds the pull request of the commits of a %s", async (method) => {
    const { access, clone, branch, options } = await stage();
    const reader = openHostReader(options());
    branch("two", { "c.txt": "1" });
    commitFiles(clone, { "d.txt": "2" }, "second");
    git(clone, "push", "-q", "origin", "two");
    git(clone, "push", "-q", "origin", "two:twin");
    const number = access.openPull({ head: "two", author: "ana" });
    const twin = access.openPull({ head: "twin", author: "ana" });
    expect((await reader.pullsOfCommit(access.pull(number).head.commit)).map((pull) => pull.number)).toEqual([
      number,
      twin,
    ]);
    const before = access.tip("main");
    access.merge({ number, method, login: "bo" });
    const made = access.git("rev-list", "--first-parent", `${before}..main`).trim().split("\n");
    expect(made).toHaveLength(method === "rebase" ? 2 : 1);
    for (const commit of made) {
      const [pull, ...rest] = await reader.pullsOfCommit(commit);
      expect([pull?.number, pull?.mergeCommit, rest]).toEqual([number, access.tip("main"), []]);
    }
    expect(await reader.pullsOfCommit(before ?? "")).toEqual([]);
  });

  test("reads reviews oldest first, with what they were for and what became of them", async () => {
    const { access, branch, clone, options } = await stage();
    const reader = openHostReader(options());
    const commit = branch("more", { "c.txt": "1" });
    const number = access.openPull({ head: "more", author: "ana" });
    const first = access.review({ number, login: "bo", state: "approved" });
    commitFiles(clone, { "c.txt": "2" });
    git(clone, "push", "-q", "origin", "more");
    const second = access.review({ number, login: "hana", state: "changes-requested" });
    access.dismiss(first, "acme-owner");
    const reviews = await reader.reviews(number);
    expect(reviews.map(({ id, login, state }) => [id, login, state])).toEqual([
      [first, "bo", "dismissed"],
      [second, "hana", "changes-requested"],
    ]);
    expect(reviews.map((review) => review.commit)).toEqual([commit, git(clone, "rev-parse", "HEAD")]);
    expect((reviews[0]?.at ?? "") < (reviews[1]?.at ?? "")).toBe(true);
  });

  test("reads all checks of a name, whoever made them and whatever replaced them", async () => {
    const { github, access, branch, options } = await stage();
    github.createApp("other", "acme/access");
    const commit = branch("more", { "c.txt": "1" });
    const writer = openHostWriter(options());
    const first = await writer.createCheck({ ...CHECK, commit });
    const second = await writer.createCheck({ ...CHECK, commit, conclusion: "success", text: "" });
    const third = access.addCheck({ commit, name: "rolebook", app: "other", text: "forged" });
    access.addCheck({ commit, name: "another", app: "other" });
    const runs = await openHostReader(options()).checkRuns(commit, "rolebook");
    expect(runs.map(({ id, app, conclusion, text }) => [id, app, conclusion, text])).toEqual([
      [first, "github-actions", "action_required", "details"],
      [second, "github-actions", "success", ""],
      [third, "other", "success", "forged"],
    ]);
    expect(runs[0]).toMatchObject({ name: "rolebook", commit, title: "2 people gain", summary: "*two*" });
    expect(runs.every(({ completedAt }) => completedAt !== null)).toBe(true);
  });

  test("lists our own issues and nobody else's, and no pull requests", async () => {
    const { access, branch, options } = await stage();
    const writer = openHostWriter(options());
    branch("more", { "c.txt": "1" });
    await writer.openPull({ title: "ours", body: "", head: "more", base: "main" });
    access.openIssue({ login: "bo", title: "of a person" });
    const open = await writer.openIssue({ title: "held", body: "x" });
    const closed = await writer.openIssue({ title: "done", body: "y" });
    await writer.editIssue(closed.number, { state: "closed" });
    const reader = openHostReader(options());
    expect(await reader.ownIssues("open")).toEqual([open]);
    expect((await reader.ownIssues("all")).map(({ number, state }) => [number, state])).toEqual([
      [open.number, "open"],
      [closed.number, "closed"],
    ]);
  });

  test("speaks to an Enterprise server under its own path", async () => {
    const { github, options } = await stage();
    const reader = openHostReader({ ...options(), apiUrl: `${github.enterpriseUrl}/` });
    expect((await reader.repository()).name).toBe("acme/access");
    expect((await reader.self()).app).toBe("github-actions");
  });
});

describe("a writer", () => {
  test("comments, edits, opens, closes and dismisses", async () => {
    const { access, branch, options } = await stage();
    const [reader, writer] = [openHostReader(options()), openHostWriter(options())];
    const commit = branch("more", { "c.txt": "1" });
    const pull = await writer.openPull({ title: "Drift", body: "b", head: "more", base: "main" });
    expect(pull).toMatchObject({ author: "github-actions[bot]", head: { commit }, state: "open" });
    const id = await writer.addComment(pull.number, "one\r\ntwo");
    await writer.editComment(id, "three");
    expect(await reader.comments(pull.number)).toEqual([{ id, login: "github-actions[bot]", body: "three" }]);
    await writer.editPull(pull.number, { title: "Drift!", body: "c" });
    expect(access.pull(pull.number)).toMatchObject({ title: "Drift!", body: "c" });
    const review = access.review({ number: pull.number, login: "bo" });
    await writer.dismissReview(pull.number, review, "ids were added");
    await writer.dismissReview(pull.number, review, "once more is as good as once");
    expect(access.reviews(pull.number)[0]).toMatchObject({
      state: "DISMISSED",
      dismissal: { message: "ids were added" },
    });
    await writer.editPull(pull.number, { state: "closed" });
    expect(access.pull(pull.number).state).toBe("closed");
    const issue = await writer.openIssue({ title: "held", body: "x" });
    await writer.editIssue(issue.number, { title: "still held", body: "y" });
    await writer.editIssue(issue.number, { state: "closed" });
    expect(access.issues()).toMatchObject([{ title: "still held", body: "y", state: "closed" }]);
  });

  test.each([0, 1, 50, 51, 130])("sends %i annotations, as many at a time as GitHub takes", async (count) => {
    const { github, access, branch, options } = await stage();
    const commit = branch("more", { "c.txt": "1" });
    const annotations = Array.from({ length: count }, (_, index) => ({
      path: "a.txt",
      line: index + 1,
      column: index % 2,
      level: "failure" as const,
      title: "t".repeat(300),
      message: `message ${index}`,
    }));
    const id = await openHostWriter(options()).createCheck({ ...CHECK, commit, annotations });
    const [check] = access.checks(commit);
    expect(check).toMatchObject({ id, status: "completed", conclusion: "action_required", text: "details" });
    expect(check?.annotations.map(({ message }) => message)).toEqual(annotations.map(({ message }) => message));
    expect(github.requests({ writes: true })).toHaveLength(Math.max(1, Math.ceil(count / 50)));
  });

  test("leaves a check that was cut short uncompleted, so that nobody takes it for the whole", async () => {
    const { github, access, branch, options } = await stage();
    const commit = branch("more", { "c.txt": "1" });
    const one = { path: "a.txt", line: 1, column: 1, level: "notice" as const, title: "t", message: "m" };
    github.fail({ method: "PATCH", status: 502 });
    await failure(openHostWriter(options()).createCheck({ ...CHECK, commit, annotations: Array(60).fill(one) }));
    expect(access.checks(commit)).toMatchObject([{ status: "in_progress", completedAt: null }]);
    const [run] = await openHostReader(options()).checkRuns(commit, "rolebook");
    expect([run?.conclusion, run?.completedAt]).toEqual([null, null]);
  });
});

test("octokit is loaded by the first call: no file of ours imports more of it than types", () => {
  const src = fileURLToPath(new URL("../../src", import.meta.url));
  const files = readdirSync(src, { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".ts"));
  const importing = files.flatMap((path) =>
    [...readFileSync(join(src, path), "utf8").matchAll(/^import (.*) from "octokit";$/gm)].map(([, what]) => [
      path,
      what,
    ]),
  );
  expect(importing).toEqual([[join("git", "host-connection.ts"), "type { Octokit, RequestError }"]]);
});

describe("trouble", () => {
  test("what only looks is asked again", async () => {
    const { github, options } = await stage();
    github.fail({ method: "GET", status: 502 });
    github.fail({ method: "GET", cut: true });
    expect((await openHostReader(options()).repository()).name).toBe("acme/access");
    expect(github.requests()).toHaveLength(3);
  });

  test("what makes something new is never sent twice, what sets something is", async () => {
    const { github, access, branch, options } = await stage();
    const writer = openHostWriter(options());
    const commit = branch("more", { "c.txt": "1" });
    const number = access.openPull({ head: "more", author: "ana" });
    for (const write of [
      () => writer.addComment(number, "once"),
      () => writer.openIssue({ title: "once", body: "" }),
      () => writer.createCheck({ ...CHECK, commit }),
    ]) {
      github.fail({ method: "POST", status: 502, done: true });
      const { status, hint } = await failure(write());
      expect([status, hint]).toEqual([502, expect.stringContaining("It may have done it")]);
    }
    expect([access.comments(number).length, access.issues().length, access.checks(commit).length]).toEqual([1, 1, 1]);
    github.fail({ method: "PATCH", status: 502, done: true });
    await writer.editComment(access.comments(number)[0]?.id ?? 0, "twice");
    expect(access.comments(number)[0]?.body).toBe("twice");
    expect(github.requests({ method: "PATCH" })).toHaveLength(2);
    github.fail({ method: "PUT", status: 502, done: true });
    await writer.dismissReview(number, access.review({ number, login: "bo" }), "why");
    expect(access.reviews(number)[0]?.state).toBe("DISMISSED");
  });

  test("a rate limit is waited for when that is short, also by writes, which were not carried out", async () => {
    const { github, access, options } = await stage();
    const soon = String(Math.floor(Date.now() / 1000));
    const secondary = "You have exceeded a secondary rate limit. Please wait.";
    github.fail({ status: 429, headers: { "retry-after": "1" }, message: "Too many requests" });
    github.fail({ status: 403, headers: { "retry-after": "1" }, message: secondary });
    github.fail({ status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": soon } });
    await openHostWriter(options()).openIssue({ title: "patient", body: "" });
    expect(access.issues()).toHaveLength(1);
    expect(github.requests({ method: "POST" }).map(({ status }) => status)).toEqual([429, 403, 403, 201]);
  });

  test("a rate limit that is far away, or does not end, is an answer", async () => {
    const { github, options } = await stage();
    const reset = Math.floor(Date.now() / 1000) + 3000;
    github.fail({ status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(reset) } });
    const far = await failure(openHostReader(options()).pull(1));
    expect([far.message, far.hint]).toEqual([
      "GitHub: reading #1 failed: the rate limit is used up",
      `Run this again after ${new Date(reset * 1000).toISOString()}.`,
    ]);
    github.fail({ status: 429, headers: { "retry-after": "4000" } });
    expect((await failure(openHostReader(options()).pull(1))).hint).toBe("Run this again in 4000 seconds.");
    expect(github.requests()).toHaveLength(2);
  });

  test("each refusal says what to do", async () => {
    const { access, branch, options } = await stage();
    const hintOf = async (promise: Promise<unknown>) => {
      const { message, hint } = await failure(promise);
      return `${message} | ${hint}`;
    };
    const [reader, reading] = [openHostReader(options()), openHostWriter(options(access.tokens.read))];
    expect([
      await hintOf(openHostReader(options("wrong")).repository()),
      await hintOf(reading.addComment(1, "x")),
      await hintOf(reader.pull(77)),
      await hintOf(openHostWriter(options()).openPull({ title: "t", body: "", head: "no-such", base: "main" })),
      await hintOf(
        openHostWriter(options(access.tokens.person)).createCheck({
          ...CHECK,
          commit: branch("more", { "c.txt": "1" }),
        }),
      ),
    ]).toMatchInlineSnapshot(`
      [
        "GitHub: reading the repository failed (401): Bad credentials | The token of GITHUB_TOKEN is not valid there: it may have expired.",
        "GitHub: commenting on #1 failed (403): Resource not accessible by integration | The token of GITHUB_TOKEN may not do this. It needs: issues=write; pull_requests=write.",
        "GitHub: reading #77 failed (404): Not Found | The token of GITHUB_TOKEN may not see it, or there is no such thing in acme/access.",
        "GitHub: opening a pull request of no-such failed (422): Validation Failed; PullRequest head invalid | GitHub understood and refuses: its message says why.",
        "GitHub: making the check rolebook failed (403): You must authenticate via a GitHub App. | Only apps can do this: use the GITHUB_TOKEN of a job in Actions, or an app of your own by ROLEBOOK_APP_ID.",
      ]
    `);
  });

  test("no token and no key is in any error, whatever the server sends back", async () => {
    const { github, options } = await stage();
    const { privateKey, id } = github.createApp("keyed", "acme/access");
    const secret = options().authentication;
    const token = secret.kind === "token" ? secret.token : "";
    for (const status of [400, 401, 403, 404, 418, 422, 500]) {
      github.fail({
        method: "POST",
        status,
        message: `Authorization: bearer ${token}\u001b[31m\n${privateKey}`,
      });
      const error = await failure(openHostWriter(options()).addComment(1, "x"));
      expect(`${error.message} ${error.hint} ${error.stack} ${JSON.stringify(error)} ${error.cause}`).not.toContain(
        token,
      );
      expect(error.message).toMatch(/^[^\p{Cc}]*$/u);
    }
    const app = {
      ...options(),
      authentication: { kind: "app" as const, id, privateKey: `${privateKey.slice(0, 400)}xx` },
    };
    const broken = await failure(openHostReader(app).repository());
    expect(`${broken.message}${broken.hint}${broken.stack}`).not.toContain(privateKey.slice(100, 140));
    expect(broken.hint).toBe("Look at the token or the app's id and private key.");
  });
});

describe("a network that fails", () => {
  beforeAll(() => {
    nock.disableNetConnect();
  });
  afterAll(() => {
    nock.cleanAll();
    nock.enableNetConnect();
    nock.restore();
  });

  const options: HostOptions = {
    apiUrl: "https://github.acme.example/api/v3",
    repository: "acme/access",
    authentication: { kind: "token", token: "ghs_aVerySecretTokenThatNobodyMaySee" },
    userAgent: "rolebook/test",
  };

  test.each([
    ["ECONNRESET", "github.acme.example cannot be reached (ECONNRESET)"],
    ["ENOTFOUND", "github.acme.example cannot be reached (ENOTFOUND)"],
    ["ECONNREFUSED", "github.acme.example cannot be reached (ECONNREFUSED)"],
    [
      "DEPTH_ZERO_SELF_SIGNED_CERT",
      "the certificate of github.acme.example is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)",
    ],
    [
      "ERR_TLS_CERT_ALTNAME_INVALID",
      "the certificate of github.acme.example is not trusted (ERR_TLS_CERT_ALTNAME_INVALID)",
    ],
  ])("%s", async (code, said) => {
    const asked = nock("https://github.acme.example")
      .post("/api/v3/repos/acme/access/issues")
      .replyWithError(Object.assign(new Error(code), { code }));
    const error = await failure(openHostWriter(options).openIssue({ title: "t", body: "b" }));
    expect(error.message).toBe(`GitHub: opening an issue failed: ${said}`);
    expect(error.hint).not.toBeUndefined();
    expect(`${error.message}${error.hint}${error.stack}`).not.toContain("aVerySecret");
    expect(asked.isDone()).toBe(true);
  });

  test("an answer that is no JSON", async () => {
    nock("https://github.acme.example")
      .post("/api/v3/repos/acme/access/issues")
      .reply(502, "<html>Bad gateway\u0007</html>", { "content-type": "text/html" });
    const error = await failure(openHostWriter(options).openIssue({ title: "t", body: "b" }));
    expect(error.message).toBe("GitHub: opening an issue failed (502): <html>Bad gateway </html>");
  });
});
