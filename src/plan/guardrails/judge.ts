// Judges people's access by guardrails: a state as files declare it, or what a plan makes of live. Pure. Each rule is a file of
// its own beside this one; this one runs them, applies exceptions and makes findings.
import type { Change } from "../../model/change.ts";
import type { State } from "../../model/entity.ts";
import type { Finding } from "../../model/finding.ts";
import type { AccessGroup } from "../../model/grant.ts";
import type { Guardrail } from "../../model/guardrail.ts";
import type { Platform } from "../../model/platform.ts";
import type { Target } from "../../model/settings.ts";
import { finish, type Steps } from "../../model/steps.ts";

/** What is judged, whichever state it is. */
export interface Judging {
  readonly guardrails: readonly Guardrail[];
  readonly target: Target;
  readonly platform: Platform;
  /** Where things are declared, with their places, ends, reasons and owners: the desired state. */
  readonly declared: State;
  readonly now: Date;
}

/** Judges a state of which nothing but the files is known: nobody's factors or activity. */
export function judgeDesired(judging: Judging, state: State): Finding[] {
  return finish(judgeDesiredSteps(judging, state));
}

/** The same in steps. */
export function* judgeDesiredSteps(_judging: Judging, _state: State): Steps<Finding[]> {
  yield;
  return [];
}

/** What a plan makes of live. */
export interface PlanJudging extends Judging {
  readonly before: State;
  /** After the changes that will be made. */
  readonly after: State;
  readonly changes: readonly Change[];
  readonly access: readonly AccessGroup[];
}

/**
 * Judges what a plan leaves behind. What it breaks is an error (or warning, as the guardrail says); what was broken before
 * and is no worse is a warning, so that a debt of yesterday does not forbid the removal of today. Besides: guardrails
 * that can never fire, exceptions in force (notes), ended or not needed (warnings).
 */
export function judgePlan(_judging: PlanJudging): Finding[] {
  return [];
}
