// One apply per target and repository at a time. The lock is a ref whose content names the holder, because Git moves a
// ref by compare-and-swap: two processes that find the same dead holder cannot both take over, and all work trees share it.
//
// Why no lock package: proper-lockfile (the maintained choice) judges a holder dead by a heartbeat's age, so a process that
// was only suspended loses its lock while it writes, a dead one blocks until a time-out, and neither says who it was.
import { randomUUID } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { runGit } from "./command.ts";
import { GitError, RefMovedError } from "./error.ts";
import { assertTarget } from "./refs.ts";
import type { Repository } from "./repository.ts";

export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, UTC: when the lock was taken. */
  readonly since: string;
  /** What tells this process from a later one with the same number, where the system says: boot, process space, start time. */
  readonly boot: string;
  readonly space: string;
  readonly start: string;
  /** Makes every lock one of its own, also two by one process in one instant. */
  readonly token: string;
}

export interface Lock {
  /** Gives the lock back. Doing so twice is harmless. */
  readonly release: () => Promise<void>;
}

/** Somebody else applies to the same target in the same repository. */
export class LockedError extends GitError {
  readonly holder: Holder;
  constructor(target: string, holder: Holder) {
    super(`${target} is being applied by process ${holder.pid} on ${holder.host} since ${holder.since}`, {
      hint: `Wait for it. If that process is surely gone: git update-ref -d ${lockRef(target)}`,
    });
    this.name = "LockedError";
    this.holder = holder;
  }
}

/** Each try lost means that somebody else moved the lock meanwhile; a few of those and it is busy, not unlucky. */
const MAX_TRIES = 5;

/**
 * Takes a target's lock, also from a process that is dead. Throws `LockedError` while its holder lives, or when that
 * cannot be told (another machine, another container).
 */
export async function acquireLock(repository: Repository, target: string, now: Date): Promise<Lock> {
  const ref = lockRef(target);
  const holder = describeSelf(now);
  const { stdout } = await runGit(repository.root, ["hash-object", "-w", "--stdin"], { input: JSON.stringify(holder) });
  const mine = stdout.trim();
  for (let attempt = 1; ; attempt += 1) {
    const current = await repository.readRef(ref);
    const other = current === null ? undefined : await readHolder(repository, current);
    if (current !== null && other !== undefined && !isDead(other, holder)) throw new LockedError(target, other);
    try {
      await repository.moveRef(ref, mine, current);
      return { release: () => release(repository, ref, mine) };
    } catch (error) {
      if (!(error instanceof RefMovedError) || attempt === MAX_TRIES) throw error;
    }
  }
}

function lockRef(target: string): string {
  return `refs/rolebook/lock/${assertTarget(target)}`;
}

async function release(repository: Repository, ref: string, mine: string): Promise<void> {
  try {
    await repository.moveRef(ref, null, mine);
  } catch (error) {
    // Released before, or removed by hand: either way it is not ours to remove any more.
    if (!(error instanceof RefMovedError)) throw error;
  }
}

async function readHolder(repository: Repository, blob: string): Promise<Holder | undefined> {
  const text = (await repository.readBlobs([blob])).get(blob)?.toString("utf8");
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  return value as Holder;
}

/**
 * Whether a holder that was heard of through a remote is surely gone. Machines elsewhere may have this one's name: only the
 * same start of the same machine counts, and a process space that can be seen from here.
 */
export function isGoneHere(other: Holder, self: Holder): boolean {
  return other.boot !== "" && other.boot === self.boot && isDead(other, self);
}

/** Surely dead: on this machine, and either the machine was restarted since, or no process of that number and start lives. */
function isDead(other: Holder, self: Holder): boolean {
  if (other.host !== self.host) return false;
  if (other.boot !== self.boot) return true;
  if (other.space !== self.space) return false;
  const stat = processStat(other.pid);
  return !isAlive(other.pid) || stat.state === "Z" || stat.start !== other.start;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** This process, as a holder. */
export function describeSelf(now: Date): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    since: now.toISOString(),
    boot: whereKnown(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    space: whereKnown(() => readlinkSync("/proc/self/ns/pid")),
    start: processStat(process.pid).start,
    token: randomUUID(),
  };
}

/** Fields 3 and 22 of a process's line: its state (Z: ended, only its parent has not noticed) and its start in clock ticks since boot. */
function processStat(pid: number): { readonly state: string; readonly start: string } {
  const stat = whereKnown(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // Counted after the name, which is in brackets and may hold spaces and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", start: fields[19] ?? "" };
}

/** Linux tells; elsewhere the process number alone must do. */
function whereKnown(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
