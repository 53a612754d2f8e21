// A receipt as JSON (schemas/output/receipt.json): the ledger's receipt, each outcome told with the change it is
// about, and the counts. It refuses to add a judgement of its own.
import type { Action, Change } from "../model/change.ts";
import type { Approval, Outcome, OutcomeStatus, Receipt } from "../model/receipt.ts";

export interface OutcomeJson {
  /** The change's id. */
  readonly change: string;
  readonly status: OutcomeStatus;
  readonly cause: string | null;
  /** What the change was; null when the change is not known any more. */
  readonly action: Action | null;
  readonly kind: string | null;
  readonly key: string | null;
  readonly name: string | null;
}

export interface ReceiptJson {
  readonly version: 1;
  readonly target: string;
  readonly commit: string;
  readonly base: string | null;
  readonly digest: string;
  readonly tool: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly approval: Approval;
  readonly summary: Readonly<Record<OutcomeStatus, number>>;
  readonly outcomes: readonly OutcomeJson[];
  /** Absent when the plan made use of none. */
  readonly waivers?: readonly string[];
  readonly converged: boolean;
}

/** `changes` are the plan's, to name what the outcomes are about. */
export function receiptToJson(receipt: Receipt, changes: readonly Change[]): ReceiptJson {
  const { version, target, commit, base, digest, tool, startedAt, endedAt, converged } = receipt;
  const { by, at, how, weakens, ended, evidence, reason, despite } = receipt.approval;
  const known = new Map(changes.map((change) => [change.id, change]));
  return {
    version,
    target,
    commit,
    base,
    digest,
    tool,
    startedAt,
    endedAt,
    approval: {
      by,
      at,
      how,
      digest: receipt.approval.digest,
      changes: [...receipt.approval.changes],
      ...(weakens ? { weakens: [...weakens] } : {}),
      ...(ended ? { ended: [...ended] } : {}),
      ...(evidence ? { evidence: [...evidence] } : {}),
      ...(reason === undefined ? {} : { reason }),
      ...(despite === undefined ? {} : { despite }),
    },
    summary: countOutcomes(receipt.outcomes),
    outcomes: receipt.outcomes.map((outcome) => outcomeToJson(outcome, known.get(outcome.change))),
    ...(receipt.waivers ? { waivers: [...receipt.waivers] } : {}),
    converged,
  };
}

export function countOutcomes(outcomes: readonly Outcome[]): Readonly<Record<OutcomeStatus, number>> {
  const counts = { applied: 0, skipped: 0, failed: 0, conflict: 0 };
  for (const { status } of outcomes) counts[status] += 1;
  return counts;
}

function outcomeToJson({ change, status, cause }: Outcome, about: Change | undefined): OutcomeJson {
  return {
    change,
    status,
    cause: cause ?? null,
    action: about?.action ?? null,
    kind: about?.kind ?? null,
    key: about?.key ?? null,
    name: about?.name ?? null,
  };
}
