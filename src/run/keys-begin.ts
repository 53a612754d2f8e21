// What a run of `keys` is about to do: go on with what is on record, or begin something new, which people may have to be asked about.
import type { KeyRow } from "../model/keys.ts";
import type { Rotation, RotationPurpose } from "../model/rotation.ts";
import { OperatorError } from "./context.ts";
import { whyFrozen } from "./freeze.ts";
import { likelyKey } from "./keys.ts";
import { markOf, shownKey } from "./keys-carry.ts";
import type { KeyJob } from "./keys-rotate.ts";
import { driverOf } from "./workspace.ts";

export type Beginning =
  | { readonly kind: "nothing"; readonly said: string }
  | { readonly kind: "continue"; readonly rotation: Rotation; readonly supersedes: readonly Rotation[] }
  | {
      readonly kind: "begin";
      readonly purpose: RotationPurpose;
      readonly old: readonly KeyRow[];
      /** Rotations of the name that have not ended: what they left behind is among `old`. */
      readonly supersedes: readonly Rotation[];
    };

/**
 * Throws `OperatorError` where there is nothing to do that for. `open`: rotations of the name that have not ended, oldest first.
 * `known`: names of all keys that are declared, on record, or at the platform (revoked ones among them).
 */
export function chooseBeginning(
  job: KeyJob,
  live: readonly KeyRow[],
  open: readonly Rotation[],
  known: readonly string[],
): Beginning {
  const guess = isKnown(job, known) ? undefined : likelyKey(job.name, known);
  if (job.action === "revoke") {
    // Whoever misspells the key that has leaked must not be told that all is done.
    if (!isKnown(job, known)) throw new OperatorError(`There is no key ${job.name}`, guess ?? LISTED);
    return chooseRevocation(job, live, open);
  }
  const { name, action, declared, options } = job;
  const rotation = open.findLast(({ purpose }) => purpose !== "revocation");
  const fits = rotation && (options.compromised ? rotation.purpose === "compromised" : fitsAction(rotation, action));
  if (fits) return { kind: "continue", rotation, supersedes: open.filter((one) => one !== rotation) };
  if (action === "issue") {
    if (rotation || live.length > 0)
      throw new OperatorError(`A key ${name} is live already`, `To replace it: rolebook keys rotate ${quoted(name)}`);
    if (!declared)
      throw new OperatorError(
        `No file declares a key ${name}`,
        guess ?? "Declare it, and have that merged; then issue it.",
      );
    return { kind: "begin", purpose: "issue", old: [], supersedes: open };
  }
  if (options.compromised && (live.length > 0 || declared))
    return { kind: "begin", purpose: "compromised", old: live, supersedes: open };
  if (live.length > 0) return { kind: "begin", purpose: "rotation", old: live, supersedes: open };
  throw new OperatorError(
    `There is no live key ${name}`,
    declared ? `To make the one that is declared: rolebook keys issue ${quoted(name)}` : (guess ?? LISTED),
  );
}

const LISTED = "keys list names those there are.";

function isKnown({ target, name }: Pick<KeyJob, "target" | "name">, known: readonly string[]): boolean {
  const { fold } = driverOf(target).platform;
  return known.some((one) => fold(one) === fold(name));
}

function fitsAction({ purpose }: Rotation, action: KeyJob["action"]): boolean {
  return action === "rotate" || purpose === "issue";
}

function chooseRevocation({ name, options }: KeyJob, live: readonly KeyRow[], open: readonly Rotation[]): Beginning {
  const { key } = options;
  const old = key === undefined ? live : live.filter(({ id }) => id === key);
  if (old.length > 0)
    // One key of several: what is under way for the others goes on.
    return { kind: "begin", purpose: "revocation", old, supersedes: key === undefined ? open : [] };
  const rotation = open.findLast(({ purpose }) => purpose === "revocation");
  if (rotation) return { kind: "continue", rotation, supersedes: [] };
  if (key === undefined) return { kind: "nothing", said: `No key ${name} is live: there is nothing to revoke.` };
  throw new OperatorError(
    `No live key ${name} has the id ${key}`,
    live.length === 0 ? "None is live." : `Live are ${live.map((row) => shownKey(markOf(row))).join(", ")}.`,
  );
}

function quoted(name: string): string {
  return JSON.stringify(name);
}

/** Throws `OperatorError` for what cannot be begun; false, and it was said, when somebody said no. */
export async function assertMayBegin(
  job: KeyJob,
  beginning: Exclude<Beginning, { kind: "nothing" }>,
): Promise<boolean> {
  if (beginning.kind === "continue") return true;
  const { purpose } = beginning;
  if (purpose === "revocation") return askToRevoke(job, beginning.old);
  const { context, target, sink, workspace, name } = job;
  if (!sink)
    throw new OperatorError(
      `A new key has to be made for ${name}, and nobody is there to receive it`,
      "Say where it goes: --sink github-secret:OWNER/REPO/NAME, file:PATH or command:COMMAND.",
    );
  // A key that has leaked waits for nothing.
  if (purpose === "compromised") return true;
  if (workspace.uncommitted)
    throw new OperatorError(
      "There are uncommitted edits below the policy folder",
      "Commit them: keys are made of what is in Git.",
    );
  const frozen = whyFrozen(target, context.now());
  if (frozen) throw new OperatorError(frozen[0], `Nothing was changed. ${frozen[1]}.`);
  await sink.prepare();
  return true;
}

async function askToRevoke({ context, name, options }: KeyJob, old: readonly KeyRow[]): Promise<boolean> {
  if (options.yes) return true;
  const keys = old.map((row) => shownKey(markOf(row))).join(", ");
  if (!context.terminal.stdin || !context.terminal.stderr)
    throw new OperatorError(
      `Revoking ${name} (${keys}) cannot be undone, and there is no terminal to ask at`,
      "Add --yes.",
    );
  if (await context.ask(`Revoke ${name} (${keys})? Whatever uses it stops working.`)) return true;
  context.err("Nothing was changed.\n");
  return false;
}
