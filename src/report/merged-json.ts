// What `apply --merged` came to as JSON (schemas/output/merged.json). It refuses to add a judgement of its own.
import type { MergedOutcome } from "../model/merged.ts";

/** `names`: what the outcomes' changes are, by id. */
export function mergedToJson(outcomes: readonly MergedOutcome[], names: ReadonlyMap<string, string>): object {
  return {
    version: 1,
    targets: outcomes.map((outcome) => ({
      target: outcome.target,
      commit: outcome.commit,
      applied: outcome.applied,
      outcomes: outcome.outcomes.map(({ change, status, cause }) => ({
        change,
        name: names.get(change) ?? null,
        status,
        cause: cause ?? null,
      })),
      held: outcome.held.map(({ change, name, why, pull, weakening }) => ({
        change,
        name,
        why,
        pull: pull ?? null,
        weakening: weakening ?? false,
      })),
      refused: outcome.refused ?? null,
      frozen: outcome.frozen ?? false,
      converged: outcome.converged,
    })),
  };
}
