import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { type Claim, ClaimedError, claimRef, claimTarget, LEASE_MS, RENEW_MS } from "../../src/git/claim.ts";
import type { Holder } from "../../src/git/lock.ts";
import type { Repository } from "../../src/git/repository.ts";
import { clone, commitFiles, git, initBare, initRepository, open } from "./scratch.ts";

const NOW = new Date("2026-03-01T10:00:00Z");
const REF = claimRef("acme");
const later = (ms: number) => new Date(NOW.getTime() + ms);

/** Two machines, as far as Git can tell, and what they share. */
async function twoClones(): Promise<{ remote: string; left: Repository; right: Repository }> {
  const remote = initBare();
  const seed = initRepository({ "a.yaml": "1" });
  git(seed, "push", "--quiet", remote, "HEAD:main");
  return { remote, left: await open(clone(remote)), right: await open(clone(remote)) };
}

/** What a machine sees of the claim before it looks at anything. */
async function seen(repository: Repository): Promise<string | null> {
  return (await repository.fetchTips("origin", [REF])).get(REF) ?? null;
}

const take = (repository: Repository, known: string | null, now = NOW): Promise<Claim> =>
  claimTarget(repository, "origin", "acme", known, now);

/** Makes a claim on the remote somebody else's: of another machine, or of a process that is gone. */
async function plant(repository: Repository, changes: Partial<Holder>, until?: string): Promise<void> {
  const tip = (await seen(repository)) ?? "";
  const record = JSON.parse(git(repository.root, "show", `${tip}:claim.json`));
  const folder = repository.root;
  git(folder, "checkout", "--quiet", "--detach", tip);
  const commit = commitFiles(folder, {
    "claim.json": JSON.stringify({ ...record, ...(until ? { until } : {}), holder: { ...record.holder, ...changes } }),
  });
  git(folder, "push", "--quiet", "origin", `${commit}:${REF}`);
}

describe("claimTarget", () => {
  it("gives a target to one of two who claim it at once", async () => {
    const { left, right } = await twoClones();
    const known = [await seen(left), await seen(right)] as const;
    const results = await Promise.allSettled([take(left, known[0]), take(right, known[1])]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const lost = results.find((result) => result.status === "rejected");
    expect(lost?.reason).toBeInstanceOf(ClaimedError);
  });

  it("is refused while it is held, and says by whom and until when", async () => {
    const { left, right } = await twoClones();
    await take(left, await seen(left));
    const second = take(right, await seen(right));
    await expect(second).rejects.toThrow(`process ${process.pid} on ${JSON.stringify(hostname())}`);
    await expect(second).rejects.toMatchObject({ hint: expect.stringContaining(later(LEASE_MS).toISOString()) });
  });

  it("is refused to who looked before somebody else had it, also when that one is done", async () => {
    const { left, right } = await twoClones();
    const known = await seen(right);
    const claim = await take(left, await seen(left));
    await claim.release(NOW);
    await expect(take(right, known)).rejects.toThrow("has moved since this plan was built");
    await expect(take(right, await seen(right))).resolves.toBeDefined();
  });

  it("is free again when it was given back together with other refs", async () => {
    const { left, right, remote } = await twoClones();
    const claim = await take(left, await seen(left));
    const head = git(left.root, "rev-parse", "HEAD");
    await left.pushRefs("origin", [{ ref: "refs/rolebook/applied/acme", to: head }, await claim.returned(NOW)]);
    expect(git(remote, "rev-parse", "refs/rolebook/applied/acme")).toBe(head);
    await expect(take(right, await seen(right))).resolves.toBeDefined();
  });

  it("runs out, and its holder knows before anybody else may have it", async () => {
    const { left, right } = await twoClones();
    const claim = await take(left, await seen(left));
    expect(claim.holds(later(LEASE_MS - RENEW_MS - 1))).toBe(true);
    expect(claim.holds(later(LEASE_MS - RENEW_MS))).toBe(false);
    await expect(take(right, await seen(right), later(LEASE_MS - 1))).rejects.toBeInstanceOf(ClaimedError);
    await expect(take(right, await seen(right), later(LEASE_MS))).resolves.toBeDefined();
  });

  it("lasts as long as it is renewed, and not after somebody has taken it", async () => {
    const { left, right } = await twoClones();
    const claim = await take(left, await seen(left));
    await claim.renew(later(RENEW_MS));
    await expect(take(right, await seen(right), later(LEASE_MS))).rejects.toBeInstanceOf(ClaimedError);
    await take(right, await seen(right), later(LEASE_MS + RENEW_MS));
    expect(claim.holds(later(RENEW_MS))).toBe(true);
    await claim.renew(later(LEASE_MS + RENEW_MS));
    expect(claim.holds(later(RENEW_MS))).toBe(false);
  });

  it("survives a remote that is away for a while", async () => {
    const { left } = await twoClones();
    const claim = await take(left, await seen(left));
    const url = git(left.root, "remote", "get-url", "origin");
    git(left.root, "remote", "set-url", "origin", `${url}/nowhere`);
    await claim.renew(later(RENEW_MS));
    expect(claim.holds(later(RENEW_MS))).toBe(true);
    git(left.root, "remote", "set-url", "origin", url);
    await claim.renew(later(2 * RENEW_MS));
    expect(claim.holds(later(LEASE_MS))).toBe(true);
  });

  it("is taken at once from a process of this machine that is gone, and from no other", async () => {
    const { left, right } = await twoClones();
    await take(left, await seen(left));
    await plant(left, { boot: "another machine's", start: "1" });
    await expect(take(right, await seen(right))).rejects.toBeInstanceOf(ClaimedError);
    const { boot } = JSON.parse(git(right.root, "show", `${await seen(right)}^:claim.json`)).holder as Holder;
    await plant(left, { boot, start: "1" });
    await expect(take(right, await seen(right))).resolves.toBeDefined();
  });

  it("is not stopped by what is no claim, and moves on from it", async () => {
    const { left, right, remote } = await twoClones();
    git(left.root, "push", "--quiet", "origin", `HEAD:${REF}`);
    const before = git(remote, "rev-parse", REF);
    await take(right, await seen(right));
    expect(git(remote, "rev-parse", `${REF}^`)).toBe(before);
  });

  it("is not held for good by one that was forged: for longer than any clock can be off, or by nobody at all", async () => {
    const { left, right } = await twoClones();
    await take(left, await seen(left));
    await plant(left, { boot: "another machine's" }, "2999-01-01T00:00:00.000Z");
    await expect(take(right, await seen(right))).resolves.toBeDefined();
    await plant(left, { boot: 7, since: "\u001b[2J" } as unknown as Holder);
    await expect(take(right, await seen(right))).resolves.toBeDefined();
  });
});
