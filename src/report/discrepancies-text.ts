// Drift and conflicts: what Git said last, what Git says now, and what is live, side by side, so that a
// person can decide. It refuses to take a side.
import type { Value } from "../model/entity.ts";
import type { Discrepancy, Drifted, ThreeWay } from "../model/plan.ts";
import { describeValue } from "./attributes.ts";
import { escapeTerminal, MESSAGE_LENGTH, quoteShell, showName } from "./escape.ts";
import { padded, type Screen, type Style, wrap } from "./layout.ts";

/** Which of the three states a value is from, as people know them. */
const STATES = { base: "last applied", want: "Git", live: "live" } as const;

type StateName = keyof typeof STATES;

/** What is different about the entity as a whole. */
export function describeShape(shape: Discrepancy["shape"], conflict: boolean): string {
  switch (shape) {
    case "missing":
      return conflict ? "changed in Git, gone from the platform" : "in Git, gone from the platform";
    case "extra":
      return conflict ? "taken out of Git, changed on the platform" : "on the platform, not in Git";
    case "changed":
      return conflict ? "changed in Git and, differently, on the platform" : "changed on the platform";
    default:
      return shape satisfies never;
  }
}

/** Which way drift went and what becomes of it, after its shape: ` (escalates, propose)`. Nothing for a conflict. */
export function describeDirection(item: Discrepancy | Drifted): string {
  return "mode" in item ? ` (${item.effect}, ${item.mode})` : "";
}

/** Who did it and when; undefined when nobody asked. Not escaped. */
export function describeDeed(item: Discrepancy | Drifted): string | undefined {
  if (!("mode" in item) || item.by === undefined) return undefined;
  if (item.by === null) return "by whom is not known (the platform's log tells nothing of it)";
  return `by ${item.by.by} on ${describeInstant(item.by.at)} (${item.by.action})`;
}

/** An instant to the minute, where it is one. */
function describeInstant(at: string): string {
  const [, day, minute] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)\S*Z$/.exec(at) ?? [];
  return day === undefined ? at : `${day} ${minute} UTC`;
}

/** Entities that drifted, or conflict; for a conflict also the two ways out. */
export function discrepancyLines(
  screen: Screen,
  items: readonly (Discrepancy | Drifted)[],
  style: Style,
  resolve?: (item: Discrepancy) => string[],
): string[] {
  return items.flatMap((item) => {
    const title = [
      { text: `${showName(item.kind)} ${showName(item.name)}`, style },
      { text: `: ${describeShape(item.shape, resolve !== undefined)}${describeDirection(item)}` },
    ];
    const deed = describeDeed(item);
    const who = deed === undefined ? [] : wrap(screen, [escapeTerminal(deed, MESSAGE_LENGTH)], "      ", "        ");
    const attributes = item.attributes.flatMap((attribute) => [
      ...wrap(screen, [escapeTerminal(attribute.attribute)], "      ", "        "),
      ...threeWayLines(screen, attribute),
    ]);
    return [...wrap(screen, title, "  ", "      "), ...who, ...attributes, ...(resolve?.(item) ?? [])];
  });
}

function threeWayLines(screen: Screen, attribute: ThreeWay): string[] {
  const rows = threeWay(attribute);
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.flatMap(([label, value]) => {
    const start = `        ${padded(label, width)}  `;
    return wrap(screen, [value], start, " ".repeat(start.length));
  });
}

/** The three values, in words, states that agree together: `["last applied, Git", "view"], ["live", "edit"]`. */
export function threeWay(attribute: ThreeWay): [label: string, value: string][] {
  const rows = new Map<string, { labels: string[]; value: Value | undefined }>();
  for (const state of Object.keys(STATES) as StateName[]) {
    const value = attribute[state];
    const key = JSON.stringify(value) ?? "";
    const row = rows.get(key);
    if (row) row.labels.push(STATES[state]);
    else rows.set(key, { labels: [STATES[state]], value });
  }
  return [...rows.values()].map(({ labels, value }) => [labels.join(", "), describeValue(value)]);
}

/** How to settle a conflict: which side wins, what to do for it, and what with. */
export function conflictWays({ key, place }: Discrepancy): [wins: string, todo: string, object: string][] {
  const file = place ? `${escapeTerminal(place.file, MESSAGE_LENGTH)}:${place.line}:${place.column}` : "its file";
  return [
    ["Git wins", "plan and apply with", `--overwrite ${quoteShell(key)}`],
    ["live wins", "write what is live into", file],
  ];
}
