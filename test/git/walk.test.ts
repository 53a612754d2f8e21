// Over real Git: how a branch went, for every way in which a pull request can come into it.
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { fetchBranch, fetchUntil, groupByPull, readWalk } from "../../src/git/walk.ts";
import type { Pull } from "../../src/model/host.ts";
import { clone, commitFiles, git, initBare, initRepository, open } from "./scratch.ts";

function pull(number: number, mergeCommit: string | null, more: Partial<Pull> = {}): Pull {
  return {
    number,
    title: "",
    body: "",
    author: "ana",
    state: "closed",
    draft: false,
    mergedAt: mergeCommit === null ? null : "2026-03-01T10:00:00Z",
    mergeCommit,
    base: { branch: "main", commit: "0".repeat(40) },
    head: { branch: "topic", commit: "1".repeat(40), repository: "acme/access" },
    fork: false,
    url: "",
    ...more,
  };
}

/** A branch with a commit to start from. */
function story() {
  const folder = initRepository({ "a.yaml": "0" });
  const start = git(folder, "rev-parse", "HEAD");
  const known = new Map<string, Pull[]>();
  let number = 0;
  const add = (path = "a.yaml") => {
    number += 1;
    return commitFiles(folder, { [path]: String(number) }, `commit ${number}`);
  };
  const knows = (commits: readonly string[], found: Pull) => {
    for (const commit of commits) known.set(commit, [...(known.get(commit) ?? []), found]);
  };
  const walk = async (from = start, to = git(folder, "rev-parse", "main")) => {
    const steps = await groupByPull(
      await readWalk(await open(folder), from, to),
      "main",
      async (commit) => known.get(commit) ?? [],
    );
    return steps.map((step) => ({
      commits: step.commits.map(({ commit }) => commit),
      before: step.before,
      pull: step.pull?.number,
    }));
  };
  return { folder, start, add, knows, walk };
}

