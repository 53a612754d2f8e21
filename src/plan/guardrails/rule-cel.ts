// Rules written as expressions: which violations one finds in a state, and what is wrong with it. Refuses nothing and finds nothing.
import type { Guardrail } from "../../model/guardrail.ts";
import type { Ground, RuleProblem, Violation } from "./ground.ts";

export function judgeCel(
  _guardrail: Guardrail & { readonly rule: "cel" },
  _ground: Ground,
): { readonly violations: readonly Violation[]; readonly problems: readonly RuleProblem[] } {
  return { violations: [], problems: [] };
}
