// Which host a command talks to and as whom, and what it keeps there.
import { describe, expect, onTestFinished, test } from "vitest";
import { openHostReader, openHostWriter } from "../../src/git/host.ts";
import { openRepository } from "../../src/git/repository.ts";
import { OperatorError } from "../../src/run/context.ts";
import { hostOptions, keepComment, keepIssue } from "../../src/run/host.ts";
import { git, initRepository } from "../git/scratch.ts";
import { startGitHub } from "../support/github/github.ts";

async function optionsOf(environment: Readonly<Record<string, string>>, remote?: string) {
  const folder = initRepository({ "a.txt": "one\n" });
  if (remote !== undefined) git(folder, "remote", "add", "origin", remote);
  const repository = await openRepository(folder);
  if (!repository) throw new Error("no repository");
  return hostOptions({ environment, version: "1.2.3" }, repository);
}

async function refusal(environment: Readonly<Record<string, string>>, remote?: string): Promise<string> {
  const error = await optionsOf(environment, remote).catch((reason) => reason);
  if (!(error instanceof OperatorError)) throw new Error(`no refusal: ${error}`);
  return `${error.message} | ${error.hint}`;
}

const TOKEN = { GITHUB_TOKEN: "ghs_token" };

describe("hostOptions", () => {
  test("in a job of Actions everything is in the environment", async () => {
    const job = { ...TOKEN, GITHUB_REPOSITORY: "acme/access", GITHUB_API_URL: "https://github.acme.example/api/v3/" };
    expect(await optionsOf(job)).toEqual({
      apiUrl: "https://github.acme.example/api/v3",
      repository: "acme/access",
      authentication: { kind: "token", token: "ghs_token" },
      userAgent: "rolebook/1.2.3",
    });
  });

  test.each([
    ["git@github.com:acme/access.git", "https://api.github.com"],
    ["https://ana:secret@github.com/acme/access.git", "https://api.github.com"],
    ["ssh://git@github.acme.example:2222/acme/access.git", "https://github.acme.example/api/v3"],
  ])("elsewhere it follows from the remote: %s", async (remote, apiUrl) => {
    expect(await optionsOf(TOKEN, remote)).toMatchObject({ apiUrl, repository: "acme/access" });
  });

  test("what is said counts more than what follows; empty is not said", async () => {
    const remote = "git@github.acme.example:acme/access.git";
    expect(await optionsOf({ ...TOKEN, GITHUB_REPOSITORY: "acme/other", GITHUB_API_URL: "" }, remote)).toMatchObject({
      apiUrl: "https://github.acme.example/api/v3",
      repository: "acme/other",
    });
    expect(await optionsOf({ ...TOKEN, GITHUB_REPOSITORY: "acme/access" }, "/srv/access.git")).toMatchObject({
      apiUrl: "https://api.github.com",
    });
  });

  test("an app goes before a token, and its key may be written in one line", async () => {
    const app = { ...TOKEN, ROLEBOOK_APP_ID: "12", ROLEBOOK_APP_PRIVATE_KEY: "-----BEGIN-----\\nabc\\n-----END-----" };
    expect((await optionsOf(app, "git@github.com:acme/access.git")).authentication).toEqual({
      kind: "app",
      id: "12",
      privateKey: "-----BEGIN-----\nabc\n-----END-----",
    });
  });

  test("says what is missing, and shows no secret", async () => {
    const remote = "git@github.com:acme/access.git";
    expect([
      await refusal(TOKEN),
      await refusal(TOKEN, "https://ana:secret@nowhere.example/access"),
      await refusal({ ...TOKEN, GITHUB_REPOSITORY: "access" }, remote),
      await refusal({}, remote),
      await refusal({ GITHUB_TOKEN: "", ROLEBOOK_APP_ID: "12" }, remote),
      await refusal({ ...TOKEN, GITHUB_API_URL: "http://github.acme.example/api/v3" }, remote),
      await refusal({ ...TOKEN, GITHUB_API_URL: "https://ana:secret@github.acme.example/api/v3" }, remote),
    ]).toMatchInlineSnapshot(`
      [
        "The repository has no remote | Set GITHUB_REPOSITORY to owner/name, and for an Enterprise server GITHUB_API_URL.",
        "The URL of origin is not one of a Git host | Set GITHUB_REPOSITORY to owner/name, and for an Enterprise server GITHUB_API_URL.",
        "GITHUB_REPOSITORY is not owner/name | undefined",
        "There is no credential for the Git host | Set GITHUB_TOKEN, or ROLEBOOK_APP_ID and ROLEBOOK_APP_PRIVATE_KEY of a GitHub App.",
        "ROLEBOOK_APP_ID and ROLEBOOK_APP_PRIVATE_KEY go together, and one of them is not set | undefined",
        "The address of the Git host's API is not an https URL | Set GITHUB_API_URL to https://api.github.com, or to https://HOST/api/v3 of an Enterprise server.",
        "The address of the Git host's API is not an https URL | Set GITHUB_API_URL to https://api.github.com, or to https://HOST/api/v3 of an Enterprise server.",
      ]
    `);
  });
});

describe("what is kept on the host", () => {
  async function stage() {
    const github = await startGitHub();
    onTestFinished(() => github.close());
    const access = github.createRepository("acme/access");
    const clone = initRepository({ "a.txt": "one\n" });
    git(clone, "push", "-q", access.bare, "main", "main:more");
    const options = {
      apiUrl: github.url,
      repository: "acme/access",
      authentication: { kind: "token" as const, token: access.tokens.write },
      userAgent: "rolebook/test",
    };
    return { github, access, reader: openHostReader(options), writer: openHostWriter(options) };
  }

  test("one comment: made, edited in place, left alone, and never somebody else's", async () => {
    const { github, access, reader, writer } = await stage();
    const number = access.openIssue({ login: "ana", title: "x" });
    access.comment({ number, login: "mallory", body: "<!-- rolebook -->\nforged" });
    const keep = (body: string | null) => keepComment(reader, writer, number, "<!-- rolebook -->", body);
    expect(await keep(null)).toBe("none");
    expect(await keep("<!-- rolebook -->\none")).toBe("created");
    github.clearRequests();
    expect(await keep("<!-- rolebook -->\r\none\n")).toBe("same");
    expect(github.requests({ writes: true })).toEqual([]);
    expect(await keep("<!-- rolebook -->\ntwo")).toBe("updated");
    expect(access.comments(number).map(({ body }) => body)).toEqual([
      "<!-- rolebook -->\nforged",
      "<!-- rolebook -->\ntwo",
    ]);
  });

  test("one issue: opened, edited, left alone, closed, opened anew", async () => {
    const { github, access, reader, writer } = await stage();
    const keep = (body: string | null) =>
      keepIssue(
        reader,
        writer,
        "<!-- held -->",
        body === null ? null : { title: "Held", body: `<!-- held -->\n${body}` },
      );
    expect(await keep(null)).toBeUndefined();
    const first = await keep("one");
    github.clearRequests();
    expect((await keep("one"))?.number).toBe(first?.number);
    expect(github.requests({ writes: true })).toEqual([]);
    expect((await keep("two"))?.number).toBe(first?.number);
    expect(await keep(null)).toBeUndefined();
    expect((await keep("three"))?.number).not.toBe(first?.number);
    expect(access.issues().map(({ state, body }) => [state, body])).toEqual([
      ["closed", "<!-- held -->\ntwo"],
      ["open", "<!-- held -->\nthree"],
    ]);
  });
});
