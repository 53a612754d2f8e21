// Claims over real repositories: each path is won by one, a lost claim leaves no trace, and what only this clone has recorded
// is neither lost nor in the way.
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openLedger } from "../../src/git/ledger.ts";
import { claimOnLedger } from "../../src/git/ledger-claim.ts";
import type { Repository } from "../../src/git/repository.ts";
import { clone, git, initBare, initRepository, open } from "./scratch.ts";

const ABOUT = { subject: "claim", at: new Date("2026-11-22T12:00:00Z"), author: "Rolebook <rolebook@localhost>" };

function claim(repository: Repository, remote: string | undefined, ...paths: string[]): Promise<string[]> {
  const content = randomUUID();
  return claimOnLedger(repository, remote, { ...ABOUT, files: paths.map((path) => ({ path, content })) });
}

describe("a claim", () => {
  it("is of what nobody has taken", async () => {
    const repository = await open(initRepository());
    expect(await claim(repository, undefined, "acme/a", "acme/b")).toEqual(["acme/a", "acme/b"]);
    expect(await claim(repository, undefined, "acme/b", "acme/c")).toEqual(["acme/c"]);
    const head = await openLedger(repository).head();
    expect(await claim(repository, undefined, "acme/a")).toEqual([]);
    expect(await openLedger(repository).head()).toBe(head);
    expect(await openLedger(repository).verify()).toEqual([]);
  });

  it("is won by one of many, with and without a remote, in one clone or several", async () => {
    const remote = initBare();
    const shared = await open(clone(remote));
    const alone = await open(initRepository());
    const ways: readonly (readonly [readonly Repository[], string | undefined])[] = [
      [[alone, alone, alone], undefined],
      [[await open(clone(remote)), await open(clone(remote)), await open(clone(remote))], "origin"],
      [[shared, shared, shared], "origin"],
    ];
    for (const [index, [repositories, name]] of ways.entries()) {
      const paths = ["x", "y", "z"].map((file) => `acme/${index}/${file}`);
      const won = await Promise.all(repositories.map((repository) => claim(repository, name, ...paths)));
      expect(won.flat().sort()).toEqual(paths);
      for (const repository of repositories) expect(await openLedger(repository).verify()).toEqual([]);
    }
  });

  it("brings along what only this clone has recorded, and keeps what the remote has", async () => {
    const remote = initBare();
    const [here, there] = [await open(clone(remote)), await open(clone(remote))];
    await openLedger(here).append({ ...ABOUT, files: [{ path: "acme/receipt", content: "mine" }] });
    expect(await claim(there, "origin", "acme/a")).toEqual(["acme/a"]);
    expect(await claim(here, "origin", "acme/a", "acme/b")).toEqual(["acme/b"]);
    const paths = ["acme/a", "acme/b", "acme/receipt"];
    expect(await openLedger(here).list("acme")).toEqual(paths);
    expect(git(remote, "ls-tree", "-r", "--name-only", "rolebook/ledger").split("\n")).toEqual(paths);
    expect(git(remote, "rev-list", "--count", "--min-parents=2", "rolebook/ledger")).toBe("0");
  });

  it("is not won while the remote cannot be reached, and leaves no trace", async () => {
    const remote = initBare();
    const repository = await open(clone(remote));
    rmSync(remote, { recursive: true });
    await expect(claim(repository, "origin", "acme/a")).rejects.toThrow("git ls-remote failed");
    expect(await openLedger(repository).head()).toBe(null);
  });
});
