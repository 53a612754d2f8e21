// A plan as a pull request's comment: what weakens the rules, then people, details folded, never longer than its limit. It
// refuses to drop silently: what does not fit is counted, and the comment says where the whole is.
import type { Change } from "../model/change.ts";
import type { Plan, Weakening } from "../model/plan.ts";
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
  list,
  type Phrase,
  paragraph,
  phrase,
  quote,
  stringify,
  strong,
  table,
} from "./markdown.ts";
import {
  codes,
  DETAILS,
  entriesOf,
  fold,
  names,
  type PlanMarkdownOptions,
  some,
  WHOLE,
  type Writing,
  words,
} from "./markdown-detail.ts";
import {
  blockedBlocks,
  conflictBlocks,
  driftBlocks,
  findingBlocks,
  noteBlocks,
  proposalBlocks,
  unmanagedBlocks,
} from "./markdown-unsettled.ts";
import { describePeople, peopleIn } from "./people-text.ts";
import { counted, describePath, describeScopes, grouped } from "./phrase.ts";
import {
  applyCommand,
  besideOf,
  describeBlocked,
  describeCounts,
  describeEffect,
  describeLive,
  describeObstacle,
  describeOnlyBeside,
  describeProof,
  describeSource,
  hasSomethingToApply,
  isEmptyPlan,
  NO_OWNERS,
} from "./plan-words.ts";

const LIMIT = 60_000;
const LOWEST_LIMIT = 2_500;
const FENCE_WIDTH = 100;

/** Of a plan without changes that takes an approval all the same. */

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
  if (isEmptyPlan(plan))
    return [
      title,
      paragraph(`Nothing to change. ${describeLive(plan)}`),
      ...noteBlocks(writing),
      ...wholeBlocks(writing),
    ];
  return [
    title,
    ...weakensBlocks(writing),
    ...headBlocks(writing),
    ...(plan.access.length === 0 ? [] : peopleBlocks(writing)),
    ...conflictBlocks(writing),
    ...findingBlocks(writing),
    ...blockedBlocks(writing),
    ...changeBlocks(writing),
    ...driftBlocks(writing),
    ...proposalBlocks(writing),
    ...unmanagedBlocks(writing),
    ...noteBlocks(writing),
    ...lastBlocks(writing),
  ];
}

/** In the open and before everything else: whoever approves must not miss it. */
export function weakensBlocks(writing: Writing): Block[] {
  return besideOf(writing.plan).map(({ title, items }) => besideBlock(writing, title, items));
}

function besideBlock(writing: Writing, title: string, weakens: readonly Weakening[]): Block {
  const { length } = writing.detail;
  const { shown, more } = entriesOf(writing, weakens, "more weakening");
  const items = shown.map(({ what, place, owners }) =>
    phrase(
      place ? phrase(code(`${place.file}:${place.line}:${place.column}`, length * 2), ": ") : [],
      words(writing, what, 2),
      " (needs: ",
      owners.length === 0 ? (writing.options.unowned ?? NO_OWNERS) : codes(writing, owners),
      ")",
    ),
  );
  return quote(
    paragraph(strong(`${title} (${grouped(weakens.length)})`)),
    ...(items.length === 0 ? [] : [list(items)]),
    ...more,
  );
}

function headBlocks(writing: Writing): Block[] {
  const { plan } = writing;
  const { summary } = plan;
  const base = plan.base === null ? "nothing was applied before" : `last applied ${plan.base.slice(0, 12)}`;
  const counts = [
    describeCounts(plan),
    ...(summary.drift > 0 ? [`${grouped(summary.drift)} drifted`] : []),
    ...(summary.conflicts > 0 ? [counted(summary.conflicts, "conflict")] : []),
    ...(summary.unmanaged > 0 ? [`${grouped(summary.unmanaged)} unmanaged`] : []),
  ].filter((count) => count !== "");
  const proof = describeProof(plan);
  const people =
    plan.changes.length === 0
      ? [strong(describeOnlyBeside(plan))]
      : [
          strong(`${describePeople(plan)}.`),
          ` ${describeEffect(plan)}`,
          ...(proof === undefined ? [] : [" ", strong(proof)]),
        ];
  const obstacle = describeObstacle(plan);
  const blocked = describeBlocked(plan);
  return [
    paragraph(...people, ...(blocked === undefined ? [] : [" ", strong(blocked)])),
    paragraph(`At ${describeSource(plan)}, ${base}. ${counts.join(", ")}${counts.length > 0 ? "." : ""}`.trim()),
    ...(plan.waivers.length === 0 ? [] : [paragraph("Waivers used: ", codes(writing, plan.waivers), ".")]),
    ...(obstacle === undefined ? [] : [quote(paragraph(strong(obstacle)))]),
  ];
}

/** Whose access moves, a row for each way it does. */
export function peopleBlocks(writing: Writing): Block[] {
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

/** All of a plan's changes. */
export function changeBlocks(writing: Writing): Block[] {
  const { changes } = writing.plan;
  return foldedChanges(writing, changes, `Changes, in the order they are made (${grouped(changes.length)})`);
}

/** Changes behind a line of ours. */
export function foldedChanges(writing: Writing, changes: readonly Change[], summary: string): Block[] {
  if (changes.length === 0) return [];
  const screen = screenOf(false, FENCE_WIDTH);
  const items = foldChanges(changes);
  const lines: string[] = [];
  let shown = 0;
  for (const item of items) {
    const next = changeItemLines(screen, item, { full: writing.detail === WHOLE, indent: "" });
    if (lines.length + next.length > writing.detail.lines) break;
    lines.push(...next);
    shown += 1;
  }
  const hidden = items.slice(shown).reduce((sum, item) => sum + item.changes.length, 0);
  return details(summary, [
    ...(lines.length === 0 ? [] : [fence("diff", lines)]),
    ...(hidden === 0 ? [] : [paragraph(fold(writing, `and ${counted(hidden, "more change")}`))]),
  ]);
}

/** Where the whole plan is, when this is not all of it. */
function wholeBlocks({ plan, options, detail, folded }: Writing): Block[] {
  const whole = options.whole ?? `rolebook plan --target ${plan.target} --full`;
  if (folded.size === 0) return [];
  return [paragraph("Not everything is shown here. The whole plan: ", code(whole, detail.length * 2), ".")];
}

function lastBlocks(writing: Writing): Block[] {
  const { plan, options } = writing;
  const where = wholeBlocks(writing);
  const command = applyCommand(plan, options.rerun);
  if (describeObstacle(plan) !== undefined || command.length > COMMAND_LENGTH)
    return [...where, paragraph("Digest ", code(plan.digest))];
  if (!hasSomethingToApply(plan)) return where;
  const blocked = plan.changes.some(({ blockedBy }) => blockedBy !== undefined && blockedBy.length > 0);
  return [
    ...where,
    paragraph(blocked ? "To apply the changes that are not blocked, exactly as shown:" : "To apply exactly this:"),
    fence("sh", [command]),
  ];
}
