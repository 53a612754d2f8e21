// Desired state: a target's files, resolved and judged. The only place in `run` where it comes from.
import { EMPTY_SECTION, type Entity, type State } from "../model/entity.ts";
import type { Finding } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import { finish, type Steps } from "../model/steps.ts";
import { splitEnded } from "../plan/expire.ts";
import { type Resolved, resolveSteps } from "../policy/resolve.ts";
import { judgeSteps } from "../policy/rules.ts";
import { driverOf, type Workspace } from "./workspace.ts";

export interface Desired {
  readonly state: State;
  readonly findings: readonly Finding[];
  readonly resolved: Resolved;
}

/** Resolves and judges the files of a target as of `now`. */
export function desiredState(workspace: Pick<Workspace, "policies">, target: Target, now: Date): Desired {
  return finish(desiredSteps(workspace, target, now));
}

/** The same in steps. */
export function* desiredSteps(workspace: Pick<Workspace, "policies">, target: Target, now: Date): Steps<Desired> {
  const { platform } = driverOf(target);
  const files = workspace.policies.byTarget.get(target.name) ?? [];
  const policies = { target, files, now, people: workspace.policies.settings?.people ?? [] };
  const resolved = yield* resolveSteps(policies, platform);
  return { state: resolved.state, findings: yield* judgeSteps(policies, resolved, platform), resolved };
}

/** Desired state with the entities every target comes with, as published, where the files do not declare them. */
export function withDefaults(state: State, platform: Platform): State {
  const whole = new Map<string, ReadonlyMap<string, Entity>>(state);
  for (const [section, defaults] of platform.defaults)
    whole.set(section, new Map([...defaults, ...(whole.get(section) ?? EMPTY_SECTION)]));
  return whole;
}

/** What the guardrails say of desired state by itself: not part of a plan's findings, which judge what it makes of live. */
export async function judgeDeclared(
  workspace: Pick<Workspace, "policies">,
  target: Target,
  { state }: Desired,
  now: Date,
): Promise<Finding[]> {
  const { guardrails } = workspace.policies.governance;
  if (guardrails.length === 0) return [];
  const { judgeDesired } = await import("../plan/guardrails/judge.ts");
  const { platform } = driverOf(target);
  const { active } = splitEnded(state, now, target.timeZone);
  return judgeDesired({ guardrails, target, platform, declared: active, now }, withDefaults(active, platform));
}
