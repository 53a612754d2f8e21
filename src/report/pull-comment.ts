// A pull request's comment: who gains and who loses, what is needed and of whom, then each target, details folded, never longer
// than its limit. It refuses to drop silently, to mention anybody, and to count as approved what is only pending.
import type { Need, PlannedTarget, PullReport, UnplannedTarget } from "../model/pull-report.ts";
import { countSeverities } from "./findings-text.ts";
import {
  type Block,
  code,
  heading,
  list,
  type Phrase,
  paragraph,
  phrase,
  prose,
  quote,
  stringify,
  strong,
} from "./markdown.ts";
import { codes, DETAILS, type Detail, entriesOf, type Folding, fold, WHOLE, type Writing } from "./markdown-detail.ts";
import {
  blockedBlocks,
  conflictBlocks,
  findingBlocks,
  findingList,
  noteBlocks,
  proposalBlocks,
} from "./markdown-unsettled.ts";
import { describePeople } from "./people-text.ts";
import { counted, grouped, sentences } from "./phrase.ts";
import { changeBlocks, foldedChanges, peopleBlocks, weakensBlocks } from "./plan-markdown.ts";
import {
  describeBlocked,
  describeCounts,
  describeObstacle,
  describeProof,
  hasSomethingToApply,
  TARGET_OWNERS,
} from "./plan-words.ts";
import { describeNeed, describePull, describePullEffect, describeVerdict, plannedIn } from "./pull-words.ts";

/** The first line of the comment: what it is found again by. */
export const PULL_MARKER = "<!-- rolebook:plan -->";

const LIMIT = 60_000;
const CHECK_LIMIT = 15_000;

/** The line that says which commit a comment is about. */
export function commitLine(head: string): string {
  return `<!-- rolebook:commit ${head} -->`;
}

/** The comment, ending in a newline, of at most `limit` characters (GitHub takes about 65,000). */
export function renderPullComment(report: PullReport, limit: number = LIMIT): string {
  const head = `${PULL_MARKER}\n${commitLine(report.head)}\n\n`;
  return head + within(limit - head.length, report, (detail, targets) => commentBlocks(report, detail, targets));
}

/** The same with nothing left out: for a step summary or a file. */
export function renderPullWhole(report: PullReport): string {
  return stringify(commentBlocks(report, WHOLE, report.targets.length));
}

/** The same in as many characters as there is room for. */
export function renderPullSummary(report: PullReport, limit: number): string {
  return within(limit, report, (detail, targets) => commentBlocks(report, detail, targets));
}

/** What a check says before what it records: all but people and changes, which the comment has. */
export function renderPullCheck(report: PullReport): string {
  return within(CHECK_LIMIT, report, (detail, targets) => checkBlocks(report, detail, targets));
}

/** For a pull request that was told before, and touches nothing any more. */
export function renderPullNothing(head: string): string {
  const blocks = [paragraph("This touches no policies any more: there is nothing to plan.")];
  return `${PULL_MARKER}\n${commitLine(head)}\n\n${stringify(blocks)}`;
}

/** The richest text that fits; of very many targets, the last are counted only. */
function within(limit: number, report: PullReport, write: (detail: Detail, targets: number) => Block[]): string {
  const all = report.targets.length;
  for (const detail of DETAILS) {
    const text = stringify(write(detail, all));
    if (text.length <= limit) return text;
  }
  const barest = DETAILS[DETAILS.length - 1] as Detail;
  const bare = (targets: number) => stringify(write(barest, targets));
  let [fits, beyond] = [0, all];
  while (beyond - fits > 1) {
    const middle = (fits + beyond) >> 1;
    if (bare(middle).length <= limit) fits = middle;
    else beyond = middle;
  }
  const text = bare(fits);
  if (text.length > limit) throw new RangeError(`the barest text has ${text.length} characters, more than ${limit}`);
  return text;
}

/** What the parts are written with: all of a comment notes in one place what it leaves out. */
interface Comment extends Folding {
  readonly report: PullReport;
}

function commentBlocks(report: PullReport, detail: Detail, targets: number): Block[] {
  const comment: Comment = { report, detail, folded: new Set() };
  const shown = report.targets.slice(0, targets);
  const sections = shown.flatMap((target) =>
    target.state === "planned"
      ? targetBlocks(comment, target)
      : [heading(3, code(target.target)), unplannedBlock(comment, target)],
  );
  const blocks = [...headBlocks(comment, targets), ...generalBlocks(comment), ...sections];
  return [...blocks, ...lastBlocks(comment, targets)];
}

