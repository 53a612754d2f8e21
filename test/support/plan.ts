// Plans from three states, for tests that are about planning and not about where states come from.
import type { State } from "../../src/model/entity.ts";
import { NO_GOVERNANCE } from "../../src/model/waiver.ts";
import { type BuiltPlan, buildPlan } from "../../src/plan/build.ts";
import { judgePlan } from "../../src/plan/guardrails/judge.ts";
import type { PlanInput } from "../../src/plan/input.ts";
import { atomic } from "../../src/platform/atomic/platform.ts";
import { openTarget } from "./organization.ts";

export interface Three {
  readonly base: State;
  readonly want: State;
  readonly live: State;
}

/** A plan of the Atomic target "acme" as of noon on 22 November 2026, with limits wide open. */
export function planFor(states: Three, input: Partial<PlanInput> = {}): BuiltPlan {
  return buildPlan({
    target: openTarget(),
    platform: atomic,
    ...states,
    commit: "c".repeat(40),
    baseCommit: "b".repeat(40),
    uncommitted: false,
    now: new Date("2026-11-22T12:00:00Z"),
    overwrite: [],
    findings: [],
    governance: NO_GOVERNANCE,
    judge: judgePlan,
    identities: new Map(),
    applied: new Set(),
    ...input,
  });
}