describe("groupByPull", () => {
  it("sees a merge commit as one step, whatever its branch holds", async () => {
    const { folder, start, add, knows, walk } = story();
    git(folder, "checkout", "--quiet", "-b", "topic");
    const inside = [add("b.yaml"), add("b.yaml")];
    git(folder, "checkout", "--quiet", "main");
    git(folder, "merge", "--quiet", "--no-ff", "-m", "Merge pull request #1", "topic");
    const merge = git(folder, "rev-parse", "HEAD");
    knows([merge, ...inside], pull(1, merge));
    expect(await walk()).toEqual([{ commits: [merge], before: start, pull: 1 }]);
  });

  it("tells a squash, the commits of a rebase and a direct push apart, in order", async () => {
    const { start, add, knows, walk } = story();
    const squashed = add();
    knows([squashed], pull(1, squashed));
    const rebased = [add(), add(), add()];
    knows(rebased, pull(2, rebased.at(-1) ?? ""));
    const pushed = add();
    const other = add();
    knows([other], pull(3, other));
    expect(await walk()).toEqual([
      { commits: [squashed], before: start, pull: 1 },
      { commits: rebased, before: squashed, pull: 2 },
      { commits: [pushed], before: rebased.at(-1), pull: undefined },
      { commits: [other], before: pushed, pull: 3 },
    ]);
  });

  it("does not take what stands between a rebase's commits for a part of it", async () => {
    const { add, knows, walk } = story();
    const [first, between, last] = [add(), add(), add()];
    knows([first, last], pull(1, last));
    expect((await walk()).map(({ commits, pull }) => [commits, pull])).toEqual([
      [[first], undefined],
      [[between], undefined],
      [[last], 1],
    ]);
  });

  it("counts nothing that was merged elsewhere, is not merged, or was merged before", async () => {
    const { add, knows, walk } = story();
    const [elsewhere, open, before, unknown] = [add(), add(), add(), add()];
    knows([elsewhere], pull(1, elsewhere, { base: { branch: "dev", commit: "0".repeat(40) } }));
    knows([open], pull(2, null, { state: "open" }));
    knows([before], pull(3, elsewhere));
    knows([unknown], pull(4, "f".repeat(40)));
    expect((await walk()).map(({ pull }) => pull)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it("takes the pull request that ends soonest when several claim a commit", async () => {
    const { add, knows, walk } = story();
    const [first, second] = [add(), add()];
    knows([first, second], pull(7, second));
    knows([first], pull(9, first));
    expect((await walk()).map(({ commits, pull }) => [commits, pull])).toEqual([
      [[first], 9],
      [[second], 7],
    ]);
  });

  it("sees the revert of a merge as a step of its own", async () => {
    const { folder, add, knows, walk, start } = story();
    git(folder, "checkout", "--quiet", "-b", "topic");
    add("b.yaml");
    git(folder, "checkout", "--quiet", "main");
    git(folder, "merge", "--quiet", "--no-ff", "-m", "Merge pull request #1", "topic");
    const merge = git(folder, "rev-parse", "HEAD");
    knows([merge], pull(1, merge));
    git(folder, "revert", "--no-edit", "-m", "1", merge);
    const revert = git(folder, "rev-parse", "HEAD");
    knows([revert], pull(2, revert));
    expect(await walk()).toEqual([
      { commits: [merge], before: start, pull: 1 },
      { commits: [revert], before: merge, pull: 2 },
    ]);
    expect(await walk(merge)).toEqual([{ commits: [revert], before: merge, pull: 2 }]);
    expect(await walk(revert)).toEqual([]);
  });

  it("reads hostile names as names", async () => {
    const { folder, start } = story();
    const name = "x %H \u202e `@team` | #1";
    execFileSync("git", ["commit", "--quiet", "--allow-empty", "-m", "a\n\nb"], {
      cwd: folder,
      env: { ...process.env, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: "x@acme.example" },
    });
    const walk = await readWalk(await open(folder), start, git(folder, "rev-parse", "HEAD"));
    expect(walk.map(({ committer, parent }) => [committer, parent])).toEqual([[name, start]]);
  });
});

describe("the history it takes", () => {
  it("is fetched into a shallow clone, and no branch moves", async () => {
    const remote = initBare();
    const seed = initRepository({ "a.yaml": "0" });
    const first = git(seed, "rev-parse", "HEAD");
    for (let number = 1; number <= 60; number += 1)
      git(seed, "commit", "--quiet", "--allow-empty", "-m", String(number));
    const seen = git(seed, "rev-parse", "HEAD");
    git(seed, "push", "--quiet", remote, "HEAD:main");
    const work = clone(`file://${remote}`, "--depth", "1");
    git(seed, "commit", "--quiet", "--allow-empty", "-m", "later");
    git(seed, "push", "--quiet", remote, "HEAD:main");
    git(seed, "push", "--quiet", remote, `${first}:refs/rolebook/applied/acme`);

    const repository = await open(work);
    const tip = (await fetchBranch(repository, "origin", "main")) ?? "";
    expect(tip).toBe(git(seed, "rev-parse", "HEAD"));
    await repository.fetchRefs("origin", ["refs/rolebook/applied/acme"]);
    expect(await fetchUntil(repository, "origin", "main", { commit: first, tip })).toBe(true);
    expect(await readWalk(repository, first, tip)).toHaveLength(61);
    expect([git(work, "rev-parse", "HEAD"), git(work, "status", "--porcelain")]).toEqual([seen, ""]);
  });

  it("says of what is not in it that it is not", async () => {
    const remote = initBare();
    const seed = initRepository({ "a.yaml": "0" });
    git(seed, "push", "--quiet", remote, "HEAD:main");
    git(seed, "checkout", "--quiet", "--orphan", "other");
    const other = commitFiles(seed, { "b.yaml": "1" });
    git(seed, "push", "--quiet", remote, "HEAD:other");
    const repository = await open(clone(`file://${remote}`, "--depth", "1"));
    await repository.fetchTips("origin", ["refs/heads/other"]);
    const tip = (await fetchBranch(repository, "origin", "main")) ?? "";
    expect(await fetchUntil(repository, "origin", "main", { commit: other, tip })).toBe(false);
    expect(await fetchBranch(repository, "origin", "nowhere")).toBeUndefined();
    await expect(fetchBranch(repository, "origin", "a:b")).rejects.toThrow("not a branch's name");
  });
});
