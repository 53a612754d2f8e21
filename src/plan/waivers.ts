// Whether a waiver lets a plan exceed a limit. It holds for one plan, named by its digest, and for one run of it: for any
// other plan, and once it was used, it has no effect and is reported. Pure.
import { type Change, takesAway } from "../model/change.ts";
import { compareText, type Finding } from "../model/finding.ts";
import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/settings.ts";
import type { Waiver } from "../model/waiver.ts";
import type { Excess, Unfinished } from "./limits.ts";

export interface WaiverInput {
  /** With the owners that judge. */
  readonly target: Target;
  readonly platform: Platform;
  readonly changes: readonly Change[];
  readonly waivers: readonly Waiver[];
  readonly digest: string;
  readonly applied: ReadonlySet<string>;
  readonly unfinished?: Unfinished;
}

export interface WaivedLimits {
  /** What is exceeded all the same; says so where a waiver allows too little. */
  readonly standing: readonly Excess[];
  /** About the waivers. */
  readonly findings: readonly Finding[];
  /** Names of the waivers made use of, sorted. */
  readonly used: readonly string[];
}

/** Sets the target's waivers against the limits that the plan exceeds. */
export function judgeWaivers(input: WaiverInput, excesses: readonly Excess[]): WaivedLimits {
  const own = input.waivers
    .filter(({ target }) => target === input.target.name)
    .sort((a, b) => compareText(a.name, b.name));
  const findings: Finding[] = [];
  const valid: Waiver[] = [];
  for (const waiver of own) {
    const problem = problemOf(waiver, input);
    if (problem) findings.push(problem);
    else valid.push(waiver);
  }
  const taken = new Set<Waiver>();
  const used: string[] = [];
  const standing: Excess[] = [];
  for (const excess of excesses) {
    const fitting = valid.filter((waiver) => isAbout(waiver, excess, input.platform));
    const enough = fitting.find(({ allows }) => allows >= excess.losing);
    if (enough) {
      taken.add(enough);
      used.push(enough.name);
      findings.push(waived(enough, excess));
      continue;
    }
    for (const waiver of fitting) taken.add(waiver);
    standing.push(withShortfall(excess, fitting));
  }
  for (const waiver of valid) if (!taken.has(waiver)) findings.push(notNeeded(waiver));
  return { standing, findings, used: used.sort(compareText) };
}

/** Why a waiver has no effect on this plan, whatever it allows. */
function problemOf(waiver: Waiver, input: WaiverInput): Finding | undefined {
  const { digest, applied, target, platform } = input;
  const { name, plan, place } = waiver;
  if (!isLeftOf(input, plan)) {
    if (applied.has(plan))
      return {
        severity: "warning",
        code: "waiver-spent",
        message: `Waiver "${name}" was for plan ${plan}, which has been applied: it has no effect any more`,
        hint: "Remove the file.",
        place,
      };
    if (plan !== digest)
      return {
        severity: "warning",
        code: "waiver-for-another-plan",
        message: `Waiver "${name}" is for plan ${plan}, and this is plan ${digest}: it has no effect`,
        hint: "Any change of a plan voids its waivers. Look at the plan as it is now, then write its digest or remove the file.",
        place,
      };
  }
  const owners = target.owners.map(platform.fold);
  if (owners.length === 0 || owners.includes(platform.fold(waiver.approver))) return undefined;
  return {
    severity: "error",
    code: "waiver-approver",
    message: `Waiver "${name}" is approved by ${waiver.approver}, who is no owner of ${target.name}: it has no effect`,
    hint: `It takes one of the owners in the settings as they were applied last: ${target.owners.join(", ")}.`,
    blocks: "removals",
    place,
  };
}

/** Whether this is what is left of a plan that was approved and not finished: nothing is taken away that it did not. */
function isLeftOf({ unfinished, changes }: WaiverInput, plan: string): boolean {
  const removals = changes.filter(takesAway);
  return unfinished?.digest === plan && removals.length > 0 && removals.every(({ id }) => unfinished.changes.has(id));
}

function isAbout({ limit, of }: Waiver, excess: Excess, { fold }: Platform): boolean {
  if (limit !== excess.limit) return false;
  return excess.of === undefined || (of !== undefined && fold(of) === fold(excess.of));
}

function waived({ name, approver, reason, allows, place }: Waiver, { what, allowed }: Excess): Finding {
  return {
    severity: "warning",
    code: "limit-waived",
    message: `${what}; the limit is ${allowed}, and waiver "${name}", approved by ${approver}, allows ${allows} for this plan: ${reason}`,
    place,
  };
}

function withShortfall(excess: Excess, short: readonly Waiver[]): Excess {
  if (short.length === 0) return excess;
  const allowing = short.map(({ name, allows }) => `waiver "${name}" allows no more than ${allows}`).join(", ");
  return { ...excess, finding: { ...excess.finding, message: `${excess.finding.message}; ${allowing}` } };
}

function notNeeded({ name, limit, of, place }: Waiver): Finding {
  return {
    severity: "warning",
    code: "waiver-not-needed",
    message: `Waiver "${name}" lifts limits.${limit}${of === undefined ? "" : ` of ${of}`}, and this plan does not need it`,
    hint: "Remove the file, or put right which limit it is about.",
    place,
  };
}
