// Whether the record holds: the ledger only ever grew, and what is marked as applied is what the last receipt says. And whether the
// credential at hand is one that a plan may have. Looks only.
import type { Ledger } from "../git/ledger.ts";
import { listReceipts } from "../git/records.ts";
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { Check } from "../model/checkup.ts";
import { PlatformError, type Reader } from "../model/driver.ts";
import type { Target } from "../model/settings.ts";
import { connectionOf } from "./connect.ts";
import { type Context, OperatorError } from "./context.ts";
import { decided, undecided } from "./doctor-check.ts";
import { driverOf } from "./workspace.ts";

export async function checkLedger(ledger: Ledger): Promise<Check> {
  const findings = await ledger.verify();
  const words = { id: "ledger.chain" };
  const doubt = findings.find(({ severity }) => severity === "warning");
  const wrong = findings.filter(({ severity }) => severity === "error");
  if (wrong.length === 0 && doubt) return undecided(words, doubt.message, doubt.hint ?? "Fetch all of it.");
  return decided(wrong.length === 0, {
    ...words,
    ok: "The ledger has only ever grown",
    gap: `The ledger is not what it was: ${wrong[0]?.message}${wrong.length > 1 ? `, and ${wrong.length - 1} more` : ""}`,
    fix: "Find out who pushed to it, restore it from a clone that has the right one, and protect the branch.",
  });
}

/** Nothing on the host protects the applied refs: whoever may write can move them. What was recorded tells. */
export async function checkApplied(repository: Repository, ledger: Ledger, target: Target): Promise<Check> {
  const applied = await repository.readRef(appliedRef(target.name));
  const converged = (await listReceipts(ledger, target.name)).filter((receipt) => receipt.converged);
  const last = converged.at(-1);
  const short = (commit: string | null | undefined) => commit?.slice(0, 12) ?? "none";
  return decided((last?.commit ?? null) === applied, {
    id: "applied.recorded",
    about: target.name,
    severity: "warning",
    ok:
      applied === null
        ? "Nothing was applied yet, and nothing is recorded"
        : "The last applied commit is the one that the last receipt names",
    gap: `The applied commit is ${short(applied)}, and the last receipt of an apply that converged names ${short(last?.commit)}`,
    fix: `Somebody may have moved ${appliedRef(target.name)}, which decides what counts as deleted: compare with git ls-remote, and with the ledger.`,
  });
}

/** The credential that the environment holds. It must be the plan's, for this to be proved of the plan's. */
export async function checkRights(context: Context, target: Target): Promise<Check> {
  const words = { id: "credential.reads", about: target.name };
  const variables = Object.values(target.credentials).join(" and ");
  let reader: Reader | undefined;
  try {
    const driver = await driverOf(target).load();
    reader = driver.openReader(connectionOf(context, target));
    const rights = await reader.rights?.();
    if (rights?.writes === undefined) {
      const why = rights?.because ?? "its platform does not tell";
      return undecided(
        words,
        `Whether the credential in ${variables} can write is not known: ${why}`,
        "Look at it on the platform.",
      );
    }
    return decided(!rights.writes, {
      ...words,
      ok: `The credential in ${variables} can only read: ${rights.because}`,
      gap: `The credential in ${variables} can write: ${rights.because}`,
      fix: "A plan must have one that can only read. If this is the one of the apply, run doctor with the plan's.",
    });
  } catch (error) {
    if (!(error instanceof OperatorError) && !(error instanceof PlatformError)) throw error;
    return undecided(words, error.message, "Run doctor with the credential that plans get.");
  } finally {
    await reader?.close();
  }
}
