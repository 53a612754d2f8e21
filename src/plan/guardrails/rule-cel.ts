// Rules written as expressions. This file is replaced by the one of the helper who builds them.
import type { Guardrail } from "../../model/guardrail.ts";
import type { Ground, RuleProblem, Violation } from "./ground.ts";

export function judgeCel(
  _guardrail: Guardrail & { readonly rule: "cel" },
  _ground: Ground,
): { readonly violations: readonly Violation[]; readonly problems: readonly RuleProblem[] } {
  return { violations: [], problems: [] };
}
