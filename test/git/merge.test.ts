// What merging two commits would give, and what a shallow clone must fetch to know: in real repositories, whose work tree, index and
// branches stay as they are.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { changedPaths, mergeCommits } from "../../src/git/merge.ts";
import { commonCommit, pullRef } from "../../src/git/tips.ts";
import { clone, commitFiles, git, initBare, initRepository, open, scratchFolder } from "./scratch.ts";

/** main and a branch, each with a commit of its own. */
function forked(main: Readonly<Record<string, string>>, branch: Readonly<Record<string, string>>) {
  const folder = initRepository({ "a.yaml": "one\ntwo\nthree\n", "b/c.yaml": "c\n" });
  git(folder, "switch", "-q", "-c", "topic");
  const head = commitFiles(folder, branch);
  git(folder, "switch", "-q", "main");
  const base = commitFiles(folder, main);
  return { folder, base, head };
}

/** Everything that a look must leave as it is. */
function untouched(folder: string): string {
  const refs = git(folder, "for-each-ref", "--format=%(refname) %(objectname)").split("\n");
  return [
    git(folder, "symbolic-ref", "HEAD"),
    git(folder, "status", "--porcelain=v2", "--branch"),
    git(folder, "ls-files", "--stage"),
    ...refs.filter((ref) => !ref.startsWith("refs/rolebook/remotes/")),
  ].join("\n");
}

describe("a merge", () => {
  test("is the tree that Git's own merge makes, and nothing is checked out", async () => {
    const { folder, base, head } = forked({ "b/c.yaml": "d\n" }, { "a.yaml": "one\n2\nthree\n", "b/d.yaml": "d\n" });
    writeFileSync(join(folder, "a.yaml"), "edited\n");
    const before = untouched(folder);
    const merge = await mergeCommits(await open(folder), base, head);
    expect(untouched(folder)).toBe(before);
    git(folder, "checkout", "-q", "-f", "main");
    git(folder, "merge", "-q", "--no-edit", head);
    expect(merge).toEqual({ kind: "merged", tree: git(folder, "rev-parse", "HEAD^{tree}") });
  });

  test("works in a bare repository", async () => {
    const { folder, base, head } = forked({ "b/c.yaml": "d\n" }, { "a.yaml": "one\n2\nthree\n" });
    const bare = join(scratchFolder(), "bare.git");
    git(folder, "clone", "-q", "--bare", folder, bare);
    const repository = await open(bare);
    const merge = await mergeCommits(repository, base, head);
    expect(merge.kind).toBe("merged");
    if (merge.kind === "merged") expect(await changedPaths(repository, base, merge.tree, "")).toEqual(["a.yaml"]);
  });

  test("of what contradicts itself names the files, odd names too, each once", async () => {
    const odd = "b/na\tme \u00fc\n.yaml";
    const { folder, base, head } = forked({ "a.yaml": "1\n", [odd]: "main\n" }, { "a.yaml": "2\n", [odd]: "topic\n" });
    expect(await mergeCommits(await open(folder), base, head)).toEqual({ kind: "conflict", files: ["a.yaml", odd] });
  });

  test("what differs below a folder, both names of a renamed file, and nothing beside it", async () => {
    const { folder, base, head } = forked({ "x.yaml": "x\n" }, { "b/e.yaml": "e\n", "bb/f.yaml": "f\n" });
    git(folder, "switch", "-q", "topic");
    git(folder, "mv", "b/c.yaml", "b/g.yaml");
    git(folder, "commit", "-q", "-m", "rename");
    const repository = await open(folder);
    const common = git(folder, "merge-base", base, head);
    expect(await changedPaths(repository, common, git(folder, "rev-parse", "topic"), "b")).toEqual([
      "b/c.yaml",
      "b/e.yaml",
      "b/g.yaml",
    ]);
  });

  test("text that is no object id is refused", async () => {
    const { folder, base } = forked({ x: "x\n" }, { y: "y\n" });
    const repository = await open(folder);
    await expect(mergeCommits(repository, base, "--help")).rejects.toThrow("not an object id");
    await expect(changedPaths(repository, "main", base, "")).rejects.toThrow("not an object id");
  });
});

