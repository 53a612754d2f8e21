// Git is handed the host's token by its environment alone: it fetches and pushes over real HTTP from a clone that has none of its
// own, to the one repository, and leaves the token nowhere.
import { execFile } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { runGit } from "../../src/git/command.ts";
import type { HostOptions } from "../../src/git/host.ts";
import { gitCredentials } from "../../src/git/host-credentials.ts";
import { openRepository, type Repository } from "../../src/git/repository.ts";
import { type GitHub, type GitHubRepository, startGitHub } from "../support/github/github.ts";
import { commitFiles, git, initRepository } from "./scratch.ts";

interface Stage {
  readonly github: GitHub;
  readonly access: GitHubRepository;
  readonly clone: string;
  readonly options: (token: string) => HostOptions;
  readonly open: (options: HostOptions) => Promise<Repository>;
}

const REF = "refs/rolebook/applied/acme";

async function stage(suffix = ".git"): Promise<Stage> {
  const github = await startGitHub();
  onTestFinished(() => github.close());
  const access = github.createRepository("acme/access");
  const clone = initRepository({ "a.txt": "one\n" });
  git(clone, "push", "-q", access.bare, "main");
  git(clone, "remote", "add", "origin", `${github.url}/acme/access${suffix}`);
  return {
    github,
    access,
    clone,
    options: (token) => ({
      apiUrl: github.url,
      repository: "acme/access",
      authentication: { kind: "token", token },
      userAgent: "rolebook/test",
    }),
    open: async (options) => {
      const repository = await openRepository(clone, gitCredentials(options));
      if (!repository) throw new Error("no repository");
      return repository;
    },
  };
}

const VARIABLES = ["GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_CONFIG_VALUE_0", "GIT_CONFIG_GLOBAL"];
afterEach(() => {
  for (const name of VARIABLES) delete process.env[name];
});

test.each([".git", ""])("fetches and pushes with the token, where the remote ends in %j", async (suffix) => {
  const { github, access, clone, options, open } = await stage(suffix);
  const repository = await open(options(access.tokens.write));
  const commit = git(clone, "rev-parse", "HEAD");
  expect(await repository.pushRefs("origin", [{ ref: REF, to: commit }])).toEqual({ kind: "pushed" });
  expect(access.git("rev-parse", REF).trim()).toBe(commit);
  const [fetched] = await repository.fetchRefs("origin", ["refs/heads/main"]);
  expect(fetched).toMatchObject({ remote: commit, state: "same" });
  const answered = github.requests({ token: "write" }).map(({ method, status }) => `${method} ${status}`);
  expect(new Set(answered)).toEqual(new Set(["PUSH 200", "FETCH 200"]));
  // The challenge that a clone with credentials in a helper would need never comes: the first request has the token.
  expect(github.requests({ token: "none" })).toEqual([]);
});

test("without credentials, with a wrong token, and with one that may only read, it is refused", async () => {
  const { access, clone, options, open } = await stage();
  const commit = git(clone, "rev-parse", "HEAD");
  const bare = await openRepository(clone);
  await expect(bare?.fetchRefs("origin", ["refs/heads/main"])).rejects.toThrow(
    /could not read Username|Authentication failed/,
  );
  await expect((await open(options("ghs_wrong"))).fetchRefs("origin", ["refs/heads/main"])).rejects.toThrow(
    /Authentication|Username/,
  );
  const reading = await open(options(access.tokens.read));
  expect((await reading.fetchRefs("origin", ["refs/heads/main"]))[0]?.remote).toBe(commit);
  await expect(reading.pushRefs("origin", [{ ref: REF, to: commit }])).rejects.toThrow(/403/);
});

test("an app's token is got for Git as well", async () => {
  const { github, clone, options, open } = await stage();
  const { id, privateKey } = github.createApp("acme-rolebook", "acme/access");
  const repository = await open({ ...options(""), authentication: { kind: "app", id, privateKey } });
  const commit = git(clone, "rev-parse", "HEAD");
  expect(await repository.pushRefs("origin", [{ ref: REF, to: commit }])).toEqual({ kind: "pushed" });
  await repository.fetchRefs("origin", ["refs/heads/main"]);
  expect(github.requests({ path: /access_tokens/ })).toHaveLength(1);
  expect(github.requests({ token: "app:acme-rolebook", method: "PUSH" }).length).toBeGreaterThan(0);
});

test("takes the place of the header that actions/checkout leaves behind, and adds to the operator's own settings", async () => {
  const { github, access, clone, options, open } = await stage();
  const stale = Buffer.from("x-access-token:ghs_stale").toString("base64");
  git(clone, "config", `http.${github.url}/.extraheader`, `AUTHORIZATION: basic ${stale}`);
  process.env.GIT_CONFIG_COUNT = "1";
  process.env.GIT_CONFIG_KEY_0 = "http.userAgent";
  process.env.GIT_CONFIG_VALUE_0 = "operators-own";
  const repository = await open(options(access.tokens.write));
  expect((await repository.fetchRefs("origin", ["refs/heads/main"]))[0]?.remote).toBe(access.tip("main"));
  expect(github.requests({ token: "write" }).map(({ userAgent }) => userAgent)).toContain("operators-own");
  expect(github.requests().every(({ status }) => status === 200)).toBe(true);
});

test("goes to no other repository and no other server", async () => {
  const { github, access, options } = await stage();
  const other = github.createRepository("acme/other");
  const environment = await gitCredentials(options(access.tokens.write))();
  const folder = initRepository({ "a.txt": "one\n" });
  for (const url of [`${github.url}/acme/other.git`, `${github.url.replace("127.0.0.1", "localhost")}/acme/access.git`])
    await expect(runGit(folder, ["ls-remote", url], { environment })).rejects.toThrow();
  expect(github.requests({ token: "write" })).toEqual([]);
  expect(other.tokens.write).not.toBe(access.tokens.write);
});

test("leaves the token in no file and no argument", async () => {
  const { access, clone, options, open } = await stage();
  const token = access.tokens.write;
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  const repository = await open(options(token));
  commitFiles(clone, { "b.txt": "two\n" });
  await repository.pushRefs("origin", [{ ref: REF, to: git(clone, "rev-parse", "HEAD") }]);
  await repository.fetchRefs("origin", ["refs/heads/main", REF]);
  for (const path of readdirSync(clone, { recursive: true }).map((name) => join(clone, String(name)))) {
    if (!statSync(path).isFile()) continue;
    const text = readFileSync(path, "latin1");
    expect(text.includes(token) || text.includes(basic), path).toBe(false);
  }
  // Git's own trace of what it runs and with which arguments, for the same environment.
  const environment = { ...process.env, ...(await gitCredentials(options(token))()), GIT_TRACE: "1" };
  const { stderr: traced } = await promisify(execFile)("git", ["ls-remote", "origin"], {
    cwd: clone,
    env: environment,
  });
  expect(traced).toContain("run_command");
  expect(traced.includes(token) || traced.includes(basic)).toBe(false);
});
