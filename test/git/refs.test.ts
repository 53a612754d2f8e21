import { spawn } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GitError, RefMovedError, redact } from "../../src/git/error.ts";
import { appliedRef } from "../../src/git/refs.ts";
import { pushResult } from "../../src/git/remote.ts";
import { clone, commitFiles, git, initBare, initRepository, open, scratchFolder } from "./scratch.ts";

describe("moveRef", () => {
  it("makes, moves and removes a ref that is where it is expected", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const first = git(folder, "rev-parse", "HEAD");
    const second = commitFiles(folder, { "a.yaml": "2" });
    const repository = await open(folder);
    const ref = appliedRef("acme");
    expect(await repository.readRef(ref)).toBeNull();
    await repository.moveRef(ref, first, null);
    expect(await repository.readRef(ref)).toBe(first);
    await repository.moveRef(ref, second, first);
    await repository.moveRef(ref, second, second);
    expect(await repository.listRefs("refs/rolebook/")).toEqual(new Map([[ref, second]]));
    expect(await repository.listRefs(ref, "refs/heads/main", "refs/heads/mai", "refs/none")).toEqual(
      new Map([
        ["refs/heads/main", second],
        [ref, second],
      ]),
    );
    await expect(repository.listRefs()).rejects.toThrow(GitError);
    await repository.moveRef(ref, null, second);
    expect(await repository.readRef(ref)).toBeNull();
    expect(await repository.listRefs("refs/rolebook/")).toEqual(new Map());
  });

  it("throws a RefMovedError, and moves nothing, when it is elsewhere", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const first = git(folder, "rev-parse", "HEAD");
    const second = commitFiles(folder, { "a.yaml": "2" });
    const repository = await open(folder);
    const ref = appliedRef("acme");
    const moved = (expected: string | null, actual: string | null) => ({
      name: "RefMovedError",
      ref,
      expected,
      actual,
    });
    await expect(repository.moveRef(ref, second, first)).rejects.toMatchObject(moved(first, null));
    await expect(repository.moveRef(ref, null, first)).rejects.toMatchObject(moved(first, null));
    await repository.moveRef(ref, first, null);
    await expect(repository.moveRef(ref, second, null)).rejects.toMatchObject(moved(null, first));
    await expect(repository.moveRef(ref, first, second)).rejects.toMatchObject(moved(second, first));
    await expect(repository.moveRef(ref, null, second)).rejects.toMatchObject(moved(second, first));
    expect(await repository.readRef(ref)).toBe(first);
  });

  it("does not call it a race when the ref cannot exist", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    git(folder, "branch", "rolebook");
    const repository = await open(folder);
    const attempt = repository.moveRef("refs/heads/rolebook/ledger", (await repository.head()) ?? "", null);
    await expect(attempt).rejects.toBeInstanceOf(GitError);
    await expect(attempt).rejects.not.toBeInstanceOf(RefMovedError);
    await expect(attempt).rejects.toThrow(/refs\/heads\/rolebook/);
  });

  it("lets exactly one of many writers win each step, and loses nothing", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const repository = await open(folder);
    const ref = "refs/rolebook/applied/acme";
    const commits = Array.from({ length: 12 }, (_, index) => commitFiles(folder, { "a.yaml": `v${index}` }));
    const results = await Promise.allSettled(commits.map((commit) => repository.moveRef(ref, commit, null)));
    const won = results.flatMap((result, index) => (result.status === "fulfilled" ? [commits[index]] : []));
    expect(won.length).toBe(1);
    expect(await repository.readRef(ref)).toBe(won[0]);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toBeInstanceOf(RefMovedError);
  });

  it("refuses names and ids that are none", async () => {
    const repository = await open(initRepository({ "a.yaml": "1" }));
    const head = (await repository.head()) ?? "";
    for (const ref of ["HEAD", "main", "--stdin", "refs/", "refs/a b", "refs/a..b", "refs/a\nb", "refs/a@{0}"])
      await expect(repository.moveRef(ref, head, null), ref).rejects.toBeInstanceOf(GitError);
    await expect(repository.moveRef("refs/rolebook/x", "main", null)).rejects.toThrow(/not an object id/);
    for (const target of ["", "-x", "Acme", "a/b", "a.lock", "a b", "..", "ä"])
      expect(() => appliedRef(target), target).toThrow(/not a target's name/);
  });
});