function checkBlocks(report: PullReport, detail: Detail, targets: number): Block[] {
  const comment: Comment = { report, detail, folded: new Set() };
  const shown = report.targets.slice(0, targets);
  const sections = shown.flatMap((target) => {
    if (target.state !== "planned") return [heading(4, code(target.target)), unplannedBlock(comment, target)];
    const writing = writingOf(comment, target);
    const blocks = [...noticeBlocks(comment, target), ...weakensBlocks(writing), ...findingBlocks(writing)];
    return blocks.length === 0 ? [] : [heading(4, code(target.target)), ...blocks];
  });
  const last = paragraph(
    `Planned at commit ${report.head.slice(0, 12)}, on top of ${report.base.commit.slice(0, 12)}. The comment on the pull request shows people and changes.`,
  );
  return [
    ...headBlocks(comment, targets),
    ...generalBlocks(comment),
    ...sections,
    ...omittedBlocks(comment, targets),
    last,
  ];
}

/** People first, then whether it may be merged, and what it waits for. */
function headBlocks(comment: Comment, targets: number): Block[] {
  const { report } = comment;
  const effect = describePullEffect(report);
  const verdict = describeVerdict(report);
  return [
    heading(3, describePull(report)),
    paragraph(strong(verdict), ...(effect === undefined ? [] : [` ${effect}`])),
    ...unmergedBlocks(comment),
    ...needBlocks(comment, targets),
  ];
}

function unmergedBlocks(comment: Comment): Block[] {
  const { unmerged } = comment.report;
  if (unmerged === undefined || unmerged === "unrelated") return [];
  const { shown, more } = entriesOf(comment, unmerged, "more file");
  return [
    ...(shown.length === 0 ? [] : [list(shown.map((path) => [code(path, comment.detail.length * 2)]))]),
    ...more,
    paragraph("Merge the base branch into this one, or rebase it, and settle the conflicts; then it is planned again."),
  ];
}

function needBlocks(comment: Comment, targets: number): Block[] {
  const { detail } = comment;
  const several = comment.report.targets.length > 1;
  const items = plannedIn(comment.report)
    .slice(0, targets)
    .flatMap(({ target, needs, hopeless, discounted }) => {
      const where = several ? phrase(code(target, detail.length), ": ") : [];
      return [
        ...needs.map((need) => phrase(where, needPhrase(comment, need))),
        ...hopeless.map(({ message, hint }) =>
          phrase(where, strong("Nobody can approve it."), " ", prose(sentences(message, hint), detail.length * 5)),
        ),
        ...discounted.map(({ login, why }) =>
          phrase(
            where,
            "The review of ",
            code(login, detail.length),
            " does not count: ",
            prose(sentences(why), detail.length * 3),
          ),
        ),
      ];
    });
  const { shown, more } = entriesOf(comment, items, "more line about approvals", "more lines about approvals");
  return [...(shown.length === 0 ? [] : [list(shown)]), ...more];
}

/** What waits for whom; or whose approval it has. */
function needPhrase(comment: Comment, need: Need): Phrase {
  const { approved, approvers, by, against } = need;
  if (approved) return phrase(describeNeed(need), by.length === 0 ? "." : phrase(" of ", named(comment, by), "."));
  const logins = approvers.map(({ member, login }) => login ?? member);
  const strangers = approvers.filter(({ login }) => login === undefined).length;
  return phrase(
    describeNeed(need),
    approvers.length === 0 ? ", and nobody may give it" : phrase(" of ", named(comment, logins)),
    strangers === 0 ? "" : ` (${counted(strangers, "has", "have")} no login in the settings)`,
    by.length === 0 ? "." : phrase("; given by ", named(comment, by), "."),
    against.length === 0 ? [] : phrase(" Against it: ", named(comment, against), "."),
  );
}

/** Names as code, which mentions nobody. */
function named(comment: Comment, all: readonly string[]): Phrase {
  return codes(comment, all);
}

/** Findings of the files that belong to no plan. */
function generalBlocks(comment: Comment): Block[] {
  const findings = comment.report.findings.filter(({ severity }) => severity !== "note");
  if (findings.length === 0) return [];
  return [heading(4, countSeverities(findings)), ...findingList(comment, findings, "more finding")];
}

