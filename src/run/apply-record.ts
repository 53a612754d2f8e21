// The Git side of an apply: bringing the applied ref and the ledger here before, moving the ref after,
// and pushing both. A push never forces; what could not be pushed is said.
import { fetchLedger, syncLedger } from "../git/ledger-sync.ts";
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import { type Context, OperatorError } from "./context.ts";

/** Fetches the target's applied ref and the ledger. Throws `OperatorError` when this clone and the remote disagree about what was applied. */
export async function fetchBefore(repository: Repository, remote: string | undefined, target: string): Promise<void> {
  if (remote === undefined) return;
  const [applied] = await repository.fetchRefs(remote, [appliedRef(target)]);
  if (applied?.state === "diverged")
    throw new OperatorError(
      `This clone and ${remote} disagree about what was last applied to ${target}`,
      `Here ${applied.local?.slice(0, 12)}, there ${applied.remote?.slice(0, 12)}. Find out which is true before anything is applied.`,
    );
  await fetchLedger(repository, remote);
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

/** Pushes the ledger and the applied ref. False, with a message, when the remote has moved or refuses: the local records stay. */
export async function publishAfter(
  context: Context,
  repository: Repository,
  remote: string | undefined,
  target: string,
): Promise<boolean> {
  if (remote === undefined) return true;
  const applied = await repository.readRef(appliedRef(target));
  try {
    const result = await syncLedger(
      repository,
      remote,
      applied === null ? [] : [{ ref: appliedRef(target), to: applied }],
    );
    if (result.kind === "synced") return true;
    context.err(
      `${remote} has moved ${result.refs.join(", ")} meanwhile: the receipt is recorded here but not pushed.\n`,
    );
  } catch (error) {
    context.err(
      `The receipt is recorded here, but could not be pushed to ${remote}: ${error instanceof Error ? error.message : error}\n`,
    );
  }
  context.err("Run `rolebook apply` again to push it; nothing will be applied twice.\n");
  return false;
}