describe("fetchRefs and pushRefs", () => {
  /** A bare remote and two clones that share one commit. */
  async function twoClones() {
    const remote = initBare();
    const seed = clone(remote);
    const base = commitFiles(seed, { "a.yaml": "1" });
    git(seed, "push", "--quiet", "origin", "HEAD:main");
    const folders = [clone(remote), clone(remote)] as const;
    return { remote, base, folders, first: await open(folders[0]), second: await open(folders[1]) };
  }
  const REF = "refs/rolebook/applied/acme";

  it("finds origin, and nothing where there is none", async () => {
    const { first } = await twoClones();
    expect(await first.remote()).toBe("origin");
    expect(await (await open(initRepository())).remote()).toBeUndefined();
  });

  it("carries a ref from one clone to the other, and says how the two sides stand", async () => {
    const { base, folders, first, second } = await twoClones();
    expect(await second.fetchRefs("origin", [REF])).toEqual([{ ref: REF, remote: null, local: null, state: "absent" }]);
    await first.moveRef(REF, base, null);
    expect(await first.pushRefs("origin", [{ ref: REF, to: base }])).toEqual({ kind: "pushed" });
    expect(await second.fetchRefs("origin", [REF])).toEqual([
      { ref: REF, remote: base, local: base, state: "updated" },
    ]);
    expect(await second.fetchRefs("origin", [REF])).toMatchObject([{ state: "same" }]);
    const ours = commitFiles(folders[1], { "a.yaml": "2" });
    await second.moveRef(REF, ours, base);
    expect(await second.fetchRefs("origin", [REF])).toEqual([{ ref: REF, remote: base, local: ours, state: "ahead" }]);
    const theirs = commitFiles(folders[0], { "a.yaml": "3" });
    expect(await first.pushRefs("origin", [{ ref: REF, to: theirs }])).toEqual({ kind: "pushed" });
    expect(await second.fetchRefs("origin", [REF])).toEqual([
      { ref: REF, remote: theirs, local: ours, state: "diverged" },
    ]);
    expect(await second.pushRefs("origin", [{ ref: REF, to: ours }])).toEqual({ kind: "moved", refs: [REF] });
    expect(git(folders[0], "ls-remote", "origin", REF)).toContain(theirs);
  });

  it("pushes all refs or none", async () => {
    const { base, folders, remote, first, second } = await twoClones();
    const theirs = commitFiles(folders[0], { "a.yaml": "2" });
    await first.pushRefs("origin", [{ ref: REF, to: theirs }]);
    const result = await second.pushRefs("origin", [
      { ref: "refs/rolebook/applied/other", to: base },
      { ref: REF, to: base },
    ]);
    expect(result).toEqual({ kind: "moved", refs: [REF] });
    expect(git(remote, "for-each-ref", "refs/rolebook/applied/other")).toBe("");
  });

  it("still pushes to a server without atomic pushes", async () => {
    const { base, remote, first } = await twoClones();
    git(remote, "config", "receive.advertiseAtomic", "false");
    expect(await first.pushRefs("origin", [{ ref: REF, to: base }])).toEqual({ kind: "pushed" });
    expect(git(remote, "rev-parse", REF)).toBe(base);
  });

  it("throws when the server refuses for its own reasons, with what it said", async () => {
    const { base, remote, first } = await twoClones();
    writeFileSync(join(remote, "hooks/pre-receive"), "#!/bin/sh\necho 'applied refs are protected'\nexit 1\n", {
      mode: 0o755,
    });
    const push = first.pushRefs("origin", [{ ref: REF, to: base }]);
    await expect(push).rejects.toThrow(/pre-receive hook declined.*applied refs are protected/s);
  });

  it("serves a shallow clone", async () => {
    const { remote, base, first } = await twoClones();
    await first.pushRefs("origin", [{ ref: REF, to: base }]);
    const shallow = await open(clone(`file://${remote}`, "--depth=1"));
    expect(await shallow.fetchRefs("origin", [REF])).toMatchObject([{ local: base }]);
    expect(await shallow.readRef(REF)).toBe(base);
  });

  it("leaves HEAD, branches, tags and FETCH_HEAD alone", async () => {
    const { base, folders, first, second } = await twoClones();
    await first.pushRefs("origin", [{ ref: REF, to: base }]);
    git(folders[0], "tag", "v1");
    git(folders[0], "push", "--quiet", "origin", "v1");
    const before = git(folders[1], "for-each-ref", "refs/heads", "refs/tags", "refs/remotes");
    await second.fetchRefs("origin", [REF]);
    expect(git(folders[1], "for-each-ref", "refs/heads", "refs/tags", "refs/remotes")).toBe(before);
    expect(readdirSync(join(folders[1], ".git"))).not.toContain("FETCH_HEAD");
  });

  it("never shows a password of the remote's URL", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    git(folder, "remote", "add", "origin", "http://ana:s3cr3t-p%40ss@127.0.0.1:9/x.git");
    const repository = await open(folder);
    const head = (await repository.head()) ?? "";
    const attempts = [repository.fetchRefs("origin", [REF]), repository.pushRefs("origin", [{ ref: REF, to: head }])];
    const errors = (await Promise.allSettled<unknown>(attempts)).map((result) =>
      result.status === "rejected" ? result.reason : undefined,
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(GitError);
      expect(
        `${error} ${JSON.stringify(error)} ${(error as Error).stack} ${String((error as Error).cause)}`,
      ).not.toMatch(/s3cr3t|ana:/);
      expect(String(error)).toContain("127.0.0.1:9");
    }
  });

  it("asks nobody for a password", async () => {
    const server = spawn(process.execPath, [
      "-e",
      `require("node:http").createServer((q, a) => { a.writeHead(401, {"www-authenticate": "Basic"}); a.end(); })
        .listen(0, "127.0.0.1", function () { console.log(this.address().port); })`,
    ]);
    try {
      const port = await new Promise<string>((settle) =>
        server.stdout.once("data", (data) => settle(String(data).trim())),
      );
      const folder = initRepository({ "a.yaml": "1" });
      git(folder, "remote", "add", "origin", `http://127.0.0.1:${port}/x.git`);
      await expect((await open(folder)).fetchRefs("origin", [REF])).rejects.toThrow(
        /could not read|Authentication failed/i,
      );
    } finally {
      server.kill();
    }
  });

  it("refuses a remote that is an option or a URL", async () => {
    const repository = await open(initRepository({ "a.yaml": "1" }));
    for (const remote of ["--upload-pack=touch x", "ext::sh -c x", "https://x", "", "a b", "../x"])
      await expect(repository.fetchRefs(remote, [REF]), remote).rejects.toThrow(/not a remote's name/);
  });
});

