// What of a plan is held, and why, a plain sentence each. Decides nothing.
import type { Change } from "../model/change.ts";
import type { Held } from "../model/merged.ts";
import type { Plan } from "../model/plan.ts";
import type { Outcome } from "../model/receipt.ts";
import { NOT_APPROVED } from "../plan/input.ts";

export interface HeldItem extends Held {
  /** The entity's key; of a weakening its id. */
  readonly key: string;
}

export interface HeldOptions {
  /** Changes that wait for something of their own and are nothing that was merged. */
  readonly mayWait: (change: Change) => boolean;
  /** Why something is not approved, by its id. */
  readonly why: (id: string) => string;
  /** What became of the changes, where some were made. */
  readonly outcomes?: readonly Outcome[];
  /** Weakenings that were agreed to. */
  readonly agreed?: ReadonlySet<string>;
}

/** Everything of a plan that is not made, in the plan's order. */
export function heldOf(plan: Plan, options: HeldOptions): HeldItem[] {
  const { mayWait, why, agreed } = options;
  const outcomes = new Map((options.outcomes ?? []).map((outcome) => [outcome.change, outcome]));
  const weakens = plan.weakens
    .filter(({ id }) => !agreed?.has(id))
    .map(({ id, what }): HeldItem => ({ change: id, key: id, name: what, why: why(id), weakening: true }));
  const changes = plan.changes
    .filter((change) => outcomes.get(change.id)?.status !== "applied" && !mayWait(change))
    .map((change): HeldItem => {
      const { id, key, action, kind, name } = change;
      return { change: id, key, name: `${action} ${kind} ${name}`, why: whyHeld(change, plan, outcomes.get(id), why) };
    });
  const conflicts = plan.conflicts.map(
    ({ key, kind, name }): HeldItem => ({
      change: key,
      key,
      name: `${kind} ${name}`,
      why: "the platform and Git have both changed it since it was applied last, so a person has to decide",
    }),
  );
  return [...weakens, ...changes, ...conflicts];
}

function whyHeld(
  { id, blockedBy }: Change,
  { findings }: Plan,
  outcome: Outcome | undefined,
  why: (id: string) => string,
): string {
  const codes = blockedBy?.filter((code) => code !== NOT_APPROVED) ?? [];
  if (outcome?.status === "failed" || outcome?.status === "conflict") return outcome.cause ?? outcome.status;
  if (outcome?.cause !== undefined && !blockedBy && outcome.cause !== "not approved") return outcome.cause;
  if (codes.length === 0 || blockedBy?.includes(NOT_APPROVED)) return why(id);
  const said = findings.find(({ code, severity }) => severity === "error" && codes.includes(code))?.message;
  return `held back by ${codes.join(", ")}${said === undefined ? "" : `: ${said}`}`;
}

/** Why a plan may not be made at all. */
export function whyRefused({ findings }: Plan): string {
  const errors = findings.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const place = first?.place ? ` (${first.place.file}:${first.place.line})` : "";
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : "";
  return `the plan is refused: ${first?.message ?? "it has errors"}${place}${more}`;
}
