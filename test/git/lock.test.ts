import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { acquireLock, type Holder, LockedError } from "../../src/git/lock.ts";
import type { Repository } from "../../src/git/repository.ts";
import { git, initRepository, open, scratchFolder, writeFiles } from "./scratch.ts";

const NOW = new Date("2026-03-01T10:00:00Z");
const REF = "refs/rolebook/lock/acme";

/** Puts a lock there that names somebody else. */
async function plant(repository: Repository, changes: Partial<Holder>): Promise<Holder> {
  const probe = await acquireLock(repository, "acme", NOW);
  const self = JSON.parse(git(repository.root, "cat-file", "blob", REF)) as Holder;
  await probe.release();
  const holder = { ...self, ...changes };
  writeFiles(repository.root, { holder: JSON.stringify(holder) });
  git(repository.root, "update-ref", REF, git(repository.root, "hash-object", "-w", "holder"));
  return holder;
}

function startProcess(): ChildProcess {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

function startOf(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

describe("acquireLock", () => {
  it("keeps a second apply of the same target out until the first is done", async () => {
    const repository = await open(initRepository({ "a.yaml": "1" }));
    const lock = await acquireLock(repository, "acme", NOW);
    const second = acquireLock(repository, "acme", NOW);
    await expect(second).rejects.toBeInstanceOf(LockedError);
    await expect(second).rejects.toThrow(
      `acme is being applied by process ${process.pid} on ${hostname()} since 2026-03-01T10:00:00.000Z`,
    );
    await expect(second).rejects.toMatchObject({ hint: expect.stringContaining(`git update-ref -d ${REF}`) });
    const other = await acquireLock(repository, "other", NOW);
    await lock.release();
    await lock.release();
    const third = await acquireLock(repository, "acme", NOW);
    await lock.release(); // not its own any more
    await expect(acquireLock(repository, "acme", NOW)).rejects.toBeInstanceOf(LockedError);
    await third.release();
    await other.release();
    expect(await repository.listRefs("refs/rolebook/lock/")).toEqual(new Map());
  });

  it("holds between work trees of one repository", async () => {
    const folder = initRepository({ "a.yaml": "1" });
    const tree = join(scratchFolder(), "tree");
    git(folder, "worktree", "add", "--quiet", "-b", "side", tree);
    await acquireLock(await open(folder), "acme", NOW);
    await expect(acquireLock(await open(tree), "acme", NOW)).rejects.toBeInstanceOf(LockedError);
  });

  it("respects a living process and takes over from the same one when it was killed", async () => {
    const repository = await open(initRepository({ "a.yaml": "1" }));
    const child = startProcess();
    const pid = child.pid ?? 0;
    await plant(repository, { pid, start: startOf(pid) });
    await expect(acquireLock(repository, "acme", NOW)).rejects.toThrow(`process ${pid}`);
    child.kill("SIGKILL");
    await new Promise((settle) => child.once("exit", settle));
    const lock = await acquireLock(repository, "acme", NOW);
    await lock.release();
  });

  it("is not fooled by a new process with the old number, nor by a restart", async () => {
    const repository = await open(initRepository({ "a.yaml": "1" }));
    const child = startProcess();
    await plant(repository, { pid: child.pid ?? 0, start: "1" });
    await (await acquireLock(repository, "acme", NOW)).release();
    await plant(repository, { boot: "another boot", pid: process.pid });
    await (await acquireLock(repository, "acme", NOW)).release();
  });

  it("does not judge what it cannot see: another machine, another container", async () => {
    const repository = await open(initRepository({ "a.yaml": "1" }));
    await plant(repository, { host: "elsewhere", pid: 999_999_999 });
    await expect(acquireLock(repository, "acme", NOW)).rejects.toThrow(/on elsewhere/);
    git(repository.root, "update-ref", "-d", REF);
    await plant(repository, { space: `${readlinkSync("/proc/self/ns/pid")}x`, pid: 999_999_999 });
    await expect(acquireLock(repository, "acme", NOW)).rejects.toBeInstanceOf(LockedError);
  });

  it("lets exactly one of many take over from the dead", async () => {
    const repository = await open(initRepository({ "a.yaml": "1" }));
    await plant(repository, { pid: 999_999_999 });
    const tries = Array.from({ length: 8 }, () => acquireLock(repository, "acme", NOW));
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === "fulfilled").length).toBe(1);
    for (const result of results) if (result.status === "rejected") expect(result.reason).toBeInstanceOf(LockedError);
  });
});
