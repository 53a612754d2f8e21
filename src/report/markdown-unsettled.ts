// The parts of a plan's comment that no change settles: conflicts, drift, what is unmanaged, what is blocked, and
// the findings. It refuses to take a side.
import type { Plan } from "../model/plan.ts";
import { describeValue } from "./attributes.ts";
import { conflictWays, describeShape } from "./discrepancies-text.ts";
import { type Block, code, details, heading, list, phrase, strong, table } from "./markdown.ts";
import { entriesOf, some, type Writing, words } from "./markdown-detail.ts";
import { counted, grouped } from "./phrase.ts";
import { blockedReasons, unmanagedKinds } from "./plan-words.ts";

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

/** Errors in the open, warnings alone folded. */
export function findingBlocks(writing: Writing): Block[] {
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