describe("pushResult", () => {
  const refused = (line: string) => ({ exitCode: 1, stdout: `To x\n${line}\nDone\n`, stderr: "error: failed to push" });

  it("tells a moved ref, seen by us or by the server, from a refusal", () => {
    for (const reason of [
      "[rejected] (fetch first)",
      "[rejected] (non-fast-forward)",
      "[remote rejected] (failed to update ref)",
    ])
      expect(pushResult(refused(`!\ta:refs/x\t${reason}`)), reason).toEqual({ kind: "moved", refs: ["refs/x"] });
    expect(() => pushResult(refused("!\ta:refs/x\t[remote rejected] (protected branch hook declined)"))).toThrow(
      /protected/,
    );
    expect(() => pushResult({ exitCode: 128, stdout: "", stderr: "fatal: no route" })).toThrow(/no route/);
  });
});

describe("redact", () => {
  it("cuts users and passwords out of URLs and nothing else", () => {
    expect(redact("fatal: https://ana:p@ss@host/x and ssh://git@host:22/y")).toBe(
      "fatal: https://***@host/x and ssh://***@host:22/y",
    );
    expect(redact("mail ana@acme.example about https://host/a@b")).toBe("mail ana@acme.example about https://host/a@b");
    expect(new GitError("see https://x:TOKEN@h/").message).toBe("see https://***@h/");
  });
});

describe("a folder without Git's program", () => {
  it("is reported, not crashed on", async () => {
    await expect(open(join(scratchFolder(), "missing"))).rejects.toThrow(/does not exist/);
  });
});
