// A plan as a pull request's comment: people first, details folded, never longer than its limit. It refuses to
// drop silently: what does not fit is counted, and the comment says where the whole is.
import type { Plan } from "../model/plan.ts";
import { describeValue } from "./attributes.ts";
import { changeItemLines } from "./changes-text.ts";
import { conflictWays, describeShape } from "./discrepancies-text.ts";
import { NAME_LENGTH } from "./escape.ts";
import { foldAccess, type RankOf } from "./fold-access.ts";
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
  prose,
  quote,
  stringify,
  strong,
  table,
} from "./markdown.ts";
import { describePeople, peopleIn } from "./people-text.ts";
import { counted, describePath, describeScopes, folded, grouped } from "./phrase.ts";
import {
  applyCommand,
  blockedReasons,
  describeBlocked,
  describeCounts,
  describeEffect,
  describeObstacle,
  describeSource,
  isEmptyPlan,
  unmanagedKinds,
} from "./plan-text.ts";

export interface PlanMarkdownOptions {
  /** Names of all the target's environments. */
  readonly environments: readonly string[];
  /** `Platform.rankOf`. */
  readonly rankOf?: RankOf;
  /** The most characters (UTF-16 units), at least 2,500. GitHub takes about 65,000. */
  readonly limit?: number;
  /** Where the whole plan is; by default the command that shows it. */
  readonly whole?: string;
}

const LIMIT = 60_000;
const LOWEST_LIMIT = 2_500;
const FENCE_WIDTH = 100;

/** A command longer than this has a target nobody could type; the digest alone is shown. */
const COMMAND_LENGTH = 300;

/** How much of each part is shown. */
interface Detail {
  /** Rows of the people table. */
  readonly rows: number;
  /** Names before "and 12 more". */
  readonly names: number;
  /** Lines of changes. */
  readonly lines: number;
  /** Entries of every other list. */
  readonly entries: number;
  /** Characters of a name; a message has twice as many. */
  readonly length: number;
}

/** From rich to bare. The last one has an upper bound below the lowest limit, whatever the names are. */
const DETAILS: readonly Detail[] = [
  { rows: 200, names: 5, lines: 600, entries: 100, length: NAME_LENGTH },
  { rows: 100, names: 3, lines: 300, entries: 50, length: NAME_LENGTH },
  { rows: 50, names: 3, lines: 120, entries: 25, length: NAME_LENGTH },
  { rows: 20, names: 2, lines: 50, entries: 10, length: 80 },
  { rows: 8, names: 1, lines: 15, entries: 5, length: 60 },
  { rows: 3, names: 1, lines: 0, entries: 2, length: 50 },
  { rows: 0, names: 0, lines: 0, entries: 0, length: 40 },
];

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

