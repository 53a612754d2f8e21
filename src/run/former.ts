// The rules of a target that has another name now. A target's history goes by its name, so that a new name would otherwise be
// judged by nothing but the commit that gives it. Reads Git; decides nothing.
import { openLedger } from "../git/ledger.ts";
import { listReceipts } from "../git/records.ts";
import type { ReviewDefinition } from "../model/campaign.ts";
import type { Guardrail } from "../model/guardrail.ts";
import type { Target } from "../model/settings.ts";
import type { BaseRules } from "../plan/input.ts";
import { reviewRulesOf } from "../plan/ratchet-reviews.ts";
import { loadPolicies, parsedByBlob, sourceOfCommit } from "./load.ts";
import { loadTools, type Workspace } from "./workspace.ts";

/** What judged the same organization, when it was last applied under a name that the settings do not have any more. */
export async function readFormerRules(workspace: Workspace, target: Target): Promise<BaseRules | undefined> {
  const { repository, folder, shown, caches, policies } = workspace;
  if (!repository) return undefined;
  const ledger = openLedger(repository);
  const names = new Set((await ledger.list("")).flatMap((path) => /^([a-z0-9][a-z0-9-]*)\//.exec(path)?.[1] ?? []));
  for (const { name } of policies.settings?.targets ?? []) names.delete(name);
  for (const name of names) {
    const commit = (await listReceipts(ledger, name)).findLast(({ converged }) => converged)?.commit;
    if (commit === undefined) continue;
    const known = parsedByBlob(workspace.source, policies);
    const source = await sourceOfCommit(repository, commit, folder, shown);
    const { settings, governance } = await loadPolicies(source, { ...loadTools(caches, name), known });
    const then = settings?.targets.find((one) => one.name === name);
    if (then?.platform !== target.platform || then.organization !== target.organization) continue;
    const guardrails = governance.guardrails.map((guardrail) => renameTarget(guardrail, name, target.name));
    const reviews = governance.reviews.map((definition) => renameInScope(definition, name, target.name));
    return {
      target: { ...then, name: target.name },
      guardrails,
      people: settings?.people ?? [],
      ...reviewRulesOf(settings ?? policies.settings, reviews),
    };
  }
  return undefined;
}

function renameTarget(guardrail: Guardrail, from: string, to: string): Guardrail {
  const { targets } = guardrail;
  return targets ? { ...guardrail, targets: targets.map((name) => (name === from ? to : name)) } : guardrail;
}

function renameInScope(definition: ReviewDefinition, from: string, to: string): ReviewDefinition {
  const { targets, ...rest } = definition.scope;
  if (!targets) return definition;
  return { ...definition, scope: { ...rest, targets: targets.map((name) => (name === from ? to : name)) } };
}
