// The Git side of an apply: bringing the applied ref and the ledger here before, claiming the target among all clones while it
// writes, moving the ref after, and pushing everything. A push never forces; what could not be pushed is said.
import { type Claim, claimRef, claimTarget, RENEW_MS } from "../git/claim.ts";
import type { Ledger } from "../git/ledger.ts";
import { fetchLedger, syncLedger } from "../git/ledger-sync.ts";
import { recordStart, type Start } from "../git/records.ts";
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import { type Context, OperatorError } from "./context.ts";

/** What a remote had before anything was read that a plan rests on. */
export interface RemoteBefore {
  readonly remote: string;
  /** Where the target's claim was. */
  readonly claim: string | null;
}

/**
 * Fetches the target's applied ref and the ledger. Throws `OperatorError` when this clone and the remote disagree about what was
 * applied. Undefined where there is no remote.
 */
export async function fetchBefore(
  repository: Repository,
  remote: string | undefined,
  target: string,
): Promise<RemoteBefore | undefined> {
  if (remote === undefined) return undefined;
  const [applied, claim] = await repository.fetchRefs(remote, [appliedRef(target), claimRef(target)]);
  if (applied?.state === "diverged")
    throw new OperatorError(
      `This clone and ${remote} disagree about what was last applied to ${target}`,
      `Here ${applied.local?.slice(0, 12)}, there ${applied.remote?.slice(0, 12)}. Find out which is true before anything is applied.`,
    );
  await fetchLedger(repository, remote);
  return { remote, claim: claim?.remote ?? null };
}

/** Leave to write to a target. */
export interface Leave {
  /** Whether it still holds. Once it does not, nothing more may be written. */
  readonly holds: () => boolean;
  readonly claim: Claim | undefined;
  /** Ends what keeps it alive. */
  readonly end: () => void;
}

/**
 * What must be so before the first write: the target is ours among all clones of the remote, and what is about to be made is
 * on the remote's ledger, so that any other clone can finish it. Throws, and nothing is written, when that cannot be had.
 */
export async function openLeave(
  context: Context,
  repository: Repository,
  before: RemoteBefore | undefined,
  ledger: Ledger,
  start: { readonly target: string; readonly fresh: Omit<Start, "version"> | undefined },
): Promise<Leave> {
  if (!before) {
    if (start.fresh) await recordStart(ledger, start.fresh);
    return { holds: () => true, claim: undefined, end: () => {} };
  }
  const claim = await claimTarget(repository, before.remote, start.target, before.claim, context.now());
  try {
    if (start.fresh) await recordStart(ledger, start.fresh);
    await syncLedger(repository, before.remote);
  } catch (error) {
    await claim.release(context.now());
    throw error;
  }
  const timer = setInterval(() => void claim.renew(context.now()), RENEW_MS);
  return { holds: () => claim.holds(context.now()), claim, end: () => clearInterval(timer) };
}

/** Fetches the applied ref for a command that only looks; when the remote cannot be reached, says so and goes on with what is here. */
export async function fetchForLook(
  context: Context,
  repository: Repository | undefined,
  target: string,
): Promise<void> {
  const remote = await repository?.remote();
  if (!repository || remote === undefined) return;
  try {
    await fetchBefore(repository, remote, target);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    context.err(
      `Warning: ${remote} could not be asked what was applied last; going by what this clone knows (--offline leaves this out).\n`,
    );
  }
}

/** Moves the applied ref; throws when somebody else moved it meanwhile. */
export async function moveApplied(
  repository: Repository,
  target: string,
  commit: string,
  base: string | null,
): Promise<void> {
  await repository.moveRef(appliedRef(target), commit, base);
}

/** Pushes the ledger and the applied ref, and gives the claim back. False, with a message, when the remote has moved or refuses: the local records stay. */
export async function publishAfter(
  context: Context,
  repository: Repository,
  remote: string | undefined,
  target: string,
  claim?: Claim,
): Promise<boolean> {
  if (remote === undefined) return true;
  const published = await publish(context, repository, remote, target, claim);
  if (!published) await claim?.release(context.now());
  return published;
}

async function publish(
  context: Context,
  repository: Repository,
  remote: string,
  target: string,
  claim: Claim | undefined,
): Promise<boolean> {
  const applied = await repository.readRef(appliedRef(target));
  try {
    const returned = await claim?.returned(context.now());
    const result = await syncLedger(repository, remote, [
      ...(applied === null ? [] : [{ ref: appliedRef(target), to: applied }]),
      ...(returned ? [returned] : []),
    ]);
    if (result.kind === "synced") return true;
    context.err(`${remote} has moved ${result.refs.join(", ")} meanwhile.\n`);
    // What was done is told all the same: the ledger never stands in anybody's way.
    await syncLedger(repository, remote);
    context.err("The receipt is pushed, and what was applied is not: somebody else has applied to the same target.\n");
  } catch (error) {
    context.err(
      `The receipt is recorded here, but could not be pushed to ${remote}: ${error instanceof Error ? error.message : error}\n`,
    );
  }
  context.err("Run `rolebook apply` again to push it; nothing will be applied twice.\n");
  return false;
}
