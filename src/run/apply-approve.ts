// Who said yes to what. An approval is of change ids; whatever it does not name stays undone, and no
// approval means no. Asks at a terminal, reads `--approve`, or takes up what an interrupted apply was approved for.
import { readFileSync } from "node:fs";
import type { Start } from "../git/records.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval } from "../model/receipt.ts";
import { planDigest } from "../plan/digest.ts";
import { escapeTerminal, MESSAGE_LENGTH } from "../report/escape.ts";
import { type Declined, withoutLeave } from "./apply-weaken.ts";
import { type Context, OperatorError } from "./context.ts";
import type { Prepared } from "./prepare.ts";

export interface ApproveOptions {
  /** The digest of the plan that was shown. */
  readonly approve?: string;
  /** The file `plan --output` wrote, when live has moved since: what it names and still holds is made, the rest is held. */
  readonly plan?: string;
  /** Why it is applied without approval: an emergency. */
  readonly breakGlass?: string;
}

export type Decision =
  | { readonly kind: "approved"; readonly approval: Approval; readonly resumes: Start | undefined }
  | Declined;

/** Decides for one plan. `open` is an apply of this target that was started and never finished. */
export async function decideApproval(
  context: Context,
  plan: Plan,
  open: Start | undefined,
  identity: () => Promise<string>,
  options: ApproveOptions,
): Promise<Decision> {
  const decision = await decide(context, plan, open, identity, options);
  return decision.kind === "approved" ? (withoutLeave(plan, decision.approval) ?? decision) : decision;
}

async function decide(
  context: Context,
  plan: Plan,
  open: Start | undefined,
  identity: () => Promise<string>,
  options: ApproveOptions,
): Promise<Decision> {
  if (options.approve !== undefined)
    return approveByDigest(context, plan, open, identity, options.approve, options.plan);
  if (!willAsk(context, plan, options)) return declinedWithout(plan, open);
  // Who may not say yes is not asked.
  const barred =
    plan.weakens.length > 0
      ? withoutLeave(plan, approvalOf(plan, await identity(), context.now(), "terminal"))
      : undefined;
  if (barred) return barred;
  if (!(await context.ask(questionOf(plan))))
    return { kind: "declined", reason: "Not approved", hint: "Nothing was changed." };
  const approval = approvalOf(plan, await identity(), context.now(), "terminal");
  return { kind: "approved", approval, resumes: undefined };
}

/**
 * The plan of which only what was approved is made. When that is not all, what is left out changes how the rest is judged:
 * it may be that the rest must not be made alone.
 */
export function judgeApproved(prepared: Prepared, { changes }: Approval): Prepared | Declined {
  const approved = new Set(changes);
  if (prepared.plan.changes.every(({ id, blockedBy }) => blockedBy || approved.has(id))) return prepared;
  const judged = prepared.rebuild(approved);
  if (!judged.plan.refused) return { ...prepared, ...judged };
  const errors = judged.plan.findings.filter(({ severity }) => severity === "error");
  return {
    kind: "declined",
    reason: "What was approved may not be made without the rest of the plan, so nothing was changed",
    hint: errors.map(({ message }) => `${escapeTerminal(message, MESSAGE_LENGTH)}.`).join("\n"),
  };
}

/** Whether anything of a plan waits for a yes: what it changes, or what it weakens of the rules that judge plans. */
export function needsApproval({ changes, weakens }: Plan): boolean {
  return changes.length > 0 || weakens.length > 0;
}

/** Whether a person at the terminal will be asked about this plan. */
export function willAsk({ terminal }: Context, plan: Plan, { approve, breakGlass }: ApproveOptions): boolean {
  return approve === undefined && breakGlass === undefined && needsApproval(plan) && terminal.stdin && terminal.stderr;
}

