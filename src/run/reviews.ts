// The reviews of a pull request and what each of them had been shown, read from the host; by whom they are judged, read from
// the base; and the approval that they come to. Decides nothing about them: that is `plan/approvals.ts`.

import { LEDGER_AUTHOR } from "../git/records.ts";
import { compareText } from "../model/finding.ts";
import { type CheckRun, type HostReader, MOST_COMMITS, type Pull, type PullCommit } from "../model/host.ts";
import { memo } from "../model/lazy.ts";
import type { Plan } from "../model/plan.ts";
import type { Approval, ReviewEvidence } from "../model/receipt.ts";
import { readShown, type Shown } from "../model/shown.ts";
import { ownersOfGroups } from "../plan/approval-owners.ts";
import type { ApprovalInput, ReviewedPull, ReviewVerdict } from "../plan/approvals.ts";
import { desiredSteps } from "./desired.ts";
import { inSlices } from "./slices.ts";
import type { Workspace } from "./workspace.ts";

/** The name of the check run that says what was planned, and records what was shown. */
export const CHECK_NAME = "rolebook";

/** The account that GitHub commits as for people who use its pages: nobody of its own. */
const WEB_FLOW = "web-flow";
/** Who stands for accounts that are gone. */
const GHOST = "ghost";

/** Per target: what may be known of the reviews. Only checks that Rolebook itself made count as shown. */
export async function readReviews(host: HostReader, pull: Pull): Promise<(target: string) => ReviewedPull> {
  const [self, commits, reviews] = await Promise.all([
    host.self(),
    host.pullCommits(pull.number),
    host.reviews(pull.number),
  ]);
  const reviewed = reviews.flatMap(({ state, commit }) => (state === "approved" && commit !== null ? [commit] : []));
  const checks = new Map<string, readonly CheckRun[]>();
  for (const commit of new Set([...reviewed, pull.head.commit])) {
    // Who cannot make checks has made none.
    const runs = self.app === undefined ? [] : await host.checkRuns(commit, CHECK_NAME);
    checks.set(
      commit,
      runs.filter(({ app, name, completedAt }) => app === self.app && name === CHECK_NAME && completedAt !== null),
    );
  }
  const recordsOf = memo(({ text }: CheckRun) => readShown(text) ?? []);
  const authors = authorsOf(pull, commits);
  const unknownAuthor = isNobodys(pull, commits, self.login);
  return (target) => ({
    number: pull.number,
    authors,
    unknownAuthor,
    merged: pull.mergedAt !== null,
    reviews,
    shownAt: (commit, at) => {
      const check = latestAt(checks.get(commit) ?? [], at);
      return check && onlyOf(recordsOf(check), target);
    },
  });
}

function authorsOf({ author }: Pull, commits: readonly PullCommit[]): string[] {
  const logins = commits.flatMap(({ author, committer }) => [author, committer]);
  const others = new Set(logins.filter((login) => login !== null && login !== WEB_FLOW && login !== author));
  return [author, ...[...others].filter((login) => login !== null).sort(compareText)];
}

/**
 * Whether it may be the work of somebody who is not among its authors: a commit is by an account that the host does not know, or
 * there are more commits than it tells of, or a machine opened it, and who made it do so is not known. What Rolebook itself
 * opened on a branch of its own, with commits of its own, is nobody else's.
 */
function isNobodys(pull: Pull, commits: readonly PullCommit[], self: string): boolean {
  const own = pull.author === self && !pull.fork && pull.head.branch.startsWith(OWN_BRANCHES);
  const isKnown = ({ author, committer, signed }: PullCommit) =>
    (author !== null && committer !== null) || (own && signed.every((one) => one === LEDGER_AUTHOR));
  if (commits.length >= MOST_COMMITS || !commits.every(isKnown)) return true;
  return !own && (pull.author === GHOST || pull.author.endsWith("[bot]"));
}

const OWN_BRANCHES = "rolebook/";

/** The check that a reader saw at an instant: the last one completed by then. */
function latestAt(checks: readonly CheckRun[], at: string): CheckRun | undefined {
  const instant = Date.parse(at);
  const ended = ({ completedAt }: CheckRun) => Date.parse(completedAt ?? "");
  return checks
    .filter((check) => ended(check) <= instant)
    .sort((a, b) => ended(a) - ended(b) || a.id - b.id)
    .at(-1);
}

/** Two records of one target are none: one of them was not written by who wrote the check. */
function onlyOf(records: readonly Shown[], target: string): Shown | undefined {
  const [record, second] = records.filter((shown) => shown.target === target);
  return second ? undefined : record;
}

/** By whom a target's changes are approved: as the settings and groups of the base say. */
export type Judges = Pick<ApprovalInput, "target" | "people" | "groupOwners">;

/** Reads them from the policies of the base; undefined where it does not have the target. */
export async function readJudges(base: Workspace, target: string, now: Date): Promise<Judges | undefined> {
  const { settings } = base.policies;
  const found = settings?.targets.find(({ name }) => name === target);
  if (!settings || !found) return undefined;
  const { state } = await inSlices(desiredSteps(base, found, now));
  return { target: found, people: settings.people, groupOwners: ownersOfGroups(state) };
}

/** What reviews approve, of one pull request or of several. */
export interface ApprovedIds {
  readonly changes: ReadonlySet<string>;
  readonly weakens: ReadonlySet<string>;
  /** The reviews it rests on, by pull request and review. */
  readonly evidence: readonly ReviewEvidence[];
}

/** Everything that any of the verdicts approves. */
export function approvedIds(verdicts: readonly ReviewVerdict[]): ApprovedIds {
  const approved = (items: ReviewVerdict["changes"]) => items.filter((item) => item.approved);
  const changes = verdicts.flatMap((verdict) => approved(verdict.changes));
  const weakens = verdicts.flatMap((verdict) => approved(verdict.weakens));
  const evidence = new Map([...changes, ...weakens].flatMap(({ by }) => by.map((item) => [keyOf(item), item])));
  return {
    changes: new Set(changes.map(({ id }) => id)),
    weakens: new Set(weakens.map(({ id }) => id)),
    evidence: [...evidence.values()].sort((a, b) => a.pull - b.pull || a.review - b.review),
  };
}

/** Someone can approve one thing as one member and another as another. */
function keyOf({ pull, review, member }: ReviewEvidence): string {
  return JSON.stringify([pull, review, member]);
}

/** The approval of as much of a plan as the verdicts approve; undefined when that is nothing. */
export function approvalByReviews(plan: Plan, verdicts: readonly ReviewVerdict[]): Approval | undefined {
  const approved = approvedIds(verdicts);
  const changes = plan.changes.filter(({ id }) => approved.changes.has(id)).map(({ id }) => id);
  const weakens = plan.weakens.filter(({ id }) => approved.weakens.has(id)).map(({ id }) => id);
  if (changes.length + weakens.length === 0) return undefined;
  const { evidence } = approved;
  return {
    by: [...new Set(evidence.map(({ member }) => member))].sort(compareText).join(", "),
    at: evidence.map(({ at }) => at).reduce((latest, at) => (Date.parse(at) > Date.parse(latest) ? at : latest)),
    how: "reviews",
    digest: plan.digest,
    changes,
    ...(weakens.length === 0 ? {} : { weakens }),
    evidence,
  };
}
