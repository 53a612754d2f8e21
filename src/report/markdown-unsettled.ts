// The parts of a plan's comment that no change settles: conflicts, drift, edits the files need, what is unmanaged, what
// is blocked, and the findings. It refuses to take a side.
import type { Finding } from "../model/finding.ts";
import type { Plan } from "../model/plan.ts";
import { describeValue } from "./attributes.ts";
import { conflictWays, describeDeed, describeDirection, describeShape } from "./discrepancies-text.ts";
import { countSeverities, withSeverity } from "./findings-text.ts";
import { type Block, code, details, heading, list, phrase, strong, table } from "./markdown.ts";
import { entriesOf, type Folding, some, type Writing, words } from "./markdown-detail.ts";
import { counted, grouped } from "./phrase.ts";
import { blockedReasons, unmanagedKinds } from "./plan-words.ts";

/** Entities with the three values of what differs. */
export function threeWayBlocks(writing: Writing, items: Plan["conflicts"] | Plan["drift"], conflict: boolean): Block[] {
  const { shown, more } = entriesOf(writing, items, "more entity", "more entities");
  const rows = shown.flatMap((item) => {
    const deed = describeDeed(item);
    const name = phrase(
      words(writing, `${item.kind} ${item.name}`, 2),
      `: ${describeShape(item.shape, conflict)}${describeDirection(item)}`,
      deed === undefined ? [] : phrase(", ", words(writing, deed, 2)),
    );
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

/** Conflicts, with all three values and the ways out. */
export function conflictBlocks(writing: Writing): Block[] {
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

/** Errors in the open and warnings with them; warnings alone folded. */
export function findingBlocks(writing: Writing): Block[] {
  const { findings } = writing.plan;
  const errors = withSeverity(findings, "error");
  const counting = [...errors, ...withSeverity(findings, "warning")];
  if (counting.length === 0) return [];
  const blocks = findingList(writing, counting, "more finding");
  const counts = countSeverities(counting);
  return errors.length > 0 ? [heading(4, counts), ...blocks] : details(counts, blocks);
}

/** Notes, folded: they ask for nothing. */
export function noteBlocks(writing: Writing): Block[] {
  const notes = withSeverity(writing.plan.findings, "note");
  return notes.length === 0 ? [] : details(countSeverities(notes), findingList(writing, notes, "more note"));
}

/** Hints are to be followed to the letter, such as the one that says what a waiver has to say. */
const HINT_NAMES = 8;

/** Findings as a list: what, where, and what to do about it. */
export function findingList(writing: Folding, findings: readonly Finding[], more: string): Block[] {
  const { shown, more: rest } = entriesOf(writing, findings, more);
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
      hint === undefined ? [] : phrase(". ", words(writing, hint, HINT_NAMES)),
    ),
  );
  return [...(items.length === 0 ? [] : [list(items)]), ...rest];
}

/** The edits that files need, with where. */
export function proposalBlocks(writing: Writing): Block[] {
  const { proposals } = writing.plan;
  if (proposals.length === 0) return [];
  const { length } = writing.detail;
  const { shown, more } = entriesOf(writing, proposals, "more edit");
  const items = shown.map(({ what, place, to }) =>
    phrase(
      code(`${place.file}:${place.line}:${place.column}`, length * 2),
      ": ",
      words(writing, what, 2),
      to === undefined ? [] : phrase(" (new name: ", code(to, length), ")"),
    ),
  );
  const summary = `Edits to the files that this asks for (${grouped(proposals.length)})`;
  return details(summary, [...(items.length === 0 ? [] : [list(items)]), ...more]);
}

/** What will not be made, by what blocks it. */
export function blockedBlocks(writing: Writing): Block[] {
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

/** Drift, with all three values. */
export function driftBlocks(writing: Writing): Block[] {
  const { drift } = writing.plan;
  if (drift.length === 0) return [];
  const summary = `Drift: changed on the platform behind Git's back, left alone (${grouped(drift.length)})`;
  return details(summary, threeWayBlocks(writing, drift, false));
}

/** What Git does not manage, counted by kind. */
export function unmanagedBlocks(writing: Writing): Block[] {
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