/** A remote whose main has this many commits, with a pull request from the commit with this index. */
function remoteWith(commits: number, from: number) {
  const remote = initBare();
  const folder = clone(remote);
  const ids: string[] = [];
  for (let index = 0; index < commits; index += 1) ids.push(commitFiles(folder, { [`f${index}`]: `${index}\n` }));
  git(folder, "push", "-q", "origin", "HEAD:refs/heads/main");
  git(folder, "switch", "-q", "--detach", ids[from] ?? "");
  const head = commitFiles(folder, { topic: "topic\n" });
  git(folder, "push", "-q", "origin", "HEAD:refs/pull/7/head");
  return { remote, base: ids.at(-1) ?? "", common: ids[from] ?? "", head };
}

const MAIN = "refs/heads/main";

describe("tips", () => {
  test.each([
    ["a branch point at the tip", 4, 3],
    ["an old branch point", 70, 2],
    ["the first commit", 8, 0],
  ])("a shallow clone is deepened until it knows what is in common: %s", async (_, commits, from) => {
    const { remote, base, common, head } = remoteWith(commits, from);
    const shallow = clone(`file://${remote}`, "--depth", "1");
    const before = untouched(shallow);
    const repository = await open(shallow);
    const tips = await repository.fetchTips("origin", [MAIN, pullRef(7), pullRef(8)]);
    expect([...tips]).toEqual([
      [MAIN, base],
      ["refs/pull/7/head", head],
    ]);
    const [one, other] = [
      { ref: MAIN, commit: base },
      { ref: pullRef(7), commit: head },
    ];
    expect(await commonCommit(repository, "origin", one, other)).toBe(common);
    expect((await mergeCommits(repository, base, head)).kind).toBe("merged");
    expect(untouched(shallow)).toBe(before);
  });

  test("a later common commit is not hidden by a side branch that reaches further back than the clone does", async () => {
    const remote = initBare();
    const folder = clone(remote);
    const first = commitFiles(folder, { f: "0\n" });
    git(folder, "switch", "-q", "-c", "side");
    const side = commitFiles(folder, { side: "side\n" });
    git(folder, "switch", "-q", "--detach", first);
    for (let index = 1; index < 60; index += 1) commitFiles(folder, { f: `${index}\n` });
    const common = git(folder, "rev-parse", "HEAD");
    for (let index = 60; index < 120; index += 1) commitFiles(folder, { f: `${index}\n` });
    git(folder, "merge", "-q", "--no-edit", side);
    git(folder, "push", "-q", "origin", "HEAD:refs/heads/main");
    const base = git(folder, "rev-parse", "HEAD");
    git(folder, "switch", "-q", "--detach", common);
    const head = commitFiles(folder, { topic: "topic\n" });
    git(folder, "push", "-q", "origin", "HEAD:refs/pull/7/head");
    const repository = await open(clone(`file://${remote}`, "--depth", "5"));
    await repository.fetchTips("origin", [MAIN, pullRef(7)]);
    const found = await commonCommit(
      repository,
      "origin",
      { ref: MAIN, commit: base },
      { ref: pullRef(7), commit: head },
    );
    expect(found).toBe(common);
  });

  test("histories that have nothing in common are told so", async () => {
    const { remote, base } = remoteWith(3, 1);
    const folder = clone(remote);
    git(folder, "switch", "-q", "--orphan", "other");
    const head = commitFiles(folder, { other: "other\n" });
    git(folder, "push", "-q", "origin", "HEAD:refs/pull/8/head");
    const repository = await open(clone(`file://${remote}`, "--depth", "1"));
    await repository.fetchTips("origin", [MAIN, pullRef(8)]);
    const found = await commonCommit(
      repository,
      "origin",
      { ref: MAIN, commit: base },
      { ref: pullRef(8), commit: head },
    );
    expect(found).toBeUndefined();
  });

  test("a pull request that moves is what was fetched, and its commit stays here", async () => {
    const { remote, head } = remoteWith(3, 1);
    const folder = clone(remote);
    const repository = await open(clone(`file://${remote}`));
    expect((await repository.fetchTips("origin", [pullRef(7)])).get(pullRef(7))).toBe(head);
    const forced = commitFiles(folder, { again: "again\n" });
    git(folder, "push", "-q", "--force", "origin", "HEAD:refs/pull/7/head");
    expect((await repository.fetchTips("origin", [pullRef(7)])).get(pullRef(7))).toBe(forced);
    expect(git(repository.root, "cat-file", "-t", head)).toBe("commit");
  });

  test("what is no number is no pull request", () => {
    for (const number of [0, -1, 1.5, Number.NaN]) expect(() => pullRef(number)).toThrow("not a pull request's number");
  });
});
