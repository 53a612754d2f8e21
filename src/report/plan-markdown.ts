// A plan as a pull request's comment: people first, details folded, never longer than its limit. It refuses to
// drop silently: what does not fit is counted, and the comment says where the whole is.
import type { Plan } from "../model/plan.ts";
import { changeItemLines } from "./changes-text.ts";
import { foldAccess } from "./fold-access.ts";
import { foldChanges } from "./fold-changes.ts";
import { screenOf } from "./layout.ts";
import {
  type Block,
  code,
  details,
  fence,
  heading,
  type Phrase,
  paragraph,
  phrase,
  quote,
  stringify,
  strong,
  table,
} from "./markdown.ts";
import { DETAILS, fold, names, type PlanMarkdownOptions, some, type Writing, words } from "./markdown-detail.ts";
import { blockedBlocks, conflictBlocks, driftBlocks, findingBlocks, unmanagedBlocks } from "./markdown-unsettled.ts";
import { describePeople, peopleIn } from "./people-text.ts";
import { counted, describePath, describeScopes, grouped } from "./phrase.ts";
import {
  applyCommand,
  describeBlocked,
  describeCounts,
  describeEffect,
  describeObstacle,
  describeSource,
  isEmptyPlan,
} from "./plan-words.ts";

const LIMIT = 60_000;
const LOWEST_LIMIT = 2_500;
const FENCE_WIDTH = 100;

/** A command longer than this has a target nobody could type; the digest alone is shown. */
const COMMAND_LENGTH = 300;

/** The comment, ending in a newline. Throws `RangeError` for a limit too low to say anything in. */
export function renderPlanMarkdown(plan: Plan, options: PlanMarkdownOptions): string {
  const limit = options.limit ?? LIMIT;
  if (limit < LOWEST_LIMIT) throw new RangeError(`a comment needs at least ${LOWEST_LIMIT} characters, not ${limit}`);
  let text = "";
  for (const detail of DETAILS) {
    text = stringify(blocksOf({ plan, options, detail, folded: new Set() }));
    if (text.length <= limit) return text;
  }
  throw new Error(`the barest comment has ${text.length} characters, more than ${limit}`);
}

function blocksOf(writing: Writing): Block[] {
  const { plan, detail } = writing;
  const title = heading(3, "Rolebook plan for ", code(plan.target, detail.length));
  if (isEmptyPlan(plan)) return [title, paragraph(`Nothing to change. Live is as ${describeSource(plan)} says.`)];
  return [
    title,
    ...headBlocks(plan),
    ...(plan.access.length === 0 ? [] : peopleBlocks(writing)),
    ...conflictBlocks(writing),
    ...findingBlocks(writing),
    ...blockedBlocks(writing),
    ...changeBlocks(writing),
    ...driftBlocks(writing),
    ...unmanagedBlocks(writing),
    ...lastBlocks(writing),
  ];
}

function headBlocks(plan: Plan): Block[] {
  const { summary } = plan;
  const base = plan.base === null ? "nothing was applied before" : `last applied ${plan.base.slice(0, 12)}`;
  const counts = [
    describeCounts(plan),
    ...(summary.drift > 0 ? [`${grouped(summary.drift)} drifted`] : []),
    ...(summary.conflicts > 0 ? [counted(summary.conflicts, "conflict")] : []),
    ...(summary.unmanaged > 0 ? [`${grouped(summary.unmanaged)} unmanaged`] : []),
  ].filter((count) => count !== "");
  const people =
    plan.changes.length === 0
      ? [strong("Nothing to change.")]
      : [strong(`${describePeople(plan)}.`), ` ${describeEffect(plan)}`];
  const obstacle = describeObstacle(plan);
  const blocked = describeBlocked(plan);
  return [
    paragraph(...people, ...(blocked === undefined ? [] : [" ", strong(blocked)])),
    paragraph(`At ${describeSource(plan)}, ${base}. ${counts.join(", ")}${counts.length > 0 ? "." : ""}`.trim()),
    ...(obstacle === undefined ? [] : [quote(paragraph(strong(obstacle)))]),
  ];
}

function peopleBlocks(writing: Writing): Block[] {
  const { plan, options, detail } = writing;
  const rows: Phrase[][] = [];
  let shown = 0;
  for (const group of plan.access) {
    const folds = foldAccess(group, options.rankOf);
    if (rows.length + folds.length > detail.rows) break;
    shown += 1;
    for (const [index, row] of folds.entries()) {
      const short = (name: string) => name;
      const via = row.via.map((path) => describePath(path, short));
      rows.push([
        index === 0 ? names(writing, group.members) : [],
        words(writing, row.resources.join(", "), 4),
        phrase(
          row.sign === "~" ? "" : `${row.sign} `,
          code(row.before ?? "none", 40),
          " → ",
          code(row.after ?? "none", 40),
        ),
        words(writing, describeScopes(row.scopes, options, short), 4),
        phrase(row.after === null ? "until now " : "", words(writing, some(writing, via), 4)),
      ]);
    }
  }
  const rest = plan.access.slice(shown);
  const more = `and ${counted(peopleIn(rest), "more person", "more people")} in ${counted(rest.length, "other way")}`;
  return [
    ...(rows.length === 0 ? [] : [table(["People", "Resource", "Level", "Where", "Through"], rows)]),
    ...(rest.length === 0 ? [] : [paragraph(fold(writing, more))]),
  ];
}

function changeBlocks(writing: Writing): Block[] {
  const { changes } = writing.plan;
  if (changes.length === 0) return [];
  const screen = screenOf(false, FENCE_WIDTH);
  const items = foldChanges(changes);
  const lines: string[] = [];
  let shown = 0;
  for (const item of items) {
    const next = changeItemLines(screen, item, { full: false, indent: "" });
    if (lines.length + next.length > writing.detail.lines) break;
    lines.push(...next);
    shown += 1;
  }
  const hidden = items.slice(shown).reduce((sum, item) => sum + item.changes.length, 0);
  return details(`Changes, in the order they are made (${grouped(changes.length)})`, [
    ...(lines.length === 0 ? [] : [fence("diff", lines)]),
    ...(hidden === 0 ? [] : [paragraph(fold(writing, `and ${counted(hidden, "more change")}`))]),
  ]);
}

function lastBlocks(writing: Writing): Block[] {
  const { plan, options, detail } = writing;
  const whole = options.whole ?? `rolebook plan --target ${plan.target} --full`;
  const where =
    writing.folded.size === 0
      ? []
      : [paragraph("Not everything is shown here. The whole plan: ", code(whole, detail.length * 2), ".")];
  const command = applyCommand(plan, options.rerun);
  if (describeObstacle(plan) !== undefined || command.length > COMMAND_LENGTH)
    return [...where, paragraph("Digest ", code(plan.digest))];
  if (plan.changes.length === 0) return where;
  const blocked = plan.changes.some(({ blockedBy }) => blockedBy !== undefined && blockedBy.length > 0);
  return [
    ...where,
    paragraph(blocked ? "To apply the changes that are not blocked, exactly as shown:" : "To apply exactly this:"),
    fence("sh", [command]),
  ];
}
