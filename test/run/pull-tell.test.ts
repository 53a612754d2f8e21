// What is told on a pull request that touches nothing any more: that it does, unless it was merged meanwhile.
import { expect, it, onTestFinished } from "vitest";
import { type HostOptions, openHostReader, openHostWriter } from "../../src/git/host.ts";
import { PULL_MARKER } from "../../src/report/pull-comment.ts";
import { tellPull } from "../../src/run/pull-tell.ts";
import { commitFiles, git, initRepository } from "../git/scratch.ts";
import { startGitHub } from "../support/github/github.ts";

it("is left as it was told before once it is merged, for what is merged differs from nothing", async () => {
  const github = await startGitHub();
  onTestFinished(() => github.close());
  github.addPerson({ login: "ana", email: "ana@acme.example" });
  const access = github.createRepository("acme/access");
  const clone = initRepository({ "a.txt": "one\n" });
  git(clone, "remote", "add", "origin", access.bare);
  git(clone, "checkout", "-q", "-b", "more");
  commitFiles(clone, { "a.txt": "two\n" }, "more");
  git(clone, "push", "-q", "origin", "main", "more");
  const number = access.openPull({ head: "more", author: "ana" });
  const options: HostOptions = {
    apiUrl: github.url,
    repository: "acme/access",
    authentication: { kind: "token", token: access.tokens.write },
    userAgent: "rolebook/test",
  };
  const hosts = { reader: openHostReader(options), writer: openHostWriter(options) };
  const pull = await hosts.reader.pull(number);
  const head = pull.head.commit;
  const look = { pull, head, report: undefined, targets: [], findings: [], touched: new Set<string>(), stale: [] };
  const told = () => access.comments(number).map(({ body }) => body);

  await tellPull(hosts, look);
  expect(told()).toEqual([]);
  await hosts.writer.addComment(number, `${PULL_MARKER}\nBo gains a role.`);
  access.merge({ number, login: "ana" });
  await tellPull(hosts, look);
  expect(told()).toEqual([`${PULL_MARKER}\nBo gains a role.`]);
});
