// What keeps a plan from being applied by anybody: files that are not committed, errors, a history that does not hold what was
// applied last. Looks at the plan and the history; asks nobody.
import type { Repository } from "../git/repository.ts";
import type { Plan } from "../model/plan.ts";

/** Why a plan cannot be applied whoever approves it, and what to do about that. */
export async function unfitToApply(
  repository: Pick<Repository, "isAncestor">,
  commit: string,
  plan: Plan,
): Promise<readonly [reason: string, hint: string] | undefined> {
  if (plan.uncommitted)
    return ["There are uncommitted edits below the policy folder", "Commit them: only what is in Git can be applied."];
  if (plan.refused) return ["The plan has errors, so nothing was changed", "Put right what is listed above."];
  const ancestor = plan.base === null ? true : await repository.isAncestor(plan.base, commit);
  if (ancestor === false)
    return [
      `HEAD does not contain the commit that was applied last (${plan.base?.slice(0, 12)})`,
      "Merge it first, so that nothing that was applied is undone by accident.",
    ];
  if (ancestor === undefined)
    return [
      `This clone is too shallow to tell whether HEAD contains what was applied last (${plan.base?.slice(0, 12)})`,
      "Fetch the whole history: git fetch --unshallow (in Actions: fetch-depth: 0).",
    ];
  return undefined;
}
