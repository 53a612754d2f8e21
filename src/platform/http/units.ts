// What every writer does around its requests: changes in units, a few units at a time, exactly one outcome for each
// change, and no more requests once it is clear that none will be accepted. Knows no platform and makes no request.
import pLimit from "p-limit";
import type { Change } from "../../model/change.ts";
import { PlatformError } from "../../model/driver.ts";
import type { Outcome } from "../../model/receipt.ts";
import { BodyError, HttpError, UnreachableError } from "./failure.ts";

/** What became of a change: an outcome without the change's id. */
export type Fate = Omit<Outcome, "change">;

export const APPLIED: Fate = { status: "applied" };
export const ALREADY: Fate = { status: "applied", cause: "it was so already" };
export const GONE: Fate = { status: "applied", cause: "it was gone already" };

/** Tells the fate of a change; only the first counts. */
export type Settle = (change: Change, fate: Fate) => void;

/** Changes that are sent together, and how. `act` settles each of them, or throws for all that are left. */
export interface Unit {
  readonly changes: readonly Change[];
  readonly act: (settle: Settle) => Promise<void>;
  /** What a credential is allowed or not allowed as one: a refusal in one lane says nothing about another. */
  readonly lane?: string;
}

/** Stops sending when it is clear that nothing will be accepted any more; what was not tried is told so. */
export class Halt {
  readonly #lanes = new Map<string, string>();
  readonly #patience: number;
  #everywhere: string | undefined;
  #unanswered = 0;

  /** `patience`: requests in a row that may stay without an answer. */
  constructor(patience: number) {
    this.#patience = patience;
  }

  reasonIn(lane: string): string | undefined {
    return this.#everywhere ?? this.#lanes.get(lane);
  }

  /** The platform answered: it is there. */
  noteAnswer(): void {
    this.#unanswered = 0;
  }

  noteError(error: unknown, lane: string): void {
    if (error instanceof HttpError && error.status === 401) this.#everywhere ??= withHint(error);
    if (error instanceof HttpError && error.status === 403 && !this.#lanes.has(lane))
      this.#lanes.set(lane, withHint(error));
    this.#unanswered = error instanceof UnreachableError ? this.#unanswered + 1 : 0;
    if (error instanceof UnreachableError && this.#unanswered >= this.#patience) this.#everywhere ??= error.message;
  }
}

/** Runs units, `connections` at a time, and tells exactly one outcome for each of the changes. */
export async function runUnits(
  units: readonly Unit[],
  changes: readonly Change[],
  { connections, halt }: { readonly connections: number; readonly halt: Halt },
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const open = new Map(changes.map((change) => [change.id, change]));
  const settle: Settle = (change, fate) => {
    if (open.delete(change.id)) onOutcome({ change: change.id, ...fate });
  };
  // As many at a time as there are connections, so that a halt is seen before the next one is sent.
  const limit = pLimit(connections);
  await Promise.all(units.map((unit) => limit(() => runUnit(unit, halt, settle))));
  for (const change of open.values()) settle(change, { status: "failed", cause: "nothing was heard of it" });
}

async function runUnit(unit: Unit, halt: Halt, settle: Settle): Promise<void> {
  const lane = unit.lane ?? "";
  const reason = halt.reasonIn(lane);
  if (reason !== undefined) {
    for (const change of unit.changes) settle(change, { status: "skipped", cause: `not tried: ${reason}` });
    return;
  }
  try {
    await unit.act(settle);
    halt.noteAnswer();
  } catch (error) {
    halt.noteError(error, lane);
    for (const change of unit.changes) settle(change, fateOf(error));
  }
}

/** The fate of a change whose making threw. A bug of ours is not the platform's doing, but is still one change's fate. */
export function fateOf(error: unknown): Fate {
  if (error instanceof UnreachableError && error.sent)
    return {
      status: "failed",
      cause: `${error.message}; whether it took effect is not known, the next read will tell`,
    };
  if (error instanceof PlatformError) return { status: "failed", cause: withHint(error) };
  if (error instanceof BodyError) return { status: "failed", cause: error.message };
  return { status: "failed", cause: `a bug in Rolebook: ${error instanceof Error ? error.message : "unknown"}` };
}

function withHint({ message, hint }: PlatformError): string {
  return hint === undefined ? message : `${message.replace(/\.$/, "")}. ${hint}`;
}