function unplannedBlock(comment: Comment, { state, why, hint }: UnplannedTarget): Block {
  const reason = prose(sentences(why, hint), comment.detail.length * 8);
  return state === "failed" ? quote(paragraph(strong("Not planned."), " ", ...reason)) : paragraph(...reason);
}

function noticeBlocks({ detail }: Comment, { notices }: PlannedTarget): Block[] {
  return notices.map((notice) => quote(paragraph({ type: "strong", children: [...prose(notice, detail.length * 5)] })));
}

function targetBlocks(comment: Comment, target: PlannedTarget): Block[] {
  const { plan } = target;
  const writing = writingOf(comment, target);
  const several = comment.report.targets.length > 1;
  return [
    heading(3, code(target.target)),
    ...noticeBlocks(comment, target),
    ...weakensBlocks(writing),
    ...summaryBlocks(writing, several),
    ...(plan.access.length === 0 ? [] : peopleBlocks(writing)),
    ...conflictBlocks(writing),
    ...findingBlocks(writing),
    ...blockedBlocks(writing),
    ...changeBlocks(writing),
    ...proposalBlocks(writing),
    ...pendingBlocks(writing, target),
    ...noteBlocks(writing),
  ];
}

function summaryBlocks(writing: Writing, several: boolean): Block[] {
  const { plan } = writing;
  if (plan.changes.length === 0)
    return [
      paragraph("Nothing changes on the platform."),
      ...(hasSomethingToApply(plan) ? [digestBlock(writing)] : []),
    ];
  const [proof, blocked, obstacle] = [describeProof(plan), describeBlocked(plan), describeObstacle(plan)];
  return [
    paragraph(
      ...(several ? [strong(`${describePeople(plan)}.`), " "] : []),
      `${describeCounts(plan)}.`,
      ...(proof === undefined ? [] : [` ${proof}`]),
      ...(blocked === undefined ? [] : [" ", strong(blocked)]),
    ),
    ...(plan.waivers.length === 0 ? [] : [paragraph("Waivers used: ", codes(writing, plan.waivers), ".")]),
    ...(obstacle === undefined ? [] : [quote(paragraph(strong(obstacle)))]),
    digestBlock(writing),
  ];
}

/** What a waiver names. Whole, however little room there is. */
function digestBlock({ plan }: Writing): Block {
  return paragraph("Digest of this plan: ", code(plan.digest));
}

/** What the base branch waits for by itself: shown apart, since no review of this pull request is of it. */
function pendingBlocks(writing: Writing, { pending, own }: PlannedTarget): Block[] {
  const changes = pending.changes.filter(({ id }) => !own.has(id));
  const errors = pending.findings.filter(({ severity }) => severity === "error").length;
  return [
    ...(pending.refused
      ? [
          paragraph(
            `The base branch itself cannot be applied: it has ${counted(errors, "error")}. This is planned as if it had been.`,
          ),
        ]
      : []),
    ...foldedChanges(
      writing,
      changes,
      `Pending on the base branch already (${grouped(changes.length)}): not part of this, and not approved with it`,
    ),
  ];
}

/** Of very many targets, those that are not told one by one. */
function omittedBlocks(comment: Comment, targets: number): Block[] {
  const rest = comment.report.targets.length - targets;
  return rest === 0 ? [] : [paragraph(fold(comment, `and ${counted(rest, "more target")}`))];
}

function lastBlocks(comment: Comment, targets: number): Block[] {
  const { report, folded } = comment;
  const omitted = omittedBlocks(comment, targets);
  const whole = `rolebook plan --pull-request ${report.number} --quiet --full`;
  const where = phrase(
    "Planned at commit ",
    code(report.head.slice(0, 12)),
    ", on top of ",
    code(report.base.branch, comment.detail.length),
    " at ",
    code(report.base.commit.slice(0, 12)),
    ".",
  );
  return [
    ...omitted,
    ...(folded.size === 0
      ? []
      : [
          paragraph(
            "Not everything is shown here. The whole plan is in the step summary and the artifact of the run that made it; ",
            code(whole),
            " shows it too.",
          ),
        ]),
    paragraph(
      ...where,
      plannedIn(report).some(({ needs }) => needs.length > 0)
        ? " A review approves what the check shows at the time, and nothing that comes later."
        : "",
    ),
  ];
}

function writingOf({ detail, folded }: Comment, { plan, scopes }: PlannedTarget): Writing {
  return { plan, options: { ...scopes, unowned: TARGET_OWNERS }, detail, folded };
}
