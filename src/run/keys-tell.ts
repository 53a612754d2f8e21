// What a run of `keys` came to, in words, and the exit code that it stands for.
import type { KeyMark } from "../model/rotation.ts";
import { EXIT, type ExitCode } from "./context.ts";
import { markOf, type Rest, shownKey } from "./keys-carry.ts";
import type { KeyJob } from "./keys-rotate.ts";

/** Says it, and returns the exit code. */
export function tellRest(job: KeyJob, rest: Rest): ExitCode {
  const { context, name } = job;
  for (const row of rest.strangers)
    context.err(
      `Warning: the key ${shownKey(markOf(row))} has the same name, was made at ${row.createdAt} by ${row.createdBy ?? "somebody"} and not by this rotation; it is left alone. Rotate again to replace it as well.\n`,
    );
  const { step, failure } = rest;
  switch (step.kind) {
    case "end":
      return step.outcome === "done" ? tellDone(job, rest) : tellFailed(job, rest);
    case "wait":
      for (const { id, lastUsedAt } of rest.live)
        if (lastUsedAt && step.keys.some((key) => key.id === id))
          context.err(`The key ${id} was last used at ${lastUsedAt}.\n`);
      context.out(
        `The new key of ${name} works, and ${named(step.keys)} ${step.keys.length === 1 ? "goes" : "go"} on until ${step.until.toISOString()}.\n`,
      );
      context.out(
        `Run this then, to revoke ${step.keys.length === 1 ? "it" : "them"}: rolebook keys rotate ${JSON.stringify(name)}\n`,
      );
      return EXIT.changes;
    case "stuck":
      context.err(`${sentence(failure ?? "the rotation could not be finished")}\n`);
      context.err(
        `${job.sink?.shown ?? "The sink"} may hold the new key (${named(step.keys)}), so neither that nor the old one is revoked. Run the same command again: it makes and delivers another one.\n`,
      );
      return EXIT.refused;
    default:
      return step satisfies never;
  }
}

function tellDone({ context, name }: KeyJob, { rotation }: Rest): ExitCode {
  const key = rotation.attempts.findLast(({ verified }) => verified)?.key;
  const old = rotation.old.length === 0 ? "" : `; revoked: ${named(rotation.old)}`;
  context.out(
    rotation.purpose === "revocation"
      ? `Revoked ${name}: ${named(rotation.old)}.\n`
      : `${rotation.purpose === "issue" ? "Issued" : "Rotated"} ${name}: the key is ${key ? shownKey(key) : "there"}${old}.\n`,
  );
  return EXIT.done;
}

function tellFailed({ context, name }: KeyJob, { rotation, failure }: Rest): ExitCode {
  context.err(`${sentence(failure ?? "the new key could not be made")}\n`);
  const old =
    rotation.purpose === "rotation"
      ? "the old key is as it was"
      : rotation.purpose === "compromised"
        ? "the old key is revoked, and there is no new one"
        : "there is no key";
  context.err(`${name}: ${old}; no new key is left. Put right what is wrong and run the same command again.\n`);
  return EXIT.refused;
}

function named(keys: readonly KeyMark[]): string {
  return keys.map(shownKey).join(", ");
}

function sentence(text: string): string {
  const upper = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
}
