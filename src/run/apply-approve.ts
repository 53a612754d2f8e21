// Who said yes to what. An approval is of change ids; whatever it does not name stays undone, and no
// approval means no. Asks at a terminal, reads `--approve`, or takes up what an interrupted apply was approved for.
import { readFileSync } from "node:fs";
import type { Start } from "../git/records.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval } from "../model/receipt.ts";
import { planDigest } from "../plan/digest.ts";
import { type Context, OperatorError } from "./context.ts";

export interface ApproveOptions {
  /** The digest of the plan that was shown. */
  readonly approve?: string;
  /** The file `plan --output` wrote, when live has moved since: what it names and still holds is made, the rest is held. */
  readonly plan?: string;
}

export type Decision =
  | { readonly kind: "approved"; readonly approval: Approval; readonly resumes: Start | undefined }
  | { readonly kind: "declined"; readonly reason: string; readonly hint: string };

/** Decides for one plan. `open` is an apply of this target that was started and never finished. */
export async function decideApproval(
  context: Context,
  plan: Plan,
  open: Start | undefined,
  identity: () => Promise<string>,
  options: ApproveOptions,
): Promise<Decision> {
  if (options.approve !== undefined)
    return approveByDigest(context, plan, open, identity, options.approve, options.plan);
  if (!willAsk(context, plan, options)) return declinedWithout(plan, open);
  if (!(await context.ask(questionOf(plan))))
    return { kind: "declined", reason: "Not approved", hint: "Nothing was changed." };
  const approval = approvalOf(plan, await identity(), context.now(), "terminal");
  return { kind: "approved", approval, resumes: undefined };
}

/** Whether a person at the terminal will be asked about this plan. */
export function willAsk({ terminal }: Context, plan: Plan, { approve }: ApproveOptions): boolean {
  return approve === undefined && plan.changes.length > 0 && terminal.stdin && terminal.stderr;
}

async function approveByDigest(
  context: Context,
  plan: Plan,
  open: Start | undefined,
  identity: () => Promise<string>,
  digest: string,
  file: string | undefined,
): Promise<Decision> {
  if (open && open.digest === digest && open.commit === plan.commit)
    return { kind: "approved", approval: open.approval, resumes: open };
  if (digest === plan.digest) {
    const approval = approvalOf(plan, await identity(), context.now(), "digest");
    return { kind: "approved", approval, resumes: undefined };
  }
  if (file !== undefined) {
    const changes = readPlanFile(file, plan.target, digest);
    const approval = { by: await identity(), at: context.now().toISOString(), how: "digest" as const, digest, changes };
    return { kind: "approved", approval, resumes: undefined };
  }
  return {
    kind: "declined",
    reason: `The plan is now ${plan.digest}, not ${digest}: the platform or the files have moved since it was shown`,
    hint: "Look at the plan above, then approve its digest; or add --plan FILE (written by `plan --output FILE --format json`) to make what it names and hold the rest.",
  };
}

function declinedWithout(plan: Plan, open: Start | undefined): Decision {
  const hint = open
    ? `An apply was interrupted: --approve ${open.digest} finishes it. To approve the plan above instead: --approve ${plan.digest}`
    : `Approve exactly this plan with --approve ${plan.digest}`;
  return { kind: "declined", reason: "No approval was given, and there is no terminal to ask at", hint };
}

function approvalOf(plan: Plan, by: string, now: Date, how: Approval["how"]): Approval {
  return { by, at: now.toISOString(), how, digest: plan.digest, changes: plan.changes.map(({ id }) => id) };
}

function questionOf({ target, changes, summary }: Plan): string {
  const { gaining, losing } = summary;
  const count = (people: number, one: string, many: string) =>
    `${people} ${people === 1 ? `person ${one}` : `people ${many}`}`;
  const loss = losing === 0 ? "Nobody loses access" : `${count(losing, "loses", "lose")} access`;
  return `Make ${changes.length} ${changes.length === 1 ? "change" : "changes"} to ${target}? ${loss}, ${count(gaining, "gains", "gain")}.`;
}

/** Change ids of a plan file, which must be of this target and really have this digest. */
function readPlanFile(file: string, target: string, digest: string): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new OperatorError(`${file} cannot be read as a plan: ${error instanceof Error ? error.message : error}`);
  }
  const plan = (Array.isArray(parsed) ? parsed : [parsed]).find((item) => item?.target === target);
  const ids: unknown = plan?.changes?.map?.((change: { readonly id?: unknown }) => change?.id);
  if (!Array.isArray(ids) || !ids.every((id) => typeof id === "string"))
    throw new OperatorError(
      `${file} holds no plan for ${target}`,
      "Write it with `rolebook plan --format json --output FILE`.",
    );
  if (planDigest(target, ids) !== digest)
    throw new OperatorError(
      `${file} is not the plan with digest ${digest}`,
      "Approve the digest that the file was written with.",
    );
  return ids;
}
