// What an apply records of who is who. Only an apply does: a command that looks may not decide whom a name stands for.
import { recordIdentities } from "../git/identities.ts";
import type { JournalLine } from "../git/journal.ts";
import type { Ledger } from "../git/ledger.ts";
import type { Change } from "../model/change.ts";
import { MEMBER } from "../model/platform.ts";
import type { Outcome } from "../model/receipt.ts";
import { identitiesOf } from "../plan/identity.ts";
import type { Prepared } from "./prepare.ts";

/** Folded names of the members that changes made, where their outcomes say so plainly: an approved change is why they are who they are. */
export function membersMade(
  changes: readonly Pick<Change, "id" | "kind" | "action" | "key">[],
  outcomes: readonly Outcome[],
): ReadonlySet<string> {
  const made = new Set(
    outcomes.filter(({ status, cause }) => status === "applied" && cause === undefined).map(({ change }) => change),
  );
  return new Set(
    changes
      .filter(({ id, kind, action }) => kind === MEMBER && action === "create" && made.has(id))
      .map(({ key }) => key.slice(MEMBER.length + 1)),
  );
}

/** The outcomes that a journal holds. */
export function outcomesIn(journal: readonly JournalLine[]): Outcome[] {
  return journal.flatMap((line) => (line.type === "outcome" ? [line.outcome] : []));
}

/**
 * Records everyone whom Git declares and the platform has, as far as they were not known so. `made` are those whom this apply
 * made; without `settled`, the proof that nothing is left to do or to doubt, they are all that is recorded.
 */
export async function recordSeen(
  ledger: Ledger,
  { plan, want, live }: Prepared,
  made: ReadonlySet<string>,
  settled: boolean,
  at: Date,
): Promise<void> {
  const seen = identitiesOf(want, live);
  await recordIdentities(
    ledger,
    plan.target,
    settled ? seen : new Map([...seen].filter(([name]) => made.has(name))),
    at,
  );
}
