// One apply per target among all clones of a remote. The claim is a ref on the remote whose commits are a chain: taken, renewed,
// given back. A push that is not on top of what is there is refused by the remote, so of two that claim at once one has it.
// A claim lasts minutes and is renewed while its holder lives; it refuses to be taken from a holder who may be alive.
import { runGit } from "./command.ts";
import { commitTree } from "./commit-tree.ts";
import { GitError } from "./error.ts";
import { describeSelf, type Holder, isGoneHere } from "./lock.ts";
import { LEDGER_AUTHOR } from "./records.ts";
import { assertTarget } from "./refs.ts";
import type { RefUpdate } from "./remote.ts";
import type { Repository } from "./repository.ts";

/** How long a claim holds after it was last heard of. Clocks of two machines may differ by less than `LEASE_MS - RENEW_MS`. */
export const LEASE_MS = 300_000;
/** How often a holder renews it. */
export const RENEW_MS = 60_000;

interface ClaimRecord {
  readonly version: 1;
  readonly holder: Holder;
  /** ISO 8601, UTC: until when it holds; null when it was given back. */
  readonly until: string | null;
}

export interface Claim {
  /** Whether it is still ours: nobody else has taken it, and it has not run out. */
  readonly holds: (now: Date) => boolean;
  /** Makes it last for another `LEASE_MS`. Failing is no error: it may succeed the next time, and else the claim runs out. */
  readonly renew: (now: Date) => Promise<void>;
  /** What to push to give it back, together with whatever shall be there when it is free. */
  readonly returned: (now: Date) => Promise<RefUpdate>;
  /** Gives it back by itself, where it was not given back with anything else. Failing is no error: it runs out. */
  readonly release: (now: Date) => Promise<void>;
}

/** Somebody else applies to the same target, from this clone or another one. */
export class ClaimedError extends GitError {
  constructor(target: string, said: string, hint: string) {
    super(`${target} is being applied by somebody else: ${said}`, { hint });
    this.name = "ClaimedError";
  }
}

export function claimRef(target: string): string {
  return `refs/rolebook/claim/${assertTarget(target)}`;
}

/**
 * Claims a target on a remote. `known` is where the claim's ref was before anything was read that a plan rests on: when it has
 * moved since, somebody else may have written, and it is theirs. Throws `ClaimedError` then, and while another's claim holds.
 */
export async function claimTarget(
  repository: Repository,
  remote: string,
  target: string,
  known: string | null,
  now: Date,
): Promise<Claim> {
  const holder = describeSelf(now);
  const before = known === null ? undefined : await readRecord(repository, known);
  if (before && isHeld(before, holder, now)) throw claimedBy(target, before);
  const ref = claimRef(target);
  const state = {
    tip: await writeRecord(repository, known, { version: 1, holder, until: endOf(now) }, now),
    until: now,
  };
  state.until = new Date(endOf(now));
  const answer = await repository.pushRefs(remote, [{ ref, to: state.tip }]);
  if (answer.kind === "moved")
    throw new ClaimedError(
      target,
      `its claim on ${remote} has moved since this plan was built`,
      "Nothing was changed. Run it again: the plan may be another one now.",
    );
  return holdClaim(repository, remote, ref, holder, state);
}

function holdClaim(
  repository: Repository,
  remote: string,
  ref: string,
  holder: Holder,
  state: { tip: string; until: Date },
): Claim {
  let lost = false;
  let returned = false;
  // One push at a time, or the second would not be on top of the first.
  let last: Promise<void> = Promise.resolve();
  const renew = async (now: Date) => {
    if (returned || lost) return;
    const tip = await writeRecord(repository, state.tip, { version: 1, holder, until: endOf(now) }, now);
    const answer = await repository.pushRefs(remote, [{ ref, to: tip }]);
    if (answer.kind === "moved") lost = true;
    else Object.assign(state, { tip, until: new Date(endOf(now)) });
  };
  const back = async (now: Date) => {
    returned = true;
    await last;
    return { ref, to: await writeRecord(repository, state.tip, { version: 1, holder, until: null }, now) };
  };
  return {
    holds: (now) => !lost && now.getTime() < state.until.getTime() - RENEW_MS,
    renew: (now) => {
      last = last.then(() => renew(now)).catch(() => undefined);
      return last;
    },
    returned: back,
    release: async (now) => {
      try {
        await repository.pushRefs(remote, [await back(now)]);
      } catch (error) {
        if (!(error instanceof GitError)) throw error;
      }
    },
  };
}

function endOf(now: Date): string {
  return new Date(now.getTime() + LEASE_MS).toISOString();
}

/** What reaches further than any holder's own clock can be off is nobody's claim: a forged one must not hold for good. */
function isHeld({ until, holder }: ClaimRecord, self: Holder, now: Date): boolean {
  if (until === null) return false;
  const left = Date.parse(until) - now.getTime();
  return left > 0 && left < 2 * LEASE_MS - RENEW_MS && !isGoneHere(holder, self);
}

function claimedBy(target: string, { holder, until }: ClaimRecord): ClaimedError {
  const { pid, host, since } = holder;
  return new ClaimedError(
    target,
    `process ${pid} on ${JSON.stringify(host)}, since ${since}`,
    `Nothing was changed. Wait for it; if it was killed, its claim runs out at ${until}, and the next run finishes what it began.`,
  );
}

/** What is no record of ours claims nothing, but a commit on top of it does. */
async function readRecord(repository: Repository, commit: string): Promise<ClaimRecord | undefined> {
  const file = (await repository.listTree(commit, "")).find(({ path }) => path === FILE);
  const text = file && (await repository.readBlobs([file.blob])).get(file.blob)?.toString("utf8");
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is ClaimRecord {
  if (value === null || typeof value !== "object" || !("holder" in value) || !("until" in value)) return false;
  const { holder, until } = value;
  return (until === null || isInstant(until)) && isHolder(holder);
}

function isHolder(value: unknown): value is Holder {
  if (value === null || typeof value !== "object") return false;
  const { pid, since, ...rest } = value as Readonly<Record<string, unknown>>;
  const texts = [rest.host, rest.boot, rest.space, rest.start, rest.token];
  return Number.isSafeInteger(pid) && isInstant(since) && texts.every((text) => typeof text === "string");
}

/** As Rolebook writes it: it is shown as it is. */
function isInstant(value: unknown): value is string {
  return typeof value === "string" && /^\d{4}-[\d:T.-]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
}

const FILE = "claim.json";

async function writeRecord(
  { root }: Repository,
  parent: string | null,
  record: ClaimRecord,
  at: Date,
): Promise<string> {
  const written = async (args: readonly string[], input: string) => (await runGit(root, args, { input })).stdout.trim();
  const blob = await written(["hash-object", "-w", "--stdin"], `${JSON.stringify(record)}\n`);
  const tree = await written(["mktree"], `100644 blob ${blob}\t${FILE}\n`);
  return commitTree(root, {
    tree,
    parent,
    message: `${record.until ?? "returned"}\n`,
    author: LEDGER_AUTHOR,
    seconds: Math.floor(at.getTime() / 1000),
  });
}
