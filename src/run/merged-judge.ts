// Which of a plan's changes the reviews of the merges since the last apply approve, and why the others wait. Each merge is judged
// by the settings before it and by those that were applied last, whichever asks for more. Missing approval means no.
import type { Step } from "../git/walk.ts";
import type { Change } from "../model/change.ts";
import type { Pull } from "../model/host.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval } from "../model/receipt.ts";
import { strictestVerdict } from "../plan/approval-strictest.ts";
import { type ApprovalInput, judgeReviews, type ReviewedPull, type ReviewVerdict } from "../plan/approvals.ts";
import type { Bases } from "./merged-basis.ts";
import { undoesDrift } from "./merged-way.ts";
import type { Prepared } from "./prepare.ts";
import { approvalByReviews } from "./reviews.ts";

/** A merge whose reviews may approve something. */
export interface Covering {
  readonly step: Step;
  readonly pull: Pull;
  readonly reviewed: ReviewedPull;
}

export interface Judged {
  /** Undefined when nothing is approved. */
  readonly approval: Approval | undefined;
  readonly isApproved: (id: string) => boolean;
  /** The weakenings that nobody approved. */
  readonly unapproved: Plan["weakens"];
  /** Why something that the step brought is not approved. */
  readonly why: (id: string, step: Step) => string;
}

/** Judges one plan by all merges that it may rest on. `applied` is the commit that was applied last. */
export async function judgeMerges(
  prepared: Prepared,
  coverings: readonly Covering[],
  bases: Bases,
  applied: string,
  now: Date,
): Promise<Judged> {
  const { plan } = prepared;
  const verdicts = new Map<number, ReviewVerdict>();
  for (const covering of coverings) {
    const verdict = await judgeMerge(prepared, covering, bases, applied);
    if (verdict) verdicts.set(covering.pull.number, verdict);
  }
  const ended = await endedChanges(plan, bases, applied);
  const approval = withEnded(plan, approvalByReviews(plan, [...verdicts.values()]), ended, now);
  const approved = new Set([...(approval?.changes ?? []), ...(approval?.weakens ?? [])]);
  return {
    approval,
    isApproved: (id) => approved.has(id),
    unapproved: plan.weakens.filter(({ id }) => !approved.has(id)),
    why: (id, step) => whyWaiting(id, step, step.pull && verdicts.get(step.pull.number)),
  };
}

async function judgeMerge(
  { plan, platform, live, afterOf }: Prepared,
  { step, pull, reviewed }: Covering,
  bases: Bases,
  applied: string,
): Promise<ReviewVerdict | undefined> {
  const before = step.before ?? applied;
  const judges = [await bases.judgesAt(before), ...(before === applied ? [] : [await bases.judgesAt(applied)])];
  const verdicts: ReviewVerdict[] = [];
  for (const judge of judges) {
    if (!judge) return undefined;
    const input: ApprovalInput = { ...judge, platform, plan, live, afterOf, pull: reviewed };
    verdicts.push(judgeReviews(input));
  }
  const [first, second] = verdicts;
  if (!first) return undefined;
  const verdict = strictestVerdict(first, second);
  const own = undoesDrift(pull, plan.target);
  const drift = new Set(plan.changes.filter(({ origin }) => origin === "drift").map(({ id }) => id));
  // Undoing drift is approved where it was the matter, and nowhere else.
  const changes = verdict.changes.map((item) => (drift.has(item.id) && !own ? { ...item, approved: false } : item));
  return { ...verdict, changes };
}

/** Memberships that end by the date that was approved with them: that they end is no news to anybody. */
async function endedChanges({ changes }: Plan, bases: Bases, applied: string): Promise<readonly Change[]> {
  const over = changes.filter(({ origin, action }) => origin === "expiry" && action === "delete");
  const ended = await bases.endedAt(
    applied,
    over.map(({ key }) => key),
  );
  return over.filter(({ key }) => ended.has(key));
}

function withEnded(
  plan: Plan,
  approval: Approval | undefined,
  ended: readonly Change[],
  now: Date,
): Approval | undefined {
  if (ended.length === 0) return approval;
  const ids = ended.map(({ id }) => id);
  const known: Approval = approval ?? {
    by: "the approved end of access",
    at: now.toISOString(),
    how: "reviews",
    digest: plan.digest,
    changes: [],
    evidence: [],
  };
  return { ...known, changes: [...new Set([...known.changes, ...ids])], ended: ids };
}

/** Names and reviews told in one sentence. */
const TOLD = 3;

function whyWaiting(id: string, step: Step, verdict: ReviewVerdict | undefined): string {
  const { pull, commits } = step;
  if (!pull) {
    const by = commits.at(-1)?.committer;
    return `commit ${step.commit.slice(0, 12)} was pushed directly${by ? ` by ${by}` : ""}, and nothing approves what comes without a pull request`;
  }
  const item = [...(verdict?.changes ?? []), ...(verdict?.weakens ?? [])].find((one) => one.id === id);
  if (!verdict || !item) return `the settings before pull request ${pull.number} do not know the target`;
  const { needed, by, against, owners } = item;
  if (against.length > 0) return `${against.map(({ login }) => login).join(", ")} asked for changes`;
  if (item.by.length >= needed) return "drift is undone by its own pull request alone";
  if (owners.length === 0) return "nobody may approve it: it has no owner who neither wrote it nor gains by it";
  const several = needed === 1 ? "an approval" : `${needed} approvals`;
  const has = by.length === 0 ? "" : ` and has ${by.length}`;
  const voided = verdict.discounted.slice(0, TOLD).map(({ why }) => why);
  return `it needs ${several} by ${namesOf(owners)}${has}${voided.length > 0 ? ` (${voided.join("; ")})` : ""}`;
}

function namesOf(names: readonly string[]): string {
  const told = names.slice(0, TOLD).join(" or ");
  return names.length > TOLD ? `${told} or ${names.length - TOLD} more` : told;
}
