// Which of a plan's changes the reviews of the merges since the last apply approve, and why the others wait. Each merge is judged
// by the settings before it and by those that were applied last, whichever asks for more. Missing approval means no.
import type { Step } from "../git/walk.ts";
import type { Change } from "../model/change.ts";
import type { Pull } from "../model/host.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval, Receipt, ReviewEvidence } from "../model/receipt.ts";
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

/** What the merges of a walk are judged by. */
export interface Judging {
  readonly coverings: readonly Covering[];
  readonly bases: Bases;
  /** The commit that was applied last. */
  readonly applied: string;
  /** How many of the coverings were there when a change (id) that they brought was taken back: their word for it is over. */
  readonly takenBack: ReadonlyMap<string, number>;
  /** What was made so far. */
  readonly receipts: readonly Receipt[];
  readonly now: Date;
}

/** Judges one plan by all merges that it may rest on. */
export async function judgeMerges(prepared: Prepared, judging: Judging): Promise<Judged> {
  const { plan } = prepared;
  const { coverings, bases, applied, now } = judging;
  const verdicts = new Map<number, ReviewVerdict>();
  const spent = new Set<string>();
  const madeBy = runsThatMade(plan, judging.receipts);
  for (const [index, covering] of coverings.entries()) {
    const verdict = await judgeMerge(prepared, covering, bases, applied);
    if (!verdict) continue;
    const changes = verdict.changes.map((item) => {
      if (index < (judging.takenBack.get(item.id) ?? 0)) return { ...item, by: [], approved: false };
      const left = item.by.filter((review) => !(madeBy.get(item.id) ?? []).some((run) => isSpent(review, run)));
      if (left.length === item.by.length) return item;
      spent.add(item.id);
      return { ...item, by: left, approved: item.approved && left.length >= item.needed };
    });
    verdicts.set(covering.pull.number, { ...verdict, changes });
  }
  const ended = await endedChanges(plan, bases, applied);
  const approval = withEnded(plan, approvalByReviews(plan, [...verdicts.values()]), ended, now);
  const approved = new Set([...(approval?.changes ?? []), ...(approval?.weakens ?? [])]);
  return {
    approval,
    isApproved: (id) => approved.has(id),
    unapproved: plan.weakens.filter(({ id }) => !approved.has(id)),
    why: (id, step) => {
      const why = whyWaiting(id, step, step.pull && verdicts.get(step.pull.number));
      return spent.has(id) ? `it was made already and is undone since, so that ${why}` : why;
    },
  };
}

/** Change of a plan -> the runs that have made the same before. */
function runsThatMade({ changes }: Plan, receipts: readonly Receipt[]): ReadonlyMap<string, readonly Receipt[]> {
  const ids = new Set(changes.map(({ id }) => id));
  const made = new Map<string, Receipt[]>();
  for (const receipt of receipts)
    for (const { change, status } of receipt.outcomes)
      if (status === "applied" && ids.has(change)) made.set(change, [...(made.get(change) ?? []), receipt]);
  return made;
}

/** A review approves that something is made, and not that it is made again each time somebody has undone it. */
function isSpent({ pull, review, at }: ReviewEvidence, { approval, startedAt }: Receipt): boolean {
  if (approval.how === "reviews")
    return (approval.evidence ?? []).some((one) => one.pull === pull && one.review === review);
  // By hand it was made for some other reason; a review from before that knew nothing of it.
  return Date.parse(startedAt) >= Date.parse(at);
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
