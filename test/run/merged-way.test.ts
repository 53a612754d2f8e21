// Which merges are what their pull requests say: with real Git, by the files alone.
import { describe, expect, it } from "vitest";
import { openRepository, type Repository } from "../../src/git/repository.ts";
import type { Step } from "../../src/git/walk.ts";
import type { Pull } from "../../src/model/host.ts";
import { isAsProposed, policyAt } from "../../src/run/merged-way.ts";
import { commitFiles, git, initRepository } from "../git/scratch.ts";

const BRANCH = { name: "main", remote: undefined };

interface Stage {
  readonly folder: string;
  readonly before: string;
  readonly head: string;
  readonly isHonest: (commit: string) => Promise<boolean>;
}

async function stage(): Promise<Stage> {
  const folder = initRepository({ "policies/acme/a.yaml": "one\n", "policies/acme/b.yaml": "one\n" });
  git(folder, "checkout", "-q", "-b", "more");
  const head = commitFiles(folder, { "policies/acme/a.yaml": "two\n" });
  git(folder, "checkout", "-q", "main");
  const before = commitFiles(folder, { "policies/acme/c.yaml": "one\n" });
  const repository = (await openRepository(folder)) as Repository;
  const pull = { number: 1, head: { branch: "more", commit: head, repository: "acme/access" } } as Pull;
  const policy = (commit: string) => policyAt(repository, "policies", commit, "acme");
  return {
    folder,
    before,
    head,
    isHonest: (commit) => {
      const step: Step = { commit, before, commits: [], pull };
      return isAsProposed(repository, BRANCH, step, policy);
    },
  };
}

describe("a merge", () => {
  it("is as proposed when it says what merging the head gives, however it was made", async () => {
    const { folder, head, isHonest } = await stage();
    git(folder, "merge", "-q", "--no-edit", head);
    expect(await isHonest(git(folder, "rev-parse", "main"))).toBe(true);
    git(folder, "reset", "-q", "--hard", "main^");
    git(folder, "merge", "-q", "--squash", head);
    git(folder, "commit", "-q", "-m", "squashed");
    expect(await isHonest(git(folder, "rev-parse", "main"))).toBe(true);
  });

  it("is not when somebody put something into it by hand, or it does not merge by itself", async () => {
    const { folder, head, before, isHonest } = await stage();
    git(folder, "merge", "-q", "--no-commit", "--no-ff", head);
    const evil = commitFiles(folder, { "policies/acme/b.yaml": "mine\n" });
    expect(git(folder, "rev-parse", "main^2")).toBe(head);
    expect(await isHonest(evil)).toBe(false);
    expect(await isHonest(before)).toBe(false);
  });
});