async function approveByDigest(
  context: Context,
  plan: Plan,
  open: Start | undefined,
  identity: () => Promise<string>,
  digest: string,
  file: string | undefined,
): Promise<Decision> {
  if (open && open.digest === digest && open.commit === plan.commit && isWhole(open))
    return { kind: "approved", approval: open.approval, resumes: open };
  if (digest === plan.digest) {
    const approval = approvalOf(plan, await identity(), context.now(), "digest");
    return { kind: "approved", approval, resumes: undefined };
  }
  if (file !== undefined) {
    const named = readPlanFile(file, plan.target, digest);
    const approval = approvalOf({ digest, ...named }, await identity(), context.now(), "digest");
    return { kind: "approved", approval, resumes: undefined };
  }
  return {
    kind: "declined",
    reason: `The plan is now ${plan.digest}, not ${digest}: the platform or the files have moved since it was shown`,
    hint: "Look at the plan above, then approve its digest; or add --plan FILE (written by `plan --output FILE --format json`) to make what it names and hold the rest.",
  };
}

/** It names what its digest is of, and nothing else: whoever may push can put a start on the ledger. */
function isWhole({ target, digest, approval }: Start): boolean {
  return planDigest(target, approval.changes, approval.weakens ?? []) === digest;
}

function declinedWithout(plan: Plan, open: Start | undefined): Decision {
  const hint = open
    ? `An apply was interrupted: --approve ${open.digest} finishes it. To approve the plan above instead: --approve ${plan.digest}`
    : `Approve exactly this plan with --approve ${plan.digest}`;
  return { kind: "declined", reason: "No approval was given, and there is no terminal to ask at", hint };
}

/** What an approval is of. */
interface Approved {
  readonly digest: string;
  readonly changes: readonly { readonly id: string }[];
  readonly weakens: readonly { readonly id: string }[];
}

function approvalOf({ digest, changes, weakens }: Approved, by: string, now: Date, how: Approval["how"]): Approval {
  const ids = (items: Approved["changes"]) => items.map(({ id }) => id);
  const weakened = weakens.length === 0 ? {} : { weakens: ids(weakens) };
  return { by, at: now.toISOString(), how, digest, changes: ids(changes), ...weakened };
}

function questionOf({ target, changes, weakens, summary }: Plan): string {
  const { gaining, losing } = summary;
  const count = (people: number, one: string, many: string) =>
    `${people} ${people === 1 ? `person ${one}` : `people ${many}`}`;
  const loss = losing === 0 ? "Nobody loses access" : `${count(losing, "loses", "lose")} access`;
  const given = weakens.filter(({ gives }) => gives).length;
  const judging = weakens.length - given;
  const rules = judging === 1 ? "1 of the rules" : `${judging} of the rules`;
  const nothing = `access that no change shows (${given})`;
  if (changes.length === 0)
    return judging === 0
      ? `Agree to ${nothing} in ${target}? Nothing else changes.`
      : `Weaken ${rules} that judge plans of ${target}${given === 0 ? "" : `, and agree to ${nothing}`}? Nothing else changes.`;
  const weakening = judging === 0 ? "" : `, and it weakens ${rules} that judge it`;
  const giving = given === 0 ? "" : `, and it gives ${nothing}`;
  return `Make ${changes.length} ${changes.length === 1 ? "change" : "changes"} to ${target}? ${loss}, ${count(gaining, "gains", "gain")}${weakening}${giving}.`;
}

/** What a plan file names, which must be of this target and really have this digest. */
function readPlanFile(file: string, target: string, digest: string): Pick<Approved, "changes" | "weakens"> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new OperatorError(`${file} cannot be read as a plan: ${error instanceof Error ? error.message : error}`);
  }
  const plan = (Array.isArray(parsed) ? parsed : [parsed]).find((item) => item?.target === target);
  const changes = idsOf(plan?.changes);
  const weakens = idsOf(plan?.weakens ?? []);
  if (!changes || !weakens)
    throw new OperatorError(
      `${file} holds no plan for ${target}`,
      "Write it with `rolebook plan --format json --output FILE`.",
    );
  if (planDigest(target, changes, weakens) !== digest)
    throw new OperatorError(
      `${file} is not the plan with digest ${digest}`,
      "Approve the digest that the file was written with.",
    );
  const named = (ids: readonly string[]) => ids.map((id) => ({ id }));
  return { changes: named(changes), weakens: named(weakens) };
}

function idsOf(items: unknown): string[] | undefined {
  if (!Array.isArray(items)) return undefined;
  const ids: unknown[] = items.map((item: { readonly id?: unknown } | null) => item?.id);
  return ids.every((id) => typeof id === "string") ? ids : undefined;
}