interface Writing {
  readonly plan: Plan;
  readonly options: PlanMarkdownOptions;
  readonly detail: Detail;
  /** What was not shown in full, to be said at the end. */
  readonly folded: Set<string>;
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
        words(writing, describeScopes(row.scopes, options.environments, short), 4),
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

/** Notes that something is not shown. */
function fold({ folded }: Writing, what: string): string {
  folded.add(what);
  return `… ${what}.`;
}

/** Addresses, the first few, and how many there are. */
function names(writing: Writing, members: readonly string[]): Phrase {
  const { detail } = writing;
  const shown = members.slice(0, detail.names);
  const codes = shown.flatMap((name, index) => [...(index > 0 ? prose(", ") : []), code(name, detail.length)]);
  if (shown.length === members.length) return codes;
  writing.folded.add("people");
  const rest = ` and ${grouped(members.length - shown.length)} more (${counted(members.length, "person", "people")})`;
  return phrase(codes, rest);
}

function some(writing: Writing, items: readonly string[]): string {
  if (items.length > writing.detail.names + 1) writing.folded.add("names");
  return folded(items, writing.detail.names, (item) => item);
}

/** Prose of at most so many names' length. */
function words({ detail }: Writing, text: string, times: number): Phrase {
  return prose(text, detail.length * times);
}

/** The first entries, and a line for the others. */
function entriesOf<T>(
  writing: Writing,
  items: readonly T[],
  one: string,
  many?: string,
): { shown: readonly T[]; more: Block[] } {
  const shown = items.slice(0, writing.detail.entries);
  const rest = items.length - shown.length;
  return { shown, more: rest === 0 ? [] : [paragraph(fold(writing, `and ${counted(rest, one, many)}`))] };
}

function threeWayBlocks(writing: Writing, items: Plan["drift"], conflict: boolean): Block[] {
  const { shown, more } = entriesOf(writing, items, "more entity", "more entities");
  const rows = shown.flatMap((item) => {
    const name = phrase(words(writing, `${item.kind} ${item.name}`, 2), `: ${describeShape(item.shape, conflict)}`);
    if (item.attributes.length === 0) return [[name, [], [], [], []]];
    const { shown: attributes } = entriesOf(writing, item.attributes, "attribute");
    return attributes.map((attribute, index) => [
      index === 0 ? name : [],
      words(writing, attribute.attribute, 1),
      ...[attribute.base, attribute.want, attribute.live].map((value) => words(writing, describeValue(value), 2)),
    ]);
  });
  return [...(rows.length === 0 ? [] : [table(["What", "Attribute", "Last applied", "Git", "Live"], rows)]), ...more];
}

function conflictBlocks(writing: Writing): Block[] {
  const { conflicts } = writing.plan;
  if (conflicts.length === 0) return [];
  const { shown } = entriesOf(writing, conflicts, "more conflict");
  const ways = shown.map((item) =>
    phrase(
      code(item.key, writing.detail.length),
      ": ",
      conflictWays(item).flatMap(([wins, todo, object], index) =>
        phrase(index > 0 ? "; " : "", `${wins}: ${todo} `, code(object, writing.detail.length * 2)),
      ),
    ),
  );
  return [
    heading(4, `Conflicts: Git and the platform both changed; you decide (${grouped(conflicts.length)})`),
    ...threeWayBlocks(writing, conflicts, true),
    ...(ways.length === 0 ? [] : [list(ways)]),
  ];
}

function findingBlocks(writing: Writing): Block[] {
  const { findings } = writing.plan;
  if (findings.length === 0) return [];
  const errors = findings.filter(({ severity }) => severity === "error");
  const { shown, more } = entriesOf(
    writing,
    [...errors, ...findings.filter(({ severity }) => severity !== "error")],
    "more finding",
  );
  const items = shown.map(({ severity, code: name, message, place, key, hint }) =>
    phrase(
      strong(severity),
      " ",
      words(writing, message, 2),
      " (",
      code(name, writing.detail.length),
      ")",
      place ? phrase(" at ", code(`${place.file}:${place.line}:${place.column}`, writing.detail.length * 2)) : [],
      key !== undefined && !place ? phrase(" for ", code(key, writing.detail.length)) : [],
      hint === undefined ? [] : phrase(". ", words(writing, hint, 2)),
    ),
  );
  const counts = [
    ...(errors.length > 0 ? [counted(errors.length, "error")] : []),
    ...(findings.length > errors.length ? [counted(findings.length - errors.length, "warning")] : []),
  ].join(", ");
  const blocks = [...(items.length === 0 ? [] : [list(items)]), ...more];
  return errors.length > 0 ? [heading(4, counts), ...blocks] : details(counts, blocks);
}

function blockedBlocks(writing: Writing): Block[] {
  const blocks = blockedReasons(writing.plan);
  if (blocks.length === 0) return [];
  const { shown, more } = entriesOf(writing, blocks, "more reason");
  const items = shown.map(({ code: name, changes }) =>
    phrase(
      code(name, writing.detail.length),
      ` blocks ${counted(changes.length, "change")}: `,
      words(
        writing,
        some(
          writing,
          changes.map((change) => `${change.kind} ${change.name}`),
        ),
        4,
      ),
    ),
  );
  const count = writing.plan.changes.filter(({ blockedBy }) => blockedBy !== undefined && blockedBy.length > 0).length;
  return [
    heading(4, `${counted(count, "change")} will not be made`),
    ...(items.length === 0 ? [] : [list(items)]),
    ...more,
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

function driftBlocks(writing: Writing): Block[] {
  const { drift } = writing.plan;
  if (drift.length === 0) return [];
  const summary = `Drift: changed on the platform behind Git's back, left alone (${grouped(drift.length)})`;
  return details(summary, threeWayBlocks(writing, drift, false));
}

function unmanagedBlocks(writing: Writing): Block[] {
  const { unmanaged } = writing.plan;
  if (unmanaged.length === 0) return [];
  const kinds = unmanagedKinds(writing.plan);
  const { shown, more } = entriesOf(writing, kinds, "more kind");
  const items = shown.map(([kind, all]) =>
    phrase(words(writing, counted(all.length, kind), 1), ": ", words(writing, some(writing, all), 4)),
  );
  const summary = `Unmanaged: on the platform, not in Git, left alone (${grouped(unmanaged.length)})`;
  return details(summary, [...(items.length === 0 ? [] : [list(items)]), ...more]);
}

function lastBlocks(writing: Writing): Block[] {
  const { plan, options, detail } = writing;
  const whole = options.whole ?? `rolebook plan --target ${plan.target} --full`;
  const where =
    writing.folded.size === 0
      ? []
      : [paragraph("Not everything is shown here. The whole plan: ", code(whole, detail.length * 2), ".")];
  const command = applyCommand(plan);
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
