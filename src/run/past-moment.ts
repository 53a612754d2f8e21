// What `--at` means: a day, an instant or a commit; and of a target the moment that it comes to. It refuses the future, and a commit
// that was never applied.
import { appliedRef } from "../git/refs.ts";
import type { Repository } from "../git/repository.ts";
import type { Finding } from "../model/finding.ts";
import type { Receipt } from "../model/receipt.ts";
import type { Target } from "../model/settings.ts";
import { dateIn, endOfAccess, isDay } from "../model/until.ts";
import { OperatorError } from "./context.ts";

/** What `--at` says: a day (its end, in each target's own time zone), an instant, or the full id of a commit. */
export type AskedMoment =
  | { readonly kind: "day"; readonly text: string }
  | { readonly kind: "instant"; readonly text: string }
  | { readonly kind: "commit"; readonly text: string; readonly commit: string };

/** A moment of one target: Unix time, ms. */
export interface Moment {
  readonly at: number;
  readonly findings: readonly Finding[];
}

/** What a text of `--at` means. Throws `OperatorError` for what is neither a date nor a commit. */
export async function readMoment(repository: Repository, text: string): Promise<AskedMoment> {
  if (isDay(text)) return { kind: "day", text };
  if (endOfAccess(text, "UTC") !== undefined) return { kind: "instant", text };
  const commit = await repository.resolveCommit(text);
  if (commit !== undefined) return { kind: "commit", text, commit };
  throw new OperatorError(
    `"${text}" is neither a date nor a commit of this clone`,
    "A date looks like 2026-11-22, an instant like 2026-11-22T10:00:00Z; a commit is an id, a tag, a branch or what else Git knows, such as main@{1.week.ago}. git fetch brings what is not here.",
  );
}

/** The moment that was asked for, on one target. `receipts`: all of the target, oldest first. */
export async function momentOf(
  repository: Repository,
  { name, timeZone }: Pick<Target, "name" | "timeZone">,
  asked: AskedMoment,
  receipts: readonly Receipt[],
  now: Date,
): Promise<Moment> {
  if (asked.kind === "commit") return whenApplied(repository, name, asked, receipts, now);
  const at = endOfAccess(asked.text, timeZone) ?? Number.NaN;
  // Today is not over: until now.
  if (asked.kind === "day" && asked.text === dateIn(now, timeZone)) return { at: now.getTime(), findings: [] };
  if (at > now.getTime())
    throw new OperatorError(
      `${asked.text} is in the future`,
      "--at asks what was; leave it out for what the files say now.",
    );
  return { at, findings: [] };
}

/** When a commit was applied: the end of the first apply that was done with it, or with one that has it in its history. */
async function whenApplied(
  repository: Repository,
  target: string,
  { text, commit }: Extract<AskedMoment, { kind: "commit" }>,
  receipts: readonly Receipt[],
  now: Date,
): Promise<Moment> {
  // Whoever may push can put anything on the ledger.
  const ids = receipts.map((receipt) => receipt.commit).filter((id) => /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id));
  const having = await repository.descendantsAmong(commit, ids);
  const those = receipts.filter((receipt) => having.has(receipt.commit));
  const done = those.find(({ converged }) => converged);
  const findings = (await repository.isShallow()) ? [cutShort(text)] : [];
  if (done) return { at: Date.parse(done.endedAt), findings };
  const [tried] = those;
  if (tried) {
    const last = those.at(-1) ?? tried;
    return { at: Date.parse(last.endedAt), findings: [...findings, neverDone(target, text, tried)] };
  }
  // What says nothing of a target is applied to it without a receipt.
  const applied = await repository.readRef(appliedRef(target));
  const last = receipts.at(-1);
  if (last && applied !== null && (await repository.isAncestor(commit, applied)) === true)
    return { at: now.getTime(), findings };
  throw new OperatorError(
    `${text} was never applied to ${target}`,
    "Name a commit that was, or a date; `rolebook plan` tells what a commit that is checked out would do.",
  );
}

function neverDone(target: string, text: string, { endedAt }: Receipt): Finding {
  return {
    severity: "warning",
    code: "past-never-done",
    message: `No apply of ${text} to ${target} was ever done: this is what was true when the last try of it ended (the first ended at ${endedAt})`,
    hint: "The receipts on the ledger say what was left.",
  };
}

function cutShort(text: string): Finding {
  return {
    severity: "warning",
    code: "past-history-cut",
    message: `This clone has only a part of the history: ${text} may have been applied earlier than it can tell`,
    hint: "git fetch --unshallow",
  };
}
